"""Market impact: what the same orders would have returned at another size.

A backtest fills every order at its session's price, whatever the size. Here an order is executed in
slices of at most a part of each session's traded amount (`ImpactModel.participation`), from its
fill session on, at each session's fill price; and every slice of CNY q in a session that traded
CNY A costs

    Y x sigma x sqrt(q / A)

of its amount: the square-root law, with sigma the daily volatility and Y a constant of order one
(Tóth et al. 2011, Physical Review X 1, 021006; Bouchaud, Bonart, Donier and Gould 2018, Trades,
Quotes and Prices, chapter 12; Sato and Kanazawa 2024, arXiv 2411.13965, on every stock of Tokyo).
Almgren, Thum, Hauptmann and Li (2005, Direct Estimation of Equity Market Impact) put the exponent
at 3/5 and the cost lower; Han, Wu and Cheng (2016, arXiv 1610.08767) at 0.7 for Chinese stocks.

The law is of a whole order, however many days it takes: after x sessions' amounts the price has
moved by Y x sigma x sqrt(x), and what was bought on the way has cost two thirds of that. Charging
each session on its own, in full, costs more than this up to 2 1/4 slices of an order, and less
beyond, since it forgets what earlier slices did to the price. `ImpactModel.lasting` remembers it.

What is left out: lots, so that every size is as divisible as the capital; fees are taken to grow
with it; the holdings' marks stay those of the market; and an order decided in the light of earlier
fills, as a stop-loss is, stays as it was.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from thesis.errors import UsageError
from thesis.trading.liquidity import Bools, Floats, Liquidity

#: Units that differ by a smaller part are the same holding.
_SAME = 1e-9


@dataclass(frozen=True)
class ImpactModel:
    """The square-root law, and how fast an order may go.

    Attributes
    ----------
    constant
        Y of the law.
    participation
        The part of a session's traded amount that an order may take.
    lasting
        Whether an order's slice meets the impact of those before it, as the law of whole orders has
        it; otherwise each session stands alone.

    Raises
    ------
    UsageError
        If the constant is negative, or the participation is not above 0 and at most 1.
    """

    constant: float = 1.0
    participation: float = 0.10
    lasting: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.constant < np.inf:
            raise UsageError(f"impact constant = {self.constant!r}: it is a number, 0 or more")
        if not 0 < self.participation <= 1:
            raise UsageError(
                f"participation = {self.participation!r}: it is a part of each session's traded "
                "amount, above 0 and at most 1"
            )

    def slices(self, shares: Floats, volatility: float) -> Floats:
        """Impact of each slice of an order, as a fraction of its amount.

        Parameters
        ----------
        shares
            Each slice over its session's amount, shape (..., T).

        Examples
        --------
        Two sessions, a tenth of each, in a stock that moves 4% a day:

        >>> ImpactModel().slices(np.array([0.1, 0.1]), 0.04).round(4)
        array([0.0126, 0.0126])
        >>> ImpactModel(lasting=True).slices(np.array([0.1, 0.1]), 0.04).round(4)
        array([0.0084, 0.0154])
        """
        if not self.lasting:
            return self._law(shares, volatility)
        reached = shares.cumsum(axis=-1)
        total = 2 / 3 * reached * self._law(reached, volatility)
        with np.errstate(divide="ignore", invalid="ignore"):
            each = np.diff(total, axis=-1, prepend=0.0) / shares
        return np.where(shares > 0, each, 0.0)

    def sale(self, share: Floats, volatility: float) -> Floats:
        """Impact of selling a holding of so many usual amounts, as a fraction of it.

        Examples
        --------
        >>> ImpactModel().sale(np.array([0.05, 9.0]), 0.04).round(4)
        array([0.0089, 0.0126])
        >>> ImpactModel(lasting=True).sale(np.array([0.05, 9.0]), 0.04).round(4)
        array([0.006, 0.08 ])
        """
        if self.lasting:
            return 2 / 3 * self._law(share, volatility)
        return self._law(np.minimum(share, self.participation), volatility)

    def _law(self, share: Floats, volatility: float) -> Floats:
        return np.asarray(self.constant * volatility * np.sqrt(share), dtype=float)


@dataclass(frozen=True)
class Fill:
    """An executed order.

    Attributes
    ----------
    row, column
        Session and name.
    units
        Adjusted shares, positive bought and negative sold.
    price
        Adjusted fill price, CNY a unit.
    """

    row: int
    column: int
    units: float
    price: float

    @property
    def amount(self) -> float:
        """CNY, unsigned."""
        return abs(self.units) * self.price


def first_limited(
    fills: Sequence[Fill], capital: float, amounts: Floats, participation: float
) -> tuple[int, float] | None:
    """The order that first outgrows its session as the capital grows.

    Returns
    -------
    tuple or None
        Its column, and the capital in CNY at which it takes `participation` of its session's
        amount; None without orders.
    """
    found = [
        (capital * participation * float(np.nan_to_num(amounts[fill.row, fill.column])) / cny, fill)
        for fill in fills
        if (cny := fill.amount) > 0
    ]
    if not found:
        return None
    least, fill = min(found, key=lambda pair: pair[0])
    return fill.column, least


def fills_of(size: Floats, price: Floats) -> tuple[Fill, ...]:
    """The orders of a ledger, in the order of sessions.

    Parameters
    ----------
    size, price
        Signed units and adjusted fill prices, shape (T, N); NaN or 0 units without an order.

    Examples
    --------
    >>> fills_of(np.array([[np.nan, 200.0], [-50.0, np.nan]]), np.array([[10.0, 5.0], [11.0, 5.0]]))
    (Fill(row=0, column=1, units=200.0, price=5.0), Fill(row=1, column=0, units=-50.0, price=11.0))
    """
    rows, columns = np.nonzero(np.nan_to_num(size))
    return tuple(
        Fill(int(row), int(column), float(size[row, column]), float(price[row, column]))
        for row, column in zip(rows, columns, strict=True)
    )


def scaled_gains(
    fills: Sequence[Fill],
    capital: float,
    scales: Floats,
    liquidity: Liquidity,
    model: ImpactModel,
) -> Floats:
    """How much less the orders return at other sizes, with slices and impact.

    A buy is of its amount: what is bought later is bought with the cash that is left of it. A sale
    is of a part of the holding: what is still to be bought is called off first. An order of the
    other side calls off what waits. Cash that waits earns nothing, and a purchase does not wait for
    the cash of a late sale.

    Parameters
    ----------
    fills
        Of a portfolio, in the order of sessions; at most one a name and session.
    capital
        CNY at scale 1.
    scales
        Shape (S,), above 0.

    Returns
    -------
    array
        Net return over ``capital x scale`` less that of the same fills at scale 1 without slices
        and impact, shape (S, T). At every size it pays the impact of selling each holding at that
        session's mark (`ImpactModel.sale`). NaN where no volatility is known.
    """
    days, names = liquidity.marks.shape
    sigma = _whole(liquidity.volatility)
    change = np.zeros((len(scales), days))
    for column in range(names):
        own = [fill for fill in fills if fill.column == column]
        if not own:
            continue
        cash, units = _execute(own, scales, liquidity, column, float(sigma[column]), model)
        value = units * liquidity.marks[:, column]
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(value > 0, value / liquidity.usual[:, column], 0.0)
        value -= value * model.sale(share, float(sigma[column]))
        change += (cash + value) / scales[:, None] - _plain(own, liquidity.marks[:, column])
    return np.asarray(change / capital, dtype=float)


def _execute(
    fills: Sequence[Fill],
    scales: Floats,
    liquidity: Liquidity,
    column: int,
    sigma: float,
    model: ImpactModel,
) -> tuple[Floats, Floats]:
    """Cash flows so far (CNY) and units of one name at every scale, each of shape (S, T)."""
    days = len(liquidity.marks)
    cash, units = np.zeros((len(scales), days)), np.zeros((len(scales), days))
    paid, held, to_buy, to_sell = np.zeros((4, len(scales)))
    plain = 0.0  # units held had every order filled at once
    ends = [fill.row for fill in fills[1:]] + [days]
    for fill, end in zip(fills, ends, strict=True):
        to_buy, to_sell = _with_order(fill, scales, to_buy, to_sell, held, plain)
        plain += fill.units
        rows = slice(fill.row, end)
        price, amounts = liquidity.fill[rows, column], liquidity.amounts[rows, column]
        room = np.where(np.isnan(price) | np.isnan(amounts), 0.0, model.participation * amounts)
        price = np.where(np.isnan(price), 1.0, price)  # nothing fills there
        bought = _slices(to_buy, _unbarred(room, liquidity.may_buy, rows, column))
        sold = _slices(to_sell, _unbarred(room, liquidity.may_sell, rows, column) / price)
        to_buy = np.maximum(to_buy - bought.sum(axis=1), 0.0)
        to_sell = np.maximum(to_sell - sold.sum(axis=1), 0.0)
        taken = bought + sold * price
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(taken > 0, taken / amounts, 0.0)
        flow = sold * price - bought - taken * model.slices(share, sigma)
        cash[:, rows] = paid[:, None] + flow.cumsum(axis=1)
        units[:, rows] = held[:, None] + (bought / price - sold).cumsum(axis=1)
        paid, held = cash[:, end - 1], units[:, end - 1]
    return cash, units


def _with_order(
    fill: Fill, scales: Floats, to_buy: Floats, to_sell: Floats, held: Floats, plain: float
) -> tuple[Floats, Floats]:
    """What waits to be bought (CNY) and sold (units) once an order has come, shape (S,) each."""
    if fill.units > 0:
        units = scales * fill.units
        called_off = np.minimum(to_sell, units)
        return to_buy + (units - called_off) * fill.price, to_sell - called_off
    part = 1.0 if -fill.units >= plain * (1 - _SAME) else -fill.units / plain
    units = part * (held - to_sell + to_buy / fill.price)
    called_off = np.minimum(to_buy / fill.price, units)
    return to_buy - called_off * fill.price, to_sell + units - called_off


def _slices(order: Floats, room: Floats) -> Floats:
    """An order of each scale in slices that fit each session, shape (S, T); (1, 1) for nothing."""
    if not order.any():
        return np.zeros((1, 1))
    done = np.minimum(room.cumsum(), order[:, None])
    done[:, 1:] -= done[:, :-1].copy()
    return np.asarray(done, dtype=float)


def _unbarred(room: Floats, may: Bools | None, rows: slice, column: int) -> Floats:
    """The room of each session, none where the fill price is at its limit."""
    if may is None:
        return room
    free = may[rows, column].copy()
    free[0] = True
    return np.where(free, room, 0.0)


def _plain(fills: Sequence[Fill], marks: Floats) -> Floats:
    """Cash flows and value of one name's fills as they stand, CNY, shape (T,)."""
    units, cash = np.zeros(len(marks)), np.zeros(len(marks))
    for fill in fills:
        units[fill.row :] += fill.units
        cash[fill.row :] -= fill.units * fill.price
    return cash + units * marks


def _whole(volatility: Floats) -> Floats:
    """Volatilities without gaps; all NaN where none is known."""
    known = volatility[~np.isnan(volatility)]
    return np.where(np.isnan(volatility), known.max() if len(known) else np.nan, volatility)
