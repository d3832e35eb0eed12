"""Tables and cards for the terminal, as rich renderables. Nothing is printed here."""

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from thesis.reporting.backtest import Backtest
from thesis.reporting.cards import basis_word
from thesis.reporting.comparison import Comparison
from thesis.reporting.words import (
    RESULT_WORDS,
    band_name,
    basis_words,
    benchmark_words,
    claim_words,
    index_name,
    legend,
    names_words,
    percent,
    points,
    published_words,
    range_words,
    reading_cell,
    reading_keys,
    reading_text,
    verdict_sentence,
)
from thesis.scoring.leg import Leg
from thesis.scoring.reading import HEADLINE

#: Grounds that are not the publisher's own naming: shown with their range, always.
PICKED = {"inferred", "hand_picked"}

REAL_PRICES = 'thesis fetch NAME, then this again   (README, "Real prices")'


def simulated_banner(origin: str) -> RenderableType:
    """The red banner that stands before anything computed on simulated prices."""
    return Panel(
        Text(
            f"SIMULATED PRICES, from {origin}. They never happened: these numbers\n"
            "show how the program works and say nothing about any call or company.\n"
            f"Real prices: {REAL_PRICES}"
        ),
        style="bold white on red",
        box=box.HEAVY,
        expand=False,
    )


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
    if score.traded is not None:
        parts += [Text(), bridge_line(result)]
    parts += [*fragile_lines(result), *caution_lines(result), Text(), provenance_line(result)]
    return Group(*parts)


def verdict_card(result: Backtest) -> RenderableType:
    """The verdict in words, and what it rests on."""
    score, thesis = result.score, result.thesis
    lines = Text()
    title = " ".join(part for part in (thesis.title, thesis.title_zh) if part)
    lines.append(f"{thesis.id}  ", style="bold")
    lines.append(f"{title}\n")
    lines.append(f"{thesis.source.publisher}, {published_words(thesis)}\n", style="dim")
    lines.append(f"Claimed {claim_words(thesis)}\n", style="dim")
    lines.append(f"{verdict_sentence(score)}\n", style="bold")
    if thesis.codes:
        lines.append(f"Names: {basis_words(score)}\n")
    entry = f"{score.when.entry} {score.when.price}" if score.when.entry else "beyond the calendar"
    ends = ", ".join(f"{month} {end or '?'}" for month, end in score.when.windows.items())
    ahead = score.when.entry is None or score.when.entry > score.case.as_of
    lines.append(f"{'Enters' if ahead else 'Entered'} {entry}; window ends {ends}")
    return lines


