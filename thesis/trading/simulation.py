"""One thesis, one strategy, one panel: the basket on paper, and the orders of it as traded."""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from thesis.market.benchmark import Basis, levels
from thesis.market.calendar import Dates, Timing, as_date, sessions
from thesis.market.panel import PricePanel
from thesis.research.security import parse_security
from thesis.research.thesis import Thesis
from thesis.trading.ledger import Ledger, keep_ledger
from thesis.trading.orders import Market, Plan, plan_entry
from thesis.trading.paper import PaperBasket, hold
from thesis.trading.strategy import Strategy
from thesis.trading.weights import Weights, weigh

Floats = npt.NDArray[np.float64]

FACTOR: dict[Basis, str] = {"total": "factor", "price": "share_factor"}


@dataclass(frozen=True, eq=False)
class Simulation:
    """What a strategy does with a thesis.

    Attributes
    ----------
    axis
        Sessions from the entry to the last that could be known, shape (T,).
    codes
        The names with bars, in thesis order; N of them.
    weights
        Of those names, reweighted for names without data.
    lost_weight
        Weight of the names without data, before reweighting.
    """

    axis: Dates
    codes: tuple[str, ...]
    weights: Weights
    lost_weight: float
    basket: PaperBasket

    def weight_vector(self) -> Floats:
        """Weight of each name, shape (N,)."""
        total = self.weights.total
        return np.array([total[code] for code in self.codes])

    def entry_session(self, code: str) -> dt.date | None:
        """The session on which the paper basket bought a name; None if never."""
        row = int(self.basket.entry_rows[self.codes.index(code)])
        return as_date(self.axis[row]) if row >= 0 else None


def decide_weights(
    thesis: Thesis, strategy: Strategy, panel: PricePanel, timing: Timing
) -> Weights:
    """The weights, decided on bars that had ended before publication."""
    known = timing.known or dt.date.min  # before the first session nothing was known

    def history() -> PricePanel:
        return replace(panel.up_to(known).select(thesis.codes), cautions=())

    return weigh(thesis, strategy.weights, history)


def session_axis(start: dt.date, end: dt.date) -> Dates:
    """Every session between two days, both included."""
    days = sessions()
    return days[(days >= np.datetime64(start)) & (days <= np.datetime64(end))]


def simulate_paper(
    codes: tuple[str, ...],
    weights: Weights,
    panel: PricePanel,
    axis: Dates,
    price: str,
    basis: Basis,
) -> Simulation:
    """The paper basket of the names that have bars.

    Parameters
    ----------
    codes
        Every name of the thesis, in its order.
    price
        ``open`` or ``close``.
    """
    have = tuple(code for code in codes if code in panel)
    total = weights.total
    kept = weights.keep(have)
    adjustment = _grid(panel, FACTOR[basis], have, axis)
    vector = (
        np.array([kept.total[code] for code in have]) if kept.by_segment else np.zeros(len(have))
    )
    basket = hold(
        _grid(panel, price, have, axis) * adjustment,
        _grid(panel, "close", have, axis) * adjustment,
        vector,
    )
    return Simulation(
        axis=axis,
        codes=have,
        weights=kept,
        lost_weight=sum(weight for code, weight in total.items() if code not in have),
        basket=basket,
    )


def simulate_orders(
    simulation: Simulation, strategy: Strategy, panel: PricePanel, basis: Basis
) -> tuple[Plan, Ledger]:
    """Plan and book the orders of a simulation.

    Raises
    ------
    RulesError
        If the dated rules have no answer for a name or session.
    """
    codes, axis = simulation.codes, simulation.axis
    market = Market(
        sessions=axis,
        securities=[parse_security(code) for code in codes],
        fill=_grid(panel, strategy.entry, codes, axis),
        costs=strategy.costs != "none",
        whole_lots=strategy.lots == "exchange",
    )
    plan = plan_entry(market, simulation.weight_vector(), strategy.capital, strategy.max_wait)
    adjustment = _grid(panel, FACTOR[basis], codes, axis)
    return plan, keep_ledger(plan, market, adjustment, _grid(panel, "close", codes, axis))


def _grid(panel: PricePanel, name: str, codes: tuple[str, ...], axis: Dates) -> Floats:
    if not codes:
        return np.empty((len(axis), 0))
    return np.stack([levels(panel, name, code, axis) for code in codes], axis=1)
