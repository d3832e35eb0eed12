"""Shenwan Hongyuan Research: the whole history of a Shenwan index."""

import json
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd
from fakes.books import books, column
from fakes.hosts import Asked, Reply

HOSTS = r"www\.swsresearch\.com"
JSON = "application/json; charset=utf-8"


@dataclass
class Shenwan:
    """Answers as www.swsresearch.com/institute-sw/api/index_publish/trend does.

    The opening level is text, which akshare leaves as it is.

    Attributes
    ----------
    index
        What the host knows, in the bars schema.
    missing
        Codes it does not know, though it should.
    changed
        Whether the host answers in a new form.
    """

    index: pd.DataFrame
    missing: Collection[str] = ()
    changed: bool = False

    def __post_init__(self) -> None:
        self._books = books(self.index, _bare, self.missing)

    def __call__(self, asked: Asked) -> Reply:
        name = asked.query.get("swindexcode", "")
        data = _rows(name, self._books[name]) if name in self._books else []
        if self.changed:
            data = [{"tradeDate" if k == "bargaindate" else k: row[k] for k in row} for row in data]
        body = {"code": "200", "message": "成功", "data": data}
        return Reply(json.dumps(body, ensure_ascii=False), content_type=JSON)


def _bare(code: str) -> str | None:
    digits, publisher = code.split(".")
    return digits if publisher == "SI" else None


def _rows(name: str, rows: pd.DataFrame) -> list[dict[str, object]]:
    closes = rows["close"].tolist()
    change = rows["close"].diff().fillna(0.0)
    return [
        {
            "swindexcode": name,
            "bargaindate": day.strftime("%Y-%m-%d"),
            "openindex": repr(first),
            "maxindex": high,
            "minindex": low,
            "closeindex": close,
            "hike": round(hike, 2),
            "markup": round(100 * hike / (close - hike), 2),
            "bargainamount": round(volume / 1e8, 4),
            "bargainsum": round(amount / 1e8, 4),
        }
        for day, first, high, low, close, hike, volume, amount in zip(
            rows["date"],
            column(rows, "open", closes[0]),
            column(rows, "high", closes[0]),
            column(rows, "low", closes[0]),
            closes,
            change,
            column(rows, "volume", 0.0),
            column(rows, "amount", 0.0),
            strict=True,
        )
    ]
