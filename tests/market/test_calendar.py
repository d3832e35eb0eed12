import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesis.market import calendar
from thesis.market.calendar import (
    SHANGHAI,
    add_months,
    calendar_horizon,
    calendar_name,
    entry_session,
    is_session,
    last_known_session,
    session_after,
    session_on_or_before,
    sessions,
    timing,
)
from thesis.research.rating import shipped_scales

SINOLINK = shipped_scales()["sinolink_industry"]
HONGXIN = shipped_scales()["hongxin_industry"]

# As in Sina's list of sessions, which is kept apart from the calendar under test.
SESSIONS_A_YEAR = {2024: 242, 2025: 243, 2026: 242}
CLOSED = [
    "2024-09-16",
    "2024-09-17",
    "2024-10-01",
    "2024-10-02",
    "2024-10-03",
    "2024-10-04",
    "2024-10-07",
    "2025-01-28",
    "2025-02-04",
    "2026-01-01",
    "2026-01-02",
    "2026-02-16",
    "2026-02-23",
    "2026-10-01",
    "2026-10-07",
]
OPEN = ["2024-09-18", "2024-09-30", "2024-10-08", "2025-01-27", "2025-02-05", "2026-10-08"]


def at(text):
    """A clock time in Shanghai, or a bare date."""
    if " " in text:
        return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)
    return dt.date.fromisoformat(text)


def test_a_year_has_the_sessions_the_exchange_held():
    years = sessions().astype("datetime64[Y]").astype(int) + 1970

    assert {year: int((years == year).sum()) for year in SESSIONS_A_YEAR} == SESSIONS_A_YEAR


@pytest.mark.parametrize("day", CLOSED)
def test_the_exchanges_are_closed_on_holidays(day):
    assert not is_session(at(day))


@pytest.mark.parametrize("day", OPEN)
def test_the_exchanges_are_open_before_and_after_holidays(day):
    assert is_session(at(day))


def test_no_session_falls_on_a_weekend_even_a_working_one():
    assert not is_session(dt.date(2024, 9, 29))
    assert not is_session(dt.date(2024, 10, 12))
    assert (pd.DatetimeIndex(sessions().astype("datetime64[s]")).day_of_week < 5).all()


def test_the_first_session_is_the_shanghai_exchange_s_first():
    assert np.datetime64("1990-12-19") == sessions()[0]


def test_the_sessions_cannot_be_changed():
    with pytest.raises(ValueError, match="read-only"):
        sessions()[0] = np.datetime64("2024-01-01")


def test_the_horizon_does_not_move_with_today(monkeypatch):
    monkeypatch.setattr(
        "exchange_calendars.exchange_calendar.GLOBAL_DEFAULT_END", pd.Timestamp("2025-06-30")
    )

    assert np.datetime64("2026-12-31") == sessions.__wrapped__()[-1]
    assert dt.date(2026, 12, 31) == calendar_horizon()


def test_the_calendar_s_name_says_how_far_it_reaches():
    assert calendar_name().startswith("XSHG, exchange_calendars ")
    assert calendar_name().endswith(", to 2026-12-31")


