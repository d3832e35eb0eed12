"""Merging factor events: who may say what about which days, and what is then a revision.

A list of events says by how much the factor steps from one bar to the next, so a giver speaks for
the steps after the first day it knows and up to the last: a step on that first day it cannot see.
A holding keeps who spoke for which days (`FactorSpan`). A reply's steps replace those

- of days that nobody spoke for;
- of a giver of a lower grade: a source's own factor outranks one computed from dividends, which
  knows no rights issues;
- of the same grade, where the reply is the newer one.

All other steps stay, and the list is chained anew: only steps count, so each list's own scale is
none. Where nobody spoke for the step between two bars, as after two imports without a bar in
common, it is taken as 1.0; `unknown_steps` tells, and every reading says so.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from thesis.errors import Caution
from thesis.market.calendar import Dates, as_date
from thesis.market.delivery import COMPUTED, Delivery, FactorEvent
from thesis.market.storage.holding import FactorSpan, Holding, Revision, days_of

#: Largest difference of a step that is none: within a giver, and between two, which round in their
#: own ways.
SAME_STEP, SAME_STEP_ELSEWHERE = 1e-9, 1e-4

#: The same list again, in other digits.
_SAME_SCALE = 1e-12

FactorSpans = tuple[FactorSpan, ...]
Events = tuple[FactorEvent, ...]


@dataclass(frozen=True)
class _Step:
    """One event against the one before it in its list."""

    event: FactorEvent
    factor: float
    shares: float | None
    reply: bool

    @property
    def day(self) -> dt.date:
        return self.event.ex_date

    def same(self, other: "_Step") -> bool:
        if self.day != other.day or abs(self.factor / other.factor - 1) > SAME_STEP:
            return False
        if self.shares is None or other.shares is None:
            return self.shares is other.shares
        return abs(self.shares / other.shares - 1) <= SAME_STEP


def spoken_for(reply: Delivery) -> FactorSpans:
    """The days a delivery's events speak for; none of an index, nor of a single bar."""
    if reply.events is None:
        return ()
    days = days_of(reply.bars)
    first = reply.events_from or (as_date(days[0]) if len(days) else None)
    last = reply.events_to or (as_date(days[-1]) if len(days) else None)
    if first is None or last is None or first >= last:
        return ()
    return ((first, last, reply.factor_source or reply.source),)


def merged_events(
    held: Holding, reply: Delivery, newer: bool
) -> tuple[Events | None, FactorSpans, list[Revision]]:
    """The events that hold now, who spoke for which days, and the steps that were contradicted."""
    told = spoken_for(reply)
    if held.events is None or reply.events is None or not told:
        return held.events, held.factor_spans, []
    won, spans = _shared_out(held.factor_spans, told[0], newer)
    was, now = _steps(held.events, reply=False), _steps(reply.events, reply=True)
    old, new = ([s for s in steps if _inside(s.day, won)] for steps in (was, now))
    if len(old) == len(new) and all(map(_Step.same, old, new)):
        return held.events, spans, []
    kept = [step for step in was if not _inside(step.day, won)]
    events = _chained(sorted([*kept, *new], key=lambda step: step.day))
    return events, spans, _revisions(held, events, told[0][2], reply.fetched_at)


def giver_of(spans: FactorSpans, otherwise: str | None) -> str | None:
    """Who the events are from, in a word: a computed part names itself, as it has to be mended."""
    sources = [source for _, _, source in spans]
    if not sources:
        return otherwise
    return COMPUTED if COMPUTED in sources else sources[-1]


def unknown_steps(days: Dates, spans: Iterable[FactorSpan]) -> Dates:
    """The days of the bars whose step from the bar before nobody spoke for."""
    covered = np.zeros(max(len(days) - 1, 0), dtype=bool)
    for first, last in _fused((first, last) for first, last, _ in spans):
        covered |= (days[:-1] >= np.datetime64(first)) & (days[1:] <= np.datetime64(last))
    unknown: Dates = days[1:][~covered]
    return unknown


def unknown_words(code: str, unknown: Dates, where: str) -> list[Caution]:
    """A caution for steps that nobody spoke for; none if there are none."""
    if not len(unknown):
        return []
    more = f" and {len(unknown) - 1} later days" if len(unknown) > 1 else ""
    return [
        Caution(
            "factor_unknown",
            f"{where}: {code}: nobody said whether its factor steps on {unknown[0]}{more}, where "
            "bars meet that were delivered apart; no step was taken, so a dividend or split there "
            "would be missing. Bars of both sides in one file or fetch close the hole",
        )
    ]


