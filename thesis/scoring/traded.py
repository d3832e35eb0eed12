"""The net basket's score: what a reader could have had, and where the paper return went."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from thesis.errors import Caution
from thesis.market.benchmark import Basis, Benchmark
from thesis.scoring.basket import Held
from thesis.scoring.leg import Bar
from thesis.scoring.names import ByReading
from thesis.scoring.reading import HEADLINE, Horizon, read_excess
from thesis.scoring.score import Case, Traded
from thesis.trading.orders import Plan
from thesis.trading.simulation import simulate_orders

Floats = npt.NDArray[np.float64]

#: More than this share of the capital left uninvested by lots, and it is too small.
IDLE_CASH = 0.05


def trade(
    case: Case,
    held: Held,
    basis: Basis,
    benchmark: Benchmark,
    against: Floats,
    horizon: Horizon,
    bar: Bar,
) -> tuple[Traded, list[Caution]]:
    """Plan and book the orders, and score what they return.

    Raises
    ------
    RulesError
        If the dated rules have no answer for a name or session.
    """
    plan, ledger = simulate_orders(held.simulation, case.strategy, case.panel, basis)
    unknown = np.isnan(held.path)

    def masked(values: Floats) -> Floats:
        return np.where(unknown, np.nan, values)

    if unknown.any():
        bar = replace(bar, why_unknown=held.why_unknown(case.panel))
    codes = held.simulation.codes
    gains: dict[str, ByReading] = {
        code: horizon.read(np.where(held.known[:, column], ledger.gains[:, column], np.nan))
        for column, code in enumerate(codes)
    }
    traded = Traded(
        codes=codes,
        plan=plan,
        ledger=ledger,
        leg=bar.leg(benchmark, masked(ledger.net), against, horizon),
        executable=read_excess(masked(ledger.executable), against, horizon, case.thesis.scale),
        gains=gains,
        cash={key: None if horizon.read(masked(ledger.net))[key] is None else 0.0
              for key in [*horizon.rows, HEADLINE]},
        fees=horizon.read(masked(ledger.fee_drag)),
    )  # fmt: skip
    return traded, plan_cautions(case, held, plan)


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
