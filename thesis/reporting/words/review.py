"""A market review in words: sentences and rows of text, in either language."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from thesis.errors import Caution
from thesis.market.calendar import sessions
from thesis.market.pool import FEW
from thesis.reporting.words.language import ENGLISH, Language
from thesis.reporting.words.reasons import caution_title
from thesis.reporting.words.reasons import caution_words as told
from thesis.reporting.words.terms import index_name, points, return_words, signed
from thesis.scoring.index_returns import IndexReturn
from thesis.scoring.movers import LEAD, Mover, Movers
from thesis.scoring.printed import PrintedCheck

if TYPE_CHECKING:
    from thesis.reporting.review import Review

#: Codes named in a sentence before the rest are counted.
SHOWN = 5


def title_words(found: "Review", lang: Language = ENGLISH) -> str:
    """What is reviewed."""
    first, last = found.span.first, found.span.last
    between = (sessions() > np.datetime64(first)) & (sessions() <= np.datetime64(last))
    count = str(np.count_nonzero(between))
    return lang.say("review.title", first=first, last=last, sessions=count)


def summary_words(found: "Review", lang: Language = ENGLISH) -> str:
    """How many industries beat the benchmark, and the first and last of them."""
    known = found.indices.known
    best, worst = known[0], known[-1]
    return lang.say(
        "review.summary",
        ahead=str(found.indices.ahead),
        known=str(len(known)),
        benchmark=return_words(found.indices.benchmark.ret),
        best=index_name(best.code, lang),
        best_return=return_words(best.ret),
        worst=index_name(worst.code, lang),
        worst_return=return_words(worst.ret),
    )


def basis_words(found: "Review", lang: Language = ENGLISH) -> str:
    """What is set against what."""
    known = str(len(found.indices.known))
    return lang.say("review.basis", code=found.indices.benchmark.code, known=known)


def index_rows(
    found: "Review", lang: Language = ENGLISH
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Headings and rows of the industries, best first, with the benchmark in its place.

    What a report prints has a column where one does; so has the return since a base of its own.
    """
    heads = [
        lang.say(f"review.{name}") for name in ("rank", "industry", "index", "return", "excess")
    ]
    own_base = found.span.base != found.span.first
    if own_base:
        heads.append(lang.say("review.since_base", base=found.span.base))
    printed = printed_by_index(found)
    if printed:
        heads.append(lang.say("review.printed_head"))
    return tuple(heads), [
        (
            str(each.rank or ""),
            index_name(each.code, lang),
            each.code,
            return_words(each.ret),
            points(each.excess) if each is not found.indices.benchmark else "",
            *((return_words(each.since_base),) if own_base else ()),
            *((_printed_cell(printed.get(each.code, ())),) if printed else ()),
        )
        for each in table_order(found)
    ]


def printed_by_index(found: "Review") -> dict[str, list[PrintedCheck]]:
    """What reports print of each index, by its code: reports may print different figures of one.

    None on simulated prices: beside what never happened it would read as a comparison.
    """
    printed: dict[str, list[PrintedCheck]] = {}
    for each in () if found.simulated else found.printed:
        printed.setdefault(each.printed.index, []).append(each)
    return printed


def table_order(found: "Review") -> list[IndexReturn]:
    """The industries by rank with the benchmark among them; those without a return last."""
    benchmark, known = found.indices.benchmark, found.indices.known
    return [
        *known[: found.indices.ahead],
        benchmark,
        *known[found.indices.ahead :],
        *found.indices.unknown,
    ]


def printed_words(found: "Review", lang: Language = ENGLISH) -> list[str]:
    """What reports print of these days, and what prices say to it."""
    return [printed_sentence(each, found.simulated, lang) for each in found.printed]


def printed_sentence(each: PrintedCheck, simulated: bool, lang: Language = ENGLISH) -> str:
    """A printed figure beside what close to close gives."""
    printed = each.printed
    facts = {
        "publisher": lang.either(each.publisher, each.publisher_zh),
        "printed": return_words(printed.value, printed.decimals),
        "index": index_name(printed.index, lang),
        "code": printed.index,
        "where": lang.either(printed.where, printed.where_zh),
    }
    if each.found is None or each.difference is None:
        return lang.say(
            "review.printed_simulated" if simulated else "review.printed_unknown", **facts
        )
    # A digit more shows that rounding makes them one; where they differ the printed digits do.
    decimals = printed.decimals + bool(each.agrees)
    gap = signed(abs(each.difference) * 100, printed.decimals).lstrip("+")
    verdict = (
        lang.say("review.agrees") if each.agrees else lang.say("review.differs", difference=gap)
    )
    note = lang.either(printed.note, printed.note_zh)
    if note and lang.code == "en":
        note = f" {note}"
    return lang.say(
        "review.printed",
        **facts,
        found=return_words(each.found, decimals),
        verdict=verdict,
        note=note,
    )


