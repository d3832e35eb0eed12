"""Days as figures count them: in sessions from the entry, each with its date."""

import datetime as dt

import numpy as np

from thesis.market.calendar import as_date, sessions
from thesis.reporting.figures.axes import Axis, Span, axis
from thesis.reporting.words.language import Language
from thesis.scoring.score import Score

#: Sessions between ticks, and the longest axis that is stepped so.
STEPS = ((1, 8), (5, 40), (10, 80), (20, 230), (40, 460))


def offset(entry: dt.date, day: dt.date) -> float:
    """Sessions from the entry session to a day; to the last session before one that is none.

    Examples
    --------
    >>> offset(dt.date(2024, 10, 14), dt.date(2024, 10, 16))
    2.0
    >>> offset(dt.date(2024, 10, 14), dt.date(2024, 10, 13))
    -1.0
    """
    days = sessions()
    first = int(np.searchsorted(days, np.datetime64(entry)))
    return float(np.searchsorted(days, np.datetime64(day), side="right") - 1 - first)


def session_at(entry: dt.date, sessions_later: int) -> dt.date | None:
    """The session so many after the entry session; None beyond the calendar."""
    row = int(np.searchsorted(sessions(), np.datetime64(entry))) + sessions_later
    return as_date(sessions()[row]) if 0 <= row < len(sessions()) else None


def window_ends(score: Score, entry: dt.date) -> dict[str, float]:
    """The ends of the window's months in sessions from an entry, whether or not they are over."""
    return {
        month: offset(entry, end) for month, end in score.when.windows.items() if end is not None
    }


def published_at(score: Score, entry: dt.date) -> float | None:
    """Publication in sessions from an entry: half way from the last session known to the next."""
    return None if score.when.known is None else offset(entry, score.when.known) + 0.5


def sessions_axis(
    entry: dt.date, along: Span, lang: Language, *, anchor: str, title: str = "figure.from_entry"
) -> Axis:
    """Sessions from an entry, some named with their dates."""
    length = along[1] - along[0]
    step = next((step for step, most in STEPS if length <= most), 120)
    first = int(np.ceil(along[0] / step)) * step
    ticks = list(range(first, int(along[1]) + 1, step))
    texts = []
    for tick in ticks:
        day, count = session_at(entry, tick), f"{tick:+d}" if tick else "0"
        texts.append(count if day is None else f"{count}<br>{day:%m-%d}")
    return axis(lang.say(title, entry=str(entry)), along, ticks, texts, anchor=anchor)
