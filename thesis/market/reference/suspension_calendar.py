"""Suspensions as the exchanges announced them, day by day, from Eastmoney's data centre.

A missing bar alone is no proof of a suspension: a source may have a hole. Asking for every session
of years would take hundreds of requests, so only the days of missing bars are asked for.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from thesis.market.calendar import as_date, sessions
from thesis.market.reference import datacenter
from thesis.market.reference.rows import Row, changed, day_text, need_columns, stock_code
from thesis.market.sources.failure import SourceError

COLUMNS = ("code", "start", "end", "reason", "source")

#: Words of halts within a session, which leave a bar behind.
_PART_OF_A_DAY = ("小时", "分钟", "盘中", "上午", "下午", "半天", "临时")


@dataclass(frozen=True, order=True)
class Run:
    """Sessions in a row without a bar, first and last included."""

    code: str
    start: dt.date
    end: dt.date


@dataclass(frozen=True)
class Confirmed:
    """Which runs of missing bars were announced suspensions.

    Attributes
    ----------
    suspended
        Runs of which every session was announced.
    unexplained
        Runs with a session that was not: a hole in the source, or an announcement it lacks.
    not_asked
        Runs about which the host could not be asked.
    rows
        Announcements, in `COLUMNS`.
    days
        The days asked for.
    failure
        Why the rest was not asked.
    """

    suspended: tuple[Run, ...]
    unexplained: tuple[Run, ...]
    not_asked: tuple[Run, ...]
    rows: tuple[Row, ...]
    days: tuple[dt.date, ...]
    failure: SourceError | None = None


def suspensions_on(day: dt.date) -> list[Row]:
    """Suspensions of A-shares in force on a day: rows of `COLUMNS`.

    ``start`` and ``end`` are the first and last day without trading, both included; `end` is empty
    where none was announced. Halts within a session are left out.

    Raises
    ------
    SourceError
        If the host does not answer, or in another form.
    """
    what = f"suspensions on {day}"

    def question() -> Any:
        import akshare as ak

        return ak.stock_tfp_em(date=f"{day:%Y%m%d}")

    frame = datacenter.ask_table(what, question)
    if frame is None:
        return []
    failure = changed(datacenter.NAME, what, datacenter.POLITENESS.host)
    columns = ("代码", "停牌时间", "停牌截止时间", "停牌期限", "停牌原因")
    need_columns(frame, columns, failure)
    rows: list[Row] = []
    for digits, first, last, length, reason in zip(*(frame[c] for c in columns), strict=True):
        if not str(digits).isdigit():
            raise failure(f"{digits!r} is no code")
        code, start, end = stock_code(digits), day_text(first), day_text(last)
        if code is None or any(word in str(length) for word in _PART_OF_A_DAY):
            continue  # a fund, bond or B-share; or a halt of hours
        # The list holds announcements around the day too.
        if start and start <= day.isoformat() and (not end or day.isoformat() <= end):
            rows.append(
                {
                    "code": code,
                    "start": start,
                    "end": end,
                    "reason": str(reason or "").strip(),
                    "source": datacenter.NAME,
                }
            )
    return rows


def confirm(
    runs: Iterable[Run], ask: Callable[[dt.date], Iterable[Row]] = suspensions_on
) -> Confirmed:
    """Say which runs of missing bars were suspensions, asking for as few days as will tell.

    A run's first session is asked for, then its last if the suspension was announced without an
    end, then what is still open. A day is asked for once, whatever the number of runs on it.

    Parameters
    ----------
    ask
        The suspensions in force on a day.
    """
    known = _Announced(ask)
    suspended: list[Run] = []
    unexplained: list[Run] = []
    not_asked: list[Run] = []
    for run in sorted(set(runs)):
        try:
            (suspended if known.covers(run) else unexplained).append(run)
        except SourceError as failure:
            known.failure = failure
            not_asked.append(run)
    return Confirmed(
        tuple(suspended),
        tuple(unexplained),
        tuple(not_asked),
        tuple(known.rows()),
        tuple(sorted(known.asked)),
        known.failure,
    )


class _Announced:
    """What has been asked so far: the announcements, and the days each is known to have held."""

    def __init__(self, ask: Callable[[dt.date], Iterable[Row]]) -> None:
        self.ask = ask
        self.asked: set[dt.date] = set()
        self.failure: SourceError | None = None
        #: By code and first day: the announcement, and the last day it is known to have held.
        self.held: dict[tuple[str, str], tuple[Row, str]] = {}

    def rows(self) -> list[Row]:
        return [row for _, (row, _) in sorted(self.held.items())]

    def covers(self, run: Run) -> bool:
        """Whether every session of a run was announced."""
        if open_days := self._open(run):
            self._look(open_days[0])
        if open_days := self._open(run):
            self._look(open_days[-1])
        while open_days := self._open(run):
            if open_days[0] in self.asked:
                return False
            self._look(open_days[0])
        return True

    def _open(self, run: Run) -> list[dt.date]:
        """Sessions of a run that no announcement is known to cover."""
        spans = [(r["start"], to) for (code, _), (r, to) in self.held.items() if code == run.code]
        return [
            day
            for day in _sessions(run)
            if not any(first <= day.isoformat() <= last for first, last in spans)
        ]

    def _look(self, day: dt.date) -> None:
        if day in self.asked:
            return
        if self.failure is not None:
            raise self.failure
        for row in self.ask(day):
            key = (row["code"], row["start"])
            before = self.held[key][1] if key in self.held else ""
            self.held[key] = (row, max(before, row["end"] or day.isoformat()))
        self.asked.add(day)


def _sessions(run: Run) -> Sequence[dt.date]:
    days = sessions()
    inside = (days >= np.datetime64(run.start)) & (days <= np.datetime64(run.end))
    return [as_date(day) for day in days[inside]]
