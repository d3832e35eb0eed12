"""Small worlds and their books, worked out with a pocket calculator.

``CASES`` holds the worlds and ``EXPECTED`` the books, under the same names; whoever trades a
world can be held to them. Sessions are counted as rows, the entry session being row 0. Amounts are
CNY. Fees on 2024 days: commission 0.025%, at least 5.00; transfer 0.001%; stamp duty 0.05% of a
sale; "12.25 + 0.49" below is commission + transfer, "12.25 + 0.49 + 24.50" has stamp duty behind.
"""

import datetime as dt
import math
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from trading.slow_trader import Books, World

from thesis.market.calendar import sessions

MAIN, OTHER = "600000.SH", "000001.SZ"
CHINEXT, CHINEXT2 = "300308.SZ", "300502.SZ"
STAR, BSE = "688256.SH", "430047.BJ"


@dataclass(frozen=True)
class Bar:
    """A session of a name; the close is the fill price unless given."""

    fill: float
    close: float | None = None
    factor: float = 1.0
    upper: float = math.inf
    lower: float = -math.inf


@dataclass(frozen=True)
class Expected:
    """Books worked out by hand."""

    cash: list[float]  # a session each
    value: list[float]  # a session each
    orders: list[tuple[int, str, str, float, float, float]]  # row, code, side, shares, price, fees
    waits: list[tuple[int, str, str, str]] = field(default_factory=list)  # row, code, side, kind
    net: dict[int, float] = field(default_factory=dict)  # by row
    executable: dict[int, float] = field(default_factory=dict)  # by row
    units: dict[int, list[float]] = field(default_factory=dict)  # by row
    given_up: list[str] = field(default_factory=list)
    too_dear: list[str] = field(default_factory=list)


CASES: dict[str, World] = {}
EXPECTED: dict[str, Expected] = {}


def world(
    first: str,
    names: dict[str, list[Bar | float | None]],
    capital: float,
    weights: list[float] | None = None,
    **rules: Any,
) -> World:
    """A world from one list of bars a name; a bare number fills and closes there, None is no bar.

    Weights are equal unless given.
    """
    rows = max(len(bars) for bars in names.values())
    start = int(np.searchsorted(sessions(), np.datetime64(first)))
    grids = np.full((5, rows, len(names)), np.nan)
    for column, bars in enumerate(names.values()):
        if len(bars) != rows:
            raise ValueError(f"{len(bars)} bars where others have {rows}")
        for row, given in enumerate(bars):
            if given is None:
                continue
            bar = given if isinstance(given, Bar) else Bar(given)
            close = bar.fill if bar.close is None else bar.close
            grids[:, row, column] = bar.fill, close, bar.factor, bar.upper, bar.lower
    fill, close_, factor, upper, lower = grids
    return World(
        sessions=sessions()[start : start + rows],
        codes=tuple(names),
        fill=fill,
        close=close_,
        factor=factor,
        upper=upper,
        lower=lower,
        weights=np.array(weights or [1 / len(names)] * len(names)),
        capital=capital,
        **rules,
    )


def differences(name: str, books: Books) -> list[str]:
    """What the books of a case have that the hand did not find, or the other way round.

    Money agrees to a hundred-thousandth of a cent, returns to 1e-12, shares to 1e-9 of themselves.
    Orders and waits of one session may stand in any order.
    """
    of, hand = CASES[name], EXPECTED[name]
    found = []

    def near(expected: float, given: float, within: float) -> bool:
        return abs(expected - given) <= within

    for what in ("cash", "value"):
        expected, given = getattr(hand, what), getattr(books, what)
        if len(expected) != len(given):
            found.append(f"{what}: {len(expected)} sessions by hand, {len(given)} found")
        for row, (ours, theirs) in enumerate(zip(expected, given, strict=False)):
            if not near(ours, theirs, 1e-7):
                found.append(f"{what} on row {row}: {ours} by hand, {theirs} found")
    for what in ("net", "executable"):
        for row, ours in getattr(hand, what).items():
            if not near(ours, getattr(books, what)[row], 1e-12):
                found.append(f"{what} on row {row}: {ours} by hand, {getattr(books, what)[row]}")
    for row, held in hand.units.items():
        for code, ours, theirs in zip(of.codes, held, books.units[row], strict=True):
            if not near(ours, theirs, 1e-9 * ours):
                found.append(f"units of {code} on row {row}: {ours} by hand, {theirs} found")
    orders, given_orders = sorted(dated(of, hand.orders)), sorted(books.orders)
    if [order[:3] for order in orders] != [order[:3] for order in given_orders]:
        found.append(f"orders: {orders} by hand, {given_orders} found")
    for order, given_order in zip(orders, given_orders, strict=False):
        pairs = zip(order[3:], given_order[3:], strict=True)
        if not all(near(ours, theirs, 1e-9 * ours) for ours, theirs in pairs):
            found.append(f"order: {order} by hand, {given_order} found")
    if sorted(dated(of, hand.waits)) != sorted(books.waits):
        found.append(f"waits: {dated(of, hand.waits)} by hand, {books.waits} found")
    if sorted(hand.given_up) != sorted(books.given_up):
        found.append(f"given up: {hand.given_up} by hand, {books.given_up} found")
    if sorted(hand.too_dear) != sorted(books.too_dear):
        found.append(f"too dear: {hand.too_dear} by hand, {books.too_dear} found")
    return found


def dated(of: World, rows: list[Any]) -> list[tuple[Any, ...]]:
    """Orders or waits with the session's date in place of its row."""
    days: list[dt.date] = of.sessions.astype(dt.date).tolist()
    return [(days[row[0]], *row[1:]) for row in rows]


