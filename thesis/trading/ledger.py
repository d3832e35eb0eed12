"""The planner's own ledger: cash, units and value on every session, kept apart from vectorbt's.

Accounting is in total-return units: a unit is a share on adjusted prices (``shares / factor`` at
the fill), so dividends are reinvested on the ex-date. Lots and fees are computed on raw shares and
raw prices.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.market.calendar import Dates
from thesis.trading.orders import Market, Plan
from thesis.trading.paper import carry_forward

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Ledger:
    """What the planned orders make of the capital.

    Attributes
    ----------
    capital
        CNY at the start.
    cash
        CNY after each session's orders, shape (T,).
    units
        Adjusted shares held, shape (T, N).
    marks
        Adjusted closes, carried over sessions without a bar, shape (T, N); the first known close
        before it (nothing is held then).
    invested
        CNY paid for the units held, without fees, shape (T, N).
    fees
        Fees paid so far, CNY, shape (T,).
    selling_fees
        Fees of selling each holding at that session's mark, CNY, shape (T, N).
    size, price, order_fees
        The orders, shape (T, N): units (NaN without an order), adjusted fill price, fees in CNY.
    """

    capital: float
    sessions: Dates
    cash: Floats
    units: Floats
    marks: Floats
    invested: Floats
    fees: Floats
    selling_fees: Floats
    size: Floats
    price: Floats
    order_fees: Floats

    @property
    def holdings(self) -> Floats:
        """Value of each name at its mark, CNY, shape (T, N)."""
        return np.asarray(self.units * self.marks, dtype=float)

    @property
    def value(self) -> Floats:
        """Cash and holdings at their marks, CNY, shape (T,)."""
        return np.asarray(self.cash + self.holdings.sum(axis=1), dtype=float)

    @property
    def liquidation(self) -> Floats:
        """Value less the fees of selling everything that session, CNY, shape (T,)."""
        return np.asarray(self.value - self.selling_fees.sum(axis=1), dtype=float)

    @property
    def net(self) -> Floats:
        """Return of the liquidation value on the capital, shape (T,)."""
        return np.asarray(self.liquidation / self.capital - 1.0, dtype=float)

    @property
    def executable(self) -> Floats:
        """Return of exactly these fills with every fee zero, shape (T,)."""
        return np.asarray((self.value + self.fees) / self.capital - 1.0, dtype=float)

    @property
    def gains(self) -> Floats:
        """Gain of each name before fees over the capital, shape (T, N)."""
        return np.asarray((self.holdings - self.invested) / self.capital, dtype=float)

    @property
    def fee_drag(self) -> Floats:
        """Fees paid and fees of selling, over the capital, as a negative return, shape (T,)."""
        return np.asarray(-(self.fees + self.selling_fees.sum(axis=1)) / self.capital, dtype=float)


def keep_ledger(plan: Plan, market: Market, adjustment: Floats, close: Floats) -> Ledger:
    """Book a plan.

    Parameters
    ----------
    adjustment
        Cumulative factor of each bar, shape (T, N); NaN where there is no bar.
    close
        Raw closes, shape (T, N); NaN where there is no bar.

    Raises
    ------
    RulesError
        If the dated rules have no fees for a session.
    """
    days, names = close.shape
    columns = {security.code: column for column, security in enumerate(market.securities)}
    size = np.full((days, names), np.nan)
    price = np.full((days, names), np.nan)
    fees, amounts = np.zeros((days, names)), np.zeros((days, names))
    for order in plan.orders:
        row = int(np.searchsorted(market.sessions, np.datetime64(order.session)))
        column = columns[order.code]
        factor = adjustment[row, column]
        sign = 1.0 if order.side == "buy" else -1.0
        size[row, column] = sign * order.shares / factor
        price[row, column] = order.price * factor
        fees[row, column] = order.fees
        amounts[row, column] = sign * order.amount
    units = np.nan_to_num(size).cumsum(axis=0)
    marks = carry_forward(close * adjustment)
    known = ~np.isnan(marks)
    first = marks[known.argmax(axis=0), np.arange(names)]
    marks = np.where(known, marks, np.where(np.isnan(first), 1.0, first))
    holdings = units * marks
    return Ledger(
        capital=plan.capital,
        sessions=market.sessions,
        cash=plan.capital - (amounts + fees).sum(axis=1).cumsum(),
        units=units,
        marks=marks,
        invested=amounts.cumsum(axis=0),
        fees=fees.sum(axis=1).cumsum(),
        selling_fees=np.stack([market.selling_fees(r, holdings[r]) for r in range(days)]),
        size=size,
        price=price,
        order_fees=fees,
    )
