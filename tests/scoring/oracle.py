"""DESIGN sections 4, 5, 6 and 9 computed a second way: plain loops over dictionaries.

Nothing here comes from the package under test. pandas only reads files. Sessions are the dates of
000300.SH. Money is exact (fractions of the printed decimals), returns are ordinary floats summed
with ``math.fsum``. Slow and short on purpose: each rule is one function that can be read against
the paragraph it names.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

MONTHS = ("3m", "4m", "5m", "6m")
READINGS = (*MONTHS, "mean")
MARKET, MARKET_TOTAL = "000300.SH", "H00300.CSI"
EDGES = (0.15, 0.05, -0.05)
SHANGHAI = ZoneInfo("Asia/Shanghai")

Day = dt.date
Bar = dict[str, float]
Daily = dict[dt.date, float | None]


# --------------------------------------------------------------------------- reading the files


def read_market(folder: Path, codes: set[str], indices: set[str]) -> dict[str, Any]:
    """Bars of ``codes`` and levels of ``indices`` as nested dictionaries, dates as keys."""
    bars: dict[str, dict[Day, Bar]] = {}
    for path in sorted(folder.glob("*.parquet")):
        if path.name.startswith(("bars", "universe")):
            frame = pd.read_parquet(path, filters=[("code", "in", sorted(codes))])
            wanted_columns = ("open", "close", "pre_close", "factor", "share_factor")
            columns = [c for c in wanted_columns if c in frame]
            _collect(frame, columns, bars)
    levels: dict[str, dict[Day, Bar]] = {}
    wanted = sorted(indices | {MARKET, MARKET_TOTAL})
    frame = pd.read_parquet(folder / "index.parquet", filters=[("code", "in", wanted)])
    _collect(frame, ["open", "close"], levels)
    listed = {}
    if (folder / "securities.csv").exists():
        table = pd.read_csv(folder / "securities.csv", usecols=["code", "list_date"], dtype=str)
        listed = {c: Day.fromisoformat(d) for c, d in table.dropna().itertuples(index=False)}
    return {"bars": bars, "levels": levels, "sessions": sorted(levels[MARKET]), "listed": listed}


def _collect(frame: pd.DataFrame, columns: list[str], into: dict[str, dict[Day, Bar]]) -> None:
    for row in frame[["code", "date", *columns]].to_dict("records"):
        day = row["date"]
        day = day if type(day) is dt.date else pd.Timestamp(day).date()
        values = {c: row[c] for c in columns if row[c] is not None and row[c] == row[c]}
        into.setdefault(str(row["code"]), {})[day] = values


# --------------------------------------------------------------------------- section 4: time


def entry_session(
    sessions: list[Day], published: Day | dt.datetime, entry: str, delay: int
) -> Day | None:
    """Section 4, "Entry session": a bare date is after the close; a datetime has a cut-off."""
    if isinstance(published, dt.datetime):
        local = published.astimezone(SHANGHAI)
        cutoff = dt.time(9, 15) if entry == "open" else dt.time(14, 57)
        day, same_day = local.date(), local.time() < cutoff
    else:
        day, same_day = published, False
    later = [s for s in sessions if s > day or (same_day and s == day)]
    # Section 4: "--delay k moves the entry k sessions later ... windows don't move".
    return later[delay] if len(later) > delay else None


def window_ends(sessions: list[Day], published: Day | dt.datetime) -> dict[str, Day]:
    """Section 4, "Window ends": the last session on or before published + m months."""
    is_time = isinstance(published, dt.datetime)
    day = published.astimezone(SHANGHAI).date() if is_time else published
    ends = {}
    for months in (3, 4, 5, 6):
        count = day.year * 12 + day.month - 1 + months
        year, month = count // 12, count % 12 + 1
        # The same day of a later month, or its last: August 31 and six months is February 28.
        target = Day(year, month, min(day.day, calendar.monthrange(year, month)[1]))
        ends[f"{months}m"] = max(s for s in sessions if s <= target)
    return ends


# --------------------------------------------------------------------------- section 5: ratings


def rate(excess: float | None) -> str | None:
    """Section 5, "Scale sinolink_industry": the edge is in the band further from zero."""
    if excess is None:
        return None
    x = round(excess, 10)  # "after rounding to 1e-10"
    if x >= 0.15:
        return "buy"
    if x >= 0.05:
        return "overweight"
    return "neutral" if x > -0.05 else "underweight"


def near(excess: float | None) -> bool | None:
    """Section 5: "Within half a point of an edge the score says near_edge"."""
    if excess is None:
        return None
    return any(round(abs(excess - edge), 10) <= 0.005 for edge in EDGES)


def judge(claimed: str, earned: str | None, today: Day, end: Day) -> str:
    """Section 5, "Verdict"."""
    if today < end:
        return "not_yet"
    if earned is None:
        return "not_scorable"
    if claimed == earned:
        return "met"
    return "exceeded" if (claimed, earned) == ("overweight", "buy") else "missed"


def mean(values: list[float | None]) -> float | None:
    """Section 4, "Readings": no mean of a window in which one day is not known."""
    if not values or any(v is None for v in values):
        return None
    return math.fsum(values) / len(values)


def score_leg(
    days: list[Day],
    window: list[Day],
    ends: dict[str, Day],
    own: dict[Day, float | None],
    market: dict[Day, float | None],
) -> dict[str, Any]:
    """Five readings, agreement and window share of one leg from its two daily paths."""
    excess = {
        d: None if own.get(d) is None or market.get(d) is None else own[d] - market[d] for d in days
    }
    readings: dict[str, Any] = {}
    for name in READINGS:
        at = window if name == "mean" else [ends[name]]
        r, b, x = (mean([p.get(d) for d in at]) for p in (own, market, excess))
        if x is None:  # an unknown reading is unknown in whole
            readings[name] = None
            continue
        readings[name] = {"return": r, "benchmark": b, "excess": x}
        readings[name] |= {"rating": rate(x), "near_edge": near(x)}
    head = readings["mean"] and readings["mean"]["rating"]
    agreement = share = None
    if head is not None:
        # Section 4: the month ends, and the sessions of the window, in the headline's band.
        same = [readings[m] is not None and readings[m]["rating"] == head for m in MONTHS]
        agreement = sum(same) / len(MONTHS)
        share = sum(rate(excess[d]) == head for d in window) / len(window)
    return {"readings": readings, "agreement": agreement, "window_share": share, "earned": head}


# --------------------------------------------------------------------------- section 5: returns


def name_path(
    bars: dict[Day, Bar], days: list[Day], entry: str, field: str, today: Day
) -> tuple[Day | None, dict[Day, float | None]]:
    """Section 5, "Basket, paper": one name's return on each day, and the day it was bought.

    Cash earns 0 until the first session with a bar; a suspended name is carried at its last close;
    once its bars have ended for good ("stale", no known delisting) its return is not known.
    """
    known = [d for d in bars if d <= today]
    last = max(known)
    bought, cost, level = None, 0.0, 0.0
    path: dict[Day, float | None] = {}
    for day in days:
        if day in bars and day <= today:
            bar = bars[day]
            if bought is None:
                bought, cost = day, bar[entry] * bar[field]
            level = bar["close"] * bar[field]
        if day > today or day > last:
            path[day] = None
        else:
            path[day] = 0.0 if bought is None else level / cost - 1.0
    return bought, path


def market_path(
    levels: dict[str, dict[Day, Bar]],
    sessions: list[Day],
    days: list[Day],
    entry: str,
    basis: str,
    today: Day,
) -> dict[Day, float | None]:
    """Section 5, "Benchmark, like with like"."""
    first = days[0]
    previous = sessions[sessions.index(first) - 1]
    price = levels[MARKET]
    if basis == "price":
        base, used = price[first][entry], price
    else:
        used = levels[MARKET_TOTAL]
        if entry == "close":
            base = used[first]["close"]
        else:
            # It has closes only: the close before, moved as the price index moved to its open.
            base = used[previous]["close"] * price[first]["open"] / price[previous]["close"]
    return {d: used[d]["close"] / base - 1.0 if d <= today and d in used else None for d in days}


def sector_path(
    levels: dict[Day, Bar], days: list[Day], entry: str, today: Day
) -> dict[Day, float | None]:
    """Section 5: the sector index from its own entry open (or close). A day without a level is
    carried at the last close, as a suspended name is; past the index's last level it is unknown.
    """
    start = levels.get(days[0], {}).get(entry)
    last, level = max(levels), None
    path: dict[Day, float | None] = {}
    for day in days:
        level = levels[day]["close"] if day in levels else level
        known = start is not None and level is not None and day <= min(last, today)
        path[day] = level / start - 1.0 if known else None
    return path


# --------------------------------------------------------------------------- weights


def weigh(
    segments: list[dict[str, Any]], weights: str, missing: set[str]
) -> tuple[dict[tuple[str, str], Fraction], Fraction]:
    """Weight by (segment, code), and the weight of the names without data.

    Section 5: equal over the unique names, or segments equal and names equal inside. Section 9:
    under equal a name in k segments gets 1/k of its weight from each. Section 5, "no_data": the
    name leaves, the rest is reweighted: in proportion, so that no choice among them changes.
    """
    filled = [s for s in segments if s["codes"]]
    unique = {c for s in filled for c in s["codes"]}
    given: dict[tuple[str, str], Fraction] = {}
    for segment in filled:
        for code in segment["codes"]:
            if weights == "segment":
                part = Fraction(1, len(filled) * len(segment["codes"]))
            else:
                part = Fraction(1, len(unique) * sum(code in s["codes"] for s in filled))
            given[segment["id"], code] = part
    lost = sum((w for (_, c), w in given.items() if c in missing), Fraction(0))
    return {k: w / (1 - lost) for k, w in given.items() if k[1] not in missing}, lost


# --------------------------------------------------------------------------- section 6: money


def exact(x: float) -> Fraction:
    """The decimal a price was printed as, without the binary tail."""
    return Fraction(repr(float(x)))


def cents(x: Fraction) -> Fraction:
    """Half up to the cent."""
    return Fraction(math.floor(x * 100 + Fraction(1, 2)), 100)


def fees(amount: Fraction, day: Day, side: str) -> Fraction:
    """Section 6: commission 0.025% with CNY 5 minimum, transfer fee, stamp duty on a sale; each
    rounded. Rates are dated: stamp duty halved on 2023-08-28, the transfer fee on 2022-04-29.
    """
    transfer = Fraction(1 if day >= Day(2022, 4, 29) else 2, 100_000)
    total = max(Fraction(5), cents(amount * Fraction(25, 100_000))) + cents(amount * transfer)
    if side == "sell":
        stamp = Fraction(5 if day >= Day(2023, 8, 28) else 10, 10_000)
        total += cents(amount * stamp)
    return total


def legal(shares: int, code: str) -> bool:
    """Section 6, the table of lots: 100; STAR 200 then 1; BSE 100 then 1."""
    if code.endswith(".BJ"):
        return shares >= 100
    if code.startswith(("688", "689")):
        return shares >= 200
    return shares >= 100 and shares % 100 == 0


def most_shares(price: Fraction, budget: Fraction, code: str, day: Day) -> int:
    """Section 6: the largest legal count with shares x price + fees <= weight x capital."""
    shares = math.floor(budget / price)
    while shares > 0:
        if legal(shares, code) and shares * price + fees(shares * price, day, "buy") <= budget:
            return shares
        shares -= 1
    return 0


def upper_limit(code: str, bar: Bar, day: Day, sessions: list[Day], listed: Day | None) -> Any:
    """Section 6, limits of 2024: main board 10%, ChiNext and STAR 20%, Beijing 30% of the ex-right
    reference, half up to the cent, Beijing's down; none on the first five sessions (Beijing: one).
    """
    free = 1 if code.endswith(".BJ") else 5
    if listed is not None and day in [s for s in sessions if s >= listed][:free]:
        return math.inf
    width = {"3": 20, "6": 20 if code.startswith("68") else 10, "0": 10}.get(code[0], 30)
    raised = exact(bar["pre_close"]) * Fraction(100 + width, 100)
    return Fraction(math.floor(raised * 100), 100) if code.endswith(".BJ") else cents(raised)


def trade(
    bars: dict[str, dict[Day, Bar]],
    listed: dict[str, Day],
    weights: dict[str, Fraction],
    sessions: list[Day],
    days: list[Day],
    entry: str,
    field: str,
    capital: int,
    today: Day,
) -> dict[str, Any]:
    """Section 6: the orders, then the value of the account on each day with and without fees."""
    first = sessions.index(days[0])
    fills, waits = [], []
    for code, weight in weights.items():
        # "it may fail on 10 sessions and fill on the 11th, every wait logged"
        for number, day in enumerate(sessions[first : first + 11]):
            if day > min(today, days[-1]):
                break
            bar = bars[code].get(day)
            # "unless the name has no bar or that price is at or above its upper limit"
            if bar is None or exact(bar[entry]) >= upper_limit(
                code, bar, day, sessions, listed.get(code)
            ):
                waits += [{"code": code, "session": day}] if number < 10 else []
                continue
            price = exact(bar[entry])
            shares = most_shares(price, weight * capital, code, day)
            if shares:
                fee = fees(shares * price, day, "buy")
                fills.append((code, day, shares, price, fee, exact(bar[field])))
            break
    marks = {f[0]: _marks(bars[f[0]], days, field, today) for f in fills}
    net: Daily = {}
    executable: Daily = {}
    paid: Daily = {}
    by_name: dict[str, Daily] = {code: dict.fromkeys(days, 0.0) for code in weights}
    for day in days:
        gain, cost, unknown = Fraction(0), Fraction(0), day > today
        for code, bought, shares, price, fee, factor in fills:
            if day < bought:
                continue
            mark = marks[code][day]
            if mark is None:
                unknown, by_name[code][day] = True, None
                continue
            # "Accounting is in total-return shares": dividends buy shares on the ex-date.
            value = shares / factor * mark
            profit = value - shares * price
            gain += profit
            # "net at any reading is liquidation value, the mark less the fees of selling that day"
            cost += fee + fees(value, day, "sell")
            by_name[code][day] = float(profit / capital)
        net[day] = None if unknown else float((gain - cost) / capital)
        executable[day] = None if unknown else float(gain / capital)
        paid[day] = None if unknown else -float(cost / capital)
    keys = ("code", "session", "shares", "price", "fees")
    orders = [dict(zip(keys, f[:5], strict=True)) | {"side": "buy"} for f in fills]
    return {
        "trades": [{**o, "price": float(o["price"]), "fees": float(o["fees"])} for o in orders],
        "waits": waits,
        "net": net,
        "executable": executable,
        "by_name": by_name,
        "fees": paid,
    }


def _marks(
    bars: dict[Day, Bar], days: list[Day], field: str, today: Day
) -> dict[Day, Fraction | None]:
    """Adjusted closes, carried over days without a bar; None past the last bar and past today."""
    last, mark = max(bars), None
    marks: dict[Day, Fraction | None] = {}
    for day in days:
        if day in bars:
            mark = exact(bars[day]["close"]) * exact(bars[day][field])
        marks[day] = mark if day <= min(last, today) else None
    return marks


# --------------------------------------------------------------------------- section 9: all of it


def backtest(
    market: dict[str, Any],
    thesis: dict[str, Any],
    *,
    weights: str = "equal",
    entry: str = "open",
    delay: int = 0,
    basis: str = "total",
    capital: int = 10_000_000,
    as_of: Day,
) -> dict[str, Any]:
    """The part of DESIGN section 9's result that follows from sections 4 to 6, under its keys.

    ``thesis`` is plain data: ``published`` (date or datetime with offset), ``sector_index``,
    ``rating`` and ``segments``, a list of ``{"id", "codes"}``. ``names`` and ``segments`` are keyed
    by code and id here, and ``path`` runs to the window's end whatever ``as_of`` is.
    """
    sessions, levels = market["sessions"], market["levels"]
    first = entry_session(sessions, thesis["published"], entry, delay)
    ends = window_ends(sessions, thesis["published"])
    days = [s for s in sessions if first <= s <= ends["6m"]]
    window = [s for s in days if ends["3m"] <= s]
    field = "factor" if basis == "total" else "share_factor"
    everyone = _unique(thesis)
    seen = {c: {d: b for d, b in market["bars"].get(c, {}).items() if d <= as_of} for c in everyone}
    missing = {c for c in everyone if not seen[c]}

    def mark(leg: dict[str, Any]) -> dict[str, Any]:
        result = judge(thesis["rating"], leg["earned"], as_of, ends["6m"])
        keys = ("earned", "agreement", "window_share")
        return {"result": result, **{k: leg[k] for k in keys}}

    # Section 5: the sector index is a price index, so its benchmark is one on either basis.
    price_market = market_path(levels, sessions, days, entry, "price", as_of)
    own_market = market_path(levels, sessions, days, entry, basis, as_of)
    sector = sector_path(levels[thesis["sector_index"]], days, entry, as_of)
    sector_leg = score_leg(days, window, ends, sector, price_market)
    out: dict[str, Any] = {
        "entry": {"session": first, "price_field": entry},
        "windows": ends,
        "sector": sector_leg["readings"],
        "paper": None,
        "net": None,
        "verdict": {"sector": mark(sector_leg), "paper": None, "net": None},
        "bridge": None,
        "segments": {},
        "names": {},
        "trades": [],
        "waits": [],
    }
    basket: dict[Day, float | None] = dict.fromkeys(days)
    net: dict[Day, float | None] = dict.fromkeys(days)
    if everyone:
        given, lost = weigh(thesis["segments"], weights, missing)
        total: dict[str, Fraction] = {}
        for (_, code), weight in given.items():
            total[code] = total.get(code, Fraction(0)) + weight
        bought, paths = {}, {}
        for code in total:
            bought[code], paths[code] = name_path(seen[code], days, entry, field, as_of)
        scorable = lost <= Fraction(1, 5)  # "over 20% of weight gone: not_scorable"
        for day in days:
            parts = [_times(float(w), paths[c][day]) for c, w in total.items()]
            unknown = not scorable or any(p is None for p in parts)
            basket[day] = None if unknown else math.fsum(parts)
        ledger = trade(seen, market["listed"], total, sessions, days, entry, field, capital, as_of)
        net = ledger["net"] if scorable else net
        executable = ledger["executable"] if scorable else net
        legs = {
            name: score_leg(days, window, ends, path, own_market)
            for name, path in (("paper", basket), ("executable", executable), ("net", net))
        }
        for name in ("paper", "net"):
            out[name] = legs[name]["readings"]
            out["verdict"][name] = mark(legs[name])
        out["bridge"] = {name: _short(leg["readings"]["mean"]) for name, leg in legs.items()}
        for code in everyone:
            out["names"][code] = {
                "status": _status(seen, code, bought, days, sessions, as_of),
                "entry_session": bought.get(code),
                "weight": float(total.get(code, 0)),
                "return": _at(paths.get(code), window, ends),
                "contribution": _at(_scaled(paths.get(code), total.get(code)), window, ends),
                "net_contribution": _at(ledger["by_name"].get(code), window, ends),
            }
        for segment in thesis["segments"]:
            out["segments"][segment["id"]] = _segment(
                segment, given, paths, days, window, ends, own_market
            )
        out["net_residual"] = {"fees": _at(ledger["fees"] if scorable else net, window, ends)}
        out["trades"], out["waits"] = ledger["trades"], ledger["waits"]
    market_shown = own_market if everyone else price_market
    out["path"] = [
        {
            "session": day,
            "basket": basket[day],
            "benchmark": market_shown[day],
            "sector": sector[day],
            "net": net[day],
        }
        for day in days
    ]
    return out


def _unique(thesis: dict[str, Any]) -> list[str]:
    codes: list[str] = []
    for segment in thesis["segments"]:
        codes += [c for c in segment["codes"] if c not in codes]
    return codes


def _times(weight: float, value: float | None) -> float | None:
    return None if value is None else weight * value


def _scaled(path: Daily | None, weight: Fraction | None) -> Daily | None:
    return None if path is None else {d: _times(float(weight), v) for d, v in path.items()}


def _short(reading: dict[str, Any] | None) -> dict[str, Any] | None:
    return reading and {"excess": reading["excess"], "rating": reading["rating"]}


def _at(path: Daily | None, window: list[Day], ends: dict[str, Day]) -> dict[str, Any]:
    """A daily path at the five readings."""
    if path is None:
        return dict.fromkeys(READINGS)
    return {r: mean([path[d] for d in (window if r == "mean" else [ends[r]])]) for r in READINGS}


def _segment(
    segment: dict[str, Any],
    given: dict[tuple[str, str], Fraction],
    paths: dict[str, Daily],
    days: list[Day],
    window: list[Day],
    ends: dict[str, Day],
    market: Daily,
) -> dict[str, Any]:
    """Section 5: a segment's own equal basket. Section 9: the weight it gave x the return."""
    codes = [c for c in segment["codes"] if c in paths]
    if not codes:
        return {"paper": None, "contribution": dict.fromkeys(READINGS)}
    basket, part = {}, {}
    for day in days:
        values = [paths[c][day] for c in codes]
        known = all(v is not None for v in values)
        basket[day] = math.fsum(values) / len(values) if known else None
        own = [_times(float(given[segment["id"], c]), paths[c][day]) for c in codes]
        part[day] = math.fsum(own) if known else None
    lost = Fraction(len(segment["codes"]) - len(codes), len(segment["codes"]))
    if lost > Fraction(1, 5):  # the rule for a basket holds for a segment's own
        basket = dict.fromkeys(days)
    readings = score_leg(days, window, ends, basket, market)["readings"]
    return {"paper": readings, "contribution": _at(part, window, ends)}


def _status(
    seen: dict[str, dict[Day, Bar]],
    code: str,
    bought: dict[str, Day | None],
    days: list[Day],
    sessions: list[Day],
    today: Day,
) -> str:
    """Section 5, "Status of a name", without delistings (the market folder dates none)."""
    if not seen[code]:
        return "no_data"
    end = max(s for s in sessions if s <= min(days[-1], today))
    if max(seen[code]) < end:
        return "stale"
    if bought[code] is None:
        return "never_entered"
    if end not in seen[code]:
        return "suspended_at_end"
    return "held" if bought[code] == days[0] else "entered_late"
