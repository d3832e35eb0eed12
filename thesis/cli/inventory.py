"""``thesis data [check]``: what is stored, and how it stands against another source."""

from typing import Annotated

import typer

from thesis.cli.console import is_plain, out_console, parse_day, progress
from thesis.cli.options import AsOf, Strategies

data_app = typer.Typer(
    help="What is stored and what it covers; check: hold it against another source."
)


@data_app.callback(invoke_without_command=True)
def data(
    context: typer.Context,
    codes: Annotated[bool, typer.Option("--codes", help="List every code.")] = False,
    revisions: Annotated[
        bool, typer.Option("--revisions", help="List what sources changed after the fact.")
    ] = False,
) -> None:
    """Show what is stored, what it covers, and what is not as it should be; asks nobody."""
    if context.invoked_subcommand is not None:
        return
    from thesis.inventory import survey_store
    from thesis.reporting.terminal.inventories import inventory_view

    with progress() as tell:
        tell("checking every stored byte")
        found = survey_store()
    console = out_console()
    console.print(inventory_view(found, codes=codes, revisions=revisions, plain=is_plain(console)))


@data_app.command()
def check(
    against: Annotated[
        str,
        typer.Option(
            help="A Parquet or CSV file or a folder of them; or, to ask the network, akshare | "
            "yfinance | sina | a plugin's name."
        ),
    ],
    names: Annotated[
        list[str] | None,
        typer.Argument(
            help="Names or paths of theses, whose codes are compared; every stored code by default."
        ),
    ] = None,
    as_of: AsOf = None,
    strategies: Strategies = None,
) -> None:
    """Hold the store against another source: bar by bar, and by what theses earn."""
    from thesis.cli.theses import load
    from thesis.inventory import check_store
    from thesis.reporting.terminal.inventories import check_view

    theses = [load(name, strategies) for name in names or ()]
    today = parse_day("--as-of", as_of)
    with progress() as tell:
        found = check_store(
            theses,
            against=against,
            as_of=today,
            progress=lambda what, how: tell(f"{what} {how}"),
        )
    console = out_console()
    console.print(check_view(found, plain=is_plain(console)))
    if (error := found.error()) is not None:
        raise error
