"""The roll call: one small question for each host behind ``--source auto``.

Who answered, how fast, how the others failed, and whether those that answered agree.
"""

import contextlib
import copy
import datetime as dt
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from thesis.market.calendar import as_date, calendar_horizon, sessions
from thesis.market.reference import datacenter, dividends
from thesis.market.sources import auto
from thesis.market.sources.failure import HOST_WIDE, REMEDY, SourceError
from thesis.market.sources.source import Source
from thesis.market.splice import HALF_TICK

STOCK, INDEX, INDUSTRY = "000001.SZ", "000300.SH", "801760.SI"
#: Sessions asked for, the last of them before today.
FEW = 5
#: Index levels are printed to the cent: one unit of the last digit is rounding.
ROUNDING = 0.01
_TINY = 1e-9


@dataclass(frozen=True)
class Question:
    """One small question.

    Attributes
    ----------
    source, host
        Who is asked, and where.
    code, what
        About what: ``bars``, ``factors``, ``levels`` or ``dividends``.
    ask
        Puts it; returns a frame of bars, or events.
    """

    source: str
    host: str
    code: str
    what: str
    ask: Callable[[], Any]


@dataclass(frozen=True)
class Answer:
    """What came of a question.

    Attributes
    ----------
    source, host, code, what
        Those of the question.
    seconds
        How long it took, polite waiting included.
    count
        Bars or events that came.
    last
        The last bar's day; None without one.
    failure
        Why nothing came.
    """

    source: str
    host: str
    code: str
    what: str
    seconds: float
    count: int = 0
    last: dt.date | None = None
    failure: SourceError | None = None

    @property
    def happened(self) -> str:
        """What went wrong, without what to do about it; empty if nothing did."""
        if self.failure is None:
            return ""
        text = str(self.failure).removeprefix(f"{self.source}: {self.code}: ")
        return text.removesuffix(f"; {REMEDY[self.failure.kind]}")


@dataclass(frozen=True)
class Opinion:
    """Closes of one code from two sources, held against each other.

    Attributes
    ----------
    sessions
        How many both have.
    apart
        The largest difference, CNY or points; NaN without a common session.
    day
        The session of that difference.
    tolerance
        What is no disagreement.
    binding
        Whether a disagreement is a fault: Yahoo's index is a cross-check only.
    """

    code: str
    sources: tuple[str, str]
    sessions: int
    apart: float
    day: dt.date | None
    tolerance: float
    binding: bool

    @property
    def agrees(self) -> bool:
        """Whether nothing lies apart."""
        return not self.apart > self.tolerance + _TINY


@dataclass(frozen=True)
class RollCall:
    """Who answered, and whether they agree."""

    answers: tuple[Answer, ...]
    opinions: tuple[Opinion, ...]

    @property
    def is_silent(self) -> bool:
        """Whether no source of prices answered; dividends alone are no prices."""
        return all(a.failure is not None for a in self.answers if a.what != "dividends")


def call_roll(today: dt.date, tell: Callable[[str], None] = lambda host: None) -> RollCall:
    """Ask every host, one after the other.

    A host that fails as a whole is not asked a second time.

    Parameters
    ----------
    tell
        Called with each host before it is asked.
    """
    tell("loading akshare and yfinance")
    # Before the clock runs. One that does not load says so where it is asked.
    with contextlib.suppress(Exception):
        import_module("akshare")
        import_module("yfinance")
    answers: list[Answer] = []
    closes: dict[str, list[tuple[str, pd.Series]]] = {}
    resting: dict[str, SourceError] = {}
    for question in _questions(*_span(today)):
        tell(question.host)
        answer, reply = _put(question, resting)
        answers.append(answer)
        if isinstance(reply, pd.DataFrame):
            levels = reply.set_index("date")["close"]
            closes.setdefault(question.code, []).append((question.source, levels))
    return RollCall(tuple(answers), tuple(_opinions(closes)))


def _span(today: dt.date) -> tuple[dt.date, dt.date]:
    """The first and last of a few sessions that have ended and been published."""
    last = np.datetime64(min(today - dt.timedelta(days=1), calendar_horizon()))
    end = int(np.searchsorted(sessions(), last, side="right"))
    return as_date(sessions()[end - FEW]), as_date(sessions()[end - 1])


def _questions(start: dt.date, end: dt.date) -> Sequence[Question]:
    by_name = {source.name: _asking_once(source) for source in auto.sources()}

    def bars(name: str) -> Question:
        source = by_name[name]
        host = source.politeness.host
        return Question(name, host, STOCK, "bars", lambda: source.bars(STOCK, start, end))

    def levels(name: str, code: str) -> Question:
        source = by_name[name]
        host = source.politeness.host
        return Question(name, host, code, "levels", lambda: source.index(code, start, end))

    sina = by_name["sina"]
    return (
        bars("sina"),
        Question("sina", sina.politeness.host, STOCK, "factors", lambda: sina.factors(STOCK)),
        bars("eastmoney"),
        bars("tencent"),
        levels("csindex", INDEX),
        levels("shenwan", INDUSTRY),
        bars("yahoo"),
        levels("yahoo", INDEX),
        Question(
            datacenter.NAME, datacenter.POLITENESS.host, STOCK, "dividends",
            lambda: dividends.eastmoney_events(STOCK),
        ),
    )  # fmt: skip


def _asking_once(source: Source) -> Source:
    """The source without its retries: how a host is now is what is asked."""
    once = copy.copy(source)
    vars(once)["politeness"] = replace(source.politeness, attempts=1)
    return once


def _put(question: Question, resting: dict[str, SourceError]) -> tuple[Answer, Any]:
    source, host, code = question.source, question.host, question.code
    begun = time.monotonic()
    reply, failure = None, None
    try:
        if host in resting:
            raise SourceError("resting", source, code, host, resting[host].kind.replace("_", " "))
        reply = question.ask()
    except SourceError as error:
        failure = error
        if error.kind in HOST_WIDE:
            resting[host] = error
    except Exception as error:  # a reply that no reader expects is a finding here, not an end
        detail = f"{type(error).__name__}: {error}"
        failure = SourceError("changed_format", source, code, host, detail)
    seconds = time.monotonic() - begun
    last = reply["date"].iloc[-1].date() if isinstance(reply, pd.DataFrame) else None
    count = 0 if reply is None else len(reply)
    return Answer(source, host, code, question.what, seconds, count, last, failure), reply


def _opinions(closes: dict[str, list[tuple[str, pd.Series]]]) -> list[Opinion]:
    """Each source's closes against the one before it in the order they are asked."""
    found = []
    for code, answered in closes.items():
        for (one, mine), (two, theirs) in pairwise(answered):
            apart = (mine - theirs).abs().dropna()
            days = apart[apart == apart.max()].index.to_numpy()
            found.append(
                Opinion(
                    code=code,
                    sources=(one, two),
                    sessions=len(apart),
                    apart=float(apart.max()),
                    day=as_date(days[0]) if len(days) else None,
                    tolerance=HALF_TICK if code == STOCK else ROUNDING,
                    binding=code == STOCK,
                )
            )
    return found
