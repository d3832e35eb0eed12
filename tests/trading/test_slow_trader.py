"""The second opinion held to ledgers computed by hand, and to laws of its own.

The hand computations, step by step, stand beside their numbers in ``hand_ledgers.py``.
"""

import datetime as dt
import itertools
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from trading.hand_ledgers import CASES, EXPECTED, differences
from trading.slow_trader import (
    board_of,
    cents,
    exit_row,
    fees_of,
    legal_count,
    opens_period,
    shares_for,
    trade,
)
from trading.worlds import CALM, POOL, market, random_world, worlds

from thesis.market.rules import LOTS, fee_table
from thesis.research.security import parse_security

SEEDS = range(300)


def days_of(world):
    return world.sessions.astype(dt.date).tolist()


# --------------------------------------------------------------------------- by hand


@pytest.mark.parametrize("name", CASES)
def test_the_slow_trader_keeps_the_books_a_hand_keeps(name):
    assert [] == differences(name, trade(CASES[name]))


@pytest.mark.parametrize("name", CASES)
def test_the_books_of_a_hand_tell_a_cent_and_a_day(name):
    right = trade(CASES[name])
    cash = [*right.cash[:-1], right.cash[-1] + 0.01]
    late = [(order[0] + dt.timedelta(days=1), *order[1:]) for order in right.orders]
    later = [(row[0] + dt.timedelta(days=1), *row[1:]) for row in right.waits]

    assert 1 == len(differences(name, replace(right, cash=cash)))
    assert not right.orders or differences(name, replace(right, orders=late))
    assert not right.waits or differences(name, replace(right, waits=later))
    assert differences(name, replace(right, given_up=[*right.given_up, "600519.SH"]))
    assert differences(name, replace(right, too_dear=[*right.too_dear, "600519.SH"]))


def test_every_case_has_its_hand_ledger():
    assert list(CASES) == list(EXPECTED)


@pytest.mark.parametrize("name", CASES)
def test_money_and_fees_of_a_hand_ledger_add_up_again(name):
    """Cash after the last session is the capital, less buys, plus sales, less fees."""
    world, hand = CASES[name], EXPECTED[name]
    signs = {"buy": -1, "sell": 1}
    moved = [signs[side] * shares * price - fees for _, _, side, shares, price, fees in hand.orders]

    assert hand.cash[-1] == pytest.approx(world.capital + sum(moved), abs=1e-6)


# --------------------------------------------------------------------------- rule by rule


@pytest.mark.parametrize(
    ("rule", "before", "day", "opens"),
    [
        ("none", "2024-10-31", "2024-11-01", False),
        ("weekly", "2024-10-18", "2024-10-21", True),
        ("weekly", "2024-10-21", "2024-10-22", False),
        ("weekly", "2024-12-31", "2025-01-02", False),  # Tuesday and Thursday of one week
        ("weekly", "2024-09-30", "2024-10-08", True),  # Mondays' week is over when trading resumes
        ("weekly", "2024-12-27", "2025-12-26", True),  # week 52 of two years
        ("monthly", "2024-10-31", "2024-11-01", True),
        ("monthly", "2024-11-01", "2024-11-04", False),
        ("monthly", "2023-11-30", "2024-11-01", True),
        ("quarterly", "2024-10-31", "2024-11-01", False),
        ("quarterly", "2024-12-31", "2025-01-02", True),
        ("quarterly", "2025-03-31", "2025-04-01", True),
    ],
)
def test_a_period_opens_with_its_first_session(rule, before, day, opens):
    assert opens is opens_period(rule, dt.date.fromisoformat(before), dt.date.fromisoformat(day))


@pytest.mark.parametrize(
    ("code", "shares", "legal"),
    [
        ("600000.SH", 99.9, 0),
        ("600000.SH", 280.52, 200),
        ("300308.SZ", 199.99999999999, 100 + 100),  # binary rounding, not a missing share
        ("688256.SH", 199, 0),
        ("688256.SH", 200.9, 200),
        ("688256.SH", 332.84, 332),
        ("430047.BJ", 99, 0),
        ("430047.BJ", 229.006, 229),
    ],
)
def test_a_count_is_rounded_down_to_a_legal_one(code, shares, legal):
    assert legal == legal_count(board_of(code), shares)


