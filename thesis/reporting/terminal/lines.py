"""What a result says in lines rather than tables: the banner, the verdict, what it hangs on."""

from collections.abc import Mapping

from rich import box
from rich.console import RenderableType
from rich.panel import Panel
from rich.text import Text

from thesis.reporting.backtest import Backtest
from thesis.reporting.evidence_words import evidence_lines
from thesis.reporting.words import (
    basis_words,
    benchmark_words,
    claim_words,
    index_name,
    published_words,
    reading_cell,
    reading_text,
    verdict_sentence,
)
from thesis.scoring.reading import HEADLINE

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
    for told in evidence_lines(result):
        lines.append(f"{told}\n")
    entry = f"{score.when.entry} {score.when.price}" if score.when.entry else "beyond the calendar"
    ends = ", ".join(f"{month} {end or '?'}" for month, end in score.when.windows.items())
    ahead = score.when.entry is None or score.when.entry > score.case.as_of
    lines.append(f"{'Enters' if ahead else 'Entered'} {entry}; window ends {ends}")
    return lines


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


def coverage_words(coverage: Mapping[str, object]) -> str:
    """What the prices covered, and what had to be taken on trust; nothing without names."""
    if not coverage:
        return ""
    names = coverage["names"]
    words = (
        f"Coverage: {coverage['names_with_data']} of {names} names, {coverage['bars_present']} of "
        f"{coverage['bars_expected']} bars"
    )
    if coverage["price_limits"] == "none":
        return f"{words}; price limits not applied.\n"
    return (
        f"{words}; listing days known of {coverage['names_with_list_date']}, special treatment "
        f"(ST) of {coverage['names_with_st_status']}: the others count as long listed, not ST.\n"
    )


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
        f"Measured: {'; '.join(against)}.{f' {note}' if note else ''}\n"
        f"{coverage_words(score.coverage)}Prices: {prices['origin']}, "
        f"{prices['first']} to {prices['last']}, {prices['fingerprint'][:12]}. "
        f"As of {found['settings']['as_of']}. {found['provenance']['rules_citation']}. "
        f"thesis {found['provenance']['thesis_version']}.",
        style="dim",
    )
