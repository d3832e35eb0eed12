"""The head of a page: the verdict in one sentence, its three legs, and how much luck is in it."""

from collections.abc import Iterable
from dataclasses import dataclass

from thesis.errors import Caution
from thesis.reporting.backtest import Backtest
from thesis.reporting.pages.blocks import Column, Line, Section, Sheet, Tone
from thesis.reporting.pages.cells import TONES, in_percent, rated, result_of, words
from thesis.reporting.pages.pictures import Pictures
from thesis.reporting.words.evidence import evidence_lines
from thesis.reporting.words.language import Language
from thesis.reporting.words.reasons import caution_title, caution_words
from thesis.reporting.words.terms import (
    band_name,
    benchmark_words,
    index_name,
    legend,
    points,
    published_words,
    reading_name,
    reading_text,
    result_word,
    return_words,
)
from thesis.reporting.words.verdict import basis_words, verdict_sentence
from thesis.scoring.leg import Leg
from thesis.scoring.reading import HEADLINE, Reading


@dataclass(frozen=True)
class LegCard:
    """A leg of the verdict, in four short words."""

    name: str
    excess: str
    rating: str
    result: str
    tone: Tone


@dataclass(frozen=True)
class Card:
    """What stands before everything else.

    Attributes
    ----------
    cautions
        A short title, and the caution's sentence: as it was written where it has none in the
        page's language.
    """

    title: str
    source: str
    sentence: str
    legs: tuple[LegCard, ...]
    luck: tuple[Line, ...]
    cautions: tuple[tuple[str, Line], ...]


def card(result: Backtest, lang: Language) -> Card:
    """The head of a result's page."""
    thesis, source = result.thesis, result.thesis.source
    publisher = lang.either(source.publisher, source.publisher_zh)
    told = [publisher, source.report, published_words(thesis, lang=lang)]
    found = result.evidence.cautions if result.evidence is not None else ()
    # What a market's files lack stands with the evidence; that they are no market stands here.
    cautions = [*result.score.cautions, *(each for each in found if each.code == "pool_small")]
    luck = [Line(text) for text in evidence_lines(result, lang=lang)]
    if result.evidence is None:
        luck = [Line(lang.say("page.no_evidence"), tone="quiet")]
    if thesis.codes:
        luck.insert(0, Line(lang.say("page.names_are", names=basis_words(result.score, lang=lang))))
    luck += [Line(text) for text in other_markets(result, lang)]
    return Card(
        title=lang.either(thesis.title, thesis.title_zh),
        source=" · ".join(part for part in told if part),
        sentence=verdict_sentence(result.score, lang=lang),
        legs=tuple(_leg(name, leg, result, lang) for name, leg in result.legs.items()),
        luck=tuple(luck),
        cautions=cautions_told(cautions, lang),
    )


def cautions_told(cautions: Iterable[Caution], lang: Language) -> tuple[tuple[str, Line], ...]:
    """Each caution once: a short title, and its sentence."""
    return tuple(
        (
            lang.say("page.gloss", title=caution_title(each.code, lang)),
            Line(told) if told else Line(each.message, "en"),
        )
        for each in dict.fromkeys(cautions)
        for told in [caution_words(each, lang)]
    )


def other_markets(result: Backtest, lang: Language) -> list[str]:
    """The excess over small caps and over all stocks alike: much of an excess may be theirs."""
    risk = result.score.risk
    if risk is None:
        return []
    told = [
        lang.say(
            "page.risk_against",
            market=lang.say(f"page.{key}"),
            reading=reading_text(reading, result.thesis, lang=lang),
            basis=lang.say(f"page.basis_{against.basis}"),
        )
        for key, against in (("csi_1000", risk.small_caps), ("equal_weight", risk.equal_weight))
        if (reading := (against.readings or {}).get(HEADLINE)) is not None
    ]
    if not told:
        return []
    return [lang.say("page.other_markets", told=lang.say("between.clauses").join(told))]


def readings_section(result: Backtest, lang: Language, pictures: Pictures) -> Section:
    """The chart, and every reading of every leg: the headline first, as a phone shows it."""
    thesis, keys = result.thesis, list(result.score.when.windows)
    rows = [
        (
            words(lang.say(f"leg.{name}")),
            rated(leg.readings[HEADLINE], thesis, lang),
            result_of(leg, lang),
            *(rated(leg.readings[key], thesis, lang) for key in keys),
            in_percent(leg.verdict.agreement, 0),
            in_percent(leg.verdict.window_share, 0),
        )
        for name, leg in result.legs.items()
    ]
    notes = [legend(thesis, lang=lang)]
    notes += [
        lang.say(
            "page.returns",
            leg=lang.say(f"leg.{name}"),
            ret=return_words(leg.headline.ret),
            benchmark=return_words(leg.headline.benchmark),
            index=benchmark_words(leg.benchmark, lang=lang),
        )
        for name, leg in result.legs.items()
        if leg.headline is not None
    ]
    sheet = Sheet(
        lang.say("page.readings"),
        (
            Column(""),
            Column(reading_name(HEADLINE, lang=lang), is_number=True),
            Column(lang.say("page.claim_column")),
            *(Column(reading_name(key, lang=lang), is_number=True) for key in keys),
            Column(lang.say("page.agreement"), is_number=True),
            Column(lang.say("page.window_share"), is_number=True),
        ),
        tuple(rows),
        notes=tuple(notes),
    )
    picture = pictures.draw("path", lang.say("page.path_note"))
    return Section("chart", lang.say("page.chart"), (picture, sheet))


def _leg(name: str, leg: Leg, result: Backtest, lang: Language) -> LegCard:
    reading = leg.headline
    told = lang.say(f"page.leg_{name}")
    if name == "sector":
        index = index_name(result.thesis.claim.sector_index or "", lang=lang)
        told = f"{told}{lang.say('between.colon')}{index}"
    return LegCard(
        name=told,
        excess="-" if reading is None else points(reading.excess),
        rating=_rating(reading, result, lang),
        result=result_word(leg.verdict.result, lang=lang),
        tone=TONES[leg.verdict.result],
    )


def _rating(reading: Reading | None, result: Backtest, lang: Language) -> str:
    """A rating, marked where it lies within half a point of an edge."""
    if reading is None:
        return ""
    return (
        f"{band_name(result.thesis, reading.rating, lang=lang)}{'~' if reading.near_edge else ''}"
    )
