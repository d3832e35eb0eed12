"""Background: what is known of securities beside their bars, asked for and kept as small tables.

Listings and industries of the whole market, special treatment, CSI 300 membership, dividends and
suspensions. None of it is needed to store a bar: a table that cannot be had is a note, not a stop.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from thesis.errors import PricesError
from thesis.market.corporate_actions import ShareEvent
from thesis.market.reference import constituents, exchange_lists, shenwan_classes, st_history
from thesis.market.reference.dividends import Dividends
from thesis.market.reference.rows import Row
from thesis.market.reference.suspension_calendar import (
    Confirmed,
    Run,
    confirm,
    suspensions_on,
)
from thesis.market.sources.failure import SourceError
from thesis.market.storage.disk import move_aside, said
from thesis.market.store import Store

if TYPE_CHECKING:
    import pandas as pd

#: A table is asked for again after so many days, or when it lacks a code.
FRESH_DAYS = 7

LISTINGS = "securities.csv"
INDUSTRIES = "sw_membership.csv"
ST_HISTORY, ST_COVERAGE = "st_history.csv", "st_coverage.csv"
CONSTITUENTS = "csi300_constituents.csv"
DIVIDENDS = "dividends.csv"
SUSPENSIONS = "suspensions.csv"


@dataclass
class Background:
    """The tables of a store, and the asks that fill them.

    Attributes
    ----------
    tell
        Called with what is being asked for.
    today
        The day of the run, in Shanghai.
    """

    store: Store
    today: dt.date
    tell: Callable[[str], None] = lambda what: None
    notes: list[str] = field(default_factory=list)
    _dividends: Dividends = field(default_factory=Dividends)
    _gone: list[SourceError] = field(default_factory=list)
    _calendar: dict[dt.date, list[Row]] = field(default_factory=dict)
    _calendar_gone: SourceError | None = None

    def update(self, codes: Sequence[str]) -> None:
        """Fetch listings, industries, ST history and index membership, where they are not fresh."""
        if not self._fresh(LISTINGS, codes):
            self._listings()
        if not self._fresh(INDUSTRIES, codes):
            self.tell("Shenwan industries")
            self._put(INDUSTRIES, shenwan_classes.memberships, ("code", "in_date"))
        if not self._fresh(ST_COVERAGE, [code for code in codes if code.endswith(".SZ")]):
            self._special_treatment()
        if not self._fresh(CONSTITUENTS, ()):
            self._put(CONSTITUENTS, constituents.csi300_members, ("code", "start"))

    def actions(self, code: str) -> tuple[ShareEvent, ...]:
        """Dividends and bonus issues of a stock, kept too: a dividend tax will need them.

        Raises
        ------
        SourceError
            If no host delivers them.
        """
        if self._gone:
            raise self._gone[0]
        try:
            events = self._dividends(code)
        except SourceError as error:
            if error.kind in ("resting", "unreachable"):
                self._gone.append(error)
            raise
        rows = [
            {
                "code": code,
                "ex_date": event.ex_date.isoformat(),
                "cash_per_share": repr(event.cash_per_share),
                "share_ratio": repr(event.share_ratio),
            }
            for event in events
        ]
        if rows:
            self.store.put_table(DIVIDENDS, _frame(rows), ("code", "ex_date"), whole="code")
        return events

    def suspensions(self, runs: Iterable[Run]) -> dict[Run, str]:
        """What each run of sessions without a bar was: announced, not announced, or unknown."""
        known = self._announced()
        left = [run for run in runs if not _covered(run, known)]
        said = dict.fromkeys((run for run in runs if _covered(run, known)), "announced")
        if left:
            self.tell("suspensions")
            answer = confirm(left, self._suspended_on)
            if rows := [*answer.rows, *_proved(answer)]:
                self.store.put_table(SUSPENSIONS, _frame(rows), ("code", "start"))
            said |= dict.fromkeys(answer.suspended, "announced")
            said |= dict.fromkeys(answer.unexplained, "not announced")
            said |= dict.fromkeys(answer.not_asked, "not confirmed")
            note = f"suspensions: {answer.failure}"
            if answer.failure is not None and note not in self.notes:
                self.notes.append(note)
        return said

    def _suspended_on(self, day: dt.date) -> list[Row]:
        """The suspensions in force on a day: asked once a run; not at all once the host fails."""
        if self._calendar_gone is not None:
            raise self._calendar_gone
        if day not in self._calendar:
            try:
                self._calendar[day] = suspensions_on(day)
            except SourceError as error:
                self._calendar_gone = error
                raise
        return self._calendar[day]

    def _listings(self) -> None:
        self.tell("listings of the exchanges")
        found = exchange_lists.listings()
        self.notes += [f"listings: {failure}" for failure in found.failures]
        if found.rows:
            self.store.put_table(LISTINGS, _frame(found.rows), ("code",))

    def _special_treatment(self) -> None:
        listings = self._table(LISTINGS)
        if listings is None:
            self.notes.append("ST history: it needs the listings, which could not be had")
            return
        self.tell("ST history (Shenzhen)")
        try:
            changes = st_history.name_changes()
        except SourceError as error:
            self.notes.append(f"ST history: {error}")
            return
        spans, coverage = st_history.st_history(changes, _rows(listings), self.today)
        if spans:
            self.store.put_table(ST_HISTORY, _frame(spans), ("code", "start"), whole="code")
        self.store.put_table(ST_COVERAGE, _frame(coverage), ("code",))

    def _put(self, name: str, question: Callable[[], list[Row]], keys: Sequence[str]) -> None:
        try:
            rows = question()
        except PricesError as error:
            self.notes.append(f"{name}: {error}")
            return
        # An edition stands for itself: what an older one said of a code is dropped.
        self.store.put_table(name, _frame(rows), keys, whole="code")

    def _fresh(self, name: str, codes: Sequence[str]) -> bool:
        path = self.store.home / name
        if not path.is_file():
            return False
        age = dt.datetime.now(dt.UTC).timestamp() - path.stat().st_mtime
        if age > FRESH_DAYS * 86_400:
            return False
        table = self._table(name)
        return table is not None and set(codes) <= set(table["code"])

    def _table(self, name: str) -> "pd.DataFrame | None":
        """A table of the store; a damaged one is moved aside, so that it is asked for again."""
        try:
            table = self.store.table(name)
            if table is None or "code" in table.columns:
                return table
            reason = "it has no column code"
        except PricesError as error:
            reason = str(error)
        with said(self.store.home / name):
            aside = move_aside(
                self.store.home / name,
                self.store.damaged,
                f"{dt.datetime.now(dt.UTC):%Y%m%d%H%M%S}",
            )
        self.notes.append(f"{name} was damaged ({reason}) and was moved to {aside}")
        return None

    def _announced(self) -> list[Row]:
        table = self._table(SUSPENSIONS)
        return [] if table is None else _rows(table)


def _proved(answer: Confirmed) -> list[Row]:
    """Runs that an announcement without an end covers, as the days asked for showed."""
    return [
        {
            "code": run.code,
            "start": run.start.isoformat(),
            "end": run.end.isoformat(),
            "reason": "announced without an end; still in force when asked for later days",
            "source": "eastmoney",
        }
        for run in answer.suspended
        if not _covered(run, answer.rows)
    ]


def _covered(run: Run, rows: Iterable[Row]) -> bool:
    """Whether an announcement spans a run."""
    first, last = run.start.isoformat(), run.end.isoformat()
    return any(
        row["code"] == run.code and row["start"] <= first and row["end"] > "" and row["end"] >= last
        for row in rows
    )


def _rows(table: "pd.DataFrame") -> list[Row]:
    return [{str(key): str(text) for key, text in row.items()} for row in table.to_dict("records")]


def _frame(rows: Sequence[Any]) -> "pd.DataFrame":
    import pandas as pd

    return pd.DataFrame(list(rows))
