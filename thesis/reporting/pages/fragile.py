"""What the verdict hangs on: entry and exit, definitions, names, publication date, the index."""

from collections.abc import Iterator

from thesis.reporting.backtest import Backtest
from thesis.reporting.pages.blocks import Block, Cell, Column, Line, Lines, Section, Sheet
from thesis.reporting.pages.cells import chinese, day, rated, words
from thesis.reporting.pages.luck import unknown
from thesis.reporting.pages.pictures import Pictures
from thesis.reporting.pages.verdict import other_markets
from thesis.reporting.words.evidence import change_words, choice_words
from thesis.reporting.words.language import Language
from thesis.reporting.words.placebo import p_words
from thesis.reporting.words.reasons import reason_words
from thesis.reporting.words.terms import (
    band_name,
    index_name,
    percent,
    points,
    reading_cell,
    reading_text,
    short_name,
)
from thesis.scoring.evidence import Evidence
from thesis.scoring.reading import HEADLINE
from thesis.scoring.wider import OtherList, WiderList


def fragile_section(result: Backtest, lang: Language, pictures: Pictures) -> Section | None:
    """Everything a verdict hangs on; None where nothing of it is known."""
    blocks: list[Block] = []
    found = result.evidence
    if result.thesis.codes:
        blocks.append(pictures.draw("surface", lang.say("page.surface_note")))
    if found is not None and result.thesis.codes:
        blocks += [*_definitions(result, found, lang), *_wider(result, found, lang)]
        blocks += _earlier(result, found, lang)
    blocks += [*_dates(result, lang), *_sectors(result, lang), *_risk(result, lang)]
    return Section("fragility", lang.say("page.fragility"), tuple(blocks)) if blocks else None


def _definitions(result: Backtest, found: Evidence, lang: Language) -> Iterator[Block]:
    every = found.definitions
    if every is None:
        yield unknown("page.definitions", found.reasons.get("readings"), lang)
        return
    rows = [
        (
            words(change_words(each.choice, each.cell, lang=lang)),
            Cell(points(each.cell.excess), each.cell.excess),
            words(band_name(result.thesis, each.cell.rating, lang=lang)),
            words(lang.say("page.yes" if each.flips else "page.no"), "mark" if each.flips else ""),
        )
        for each in every.changes
    ]
    notes = []
    if every.kept is not None:
        notes.append(lang.say("page.kept", kept=percent(every.kept, 0), known=str(every.known)))
    notes += [
        lang.say(
            "page.not_read",
            what=choice_words(each.choice, each.value, lang=lang),
            why=reason_words(each.reason, lang=lang),
        )
        for each in every.left_out
    ]
    columns = (
        Column(lang.say("page.change")),
        Column(lang.say("page.excess"), is_number=True),
        Column(lang.say("page.rating")),
        Column(lang.say("page.flips")),
    )
    caption = lang.say("page.definitions_caption")
    yield Sheet(caption, columns, tuple(rows), notes=tuple(notes), sortable=True)


def _wider(result: Backtest, found: Evidence, lang: Language) -> Iterator[Block]:
    titles = {s.id: lang.either(s.name, s.name_zh) or s.id for s in result.thesis.segment}
    for wider in found.wider or ():
        title = titles.get(wider.segment, wider.segment)
        if wider.reason is not None or wider.own is None:
            told = lang.say("page.wider_part", segment=title)
            why = reason_words(wider.reason or "", lang=lang)
            yield Lines((Line(lang.say("page.none", part=told, why=why), tone="quiet"),))
            continue
        yield _wider_sheet(result, wider, title, lang)


