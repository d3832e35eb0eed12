"""The public verbs that look at the store: survey_store and check_store. Neither changes it."""

import datetime as dt
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from thesis.api import Strategies, check, load
from thesis.errors import PricesError, ThesisError, VerificationError
from thesis.market.benchmark import TOTAL_RETURN
from thesis.market.calendar import SHANGHAI
from thesis.market.coverage import Coverage, Group, Stored, cover, groups_of, stored_codes
from thesis.market.fetching import last_complete_session
from thesis.market.listing import is_index
from thesis.market.panel import PricePanel
from thesis.market.prices import open_prices
from thesis.market.reconcile import Reconciliation, reconcile
from thesis.market.sources.listings import read_listings
from thesis.market.storage.survey import Finding
from thesis.market.store import Store
from thesis.market.witness import Witness, call_witness
from thesis.research.catalog import bundled_folder
from thesis.research.thesis import Thesis
from thesis.research.thesis_file import read_thesis
from thesis.scoring.agreement import Agreement, agree
from thesis.scoring.assess import score_thesis
from thesis.scoring.needs import first_day, needed_codes, wanted_codes
from thesis.scoring.score import Case
from thesis.trading.strategy import Strategy

if TYPE_CHECKING:
    import pandas as pd

#: Told a code or a thesis, and what is done with it.
Tell = Callable[[str, str], None]


@dataclass(frozen=True)
class Inventory:
    """What is stored, and what it covers.

    Attributes
    ----------
    home
        The store's folder.
    stored
        A code each, in order.
    groups
        The same by group of codes.
    coverage
        A bundled thesis each.
    findings
        What is not as it should be; nothing was mended.
    today
        The day ages count from, in Shanghai.
    """

    home: Path
    stored: tuple[Stored, ...]
    groups: tuple[Group, ...]
    coverage: tuple[Coverage, ...]
    findings: tuple[Finding, ...]
    today: dt.date


@dataclass(frozen=True)
class StoreCheck:
    """The store held against another source.

    Attributes
    ----------
    against
        Who the store was held against.
    rows
        What was compared, a code each.
    absent
        Codes that were not compared, and why.
    lacking
        Those of them that had to be: names of the theses asked for, codes that the store should
        have, and codes that a source was asked for and did not deliver.
    sources
        Who the other side's bars of each code are from.
    agreements
        The theses, scored on both sides.
    """

    home: Path
    against: str
    rows: tuple[Reconciliation, ...]
    absent: Mapping[str, str]
    lacking: tuple[str, ...]
    sources: Mapping[str, str]
    agreements: tuple[Agreement, ...]

    @property
    def differing(self) -> tuple[str, ...]:
        """Codes on which the two sides disagree."""
        return tuple(row.code for row in self.rows if row.sessions and not row.agrees)

    @property
    def fragile(self) -> tuple[str, ...]:
        """Theses whose rating differs: they are data-fragile."""
        return tuple(each.thesis for each in self.agreements if each.fragile)

    def error(self) -> ThesisError | None:
        """What is to be said of it in one error; None where all agrees.

        Returns
        -------
        VerificationError
            If the two sides differ, whatever else is lacking.
        PricesError
            If something could not be compared.
        """
        told = []
        if self.fragile:
            told.append(f"data-fragile: {', '.join(self.fragile)}")
        if self.differing:
            told.append(
                f"{len(self.differing)} of {len(self.rows)} codes differ: "
                f"{', '.join(self.differing)}"
            )
        open_ = [each.thesis for each in self.agreements if each.reason and not each.pending]
        lacks = [*self.lacking, *open_]
        lacks += [row.code for row in self.rows if not row.sessions]
        if lacks or not self.rows:
            told.append(f"not compared: {', '.join(dict.fromkeys(lacks)) or 'any code'}")
        if not told:
            return None
        text = f"the store and {self.against}: {'; '.join(told)}"
        return VerificationError(text) if self.fragile or self.differing else PricesError(text)


def survey_store(store: Store | None = None) -> Inventory:
    """What is stored of each code, what that covers, and what is not as it should be.

    Every stored byte is checked; nothing is asked for and nothing is mended.

    Parameters
    ----------
    store
        By default that of ``$THESIS_HOME`` or the platform's data directory.

    Raises
    ------
    PricesError
        If a file may not be read, a newer thesis wrote it, or another process holds the lock.
    """
    kept = store or Store.default()
    today = dt.datetime.now(SHANGHAI).date()
    findings = tuple(kept.survey())
    unusable = {f.path.stem for f in findings if f.kind in ("damaged", "unreadable")}
    stored = tuple(one for one in stored_codes(kept) if one.code not in unusable)
    listings = read_listings(kept.home, [one.code for one in stored])
    by_code = {one.code: one for one in stored}
    coverage = tuple(
        cover(
            thesis, _indices(thesis), check(thesis), by_code, listings, last_complete_session()
        )
        for thesis in _bundled()
    )  # fmt: skip
    return Inventory(kept.home, stored, groups_of(stored, today), coverage, findings, today)