def _case(name: str, of: World, expected: Expected) -> None:
    CASES[name] = of
    EXPECTED[name] = expected


# --------------------------------------------------------------------------- entry and lots

# 50,000 each. MAIN at 10.00: 5,000 shares are 50,000 before fees, so 4,900:
#   49,000, fees 12.25 + 0.49 = 12.74, together 49,012.74.
# OTHER at 20.00: 2,400: 48,000, fees 12.00 + 0.48 = 12.48, together 48,012.48.
# Cash 100,000 - 49,012.74 - 48,012.48 = 2,974.78; fees 25.22.
# Last close: 4,900 x 11.00 = 53,900 and 2,400 x 22.00 = 52,800; value 109,674.78.
#   Leaving: 13.475 -> 13.48 + 0.539 -> 0.54 + 26.95 = 40.97; 13.20 + 0.53 + 26.40 = 40.13.
#   109,674.78 - 81.10 = 109,593.68. Without fees 109,674.78 + 25.22 = 109,700.00.
# First close: 4,900 x 10.10 = 49,490 and 48,000. Leaving: 12.37 + 0.49 + 24.745 -> 24.75 = 37.61;
#   12.00 + 0.48 + 24.00 = 36.48; 100,464.78 - 74.09 = 100,390.69.
_case(
    "two names held",
    world(
        "2024-10-14",
        {
            MAIN: [Bar(10.00, 10.10), 10.20, 9.90, 10.00, 11.00],
            OTHER: [20.00, 19.50, 21.00, 20.50, 22.00],
        },
        100_000,
    ),
    Expected(
        cash=[2_974.78] * 5,
        value=[100_464.78, 99_754.78, 101_884.78, 101_174.78, 109_674.78],
        orders=[
            (0, MAIN, "buy", 4_900, 10.00, 12.74),
            (0, OTHER, "buy", 2_400, 20.00, 12.48),
        ],
        net={0: 0.0039069, 4: 0.0959368},
        executable={0: 0.0049, 4: 0.097},
        units={0: [4_900, 2_400]},
    ),
)

# 40,000 each, one name of each board.
# MAIN at 10: 3,900: 39,000, fees 9.75 + 0.39 = 10.14. (4,000 are 40,000 before fees.)
# CHINEXT at 130: 300: 39,000, fees 10.14. (400 are 52,000.)
# STAR at 190: 200 and single shares: 210: 39,900, fees 9.975 -> 9.98 + 0.40 = 10.38. (211: 40,090.)
# BSE at 30: 100 and single shares: 1,332: 39,960, fees 9.99 + 0.40 = 10.39.
#   (1,333: 39,990 + 10.00 + 0.40 = 40,000.40, forty cents too many.)
# Cash 160,000 - 39,010.14 - 39,010.14 - 39,910.38 - 39,970.39 = 2,098.95; fees 41.05.
# Leaving: 9.75 + 0.39 + 19.50 = 29.64, twice; 9.98 + 0.40 + 19.95 = 30.33;
#   9.99 + 0.40 + 19.98 = 30.37; 159,958.95 - 119.98 = 159,838.97.
_case(
    "a lot on every board",
    world("2024-10-14", {MAIN: [10] * 2, CHINEXT: [130] * 2, STAR: [190] * 2, BSE: [30] * 2}, 16e4),
    Expected(
        cash=[2_098.95] * 2,
        value=[159_958.95] * 2,
        orders=[
            (0, MAIN, "buy", 3_900, 10, 10.14),
            (0, CHINEXT, "buy", 300, 130, 10.14),
            (0, STAR, "buy", 210, 190, 10.38),
            (0, BSE, "buy", 1_332, 30, 10.39),
        ],
        net={1: 159_838.97 / 160_000 - 1},
        executable={1: 0.0},
    ),
)

# 25,000 each. STAR at 160: 156 shares, but the least order, 200, is 32,000: none, and its slice
# stays cash.
# OTHER at 10: 2,400: 24,000, fees 6.00 + 0.24 = 6.24. Cash 50,000 - 24,006.24 = 25,993.76.
_case(
    "capital too small for STAR's 200 shares",
    world("2024-10-14", {STAR: [160] * 2, OTHER: [10] * 2}, 50_000),
    Expected(
        cash=[25_993.76] * 2,
        value=[49_993.76] * 2,
        orders=[(0, OTHER, "buy", 2_400, 10, 6.24)],
        executable={1: 0.0},
        too_dear=[STAR],
    ),
)

# A third of 3,015.03 is 1,005.01: 100 at 10 with fees of 5.00 + 0.01, and nothing is left.
_case(
    "a budget met to the cent",
    world("2024-10-14", {MAIN: [10], OTHER: [10], CHINEXT: [10]}, 3_015.03),
    Expected(
        cash=[0.0],
        value=[3_000],
        orders=[(0, code, "buy", 100, 10, 5.01) for code in (MAIN, OTHER, CHINEXT)],
        executable={0: 0.0},
    ),
)

# Fractions of shares: 1,000,000 less its fees 250.00 + 10.00 = 260.00 leaves 999,740 of shares:
# 999,740 / 30 = 33,324.666... The order pays the fees of its own amount: 249.935 -> 249.94 + 10.00
# = 259.94; 0.06 is left.
_case(
    "fractions of shares",
    world("2024-10-14", {MAIN: [30, 33]}, 1_000_000, whole_lots=False),
    Expected(
        cash=[0.06] * 2,
        value=[999_740.06, 1_099_714.06],
        orders=[(0, MAIN, "buy", 99_974 / 3, 30, 259.94)],
        executable={0: 0.0, 1: 0.099974},
        units={1: [99_974 / 3]},
    ),
)

