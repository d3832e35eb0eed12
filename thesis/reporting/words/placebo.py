"""The placebo in words: what random lists earned, and where these names stand among them."""

from collections.abc import Mapping

from thesis.reporting.backtest import Backtest
from thesis.reporting.words.language import ENGLISH, Language
from thesis.reporting.words.reasons import reason_sentence, reason_words
from thesis.reporting.words.terms import band_name, index_name, percent
from thesis.scoring.evidence import Evidence
from thesis.scoring.placebo import Placebo, PlaceboReading
from thesis.scoring.reading import HEADLINE


def placebo_line(result: Backtest, found: Evidence, earned: str, lang: Language = ENGLISH) -> str:
    """How many random lists earned a rating, and how many of them these names beat."""
    if found.placebo is None:
        if not result.thesis.codes:
            return lang.say("lists.none", why=reason_sentence(lang.say("lists.sector_call"), lang))
        why = found.reasons.get("placebo") or lang.say("lists.no_market")
        return lang.say("lists.none", why=reason_sentence(why, lang))
    own, market = found.placebo.pools["industry"], found.placebo.pools["market"]
    size = "one" if found.placebo.names == 1 else "many"
    anyone = (
        lang.say(f"lists.{size}_of_these", stocks=str(market.stocks))
        if is_small(found)
        else lang.say("lists.any_industry")
    )
    told = list[str]()
    for pool, whom in ((own, industry_words(own, lang)), (market, anyone)):
        reading = (pool.readings or {}).get(HEADLINE)
        if reading is None:
            continue
        drawn = "more" if told else "all" if pool.exact else "random"
        lists = lang.say(
            f"lists.{size}_{drawn}",
            draws=f"{pool.draws:,}",
            count=str(found.placebo.names),
            whom=whom,
            when=lang.say(f"lists.{_moment(result)}"),
        )
        told.append(
            lang.say(
                "lists.earned",
                lists=lists,
                earned=earned_words(result, earned, reading.shares, lang),
                these=lang.say("lists.this_name" if size == "one" else "lists.these_names"),
                beaten=beaten_words(result, reading, lang, short=bool(told)),
            )
        )
    if not told:
        why = own.reason or market.reason or lang.say("verdict.nothing")
        if is_small(found):
            why = lang.say("lists.more_would_help", why=reason_words(why, lang))
        return lang.say("lists.none", why=reason_sentence(why, lang))
    return lang.say(
        "lists.told",
        lists=lang.say("between.clauses").join(told),
        alike=lang.say("lists.alike") if own.nearly_identical else "",
    )


def rated_words(
    result: Backtest, rating: str, shares: Mapping[str, float], lang: Language = ENGLISH
) -> str:
    """How often a rating comes, and the claimed one where it is another.

    ``Buy 82%``, or ``Overweight 12% and the claimed Buy 61%``.
    """
    return _shares_told("rate.one", "rate.two", result, rating, shares, lang)


def earned_words(
    result: Backtest, rating: str, shares: Mapping[str, float], lang: Language = ENGLISH
) -> str:
    """What share earned a rating, and what share the claimed one where it is another."""
    return _shares_told("lists.earned_one", "lists.earned_two", result, rating, shares, lang)


def _shares_told(
    one: str,
    two: str,
    result: Backtest,
    rating: str,
    shares: Mapping[str, float],
    lang: Language,
) -> str:
    claimed, thesis = result.thesis.band.id, result.thesis
    return lang.say(
        one if claimed == rating else two,
        rating=band_name(thesis, rating, lang),
        share=percent(shares[rating], 0),
        claimed=band_name(thesis, claimed, lang),
        claimed_share=percent(shares[claimed], 0),
    )


def is_small(found: Evidence) -> bool:
    """Whether the prices hold too few stocks to be a market."""
    return any(each.code == "pool_small" for each in found.cautions)


def industry_words(pool: Placebo, lang: Language = ENGLISH) -> str:
    """What an industry pool draws: ``media names``, or ``names of the same industries``."""
    labels = [each.label for each in pool.strata]
    if len(labels) == 1:
        return lang.say("lists.industry", index=index_name(labels[0], lang))
    return lang.say("lists.industries")


def beaten_words(
    result: Backtest, reading: PlaceboReading, lang: Language = ENGLISH, *, short: bool = False
) -> str:
    """The share of the lists that did worse, and how often a random one does as well.

    Of a call that its names will fall, the share that did better, and how often one does as badly.
    """
    share, p = standing(result, reading)
    key = "lists.worse" if claims_a_fall(result) else "lists.better"
    return lang.say(
        f"{key}{'_none' if share <= 0 else ''}{'_short' if short else ''}",
        share=share_words(share, lang),
        p=p_words(p),
    )


def standing(result: Backtest, reading: PlaceboReading) -> tuple[float, float]:
    """The share of the lists that a thesis outdid in the direction it called, and its p.

    For a call that its names will fall: the share that did better, and the chance that a random one
    does at least as badly.
    """
    if not claims_a_fall(result):
        return reading.beats, reading.p
    ties = 2 * (reading.percentile - reading.beats)
    return 1 - reading.beats - ties, reading.p_worse


def moment_words(result: Backtest, lang: Language = ENGLISH) -> str:
    """When every list was bought: the entry's ``morning``, or its ``day`` at another price."""
    return lang.say(f"lists.{_moment(result)}")


def claims_a_fall(result: Backtest) -> bool:
    """Whether the rating claimed lies below zero: then doing badly is what was called."""
    bands = result.thesis.scale.bands
    at = [band.id for band in bands].index(result.thesis.band.id)
    above = bands[at - 1].lower if at else None
    return above is not None and above <= 0


def share_words(share: float, lang: Language = ENGLISH) -> str:
    """A share of the lists; what rounds to all or none of them without being so is said.

    Examples
    --------
    >>> share_words(0.757), share_words(0.0), share_words(0.002), share_words(0.998)
    ('76%', 'none', 'under 1%', 'over 99%')
    """
    if 0 < share < 0.005:
        return lang.say("share.under", share="1%")
    if 0.995 <= share < 1:
        return lang.say("share.over", share="99%")
    return percent(share, 0) if share > 0 else lang.say("share.none")


def p_words(p: float) -> str:
    """A p-value, with the digits that tell it from 0 and from 1.

    Examples
    --------
    >>> p_words(0.2432), p_words(0.00012), p_words(0.99991)
    ('0.24', '0.0001', '1.00')
    """
    return f"{p:.2f}" if p >= 0.01 else f"{p:.1g}"


def _moment(result: Backtest) -> str:
    return "morning" if result.score.when.price == "open" else "day"
