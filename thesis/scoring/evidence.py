"""The evidence behind a verdict: its base rate, its placebo, its event tests, its fragility.

Every part stands alone and says why where it cannot be had. None of them is a proof: the base rate
without the placebo flatters, the placebo says nothing of the industry, and no test of one thesis
has much power.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from thesis.errors import Caution, NotScorableError, PricesError, RulesError, UsageError
from thesis.market.pool import Pool
from thesis.scoring.attribution import Attribution, attribution
from thesis.scoring.basket import Held, hold_names
from thesis.scoring.chance import Chance, chance
from thesis.scoring.definitions import BestName, Definitions, best_name, definitions
from thesis.scoring.events import EventTests, event_tests
from thesis.scoring.placebo import Placebos, placebo
from thesis.scoring.random_dates import RandomDates, random_dates
from thesis.scoring.reading import Horizon
from thesis.scoring.risk import risk
from thesis.scoring.score import Score
from thesis.scoring.surface import Surface, thesis_surface
from thesis.scoring.universe import (
    Survivorship,
    Universe,
    pool_span,
    survivorship,
    universe_of,
)
from thesis.scoring.wider import WiderList, wider_lists
from thesis.trading.simulation import decide_weights, session_axis

T = TypeVar("T")
Floats = npt.NDArray[np.float64]

NO_NAMES = "the thesis calls no names"
NOTHING_YET = "nothing of the window is known"
NO_END = "the window's end is not known yet"

#: The parts that only a basket of names can have.
OF_NAMES = ("placebo", "random_dates", "events", "surface", "readings", "best_name", "wider")


@dataclass(frozen=True)
class Drawn:
    """The stocks that random watchlists were drawn from.

    Attributes
    ----------
    origin
        Where their prices came from.
    left_out
        How many stocks could not be drawn, by reason.
    sized_on
        The session that sizes are taken on.
    measures
        How many stocks are sized by float capitalisation, how many by their median daily amount.
    """

    origin: str
    survivorship: Survivorship
    left_out: Mapping[str, int]
    sized_on: dt.date
    measures: Mapping[str, int]


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a verdict rests on. A part that cannot be had is None, with its reason.

    Attributes
    ----------
    draws, seed
        Of all random numbers: the same two give the same bytes.
    chance
        Base rates: how often a basket this volatile earns each rating without any drift.
    placebo
        The names among random watchlists bought the same morning.
    drawn
        The stocks those were drawn from.
    random_dates
        The same names on other dates: a description, no test.
    events
        Event tests and the run-up clock.
    surface
        Entry delay x exit session.
    definitions
        Other readings, bases, weightings, and after costs.
    best_name
        What the best name alone did.
    attribution
        The excess in parts that sum to it.
    wider
        Other names of the same classes for those that were inferred or picked by hand.
    reasons
        By part: why it is None, in a sentence.
    cautions
        What a reader must know of the market that was drawn from.
    """

    draws: int
    seed: int
    chance: Chance | None = None
    placebo: Placebos | None = None
    drawn: Drawn | None = None
    random_dates: RandomDates | None = None
    events: EventTests | None = None
    surface: Surface | None = None
    definitions: Definitions | None = None
    best_name: BestName | None = None
    attribution: Attribution | None = None
    wider: tuple[WiderList, ...] | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)
    cautions: tuple[Caution, ...] = ()

    def __repr__(self) -> str:
        missing = ", ".join(self.reasons) or "nothing"
        return f"<Evidence of {self.draws:,} draws, seed {self.seed}; without {missing}>"


def span(score: Score) -> tuple[dt.date, dt.date] | None:
    """The days of the market that the evidence of a score looks at; None where there are none."""
    if not len(score.axis) or score.when.known is None or score.paper is None:
        return None
    return pool_span(score.when, score.axis, score.case.as_of)


def basket_of(score: Score) -> Held | None:
    """The paper basket of a score; None where it has none."""
    if score.paper is None or not len(score.axis) or not score.names:
        return None
    case = score.case
    weights = decide_weights(case.thesis, case.strategy, case.panel, score.when)
    return hold_names(case, weights, score.axis, score.basis)


