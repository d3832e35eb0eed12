"""The planner's own ledger: cash, units and value on every session, kept apart from vectorbt's.

Accounting is in total-return units: a unit is a share on adjusted prices (``shares / factor`` at
the fill), so dividends are reinvested on the ex-date: cash does not move then, and what a unit is
in raw shares (``units x factor``) grows by a fraction. Lots, limits and fees are computed on raw
shares and raw prices.

A ledger in real shares, whose dividends lie idle as cash, would differ
(`thesis.trading.dividends.cash_dividend_path` keeps one). Net return at the mean of the window, CNY
10,000,000, equal weights, prices to 2026-04-30, and the same after the tax of an individual::

                                         total return   real shares   with tax: total, real
    operators, as published 2024-10-13        11.38%        11.30%      11.32%   11.24%
    media_ai, as published 2024-10-13         29.28%        29.28%      29.27%   29.27%
    operators, had it been 2024-05-26         10.52%        10.32%      10.19%    9.98%

The third holds over a whole dividend season, the first over one ex-date.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from thesis.errors import VerificationError
from thesis.market.calendar import Dates
from thesis.trading.blotter import Blotter

Floats = npt.NDArray[np.float64]

#: Units below this share of the most ever held are float noise after a sale of everything.
DUST = 1e-9

#: CNY by which two reckonings of one tax may differ.
TAX_DIFFERS = 0.005


@dataclass(frozen=True, eq=False)
class Ledger:
    """What planned orders make of the capital, for one portfolio or for V of them.

    Shapes are of V portfolios; those of one lack the V.

    Attributes
    ----------
    capital
        CNY at the start, shape (V,).
    cash
        CNY after each session's orders, shape (T, V), with what it has earned.
    reserve
        Units of the index that cash is held in, shape (T, V); None where cash earns nothing.
    reserve_fill, reserve_close
        That index's levels at the fill and at the close, shape (T,).
    units
        Adjusted shares held, shape (T, V, N).
    marks
        Adjusted closes, carried over sessions without a bar, shape (T, 1, N); the first known close
        before it (nothing is held then).
    invested
        CNY paid for units less CNY received for them, without fees, shape (T, V, N).
    fees
        Fees paid so far, CNY, shape (T, V), with what they would have earned as cash.
    selling_fees
        Fees of selling each holding at that session's mark, CNY, shape (T, V, N).
    size, price, order_fees
        The orders, shape (T, V, N): units (NaN without an order), adjusted fill price, fees in CNY.
    """

    sessions: Dates
    capital: Floats
    cash: Floats
    reserve: Floats | None
    reserve_fill: Floats
    reserve_close: Floats
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
        """Value of each name at its mark, CNY, shape (T, V, N)."""
        return np.asarray(self.units * self.marks, dtype=float)

    @property
    def value(self) -> Floats:
        """Cash and holdings at their marks, CNY, shape (T, V)."""
        return np.asarray(self.cash + self.holdings.sum(axis=-1), dtype=float)

    @property
    def liquidation(self) -> Floats:
        """Value less the fees of selling everything that session, CNY, shape (T, V).

        Even of names that could not be sold that session: it is a mark, not a trade.
        """
        return np.asarray(self.value - self.selling_fees.sum(axis=-1), dtype=float)

    @property
    def net(self) -> Floats:
        """Return of the liquidation value on the capital, shape (T, V)."""
        return np.asarray(self.liquidation / self.capital - 1.0, dtype=float)

    @property
    def executable(self) -> Floats:
        """Return of exactly these fills with every fee zero, shape (T, V)."""
        return np.asarray((self.value + self.fees) / self.capital - 1.0, dtype=float)

    @property
    def gains(self) -> Floats:
        """Gain of each name before fees over the capital, shape (T, V, N)."""
        gained = self.holdings - self.invested
        return np.asarray(gained / np.expand_dims(self.capital, -1), dtype=float)

    @property
    def fee_drag(self) -> Floats:
        """Fees paid and fees of selling, over the capital, as a negative return, shape (T, V)."""
        paid = self.fees + self.selling_fees.sum(axis=-1)
        return np.asarray(-paid / self.capital, dtype=float)

    @property
    def interest(self) -> Floats:
        """What cash has earned, over the capital, shape (T, V): `net` less gains and fees."""
        return np.asarray(self.net - self.gains.sum(axis=-1) - self.fee_drag, dtype=float)

    def portfolio(self, number: int) -> "Ledger":
        """The books of one of the portfolios."""
        return replace(
            self,
            capital=self.capital[number],
            cash=self.cash[:, number],
            reserve=None if self.reserve is None else self.reserve[:, number],
            units=self.units[:, number],
            marks=self.marks[:, 0],
            invested=self.invested[:, number],
            fees=self.fees[:, number],
            selling_fees=self.selling_fees[:, number],
            size=self.size[:, number],
            price=self.price[:, 0],
            order_fees=self.order_fees[:, number],
        )


def keep_ledger(blotter: Blotter) -> Ledger:
    """Book every order of a blotter.

    Raises
    ------
    RulesError
        If the dated rules have no fees for a session.
    VerificationError
        If the tax on dividends comes out otherwise than planned.
    """
    on = blotter.conditions
    traded = blotter.shares != 0
    units = blotter.units.cumsum(axis=0)
    most = np.maximum.accumulate(np.abs(units), axis=0)
    units = np.where(np.abs(units) <= DUST * most, 0.0, units)
    amounts, fees = blotter.amounts, blotter.fees
    marks = on.marks[:, None, :]
    holdings = units * marks
    paid = fees.sum(axis=2)
    flows = amounts.sum(axis=2) + paid
    fill, close = on.cash_fill[:, None], on.cash_close[:, None]
    begun = np.arange(len(on.sessions))[:, None] >= blotter.entry
    first = on.cash_fill[np.minimum(blotter.entry, len(on.sessions) - 1)]
    reserve = np.where(begun, blotter.capital / first - (flows / fill).cumsum(axis=0), 0.0)
    earning = bool((on.cash_close != 1.0).any() or (on.cash_fill != 1.0).any())
    return Ledger(
        sessions=on.sessions,
        capital=blotter.capital,
        cash=np.where(begun, reserve * close, blotter.capital),
        reserve=reserve if earning else None,
        reserve_fill=on.cash_fill,
        reserve_close=on.cash_close,
        units=units,
        marks=marks,
        invested=amounts.cumsum(axis=0),
        fees=(paid / fill).cumsum(axis=0) * close,
        selling_fees=on.fees.sell_all(holdings) + _taxes_due(blotter),
        size=np.where(traded, blotter.units, np.nan),
        price=on.adjusted_fill[:, None, :],
        order_fees=fees,
    )


def _taxes_due(blotter: Blotter) -> Floats:
    """Tax on dividends had every holding been sold on each session, CNY, shape (T, V, N).

    Reckoned from the orders anew, and held against what the planner withheld on each sale.

    Raises
    ------
    VerificationError
        If the two differ.
    """
    on, tax = blotter.conditions, blotter.conditions.dividend_tax
    due = np.zeros(blotter.units.shape)
    if tax is None:
        return due
    amounts = np.abs(blotter.amounts)
    for portfolio, column in np.argwhere((blotter.units != 0).any(axis=0)):
        units = blotter.units[:, portfolio, column]
        rows = np.flatnonzero(units)
        fills = [(int(row), float(units[row])) for row in rows]
        paid, due[:, portfolio, column] = tax.on_fills(int(column), fills)
        for row in rows[units[rows] < 0]:
            charged = blotter.fees[row, portfolio, column]
            fee = on.fees.sell(int(row), amounts[row, portfolio])[column]
            if abs(charged - fee - paid[row]) > TAX_DIFFERS:
                raise VerificationError(
                    f"{on.securities[column].code} on {on.sessions[row]}: CNY {charged - fee:.2f} "
                    f"of dividend tax was withheld and {paid[row]:.2f} is due; please report this "
                    "as a defect"
                )
    return due
