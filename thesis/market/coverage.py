"""Coverage: what is stored of each code, and whether it is what a thesis needs."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from thesis.errors import PricesError
from thesis.market.calendar import SHANGHAI, Timing, session_after
from thesis.market.listing import Listing, delisting_explains
from thesis.market.storage.holding import Revision
from thesis.market.storage.manifest import Entry
from thesis.market.storage.notes import Asked, read_notes
from thesis.market.store import Store
from thesis.research.security import parse_security
from thesis.research.thesis import Thesis

#: What a group of codes is called, by board.
GROUPS = {"main": "main board", "chinext": "ChiNext", "star": "STAR", "bse": "Beijing"}
SHENWAN, MARKET = "Shenwan indices", "market indices"


@dataclass(frozen=True)
class Stored:
    """What the store has of one code.

    Attributes
    ----------
    sources
        Who the bars are from, in the order of the bars; more than one where they were joined.
    factor_source
        Who the factor is from; None for an index.
    asked
        The days that were asked for; between two stretches nothing is known.
    checked_at
        When a source was last asked, in UTC.
    revisions
        What later replies contradicted.
    """

    code: str
    bars: int
    first: dt.date
    last: dt.date
    sources: tuple[str, ...]
    factor_source: str | None
    asked: Asked
    checked_at: dt.datetime
    revisions: tuple[Revision, ...] = ()

    @property
    def begins(self) -> dt.date:
        """First day of the newest stretch that was asked for."""
        return self.asked[-1][0]

    @property
    def group(self) -> str:
        """The group of codes it belongs to."""
        security = parse_security(self.code)
        if security.is_index:
            return SHENWAN if security.exchange == "SI" else MARKET
        return GROUPS[security.board]

    def age(self, today: dt.date) -> int:
        """Days since a source was last asked about the code, in Shanghai's days."""
        return (today - self.checked_at.astimezone(SHANGHAI).date()).days


@dataclass(frozen=True)
class Group:
    """The stored codes of a kind.

    Attributes
    ----------
    first, last
        Of all their bars.
    ends_early
        How many of them end before `last`.
    age
        Days since a source was asked about the one that was checked longest ago.
    revisions
        How many were recorded.
    """

    name: str
    codes: int
    first: dt.date
    last: dt.date
    ends_early: int
    age: int
    revisions: int
    sources: tuple[str, ...]


@dataclass(frozen=True)
class Coverage:
    """Whether the store has what the score of a thesis needs.

    Attributes
    ----------
    names, stored_names
        How many stocks are needed, and how many of them are stored.
    indices, stored_indices
        The same of benchmark, its total-return twin and the sector index.
    start
        The last session before publication, whose close the entry is measured from.
    end
        The last window's end; None beyond the calendar.
    faults
        What is lacking, as sentences without a subject; empty when the thesis is ready.
    pending
        Why nothing is lacking and yet there is no verdict: its window is still open.
    """

    thesis: str
    names: int
    stored_names: int
    indices: int
    stored_indices: int
    start: dt.date | None
    end: dt.date | None
    faults: tuple[str, ...] = ()
    pending: str | None = None

    @property
    def ready(self) -> bool:
        """Whether a backtest has all the prices it can have."""
        return not self.faults


def stored_codes(store: Store) -> Iterator[Stored]:
    """What the store has of each code, in order; a file that cannot be read is left out.

    Raises
    ------
    PricesError
        If the manifest may not be read, or a newer thesis wrote it.
    """
    entries = store.entries()
    for code in store.stored():
        try:
            yield _facts(store, entries[code]) if code in entries else _foreign(store, code)
        except PricesError:
            continue  # the survey names it


def _facts(store: Store, entry: Entry) -> Stored:
    notes = read_notes(store.path(entry.code)) or {}
    spans = [source for _, _, source in notes.get("spans", ())]
    holding = store.holding(entry.code) if entry.revisions else None
    return Stored(
        entry.code, entry.bars, entry.first, entry.last,
        tuple(dict.fromkeys(spans)) or (entry.source,), entry.factor_source, entry.asked,
        entry.checked_at, holding.revisions if holding else (),
    )  # fmt: skip


