"""The public verbs that fill the store: fetch and import_bars. Nothing else asks a host."""

import datetime as dt
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from thesis.api import Strategies, load
from thesis.errors import Caution, PricesError, UsageError
from thesis.market.benchmark import SMALL_CAPS, TOTAL_RETURN
from thesis.market.calendar import SHANGHAI, as_date, sessions, shanghai_day
from thesis.market.day import day_of
from thesis.market.delivery import Delivery
from thesis.market.enquiry import Answer, Enquiry
from thesis.market.fetching import (
    OVERLAP,
    Fetched,
    failed,
    fetch_codes,
    gaps,
    last_complete_session,
    store_one,
)
from thesis.market.listing import Listing
from thesis.market.reference.background import Background
from thesis.market.reference.exchange_lists import COLUMNS as LISTING_COLUMNS
from thesis.market.reference.suspension_calendar import Run
from thesis.market.sources.listings import LISTINGS_FILE, read_listings
from thesis.market.sources.source import find_sources
from thesis.market.storage.disk import StoreError
from thesis.market.storage.holding import days_of
from thesis.market.store import Store
from thesis.research.security import parse_security
from thesis.research.thesis import Thesis
from thesis.scoring.needs import first_day, needed_codes

#: Told a code, what is asked for it, its number, and how many codes there are.
Progress = Callable[[str, str, int, int], None]


@dataclass(frozen=True)
class Supply:
    """What a fetch or import brought.

    Attributes
    ----------
    rows
        A line for each code.
    notes
        What concerns no single code: tables that could not be had.
    home
        The store's folder.
    refused
        Codes of a file that could not be imported; the notes say why.
    """

    rows: tuple[Fetched, ...]
    notes: tuple[str, ...]
    home: Path
    refused: int = 0

    @property
    def failed(self) -> tuple[str, ...]:
        """Codes that no source delivered."""
        return tuple(row.code for row in self.rows if row.outcome == "failed")


def fetch(
    theses: Thesis | str | os.PathLike[str] | Iterable[Thesis | str | os.PathLike[str]],
    *,
    source: str = "auto",
    start: dt.date | str | None = None,
    end: dt.date | str | None = None,
    again: bool = False,
    store: Store | None = None,
    strategies: Strategies = None,
    progress: Progress | None = None,
) -> Supply:
    """Fetch what theses need into the store: bars, factors, indices, listings.

    What is stored already is not asked for again. A code that no source delivers stands in the
    result with the reasons; the others are stored all the same, each as soon as it has come.

    Parameters
    ----------
    theses
        A thesis, its name or path, or several.
    source
        ``auto``, ``akshare``, ``yfinance``, or a plugin's name.
    start, end
        Days wanted, both included. By default from 800 days before the first publication, so that
        volatilities have a history, to the last complete session.
    again
        Ask for all of it, stored or not; what has changed since becomes recorded revisions.
    store
        By default that of ``$THESIS_HOME`` or the platform's data directory.
    progress
        Told code, what is asked, number and count before each question.

    Raises
    ------
    ThesisFileError
        If a thesis cannot be found or read.
    UsageError
        If there is no such source, its prices are simulated, or start lies after end.
    PricesError
        If the store cannot be written.
    """
    asked = [theses] if isinstance(theses, Thesis | str | os.PathLike) else list(theses)
    found = [t if isinstance(t, Thesis) else load(t, strategies=strategies) for t in asked]
    if not found:
        raise UsageError("no thesis to fetch for; name at least one")
    sources = find_sources(source)
    if any(getattr(each, "simulated", False) for each in sources):
        raise UsageError(
            f"--source {source}: its prices are SIMULATED and never happened; the store keeps real "
            f"ones alone. Use them with --prices {source}"
        )
    last = last_complete_session()
    until = last if end is None else min(day_of("end", end), last)
    early = min(map(first_day, found))
    since = early if start is None else day_of("start", start)
    if since > until:
        raise UsageError(f"--start {since} lies after {until}, the last session to be fetched")
    kept = store or Store.default()
    stocks = list(dict.fromkeys(code for thesis in found for code in thesis.codes))
    numbers: dict[str, int] = {}

    def tell(code: str, what: str) -> None:
        if progress is not None:
            progress(code, what, numbers.get(code, 0), len(numbers))

    background = Background(kept, shanghai_day(dt.datetime.now(SHANGHAI)), lambda w: tell("", w))
    background.update(stocks)
    listings = read_listings(kept.home, stocks)
    listed = {code: x.list_date for code, x in listings.items() if x.list_date is not None}
    codes = list(dict.fromkeys([*stocks, *indices_of(found, kept)]))
    numbers |= {code: number for number, code in enumerate(codes, 1)}
    enquiry = Enquiry(sources, actions=background.actions, tell=tell)
    # Explained one by one, so that a fetch that is stopped leaves no gap without its finding.
    rows = tuple(
        _explained(row, kept, enquiry, background, listings)
        for row in fetch_codes(codes, kept, enquiry, since, until, listed=listed, again=again)
    )
    return Supply(rows, tuple(background.notes), kept.home)