@pytest.mark.parametrize(
    ("published", "opens", "closes"),
    [
        # A bare date means after that day's close.
        ("2024-10-13", "2024-10-14", "2024-10-14"),
        ("2024-10-11", "2024-10-14", "2024-10-14"),
        ("2024-10-14", "2024-10-15", "2024-10-15"),
        ("2024-09-30", "2024-10-08", "2024-10-08"),
        ("2024-09-13", "2024-09-18", "2024-09-18"),
        # A time before the opening auction, which starts at 09:15.
        ("2024-10-14 00:00", "2024-10-14", "2024-10-14"),
        ("2024-10-14 09:14:59", "2024-10-14", "2024-10-14"),
        ("2024-10-14 09:15", "2024-10-15", "2024-10-14"),
        ("2024-10-14 09:30", "2024-10-15", "2024-10-14"),
        # The closing auction starts at 14:57.
        ("2024-10-14 14:56:59", "2024-10-15", "2024-10-14"),
        ("2024-10-14 14:57", "2024-10-15", "2024-10-15"),
        ("2024-10-14 15:00", "2024-10-15", "2024-10-15"),
        ("2024-10-14 23:59:59", "2024-10-15", "2024-10-15"),
        # Weekends and holidays have no session to be early for.
        ("2024-10-12 08:00", "2024-10-14", "2024-10-14"),
        ("2024-10-13 20:00", "2024-10-14", "2024-10-14"),
        ("2024-10-02 08:00", "2024-10-08", "2024-10-08"),
        ("2024-10-11 18:00", "2024-10-14", "2024-10-14"),
    ],
)
def test_the_entry_is_the_first_session_a_reader_could_trade(published, opens, closes):
    assert at(opens) == entry_session(at(published), "open")
    assert at(closes) == entry_session(at(published), "close")


def test_a_time_elsewhere_is_read_on_shanghai_s_clock():
    # 18:00 in New York on 13 October is 06:00 in Shanghai on the 14th.
    evening = dt.datetime.fromisoformat("2024-10-13T18:00:00-04:00")

    assert dt.date(2024, 10, 14) == entry_session(evening)
    assert dt.date(2024, 10, 11) == last_known_session(evening)
    # 21:20 in New York is 09:20 in Shanghai: the auction has begun.
    assert dt.date(2024, 10, 15) == entry_session(evening.replace(hour=21, minute=20))


@pytest.mark.parametrize(
    ("published", "entry"),
    [
        ("2024-10-13", "2024-10-14"),
        ("2024-10-14", "2024-10-15"),
        # Continuous trading, which the average is mostly made of, starts at 09:30.
        ("2024-10-14 09:14:59", "2024-10-14"),
        ("2024-10-14 09:15", "2024-10-14"),
        ("2024-10-14 09:29:59", "2024-10-14"),
        ("2024-10-14 09:30", "2024-10-15"),
        ("2024-10-14 14:00", "2024-10-15"),
        ("2024-10-12 09:00", "2024-10-14"),
    ],
)
def test_an_average_price_can_be_traded_by_who_reads_before_half_past_nine(published, entry):
    assert at(entry) == entry_session(at(published), "vwap")
    assert at(entry) == timing(at(published), SINOLINK, "vwap").entry
    assert "vwap" == timing(at(published), SINOLINK, "vwap").price


@pytest.mark.parametrize(
    ("delay", "entry"),
    [
        (0, "2024-10-14"),
        (1, "2024-10-15"),
        (4, "2024-10-18"),
        (5, "2024-10-21"),
        (60, "2025-01-07"),
    ],
)
def test_a_delay_counts_sessions(delay, entry):
    assert at(entry) == entry_session(dt.date(2024, 10, 13), "open", delay)


def test_a_delay_moves_the_entry_and_never_the_windows():
    at_once = timing(dt.date(2024, 10, 13), SINOLINK)
    later = timing(dt.date(2024, 10, 13), SINOLINK, delay=5)

    assert dt.date(2024, 10, 21) == later.entry
    assert at_once.windows == later.windows
    assert at_once.known == later.known


@pytest.mark.parametrize(
    ("published", "known"),
    [
        ("2024-10-13", "2024-10-11"),
        ("2024-10-14", "2024-10-14"),
        ("2024-10-14 09:00", "2024-10-11"),
        ("2024-10-14 14:57", "2024-10-11"),
        ("2024-10-14 15:00", "2024-10-11"),
        ("2024-10-14 15:00:01", "2024-10-14"),
        ("2024-10-07 12:00", "2024-09-30"),
        ("2028-01-01", "2026-12-31"),
    ],
)
def test_known_is_the_last_session_whose_bar_had_ended_before_publication(published, known):
    assert at(known) == last_known_session(at(published))


