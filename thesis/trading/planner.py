"""The order planner: target weights to share counts under lots, cash, fees, limits and T+1.

Of V portfolios at once (one, or the variants of a strategy), over N names; a Python loop only over
the sessions on which something trades. On such a session, in this order::

    exits        a name that fell through its stop is sold out; on the closing date, every name
    rebalance    target = weight x equity at this session's prices; a buy or a sell of the gap
    sells        what can be sold is; what is at its lower limit or has no bar waits
    buys         each takes the most shares its budget pays for; budgets shrink alike where a sell
                 that waits has left too little cash

What is planned here is what vectorbt executes, share for share.

A worked example, by hand (`tests/trading/hand_ledgers.py` has it as a test). CNY 100,000 for
600050.SH alone, on 2024-10-14 at 10.00, sold at 9.00 by a 10% stop::

    buy    9,900 x 10.00 = 99,000.00   commission 24.75   transfer 0.99               cash    974.26
    close  9.00: 9.00 / 10.00 - 1 = -10%, the stop is touched; it sells on the next session
    sell   9,900 x  9.00 = 89,100.00   commission 22.28   transfer 0.89   stamp 44.55 cash 90,006.54
"""

import numpy as np
import numpy.typing as npt

from thesis.trading.blotter import Blotter, Delay
from thesis.trading.conditions import Conditions, counted
from thesis.trading.dividend_tax import fifo
from thesis.trading.exits import first_trigger
from thesis.trading.mandate import Mandate
from thesis.trading.orders import CAUSES, Side

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]

#: Gaps below this share of the equity are float noise, not trades.
NOISE = 1e-12


def plan_orders(on: Conditions, mandate: Mandate) -> Blotter:
    """Plan every order of V portfolios.

    Raises
    ------
    RulesError
        If the dated rules have no answer for a name or session.
    """
    on.check_settlement()
    desk = _Desk(on, mandate)
    for row in range(len(on.sessions)):
        if desk.due[row]:
            desk.trade(row)
    return desk.blotter()


