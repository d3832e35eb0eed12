"""A result and a comparison for the terminal, as rich renderables. Nothing is printed here."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from thesis.reporting.backtest import Backtest
from thesis.reporting.claims import basis_word
from thesis.reporting.comparison import Comparison
from thesis.reporting.terminal.grid import titled_table
from thesis.reporting.terminal.lines import (
    caution_lines,
    fragile_lines,
    provenance_line,
    simulated_banner,
    verdict_card,
)
from thesis.reporting.terminal.trading import trading_parts
from thesis.reporting.trading_words import strategy_words
from thesis.reporting.words import (
    RESULT_WORDS,
    band_name,
    legend,
    names_words,
    percent,
    points,
    range_words,
    reading_cell,
    reading_keys,
)
from thesis.scoring.leg import Leg
from thesis.scoring.reading import HEADLINE

#: Grounds that are not the publisher's own naming: shown with their range, always.
PICKED = {"inferred", "hand_picked"}


def backtest_view(result: Backtest, *, plain: bool = False) -> RenderableType:
    """The whole result: the card first, then tables."""
    parts: list[RenderableType] = []
    if result.simulated:
        parts.append(simulated_banner(result.score.case.panel.origin))
    score = result.score
    parts.append(verdict_card(result))
    if not len(score.axis):
        return Group(*parts, *caution_lines(result))
    parts += [Text(), readings_table(result, plain=plain), returns_line(result)]
    if score.names:
        parts += [
            Text(),
            segments_table(result, plain=plain),
            Text(),
            names_table(result, plain=plain),
        ]
    parts += trading_parts(result, plain=plain)
    parts += [*fragile_lines(result), *caution_lines(result), Text(), provenance_line(result)]
    return Group(*parts)


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
    for name, leg in _legs(result):
        verdict = leg.verdict
        table.add_row(
            name,
            *(reading_cell(leg.readings[key], thesis) for key in reading_keys(score)),
            _result_text(verdict.result),
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
        for name, leg in _legs(result)
        if leg.headline is not None
    ]
    return Text(f"Returns at the mean: {'; '.join(told)}" if told else "")


def segments_table(result: Backtest, *, plain: bool = False) -> Table:
    """Each segment as a basket of its own, and its part in the whole."""
    score, thesis = result.score, result.thesis
    table = titled_table(
        "Segments: excess of each at equal weights; contribution to the basket's mean", plain
    )
    table.add_column("segment", min_width=12, max_width=30)
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


def comparison_view(comparison: Comparison, *, plain: bool = False) -> RenderableType:
    """A row a thesis."""
    parts: list[RenderableType] = []
    if comparison.simulated:
        origin = next(r.score.case.panel.origin for r in comparison.results if r.simulated)
        parts.append(simulated_banner(origin))
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
                _result_text(primary.result if primary else "not_scorable"),
            ),
            *(
                reading_cell(leg.headline, thesis) if leg is not None else "-"
                for leg in (result.paper, result.sector, result.net)
            ),
            grounds,
        )
    parts.append(table)
    parts += [Text(text, style="dim") for text in _legends(comparison)]
    parts += [Text(f"! {f.name}: {f.message}", style="yellow") for f in comparison.failures]
    parts += [Text(f"! {text}", style="yellow") for text in _shared_cautions(comparison)]
    parts += [
        Text(f"! {result.thesis.id}: {result.verdict.primary.reason}", style="yellow")
        for result in comparison.results
        if result.verdict.primary is not None and result.verdict.primary.reason
    ]
    ways = dict.fromkeys(strategy_words(r.score.case.strategy) for r in comparison.results)
    parts += [Text(f"Strategy: {way}", style="dim") for way in ways]
    origins = dict.fromkeys(result.score.case.panel.origin for result in comparison.results)
    parts += [Text(f"Prices: {origin}", style="dim") for origin in origins]
    return Group(*parts)


def _shared_cautions(comparison: Comparison) -> list[str]:
    """What concerns the prices rather than one thesis, and names that have none."""
    said: dict[str, None] = {}
    for result in comparison.results:
        for caution in result.score.cautions:
            if caution.code == "store_incomplete":
                said[caution.message] = None
            elif caution.code == "no_data":
                said[f"{result.thesis.id}: {caution.message}"] = None
    return list(said)


def _legends(comparison: Comparison) -> list[str]:
    """One legend a scale."""
    return list(dict.fromkeys(legend(result.thesis) for result in comparison.results))


def _grounds(result: Backtest) -> str:
    """The names' grounds, with their range where a name is not the publisher's own."""
    grounds = names_words(result.score)
    if {name.basis for name in result.score.names} & PICKED:
        return range_words(grounds, result.score.without)
    return grounds


def _legs(result: Backtest) -> list[tuple[str, Leg]]:
    named = (("paper", result.paper), ("sector", result.sector), ("net", result.net))
    return [(name, leg) for name, leg in named if leg is not None]


def _result_text(result: str) -> Text:
    style = {"met": "green", "exceeded": "green", "missed": "red", "simulated": "red"}
    return Text(RESULT_WORDS[result], style=style.get(result, "yellow"))
