import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesis.errors import UsageError
from thesis.trading.exits import (
    AtEnd,
    Horizon,
    OnDate,
    StopLoss,
    Trailing,
    first_trigger,
    parse_exit,
    sale_row,
)

NAN = math.nan
AXIS = np.array(["2025-03-28", "2025-03-31", "2025-04-01"], dtype="datetime64[D]")


@pytest.mark.parametrize(
    ("given", "noun", "name"),
    [
        ("horizon", Horizon(), "horizon"),
        ("end", AtEnd(), "end"),
        ("stop-loss 0.1", StopLoss(0.1), "stop-loss 0.1"),
        ("stop-loss 10%", StopLoss(0.1), "stop-loss 0.1"),
        ("stop-loss 12.3%", StopLoss(0.123), "stop-loss 0.123"),
        ("  Stop-Loss   .5 ", StopLoss(0.5), "stop-loss 0.5"),
        ("trailing 0.15", Trailing(0.15), "trailing 0.15"),
        ("trailing 7%", Trailing(0.07), "trailing 0.07"),
        ("2025-03-31", OnDate(dt.date(2025, 3, 31)), "2025-03-31"),
        (dt.date(2025, 3, 31), OnDate(dt.date(2025, 3, 31)), "2025-03-31"),
        (dt.datetime(2025, 3, 31, 9, 0), OnDate(dt.date(2025, 3, 31)), "2025-03-31"),  # noqa: DTZ001
        (pd.Timestamp("2025-03-31"), OnDate(dt.date(2025, 3, 31)), "2025-03-31"),
        (StopLoss(np.float64(0.2)), StopLoss(0.2), "stop-loss 0.2"),
        (Trailing(0.15), Trailing(0.15), "trailing 0.15"),
    ],
)
def test_an_exit_is_read_from_its_words_its_date_or_its_noun(given, noun, name):
    assert noun == parse_exit(given)
    assert name == parse_exit(given).name


@pytest.mark.parametrize(
    "given",
    ["stop-loss 10", "stop-loss 0", "stop-loss 1", "trailing -0.1", "trailing nan", "trailing inf",
     "stop-loss 100%", "stop-loss %", "stop-loss nan%", "trailing ten"],
)  # fmt: skip
def test_a_fall_that_is_no_fraction_is_refused(given):
    with pytest.raises(UsageError) as caught:
        parse_exit(given)
    assert f"exit = {given!r}: the fall is a fraction between 0 and 1, as 0.1 or 10%" == str(
        caught.value
    )


@pytest.mark.parametrize(
    "given",
    ["", "stop-loss", "stoploss 0.1", "stop-loss 0.1 0.2", "never", "2025-02-30", "31.03.2025",
     0.1, None, 20250331, ["end"]],
)  # fmt: skip
def test_what_is_no_exit_is_refused_with_all_that_are(given):
    with pytest.raises(UsageError) as caught:
        parse_exit(given)
    assert (
        f"exit = {given!r}: give horizon, 'stop-loss 0.1', 'trailing 0.15', end, or a date as "
        "2025-03-31" == str(caught.value)
    )


@pytest.mark.parametrize("noun", [StopLoss, Trailing])
@pytest.mark.parametrize("value", [0, 1, 10, -0.1, math.nan, math.inf, "0.1", None, True])
def test_a_noun_refuses_what_is_no_fraction(noun, value):
    with pytest.raises(UsageError) as caught:
        noun(value)
    assert f"{noun.__name__}({value!r}): it takes a fraction between 0 and 1, as 0.1" == str(
        caught.value
    )


def test_a_noun_of_a_date_refuses_text():
    with pytest.raises(UsageError, match=r"^OnDate\('2025-03-31'\): it takes a date, as"):
        OnDate("2025-03-31")


@given(st.floats(0, 1, exclude_min=True, exclude_max=True), st.sampled_from([StopLoss, Trailing]))
def test_an_exit_s_name_reads_as_the_same_exit(fall, noun):
    assert noun(fall) == parse_exit(noun(fall).name)


def test_a_stop_is_measured_from_the_first_fill():
    # 20 x 0.9 = 18: the third close is the first at or below it; later ones count no more.
    closes = np.array([19.0, 18.01, 18.0, 25.0, 17.0])

    assert [False, False, True, False, True] == StopLoss(0.1).triggered(20.0, closes).tolist()
    assert 2 == StopLoss(0.1).trigger_row(20.0, closes)
    assert StopLoss(0.2).trigger_row(20.0, closes) is None


def test_a_trailing_stop_is_measured_from_the_best_close_or_the_fill():
    # The fill of 20 is the best until 30 is: 27 is 10% below it, 18 would be below the fill.
    closes = np.array([19.0, 18.5, 30.0, 27.5, 27.0, 31.0])

    expected = [False, False, False, False, True, False]
    assert expected == Trailing(0.1).triggered(20.0, closes).tolist()
    assert 4 == Trailing(0.1).trigger_row(20.0, closes)
    assert 0 == Trailing(0.1).trigger_row(20.0, np.array([18.0, 30.0]))


def test_a_session_without_a_bar_triggers_nothing_and_forgets_nothing():
    closes = np.array([NAN, 30.0, NAN, 27.0])

    assert 3 == Trailing(0.1).trigger_row(20.0, closes)
    assert StopLoss(0.1).trigger_row(20.0, np.array([NAN, 21.0, NAN])) is None


