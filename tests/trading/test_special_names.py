"""Names that do not simply trade on: delisted, suspended, new, under special treatment; and what
their lots and limits do to a portfolio. Backtests of hand-written bars with hand-written listings.

Every ledger is worked out with a pocket calculator. Fees of these years: commission 0.025%, at
least 5.00; transfer 0.001%; stamp duty 0.05% of a sale, in this order below.
"""

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from trading.hand_panels import GONE, Bar, Market, cash, liquidation, orders, value, waits

from thesis.market.calendar import sessions
from thesis.market.listing import Listing

STEADY, MAIN, CHINEXT, STAR, BSE = (
    "600001.SH", "600050.SH", "300308.SZ", "688256.SH", "920002.BJ",
)  # fmt: skip

NO_BAR = "no bar that session (suspended or not listed)"

#: 49,000 at 10.00: fees 12.25 + 0.49 and, leaving, 12.25 + 0.49 + 24.50.
BOUGHT_4900 = ("buy", 4_900, 10.00, 12.74)


def day(text):
    return dt.date.fromisoformat(text)


def between(first, last):
    """The sessions between two days, both included."""
    axis = sessions()
    return [str(d) for d in axis[(axis >= np.datetime64(first)) & (axis <= np.datetime64(last))]]


def flat(price, first, last):
    """A price on every session between two days."""
    return [price] * len(between(first, last))


def status(result, code):
    found = result.names[result.names["code"] == code].iloc[0]
    return found["status"], found["net_status"]


def warnings(result):
    return {warning["code"]: warning["message"] for warning in result.to_dict()["warnings"]}


def reasons(result, code, side):
    return [(when, why) for when, who, which, why in waits(result) if (who, which) == (code, side)]


# --------------------------------------------------------------------------- delisted

# 50,000 each at 10.00: 4,900 of both, cash 100,000 - 98,025.48 = 1,974.52. From 14 February MAIN
# opens and closes at its lower limit five times, and is delisted on 10 March.
FALLING = [9.00, 8.10, 7.29, 6.56, 5.90]
DELISTED = Market(
    "2024-10-11",
    {STEADY: [10], MAIN: [*flat(10.0, "2024-10-11", "2025-02-13"), *FALLING, GONE]},
    {MAIN: Listing(MAIN, delist_date=day("2025-03-10"))},
)


def test_a_name_delisted_inside_the_window_is_held_at_its_last_close():
    result = DELISTED.run(capital=100_000)

    assert [("2024-10-14", code, *BOUGHT_4900) for code in (STEADY, MAIN)] == orders(result)
    assert ("delisted", "held") == status(result, MAIN)
    assert [] == waits(result)
    # 1,974.52 + 49,000 + 4,900 x 5.90 = 79,884.52, from its last session to the window's end.
    assert [99_974.52, 79_884.52, 79_884.52] == value(
        result, "2025-02-13", "2025-02-20", "2025-04-11"
    )
    # Leaving: 37.24 and, of 28,910, 7.23 + 0.29 + 14.455 -> 14.46 = 21.98, sold or not.
    assert [79_825.30] == liquidation(result, "2025-04-11")


def test_a_sale_that_fell_through_every_limit_waits_until_its_name_is_delisted():
    result = DELISTED.run(capital=100_000, exit="2025-02-14")

    assert [
        ("2024-10-14", STEADY, *BOUGHT_4900),
        ("2024-10-14", MAIN, *BOUGHT_4900),
        ("2025-02-14", STEADY, "sell", 4_900, 10.00, 37.24),
    ] == orders(result)
    limits = zip(between("2025-02-14", "2025-02-20"), FALLING, strict=True)
    at_limit = [(when, f"at its lower limit, CNY {price:.2f}") for when, price in limits]
    no_bar = [(when, NO_BAR) for when in between("2025-02-21", "2025-03-07")]
    assert (5, 11) == (len(at_limit), len(no_bar))
    assert at_limit + no_bar == reasons(result, MAIN, "sell")
    # 1,974.52 + 49,000 - 37.24, and what is left of MAIN is a mark, not money.
    assert [50_937.28] == cash(result, "2025-04-11")
    assert [79_847.28] == value(result, "2025-04-11")
    assert [79_825.30] == liquidation(result, "2025-04-11")


