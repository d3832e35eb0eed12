"""What a result says in lines rather than tables: the banner, the verdict, what it hangs on."""

from collections.abc import Mapping

from rich import box
from rich.console import RenderableType
from rich.panel import Panel
from rich.text import Text

from thesis.market.benchmark import Benchmark
from thesis.reporting.backtest import Backtest
from thesis.reporting.words.card import entry_words
from thesis.reporting.words.claims import benchmark_note
from thesis.reporting.words.evidence import evidence_lines
from thesis.reporting.words.terms import (
    benchmark_words,
    claim_words,
    index_name,
    published_words,
    reading_cell,
    reading_text,
)
from thesis.reporting.words.verdict import basis_words, verdict_sentence
from thesis.scoring.reading import HEADLINE

REAL_PRICES = 'thesis fetch NAME, then this again   (README, "Real prices")'


def simulated_banner(origin: str, *, plain: bool = False) -> RenderableType:
    """The red banner that stands before anything computed on simulated prices.

    Parameters
    ----------
    plain
        Without a frame.
    """
    told = Text(
        f"SIMULATED PRICES, from {origin}. They never happened: these numbers show how the program "
        "works and say nothing about any call or company.\n"
        f"Real prices: {REAL_PRICES}"
    )
    style = "bold white on red"
    if plain:
        told.stylize(style)
        return told
    return Panel(told, style=style, box=box.HEAVY, expand=False)


def whole_verdict(result: Backtest) -> RenderableType:
    """The verdict in whole sentences, and what it rests on."""
    score, thesis = result.score, result.thesis
    lines = Text()
    title = " ".join(part for part in (thesis.title, thesis.title_zh) if part)
    lines.append(f"{thesis.id}  ", style="bold")
    lines.append(f"{title}\n")
    lines.append(f"{thesis.source.publisher}, {published_words(thesis)}\n", style="dim")
    lines.append(f"Claimed {claim_words(thesis)}\n", style="dim")
    lines.append(f"{verdict_sentence(score)}\n", style="bold")
    lines.append("".join(f"{told}\n" for told in grounds_lines(result)))
    lines.append(entry_words(result))
    return lines


def grounds_lines(result: Backtest) -> list[str]:
    """Names, base rate, placebo and fragility in whole sentences."""
    names = [f"Names: {basis_words(result.score)}"] if result.thesis.codes else []
    return [*names, *evidence_lines(result)]


def fragile_lines(result: Backtest) -> list[RenderableType]:
    """What another publication date or sector index would have said, and delisted names at zero."""
    return [*other_choice_lines(result), *at_zero_lines(result)]


def other_choice_lines(result: Backtest) -> list[RenderableType]:
    """What another publication date or sector index would have said."""
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
    return lines


def at_zero_lines(result: Backtest) -> list[RenderableType]:
    """What the basket would have earned had every delisted name gone to nothing."""
    if result.score.at_zero is None:
        return []
    text = reading_text(result.score.at_zero[HEADLINE], result.thesis)
    return [Text(f"Had every delisted name gone to nothing: {text}")]


def caution_lines(result: Backtest) -> list[RenderableType]:
    """Every caution, one a line: of the result, and of the market that lists were drawn from."""
    said = list(result.score.cautions)
    if result.evidence is not None:
        drawn = result.evidence.cautions
        said += [each for each in drawn if each.code != "pool_left_out"]  # its table tells it
    lines = [Text(f"! {each.message}", style="yellow") for each in said]
    return [Text(), *lines] if lines else []


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
    """Prices, benchmarks, coverage and rules' version, in as few words as name them."""
    found, score = result.to_dict(), result.score
    prices, made = found["prices"], found["provenance"]
    against = [f"against {_brief(score.benchmark)}"] if score.paper else []
    if score.sector is not None:
        against.append(f"sector against {_brief(score.sector.benchmark)}")
    bars = score.coverage
    covered = [f"{bars['bars_present']} of {bars['bars_expected']} bars"] if bars else []
    rules = made["rules_citation"].removeprefix("rules: ").partition(";")[0]
    span = f"{prices['first']} to {prices['last']}, as of {found['settings']['as_of']}"
    told = [
        f"{prices['origin']}, {span}",
        *against,
        *covered,
        rules,
        f"thesis {made['thesis_version']}",
    ]
    return Text(f"Prices: {'; '.join(told)}", style="dim")


def _brief(benchmark: Benchmark) -> str:
    return f"{benchmark.code} ({benchmark.basis})"


def whole_provenance(result: Backtest) -> RenderableType:
    """Benchmarks, coverage, prices and rules in whole sentences, in small."""
    found, score = result.to_dict(), result.score
    against = [f"paper and net against {benchmark_words(score.benchmark)}"] if score.paper else []
    if score.sector is not None:
        against.append(f"sector against {benchmark_words(score.sector.benchmark)}")
    prices = found["prices"]
    note = benchmark_note(score.case.thesis)
    note = f"{note[:1].upper()}{note[1:]}." if note else ""
    return Text(
        f"Measured: {'; '.join(against)}.{f' {note}' if note else ''}\n"
        f"{coverage_words(score.coverage)}Prices: {prices['origin']}, "
        f"{prices['first']} to {prices['last']}, {prices['fingerprint'][:12]}. "
        f"As of {found['settings']['as_of']}. {found['provenance']['rules_citation']}. "
        f"thesis {found['provenance']['thesis_version']}.",
        style="dim",
    )
