"""Fetching: what the store lacks of each code, asked for and stored as soon as it has come.

What is stored is not asked for again but for a few sessions of overlap, which show whether a past
bar has changed and whether another source may be joined on.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from thesis.errors import Caution, PricesError
from thesis.market.calendar import (
    SHANGHAI,
    Dates,
    as_date,
    calendar_horizon,
    session_after,
    session_on_or_before,
    sessions,
)
from thesis.market.delivery import COMPUTED
from thesis.market.enquiry import Answer, Enquiry
from thesis.market.reference.suspension_calendar import Run
from thesis.market.storage.disk import StoreError
from thesis.market.storage.holding import Holding, days_of
from thesis.market.storage.manifest import Entry
from thesis.market.storage.notes import DamagedError
from thesis.market.store import Store

#: Sessions asked for again before what is missing.
OVERLAP = 10
#: A source whose bars ended early is not asked again for the rest so soon.
PATIENCE = dt.timedelta(hours=12)
#: A session's bar is published by then.
PUBLISHED = dt.time(16, 0)


@dataclass(frozen=True)
class Fetched:
    """What came of one code.

    Attributes
    ----------
    outcome
        ``new``, ``extended``, ``revised`` (a past bar or factor step is another), ``same`` (asked,
        nothing new), ``complete`` (not asked) or ``failed``.
    added
        Bars that the store did not have.
    problems
        Sentences: sources that failed, revisions, odd bars.
    remarks
        Sentences on what is as it should be: announced suspensions, levels that are carried.
    gaps
        Runs of sessions without a bar between two bars: suspensions, as the exchange was open and
        the source had bars on both sides; of an index, holes in what its publisher sends.
    tail
        The sessions wanted after the last bar: suspended, delisted or not published, which bars
        alone do not say.
    findings
        What is kept with the bars and said in every result on them.
    """

    code: str
    outcome: str
    source: str | None = None
    bars: int = 0
    added: int = 0
    first: dt.date | None = None
    last: dt.date | None = None
    problems: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    gaps: tuple[Run, ...] = ()
    tail: Run | None = None
    findings: tuple[Caution, ...] = ()


def fetch_codes(
    codes: Iterable[str],
    store: Store,
    enquiry: Enquiry,
    start: dt.date,
    end: dt.date,
    *,
    listed: Mapping[str, dt.date] | None = None,
    again: bool = False,
    now: dt.datetime | None = None,
) -> Iterator[Fetched]:
    """Fetch what the store lacks of each code; stored as soon as it has come.

    Parameters
    ----------
    start, end
        Sessions wanted, both included.
    listed
        Listing dates, where they are known.
    again
        Ask for everything, stored or not: what has changed since becomes revisions.
    now
        For the patience with sources whose bars end early.

    Yields
    ------
    Fetched
        One for each code, in order.

    Raises
    ------
    PricesError
        If the store cannot be written: a full disk, a folder without permission.
    """
    moment = now or dt.datetime.now(dt.UTC)
    entries = store.entries()
    for code in dict.fromkeys(codes):
        entry = entries.get(code)
        known, found = _held(store, code)
        if found:
            entry = None
        span = (start, end) if again else missing_span(entry, start, end, moment)
        if span is None and entry is not None:
            row = Fetched(code, "complete", entry.source, entry.bars, 0, entry.first, entry.last)
            yield replace(row, tail=tail(code, entry.last, end))
            continue
        try:
            answer = enquiry.deliver(
                code, *(span or (start, end)), known, listed=(listed or {}).get(code)
            )
            row = store_one(store, answer, found)
        except StoreError:
            raise
        except PricesError as error:
            row = failed(code, known, error)
            yield replace(row, problems=(*found, *row.problems))
            continue
        yield replace(row, tail=tail(code, row.last, end) if row.last else None)


def _held(store: Store, code: str) -> tuple[Holding | None, list[str]]:
    """What is held of a code; a damaged file is moved aside, so that it is asked for again."""
    try:
        return store.holding(code), []
    except DamagedError as error:
        aside = store.set_aside(code)
        return None, [f"{error}. It is kept as {aside}"]


def store_one(store: Store, answer: Answer, found: Iterable[str] = ()) -> Fetched:
    """Store what was delivered and what was found odd, and say what is held then.

    Raises
    ------
    PricesError
        If it contradicts what is stored, or the store cannot be written.
    """
    delivery, code = answer.delivery, answer.delivery.code
    before = store.entries().get(code)
    change = store.put(delivery)
    store.put_findings(code, answer.findings)
    held = store.holding(code)
    if held is None:
        raise AssertionError(f"{code} was stored a moment ago")
    said = [*found, *answer.problems, *(f"{code}: {sentence}" for sentence in change.sentences())]
    said += [caution.message for caution in (*change.cautions, *answer.findings)]
    grown = "new" if before is None else ("extended" if change.added else "same")
    if before is not None and change.revised:
        grown = "revised"
    return Fetched(
        code, grown, delivery.source, len(held.bars), change.added, held.first, held.last,
        tuple(said), gaps=gaps(code, days_of(held.bars)), findings=answer.findings,
    )  # fmt: skip


def failed(code: str, known: Holding | None, error: PricesError) -> Fetched:
    """A code that could not be had, and what is held of it all the same."""
    said = tuple(str(error).splitlines())
    if known is None:
        return Fetched(code, "failed", problems=said)
    return Fetched(
        code, "failed", known.source, len(known.bars), 0, known.first, known.last, said
    )  # fmt: skip


def missing_span(
    entry: Entry | None, start: dt.date, end: dt.date, now: dt.datetime
) -> tuple[dt.date, dt.date] | None:
    """The days to ask for, so that the store has all of start to end; None if it has.

    What was asked for stands in stretches of days; between two of them nobody has looked. A tail
    that was asked for a moment ago and did not come is not asked for again at once. A factor that
    had to be computed is asked for until a source has one.
    """
    if entry is None:
        return start, end
    stretch = next((one for one in entry.asked if one[0] <= start <= one[1]), None)
    if stretch is None:
        return start, end
    known_to = min(stretch[1], entry.last)
    patient = now - entry.checked_at < PATIENCE
    if end <= known_to and (entry.factor_source != COMPUTED or patient):
        return None
    if end <= stretch[1] and patient:
        return None
    row = int(np.searchsorted(sessions(), np.datetime64(known_to))) - OVERLAP
    return max(stretch[0], as_date(sessions()[max(row, 0)])), end


def last_complete_session(now: dt.datetime | None = None) -> dt.date:
    """The last session whose bar has been published."""
    moment = (now or dt.datetime.now(SHANGHAI)).astimezone(SHANGHAI)
    day = moment.date() if moment.time() >= PUBLISHED else moment.date() - dt.timedelta(days=1)
    found = session_on_or_before(min(day, calendar_horizon()))
    if found is None:
        raise AssertionError("the calendar begins in 1990")
    return found


def gaps(code: str, days: Dates) -> tuple[Run, ...]:
    """Runs of sessions without a bar between the first bar and the last."""
    calendar = sessions()
    at = np.searchsorted(calendar, days)
    return tuple(
        Run(code, as_date(calendar[one + 1]), as_date(calendar[two - 1]))
        for one, two in pairwise(at)
        if two - one > 1
    )


def tail(code: str, last: dt.date, wanted: dt.date) -> Run | None:
    """The sessions after the last bar, to the day wanted."""
    first, end = session_after(last), session_on_or_before(min(wanted, calendar_horizon()))
    return Run(code, first, end) if first and end and first <= end else None
