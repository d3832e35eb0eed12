"""Held and rebalanced baskets against bt, an engine that knows nothing of thesis.

Fifty random panels without gaps, ex-dates or price limits. bt decides, trades and values at one
series of prices: the closes at 15:00 and, where thesis trades at opens, those at 09:30 before them,
so that the first price of a month is the one to rebalance at; it finds the months itself. It counts
positions in integers: lots of 100 shares on the main board and ChiNext, single shares on STAR and
in Beijing, whose least orders of 200 and 100 shares do not bind at this capital.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest

import thesis
from thesis import Strategy
from thesis.market.calendar import sessions
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis

POOL = (
    "600000.SH", "601398.SH", "000001.SZ", "002594.SZ",
    "300308.SZ", "301269.SZ",
    "688256.SH", "689009.SH",
    "920002.BJ", "920799.BJ",
)  # fmt: skip
INDICES = ("000300.SH", "H00300.CSI")

#: By how a code begins: shares of a position in bt, and of the least order.
SINGLE, LEAST = {"68": 1, "92": 1}, {"68": 200}

#: Stamp duty was last changed on the first of these days; a window must lie in the calendar.
FIRST, STARTS, DAYS = "2023-08-28", 450, 135
AS_OF = dt.date(2026, 6, 1)
OPENING, CLOSING = pd.Timedelta("9h30min"), pd.Timedelta("15h")

WAYS = {"held": "none", "monthly": "monthly"}


@dataclass(frozen=True)
class World:
    """Prices of N names on T sessions, shape (T, N), and what is to be bought of them."""

    axis: np.ndarray
    codes: list[str]
    opens: np.ndarray
    closes: np.ndarray
    weights: dict[str, float]
    capital: float
    entry: str

    @property
    def panel(self):
        flat = np.full(len(self.axis), 3900.0)
        rows = [
            pd.DataFrame(
                {"code": code, "date": self.axis.astype("M8[s]"), "open": o, "close": c,
                 "high": np.maximum(o, c), "low": np.minimum(o, c),
                 "volume": 1e6, "amount": 5e5 * (o + c), "factor": 1.0}
            )
            for code, o, c in zip(
                [*self.codes, *INDICES], [*self.opens.T, flat, flat], [*self.closes.T, flat, flat],
                strict=True,
            )
        ]  # fmt: skip
        return PricePanel.from_frame(pd.concat(rows))

    @property
    def thesis(self):
        picks = [{"code": code, "basis": "named"} for code in self.codes]
        return Thesis.model_validate(
            {
                "id": "random",
                "title": "Random names",
                "source": {"publisher": "Broker", "published": self.axis[3].item()},
                "claim": {"rating": "buy", "scale": "sinolink_industry"},
                "segment": [{"id": "all", "pick": picks}],
            }
        )


def random_world(seed):
    """Names at 15 to 60 yuan; the one of fewest lots is held in 3,000 to 6,000 of them.

    Then a sale of a tenth of a holding costs less than a lot in fees.
    """
    draw = np.random.default_rng(seed)
    codes = [str(code) for code in draw.permutation(POOL)[: draw.integers(2, 9)]]
    start = int(np.searchsorted(sessions(), np.datetime64(FIRST))) + int(draw.integers(0, STARTS))
    shape = DAYS, len(codes)
    walk = np.cumsum(draw.normal(draw.normal(0, 0.002, len(codes)), 0.03, shape), axis=0)
    closes = np.exp(draw.uniform(np.log(15), np.log(60), len(codes)) + walk)
    opens = closes * np.exp(draw.normal(0, 0.012, shape))
    given = draw.dirichlet(np.full(len(codes), 5.0)) if seed % 4 < 2 else np.ones(len(codes))
    weights = given / given.sum()
    return World(
        axis=sessions()[start : start + DAYS],
        codes=codes,
        opens=np.round(opens, 2),
        closes=np.round(closes, 2),
        weights=dict(zip(codes, weights.tolist(), strict=True)),
        capital=round(draw.uniform(3_000, 6_000) * (closes[0] * lots(codes) / weights).min(), 2),
        entry="open" if seed % 2 else "close",
    )


def lots(codes):
    """Shares of the least order, shape (N,)."""
    return np.array([LEAST.get(code[:2], 100) for code in codes])


def positions(codes):
    """Shares of a position in bt, shape (N,)."""
    return np.array([SINGLE.get(code[:2], 100) for code in codes])


def fees(quantity, price):
    """What an order costs on these days: negative quantities are sold and pay stamp duty."""
    amount = abs(quantity) * price
    if amount == 0:
        return 0.0
    commission = max(5.0, cents(amount * 0.00025))
    return commission + cents(amount * 0.00001) + (cents(amount * 0.0005) if quantity < 0 else 0.0)


def cents(money):
    return float(Decimal(repr(money)).quantize(Decimal("0.01"), ROUND_HALF_UP))


@pytest.fixture(scope="module")
def bt():
    """Imported for these tests alone: with what it draws in it takes five seconds."""
    import bt

    return bt


@pytest.fixture(scope="module", params=range(50), ids=lambda seed: f"panel{seed}")
def world(request):
    return random_world(request.param)


@pytest.fixture(scope="module")
def ours(world):
    """Both ways in one sweep: values that vectorbt found, and the planner's books."""
    ways = {
        name: Strategy(
            entry=world.entry,
            weights=world.weights,
            capital=world.capital,
            limits="none",
            rebalance=rebalance,
        )
        for name, rebalance in WAYS.items()
    }
    return thesis.sweep(world.thesis, ways, world.panel, as_of=AS_OF)


