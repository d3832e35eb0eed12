"""The evidence in three lines: base rate, placebo, fragility. The first two never stand apart."""

import datetime as dt

from thesis.reporting.backtest import Backtest
from thesis.reporting.words.language import ENGLISH, Language
from thesis.reporting.words.placebo import placebo_line, rated_words
from thesis.reporting.words.reasons import reason_sentence
from thesis.reporting.words.settings import chosen_word
from thesis.reporting.words.terms import (
    band_name,
    name_words,
    percent,
    points,
    reading_name,
)
from thesis.scoring.chance import NoDrift
from thesis.scoring.estimation import BREAKS
from thesis.scoring.evidence import Evidence
from thesis.scoring.reading import HEADLINE


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
        end = result.score.when.end
        to_come = lang.say("lists.not_yet" if end else "lists.not_yet_beyond", end=str(end))
        return [_base_rate(result, found, result.thesis.band.id, lang), to_come]
    earned = leg.headline.rating
    return [
        _base_rate(result, found, earned, lang),
        placebo_line(result, found, earned, lang),
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
        return lang.say("rate.none", why=reason_sentence(why, lang))
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
        return lang.say("fragile.unknown", why=reason_sentence(why, lang))
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
        name=name_words(best.code, name),
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
    """A single change of definition, by the cell it leads to: ``reading 6m``, ``price basis``."""
    return choice_words(choice, str(getattr(cell, choice)), lang)


def choice_words(choice: str, value: str, lang: Language = ENGLISH) -> str:
    """A definition: ``reading 6m``, ``price basis``, ``inverse_vol weights``."""
    if choice == "reading":
        return lang.say("change.reading", value=reading_name(value, lang))
    if choice == "basis":
        return lang.say("change.basis", value=chosen_word("basis", value, lang))
    if choice == "stage" and value == "net":
        return lang.say("change.stage_net")
    if choice == "stage":
        return lang.say("change.stage", value=lang.say(f"leg.{value}"))
    return lang.say("change.weighting", value=chosen_word("weights", value, lang))
