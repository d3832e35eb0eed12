"""The verdict as a card: what was said, what it came to, and how much of it was luck, in ten lines.

The long sentences with their caveats are `thesis.reporting.words.evidence`'.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from thesis.reporting.backtest import Backtest
from thesis.reporting.words.claims import ends_words
from thesis.reporting.words.evidence import worlds_of
from thesis.reporting.words.language import ENGLISH, Language
from thesis.reporting.words.placebo import (
    claims_a_fall,
    industry_words,
    is_small,
    p_words,
    share_words,
)
from thesis.reporting.words.reasons import reason_words
from thesis.reporting.words.terms import PICKED, band_name, claim_words, percent
from thesis.reporting.words.verdict import names_words, range_words, verdict_sentence
from thesis.research.thesis import Thesis
from thesis.scoring.evidence import Evidence
from thesis.scoring.placebo import Placebo, PlaceboReading
from thesis.scoring.reading import HEADLINE

#: The longest ground of a publication date that a card tells whole.
SHORT = 24


@dataclass(frozen=True)
class Card:
    """The facts of a card, each a text in one language; empty where there is nothing to tell.

    Attributes
    ----------
    source
        Who said it, and when.
    claim
        What was claimed, and what that means.
    verdict
        The verdict in one sentence, with the range of names that were picked.
    names
        The names' grounds and their leave-one-out range, where the verdict does not tell them.
    luck
        Base rate and placebo: one text, since neither may stand without the other.
    fragility
        How much of what could have been chosen otherwise keeps the rating.
    entry
        When it was entered, and the ends of its window.
    """

    id: str
    title: str
    source: str
    claim: str
    verdict: str
    names: str
    luck: str
    fragility: str
    entry: str


def card_lines(result: Backtest, lang: Language = ENGLISH) -> Card:
    """The card of a result.

    Examples
    --------
    >>> import thesis
    >>> card = card_lines(thesis.backtest("media_ai", prices="sample"))
    >>> card.claim
    'Buy: +15 points or more against the CSI 300, months 3-6'
    >>> card.source, card.luck
    ('Sinolink Securities, 2024-10-13 (inferred)', '')
    """
    thesis, score = result.thesis, result.score
    return Card(
        id=thesis.id,
        title=lang.either(thesis.title, thesis.title_zh),
        source=source_words(thesis, lang),
        claim=claim_words(thesis, lang),
        verdict=verdict_sentence(score, lang),
        names=_names(result, lang),
        luck=luck_words(result, lang),
        fragility=fragility_words(result, lang),
        entry=entry_words(result, lang),
    )


def source_words(thesis: Thesis, lang: Language = ENGLISH) -> str:
    """Who said it and when, with how that is known in a word: ``2024-10-13 (inferred)``."""
    source = thesis.source
    how = lang.either(source.published_basis, source.published_basis_zh)
    brief = how.replace("：", ":").partition(":")[0]
    when = f"{source.published:%Y-%m-%d}"
    if brief and len(brief) <= SHORT:
        when = lang.say("card.basis", when=when, how=brief)
    return lang.say(
        "card.source", who=lang.either(source.publisher, source.publisher_zh), when=when
    )


def entry_words(result: Backtest, lang: Language = ENGLISH) -> str:
    """When and at which price it was entered, and the ends of the window."""
    when = result.score.when
    ends = ends_words(when, lang)
    if when.entry is None:
        return lang.say("card.beyond", ends=ends)
    key = "card.enters" if when.entry > result.score.case.as_of else "card.entered"
    price = lang.say(f"card.{when.price}")
    return lang.say(key, session=str(when.entry), price=price, ends=ends)


def _names(result: Backtest, lang: Language) -> str:
    score, leg = result.score, result.score.primary
    if not result.thesis.codes or not score.names:
        return ""
    picked = any(name.basis in PICKED for name in score.names)
    if picked and leg is not None and leg.headline is not None:
        return ""  # the verdict's own sentence tells them
    return lang.say("card.names", names=range_words(names_words(score, lang), score.without, lang))


def luck_words(result: Backtest, lang: Language = ENGLISH) -> str:
    """Base rate and placebo in one text; empty where none was sought or no verdict is known.

    Before the window's end the base rate is that of the rating claimed, and the placebo to come.
    """
    found, leg, score = result.evidence, result.score.primary, result.score
    if found is None or leg is None:
        return ""
    if leg.headline is None:
        if not score.open_window or not worlds_of(result, found):
            return ""
        base = _base_rate(result, found, result.thesis.band.id, lang)
        end = score.when.end
        key = "card.placebo_to_come" if end else "card.placebo_to_come_beyond"
        to_come = lang.say(key, end=str(end))
        return lang.say("card.luck", base=base, placebo=to_come, alike="")
    earned = leg.headline.rating
    return lang.say(
        "card.luck",
        base=_base_rate(result, found, earned, lang),
        placebo=_placebo(result, found, earned, lang),
        alike=lang.say("card.alike") if _alike(found) else "",
    )


def _base_rate(result: Backtest, found: Evidence, rating: str, lang: Language) -> str:
    """How often a rating comes without drift, over the histories it was asked of."""
    worlds = worlds_of(result, found)
    readings = [(world.readings or {}).get(HEADLINE) for world in worlds]
    shares = [reading.shares for reading in readings if reading is not None]
    if not shares:
        reason = next((world.reason for world in worlds if world.reason), None)
        why = reason or found.reasons.get("chance") or lang.say("rate.no_history")
        return lang.say("card.no_base", why=_why(why, lang))
    ratings = list(dict.fromkeys([rating, result.thesis.band.id]))
    told = [
        lang.say(
            "card.rated" if len(ratings) > 1 else "card.rated_alone",
            rating=band_name(result.thesis, each, lang),
            share=_range([one[each] for one in shares], lang),
        )
        for each in ratings
    ]
    key = "card.base" if result.thesis.codes else "card.base_index"
    return lang.say(key, ratings=lang.say("between.items").join(told))


def _range(shares: list[float], lang: Language) -> str:
    """``23-24%`` of several shares, ``23%`` where they read alike."""
    low, high = percent(min(shares), 0), percent(max(shares), 0)
    if low == high:
        return low
    return lang.say("card.from_to", low=low.rstrip("%"), high=high.rstrip("%"))


def _placebo(result: Backtest, found: Evidence, earned: str, lang: Language) -> str:
    """How many random lists of the names' own industries earned the rating, and were beaten."""
    if found.placebo is None:
        why = found.reasons.get("placebo") if result.thesis.codes else lang.say("card.sector_call")
        return lang.say("card.no_placebo", why=_why(why or lang.say("lists.no_market"), lang))
    pools, count = found.placebo.pools, found.placebo.names
    pool = next((pools[key] for key in ("industry", "market") if _read(pools[key])), None)
    reading = _read(pool)
    if pool is None or reading is None:
        why = pools["industry"].reason or pools["market"].reason or lang.say("verdict.nothing")
        return lang.say("card.no_placebo", why=_why(why, lang))
    lists = lang.say(
        "card.random_lists" if count > 1 else "card.random_names",
        count=str(count),
        whom=_whom(pool, found, lang),
        when=lang.say("lists.morning" if result.score.when.price == "open" else "lists.day"),
    )
    return lang.say(
        "card.placebo",
        lists=lists,
        earned=_earned(result, earned, reading.shares, lang),
        these=lang.say("card.these_names" if count > 1 else "card.this_name"),
        beaten=_beaten(result, reading, lang),
    )


