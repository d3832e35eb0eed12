"""Slices and impact, by hand and against a slow loop."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thesis.errors import UsageError
from thesis.trading.impact import Fill, ImpactModel, fills_of, first_limited, scaled_gains
from thesis.trading.liquidity import Liquidity

LAW = settings(deadline=None, max_examples=60, derandomize=True)
NO = np.nan
ONE = np.array([1.0])
MODELS = st.builds(
    ImpactModel,
    constant=st.sampled_from([0.0, 0.5, 1.0]),
    participation=st.sampled_from([0.05, 0.1, 1.0]),
)


def column(*values):
    return np.array(values, dtype=float)[:, None]


def liquidity(fill, marks=None, amounts=1e6, usual=2e6, volatility=(0.04,), **limits):
    fill = np.array(fill, dtype=float)
    marks = fill if marks is None else np.array(marks, dtype=float)
    return Liquidity(
        fill,
        marks,
        np.broadcast_to(amounts, fill.shape).astype(float),
        np.broadcast_to(usual, fill.shape).astype(float),
        np.array(volatility),
        **limits,
    )


# 15,000 units at 10.00 are 150,000: a tenth of the first session's million, the rest the day after
# at 12.00.
ORDER = [Fill(0, 0, 15_000.0, 10.0)]
TWO_DAYS = liquidity(column(10, 12, 12), column(11, 13, 12))
CAPITAL = 200_000.0


def law(share, volatility=0.04):
    """What an order of so many sessions' amounts costs, as a part of it."""
    return volatility * 2 / 3 * math.sqrt(share)


def test_an_order_in_two_slices_by_hand():
    # After a tenth of an amount the price stands at 0.04 sqrt(0.1), after 0.15 at 0.04 sqrt(0.15);
    # two thirds of the end are paid on all that was bought.
    units = [10_000.0, 10_000.0 + 50_000 / 12]
    bought = [100_000, 150_000]
    expected = []
    for day, mark in enumerate([11, 13, 12]):
        held, cny = units[min(day, 1)], bought[min(day, 1)]
        value = held * mark
        gain = value * (1 - law(value / 2e6)) - cny * (1 + law(cny / 1e6))
        expected.append((gain - 15_000 * (mark - 10)) / CAPITAL)

    [change] = scaled_gains(ORDER, CAPITAL, ONE, TWO_DAYS, ImpactModel())

    assert expected == pytest.approx(change.tolist(), rel=1e-12)
    # On the first day 5,000 units are missing that gained 1.00 each; impact took 843.27 of the
    # purchase and 687.93 of the liquidation.
    assert -6_531.20 / CAPITAL == pytest.approx(change[0], abs=1e-7)
    # By the second it took 1,549.19, more than 1.5 times 843.27, and 1,490.29 of the liquidation;
    # 833.33 units are missing that gained 3.00 each, and 4,166.67 were bought 2.00 dearer.
    assert -(1_549.19 + 1_490.29 + 10_833.33) / CAPITAL == pytest.approx(change[1], abs=1e-7)


def test_sessions_of_unlike_amounts_by_hand():
    # A tenth of a million, then 50,000 of two million: from 0.1 to 0.125 sessions' amounts.
    flat = liquidity(column(10, 10), amounts=column(1e6, 2e6))

    [change] = scaled_gains(ORDER, CAPITAL, ONE, flat, ImpactModel())

    steps = 1e6 * 0.1**1.5, 2e6 * (0.125**1.5 - 0.1**1.5)
    sale = 150_000 * law(0.075)
    assert -(0.04 * 2 / 3 * sum(steps) + sale) / CAPITAL == pytest.approx(change[1], rel=1e-12)


def test_at_half_the_size_it_is_one_slice():
    # 75,000 fit the first session: two thirds of 0.04 sqrt(0.075), and no later price.
    value = 7_500 * 13
    gain = value * (1 - law(value / 2e6)) - 75_000 * (1 + law(0.075))

    [change] = scaled_gains(ORDER, CAPITAL, np.array([0.5]), TWO_DAYS, ImpactModel())

    assert gain / (CAPITAL / 2) - 45_000 / CAPITAL == pytest.approx(change[1], rel=1e-12)


