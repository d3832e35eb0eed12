"""Shenwan Hongyuan Research: the whole history of a Shenwan index."""

import pandas as pd
from fakes.books import column
from fakes.hosts import Asked, Reply, in_json
from fakes.vendor import Vendor

HOSTS = r"www\.swsresearch\.com"


class Shenwan(Vendor):
    """Answers as www.swsresearch.com/institute-sw/api/index_publish/trend does.

    The opening level is text, which akshare leaves as it is.
    """

    @staticmethod
    def level(code: str) -> str | None:
        digits, publisher = code.split(".")
        return digits if publisher == "SI" else None

    def __call__(self, asked: Asked) -> Reply:
        name = asked.query.get("swindexcode", "")
        data = _rows(name, self.indices[name]) if name in self.indices else []
        if self.changed:
            data = [{"tradeDate" if k == "bargaindate" else k: row[k] for k in row} for row in data]
        return in_json({"code": "200", "message": "成功", "data": data})


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
