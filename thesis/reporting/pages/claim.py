"""The claim as the publisher made it: the rating, the words, the names and their grounds."""

from collections.abc import Iterator

from thesis.reporting.backtest import Backtest
from thesis.reporting.pages.blocks import Block, Fact, Facts, Group, Groups, Line, Lines, Section
from thesis.reporting.words.claims import band_meaning, basis_word, benchmark_note
from thesis.reporting.words.language import Language
from thesis.reporting.words.terms import (
    band_name,
    claim_words,
    index_words,
    published_words,
    unlisted_word,
)
from thesis.research.thesis import Pick, Segment, Thesis


def claim_section(result: Backtest, lang: Language) -> Section:
    """What was claimed, in whose words."""
    thesis = result.thesis
    own = "_screen" if thesis.kind == "screen" else ""
    why = lang.either(thesis.claim.thesis, thesis.claim.thesis_zh)
    blocks: list[Block] = [Facts(tuple(_facts(thesis, lang)))]
    if why:
        blocks.append(Lines((Line(why),), lang.say("page.why")))
    if thesis.segment:
        blocks.append(Groups(tuple(_group(each, lang) for each in thesis.segment)))
        blocks.append(Lines((Line(lang.say("page.grounds"), tone="quiet"),)))
    if thesis.claim.risks:
        translated = dict(zip(thesis.claim.risks, thesis.claim.risks_en, strict=False))
        told = tuple(
            Line(lang.either(translated.get(risk, ""), "") if lang.code == "en" else risk)
            if translated.get(risk) or lang.code == "zh"
            else Line(risk, "zh-Hans")
            for risk in thesis.claim.risks
        )
        blocks.append(Lines(told, lang.say(f"page.risks{own}")))
    return Section("claim", lang.say(f"page.claim{own}"), tuple(blocks))


def _facts(thesis: Thesis, lang: Language) -> Iterator[Fact]:
    source, claim, scale = thesis.source, thesis.claim, thesis.scale
    yield Fact(lang.say("page.publisher"), lang.either(source.publisher, source.publisher_zh))
    if source.report:
        yield Fact(lang.say("page.report"), source.report, _printed(lang))
    yield Fact(lang.say("page.published"), published_words(thesis, lang=lang))
    yield Fact(lang.say("page.claimed"), claim_words(thesis, lang=lang))
    if claim.rating_printed:
        yield Fact(lang.say("page.rating_printed"), claim.rating_printed, _printed(lang))
    bands = (
        lang.say("between.colon").join(
            (band_name(thesis, band.id, lang=lang), band_meaning(scale, band, lang=lang))
        )
        for band in scale.bands
    )
    yield Fact(lang.say("page.scale"), lang.say("between.clauses").join(bands))
    note = benchmark_note(thesis, lang)
    yield Fact(lang.say("page.against"), _index(scale.benchmark, note, lang))
    if claim.sector_index:
        basis = lang.either(claim.sector_basis, claim.sector_basis_zh)
        yield Fact(lang.say("page.sector_index"), _index(claim.sector_index, basis, lang))


def _index(code: str, note: str, lang: Language) -> str:
    """An index by name and code, and on what ground it stands here."""
    text = index_words(code, lang=lang)
    return (
        lang.say("page.with_note", text=text, note=f"{note[:1].upper()}{note[1:]}")
        if note
        else text
    )


def _group(segment: Segment, lang: Language) -> Group:
    said = dict.fromkeys((segment.quote, *(pick.quote for pick in segment.pick)))
    quotes = [
        text for text in said if text and not any(text in more for more in said if more != text)
    ]
    grounds = [_why(pick, lang) for pick in segment.pick]
    shared = grounds[0] if len(grounds) > 1 and len(set(grounds)) == 1 else None
    names: list[tuple[str, str, Line | None]] = [
        (
            f"{pick.name} {pick.code}".strip(),
            basis_word(pick.basis, lang=lang),
            why if shared is None else None,
        )
        for pick, why in zip(segment.pick, grounds, strict=True)
    ]
    names += [
        (
            item.name,
            lang.say("page.not_tradable"),
            Line(unlisted_word(item, lang=lang)),
        )
        for item in segment.unlisted
    ]
    title = lang.either(segment.name, segment.name_zh) or segment.id
    note = lang.say("page.no_names") if segment.status == "no_names" else ""
    if shared is not None:
        note = shared.text
    return Group(title, tuple(quotes), tuple(names), note)


def _why(pick: Pick, lang: Language) -> Line | None:
    """Why a name that no one printed stands on the list."""
    rule = lang.either(pick.rule, pick.rule_zh)
    reason = lang.either(pick.reason, pick.reason_zh)
    told = [lang.say("page.rule", rule=rule) if rule else "", reason]
    text = " ".join(part for part in told if part)
    return Line(text) if text else None


def _printed(lang: Language) -> str | None:
    return None if lang.code == "zh" else "zh-Hans"
