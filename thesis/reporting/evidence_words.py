"""The evidence in three lines: base rate, placebo, fragility. The first two never stand apart."""

import datetime as dt
from collections.abc import Mapping

from thesis.reporting.backtest import Backtest
from thesis.reporting.language import ENGLISH, Language
from thesis.reporting.reasons import reason_words
from thesis.reporting.words import (
    band_name,
    index_name,
    name_words,
    percent,
    points,
    reading_name,
)
from thesis.scoring.chance import NoDrift
from thesis.scoring.estimation import BREAKS
from thesis.scoring.evidence import Evidence
from thesis.scoring.placebo import Placebo, PlaceboReading
from thesis.scoring.reading import HEADLINE
from thesis.trading.weightings import WEIGHTINGS


def evidence_lines(result: Backtest, lang: Language = ENGLISH) -> list[str]:
    """Base rate, placebo and fragility of a verdict; none where none was sought or is known.

    Before the window's end the base rate is that of the rating claimed, and the placebo to come.
    """
    found, leg = result.evidence, result.score.primary
    if found is None or leg is None:
        return []
    if leg.headline is None:
        if not result.score.open_window or not worlds_of(result, found):
            return []
        to_come = lang.say("lists.not_yet", end=str(result.score.when.end))
        return [_base_rate(result, found, result.thesis.band.id, lang), to_come]
    earned = leg.headline.rating
    return [
        _base_rate(result, found, earned, lang),
        _placebo(result, found, earned, lang),
        _fragility(result, found, earned, lang),
    ]


def worlds_of(result: Backtest, found: Evidence) -> tuple[NoDrift, ...]:
    """The no-drift worlds of the leg whose verdict counts."""
    if found.chance is None:
        return ()
    return found.chance.paper if result.thesis.codes else found.chance.sector


def _base_rate(result: Backtest, found: Evidence, rating: str, lang: Language) -> str:
    told = []
    for world in worlds_of(result, found):
        reading = (world.readings or {}).get(HEADLINE)
        if reading is not None:
            told.append((world, reading.shares))
    if not told:
        reason = next((w.reason for w in worlds_of(result, found) if w.reason), None)
        why = reason or found.reasons.get("chance") or lang.say("rate.no_history")
        return lang.say("rate.none", why=_sentence(why, lang))
    (world, shares), *others = told
    windows = [
        lang.say(
            "rate.windows",
            first=window_words(world.window, world.last, lang),
            share=percent(twin[rating], 0),
            other=window_words(other.window, other.last, lang),
        )
        for other, twin in others[:1]
    ]
    return lang.say(
        "rate.told",
        who=lang.say("rate.a_basket" if result.thesis.codes else "rate.an_index"),
        error=percent(world.tracking_error, 0),
        ratings=rated_words(result, rating, shares, lang),
        windows="".join(windows),
    )


def _placebo(result: Backtest, found: Evidence, earned: str, lang: Language) -> str:
    if found.placebo is None:
        if not result.thesis.codes:
            return lang.say("lists.none", why=_sentence(lang.say("lists.sector_call"), lang))
        why = found.reasons.get("placebo") or lang.say("lists.no_market")
        return lang.say("lists.none", why=_sentence(why, lang))
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
        return lang.say("lists.none", why=_sentence(why, lang))
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
    bearish = claims_a_fall(result)
    share = 1 - reading.beats - (2 * (reading.percentile - reading.beats)) if bearish else None
    share = reading.beats if share is None else share
    key = "lists.worse" if bearish else "lists.better"
    return lang.say(
        f"{key}{'_none' if share <= 0 else ''}{'_short' if short else ''}",
        share=share_words(share, lang),
        p=p_words(reading.p_worse if bearish else reading.p),
    )


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


def _fragility(result: Backtest, found: Evidence, earned: str, lang: Language) -> str:
    rating = band_name(result.thesis, earned, lang)
    told = [
        text
        for text in (
            _definitions(found, rating, lang),
            _entries(result, found, earned, lang),
            _best(result, found, lang),
        )
        if text
    ]
    if not told and result.score.dated:
        rated = [each.sector.rating for each in result.score.dated if each.sector is not None]
        kept = sum(each == earned for each in rated)
        told = [lang.say("fragile.dates", kept=str(kept), count=str(len(rated)), rating=rating)]
    if not told:
        why = found.reasons.get("surface") or lang.say("fragile.no_names")
        return lang.say("fragile.unknown", why=_sentence(why, lang))
    sentences = (text[:1].upper() + text[1:] for text in told)
    return lang.say("fragile.told", told=lang.say("between.sentences").join(sentences))


