"""The net basket's score: what a reader could have had, and where the paper return went."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from thesis.errors import Caution
from thesis.market.benchmark import Benchmark
from thesis.market.calendar import Timing
from thesis.scoring.basket import Held
from thesis.scoring.capacity import Capacity, Limited, capacity, unknown_capacity
from thesis.scoring.leg import Bar
from thesis.scoring.names import ByReading, delisted_on
from thesis.scoring.reading import Horizon, Readings, read_excess
from thesis.scoring.score import Case, Traded
from thesis.trading.conditions import Conditions
from thesis.trading.exits import OnDate
from thesis.trading.impact import ImpactModel, fills_of, first_limited, scaled_gains
from thesis.trading.ledger import Ledger
from thesis.trading.liquidity import read_liquidity
from thesis.trading.orders import Plan
from thesis.trading.portfolio import Assignment, assign, trading_conditions, without_friction
from thesis.trading.portfolio import trade as book_orders
from thesis.trading.simulation import grid

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
    unknown = held.unknown(ledger.units)

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
        at_zero=_at_zero(case, held, ledger, read),
    )
    traded = replace(traded, capacity=capacity_of(case, traded, when, horizon))
    return traded, [*assumed, *plan_cautions(case, held, plan), *_beyond(case, traded.capacity)]


def _at_zero(
    case: Case, held: Held, ledger: Ledger, read: Callable[[Floats], Readings]
) -> Readings | None:
    """The net readings had every delisted name still held gone to nothing; None without one."""
    gone = [code for code, status in held.statuses.items() if status == "delisted"]
    if not gone:
        return None
    net = ledger.net.copy()
    for code in gone:
        day, column = delisted_on(case.panel, code), held.simulation.codes.index(code)
        worth = ledger.holdings[:, column] - ledger.selling_fees[:, column]
        if day is not None:
            net -= np.where(ledger.sessions >= np.datetime64(day), worth / ledger.capital, 0.0)
    return read(net)


def capacity_of(case: Case, traded: Traded, when: Timing, horizon: Horizon) -> Capacity | None:
    """How large the strategy can grow; None where nothing was bought or the headline is unknown."""
    on, base, how = traded.conditions, float(traded.ledger.capital), case.strategy
    model = ImpactModel(how.impact, how.participation)
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
    if blind := _without_amounts(case, traded):
        reason = (
            f"{case.panel.origin} has no traded amounts of {', '.join(blind)}, without which the "
            "impact of orders is not known"
        )
        return unknown_capacity(traded.leg.headline.rating, case.thesis.scale, model, reason)
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


def _without_amounts(case: Case, traded: Traded) -> list[str]:
    """The traded names of which a bar lacks its amount."""
    on = traded.conditions
    amounts = grid(case.panel, "amount", traded.codes, on.sessions)
    lacking = np.asarray((on.has_bar & ~(amounts > 0)).any(axis=0))
    bought = {order.code for order in traded.plan.orders}
    return [c for c, no in zip(traded.codes, lacking, strict=True) if no and c in bought]


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
    capital, weights = case.strategy.capital, held.simulation.weights.total
    over = len(held.simulation.axis) > case.strategy.max_wait
    cautions = [
        Caution(
            "net_never_entered",
            f"{code}: {_why_never(case, plan, code)}; {weights[code]:.1%} of the capital was meant "
            "for it in the net basket",
        )
        for code in plan.never_bought(weights)
        if over
    ]
    cautions += [
        Caution(
            "net_buy_given_up",
            f"{refusal.code}: a buy at a rebalance failed on {_sessions(case)}, the last time on "
            f"{refusal.session} ({refusal.reason}), and was given up until the next",
        )
        for refusal in plan.refusals
        if refusal.code not in plan.given_up
    ]
    idle = sum(weights[code] for code in plan.ready) - plan.spent / capital
    if plan.least_capital and (plan.too_dear or idle > IDLE_CASH):
        skipped = f"; no lot of {', '.join(plan.too_dear)} could be bought" if plan.too_dear else ""
        least = f"{np.ceil(plan.least_capital):,.0f}"
        cautions.append(
            Caution(
                "capital_too_small",
                f"CNY {capital:,.0f} leaves {idle:.1%} of itself uninvested in names that could be "
                f"bought{skipped}; the smallest capital that holds every name is CNY {least}",
            )
        )
    rule, axis = case.strategy.exit_rule, held.simulation.axis
    if isinstance(rule, OnDate) and rule.row(axis) is None:
        cautions.append(
            Caution(
                "exit_after_the_end",
                f"the exit on {rule.day} lies after {axis[-1]}, the last session looked at: "
                "nothing is sold",
            )
        )
    return cautions


def _why_never(case: Case, plan: Plan, code: str) -> str:
    for refusal in plan.refusals:
        if refusal.code == code:
            return (
                f"its buy failed on {_sessions(case)}, the last time on {refusal.session} "
                f"({refusal.reason}), and was given up"
            )
    return "its buy never found a price it could fill at, and was never made"


def _sessions(case: Case) -> str:
    count = case.strategy.max_wait + 1
    return f"{count} sessions" if count > 1 else "its one session"


def _beyond(case: Case, found: Capacity | None) -> list[Caution]:
    """That the capital is more than the strategy can carry."""
    if found is None or found.capital is None or case.strategy.capital <= found.capital:
        return []
    return [
        Caution(
            "beyond_capacity",
            f"CNY {case.strategy.capital:,.0f} is more than the capacity of these orders, CNY "
            f"{found.capital:,.0f}: the net figures leave out what orders of that size would move",
        )
    ]
