"""The page of a market review: the industries, what reports print of them, and movers."""

from collections.abc import Iterator

from thesis.reporting.pages.blocks import (
    Block,
    Cell,
    Column,
    Fact,
    Facts,
    Line,
    Lines,
    Section,
    Sheet,
    lines,
)
from thesis.reporting.pages.cells import chinese, words
from thesis.reporting.pages.pictures import Pictures
from thesis.reporting.pages.shell import render, view
from thesis.reporting.review import Review
from thesis.reporting.words.language import ENGLISH, Language
from thesis.reporting.words.reasons import origin_words
from thesis.reporting.words.review import (
    basis_words,
    caution_words,
    index_rows,
    mover_rows,
    movers_title,
    movers_words,
    note_words,
    printed_by_index,
    printed_words,
    summary_words,
    table_order,
    title_words,
)
from thesis.reporting.words.terms import index_name
from thesis.scoring.index_returns import IndexReturn
from thesis.scoring.movers import Mover, Movers


def review_page(found: Review, lang: Language) -> str:
    """A market review as HTML."""
    told = found.to_dict()
    return render(
        "review.jinja",
        lang,
        title=title_words(found, lang),
        lead=summary_words(found, lang),
        sections=list(_sections(found, lang)),
        simulated=found.simulated,
        origin=origin_words(found.panel.origin, lang),
        version=told["provenance"]["thesis_version"],
        document=told,
    )


def review_view(found: Review, lang: Language = ENGLISH) -> str:
    """A market review for a notebook: the industries and what reports print of them."""
    pictures = Pictures(found, lang, on_page=False)
    return view(
        lang,
        title=title_words(found, lang),
        card=None,
        blocks=(lines([summary_words(found, lang)]), *_industries(found, lang, pictures)),
        simulated=found.simulated,
        origin=origin_words(found.panel.origin, lang),
    )


def _sections(found: Review, lang: Language) -> Iterator[Section]:
    pictures = Pictures(found, lang)
    title = lang.say("review_page.industries")
    yield Section("industries", title, tuple(_industries(found, lang, pictures)))
    yield Section("paths", lang.say("review_page.paths"), (pictures.draw("review_paths"),))
    for each in found.movers:
        title = lang.say("review_page.movers", industry=_industry(each, lang))
        yield Section(f"movers-{each.industry[:6]}", title, tuple(_movers(found, each, lang)))
    yield Section("method", lang.say("page.method"), tuple(_method(found, lang)))


def _industries(found: Review, lang: Language, pictures: Pictures) -> Iterator[Block]:
    printed = printed_words(found, lang)
    if printed:
        yield lines(printed)
    yield pictures.draw("review")
    yield _indices(found, lang, sortable=pictures.on_page)


def _industry(each: Movers, lang: Language) -> str:
    """The industry of movers, for a heading."""
    return f"{index_name(each.industry, lang)} {each.industry}"


def _indices(found: Review, lang: Language, sortable: bool) -> Sheet:
    heads, rows = index_rows(found, lang)
    columns = tuple(Column(head, is_number=at not in (1, 2)) for at, head in enumerate(heads))
    own_base = found.span.base != found.span.first
    printed = {code: checks[0].printed.value for code, checks in printed_by_index(found).items()}

    def cells(each: IndexReturn, texts: tuple[str, ...]) -> tuple[Cell, ...]:
        values = (
            each.rank, texts[1], each.code, each.ret, each.excess,
            *((each.since_base,) if own_base else ()), printed.get(each.code),
        )  # fmt: skip
        tone = "mark" if each is found.indices.benchmark else ""
        return tuple(
            Cell(text, value, tone)  # type: ignore[arg-type]  # mypy widens the tone
            for text, value in zip(texts, values, strict=False)
        )

    order = table_order(found)
    return Sheet(
        lang.say("review_page.table"),
        columns,
        tuple(cells(each, texts) for each, texts in zip(order, rows, strict=True)),
        notes=(basis_words(found, lang),),
        sortable=sortable,
        heads=False,
    )


def _movers(found: Review, movers: Movers, lang: Language) -> Iterator[Block]:
    index = found.indices.of(movers.industry)
    ret = None if index is None else index.ret

    def cells(each: Mover, texts: tuple[str, ...]) -> tuple[Cell, ...]:
        over = None if ret is None else each.ret - ret
        return (
            words(texts[0]),
            chinese(texts[1], lang),
            Cell(texts[2], each.ret),
            Cell(texts[3], over),
            *(words(text) for text in texts[4:]),
        )

    for which, stocks in (("top", movers.top(found.count)), ("bottom", movers.bottom(found.count))):
        if stocks:
            heads, rows = mover_rows(found, movers, stocks, lang)
            yield Sheet(
                movers_title(which, len(stocks), movers, lang),
                tuple(Column(head, is_number=at in (2, 3)) for at, head in enumerate(heads)),
                tuple(cells(each, texts) for each, texts in zip(stocks, rows, strict=True)),
                sortable=True,
            )
    yield lines(movers_words(found, movers, lang), tone="quiet")


def _method(found: Review, lang: Language) -> Iterator[Block]:
    english = None if lang.code == "en" else "en"
    told = found.to_dict()
    notes = [Line(each.message) for each in note_words(found, lang)]
    notes += [Line(caution_words(each, lang)) for each in found.cautions]
    yield lines([lang.say("review_page.method")])
    if notes:
        yield Lines(tuple(notes), lang.say("page.cautions"))
    prices = told["prices"]
    yield Facts(
        (
            Fact(
                lang.say("page.prices"),
                f"{prices['origin']}, {prices['first']} – {prices['last']}, "
                f"{prices['fingerprint'][:12]}",
            ),
            Fact(lang.say("page.calendar"), told["provenance"]["calendar"], english),
            Fact(lang.say("page.command"), told["provenance"]["command"], english),
            Fact(lang.say("page.data"), lang.say("page.data_more", schema=told["schema"])),
        )
    )