def _wider_sheet(result: Backtest, wider: WiderList, title: str, lang: Language) -> Sheet:
    swaps = {(each.out, each.into[0]): each for each in wider.swaps}
    names = {name.code: name.name for name in result.score.names}
    rows = []
    for row, candidate in enumerate(wider.candidates):
        others = [swaps.get((code, candidate.code)) for code in wider.picks]
        others.append(wider.widened[row] if row < len(wider.widened) else None)
        rows.append(
            (
                chinese(f"{candidate.code} {candidate.name or ''}".strip(), lang),
                *(_other(each, result, lang) for each in others),
            )
        )
    own = wider.own
    low, high = wider.span or ((own.excess, own.excess) if own else (None, None))
    note = lang.say(
        "page.wider_note",
        count=str(wider.count),
        classes=lang.say("between.items").join(wider.classes),
        shown=str(len(wider.candidates)),
        ranked=str(wider.ranked_on),
        low=points(low),
        high=points(high),
        own=points(own.excess if own else None),
        flips=str(len(wider.flips)),
        others=str(len(wider.others)),
        rating=band_name(result.thesis, own.rating if own else None, lang=lang),
    )
    columns = (
        Column(lang.say("page.passed_over")),
        *(
            Column(lang.say("page.for_code", code=code, name=names.get(code, "")), is_number=True)
            for code in wider.picks
        ),
        Column(lang.say("page.added"), is_number=True),
    )
    caption = lang.say("page.wider_caption", segment=title)
    return Sheet(caption, columns, tuple(rows), notes=(note,), sortable=True)


def _other(each: OtherList | None, result: Backtest, lang: Language) -> Cell:
    if each is None:
        return Cell("-")
    rating = short_name(result.thesis, each.rating, lang=lang)
    return Cell(f"{points(each.excess)} {rating}", each.excess)


def _earlier(result: Backtest, found: Evidence, lang: Language) -> Iterator[Block]:
    dates = found.random_dates
    if dates is None or not dates.windows:
        return
    told = lang.say("between.items").join(
        f"{each.entry} {reading_cell(each.readings[HEADLINE], result.thesis, lang=lang)}"
        for each in dates.windows
    )
    why = lang.say("page.no_p") if dates.p is None else f"p {p_words(dates.p)}"
    text = lang.say("page.earlier", count=str(dates.independent), why=why, told=told)
    yield Lines((Line(text),))


def _dates(result: Backtest, lang: Language) -> Iterator[Block]:
    if not result.score.dated:
        return
    thesis = result.thesis
    rows = [
        (
            day(each.published),
            day(each.entry),
            *((rated(each.paper, thesis, lang),) if thesis.codes else ()),
            rated(each.sector, thesis, lang),
        )
        for each in result.score.dated
    ]
    columns = (
        Column(lang.say("page.published")),
        Column(lang.say("page.entry")),
        *((Column(lang.say("leg.paper"), is_number=True),) if thesis.codes else ()),
        Column(lang.say("leg.sector"), is_number=True),
    )
    note = lang.say("page.dates_note")
    yield Sheet(lang.say("page.dates_caption"), columns, tuple(rows), notes=(note,))


def _sectors(result: Backtest, lang: Language) -> Iterator[Block]:
    told = []
    for other in result.score.other_sectors:
        names = lang.say("page.and").join(index_name(code, lang=lang) for code in other.codes)
        which = (
            lang.say("page.own_industry", index=names)
            if other.choice == "names"
            else lang.say("page.chapters", count=str(len(other.codes)))
        )
        text = reading_text(other.readings[HEADLINE], result.thesis, lang=lang)
        told.append(Line(lang.say("page.other_sector", which=which, reading=text)))
    if result.score.at_zero is not None:
        text = reading_text(result.score.at_zero[HEADLINE], result.thesis, lang=lang)
        told.append(Line(lang.say("page.at_zero", reading=text)))
    if told:
        yield Lines(tuple(told), lang.say("page.sectors_title"))


def _risk(result: Backtest, lang: Language) -> Iterator[Block]:
    found = result.score.risk
    if found is None:
        return
    told = []
    if found.measures is not None:
        each = found.measures
        told.append(
            lang.say(
                "page.risk",
                beta="-" if each.beta is None else f"{each.beta:.2f}",
                error=percent(each.tracking_error),
                ratio="-" if each.information_ratio is None else f"{each.information_ratio:.2f}",
                fall=percent(each.drawdown.size),
                trough=str(each.drawdown.trough or "-"),
            )
        )
    elif found.reason:
        told.append(reason_words(found.reason, lang=lang))
    told += other_markets(result, lang)
    for key, against in (("csi_1000", found.small_caps), ("equal_weight", found.equal_weight)):
        if against.readings is None and against.reason:
            why = reason_words(against.reason, lang=lang)
            told.append(lang.say("page.none", part=lang.say(f"page.{key}"), why=why))
    if told:
        yield Lines(tuple(Line(text) for text in told), lang.say("page.risk_title"))
