"""Running what was typed: a thesis on prices, with or without the evidence, and its delivery."""

from typing import TYPE_CHECKING

import typer

from thesis.cli.console import (
    command,
    parse_day,
    progress,
    say_written,
    writable,
    write_json,
)
from thesis.cli.options import EvidenceOptions, RunOptions, StrategyOptions
from thesis.cli.theses import load

if TYPE_CHECKING:
    from thesis.reporting.backtest import Backtest


def scored(name: str, prices: str | None, how: StrategyOptions, what: RunOptions) -> "Backtest":
    """A thesis backtested, as typed."""
    thesis = load(name, what.strategies)
    today = parse_day("--as-of", what.as_of)
    writable(what.json_to, what.csv_to)
    with progress() as tell:
        tell("loading the engine")
        from thesis.api import backtest

        tell(f"backtesting {thesis.id}")
        return backtest(
            thesis,
            prices,
            basis=what.basis,  # type: ignore[arg-type]  # it checks the word
            as_of=today,
            command=command(),
            **how.by_name(),
        )


def examined(
    name: str,
    prices: str | None,
    how: StrategyOptions,
    what: RunOptions,
    luck: EvidenceOptions,
) -> "Backtest":
    """A thesis backtested and its evidence weighed, as typed."""
    thesis = load(name, what.strategies)
    today = parse_day("--as-of", what.as_of)
    draws = luck.checked_draws()
    writable(what.json_to, what.csv_to)
    with progress() as tell:
        tell("loading the engine")
        from thesis.examination import evidence

        return evidence(
            thesis,
            prices,
            draws=draws,
            seed=luck.seed,
            basis=what.basis,  # type: ignore[arg-type]  # it checks the word
            as_of=today,
            command=command(),
            progress=tell,
            **how.by_name(),
        )


def write_files(result: "Backtest", what: RunOptions) -> bool:
    """Write the files asked for; whether the terminal is still to be told."""
    if what.json_to is not None:
        write_json(result.to_json(), what.json_to)
    if what.csv_to is not None:
        say_written(result.to_csv(what.csv_to))
    return what.json_to != "-"


def refuse_unscorable(result: "Backtest") -> None:
    """Exit with 5, saying why, where a window is over and its headline unknown."""
    primary = result.verdict.primary
    if primary is not None and primary.earned is None and not result.score.open_window:
        typer.echo(f"thesis: {result.thesis.id} is not scorable: {primary.reason}", err=True)
        raise typer.Exit(5)