def test_the_threshold_itself_triggers_whatever_a_float_makes_of_it():
    # 0.9 - 1 is -0.09999999999999998, 5.1 / 6 - 1 is -0.15000000000000002.
    assert 0 == StopLoss(0.1).trigger_row(10.0, np.array([9.0]))
    assert 0 == StopLoss(0.15).trigger_row(6.0, np.array([5.1]))
    assert 1 == Trailing(0.1).trigger_row(1.0, np.array([10.0, 9.0]))
    # Rounded to ten places: a fall short of it by 1e-11 is that fall, by 1e-9 is not.
    assert 0 == StopLoss(0.1).trigger_row(1.0, np.array([0.9 + 1e-11]))
    assert StopLoss(0.1).trigger_row(1.0, np.array([0.9 + 1e-9])) is None


@given(st.integers(100, 100_000), st.integers(1, 99))
def test_a_fall_of_so_many_percent_in_whole_cents_triggers(cents, percent):
    """No price in cents whose exact fall is the threshold is missed, nor one a cent above it."""
    at = cents * 100 * (100 - percent)  # in ten-thousandths of a cent: exact
    entry, close = cents * 100.0, at / 100

    assert 0 == StopLoss(percent / 100).trigger_row(entry, np.array([close]))
    assert StopLoss(percent / 100).trigger_row(entry, np.array([close + 1])) is None


def test_holdings_are_looked_at_from_their_own_first_fill_on():
    # The first is bought on row 0; the second on row 2, so that its 5 before does not count and
    # its best is 11; the third never.
    closes = np.array([[9.5, 5.0, 1.0], [NAN, 20.0, 1.0], [9.0, 11.0, 1.0], [8.0, 9.9, 1.0]])
    paid, rows = np.array([10.0, 10.0, NAN]), np.array([0, 2, -1])

    assert [2, -1, -1] == first_trigger(StopLoss(0.1), paid, closes, rows).tolist()
    assert [2, 3, -1] == first_trigger(Trailing(0.1), paid, closes, rows).tolist()
    for exit_ in (Horizon(), AtEnd(), OnDate(dt.date(2025, 3, 31))):
        assert [-1, -1, -1] == first_trigger(exit_, paid, closes, rows).tolist()


def slow_trigger(kind, fall, paid, closes, first):
    """A loop as the rule is written."""
    best = paid
    for row in range(first, len(closes)):
        if math.isnan(closes[row]):
            continue
        best = max(best, closes[row])
        if round(closes[row] / (paid if kind is StopLoss else best) - 1, 10) <= -fall:
            return row
    return -1


@given(st.data())
def test_the_vectorised_form_the_single_form_and_a_slow_loop_agree(data):
    count, names = data.draw(st.integers(1, 30)), data.draw(st.integers(1, 4))
    price = st.sampled_from([NAN, *(cents / 100 for cents in range(800, 1300, 5))])
    closes = np.array([[data.draw(price) for _ in range(names)] for _ in range(count)])
    paid = np.array([data.draw(st.sampled_from([8.5, 10.0, 12.0])) for _ in range(names)])
    rows = np.array([data.draw(st.integers(-1, count - 1)) for _ in range(names)])
    kind, fall = (
        data.draw(st.sampled_from([StopLoss, Trailing])),
        data.draw(st.sampled_from([0.05, 0.1, 0.2])),
    )
    found = first_trigger(kind(fall), paid, closes, rows).tolist()
    for column, row in enumerate(rows):
        slow = slow_trigger(kind, fall, paid[column], closes[:, column], row) if row >= 0 else -1
        single = kind(fall).trigger_row(paid[column], closes[max(row, 0) :, column])

        assert slow == found[column]
        if row >= 0:
            assert (slow - row if slow >= 0 else None) == single


@pytest.mark.parametrize(
    ("day", "row"),
    [("2025-03-28", 0), ("2025-03-29", 1), ("2025-03-31", 1), ("2025-04-01", 2),
     ("2025-04-02", None), ("2024-10-14", 0)],
)  # fmt: skip
def test_a_date_sells_on_the_first_session_on_or_after_it(day, row):
    assert row == OnDate(dt.date.fromisoformat(day)).row(AXIS)
    if row != 0:
        assert row == sale_row(parse_exit(day), AXIS, None)


def test_the_end_is_the_last_window_s():
    assert 1 == sale_row(AtEnd(), AXIS, dt.date(2025, 3, 31))
    assert sale_row(AtEnd(), AXIS, dt.date(2025, 4, 11)) is None  # not yet
    assert sale_row(AtEnd(), AXIS, None) is None  # beyond the calendar


@pytest.mark.parametrize("exit_", [Horizon(), StopLoss(0.1), Trailing(0.1)])
def test_other_exits_have_no_session_of_their_own(exit_):
    assert sale_row(exit_, AXIS, dt.date(2025, 3, 31)) is None


@pytest.mark.parametrize(
    ("exit_", "entry_row", "entered"),
    [
        ("2025-03-28", 0, "2025-03-28"),
        ("2024-10-14", 0, "2025-03-28"),
        ("2025-03-29", 1, "2025-03-31"),
        ("end", 1, "2025-03-31"),
    ],
)
def test_a_date_that_is_not_after_the_entry_is_refused(exit_, entry_row, entered):
    with pytest.raises(UsageError) as caught:
        sale_row(parse_exit(exit_), AXIS, dt.date(2025, 3, 31), entry_row)
    assert (
        f"exit = {exit_!r}: it lies on or before the entry session, {entered}, so nothing would be "
        "held; give a later date" == str(caught.value)
    )