@pytest.mark.parametrize(
    ("amount", "rounded"), [(13.475, 13.48), (0.125, 0.13), (0.124, 0.12), (2.675, 2.68), (0, 0)]
)
def test_cents_are_rounded_half_up(amount, rounded):
    assert rounded == cents(amount)


@pytest.mark.parametrize(
    ("exit_", "row"),
    [("2024-10-15", 1), ("2024-10-12", 0), ("2024-10-19", None), ("horizon", None)],
)
def test_an_exit_date_is_the_first_session_on_or_after_it(exit_, row):
    days = [dt.date(2024, 10, day) for day in (14, 15, 16, 17, 18)]

    assert row == exit_row(exit_, days)


@pytest.mark.parametrize("code", ["600000.SH", "300308.SZ", "430047.BJ"])
@pytest.mark.parametrize(
    "day",
    ["2021-11-15", "2022-04-28", "2022-04-29", "2023-08-25", "2023-08-28", "2024-10-14"],
)
def test_fees_written_by_hand_are_those_of_the_dated_rules(code, day):
    world = replace(random_world(0), costs=True)
    date = dt.date.fromisoformat(day)
    table = fee_table([parse_security(code)], np.array([day], dtype="datetime64[D]"))

    for amount in (0.0, 1.0, 990.0, 19_999.99, 39_960.0, 1_234_567.89, 5e8):
        bought, sold = table.buy(0, np.array([amount])), table.sell(0, np.array([amount]))
        assert fees_of(world, code, date, "buy", amount) == pytest.approx(bought[0])
        assert fees_of(world, code, date, "sell", amount) == pytest.approx(sold[0])


def test_boards_and_lots_are_those_of_the_code():
    for code in POOL:
        board = parse_security(code).board
        lot = LOTS[board]
        counts = [legal_count(board_of(code), float(shares)) for shares in range(1_000)]
        assert board == board_of(code)
        assert lot.minimum == next(count for count in counts if count)
        assert {lot.step} == {b - a for a, b in itertools.pairwise(counts) if b > a > 0}


@pytest.mark.parametrize("code", POOL)
@pytest.mark.parametrize("costs", [True, False])
def test_one_lot_more_than_the_most_shares_is_over_the_budget(code, costs):
    world = replace(random_world(0), costs=costs, whole_lots=True)
    day = dt.date(2024, 10, 14)
    step = LOTS[parse_security(code).board].step
    rng = np.random.default_rng(1)
    for _ in range(200):
        budget, price = float(10 ** rng.uniform(2, 9)), round(float(10 ** rng.uniform(0, 2.5)), 2)
        shares = shares_for(world, code, day, price, budget)
        more = shares + step if shares else LOTS[parse_security(code).board].minimum

        def cost(count, price=price):
            return count * price + fees_of(world, code, day, "buy", count * price)

        assert shares == legal_count(board_of(code), shares)
        assert cost(shares) <= budget + 1e-4
        assert cost(more) > budget


# --------------------------------------------------------------------------- laws


@settings(max_examples=200, deadline=None)
@given(worlds())
def test_no_order_breaks_a_rule_of_the_exchange(world):
    books = trade(world)
    days, column = days_of(world), {code: i for i, code in enumerate(world.codes)}
    seen = set()
    for day, code, side, shares, price, _ in books.orders:
        row, i = days.index(day), column[code]
        held = books.units[row - 1][i] * world.factor[row, i] if row else 0.0
        assert price == world.fill[row, i]
        assert shares > 0
        assert world.weights[i] > 0
        assert (day, code) not in seen  # one order a session, so no sale of what was bought today
        seen.add((day, code))
        if side == "buy":
            assert price < world.upper[row, i]
            assert not world.whole_lots or shares == legal_count(board_of(code), shares)
        else:
            assert price > world.lower[row, i]
            assert shares <= held * (1 + 1e-12)
            sold_out = books.units[row][i] == 0
            assert sold_out or not world.whole_lots or shares == legal_count(board_of(code), shares)


