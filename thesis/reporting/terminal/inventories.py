"""What is stored and what it covers, and how it stands against another source; for the terminal."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Group as Lines

    from thesis.market.coverage import Coverage, Group, Stored
    from thesis.market.reconcile import Difference, Reconciliation
    from thesis.market.storage.survey import Finding
    from thesis.scoring.agreement import Agreement, TwoReadings

#: So many differences of a kind are told of each code; the table counts them all.
FEW = 3


class Inventory(Protocol):
    """What is stored, and what it covers."""

    @property
    def home(self) -> Path:
        """The store's folder."""

    @property
    def stored(self) -> "Sequence[Stored]":
        """A code each."""

    @property
    def groups(self) -> "Sequence[Group]":
        """The same by group of codes."""

    @property
    def coverage(self) -> "Sequence[Coverage]":
        """A thesis each."""

    @property
    def findings(self) -> "Sequence[Finding]":
        """What is not as it should be."""

    @property
    def today(self) -> dt.date:
        """The day ages count from."""


class StoreCheck(Protocol):
    """The store held against another source."""

    @property
    def against(self) -> str:
        """The other side."""

    @property
    def rows(self) -> "Sequence[Reconciliation]":
        """A code each."""

    @property
    def absent(self) -> Mapping[str, str]:
        """Codes that were not compared, and why."""

    @property
    def sources(self) -> Mapping[str, str]:
        """Who the other side's bars are from."""

    @property
    def agreements(self) -> "Sequence[Agreement]":
        """A thesis each."""


def inventory_view(
    found: Inventory, *, codes: bool = False, revisions: bool = False, plain: bool
) -> "Lines":
    """What is stored by group, what it covers, and what is not as it should be.

    Parameters
    ----------
    codes
        A line for every code too.
    revisions
        A sentence for every recorded revision too.
    plain
        Without rules and colour: piped, or on a narrow terminal.
    """
    from rich.console import Group as Lines
    from rich.text import Text

    from thesis.reporting.terminal.grid import rows_table

    parts: list[object] = []
    if found.stored:
        parts.append(rows_table(_GROUP, map(_group, found.groups), plain=plain))
        parts.append(rows_table(_COVERAGE, map(_coverage, found.coverage), plain=plain))
    else:
        parts.append(Text(f"Nothing is stored in {found.home} yet."))
        parts.append(Text("thesis fetch media_ai fetches what that thesis needs."))
    if codes and found.stored:
        rows = (_code(one, found.today) for one in found.stored)
        parts.append(rows_table(_CODE, rows, plain=plain))
    if revisions:
        said = [
            f"- {one.code}: {revision} (recorded {revision.recorded_at.date()})"
            for one in found.stored
            for revision in one.revisions
        ]
        parts += map(Text, said or ["No stored value has been revised."])
    parts += [Text(f"- {finding}") for finding in found.findings]
    if found.findings:
        parts.append(Text("Nothing was mended."))
    if found.stored:
        parts.append(Text(f"The store is {found.home}."))
    return Lines(*parts)  # type: ignore[arg-type]  # rich's renderables have no common type


def check_view(found: StoreCheck, *, plain: bool) -> "Lines":
    """The table of codes, the first differences as sentences, then the theses."""
    from rich.console import Group as Lines
    from rich.text import Text

    from thesis.reporting.terminal.grid import rows_table

    parts: list[object] = []
    if found.rows:
        parts.append(rows_table(_ROW, map(_row, found.rows), plain=plain))
    for row in found.rows:
        parts += [Text(f"- {sentence}") for sentence in _differences(row, found.against)]
    parts += [Text(f"- {code} was not compared: {why}") for code, why in found.absent.items()]
    for each in found.agreements:
        parts += [Text(sentence) for sentence in _agreement(each, found.against)]
    names = dict.fromkeys(found.sources.values())
    if names:
        parts.append(Text(f"here: the store. there: {found.against} ({', '.join(names)})."))
    return Lines(*parts)  # type: ignore[arg-type]  # rich's renderables have no common type


_GROUP = ("group", "codes", "first", "last", "checked", "revisions", "sources")
_COVERAGE = ("thesis", "names", "indices", "needs bars from", "to", "state")
_CODE = ("code", "bars", "first", "last", "source", "factors", "age", "revised", "asked for")
_ROW = (
    "code", "sessions", "closes off", "volume off", "factor steps off", "missing here",
    "missing there",
)  # fmt: skip


