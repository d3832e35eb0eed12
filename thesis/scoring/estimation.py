"""Estimation windows: the history on which a statistic may be estimated, before publication.

A market break inside the history bends every estimate: one week of a rally can double a tracking
error. So where one lies in the window, each statistic is given twice, with it and without. The
history before a break leads only while the break is near: a year on it is stale, and knows nothing
of what was listed since.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from thesis.market.calendar import Dates, as_date, sessions

#: Sessions an estimate looks back, and the fewest it is made of.
LONGEST, SHORTEST = 250, 120
#: A break leads the estimates away from itself if it lies in so many last sessions before
#: publication: a quarter, the span of the median amounts that stocks are sized by.
NEAR = 60


@dataclass(frozen=True)
class Break:
    """A day from which prices moved as they had not before."""

    day: dt.date
    name: str


#: Breaks of the A-share market. On 2024-09-24 the central bank, the regulator and the securities
#: commission announced easing together; the CSI 300 rose 32% in the six sessions to 2024-10-08.
BREAKS = (Break(dt.date(2024, 9, 24), "the rally of 2024-09-24"),)


@dataclass(frozen=True, eq=False)
class Window:
    """The sessions an estimate is made on.

    Attributes
    ----------
    id
        ``before_publication`` or ``before_break``.
    axis
        Its sessions, shape (L,): at most `LONGEST`.
    without
        The break it ends before; None where it runs up to publication.
    """

    id: str
    axis: Dates
    without: Break | None = None

    @property
    def first(self) -> dt.date:
        """Its first session."""
        return as_date(self.axis[0])

    @property
    def last(self) -> dt.date:
        """Its last session."""
        return as_date(self.axis[-1])


def estimation_windows(known: dt.date | None, start: dt.date | None = None) -> tuple[Window, ...]:
    """The windows before a publication; the first leads.

    A break among the last `NEAR` sessions puts the window that ends before it first; an older one
    puts it second.

    Parameters
    ----------
    known
        The last session whose bar had ended before publication.
    start
        The first session with prices; windows do not begin before it, so they may be short.

    Examples
    --------
    >>> for window in estimation_windows(dt.date(2024, 10, 11)):
    ...     print(window.id, window.first, window.last, len(window.axis))
    before_break 2023-09-11 2024-09-23 250
    before_publication 2023-09-22 2024-10-11 250
    >>> [window.id for window in estimation_windows(dt.date(2025, 9, 1))]
    ['before_publication', 'before_break']
    """
    if known is None:
        return ()
    whole = _ended(known, start)
    found = [Window("before_publication", whole)]
    for each in BREAKS:
        if len(whole) and whole[0] < np.datetime64(each.day) <= whole[-1]:
            calm = _ended(each.day - dt.timedelta(days=1), start)
            near = np.datetime64(each.day) >= whole[-NEAR:][0]
            found.insert(0 if near else len(found), Window("before_break", calm, each))
    return tuple(found)


def _ended(last: dt.date, start: dt.date | None) -> Dates:
    days = sessions()
    days = days[days <= np.datetime64(last)][-LONGEST:]
    return days if start is None else days[days >= np.datetime64(start)]
