"""China Securities Index: daily levels of its own indices, price and total return."""

import datetime as dt

import numpy as np
import pandas as pd
from fakes.books import between, column
from fakes.hosts import Asked, Reply, in_json
from fakes.vendor import Vendor

from thesis.market.calendar import is_session

HOSTS = r"www\.csindex\.com\.cn"


class Csindex(Vendor):
    """Answers as www.csindex.com.cn/csindex-home/perf/index-perf does.

    If the first day asked for was no session, the reply begins with a row of that day which
    repeats the first real one, as the host's does. Levels that the market lacks are null.
    """

    @staticmethod
    def level(code: str) -> str | None:
        """``000300`` for ``000300.SH``; Shanghai's own 000001 is not CSI's, but it is served."""
        digits, exchange = code.split(".")
        return digits if exchange in ("SH", "CSI") else None

    def __call__(self, asked: Asked) -> Reply:
        name = asked.query.get("indexCode", "")
        start, end = asked.query.get("startDate", ""), asked.query.get("endDate", "")
        data = _rows(name, self.indices[name], start, end) if name in self.indices else []
        if data and not is_session(dt.date(int(start[:4]), int(start[4:6]), int(start[6:8]))):
            data = [{**data[0], "tradeDate": start}, *data]
        return in_json({"code": "200", "success": True, "rows" if self.changed else "data": data})


def _rows(name: str, rows: pd.DataFrame, start: str, end: str) -> list[dict[str, object]]:
    change = rows["close"].diff().fillna(0.0)
    rows = rows.assign(
        change=change.round(4),
        percent=(100 * change / (rows["close"] - change)).round(2),
        lots=[volume / 1e6 for volume in column(rows, "volume", 0.0)],  # 10 000 lots of 100
        value=[amount / 1e8 for amount in column(rows, "amount", 0.0)],
    )
    for level in ("open", "high", "low"):
        rows[level] = rows.get(level, np.nan)
    rows = between(rows, start, end)
    return [
        {
            "tradeDate": day.strftime("%Y%m%d"),
            "indexCode": name,
            "indexNameCnAll": f"指数{name}",
            "indexNameCn": name,
            "indexNameEnAll": f"Index {name}",
            "indexNameEn": name,
            "open": _known(first),
            "high": _known(high),
            "low": _known(low),
            "close": close,
            "change": change,
            "changePct": percent,
            "tradingVol": round(lots, 2),
            "tradingValue": round(value, 2),
            "consNumber": 300,
            "peg": None,
        }
        for day, first, high, low, close, change, percent, lots, value in rows[
            ["date", "open", "high", "low", "close", "change", "percent", "lots", "value"]
        ].itertuples(index=False)
    ]


def _known(level: float) -> float | None:
    return None if np.isnan(level) else level