# --------------------------------------------------------------------------- dated fees

# 9,900 at 10: 99,000, fees 24.75 + 0.99 = 25.74; cash 100,000 - 99,025.74 = 974.26.
# Leaving on Friday 2023-08-25 pays stamp duty 0.1%: 24.75 + 0.99 + 99.00 = 124.74: 99,849.52.
# Leaving on Monday 2023-08-28 pays 0.05%: 24.75 + 0.99 + 49.50 = 75.24: 99,899.02.
_case(
    "stamp duty halves over a weekend",
    world("2023-08-25", {MAIN: [10, 10]}, 100_000),
    Expected(
        cash=[974.26] * 2,
        value=[99_974.26] * 2,
        orders=[(0, MAIN, "buy", 9_900, 10, 25.74)],
        net={0: -0.0015048, 1: -0.0010098},
        executable={1: 0.0},
    ),
)

# 2022-04-28: transfer fee 0.0025% in Beijing, 0.002% in Shanghai; a day later 0.001% in both.
# BSE: 4,998 at 10: 49,980, fees 12.495 -> 12.50 + 1.2495 -> 1.25 = 13.75: 49,993.75.
#   (4,999: 49,990 + 12.50 + 1.25 = 50,003.75.)
# MAIN: 4,900: 49,000, fees 12.25 + 0.98 = 13.23: 49,013.23.
# Cash 993.02; leaving that day: 12.50 + 1.25 + 49.98 = 63.73; 12.25 + 0.98 + 49.00 = 62.23.
#   99,973.02 - 125.96 = 99,847.06.
# Sold on the 29th, stamp duty 0.1%: 12.50 + 0.50 + 49.98 = 62.98; 12.25 + 0.49 + 49.00 = 61.74.
# Cash 993.02 + 49,980 - 62.98 + 49,000 - 61.74 = 99,848.30.
_case(
    "transfer fee falls in Beijing and Shanghai",
    world("2022-04-28", {BSE: [10, 10], MAIN: [10, 10]}, 100_000, exit="2022-04-29"),
    Expected(
        cash=[993.02, 99_848.30],
        value=[99_973.02, 99_848.30],
        orders=[
            (0, BSE, "buy", 4_998, 10, 13.75),
            (0, MAIN, "buy", 4_900, 10, 13.23),
            (1, BSE, "sell", 4_998, 10, 62.98),
            (1, MAIN, "sell", 4_900, 10, 61.74),
        ],
        net={0: -0.0015294, 1: -0.001517},
        executable={0: 0.0, 1: 0.0},
        units={1: [0, 0]},
    ),
)

# --------------------------------------------------------------------------- waits of a buy

# At its upper limit on two mornings. On the third, 20,000 at 12.50: 1,600 are 20,000 before fees,
# so 1,500: 18,750, fees 5.00 (4.69 is under the least) + 0.1875 -> 0.19 = 5.19. Cash 1,244.81.
# Last close 1,500 x 13.40 = 20,100. Leaving: 5.025 -> 5.03 + 0.20 + 10.05 = 15.28: 21,329.53.
_case(
    "limit up for two sessions",
    world(
        "2024-10-14",
        {
            OTHER: [
                Bar(11.00, upper=11.00, lower=9.00),
                Bar(12.10, upper=12.10, lower=9.90),
                Bar(12.50, 13.00, upper=13.31, lower=10.89),
                Bar(13.20, 13.40, upper=14.30, lower=11.70),
            ]
        },
        20_000,
    ),
    Expected(
        cash=[20_000, 20_000, 1_244.81, 1_244.81],
        value=[20_000, 20_000, 20_744.81, 21_344.81],
        orders=[(2, OTHER, "buy", 1_500, 12.50, 5.19)],
        waits=[(0, OTHER, "buy", "upper limit"), (1, OTHER, "buy", "upper limit")],
        net={0: 0.0, 1: 0.0, 3: 0.0664765},
        executable={1: 0.0, 3: 0.0675},
    ),
)

_SHUT = Bar(10.00, upper=10.00, lower=8.18)
_OPEN = Bar(10.00, upper=11.00, lower=9.00)

# No bar on rows 0-4, at the upper limit on rows 5-9: ten failures. The eleventh session fills:
# 1,900 at 10: 19,000, fees 5.00 + 0.19. Cash 994.81; row 11 is worth 994.81 + 19,950.
_case(
    "filled on the eleventh session",
    world("2024-10-14", {OTHER: [*[None] * 5, *[_SHUT] * 5, _OPEN, 10.50]}, 20_000),
    Expected(
        cash=[20_000] * 10 + [994.81] * 2,
        value=[20_000] * 10 + [19_994.81, 20_944.81],
        orders=[(10, OTHER, "buy", 1_900, 10.00, 5.19)],
        waits=[
            *[(row, OTHER, "buy", "no bar") for row in range(5)],
            *[(row, OTHER, "buy", "upper limit") for row in range(5, 10)],
        ],
    ),
)

# One failure more, on row 10, and the order is given up: rows 11 and 12 could have filled it.
_case(
    "given up on the eleventh failure",
    world("2024-10-14", {OTHER: [*[None] * 5, *[_SHUT] * 6, _OPEN, 10.50]}, 20_000),
    Expected(
        cash=[20_000] * 13,
        value=[20_000] * 13,
        orders=[],
        waits=[
            *[(row, OTHER, "buy", "no bar") for row in range(5)],
            *[(row, OTHER, "buy", "upper limit") for row in range(5, 10)],
        ],
        net={12: 0.0},
        given_up=[OTHER],
    ),
)