@settings(max_examples=200, deadline=None)
@given(worlds())
def test_cash_and_units_follow_from_the_orders(world):
    books = trade(world)
    cash, units, paid = world.capital, np.zeros(len(world.codes)), 0.0
    for row, day in enumerate(days_of(world)):
        for _, code, side, shares, price, fees in (o for o in books.orders if o[0] == day):
            i = world.codes.index(code)
            sign = 1 if side == "buy" else -1
            assert fees == pytest.approx(fees_of(world, code, day, side, shares * price), abs=1e-9)
            cash -= sign * shares * price + fees
            units[i] += sign * shares / world.factor[row, i]
            paid += fees
        marks = np.zeros(len(world.codes))
        for i in range(len(world.codes)):
            adjusted = [c * f for c, f in zip(world.close[: row + 1, i], world.factor[:, i])]  # noqa: B905
            known = [price for price in adjusted if not math.isnan(price)]
            marks[i] = known[-1] if known else 0.0
        value = cash + float(units @ marks)
        scale = 1e-11 * world.capital
        assert books.cash[row] == pytest.approx(cash, abs=1e-6 + scale)
        assert books.cash[row] >= -1e-6 - scale
        assert books.units[row] == pytest.approx(units.tolist(), rel=1e-9, abs=1e-9 + scale)
        assert books.value[row] == pytest.approx(value, abs=1e-6 + 100 * scale)
        assert books.executable[row] == pytest.approx((value + paid) / world.capital - 1, abs=1e-9)
        assert books.net[row] <= value / world.capital - 1 + 1e-9


@settings(max_examples=200, deadline=None)
@given(worlds())
def test_a_wait_has_its_reason(world):
    books = trade(world)
    days = days_of(world)
    sells_waiting = {day for day, _, side, _ in books.waits if side == "sell"}
    for day, code, side, kind in books.waits:
        row, i = days.index(day), world.codes.index(code)
        fill = world.fill[row, i]
        reasons = {
            "no bar": math.isnan(fill),
            "upper limit": side == "buy" and fill >= world.upper[row, i],
            "lower limit": side == "sell" and fill <= world.lower[row, i],
            "cash": side == "buy" and fill < world.upper[row, i] and day in sells_waiting,
        }
        assert reasons[kind]
    if world.rebalance == "none":
        waits = Counter((code, side) for _, code, side, _ in books.waits if side == "buy")
        assert all(count <= world.max_wait for count in waits.values())
        assert all(waits[code, "buy"] == world.max_wait for code in books.given_up)


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_without_costs_lots_and_waits_a_hold_is_the_closed_form(world):
    fields = market(world.codes, len(world.sessions), CALM, "open", np.random.default_rng(3))
    fields["upper"] = np.full_like(fields["fill"], np.inf)
    fields["lower"] = -fields["upper"]
    plain = replace(
        world, **fields, rebalance="none", exit="horizon", costs=False, whole_lots=False
    )

    books = trade(plain)

    grown = plain.close * plain.factor / (plain.fill[0] * plain.factor[0])
    expected = 1 - plain.weights.sum() + grown @ plain.weights
    assert (expected - 1).tolist() == pytest.approx(books.net, abs=1e-12)
    assert books.net == pytest.approx(books.executable, abs=1e-12)
    assert [] == books.waits


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_the_order_of_the_names_does_not_matter(world):
    back = slice(None, None, -1)
    mirrored = replace(
        world,
        codes=world.codes[back],
        weights=world.weights[back],
        **{
            name: getattr(world, name)[:, back]
            for name in ("fill", "close", "factor", "upper", "lower")
        },
    )

    books, other = trade(world), trade(mirrored)

    scale = 1e-9 * world.capital
    assert [row[:3] for row in sorted(books.orders)] == [row[:3] for row in sorted(other.orders)]
    assert sorted(books.waits) == sorted(other.waits)
    assert books.cash == pytest.approx(other.cash, abs=scale)
    assert sorted(books.too_dear) == sorted(other.too_dear)
    assert sorted(books.given_up) == sorted(other.given_up)


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_only_ratios_of_factors_matter(world):
    books = trade(world)
    other = trade(replace(world, factor=world.factor * 8.0))  # a power of two rounds nothing

    assert books.orders == other.orders
    assert books.waits == other.waits
    assert books.value == other.value


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_no_later_bar_changes_what_was_done(world):
    half = len(world.sessions) // 2
    grids = {
        name: getattr(world, name)[:half] for name in ("fill", "close", "factor", "upper", "lower")
    }

    books, cut = trade(world), trade(replace(world, sessions=world.sessions[:half], **grids))

    last = days_of(world)[half - 1]
    assert [row for row in books.orders if row[0] <= last] == cut.orders
    assert [row for row in books.waits if row[0] <= last] == cut.waits
    assert books.net[:half] == cut.net


