"""Dividends and bonus issues inside the window, in backtests of hand-written bars.

Every ledger is worked out with a pocket calculator. Fees of October 2024: commission 0.025%, at
least 5.00; transfer 0.001%; stamp duty 0.05% of a sale, in this order below.
"""

import math

import pytest
from trading.hand_panels import Bar, Market, cash, liquidation, orders, value, waits

MAIN, OTHER, CHINEXT = "600050.SH", "000063.SZ", "300308.SZ"
UNSAID = math.nan

TOTAL_AND_PRICE = pytest.mark.parametrize("basis", ["total", "price"])


def dividend(open_, close, stated=9.50):
    """The ex-date of CNY 0.50 a share on a close of 10.00: reference 9.50."""
    return Bar(open_, close, pre_close=stated, factor=10 / 9.5)


def bonus(open_, close=None, stated=10.00):
    """The ex-date of 4 new shares for 10 on a close of 14.00: reference 10.00."""
    return Bar(open_, close, pre_close=stated, factor=1.4, share_factor=1.4)


# --------------------------------------------------------------------------- ledgers

# 20,000 at 10.00: 2,000 shares are 20,000 before fees, so 1,900: 19,000, fees 5.00 (4.75 is under
# the least) + 0.19 = 5.19. Cash 20,000 - 19,005.19 = 994.81.
# On the ex-date 1,900 x 0.50 = 950.00 come and are reinvested at the reference 9.50: 100 shares.
PAYER = Market("2024-10-11", {MAIN: [10, 10, 10, dividend(9.60, 9.80), Bar(9.70)]})
BOUGHT = ("2024-10-14", MAIN, "buy", 1_900, 10.00, 5.19)


def test_a_dividend_becomes_shares_at_the_ex_dividend_reference():
    # Sold: 2,000 x 9.70 = 19,400, fees 5.00 (4.85) + 0.19 + 9.70 = 14.89: 994.81 + 19,385.11.
    result = PAYER.run(capital=20_000, exit="2024-10-17")

    assert [BOUGHT, ("2024-10-17", MAIN, "sell", 2_000, 9.70, 14.89)] == orders(result)
    # No cash moves on the ex-date: 994.81 + 2,000 x 9.80 = 20,594.81.
    assert [994.81, 994.81, 994.81, 20_379.92] == cash(
        result, "2024-10-14", "2024-10-15", "2024-10-16", "2024-10-17"
    )
    assert [19_994.81, 19_994.81, 20_594.81, 20_379.92] == value(
        result, "2024-10-14", "2024-10-15", "2024-10-16", "2024-10-17"
    )


def test_on_price_basis_a_dividend_is_lost():
    # 1,900 x 9.70 = 18,430, fees 5.00 (4.61) + 0.18 + 9.215 -> 9.22 = 14.40: 994.81 + 18,415.60.
    result = PAYER.run(capital=20_000, exit="2024-10-17", basis="price")

    assert [BOUGHT, ("2024-10-17", MAIN, "sell", 1_900, 9.70, 14.40)] == orders(result)
    # 994.81 + 1,900 x 9.80 = 19,614.81.
    assert [19_994.81, 19_614.81, 19_410.41] == value(
        result, "2024-10-15", "2024-10-16", "2024-10-17"
    )


# 30,000 at 14.00: 2,100: 29,400, fees 7.35 + 0.29 = 7.64. Cash 30,000 - 29,407.64 = 592.36.
# On the ex-date 2,100 x 1.4 = 2,940 shares, which is no whole lot.
HELD_AT_14 = ("2024-10-14", CHINEXT, "buy", 2_100, 14.00, 7.64)


@TOTAL_AND_PRICE
def test_a_bonus_issue_multiplies_the_shares_and_all_are_sold(basis):
    # Sold: 2,940 x 10.20 = 29,988, fees 7.50 + 0.30 + 14.99 = 22.79: 592.36 + 29,965.21.
    market = Market("2024-10-11", {CHINEXT: [14, 14, 14, bonus(10.00, 10.50), Bar(10.20)]})

    result = market.run(capital=30_000, exit="2024-10-17", basis=basis)

    assert [HELD_AT_14, ("2024-10-17", CHINEXT, "sell", 2_940, 10.20, 22.79)] == orders(result)
    # 592.36 + 29,400 = 29,992.36; 592.36 + 2,940 x 10.50 = 31,462.36.
    assert [29_992.36, 31_462.36, 30_557.57] == value(
        result, "2024-10-15", "2024-10-16", "2024-10-17"
    )


