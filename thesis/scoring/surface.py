"""Entry delay x exit session: what the excess and its rating would have been on any other day.

The whole surface is one matrix product. A row of holdings is what an entry bought (weights over
entry prices, the benchmark sold short), a column of values what a session's prices were::

    excess(d, t) = sum_i w_i * mark_i(t) / entry_i(d) - B(t) / B_entry(d) + cash(d)

``cash(d)`` is 1 less the weight that found a price: nothing at all where every name was bought.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from thesis.errors import PricesError
from thesis.market.benchmark import Benchmark, fill_levels, levels
from thesis.market.calendar import Dates, as_date, timing
from thesis.market.panel import PricePanel
from thesis.research.rating import RatingScale
from thesis.scoring.assess import known_axis
from thesis.scoring.basket import LOST_WEIGHT, Held
from thesis.scoring.names import ByReading
from thesis.scoring.rating_counts import BandNumbers, band_numbers, band_shares
from thesis.scoring.reading import HEADLINE, Horizon
from thesis.scoring.score import Score
from thesis.trading.paper import carry_forward
from thesis.trading.simulation import FACTOR, fill_prices, grid

if TYPE_CHECKING:
    import pandas as pd

Floats = npt.NDArray[np.float64]

#: Sessions that a reader may have let pass after the first.
DELAYS = range(21)


@dataclass(frozen=True)
class Cells:
    """A part of the surface, described.

    Attributes
    ----------
    count
        How many of its cells are known.
    shares
        Of the known cells, the share of each rating, best band first; None where there is none.
    lowest, middle, highest
        Excess, as a fraction: minimum, median, maximum; None where there is none.
    """

    count: int
    shares: Mapping[str, float | None]
    lowest: float | None
    middle: float | None
    highest: float | None


@dataclass(frozen=True)
class Delayed:
    """The readings of one entry.

    Attributes
    ----------
    excess
        By reading, as fractions; None where unknown.
    rating
        What the headline reading earns; None where it is unknown.
    """

    delay: int
    entry: dt.date
    excess: ByReading
    rating: str | None


@dataclass(frozen=True, eq=False)
class Surface:
    """Excess and rating for every entry and every exit.

    The cells are ONE sample, seen from many sides: they share names, benchmark and most days. Their
    shares say how far a verdict hangs on its dates. No share is a probability, no cell has a
    p-value of its own, and the best cell is the best of many.

    Attributes
    ----------
    sessions
        The exits: from the first session a reader could have entered on, shape (T,).
    delays
        Sessions after that first one, D of them: the entries. Those that lie after the last known
        session are left out.
    excess
        Shape (D, T), fractions: basket less benchmark, both from the entry; NaN before the entry
        and where unknown.
    ratings
        Shape (D, T): place in the scale's bands, the best 0; -1 where unknown.
    by_delay
        The readings of each entry.
    window, whole
        The cells of the window (first month's end to last's), and all of them.
    changes_at
        The first delay beyond the strategy's own whose headline rating is another; None where none
        is, or the headline is unknown.
    """

    sessions: Dates
    delays: tuple[int, ...]
    excess: Floats
    ratings: BandNumbers
    by_delay: tuple[Delayed, ...]
    window: Cells
    whole: Cells
    changes_at: int | None

    @property
    def frame(self) -> "pd.DataFrame":
        """The excess with its labels: a row an entry session, a column an exit session."""
        import pandas as pd

        entries = pd.DatetimeIndex([each.entry for each in self.by_delay], name="entry")
        exits = pd.DatetimeIndex(self.sessions.astype("datetime64[s]"), name="exit")
        return pd.DataFrame(self.excess, index=entries, columns=exits)

    def __repr__(self) -> str:
        return f"<Surface of {len(self.delays)} entries x {len(self.sessions)} exits>"


def surface(
    entry_prices: Floats,
    marks: Floats,
    weights: Floats,
    benchmark_entry: Floats,
    benchmark_marks: Floats,
) -> Floats:
    """Excess of entering at each delay and reading at each session, in one matrix product.

    A name without a price at an entry is bought at its first later one; its cash earns nothing
    until then, which those few blocks of the product are corrected for. One that never gets a price
    stays in cash. A session without a mark carries the last one, but none from before the entry:
    from the entry to the first mark after it the excess is NaN. In each of these it is what
    `thesis.trading.paper.hold` and `thesis.market.benchmark.benchmark_returns` give.

    Parameters
    ----------
    entry_prices
        Price paid at each session, shape (E, N) with D <= E <= T; NaN where there is none. Rows
        from D on serve names that an entry had to wait for.
    marks
        Closes, shape (T, N), on the same sessions; NaN where there is none.
    weights
        Initial weights, shape (N,). Scaling a name's prices and marks changes nothing.
    benchmark_entry
        The benchmark's level at the moment of each entry, shape (D,); NaN: that entry is unknown.
    benchmark_marks
        Its closes, shape (T,); NaN where there is none. After its last one nothing is known.

    Returns
    -------
    numpy.ndarray
        Excess return as a fraction, shape (D, T); NaN before the entry and where unknown.

    Examples
    --------
    A name that doubles twice, in a market that stands still:

    >>> prices, level = np.array([[8.0], [16.0], [32.0]]), np.full(3, 1024.0)
    >>> surface(prices, prices, np.array([1.0]), level[:2], level)
    array([[ 0.,  1.,  3.],
           [nan,  0.,  1.]])
    """
    late, delays, names = len(entry_prices), len(benchmark_entry), marks.shape[1]
    first = _next_known(~np.isnan(entry_prices))[:delays]
    enters = first < late
    paid = np.take_along_axis(entry_prices, np.minimum(first, late - 1), axis=0)

    holdings = np.empty((delays, names + 2))
    holdings[:, :names] = np.where(enters, weights / paid, 0.0)
    holdings[:, names] = -1.0 / benchmark_entry
    holdings[:, names + 1] = 1.0 - enters @ weights
    levels_of_all = np.column_stack([marks, benchmark_marks])
    values = np.ones((names + 2, len(marks)))
    values[:-1] = np.nan_to_num(carry_forward(levels_of_all)).T
    excess = np.empty((delays, len(marks)))
    with np.errstate(invalid="ignore"):
        np.matmul(holdings, values, out=excess)

    for name in np.flatnonzero(np.isnan(entry_prices).any(axis=0)):
        for start, stop in _gaps(entry_prices[:, name]):
            if start < delays and stop < late:  # what never gets a price was cash all along
                worth = values[name, start:stop] / entry_prices[stop, name]
                excess[start : min(stop, delays), start:stop] += weights[name] * (1.0 - worth)
    bought = np.column_stack([first, np.arange(delays)])
    for column in np.flatnonzero(np.isnan(levels_of_all).any(axis=0)):
        rows = bought[:, column]
        for start, stop in _gaps(levels_of_all[:, column]):
            for entry in np.flatnonzero((rows >= start) & (rows < min(stop, late))):
                excess[entry, rows[entry] : stop] = np.nan
    excess[:, np.flatnonzero(~np.isnan(benchmark_marks)).max(initial=-1) + 1 :] = np.nan
    for delay in range(1, delays):
        excess[delay, :delay] = np.nan
    return excess


def thesis_surface(score: Score, held: Held, delays: Iterable[int] = DELAYS) -> Surface | None:
    """The surface of a scored thesis's paper basket; None where there is none to look at.

    The weights are those decided at publication, whatever the delay, and the windows do not move.

    Parameters
    ----------
    held
        The score's paper basket.
    delays
        Sessions after the first that a reader could have entered on.

    Raises
    ------
    PricesError
        If a bar lacks what the entry price is made of.
    """
    case, codes = score.case, held.simulation.codes
    scale, panel, price = case.thesis.scale, case.panel, case.strategy.entry
    when = timing(case.thesis.source.published, scale, price)
    axis = known_axis(case, when)
    asked = tuple(sorted({delay for delay in delays if 0 <= delay < len(axis)}))
    lost = held.simulation.lost_weight > LOST_WEIGHT + 1e-9
    if score.paper is None or not codes or lost or not asked:
        return None

    adjustment = grid(panel, FACTOR[score.basis], codes, axis)
    excess = surface(
        fill_prices(panel, price, codes, axis) * adjustment,
        grid(panel, "close", codes, axis) * adjustment,
        held.simulation.weight_vector(),
        _entry_levels(panel, score.benchmark, axis[: asked[-1] + 1], price),
        levels(panel, "close", score.benchmark.code, axis),
    )[list(asked)]
    start = min(day for day in map(panel.first_bar, codes) if day is not None)
    excess[axis[list(asked)] < np.datetime64(start)] = np.nan  # refused, as by a backtest
    excess[:, _after_the_bars(panel, held, axis)] = np.nan
    horizon = Horizon.on(axis, when.windows)
    by_delay = tuple(
        _delayed(delay, as_date(axis[delay]), row, horizon, scale)
        for delay, row in zip(asked, excess, strict=True)
    )
    return Surface(
        sessions=axis,
        delays=asked,
        excess=excess,
        ratings=band_numbers(excess, scale),
        by_delay=by_delay,
        window=_cells(excess[:, horizon.window or slice(0)], scale),
        whole=_cells(excess, scale),
        changes_at=_changes_at(score, by_delay),
    )


def _entry_levels(panel: PricePanel, benchmark: Benchmark, entries: Dates, price: str) -> Floats:
    """The benchmark's level at each entry, shape (D,); NaN where a backtest refuses to enter."""
    found = np.full(len(entries), np.nan)
    for delay in range(len(entries)):
        try:
            found[delay] = fill_levels(panel, benchmark, entries[delay : delay + 1], price)[0]
        except PricesError:
            continue
    return found


