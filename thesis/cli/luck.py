"""``thesis evidence | surface``: what a verdict rests on."""

from pathlib import Path
from typing import TYPE_CHECKING

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
from thesis.cli.theses import load

if TYPE_CHECKING:
    from thesis.reporting.backtest import Backtest


@spread
def evidence(
    name: str,
    prices: Prices = None,
    *,
    how: StrategyOptions,
    what: RunOptions,
    luck: EvidenceOptions,
) -> None:
    """Weigh a verdict: base rate, placebo, event tests, fragility, attribution."""
    result = examined(name, prices, how, what, luck)
    if what.json_to is not None:
        write_json(result.to_json(), what.json_to)
    if what.csv_to is not None:
        say_written(result.to_csv(what.csv_to))
    if what.json_to != "-":
        from thesis.reporting.evidence_view import evidence_view

        out = out_console()
        out.print(evidence_view(result, plain=is_plain(out)))
    refuse_unscorable(result)


@spread
def surface(
    name: str,
    prices: Prices = None,
    *,
    how: StrategyOptions,
    what: RunOptions,
) -> None:
    """Excess and rating for every entry delay and exit session."""
    thesis = load(name, what.strategies)
    today = parse_day("--as-of", what.as_of)
    writable(what.json_to, what.csv_to)
    with progress() as tell:
        tell("loading the engine")
        from thesis.api import backtest
        from thesis.examination import surface_of

        tell(f"backtesting {thesis.id}")
        result = backtest(
            thesis, prices, basis=what.basis, as_of=today, command=command(),  # type: ignore[arg-type]
            **how.by_name(),
        )  # fmt: skip
        found = surface_of(result)
    from thesis.reporting.surfaces import surface_rows, surface_text, surface_view

    if what.json_to is not None:
        write_json(surface_text(result, found), what.json_to)
    if what.csv_to is not None:
        from thesis.reporting.backtest import write_table

        path = Path(what.csv_to) / f"{thesis.id}.surface.csv"
        say_written([write_table(path, surface_rows(result, found))])
    if what.json_to != "-":
        out = out_console()
        out.print(surface_view(result, found, plain=is_plain(out)))


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
        from thesis.examination import evidence as weigh

        return weigh(
            thesis, prices, draws=draws, seed=luck.seed, basis=what.basis,  # type: ignore[arg-type]
            as_of=today, command=command(), progress=tell, **how.by_name(),
        )  # fmt: skip


def refuse_unscorable(result: "Backtest") -> None:
    """Exit with 5, saying why, where a window is over and its headline unknown."""
    primary = result.verdict.primary
    if primary is not None and primary.earned is None and not result.score.open_window:
        typer.echo(f"thesis: {result.thesis.id} is not scorable: {primary.reason}", err=True)
        raise typer.Exit(5)