def import_bars(
    path: str | os.PathLike[str],
    codes: Sequence[str] | None = None,
    *,
    store: Store | None = None,
) -> Supply:
    """Put the bars of a file or folder into the store.

    Parameters
    ----------
    path
        A Parquet or CSV file in the bars schema or a vendor's, or a folder of them.
    codes
        Import these alone.

    Raises
    ------
    PricesError
        If nothing can be read, a bar is impossible, the prices are the simulated sample, or the
        store cannot be written.
    """
    from thesis.market.importing import deliver

    place, kept = Path(path), store or Store.default()
    deliveries, cautions = deliver(place, codes)
    rows = tuple(_imported(kept, delivery) for delivery in deliveries)
    if place.is_dir() and (place / LISTINGS_FILE).is_file():
        _import_listings(place / LISTINGS_FILE, kept, [row.code for row in rows])
    refused = tuple(x.message for x in cautions if x.code == "not_imported")
    notes = tuple(x.message for x in cautions if x.code != "not_imported")
    return Supply(rows, (*refused, *notes), kept.home, len(refused))


def _import_listings(path: Path, store: Store, codes: Sequence[str]) -> None:
    """Take the names, listing days and industries that stand beside the bars."""
    from thesis.market.storage.table import read_table

    table = read_table(path)
    if table is not None and "code" in table.columns:
        mine = table[table["code"].isin(codes)]
        columns = [name for name in LISTING_COLUMNS if name in mine.columns]
        if len(mine):
            store.put_table(LISTINGS_FILE, mine[columns], ("code",))


def _still(store: Store, delivery: Delivery) -> tuple[Caution, ...]:
    """What a fetch found and a file of the user's own does not mend: whence the factor is."""
    found = store.findings([delivery.code])
    held = store.holding(delivery.code)
    known = set() if held is None else set(days_of(held.bars).tolist())
    mends = any(day not in known for day in days_of(delivery.bars).tolist())
    return tuple(x for x in found if x.code.startswith("factor") or not mends)


def _imported(store: Store, delivery: Delivery) -> Fetched:
    """Store a delivery of a file, if it agrees with what another source delivered before."""
    held = store.holding(delivery.code)
    try:
        row = store_one(store, Answer(delivery, findings=_still(store, delivery)))
    except StoreError:
        raise
    except PricesError as error:
        return failed(delivery.code, held, error)
    return replace(row, problems=(*row.problems, *gap_words(row.gaps, {})))


def indices_of(theses: Sequence[Thesis], store: Store) -> list[str]:
    """Benchmarks, the theses' sectors, and the sectors their names were in."""
    codes: dict[str, None] = {}
    for thesis in theses:
        benchmark = thesis.scale.benchmark
        total = TOTAL_RETURN.get(benchmark)
        codes |= dict.fromkeys(c for c in needed_codes(thesis) if parse_security(c).is_index)
        codes |= dict.fromkeys([*([total] if total else []), *thesis.claim.report_sectors])
        codes |= dict.fromkeys(s.benchmark_index for s in thesis.segment if s.benchmark_index)
        listings = read_listings(store.home, thesis.codes).values()
        known = (listing.industry_on(thesis.published_day) for listing in listings)
        codes |= dict.fromkeys(code for code in known if code)
    return [*codes, SMALL_CAPS]