class _Desk:
    """The state of V portfolios while their orders are planned, arrays of shape (V, N).

    Attributes
    ----------
    units
        Adjusted shares held.
    cash
        Units of cash, shape (V,): CNY where cash earns nothing.
    budget
        CNY that a waiting buy may spend; 0 where none waits.
    for_sale
        Units that a waiting sale is to sell; 0 where none waits.
    sell_out
        Whether that sale leaves nothing.
    cause
        What the waiting order was made for, as a position in `CAUSES`.
    failed
        Sessions on which the waiting buy could not be filled.
    closed
        Names that are not bought again.
    stop_row
        Row on which a name is to be sold after its stop; T if never.
    due
        Rows on which something is to be done, shape (T,): those known at the start, and what each
        trade adds.
    lots
        By portfolio and name, rows and units of the purchases still held; kept for dividend tax.
    """

    def __init__(self, on: Conditions, mandate: Mandate) -> None:
        self.on, self.mandate = on, mandate
        days = len(on.sessions)
        shape = mandate.weights.shape
        self.weights = mandate.weights
        self.units = np.zeros(shape)
        self.cash = np.zeros(shape[0])
        self.budget = np.zeros(shape)
        self.for_sale = np.zeros(shape)
        self.sell_out = np.zeros(shape, dtype=bool)
        self.failed = np.zeros(shape, dtype=np.int64)
        self.closed = np.zeros(shape, dtype=bool)
        self.entering = np.zeros(shape, dtype=bool)
        self.bought = np.zeros(shape, dtype=bool)
        self.stop_row = np.full(shape, days, dtype=np.int64)
        self.given_up = np.zeros(shape, dtype=bool)
        self.too_dear = np.zeros(shape, dtype=bool)
        self.ready = np.zeros(shape, dtype=bool)
        self.spent = np.zeros(shape[0])
        self.least = np.zeros(shape[0])
        self.due: Bools = np.asarray(mandate.rebalance.any(axis=0))
        for rows in (mandate.entry, mandate.close_out):
            self.due[rows[rows < days]] = True
        self.rebalanced = np.zeros_like(mandate.rebalance)
        self.delays: list[Delay] = []
        self.lots: dict[tuple[int, int], list[tuple[int, float]]] = {}
        self.refusals: list[Delay] = []
        self.cause = np.zeros(shape, dtype=np.int8)
        self.causes = np.zeros((days, *shape), dtype=np.int8)
        self.traded = {name: np.zeros((days, *shape)) for name in ("shares", "units", "fees")}

    @property
    def working(self) -> bool:
        """Whether any order waits."""
        return bool(self.budget.any() or self.for_sale.any())

    def trade(self, row: int) -> None:
        """Do what is to be done on a session."""
        self._enter(row)
        self._exit(row)
        self._rebalance(row)
        self._forget_the_delisted(row)
        if not self.working:
            return
        cash = self.cash * self.on.cash_fill[row]
        cash = cash + self._sell(row)
        cash = cash - self._buy(row, cash)
        self.cash = cash / self.on.cash_fill[row]
        if self.working:
            self.due[row + 1 : row + 2] = True

    def blotter(self) -> Blotter:
        """What was written down."""
        return Blotter(
            conditions=self.on,
            capital=self.mandate.capital,
            entry=self.mandate.entry,
            rebalanced=self.rebalanced,
            **self.traded,
            causes=self.causes,
            delays=tuple(self.delays),
            refusals=tuple(self.refusals),
            given_up=self.given_up,
            too_dear=self.too_dear,
            ready=self.ready,
            spent=self.spent,
            least_capital=self.least,
        )

    def _enter(self, row: int) -> None:
        new = self.mandate.entry == row
        if not new.any():
            return
        capital = self.mandate.capital
        self.cash[new] = capital[new] / self.on.cash_fill[row]
        self.budget[new] = (self.weights * capital[:, None])[new]
        self.entering[new] = self.budget[new] > 0

    def _exit(self, row: int) -> None:
        stopped = self.stop_row == row
        over = self.mandate.close_out <= row
        self.closed |= stopped | over[:, None]
        ending = stopped | (self.mandate.close_out == row)[:, None]
        self.budget[ending] = 0.0
        self.for_sale[ending] = self.units[ending]
        self.sell_out |= ending
        self.cause[ending] = CAUSES.index("exit")

    def _rebalance(self, row: int) -> None:
        turning = (
            self.mandate.rebalance[:, row]
            & (self.mandate.entry < row)
            & (self.mandate.close_out > row)
        )
        if not turning.any():
            return
        self.rebalanced[turning, row] = True
        self.weights = self.mandate.reweighed.get(row, self.weights)
        price = self.on.price_now(row)
        value = self.units * price
        equity = (self.cash * self.on.cash_fill[row] + value.sum(axis=1))[:, None]
        target = np.where(self.closed, 0.0, self.weights * equity)
        gap = target - value
        gap = np.where(np.abs(gap) > NOISE * equity, gap, 0.0)
        out = target == 0
        surplus = np.where(out, self.units, np.minimum(-gap / price, self.units))
        mine = turning[:, None]
        self.budget = np.where(mine, np.maximum(gap, 0.0), self.budget)
        self.for_sale = np.where(mine, np.where(gap < 0, surplus, 0.0), self.for_sale)
        self.sell_out = np.where(mine, out, self.sell_out)
        self.failed = np.where(mine, 0, self.failed)
        asked = np.where(self.closed, CAUSES.index("exit"), CAUSES.index("rebalance"))
        self.cause = np.where(mine, asked, self.cause).astype(np.int8)
        self.entering &= ~mine

    def _forget_the_delisted(self, row: int) -> None:
        """Cancel the orders of names that no longer trade; what is held of them stays."""
        gone = self.on.gone[row]
        if gone.any():
            self.given_up |= gone & (self.budget > 0)
            self.budget[:, gone] = 0.0
            self.for_sale[:, gone] = 0.0

    def _sell(self, row: int) -> Floats:
        """Fill what can be sold; CNY received by each portfolio, shape (V,)."""
        asked = self.for_sale > 0
        if not asked.any():
            return np.zeros(len(asked))
        ready = asked & self.on.may_sell[row]
        factor = np.where(self.on.has_bar[row], self.on.adjustment[row], 1.0)
        raw = counted(np.where(ready, self.for_sale * factor, 0.0))
        shares = np.where(self.sell_out, raw, self.on.legal_sale(raw))
        sold = np.where(self.sell_out, np.where(ready, self.for_sale, 0.0), shares / factor)
        amount = self.on.amount(row, shares)
        fees = self.on.fees.sell(row, amount)
        worth = amount > fees  # a crumb that costs more to sell than it brings is kept
        shares, sold = np.where(worth, shares, 0.0), np.where(worth, sold, 0.0)
        amount, fees = np.where(worth, amount, 0.0), np.where(worth, fees, 0.0)
        fees = fees + self._withhold(row, sold)
        self.units = np.where(ready & worth & self.sell_out, 0.0, self.units - sold)
        # A name that a rebalance sold out starts anew if it is bought again: so does its stop.
        anew = ready & worth & self.sell_out & ~self.closed
        self.bought &= ~anew
        self.stop_row[anew] = len(self.on.sessions)
        self.for_sale = np.where(ready, 0.0, self.for_sale)
        self.sell_out &= ~ready
        self._note(row, -shares, -sold, fees)
        self._delay(self.delays, row, asked & ~ready, "sell")
        received: Floats = (amount - fees).sum(axis=1)
        return received

    def _buy(self, row: int, cash: Floats) -> Floats:
        """Fill what can be bought; CNY spent by each portfolio, shape (V,)."""
        asked = self.budget > 0
        if not asked.any():
            return np.zeros(len(asked))
        ready = asked & self.on.may_buy[row]
        wanted = self.budget.sum(axis=1)
        # All that wait share alike in what cash there is, so the order of names changes nothing.
        share = np.minimum(1.0, cash / np.where(wanted > 0, wanted, 1.0))[:, None]
        shares, fees = self.on.largest_buy(row, np.where(ready, self.budget * share, 0.0))
        amount = self.on.amount(row, shares)
        factor = np.where(self.on.has_bar[row], self.on.adjustment[row], 1.0)
        self.units = self.units + shares / factor
        self._note(row, shares, shares / factor, fees)
        self._keep_lots(row, shares / factor)
        self._look_at_entries(row, ready, shares, amount + fees)
        self._set_stops(row, (shares > 0) & ~self.bought)
        self.bought |= shares > 0

        blocked: Bools = np.asarray((self.for_sale > 0).any(axis=1))
        left = np.maximum(self.budget - amount - fees, 0.0)
        # What is left waits for the cash of a blocked sale, if it would buy another lot.
        short = ready & (share < 1) & blocked[:, None] & self.on.buys_a_lot(row, left)
        self.budget = np.where(short, left, np.where(ready, 0.0, self.budget))
        waiting = short | (asked & ~ready)
        self.failed = np.where(waiting, self.failed + 1, self.failed)
        over = waiting & (self.failed > self.mandate.max_wait[:, None])
        self.given_up |= over
        self.budget = np.where(over, 0.0, self.budget)
        self._delay(self.delays, row, waiting & ~over, "buy", short)
        self._delay(self.refusals, row, over, "buy", short)
        spent: Floats = (amount + fees).sum(axis=1)
        return spent

    def _keep_lots(self, row: int, units: Floats) -> None:
        """Remember when what was bought, for the tax on its dividends."""
        if self.on.dividend_tax is not None:
            for portfolio, column in np.argwhere(units > 0):
                lot = (row, float(units[portfolio, column]))
                self.lots.setdefault((int(portfolio), int(column)), []).append(lot)

    def _withhold(self, row: int, units: Floats) -> Floats:
        """Tax on the dividends that the units sold have brought, CNY, shape (V, N)."""
        taxes = np.zeros(units.shape)
        if self.on.dividend_tax is not None:
            for portfolio, column in np.argwhere(units > 0):
                key = int(portfolio), int(column)
                sold, self.lots[key] = fifo(self.lots[key], float(units[key]))
                taxes[key] = self.on.dividend_tax.due(key[1], sold, row)
        return taxes

    def _look_at_entries(self, row: int, ready: Bools, shares: Floats, cost: Floats) -> None:
        """Note names whose slice buys no lot, and the capital that would have done."""
        first = ready & self.entering
        if not first.any():
            return
        self.ready |= first
        self.spent = self.spent + np.where(first, cost, 0.0).sum(axis=1)
        self.too_dear |= first & (shares == 0)
        with np.errstate(divide="ignore", invalid="ignore"):
            needed = np.where(first, self.on.least_budget(row) / self.weights, 0.0)
        self.least = np.maximum(self.least, needed.max(axis=1))
        self.entering &= ~first

    def _set_stops(self, row: int, new: Bools) -> None:
        """Find the session on which each name just bought will fall through its stop."""
        if not new.any():
            return
        days = len(self.on.sessions)
        for portfolio, stop in self.mandate.stops.items():
            columns = np.flatnonzero(new[portfolio])
            if columns.size:
                paid = self.on.adjusted_fill[row, columns]
                rows = np.full(columns.size, row, dtype=np.int64)
                hit = first_trigger(stop, paid, self.on.adjusted_close[:, columns], rows)
                after = np.where(hit >= 0, hit + 1, days)
                self.stop_row[portfolio, columns] = after
                self.due[after[after < days]] = True

    def _note(self, row: int, shares: Floats, units: Floats, fees: Floats) -> None:
        self.causes[row] = np.where(shares != 0, self.cause, self.causes[row])
        self.traded["shares"][row] += shares
        self.traded["units"][row] += units
        self.traded["fees"][row] += fees

    def _delay(
        self, to: list[Delay], row: int, mask: Bools, side: Side, short: Bools | None = None
    ) -> None:
        for portfolio, column in np.argwhere(mask):
            sellers: tuple[int, ...] = ()
            if short is not None and short[portfolio, column]:
                sellers = tuple(int(c) for c in np.flatnonzero(self.for_sale[portfolio] > 0))
            to.append(Delay(row, int(portfolio), int(column), side, sellers))
