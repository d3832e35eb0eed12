"""Which names were under special treatment (ST), and when, from the changes of their names.

Shenzhen alone publishes dated changes. Of Shanghai and Beijing names the past is unknown: they are
not covered, which is not the same as never ST.
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from thesis.market.reference.exchange_lists import SHENZHEN
from thesis.market.reference.rows import (
    Row,
    changed,
    day_text,
    need_columns,
    plain_name,
    stock_code,
)
from thesis.market.sources.wire import ask

NAME = "szse"
COLUMNS = ("code", "start", "end", "kind", "source")
COVERAGE_COLUMNS = ("code", "covered_from", "covered_to", "source")

_WHAT = "name changes"
_DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class NameChange:
    """A name that gave way to another, from a day on."""

    code: str
    day: dt.date
    before: str
    after: str


def st_kind(name: str) -> str:
    """What a name says of its state: ``ST``, ``*ST``, ``delisting`` or nothing.

    Examples
    --------
    >>> [st_kind(name) for name in ("*ＳＴ国华", "S*ST聚友", "SST中纺", "华泽退", "三特索道")]
    ['*ST', '*ST', 'ST', 'delisting', '']
    """
    plain = unicodedata.normalize("NFKC", plain_name(name)).upper()
    if plain.startswith("退市") or plain.endswith("退"):
        return "delisting"
    mark = re.match(r"[SG]?(\*?)ST", plain)
    return f"{mark[1]}ST" if mark else ""


def name_changes() -> tuple[NameChange, ...]:
    """Every change of a Shenzhen A-share's short name, in date order.

    Raises
    ------
    SourceError
        If the exchange does not deliver the table, or in another form.
    """
    failure = changed(NAME, _WHAT, SHENZHEN.host)
    columns = ("证券代码", "变更日期", "变更前简称", "变更后简称")

    def question() -> Any:
        import akshare as ak

        frame = ak.stock_info_sz_change_name(symbol="简称变更")
        need_columns(frame, columns, failure)
        return frame

    frame = ask(SHENZHEN, NAME, _WHAT, question)
    changes = []
    for digits, day, before, after in zip(*(frame[name] for name in columns), strict=True):
        code = stock_code(digits)
        if code is not None and (text := day_text(day)):
            changes.append(
                NameChange(code, dt.date.fromisoformat(text), plain_name(before), plain_name(after))
            )
    if not changes:
        raise failure("it has no change of an A-share's name")
    return tuple(sorted(changes, key=lambda change: (change.day, change.code)))


def st_history(
    changes: Sequence[NameChange], listings: Iterable[Row], asked: dt.date
) -> tuple[list[Row], list[Row]]:
    """Spans under special treatment, and the codes of which they are known.

    Parameters
    ----------
    changes
        Of `name_changes`.
    listings
        Of `thesis.market.reference.exchange_lists.listings`.
    asked
        The day both were fetched.

    Returns
    -------
    history
        Rows of `COLUMNS`: first and last day of a state, both included; `end` is empty while it
        lasts. ``kind`` is ``ST``, ``*ST`` or ``delisting`` (退市整理期).
    coverage
        Rows of `COVERAGE_COLUMNS`: Shenzhen names from their first day, or that of the table, to
        the day asked or their last. A name whose printed state is not the one its changes end in
        is left out: a change is missing.
    """
    by_code: dict[str, list[NameChange]] = {}
    for change in sorted(changes, key=lambda change: change.day):
        by_code.setdefault(change.code, []).append(change)
    opened = changes[0].day if changes else asked
    history: list[Row] = []
    coverage: list[Row] = []
    for listing in listings:
        code, mine = listing["code"], by_code.get(listing["code"], [])
        ends_in = mine[-1].after if mine else ""
        if not code.endswith(".SZ") or st_kind(ends_in) != st_kind(listing["name"]):
            continue
        first = max(listing["list_date"], opened.isoformat())
        last = listing["delist_date"]
        coverage.append(
            {
                "code": code,
                "covered_from": first,
                "covered_to": last or asked.isoformat(),
                "source": f"{NAME} name changes, {asked}",
            }
        )
        history += [
            {"code": code, "start": start, "end": end, "kind": kind, "source": NAME}
            for start, end, kind in _spans(mine, first, last)
        ]
    return history, coverage


def _spans(changes: Sequence[NameChange], first: str, last: str) -> list[tuple[str, str, str]]:
    """States of a name as (first day, last day, kind), joined while the kind stays."""
    states = {first: st_kind(changes[0].before)} if changes else {}
    # Of several changes on one day the last holds.
    states |= {change.day.isoformat(): st_kind(change.after) for change in changes}
    turns: list[tuple[str, str]] = []
    for start, kind in sorted(states.items()):
        if not turns or turns[-1][1] != kind:
            turns.append((start, kind))
    ends = [(dt.date.fromisoformat(start) - _DAY).isoformat() for start, _ in turns[1:]]
    return [
        (start, end, kind) for (start, kind), end in zip(turns, [*ends, last], strict=False) if kind
    ]
