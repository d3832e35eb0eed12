"""What a fetch brought, as it reaches a terminal."""

from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from thesis.market.fetching import Fetched
from thesis.reporting.terminal.supplies import supply_view


@dataclass
class Brought:
    rows: tuple[Fetched, ...]
    notes: tuple[str, ...] = ()
    home: Path = Path("store")


def test_nothing_a_host_or_file_says_is_obeyed_by_the_terminal():
    row = Fetched("300308.SZ", "new", source="a\x1b]0;x\x07.csv", problems=("300308.SZ: \x1b[2J",))
    console = Console(width=200, force_terminal=False)

    with console.capture() as caught:
        console.print(supply_view(Brought((row,), ("\x9b1Anote",)), plain=True))

    text = caught.get()
    assert "a ]0;x .csv" in text
    assert "300308.SZ:  [2J" in text
    assert " 1Anote" in text
    assert all(c.isprintable() for c in text.replace("\n", ""))