_case(
    "no wait allowed",
    world("2024-10-14", {OTHER: [_SHUT, _OPEN]}, 20_000, max_wait=0),
    Expected(
        cash=[20_000] * 2,
        value=[20_000] * 2,
        orders=[],
        waits=[],
        given_up=[OTHER],
    ),
)

# Two failures are allowed. Thursday and Friday fail; Monday's rebalance orders anew, so that Monday
# and Tuesday fail again and Wednesday fills. MAIN at 10: 1,900: 19,005.19; cash 20,994.81.
# Monday: equity 20,994.81 + 19,000 = 39,994.81, half 19,997.405. MAIN lacks 997.405, and 100 shares
# are 1,000: none. OTHER lacks 19,997.405: 1,900 on Wednesday: 19,005.19; cash 1,989.62.
_case(
    "a rebalance counts a wait anew",
    world(
        "2024-10-17",
        {MAIN: [10] * 5, OTHER: [None, None, None, None, 10]},
        40_000,
        rebalance="weekly",
        max_wait=2,
    ),
    Expected(
        cash=[20_994.81] * 4 + [1_989.62],
        value=[39_994.81] * 4 + [39_989.62],
        orders=[(0, MAIN, "buy", 1_900, 10, 5.19), (4, OTHER, "buy", 1_900, 10, 5.19)],
        waits=[(row, OTHER, "buy", "no bar") for row in range(4)],
    ),
)

# --------------------------------------------------------------------------- waits of a sell

# 1,000 at 9.90: 9,900, fees 5.00 + 0.10; cash 94.90. The exit on row 2 finds 8.02, the lower limit
# (8.91 x 0.9 = 8.019), and row 3 finds 7.22. Row 4: 1,000 at 7.00, fees 5.00 + 0.07 + 3.50 = 8.57;
# cash 94.90 + 6,991.43 = 7,086.33.
# Leaving on row 2 is booked at the mark although nobody bought: 8,020, fees 5.00 + 0.08 + 4.01.
_case(
    "limit down at the exit",
    world(
        "2024-10-14",
        {
            MAIN: [
                9.90,
                8.91,
                Bar(8.02, upper=9.80, lower=8.02),
                Bar(7.22, upper=8.82, lower=7.22),
                Bar(7.00, 6.90, upper=7.94, lower=6.50),
                7.10,
            ]
        },
        10_000,
        exit="2024-10-16",
    ),
    Expected(
        cash=[94.90] * 4 + [7_086.33] * 2,
        value=[9_994.90, 9_004.90, 8_114.90, 7_314.90, 7_086.33, 7_086.33],
        orders=[
            (0, MAIN, "buy", 1_000, 9.90, 5.10),
            (4, MAIN, "sell", 1_000, 7.00, 8.57),
        ],
        waits=[(2, MAIN, "sell", "lower limit"), (3, MAIN, "sell", "lower limit")],
        net={2: -0.189419, 5: -0.291367},
        executable={5: -0.29},
    ),
)

# A sell is never given up: 13 sessions without a bar, 13 waits. 1,900 at 10; cash 994.81.
_case(
    "a sell waits for ever",
    world("2024-10-14", {OTHER: [10, *[None] * 13]}, 20_000, exit="2024-10-15"),
    Expected(
        cash=[994.81] * 14,
        value=[19_994.81] * 14,
        orders=[(0, OTHER, "buy", 1_900, 10, 5.19)],
        waits=[(row, OTHER, "sell", "no bar") for row in range(1, 14)],
    ),
)

# OTHER at 10: 1,900; cash 40,000 - 19,005.19 = 20,994.81. The exit on row 2 sells them at 10.50:
# 19,950, fees 5.00 (4.99) + 0.20 + 9.975 -> 9.98 = 15.18: 40,929.63. MAIN's buy dies with it.
_case(
    "the exit cancels a waiting buy",
    world(
        "2024-10-14",
        {OTHER: [10, 10, 10.50, 11], MAIN: [None, None, 10, 10]},
        40_000,
        exit="2024-10-16",
    ),
    Expected(
        cash=[20_994.81, 20_994.81, 40_929.63, 40_929.63],
        value=[39_994.81, 39_994.81, 40_929.63, 40_929.63],
        orders=[(0, OTHER, "buy", 1_900, 10, 5.19), (2, OTHER, "sell", 1_900, 10.50, 15.18)],
        waits=[(0, MAIN, "buy", "no bar"), (1, MAIN, "buy", "no bar")],
        net={3: 0.02324075},
        executable={3: 0.02375},
    ),
)

# --------------------------------------------------------------------------- rebalancing

# Entry as in "two names held": 4,900 and 2,400, cash 2,974.78. Friday 1 November at 12 and 16:
# equity 2,974.78 + 58,800 + 38,400 = 100,174.78, half 50,087.39.
# MAIN has 8,712.61 too much: 726.05 shares, so 700: 8,400, fees 5.00 (2.10) + 0.08 + 4.20 = 9.28;
#   cash 2,974.78 + 8,390.72 = 11,365.50.
# OTHER lacks 11,687.39, the cash is 11,365.50: 700 at 16: 11,200, fees 5.00 (2.80) + 0.11 = 5.11;
#   cash 160.39. (800 are 12,800.)
# Row 3: 4,200 x 12.50 = 52,500, 3,100 x 16.50 = 51,150; leaving 13.125 -> 13.13 + 0.525 -> 0.53
#   + 26.25 = 39.91; 12.79 + 0.51 + 25.575 -> 25.58 = 38.88; 103,810.39 - 78.79 = 103,731.60.
_case(
    "a monthly rebalance",
    world(
        "2024-10-30",
        {MAIN: [10, 11, Bar(12, 12.50), 12.50], OTHER: [20, 18, 16, 16.50]},
        100_000,
        rebalance="monthly",
    ),
    Expected(
        cash=[2_974.78, 2_974.78, 160.39, 160.39],
        value=[99_974.78, 100_074.78, 102_260.39, 103_810.39],
        orders=[
            (0, MAIN, "buy", 4_900, 10, 12.74),
            (0, OTHER, "buy", 2_400, 20, 12.48),
            (2, MAIN, "sell", 700, 12, 9.28),
            (2, OTHER, "buy", 700, 16, 5.11),
        ],
        net={3: 0.037316},
        executable={3: 0.0385},
        units={2: [4_200, 3_100]},
    ),
)

