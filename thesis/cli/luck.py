"""``thesis evidence | surface``: what a verdict rests on."""

from pathlib import Path

from thesis.cli.console import is_plain, out_console, say_written, write_json
from thesis.cli.options import EvidenceOptions, Prices, RunOptions, StrategyOptions, spread
from thesis.cli.runs import examined, refuse_unscorable, scored, write_files


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
    if write_files(result, what):
        from thesis.reporting.terminal.evidence import evidence_view

        out = out_console()
        out.print(evidence_view(result, plain=is_plain(out)))
    refuse_unscorable(result)


@spread
def surface(name: str, prices: Prices = None, *, how: StrategyOptions, what: RunOptions) -> None:
    """Excess and rating for every entry delay and exit session.

    Of the basket on paper: entry price, weights and basis count; a delay, exits, rebalancing and
    costs change the verdict above the table, not its cells.
    """
    result = scored(name, prices, how, what)
    from thesis.examination import surface_of
    from thesis.reporting.documents.surface import surface_rows, surface_text
    from thesis.reporting.terminal.surface import surface_view

    found = surface_of(result)
    if what.json_to is not None:
        write_json(surface_text(result, found), what.json_to)
    if what.csv_to is not None:
        from thesis.reporting.documents.files import write_table

        path = Path(what.csv_to) / f"{result.thesis.id}.surface.csv"
        say_written([write_table(path, surface_rows(result, found))])
    if what.json_to != "-":
        out = out_console()
        out.print(surface_view(result, found, plain=is_plain(out)))
