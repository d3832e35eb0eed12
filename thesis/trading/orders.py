"""Orders, and what came of them: fills, waits, and names that never got in."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Side = Literal["buy", "sell"]

#: What an order was made for.
Cause = Literal["entry", "rebalance", "exit"]
CAUSES: tuple[Cause, ...] = ("entry", "rebalance", "exit")


@dataclass(frozen=True)
class Order:
    """An executed order, in raw shares and raw CNY.

    Attributes
    ----------
    fees
        All fees of the order, CNY, each part rounded to the cent; with ``dividend_tax`` on, the
        tax withheld on its sale too.
    """

    code: str
    session: dt.date
    side: Side
    shares: float
    price: float
    fees: float
    cause: Cause = "entry"

    @property
    def amount(self) -> float:
        """Shares times price, CNY."""
        return self.shares * self.price


@dataclass(frozen=True)
class Wait:
    """A session on which an order could not be filled, and why."""

    code: str
    session: dt.date
    side: Side
    reason: str


@dataclass(frozen=True)
class Refusal:
    """A buy that was given up, on the last session it failed, and why it failed then."""

    code: str
    session: dt.date
    reason: str


@dataclass(frozen=True)
class Plan:
    """The orders of one portfolio.

    Attributes
    ----------
    refusals
        Buys that failed on every session they were allowed.
    given_up
        Codes among them that were never bought.
    too_dear
        Codes whose slice of the capital buys no lot.
    least_capital
        The smallest capital, in CNY, that buys at least one lot of every name that could be
        bought; None if none could.
    ready
        Codes whose entry order met a price it could fill at, whether or not it bought a lot.
    spent
        Amounts and fees of the entry orders, CNY.
    rebalances
        Sessions on which the portfolio returned to its weights, whether or not a lot was traded.
    """

    orders: tuple[Order, ...] = ()
    waits: tuple[Wait, ...] = ()
    refusals: tuple[Refusal, ...] = ()
    given_up: tuple[str, ...] = ()
    too_dear: tuple[str, ...] = ()
    least_capital: float | None = None
    capital: float = 0.0
    rebalances: tuple[dt.date, ...] = ()
    ready: tuple[str, ...] = ()
    spent: float = 0.0

    def never_bought(self, weights: Mapping[str, float]) -> list[str]:
        """The codes that were to be bought, could have been paid for, and never were."""
        bought = {order.code for order in self.orders} | set(self.too_dear)
        return [code for code, weight in weights.items() if weight > 0 and code not in bought]