# Entry as in "a lot on every board", on a Friday. Monday at 11, 130, 260, 45: equity
#   2,098.95 + 42,900 + 39,000 + 54,600 + 59,940 = 198,538.95, a quarter 49,634.7375.
# STAR has 4,965.2625 too much: 19.1 shares; an order of fewer than 200 is none.
# BSE has 10,305.2625 too much: 229.006 shares, so 229: 10,305, fees 5.00 + 0.10 + 5.15 = 10.25;
#   cash 2,098.95 + 10,294.75 = 12,393.70.
# MAIN lacks 6,734.7375, CHINEXT 10,634.7375, together 17,369.475; the cash is 0.713533 of that.
#   MAIN may spend 4,805.46: 400 at 11: 4,400, fees 5.00 + 0.04; CHINEXT 7,588.24: a lot is 13,000.
#   Cash 12,393.70 - 4,405.04 = 7,988.66.
_case(
    "trims smaller than an order",
    world(
        "2024-10-18",
        {MAIN: [10, 11], CHINEXT: [130, 130], STAR: [190, 260], BSE: [30, 45]},
        160_000,
        rebalance="weekly",
    ),
    Expected(
        cash=[2_098.95, 7_988.66],
        value=[159_958.95, 7_988.66 + 47_300 + 39_000 + 54_600 + 49_635],
        orders=[
            (0, MAIN, "buy", 3_900, 10, 10.14),
            (0, CHINEXT, "buy", 300, 130, 10.14),
            (0, STAR, "buy", 210, 190, 10.38),
            (0, BSE, "buy", 1_332, 30, 10.39),
            (1, BSE, "sell", 229, 45, 10.25),
            (1, MAIN, "buy", 400, 11, 5.04),
        ],
        units={1: [4_300, 300, 210, 1_103]},
    ),
)

# 40,000, 40,000 and 80,000. STAR at 20: 1,999: 39,980, fees 9.995 -> 10.00 + 0.40 = 10.40.
# BSE at 30: 1,332: 39,970.39. MAIN at 10: 7,900: 79,000, fees 19.75 + 0.79 = 20.54.
# Cash 160,000 - 39,990.40 - 39,970.39 - 79,020.54 = 1,018.67. Monday at 22, 32 and 9.90: equity
#   1,018.67 + 43,978 + 42,624 + 78,210 = 165,830.67; a quarter 41,457.6675, half 82,915.335.
# STAR has 2,520.3325 too much, 114.6 shares, under 200; BSE 1,166.3325, 36.4 shares, under 100.
# MAIN lacks 4,705.335, and the cash buys 100: 990, fees 5.00 + 0.01; cash 23.66.
_case(
    "trims under a board's least order",
    world(
        "2024-10-18",
        {STAR: [20, 22], BSE: [30, 32], MAIN: [10, 9.90]},
        160_000,
        [0.25, 0.25, 0.5],
        rebalance="weekly",
    ),
    Expected(
        cash=[1_018.67, 23.66],
        value=[159_958.67, 165_825.66],
        orders=[
            (0, STAR, "buy", 1_999, 20, 10.40),
            (0, BSE, "buy", 1_332, 30, 10.39),
            (0, MAIN, "buy", 7_900, 10, 20.54),
            (1, MAIN, "buy", 100, 9.90, 5.01),
        ],
    ),
)

# 40,000 each. STAR at 20: 1,999: 39,980, fees 9.995 -> 10.00 + 0.40 = 10.40.
# MAIN: 3,900: 39,010.14.
# Cash 80,000 - 39,990.40 - 39,010.14 = 999.46. Monday STAR at 30: equity 999.46 + 59,970 + 39,000
#   = 99,969.46, half 49,984.73. STAR has 9,985.27 too much: 332.84 shares, over 200, so 332: 9,960,
#   fees 5.00 + 0.10 + 4.98 = 10.08; cash 999.46 + 9,949.92 = 10,949.38.
# MAIN lacks 10,984.73 and gets the 10,949.38: 1,000: 10,000, fees 5.00 + 0.10; cash 944.28.
_case(
    "a trim on STAR in single shares",
    world("2024-10-18", {STAR: [20, 30], MAIN: [10, 10]}, 80_000, rebalance="weekly"),
    Expected(
        cash=[999.46, 944.28],
        value=[79_979.46, 944.28 + 50_010 + 49_000],
        orders=[
            (0, STAR, "buy", 1_999, 20, 10.40),
            (0, MAIN, "buy", 3_900, 10, 10.14),
            (1, STAR, "sell", 332, 30, 10.08),
            (1, MAIN, "buy", 1_000, 10, 5.10),
        ],
    ),
)

