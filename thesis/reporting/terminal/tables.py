"""A result for the terminal: the card first, then tables. Nothing is printed here."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from thesis.reporting.backtest import Backtest
from thesis.reporting.terminal.grid import titled_table
from thesis.reporting.terminal.lines import (
    at_zero_lines,
    caution_lines,
    grounds_lines,
    other_choice_lines,
    provenance_line,
    simulated_banner,
    whole_provenance,
)
from thesis.reporting.terminal.trading import bridge_line, how_line, trading_parts
from thesis.reporting.terminal.verdict import verdict_card
from thesis.reporting.words.claims import basis_word, joined
from thesis.reporting.words.terms import (
    PICKED,
    legend,
    percent,
    points,
    published_words,
    reading_cell,
    reading_keys,
    result_word,
)
from thesis.reporting.words.verdict import range_words
from thesis.scoring.reading import HEADLINE


def backtest_view(
    result: Backtest, *, plain: bool = False, verbose: bool = False
) -> RenderableType:
    """The result: the card first, then tables.

    Parameters
    ----------
    plain
        Without rules: piped, or on a narrow terminal.
    verbose
        With everything else that was found; without, the last line names it.
    """
    parts: list[RenderableType] = []
    if result.simulated:
        parts.append(simulated_banner(result.score.case.panel.origin, plain=plain))
    score = result.score
    parts.append(verdict_card(result))
    if not len(score.axis):
        return Group(*parts, *caution_lines(result))
    parts += [Text(), readings_table(result, plain=plain)]
    if verbose:
        parts.append(returns_line(result))
    if len(score.segments) > 1 or (verbose and score.segments):
        parts += [Text(), segments_table(result, plain=plain)]
    if score.names:
        parts += [Text(), names_table(result, plain=plain)]
    if verbose:
        parts += [*trading_parts(result, plain=plain), *_whole_grounds(result)]
        parts += other_choice_lines(result)
    elif score.traded is not None:
        parts += [Text(), bridge_line(result), how_line(result)]
    parts += [*at_zero_lines(result), *caution_lines(result), Text()]
    parts.append(whole_provenance(result) if verbose else provenance_line(result))
    if not verbose:
        parts.append(Text(f"--verbose adds: {', '.join(unshown(result))}.", style="dim"))
    return Group(*parts)


def unshown(result: Backtest) -> Iterator[str]:
    """What a view that is not verbose leaves out."""
    score, traded = result.score, result.score.traded
    yield "returns"
    if len(score.segments) == 1:
        yield "the segment"
    if traded is not None:
        yield "what the bridge is made of"
        yield from ["capacity"] if traded.capacity is not None else []
        yield from ["waits"] if traded.plan.waits else []
        yield from ["orders"] if traded.plan.orders else []
    yield "the grounds in whole sentences"
    yield from ["other publication dates"] if score.dated else []
    yield from ["other sector indices"] if score.other_sectors else []
    yield "how it was measured"


def _whole_grounds(result: Backtest) -> list[RenderableType]:
    """What the card says in brief, in whole sentences."""
    source = result.thesis.source
    told = joined(source.publisher, source.publisher_zh)
    lines = [f"Published by {told}: {published_words(result.thesis)}", *grounds_lines(result)]
    return [Text(), *(Text(line) for line in lines)]


def readings_table(result: Backtest, *, plain: bool = False) -> Table:
    """Excess and rating of paper, sector and net at each reading."""
    score, thesis = result.score, result.thesis
    table = titled_table("Excess over the benchmark, points, and the rating it earns", plain)
    table.add_column("")
    for key in reading_keys(score):
        table.add_column(key, justify="right", no_wrap=True)
    table.add_column("claim", no_wrap=True)
    table.add_column("agree", justify="right")
    table.add_column("window", justify="right")
    for name, leg in result.legs.items():
        verdict = leg.verdict
        table.add_row(
            name,
            *(reading_cell(leg.readings[key], thesis) for key in reading_keys(score)),
            result_text(verdict.result),
            percent(verdict.agreement, 0),
            percent(verdict.window_share, 0),
        )
    table.caption = legend(thesis)
    table.caption_justify = "left"
    return table


def returns_line(result: Backtest) -> RenderableType:
    """The returns behind the headline's excess, of each leg and its benchmark."""
    told = [
        f"{name} {points(leg.headline.ret)} against {points(leg.headline.benchmark)}"
        for name, leg in result.legs.items()
        if leg.headline is not None
    ]
    return Text(f"Returns at the mean: {'; '.join(told)}" if told else "")


def segments_table(result: Backtest, *, plain: bool = False) -> Table:
    """Each segment as a basket of its own, and its part in the whole."""
    score, thesis = result.score, result.thesis
    table = titled_table(
        "Segments: excess of each at equal weights; contribution to the basket's mean", plain
    )
    table.add_column("segment", min_width=12)
    for key in reading_keys(score):
        table.add_column(key, justify="right", no_wrap=True)
    table.add_column("contribution", justify="right")
    for segment in score.segments:
        title = segment.name_zh or segment.name or segment.id
        if segment.readings is None:
            words = "no names" if segment.status == "no_names" else "no data"
            table.add_row(title, *[""] * len(score.when.windows), words, "")
            continue
        table.add_row(
            title,
            *(reading_cell(segment.readings[key], thesis) for key in reading_keys(score)),
            points(segment.contribution[HEADLINE]),
        )
        if set(segment.basis) & PICKED:
            grounds = ", ".join(map(basis_word, segment.basis))
            table.add_row(Text(f"  {range_words(grounds, segment.without)}", style="dim"))
    return table


def names_table(result: Backtest, *, plain: bool = False) -> Table:
    """Each name: basis, status, return, contribution on paper and as traded."""
    table = titled_table("Names: mean return since entry, and contribution, points", plain)
    for heading in ("code", "name", "basis"):
        table.add_column(heading, no_wrap=True)
    table.add_column("status", min_width=6)
    for heading in ("weight", "return", "contrib.", "net"):
        table.add_column(heading, justify="right", no_wrap=True)
    traded = result.score.traded
    orders = traded.plan.orders if traded is not None else ()
    entered = {order.code: order.session for order in reversed(orders) if order.side == "buy"}
    for name in result.score.names:
        status = name.status.replace("_", " ")
        if name.status == "entered_late":
            status += f" {name.entry_session}"
        if name.net_status not in (None, name.status) and name.net_status != "held":
            since = entered.get(name.code) if name.net_status == "entered_late" else None
            status += (
                f" (net: {str(name.net_status).replace('_', ' ')}{f' {since}' if since else ''})"
            )
        table.add_row(
            name.code,
            name.name,
            basis_word(name.basis),
            status,
            percent(name.weight),
            points(name.returns[HEADLINE]),
            points(name.contribution[HEADLINE]),
            points(name.net_contribution[HEADLINE]),
        )
    if traded is not None:
        if result.score.case.strategy.cash == "benchmark":
            earned = points(traded.cash[HEADLINE])
            table.add_row("", "cash", "", "in the benchmark", "", "", "", earned, style="dim")
        fees = points(traded.fees[HEADLINE])
        table.add_row("", "fees", "", "", "", "", "", fees, style="dim")
    for segment in result.thesis.segment:
        for item in segment.unlisted:
            why = f"listed {item.listed}" if item.listed else item.reason.replace("_", " ")
            table.add_row("-", item.name, "named", why, style="dim")
    return table


def result_text(result: str) -> Text:
    """What became of a claim, in its colour."""
    style = {"met": "green", "exceeded": "green", "missed": "red", "simulated": "red"}
    return Text(result_word(result), style=style.get(result, "yellow"))
