"""Chance: how often a basket this volatile would earn each rating in a world without drift.

The base rate of a verdict. The days before publication are drawn again in blocks, the names and the
benchmark together, with the drift of each taken out; the basket is bought at its entry weights and
held as long as the real one. What comes out describes the scale and the basket's volatility, not
the thesis: a rating that is often earned without any drift says little when it is earned.
"""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.market.calendar import as_date, sessions_in_year
from thesis.research.rating import RatingScale
from thesis.scoring.basket import Held
from thesis.scoring.bootstrap import block_length
from thesis.scoring.draws import stream
from thesis.scoring.estimation import estimation_windows
from thesis.scoring.no_drift import History, history, no_drift_excess, normal_shares
from thesis.scoring.rating_counts import band_numbers
from thesis.scoring.reading import HEADLINE, Horizon
from thesis.scoring.score import Score
from thesis.trading.simulation import FACTOR

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class ReadingChance:
    """The ratings of one reading in the no-drift world.

    Attributes
    ----------
    shares
        Probability of each band, by its id, best first; they sum to 1.
    errors
        Monte-Carlo standard error of each: ``sqrt(p (1 - p) / draws)``.
    mean, sd
        Of the simulated excess returns, as fractions. The mean is 0 but for Monte-Carlo error.
    normal
        The probabilities in closed form, were the excess Normal with the SD of one session times
        the root of the sessions held; a cross-check. None for the mean of many sessions.
    """

    shares: Mapping[str, float]
    errors: Mapping[str, float]
    mean: float
    sd: float
    normal: Mapping[str, float] | None


@dataclass(frozen=True)
class NoDrift:
    """A no-drift world made of one window of history.

    Attributes
    ----------
    window
        ``before_break`` or ``before_publication``.
    reason
        Why there are no readings, in a sentence; None where there are.
    sessions, first, last
        The sessions whose returns were drawn from; the window from the first on which every name
        kept had a return.
    block
        Mean length of the blocks, in sessions.
    tracking_error
        SD of the daily excess at entry weights, annualised by the sessions of the calendar in the
        window's last year (242-244).
    left_out
        Names with under 120 sessions of returns in the window; the rest was reweighted.
    lost_weight
        Their weight.
    readings
        By reading; None where the horizon has no session for it.
    """

    window: str
    reason: str | None = None
    sessions: int = 0
    first: dt.date | None = None
    last: dt.date | None = None
    block: float | None = None
    tracking_error: float | None = None
    left_out: tuple[str, ...] = ()
    lost_weight: float = 0.0
    readings: Mapping[str, ReadingChance | None] | None = None


@dataclass(frozen=True)
class Chance:
    """The base rates of a score, a world for each estimation window, the calm one first.

    Attributes
    ----------
    paper
        Of the paper basket; empty where the thesis has no names.
    sector
        Of the sector index against the price benchmark; empty where there is none.
    """

    paper: tuple[NoDrift, ...]
    sector: tuple[NoDrift, ...]
    draws: int
    seed: int


def chance(score: Score, held: Held | None, horizon: Horizon, draws: int, seed: int) -> Chance:
    """How often basket and sector would earn each rating in a world without drift.

    Parameters
    ----------
    held
        The paper basket; None where the thesis has no names.
    horizon
        Rows of the window ends, row 0 the entry session. The entry session counts as a whole one,
        though an open entry holds it from the open only; bought at the close, it earns nothing.
    draws
        Of each world.

    Notes
    -----
    Measured on simulated histories of 176 and 250 sessions with a tracking error of 30%: the
    probabilities are on average within 1.5 points of the true ones where days are independent with
    t5 tails, within 2.5 where they are autocorrelated at 0.1; those of a single history scatter
    with an SD of 2 to 3 points. Buy comes out too rare rather than too frequent. Volatility is
    taken to stay as it was in the window.
    """
    panel, thesis = score.case.panel, score.case.thesis
    legs: dict[str, tuple[Mapping[str, float], str | None, str]] = {}
    if held is not None and held.simulation.codes:
        given = held.simulation.weight_vector().tolist()
        weights = dict(zip(held.simulation.codes, given, strict=True))
        legs["paper"] = weights, FACTOR[score.basis], score.benchmark.code
    if thesis.claim.sector_index is not None:
        legs["sector"] = {thesis.claim.sector_index: 1.0}, None, thesis.scale.benchmark
    worlds = {
        leg: tuple(
            _no_drift(
                history(panel, *made_of, window),
                horizon,
                score.when.price,
                thesis.scale,
                draws,
                stream(seed, f"chance.{leg}.{window.id}"),
            )
            for window in estimation_windows(score.when.known)
        )
        for leg, made_of in legs.items()
    }
    return Chance(worlds.get("paper", ()), worlds.get("sector", ()), draws, seed)


def _no_drift(
    past: History,
    horizon: Horizon,
    price: str,
    scale: RatingScale,
    draws: int,
    rng: np.random.Generator,
) -> NoDrift:
    axis, returns = past.axis, past.returns
    if past.reason is not None:
        return NoDrift(
            past.window.id,
            reason=past.reason,
            left_out=past.left_out,
            lost_weight=past.lost_weight,
        )
    excess = returns[:, :-1] @ past.weights - returns[:, -1]
    block, daily = block_length(excess), float(excess.std(ddof=1))
    tallies: dict[str, Floats] = {}
    for chunk in no_drift_excess(returns, past.weights, horizon, draws, block, rng, price):
        for key, values in chunk.items():
            tallies[key] = tallies.get(key, 0.0) + _tally(values, scale)
    readings: dict[str, ReadingChance | None] = dict.fromkeys([*horizon.rows, HEADLINE])
    for key, tally in tallies.items():
        row = horizon.rows.get(key)
        normal = (
            normal_shares(daily * math.sqrt(row + (price != "close")), scale)
            if row is not None
            else None
        )
        readings[key] = _reading(tally, normal, scale)
    last = as_date(axis[-1])
    return NoDrift(
        window=past.window.id,
        sessions=len(axis),
        first=as_date(axis[0]),
        last=last,
        block=block,
        tracking_error=daily * math.sqrt(sessions_in_year(last)),
        left_out=past.left_out,
        lost_weight=past.lost_weight,
        readings=readings,
    )


def _tally(excess: Floats, scale: RatingScale) -> Floats:
    """Draws in each band, their sum and the sum of their squares: what chunks add up to."""
    counts = np.bincount(band_numbers(excess, scale), minlength=len(scale.bands))
    return np.array([*counts, excess.sum(), excess @ excess])


def _reading(tally: Floats, normal: Floats | None, scale: RatingScale) -> ReadingChance:
    counts, (total, squares) = tally[:-2], tally[-2:]
    draws = counts.sum()
    shares, mean = counts / draws, total / draws
    errors = np.sqrt(shares * (1 - shares) / draws)
    variance = max(0.0, squares - draws * mean**2) / max(1.0, draws - 1)
    return ReadingChance(
        shares=_by_band(shares, scale),
        errors=_by_band(errors, scale),
        mean=float(mean),
        sd=math.sqrt(variance),
        normal=_by_band(normal, scale) if normal is not None else None,
    )


def _by_band(values: Floats, scale: RatingScale) -> dict[str, float]:
    return {band.id: float(value) for band, value in zip(scale.bands, values, strict=True)}
