"""What a fetch or import brought, as a table and a list of what was odd."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from thesis.market.sources.failure import plain as printable

if TYPE_CHECKING:
    from rich.console import Group

    from thesis.market.fetching import Fetched

#: Words for what came of a code.
OUTCOMES = {
    "new": "new",
    "extended": "extended",
    "revised": "REVISED",
    "same": "nothing new",
    "complete": "complete, not asked",
    "failed": "FAILED",
}


class Brought(Protocol):
    """What a fetch or import brought."""

    @property
    def rows(self) -> "Sequence[Fetched]":
        """A line for each code."""

    @property
    def notes(self) -> Sequence[str]:
        """What concerns no single code."""

    @property
    def home(self) -> Path:
        """The store's folder."""


def supply_view(brought: Brought, *, plain: bool) -> "Group":
    """The table ``code bars first last source problems``, then each problem as a sentence.

    Parameters
    ----------
    plain
        Without rules and colour: piped, or on a narrow terminal.
    """
    from rich.console import Group
    from rich.text import Text

    from thesis.reporting.terminal.grid import rows_table

    rows = [
        (
            row.code,
            OUTCOMES[row.outcome],
            f"{row.bars:,}",
            f"+{row.added:,}" if row.added else "",
            str(row.first or ""),
            str(row.last or ""),
            printable(row.source or ""),
            str(len(row.problems) or ""),
        )
        for row in brought.rows
        if row.outcome != "complete"
    ]
    complete = sum(row.outcome == "complete" for row in brought.rows)
    parts: list[object] = []
    if rows:
        headings = ("code", "outcome", "bars", "added", "first", "last", "source", "problems")
        parts.append(rows_table(headings, rows, plain=plain))
    problems = [problem for row in brought.rows for problem in row.problems]
    remarks = [remark for row in brought.rows for remark in row.remarks]
    told = [*brought.notes, *_together(problems), *_together(remarks)]
    # Sentences quote what hosts and files say.
    parts += [Text(f"- {printable(sentence)}") for sentence in told]
    if complete:
        parts.append(Text(f"{complete} codes were complete and were not asked for."))
    if short := [row for row in brought.rows if row.outcome == "complete" and row.tail]:
        parts.append(
            Text(
                f"{len(short)} of them end on {max(str(row.last) for row in short)} or before, "
                "as they did when asked within the last 12 hours. Fetch again later."
            )
        )
    parts.append(Text(f"The store is {brought.home}."))
    return Group(*parts)  # type: ignore[arg-type]  # rich's renderables have no common type


def _together(sentences: Sequence[str]) -> list[str]:
    """One sentence where several codes have the same."""
    codes: dict[str, list[str]] = {}
    for sentence in sentences:
        code, colon, rest = sentence.partition(": ")
        codes.setdefault(rest if colon else sentence, []).append(code if colon else "")
    return [
        f"{', '.join(dict.fromkeys(who))}: {rest}" if who[0] else rest
        for rest, who in codes.items()
    ]