def check_store(
    theses: Iterable[Thesis | str | os.PathLike[str]] = (),
    *,
    against: str | os.PathLike[str],
    as_of: dt.date | None = None,
    store: Store | None = None,
    strategies: Strategies = None,
    progress: Tell = lambda what, how: None,
) -> StoreCheck:
    """Hold the store against files or another source: bar by bar, and by what theses earn.

    Each thesis is scored with the usual strategy and the store's listings on both sides, so that
    only prices differ. An index that the other side lacks is taken from the store.

    Parameters
    ----------
    theses
        Theses, names or paths, whose codes are compared. By default every stored code is, and
        every bundled thesis scored whose codes are all stored.
    against
        A file or folder of bars; or the name of a source, which is asked over the network, for
        the codes to be compared alone.
    as_of
        "Today" for both scores. By default today in Shanghai.
    progress
        Told code or thesis and what is done, before it is done.

    Raises
    ------
    ThesisFileError
        If a thesis cannot be found or read.
    UsageError
        If `against` is neither a path nor a source.
    PricesError
        If nothing is stored, or the files cannot be read.
    """
    kept = store or Store.default()
    named = [t if isinstance(t, Thesis) else load(t, strategies=strategies) for t in theses]
    if kept.is_empty():
        raise PricesError(
            f"the store in {kept.home} is empty, so there is nothing to check; thesis fetch "
            "media_ai fills it"
        )
    codes = list(dict.fromkeys(c for t in named for c in _judged(t))) or kept.stored()
    here: dict[str, pd.DataFrame] = {}
    absent: dict[str, str] = {}
    for code in codes:
        try:
            here[code] = kept.read([code]).to_frame()
        except PricesError as error:
            absent[code] = str(error)
    spans = {code: (_day(bars, 0), _day(bars, -1)) for code, bars in here.items()}
    there = call_witness(against, spans, progress)
    must = {code for thesis in named for code in thesis.codes} | absent.keys() | there.failed.keys()
    absent |= {**there.silent, **there.failed}
    rows = [reconcile(here[code], there.bars[code]) for code in here if code in there.bars]
    scored = named or [t for t in _bundled() if not kept.missing(_judged(t))]
    today = as_of or dt.datetime.now(SHANGHAI).date()
    agreements = []
    for thesis in scored:
        progress(thesis.id, "scoring")
        agreements.append(_agreement(thesis, kept, there, today))
    return StoreCheck(
        kept.home, there.origin, tuple(rows), absent,
        tuple(code for code in absent if code in must), there.sources, tuple(agreements),
    )  # fmt: skip


def _agreement(thesis: Thesis, store: Store, there: Witness, today: dt.date) -> Agreement:
    """A thesis on the store and on the witness's bars."""
    lacking = [code for code in thesis.codes if code not in there.bars]
    lacking += [code for code in store.missing(thesis.codes) if code not in lacking]
    if lacking:
        return Agreement(thesis.id, reason=f"not on both sides: {', '.join(lacking)}")
    try:
        panel = store.read(wanted_codes(thesis))
        other, stand_ins = _other_panel(panel, there)
        one, two = (score_thesis(_case(thesis, each, today)) for each in (panel, other))
    except ThesisError as error:
        return Agreement(thesis.id, reason=str(error))
    return agree(one, two, tuple(code for code in _indices(thesis) if code in stand_ins))


def _other_panel(panel: PricePanel, there: Witness) -> tuple[PricePanel, set[str]]:
    """The witness's bars of the panel's codes, and the indices for which the panel stands in."""
    import pandas as pd

    lacking = {code for code in panel.codes if code not in there.bars and is_index(code)}
    frames = [there.bars[code] for code in panel.codes if code in there.bars]
    if lacking:
        frames.append(panel.select(lacking).to_frame())
    other = PricePanel.from_frame(
        pd.concat(frames, ignore_index=True), origin=there.origin, listings=panel.listings
    )
    return other, lacking


def _case(thesis: Thesis, panel: PricePanel, today: dt.date) -> Case:
    first = first_day(thesis)
    return Case(thesis, Strategy(), open_prices(panel, start=first).up_to(today), "total", today)


def _bundled() -> list[Thesis]:
    return [read_thesis(path) for path in sorted(bundled_folder().glob("*.toml"))]


def _indices(thesis: Thesis) -> list[str]:
    """Benchmark, its total-return twin and the sector index."""
    found = [code for code in needed_codes(thesis) if is_index(code)]
    twin = TOTAL_RETURN.get(thesis.scale.benchmark)
    return list(dict.fromkeys([*found, *([twin] if twin else [])]))


def _judged(thesis: Thesis) -> Sequence[str]:
    """The codes a verdict rests on."""
    return [*thesis.codes, *_indices(thesis)]


def _day(bars: "pd.DataFrame", row: int) -> dt.date:
    day: dt.date = bars["date"].iloc[row].date()
    return day