def _grade(source: str) -> int:
    return 0 if source == COMPUTED else 1


def _shared_out(
    held: FactorSpans, told: FactorSpan, newer: bool
) -> tuple[list[tuple[dt.date, dt.date]], FactorSpans]:
    """The days whose steps a reply replaces, and who speaks for which days from now on."""
    cuts = sorted({day for first, last, _ in (*held, told) for day in (first, last)})
    won: list[tuple[dt.date, dt.date]] = []
    spans: list[FactorSpan] = []
    for first, last in pairwise(cuts):
        owner = _owner(held, last)
        source = owner
        if told[0] <= first and last <= told[1]:
            grades = _grade(told[2]) - (-1 if owner is None else _grade(owner))
            if grades > 0 or (grades == 0 and newer):
                won.append((first, last))
                source = told[2]
        if source is None:
            continue
        if spans and spans[-1][1:] == (first, source):
            spans[-1] = spans[-1][0], last, source
        else:
            spans.append((first, last, source))
    return won, tuple(spans)


def _owner(spans: Iterable[FactorSpan], day: dt.date) -> str | None:
    return next((source for first, last, source in spans if first < day <= last), None)


def _inside(day: dt.date, stretches: Iterable[tuple[dt.date, dt.date]]) -> bool:
    return any(first < day <= last for first, last in stretches)


def _fused(stretches: Iterable[tuple[dt.date, dt.date]]) -> list[tuple[dt.date, dt.date]]:
    fused: list[tuple[dt.date, dt.date]] = []
    for first, last in sorted(stretches):
        if fused and first <= fused[-1][1]:
            fused[-1] = fused[-1][0], max(fused[-1][1], last)
        else:
            fused.append((first, last))
    return fused


def _steps(events: Sequence[FactorEvent], *, reply: bool) -> list[_Step]:
    steps, factor, shares = [], 1.0, 1.0
    for event in events:
        known = event.share_factor
        ratio = None if known is None else known / shares
        steps.append(_Step(event, event.factor / factor, ratio, reply))
        factor, shares = event.factor, shares if known is None else known
    return steps


def _chained(steps: Sequence[_Step]) -> Events:
    """Steps of two lists as one; where a list's scale is kept, so are its very numbers."""
    events, factor, shares = [], 1.0, 1.0
    for step in steps:
        factor = _near(factor * step.factor, step.event.factor)
        known = None
        if step.shares is not None and step.event.share_factor is not None:
            known = shares = _near(shares * step.shares, step.event.share_factor)
        events.append(FactorEvent(step.day, factor, known))
    return tuple(events)


def _near(chained: float, printed: float) -> float:
    return printed if abs(chained / printed - 1) <= _SAME_SCALE else chained


def _revisions(held: Holding, now: Events, giver: str, at: dt.datetime) -> list[Revision]:
    """Steps between stored bars that somebody spoke for, and that are not what they were."""
    days = days_of(held.bars)
    revisions = []
    for field in ("factor", "share_factor"):
        old, new = _by_bar(held.events or (), field, days), _by_bar(now, field, days)
        if old is None or new is None:
            continue
        for day in sorted(old.keys() | new.keys()):
            owner = _owner(held.factor_spans, day)
            slack = SAME_STEP if owner == giver else SAME_STEP_ELSEWHERE
            apart = abs(new.get(day, 1.0) / old.get(day, 1.0) - 1)
            if owner is not None and apart > slack:
                revisions.append(Revision(day, field, old.get(day), new.get(day), giver, at))
    return revisions


def _by_bar(events: Sequence[FactorEvent], field: str, days: Dates) -> dict[dt.date, float] | None:
    """Steps by the bar they fall on, the first on or after; None where the field is unknown.

    Steps up to the first bar scale all of them alike, and those after the last moved none.
    """
    steps: dict[dt.date, float] = {}
    before = 1.0
    for event in events:
        value = getattr(event, field)
        if value is None:
            return None
        row = int(np.searchsorted(days, np.datetime64(event.ex_date)))
        if 0 < row < len(days) and value != before:
            day = as_date(days[row])
            steps[day] = steps.get(day, 1.0) * (value / before)
        before = value
    return steps
