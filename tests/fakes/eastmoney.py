"""Eastmoney: daily bars of stocks and indices, volume in lots of 100."""

import json
from collections.abc import Collection
from dataclasses import dataclass, field

import pandas as pd
from fakes.books import between, books, column
from fakes.hosts import Asked, Reply

HOSTS = r"push2his\.eastmoney\.com"
JSON = "application/json; charset=utf-8"
#: Fields of a line after the date; an index is asked for the first seven.
FIELDS = ("open", "close", "high", "low", "lots", "amount", "swing", "percent", "change", "turn")


@dataclass
class Eastmoney:
    """Answers as push2his.eastmoney.com/api/qt/stock/kline/get does, for unadjusted days.

    Attributes
    ----------
    bars, index
        What the host knows, in the bars schema.
    missing
        Codes it does not know, though it should.
    changed
        Whether the host answers in a new form.
    """

    bars: pd.DataFrame
    index: pd.DataFrame
    missing: Collection[str] = ()
    changed: bool = False
    _lines: dict[str, pd.DataFrame] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        self._books = books(self.bars, _secid, self.missing)
        self._books |= books(self.index, _secid, self.missing)

    def __call__(self, asked: Asked) -> Reply:
        if (asked.query.get("fqt"), asked.query.get("klt")) != ("0", "101"):
            return Reply("only unadjusted days are faked", 501)
        name = asked.query["secid"]
        data: dict[str, object] | None = None
        if name in self._books:
            if name not in self._lines:
                self._lines[name] = _fields(self._books[name])
            rows = between(self._lines[name], asked.query["beg"], asked.query["end"])
            wanted = len(asked.query["fields2"].split(","))
            # Twelve are asked for, but f116 is none of a day.
            columns = ["day", *FIELDS[: min(wanted, 11) - 1]]
            data = {
                "code": name.split(".")[1],
                "market": int(name.split(".")[0]),
                "name": name,
                "decimal": 2,
                "dktotal": len(self._books[name]),
                "klines": rows[columns].agg(",".join, axis=1).tolist() if len(rows) else [],
            }
        return Reply(json.dumps({"rc": 0, "result" if self.changed else "data": data}), 200, JSON)


def _secid(code: str) -> str | None:
    digits, exchange = code.split(".")
    market = {"SH": 1, "SZ": 0, "BJ": 0}.get(exchange)
    return None if market is None else f"{market}.{digits}"


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