def _whom(pool: Placebo, found: Evidence, lang: Language) -> str:
    if pool.pool == "industry":
        return industry_words(pool, lang)
    return lang.say("card.of_these_prices" if is_small(found) else "card.any_industry")


def _earned(result: Backtest, rating: str, shares: Mapping[str, float], lang: Language) -> str:
    claimed, thesis = result.thesis.band.id, result.thesis
    return lang.say(
        "card.earned_one" if claimed == rating else "card.earned_two",
        share=percent(shares[rating], 0),
        rating=band_name(thesis, rating, lang),
        claimed=band_name(thesis, claimed, lang),
        claimed_share=percent(shares[claimed], 0),
    )


def _beaten(result: Backtest, reading: PlaceboReading, lang: Language) -> str:
    """The share of the lists that did worse; of a call that its names will fall, better."""
    share, p, key = reading.beats, reading.p, "card.beat"
    if claims_a_fall(result):
        share = 1 - reading.beats - 2 * (reading.percentile - reading.beats)  # without ties
        p, key = reading.p_worse, "card.did_worse"
    return lang.say(
        key if share > 0 else f"{key}_none", share=share_words(share, lang), p=p_words(p)
    )


def _why(reason: str, lang: Language) -> str:
    return reason_words(reason, lang).rstrip(".。")


def _read(pool: Placebo | None) -> PlaceboReading | None:
    return (pool.readings or {}).get(HEADLINE) if pool is not None else None


def _alike(found: Evidence) -> bool:
    return found.placebo is not None and bool(found.placebo.pools["industry"].nearly_identical)


def fragility_words(result: Backtest, lang: Language = ENGLISH) -> str:
    """How many of the other choices keep the rating; empty as `luck_words` is."""
    found, leg = result.evidence, result.score.primary
    if found is None or leg is None or leg.headline is None:
        return ""
    earned = leg.headline.rating
    kept = lang.say("between.items").join(_keepers(result, found, earned, lang))
    if not kept:
        why = found.reasons.get("surface") or lang.say("card.sector_call")
        return lang.say("card.fragility", told=lang.say("card.unknown", why=_why(why, lang)))
    told = [lang.say("card.keep", kept=kept, rating=band_name(result.thesis, earned, lang))]
    told += _turn(result, found, lang)
    return lang.say("card.fragility", told=lang.say("between.clauses").join(told))


def _keepers(result: Backtest, found: Evidence, earned: str, lang: Language) -> Iterator[str]:
    some = False
    every, surface = found.definitions, found.surface
    if every is not None and every.kept is not None:
        some = True
        kept = str(round(every.kept * every.known))
        yield lang.say("card.definitions", kept=kept, known=str(every.known))
    if surface is not None and surface.window.count:
        some = True
        yield lang.say("card.pairs", share=percent(surface.window.shares[earned], 0))
    if not some and result.score.dated:
        rated = [each.sector.rating for each in result.score.dated if each.sector is not None]
        kept = str(sum(each == earned for each in rated))
        yield lang.say("card.dates", kept=kept, count=str(len(rated)))


def _turn(result: Backtest, found: Evidence, lang: Language) -> Iterator[str]:
    """From which delay on the headline is another."""
    surface = found.surface
    if surface is None or not surface.window.count:
        return
    if surface.changes_at is None:
        yield lang.say("card.held", count=str(surface.delays[-1]))
        return
    later = surface.changes_at - result.score.case.strategy.delay
    key = "card.lost_one" if later == 1 else "card.lost_many"
    yield lang.say(key, count=str(later))
