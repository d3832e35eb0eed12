"""The windows that estimates are made on, and which of them leads."""

import datetime as dt

import numpy as np
import pytest

from thesis.market.calendar import as_date, sessions
from thesis.market.panel import INDEX_LEAD
from thesis.scoring.estimation import LONGEST, NEAR, estimation_windows

BREAK = np.datetime64("2024-09-24")


def ids(known):
    return [window.id for window in estimation_windows(known)]


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (-1, ["before_publication"]),
        (0, ["before_break", "before_publication"]),
        (59, ["before_break", "before_publication"]),  # the break is the first of 60 sessions
        (60, ["before_publication", "before_break"]),
        (248, ["before_publication", "before_break"]),
        (250, ["before_publication"]),
    ],
)
def test_a_break_leads_away_from_itself_while_it_is_near(after, expected):
    days = sessions()
    known = as_date(days[int(np.searchsorted(days, BREAK)) + after])

    assert NEAR == 60
    assert ids(known) == expected


def test_the_windows_are_the_same_whichever_leads():
    near, far = (
        {window.id: window for window in estimation_windows(known)}
        for known in (dt.date(2024, 10, 11), dt.date(2025, 9, 1))
    )
    np.testing.assert_array_equal(near["before_break"].axis, far["before_break"].axis)
    assert far["before_break"].last == dt.date(2024, 9, 23)
    assert far["before_publication"].last == dt.date(2025, 9, 1)
    assert far["before_break"].without == near["before_break"].without


def test_a_short_history_knows_its_break_too():
    start = dt.date(2024, 9, 2)
    late = estimation_windows(dt.date(2025, 6, 2), start)
    soon = estimation_windows(dt.date(2024, 10, 11), start)

    assert [window.id for window in soon] == ["before_break", "before_publication"]
    assert [window.id for window in late] == ["before_publication", "before_break"]
    assert {window.first for window in (*soon, *late)} == {start}


def test_an_index_has_a_whole_window_before_names_listed_lately():
    assert INDEX_LEAD > LONGEST  # one level more than returns
