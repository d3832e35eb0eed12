"""``thesis backtest | compare``: theses on prices."""

from typing import Annotated

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
from thesis.cli.options import EvidenceOptions, Prices, RunOptions, StrategyOptions, spread
from thesis.cli.runs import examined, refuse_unscorable, scored, write_files
from thesis.cli.theses import load

Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Everything that was found, in full.")
]


@spread
def backtest(
    name: str,
    prices: Prices = None,
    verbose: Verbose = False,
    evidence: Annotated[
        bool,
        typer.Option(help="Weigh the verdict too: base rate, placebo, fragility."),
    ] = True,
    *,
    how: StrategyOptions,
    what: RunOptions,
    luck: EvidenceOptions,
) -> None:
    """Backtest a thesis and judge its claim."""
    result = (
        examined(name, prices, how, what, luck) if evidence else scored(name, prices, how, what)
    )
    if write_files(result, what):
        from thesis.reporting.terminal.tables import backtest_view

        out = out_console()
        out.print(backtest_view(result, plain=is_plain(out), verbose=verbose))
    refuse_unscorable(result)


@spread
def compare(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names or paths; all bundled theses by default.")
    ] = None,
    prices: Prices = None,
    verbose: Verbose = False,
    *,
    how: StrategyOptions,
    what: RunOptions,
) -> None:
    """Backtest several theses, one row each."""
    from thesis.research.catalog import Catalog

    catalog = Catalog.default(what.strategies)
    theses = [load(name, what.strategies) for name in names or catalog.bundled()]
    today = parse_day("--as-of", what.as_of)
    writable(what.json_to, what.csv_to)
    with progress(len(theses)) as tell:
        tell("loading the engine")
        from thesis.api import compare as run_compare

        result = run_compare(
            theses, prices, progress=tell, basis=what.basis, as_of=today, command=command(),
            **how.by_name(),
        )  # fmt: skip
    if what.json_to is not None:
        write_json(result.to_json(), what.json_to)
    if what.csv_to is not None:
        say_written(result.to_csv(what.csv_to))
    if what.json_to != "-":
        from thesis.reporting.terminal.comparison import comparison_view

        out = out_console()
        out.print(comparison_view(result, plain=is_plain(out), verbose=verbose))
    if result.failures:
        raise typer.Exit(max(failure.exit_code for failure in result.failures))