# 1,900 each at 10, cash 1,989.62. CHINEXT closes Friday at 8.00 and is suspended on Monday, when
# MAIN stands at 12: equity 1,989.62 + 22,800 + 1,900 x 8.00 = 39,989.62, half 19,994.81.
# MAIN has 2,805.19 too much: 233.77 shares, so 200: 2,400, fees 5.00 + 0.02 + 1.20 = 6.22;
#   cash 1,989.62 + 2,393.78 = 4,383.40.
# CHINEXT lacks 4,794.81 and waits on Monday and Tuesday. On Wednesday at 7.00 all the cash is
#   4,383.40: 600: 4,200, fees 5.00 + 0.04; cash 178.36.
# Leaving: 20,400: 5.10 + 0.20 + 10.20 = 15.50; 18,750: 5.00 (4.69) + 0.19 + 9.375 -> 9.38 = 14.57;
#   39,328.36 - 30.07 = 39,298.29.
_case(
    "suspended across a rebalance",
    world(
        "2024-10-17",
        {
            MAIN: [10, 11, 12, 12, 12],
            CHINEXT: [10, Bar(8.50, 8.00), None, None, Bar(7.00, 7.50)],
        },
        40_000,
        rebalance="weekly",
    ),
    Expected(
        cash=[1_989.62, 1_989.62, 4_383.40, 4_383.40, 178.36],
        value=[39_989.62, 38_089.62, 39_983.40, 39_983.40, 39_328.36],
        orders=[
            (0, MAIN, "buy", 1_900, 10, 5.19),
            (0, CHINEXT, "buy", 1_900, 10, 5.19),
            (2, MAIN, "sell", 200, 12, 6.22),
            (4, CHINEXT, "buy", 600, 7.00, 5.04),
        ],
        waits=[(2, CHINEXT, "buy", "no bar"), (3, CHINEXT, "buy", "no bar")],
        net={4: -0.01754275},
        executable={4: -0.01625},
    ),
)

# 40,000 and twice 20,000 at 10: 3,900: 39,010.14; 1,900: 19,005.19 each. Cash 2,979.48.
# Monday at 11.40 (CHINEXT's lower limit: 14.25 x 0.8), 10.00, 9.00: equity
#   2,979.48 + 44,460 + 19,000 + 17,100 = 83,539.48; half 41,769.74, a quarter 20,884.87.
# CHINEXT has 2,690.26 too much, 235.99 shares, and cannot be sold.
# OTHER lacks 1,884.87, MAIN 3,784.87, together 5,669.74; the cash is 0.525506 of that.
#   OTHER may spend 990.51, and 100 are 1,005.01: none. MAIN may spend 1,988.97: 200 at 9:
#   1,800, fees 5.00 + 0.02. Cash 1,174.46. Both wait for cash, wanting 1,884.87 and 1,979.85.
# Tuesday: CHINEXT sells 200 at 11: 2,200, fees 5.00 + 0.02 + 1.10 = 6.12; cash 3,368.34, which is
#   0.871561 of 3,864.72. OTHER may spend 1,642.78: 100: 1,000 + 5.01. MAIN 1,725.56: 100 at 9.10:
#   910 + 5.01. Cash 1,448.32. Nothing waits to be sold, so both are done.
# Leaving: 41,440: 10.36 + 0.41 + 20.72 = 31.49; 20,200: 5.05 + 0.20 + 10.10 = 15.35;
#   20,240: 5.06 + 0.20 + 10.12 = 15.38; 83,328.32 - 62.22 = 83,266.10.
_case(
    "cash is short because a sell is blocked",
    world(
        "2024-10-17",
        {
            CHINEXT: [
                Bar(10, 11.90, upper=12.00, lower=8.00),
                Bar(12, 14.25, upper=14.28, lower=9.52),
                Bar(11.40, upper=17.10, lower=11.40),
                Bar(11.00, 11.20, upper=13.68, lower=9.12),
            ],
            OTHER: [10, 10, 10, Bar(10, 10.10)],
            MAIN: [10, Bar(9.80, 9.50), Bar(9.00, 9.10), Bar(9.10, 9.20)],
        },
        80_000,
        [0.5, 0.25, 0.25],
        rebalance="weekly",
    ),
    Expected(
        cash=[2_979.48, 2_979.48, 1_174.46, 1_448.32],
        value=[87_389.48, 95_604.48, 83_744.46, 83_328.32],
        orders=[
            (0, CHINEXT, "buy", 3_900, 10, 10.14),
            (0, OTHER, "buy", 1_900, 10, 5.19),
            (0, MAIN, "buy", 1_900, 10, 5.19),
            (2, MAIN, "buy", 200, 9, 5.02),
            (3, CHINEXT, "sell", 200, 11, 6.12),
            (3, OTHER, "buy", 100, 10, 5.01),
            (3, MAIN, "buy", 100, 9.10, 5.01),
        ],
        waits=[
            (2, CHINEXT, "sell", "lower limit"),
            (2, OTHER, "buy", "cash"),
            (2, MAIN, "buy", "cash"),
        ],
        net={3: 0.04082625},
        executable={3: 0.042125},
    ),
)

