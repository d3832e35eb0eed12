"""The net basket's score: what a reader could have had, and where the paper return went."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from thesis.errors import Caution
from thesis.market.benchmark import Benchmark
from thesis.market.calendar import Timing
from thesis.scoring.basket import Held
from thesis.scoring.capacity import Capacity, Limited, capacity
from thesis.scoring.leg import Bar
from thesis.scoring.names import ByReading
from thesis.scoring.reading import Horizon, Readings, read_excess
from thesis.scoring.score import Case, Traded
from thesis.trading.conditions import Conditions
from thesis.trading.impact import ImpactModel, fills_of, first_limited, scaled_gains
from thesis.trading.liquidity import read_liquidity
from thesis.trading.orders import Plan
from thesis.trading.portfolio import Assignment, assign, trading_conditions, without_friction
from thesis.trading.portfolio import trade as book_orders

Floats = npt.NDArray[np.float64]

#: More than this share of the capital left uninvested by lots, and it is too small.
IDLE_CASH = 0.05


def trade(
    case: Case,
    held: Held,
    when: Timing,
    benchmark: Benchmark,
    against: Floats,
    horizon: Horizon,
    bar: Bar,
) -> tuple[Traded, list[Caution]]:
    """Plan and book the orders, and score what they return.

    Raises
    ------
    PricesError
        If a price that orders fill at is missing where there is a bar.
    RulesError
        If the dated rules have no answer for a name or session.
    """
    strategy, simulation = case.strategy, held.simulation
    codes, axis = simulation.codes, simulation.axis
    conditions, assumed = trading_conditions(
        case.panel, codes, axis, strategy, benchmark.basis, benchmark
    )
    weights = simulation.weight_vector()
    assignment = assign(case.thesis, strategy, case.panel, codes, weights, axis, when)
    blotter, books = book_orders(conditions, [assignment])
    plan, ledger = blotter.plan(), books.portfolio(0)
    unknown = np.isnan(held.path)

    def masked(values: Floats) -> Floats:
        return np.where(unknown, np.nan, values)

    def read(values: Floats) -> Readings:
        return read_excess(masked(values), against, horizon, case.thesis.scale)

    if unknown.any():
        bar = replace(bar, why_unknown=held.why_unknown(case.panel))
    gains: dict[str, ByReading] = {
        code: horizon.read(np.where(held.known[:, column], ledger.gains[:, column], np.nan))
        for column, code in enumerate(codes)
    }
    traded = Traded(
        codes=codes,
        conditions=conditions,
        plan=plan,
        ledger=ledger,
        leg=bar.leg(benchmark, masked(ledger.net), against, horizon),
        frictionless=read(_frictionless(held, conditions, assignment)),
        executable=read(ledger.executable),
        gains=gains,
        cash=horizon.read(masked(ledger.interest)),
        fees=horizon.read(masked(ledger.fee_drag)),
    )
    traded = replace(traded, capacity=capacity_of(case, traded, when, horizon))
    return traded, [*assumed, *plan_cautions(case, held, plan)]


def capacity_of(case: Case, traded: Traded, when: Timing, horizon: Horizon) -> Capacity | None:
    """How large the strategy can grow; None where nothing was bought or the headline is unknown."""
    on, base, model = traded.conditions, float(traded.ledger.capital), ImpactModel()
    fills = fills_of(traded.ledger.size, traded.ledger.price)
    if not fills or when.known is None or traded.leg.headline is None:
        return None
    found = read_liquidity(
        case.panel,
        traded.codes,
        on.sessions,
        on.adjusted_fill,
        on.marks,
        when.known,
        (on.may_buy, on.may_sell),
    )
    first = first_limited(fills, base, found.amounts, model.participation)
    return capacity(
        traded.leg.path,
        traded.leg.against,
        lambda scales: scaled_gains(fills, base, scales, found, model),
        horizon,
        case.thesis.scale,
        base,
        model,
        None if first is None else Limited(traded.codes[first[0]], first[1]),
    )


def _frictionless(held: Held, conditions: Conditions, assignment: Assignment) -> Floats:
    """Return of the strategy without limits, lots and fees, shape (T,).

    Of a basket that is bought and held, this is the paper basket: the same closed form.
    """
    if assignment.holds:
        return held.path
    _, books = book_orders(without_friction(conditions), [assignment], patient=True)
    return books.portfolio(0).net


def plan_cautions(case: Case, held: Held, plan: Plan) -> list[Caution]:
    """What a reader must know of the orders."""
    capital = case.strategy.capital
    weights = held.simulation.weights.total
    cautions = [
        Caution(
            "net_never_entered",
            f"{code}: its buy failed on {case.strategy.max_wait + 1} sessions and was given up; "
            f"{weights[code]:.1%} of the capital stays in cash in the net basket",
        )
        for code in plan.given_up
    ]
    meant = sum(weight for code, weight in weights.items() if code not in plan.given_up)
    idle = meant - plan.spent / capital
    waiting = len(held.simulation.axis) <= case.strategy.max_wait
    if plan.least_capital and (plan.too_dear or (idle > IDLE_CASH and not waiting)):
        skipped = f"; no lot of {', '.join(plan.too_dear)} could be bought" if plan.too_dear else ""
        least = f"{np.ceil(plan.least_capital):,.0f}"
        cautions.append(
            Caution(
                "capital_too_small",
                f"CNY {capital:,.0f} leaves {idle:.1%} uninvested{skipped}; the smallest capital "
                f"that holds every name is CNY {least}",
            )
        )
    return cautions
