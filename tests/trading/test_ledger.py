"""By hand: a dividend and a 10-for-4 bonus issue between the entry and the end."""

import numpy as np
import pytest
from fakes.portfolios import trade

NO = np.nan
MAIN, CHINEXT = "600050.SH", "300308.SZ"

# Raw prices. The first name pays CNY 0.50 a share on the third session (close 10.50 before, so the
# reference is 10.00 and the factor 1.05); the second issues 4 new shares for 10 on the fourth
# (close 28.00 before, reference 20.00, factor 1.4) and has no bar on the second.
OPENS = [[10.0, 25.0], [10.2, NO], [10.0, 27.0], [10.1, 20.0], [10.3, 21.0]]
CLOSES = [[10.1, 26.0], [10.5, NO], [10.2, 28.0], [10.2, 20.5], [10.4, 22.0]]
FACTORS = [[1.0, 1.0], [1.0, NO], [1.05, 1.0], [1.05, 1.4], [1.05, 1.4]]
CAPITAL = 200_000.0

# 9,900 shares at 10.00 cost 99,000 + 24.75 + 0.99; 3,900 at 25.00 cost 97,500 + 24.38 + 0.98.
CASH = CAPITAL - 99_025.74 - 97_525.36


@pytest.fixture
def book(market_of):
    market = market_of([MAIN, CHINEXT], OPENS, close=CLOSES, adjustment=FACTORS)
    return trade(market, [0.5, 0.5], CAPITAL)


def test_the_orders_are_those_of_the_hand(book):
    plan, _ = book

    assert [(MAIN, 9_900.0, 10.0), (CHINEXT, 3_900.0, 25.0)] == [
        (order.code, order.shares, order.price) for order in plan.orders
    ]
    assert [25.74, 25.36] == pytest.approx([order.fees for order in plan.orders])


def test_cash_is_what_the_orders_left(book):
    np.testing.assert_allclose([CASH] * 5, book[1].cash, atol=1e-9)


def test_a_dividend_is_reinvested_on_the_ex_date(book):
    # 9,900 shares at 10.20, and 9,900 x 0.50 reinvested at the reference of 10.00: 5% more shares.
    assert 9_900 * 1.05 * 10.2 == pytest.approx(book[1].holdings[2, 0])


def test_a_bonus_issue_multiplies_the_shares(book):
    assert 3_900 * 1.4 * 20.5 == pytest.approx(book[1].holdings[3, 1])


def test_a_session_without_a_bar_is_marked_at_the_last_close(book):
    assert 3_900 * 26.0 == pytest.approx(book[1].holdings[1, 1])


def test_the_value_is_cash_and_holdings(book):
    expected = [
        CASH + 9_900 * 10.1 + 3_900 * 26.0,
        CASH + 9_900 * 10.5 + 3_900 * 26.0,
        CASH + 9_900 * 1.05 * 10.2 + 3_900 * 28.0,
        CASH + 9_900 * 1.05 * 10.2 + 3_900 * 1.4 * 20.5,
        CASH + 9_900 * 1.05 * 10.4 + 3_900 * 1.4 * 22.0,
    ]

    np.testing.assert_allclose(expected, book[1].value, atol=1e-6)


def test_net_is_what_selling_everything_that_session_would_leave(book):
    ledger = book[1]
    # On the last session: 108,108.00 and 120,120.00, each less 0.025%, 0.001% and 0.05%:
    # 27.03 + 1.08 + 54.05 and 30.03 + 1.20 + 60.06.
    assert [82.16, 91.29] == pytest.approx(ledger.selling_fees[4])
    assert CASH + 108_108.0 + 120_120.0 - 82.16 - 91.29 == pytest.approx(ledger.liquidation[4])
    assert ledger.liquidation[4] / CAPITAL - 1 == pytest.approx(ledger.net[4])


def test_executable_is_the_same_fills_without_any_fee(book):
    free = CAPITAL - 99_000 - 97_500 + 108_108.0 + 120_120.0

    assert free / CAPITAL - 1 == pytest.approx(book[1].executable[4], abs=1e-12)


def test_gains_and_fees_add_up_to_net(book):
    ledger = book[1]

    assert [(108_108 - 99_000) / CAPITAL, (120_120 - 97_500) / CAPITAL] == pytest.approx(
        ledger.gains[4]
    )
    assert -(25.74 + 25.36 + 82.16 + 91.29) / CAPITAL == pytest.approx(ledger.fee_drag[4])
    np.testing.assert_allclose(ledger.net, ledger.gains.sum(axis=1) + ledger.fee_drag, atol=1e-14)


def test_a_bought_name_s_units_are_shares_over_the_factor_of_its_fill(market_of):
    market = market_of(
        [CHINEXT],
        [[NO], [NO], [27.0], [20.0], [21.0]],
        close=[[NO], [NO], [28.0], [20.5], [22.0]],
        adjustment=[[NO], [NO], [1.25], [1.75], [1.75]],
    )
    plan, ledger = trade(market, [1.0], CAPITAL)
    shares = plan.orders[0].shares

    assert [0.0, 0.0] == ledger.units[:2, 0].tolist()
    assert shares / 1.25 == pytest.approx(ledger.units[2, 0])
    assert shares * 1.4 * 22.0 == pytest.approx(ledger.holdings[4, 0])


def test_before_its_first_bar_a_name_is_marked_at_its_first_close(market_of):
    closes = [[NO], [NO], [28.0], [20.5], [22.0]]
    market = market_of([CHINEXT], [[NO], [NO], [27.0], [20.0], [21.0]], close=closes)
    _, ledger = trade(market, [0.0], CAPITAL)

    assert [28.0, 28.0, 28.0, 20.5, 22.0] == ledger.marks[:, 0].tolist()


def test_without_orders_the_capital_stays(market_of):
    market = market_of([MAIN], [[NO]] * 5)
    _, ledger = trade(market, [1.0], CAPITAL)

    assert [CAPITAL] * 5 == ledger.value.tolist()
    assert [0.0] * 5 == ledger.net.tolist()
    assert np.isfinite(ledger.marks).all()