def test_a_buy_of_a_name_that_is_delisted_before_it_trades_again_is_given_up():
    gone = {MAIN: Listing(MAIN, delist_date=day("2024-10-18"))}

    result = Market("2024-10-11", {STEADY: [10], MAIN: [10, GONE]}, gone).run(capital=20_000)

    assert [("2024-10-14", STEADY, "buy", 900, 10.00, 5.09)] == orders(result)
    assert [(when, NO_BAR) for when in between("2024-10-14", "2024-10-17")] == reasons(
        result, MAIN, "buy"
    )
    assert ("never_entered", "never_entered") == status(result, MAIN)
    assert [10_994.91] == cash(result, "2025-04-11")
    assert MAIN in warnings(result)["net_never_entered"]


# --------------------------------------------------------------------------- delisting period

# The period begins on the 16th; the first session on which the name trades is the 17th.
PERIOD = ((day("2024-10-16"), day("2024-11-05"), "delisting"),)
WIDE = {MAIN: "1.10", CHINEXT: "1.20", STAR: "1.20", BSE: "1.30"}


def in_its_period(code, bars, treatments=PERIOD):
    return Market(
        "2024-10-11",
        {code: bars, STEADY: [10]},
        {code: Listing(code, list_date=day("2015-01-05"), treatments=treatments)},
    )


@pytest.mark.parametrize("code", WIDE)
def test_the_first_session_of_a_delisting_period_has_no_limit_and_the_second_has(code):
    def second(price):
        return [2.00, None, None, None, Bar(3.50, 1.00), Bar(price, 1.00), Bar(1.00)]

    limit = float(WIDE[code])

    first_day = in_its_period(code, second(limit)).run(capital=20_000)
    at_limit = in_its_period(code, second(limit)).run(capital=20_000, delay=4)
    below = in_its_period(code, second(limit - 0.01)).run(capital=20_000, delay=4)

    # Suspended on three sessions, it opens 75% over its last close, and is bought.
    assert [(when, NO_BAR) for when in between("2024-10-14", "2024-10-16")] == reasons(
        first_day, code, "buy"
    )
    assert ("2024-10-17", code, "buy") == orders(first_day)[1][:3]
    assert 3.50 == orders(first_day)[1][4]
    assert [("2024-10-18", f"at its upper limit, CNY {WIDE[code]}")] == reasons(
        at_limit, code, "buy"
    )
    assert ("2024-10-21", code, "buy") == orders(at_limit)[1][:3]
    assert [] == waits(below)
    assert {"2024-10-18"} == {order[0] for order in orders(below)}


def test_without_the_period_its_first_session_is_held_to_the_usual_limit():
    bars = [2.00, None, None, None, Bar(3.50, 1.00), Bar(1.10, 1.00), Bar(1.00)]

    result = in_its_period(MAIN, bars, treatments=()).run(capital=20_000)

    assert [
        ("2024-10-17", "at its upper limit, CNY 2.20"),
        ("2024-10-18", "at its upper limit, CNY 1.10"),
    ] == reasons(result, MAIN, "buy")[3:]


