"""The world without drift: history drawn again in blocks, each column's drift taken out."""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.market.calendar import Dates, as_date
from thesis.market.panel import PricePanel
from thesis.research.rating import RatingScale
from thesis.scoring.basket import LOST_WEIGHT
from thesis.scoring.bootstrap import expected_levels, stationary_rows
from thesis.scoring.estimation import SHORTEST, Window
from thesis.scoring.rating_counts import band_shares
from thesis.scoring.reading import HEADLINE, Horizon
from thesis.trading.paper import carry_forward
from thesis.trading.simulation import grid, session_axis

Floats = npt.NDArray[np.float64]

#: Cells of a (draws, sessions) array worked on at a time: 4 MB of rows, 15 MB with what makes them.
CELLS = 500_000


def no_drift_excess(
    returns: Floats,
    weights: Floats,
    horizon: Horizon,
    draws: int,
    block: float,
    rng: np.random.Generator,
    price: str = "open",
) -> Iterator[dict[str, Floats]]:
    """Excess returns of a basket in the no-drift world, a chunk of draws at a time.

    Parameters
    ----------
    returns
        Simple daily returns of the names and, last, of the benchmark, shape (n, N + 1). Rows are
        drawn whole, so whatever moves together on a day stays together.
    weights
        Of the names at the entry, shape (N,), summing to 1. Nothing is rebalanced.
    block
        Mean length of blocks, in sessions.
    price
        What is bought at on row 0 of the horizon. At ``close`` that session earns nothing; at
        ``open`` and ``vwap`` it counts as a whole one.

    Yields
    ------
    dict
        By reading, the excess of each draw in the chunk; no key where the horizon has no row. All
        chunks together have `draws`.

    Notes
    -----
    What is taken out: each column's mean simple return over the rows given, so that every day has
    mean 0. Compounded, that leaves a level's mean at 1 only where days are independent; in blocks,
    serial correlation moves it. So each column's level is also divided, session by session, by its
    exact mean over all resampled histories (`expected_levels`). Every name, the benchmark and the
    excess then have mean 0 at every session; medians do not, since compounding skews.
    """
    ends = {month: row for month, row in horizon.rows.items() if row is not None}
    if not ends or not draws:
        return
    window, length = horizon.window, max(ends.values()) + 1
    idle = 1 if price == "close" else 0
    growth = 1.0 + returns - returns.mean(axis=0)
    centre = expected_levels(growth, length, block)
    rescale = np.vstack([1.0 / centre[:1], centre[:-1] / centre[1:]])
    signed = np.append(weights, -1.0)
    size = max(1, CELLS // max(length, len(signed)))
    for done in range(0, draws, size):
        count = min(size, draws - done)
        drawn = stationary_rows(len(returns), length, count, block, rng)
        levels, total = np.ones((count, len(signed))), np.zeros(count)
        found: dict[str, Floats] = {}
        for row in range(length):
            day = row - idle
            if day >= 0:
                levels *= np.take(growth * rescale[day], drawn[:, day], axis=0)
            inside = window is not None and window.start <= row < window.stop
            if inside or row in ends.values():
                excess = levels @ signed
                total += excess if inside else 0.0
                found |= {month: excess for month, end in ends.items() if end == row}
        if window is not None:
            found[HEADLINE] = total / (window.stop - window.start)
        yield found


def normal_shares(sd: float, scale: RatingScale) -> Floats:
    """Probability of each band where the excess is Normal around zero.

    Parameters
    ----------
    sd
        Standard deviation of the excess at the reading, as a fraction.

    Returns
    -------
    numpy.ndarray
        Shape (bands,), from the best to the worst.

    Examples
    --------
    Half a year at a tracking error of 25%:

    >>> from thesis.research.rating import shipped_scales
    >>> normal_shares(0.25 * 0.5**0.5, shipped_scales()["sinolink_industry"]).round(3)
    array([0.198, 0.191, 0.223, 0.389])
    """
    if not sd > 0:
        return band_shares([0.0], scale)
    above = [0.5 * math.erfc(edge / sd / math.sqrt(2)) for edge in scale.edges]
    return np.diff([0.0, *above, 1.0])


@dataclass(frozen=True, eq=False)
class History:
    """What a world is made of: days of the names kept and, last, of the benchmark.

    Attributes
    ----------
    axis
        The sessions, shape (n,); none where there is a reason.
    returns
        Simple daily returns, shape (n, N + 1), without a gap.
    weights
        Of the names kept, shape (N,), summing to 1.
    left_out, lost_weight
        Names with under 120 sessions of returns, and their weight.
    reason
        Why no world can be made of it, in a sentence.
    """

    window: Window
    axis: Dates
    returns: Floats
    weights: Floats
    left_out: tuple[str, ...] = ()
    lost_weight: float = 0.0
    reason: str | None = None


def history(
    panel: PricePanel,
    weights: Mapping[str, float],
    factor: str | None,
    against: str,
    window: Window,
) -> History:
    """The days of a basket and its benchmark in an estimation window.

    Parameters
    ----------
    weights
        Of each code at the entry.
    factor
        Field the names' prices are adjusted by; None for indices.
    against
        The benchmark index.
    """
    codes = [code for code, weight in weights.items() if weight > 0]
    wanted = np.array([weights[code] for code in codes])
    if missing := [code for code in (*codes, against) if code not in panel]:
        nothing = np.empty((0, 0))
        reason = f"{panel.origin} has no prices of {', '.join(missing)}"
        return History(window, window.axis[:0], nothing, wanted, reason=reason)
    returns, fresh = daily_returns(panel, [*codes, against], factor, window.axis)
    kept = fresh[:, :-1].sum(axis=0) >= SHORTEST
    left_out = tuple(code for code, keep in zip(codes, kept, strict=True) if not keep)
    lost = math.fsum(wanted[~kept])
    columns = np.append(kept, True)
    # A return is known from a name's second bar on, so rows without a gap run to the window's end.
    gaps = np.flatnonzero(np.isnan(returns[:, columns]).any(axis=1))
    first = int(gaps[-1]) + 1 if gaps.size else 0
    axis, reason = window.axis[first:], ""
    if lost > LOST_WEIGHT + 1e-9:
        reason = (
            f"{lost:.0%} of the weight ({', '.join(left_out)}) has under {SHORTEST} sessions of "
            f"returns in the window ended {window.last}; over {LOST_WEIGHT:.0%} the rest is no "
            "longer the basket"
        )
    elif len(axis) < SHORTEST:
        reason = (
            f"{panel.origin} has {len(axis)} sessions with returns of all names and of {against} "
            f"in the window ended {window.last}; an estimate is made of {SHORTEST} at least"
        )
    share = wanted[kept] / math.fsum(wanted[kept]) if kept.any() else wanted[kept]
    return History(window, axis, returns[first:][:, columns], share, left_out, lost, reason or None)


def daily_returns(
    panel: PricePanel, codes: Sequence[str], factor: str | None, axis: Dates
) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Simple returns from close to close.

    Parameters
    ----------
    codes
        The names and, last, the benchmark index, which needs no adjustment.
    factor
        Field the names' prices are adjusted by; None for indices.
    axis
        Consecutive sessions, shape (L,).

    Returns
    -------
    returns
        Shape (L, N). 0 while a name is suspended; the whole return over a suspension stands on the
        session it resumed. NaN up to a name's first bar, that included.
    fresh
        Shape (L, N): whether a return was made by a bar of that session.
    """
    if not len(axis):
        empty = np.empty((0, len(codes)))
        return empty, empty.astype(bool)
    start = min(as_date(axis[0]), panel.first)
    close = grid(panel, "close", codes, session_axis(start, as_date(axis[-1])))
    if factor is not None:
        close[:, :-1] *= grid(panel, factor, codes[:-1], session_axis(start, as_date(axis[-1])))
    close = np.vstack([np.full((1, len(codes)), np.nan), close])
    marks = carry_forward(close)
    returns = marks[1:] / marks[:-1] - 1.0
    fresh = ~np.isnan(close[1:]) & ~np.isnan(returns)
    return returns[-len(axis) :], fresh[-len(axis) :]