@dataclass(frozen=True)
class Books:
    """Value, shares and fees paid at the close of each session; codes and days of the orders."""

    value: np.ndarray
    shares: np.ndarray
    fees: np.ndarray
    orders: dict[tuple[dt.date, str], float]


def our_books(swept, way):
    variant = next(variant for variant in swept.variants if variant.name == way)
    ledger = variant.batch.ledger.portfolio(list(WAYS).index(way))
    value = swept.portfolios[tuple(WAYS)].value()[way].to_numpy()
    signed = {"buy": 1, "sell": -1}
    orders = {(o.session, o.code): signed[o.side] * o.shares for o in variant.plan.orders}
    return Books(value, ledger.units, ledger.fees, orders), variant


def their_books(bt, world, way, axis):
    """What bt makes of the same basket."""
    first, last = np.searchsorted(world.axis, axis[[0, -1]])
    rows = slice(first, last + 2)  # one more session, for bt never trades on its last
    days = pd.DatetimeIndex(world.axis[rows])
    prices = pd.DataFrame(world.closes[rows], days + CLOSING, world.codes)
    closes = prices.index[:-1]
    if world.entry == "open":
        opens = pd.DataFrame(world.opens[rows], days + OPENING, world.codes)
        prices = pd.concat([opens, prices]).sort_index()
    strategy = bt.Strategy(
        "basket",
        [
            {"held": bt.algos.RunOnce, "monthly": bt.algos.RunMonthly}[way](),
            bt.algos.WeighSpecified(**world.weights),
            bt.algos.Rebalance(),
        ],
    )
    test = bt.Backtest(
        strategy,
        prices * positions(world.codes),
        initial_capital=world.capital,
        commissions=fees,
        integer_positions=True,
    )
    test.run()
    ran = test.strategy
    shares = ran.positions.loc[closes, world.codes].to_numpy() * positions(world.codes)
    traded = np.diff(shares, axis=0, prepend=0.0)
    return Books(
        value=ran.values.loc[closes].to_numpy(),  # noqa: PD011
        shares=shares,
        fees=ran.fees.cumsum().loc[closes].to_numpy(),
        orders={
            (axis[row].item(), world.codes[column]): float(traded[row, column])
            for row, column in np.argwhere(traded != 0)
        },
    )


def test_a_basket_that_is_held_has_bt_s_shares_to_the_last_and_its_value(bt, world, ours):
    books, variant = our_books(ours, "held")
    theirs = their_books(bt, world, "held", variant.batch.ledger.sessions)

    assert len(world.codes) == len(books.orders)
    assert theirs.orders == books.orders
    np.testing.assert_array_equal(theirs.shares, books.shares)
    np.testing.assert_allclose(theirs.value, books.value, rtol=1e-12, atol=1e-6)
    np.testing.assert_allclose(theirs.fees, books.fees, rtol=1e-12, atol=1e-6)


def test_a_basket_rebalanced_monthly_is_worth_bt_s_within_a_lot_of_each_name(bt, world, ours):
    """Both return to the same weights, by other roundings of a sale.

    A sale of thesis is the lot below the surplus; bt sells until the surplus is there after fees,
    the lot above or a little more. What thesis then lacks in cash it takes off its buys in
    proportion. The shares that differ are set off by cash, so that only what their prices do until
    the next month stays in the value, and that is less than the price of a lot.
    """
    books, variant = our_books(ours, "monthly")
    axis = variant.batch.ledger.sessions
    theirs = their_books(bt, world, "monthly", axis)

    assert len(variant.plan.rebalances) in (5, 6)
    closes = world.closes[np.searchsorted(world.axis, axis)]
    apart = np.abs(theirs.value - books.value)
    assert (apart <= closes @ lots(world.codes)).all()  # 0.02% to 0.12% of the value
    assert pytest.approx(theirs.fees[-1], rel=0.005) == books.fees[-1]
    lot = dict(zip(world.codes, lots(world.codes), strict=True))
    for key in books.orders.keys() | theirs.orders.keys():
        mine, other = books.orders.get(key, 0.0), theirs.orders.get(key, 0.0)
        # The same side of the same name on the same day, unless there is little to trade.
        assert mine * other > 0 or max(abs(mine), abs(other)) <= 2 * lot[key[1]], key