def examine(
    score: Score, pool: Pool | None, no_pool: str | None, draws: int, seed: int
) -> tuple[Score, Evidence]:
    """Weigh the evidence behind a score.

    Parameters
    ----------
    pool
        The market, read for `span` from the same place as the score's prices; None where there is
        none, with the reason in `no_pool`.
    draws, seed
        Of the bootstrap and of each placebo.

    Returns
    -------
    score
        Its risk filled in with the excess over the equal-weight market, where there is a pool.
    evidence
        What was found.
    """
    held, reasons = basket_of(score), dict[str, str]()
    if not len(score.axis):
        parts = ("chance", *OF_NAMES, "attribution")
        return score, Evidence(draws, seed, reasons=dict.fromkeys(parts, NOTHING_YET))
    horizon = Horizon.on(score.axis, score.when.windows)
    found = Evidence(
        draws=draws,
        seed=seed,
        chance=chance(score, held, _whole_horizon(score), draws, seed),
        attribution=attribution(score, held, horizon),
        reasons=reasons,
    )
    if held is None or not held.simulation.codes:
        why = NO_NAMES if not score.case.thesis.codes else NOTHING_YET
        reasons |= dict.fromkeys(OF_NAMES, why)
        return score, found
    universe, no_universe = _universe(score, pool, no_pool)
    score = replace(
        score, risk=risk(score, held, horizon, universe.equal_weight if universe else None)
    )
    if universe is None:
        reasons["placebo"] = no_universe or NOTHING_YET
    surface, no_surface = surface_and_reason(score, held)
    if no_surface is not None:
        reasons["surface"] = no_surface
    wider = None
    if pool is None:
        reasons["wider"] = no_pool or NOTHING_YET
    else:
        wider = _or_reason(lambda: wider_lists(score, held, pool, horizon), "wider", reasons)
    return score, replace(
        found,
        placebo=_placebo(score, universe, held, horizon, draws, seed) if universe else None,
        drawn=_drawn(pool, universe) if universe is not None and pool is not None else None,
        random_dates=_or_reason(
            lambda: random_dates(score, horizon), "random_dates", reasons, NO_END
        ),
        events=_or_reason(
            lambda: event_tests(score, held, horizon),
            "events",
            reasons,
            held.why_unknown(score.case.panel),
        ),
        surface=surface,
        definitions=_or_reason(lambda: definitions(score), "readings", reasons),
        best_name=best_name(score),
        wider=wider,
        cautions=pool.cautions if pool is not None else (),
    )


def surface_and_reason(score: Score, held: Held | None = None) -> tuple[Surface | None, str | None]:
    """The surface of a score, or why there is none."""
    held = basket_of(score) if held is None else held
    if held is None:
        return None, NO_NAMES if not score.case.thesis.codes else NOTHING_YET
    try:
        found = thesis_surface(score, held)
    except PricesError as error:
        return None, str(error)
    if found is None or not found.whole.count:  # a matrix without one known cell tells nothing
        return None, held.why_unknown(score.case.panel)
    return found, None


def _or_reason(
    look: Callable[[], T], part: str, reasons: dict[str, str], nothing: str = NOTHING_YET
) -> T | None:
    """What a look finds; None, its reason kept, where there is nothing or something is in its way.

    Parameters
    ----------
    nothing
        The reason where it finds nothing.
    """
    try:
        found = look()
    except (NotScorableError, PricesError, RulesError, UsageError) as error:
        reasons[part] = str(error)
        return None
    if found is None:
        reasons[part] = nothing
    return found


def _whole_horizon(score: Score) -> Horizon:
    """The window as it will be when it is over: a base rate needs no price of it."""
    entry, end = score.when.entry, score.when.end
    if entry is None or end is None:
        return Horizon.on(score.axis, score.when.windows)
    return Horizon.on(session_axis(entry, end), score.when.windows)


def _universe(
    score: Score, pool: Pool | None, no_pool: str | None
) -> tuple[Universe | None, str | None]:
    if pool is None:
        return None, no_pool
    try:
        return universe_of(pool, score.when, score.axis, score.basis, score.when.price), None
    except (NotScorableError, PricesError) as error:
        return None, str(error)


def _placebo(
    score: Score, universe: Universe, held: Held, horizon: Horizon, draws: int, seed: int
) -> Placebos | None:
    against = score.paper.against if score.paper is not None else np.full(len(score.axis), np.nan)
    return placebo(
        universe,
        held.simulation.codes,
        held.simulation.weight_vector(),
        held.path,
        against,
        horizon,
        score.case.thesis.scale,
        draws,
        seed,
    )


def _drawn(pool: Pool, universe: Universe) -> Drawn:
    measures = universe.size_measure
    return Drawn(
        origin=pool.origin,
        survivorship=survivorship(universe),
        left_out={why: len(codes) for why, codes in universe.left_out.items() if codes},
        sized_on=universe.sized_on,
        measures={each: measures.count(each) for each in sorted(set(measures))},
    )
