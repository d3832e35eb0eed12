"""``thesis list | show | check | new``: theses, without prices."""

import datetime as dt
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thesis.cli.console import is_plain, out_console
from thesis.cli.options import Delay, EntryPrice, Strategies
from thesis.errors import ThesisError, ThesisFileError

if TYPE_CHECKING:
    from thesis.research.catalog import Entry
    from thesis.research.thesis import Thesis


def list_theses(strategies: Strategies = None) -> None:
    """List the theses that can be found by name."""
    from thesis.research.catalog import Catalog
    from thesis.research.thesis_file import read_thesis

    rows, faults = [], []
    for entry in Catalog.default(strategies).entries():
        _say_hidden(entry)
        try:
            thesis = read_thesis(entry.path)
        except ThesisError as error:
            faults.append(str(error))
            continue
        rows.append(
            (
                entry.name,
                thesis.band.name,
                str(thesis.published_day),
                str(len(thesis.codes) or "sector call"),
                entry.origin,
                thesis.title,
            )
        )
    from thesis.reporting.terminal.grid import rows_table

    out = out_console()
    headings = ("thesis", "claimed", "published", "names", "from", "title")
    out.print(rows_table(headings, rows, plain=is_plain(out)))
    if faults:
        raise ThesisFileError("\n".join(faults))


def show(name: str, strategies: Strategies = None) -> None:
    """Show a thesis: the claim, the names, and the publisher's own words."""
    from thesis.reporting.terminal.cards import thesis_view

    out_console().print(thesis_view(load(name, strategies)))


def check(
    names: Annotated[list[str], typer.Argument(help="Names or paths of theses.")],
    strategies: Strategies = None,
    entry: EntryPrice = "open",
    delay: Delay = 0,
) -> None:
    """Check thesis files, and say when they enter and end."""
    from thesis.api import check as check_thesis
    from thesis.reporting.words.claims import checked_words, open_points
    from thesis.trading.strategy import Strategy

    strategy = Strategy(entry=entry, delay=delay)  # type: ignore[arg-type]  # it checks the word
    faults: list[str] = []
    for name in names:
        try:
            thesis = load(name, strategies)
        except ThesisError as error:
            faults += str(error).splitlines()
            continue
        when = check_thesis(thesis, strategy)
        print(f"{thesis.id}: ok. {checked_words(thesis, when)}")
        for note in open_points(thesis, when):
            print(f"  note: {note}")
    if faults:
        raise ThesisFileError("\n".join(faults))


def new(
    name: str,
    folder: Annotated[Path, typer.Option(help="Where to put it.")] = Path("strategies"),
) -> None:
    """Write a commented thesis file of your own."""
    from thesis.research.scaffold import scaffold

    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()
    path = scaffold(name, folder, today)
    print(f"{path} written. Edit it, then: thesis check {path}")


def load(name: str, strategies: Path | None) -> "Thesis":
    """The thesis of a name or path; hiding one by another is said."""
    from thesis.research.catalog import Catalog
    from thesis.research.thesis_file import read_thesis

    entry = Catalog.default(strategies).find(name)
    _say_hidden(entry)
    return read_thesis(entry.path)


def _say_hidden(entry: "Entry") -> None:
    for hidden in entry.hides:
        print(f"thesis: {entry.name} is {entry.path} and hides {hidden}", file=sys.stderr)
