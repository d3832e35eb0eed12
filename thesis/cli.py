"""The command line: ``thesis list | show | check | new | backtest | compare``.

Only this module prints. Answers go to stdout, everything else to stderr. Heavy rooms are imported
by the commands that need them, so that ``thesis list`` starts at once.
"""

import datetime as dt
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thesis.errors import ThesisError, ThesisFileError, UsageError

if TYPE_CHECKING:
    from rich.console import Console

    from thesis.reporting.backtest import Backtest
    from thesis.research.catalog import Entry
    from thesis.research.thesis import Thesis

WIDTH = 100

app = typer.Typer(
    name="thesis",
    help="What was a sell-side sector call worth?",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Strategies = Annotated[
    Path | None, typer.Option("--strategies", help="Folder of thesis files that goes first.")
]
Prices = Annotated[
    str | None,
    typer.Option(
        help="store | sample | a Parquet or CSV file | a folder of them. Default: the store if it "
        "has the codes, else the simulated sample."
    ),
]
EntryPrice = Annotated[str, typer.Option(help="Price bought on the entry session: open | close.")]
Delay = Annotated[int, typer.Option(help="Enter so many sessions later; windows do not move.")]
Weights = Annotated[str, typer.Option(help="equal | segment.")]
Basis = Annotated[str, typer.Option(help="total (dividends reinvested) | price.")]
Costs = Annotated[str, typer.Option(help="a-share | none.")]
Capital = Annotated[float, typer.Option(help="CNY.")]
AsOf = Annotated[
    str | None, typer.Option(help="Today, as 2025-06-30: nothing after it is looked at.")
]
JsonTo = Annotated[
    str | None, typer.Option("--json", help="Write the result as JSON to a file; - for stdout.")
]
CsvTo = Annotated[Path | None, typer.Option("--csv", help="Write the tables as CSV to a folder.")]


def main() -> None:
    """Run the command line; errors become sentences and exit codes."""
    _utf8_out()
    try:
        app()
    except ThesisError as error:
        for line in str(error).splitlines():
            print(f"thesis: {line}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:  # `thesis show media_ai | head` closed its end
        sys.stderr.close()
        sys.exit(0)
    except OSError as error:  # a folder that may not be read, a disk that is full
        place = f"{error.filename}: " if error.filename else ""
        print(f"thesis: {place}{error.strerror or error}", file=sys.stderr)
        sys.exit(UsageError.exit_code)


@app.callback(invoke_without_command=True)
def _root(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    if version:
        import thesis

        print(thesis.__version__)
        raise typer.Exit


@app.command("list")
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
    from thesis.reporting.cards import rows_table

    console = _console()
    headings = ("thesis", "claimed", "published", "names", "from", "title")
    console.print(rows_table(headings, rows, plain=_is_plain(console)))
    if faults:
        raise ThesisFileError("\n".join(faults))


@app.command()
def show(name: str, strategies: Strategies = None) -> None:
    """Show a thesis: the claim, the names, and the publisher's own words."""
    from thesis.reporting.cards import thesis_view

    _console().print(thesis_view(_load(name, strategies)))


@app.command()
def check(
    names: Annotated[list[str], typer.Argument(help="Names or paths of theses.")],
    strategies: Strategies = None,
    entry: EntryPrice = "open",
    delay: Delay = 0,
) -> None:
    """Check thesis files, and say when they enter and end."""
    from thesis.api import check as check_thesis
    from thesis.reporting.cards import checked_words, open_points
    from thesis.trading.strategy import Strategy

    strategy = Strategy(entry=entry, delay=delay)  # type: ignore[arg-type]  # it checks the word
    faults: list[str] = []
    for name in names:
        try:
            thesis = _load(name, strategies)
        except ThesisError as error:
            faults += str(error).splitlines()
            continue
        when = check_thesis(thesis, strategy)
        print(f"{thesis.id}: ok. {checked_words(thesis, when)}")
        for note in open_points(thesis):
            print(f"  note: {note}")
    if faults:
        raise ThesisFileError("\n".join(faults))


@app.command()
def new(
    name: str,
    folder: Annotated[Path, typer.Option(help="Where to put it.")] = Path("strategies"),
) -> None:
    """Write a commented thesis file of your own."""
    from thesis.research.scaffold import scaffold

    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=8))).date()
    path = scaffold(name, folder, today)
    print(f"{path} written. Edit it, then: thesis check {path}")


