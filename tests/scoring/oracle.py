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


# --------------------------------------------------------------------------- reading the files


def read_market(folder: Path, codes: set[str], indices: set[str]) -> dict[str, Any]:
    """Bars of ``codes`` and levels of ``indices`` as nested dictionaries, dates as keys."""
    bars: dict[str, dict[Day, Bar]] = {}
    for path in sorted(folder.glob("*.parquet")):
        if path.name.startswith(("bars", "universe")):
            frame = pd.read_parquet(path, filters=[("code", "in", sorted(codes))])
            columns = [c for c in ("open", "close", "factor", "share_factor") if c in frame]
            _collect(frame, columns, bars)
    levels: dict[str, dict[Day, Bar]] = {}
    wanted = sorted(indices | {MARKET, MARKET_TOTAL})
    frame = pd.read_parquet(folder / "index.parquet", filters=[("code", "in", wanted)])
    _collect(frame, ["open", "close"], levels)
    return {"bars": bars, "levels": levels, "sessions": sorted(levels[MARKET])}


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
        # "31 August + 6 months = 28 February"
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
            r = b = None
        readings[name] = {
            "return": r,
            "benchmark": b,
            "excess": x,
            "rating": rate(x),
            "near_edge": near(x),
        }
    head = readings["mean"]["rating"]
    agreement = share = None
    if head is not None:
        # Section 4: the month ends, and the sessions of the window, in the headline's band.
        agreement = sum(readings[m]["rating"] == head for m in MONTHS) / len(MONTHS)
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
            # "its entry-open level is H(prev close) x open_000300(entry) / close_000300(prev)"
            base = used[previous]["close"] * price[first]["open"] / price[previous]["close"]
    return {
        d: used[d]["close"] / base - 1.0 if d <= today and d in used else None for d in days
    }


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
) -> dict[tuple[str, str], float]:
    """Weight by (segment, code). Section 5: equal over unique names; section 9: 1/k of it to each
    of k segments. ``segment``: segments equal, names equal inside. A name without data leaves.
    """
    held = {s["id"]: [c for c in s["codes"] if c not in missing] for s in segments}
    held = {k: v for k, v in held.items() if v}
    unique = {c for codes in held.values() for c in codes}
    out = {}
    for segment, codes in held.items():
        for code in codes:
            if weights == "segment":
                out[segment, code] = 1.0 / len(held) / len(codes)
            else:
                in_segments = sum(code in other for other in held.values())
                out[segment, code] = 1.0 / len(unique) / in_segments
    return out


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


def trade(
    bars: dict[str, dict[Day, Bar]],
    weights: dict[str, Fraction],
    sessions: list[Day],
    days: list[Day],
    entry: str,
    capital: int,
    today: Day,
) -> dict[str, Any]:
    """Section 6: the orders, then the value of the account on each day with and without fees."""
    first = sessions.index(days[0])
    fills, waits = [], []
    for code, weight in weights.items():
        # "it may fail on 10 sessions and fill on the 11th"
        for day in sessions[first : first + 11]:
            if day > today:
                break
            if day not in bars[code]:
                waits.append((day, code))
                continue
            price = exact(bars[code][day][entry])
            shares = most_shares(price, weight * capital, code, day)
            if shares:
                cost = shares * price
                fee = fees(cost, day, "buy")
                fills.append({"code": code, "session": day, "shares": shares, "price": price})
                fills[-1].update(fees=fee, factor=Fraction(bars[code][day]["factor"]))
            break
    net: dict[Day, float | None] = {}
    executable: dict[Day, float | None] = {}
    by_name: dict[str, dict[Day, float | None]] = {f["code"]: {} for f in fills}
    paid: dict[Day, float | None] = {}
    for day in days:
        gain, cost, unknown = Fraction(0), Fraction(0), day > today
        for fill in fills:
            held = bars[fill["code"]]
            if day < fill["session"]:
                by_name[fill["code"]][day] = 0.0
                continue
            if day > max(d for d in held if d <= today):  # stale
                unknown, by_name[fill["code"]][day] = True, None
                continue
            seen = max(d for d in held if d <= day)
            # "Accounting is in total-return shares": dividends buy shares on the ex-date.
            grown = fill["shares"] * Fraction(held[seen]["factor"]) / fill["factor"]
            mark = grown * exact(held[seen]["close"])
            profit = mark - fill["shares"] * fill["price"]
            gain += profit
            # "net at any reading is liquidation value, the mark less the fees of selling that day"
            cost += fill["fees"] + fees(mark, day, "sell")
            by_name[fill["code"]][day] = float(profit / capital)
        net[day] = None if unknown else float((gain - cost) / capital)
        executable[day] = None if unknown else float(gain / capital)
        paid[day] = None if unknown else -float(cost / capital)
    return {
        "fills": fills,
        "waits": waits,
        "net": net,
        "executable": executable,
        "by_name": by_name,
        "fees": paid,
    }


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
    """Everything DESIGN section 9 prints that follows from sections 4 to 6.

    ``thesis`` is plain data: ``published`` (date or datetime with offset), ``sector_index``,
    ``rating`` and ``segments``, a list of ``{"id", "codes"}``.
    """
    sessions, levels = market["sessions"], market["levels"]
    first = entry_session(sessions, thesis["published"], entry, delay)
    ends = window_ends(sessions, thesis["published"])
    days = [s for s in sessions if first <= s <= ends["6m"]]
    window = [s for s in days if ends["3m"] <= s]
    field = "factor" if basis == "total" else "share_factor"

    everyone: list[str] = []
    for segment in thesis["segments"]:
        everyone += [c for c in segment["codes"] if c not in everyone]
    # Section 5, "no_data": it leaves the basket, the rest is reweighted.
    seen = {c: {d: b for d, b in market["bars"].get(c, {}).items() if d <= as_of} for c in everyone}
    missing = {c for c in everyone if not seen[c]}
    if basis == "price":
        lacking = [c for c in everyone if any("share_factor" not in b for b in seen[c].values())]
        if lacking:
            return {"refused": lacking}
    by_segment = weigh(thesis["segments"], weights, missing)
    by_code = {
        c: math.fsum(w for (_, code), w in by_segment.items() if code == c)
        for c in everyone
        if c not in missing
    }

    price_market = market_path(levels, sessions, days, entry, "price", as_of)
    own_market = market_path(levels, sessions, days, entry, basis, as_of)
    total_market = market_path(levels, sessions, days, entry, "total", as_of)
    sector = sector_path(levels.get(thesis["sector_index"], {days[0]: {}}), days, entry, as_of)
    out: dict[str, Any] = {
        "entry": first,
        "windows": ends,
        # "The sector index is a price index: always against 000300."
        "sector": score_leg(days, window, ends, sector, price_market),
        "market_path": own_market,
        "sector_path": sector,
        "days": days,
    }
    legs = ["sector"]
    if by_code:
        entered, paths = {}, {}
        for code in by_code:
            entered[code], paths[code] = name_path(seen[code], days, entry, field, as_of)
        basket: dict[Day, float | None] = {}
        for day in days:
            parts = [
                None if paths[c][day] is None else w * paths[c][day] for c, w in by_code.items()
            ]
            basket[day] = None if any(p is None for p in parts) else math.fsum(parts)
        out["paper"] = score_leg(days, window, ends, basket, own_market)
        out["paper_path"] = basket
        shares = _exact_weights(thesis["segments"], weights, missing)
        ledger = trade(seen, shares, sessions, days, entry, capital, as_of)
        out["net"] = score_leg(days, window, ends, ledger["net"], total_market)
        out["executable"] = score_leg(days, window, ends, ledger["executable"], total_market)
        out["ledger"] = ledger
        out["names"] = _names(by_code, entered, paths, window, ends)
        out["segments"] = _segments(thesis, by_segment, paths, days, window, ends, own_market)
        out["status"] = {
            c: _status(seen, market["bars"], c, entered, days, as_of) for c in everyone
        }
        legs += ["paper", "net"]
    out["verdict"] = {
        leg: judge(thesis["rating"], out[leg]["earned"], as_of, ends["6m"]) for leg in legs
    }
    return out


