"""Bars of a market, code by code, under the name that a host knows each code by."""

import datetime as dt
from collections.abc import Callable, Collection

import pandas as pd

PRICES = ("open", "high", "low", "close")


def books(
    frame: pd.DataFrame, spell: Callable[[str], str | None], missing: Collection[str] = ()
) -> dict[str, pd.DataFrame]:
    """The bars of each code in date order, by the host's name of it.

    Parameters
    ----------
    frame
        In the bars schema; of an index ``code date close`` are enough.
    spell
        The host's name of a code; None for a code that it does not serve.
    missing
        Codes that the host does not know, though it should.
    """
    found: dict[str, pd.DataFrame] = {}
    for code, rows in frame.groupby("code", sort=False, observed=True):
        name = None if code in missing else spell(str(code))
        if name is not None:
            dates = pd.to_datetime(rows["date"]).astype("datetime64[s]")
            found[name] = rows.assign(date=dates).sort_values("date").reset_index(drop=True)
    return found


def prefixed(code: str) -> str | None:
    """``sz300308`` for ``300308.SZ``; None for an index of CSI or Shenwan."""
    digits, exchange = code.split(".")
    return exchange.lower() + digits if exchange in ("SH", "SZ", "BJ") else None


def days(rows: pd.DataFrame) -> list[dt.date]:
    return [stamp.date() for stamp in rows["date"]]


def column(rows: pd.DataFrame, name: str, otherwise: float) -> list[float]:
    """A column that a frame may lack, or not know everywhere."""
    if name not in rows:
        return [otherwise] * len(rows)
    return rows[name].astype(float).fillna(otherwise).tolist()


def between(rows: pd.DataFrame, start: str, end: str) -> pd.DataFrame:
    """Rows of a span, both ends included; days as ``20241008`` or ``2024-10-08``."""
    dates = rows["date"].dt.strftime("%Y%m%d")
    return rows[(dates >= start.replace("-", "")) & (dates <= end.replace("-", ""))]
