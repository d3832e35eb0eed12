"""The verdict in one sentence, and the names it stands on."""

from collections.abc import Iterator, Sequence

from thesis.reporting.words.claims import counted
from thesis.reporting.words.language import ENGLISH, Language
from thesis.reporting.words.reasons import reason_words
from thesis.reporting.words.terms import (
    PICKED,
    band_name,
    index_name,
    name_words,
    points,
    reading_words,
    result_word,
)
from thesis.research.thesis import Thesis
from thesis.scoring.fragility import Without
from thesis.scoring.leg import Leg
from thesis.scoring.reading import Reading
from thesis.scoring.score import Score


def verdict_sentence(score: Score, lang: Language = ENGLISH) -> str:
    """The verdict in one sentence.

    Examples
    --------
    On real prices: ``Rated Buy. Earned Buy: 29.8 points over the CSI 300 total return, mean of
    months 3-6 (media sector index +22.6: Buy; after rules and costs +29.6: Buy).``
    """
    case, thesis, leg = score.case, score.case.thesis, score.primary
    shouted = lang.say("verdict.simulated") if case.panel.simulated else ""
    rated = lang.say(
        "verdict.rated_own" if thesis.kind == "screen" else "verdict.rated",
        rating=band_name(thesis, thesis.band.id, lang),
    )
    return f"{shouted}{rated}{_outcome(score, leg, lang)}"


def _outcome(score: Score, leg: Leg | None, lang: Language) -> str:
    thesis, index = score.case.thesis, score.case.thesis.claim.sector_index or ""
    if leg is None or leg.headline is None:
        result = result_word("not_yet" if score.open_window else "not_scorable", lang)
        reason = leg.verdict.reason if leg is not None else None
        return lang.say(
            "verdict.unknown",
            result=result.capitalize(),
            reason=reason_words(reason, lang) if reason else lang.say("verdict.nothing"),
            so_far=_so_far(leg, score, lang),
        )
    told = lang.say("between.clauses").join(filter(None, _beside(score, lang)))
    size = lang.say(
        "verdict.over" if leg.headline.excess >= 0 else "verdict.under",
        size=f"{abs(leg.headline.excess) * 100:.1f}",
        index=index_name(leg.benchmark.code, lang),
    )
    return lang.say(
        "verdict.earned" if thesis.codes else "verdict.index_earned",
        index=index_name(index, lang),
        rating=band_name(thesis, leg.headline.rating, lang),
        size=lang.say("verdict.near_edge", size=size) if leg.headline.near_edge else size,
        reading=reading_words(thesis, lang),
        beside=lang.say("verdict.beside", told=told) if told else "",
    )


def _beside(score: Score, lang: Language) -> Iterator[str]:
    """The other legs beside the verdict's own, and the ground of names that were not called."""
    thesis = score.case.thesis
    if not thesis.codes:
        return
    net = "verdict.net" if score.case.strategy.costs != "none" else "verdict.net_free"
    for key, leg in (("verdict.sector", score.sector), (net, score.net)):
        if leg is not None and leg.headline is not None:
            yield lang.say(
                key,
                index=index_name(thesis.claim.sector_index or "", lang),
                excess=points(leg.headline.excess),
                rating=_marked(leg.headline, thesis, lang),
            )
    if any(name.basis in PICKED for name in score.names):
        grounds = counted((name.basis for name in score.names), lang)
        yield lang.say("verdict.names", grounds=range_words(grounds, score.without, lang))


def _marked(reading: Reading, thesis: Thesis, lang: Language) -> str:
    """The rating of a reading, with what marks it in every table where it is near an edge."""
    return f"{band_name(thesis, reading.rating, lang)}{'~' if reading.near_edge else ''}"


def _so_far(leg: Leg | None, score: Score, lang: Language) -> str:
    row = leg.last_known if leg is not None else None
    if leg is None or row is None:
        return ""
    excess = points(float(leg.excess[row]))
    return lang.say("verdict.so_far", day=str(score.axis[row]), excess=excess)


def range_words(grounds: str, without: Sequence[Without], lang: Language = ENGLISH) -> str:
    """Grounds with the range of the headline without one name: what a picked list hangs on."""
    if not without:
        return grounds
    values = [each.excess for each in without]
    low, high = points(min(values)), points(max(values))
    return lang.say("names.without", grounds=grounds, low=low, high=high)


def names_words(score: Score, lang: Language = ENGLISH) -> str:
    """The names counted by ground, and those among them that have no prices."""
    text = counted((name.basis for name in score.names), lang)
    lost = sum(name.status == "no_data" for name in score.names)
    return lang.say("names.lost", names=text, count=str(lost)) if lost else text


def basis_words(score: Score, lang: Language = ENGLISH) -> str:
    """The grounds the names stand on, with the leave-one-out range where they need it."""
    thesis = score.case.thesis
    if not thesis.codes:
        return lang.say("names.sector_call")
    if not score.names:
        return lang.say("names.nothing_yet", count=str(len(thesis.codes)))
    text = names_words(score, lang)
    if not score.without:
        return text
    names = {name.code: name.name for name in score.names}
    low = min(score.without, key=lambda w: w.excess)
    high = max(score.without, key=lambda w: w.excess)
    return lang.say(
        "names.range",
        names=text,
        low=points(low.excess),
        low_rating=band_name(thesis, low.rating, lang),
        low_code=name_words(low.code, names.get(low.code, "")),
        high=points(high.excess),
        high_rating=band_name(thesis, high.rating, lang),
        high_code=name_words(high.code, names.get(high.code, "")),
    )
