"""``thesis doctor``: what is wrong on this machine, and what to do about it."""

from typing import Annotated

import typer

from thesis.cli.console import is_plain, out_console, progress
from thesis.errors import PricesError

Network = Annotated[
    bool, typer.Option("--network", help="Ask each host one small question; else none is asked.")
]
Mend = Annotated[
    bool, typer.Option("--mend", help="Put right what is wrong in the store; no bar is deleted.")
]


def doctor(network: Network = False, mend: Mend = False) -> None:
    """Look at versions, calendar, rules, sources, the store and, if asked, the hosts."""
    from thesis.diagnosis import examine
    from thesis.reporting.terminal.diagnoses import diagnosis_view

    with progress() as tell:
        found = examine(network, mend, tell=tell)
    console = out_console()
    console.print(diagnosis_view(found, plain=is_plain(console)))
    if found.is_grave:
        raise typer.Exit(PricesError.exit_code)