def _after_the_bars(panel: PricePanel, held: Held, axis: Dates) -> npt.NDArray[np.bool_]:
    """Sessions after the last bar of a stale name that has weight, shape (T,)."""
    after = np.zeros(len(axis), dtype=bool)
    for code, weight in zip(held.simulation.codes, held.simulation.weight_vector(), strict=True):
        last = panel.last_bar(code)
        if weight > 0 and held.statuses[code] == "stale" and last is not None:
            after |= axis > np.datetime64(last)
    return after


def _delayed(
    delay: int, entry: dt.date, row: Floats, horizon: Horizon, scale: RatingScale
) -> Delayed:
    excess = horizon.read(row)
    headline = excess[HEADLINE]
    return Delayed(delay, entry, excess, None if headline is None else scale.earned(headline))


def _changes_at(score: Score, by_delay: tuple[Delayed, ...]) -> int | None:
    headline = score.paper.headline if score.paper else None
    later = [each for each in by_delay if each.delay > score.case.strategy.delay]
    other = [x.delay for x in later if headline and x.rating not in (None, headline.rating)]
    return other[0] if other else None


def _cells(excess: Floats, scale: RatingScale) -> Cells:
    known, ids = excess[~np.isnan(excess)], [band.id for band in scale.bands]
    if not known.size:
        return Cells(0, dict.fromkeys(ids), None, None, None)
    shares = dict(zip(ids, band_shares(known, scale).tolist(), strict=True))
    return Cells(known.size, shares, *map(float, (known.min(), np.median(known), known.max())))


def _next_known(known: npt.NDArray[np.bool_]) -> npt.NDArray[np.int64]:
    """Row of the first True at or after each row, by column; the number of rows where none is."""
    rows = np.where(known, np.arange(len(known))[:, None], len(known))
    return np.minimum.accumulate(rows[::-1], axis=0)[::-1].astype(np.int64)


def _gaps(values: Floats) -> list[tuple[int, int]]:
    """The runs of NaN in a series: first row, and the row after the last."""
    unknown = np.concatenate([[False], np.isnan(values), [False]])
    edges = np.flatnonzero(unknown[1:] != unknown[:-1])
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
