"""``thesis backtest | compare``: theses on prices."""

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
from thesis.cli.luck import examined, refuse_unscorable
from thesis.cli.options import EvidenceOptions, Prices, RunOptions, StrategyOptions, spread
from thesis.cli.theses import load

if TYPE_CHECKING:
    from thesis.reporting.backtest import Backtest


@spread
def backtest(
    name: str,
    prices: Prices = None,
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
    if evidence:
        result = examined(name, prices, how, what, luck)
    else:
        thesis = load(name, what.strategies)
        today = parse_day("--as-of", what.as_of)
        writable(what.json_to, what.csv_to)
        with progress() as tell:
            tell("loading the engine")
            from thesis.api import backtest as run_backtest

            tell(f"backtesting {thesis.id}")
            result = run_backtest(
                thesis, prices, basis=what.basis, as_of=today, command=command(),  # type: ignore[arg-type]
                **how.by_name(),
            )  # fmt: skip
    _deliver(result, what.json_to, what.csv_to)
    refuse_unscorable(result)


@spread
def compare(
    names: Annotated[
        list[str] | None, typer.Argument(help="Names or paths; all bundled theses by default.")
    ] = None,
    prices: Prices = None,
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
