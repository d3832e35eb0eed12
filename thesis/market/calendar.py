"""Sessions: when a thesis can first be traded and when its horizon ends.

Sessions are XSHG's, from exchange_calendars, for Shanghai, Shenzhen and Beijing alike; the three
exchanges keep the same days. Dates are timezone-naive; clock times are Asia/Shanghai.
"""

import calendar as _months
import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from thesis.research.rating import RatingScale

SHANGHAI = ZoneInfo("Asia/Shanghai")

#: A datetime must lie before this to trade the same session at that price.
CUTOFF = {"open": dt.time(9, 15), "close": dt.time(14, 57), "vwap": dt.time(9, 30)}

#: A bar is complete at the close of its session.
CLOSE = dt.time(15, 0)

Dates = npt.NDArray[np.datetime64]


@lru_cache(maxsize=1)
def sessions() -> Dates:
    """Every XSHG session from 1990-12-19 to the calendar's horizon, as ``datetime64[D]``."""
    from exchange_calendars.exchange_calendar_xshg import XSHGExchangeCalendar

    # The end is named, since its default moves with the clock: a year from today.
    calendar = XSHGExchangeCalendar(start="1990-12-19", end=XSHGExchangeCalendar.bound_max())
    days: Dates = calendar.sessions.to_numpy().astype("datetime64[D]")
    days.flags.writeable = False
    return days


def calendar_horizon() -> dt.date:
    """The last day the calendar knows; sessions after it have not been published."""
    last = as_date(sessions()[-1])
    return dt.date(last.year, 12, 31)


def calendar_name() -> str:
    """Name and version of the calendar, for a result's provenance."""
    from importlib.metadata import version

    return f"XSHG, exchange_calendars {version('exchange_calendars')}, to {calendar_horizon()}"


def as_date(day: np.datetime64) -> dt.date:
    """A ``datetime64[D]`` as a date."""
    return day.astype("datetime64[D]").astype(dt.date)  # type: ignore[no-any-return]  # numpy: Any


def is_session(day: dt.date) -> bool:
    """Whether the exchanges were open that day."""
    at = int(np.searchsorted(sessions(), np.datetime64(day)))
    return at < len(sessions()) and sessions()[at] == np.datetime64(day)


def session_after(day: dt.date, count: int = 1) -> dt.date | None:
    """The `count`-th session after a day; None beyond the calendar's horizon."""
    at = int(np.searchsorted(sessions(), np.datetime64(day), side="right")) + count - 1
    return as_date(sessions()[at]) if at < len(sessions()) else None


def session_on_or_after(day: dt.date) -> dt.date | None:
    """The first session on or after a day; None beyond the calendar's horizon."""
    at = int(np.searchsorted(sessions(), np.datetime64(day)))
    return as_date(sessions()[at]) if at < len(sessions()) else None


def session_on_or_before(day: dt.date) -> dt.date | None:
    """The last session on or before a day; None beyond the calendar's horizon."""
    if day > calendar_horizon():
        return None
    at = int(np.searchsorted(sessions(), np.datetime64(day), side="right")) - 1
    return as_date(sessions()[at]) if at >= 0 else None


def sessions_in_year(day: dt.date) -> int:
    """Sessions of the calendar year a day lies in: what a daily figure is annualised by.

    Examples
    --------
    >>> sessions_in_year(dt.date(2024, 10, 11)), sessions_in_year(dt.date(2025, 1, 2))
    (242, 243)
    """
    return int((sessions().astype("datetime64[Y]") == np.datetime64(day, "Y")).sum())


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day of a later month, or that month's last: 31 August + 6 months = 28 February.

    Examples
    --------
    >>> add_months(dt.date(2024, 8, 31), 6)
    datetime.date(2025, 2, 28)
    """
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    last = _months.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def shanghai_day(when: dt.date | dt.datetime) -> dt.date:
    """The calendar day in Shanghai."""
    return when.astimezone(SHANGHAI).date() if isinstance(when, dt.datetime) else when


def entry_session(
    published: dt.date | dt.datetime, price: str = "open", delay: int = 0
) -> dt.date | None:
    """The session whose open, close or average price a reader could first have traded.

    A bare date means after that day's close. A datetime trades its own session only if it lies
    before the cut-off of that price: 09:15 for the open (the opening auction), 14:57 for the close,
    09:30 for the volume-weighted average price (the start of continuous trading).

    Parameters
    ----------
    delay
        So many sessions later.

    Returns
    -------
    datetime.date or None
        None beyond the calendar's horizon.

    Examples
    --------
    >>> entry_session(dt.date(2024, 10, 13))
    datetime.date(2024, 10, 14)
    >>> entry_session(dt.datetime(2024, 10, 14, 9, 15, tzinfo=SHANGHAI))
    datetime.date(2024, 10, 15)
    """
    day = shanghai_day(published)
    if isinstance(published, dt.datetime):
        clock = published.astimezone(SHANGHAI).time()
        if is_session(day) and clock < CUTOFF[price]:
            day -= dt.timedelta(days=1)
    return session_after(day, 1 + delay)


def last_known_session(published: dt.date | dt.datetime) -> dt.date | None:
    """The last session whose bar had ended before publication.

    Whatever is decided (names, weights, volatilities) may use bars up to this session, no later.
    """
    day = shanghai_day(published)
    if isinstance(published, dt.datetime) and published.astimezone(SHANGHAI).time() <= CLOSE:
        day -= dt.timedelta(days=1)
    return session_on_or_before(min(day, calendar_horizon()))


@dataclass(frozen=True)
class Timing:
    """The dates of a backtest.

    Attributes
    ----------
    entry
        Session of the entry; None beyond the calendar's horizon.
    price
        Price bought: ``open``, ``close`` or ``vwap``.
    windows
        Month (``"3m"``) to the last session on or before publication plus so many calendar
        months; None beyond the horizon.
    known
        Last session whose bar had ended before publication.
    """

    entry: dt.date | None
    price: str
    windows: dict[str, dt.date | None]
    known: dt.date | None

    @property
    def end(self) -> dt.date | None:
        """The last window's end."""
        return list(self.windows.values())[-1]


def timing(
    published: dt.date | dt.datetime, scale: RatingScale, price: str = "open", delay: int = 0
) -> Timing:
    """Entry and window ends of a thesis; a delay moves the entry, never the windows.

    Examples
    --------
    >>> from thesis.research.rating import shipped_scales
    >>> when = timing(dt.date(2024, 10, 13), shipped_scales()["sinolink_industry"])
    >>> when.entry.isoformat(), {m: str(d) for m, d in when.windows.items()}
    ('2024-10-14', {'3m': '2025-01-13', '4m': '2025-02-13', '5m': '2025-03-13', '6m': '2025-04-11'})
    """
    day = shanghai_day(published)
    return Timing(
        entry=entry_session(published, price, delay),
        price=price,
        windows={
            f"{month}m": session_on_or_before(add_months(day, month)) for month in scale.month_ends
        },
        known=last_known_session(published),
    )
