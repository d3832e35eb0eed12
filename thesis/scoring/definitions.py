"""How far a verdict hangs on what is read: other readings, bases, weightings, and after costs.

The cross of all of them is looked at, not the best of them: the cells are one sample, and the
headline is the one that was chosen before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from thesis.errors import PricesError, RulesError
from thesis.market.benchmark import Basis, Benchmark, benchmark_returns, choose_benchmark
from thesis.scoring.basket import hold_names
from thesis.scoring.reading import HEADLINE, Horizon, Readings, read_excess
from thesis.scoring.score import Case, Score
from thesis.scoring.variants import score_variants
from thesis.trading.simulation import decide_weights
from thesis.trading.strategy import Strategy
from thesis.trading.weightings import WEIGHTINGS

BASES: tuple[Basis, ...] = ("total", "price")
STAGES = ("paper", "net")

#: What a cell can differ from the headline in.
CHOICES = ("reading", "basis", "weighting", "stage")

#: Weights nearer than this are the same weights.
SAME_WEIGHT = 1e-12

#: Under this excess, a point, a share of it says nothing.
LEAST_EXCESS = 0.01


@dataclass(frozen=True)
class Cell:
    """The excess under one set of definitions.

    Attributes
    ----------
    reading
        ``3m`` to ``6m`` or ``mean``.
    basis
        ``total`` or ``price``, of basket and benchmark alike.
    weighting
        ``equal``, ``segment``, ``inverse_vol``, ``float_cap``, or the strategy's own by its name.
    stage
        ``paper``, or ``net`` of lots, limits and fees.
    excess, rating
        As a fraction, and what it earns; None where it is not known.
    """

    reading: str
    basis: str
    weighting: str
    stage: str
    excess: float | None
    rating: str | None


@dataclass(frozen=True)
class LeftOut:
    """A definition that cannot be had, or that would count another twice."""

    choice: str
    value: str
    reason: str


@dataclass(frozen=True)
class Change:
    """The cell that differs from the headline in one choice alone.

    Attributes
    ----------
    choice
        One of `CHOICES`.
    flips
        Whether its rating is another; None where it is not known.
    """

    choice: str
    cell: Cell
    flips: bool | None


@dataclass(frozen=True)
class Definitions:
    """The cross of definitions around a headline.

    Attributes
    ----------
    headline
        The cell whose rating is the paper verdict.
    cells
        Every cell, the headline among them.
    known
        How many of them have a rating.
    kept
        Share of the known cells with the headline's rating, the headline among them; None where
        the headline is not known.
    changes
        One at a time: every cell that is one choice away.
    left_out
        What is missing from the cross, and why.
    """

    headline: Cell
    cells: tuple[Cell, ...]
    known: int
    kept: float | None
    changes: tuple[Change, ...]
    left_out: tuple[LeftOut, ...]

    @property
    def flips(self) -> tuple[Change, ...]:
        """The single changes that alone give another rating."""
        return tuple(change for change in self.changes if change.flips)


def definitions(score: Score) -> Definitions | None:
    """Read a thesis under every definition at hand; None where nothing was bought.

    Readings x bases x weightings x stages. All else is the strategy's own: entry, delay,
    rebalancing, exits and capital.

    Raises
    ------
    PricesError
        If a price that orders fill at is missing where there is a bar.
    """
    case = score.case
    if score.paper is None or not len(score.axis) or not score.names:
        return None
    own, left_out = case.strategy.weights_name, list[LeftOut]()
    strategies = _strategies(score, left_out)
    cells: list[Cell] = []
    for basis in (score.basis, *(each for each in BASES if each != score.basis)):
        benchmark = _benchmark(case, basis, left_out)
        if benchmark is None:
            continue
        cases = {
            w: replace(case, strategy=_on(s, basis), basis=basis) for w, s in strategies.items()
        }
        for weighting, stages in _readings(score, cases, benchmark, left_out).items():
            for stage, readings in stages.items():
                for key, found in readings.items():
                    excess = found.excess if found is not None else None
                    rating = found.rating if found is not None else None
                    cells.append(Cell(key, basis, weighting, stage, excess, rating))
    chosen = (HEADLINE, score.basis, own, "paper")
    headline = next(cell for cell in cells if _choices(cell) == chosen)
    return _around(headline, tuple(cells), tuple(left_out))


def _around(headline: Cell, cells: tuple[Cell, ...], left_out: tuple[LeftOut, ...]) -> Definitions:
    """What cells say about their headline."""
    known = [cell for cell in cells if cell.rating is not None]
    same = sum(cell.rating == headline.rating for cell in known)
    changes = []
    for cell in cells:
        pairs = zip(CHOICES, _choices(cell), _choices(headline), strict=True)
        differs = [choice for choice, one, other in pairs if one != other]
        if len(differs) == 1:
            unknown = cell.rating is None or headline.rating is None
            flips = None if unknown else cell.rating != headline.rating
            changes.append(Change(differs[0], cell, flips))
    changes.sort(key=lambda change: CHOICES.index(change.choice))
    kept = same / len(known) if headline.rating is not None else None
    return Definitions(headline, cells, len(known), kept, tuple(changes), left_out)


def _choices(cell: Cell) -> tuple[str, ...]:
    return cell.reading, cell.basis, cell.weighting, cell.stage


def _strategies(score: Score, left_out: list[LeftOut]) -> dict[str, Strategy]:
    """The strategy under each weighting that can be had, its own first."""
    case, own = score.case, score.case.strategy
    found = {own.weights_name: own}
    decided = {own.weights_name: _kept(case, own, score)}
    for weighting in WEIGHTINGS:
        if weighting in found:
            continue
        if type(own).weigh is not Strategy.weigh:
            reason = f"{type(own).__name__} decides its own weights, whatever it is told"
            left_out.append(LeftOut("weighting", weighting, reason))
            continue
        try:
            strategy = replace(own, weights=weighting)
            weights = _kept(case, strategy, score)
        except PricesError as error:
            left_out.append(LeftOut("weighting", weighting, str(error)))
            continue
        twin = next((name for name, other in decided.items() if _same(weights, other)), None)
        if twin is not None:
            reason = f"its weights are those of {twin}, which would count twice"
            left_out.append(LeftOut("weighting", weighting, reason))
            continue
        found[weighting], decided[weighting] = strategy, weights
    return found


def _on(strategy: Strategy, basis: Basis) -> Strategy:
    """The strategy on a basis: without dividends there is no tax on them."""
    return replace(strategy, dividend_tax="none") if basis == "price" else strategy


def _kept(case: Case, strategy: Strategy, score: Score) -> dict[str, float]:
    """The weights of the names that have bars."""
    weights = decide_weights(case.thesis, strategy, case.panel, score.when)
    return weights.keep([code for code in case.thesis.codes if code in case.panel]).total


def _same(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    codes = {*one, *other}
    return all(abs(one.get(c, 0.0) - other.get(c, 0.0)) <= SAME_WEIGHT for c in codes)


def _benchmark(case: Case, basis: Basis, left_out: list[LeftOut]) -> Benchmark | None:
    """The benchmark of a basis; None where that basis cannot be had."""
    have = [code for code in case.thesis.codes if code in case.panel]
    try:
        found, _ = choose_benchmark(case.panel, case.thesis.scale.benchmark, have, basis)
    except PricesError as error:
        left_out.append(LeftOut("basis", basis, str(error)))
        return None
    if found.basis == basis:
        return found
    reason = f"{case.panel.origin} has no total-return twin of {case.thesis.scale.benchmark}"
    left_out.append(LeftOut("basis", basis, reason))
    return None


def _readings(
    score: Score, cases: Mapping[str, Case], benchmark: Benchmark, left_out: list[LeftOut]
) -> dict[str, dict[str, Readings]]:
    """The readings of each weighting, on paper and, where it can be traded, net."""
    try:
        scored = score_variants(cases).variants
        return {each.name: {"paper": each.paper, "net": each.net} for each in scored}
    except RulesError as error:
        if len(cases) > 1:  # one weighting may buy what the rules do not know, another not
            each = (_readings(score, {n: c}, benchmark, left_out) for n, c in cases.items())
            return {name: stages for found in each for name, stages in found.items()}
        gone = LeftOut("stage", "net", f"no net basket: {error}")
        if gone not in left_out:
            left_out.append(gone)
    axis, when = score.axis, score.when
    against, _ = benchmark_returns(score.case.panel, benchmark, axis, when.price)
    horizon, found = Horizon.on(axis, when.windows), dict[str, dict[str, Readings]]()
    for name, case in cases.items():
        weights = decide_weights(case.thesis, case.strategy, case.panel, when)
        held = hold_names(case, weights, axis, benchmark.basis)
        found[name] = {"paper": read_excess(held.path, against, horizon, case.thesis.scale)}
    return found


@dataclass(frozen=True)
class BestName:
    """The name that did most for the excess.

    Attributes
    ----------
    code, contribution
        Of the name with the largest active contribution ``w_i * (r_i - R_b)`` in the direction of
        the excess, which those of all names sum to; None where the headline is not known.
    share
        That over the excess: above 1 where the others together took away from it. None, with the
        reason, where the excess is under a point.
    """

    code: str | None
    contribution: float | None
    share: float | None
    reason: str | None = None


def best_name(score: Score) -> BestName | None:
    """The share of the headline's excess from its single best name; None where none was bought.

    Of an excess below zero it is the name that took most away.
    """
    headline = score.paper.headline if score.paper is not None else None
    held = [name for name in score.names if name.weight > 0]
    if not held:
        return None
    if headline is None:
        return BestName(None, None, None, "the headline is not known")
    sign = 1.0 if headline.excess >= 0 else -1.0
    active = {
        name.code: name.weight * (returned - headline.benchmark)
        for name in held
        if (returned := name.returns[HEADLINE]) is not None
    }
    code = max(active, key=lambda each: sign * active[each])
    if abs(headline.excess) < LEAST_EXCESS:
        reason = f"the excess is {headline.excess:+.2%}, under a point: a share of it says nothing"
        return BestName(code, active[code], None, reason)
    return BestName(code, active[code], active[code] / headline.excess)
