"""Printing: answers go to stdout, everything else to stderr; plain where nobody watches."""

import datetime as dt
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from thesis.errors import UsageError

if TYPE_CHECKING:
    from rich.console import Console

WIDTH = 100


def out_console() -> "Console":
    """The console answers are printed on."""
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    return console


def is_plain(console: "Console") -> bool:
    """Without rules: piped, or on a terminal too narrow for them."""
    return not console.is_terminal or console.width < WIDTH


@contextmanager
def progress(total: int | None = None) -> Iterator[Callable[[str], None]]:
    """A spinner or bar on stderr while a person waits; nothing when piped."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with Progress(console=console, transient=True) as progress:
        task = progress.add_task("", total=total)
        started = False

        def tell(text: str) -> None:
            nonlocal started
            progress.update(task, description=text, advance=1 if started and total else 0)
            started = True

        yield tell


def write_json(text: str, json_to: str) -> None:
    """Write a result to a file, or alone to stdout."""
    if json_to == "-":
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # JSON is UTF-8 whatever the console is
        print(text)
        return
    from thesis.reporting.documents.files import write_text

    write_text(Path(json_to), text + "\n")
    say_written([Path(json_to)])


def say_written(paths: Sequence[Path]) -> None:
    """Name the files that were written."""
    for path in paths:
        print(f"thesis: wrote {path}", file=sys.stderr)


def writable(json_to: str | None, csv_to: Path | None) -> None:
    """Say before the work, not after, that an output cannot be written."""
    if json_to not in (None, "-"):
        path = Path(str(json_to))
        if path.is_dir() or not path.parent.is_dir():
            rule = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
            raise UsageError(f"--json {path}: {rule}; give a file in a folder that exists")
    if csv_to is not None and csv_to.exists() and not csv_to.is_dir():
        raise UsageError(f"--csv {csv_to}: it is a file; give a folder")


def command() -> str:
    """The command line as it was typed, for a result's provenance."""
    return " ".join(["thesis", *sys.argv[1:]])


def parse_day(option: str, text: str | None) -> dt.date | None:
    """A day given to an option."""
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: it is no date; write 2025-06-30") from None
