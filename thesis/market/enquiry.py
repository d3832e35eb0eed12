"""One run of questions: a code from the first source that has it, checked before it goes on.

A host that refuses, or fails twice, is left alone for the rest of the run.
"""

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from thesis.errors import Caution, PricesError
from thesis.market.calendar import Dates, as_date, session_on_or_after
from thesis.market.corporate_actions import ShareEvent, events_from_actions, explain
from thesis.market.delivery import COMPUTED, Delivery, FactorEvent, factors_on
from thesis.market.door import admit
from thesis.market.sources.failure import DOUBTFUL, HOST_WIDE, PASSING, SourceError
from thesis.market.sources.source import Source
from thesis.market.splice import check_overlap
from thesis.market.storage.holding import Holding, days_of
from thesis.research.security import parse_security

#: Codes for which a host may fail in a passing way before it is left alone.
STRIKES = 2

Actions = Callable[[str], Sequence[ShareEvent]]
Tell = Callable[[str, str], None]


@dataclass(frozen=True)
class Answer:
    """What a source delivered.

    Attributes
    ----------
    delivery
        Its bars and factor events.
    problems
        What went wrong on the way, in sentences.
    findings
        What a reader of the bars must know as long as they are kept.
    """

    delivery: Delivery
    problems: tuple[str, ...] = ()
    findings: tuple[Caution, ...] = ()


@dataclass
class Enquiry:
    """One run: the sources in their order, and the hosts that are left alone for the rest of it."""

    sources: Sequence[Source]
    actions: Actions | None = None
    tell: Tell = lambda code, source: None
    _strikes: dict[str, int] = field(default_factory=dict)
    _resting: dict[str, SourceError] = field(default_factory=dict)

    def deliver(
        self,
        code: str,
        start: dt.date,
        end: dt.date,
        known: Holding | None = None,
        *,
        listed: dt.date | None = None,
        without: Collection[str] = (),
    ) -> Answer:
        """The bars of a code from the first source that has all of it.

        A source whose bars of a stock begin late is not taken at its word: the others are asked
        too, and the one that begins first is taken.

        Parameters
        ----------
        known
            What the store holds; its source goes first, and another must agree with it where the
            two overlap.
        listed
            The code's listing date, where it is known: bars are not missing before it.
        without
            Names of sources not to be asked.

        Raises
        ------
        PricesError
            If no source delivers; the text has a line for each that was asked.
        """
        wanted = session_on_or_after(max(start, listed) if listed else start)
        problems: list[str] = []
        resting: list[str] = []
        late: list[Answer] = []
        for source in self._order(code, known, without):
            try:
                self._wake(source, code)
                self.tell(code, source.name)
                answer = self._ask(source, code, start, end, known)
            except SourceError as error:
                self._note(source, error)
                if error.kind == "resting":
                    resting.append(f"{source.name} ({error.detail})")
                else:
                    problems.append(str(error))
                continue
            first = _first(answer.delivery, known)
            if parse_security(code).is_index or wanted is None or first <= wanted:
                problems += _unasked(code, resting)
                return replace(answer, problems=(*problems, *answer.problems))
            late.append(answer)
        problems += _unasked(code, resting)
        if late:
            best = min(late, key=lambda answer: _first(answer.delivery, known))
            return _begun_late(best, known, wanted, listed, problems)
        served = [source.name for source in self.sources if source.capabilities.serves(code)]
        if not served:
            names = ", ".join(source.name for source in self.sources)
            notes = [source.capabilities.note for source in self.sources]
            why = "; ".join(dict.fromkeys(note for note in notes if note))
            raise PricesError(
                f"{code}: none of {names} serves this code{f' ({why})' if why else ''}; it was "
                "not asked for. Another --source or thesis import may help"
            )
        raise PricesError("\n".join(problems) or f"{code}: there is no other source to ask")

    def _order(self, code: str, known: Holding | None, without: Collection[str]) -> list[Source]:
        able = [
            source
            for source in self.sources
            if source.capabilities.serves(code) and source.name not in without
        ]
        return sorted(able, key=lambda s: known is not None and s.name != known.source)

    def _wake(self, source: Source, code: str) -> None:
        reason = self._resting.get(source.politeness.host)
        if reason is not None:
            raise SourceError(
                "resting", source.name, code, source.politeness.host, f"{reason.kind}"
            )

    def _note(self, source: Source, error: SourceError) -> None:
        """Leave a host alone once it refuses, or has failed often enough."""
        host = source.politeness.host
        if error.kind not in HOST_WIDE:
            return
        self._strikes[host] = self._strikes.get(host, 0) + 1
        passing = error.kind in PASSING and source.politeness.attempts > 1
        patient = passing or error.kind in DOUBTFUL
        if not patient or self._strikes[host] >= STRIKES:
            self._resting.setdefault(host, error)

    def _ask(
        self, source: Source, code: str, start: dt.date, end: dt.date, known: Holding | None
    ) -> Answer:
        if parse_security(code).is_index:
            bars = source.index(code, start, end)
            _check(code, source, bars, None)
            check_overlap(code, source.name, bars, known)
            return Answer(Delivery(code, bars, source.name, _now(), start, end))
        bars = source.bars(code, start, end)
        check_overlap(code, source.name, bars, known)
        joined = _joined(bars, known)
        events, giver, problems, findings = self._events(source, code, joined)
        _check(code, source, bars, events)
        days = days_of(joined if giver.capabilities.live else bars)
        delivery = Delivery(
            code, bars, source.name, _now(), start, end, events,
            COMPUTED if findings and findings[0].code == "factor_computed" else giver.name,
            events_from=as_date(days[0]), events_to=as_date(days[-1]),
        )  # fmt: skip
        return Answer(delivery, tuple(problems), tuple(findings))

    def _events(
        self, source: Source, code: str, bars: pd.DataFrame
    ) -> tuple[tuple[FactorEvent, ...], Source, list[str], list[Caution]]:
        """Factor events over the bars: a source's own, else computed from dividends."""
        days = days_of(bars)
        closes = bars["close"].to_numpy(dtype=float)
        actions, notes = self._actions(code)
        for giver in [source, *(s for s in self.sources if s is not source)]:
            if not giver.capabilities.factors or not giver.capabilities.serves(code):
                continue
            try:
                self._wake(giver, code)
                self.tell(code, f"{giver.name} (factors)")
                events = within(giver.factors(code), days)
            except SourceError as error:
                self._note(giver, error)
                notes.append(str(error))
                continue
            odd: tuple[str, ...] = ()
            if actions is not None:
                events, odd = explain(events, actions, days, closes)
            return events, giver, notes, [Caution("factor_odd", f"{code}: {x}") for x in odd]
        if actions is None:
            raise SourceError(
                "not_served", source.name, code, detail="raw bars, but no factor from anywhere"
            )
        try:
            events = events_from_actions(actions, days, closes)
        except PricesError as error:
            raise SourceError("bad_bars", source.name, code, detail=str(error)) from None
        computed = Caution(
            "factor_computed",
            f"{code}: its factor was computed from announced dividends and bonus issues ("
            f"{len(events)} in its bars); rights issues are not among them, and a company's own "
            "shares make a step too large",
        )
        return events, source, notes, [computed]

    def _actions(self, code: str) -> tuple[Sequence[ShareEvent] | None, list[str]]:
        if self.actions is None:
            return None, []
        try:
            self.tell(code, "dividends")
            return self.actions(code), []
        except SourceError as error:
            without = "no share_factor, so no --basis price: shares cannot be told from cash"
            return None, [f"{error}. Without its dividends {without}"]


