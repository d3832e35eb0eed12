"""Strategies as portfolios: what each is asked to trade, on which conditions, and its books.

One strategy is one portfolio; the variants of a strategy are many, planned and booked in one go.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from thesis.errors import Caution, UsageError
from thesis.market.benchmark import Basis, Benchmark, close_levels, fill_levels
from thesis.market.calendar import Dates, Timing, as_date
from thesis.market.limits import price_limits
from thesis.market.panel import PricePanel
from thesis.research.security import parse_security
from thesis.research.thesis import Thesis
from thesis.trading.blotter import Blotter
from thesis.trading.conditions import Conditions
from thesis.trading.dividend_tax import DividendTax
from thesis.trading.dividends import dividends_per_unit
from thesis.trading.exits import Horizon, PriceExit, sale_row
from thesis.trading.ledger import Ledger, keep_ledger
from thesis.trading.mandate import Mandate
from thesis.trading.paper import carry_forward
from thesis.trading.planner import plan_orders
from thesis.trading.schedule import rebalance_rows
from thesis.trading.simulation import FACTOR, fill_prices, grid, known_names
from thesis.trading.strategy import Strategy, reweighed

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Assignment:
    """A strategy with its decisions made.

    Attributes
    ----------
    weights
        Target weights, shape (N,).
    entry
        Row of the entry session.
    close_out
        Row on which everything is sold; None for never.
    reweighed
        By row, weights of shape (N,) that hold from that rebalance on.
    """

    strategy: Strategy
    weights: Floats
    entry: int = 0
    close_out: int | None = None
    reweighed: dict[int, Floats] = field(default_factory=dict)

    @property
    def holds(self) -> bool:
        """Whether it buys once and holds, its waiting cash idle: the paper basket."""
        how = self.strategy
        plain = isinstance(how.exit_rule, Horizon) and how.cash == "zero"
        return plain and how.rebalance == "none"


def assign(
    thesis: Thesis,
    strategy: Strategy,
    panel: PricePanel,
    codes: Sequence[str],
    weights: Floats,
    axis: Dates,
    when: Timing,
) -> Assignment:
    """Make every decision a strategy has to make, each on bars that ended before its session.

    Parameters
    ----------
    weights
        Initial weights of `codes`, shape (N,).
    axis
        Consecutive sessions, shape (T,); the strategy's entry session is one of them.

    Raises
    ------
    UsageError
        If a strategy's own `reweigh` gives weights that cannot be.
    """
    entry = int(np.searchsorted(axis, np.datetime64(when.entry)))
    later: dict[int, Floats] = {}
    if strategy.decides_again:
        current = dict(zip(codes, weights.tolist(), strict=True))
        for row in np.flatnonzero(rebalance_rows(axis, strategy.rebalance, entry)):
            history = partial(known_names, panel, thesis, as_date(axis[row - 1]))
            current = reweighed(strategy, thesis, history, current)
            later[int(row)] = np.array([current[code] for code in codes])
    return Assignment(
        strategy=strategy,
        weights=weights,
        entry=entry,
        close_out=sale_row(strategy.exit_rule, axis, when.end, entry),
        reweighed=later,
    )


def trading_conditions(
    panel: PricePanel,
    codes: Sequence[str],
    axis: Dates,
    strategy: Strategy,
    basis: Basis,
    benchmark: Benchmark,
) -> tuple[Conditions, tuple[Caution, ...]]:
    """What the orders of a strategy meet.

    Returns
    -------
    conditions
    cautions
        What had to be assumed about listings and special treatment.

    Raises
    ------
    PricesError
        If a fill price is missing where there is a bar.
    RulesError
        If the dated rules have no limit for a name and session.
    """
    fill = fill_prices(panel, strategy.entry, codes, axis)
    limits: tuple[Floats, Floats] | None = None
    cautions: tuple[Caution, ...] = ()
    if strategy.limits == "exchange":
        found = price_limits(panel, codes, axis)
        limits, cautions = (found.upper, found.lower), found.notes
    cash = None
    if strategy.cash == "benchmark":
        cash = _standing_still(
            fill_levels(panel, benchmark, axis, strategy.entry),
            close_levels(panel, benchmark, axis),
        )
    conditions = Conditions.plain(
        axis,
        [parse_security(code) for code in codes],
        fill,
        grid(panel, "close", codes, axis),
        grid(panel, FACTOR[basis], codes, axis),
        limits,
        cash,
        costs=strategy.costs != "none",
        whole_lots=strategy.lots == "exchange",
    )
    more = {
        "dividend_tax": _tax(panel, codes, axis, strategy, basis),
        "delisted": _delisted(panel, codes, axis),
    }
    return replace(conditions, **more), cautions  # type: ignore[arg-type]  # by name, each its type


def _delisted(panel: PricePanel, codes: Sequence[str], axis: Dates) -> npt.NDArray[np.int64]:
    """Row from which each name is known to be delisted; T for none."""
    days = [x.delist_date if (x := panel.listings.get(code)) else None for code in codes]
    rows = [
        len(axis) if day is None else int(np.searchsorted(axis, np.datetime64(day))) for day in days
    ]
    return np.array(rows, dtype=np.int64)


def _tax(
    panel: PricePanel, codes: Sequence[str], axis: Dates, strategy: Strategy, basis: Basis
) -> DividendTax | None:
    if strategy.dividend_tax == "none":
        return None
    if basis == "price":
        raise UsageError(
            f"dividend_tax = 'individual': this is on price basis, which has no dividends to tax; "
            f"leave the tax out, or use basis total with the total-return index in {panel.origin}"
        )
    return DividendTax(axis, dividends_per_unit(panel, codes, axis))


def without_friction(conditions: Conditions) -> Conditions:
    """The same sessions and prices without limits, lots and fees."""
    wide = np.full(conditions.fill.shape, np.inf)
    return replace(
        conditions, upper=wide, lower=-wide, costs=False, whole_lots=False, dividend_tax=None
    )


def trade(
    conditions: Conditions, assignments: Sequence[Assignment], *, patient: bool = False
) -> tuple[Blotter, Ledger]:
    """Plan and book the orders of some strategies that trade on the same conditions.

    Parameters
    ----------
    patient
        Buys wait until they can, whatever the strategies allow.

    Raises
    ------
    RulesError
        If the dated rules have no fees for a name and session.
    """
    axis = conditions.sessions
    ever = len(axis)
    blotter = plan_orders(
        conditions,
        Mandate(
            weights=np.stack([each.weights for each in assignments]),
            capital=np.array([each.strategy.capital for each in assignments], dtype=float),
            entry=np.array([each.entry for each in assignments], dtype=np.int64),
            rebalance=np.stack(
                [rebalance_rows(axis, a.strategy.rebalance, a.entry) for a in assignments]
            ),
            close_out=np.array(
                [ever if each.close_out is None else each.close_out for each in assignments],
                dtype=np.int64,
            ),
            max_wait=np.array(
                [ever if patient else each.strategy.max_wait for each in assignments],
                dtype=np.int64,
            ),
            stops={
                number: stop
                for number, each in enumerate(assignments)
                if isinstance(stop := each.strategy.exit_rule, PriceExit)
            },
            reweighed=_reweighed(assignments),
        ),
    )
    return blotter, keep_ledger(blotter)


def _reweighed(assignments: Sequence[Assignment]) -> dict[int, Floats]:
    """By row, the weights of all portfolios from that rebalance on."""
    current = np.stack([each.weights for each in assignments])
    found: dict[int, Floats] = {}
    for row in sorted({row for each in assignments for row in each.reweighed}):
        current = np.stack(
            [each.reweighed.get(row, current[n]) for n, each in enumerate(assignments)]
        )
        found[row] = current
    return found


def _standing_still(fill: Floats, close: Floats) -> tuple[Floats, Floats]:
    """Levels of an index that stay at its last close where they end: no excess is known there."""
    closes = carry_forward(close[:, None])[:, 0]
    ended = np.isnan(close)
    before = np.concatenate([closes[:1], closes[:-1]])
    return np.where(ended | np.isnan(fill), before, fill), closes