# Entry as above. Monday at 11.40, 6.00, 9.00: equity 2,979.48 + 44,460 + 11,400 + 17,100
#   = 75,939.48; half 37,969.74, a quarter 18,984.87.
# CHINEXT has 6,490.26 too much: 569.3 shares, so 500: 5,700, fees 5.00 + 0.06 + 2.85 = 7.91;
#   cash 8,671.57.
# CHINEXT2 lacks 7,584.87, MAIN 1,884.87, together 9,469.74; the cash is 0.915714 of that, and
#   MAIN's part is kept for it though it stands at its upper limit. CHINEXT2 may spend 6,945.57:
#   1,100 at 6: 6,600, fees 5.00 + 0.07; cash 2,066.50. (Its whole budget buys 1,200: 7,205.07.)
# Tuesday: MAIN's 1,884.87 is there: 200 at 9.20: 1,840, fees 5.00 + 0.02; cash 221.48.
_case(
    "cash is kept for a name at its limit",
    world(
        "2024-10-17",
        {
            CHINEXT: [Bar(10, 11.90), Bar(12, 14.25), 11.40, Bar(11.45, 11.50)],
            CHINEXT2: [Bar(10, 8.90), Bar(8, 7.40), 6.00, 6.10],
            MAIN: [Bar(10, 9.08), Bar(9, 8.18), Bar(9.00, upper=9.00, lower=7.36), 9.20],
        },
        80_000,
        [0.5, 0.25, 0.25],
        rebalance="weekly",
    ),
    Expected(
        cash=[2_979.48, 2_979.48, 2_066.50, 221.48],
        value=[83_551.48, 88_156.48, 75_926.50, 76_941.48],
        orders=[
            (0, CHINEXT, "buy", 3_900, 10, 10.14),
            (0, CHINEXT2, "buy", 1_900, 10, 5.19),
            (0, MAIN, "buy", 1_900, 10, 5.19),
            (2, CHINEXT, "sell", 500, 11.40, 7.91),
            (2, CHINEXT2, "buy", 1_100, 6, 5.07),
            (3, MAIN, "buy", 200, 9.20, 5.02),
        ],
        waits=[(2, MAIN, "buy", "upper limit")],
        executable={3: -0.03775},
    ),
)

# --------------------------------------------------------------------------- corporate actions

# 100 at 14: 1,400, fees 5.00 + 0.01; cash 94.99. Ten shares become fourteen on row 1: 140 shares,
# an odd lot. Row 2: 140 x 10.30 = 1,442; leaving 5.00 + 0.01 + 0.72 = 5.73: 1,531.26.
# The exit sells all 140 at 10.50: 1,470, fees 5.00 + 0.01 + 0.735 -> 0.74 = 5.75; cash 1,559.24.
_case(
    "an odd lot after a bonus issue",
    world(
        "2024-10-14",
        {
            MAIN: [
                14,
                Bar(10, 10.20, factor=1.4),
                Bar(10.30, factor=1.4),
                Bar(10.50, 10.60, factor=1.4),
                Bar(11, factor=1.4),
            ]
        },
        1_500,
        exit="2024-10-17",
    ),
    Expected(
        cash=[94.99] * 3 + [1_559.24] * 2,
        value=[1_494.99, 1_522.99, 1_536.99, 1_559.24, 1_559.24],
        orders=[(0, MAIN, "buy", 100, 14, 5.01), (3, MAIN, "sell", 140, 10.50, 5.75)],
        net={2: 0.02084, 3: 1_559.24 / 1_500 - 1},
        executable={3: 70 / 1_500},
        units={1: [100], 3: [0]},
    ),
)

# 1,000 at 20: 20,000, fees 5.00 + 0.20; cash 994.80. Close 20.80, then 0.80 a share is paid: the
# reference is 20.00 and the factor grows by 20.80 / 20.00 = 1.04. A close at 20.00 is no loss:
# 1,040 x 20. The factor stood at 2.00 before, so 1,000 shares are 500 units.
# Row 1, leaving 20,800: 5.20 + 0.21 + 10.40 = 15.81: 21,778.99.
# The exit sells 1,040 at 20.50: 21,320, fees 5.33 + 0.21 + 10.66 = 16.20; cash 22,298.60.
_case(
    "a dividend while held",
    world(
        "2024-10-14",
        {
            OTHER: [
                Bar(20, 20.80, factor=2.00),
                Bar(20.10, 20.00, factor=2.08),
                Bar(20.50, factor=2.08),
            ]
        },
        21_000,
        exit="2024-10-16",
    ),
    Expected(
        cash=[994.80, 994.80, 22_298.60],
        value=[21_794.80, 21_794.80, 22_298.60],
        orders=[(0, OTHER, "buy", 1_000, 20, 5.20), (2, OTHER, "sell", 1_040, 20.50, 16.20)],
        net={1: 778.99 / 21_000, 2: 1_298.60 / 21_000},
        executable={2: 1_320 / 21_000},
        units={1: [500]},
    ),
)

# 1,900 each at 10, cash 1,989.62. CHINEXT closes Friday at 14.00, is suspended, and comes back on
# Wednesday with fourteen shares for ten. Monday: equity 1,989.62 + 1,900 x 14 + 19,000 = 47,589.62,
# half 23,794.81. CHINEXT has 2,805.19 too much: 200.37 old shares, which wait.
#   MAIN lacks 4,794.81, the cash is 1,989.62: 100: 1,000, fees 5.01; cash 984.61; it waits for
#   cash, wanting 3,789.80. Tuesday's 984.61 buys no lot.
# Wednesday: 200.37 x 1.4 = 280.52 new shares, so 200 at 10.50: 2,100, fees 5.00 + 0.02 + 1.05
#   = 6.07; cash 3,078.54. MAIN: 300: 3,000, fees 5.00 + 0.03; cash 73.51.
# CHINEXT then is 1,900 x 1.4 - 200 = 2,460 shares at 10.50 = 25,830, or 2,460 / 1.4 units.
# Leaving: 6.4575 -> 6.46 + 0.26 + 12.915 -> 12.92 = 19.64; 23,000: 5.75 + 0.23 + 11.50 = 17.48;
#   48,903.51 - 37.12 = 48,866.39.
_case(
    "a factor steps while suspended",
    world(
        "2024-10-17",
        {
            CHINEXT: [Bar(10, 12), Bar(13, 14), None, None, Bar(10.50, factor=1.4)],
            MAIN: [10] * 5,
        },
        40_000,
        rebalance="weekly",
    ),
    Expected(
        cash=[1_989.62, 1_989.62, 984.61, 984.61, 73.51],
        value=[43_789.62, 47_589.62, 47_584.61, 47_584.61, 48_903.51],
        orders=[
            (0, CHINEXT, "buy", 1_900, 10, 5.19),
            (0, MAIN, "buy", 1_900, 10, 5.19),
            (2, MAIN, "buy", 100, 10, 5.01),
            (4, CHINEXT, "sell", 200, 10.50, 6.07),
            (4, MAIN, "buy", 300, 10, 5.03),
        ],
        waits=[
            (2, CHINEXT, "sell", "no bar"),
            (2, MAIN, "buy", "cash"),
            (3, CHINEXT, "sell", "no bar"),
            (3, MAIN, "buy", "cash"),
        ],
        net={4: 0.22165975},
        executable={4: 0.22325},
        units={3: [1_900, 2_000], 4: [2_460 / 1.4, 2_300]},
    ),
)

