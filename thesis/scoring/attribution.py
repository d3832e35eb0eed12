"""Attribution: where an excess came from, in parts that sum to it.

Of a basket of names::

    industry   = sector index - price benchmark            both without dividends
    selection  = basket without dividends - sector index
    dividends  = (basket - basket without) - (benchmark - price benchmark)

The three are the excess, exactly, on every session; a reading is one session or a mean of some, so
they sum there too. Selection splits over names and over segments by the weights that were given.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from thesis.errors import PricesError
from thesis.market.benchmark import benchmark_returns, price_benchmark
from thesis.scoring.basket import Held
from thesis.scoring.names import ByReading
from thesis.scoring.reading import HEADLINE, Horizon
from thesis.scoring.score import Score
from thesis.scoring.segment_effects import Brinson, segment_effects, segment_weights
from thesis.trading.simulation import simulate_paper

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class NamePart:
    """A name's part.

    Attributes
    ----------
    weight
        Initial weight; 0 for a name without data, whose parts are None.
    selection
        By reading: weight times (return without dividends since its own entry - the sector's since
        the basket's). A name that never entered is cash: weight times (0 - the sector's).
    dividends
        By reading: weight times what dividends, reinvested, added to its return.
    """

    code: str
    weight: float
    selection: ByReading
    dividends: ByReading


@dataclass(frozen=True)
class SegmentPart:
    """A segment's part in selection: the weights it gave its names, times their lead.

    Attributes
    ----------
    weight
        Of the capital, over the names with data.
    selection
        By reading; None where a name of it is unknown, and for a segment without names.
    """

    id: str
    weight: float
    selection: ByReading


@dataclass(frozen=True)
class Attribution:
    """The excess of the primary leg in parts; each by reading, as fractions.

    Attributes
    ----------
    excess
        As scored: industry + selection + dividends.
    benchmark_dividends
        Benchmark less price benchmark. The names' dividends less this are `dividends`.
    names
        Their selections sum to `selection`; in thesis order.
    segments
        Their selections sum to `selection`, too.
    brinson
        None unless every segment that gave weight names a benchmark index.
    reasons
        Why a part is not known, a sentence by ``industry``, ``selection``, ``dividends``,
        ``brinson``.
    """

    excess: ByReading
    industry: ByReading
    selection: ByReading
    dividends: ByReading
    benchmark_dividends: ByReading
    names: tuple[NamePart, ...] = ()
    segments: tuple[SegmentPart, ...] = ()
    brinson: Brinson | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)


def attribution(score: Score, held: Held | None, horizon: Horizon) -> Attribution:
    """Attribute a score's excess.

    Parameters
    ----------
    held
        The paper basket; None for a call without names, whose excess is all industry, and where
        nothing of the basket is known yet.
    """
    unknown: ByReading = dict.fromkeys([*horizon.rows, HEADLINE])
    excess, industry = (
        unknown | {key: r.excess if r else None for key, r in (leg.readings if leg else {}).items()}
        for leg in (score.primary, score.sector)
    )
    nowhere = np.full(len(score.axis), np.nan)
    if held is None:
        return _explained(
            score, Attribution(excess, industry, unknown, unknown, unknown), without=()
        )

    without = _without_share_factor(score, held)
    whole, split = held.simulation.basket.returns, _price_returns(score, held, without)
    weights = held.simulation.weight_vector()
    sector = score.sector.path if score.sector else nowhere
    against = score.paper.against if score.paper else nowhere
    # On price basis the very same path, so that the rest is nothing and not a rounding error.
    path = held.path if split is whole else _given(weights, split).sum(axis=1) + held.path * 0.0
    more = against - _price_benchmark(score)
    lead = np.where(held.known, split - sector[:, None], np.nan)
    paid = np.where(held.known, whole - split, np.nan)
    selection = horizon.read(path - sector)
    found, why = segment_effects(score, held, split, horizon)
    return _explained(
        score,
        Attribution(
            excess=excess,
            industry=industry,
            selection=selection,
            dividends=horizon.read(held.path - path - more),
            benchmark_dividends=horizon.read(more),
            names=_names(score, held, horizon, _given(weights, lead), _given(weights, paid)),
            segments=_segments(score, held, horizon, lead),
            brinson=found,
            reasons={"brinson": why} if why else {},
        ),
        without,
    )


def _given(weights: Floats, values: Floats) -> Floats:
    """Weight times value, shape (T, N). What has no weight has no part, known or not."""
    return np.where(weights > 0, weights * values, 0.0)


def _without_share_factor(score: Score, held: Held) -> tuple[str, ...]:
    """The names with weight whose return without dividends cannot be told."""
    if score.basis == "price":
        return ()
    weights, panel = held.simulation.weights.total, score.case.panel
    return tuple(c for c, w in weights.items() if w > 0 and not panel.has_share_factor(c))


def _price_returns(score: Score, held: Held, without: tuple[str, ...]) -> Floats:
    """Return of each name without dividends, shape (T, N); NaN for those it cannot be told of."""
    simulation, case = held.simulation, score.case
    if score.basis == "price":
        return simulation.basket.returns
    found = simulate_paper(
        simulation.codes,
        simulation.weights,
        case.panel,
        simulation.axis,
        case.strategy.entry,
        "price",
    ).basket.returns
    # Where its share_factor is missing a name would look as if it had not traded.
    return np.where([code in without for code in simulation.codes], np.nan, found)


def _price_benchmark(score: Score) -> Floats:
    """Return of the scale's price index since the entry, shape (T,); NaN where unknown."""
    if score.sector is not None:
        return score.sector.against
    index = price_benchmark(score.case.thesis.scale.benchmark)
    try:
        return benchmark_returns(score.case.panel, index, score.axis, score.when.price)[0]
    except PricesError:
        return np.full(len(score.axis), np.nan)