def test_what_no_session_takes_stays_cash():
    # Ten times the order: 100,000 on each of three sessions, whatever else there is.
    model = ImpactModel(constant=0.0)
    [change] = scaled_gains(ORDER, CAPITAL, np.array([10.0]), TWO_DAYS, model)

    value = (10_000 + 200_000 / 12) * 12
    assert (value - 300_000) / (10 * CAPITAL) - 30_000 / CAPITAL == pytest.approx(change[2])


def test_however_large_a_portfolio_it_ends_as_cash():
    [change] = scaled_gains(ORDER, CAPITAL, np.array([1e12]), TWO_DAYS, ImpactModel())

    assert [-15_000 * gain / CAPITAL for gain in (1, 3, 2)] == pytest.approx(change.tolist())


@pytest.mark.parametrize(("price", "amount"), [(NO, NO), (NO, 1e6), (11, NO), (11, 0)])
def test_sessions_without_a_price_or_an_amount_take_no_slice(price, amount):
    gap = liquidity(column(10, price, 12), column(11, 11, 13), column(1e6, amount, 1e6))
    model = ImpactModel(constant=0.0)

    [change] = scaled_gains(ORDER, CAPITAL, ONE, gap, model)

    assert [-5_000.0 / CAPITAL] * 2 == pytest.approx(change[:2].tolist())
    value = (10_000 + 50_000 / 12) * 13
    assert (value - 150_000 - 45_000) / CAPITAL == pytest.approx(change[2])


def test_sessions_at_a_limit_take_no_slice_of_its_side_but_the_order_s_own_did():
    free = np.array([[False], [False], [True]])
    barred = liquidity(column(10, 11, 12), may_buy=free, may_sell=~free)
    model = ImpactModel(constant=0.0)

    [change] = scaled_gains(ORDER, CAPITAL, ONE, barred, model)

    # 10,000 units at 10, nothing at 11, 50,000 at 12.
    assert [0.0, -5_000 / CAPITAL, -10_000 / CAPITAL] == pytest.approx(change.tolist())


def test_a_sale_waits_at_its_lower_limit_alone():
    free = np.array([[True], [True], [False], [True]])
    fills = [*ORDER, Fill(1, 0, -15_000.0, 10.0)]
    model = ImpactModel(constant=0.0)
    late = {}
    for side in ("may_buy", "may_sell"):
        barred = liquidity(column(10, 10, 9, 8), amounts=column(1e9, 1e6, 1e9, 1e9), **{side: free})
        late[side] = scaled_gains(fills, CAPITAL, ONE, barred, model)[0, 3]

    # The last 5,000 of 15,000 units go at 9.00, or, where that is the limit, at 8.00.
    assert {"may_buy": -5_000 / CAPITAL, "may_sell": -10_000 / CAPITAL} == pytest.approx(late)


def test_a_sale_is_sliced_too_at_later_prices():
    # 15,000 units bought with room, sold at 9.00: 100,000 that day, 35,000 of today's price after.
    wide = liquidity(column(10, 9, 8), amounts=column(1e9, 1e6, 1e6))
    fills = [*ORDER, Fill(1, 0, -15_000.0, 9.0)]
    model = ImpactModel(constant=0.0)

    [change] = scaled_gains(fills, CAPITAL, ONE, wide, model)

    late = 15_000 - 100_000 / 9
    assert [0.0, 0.0, -late * 1.0 / CAPITAL] == pytest.approx(change.tolist(), abs=1e-15)


def test_selling_out_calls_off_what_was_still_to_be_bought():
    # 10,000 of 15,000 units are held when everything is sold: they go, and no more are bought.
    flat = liquidity(column(10, 10, 10), amounts=column(1e6, 1e9, 1e9))
    fills = [*ORDER, Fill(1, 0, -15_000.0, 10.0)]

    [change] = scaled_gains(fills, CAPITAL, ONE, flat, ImpactModel(constant=0.01))

    # The sale is an order of its own, however far the purchase had come.
    first, last = 100_000 * 0.01 * law(0.1), 100_000 * 0.01 * law(1e-4)
    assert -(first + last) / CAPITAL == pytest.approx(change[2])