def _group(group: "Group") -> tuple[str, ...]:
    early = f" ({group.ends_early} end before)" if group.ends_early else ""
    return (
        group.name,
        f"{group.codes:,}",
        str(group.first),
        f"{group.last}{early}",
        _ago(group.age, group.codes),
        str(group.revisions or ""),
        ", ".join(group.sources),
    )


def _ago(days: int, codes: int) -> str:
    """When the code that was checked longest ago was checked."""
    text = "today" if days <= 0 else f"{days} day{'s' if days > 1 else ''} ago"
    return f"up to {text}" if days > 0 and codes > 1 else text


def _coverage(each: "Coverage") -> tuple[str, ...]:
    return (
        each.thesis,
        f"{each.stored_names}/{each.names}" if each.names else "none",
        f"{each.stored_indices}/{each.indices}",
        str(each.start or ""),
        str(each.end or ""),
        "; ".join([*each.faults, *([each.pending] if each.pending else [])]) or "ready",
    )


def _code(one: "Stored", today: dt.date) -> tuple[str, ...]:
    return (
        one.code,
        f"{one.bars:,}",
        str(one.first),
        str(one.last),
        ", ".join(one.sources),
        one.factor_source or "",
        f"{max(one.age(today), 0)} d",
        str(len(one.revisions) or ""),
        ", ".join(f"{first}..{last}" for first, last in one.asked),
    )


def _row(row: "Reconciliation") -> tuple[str, ...]:
    counts = map(len, (row.closes, row.volumes, row.steps, row.missing_here, row.missing_there))
    return (row.code, f"{row.sessions:,}", *(f"{count:,}" if count else "" for count in counts))


def _differences(row: "Reconciliation", against: str) -> Iterator[str]:
    if not row.sessions:
        yield f"{row.code}: the store and {against} have no session in common"
    for what, found, unit in (
        ("close", row.closes, ".10g"),
        ("volume", row.volumes, ",.0f"),
        ("factor step", row.steps, ".6f"),
    ):
        for each in found[:FEW]:
            yield (
                f"{row.code}: {what} on {each.date} is {_said(each.here, unit)} in the store and "
                f"{_said(each.there, unit)} in {against}"
            )
        yield from _more(row.code, what, found)
    if row.volumes:
        yield (
            f"{row.code}: the median volume in {against} is {row.volume_ratio:.4g} times the "
            "store's"
        )
    for days, has, lacks in (
        (row.missing_here, against, "the store"),
        (row.missing_there, "the store", against),
    ):
        for day in days[:FEW]:
            yield f"{row.code}: {has} has a bar on {day}, {lacks} has none"
        yield from _more(row.code, "missing bar", days)


def _said(value: float | None, unit: str) -> str:
    return "none" if value is None else format(value, unit)


def _more(code: str, what: str, found: "Sequence[Difference] | Sequence[dt.date]") -> Iterable[str]:
    left = len(found) - FEW
    return [f"{code}: {what}: {left:,} more such sessions"] if left > 0 else []


def _agreement(each: "Agreement", against: str) -> Iterator[str]:
    legs = ", ".join(map(_leg, each.legs))
    if each.fragile:
        yield f"{each.thesis} is data-fragile: the store and {against} earn {legs}."
    elif each.pending and not each.legs:
        yield f"{each.thesis}: its window is still open on both sides."
    elif each.apart:
        yield (
            f"{each.thesis}: the same ratings on both sides, {_apart(each.apart)} points apart: "
            f"{legs}."
        )
    elif each.legs and not each.reason:
        yield f"{each.thesis}: the same on both sides: {legs}."
    if each.reason and not each.pending:
        yield f"{each.thesis} could not be compared: {each.reason}"
    if each.stand_ins:
        levels = ", ".join(each.stand_ins)
        yield f"  {against} has no {levels}; the store's own levels stood in."


def _apart(excess: float) -> str:
    points = excess * 100
    return f"{points:.2f}" if points >= 0.01 else "less than 0.01"


def _leg(leg: "TwoReadings") -> str:
    if leg.here is None or leg.there is None:
        return f"{leg.leg} known on one side alone"
    here, there = (
        f"{reading.excess * 100:+.2f} {reading.rating.replace('_', ' ').capitalize()}"
        for reading in (leg.here, leg.there)
    )
    return f"{leg.leg} {here} and {there}" if leg.apart else f"{leg.leg} {here}"