def _foreign(store: Store, code: str) -> Stored:
    """A file that `thesis` did not write, which is read all the same."""
    panel = store.read([code])
    written = dt.datetime.fromtimestamp(store.path(code).stat().st_mtime, dt.UTC)
    first, last = panel.first, panel.last
    bars = len(panel.to_frame())
    return Stored(code, bars, first, last, ("a stray file",), None, ((first, last),), written)


def groups_of(stored: Iterable[Stored], today: dt.date) -> tuple[Group, ...]:
    """The stored codes by group, stocks before indices."""
    by_group: dict[str, list[Stored]] = {}
    for one in stored:
        by_group.setdefault(one.group, []).append(one)
    order = [*GROUPS.values(), MARKET, SHENWAN]
    return tuple(_group(name, by_group[name], today) for name in order if name in by_group)


def _group(name: str, stored: Sequence[Stored], today: dt.date) -> Group:
    last = max(one.last for one in stored)
    sources = dict.fromkeys(source for one in stored for source in one.sources)
    return Group(
        name,
        len(stored),
        min(one.first for one in stored),
        last,
        sum(one.last < last for one in stored),
        max(one.age(today) for one in stored),
        sum(len(one.revisions) for one in stored),
        tuple(sources),
    )


def cover(
    thesis: Thesis,
    indices: Sequence[str],
    when: Timing,
    stored: Mapping[str, Stored],
    listings: Mapping[str, Listing],
    known_to: dt.date,
) -> Coverage:
    """Hold what is stored against what a thesis needs.

    A name without a bar on days that its source was asked for was not listed or suspended then, and
    is not lacking. One whose bars end before the window is, unless its delisting is dated or the
    suspension announced: bars alone cannot tell either from data that ends.

    Parameters
    ----------
    indices
        The indices its score is measured against.
    stored
        By code.
    listings
        By code, where they are known.
    known_to
        The last session there can be bars of.
    """
    needed = [*thesis.codes, *indices]
    lacking = [code for code in needed if code not in stored]
    faults = [f"lacks {' '.join(lacking)}"] if lacking else []
    have = [stored[code] for code in needed if code in stored]
    late = [one for one in have if when.known and _begins(one) > when.known]
    if late:
        starts = max(_begins(one) for one in late)
        faults.append(f"{_codes(late)}: asked for from {starts} only, after {when.known}")
    open_window = when.end is None or when.end > known_to
    if not open_window:
        early = [
            one
            for one in have
            if when.end and one.last < when.end and not _explained(one, when.end, listings)
        ]
        if early:
            ends = min(one.last for one in early)
            faults.append(f"{_codes(early)}: ends {ends}, before the window {when.end}")
    until = when.end or "beyond the calendar"
    return Coverage(
        thesis.id,
        len(thesis.codes),
        sum(code in stored for code in thesis.codes),
        len(indices),
        sum(code in stored for code in indices),
        when.known,
        when.end,
        tuple(faults),
        f"its window ends {until}" if open_window else None,
    )


def _begins(one: Stored) -> dt.date:
    """The day from which nothing is lacking: an index has a level on every session."""
    index = parse_security(one.code).is_index
    return max(one.begins, one.first) if index else one.begins


def _explained(one: Stored, end: dt.date, listings: Mapping[str, Listing]) -> bool:
    """Whether it is known why there is no bar at the end."""
    listing, silent = listings.get(one.code), session_after(one.last)
    if listing is None or silent is None:
        return False
    gone = listing.delist_date
    known = gone is not None and delisting_explains(one.last, gone)
    return known or listing.suspended_through(silent, end)


def _codes(stored: Sequence[Stored]) -> str:
    codes = [one.code for one in stored]
    return " ".join(codes[:3]) + (f" and {len(codes) - 3} more" if len(codes) > 3 else "")
