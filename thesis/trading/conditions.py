"""What an order meets on its session: prices, price limits, lots and fees."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import numpy.typing as npt

from thesis.errors import RulesError
from thesis.market.calendar import Dates, as_date
from thesis.market.rules import LOTS, FeeTable, fee_table, holding_sessions
from thesis.research.security import Security
from thesis.trading.dividend_tax import DividendTax
from thesis.trading.paper import carry_forward

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Share counts within this of a whole number are one: 3,000 x 1.4 is 4,199.999... in floats.
COUNTING = 1e-9


@dataclass(frozen=True, eq=False)
class Conditions:
    """The conditions of trading N names on T sessions.

    Attributes
    ----------
    sessions
        Shape (T,), row 0 the first on which anything is traded.
    fill, close
        Raw prices orders fill at and raw closes, shape (T, N); NaN where the name has no bar.
    adjustment
        Cumulative factor of each bar, shape (T, N); NaN where there is no bar.
    upper, lower
        Limit prices, raw CNY, shape (T, N); infinite where a session has none.
    cash_fill, cash_close
        What a unit of cash is worth at the fill and at the close, shape (T,): ones, or the levels
        of the index that idle cash is held in.
    costs
        Whether fees are charged.
    whole_lots
        False trades fractions of a share.
    dividend_tax
        What is withheld on a sale for the dividends its shares brought; None for nothing.
    delisted
        Row from which each name is known to be delisted, shape (N,); T or more for none. None: no
        name is.
    """

    sessions: Dates
    securities: Sequence[Security]
    fill: Floats
    close: Floats
    adjustment: Floats
    upper: Floats
    lower: Floats
    cash_fill: Floats
    cash_close: Floats
    costs: bool = True
    whole_lots: bool = True
    dividend_tax: DividendTax | None = None
    delisted: npt.NDArray[np.int64] | None = None

    @classmethod
    def plain(
        cls,
        sessions: Dates,
        securities: Sequence[Security],
        fill: Floats,
        close: Floats | None = None,
        adjustment: Floats | None = None,
        limits: tuple[Floats, Floats] | None = None,
        cash: tuple[Floats, Floats] | None = None,
        *,
        costs: bool = True,
        whole_lots: bool = True,
    ) -> "Conditions":
        """Conditions of which only the fill prices need be given.

        By default names close at their fill prices, have no ex-dates and no price limits, and cash
        earns nothing.
        """
        wide = np.full(fill.shape, np.inf)
        upper, lower = (wide, -wide) if limits is None else limits
        idle = np.ones(len(sessions))
        cash_fill, cash_close = (idle, idle) if cash is None else cash
        return cls(
            sessions=sessions,
            securities=securities,
            fill=fill,
            close=fill if close is None else close,
            adjustment=np.where(np.isnan(fill), np.nan, 1.0) if adjustment is None else adjustment,
            upper=upper,
            lower=lower,
            cash_fill=cash_fill,
            cash_close=cash_close,
            costs=costs,
            whole_lots=whole_lots,
        )

    @cached_property
    def fees(self) -> FeeTable:
        """The dated fees.

        Raises
        ------
        RulesError
            If the dated rules have no answer for a name or session.
        """
        return fee_table(self.securities, self.sessions, costs=self.costs)

    @cached_property
    def marks(self) -> Floats:
        """Adjusted closes, carried over sessions without a bar, shape (T, N).

        The first known close stands before it (nothing is held then); 1 for a name without bars.
        """
        marks = carry_forward(self.adjusted_close)
        known = ~np.isnan(marks)
        first = marks[known.argmax(axis=0), np.arange(marks.shape[1])] if len(marks) else marks
        return np.where(known, marks, np.where(np.isnan(first), 1.0, first))

    @cached_property
    def adjusted_fill(self) -> Floats:
        """Adjusted fill prices, shape (T, N); NaN where there is no bar."""
        return np.asarray(self.fill * self.adjustment, dtype=float)

    @cached_property
    def adjusted_close(self) -> Floats:
        """Adjusted closes, shape (T, N); NaN where there is no bar."""
        return np.asarray(self.close * self.adjustment, dtype=float)

    @cached_property
    def has_bar(self) -> Bools:
        """Whether a name can be traded at all, shape (T, N)."""
        return ~np.isnan(self.adjusted_fill)

    @cached_property
    def gone(self) -> Bools:
        """Whether a name has been delisted, shape (T, N)."""
        if self.delisted is None:
            return np.zeros(self.fill.shape, dtype=bool)
        return np.asarray(np.arange(len(self.sessions))[:, None] >= self.delisted)

    @cached_property
    def may_buy(self) -> Bools:
        """A bar, and a fill price under the upper limit, shape (T, N)."""
        with np.errstate(invalid="ignore"):
            return self.has_bar & ~(self.fill >= self.upper)

    @cached_property
    def may_sell(self) -> Bools:
        """A bar, and a fill price over the lower limit, shape (T, N)."""
        with np.errstate(invalid="ignore"):
            return self.has_bar & ~(self.fill <= self.lower)

    @cached_property
    def _lots(self) -> tuple[Floats, Floats]:
        lots = [LOTS[security.board] for security in self.securities]
        return (
            np.array([lot.minimum for lot in lots], dtype=float),
            np.array([lot.step for lot in lots], dtype=float),
        )

    def check_settlement(self) -> None:
        """Refuse rules under which shares could not be sold on the session after they were bought.

        The planner sells only what was held when a session began: T+1, the rule of A-shares.

        Raises
        ------
        RulesError
            If the dated rules have another period, or none.
        """
        for security in self.securities:
            for day in (self.sessions[0], self.sessions[-1]):
                held = holding_sessions(security, as_date(day))
                if held != 1:
                    raise RulesError(
                        f"{security.code} on {day}: shares must be held for {held} sessions; "
                        "thesis trades under T+1 alone"
                    )

    def price_now(self, row: int) -> Floats:
        """What a holding is worth when orders fill, shape (N,): fill price, or the last mark."""
        before = self.marks[max(row - 1, 0)]
        return np.asarray(np.where(self.has_bar[row], self.adjusted_fill[row], before))

    def largest_buy(self, row: int, budget: Floats) -> tuple[Floats, Floats]:
        """The largest legal count with shares x price + fees <= budget, and its fees.

        Parameters
        ----------
        budget
            CNY, shape (..., N). Names without a fill price get 0 shares.
        """
        price = np.where(self.has_bar[row], self.fill[row], np.inf)
        if not self.whole_lots:
            shares = np.maximum(budget - self.fees.buy(row, budget), 0.0) / price
            return shares, self.fees.buy(row, shares * self._priced(row))
        minimum, step = self._lots
        # Costs are whole cents, their floats are not: a budget met to the cent is enough.
        budget = budget + np.where(budget > 0, np.maximum(1e-7, 1e-14 * budget), 0.0)
        shares = np.floor(budget / price / step + COUNTING) * step
        while True:
            shares = np.where(shares >= minimum, shares, 0.0)
            amount = shares * self._priced(row)
            fees = self.fees.buy(row, amount)
            over = (amount + fees > budget) & (shares > 0)
            if not over.any():
                return shares, fees
            # Take off what is surely too much at once (fees are under 5% of an amount), then steps.
            excess = np.where(over, amount + fees - budget, 0.0)
            steps = np.maximum(np.floor(excess / (1.05 * price * step)), 1.0)
            shares = np.where(over, shares - steps * step, shares)

    def legal_sale(self, shares: Floats) -> Floats:
        """The largest legal count of a sale that leaves some shares, shape (..., N).

        Multiples of the board's step, and not fewer than its minimum. Selling out is another
        matter: everything goes in one order, odd lots and fractions included.
        """
        if not self.whole_lots:
            return shares
        minimum, step = self._lots
        counted: Floats = np.floor(shares / step + COUNTING) * step
        return np.where(counted >= minimum, counted, 0.0)

    def least_budget(self, row: int) -> Floats:
        """Cost of the smallest legal buy of each name, fees included; NaN without a price."""
        minimum = self._lots[0] if self.whole_lots else np.zeros(len(self.securities))
        amount = minimum * self.fill[row]
        return np.asarray(amount + self.fees.buy(row, np.nan_to_num(amount)), dtype=float)

    def buys_a_lot(self, row: int, budget: Floats) -> Bools:
        """Whether a budget pays for the smallest legal buy, shape (..., N)."""
        with np.errstate(invalid="ignore"):
            return np.asarray((budget > 0) & (budget >= self.least_budget(row)))

    def amount(self, row: int, shares: Floats) -> Floats:
        """What shares cost at the fill price, CNY; 0 for no shares, bar or none."""
        return np.asarray(shares * self._priced(row), dtype=float)

    def why_not(self, row: int, column: int, side: Literal["buy", "sell"]) -> str:
        """The reason an order cannot be filled, in words."""
        if not self.has_bar[row, column]:
            return NO_BAR
        limit = self.upper if side == "buy" else self.lower
        which = "upper" if side == "buy" else "lower"
        return f"at its {which} limit, CNY {limit[row, column]:.2f}"

    def _priced(self, row: int) -> Floats:
        return np.where(self.has_bar[row], self.fill[row], 0.0)


def counted(shares: Floats) -> Floats:
    """Share counts without the tail that factors leave: 170,199.999... is 170,200."""
    whole = np.rint(shares)
    near = np.abs(shares - whole) <= COUNTING * np.maximum(whole, 1.0)
    return np.asarray(np.where(near, whole, shares), dtype=float)


NO_BAR = "no bar that session (suspended or not listed)"
