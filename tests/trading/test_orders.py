import time
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from fakes.portfolios import plan_entry
from hypothesis import given, settings
from hypothesis import strategies as st

from thesis.errors import RulesError
from thesis.trading.conditions import NO_BAR, Conditions
from thesis.trading.orders import Order, Wait

MAIN, CHINEXT, STAR, BEIJING = "600050.SH", "300308.SZ", "688702.SH", "920002.BJ"
BOARDS = {MAIN: (100, 100), CHINEXT: (100, 100), STAR: (200, 1), BEIJING: (100, 1)}


def cents(amount):
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def buying_fees(amount):
    """Fees of a buy in October 2024: 0.025% and CNY 5 at least, 0.001% transfer."""
    if not amount:
        return Decimal(0)
    commission = max(cents(amount * Decimal("0.00025")), Decimal(5))
    return commission + cents(amount * Decimal("0.00001"))


def largest_by_counting_down(code, price, budget):
    """The largest legal count that the budget pays for, in decimals and one step at a time."""
    minimum, step = BOARDS[code]
    shares = int(budget / price) // step * step
    while shares >= minimum and shares * price + buying_fees(shares * price) > budget:
        shares -= step
    return shares if shares >= minimum else 0


def bought(market_of, code, price, budget):
    shares, fees = market_of([code], [[price]]).largest_buy(0, np.array([float(budget)]))
    return shares[0], fees[0]


@pytest.mark.parametrize(
    ("code", "price", "budget", "shares", "fees"),
    [
        # 9,900 shares cost 99,000 + 24.75 + 0.99; 10,000 cost 100,000 + 25 + 1.
        (MAIN, 10.0, 100_000, 9_900, 25.74),
        (CHINEXT, 10.0, 100_000, 9_900, 25.74),
        # STAR: 200 at least, then single shares. 9,997 cost 99,970 + 24.99 + 1.00 = 99,995.99;
        # 9,998 cost 99,980 + 25.00 + 1.00 = 100,006.
        (STAR, 10.0, 100_000, 9_997, 25.99),
        (STAR, 10.0, 2_015.02, 201, 5.02),
        (STAR, 10.0, 2_005.02, 200, 5.02),
        (STAR, 10.0, 2_005.01, 0, 0.0),
        # Beijing: 100 at least, then single shares.
        (BEIJING, 10.0, 100_000, 9_997, 25.99),
        (BEIJING, 10.0, 1_015.01, 101, 5.01),
        (BEIJING, 10.0, 1_005.01, 100, 5.01),
        (BEIJING, 10.0, 1_005.00, 0, 0.0),
        # The main board: 100 and its multiples, CNY 5 at least: 1,000 + 5 + 0.01.
        (MAIN, 10.0, 1_005.01, 100, 5.01),
        (MAIN, 10.0, 1_005.00, 0, 0.0),
        (MAIN, 10.0, 2_005.01, 100, 5.01),
        (MAIN, 10.0, 2_005.02, 200, 5.02),
    ],
)
def test_a_buy_is_the_most_lots_its_budget_pays_for_fees_included(
    market_of, code, price, budget, shares, fees
):
    assert (shares, pytest.approx(fees, abs=1e-9)) == bought(market_of, code, price, budget)


def test_nothing_is_bought_without_a_price_or_a_budget(market_of):
    shares, fees = market_of([MAIN, MAIN], [[np.nan, 10.0]]).largest_buy(0, np.array([1e6, 0.0]))

    assert [0.0, 0.0] == shares.tolist()
    assert [0.0, 0.0] == fees.tolist()


def test_without_costs_the_budget_is_spent_to_the_last_lot(market_of):
    free = market_of([MAIN, STAR], [[10.0, 10.0]], costs=False)
    shares, fees = free.largest_buy(0, np.array([3_000.0, 3_010.0]))

    assert [300.0, 301.0] == shares.tolist()
    assert [0.0, 0.0] == fees.tolist()


def test_without_costs_and_lots_the_budget_is_spent_whole(market_of):
    free = market_of([MAIN], [[3.0]], costs=False, whole_lots=False)

    assert 1000 / 3 == free.largest_buy(0, np.array([1000.0]))[0][0]


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from(sorted(BOARDS)),
    st.integers(1, 200_000).map(lambda cents: Decimal(cents) / 100),
    st.integers(0, 20_000_000).map(lambda cents: Decimal(cents) / 100),
)
def test_the_largest_buy_is_that_of_counting_down(market_of, code, price, budget):
    expected = largest_by_counting_down(code, price, budget)
    shares, fees = bought(market_of, code, float(price), budget)

    assert expected == shares
    assert float(buying_fees(expected * price)) == pytest.approx(fees, abs=1e-9)


@settings(deadline=None, max_examples=200)
@given(
    st.sampled_from(sorted(BOARDS)),
    st.integers(100, 50_000).map(lambda cents: Decimal(cents) / 100),
    st.integers(2, 2_000),
)
def test_a_budget_of_exactly_its_cost_buys_a_count_and_a_cent_less_does_not(
    market_of, code, price, lots
):
    minimum, step = BOARDS[code]
    shares = minimum + lots * step
    cost = shares * price + buying_fees(shares * price)

    assert shares == bought(market_of, code, float(price), cost)[0]
    assert shares > bought(market_of, code, float(price), cost - Decimal("0.01"))[0]


def test_a_very_large_capital_is_planned_at_once(market_of):
    many = market_of([STAR] * 50, [[1.01] * 50])
    many.largest_buy(0, np.zeros(50))
    started = time.perf_counter()
    shares, fees = many.largest_buy(0, np.full(50, 1e13))

    assert time.perf_counter() - started < 0.5
    assert (shares * 1.01 + fees <= 1e13).all()
    # One more share would cost more than the budget: 1.01 and its part of the fees.
    assert (shares * 1.01 + fees > 1e13 - 2.1).all()