def test_a_sale_into_a_delisting_period():
    """10,000 for it at 2.00: 4,900: 9,800, fees 5.00 + 0.10. STEADY: 900: 9,000, 5.00 + 0.09.

    Cash 20,000 - 9,805.10 - 9,005.09 = 1,189.81; the sale of STEADY brings 9,000 less
    5.00 + 0.09 + 4.50: 8,990.41.
    On the first session, at 40% of the last close: 3,920, fees 5.00 + 0.04 + 1.96 = 7.00.
    On the second at 10% under 0.80 it waits; on the third at 0.70: 3,430, 5.00 + 0.03 + 1.72.
    """
    bars = [2.00, 2.00, None, None, Bar(0.80), Bar(0.72, 0.74), Bar(0.70)]
    market = in_its_period(MAIN, bars)

    early = market.run(capital=20_000, exit="2024-10-15")
    late = market.run(capital=20_000, exit="2024-10-18")

    bought = [
        ("2024-10-14", MAIN, "buy", 4_900, 2.00, 5.10),
        ("2024-10-14", STEADY, "buy", 900, 10.00, 5.09),
    ]
    sold = STEADY, "sell", 900, 10.00, 9.59
    assert [
        *bought,
        ("2024-10-15", *sold),
        ("2024-10-17", MAIN, "sell", 4_900, 0.80, 7.00),
    ] == orders(early)
    assert [("2024-10-15", NO_BAR), ("2024-10-16", NO_BAR)] == reasons(early, MAIN, "sell")
    assert [1_189.81, 10_180.22, 14_093.22] == cash(early, "2024-10-14", "2024-10-15", "2024-10-17")
    assert [
        *bought,
        ("2024-10-18", *sold),
        ("2024-10-21", MAIN, "sell", 4_900, 0.70, 6.75),
    ] == orders(late)
    assert [("2024-10-18", "at its lower limit, CNY 0.72")] == reasons(late, MAIN, "sell")
    assert [10_180.22, 13_603.47] == cash(late, "2024-10-18", "2024-10-21")


# --------------------------------------------------------------------------- suspended

# STEADY: 4,900 at 10.00. MAIN at 20.00: 2,400: 48,000, fees 12.00 + 0.48. Cash 2,974.78.
# MAIN's last close before the suspension is 24.00.
RISEN = [*flat(20.0, "2024-10-11", "2025-03-17"), 22.00, 24.00]
SILENCE = len(between("2025-03-20", "2025-04-30"))
ANNOUNCED = Listing(MAIN, suspensions=((day("2025-03-20"), day("2025-04-30")),))
RESUMES = Market("2024-10-11", {STEADY: [10], MAIN: [*RISEN, *[None] * SILENCE, 24.00]})
STAYS_AWAY = Market("2024-10-11", {STEADY: [10], MAIN: [*RISEN, GONE]}, {MAIN: ANNOUNCED})

OVER_THE_END = pytest.mark.parametrize(
    "market", [RESUMES, STAYS_AWAY], ids=["bars after it", "announced"]
)
BOTH_BOUGHT = [
    ("2024-10-14", STEADY, *BOUGHT_4900),
    ("2024-10-14", MAIN, "buy", 2_400, 20.00, 12.48),
]


@OVER_THE_END
def test_a_suspension_over_the_window_s_end_leaves_a_sale_waiting_and_a_mark(market):
    result = market.run(capital=100_000, exit="end")

    assert [*BOTH_BOUGHT, ("2025-04-11", STEADY, "sell", 4_900, 10.00, 37.24)] == orders(result)
    assert [("2025-04-11", MAIN, "sell", NO_BAR)] == waits(result)
    assert ("suspended_at_end", "held") == status(result, MAIN)
    # 2,974.78 + 49,000 - 37.24; with 2,400 x 24.00 109,537.54; leaving 14.40 + 0.58 + 28.80.
    assert [51_937.54] == cash(result, "2025-04-11")
    assert [109_537.54] == value(result, "2025-04-11")
    assert [109_493.76] == liquidation(result, "2025-04-11")


@OVER_THE_END
def test_a_rebalance_during_a_suspension_buys_what_its_cash_allows_and_waits_for_the_rest(market):
    """1 April: equity 2,974.78 + 49,000 + 57,600 = 109,574.78, half of it 54,787.39.

    MAIN, at its last close: 2,812.61 too much; it has no bar.
    STEADY: 5,787.39 too little, cash 2,974.78: 200: 2,000, fees 5.00 + 0.02. Cash 969.76, which
    buys no lot; the rest waits for the sale of MAIN.
    In the months before, the 987.39 and 1,987.39 that are missing buy no lot either.
    """
    result = market.run(capital=100_000, rebalance="monthly")

    assert [*BOTH_BOUGHT, ("2025-04-01", STEADY, "buy", 200, 10.00, 5.02)] == orders(result)
    april = between("2025-04-01", "2025-04-11")
    assert 8 == len(april)
    assert [(when, NO_BAR) for when in april] == reasons(result, MAIN, "sell")
    assert [(when, f"its cash waits for the sale of {MAIN}") for when in april] == reasons(
        result, STEADY, "buy"
    )
    assert [2_974.78, 969.76, 969.76] == cash(result, "2025-03-31", "2025-04-01", "2025-04-11")


