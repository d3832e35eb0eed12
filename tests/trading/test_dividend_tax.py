"""The tax on dividends, at the edges of its rule and by hand."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thesis.errors import RulesError, UsageError
from thesis.market.calendar import sessions
from thesis.trading.dividend_tax import DividendTax, fifo

LAW = settings(deadline=None, max_examples=60, derandomize=True)


def axis_from(first, count=500):
    start = int(np.searchsorted(sessions(), np.datetime64(first)))
    return sessions()[start : start + count]


def row_of(axis, day):
    row = int(np.searchsorted(axis, np.datetime64(day)))
    assert axis[row] == np.datetime64(day), f"{day} is no session"
    return row


def tax_of(axis, *payments):
    """One name that pays so much a unit on these days."""
    per_unit = np.zeros((len(axis), 1))
    for day, cash in payments:
        per_unit[row_of(axis, day), 0] = cash
    return DividendTax(axis, per_unit)


# The dividend of CNY 1.00 a share is paid soon after the purchase of 1,000 shares.
EDGES = [
    # bought, sold, rate in per cent
    ("2024-10-14", "2024-11-13", 20),
    ("2024-10-14", "2024-11-14", 20),  # from 14 October to 13 November: one month
    ("2024-10-14", "2024-11-15", 10),
    ("2024-01-08", "2024-02-08", 20),  # the last session before the Spring Festival
    ("2024-01-08", "2024-02-19", 10),
    ("2024-10-14", "2025-10-14", 10),  # from 14 October to 13 October: one year
    ("2024-10-14", "2025-10-15", 0),
    ("2024-10-31", "2024-11-29", 20),
    ("2024-10-31", "2024-12-02", 10),  # November has no 31st: its 30th ends the month
    ("2024-01-31", "2024-02-29", 20),
    ("2024-01-31", "2024-03-01", 10),
    ("2024-02-29", "2025-02-28", 10),  # 2025 has no 29 February
    ("2024-02-29", "2025-03-03", 0),
]


@pytest.mark.parametrize(("bought", "sold", "rate"), EDGES)
def test_the_rate_turns_on_the_day_after_a_month_and_after_a_year(bought, sold, rate):
    axis = axis_from(bought)
    tax = tax_of(axis, (str(axis[3]), 1.0))

    assert rate * 10.0 == tax.due(0, [(0, 1_000.0)], row_of(axis, sold))


def test_only_dividends_of_the_time_held_are_taxed():
    axis = axis_from("2024-10-14")
    tax = tax_of(axis, ("2024-10-15", 1.0), ("2024-10-17", 2.0), ("2024-10-21", 4.0))

    # Bought on an ex-date: too late for it. Sold on an ex-date: in time for it.
    assert 400.0 + 800.0 == tax.due(0, [(1, 1_000.0)], row_of(axis, "2024-10-21"))
    assert 400.0 == tax.due(0, [(1, 1_000.0)], row_of(axis, "2024-10-18"))
    assert 0.0 == tax.due(0, [(1, 1_000.0)], row_of(axis, "2024-10-16"))


def test_a_sale_takes_the_oldest_lots_each_at_its_own_rate_by_hand():
    # 300 units bought on 14 October, 500 on 8 November; 0.50 a unit on 13 November; 400 sold on
    # 21 November: 300 held over a month (10% of 150.00), 100 under (20% of 50.00).
    axis = axis_from("2024-10-14")
    tax = tax_of(axis, ("2024-11-13", 0.5))
    sold, left = fifo([(0, 300.0), (row_of(axis, "2024-11-08"), 500.0)], 400.0)

    assert 15.0 + 10.0 == pytest.approx(tax.due(0, sold, row_of(axis, "2024-11-21")))
    assert [(19, 400.0)] == left


def test_the_tax_of_a_sale_is_rounded_half_up_to_the_cent_once():
    # Two lots of 0.0125 tax each: 0.025 together.
    axis = axis_from("2024-10-14")
    tax = tax_of(axis, ("2024-10-16", 0.0125))

    assert 0.03 == tax.due(0, [(0, 5.0), (1, 5.0)], 4)
    assert 0.01 == tax.due(0, [(0, 5.0)], 4)


def test_names_do_not_mix():
    axis = axis_from("2024-10-14", 4)
    per_unit = np.array([[0.0, 0.0], [1.0, 3.0], [0.0, 0.0], [0.0, 0.0]])
    tax = DividendTax(axis, per_unit)

    assert (20.0, 60.0) == (tax.due(0, [(0, 100.0)], 2), tax.due(1, [(0, 100.0)], 2))


def test_a_rule_that_was_not_yet_in_force_is_refused():
    axis = axis_from("2015-09-07", 3)

    with pytest.raises(RulesError, match=r"begins on 2015-09-07, and 财税〔2015〕101号.*none"):
        DividendTax(axis, np.zeros((3, 1)))
    DividendTax(axis[1:], np.zeros((2, 1)))


def test_without_sessions_nothing_is_due():
    tax = DividendTax(axis_from("2024-10-14", 0), np.zeros((0, 1)))

    assert [] == tax.due_each_session(0, []).tolist()


@LAW
@given(st.lists(st.tuples(st.integers(0, 399), st.floats(1, 1e6)), max_size=4), st.integers(0, 99))
def test_the_tax_of_each_session_is_that_of_selling_on_it(lots, seed):
    axis = axis_from("2024-01-02", 400)
    draw = np.random.default_rng(seed)
    per_unit = np.where(draw.random((400, 1)) < 0.02, draw.uniform(0, 3, (400, 1)), 0.0)
    tax = DividendTax(axis, per_unit)

    path = tax.due_each_session(0, lots)

    for row in range(seed % 7, 400, 7):
        assert path[row] == tax.due(0, [lot for lot in lots if lot[0] <= row], row)


def slow_due(axis, per_unit, lots, sold_row):
    """The rule in words, day by day: count the months that have gone by."""
    total = 0.0
    for bought, units in lots:
        start, end = axis[bought].item(), axis[sold_row].item() - dt.timedelta(days=1)
        received = sum(per_unit[row, 0] for row in range(bought + 1, sold_row + 1))
        if end < same_day(start, 1):
            rate = 0.2
        elif end < same_day(start, 12):
            rate = 0.1
        else:
            rate = 0.0
        total += units * received * rate
    return int(total * 100 + 0.5 + 1e-9) / 100


def same_day(day, months):
    """The same date so many months later, or the last of a month that lacks it."""
    year, month = day.year + (day.month + months - 1) // 12, (day.month + months - 1) % 12 + 1
    for date in range(day.day, 0, -1):
        try:
            return dt.date(year, month, date)
        except ValueError:
            continue
    raise AssertionError(day)


@LAW
@given(st.integers(0, 380), st.integers(1, 380), st.integers(0, 999))
def test_the_tax_equals_the_rule_in_words(bought, held, seed):
    axis = axis_from("2024-01-02", 600)
    sold = min(bought + held, 599)
    draw = np.random.default_rng(seed)
    per_unit = np.where(draw.random((600, 1)) < 0.02, draw.uniform(0, 3, (600, 1)), 0.0)
    lots = [(bought, 1_000.0), ((bought + sold) // 2, 137.5)]

    expected = slow_due(axis, per_unit, lots, sold)

    assert expected == pytest.approx(DividendTax(axis, per_unit).due(0, lots, sold), abs=0.011)


# -- first in, first out ----------------------------------------------------------------------

LOTS = st.lists(st.tuples(st.integers(0, 9), st.floats(0.5, 1e6)), min_size=1, max_size=6)


@LAW
@given(LOTS, st.floats(0, 1))
def test_what_is_sold_and_what_is_left_are_the_lots(lots, part):
    total = sum(units for _, units in lots)
    sold, left = fifo(lots, part * total)

    assert part * total == pytest.approx(sum(units for _, units in sold), rel=1e-8)
    assert total == pytest.approx(sum(units for _, units in sold + left))
    assert sorted({row for row, _ in lots}) == sorted({row for row, _ in sold + left})
    for lot, taken in zip(lots, sold[:-1], strict=False):
        assert lot == taken
    for lot, kept in zip(reversed(lots), reversed(left[1:]), strict=False):
        assert lot == kept


def test_selling_everything_leaves_no_crumb():
    lots = [(0, 100 / 1.1), (1, 300 / 1.3), (2, 700 / 1.7)]
    total = 700 / 1.7 + 300 / 1.3 + 100 / 1.1

    assert [] == fifo(lots, total * (1 - 1e-13))[1]
    assert [] == fifo(lots, total * (1 + 1e-13))[1]


def test_more_than_is_held_cannot_be_sold():
    with pytest.raises(UsageError, match=r"301 units are to be sold and 300 are held"):
        fifo([(0, 300.0)], 301.0)


# -- a name's whole story ---------------------------------------------------------------------


def test_fills_pay_on_sales_and_owe_between_them_by_hand():
    # 1,000 units bought on 14 October, 1.00 a unit on 17 October, 600 sold on 21 October (20% of
    # 600), 500 bought on 22 October, 2.00 a unit on 18 November.
    axis = axis_from("2024-10-14", 40)
    tax = tax_of(axis, ("2024-10-17", 1.0), ("2024-11-18", 2.0))
    sale, buy = row_of(axis, "2024-10-21"), row_of(axis, "2024-10-22")

    paid, due = tax.on_fills(0, [(0, 1_000.0), (sale, -600.0), (buy, 500.0)])

    assert {sale: 120.0} == {int(row): paid[row] for row in np.flatnonzero(paid)}
    assert [0.0, 200.0, 200.0, 80.0, 80.0] == [due[row] for row in (2, 3, 4, sale, buy)]
    # On 18 November: 400 units are past their month (10% of 3.00), 500 are in it (20% of 2.00).
    assert 120.0 + 200.0 == pytest.approx(due[row_of(axis, "2024-11-18")])
    # From 25 November the second lot is past its month too.
    assert 120.0 + 100.0 == pytest.approx(due[row_of(axis, "2024-11-25")])


def test_a_name_never_traded_owes_nothing():
    tax = tax_of(axis_from("2024-10-14", 3), ("2024-10-15", 1.0))

    assert [[0.0] * 3, [0.0] * 3] == [each.tolist() for each in tax.on_fills(0, [])]


def test_after_selling_out_nothing_is_due():
    tax = tax_of(axis_from("2024-10-14", 5), ("2024-10-15", 1.0))

    paid, due = tax.on_fills(0, [(0, 100.0), (2, -100.0)])

    assert [0.0, 0.0, 20.0, 0.0, 0.0] == paid.tolist()
    assert [0.0, 20.0, 0.0, 0.0, 0.0] == due.tolist()