def _explained(
    row: Fetched,
    store: Store,
    enquiry: Enquiry,
    background: Background,
    listings: Mapping[str, Listing],
) -> Fetched:
    """A row with what its sessions without a bar were; holes are asked of other sources."""
    if row.outcome == "complete":
        return row
    if parse_security(row.code).is_index:
        tail = [_tail_words(row.tail, None, None)] if row.tail else []
        return replace(row, remarks=(*row.remarks, *gap_words(row.gaps, {}), *tail))
    delisted = listings[row.code].delist_date if row.code in listings else None
    ends = [row.tail] if row.tail and delisted is None else []
    said = background.suspensions([*row.gaps, *ends])
    left = [run for run in row.gaps if said.get(run) != "announced"]
    filled = [word for run in left for word in _fill(run, store, enquiry)]
    held = store.holding(row.code)
    if held is not None and filled:
        days = days_of(held.bars)
        row = replace(row, bars=len(days), gaps=gaps(row.code, days))
        left = [run for run in row.gaps if said.get(run) != "announced"]
    if left:
        unsure = [Caution("gap_unconfirmed", word) for word in gap_words(left, said)]
        store.put_findings(row.code, [*row.findings, *unsure])
    known = [run for run in row.gaps if run not in left]
    words = [*filled, *gap_words(left, said)]
    if row.tail is not None:
        words.append(_tail_words(row.tail, said.get(row.tail), delisted))
    return replace(row, problems=(*row.problems, *words), remarks=tuple(gap_words(known, said)))


def _fill(run: Run, store: Store, enquiry: Enquiry) -> list[str]:
    """Ask the other sources for sessions that nobody announced as suspended."""
    known = store.holding(run.code)
    if known is None:
        return []
    around = _around(run, OVERLAP)
    try:
        answer = enquiry.deliver(
            run.code, *around, known, without={source for _, _, source in known.spans}
        )
        days = days_of(answer.delivery.bars)
        inside = (days >= np.datetime64(run.start)) & (days <= np.datetime64(run.end))
        if not inside.any():
            return []
        store.put(answer.delivery)
    except StoreError:
        raise
    except PricesError:
        return []
    count, source = int(inside.sum()), answer.delivery.source
    return [f"{run.code}: {count} bars within {run.start} to {run.end} filled from {source}"]


def _around(run: Run, room: int) -> tuple[dt.date, dt.date]:
    """The days of a run with so many sessions of room on both sides."""
    first = int(np.searchsorted(sessions(), np.datetime64(run.start))) - room
    last = int(np.searchsorted(sessions(), np.datetime64(run.end))) + room
    days = sessions()
    return as_date(days[max(first, 0)]), as_date(days[min(last, len(days) - 1)])


#: What a session without a bar between two bars was, by what the suspension calendar says.
GAPS = {
    "announced": "suspended {spans}, as announced",
    "not announced": "no bar {spans}, between two bars; taken as suspended, but the suspension "
    "calendar does not have it: perhaps a hole in the source",
    "not confirmed": "no bar {spans}, between two bars; taken as suspended, the suspension "
    "calendar could not be asked",
    "bars": "no bar {spans}, between two bars; taken as suspended",
    "index": "its publisher sends no level of {spans}; the last one is carried",
}


def gap_words(runs: Sequence[Run], said: Mapping[Run, str]) -> list[str]:
    """A sentence for each kind of gap a code has."""
    kinds: dict[str, list[Run]] = {}
    for run in runs:
        of_index = parse_security(run.code).is_index
        kinds.setdefault("index" if of_index else said.get(run, "bars"), []).append(run)
    return [
        f"{some[0].code}: {GAPS[kind].format(spans=_spans(some))}" for kind, some in kinds.items()
    ]


def _spans(runs: Sequence[Run]) -> str:
    spans = [str(r.start) if r.start == r.end else f"{r.start} to {r.end}" for r in runs]
    more = f" and {len(spans) - 3} more" if len(spans) > 3 else ""
    return ", ".join(spans[:3]) + more


def _tail_words(run: Run, announced: str | None, delisted: dt.date | None) -> str:
    ends = f"{run.code}: its bars end before {run.start}, where {run.end} was wanted"
    if parse_security(run.code).is_index:
        return f"{ends}; its publisher sends none yet, or none any more"
    if delisted is not None:
        return f"{ends}; delisted {delisted}"
    if announced == "announced":
        return f"{ends}; suspended, as announced"
    return f"{ends}; not published yet, suspended or delisted: bars alone do not say which"
