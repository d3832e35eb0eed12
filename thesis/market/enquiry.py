"""One run of questions: a code from the first source that has it, checked before it goes on.

A host that refuses, or fails twice, is left alone for the rest of the run.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from thesis.errors import PricesError
from thesis.market.calendar import Dates, as_date
from thesis.market.corporate_actions import ShareEvent, events_from_actions, explain
from thesis.market.delivery import Delivery, FactorEvent, factors_on
from thesis.market.door import admit
from thesis.market.sources.failure import HOST_WIDE, PASSING, SourceError
from thesis.market.sources.source import Source
from thesis.market.splice import check_overlap
from thesis.market.storage.holding import Holding
from thesis.research.security import parse_security

#: Codes for which a host may fail in a passing way before it is left alone.
STRIKES = 2

Actions = Callable[[str], Sequence[ShareEvent]]
Tell = Callable[[str, str], None]


@dataclass
class Enquiry:
    """One run: the sources in their order, and the hosts that are left alone for the rest of it."""

    sources: Sequence[Source]
    actions: Actions | None = None
    tell: Tell = lambda code, source: None
    _strikes: dict[str, int] = field(default_factory=dict)
    _resting: dict[str, SourceError] = field(default_factory=dict)

    def deliver(
        self, code: str, start: dt.date, end: dt.date, known: Holding | None = None
    ) -> tuple[Delivery, list[str]]:
        """The bars of a code from the first source that delivers, and what went wrong before.

        Parameters
        ----------
        known
            What the store holds; its source goes first, and another must agree with it where the
            two overlap.

        Raises
        ------
        PricesError
            If no source delivers; the text has a line for each that was asked.
        """
        problems: list[str] = []
        for source in self._order(code, known):
            try:
                self._wake(source, code)
                self.tell(code, source.name)
                delivery, notes = self._ask(source, code, start, end, known)
            except SourceError as error:
                self._note(source, error)
                problems.append(str(error))
                continue
            return delivery, problems + notes
        served = [source.name for source in self.sources if source.capabilities.serves(code)]
        if not served:
            names = ", ".join(source.name for source in self.sources)
            notes = [source.capabilities.note for source in self.sources]
            why = "; ".join(dict.fromkeys(note for note in notes if note))
            raise PricesError(
                f"{code}: none of {names} serves this code{f' ({why})' if why else ''}; it was "
                "not asked for. Another --source or thesis import may help"
            )
        raise PricesError("\n".join(problems))

    def _order(self, code: str, known: Holding | None) -> list[Source]:
        able = [source for source in self.sources if source.capabilities.serves(code)]
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
        patient = error.kind in PASSING and source.politeness.attempts > 1
        if not patient or self._strikes[host] >= STRIKES:
            self._resting.setdefault(host, error)

    def _ask(
        self, source: Source, code: str, start: dt.date, end: dt.date, known: Holding | None
    ) -> tuple[Delivery, list[str]]:
        now = dt.datetime.now(dt.UTC).replace(microsecond=0)
        if parse_security(code).is_index:
            bars = source.index(code, start, end)
            _check(code, source, bars, None)
            check_overlap(code, source.name, bars, known)
            return Delivery(code, bars, source.name, now, start, end), []
        bars = source.bars(code, start, end)
        check_overlap(code, source.name, bars, known)
        events, of, notes = self._events(source, code, _joined(bars, known))
        _check(code, source, bars, events)
        return Delivery(code, bars, source.name, now, start, end, events, of), notes

    def _events(
        self, source: Source, code: str, bars: pd.DataFrame
    ) -> tuple[tuple[FactorEvent, ...], str, list[str]]:
        """Factor events over the bars: a source's own, else computed from dividends."""
        days = bars["date"].to_numpy().astype("datetime64[D]")
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
            if actions is not None:
                events, problems = explain(events, actions, days, closes)
                notes += [f"{code}: {problem}" for problem in problems]
            return events, giver.name, notes
        if actions is None:
            raise SourceError(
                "not_served", source.name, code, detail="raw bars, but no factor from anywhere"
            )
        try:
            events = events_from_actions(actions, days, closes)
        except PricesError as error:
            raise SourceError("bad_bars", source.name, code, detail=str(error)) from None
        notes.append(
            f"{code}: its factor was computed from its dividends and bonus issues; rights issues "
            "are not among them"
        )
        return events, "dividends", notes

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
            None if e.share_factor is None else e.share_factor / shares,
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