# --------------------------------------------------------------------------- newly listed

#: By board: code, sessions without limits, and the upper limit of the next on a close of 60.00.
NEW = {
    "main": ("603500.SH", 5, 66.00),
    "chinext": ("301500.SZ", 5, 72.00),
    "star": ("688500.SH", 5, 72.00),
    "bse": ("920500.BJ", 1, 78.00),
}


def newly_listed(board, price, list_date="2024-10-15"):
    """Issued at 10.00, listed on the 15th; `price` is the open of its first limited session."""
    code, free, _ = NEW[board]
    wild = [30.00, 50.00, 20.00, 100.00, 60.00][-free:]
    bars = [None, None, Bar(wild[0], pre_close=10.00), *wild[1:], Bar(price, 60.00), 60.00]
    listed = day(list_date) if list_date else None
    return code, Market(
        "2024-10-11", {code: bars, STEADY: [10]}, {code: Listing(code, None, listed)}
    )


@pytest.mark.parametrize("board", NEW)
def test_the_first_sessions_of_a_listing_have_no_limits(board):
    code, market = newly_listed(board, NEW[board][2])
    free = NEW[board][1]

    for session in range(1, free + 1):
        result = market.run(capital=200_000, delay=session)
        assert [] == waits(result)
        assert ["buy", "buy"] == [order[2] for order in orders(result)]
        assert 1 == len({order[0] for order in orders(result)})
    first = market.run(capital=200_000)
    assert [("2024-10-14", code, "buy", NO_BAR)] == waits(first)
    assert ("2024-10-15", code, "buy") == orders(first)[1][:3]


@pytest.mark.parametrize("board", NEW)
def test_the_next_session_of_a_listing_has_them(board):
    code, free, limit = NEW[board]
    _, at_limit = newly_listed(board, limit)
    _, below = newly_listed(board, limit - 0.01)

    waited = at_limit.run(capital=200_000, delay=free + 1)
    filled = below.run(capital=200_000, delay=free + 1)

    entry, after = at_limit.axis[[free + 2, free + 3]].astype(str)
    assert [(entry, code, "buy", f"at its upper limit, CNY {limit:.2f}")] == waits(waited)
    assert (after, code, "buy") == orders(waited)[1][:3]
    assert [] == waits(filled)
    assert {entry} == {order[0] for order in orders(filled)}


def test_the_ledger_of_a_new_listing():
    """ChiNext, 50,000 each. Bought on its first session at 30.00, three times the issue price:
    1,600: 48,000, fees 12.00 + 0.48. STEADY: 4,900 for 49,012.74. Cash 2,974.78.

    Both are sold on the third session at 20.00, 60% under the close before:
    32,000, fees 8.00 + 0.32 + 16.00 = 24.32; 49,000, fees 37.24. Cash 83,913.22.
    """
    code, market = newly_listed("chinext", 72.00)

    result = market.run(capital=100_000, exit="2024-10-17")

    assert [
        ("2024-10-14", STEADY, *BOUGHT_4900),
        ("2024-10-15", code, "buy", 1_600, 30.00, 12.48),
        ("2024-10-17", code, "sell", 1_600, 20.00, 24.32),
        ("2024-10-17", STEADY, "sell", 4_900, 10.00, 37.24),
    ] == orders(result)
    assert [50_987.26, 2_974.78, 83_913.22] == cash(
        result, "2024-10-14", "2024-10-15", "2024-10-17"
    )
    # On the second session it closes at 50.00: 2,974.78 + 80,000 + 49,000.
    assert [131_974.78] == value(result, "2024-10-16")


