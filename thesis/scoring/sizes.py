"""Sizes of stocks, and their thirds, as of a session before publication."""

import datetime as dt
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from thesis.errors import NotScorableError
from thesis.market.calendar import Timing
from thesis.market.pool import Pool
from thesis.scoring.estimation import estimation_windows

Floats = npt.NDArray[np.float64]

#: Sessions of the median daily amount, and the fewest with a bar that make one.
AMOUNT_SESSIONS, FEWEST_AMOUNTS = 60, 20
#: Sessions looked back for a bar whose turnover tells the float.
FLOAT_SESSIONS = 5


def sized_on(when: Timing) -> dt.date:
    """The session that sizes are taken on: before a market break, where one is near.

    A rally lifts what is bought most, so ranks after it hold some of the very returns that are to
    be explained.

    Raises
    ------
    NotScorableError
        If nothing was known before publication.
    """
    windows = estimation_windows(when.known)
    if not windows:
        raise NotScorableError("no session had ended before publication: nothing has a size")
    return windows[0].last


def sizes(pool: Pool, row: int) -> tuple[Floats, list[str]]:
    """Size of each stock on a row, CNY, shape (N,), and what it is of each.

    ``float_cap``: close x volume / turnover on the last bar of that session and the five before
    whose turnover is known. Else ``median_amount``, of the 60 sessions ended then; ``unknown``,
    NaN, without either. Turnover tells the float as of that day, which no table of today does.
    """
    near = slice(max(row - FLOAT_SESSIONS, 0), row + 1)
    close, volume, turnover = (pool.fields[n][near] for n in ("close", "volume", "turnover"))
    with np.errstate(invalid="ignore", divide="ignore"):
        told = (turnover > 0) & (volume > 0)
        caps = np.where(told, close * volume / turnover, np.nan)
    last = len(told) - 1 - told[::-1].argmax(axis=0)
    cap = caps[last, np.arange(caps.shape[1])]
    amount = median_amount(pool, row)
    size = np.where(np.isnan(cap), amount, cap)
    measure = np.where(np.isnan(cap), "median_amount", "float_cap")
    return size, np.where(np.isnan(size), "unknown", measure).tolist()


def median_amount(pool: Pool, row: int) -> Floats:
    """Median daily amount of the 60 sessions ended on a row, CNY, shape (N,).

    Sessions without a bar are left out; NaN where fewer than 20 have one.

    Raises
    ------
    NotScorableError
        If the pool begins later.
    """
    if row + 1 < AMOUNT_SESSIONS:
        raise NotScorableError(
            f"{pool.origin}: the pool begins on {pool.sessions[0]}, less than {AMOUNT_SESSIONS} "
            f"sessions before {pool.sessions[row]}, on which stocks are sized"
        )
    amounts = pool.fields["amount"][row + 1 - AMOUNT_SESSIONS : row + 1]
    count = np.count_nonzero(~np.isnan(amounts), axis=0)
    ranked = np.sort(amounts, axis=0)  # NaN last
    columns = np.arange(amounts.shape[1])
    low = np.maximum(count - 1, 0) // 2  # an odd count has one middle, an even one two
    middle = (ranked[low, columns] + ranked[np.minimum(count // 2, len(ranked) - 1), columns]) / 2
    return np.asarray(np.where(count >= FEWEST_AMOUNTS, middle, np.nan), dtype=float)


def terciles(
    size: Floats, groups: Sequence[object], industry: Sequence[str | None]
) -> npt.NDArray[np.int8]:
    """The third of its group that each stock is in by size: 0 small, 1 middle, 2 large.

    -1 where size or industry is unknown, or the group has fewer than three stocks. Ties go by
    order; group sizes that three does not divide make the smaller thirds larger by one.

    Examples
    --------
    >>> sizes = np.array([5.0, 1.0, 3.0, 2.0, np.nan])
    >>> terciles(sizes, ["a"] * 5, ["a"] * 5)
    array([ 2,  0,  1,  0, -1], dtype=int8)
    """
    found = np.full(len(size), -1, dtype=np.int8)
    members: dict[object, list[int]] = {}
    for column, (group, known) in enumerate(zip(groups, industry, strict=True)):
        if known is not None and not np.isnan(size[column]):
            members.setdefault(group, []).append(column)
    for columns in members.values():
        if len(columns) >= 3:
            order = np.argsort(size[columns], kind="stable")
            found[np.array(columns)[order]] = np.arange(len(columns)) * 3 // len(columns)
    return found