@app.command()
def backtest(
    name: str,
    prices: Prices = None,
    entry: EntryPrice = "open",
    delay: Delay = 0,
    weights: Weights = "equal",
    basis: Basis = "total",
    costs: Costs = "a-share",
    capital: Capital = 10_000_000.0,
    as_of: AsOf = None,
    json_to: JsonTo = None,
    csv_to: CsvTo = None,
    strategies: Strategies = None,
) -> None:
    """Backtest a thesis and judge its claim."""
    thesis = _load(name, strategies)
    day = _day(as_of)
    _writable(json_to, csv_to)
    with _progress() as tell:
        tell("loading the engine")
        from thesis.api import backtest as run_backtest

        tell(f"backtesting {thesis.id}")
        result = run_backtest(
            thesis, prices, basis=basis, as_of=day, command=_command(),  # type: ignore[arg-type]
            entry=entry, delay=delay, weights=weights, costs=costs, capital=capital,
        )  # fmt: skip
    _deliver(result, json_to, csv_to)
    primary = result.verdict.primary
    if primary is not None and primary.earned is None and not result.score.open_window:
        print(f"thesis: {thesis.id} is not scorable: {primary.reason}", file=sys.stderr)
        raise typer.Exit(5)


@app.command()
def compare(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names or paths; all bundled theses by default.")
    ] = None,
    prices: Prices = None,
    entry: EntryPrice = "open",
    delay: Delay = 0,
    weights: Weights = "equal",
    basis: Basis = "total",
    costs: Costs = "a-share",
    capital: Capital = 10_000_000.0,
    as_of: AsOf = None,
    json_to: JsonTo = None,
    csv_to: CsvTo = None,
    strategies: Strategies = None,
) -> None:
    """Backtest several theses, one row each."""
    from thesis.research.catalog import Catalog

    catalog = Catalog.default(strategies)
    theses = [_load(name, strategies) for name in names or catalog.bundled()]
    day = _day(as_of)
    _writable(json_to, csv_to)
    with _progress(len(theses)) as tell:
        tell("loading the engine")
        from thesis.api import compare as run_compare

        result = run_compare(
            theses, prices, progress=tell, basis=basis, as_of=day, command=_command(),
            entry=entry, delay=delay, weights=weights, costs=costs, capital=capital,
        )  # fmt: skip
    if json_to is not None:
        _write_json(result.to_json(), json_to)
    if csv_to is not None:
        _say_written(result.to_csv(csv_to))
    if json_to != "-":
        from thesis.reporting.tables import comparison_view

        console = _console()
        console.print(comparison_view(result, plain=_is_plain(console)))
    if result.failures:
        raise typer.Exit(max(failure.exit_code for failure in result.failures))


def _load(name: str, strategies: Path | None) -> "Thesis":
    from thesis.research.catalog import Catalog
    from thesis.research.thesis_file import read_thesis

    entry = Catalog.default(strategies).find(name)
    _say_hidden(entry)
    return read_thesis(entry.path)


def _say_hidden(entry: "Entry") -> None:
    for hidden in entry.hides:
        print(f"thesis: {entry.name} is {entry.path} and hides {hidden}", file=sys.stderr)


def _deliver(result: "Backtest", json_to: str | None, csv_to: Path | None) -> None:
    if json_to is not None:
        _write_json(result.to_json(), json_to)
    if csv_to is not None:
        _say_written(result.to_csv(csv_to))
    if json_to == "-":
        return
    from thesis.reporting.tables import backtest_view

    console = _console()
    console.print(backtest_view(result, plain=_is_plain(console)))


def _write_json(text: str, json_to: str) -> None:
    if json_to == "-":
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8")  # JSON is UTF-8 whatever the console is
        print(text)
        return
    from thesis.reporting.backtest import write_text

    write_text(Path(json_to), text + "\n")
    _say_written([Path(json_to)])


def _say_written(paths: Sequence[Path]) -> None:
    for path in paths:
        print(f"thesis: wrote {path}", file=sys.stderr)


def _writable(json_to: str | None, csv_to: Path | None) -> None:
    """Say before the work, not after, that an output cannot be written."""
    if json_to not in (None, "-"):
        path = Path(str(json_to))
        if path.is_dir() or not path.parent.is_dir():
            rule = "it is a folder" if path.is_dir() else f"there is no folder {path.parent}"
            raise UsageError(f"--json {path}: {rule}; give a file in a folder that exists")
    if csv_to is not None and csv_to.exists() and not csv_to.is_dir():
        raise UsageError(f"--csv {csv_to}: it is a file; give a folder")


def _day(text: str | None) -> dt.date | None:
    if text is None:
        return None
    try:
        return dt.date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--as-of {text}: it is no date; write 2025-06-30") from None


def _command() -> str:
    return " ".join(["thesis", *sys.argv[1:]])


def _console() -> "Console":
    from rich.console import Console

    console = Console(highlight=False, soft_wrap=False)
    console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
    return console


def _is_plain(console: "Console") -> bool:
    """Without rules: piped, or on a terminal too narrow for them."""
    return not console.is_terminal or console.width < WIDTH


@contextmanager
def _progress(total: int | None = None) -> Iterator[Callable[[str], None]]:
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


def _utf8_out() -> None:
    """Chinese names print on any console: characters it lacks are replaced, not fatal."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")


if __name__ == "__main__":
    main()