def _definitions(found: Evidence, rating: str, lang: Language) -> str:
    every = found.definitions
    if every is None or every.kept is None:
        return ""
    flips = [change_words(each.choice, each.cell, lang) for each in every.flips]
    told = lang.say("fragile.flips", flips=lang.say("between.items").join(flips))
    return lang.say(
        "fragile.kept",
        kept=str(round(every.kept * every.known)),
        known=str(every.known),
        rating=rating,
        flips=told if flips else "",
    )


def _entries(result: Backtest, found: Evidence, earned: str, lang: Language) -> str:
    surface = found.surface
    if surface is None or not surface.window.count:
        return ""
    if surface.changes_at is None:
        turn = lang.say("fragile.holds", count=str(surface.delays[-1]))
    else:
        later = surface.changes_at - result.score.case.strategy.delay
        key = "fragile.changes_one" if later == 1 else "fragile.changes_many"
        turn = lang.say(key, count=str(later))
    share = percent(surface.window.shares[earned], 0)
    return lang.say("fragile.entries", turn=turn, share=share)


def _best(result: Backtest, found: Evidence, lang: Language) -> str:
    best = found.best_name if len(result.score.names) > 1 else None
    if best is None or best.share is None or best.code is None:
        return ""
    name = next((each.name for each in result.score.names if each.code == best.code), "")
    without = next((each for each in result.score.without if each.code == best.code), None)
    left = (
        lang.say(
            "fragile.left",
            excess=points(without.excess),
            rating=band_name(result.thesis, without.rating, lang),
        )
        if without is not None
        else ""
    )
    return lang.say(
        "fragile.best",
        name=name_words(best.code, name, lang),
        share=percent(best.share, 0),
        whole=lang.say("fragile.excess" if leg_excess(result) >= 0 else "fragile.shortfall"),
        left=left,
    )


def break_words(last: dt.date | None, lang: Language = ENGLISH) -> str:
    """The market break that a history ended on a day avoids: ``the rally of 2024-09-24``."""
    event = next((each for each in BREAKS if last is not None and last < each.day), None)
    return lang.say(f"break.{event.day}") if event is not None else lang.say("window.all_days")


def window_words(window: str, last: dt.date | None, lang: Language = ENGLISH) -> str:
    """An estimation window: ``before publication`` or ``before the rally of 2024-09-24``."""
    known = lang.say("window.publication")
    event = break_words(last, lang) if window == "before_break" else known
    return lang.say("window.before", event=event)


def leg_excess(result: Backtest) -> float:
    """The headline excess of the leg whose verdict counts; 0 where it is not known."""
    leg = result.score.primary
    return leg.headline.excess if leg is not None and leg.headline is not None else 0.0


def change_words(choice: str, cell: object, lang: Language = ENGLISH) -> str:
    """A single change of definition: ``reading 6m``, ``price basis``, ``inverse_vol weights``."""
    value = str(getattr(cell, choice))
    if choice == "reading":
        return lang.say("change.reading", value=reading_name(value, lang))
    if choice == "basis":
        return lang.say("change.basis", value=lang.say(f"basis.{value}"))
    if choice == "stage" and value == "net":
        return lang.say("change.stage_net")
    if choice == "stage":
        return lang.say("change.stage", value=lang.say(f"leg.{value}"))
    known = lang.say(f"weighting.{value}") if value in WEIGHTINGS else value
    return lang.say("change.weighting", value=known)


def _moment(result: Backtest) -> str:
    return "morning" if result.score.when.price == "open" else "day"


def _sentence(reason: str, lang: Language) -> str:
    """A reason in this language where it is known, with a full stop."""
    text = reason_words(reason, lang)
    stop = lang.say("between.stop")
    return text if text.endswith((".", stop)) else f"{text}{stop}"