# --------------------------------------------------------------------------- special treatment

UNDER_ST = ((day("2024-11-01"), None, "ST"),)


@pytest.mark.parametrize(
    ("treatments", "filled", "shares", "price", "left"),
    [
        # Bought on Monday: 300 x 8.50 = 2,550, fees 5.00 + 0.03. Cash 419.75.
        pytest.param(UNDER_ST, "2024-11-04", 300, 8.50, 419.75, id="ST"),
        # On Friday: 300 x 8.40 = 2,520, fees 5.00 + 0.03. Cash 449.75.
        pytest.param((), "2024-11-01", 300, 8.40, 449.75, id="not ST"),
    ],
)
def test_a_name_that_turns_st_inside_the_window_is_held_to_5_percent(
    treatments, filled, shares, price, left
):
    """MAIN at 10.00 and OTHER at 20.00, 50,000 each: 4,900 and 2,400, cash 2,974.78.

    MAIN falls to 8.00 by the end of October, in steps of 10% that were no limit then. On Friday
    1 November, its first session under ST, it opens 5% up at 8.40: equity 2,974.78 + 41,160 +
    48,000 = 92,134.78, half of it 46,067.39. MAIN: 4,907.39 too little, more than the cash.
    OTHER: 1,932.61 too much, 96.63 shares, no lot.
    """
    other = "000063.SZ"
    falls = [*flat(10.0, "2024-10-11", "2024-10-28"), 9.00, 8.10, 8.00]
    market = Market(
        "2024-10-11",
        {MAIN: [*falls, 8.40, 8.50], other: [20]},
        {MAIN: Listing(MAIN, treatments=treatments)},
    )

    result = market.run(capital=100_000, rebalance="monthly")

    assert [
        ("2024-10-14", MAIN, *BOUGHT_4900),
        ("2024-10-14", other, "buy", 2_400, 20.00, 12.48),
        (filled, MAIN, "buy", shares, price, 5.03),
    ] == orders(result)
    waited = [("2024-11-01", MAIN, "buy", "at its upper limit, CNY 8.40")] if treatments else []
    assert waited == waits(result)
    assert [2_974.78, left] == cash(result, "2024-10-31", "2024-11-04")


@pytest.mark.parametrize(
    ("code", "treatments", "waited"),
    [
        (MAIN, (("2024-10-14", None, "ST"),), True),  # from the entry session on
        (MAIN, (("2024-10-14", None, "*ST"),), True),
        (MAIN, (("2024-05-06", "2024-10-14", "ST"),), True),  # its last day
        (MAIN, (("2024-05-06", "2024-10-13", "ST"),), False),  # lifted the day before
        (MAIN, (("2024-10-15", None, "ST"),), False),  # from tomorrow on
        (CHINEXT, (("2024-10-14", None, "ST"),), False),  # 20% under ST too
    ],
)
def test_st_narrows_main_board_limits_on_its_own_days_alone(code, treatments, waited):
    spans = tuple((day(a), day(b) if b else None, kind) for a, b, kind in treatments)
    listings = {code: Listing(code, treatments=spans)}
    up = Market("2024-10-11", {code: [10, Bar(10.50), Bar(10.50)]}, listings)
    down = Market("2024-10-10", {code: [10, 10, Bar(9.50), Bar(9.50)]}, listings)

    bought = up.run(capital=20_000)
    sold = down.run(capital=20_000, exit="2024-10-14")

    upper, lower = "at its upper limit, CNY 10.50", "at its lower limit, CNY 9.50"
    assert ([("2024-10-14", code, "buy", upper)] if waited else []) == waits(bought)
    assert ([("2024-10-14", code, "sell", lower)] if waited else []) == waits(sold)
    last = "2024-10-15" if waited else "2024-10-14"
    assert (last, last) == (orders(bought)[-1][0], orders(sold)[-1][0])


