"""The paper basket's score: its leg, its names, its segments."""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from thesis.market.benchmark import Basis, Benchmark
from thesis.market.calendar import Dates, as_date
from thesis.market.panel import PricePanel
from thesis.scoring.fragility import Without, without_each
from thesis.scoring.leg import Bar, Leg
from thesis.scoring.names import ByReading, NameResult, Status, delisted_on, paper_status
from thesis.scoring.names import printed_name as name_of
from thesis.scoring.reading import HEADLINE, Horizon, Readings, read_excess
from thesis.scoring.score import Case, SegmentResult, Traded
from thesis.trading.simulation import Simulation, simulate_paper
from thesis.trading.weights import Weights

Floats = npt.NDArray[np.float64]

#: More than this share of the weight without data, and the basket is not scorable.
LOST_WEIGHT = 0.20


@dataclass(frozen=True, eq=False)
class Held:
    """A paper basket, the fate of its names, and how far its path is known.

    Attributes
    ----------
    weights
        As decided, before names without data left.
    known
        Shape (T, N): False after the last bar of a stale name.
    """

    weights: Weights
    simulation: Simulation
    statuses: dict[str, Status]
    known: npt.NDArray[np.bool_]

    @property
    def path(self) -> Floats:
        """Return of the basket, shape (T,); NaN where unknown or too little is left of it."""
        path, known = self.simulation.basket.path, self.whole
        scorable = self.simulation.codes and self.simulation.lost_weight <= LOST_WEIGHT + 1e-9
        return np.where(known, path, np.nan) if scorable else np.full(len(path), np.nan)

    @property
    def whole(self) -> npt.NDArray[np.bool_]:
        """Whether every name that has weight is known, shape (T,)."""
        carried = self.simulation.weight_vector() > 0
        return np.asarray(self.known[:, carried].all(axis=1), dtype=bool)

    def unknown(self, units: Floats) -> npt.NDArray[np.bool_]:
        """Sessions on which a traded basket's value is not known, shape (T,).

        Those of the paper basket, and those on which units are held of a name whose prices are not
        known: a rebalance may have bought what had no weight at the entry.

        Parameters
        ----------
        units
            Held of each name, shape (T, N).
        """
        held_blind = ((units != 0) & ~self.known).any(axis=1)
        return np.asarray(np.isnan(self.path) | held_blind, dtype=bool)

    def why_unknown(self, panel: PricePanel) -> str:
        """The reason the path is not known, in a sentence."""
        lost = self.simulation.lost_weight
        if lost > LOST_WEIGHT + 1e-9:
            missing = [code for code, status in self.statuses.items() if status == "no_data"]
            return (
                f"{lost:.0%} of the weight has no prices ({', '.join(missing)}); "
                f"over {LOST_WEIGHT:.0%} the rest is no longer the thesis"
            )
        stale = [code for code, status in self.statuses.items() if status == "stale"]
        if stale:
            ends = ", ".join(f"{code} on {panel.last_bar(code)}" for code in stale)
            return f"prices end before the window: {ends}, without a known delisting"
        return "prices end before the window"


def hold_names(
    case: Case, weights: Weights, axis: Dates, basis: Basis, codes: tuple[str, ...] | None = None
) -> Held:
    """Buy and hold the names of a thesis on paper."""
    codes = case.thesis.codes if codes is None else codes
    simulation = simulate_paper(codes, weights, case.panel, axis, case.strategy.entry, basis)
    first, end = as_date(axis[0]), as_date(axis[-1])
    statuses: dict[str, Status] = {}
    known = np.ones((len(axis), len(simulation.codes)), dtype=bool)
    for code in codes:
        if code not in simulation.codes:
            statuses[code] = "no_data"
            continue
        status = paper_status(case.panel, code, simulation.entry_session(code), first, end)
        statuses[code] = status
        if status == "stale":
            column = simulation.codes.index(code)
            known[:, column] = axis <= np.datetime64(_last_bar(case.panel, code))
    return Held(weights, simulation, statuses, known)


def basket_leg(
    case: Case, held: Held, benchmark: Benchmark, against: Floats, horizon: Horizon, bar: Bar
) -> Leg:
    """The leg of a paper basket."""
    path = held.path
    if np.isnan(path).any():
        bar = replace(bar, why_unknown=held.why_unknown(case.panel))
    return bar.leg(benchmark, path, against, horizon)


