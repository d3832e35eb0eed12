import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesis.errors import UsageError
from thesis.market.calendar import sessions
from thesis.trading.schedule import REBALANCES, rebalance_rows


def between(first, last):
    days = sessions()
    return days[(days >= np.datetime64(first)) & (days <= np.datetime64(last))]


def days_of(axis, rebalance, entry_row=0):
    return [str(day) for day in axis[rebalance_rows(axis, rebalance, entry_row)]]


# By hand, from the exchanges' calendars: 2024-10-01 to 10-07 and 2025-01-28 to 02-04 were closed.
WEEKS = [
    "2024-10-21", "2024-10-28", "2024-11-04", "2024-11-11", "2024-11-18", "2024-11-25",
    "2024-12-02", "2024-12-09", "2024-12-16", "2024-12-23", "2024-12-30", "2025-01-06",
    "2025-01-13", "2025-01-20", "2025-01-27", "2025-02-05", "2025-02-10",
]  # fmt: skip
MONTHS = ["2024-11-01", "2024-12-02", "2025-01-02", "2025-02-05", "2025-03-03", "2025-04-01"]


def test_a_week_starts_on_its_first_session_also_after_the_spring_festival():
    assert WEEKS == days_of(between("2024-10-14", "2025-02-12"), "weekly")


def test_a_month_starts_on_its_first_session():
    assert MONTHS == days_of(between("2024-10-14", "2025-04-11"), "monthly")


def test_a_quarter_starts_in_january_april_july_and_october():
    axis = between("2024-08-15", "2025-07-31")

    assert ["2024-10-08", "2025-01-02", "2025-04-01", "2025-07-01"] == days_of(axis, "quarterly")


def test_a_week_without_a_session_is_passed_over():
    # 1 October 2024 was a Tuesday: Monday 30 September stands alone in its week, the next begins
    # on Tuesday the 8th.
    axis = between("2024-09-23", "2024-10-18")

    assert ["2024-09-30", "2024-10-08", "2024-10-14"] == days_of(axis, "weekly")
    # The National Day week of 2023 had no session at all.
    axis = between("2023-09-25", "2023-10-20")

    assert ["2023-10-09", "2023-10-16"] == days_of(axis, "weekly")


def test_a_week_that_holds_new_year_s_day_is_one_week():
    # ISO week 1 of 2025 is 30 December to 3 January.
    assert ["2025-01-06"] == days_of(between("2024-12-30", "2025-01-08"), "weekly")


def test_an_entry_that_opens_a_period_is_no_rebalance():
    axis = between("2025-04-01", "2025-07-02")

    assert ["2025-05-06", "2025-06-03", "2025-07-01"] == days_of(axis, "monthly")
    assert ["2025-07-01"] == days_of(axis, "quarterly")


def test_an_entry_later_on_the_axis_lets_nothing_before_it_through():
    axis = between("2024-10-14", "2024-12-04")

    assert ["2024-12-02"] == days_of(
        axis, "monthly", int(np.searchsorted(axis, np.datetime64("2024-11-01")))
    )


def test_without_rebalancing_there_is_none():
    assert [] == days_of(between("2024-10-14", "2025-04-11"), "none")


def test_an_axis_of_one_or_no_session_has_none():
    for rebalance in REBALANCES:
        assert [] == days_of(between("2024-10-14", "2024-10-14"), rebalance)
        assert [] == days_of(between("2024-10-05", "2024-10-06"), rebalance)


def test_another_word_is_refused():
    with pytest.raises(UsageError) as caught:
        rebalance_rows(between("2024-10-14", "2024-10-18"), "daily")
    assert "rebalance = 'daily': give one of none, weekly, monthly, quarterly" == str(caught.value)


def period(day, rebalance):
    """The week, month or quarter of a date, by the standard library."""
    if rebalance == "weekly":
        return day.isocalendar()[:2]
    return day.year, (day.month - 1) // (3 if rebalance == "quarterly" else 1)


@given(
    st.integers(0, 8500), st.integers(1, 300), st.integers(0, 30), st.sampled_from(REBALANCES[1:])
)
def test_a_slow_loop_over_dates_finds_the_same_sessions(first, count, entry_row, rebalance):
    axis = sessions()[first : first + count]
    expected, seen = [], set()
    for row, day in enumerate(axis.tolist()):
        now = period(day, rebalance)
        expected.append(row > entry_row and now not in seen)
        seen.add(now)

    assert expected == rebalance_rows(axis, rebalance, entry_row).tolist()