def test_a_partial_sale_calls_off_purchases_before_it_sells():
    # A third of 15,000 units is sold while 5,000 are still to be bought: none of the 10,000 go.
    flat = liquidity(column(10, 10, 10), amounts=column(1e6, 1e9, 1e9))
    fills = [*ORDER, Fill(1, 0, -5_000.0, 10.0)]

    [change] = scaled_gains(fills, CAPITAL, ONE, flat, ImpactModel(constant=0.0))
    [again] = scaled_gains(fills, CAPITAL, ONE, flat, ImpactModel(constant=1.0))

    assert [0.0, 0.0, 0.0] == pytest.approx(change.tolist(), abs=1e-15)
    assert -100_000 * (law(0.1) + law(0.05)) / CAPITAL == pytest.approx(again[2])


def test_a_purchase_calls_off_what_was_still_to_be_sold():
    flat = liquidity(column(10, 10, 10, 10), amounts=column(1e9, 1e6, 1e9, 1e9))
    fills = [*ORDER, Fill(1, 0, -15_000.0, 10.0), Fill(2, 0, 4_000.0, 10.0)]

    [change] = scaled_gains(fills, CAPITAL, ONE, flat, ImpactModel(constant=1.0))

    # 10,000 units are sold on the second session; 4,000 of the 5,000 left stay, 1,000 go, at the
    # price where the 10,000 had left it.
    costs = [150_000 * law(1.5e-4), 100_000 * law(0.1), 10_000 * 0.04 * math.sqrt(0.1)]
    sale = 40_000 * law(0.02)
    assert -(sum(costs) + sale) / CAPITAL == pytest.approx(change[3], rel=1e-5)


def test_an_order_that_joins_one_that_waits_goes_on_from_there():
    # 100,000 and 50,000, or 100,000 and 50,000 + 50,000: 200,000 are one order, cut in whichever
    # way. A session later the first is done, and the second starts anew.
    flat = liquidity(column(10, 10, 10, 10))

    def bought(*fills):
        return scaled_gains(fills, CAPITAL, ONE, flat, ImpactModel())[0, 3]

    sale = 200_000 * law(0.1)
    one = -(200_000 * law(0.2) + sale) / CAPITAL
    two = -(150_000 * law(0.15) + 50_000 * law(0.05) + sale) / CAPITAL
    assert one == pytest.approx(bought(Fill(0, 0, 20_000.0, 10.0)), rel=1e-12)
    assert one == pytest.approx(bought(*ORDER, Fill(1, 0, 5_000.0, 10.0)), rel=1e-12)
    assert two == pytest.approx(bought(*ORDER, Fill(2, 0, 5_000.0, 10.0)), rel=1e-12)


def test_a_sale_that_joins_one_that_waits_goes_on_from_there():
    flat = liquidity(column(10, 10, 10), amounts=column(1e9, 1e6, 1e6))
    half = [*ORDER, Fill(1, 0, -12_000.0, 10.0), Fill(2, 0, -3_000.0, 10.0)]

    [change] = scaled_gains(half, CAPITAL, ONE, flat, ImpactModel())

    assert -150_000 * (law(1.5e-4) + law(0.15)) / CAPITAL == pytest.approx(change[2], rel=1e-12)


def test_names_add_up():
    both = Liquidity(
        np.hstack([TWO_DAYS.fill, 2 * TWO_DAYS.fill]),
        np.hstack([TWO_DAYS.marks, 3 * TWO_DAYS.marks]),
        np.full((3, 2), 1e6),
        np.full((3, 2), 2e6),
        np.array([0.04, 0.02]),
    )
    second = Liquidity(
        both.fill[:, 1:], both.marks[:, 1:], both.amounts[:, 1:], both.usual[:, 1:],
        both.volatility[1:],
    )  # fmt: skip
    scales = np.array([0.5, 1.0, 7.0])

    together = scaled_gains(
        [*ORDER, Fill(0, 1, 9_000.0, 20.0)], CAPITAL, scales, both, ImpactModel()
    )
    apart = scaled_gains(ORDER, CAPITAL, scales, TWO_DAYS, ImpactModel()) + scaled_gains(
        [Fill(0, 0, 9_000.0, 20.0)], CAPITAL, scales, second, ImpactModel()
    )

    np.testing.assert_allclose(apart, together, rtol=1e-12)