def test_st_on_the_main_board_has_10_percent_since_2026_07_06():
    """Friday 3 July: 5% up is the limit. Monday: 10% is."""
    listings = {MAIN: Listing(MAIN, treatments=((day("2025-05-06"), None, "ST"),))}
    bars = [10, Bar(10.50), Bar(11.03), Bar(12.13)]  # 10.50 x 1.05 = 11.025; 11.03 x 1.1 = 12.133
    market = Market("2026-07-02", {MAIN: bars}, listings, until="2026-12-31")
    today = day("2026-12-31")

    friday = market.run(capital=20_000, as_of=today)
    tuesday = market.run(capital=20_000, as_of=today, delay=2)

    assert [("2026-07-03", MAIN, "buy", "at its upper limit, CNY 10.50")] == waits(friday)
    assert ("2026-07-06", 11.03) == (orders(friday)[0][0], orders(friday)[0][4])
    assert [("2026-07-07", MAIN, "buy", "at its upper limit, CNY 12.13")] == waits(tuesday)


# --------------------------------------------------------------------------- lots

# 50,000 each. STAR at 190.00: 263: 49,970, fees 12.49 + 0.50. BSE at 30.00: 1,666: 49,980, fees
# 12.495 -> 12.50 + 0.50. Cash 100,000 - 49,982.99 - 49,993.00 = 24.01.
SINGLE_SHARES = [
    ("2024-10-14", STAR, "buy", 263, 190.00, 12.99),
    ("2024-10-14", BSE, "buy", 1_666, 30.00, 13.00),
]
OCTOBER = len(between("2024-10-11", "2024-10-31"))


@pytest.mark.parametrize(
    ("star", "bse", "expected", "left"),
    [
        # Equity 24.01 + 49,970 + 59,976 = 109,970.01, half of it 54,985.005. BSE: 4,990.995 too
        # much, 138.6 shares: sells 138: 4,968, fees 5.00 + 0.05 + 2.48. Cash 4,984.48, which is
        # 26 shares of STAR, under its 200.
        (190.00, 36.00, [("2024-11-01", BSE, "sell", 138, 36.00, 7.53)], 4_984.48),
        # Equity 106,638.01. BSE: 3,324.995 too much, 97.8 shares, under its 100.
        (190.00, 34.00, [], 24.01),
        # Equity 24.01 + 72,325 + 49,980 = 122,329.01. STAR: 11,160.495 too much at 275.00,
        # 40.6 shares, under its 200.
        (275.00, 30.00, [], 24.01),
    ],
)
def test_star_trades_200_shares_then_single_ones_and_beijing_100(star, bse, expected, left):
    bars = {STAR: [*[190] * OCTOBER, star], BSE: [*[30] * OCTOBER, bse]}

    result = Market("2024-10-11", bars).run(
        capital=100_000, rebalance="monthly", exit="2024-12-02", limits="none"
    )

    out = [order for order in orders(result) if order[0] == "2024-12-02"]
    assert [*SINGLE_SHARES, *expected] == orders(result)[: 2 + len(expected)]
    assert [24.01, left] == cash(result, "2024-10-31", "2024-11-01")
    # Out of everything: 263, and what is left of BSE, in an order each.
    sold = sum(order[3] for order in expected)
    assert [(STAR, 263), (BSE, 1_666 - sold)] == [(order[1], order[3]) for order in out]
    assert 2 + len(expected) + 2 == len(orders(result))


def test_capital_that_buys_no_200_shares_of_a_star_name_is_too_small():
    """30,000 each. STAR: 200 x 190.00 = 38,000, fees 9.50 + 0.38: of half the capital, 76,019.76.

    BSE: 999 x 30.00 = 29,970, fees 7.49 + 0.30. (1,000 are 30,000 before fees.)
    """
    market = Market("2024-10-11", {STAR: [190], BSE: [30]})

    small, enough = market.run(capital=60_000), market.run(capital=76_020)

    assert [("2024-10-14", BSE, "buy", 999, 30.00, 7.79)] == orders(small)
    assert ("held", "too_dear") == status(small, STAR)
    text = warnings(small)["capital_too_small"]
    assert f"no lot of {STAR} could be bought" in text
    assert text.endswith("the smallest capital that holds every name is CNY 76,020")
    assert ("2024-10-14", STAR, "buy", 200, 190.00, 9.88) == orders(enough)[0]