def name_results(
    case: Case, held: Held, horizon: Horizon, traded: Traded | None
) -> tuple[NameResult, ...]:
    """Every name of the thesis, in its order."""
    thesis, simulation = case.thesis, held.simulation
    unknown: ByReading = dict.fromkeys([*horizon.rows, HEADLINE])
    results = []
    for code in thesis.codes:
        entry, returns, contribution, weight = None, unknown, unknown, 0.0
        if code in simulation.codes:
            column = simulation.codes.index(code)
            entry = simulation.entry_session(code)
            weight = simulation.weights.total[code]
            values = simulation.basket.returns[:, column]
            returns = horizon.read(np.where(held.known[:, column], values, np.nan))
            contribution = {key: None if r is None else weight * r for key, r in returns.items()}
        results.append(
            NameResult(
                code=code,
                name=name_of(thesis, code),
                segments=tuple(s.id for s in thesis.segment if any(p.code == code for p in s.pick)),
                basis=thesis.ground(code),
                status=held.statuses[code],
                net_status=_net_status(
                    code, weight, traded, as_date(simulation.axis[0]), case.strategy.max_wait
                ),
                entry_session=entry,
                weight=weight,
                returns=returns,
                contribution=contribution,
                net_contribution=traded.gains.get(code, unknown) if traded else unknown,
            )
        )
    return tuple(results)


def segment_results(
    case: Case, held: Held, against: Floats, horizon: Horizon, basis: Basis
) -> tuple[SegmentResult, ...]:
    """Every segment of the thesis, in its order."""
    scale = case.thesis.scale
    unknown: ByReading = dict.fromkeys([*horizon.rows, HEADLINE])
    results = []
    for segment in case.thesis.segment:
        codes = tuple(pick.code for pick in segment.pick)
        status, readings, contribution = "no_names", None, unknown
        without: tuple[Without, ...] = ()
        if codes:
            alone = Weights({segment.id: dict.fromkeys(codes, 1 / len(codes))})
            own = hold_names(case, alone, held.simulation.axis, basis, codes)
            readings = read_excess(own.path, against, horizon, scale)
            contribution = _segment_contribution(segment.id, held, horizon)
            without = leave_one_out(own, against, horizon, case)
            status = "scored" if readings[HEADLINE] is not None else "unknown"
            if not own.simulation.codes:
                status = "no_data"
        results.append(
            SegmentResult(
                segment.id,
                segment.name,
                segment.name_zh,
                tuple(dict.fromkeys(pick.basis for pick in segment.pick)),
                status,
                readings,
                contribution,
                without,
            )
        )
    return tuple(results)


def leave_one_out(held: Held, against: Floats, horizon: Horizon, case: Case) -> tuple[Without, ...]:
    """The headline without each name in turn; empty where it is unknown or there is one name."""
    simulation = held.simulation
    benchmark = horizon.read(against)[HEADLINE]
    if len(simulation.codes) < 2 or np.isnan(held.path[horizon.window or slice(None)]).any():
        return ()
    means = [horizon.read(column)[HEADLINE] for column in simulation.basket.returns.T]
    if benchmark is None or any(mean is None for mean in means):
        return ()
    excesses = without_each(simulation.weight_vector(), np.array(means, dtype=float), benchmark)
    return tuple(
        Without(code, float(excess), case.thesis.scale.earned(float(excess)))
        for code, excess in zip(simulation.codes, excesses, strict=True)
        if not np.isnan(excess)
    )


def at_zero(case: Case, held: Held, against: Floats, horizon: Horizon) -> Readings | None:
    """The readings had every delisted name gone to nothing; None where none was delisted."""
    gone = [code for code, status in held.statuses.items() if status == "delisted"]
    if not gone or np.isnan(held.path).all():
        return None
    simulation = held.simulation
    returns = simulation.basket.returns.copy()
    for code in gone:
        day = delisted_on(case.panel, code)
        if day is not None:
            returns[simulation.axis >= np.datetime64(day), simulation.codes.index(code)] = -1.0
    path = np.where(held.whole, returns @ simulation.weight_vector(), np.nan)
    return read_excess(path, against, horizon, case.thesis.scale)


def _segment_contribution(segment: str, held: Held, horizon: Horizon) -> ByReading:
    given = held.simulation.weights.by_segment.get(segment, {})
    returns = held.simulation.basket.returns
    total, known = np.zeros(len(returns)), np.ones(len(returns), dtype=bool)
    for code, weight in given.items():
        column = held.simulation.codes.index(code)
        total = total + weight * returns[:, column]
        known &= held.known[:, column]
    return horizon.read(np.where(known, total, np.nan))


def _net_status(
    code: str, weight: float, traded: Traded | None, first: dt.date, patience: int
) -> str | None:
    if traded is None:
        return None
    if code not in traded.codes:
        return "no_data"
    if code in traded.plan.too_dear:
        return "too_dear"
    for order in traded.plan.orders:
        if order.code == code:
            if traded.ledger.units[-1, traded.codes.index(code)] == 0:
                return "sold"
            return "held" if order.session == first else "entered_late"
    if weight == 0:
        return "not_weighted"
    over = len(traded.ledger.sessions) > patience
    return "never_entered" if over or code in traded.plan.given_up else "waiting"


def _last_bar(panel: PricePanel, code: str) -> dt.date:
    last = panel.last_bar(code)
    if last is None:
        raise AssertionError(f"{code} has bars")
    return last
