"""``thesis fetch | import | data | doctor``: the price store."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thesis.cli.console import is_plain, out_console, parse_day
from thesis.cli.options import Strategies
from thesis.errors import PricesError

if TYPE_CHECKING:
    from thesis.supply import Progress, Supply

Since = Annotated[str | None, typer.Option("--start", help="First day wanted, as 2022-08-01.")]
Until = Annotated[
    str | None, typer.Option("--end", help="Last day wanted. Default: the last complete session.")
]
From = Annotated[str, typer.Option("--source", help="auto | akshare | yfinance | a plugin's name.")]


def fetch(
    names: Annotated[list[str], typer.Argument(help="Names or paths of theses; all: the bundled.")],
    source: From = "auto",
    start: Since = None,
    end: Until = None,
    again: Annotated[
        bool, typer.Option("--again", help="Ask for all of it, also what is stored.")
    ] = False,
    strategies: Strategies = None,
) -> None:
    """Fetch real prices for theses into the store; asks the network."""
    from thesis.research.catalog import Catalog
    from thesis.supply import fetch as fetch_prices

    catalog = Catalog.default(strategies)
    wanted = catalog.bundled() if names == ["all"] else names
    since, until = parse_day("--start", start), parse_day("--end", end)
    with _bar() as tell:
        brought = fetch_prices(
            wanted,
            source=source,
            start=since,
            end=until,
            again=again,
            strategies=strategies,
            progress=tell,
        )
    _show(brought)
    if brought.failed:
        raise PricesError(
            f"{len(brought.failed)} of {len(brought.rows)} codes could not be fetched: "
            f"{', '.join(brought.failed)}. {_stored(brought)}the same command asks for them again"
        )


def import_bars(
    path: Annotated[Path, typer.Argument(help="A Parquet or CSV file, or a folder of them.")],
    code: Annotated[
        list[str] | None, typer.Option("--code", help="Import this code alone; repeatable.")
    ] = None,
) -> None:
    """Put bars of your own files into the store."""
    from thesis.research.security import parse_security
    from thesis.supply import import_bars as import_files

    brought = import_files(path, [parse_security(one).code for one in code] if code else None)
    _show(brought)
    lost = len(brought.failed) + brought.refused
    if lost:
        raise PricesError(f"{lost} codes of {path} were not imported; the reasons stand above")


def _stored(brought: "Supply") -> str:
    came = sum(row.outcome not in ("failed", "complete") for row in brought.rows)
    return f"The {came} that came are stored; " if came else "Nothing came; "


def _show(brought: "Supply") -> None:
    from thesis.reporting.terminal.supplies import supply_view

    console = out_console()
    console.print(supply_view(brought, plain=is_plain(console)))


@contextmanager
def _bar() -> "Iterator[Progress]":
    """A bar on stderr that names code and source; a line a code where nobody watches."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda code, what, number, count: None
        return
    columns = (
        TextColumn("{task.description:<34}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task("starting", total=None)

        def tell(code: str, what: str, number: int, count: int) -> None:
            progress.update(
                task,
                description=f"{code} {what}".strip(),
                completed=max(number - 1, 0),
                total=count or None,
            )

        yield tell