def test_a_name_of_unknown_volatility_moves_like_the_wildest_of_the_others():
    fill = np.full((2, 3), 10.0)
    known = liquidity(fill, volatility=(0.05, 0.05, 0.01))
    unknown = liquidity(fill, volatility=(NO, 0.05, 0.01))
    fills = [Fill(0, 0, 500.0, 10.0), Fill(0, 2, 500.0, 10.0)]

    assert scaled_gains(fills, 1e4, ONE, known, ImpactModel()).tolist() == (
        scaled_gains(fills, 1e4, ONE, unknown, ImpactModel()).tolist()
    )
    nothing = liquidity(fill, volatility=(NO, NO, NO))
    assert np.isnan(scaled_gains(fills, 1e4, ONE, nothing, ImpactModel())).all()


# -- laws -------------------------------------------------------------------------------------


def trades(draw, days=12, names=3):
    """Random fills: buys, partial sales, sell-outs, at most one a name and session."""
    prices = 10 * np.exp(np.cumsum(draw.normal(0, 0.05, (days, names)), axis=0))
    fills, held = [], np.zeros(names)
    for row in range(days):
        for name in range(names):
            chance = draw.random()
            if chance < 0.25:
                units = draw.uniform(100, 3_000)
            elif chance < 0.45 and held[name] > 0:
                units = -held[name] * draw.choice([1.0, draw.uniform(0.1, 0.9)])
            else:
                continue
            held[name] += units
            fills.append(Fill(row, name, float(units), float(prices[row, name])))
    return fills, prices


@LAW
@given(st.integers(0, 10_000))
def test_without_cost_and_with_endless_volume_size_changes_nothing(seed):
    draw = np.random.default_rng(seed)
    fills, prices = trades(draw)
    marks = prices * np.exp(draw.normal(0, 0.02, prices.shape))
    endless = liquidity(prices, marks, 1e40, 1e40, (0.04, 0.03, 0.02))

    for constant in (0.0, 1.0):
        model = ImpactModel(constant)
        change = scaled_gains(fills, 1e5, np.array([0.01, 1.0, 1e6]), endless, model)
        np.testing.assert_allclose(0.0, change, atol=1e-12)


def flat_market(seed):
    """Names whose price never moves, orders in them, and sizes up to what can just be done."""
    draw = np.random.default_rng(seed)
    fill = np.full((30, 2), 10.0)
    amounts = draw.uniform(5e5, 2e6, (30, 2))
    flat = liquidity(fill, fill, amounts, amounts.mean(axis=0), (0.04, 0.02))
    fills = [Fill(int(draw.integers(0, 3)), name, draw.uniform(1e3, 2e4), 10.0) for name in (0, 1)]
    least = min(amounts[fill.row :, fill.column].sum() / fill.amount for fill in fills)
    return fills, flat, np.geomspace(1e-3, 0.1 * least, 20)


@LAW
@given(st.integers(0, 10_000))
def test_at_flat_prices_a_larger_order_costs_a_larger_part(seed):
    fills, flat, scales = flat_market(seed)

    last = scaled_gains(fills, 1e6, scales, flat, ImpactModel())[:, -1]

    assert (last < 0).all()
    assert (np.diff(last) < 0).all()


@LAW
@given(st.integers(0, 10_000))
def test_at_flat_prices_and_amounts_it_is_the_law_of_the_whole_order_however_sliced(seed):
    fills, flat, scales = flat_market(seed)
    even = liquidity(flat.fill, flat.marks, 1e6, 1e6, flat.volatility)
    scales *= 0.25  # every order is done in time at a twentieth of a session

    for participation in (0.05, 0.1, 1.0):
        model = ImpactModel(0.7, participation)
        last = scaled_gains(fills, 1e6, scales, even, model)[:, -1]

        expected = [
            # The purchase and the liquidation cost the same.
            -2 * 0.7 * sum(
                law(scale * fill.amount / 1e6, flat.volatility[fill.column]) * fill.amount
                for fill in fills
            ) / 1e6
            for scale in scales
        ]  # fmt: skip
        assert expected == pytest.approx(last.tolist(), rel=1e-9)


