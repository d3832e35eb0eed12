"""The blotter: every order and wait of V portfolios over N names, as the planner writes it down."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.market.calendar import as_date
from thesis.trading.conditions import Conditions
from thesis.trading.orders import CAUSES, Order, Plan, Refusal, Side, Wait

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Delay:
    """An order that could not be filled on a session, as rows and columns.

    Attributes
    ----------
    waits_for
        Columns of the names whose waiting sales would have paid for a buy; empty where bar or limit
        is the reason.
    """

    row: int
    portfolio: int
    column: int
    side: Side
    waits_for: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Blotter:
    """What was traded.

    Attributes
    ----------
    capital
        CNY at the start, shape (V,).
    entry
        Row on which each portfolio begins, shape (V,).
    rebalanced
        Rows on which each portfolio returned to its weights, shape (V, T).
    shares
        Raw shares bought (positive) and sold (negative), shape (T, V, N); 0 without an order.
    units
        The same in total-return units, ``shares / factor``.
    fees
        CNY paid on each order, shape (T, V, N).
    causes
        Position in `CAUSES` of what each order was made for, shape (T, V, N).
    refusals
        Buys that were given up, on the last session they failed.
    given_up
        Names whose buy failed on every session it was allowed, shape (V, N).
    too_dear
        Names whose entry order was ready and bought no share, shape (V, N).
    ready
        Names whose entry order met a price it could fill at, shape (V, N).
    spent
        CNY that entry orders cost with their fees, shape (V,).
    least_capital
        The smallest capital that buys a lot of every name that could be bought, CNY, shape (V,);
        0 where none could.
    """

    conditions: Conditions
    capital: Floats
    entry: npt.NDArray[np.int64]
    rebalanced: Bools
    shares: Floats
    units: Floats
    fees: Floats
    causes: npt.NDArray[np.int8]
    delays: tuple[Delay, ...]
    refusals: tuple[Delay, ...]
    given_up: Bools
    too_dear: Bools
    ready: Bools
    spent: Floats
    least_capital: Floats

    @property
    def amounts(self) -> Floats:
        """CNY paid for shares (positive) and received for them (negative), shape (T, V, N)."""
        price = np.nan_to_num(self.conditions.fill)
        return np.asarray(self.shares * price[:, None, :], dtype=float)

    def plan(self, portfolio: int = 0) -> Plan:
        """The orders and waits of one portfolio, as nouns in the order they came."""
        on = self.conditions
        codes = [security.code for security in on.securities]
        shares = self.shares[:, portfolio]
        orders = [
            Order(
                code=codes[column],
                session=as_date(on.sessions[row]),
                side="buy" if shares[row, column] > 0 else "sell",
                shares=abs(float(shares[row, column])),
                price=float(on.fill[row, column]),
                fees=float(self.fees[row, portfolio, column]),
                cause=CAUSES[self.causes[row, portfolio, column]],
            )
            for row in np.flatnonzero(shares.any(axis=1))
            for column in _sells_first(shares[row])
        ]
        bought = (shares > 0).any(axis=0)
        least = float(self.least_capital[portfolio])
        return Plan(
            orders=tuple(orders),
            waits=tuple(self._wait(d, codes) for d in self.delays if d.portfolio == portfolio),
            refusals=tuple(
                Refusal(wait.code, wait.session, wait.reason)
                for wait in (
                    self._wait(d, codes) for d in self.refusals if d.portfolio == portfolio
                )
            ),
            given_up=_named(codes, self.given_up[portfolio] & ~bought),
            too_dear=_named(codes, self.too_dear[portfolio] & ~bought),
            least_capital=round(least, 7) or None,
            capital=float(self.capital[portfolio]),
            ready=_named(codes, self.ready[portfolio]),
            spent=float(self.spent[portfolio]),
            rebalances=tuple(as_date(day) for day in on.sessions[self.rebalanced[portfolio]]),
        )

    def _wait(self, delay: Delay, codes: list[str]) -> Wait:
        on = self.conditions
        if delay.waits_for:
            sellers = ", ".join(codes[column] for column in delay.waits_for)
            reason = f"its cash waits for the sale of {sellers}"
        else:
            reason = on.why_not(delay.row, delay.column, delay.side)
        return Wait(codes[delay.column], as_date(on.sessions[delay.row]), delay.side, reason)


def _sells_first(shares: Floats) -> list[int]:
    columns = np.flatnonzero(shares)
    return [int(column) for column in columns[np.argsort(shares[columns] > 0, kind="stable")]]


def _named(codes: list[str], mask: Bools) -> tuple[str, ...]:
    return tuple(code for code, yes in zip(codes, mask, strict=True) if yes)
