"""Yahoo Finance: the cookie, the crumb, and the chart of one symbol with its events.

As Yahoo does it: prices are divided by every later split and printed as the decimals of 32-bit
floats; volume is multiplied by them; a dividend is CNY per share of today, so also divided by the
split of its own day; ``adjclose`` falls by ``1 - dividend / previous close`` at each dividend. A
session without a bar is printed with volume 0 at the last close, and so are some closed days.
"""

import datetime as dt
import json
from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from fakes.books import PRICES, books, column
from fakes.hosts import Asked, Handler, Reply

from thesis.market.calendar import sessions

HOSTS = r"(?:fc|guce|query[12]\.finance|finance)\.?yahoo\.com"
JSON = "application/json;charset=utf-8"
CHART = "/v8/finance/chart/"
ACTIONS = ("code", "ex_date", "share_ratio", "cash")

#: The first day of October is no session; Yahoo has been seen to print a bar on it.
HOLIDAY = (10, 1)
_SHANGHAI = ZoneInfo("Asia/Shanghai")
_OPENING = dt.time(9, 30)


def yahoo(
    bars: pd.DataFrame,
    actions: pd.DataFrame | None = None,
    *,
    missing: Collection[str] = (),
    changed: bool = False,
    fillers: bool = True,
) -> Handler:
    """Answer as every Yahoo host that yfinance asks for a history.

    Parameters
    ----------
    bars
        What Yahoo knows, in the bars schema, of stocks and indices. A bar without a close is
        printed as null.
    actions
        ``code ex_date share_ratio cash``: new shares and CNY for one share of the day before; by
        default `actions_from` the bars.
    missing
        Codes Yahoo does not know, though it should.
    changed
        Whether the chart comes in a new form.
    fillers
        Whether sessions without a bar are printed with volume 0.
    """
    known = actions_from(bars) if actions is None else actions
    charts = {
        name: _chart(rows, known[known["code"] == rows["code"].iloc[0]], name, fillers=fillers)
        for name, rows in books(bars, symbol, missing).items()
    }

    def answer(asked: Asked) -> Reply:
        if asked.path.endswith("/getcrumb"):
            return Reply("Ab1.cD2eF3g")
        if asked.path.startswith(CHART):
            name = asked.path.removeprefix(CHART)
            if name not in charts:
                return _not_found()
            return _json(charts[name].reply(asked.query, changed=changed))
        # fc.yahoo.com has no page; it is asked for its cookie.
        return Reply("<html>Not Found</html>", 404, "text/html")

    return answer


def symbol(code: str) -> str | None:
    """``601595.SS`` for ``601595.SH``; None for Beijing, CSI and Shenwan."""
    digits, exchange = code.split(".")
    suffix = {"SH": "SS", "SZ": "SZ"}.get(exchange)
    return None if suffix is None else f"{digits}.{suffix}"


def actions_from(bars: pd.DataFrame) -> pd.DataFrame:
    """The dividends and bonus issues that the steps of factor and share factor come from.

    The reference of an ex-date is the previous close by the factor's step, to the cent unless it is
    far from one, and the cash is what it leaves of that close:
    ``prev_close - ref * (1 + ratio)``. Cash no larger than the reference's rounding is none, where
    there are new shares that explain the step.
    """
    found = []
    if "factor" in bars:
        for code, rows in books(bars, lambda code: code).items():
            traded = rows[rows["close"].notna() & rows["factor"].notna()]
            shares = np.array(column(traded, "share_factor", 1.0))
            factor, close = traded["factor"].to_numpy(float), traded["close"].to_numpy(float)
            for at in np.flatnonzero((np.diff(factor) != 0) | (np.diff(shares) != 0)) + 1:
                ratio = round(shares[at] / shares[at - 1] - 1, 8)
                implied = close[at - 1] * factor[at - 1] / factor[at]
                reference = round(implied, 2)
                if abs(implied - reference) > 0.002:  # the factor's source did not round it
                    reference = round(implied, 4)
                cash = round(close[at - 1] - reference * (1 + ratio), 6)
                if ratio and abs(cash) <= 0.0051 * (1 + ratio):
                    cash = 0.0
                found.append((code, traded["date"].iloc[at].date(), ratio, cash))
    return pd.DataFrame(found, columns=list(ACTIONS))