def slow_gains(fills, capital, scale, on, model):
    """The same model, one session and one name at a time."""
    days, names = on.marks.shape
    out = []
    cash, held, planned = [0.0] * names, [0.0] * names, [0.0] * names
    waiting = [("none", 0.0)] * names
    reached, plain_cash = [0.0] * names, [0.0] * names
    for t in range(days):
        total = plain = 0.0
        for i in range(names):
            today = [f for f in fills if (f.row, f.column) == (t, i)]
            price = on.fill[t, i]
            for f in today:
                price, (side, rest) = f.price, waiting[i]
                target = held[i]  # units, were everything that waits done at today's price
                target += rest / price if side == "buy" else -rest if side == "sell" else 0.0
                if f.units > 0:
                    target += scale * f.units
                else:
                    target *= 1 + f.units / planned[i]
                planned[i] += f.units
                plain_cash[i] -= f.units * price
                gap = target - held[i]
                waiting[i] = ("buy", gap * price) if gap > 0 else ("sell", -gap)
                if waiting[i][0] != side or rest < 1e-9:
                    reached[i] = 0.0
            side, rest = waiting[i]
            amount = on.amounts[t, i]
            if side != "none" and rest > 0 and not np.isnan(price) and amount > 0:
                most = model.participation * amount
                cny = min(rest if side == "buy" else rest * price, most)
                before = reached[i]
                reached[i] += cny / amount
                cost = amount * (reached[i] ** 1.5 - before**1.5) * 2 / 3
                cost *= model.constant * on.volatility[i]
                sign = 1 if side == "buy" else -1
                cash[i] -= sign * cny + cost
                held[i] += sign * cny / price
                waiting[i] = (side, rest - (cny if side == "buy" else cny / price))
            value = held[i] * on.marks[t, i]
            share = max(value, 0.0) / on.usual[t, i]
            total += cash[i] + value * (1 - model.constant * law(share, on.volatility[i]))
            plain += plain_cash[i] + planned[i] * on.marks[t, i]
        out.append(total / (scale * capital) - plain / capital)
    return out


@LAW
@given(st.integers(0, 10_000), st.sampled_from([0.05, 1.0, 8.0, 200.0]), MODELS)
def test_the_gains_equal_a_slow_loop(seed, scale, model):
    draw = np.random.default_rng(seed)
    fills, prices = trades(draw)
    marks = prices * np.exp(draw.normal(0, 0.02, prices.shape))
    traded = {(fill.row, fill.column) for fill in fills}
    amounts = draw.uniform(2e4, 8e5, prices.shape)
    for row, name in np.argwhere(draw.random(prices.shape) < 0.15):
        if (row, name) not in traded:
            prices[row, name] = amounts[row, name] = NO
    market = liquidity(prices, marks, amounts, draw.uniform(1e5, 1e6, 3), (0.05, 0.03, 0.01))

    [change] = scaled_gains(fills, 1e5, np.array([scale]), market, model)

    expected = slow_gains(fills, 1e5, scale, market, model)
    np.testing.assert_allclose(change, expected, rtol=1e-9, atol=1e-10)


# -- parts ------------------------------------------------------------------------------------


def test_the_first_order_to_outgrow_its_session_is_named_with_the_capital():
    # Of a million, 15,000 x 10.00 is a tenth at two thirds of the capital; 5,000 x 10.00 of
    # 200,000 at 0.4 of it.
    amounts = np.array([[1e6, 1e9], [1e9, 2e5]])
    fills = [Fill(0, 0, 15_000.0, 10.0), Fill(1, 1, -5_000.0, 10.0)]

    assert (1, 0.4 * CAPITAL) == pytest.approx(first_limited(fills, CAPITAL, amounts, 0.1))
    assert first_limited([], CAPITAL, amounts, 0.1) is None


def test_a_ledger_s_orders_become_fills_in_order():
    size = np.array([[NO, 200.0], [0.0, NO], [-50.0, NO]])
    price = np.array([[1.0, 5.0], [2.0, 6.0], [3.0, 7.0]])

    assert (Fill(0, 1, 200.0, 5.0), Fill(2, 0, -50.0, 3.0)) == fills_of(size, price)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"constant": -0.1}, "impact constant = -0.1: it is a number, 0 or more"),
        ({"constant": NO}, "impact constant = nan"),
        ({"participation": 0.0}, "participation = 0.0: .* above 0 and at most 1"),
        ({"participation": 1.1}, "participation = 1.1"),
    ],
)
def test_a_model_that_cannot_be_is_refused(values, words):
    with pytest.raises(UsageError, match=words):
        ImpactModel(**values)
