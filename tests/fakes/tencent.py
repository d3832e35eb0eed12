"""Tencent: daily bars by calendar year, volume in lots of 100 but for STAR."""

import json
import math

import pandas as pd
from fakes.books import between, column, days, prefixed
from fakes.hosts import Asked, Reply
from fakes.vendor import Vendor

HOSTS = r"web\.ifzq\.gtimg\.cn|proxy\.finance\.qq\.com"


class Tencent(Vendor):
    """Answers as web.ifzq.gtimg.cn and proxy.finance.qq.com do, for unadjusted days.

    Stocks of Beijing are not served, as on the real host; indices are not faked.
    """

    @staticmethod
    def stock(code: str) -> str | None:
        return None if code.endswith(".BJ") else prefixed(code)

    def __call__(self, asked: Asked) -> Reply:
        variable = asked.query.get("_var", "")
        if asked.path.endswith("/weekTrends"):
            data: object = self._trend(asked.query["code"])
        else:
            symbol, *span, adjust = asked.query["param"].split(",")
            if adjust and span[1]:
                return Reply("only unadjusted days are faked", 501)
            data = {symbol: self._days(symbol, span)}
        body = {"code": 0, "msg": "", "result" if self.changed else "data": data}
        return Reply(f"{variable}={json.dumps(body)}")

    def _trend(self, symbol: str) -> list[list[str]]:
        """The first day and the last: akshare reads no more than the first."""
        if symbol not in self.stocks:
            return []
        ends = self.stocks[symbol].iloc[[0, -1]]
        return [
            [str(day), f"{close:.2f}"] for day, close in zip(days(ends), ends["close"], strict=True)
        ]

    def _days(self, symbol: str, span: list[str]) -> dict[str, object]:
        if symbol not in self.stocks:
            return {"qt": {}}
        bars = self.stocks[symbol]
        rows = self.once(symbol, lambda: bars[["date"]].assign(line=_lines(symbol, bars)))
        first, last, most = span[1] or "1900-01-01", span[2] or "2100-12-31", int(span[3])
        return {"day": between(rows, first, last)["line"].tolist()[-most:], "qt": {}}


def _lines(symbol: str, rows: pd.DataFrame) -> list[list[object]]:
    unit = 1 if symbol.startswith("sh688") else 100
    return [
        [
            str(day),
            *(f"{price:.2f}" for price in prices),
            f"{volume / unit:.3f}",
            {},
            "" if math.isnan(turnover) else f"{100 * turnover:.4f}",
            f"{amount / 1e4:.2f}",
            "",
        ]
        for day, prices, volume, turnover, amount in zip(
            days(rows),
            rows[["open", "close", "high", "low"]].itertuples(index=False),
            rows["volume"],
            column(rows, "turnover", math.nan),
            rows["amount"],
            strict=True,
        )
    ]
