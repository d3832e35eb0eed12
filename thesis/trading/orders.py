"""The order planner: target weights to share counts under lots, cash and fees.

What is planned here is what vectorbt executes, share for share.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from thesis.market.calendar import Dates, as_date
from thesis.market.rules import LOTS, NO_FEES, FeeRates, fee_rates
from thesis.research.security import Security

Floats = npt.NDArray[np.float64]

NO_BAR = "no bar that session (suspended or not listed)"


@dataclass(frozen=True)
class Order:
    """An executed order, in raw shares and raw CNY.

    Attributes
    ----------
    fees
        All fees of the order, CNY, each part rounded to the cent.
    """

    code: str
    session: dt.date
    side: Literal["buy", "sell"]
    shares: float
    price: float
    fees: float

    @property
    def amount(self) -> float:
        """Shares times price, CNY."""
        return self.shares * self.price


@dataclass(frozen=True)
class Wait:
    """A session on which an order could not be filled, and why."""

    code: str
    session: dt.date
    reason: str


@dataclass(frozen=True)
class Plan:
    """The orders of a strategy on a panel.

    Attributes
    ----------
    given_up
        Codes whose buy failed on every session it was allowed.
    too_dear
        Codes whose slice of the capital buys no lot.
    least_capital
        The smallest capital, in CNY, that buys at least one lot of every name that could be
        bought; None if none could.
    """

    orders: tuple[Order, ...] = ()
    waits: tuple[Wait, ...] = ()
    given_up: tuple[str, ...] = ()
    too_dear: tuple[str, ...] = ()
    least_capital: float | None = None
    capital: float = 0.0

    @property
    def spent(self) -> float:
        """Amounts and fees of all buys, CNY."""
        return sum(order.amount + order.fees for order in self.orders if order.side == "buy")


@dataclass(frozen=True)
class Market:
    """What an order meets: raw fill prices and the rules of the day.

    Attributes
    ----------
    sessions
        Shape (T,), row 0 the entry session.
    fill
        Raw fill prices, shape (T, N); NaN where the name has no bar.
    costs
        Whether fees are charged.
    whole_lots
        False buys fractions of a share.
    """

    sessions: Dates
    securities: Sequence[Security]
    fill: Floats
    costs: bool = True
    whole_lots: bool = True
    _minimum: Floats = field(init=False, repr=False)
    _step: Floats = field(init=False, repr=False)

    def __post_init__(self) -> None:
        lots = [LOTS[security.board] for security in self.securities]
        object.__setattr__(self, "_minimum", np.array([lot.minimum for lot in lots], dtype=float))
        object.__setattr__(self, "_step", np.array([lot.step for lot in lots], dtype=float))

    def rates(self, row: int) -> list[FeeRates]:
        """Fee rates of each name on a session.

        Raises
        ------
        RulesError
            If the dated rules have no answer for a name.
        """
        if not self.costs:
            return [NO_FEES] * len(self.securities)
        day = as_date(self.sessions[row])
        return [fee_rates(security, day) for security in self.securities]

    def buying_fees(self, row: int, amounts: Floats) -> Floats:
        """Fees of buying each name for an amount, shape (N,)."""
        return _each(self.rates(row), amounts, "buy")

    def selling_fees(self, row: int, amounts: Floats) -> Floats:
        """Fees of selling each name for an amount, shape (N,)."""
        return _each(self.rates(row), amounts, "sell")

    def largest_buy(self, row: int, budget: Floats) -> tuple[Floats, Floats]:
        """The largest legal count with shares x price + fees <= budget, and its fees.

        Parameters
        ----------
        budget
            CNY, shape (N,). Names without a fill price get 0 shares.
        """
        price = self.fill[row]
        if not self.whole_lots:
            room = budget - self.buying_fees(row, budget)
            shares = np.nan_to_num(np.maximum(room, 0.0) / price)
            return shares, self.buying_fees(row, np.nan_to_num(shares * price))
        # Costs are whole cents, their floats are not: a budget met to the cent is enough.
        budget = budget + np.maximum(1e-7, 1e-14 * budget)
        shares = np.nan_to_num(np.floor(budget / price / self._step + 1e-9) * self._step)
        while True:
            shares = np.where(shares >= self._minimum, shares, 0.0)
            amount = np.nan_to_num(shares * price)
            fees = self.buying_fees(row, amount)
            over = (amount + fees > budget) & (shares > 0)
            if not over.any():
                return shares, fees
            # Take off what is surely too much at once (fees are under 5% of an amount), then steps.
            excess = np.where(over, amount + fees - budget, 0.0)
            steps = np.maximum(np.nan_to_num(np.floor(excess / (1.05 * price * self._step))), 1.0)
            shares = np.where(over, shares - steps * self._step, shares)

    def least_budget(self, row: int) -> Floats:
        """Cost of the smallest legal buy of each name, fees included; NaN without a price."""
        amount = self._minimum * self.fill[row] if self.whole_lots else 0.0 * self.fill[row]
        return np.asarray(amount + self.buying_fees(row, np.nan_to_num(amount)), dtype=float)


def plan_entry(market: Market, weights: Floats, capital: float, max_wait: int) -> Plan:
    """Buy each name for its slice of the capital, once, as soon as it can be bought.

    A buy that finds no bar waits: it may fail on `max_wait` sessions and fill on the next. Every
    name has its own slice, so the order of names changes nothing.

    Parameters
    ----------
    weights
        Shape (N,), summing to 1 or less.
    capital
        CNY.

    Raises
    ------
    RulesError
        If the dated rules have no answer for a name.
    """
    budget = weights * capital
    pending = weights > 0
    orders: list[Order] = []
    waits: list[Wait] = []
    too_dear: list[str] = []
    least = 0.0
    for row in range(min(max_wait + 1, len(market.sessions))):
        if not pending.any():
            break
        day = as_date(market.sessions[row])
        ready = pending & ~np.isnan(market.fill[row])
        if row < max_wait:
            waits += [
                Wait(market.securities[column].code, day, NO_BAR)
                for column in _where(pending & ~ready)
            ]
        if not ready.any():
            continue
        shares, fees = market.largest_buy(row, np.where(ready, budget, 0.0))
        with np.errstate(divide="ignore", invalid="ignore"):
            least = max(least, float(np.max((market.least_budget(row) / weights)[ready])))
        for column in _where(ready):
            code = market.securities[column].code
            if shares[column] == 0:
                too_dear.append(code)
                continue
            orders.append(
                Order(
                    code=code,
                    session=day,
                    side="buy",
                    shares=float(shares[column]),
                    price=float(market.fill[row, column]),
                    fees=float(fees[column]),
                )
            )
        pending = pending & ~ready
    return Plan(
        orders=tuple(orders),
        waits=tuple(waits),
        given_up=tuple(market.securities[column].code for column in _where(pending))
        if len(market.sessions) > max_wait
        else (),
        too_dear=tuple(too_dear),
        least_capital=round(least, 7) or None,
        capital=capital,
    )


def _each(rates: Sequence[FeeRates], amounts: Floats, side: Literal["buy", "sell"]) -> Floats:
    """Fees of every name, one array operation per distinct schedule."""
    fees = np.zeros(len(rates))
    for schedule in dict.fromkeys(rates):
        mine = np.array([rate == schedule for rate in rates])
        fees[mine] = getattr(schedule, side)(amounts[mine])
    return fees


def _where(mask: npt.NDArray[np.bool_]) -> list[int]:
    """Columns that are true."""
    return [int(column) for column in np.flatnonzero(mask)]