def test_a_plan_buys_each_name_for_its_own_slice(market_of, session):
    plan = plan_entry(market_of([MAIN, STAR], [[10.0, 10.0]]), np.array([0.5, 0.5]), 200_000.0, 10)

    assert (
        Order(MAIN, session(0), "buy", 9_900.0, 10.0, pytest.approx(25.74)),
        Order(STAR, session(0), "buy", 9_997.0, 10.0, pytest.approx(25.99)),
    ) == plan.orders
    assert () == plan.waits
    assert () == plan.given_up
    assert 99_000 + 25.74 + 99_970 + 25.99 == pytest.approx(plan.spent)


def test_a_name_with_no_weight_is_not_bought(market_of):
    plan = plan_entry(market_of([MAIN, STAR], [[10.0, 10.0]]), np.array([1.0, 0.0]), 100_000.0, 10)

    assert [MAIN] == [order.code for order in plan.orders]
    assert () == plan.too_dear


def gap(length, count=20):
    """Fill prices of a name without bars on the first sessions."""
    return [[np.nan] if row < length else [10.0 + row] for row in range(count)]


@pytest.mark.parametrize("failures", [1, 5, 9, 10])
def test_a_buy_waits_for_a_bar_and_every_wait_is_logged(market_of, session, failures):
    plan = plan_entry(market_of([MAIN], gap(failures)), np.array([1.0]), 100_000.0, 10)

    assert tuple(Wait(MAIN, session(row), "buy", NO_BAR) for row in range(failures)) == plan.waits
    assert [(session(failures), 10.0 + failures)] == [(o.session, o.price) for o in plan.orders]
    assert () == plan.given_up


def test_a_buy_that_fails_on_eleven_sessions_is_given_up(market_of, session):
    plan = plan_entry(market_of([MAIN], gap(11)), np.array([1.0]), 100_000.0, 10)

    assert () == plan.orders
    assert (MAIN,) == plan.given_up
    assert [session(row) for row in range(10)] == [wait.session for wait in plan.waits][:10]
    assert 0.0 == plan.spent


def test_with_no_patience_a_buy_fills_at_once_or_never(market_of):
    plan = plan_entry(market_of([MAIN, STAR], [[np.nan, 10.0]] * 3), np.array([0.5, 0.5]), 1e6, 0)

    assert (MAIN,) == plan.given_up
    assert [STAR] == [order.code for order in plan.orders]


def test_a_buy_still_waiting_when_prices_end_is_not_given_up(market_of):
    plan = plan_entry(market_of([MAIN], gap(5, count=5)), np.array([1.0]), 100_000.0, 10)

    assert () == plan.given_up
    assert 5 == len(plan.waits)


def test_one_name_s_wait_moves_no_other_order(market_of):
    alone = plan_entry(market_of([STAR], [[10.0]] * 12), np.array([0.5]), 1e6, 10)
    beside = plan_entry(
        market_of([MAIN, STAR], [[np.nan, 10.0]] * 3 + [[9.0, 10.0]] * 9),
        np.array([0.5, 0.5]),
        1e6,
        10,
    )

    assert alone.orders[0] in beside.orders
    assert [STAR, MAIN] == [order.code for order in beside.orders]


def test_a_slice_that_buys_no_lot_is_named_with_the_least_capital(market_of):
    # 100 x 70.00 + 5.00 + 0.07 for the dear name, at half the capital.
    prices = [[70.0, 10.0]]
    plan = plan_entry(market_of([MAIN, CHINEXT], prices), np.array([0.5, 0.5]), 10_000.0, 10)

    assert (MAIN,) == plan.too_dear
    assert [CHINEXT] == [order.code for order in plan.orders]
    assert 2 * 7_005.07 == pytest.approx(plan.least_capital)


@settings(deadline=None, max_examples=200)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(BOARDS)), st.integers(100, 150_000)),
        min_size=1,
        max_size=60,
    ),
    st.booleans(),
)
def test_the_least_capital_buys_every_name_and_a_yuan_less_does_not(market_of, names, costs):
    codes, prices = [code for code, _ in names], [cents / 100 for _, cents in names]
    weights = np.full(len(codes), 1 / len(codes))
    shop = market_of(codes, [prices], costs=costs)
    least = np.ceil(plan_entry(shop, weights, 1.0, 10).least_capital)

    assert () == plan_entry(shop, weights, least, 10).too_dear
    assert () != plan_entry(shop, weights, least - 1, 10).too_dear


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(BOARDS)), st.integers(100, 150_000), st.integers(0, 12)),
        min_size=1,
        max_size=8,
    ),
    st.integers(10_000, 100_000_000),
)
def test_a_plan_never_spends_more_than_its_capital_nor_a_name_more_than_its_slice(
    market_of, names, capital
):
    fill = [[cents / 100 if row >= gap else np.nan for _, cents, gap in names] for row in range(13)]
    weights = np.full(len(names), 1 / len(names))
    plan = plan_entry(market_of([code for code, *_ in names], fill), weights, float(capital), 10)

    assert plan.spent <= capital + 1e-6
    assert all(order.amount + order.fees <= capital / len(names) + 1e-6 for order in plan.orders)


def test_a_day_before_the_rules_has_no_plan(market_of, axis):
    late = market_of([MAIN], [[10.0]])
    early = Conditions.plain(axis(1) - np.timedelta64(6000, "D"), late.securities, late.fill)

    with pytest.raises(RulesError, match=r"has no stamp_duty_sell for XSHG on 2008-"):
        plan_entry(early, np.array([1.0]), 1e6, 10)