@given(
    st.dates(dt.date(1991, 1, 1), dt.date(2026, 12, 30)),
    st.times(),
    st.sampled_from(["open", "close", "vwap"]),
)
def test_what_is_known_lies_before_the_entry(day, clock, price):
    published = dt.datetime.combine(day, clock, SHANGHAI)

    assert last_known_session(published) < entry_session(published, price)


@given(st.dates(dt.date(1991, 1, 1), dt.date(2026, 6, 30)), st.integers(0, 30), st.integers(1, 30))
def test_delays_add_up(day, one, more):
    sooner, later = entry_session(day, delay=one), entry_session(day, delay=one + more)

    assert later == session_after(sooner, more)


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        ("2024-08-31", 6, "2025-02-28"),
        ("2023-08-31", 6, "2024-02-29"),
        ("2024-10-13", 3, "2025-01-13"),
        ("2024-10-31", 1, "2024-11-30"),
        ("2024-12-31", 2, "2025-02-28"),
        ("2024-01-31", 12, "2025-01-31"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2024-11-30", 3, "2025-02-28"),
    ],
)
def test_months_are_added_and_clamped_to_the_month_s_last_day(day, months, later):
    assert at(later) == add_months(at(day), months)


def test_the_windows_of_the_report():
    when = timing(dt.date(2024, 10, 13), SINOLINK)

    assert dt.date(2024, 10, 14) == when.entry
    assert dt.date(2024, 10, 11) == when.known
    assert {
        "3m": dt.date(2025, 1, 13),
        "4m": dt.date(2025, 2, 13),
        "5m": dt.date(2025, 3, 13),
        "6m": dt.date(2025, 4, 11),
    } == when.windows
    assert dt.date(2025, 4, 11) == when.end


def test_a_scale_of_one_month_end_has_one_window():
    assert {"6m": dt.date(2025, 4, 11)} == timing(dt.date(2024, 10, 13), HONGXIN).windows


def test_windows_are_counted_from_the_shanghai_day_of_publication():
    night = dt.datetime.fromisoformat("2024-10-12T20:00:00+00:00")

    assert dt.date(2025, 1, 13) == timing(night, SINOLINK).windows["3m"]


def test_a_window_that_ends_on_the_31st_of_august_and_six_months():
    # 28 February 2025 was a Friday, and a session.
    assert dt.date(2025, 2, 28) == timing(dt.date(2024, 8, 31), SINOLINK).windows["6m"]


def test_an_end_beyond_the_calendar_is_unknown_and_the_others_stand():
    assert {
        "3m": dt.date(2026, 10, 15),
        "4m": dt.date(2026, 11, 13),
        "5m": dt.date(2026, 12, 15),
        "6m": None,
    } == timing(dt.date(2026, 7, 15), SINOLINK).windows


def test_the_last_day_of_the_calendar_is_still_known():
    assert dt.date(2026, 12, 31) == session_on_or_before(dt.date(2026, 12, 31))
    assert session_on_or_before(dt.date(2027, 1, 1)) is None


def test_an_entry_beyond_the_calendar_is_unknown():
    assert dt.date(2026, 12, 31) == entry_session(dt.date(2026, 12, 30))
    assert entry_session(dt.date(2026, 12, 31)) is None
    assert entry_session(dt.date(2026, 12, 30), delay=1) is None
    assert timing(dt.date(2030, 1, 1), SINOLINK).end is None


def test_a_day_before_the_first_session_has_none():
    assert session_on_or_before(dt.date(1990, 12, 18)) is None
    assert last_known_session(dt.date(1990, 6, 1)) is None
    assert dt.date(1990, 12, 19) == entry_session(dt.date(1990, 6, 1))


def test_the_cutoffs_are_those_of_the_auctions_and_of_continuous_trading():
    assert {
        "open": dt.time(9, 15),
        "close": dt.time(14, 57),
        "vwap": dt.time(9, 30),
    } == calendar.CUTOFF