def readings_table(result: Backtest, *, plain: bool = False) -> Table:
    """Excess and rating of paper, sector and net at each reading."""
    score, thesis = result.score, result.thesis
    table = _table("Excess over the benchmark, points, and the rating it earns", plain)
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
    table = _table(
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
    table = _table("Names: return since entry (mean of the window) and contribution, points", plain)
    for heading in ("code", "name", "basis", "status", "entered"):
        table.add_column(heading, no_wrap=True)
    for heading in ("weight", "return", "contrib.", "net"):
        table.add_column(heading, justify="right", no_wrap=True)
    for name in result.score.names:
        status = name.status.replace("_", " ")
        if name.net_status not in (None, name.status) and name.net_status != "held":
            status += f" (net: {str(name.net_status).replace('_', ' ')})"
        table.add_row(
            name.code,
            name.name,
            basis_word(name.basis),
            status,
            str(name.entry_session or "-"),
            percent(name.weight),
            points(name.returns[HEADLINE]),
            points(name.contribution[HEADLINE]),
            points(name.net_contribution[HEADLINE]),
        )
    traded = result.score.traded
    if traded is not None:
        fees = points(traded.fees[HEADLINE])
        table.add_row("", "fees", "", "", "", "", "", "", fees, style="dim")
    for segment in result.thesis.segment:
        for item in segment.unlisted:
            when = f", listed {item.listed}" if item.listed else ""
            table.add_row(
                "-", item.name, "named", f"{item.reason.replace('_', ' ')}{when}", style="dim"
            )
    return table


def bridge_line(result: Backtest) -> RenderableType:
    """Paper to executable to net, at the headline."""
    traded, paper, thesis = result.score.traded, result.paper, result.thesis
    if traded is None or paper is None:
        return Text()
    stages = [
        ("paper", paper.headline),
        ("executable", traded.executable[HEADLINE]),
        ("net", traded.leg.headline),
    ]
    text = "  ->  ".join(f"{name} {reading_text(reading, thesis)}" for name, reading in stages)
    orders, waits = len(traded.plan.orders), len(traded.plan.waits)
    spent = traded.plan.spent / traded.plan.capital
    return Text(
        f"Bridge: {text}\n"
        f"CNY {traded.plan.capital:,.0f}: {orders} orders, {waits} waits, {spent:.1%} invested. "
        f"{result.score.case.strategy.weights_name.capitalize()} weights, whole lots, "
        f"{'no fees' if result.score.case.strategy.costs == 'none' else 'fees charged'}; price "
        "limits are not applied yet."
    )


def fragile_lines(result: Backtest) -> list[RenderableType]:
    """What another publication date or sector index would have said, and delisted names at zero."""
    score, thesis = result.score, result.thesis
    lines: list[RenderableType] = []
    if score.dated:
        leg = "paper" if thesis.codes else "sector"
        told = [
            f"{each.published:%m-%d} {reading_cell(getattr(each, leg), thesis)}"
            for each in score.dated
        ]
        lines += [Text(), Text(f"Had it been published on ({leg}): {', '.join(told)}")]
        if thesis.codes and score.sector is not None:
            told = [f"{e.published:%m-%d} {reading_cell(e.sector, thesis)}" for e in score.dated]
            lines.append(Text(f"  (sector): {', '.join(told)}"))
    if score.other_sectors:
        told = []
        for other in score.other_sectors:
            which = (
                f"the names' own industry, {' and '.join(index_name(c) for c in other.codes)}"
                if other.choice == "names"
                else f"mean of the report's {len(other.codes)} chapters"
            )
            told.append(f"{which} {reading_text(other.readings[HEADLINE], thesis)}")
        lines.append(Text(f"Sector on another index: {'; '.join(told)}"))
    if score.at_zero is not None:
        text = reading_text(score.at_zero[HEADLINE], thesis)
        lines.append(Text(f"Had every delisted name gone to nothing: {text}"))
    return lines


def caution_lines(result: Backtest) -> list[RenderableType]:
    """Every caution, one a line."""
    if not result.score.cautions:
        return []
    return [
        Text(),
        *(Text(f"! {each.message}", style="yellow") for each in result.score.cautions),
    ]


def provenance_line(result: Backtest) -> RenderableType:
    """Benchmarks, prices and rules' version, in small."""
    found, score = result.to_dict(), result.score
    against = [f"paper and net against {benchmark_words(score.benchmark)}"] if score.paper else []
    if score.sector is not None:
        against.append(f"sector against {benchmark_words(score.sector.benchmark)}")
    prices = found["prices"]
    note = score.case.thesis.scale.benchmark_note
    note = f"{note[:1].upper()}{note[1:]}." if note else ""
    return Text(
        f"Measured: {'; '.join(against)}.{f' {note}' if note else ''}\nPrices: {prices['origin']}, "
        f"{prices['first']} to {prices['last']}, {prices['fingerprint'][:12]}. "
        f"As of {found['settings']['as_of']}. {found['provenance']['rules_citation']}. "
        f"thesis {found['provenance']['thesis_version']}.",
        style="dim",
    )


def comparison_view(comparison: Comparison, *, plain: bool = False) -> RenderableType:
    """A row a thesis."""
    parts: list[RenderableType] = []
    if comparison.simulated:
        origin = next(r.score.case.panel.origin for r in comparison.results if r.simulated)
        parts.append(simulated_banner(origin))
    table = _table("Excess at the headline, points, and the rating it earns", plain)
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


def _table(title: str | None, plain: bool) -> Table:
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None if plain else box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