@TOTAL_AND_PRICE
def test_after_a_bonus_issue_lots_are_of_the_new_shares(basis):
    """50,000 each; the first Friday of November returns to that.

    MAIN at 14.00: 3,500: 49,000, fees 12.25 + 0.49 = 12.74.
    OTHER at 20.00: 2,400: 48,000, fees 12.00 + 0.48 = 12.48. Cash 2,974.78.
    1 November: MAIN has 4,900 shares at 11.00: 53,900; equity 2,974.78 + 53,900 + 48,000 =
    104,874.78, half of it 52,437.39. MAIN: 1,462.61 too much, 132.96 shares: sells 100 (of the old
    shares it would have been 94.97, none): 1,100, fees 5.00 + 0.01 + 0.55 = 5.56. Cash 4,069.22.
    OTHER: 4,437.39 too little, which is more than the cash: 200: 4,000, fees 5.00 + 0.04.
    Cash 64.18.
    """
    early, late = 6, 9  # sessions from the 11th to the 18th, and from the 21st to the 31st
    rises = [*[14] * early, bonus(10.00, 10.50), *[11.00] * late]
    market = Market("2024-10-11", {MAIN: rises, OTHER: [20]})

    result = market.run(capital=100_000, rebalance="monthly", basis=basis)

    assert [
        ("2024-10-14", MAIN, "buy", 3_500, 14.00, 12.74),
        ("2024-10-14", OTHER, "buy", 2_400, 20.00, 12.48),
        ("2024-11-01", MAIN, "sell", 100, 11.00, 5.56),
        ("2024-11-01", OTHER, "buy", 200, 20.00, 5.04),
    ] == orders(result)[:4]
    assert [2_974.78, 64.18] == cash(result, "2024-10-31", "2024-11-01")
    # 4,800 x 11.00 + 2,600 x 20.00 + 64.18 = 104,864.18.
    assert [104_874.78, 104_864.18] == value(result, "2024-10-31", "2024-11-01")


def test_a_dividend_and_a_bonus_issue_on_one_day():
    """0.70 a share and 4 new shares for 10 on 14.00: (14.00 - 0.70) / 1.4 = 9.50.

    2,100 shares bring 1,470.00 and become 2,940; with the 154.7368 bought for it, 3,094.7368.
    Total: 592.36 + 2,100 x 14 / 9.5 x 10.00 = 592.36 + 30,947.368421 = 31,539.728421.
    Price: 592.36 + 2,940 x 10.00 = 29,992.36.
    """
    ex_date = Bar(9.50, 10.00, pre_close=9.50, factor=14 / 9.5, share_factor=1.4)
    market = Market("2024-10-11", {CHINEXT: [14, 14, 14, ex_date]})

    total, price = (market.run(capital=30_000, basis=basis) for basis in ("total", "price"))

    assert [HELD_AT_14] == orders(total) == orders(price)
    assert [31_539.728421] == value(total, "2024-10-16")
    assert [29_992.36] == value(price, "2024-10-16")
    # Leaving pays for the raw shares there are: 30,947.368421 x (0.025% + 0.001% + 0.05%)
    # = 7.74 + 0.31 + 15.47; 29,400 x ... = 7.35 + 0.29 + 14.70.
    assert [round(31_539.728421 - 23.52, 6)] == liquidation(total, "2024-10-16")
    assert [29_992.36 - 22.34] == liquidation(price, "2024-10-16")


# --------------------------------------------------------------------------- suspended

# No bar from the 15th to the 17th; meanwhile 4 new shares for 10 went ex.
STOPPED = [None, None, None]


@TOTAL_AND_PRICE
def test_a_factor_that_steps_during_a_suspension_shows_when_trading_resumes(basis):
    market = Market("2024-10-11", {CHINEXT: [14, 14, *STOPPED, bonus(10.50, 10.80)]})

    result = market.run(capital=30_000, basis=basis)

    # Meanwhile it is carried at its last close. Back: 592.36 + 2,940 x 10.80 = 32,344.36.
    assert [HELD_AT_14] == orders(result)
    assert [29_992.36, 29_992.36, 32_344.36] == value(
        result, "2024-10-15", "2024-10-17", "2024-10-18"
    )


@TOTAL_AND_PRICE
@pytest.mark.parametrize("stated", [10.00, UNSAID], ids=["pre_close", "factor alone"])
def test_a_sale_waits_out_the_suspension_and_the_lower_limit_of_the_new_shares(basis, stated):
    """Main board: 10% of the reference 10.00, and 12.60 would be the limit of the old shares.

    Sold: 2,940 x 9.20 = 27,048, fees 6.76 + 0.27 + 13.52 = 20.55. Cash 592.36 + 27,027.45.
    """
    bars = [14, 14, *STOPPED, bonus(9.00, 9.30, stated), Bar(9.20)]

    result = Market("2024-10-11", {MAIN: bars}).run(capital=30_000, exit="2024-10-15", basis=basis)

    assert [
        ("2024-10-14", MAIN, "buy", 2_100, 14.00, 7.64),
        ("2024-10-21", MAIN, "sell", 2_940, 9.20, 20.55),
    ] == orders(result)
    stopped = "no bar that session (suspended or not listed)"
    assert [
        ("2024-10-15", MAIN, "sell", stopped),
        ("2024-10-16", MAIN, "sell", stopped),
        ("2024-10-17", MAIN, "sell", stopped),
        ("2024-10-18", MAIN, "sell", "at its lower limit, CNY 9.00"),
    ] == waits(result)
    assert [592.36, 27_619.81] == cash(result, "2024-10-18", "2024-10-21")


