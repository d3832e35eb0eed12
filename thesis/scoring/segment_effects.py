"""Segments against indices of their own: Brinson-Fachler effects, linked over rebalances."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.errors import PricesError
from thesis.market.benchmark import benchmark_returns, fill_levels, price_benchmark
from thesis.research.thesis import Segment
from thesis.scoring.basket import Held
from thesis.scoring.brinson import brinson_fachler, carino, compound, period_growth
from thesis.scoring.names import ByReading
from thesis.scoring.reading import Horizon
from thesis.scoring.score import Score
from thesis.trading.schedule import rebalance_rows
from thesis.trading.simulation import FACTOR, fill_prices, grid

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class SegmentEffect:
    """A segment against an index of its own.

    Attributes
    ----------
    allocation
        By reading: weight times (the segment's index - the sector index).
    selection
        By reading: weight times (the segment without dividends - the segment's index).
    """

    id: str
    benchmark_index: str
    weight: float
    allocation: ByReading
    selection: ByReading


@dataclass(frozen=True)
class Brinson:
    """Brinson-Fachler effects of the segments against the sector index, interaction in selection.

    What a segment weighs in the sector index is not known and taken as 0: every segment is an
    off-benchmark bet, and what the sector index holds beside counts as the sector index itself.

    Attributes
    ----------
    linked
        False: of the paper basket, bought and held; the effects sum to the selection of the
        `Attribution`. True: of a basket whose weights are set back at every rebalance of the
        strategy, Carino-linked over the periods between; they sum to that basket's own excess
        over the sector index. It has no limits, lots, fees, dividends or exits; a suspended name
        is set back at its last close, though nobody could trade it, and the weight of a name
        that has not entered yet waits in cash.
    basket
        By reading: return without dividends of the basket the effects are of.
    excess
        By reading: of that basket over the sector index; the effects sum to it.
    segments
        Those that gave weight.
    """

    linked: bool
    basket: ByReading
    excess: ByReading
    segments: tuple[SegmentEffect, ...]


def segment_weights(held: Held, segment: str) -> Floats:
    """The weight a segment gave each name that has bars, shape (N,)."""
    given = held.simulation.weights.by_segment.get(segment, {})
    return np.array([given.get(code, 0.0) for code in held.simulation.codes], dtype=float)


def segment_effects(
    score: Score, held: Held, returns: Floats, horizon: Horizon
) -> tuple[Brinson | None, str | None]:
    """The effects of segments that name a benchmark index.

    Parameters
    ----------
    returns
        Of each name since its own entry, without dividends, shape (T, N); NaN where unknown.

    Returns
    -------
    effects
        None where they cannot be had.
    reason
        Why, in a sentence; None where they can.
    """
    case, how = score.case, score.case.strategy
    segments = [s for s in case.thesis.segment if segment_weights(held, s.id).any()]
    unnamed = [segment.id for segment in segments if segment.benchmark_index is None]
    if len(unnamed) == len(segments):
        return None, f"no segment of {case.thesis.id} names a benchmark_index"
    if unnamed:
        return None, f"{case.thesis.id}: {', '.join(unnamed)} names no benchmark_index"
    if score.sector is None:
        return None, f"{case.thesis.id} names no sector index (claim.sector_index)"
    linked = how.rebalance != "none"
    if linked and how.decides_again:
        return None, f"{how.weights_name} weighs names anew, and does not say for which segment"
    given = np.stack([segment_weights(held, segment.id) for segment in segments])
    carried = given.any(axis=0)
    known = np.where(np.isnan(held.path), np.nan, 0.0)[:, None]
    worth = 1.0 + returns[:, carried] + known
    try:
        indices = [_index_worth(score, _index(segment)) for segment in segments]
        sector = _index_worth(score, case.thesis.claim.sector_index or "")
    except PricesError as error:
        return None, str(error)
    at_fill = _worth_at_fills(score, held, returns)[:, carried]
    starts = np.append(0, np.flatnonzero(rebalance_rows(score.axis, how.rebalance)))
    shape = len(score.axis), len(segments)
    allocation, selection = np.full(shape, np.nan), np.full(shape, np.nan)
    basket = np.full(len(score.axis), np.nan)
    for row in _rows(horizon):
        begun = starts[starts <= row]
        effects, returned = _linked(
            given[:, carried],
            period_growth(at_fill[begun], worth[row]),
            np.stack([period_growth(fill[begun], now[row]) for fill, now in indices], axis=-1),
            period_growth(sector[0][begun], sector[1][row]),
        )
        allocation[row], selection[row], basket[row] = *effects, returned
    return (
        Brinson(
            linked=linked,
            basket=horizon.read(basket),
            excess=horizon.read(basket - (sector[1] - 1.0)),
            segments=tuple(
                SegmentEffect(
                    segment.id,
                    _index(segment),
                    float(given[at].sum()),
                    horizon.read(allocation[:, at]),
                    horizon.read(selection[:, at]),
                )
                for at, segment in enumerate(segments)
            ),
        ),
        None,
    )


def _linked(
    given: Floats, names: Floats, indices: Floats, sector: Floats
) -> tuple[tuple[Floats, Floats], float]:
    """Effects over some periods, each begun at the same weights.

    Parameters
    ----------
    given
        Weights, shape (S, N), summing to 1.
    names, indices, sector
        Returns of each period, shapes (P, N), (P, S) and (P,).

    Returns
    -------
    effects
        Allocation and selection, each of shape (S,).
    returned
        The basket's return over all periods.
    """
    weights = given.sum(axis=1)
    returns = names @ given.T / weights
    effects = brinson_fachler(weights, np.zeros_like(weights), returns, indices, sector).top_down
    basket = returns @ weights
    link = carino(basket, sector)
    return (link @ effects.allocation, link @ effects.selection), compound(basket)


def _rows(horizon: Horizon) -> list[int]:
    """Every row a reading looks at."""
    rows = {row for row in horizon.rows.values() if row is not None}
    window = horizon.window
    return sorted(rows | set(range(window.start, window.stop) if window is not None else ()))


def _index(segment: Segment) -> str:
    if segment.benchmark_index is None:
        raise AssertionError("only segments that name one are asked")
    return segment.benchmark_index


def _index_worth(score: Score, code: str) -> tuple[Floats, Floats]:
    """What 1 put into an index at the entry is worth at each session's fill, and at its close.

    Raises
    ------
    PricesError
        If there is no level to start from.
    """
    panel, index, price = score.case.panel, price_benchmark(code), score.when.price
    fill = fill_levels(panel, index, score.axis, price)
    returns, _ = benchmark_returns(panel, index, score.axis, price)
    return fill / fill[0], 1.0 + returns


def _worth_at_fills(score: Score, held: Held, returns: Floats) -> Floats:
    """What 1 put into each name at the entry is worth at each session's fill, shape (T, N).

    Without a bar, what it was worth at the last close; until the session it enters, 1.
    """
    panel, simulation = score.case.panel, held.simulation
    codes, axis, entered = simulation.codes, simulation.axis, simulation.basket.entry_rows
    fill = fill_prices(panel, score.when.price, codes, axis)
    fill = fill * grid(panel, FACTOR["price"], codes, axis)
    paid = fill[entered, np.arange(len(codes))]
    carried = np.concatenate([np.ones((1, len(codes))), 1.0 + returns[:-1]])
    worth = np.where(np.isnan(fill), carried, fill / paid)
    waiting = (entered < 0) | (np.arange(len(axis))[:, None] <= entered)
    return np.where(np.isnan(returns), np.nan, np.where(waiting, 1.0, worth))
