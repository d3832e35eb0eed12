"""A vendor's frame, made into raw bars: columns, days, units; or refused with a reason."""

import datetime as dt

import numpy as np
import pandas as pd

from thesis.market.calendar import sessions
from thesis.market.delivery import RAW
from thesis.market.sources.failure import SourceError
from thesis.research.security import parse_security

#: amount / volume may lie this far from the bars' prices before the unit of volume is wrong.
UNITS_OFF = 2.0


def prefixed(code: str) -> str:
    """A code as Sina, Tencent and akshare write it.

    Examples
    --------
    >>> prefixed("300308.SZ")
    'sz300308'
    """
    return code[-2:].lower() + code[:6]


def raw_bars(
    frame: pd.DataFrame, source: str, code: str, start: dt.date, end: dt.date
) -> pd.DataFrame:
    """Bars of a stock in `RAW` columns, on sessions, between two days, volume in shares.

    Parameters
    ----------
    frame
        With ``date open high low close volume amount`` and perhaps ``turnover``, by those names.

    Raises
    ------
    SourceError
        ``changed_format`` if a column is missing or holds no numbers, ``empty_reply`` if no bar is
        left, ``bad_bars`` if volume and amount fit no unit.
    """
    bars = _sessions_between(frame, source, code, start, end, required=RAW[1:7])
    return bars.assign(volume=_in_shares(bars, source, code))


def levels(
    frame: pd.DataFrame, source: str, code: str, start: dt.date, end: dt.date
) -> pd.DataFrame:
    """Levels of an index in `RAW` columns; volume, amount and turnover are left out.

    Publishers print them in units of their own, and nothing here uses them.

    Raises
    ------
    SourceError
        As `raw_bars`.
    """
    bars = _sessions_between(frame, source, code, start, end, required=("close",))
    return bars.assign(volume=np.nan, amount=np.nan, turnover=np.nan)


def _sessions_between(
    frame: pd.DataFrame,
    source: str,
    code: str,
    start: dt.date,
    end: dt.date,
    required: tuple[str, ...],
) -> pd.DataFrame:
    missing = [name for name in ("date", *required) if name not in frame.columns]
    if missing:
        raise SourceError(
            "changed_format", source, code, detail=f"no column {', '.join(missing)} in its reply"
        )
    days = pd.to_datetime(frame["date"], errors="coerce")
    if days.isna().any():
        raise SourceError("changed_format", source, code, detail="a date cannot be read")
    bars: dict[str, object] = {"date": days.to_numpy().astype("datetime64[s]")}
    for name in RAW[1:]:
        bars[name] = _numbers(frame, name, source, code, needed=name in required)
    table = pd.DataFrame(bars)
    # Made-up bars fall on closed days: Sina's around share changes, csindex's first row.
    opened = np.isin(table["date"].to_numpy().astype("datetime64[D]"), sessions())
    inside = table["date"].between(pd.Timestamp(start), pd.Timestamp(end)).to_numpy()
    kept = table[opened & inside].sort_values("date", kind="stable")
    kept = kept.drop_duplicates().reset_index(drop=True)
    if kept.empty:
        raise SourceError("empty_reply", source, code, detail=f"between {start} and {end}")
    return kept


def _numbers(frame: pd.DataFrame, name: str, source: str, code: str, *, needed: bool) -> object:
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    numbers = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float)
    if needed and len(numbers) and np.isnan(numbers).all():
        raise SourceError(
            "changed_format", source, code, detail=f"its column {name} holds no numbers"
        )
    return numbers


def _in_shares(bars: pd.DataFrame, source: str, code: str) -> pd.Series:
    """Volume in shares, judged by amount: some vendors send lots of 100 for some codes."""
    traded = bars[(bars["volume"] > 0) & (bars["amount"] > 0)]
    if traded.empty:
        return bars["volume"]
    price = (traded["amount"] / traded["volume"]).to_numpy()
    for scale in (1.0, 100.0, 0.01):
        low = float(np.median(price / scale / traded["low"].to_numpy()))
        high = float(np.median(price / scale / traded["high"].to_numpy()))
        if low > 1 / UNITS_OFF and high < UNITS_OFF:
            return bars["volume"] * scale
    board = parse_security(code).board
    raise SourceError(
        "bad_bars",
        source,
        code,
        detail=f"amount / volume is no price of this {board} name, in shares or in lots",
    )
