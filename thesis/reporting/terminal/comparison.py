"""Several theses for the terminal: a row each."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from thesis.reporting.backtest import Backtest
from thesis.reporting.comparison import Comparison
from thesis.reporting.terminal.grid import titled_table
from thesis.reporting.terminal.lines import simulated_banner
from thesis.reporting.terminal.tables import result_text
from thesis.reporting.words.terms import (
    PICKED,
    band_name,
    benchmark_words,
    legend,
    percent,
    reading_cell,
    reading_keys,
)
from thesis.reporting.words.trading import strategy_words
from thesis.reporting.words.verdict import names_words, range_words

#: Cautions that concern the prices, or names that have none: shown whatever is asked for.
SHOWN = ("store_incomplete", "no_data")


def comparison_view(
    comparison: Comparison, *, plain: bool = False, verbose: bool = False
) -> RenderableType:
    """A row a thesis.

    Parameters
    ----------
    plain
        Without rules: piped, or on a narrow terminal.
    verbose
        With every reading of every leg, every caution, and what each was measured by.
    """
    parts: list[RenderableType] = []
    if comparison.simulated:
        origin = next(r.score.case.panel.origin for r in comparison.results if r.simulated)
        parts.append(simulated_banner(origin, plain=plain))
    parts.append(headline_table(comparison, plain=plain))
    if verbose:
        parts += [Text(), all_readings_table(comparison, plain=plain)]
    results = comparison.results
    parts += [Text(text, style="dim") for text in dict.fromkeys(legend(r.thesis) for r in results)]
    warned = [f"{f.name}: {f.message}" for f in comparison.failures]
    warned += list(dict.fromkeys(_cautions(comparison, verbose=verbose)))
    warned += [
        f"{result.thesis.id}: {result.verdict.primary.reason}"
        for result in results
        if result.verdict.primary is not None and result.verdict.primary.reason
    ]
    parts += [Text(f"! {text}", style="yellow") for text in warned]
    ways = dict.fromkeys(strategy_words(r.score.case.strategy) for r in results)
    parts += [Text(f"Strategy: {way}", style="dim") for way in ways]
    if verbose:
        parts += [Text(f"Measured: {each}", style="dim") for each in _measured(comparison)]
    origins = dict.fromkeys(result.score.case.panel.origin for result in results)
    parts += [Text(f"Prices: {origin}", style="dim") for origin in origins]
    if not verbose:
        told = "every reading, every caution, what it was measured by"
        parts.append(Text(f"--verbose adds: {told}.", style="dim"))
    return Group(*parts)


def headline_table(comparison: Comparison, *, plain: bool = False) -> Table:
    """Claim, headline of each leg, and the names' grounds."""
    table = titled_table("Excess at the headline, points, and the rating it earns", plain)
    for heading in ("thesis", "claim, paper"):
        table.add_column(heading, no_wrap=True)
    for heading in ("paper", "sector", "net"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("names")
    for result in comparison.results:
        thesis, primary = result.thesis, result.verdict.primary
        grounds = _grounds(result) or (
            f"{len(thesis.codes)} names" if thesis.codes else "sector call"
        )
        table.add_row(
            thesis.id,
            Text.assemble(
                f"{band_name(thesis, result.verdict.claimed)} ",
                result_text(primary.result if primary else "not_scorable"),
            ),
            *(
                reading_cell(leg.headline, thesis) if leg is not None else "-"
                for leg in (result.paper, result.sector, result.net)
            ),
            grounds,
        )
    return table


def all_readings_table(comparison: Comparison, *, plain: bool = False) -> Table:
    """Every reading of every leg, a row a leg."""
    keys = list(dict.fromkeys(k for r in comparison.results for k in reading_keys(r.score)))
    table = titled_table("Excess at every reading, points, and the rating it earns", plain)
    for heading in ("thesis", "leg"):
        table.add_column(heading, no_wrap=True)
    for key in (*keys, "agree", "window"):
        table.add_column(key, justify="right", no_wrap=True)
    for result in comparison.results:
        for name, leg in result.legs.items():
            table.add_row(
                result.thesis.id,
                name,
                *(reading_cell(leg.readings.get(key), result.thesis) for key in keys),
                percent(leg.verdict.agreement, 0),
                percent(leg.verdict.window_share, 0),
            )
    return table


def _cautions(comparison: Comparison, *, verbose: bool) -> Iterator[str]:
    """Cautions by thesis; of those left out, how many there are."""
    left = dict[str, int]()
    for result in comparison.results:
        for caution in result.score.cautions:
            if caution.code == "store_incomplete":
                yield caution.message
            elif verbose or caution.code in SHOWN:
                yield f"{result.thesis.id}: {caution.message}"
            else:
                left[result.thesis.id] = left.get(result.thesis.id, 0) + 1
    if left:
        told = ", ".join(f"{name} {count}" for name, count in left.items())
        yield f"cautions not shown here (--verbose has them): {told}"


def _measured(comparison: Comparison) -> Iterator[str]:
    """Each benchmark, once, with the legs that are set against it."""
    by_words = dict[str, dict[str, None]]()
    for result in comparison.results:
        for name, leg in result.legs.items():
            by_words.setdefault(benchmark_words(leg.benchmark), {})[name] = None
    for words, names in by_words.items():
        yield f"{' and '.join(names)} against {words}"


def _grounds(result: Backtest) -> str:
    """The names' grounds, with their range where a name is not the publisher's own."""
    grounds = names_words(result.score)
    if {name.basis for name in result.score.names} & PICKED:
        return range_words(grounds, result.score.without)
    return grounds