@dataclass(frozen=True, eq=False)
class _Chart:
    """Everything Yahoo has of one symbol, in today's shares."""

    name: str
    days: list[dt.date]
    prices: dict[str, list[float | None]]
    adjclose: list[float | None]
    volume: list[int | None]
    dividends: dict[dt.date, float]
    splits: dict[dt.date, Fraction | float]

    def reply(self, query: dict[str, str], *, changed: bool) -> dict[str, object]:
        """The chart of a span, period2 excluded; ``range=1d`` is the last bar."""
        if "period1" in query:
            first, last = int(query["period1"]), int(query["period2"])
        else:
            first, last = _stamp(self.days[-1]), 2**40
        rows = [at for at, day in enumerate(self.days) if first <= _stamp(day) < last]
        events: dict[str, dict[str, object]] = {}
        for day, amount in self.dividends.items():
            if first <= _stamp(day) < last:
                events.setdefault("dividends", {})[str(_stamp(day))] = {
                    "amount": amount,
                    "date": _stamp(day),
                }
        for day, ratio in self.splits.items():
            if first <= _stamp(day) < last:
                up, down = (
                    (ratio.numerator, ratio.denominator)
                    if isinstance(ratio, Fraction)
                    else (ratio, 1)
                )
                events.setdefault("splits", {})[str(_stamp(day))] = {
                    "date": _stamp(day),
                    "numerator": float(up),
                    "denominator": float(down),
                    "splitRatio": f"{up}:{down}",
                }
        quote = {name: [self.prices[name][at] for at in rows] for name in PRICES}
        result: dict[str, object] = {"meta": self._meta()}
        if rows:
            result["timestamp"] = [_stamp(self.days[at]) for at in rows]
            if events:
                result["events"] = events
            result["indicators"] = {
                "quote": [quote | {"volume": [self.volume[at] for at in rows]}],
                "adjclose": [{"adjclose": [self.adjclose[at] for at in rows]}],
            }
        else:
            result["indicators"] = {"quote": [{}], "adjclose": [{}]}
        if changed:
            result["candles"] = result.pop("indicators")
        return {"chart": {"result": [result], "error": None}}

    def _meta(self) -> dict[str, object]:
        index = self.name == "000300.SS"
        return {
            "currency": "CNY",
            "symbol": self.name,
            "exchangeName": "SHH" if self.name.endswith(".SS") else "SHZ",
            "instrumentType": "INDEX" if index else "EQUITY",
            "firstTradeDate": _stamp(self.days[0]),
            "regularMarketTime": _stamp(self.days[-1]),
            "hasPrePostMarketData": False,
            "gmtoffset": 28800,
            "timezone": "CST",
            "exchangeTimezoneName": "Asia/Shanghai",
            "priceHint": 2,
            "dataGranularity": "1d",
            "range": "",
            "validRanges": ["1d", "5d", "1mo", "3mo", "6mo", "1y", "2y", "5y", "10y", "ytd", "max"],
        }


def _chart(rows: pd.DataFrame, actions: pd.DataFrame, name: str, *, fillers: bool) -> _Chart:
    table = rows.set_index("date").reindex(columns=[*PRICES, "volume"]).astype(float)
    table["volume"] = table["volume"].fillna(0.0)
    if table["open"].isna().all():  # an index of which only closes are known
        table = table.assign(**dict.fromkeys(PRICES, table["close"]))
    days = [stamp.date() for stamp in table.index]
    due = [
        (row.ex_date, 1.0 + row.share_ratio, row.cash)
        for row in actions.sort_values("ex_date").itertuples()
    ]
    later = np.ones(len(days))
    for ex_date, ratio, _ in due:
        later[[day < ex_date for day in days]] *= ratio
    for field in PRICES:
        table[field] = table[field] / later
    table["volume"] *= later
    if fillers:
        table = _with_fillers(table)
        days = [stamp.date() for stamp in table.index]
    shown = {field: table[field].to_numpy().astype(np.float32) for field in PRICES}
    dividends, kept = {}, np.ones(len(days))
    for ex_date, _, cash in due:
        if cash:
            after = np.prod([ratio for day, ratio, _ in due if day >= ex_date])
            dividends[ex_date] = round(cash / float(after), 6)
            before = [at for at, day in enumerate(days) if day < ex_date]
            closes = shown["close"][before]
            if len(closes[~np.isnan(closes)]):
                previous = float(closes[~np.isnan(closes)][-1])
                kept[before] *= 1 - dividends[ex_date] / previous
    return _Chart(
        name=name,
        days=days,
        prices={field: _numbers(shown[field]) for field in PRICES},
        adjclose=_numbers((shown["close"] * kept).astype(np.float32)),
        volume=[
            None if np.isnan(close) else round(volume)
            for volume, close in zip(table["volume"], shown["close"], strict=True)
        ],
        dividends=dividends,
        splits={day: _printed(ratio) for day, ratio, _ in due if ratio != 1.0},
    )


def _with_fillers(table: pd.DataFrame) -> pd.DataFrame:
    """With a row at the last close on each session without a bar, and on some holidays."""
    first, last = table.index[[0, -1]].to_numpy().astype("datetime64[D]")
    known = sessions()
    wanted = set(known[(known >= first) & (known <= last)])
    wanted |= {
        day for day in np.arange(first, last) if (day.item().month, day.item().day) == HOLIDAY
    }
    missing = wanted - set(table.index.to_numpy().astype("datetime64[D]"))
    if not missing:
        return table
    empty = pd.DataFrame(
        np.nan, pd.DatetimeIndex(sorted(missing)).astype(table.index.dtype), table.columns
    )
    whole = pd.concat([table, empty]).sort_index()
    at = whole.index.isin(empty.index)
    close = whole["close"].ffill()
    for field in PRICES:
        whole.loc[at, field] = close[at]
    whole.loc[at, "volume"] = 0.0
    return whole


def _printed(ratio: float) -> Fraction | float:
    """14:10 for 1.4; a ratio that is no small fraction stays a decimal."""
    plain = Fraction(ratio).limit_denominator(1000)
    return plain if abs(float(plain) - ratio) < 1e-9 else round(ratio, 8)


def _numbers(values: np.ndarray) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _stamp(day: dt.date) -> int:
    return int(dt.datetime.combine(day, _OPENING, _SHANGHAI).timestamp())


def _json(body: object, status: int = 200) -> Reply:
    return Reply(json.dumps(body), status, JSON)


def _not_found() -> Reply:
    error = {"code": "Not Found", "description": "No data found, symbol may be delisted"}
    return _json({"chart": {"result": None, "error": error}}, 404)
