"""When a strategy rebalances: the first session of each calendar week, month or quarter."""

import numpy as np
import numpy.typing as npt

from thesis.errors import UsageError
from thesis.market.calendar import Dates

Bools = npt.NDArray[np.bool_]

REBALANCES = ("none", "weekly", "monthly", "quarterly")


def rebalance_rows(axis: Dates, rebalance: str, entry_row: int = 0) -> Bools:
    """The sessions on which a strategy rebalances.

    Parameters
    ----------
    axis
        Consecutive sessions, shape (T,).
    rebalance
        ``none``, ``weekly`` (ISO weeks, from Monday), ``monthly`` or ``quarterly`` (from January).
    entry_row
        Row of the entry session. The entry is no rebalance, even where it opens a period.

    Returns
    -------
    numpy.ndarray
        True at the first session of each period that begins after the entry session, shape (T,).
        A week without a session has none.

    Raises
    ------
    UsageError
        If `rebalance` is none of these.

    Examples
    --------
    A Thursday, a Friday, and the Monday that opens a new week, but no new month:

    >>> axis = np.array(["2024-10-17", "2024-10-18", "2024-10-21"], dtype="datetime64[D]")
    >>> rebalance_rows(axis, "weekly")
    array([False, False,  True])
    >>> rebalance_rows(axis, "monthly").any()
    np.False_
    """
    if rebalance not in REBALANCES:
        raise UsageError(f"rebalance = {rebalance!r}: give one of {', '.join(REBALANCES)}")
    starts = np.zeros(len(axis), dtype=bool)
    if rebalance == "none":
        return starts
    period = _periods(axis, rebalance)
    starts[1:] = period[1:] != period[:-1]
    starts[: entry_row + 1] = False
    return starts


def _periods(axis: Dates, rebalance: str) -> npt.NDArray[np.int64]:
    """A number for each session that its week, month or quarter shares, shape (T,)."""
    if rebalance == "weekly":
        # Day 0, 1970-01-01, was a Thursday; three days before it a Monday.
        return (axis.astype("datetime64[D]").astype(np.int64) + 3) // 7
    months = axis.astype("datetime64[M]").astype(np.int64)
    return months // 3 if rebalance == "quarterly" else months
