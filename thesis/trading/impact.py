"""Market impact: what the same orders would have returned at another size.

A backtest fills every order at its session's price, whatever the size. Here an order is executed in
slices of at most a part of each session's traded amount (`ImpactModel.participation`), from its
fill session on, at each session's fill price. Having taken Q of a stock that trades V a session, it
has moved the price by

    Y x sigma x sqrt(Q / V)

with sigma the daily volatility and Y a constant of order one: the square-root law (Tóth et al.
2011, Physical Review X 1, 021006; Bouchaud, Bonart, Donier and Gould 2018, Trades, Quotes and
Prices, chapter 12; Sato and Kanazawa 2024, arXiv 2411.13965, on all liquid stocks of Tokyo). It is
a law of the whole order, however many sessions that takes: impact lasts as long as the order does,
and a slice meets what those before it did to the price. Its average over the order, which is what
the order costs, is two thirds of where it ends. Sessions trade different amounts A, so Q / V is the
sum of the slices' parts of theirs, and the slice that takes an order from u to v costs

    A x Y x sigma x 2/3 x (v^1.5 - u^1.5)

An order that comes while one of its side still waits goes on from there; any other starts at 0.

Almgren, Thum, Hauptmann and Li (2005, Direct Estimation of Equity Market Impact) put the exponent
at 3/5 and the cost lower; Han, Wu and Cheng (2016, arXiv 1610.08767) at 0.7 for Chinese stocks.

What is left out: lots, so that every size is as divisible as the capital; fees are taken to grow
with it; the holdings' marks and later orders' prices stay those of the market; an order decided in
the light of earlier fills, as a stop-loss is, stays as it was; and nothing but time keeps an order
from outgrowing the floating shares.
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

    Raises
    ------
    UsageError
        If the constant is negative, or the participation is not above 0 and at most 1.
    """

    constant: float = 1.0
    participation: float = 0.10

    def __post_init__(self) -> None:
        if not 0 <= self.constant < np.inf:
            raise UsageError(f"impact constant = {self.constant!r}: it is a number, 0 or more")
        if not 0 < self.participation <= 1:
            raise UsageError(
                f"participation = {self.participation!r}: it is a part of each session's traded "
                "amount, above 0 and at most 1"
            )

    def cost(self, share: Floats, volatility: float) -> Floats:
        """What orders cost, each as a fraction of its own amount.

        Parameters
        ----------
        share
            The amount of each order over that of a session.

        Examples
        --------
        A tenth of a session, two of them and nine sessions, of a stock that moves 4% a day:

        >>> ImpactModel().cost(np.array([0.1, 0.2, 9.0]), 0.04).round(4)
        array([0.0084, 0.0119, 0.08  ])
        """
        return np.asarray(2 / 3 * self.constant * volatility * np.sqrt(share), dtype=float)


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
        session's mark, as one order of the usual amounts. NaN where no volatility is known.
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
        value -= value * model.cost(share, float(sigma[column]))
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
    paid, held, to_buy, to_sell, reached = np.zeros((5, len(scales)))
    plain = 0.0  # units held had every order filled at once
    ends = [fill.row for fill in fills[1:]] + [days]
    for fill, end in zip(fills, ends, strict=True):
        bought_on, sold_on = to_buy > 0, to_sell > 0
        to_buy, to_sell = _with_order(fill, scales, to_buy, to_sell, held, plain)
        reached = np.where(bought_on & (to_buy > 0) | sold_on & (to_sell > 0), reached, 0.0)
        plain += fill.units
        rows = slice(fill.row, end)
        price, amounts = liquidity.fill[rows, column], liquidity.amounts[rows, column]
        amounts = np.where(np.isnan(price) | np.isnan(amounts), 0.0, amounts)
        price = np.where(np.isnan(price), 1.0, price)  # nothing fills there
        room = model.participation * amounts
        bought = _done(to_buy, _unbarred(room, liquidity.may_buy, rows, column))
        sold = _done(to_sell, _unbarred(room, liquidity.may_sell, rows, column) / price)
        to_buy, to_sell = to_buy - bought[:, -1], to_sell - sold[:, -1]
        bought, sold = np.diff(bought, prepend=0.0), np.diff(sold, prepend=0.0)
        taken = bought + sold * price
        with np.errstate(divide="ignore", invalid="ignore"):
            share = np.where(taken > 0, taken / amounts, 0.0)
        so_far = reached[:, None] + np.hstack([np.zeros((len(share), 1)), share.cumsum(axis=1)])
        impact = amounts * np.diff(so_far * model.cost(so_far, sigma))
        flow = sold * price - bought - impact
        cash[:, rows] = paid[:, None] + flow.cumsum(axis=1)
        units[:, rows] = held[:, None] + (bought / price - sold).cumsum(axis=1)
        paid, held, reached = cash[:, end - 1], units[:, end - 1], so_far[:, -1]
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
    waiting = to_buy / fill.price
    units = part * (held - to_sell + waiting)
    called_off = np.minimum(waiting, units)
    return (waiting - called_off) * fill.price, to_sell + units - called_off


def _done(order: Floats, room: Floats) -> Floats:
    """How much of each scale's order is done by each session, shape (S, T).

    Nothing, of shape (1, 1), where there is no order.
    """
    if not order.any():
        return np.zeros((1, 1))
    return np.asarray(np.minimum(room.cumsum(), order[:, None]), dtype=float)


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