# --------------------------------------------------------------------------- the worlds


def test_random_worlds_bring_up_every_rule():
    """Each thing that trading distinguishes happens in ten of the worlds at least."""
    found = Counter()
    for seed in SEEDS:
        world = random_world(seed)
        books = trade(world)
        kind = "date" if world.exit[0] == "2" else world.exit.split()[0]
        found.update(
            {
                *(board_of(code) for code in world.codes),
                *((side, kind) for _, _, side, kind in books.waits),
                *(side for _, _, side, *_ in books.orders),
                world.rebalance,
                kind,
                f"max_wait {world.max_wait}",
                "costs" if world.costs else "no costs",
                "lots" if world.whole_lots else "fractions",
                "a zero weight" if 0 in world.weights else "no zero weight",
                "given up" if books.given_up else "none given up",
                "too dear" if books.too_dear else "none too dear",
                "late" if np.isnan(world.fill[0]).any() else "all there",
                "no limits" if np.isinf(world.upper).any() else "limits",
                "no order" if not books.orders else "orders",
                "a factor steps in a gap" if _steps_in_a_gap(world) else "none does",
                *("an odd lot" for *_, shares, _, _ in books.orders if shares % 1 > 1e-6),
            }
        )
    expected = {
        "main", "chinext", "star", "bse",
        ("buy", "no bar"), ("buy", "upper limit"), ("buy", "cash"),
        ("sell", "no bar"), ("sell", "lower limit"),
        "buy", "sell", "none", "weekly", "monthly", "quarterly",
        "horizon", "stop-loss", "trailing", "date",
        "max_wait 0", "max_wait 10", "costs", "no costs", "lots", "fractions", "a zero weight",
        "given up", "too dear", "late", "no limits", "no order", "a factor steps in a gap",
        "an odd lot",
    }  # fmt: skip

    assert {} == {what: found[what] for what in expected if found[what] < 10}


def _steps_in_a_gap(world):
    for i in range(len(world.codes)):
        at = [row for row in range(len(world.fill)) if not math.isnan(world.fill[row, i])]
        for a, b in itertools.pairwise(at):
            if b - a > 1 and world.factor[a, i] != world.factor[b, i]:
                return True
    return False


@settings(max_examples=200, deadline=None)
@given(worlds())
def test_a_world_is_one_that_could_be(world):
    shape = (len(world.sessions), len(world.codes))
    bars = ~np.isnan(world.fill)

    assert 5 <= shape[0] <= 60
    assert 1 <= shape[1] <= 6
    for grid in (world.fill, world.close, world.factor, world.upper, world.lower):
        assert shape == grid.shape
        assert (bars == ~np.isnan(grid)).all()
    for price in (world.fill[bars], world.close[bars], world.factor[bars]):
        assert (price > 0).all()
    assert (world.lower[bars] <= world.fill[bars]).all()
    assert (world.fill[bars] <= world.upper[bars]).all()
    assert world.weights.sum() <= 1 + 1e-12
    assert (world.weights >= 0).all()


def test_a_seed_is_one_world():
    first, again = random_world(7), random_world(7)

    assert first.codes == again.codes
    np.testing.assert_array_equal(first.fill, again.fill)
