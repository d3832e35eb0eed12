"""The page of many theses: a row each, and the way to each one's own page."""

import math
from collections.abc import Mapping
from dataclasses import replace
from importlib.metadata import version
from types import MappingProxyType

from thesis.reporting.backtest import Backtest
from thesis.reporting.comparison import Comparison
from thesis.reporting.pages.blocks import Block, Cell, Column, Line, Lines, Section, Sheet
from thesis.reporting.pages.cells import NOTHING, TONES, in_points, rated, words
from thesis.reporting.pages.pictures import Pictures
from thesis.reporting.pages.shell import render
from thesis.reporting.words.evidence import worlds_of
from thesis.reporting.words.language import Language
from thesis.reporting.words.placebo import share_words, standing
from thesis.reporting.words.reasons import origin_words, reason_words
from thesis.reporting.words.terms import band_name, points, result_word
from thesis.reporting.words.verdict import names_words
from thesis.scoring.reading import HEADLINE

#: The columns of a weighed comparison.
LUCK = ("base_rate", "random", "beaten", "industry", "selection")


def scoreboard_page(comparison: Comparison, lang: Language, pages: Mapping[str, str]) -> str:
    """A comparison as HTML.

    Parameters
    ----------
    pages
        The relative address of each thesis's own page, by its id.
    """
    blocks = scoreboard_blocks(comparison, lang, Pictures(comparison, lang), pages)
    origins = dict.fromkeys(result.score.case.panel.origin for result in comparison.results)
    return render(
        "scoreboard.jinja",
        lang,
        title=lang.say("scoreboard.title"),
        lead=lang.say("scoreboard.lead"),
        sections=[Section("scoreboard", lang.say("scoreboard.heading"), blocks)],
        prices=lang.say(
            "scoreboard.prices", origins="; ".join(origin_words(each, lang) for each in origins)
        ),
        simulated=comparison.simulated,
        origin=origin_words(
            next((r.score.case.panel.origin for r in comparison.results if r.simulated), ""), lang
        ),
        version=version("thesis-backtest"),
        document=None,
    )


def scoreboard_blocks(
    comparison: Comparison,
    lang: Language,
    pictures: Pictures,
    pages: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Block, ...]:
    """The chart and the table of a comparison, and what has no result."""
    blocks: list[Block] = [
        pictures.draw("scoreboard"),
        _sheet(comparison, lang, pages),
    ]
    if comparison.failures:
        lost = tuple(
            Line(f"{each.name}: {each.message}", None if lang.code == "en" else "en", "bad")
            for each in comparison.failures
        )
        blocks.append(Lines(lost, lang.say("scoreboard.failures")))
    unscored = [
        Line(f"{r.thesis.id}: {reason_words(leg.verdict.reason, lang=lang)}", None, "quiet")
        for r in comparison.results
        if (leg := r.score.primary) is not None and leg.headline is None and leg.verdict.reason
    ]
    if unscored:
        blocks.append(Lines(tuple(unscored), lang.say("scoreboard.unscored")))
    sources = {(r.thesis.source.report, r.thesis.source.published) for r in comparison.results}
    many = "one_report" if len(sources) == 1 and len(comparison.results) > 1 else "overlapping"
    return (*blocks, Lines((Line(lang.say(f"scoreboard.{many}"), tone="quiet"),)))


def _sheet(comparison: Comparison, lang: Language, pages: Mapping[str, str]) -> Sheet:
    weighed = any(result.evidence is not None for result in comparison.results)
    columns = (
        Column(lang.say("scoreboard.thesis")),
        Column(lang.say("leg.paper"), is_number=True),
        Column(lang.say("scoreboard.result")),
        *(
            Column(lang.say(key), is_number=True)
            for key in ("scoreboard.without", "leg.sector", "leg.net")
        ),
        *(
            Column(lang.say(f"scoreboard.{key}"), is_number=True)
            for key in (LUCK if weighed else ())
        ),
        Column(lang.say("page.claimed")),
        Column(lang.say("page.names")),
    )
    rows = tuple(
        (
            *_verdict(result, lang, pages.get(result.thesis.id)),
            *(_luck(result, lang) if weighed else ()),
            words(band_name(result.thesis, result.verdict.claimed, lang=lang)),
            words(_grounds(result, lang)),
        )
        for result in sorted(comparison.results, key=_excess, reverse=True)
    )
    notes = (lang.say("scoreboard.columns"),) if weighed else ()
    return Sheet(lang.say("scoreboard.caption"), columns, rows, notes=notes, sortable=True)


def _excess(result: Backtest) -> float:
    """What a row stands by: the headline that counts; what is unknown stands last."""
    leg = result.score.primary
    return leg.headline.excess if leg is not None and leg.headline is not None else -math.inf


def _verdict(result: Backtest, lang: Language, page: str | None) -> tuple[Cell, ...]:
    thesis, primary = result.thesis, result.verdict.primary
    word = primary.result if primary is not None else "not_scorable"
    paper, *others = (
        rated(leg.headline, thesis, lang) if leg is not None else NOTHING
        for leg in (result.paper, result.sector, result.net)
    )
    return (
        replace(words(lang.either(thesis.title, thesis.title_zh)), link=page),
        paper,
        Cell(result_word(word, lang=lang), word, TONES[word]),
        _range(result),
        *others,
    )


def _luck(result: Backtest, lang: Language) -> tuple[Cell, ...]:
    """How easily the rating claimed comes, who else earned it, and the parts of the excess."""
    found, claimed = result.evidence, result.thesis.band.id
    worlds = worlds_of(result, found) if found is not None else ()
    drifts = [(world.readings or {}).get(HEADLINE) for world in worlds]
    base = next((each.shares[claimed] for each in drifts if each is not None), None)
    pool = found.placebo.pools["industry"] if found is not None and found.placebo else None
    among = (pool.readings or {}).get(HEADLINE) if pool is not None else None
    parts = found.attribution if found is not None else None
    return (
        _share(base, lang),
        _share(among.shares[claimed] if among else None, lang),
        _share(standing(result, among)[0] if among else None, lang),
        in_points(parts.industry[HEADLINE] if parts else None),
        in_points(parts.selection[HEADLINE] if parts and result.thesis.codes else None),
    )


def _share(share: float | None, lang: Language) -> Cell:
    """A share of the random lists; what rounds to none or all of them without being so is said."""
    return NOTHING if share is None else Cell(share_words(share, lang=lang), share)


def _grounds(result: Backtest, lang: Language) -> str:
    """The grounds the names stand on."""
    if not result.thesis.codes:
        return lang.say("scoreboard.sector_call")
    return names_words(result.score, lang=lang)


def _range(result: Backtest) -> Cell:
    """The headline without each name in turn, from the lowest to the highest."""
    values = [each.excess for each in result.score.without]
    if not values:
        return NOTHING
    return Cell(f"{points(min(values))}..{points(max(values))}", min(values))