# --------------------------------------------------------------------------- limit down


def test_a_stop_loss_waits_while_its_name_opens_at_the_lower_limit_and_is_not_bought_again():
    """9,900 at 10.00: 99,000, fees 24.75 + 0.99. Cash 974.26.

    Tuesday closes at 9.00: the 10% are touched. It opens at its lower limit on Wednesday (8.10),
    Thursday (7.29) and Friday (6.75 of 7.50), whatever it does later in the day. On Monday:
    9,900 x 7.10 = 70,290, fees 17.57 + 0.70 + 35.145 -> 35.15 = 53.42. Cash 71,210.84.
    It recovers to 12.00; the rebalances of the months that follow leave the cash alone.
    """
    bars = [10, 10, Bar(9.70, 9.00), 8.10, Bar(7.29, 7.50), Bar(6.75, 7.00), Bar(7.10, 7.70)]
    bars += [8.40, 9.20, 10.10, 11.10, 12.00]

    result = Market("2024-10-11", {MAIN: bars}).run(
        capital=100_000, exit="stop-loss 10%", rebalance="monthly"
    )

    assert [
        ("2024-10-14", MAIN, "buy", 9_900, 10.00, 25.74),
        ("2024-10-21", MAIN, "sell", 9_900, 7.10, 53.42),
    ] == orders(result)
    assert [
        ("2024-10-16", MAIN, "sell", "at its lower limit, CNY 8.10"),
        ("2024-10-17", MAIN, "sell", "at its lower limit, CNY 7.29"),
        ("2024-10-18", MAIN, "sell", "at its lower limit, CNY 6.75"),
    ] == waits(result)
    # 974.26 + 9,900 x 9.00, 8.10, 7.50, 7.00.
    assert [90_074.26, 81_164.26, 75_224.26, 70_274.26, 71_210.84, 71_210.84] == value(
        result, "2024-10-15", "2024-10-16", "2024-10-17", "2024-10-18", "2024-10-21", "2025-04-11"
    )
    assert 6 == len(result.score.traded.plan.rebalances)


# Of a close of 10.05: 11.055 and 9.045 are rounded half up, 13.065 and 7.035 towards the close.
@pytest.mark.parametrize(
    ("code", "upper", "lower"), [(MAIN, 11.06, 9.05), (CHINEXT, 12.06, 8.04), (BSE, 13.06, 7.04)]
)
def test_a_cent_decides_whether_a_name_is_at_its_limit(code, upper, lower):
    def entered(price):
        return Market("2024-10-11", {code: [10.05, price, 10.05]}).run(capital=20_000)

    def left(price):
        bars = [10.05, 10.05, price, 10.05]
        return Market("2024-10-10", {code: bars}).run(capital=20_000, exit="2024-10-14")

    under, at_upper = entered(round(upper - 0.01, 2)), entered(upper)
    over, at_lower = left(round(lower + 0.01, 2)), left(lower)

    assert [] == waits(under) == waits(over)
    assert "2024-10-14" == orders(under)[0][0] == orders(over)[1][0]
    assert [("2024-10-14", code, "buy", f"at its upper limit, CNY {upper:.2f}")] == waits(at_upper)
    assert [("2024-10-14", code, "sell", f"at its lower limit, CNY {lower:.2f}")] == waits(at_lower)


# --------------------------------------------------------------------------- out of patience


def test_a_buy_that_failed_on_ten_sessions_fills_on_the_eleventh():
    result = Market("2024-10-11", {MAIN: [10, *[None] * 10, 10]}).run(capital=20_000)

    assert [("2024-10-28", MAIN, "buy", 1_900, 10.00, 5.19)] == orders(result)
    assert between("2024-10-14", "2024-10-25") == [wait[0] for wait in waits(result)]
    assert "entered_late" == status(result, MAIN)[1]


