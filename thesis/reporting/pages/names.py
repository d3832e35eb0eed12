"""The names and the segments: what each returned, and its part in the whole."""

from thesis.reporting.backtest import Backtest
from thesis.reporting.pages.blocks import Block, Cell, Column, Section, Sheet
from thesis.reporting.pages.cells import (
    NOTHING,
    chinese,
    code,
    in_percent,
    in_points,
    rated,
    words,
)
from thesis.reporting.pages.pictures import Pictures
from thesis.reporting.words.claims import basis_word
from thesis.reporting.words.language import Language
from thesis.reporting.words.terms import (
    PICKED,
    band_name,
    points,
    reading_keys,
    reading_name,
    status_words,
    unlisted_word,
)
from thesis.reporting.words.verdict import range_words
from thesis.scoring.names import NameResult
from thesis.scoring.reading import HEADLINE
from thesis.scoring.score import SegmentResult


def names_section(result: Backtest, lang: Language, pictures: Pictures) -> Section | None:
    """Each name; None where the thesis calls none."""
    if not result.thesis.codes:
        return None
    blocks: list[Block] = [_names(result, lang)]
    if result.score.names:
        blocks.insert(0, pictures.draw("contributions", lang.say("page.contributions_note")))
    return Section("names", lang.say("page.names"), tuple(blocks))


def segments_section(result: Backtest, lang: Language) -> Section | None:
    """Each segment as a basket of its own; None without names."""
    if not result.score.segments:
        return None
    keys = reading_keys(result.score)
    ranges = [
        lang.say("between.colon").join(
            (
                lang.either(each.name, each.name_zh) or each.id,
                range_words(
                    lang.say("between.items").join(basis_word(g, lang=lang) for g in each.basis),
                    each.without,
                    lang=lang,
                ),
            )
        )
        for each in result.score.segments
        if set(each.basis) & PICKED
    ]
    sheet = Sheet(
        lang.say("page.segments_caption"),
        (
            Column(lang.say("page.segment")),
            *(Column(reading_name(key, lang=lang), is_number=True) for key in keys),
            Column(lang.say("page.contribution"), is_number=True),
        ),
        tuple(_segment(each, result, lang, keys) for each in result.score.segments),
        notes=(lang.say("page.segments_note"), *ranges),
        sortable=True,
    )
    return Section("segments", lang.say("page.segments"), (sheet,))


def _names(result: Backtest, lang: Language) -> Sheet:
    titles = {s.id: lang.either(s.name, s.name_zh) or s.id for s in result.thesis.segment}
    without = {each.code: each for each in result.score.without}
    rows = []
    for name in result.score.names:
        alone = without.get(name.code)
        rows.append(
            (
                code(name.code),
                chinese(name.name, lang),
                words(basis_word(name.basis, lang=lang), "mark" if name.basis in PICKED else ""),
                in_points(name.returns[HEADLINE]),
                in_points(name.contribution[HEADLINE]),
                in_points(name.net_contribution[HEADLINE]),
                in_percent(name.weight),
                NOTHING
                if alone is None
                else Cell(
                    f"{points(alone.excess)} {band_name(result.thesis, alone.rating, lang=lang)}",
                    alone.excess,
                ),
                words(_status(name, lang)),
                words(lang.say("between.items").join(titles[each] for each in name.segments)),
            )
        )
    totals = []
    traded = result.score.traded
    if traded is not None:
        residual = [("page.fees", traded.fees)]
        if result.score.case.strategy.cash == "benchmark":
            residual.insert(0, ("page.cash", traded.cash))
        totals = [_total(lang.say(key), None, part[HEADLINE]) for key, part in residual]
    if result.paper is not None and result.paper.headline is not None:
        net = result.net.headline if result.net is not None else None
        ret = result.paper.headline.ret
        totals.append(_total(lang.say("page.sum"), ret, net.ret if net is not None else None))
    columns = (
        *(Column(lang.say(f"page.{key}")) for key in ("code", "name", "basis")),
        *(
            Column(lang.say(f"page.{key}"), is_number=True)
            for key in ("return", "contribution", "net_contribution", "weight", "without")
        ),
        *(Column(lang.say(f"page.{key}")) for key in ("status", "segment")),
    )
    unlisted = [
        lang.say("page.unlisted", name=item.name, why=unlisted_word(item, lang=lang))
        for segment in result.thesis.segment
        for item in segment.unlisted
    ]
    return Sheet(
        lang.say("page.names_caption"),
        columns,
        tuple(rows),
        tuple(totals),
        tuple(unlisted),
        sortable=True,
    )


def _total(title: str, contribution: float | None, net: float | None) -> tuple[Cell, ...]:
    """A row under the names: what is no name's, or what they come to."""
    known = Cell("") if contribution is None else in_points(contribution)
    empty = Cell("")
    return (empty, words(title), empty, empty, known, in_points(net), *(empty,) * 4)


def _status(name: NameResult, lang: Language) -> str:
    text = status_words(name.status, lang=lang)
    if name.status == "entered_late" and name.entry_session is not None:
        text += f" {name.entry_session}"
    if name.net_status not in (None, name.status, "held"):
        text += lang.say("page.as_traded", status=status_words(str(name.net_status), lang=lang))
    return text


def _segment(
    each: SegmentResult, result: Backtest, lang: Language, keys: list[str]
) -> tuple[Cell, ...]:
    title = words(lang.either(each.name, each.name_zh) or each.id)
    if each.readings is None:
        why = lang.say("page.unnamed" if each.status == "no_names" else "page.no_data")
        return (title, *(NOTHING,) * (len(keys) - 1), Cell(why, None, "quiet"), NOTHING)
    return (
        title,
        *(rated(each.readings[key], result.thesis, lang) for key in keys),
        in_points(each.contribution[HEADLINE]),
    )