@TOTAL_AND_PRICE
@pytest.mark.parametrize("stated", [10.00, UNSAID], ids=["pre_close", "factor alone"])
def test_a_buy_waits_out_the_suspension_and_the_upper_limit_of_the_new_shares(basis, stated):
    """Suspended on the entry session already; back at 11.00, its upper limit of that day.

    Bought on the sixth session: 2,700 x 10.90 = 29,430, fees 7.36 + 0.29 = 7.65. Cash 562.35.
    They stay 2,700, for they are bought after the ex-date.
    Sold: 2,700 x 11.00 = 29,700, fees 7.425 -> 7.43 + 0.30 + 14.85 = 22.58. Cash 30,239.77.
    """
    bars = [14, None, *STOPPED, bonus(11.00, 10.80, stated), Bar(10.90), Bar(11.00)]

    result = Market("2024-10-11", {MAIN: bars}).run(capital=30_000, exit="2024-10-22", basis=basis)

    assert [
        ("2024-10-21", MAIN, "buy", 2_700, 10.90, 7.65),
        ("2024-10-22", MAIN, "sell", 2_700, 11.00, 22.58),
    ] == orders(result)
    assert ["2024-10-14", "2024-10-15", "2024-10-16", "2024-10-17", "2024-10-18"] == [
        wait[0] for wait in waits(result)
    ]
    assert "at its upper limit, CNY 11.00" == waits(result)[-1][3]
    assert [30_000, 562.35, 30_239.77] == cash(result, "2024-10-18", "2024-10-21", "2024-10-22")


# --------------------------------------------------------------------------- limits of the ex-date

#: What the limits are reckoned from, the bars' ``pre_close`` or their factor, on either basis.
GROUNDS = pytest.mark.parametrize(
    ("basis", "unsaid"), [("total", False), ("price", True)], ids=["pre_close", "factor alone"]
)

# ChiNext, 20% of the reference 10.00: 12.00 and 8.00. Of the close before, 14.00, they would be
# 16.80 and 11.20, and every price below under the lower one.
EX_DATE = [
    pytest.param(bonus, CHINEXT, 14.00, 12.00, 11.99, "12.00", id="bonus up"),
    # Main board, 10% of 9.50: 10.45, just 4.5% over the close before.
    pytest.param(dividend, MAIN, 10.00, 10.45, 10.44, "10.45", id="dividend up"),
]


@GROUNDS
@pytest.mark.parametrize(("event", "code", "before", "limit", "under", "shown"), EX_DATE)
def test_the_upper_limit_of_an_ex_date_is_that_of_the_ex_right_reference(
    event, code, before, limit, under, shown, unsaid, basis
):
    told = {"stated": UNSAID} if unsaid else {}

    def entered(price):
        bars = [before, event(price, price, **told), Bar(price)]
        return Market("2024-10-11", {code: bars}).run(capital=30_000, basis=basis)

    at_limit, below = entered(limit), entered(under)

    assert [("2024-10-14", code, "buy", f"at its upper limit, CNY {shown}")] == waits(at_limit)
    assert ("2024-10-15", code, "buy") == orders(at_limit)[0][:3]
    assert [] == waits(below)
    assert ("2024-10-14", code, "buy") == orders(below)[0][:3]


@GROUNDS
@pytest.mark.parametrize(
    ("event", "code", "before", "price", "waited"),
    [
        # 11.20 is 20% under the close before, and 12% over the reference.
        pytest.param(bonus, CHINEXT, 14.00, 11.20, [], id="bonus, limit of the old shares"),
        pytest.param(bonus, CHINEXT, 14.00, 8.01, [], id="bonus, a cent over"),
        pytest.param(bonus, CHINEXT, 14.00, 8.00, ["8.00"], id="bonus, at the limit"),
        # 10% under 9.50 is 8.55; 9.00 is 10% under the close before.
        pytest.param(dividend, MAIN, 10.00, 9.00, [], id="dividend, limit of the close before"),
        pytest.param(dividend, MAIN, 10.00, 8.55, ["8.55"], id="dividend, at the limit"),
    ],
)
def test_the_lower_limit_of_an_ex_date_is_that_of_the_ex_right_reference(
    event, code, before, price, waited, unsaid, basis
):
    told = {"stated": UNSAID} if unsaid else {}
    bars = [before, before, event(price, price, **told), Bar(price)]

    result = Market("2024-10-11", {code: bars}).run(capital=30_000, exit="2024-10-15", basis=basis)

    assert [
        ("2024-10-15", code, "sell", f"at its lower limit, CNY {limit}") for limit in waited
    ] == waits(result)
    sold = "2024-10-16" if waited else "2024-10-15"
    assert (sold, code, "sell") == orders(result)[1][:3]
