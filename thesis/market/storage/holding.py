"""A holding: what the store has of one code, its raw bars, factor events and where they came from.

The content hash is the SHA-256 of ``thesis bars 1 CODE`` and a line feed; then for each column of
`RAW` its name and a line feed and its values, dates as int64 days since 1970-01-01, numbers as
float64, both little-endian, every NaN as ``numpy.nan`` and every zero positive; then for each event
a line ``ex_date factor share_factor``: an ISO date, and Python's shortest exact decimals or None.
"""

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from thesis.errors import Caution
from thesis.market.calendar import Dates, as_date
from thesis.market.delivery import RAW, FactorEvent, factors_on
from thesis.market.storage.notes import Asked

Columns = dict[str, np.ndarray]

#: Who spoke for the factor's steps after a first day and up to a last.
FactorSpan = tuple[dt.date, dt.date, str]


@dataclass(frozen=True)
class Revision:
    """A stored value that a later reply of the same source contradicted.

    Attributes
    ----------
    field
        A column of the bars; ``bar`` where the reply lacks a bar (`old` is its close); ``factor``
        or ``share_factor``, whose values are the step on that day, this factor over the one before.
    old, new
        None where there was none.
    recorded_at
        When the reply came that contradicted, in UTC.
    """

    date: dt.date
    field: str
    old: float | None
    new: float | None
    source: str
    recorded_at: dt.datetime

    def __str__(self) -> str:
        def say(value: float | None) -> str:
            return "unknown" if value is None else f"{value:.10g}"

        if self.field == "bar":
            return (
                f"the bar of {self.date} (close {say(self.old)}) is no longer in what "
                f"{self.source} sends; it was kept"
            )
        what = self.field.replace("_", " ")
        if self.field.endswith("factor"):
            what = f"step of the {what}"
        values = f"from {say(self.old)} to {say(self.new)}"
        return f"{self.source} changed the {what} on {self.date} {values}"


@dataclass(frozen=True, eq=False)
class Holding:
    """What the store holds of one code.

    Attributes
    ----------
    bars
        Raw bars in the columns of `thesis.market.delivery.RAW`, in date order, ``datetime64[s]``.
    events
        Factor events in date order; None for an index.
    source
        Who the first bars stored were from.
    factor_source
        Who the events are from; ``dividends`` if some of them were computed; None for an index.
    fetched_at
        When the newest reply came that changed anything, in UTC.
    asked
        The days that were asked for, in disjoint stretches: between two of them nothing is known.
    spans
        First day, last day and source of each run of bars of one source; more than one where bars
        of several were joined.
    revisions
        What later replies contradicted, in the order it was found.
    factor_spans
        After which day, up to which, and by whom the factor's steps were told, in order; nobody
        spoke for days that are in none.
    """

    code: str
    bars: pd.DataFrame
    events: tuple[FactorEvent, ...] | None
    source: str
    factor_source: str | None
    fetched_at: dt.datetime
    asked: Asked
    spans: tuple[tuple[dt.date, dt.date, str], ...]
    revisions: tuple[Revision, ...] = ()
    factor_spans: tuple[FactorSpan, ...] = ()

    @property
    def asked_from(self) -> dt.date:
        """First day of the newest stretch that was asked for."""
        return self.asked[-1][0]

    @property
    def asked_to(self) -> dt.date:
        """Last day of the newest stretch that was asked for."""
        return self.asked[-1][1]

    @property
    def first(self) -> dt.date:
        """Day of the first bar."""
        return as_date(days_of(self.bars)[0])

    @property
    def last(self) -> dt.date:
        """Day of the last bar."""
        return as_date(days_of(self.bars)[-1])

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 of code, bars and events, in the form the module describes."""
        columns = {name: self.bars[name].to_numpy() for name in RAW[1:]}
        return content_hash(self.code, {"date": days_of(self.bars), **columns}, self.events)

    def bar_sources(self) -> np.ndarray:
        """The source of each bar, an array of str of shape (T,)."""
        days = days_of(self.bars)
        sources = np.empty(len(days), dtype=object)
        for first, last, source in self.spans:
            sources[(days >= np.datetime64(first)) & (days <= np.datetime64(last))] = source
        return sources

    def frame(self) -> pd.DataFrame:
        """The bars in the bars schema, with the factors of a stock."""
        frame = self.bars.copy()
        frame.insert(0, "code", self.code)
        if self.events is not None:
            frame["factor"], frame["share_factor"] = factors_on(days_of(self.bars), self.events)
        return frame


@dataclass(frozen=True)
class Change:
    """What putting a delivery into the store did.

    Attributes
    ----------
    added
        Bars the store did not have.
    revised
        What was stored and is now contradicted.
    unchanged
        Whether all of it was there already, so that no bars were written.
    aside
        Where a damaged file of this code was moved; None if there was none.
    cautions
        What the door found odd in the code's bars, all of them.
    """

    code: str
    added: int = 0
    revised: tuple[Revision, ...] = ()
    unchanged: bool = True
    aside: Path | None = None
    cautions: tuple[Caution, ...] = ()

    def sentences(self) -> list[str]:
        """The revisions and the moving aside, for people."""
        said = [str(revision) for revision in self.revised]
        if self.aside is not None:
            said.insert(0, f"its stored file was damaged and was moved to {self.aside}")
        return said


def content_hash(code: str, columns: Columns, events: Sequence[FactorEvent] | None) -> str:
    """The content hash of columns that are in canonical form already."""
    digest = hashlib.sha256(f"thesis bars 1 {code}\n".encode())
    for name in RAW:
        form, unit = ("<i8", "datetime64[D]") if name == "date" else ("<f8", "float64")
        values = columns[name].astype(unit, copy=False).astype(form, copy=False)
        digest.update(f"{name}\n".encode())
        digest.update(np.ascontiguousarray(values).data)
    for event in events or ():
        digest.update(f"{event.ex_date} {event.factor!r} {event.share_factor!r}\n".encode())
    return digest.hexdigest()


def days_of(bars: pd.DataFrame) -> Dates:
    """The days of bars, ``datetime64[D]``."""
    days: Dates = bars["date"].to_numpy().astype("datetime64[D]")
    return days
