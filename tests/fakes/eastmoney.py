"""Eastmoney: daily bars of stocks and indices, volume in lots of 100."""

import pandas as pd
from fakes.books import between, column
from fakes.hosts import Asked, Reply, in_json
from fakes.vendor import Vendor

HOSTS = r"push2his\.eastmoney\.com"
#: Fields of a line after the date; an index is asked for the first seven.
FIELDS = ("open", "close", "high", "low", "lots", "amount", "swing", "percent", "change", "turn")


class Eastmoney(Vendor):
    """Answers as push2his.eastmoney.com/api/qt/stock/kline/get does, for unadjusted days."""

    @staticmethod
    def stock(code: str) -> str | None:
        digits, exchange = code.split(".")
        market = {"SH": 1, "SZ": 0, "BJ": 0}.get(exchange)
        return None if market is None else f"{market}.{digits}"

    level = stock

    def __call__(self, asked: Asked) -> Reply:
        if (asked.query.get("fqt"), asked.query.get("klt")) != ("0", "101"):
            return Reply("only unadjusted days are faked", 501)
        name = asked.query["secid"]
        data: dict[str, object] | None = None
        bars = self.indices.get(name, self.stocks.get(name))
        if bars is not None:
            lines = self.once(name, lambda: _fields(bars))
            rows = between(lines, asked.query["beg"], asked.query["end"])
            wanted = len(asked.query["fields2"].split(","))
            # Twelve are asked for, but f116 is none of a day.
            columns = ["day", *FIELDS[: min(wanted, 11) - 1]]
            data = {
                "code": name.split(".")[1],
                "market": int(name.split(".")[0]),
                "name": name,
                "decimal": 2,
                "dktotal": len(bars),
                "klines": rows[columns].agg(",".join, axis=1).tolist() if len(rows) else [],
            }
        return in_json({"rc": 0, "result" if self.changed else "data": data})


def _fields(rows: pd.DataFrame) -> pd.DataFrame:
    """Every field of a line as its text."""
    close = rows["close"]
    before = close.shift().fillna(close)
    turnover = pd.Series(column(rows, "turnover", 0.0), rows.index)
    texts = {
        name: (rows[name].fillna(close) if name in rows else close).map(_level)
        for name in ("open", "close", "high", "low")
    }
    texts["lots"] = pd.Series(column(rows, "volume", 0.0)).map(lambda x: f"{x / 100:.0f}")
    texts["amount"] = pd.Series(column(rows, "amount", 0.0)).map("{:.2f}".format)
    swing = (rows["high"] - rows["low"]) if "high" in rows else close * 0
    texts["swing"] = (100 * swing / before).map("{:.2f}".format)
    texts["percent"] = (100 * (close / before - 1)).map("{:.2f}".format)
    texts["change"] = (close - before).map("{:.2f}".format)
    texts["turn"] = (100 * turnover).map("{:.2f}".format)
    return pd.DataFrame(texts).assign(date=rows["date"], day=rows["date"].dt.strftime("%Y-%m-%d"))


def _level(price: float) -> str:
    """Two decimals, and more where the level has them."""
    text = f"{price:.4f}".rstrip("0")
    return text if len(text.split(".")[1]) >= 2 else f"{price:.2f}"
