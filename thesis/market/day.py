"""Days as a verb is given them: a date, or text of one."""

import datetime as dt

from thesis.errors import UsageError
from thesis.market.calendar import SHANGHAI


def today_of(as_of: object) -> dt.date:
    """The day asked for, or today in Shanghai.

    Raises
    ------
    UsageError
        As `day_of`.
    """
    return dt.datetime.now(SHANGHAI).date() if as_of is None else day_of("as_of", as_of)


def day_of(name: str, value: object) -> dt.date:
    """A day out of a date or text of one.

    Raises
    ------
    UsageError
        If it is neither; it calls the day by `name`.

    Examples
    --------
    >>> day_of("start", "2024-10-14")
    datetime.date(2024, 10, 14)
    """
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise UsageError(f"{name} = {value!r}: it is no date; write 2025-06-30") from None
