"""The public verbs that fill the store: fetch and import_bars. Nothing else asks a host."""

import datetime as dt
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from thesis.api import HISTORY_DAYS, Strategies, load, needed_codes
from thesis.errors import PricesError, UsageError
from thesis.market.background import Background
from thesis.market.benchmark import TOTAL_RETURN
from thesis.market.calendar import SHANGHAI, shanghai_day
from thesis.market.enquiry import Enquiry
from thesis.market.fetching import Fetched, fetch_codes, last_complete_session, store_one
from thesis.market.listing import Listing
from thesis.market.sources.files import read_listings
from thesis.market.sources.source import find_sources
from thesis.market.sources.suspension_calendar import Run
from thesis.market.store import Store
from thesis.research.security import parse_security
from thesis.research.thesis import Thesis

#: The small-cap index that an excess is also held against.
SMALL_CAPS = "000852.SH"

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
    """

    rows: tuple[Fetched, ...]
    notes: tuple[str, ...]
    home: Path

    @property
    def failed(self) -> tuple[str, ...]:
        """Codes that no source delivered."""
        return tuple(row.code for row in self.rows if row.outcome == "failed")


def fetch(
    theses: Iterable[Thesis | str | os.PathLike[str]],
    *,
    source: str = "auto",
    start: dt.date | None = None,
    end: dt.date | None = None,
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
        Theses, names or paths.
    source
        ``auto``, ``akshare``, ``yfinance``, or a plugin's name.
    start, end
        Days wanted, both included. By default from 800 days before the first publication, so that
        volatilities have a history, to the last complete session.
    store
        By default that of ``$THESIS_HOME`` or the platform's data directory.
    progress
        Told code, what is asked, number and count before each question.

    Raises
    ------
    ThesisFileError
        If a thesis cannot be found or read.
    UsageError
        If there is no such source, or start lies after end.
    PricesError
        If the store cannot be written.
    """
    found = [t if isinstance(t, Thesis) else load(t, strategies=strategies) for t in theses]
    if not found:
        raise UsageError("no thesis to fetch for; name at least one")
    sources = find_sources(source)
    last = last_complete_session()
    until = last if end is None else min(end, last)
    since = start or min(t.published_day for t in found) - dt.timedelta(days=HISTORY_DAYS)
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
    codes = list(dict.fromkeys([*stocks, *indices_of(found, kept)]))
    numbers |= {code: number for number, code in enumerate(codes, 1)}
    enquiry = Enquiry(sources, actions=background.actions, tell=tell)
    rows = list(fetch_codes(codes, kept, enquiry, since, until))
    rows = list(_explained(rows, background, read_listings(kept.home, codes)))
    return Supply(tuple(rows), tuple(background.notes), kept.home)


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
    from thesis.market.importing import import_path
    from thesis.market.prices import open_prices

    if open_prices(path, codes).simulated:
        raise PricesError(
            f"{path}: these are the simulated sample's prices, which never happened; the store "
            "keeps real ones alone. Use them with --prices"
        )
    deliveries, notes = import_path(Path(path), codes)
    kept = store or Store.default()
    rows = tuple(store_one(kept, delivery) for delivery in deliveries)
    return Supply(rows, tuple(notes), kept.home)


def indices_of(theses: Sequence[Thesis], store: Store) -> list[str]:
    """Benchmarks, the theses' sectors, and the sectors their names were in."""
    codes: dict[str, None] = {}
    for thesis in theses:
        benchmark = thesis.scale.benchmark
        total = TOTAL_RETURN.get(benchmark)
        codes |= dict.fromkeys(c for c in needed_codes(thesis) if parse_security(c).is_index)
        codes |= dict.fromkeys([*([total] if total else []), *thesis.claim.report_sectors])
        listings = read_listings(store.home, thesis.codes).values()
        known = (listing.industry_on(thesis.published_day) for listing in listings)
        codes |= dict.fromkeys(code for code in known if code)
    return [*codes, SMALL_CAPS]


def _explained(
    rows: Sequence[Fetched], background: Background, listings: dict[str, Listing]
) -> Iterator[Fetched]:
    """Rows with what their sessions without a bar were."""
    stocks = [row for row in rows if not parse_security(row.code).is_index]
    ends = {row.code: listings[row.code].delist_date for row in stocks if row.code in listings}
    tails = [row.tail for row in stocks if row.tail and not ends.get(row.code)]
    said = background.suspensions([*(run for row in stocks for run in row.gaps), *tails])
    for row in rows:
        words = [_gap_words(run, said.get(run)) for run in row.gaps]
        if row.tail is not None:
            words.append(_tail_words(row.tail, said.get(row.tail), ends.get(row.code)))
        yield replace(row, problems=(*row.problems, *words))


def _gap_words(run: Run, announced: str | None) -> str:
    span = str(run.start) if run.start == run.end else f"{run.start} to {run.end}"
    if announced is None:
        return f"{run.code}: its publisher sends no level of {span}"
    return {
        "announced": f"{run.code}: suspended {span}, as announced",
        "not announced": f"{run.code}: no bar {span}, between two bars; taken as suspended, but "
        "the suspension calendar does not have it: perhaps a hole in the source",
    }.get(announced, f"{run.code}: suspended {span}: no bar between two bars (not confirmed)")


def _tail_words(run: Run, announced: str | None, delisted: dt.date | None) -> str:
    ends = f"{run.code}: its bars end before {run.start}, where {run.end} was wanted"
    if delisted is not None:
        return f"{ends}; delisted {delisted}"
    if announced == "announced":
        return f"{ends}; suspended, as announced"
    return f"{ends}; not published yet, suspended or delisted: bars alone do not say which"