def within(events: Sequence[FactorEvent], days: Dates) -> tuple[FactorEvent, ...]:
    """The events that move a ratio of two bars, the factor 1.0 at the first bar."""
    if not len(days):
        return ()
    first, last = as_date(days[0]), as_date(days[-1])
    base = float(factors_on(days[:1], events)[0][0])
    shares = float(factors_on(days[:1], events)[1][0])
    return tuple(
        FactorEvent(
            e.ex_date,
            e.factor / base,
            None if e.share_factor is None or np.isnan(shares) else e.share_factor / shares,
        )
        for e in events
        if first < e.ex_date <= last
    )


def _joined(bars: pd.DataFrame, known: Holding | None) -> pd.DataFrame:
    """Dates and closes of what is stored and what has come; the new ones count."""
    if known is None:
        return bars[["date", "close"]]
    both = pd.concat([known.bars[["date", "close"]], bars[["date", "close"]]])
    return both.drop_duplicates("date", keep="last").sort_values("date", ignore_index=True)


def _check(
    code: str, source: Source, bars: pd.DataFrame, events: Sequence[FactorEvent] | None
) -> None:
    """Refuse what the door would refuse, before it is stored."""
    frame = bars.assign(code=code)
    if events is not None:
        days = bars["date"].to_numpy().astype("datetime64[D]")
        frame = frame.assign(factor=factors_on(days, events)[0])
    try:
        admit(frame, source.name)
    except PricesError as error:
        raise SourceError("bad_bars", source.name, code, detail=str(error)) from None


def _unasked(code: str, resting: Sequence[str]) -> list[str]:
    """A sentence on the sources that were left alone; none if there were none."""
    if not resting:
        return []
    names = ", ".join(resting)
    return [f"{code}: not asked, since they failed before in this run: {names}; run again later"]


def _first(delivery: Delivery, known: Holding | None) -> dt.date:
    """The first bar there would be with what is held."""
    first = as_date(days_of(delivery.bars)[0])
    return first if known is None else min(first, known.first)


def _begun_late(
    answer: Answer,
    known: Holding | None,
    wanted: dt.date | None,
    listed: dt.date | None,
    problems: Sequence[str],
) -> Answer:
    """An answer without its beginning: said, kept as a finding, and asked for again next time."""
    first = _first(answer.delivery, known)
    code = answer.delivery.code
    knows = f"it was listed on {listed}" if listed else "its listing date is not known"
    finding = Caution(
        "bars_start_late",
        f"{code}: no source has its bars before {first}, where {wanted} was wanted and {knows}: "
        "they are missing, or it was suspended or not listed; a name enters at its first bar",
    )
    asked_from = max(answer.delivery.asked_from, first)
    return Answer(
        replace(answer.delivery, asked_from=asked_from),
        (*problems, *answer.problems),
        (*answer.findings, finding),
    )


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)
