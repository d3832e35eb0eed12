"""Many strategies of one thesis at once: planned together, booked together, each read on its own.

Strategies that trade at the same price under the same rules share one set of conditions, so their
orders are planned in one go and executed in one call, a group of columns each.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from thesis.errors import Caution, NotScorableError, UsageError
from thesis.market.benchmark import Benchmark, benchmark_returns, choose_benchmark
from thesis.market.calendar import Dates, Timing
from thesis.research.rating import RatingScale
from thesis.scoring.assess import known_axis, require_start, timing_of
from thesis.scoring.basket import Held, hold_names
from thesis.scoring.reading import Horizon, Readings, read_excess
from thesis.scoring.score import Case
from thesis.scoring.traded import plan_cautions
from thesis.trading.blotter import Blotter
from thesis.trading.ledger import Ledger
from thesis.trading.orders import Plan
from thesis.trading.portfolio import assign, trade, trading_conditions
from thesis.trading.simulation import decide_weights
from thesis.trading.strategy import Strategy

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Basis:
    """What a strategy is read on: its own sessions, paper basket and benchmark.

    Strategies that differ in what they trade alone share one.

    Attributes
    ----------
    against
        Return of the benchmark since the entry, shape (T,).
    """

    axis: Dates
    held: Held
    against: Floats
    horizon: Horizon
    scale: RatingScale
    cautions: tuple[Caution, ...]

    @cached_property
    def weights(self) -> Floats:
        """Initial weight of each name, shape (N,)."""
        return self.held.simulation.weight_vector()

    @cached_property
    def paper(self) -> Readings:
        """Readings of the paper basket."""
        return self.read(self.held.path)

    def read(self, path: Floats) -> Readings:
        """Readings of a path of returns since the entry."""
        return read_excess(path, self.against, self.horizon, self.scale)


@dataclass(frozen=True, eq=False)
class Batch:
    """Strategies that traded under the same conditions.

    Attributes
    ----------
    names
        Of the strategies, V of them.
    codes
        Of the columns, N of them.
    ledger
        The books of all V.
    """

    names: tuple[str, ...]
    codes: tuple[str, ...]
    blotter: Blotter
    ledger: Ledger
    cautions: tuple[Caution, ...]

    @cached_property
    def net(self) -> Floats:
        """Net returns, shape (T, V)."""
        return self.ledger.net

    @cached_property
    def executable(self) -> Floats:
        """Returns without fees, shape (T, V)."""
        return self.ledger.executable

    @cached_property
    def orders(self) -> npt.NDArray[np.int64]:
        """How many orders were filled, shape (V,)."""
        return np.asarray(np.count_nonzero(self.blotter.shares, axis=(0, 2)), dtype=np.int64)


@dataclass(frozen=True, eq=False)
class Variant:
    """One strategy of several, scored; its readings are those of a backtest of it alone."""

    name: str
    case: Case
    when: Timing
    basis: Basis
    batch: Batch

    @property
    def paper(self) -> Readings:
        """Readings of the paper basket."""
        return self.basis.paper

    @cached_property
    def executable(self) -> Readings:
        """Readings of the fills with every fee zero."""
        return self._read(self.batch.executable)

    @cached_property
    def net(self) -> Readings:
        """Readings of the fills after fees."""
        return self._read(self.batch.net)

    @property
    def cautions(self) -> list[Caution]:
        """What a reader must know of its orders."""
        return plan_cautions(self.case, self.basis.held, self.plan)

    @property
    def orders(self) -> int:
        """How many orders were filled."""
        return int(self.batch.orders[self._number])

    @property
    def invested(self) -> float:
        """What its entry orders cost, over its capital."""
        return float(self.batch.blotter.spent[self._number]) / self.strategy.capital

    @property
    def too_dear(self) -> tuple[str, ...]:
        """Codes whose slice of its capital buys no lot."""
        blotter, number = self.batch.blotter, self._number
        never = blotter.too_dear[number] & ~(blotter.shares[:, number] > 0).any(axis=0)
        return tuple(c for c, yes in zip(self.batch.codes, never, strict=True) if yes)

    @cached_property
    def plan(self) -> Plan:
        """Its orders and waits."""
        return self.batch.blotter.plan(self._number)

    @property
    def strategy(self) -> Strategy:
        """The strategy."""
        return self.case.strategy

    def _read(self, paths: Floats) -> Readings:
        return self.basis.read(np.where(self._unknown, np.nan, paths[self._since, self._number]))

    @cached_property
    def _unknown(self) -> npt.NDArray[np.bool_]:
        return self.basis.held.unknown(self.batch.ledger.units[self._since, self._number])

    @cached_property
    def _number(self) -> int:
        return self.batch.names.index(self.name)

    @property
    def _since(self) -> slice:
        return slice(int(self.batch.blotter.entry[self._number]), None)


@dataclass(frozen=True, eq=False)
class Variants:
    """Strategies of one thesis, scored.

    Attributes
    ----------
    variants
        In the order given.
    batches
        One for each set of trading conditions among them.
    cautions
        What a reader must know of the prices and benchmarks of all.
    """

    variants: tuple[Variant, ...]
    batches: tuple[Batch, ...]
    cautions: tuple[Caution, ...]


def score_variants(cases: Mapping[str, Case]) -> Variants:
    """Score the same thesis on the same prices under several strategies.

    Parameters
    ----------
    cases
        By name; they differ in their strategies alone.

    Raises
    ------
    NotScorableError
        If the thesis calls no names, or a strategy enters after the window.
    PricesError, RulesError
        As `thesis.scoring.assess.score_thesis`, but for every strategy alike.
    """
    first = next(iter(cases.values()))
    thesis, panel = first.thesis, first.panel
    have = tuple(code for code in thesis.codes if code in panel)
    if not have:
        raise NotScorableError(f"{thesis.id}: there are no names with prices to trade")
    benchmark, cautions = choose_benchmark(panel, thesis.scale.benchmark, have, first.basis)
    entries = {(c.strategy.entry, c.strategy.delay): c for c in cases.values()}
    entered = {entry: timing_of(case) for entry, case in entries.items()}
    timings = {n: entered[c.strategy.entry, c.strategy.delay] for n, c in cases.items()}
    bases: dict[object, Basis] = {}
    own = {name: _basis(case, timings[name], benchmark, bases) for name, case in cases.items()}
    groups: dict[object, list[str]] = {}
    for name, case in cases.items():
        how = case.strategy
        key = (how.entry, how.costs, how.lots, how.limits, how.cash, how.dividend_tax)
        groups.setdefault(key, []).append(name)
    batches = [_trade(names, cases, timings, own, have, benchmark) for names in groups.values()]
    home = {name: batch for batch in batches for name in batch.names}
    variants = tuple(
        Variant(name, case, timings[name], own[name], home[name]) for name, case in cases.items()
    )
    cautions = [*panel.cautions, *cautions, *(c for each in own.values() for c in each.cautions)]
    cautions += [caution for batch in batches for caution in batch.cautions]
    return Variants(variants, tuple(batches), tuple(dict.fromkeys(cautions)))


def _trade(
    names: Sequence[str],
    cases: Mapping[str, Case],
    timings: Mapping[str, Timing],
    own: Mapping[str, Basis],
    codes: tuple[str, ...],
    benchmark: Benchmark,
) -> Batch:
    """Trade the strategies that share conditions, from the earliest entry among them."""
    axis = max((own[name].axis for name in names), key=len)
    case = cases[names[0]]
    conditions, assumed = trading_conditions(
        case.panel, codes, axis, case.strategy, benchmark.basis, benchmark
    )
    assignments = [
        assign(
            case.thesis,
            cases[name].strategy,
            case.panel,
            codes,
            own[name].weights,
            axis,
            timings[name],
        )
        for name in names
    ]
    return Batch(tuple(names), codes, *trade(conditions, assignments), assumed)


def _basis(case: Case, when: Timing, benchmark: Benchmark, known: dict[object, Basis]) -> Basis:
    """A strategy's paper basket and benchmark; strategies that share them share the work."""
    how = case.strategy
    key = (how.entry, how.delay, how.weighting)
    if key in known:
        return known[key]
    axis = known_axis(case, when)
    if not len(axis):
        raise NotScorableError(
            f"{case.thesis.id}: with delay = {how.delay} the entry {when.entry} lies after the "
            "window or after today; a shorter delay enters before it"
        )
    require_start(case, when, [code for code in case.thesis.codes if code in case.panel])
    against, cautions = benchmark_returns(case.panel, benchmark, axis, when.price)
    weights = decide_weights(case.thesis, how, case.panel, when)
    held = hold_names(case, weights, axis, benchmark.basis)
    horizon = Horizon.on(axis, when.windows)
    known[key] = Basis(axis, held, against, horizon, case.thesis.scale, tuple(cautions))
    return known[key]


def named_strategies(given: object) -> dict[str, Strategy]:
    """Strategies by name, from a mapping or a sequence of them.

    Raises
    ------
    UsageError
        If there is none, or something else is among them.
    """
    if isinstance(given, Mapping):
        found = {str(name): each for name, each in given.items()}
    elif isinstance(given, Sequence) and not isinstance(given, str):
        found = {str(number): each for number, each in enumerate(given)}
    else:
        raise UsageError(
            f"strategies = {given!r}: give a list of Strategy objects, or a mapping of names"
        )
    for name, each in found.items():
        if not isinstance(each, Strategy):
            raise UsageError(f"strategies[{name!r}] = {each!r}: it is no Strategy")
    if not found:
        raise UsageError("strategies: give one at least")
    return found