def test_a_buy_that_failed_on_eleven_sessions_is_given_up_and_said_to_be():
    result = Market("2024-10-11", {MAIN: [10, *[None] * 11, 10], STEADY: [10]}).run(capital=20_000)

    assert [("2024-10-14", STEADY, "buy", 900, 10.00, 5.09)] == orders(result)
    assert between("2024-10-14", "2024-10-25") == [wait[0] for wait in waits(result)]
    assert ("entered_late", "never_entered") == status(result, MAIN)
    assert MAIN in warnings(result)["net_never_entered"]
    assert [10_994.91] == cash(result, "2025-04-11")


# --------------------------------------------------------------------------- unknown


def test_coverage_counts_names_of_unknown_st_and_listing_day():
    known = Listing(
        STEADY,
        list_date=day("2001-01-05"),
        treatments_known=((day("2023-06-05"), day("2025-12-31")),),
    )
    # Known to the end of the year alone, and the window ends in April.
    in_part = replace(known, code=MAIN, treatments_known=((day("2023-06-05"), day("2024-12-31")),))
    names = {code: [10] for code in (STEADY, MAIN, CHINEXT)}

    result = Market("2024-10-11", names, {STEADY: known, MAIN: in_part}).run(capital=100_000)

    coverage = result.to_dict()["coverage"]
    assert 3 == coverage["names"]
    assert 2 == coverage["names_with_list_date"]
    assert 1 == coverage["names_with_st_status"]


def test_a_name_of_unknown_st_counts_as_not_st():
    result = Market("2024-10-11", {MAIN: [10, Bar(10.50)]}).run(capital=20_000)

    assert [("2024-10-14", MAIN, "buy", 1_900, 10.50, 5.20)] == orders(result)
    assert 0 == result.to_dict()["coverage"]["names_with_st_status"]


def test_a_name_of_unknown_listing_day_whose_bars_begin_late_is_taken_for_new_and_it_is_said():
    """Bars begin six sessions after the others'. 10,000 at 30.00: 300: 9,000, fees 5.00 + 0.09."""
    bars = [*[None] * 6, Bar(30.00, 45.00, pre_close=10.00)]

    result = Market("2024-10-11", {CHINEXT: bars, STEADY: [10]}).run(capital=20_000)

    assert [(when, NO_BAR) for when in between("2024-10-14", "2024-10-18")] == reasons(
        result, CHINEXT, "buy"
    )
    assert ("2024-10-21", CHINEXT, "buy", 300, 30.00, 5.09) == orders(result)[-1]
    assert "2024-10-21 is taken for its listing day" in warnings(result)["listing_day_assumed"]


def test_a_name_of_unknown_listing_day_whose_bars_begin_soon_is_not_taken_for_new():
    """Five sessions after the others': held to 20% of the reference that its first bar states."""
    bars = [*[None] * 5, Bar(12.00, 11.00, pre_close=10.00)]

    result = Market("2024-10-11", {CHINEXT: bars, STEADY: [10]}).run(capital=20_000)

    assert ("2024-10-18", "at its upper limit, CNY 12.00") == reasons(result, CHINEXT, "buy")[-1]
    # 10,000 at 11.00: 900: 9,900, fees 5.00 + 0.10.
    assert ("2024-10-21", CHINEXT, "buy", 900, 11.00, 5.10) == orders(result)[-1]
    assert "listing_day_assumed" not in warnings(result)


def test_a_first_bar_without_a_reference_has_no_limits_and_it_is_said():
    bars = [None, None, Bar(12.00), Bar(14.40)]

    result = Market("2024-10-11", {CHINEXT: bars, STEADY: [10]}).run(capital=40_000)
    a_day_later = Market("2024-10-11", {CHINEXT: bars, STEADY: [10]}).run(capital=40_000, delay=2)

    assert ("2024-10-15", CHINEXT, "buy", 1_600, 12.00, 5.19) == orders(result)[-1]
    assert f"{CHINEXT}: no earlier close and no pre_close" in warnings(result)["reference_unknown"]
    assert [("2024-10-16", "at its upper limit, CNY 14.40")] == reasons(a_day_later, CHINEXT, "buy")
    assert "reference_unknown" not in warnings(a_day_later)
