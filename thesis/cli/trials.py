"""``thesis backtest | compare``: theses on prices."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from thesis.cli.console import (
    command,
    is_plain,
    out_console,
    parse_day,
    progress,
    say_written,
    writable,
    write_json,
)
from thesis.cli.options import (
    AsOf,
    Basis,
    Capital,
    Costs,
    CsvTo,
    Delay,
    EntryPrice,
    JsonTo,
    Prices,
    Strategies,
    Weights,
)
from thesis.cli.theses import load

if TYPE_CHECKING:
    from thesis.reporting.backtest import Backtest


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
    thesis = load(name, strategies)
    today = parse_day("--as-of", as_of)
    writable(json_to, csv_to)
    with progress() as tell:
        tell("loading the engine")
        from thesis.api import backtest as run_backtest

        tell(f"backtesting {thesis.id}")
        result = run_backtest(
            thesis, prices, basis=basis, as_of=today, command=command(),  # type: ignore[arg-type]
            entry=entry, delay=delay, weights=weights, costs=costs, capital=capital,
        )  # fmt: skip
    _deliver(result, json_to, csv_to)
    primary = result.verdict.primary
    if primary is not None and primary.earned is None and not result.score.open_window:
        print(f"thesis: {thesis.id} is not scorable: {primary.reason}", file=sys.stderr)
        raise typer.Exit(5)


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
    theses = [load(name, strategies) for name in names or catalog.bundled()]
    today = parse_day("--as-of", as_of)
    writable(json_to, csv_to)
    with progress(len(theses)) as tell:
        tell("loading the engine")
        from thesis.api import compare as run_compare

        result = run_compare(
            theses, prices, progress=tell, basis=basis, as_of=today, command=command(),
            entry=entry, delay=delay, weights=weights, costs=costs, capital=capital,
        )  # fmt: skip
    if json_to is not None:
        write_json(result.to_json(), json_to)
    if csv_to is not None:
        say_written(result.to_csv(csv_to))
    if json_to != "-":
        from thesis.reporting.tables import comparison_view

        out = out_console()
        out.print(comparison_view(result, plain=is_plain(out)))
    if result.failures:
        raise typer.Exit(max(failure.exit_code for failure in result.failures))


def _deliver(result: "Backtest", json_to: str | None, csv_to: Path | None) -> None:
    if json_to is not None:
        write_json(result.to_json(), json_to)
    if csv_to is not None:
        say_written(result.to_csv(csv_to))
    if json_to == "-":
        return
    from thesis.reporting.tables import backtest_view

    out = out_console()
    out.print(backtest_view(result, plain=is_plain(out)))