def note_words(found: "Review", lang: Language = ENGLISH) -> list[Caution]:
    """What a reader must know of days and indices."""
    span, indices = found.span, found.indices
    notes = [
        Caution(code, lang.say(f"review_note.{code}", asked=asked, session=session))
        for code, asked, session in (
            ("from_no_session", span.asked_first, span.first),
            ("to_no_session", span.asked_last, span.last),
            ("base_no_session", span.asked_base, span.base),
        )
        if asked != session and (code != "base_no_session" or asked != span.asked_first)
    ]
    days = {
        "no_levels": span.last,
        "no_first": span.first,
        "no_last": span.last,
        "no_base": span.base,
    }
    for reason, day in days.items():
        lacking = [each.code for each in indices.industries if each.reason == reason]
        if lacking:
            names = lang.say("between.items").join(f"{index_name(c, lang)} {c}" for c in lacking)
            text = lang.say(f"review_note.{reason}", indices=names, session=day)
            notes.append(Caution(reason, text))
    if indices.carried:
        count = len({code for codes in indices.carried.values() for code in codes})
        days_text = _some([str(day) for day in indices.carried], lang)
        text = lang.say("review_note.carried", count=str(count), sessions=days_text)
        notes.append(Caution("index_gap", text))
    return notes


def caution_words(caution: Caution, lang: Language = ENGLISH) -> str:
    """A caution of prices or files; in Chinese under its title, or as it is where it has none."""
    if lang == ENGLISH:
        return caution.message
    title = lang.say("page.gloss", title=caution_title(caution.code, lang))
    return f"{title}{told(caution, lang) or caution.message}"


def mover_rows(
    found: "Review", movers: Movers, stocks: Iterable[Mover], lang: Language = ENGLISH
) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Headings and rows of movers."""
    index = found.indices.of(movers.industry)
    ret = None if index is None else index.ret
    stocks = list(stocks)
    starred = any(movers.carried(each) for each in stocks)
    heads = [lang.say(f"movers.{name}") for name in ("code", "name", "return", "over_index")]
    rows = [
        (
            each.code,
            each.name or "-",
            return_words(each.ret),
            points(None if ret is None else each.ret - ret),
            *((_closes(movers, each, lang),) if starred else ()),
        )
        for each in stocks
    ]
    return (*heads, *((lang.say("movers.closes"),) if starred else ())), rows


def movers_title(which: str, count: int, movers: Movers, lang: Language = ENGLISH) -> str:
    """What a table of movers holds; `which` is ``top`` or ``bottom``."""
    name = index_name(movers.industry, lang)
    return lang.say(
        f"movers.{which}",
        industry=name[:1].upper() + name[1:],
        code=movers.industry,
        count=str(count),
    )


def movers_words(found: "Review", movers: Movers, lang: Language = ENGLISH) -> list[str]:
    """Which stocks these are of, and which are left out and why."""
    index = found.indices.of(movers.industry)
    edition = ""
    if movers.edition is not None:
        which = "edition" if movers.edition <= movers.last else "later_edition"
        edition = lang.say(f"movers.{which}", day=movers.edition)
    told = [
        lang.say(
            "movers.summary",
            count=str(len(movers.stocks)),
            industry=index_name(movers.industry, lang),
            day=movers.last,
            edition=edition,
            mean=return_words(movers.mean),
            median=return_words(movers.median),
            index=return_words(None if index is None else index.ret),
        ),
        lang.say("movers.basis"),
    ]
    shown = (*movers.top(found.count), *movers.bottom(found.count))
    if any(movers.carried(each) for each in shown):
        told.append(lang.say("movers.starred"))
    facts: dict[str, dict[str, object]] = {
        "listed_later": {"first": movers.first},
        "no_first": {"first": movers.first, "lead": str(LEAD)},
        "no_move": {"first": movers.first},
    }
    for why, codes in movers.left_out.items():
        count, some = str(len(codes)), _some(codes, lang)
        told.append(lang.say(f"movers.{why}", count=count, codes=some, **facts.get(why, {})))
    if movers.unclassed:
        told.append(lang.say("movers.unclassed", count=str(movers.unclassed), day=movers.last))
    if movers.market < FEW:
        told.append(lang.say("movers.few", count=str(movers.market)))
    return told


def _printed_cell(checks: Sequence[PrintedCheck]) -> str:
    """Each figure printed of an index, once."""
    told = (return_words(each.printed.value, each.printed.decimals) for each in checks)
    return " / ".join(dict.fromkeys(told))


def _closes(movers: Movers, each: Mover, lang: Language) -> str:
    if not movers.carried(each):
        return ""
    return lang.say("movers.carried", bought=each.bought, sold=each.sold)


def _some(items: Sequence[str], lang: Language) -> str:
    more = f" +{len(items) - SHOWN}" if len(items) > SHOWN else ""
    return lang.say("between.items").join(items[:SHOWN]) + more