def _names(
    score: Score, held: Held, horizon: Horizon, lead: Floats, paid: Floats
) -> tuple[NamePart, ...]:
    unknown: ByReading = dict.fromkeys([*horizon.rows, HEADLINE])
    codes, weights = held.simulation.codes, held.simulation.weight_vector()
    parts = []
    for code in score.case.thesis.codes:
        if code in codes:
            at = codes.index(code)
            parts.append(
                NamePart(
                    code,
                    float(weights[at]),
                    horizon.read(lead[:, at]),
                    horizon.read(paid[:, at]),
                )
            )
        else:
            parts.append(NamePart(code, 0.0, unknown, unknown))
    return tuple(parts)


def _segments(score: Score, held: Held, horizon: Horizon, lead: Floats) -> tuple[SegmentPart, ...]:
    unknown: ByReading = dict.fromkeys([*horizon.rows, HEADLINE])
    parts = []
    for segment in score.case.thesis.segment:
        weights = segment_weights(held, segment.id)
        values = horizon.read(_given(weights, lead).sum(axis=1)) if segment.pick else unknown
        parts.append(SegmentPart(segment.id, float(weights.sum()), values))
    return tuple(parts)


def _explained(score: Score, found: Attribution, without: tuple[str, ...]) -> Attribution:
    """With a sentence for each part whose headline is not known."""
    thesis, reasons = score.case.thesis, dict(found.reasons)
    sector = score.sector.verdict.reason if score.sector else None
    basket = score.paper.verdict.reason if score.paper else None
    if score.sector is None:
        sector = f"{thesis.id} names no sector index (claim.sector_index)"
    if not thesis.codes:
        basket = f"{thesis.id} is a call without names: its excess is the industry's alone"
    elif without:
        basket = (
            f"{', '.join(without)} in {score.case.panel.origin} has no share_factor, without which "
            "price changes cannot be told from dividends"
        )
    why = {
        "industry": sector,
        "selection": basket or sector,
        "dividends": basket,
    }
    for part, reason in why.items():
        if getattr(found, part)[HEADLINE] is None:
            reasons[part] = reason or "one of the levels it is made of ends before the window"
    return replace(found, reasons=reasons)