# The same with one failure allowed. A session short of cash is a failed one even if it bought:
# MAIN fails on Monday and Tuesday and is given up. Wednesday's cash 984.61 + 2,093.93 stays.
_case(
    "a session short of cash is a failed session",
    replace(CASES["a factor steps while suspended"], max_wait=1),
    Expected(
        cash=[1_989.62, 1_989.62, 984.61, 984.61, 3_078.54],
        value=[43_789.62, 47_589.62, 47_584.61, 47_584.61, 48_908.54],
        orders=[
            (0, CHINEXT, "buy", 1_900, 10, 5.19),
            (0, MAIN, "buy", 1_900, 10, 5.19),
            (2, MAIN, "buy", 100, 10, 5.01),
            (4, CHINEXT, "sell", 200, 10.50, 6.07),
        ],
        waits=[
            (2, CHINEXT, "sell", "no bar"),
            (2, MAIN, "buy", "cash"),
            (3, CHINEXT, "sell", "no bar"),
        ],
        given_up=[MAIN],
    ),
)

# --------------------------------------------------------------------------- stops

# 1,900 each at 10 on a Friday, cash 1,989.62. MAIN closes that day at 9.00: -10%, out on Monday:
#   1,900 at 8.90: 16,910, fees 5.00 (4.23) + 0.17 + 8.455 -> 8.46 = 13.63; cash 18,885.99.
# Monday's equity is 1,989.62 + 16,910 + 19,950 = 38,849.62; OTHER has 525.19 too much, 50 shares:
#   no lot. The Monday after: 18,885.99 + 19,950 = 38,835.99; OTHER has 532.005 too much: no lot;
#   MAIN is closed and not bought again.
# Leaving: 19,950: 5.00 + 0.20 + 9.98 = 15.18: 38,820.81. Fees paid 10.38 + 13.63 = 24.01.
_case(
    "a stop-loss closes a name for good",
    world(
        "2024-10-18",
        {
            MAIN: [Bar(10, 9.00), Bar(8.90, 8.80), *[8.80] * 5],
            OTHER: [10, *[10.50] * 6],
        },
        40_000,
        rebalance="weekly",
        exit="stop-loss 0.1",
    ),
    Expected(
        cash=[1_989.62] + [18_885.99] * 6,
        value=[38_089.62] + [38_835.99] * 6,
        orders=[
            (0, MAIN, "buy", 1_900, 10, 5.19),
            (0, OTHER, "buy", 1_900, 10, 5.19),
            (1, MAIN, "sell", 1_900, 8.90, 13.63),
        ],
        net={6: -0.02947975},
        executable={6: -0.0285},
    ),
)

# 1,900 at 10: cash 994.81. Closes 11.00, 12.00, 10.80: -10% from 12.00, though 8% over the cost.
# Out on row 3: 1,900 at 10.70: 20,330, fees 5.08 + 0.20 + 10.165 -> 10.17 = 15.45; cash 21,309.36.
_case(
    "a trailing stop",
    world(
        "2024-10-14",
        {MAIN: [Bar(10, 11.00), 12.00, 10.80, Bar(10.70, 10.00), 10.00]},
        20_000,
        exit="trailing 0.1",
    ),
    Expected(
        cash=[994.81] * 3 + [21_309.36] * 2,
        value=[21_894.81, 23_794.81, 21_514.81, 21_309.36, 21_309.36],
        orders=[(0, MAIN, "buy", 1_900, 10, 5.19), (3, MAIN, "sell", 1_900, 10.70, 15.45)],
        net={4: 0.065468},
        executable={4: 0.0665},
    ),
)

# What a name closed at before it was held is no high of ours. Row 0 stands at its upper limit,
# 11.00. Row 1: 2,000 at 9.95: 19,900, fees 5.00 + 0.20; cash 94.80. It closes at 9.90, 10% under
# 11.00 but 0.5% under 9.95; at 9.10 on row 2 it is 8.5% under, at 8.95 on row 3 10.05%: out on row
# 4 at 9.00: 18,000, fees 5.00 + 0.18 + 9.00; cash 94.80 + 17,985.82 = 18,080.62.
_case(
    "a trailing stop looks back to the name's own first fill",
    world(
        "2024-10-14",
        {OTHER: [Bar(11, upper=11.00, lower=9.00), Bar(9.95, 9.90), 9.10, 8.95, 9.00]},
        20_000,
        exit="trailing 0.1",
    ),
    Expected(
        cash=[20_000, 94.80, 94.80, 94.80, 18_080.62],
        value=[20_000, 19_894.80, 18_294.80, 17_994.80, 18_080.62],
        orders=[(1, OTHER, "buy", 2_000, 9.95, 5.20), (4, OTHER, "sell", 2_000, 9.00, 14.18)],
        waits=[(0, OTHER, "buy", "upper limit")],
    ),
)