def _exact_weights(
    segments: list[dict[str, Any]], weights: str, missing: set[str]
) -> dict[str, Fraction]:
    held = [[c for c in s["codes"] if c not in missing] for s in segments]
    held = [codes for codes in held if codes]
    unique = {c for codes in held for c in codes}
    out: dict[str, Fraction] = {}
    for codes in held:
        for code in codes:
            if weights == "segment":
                out[code] = out.get(code, Fraction(0)) + Fraction(1, len(held) * len(codes))
            else:
                out[code] = Fraction(1, len(unique))
    return out


def _at(path: dict[Day, float | None], window: list[Day], ends: dict[str, Day]) -> dict[str, Any]:
    return {r: mean([path[d] for d in (window if r == "mean" else [ends[r]])]) for r in READINGS}


def _names(
    by_code: dict[str, float],
    entered: dict[str, Day | None],
    paths: dict[str, dict[Day, float | None]],
    window: list[Day],
    ends: dict[str, Day],
) -> dict[str, Any]:
    """Section 9: a name's contribution is weight x return."""
    out = {}
    for code, weight in by_code.items():
        returns = _at(paths[code], window, ends)
        out[code] = {
            "entry_session": entered[code],
            "weight": weight,
            "return": returns,
            "contribution": {r: None if x is None else weight * x for r, x in returns.items()},
        }
    return out


def _segments(
    thesis: dict[str, Any],
    by_segment: dict[tuple[str, str], float],
    paths: dict[str, dict[Day, float | None]],
    days: list[Day],
    window: list[Day],
    ends: dict[str, Day],
    market: dict[Day, float | None],
) -> dict[str, Any]:
    """Section 5: a segment's own equal basket; section 9: the weight it gave x the return."""
    out = {}
    for segment in thesis["segments"]:
        codes = [c for c in segment["codes"] if c in paths]
        if not codes:
            continue
        basket, part = {}, {}
        for day in days:
            values = [paths[c][day] for c in codes]
            given = [by_segment[segment["id"], c] for c in codes]
            known = all(v is not None for v in values)
            basket[day] = math.fsum(values) / len(values) if known else None
            part[day] = (
                math.fsum(w * v for w, v in zip(given, values, strict=True)) if known else None
            )
        leg = score_leg(days, window, ends, basket, market)
        out[segment["id"]] = {
            "paper": leg["readings"],
            "contribution": _at(part, window, ends),
        }
    return out


def _status(
    seen: dict[str, dict[Day, Bar]],
    bars: dict[str, dict[Day, Bar]],
    code: str,
    entered: dict[str, Day | None],
    days: list[Day],
    today: Day,
) -> str:
    """Section 5, "Status of a name", without delistings (the market folder dates none)."""
    if not seen[code]:
        return "no_data"
    end = min(days[-1], today)
    if max(seen[code]) < end:
        return "stale"
    if entered[code] is None:
        return "never_entered"
    if end not in bars[code]:
        return "suspended_at_end"
    return "held" if entered[code] == days[0] else "entered_late"
