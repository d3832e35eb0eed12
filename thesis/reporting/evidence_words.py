"""The evidence in three lines: base rate, placebo, fragility. The first two never stand apart."""

import datetime as dt

from thesis.reporting.backtest import Backtest
from thesis.reporting.words import band_name, index_name, percent, points
from thesis.scoring.chance import NoDrift
from thesis.scoring.estimation import BREAKS
from thesis.scoring.evidence import Evidence
from thesis.scoring.placebo import Placebo, PlaceboReading
from thesis.scoring.reading import HEADLINE


def evidence_lines(result: Backtest) -> list[str]:
    """Base rate, placebo and fragility of a verdict; none where none was sought or earned.

    On real prices: ``Base rate: in a no-drift world a basket this volatile earns Buy 23% of the
    time.`` and so on, a sentence or two each.
    """
    found, leg = result.evidence, result.score.primary
    if found is None or leg is None or leg.headline is None:
        return []
    earned = leg.headline.rating
    lines = [_base_rate(result, found, earned), _placebo(result, found, earned)]
    return [*lines, _fragility(result, found, earned)]


def worlds_of(result: Backtest, found: Evidence) -> tuple[NoDrift, ...]:
    """The no-drift worlds of the leg whose verdict counts."""
    if found.chance is None:
        return ()
    return found.chance.paper if result.thesis.codes else found.chance.sector


def _base_rate(result: Backtest, found: Evidence, earned: str) -> str:
    told = []
    for world in worlds_of(result, found):
        reading = (world.readings or {}).get(HEADLINE)
        if reading is not None:
            told.append((world, reading.shares[earned]))
    if not told:
        reason = next((w.reason for w in worlds_of(result, found) if w.reason), None)
        return f"Base rate: none: {reason or (found.reasons or {}).get('chance', 'no history')}."
    (world, share), *others = told
    who = "a basket" if result.thesis.codes else "an index"
    text = (
        f"Base rate: in a no-drift world {who} this volatile (tracking error "
        f"{percent(world.tracking_error, 0)}) earns {band_name(result.thesis, earned)} "
        f"{percent(share, 0)} of the time"
    )
    if others:
        text += f", {percent(others[0][1], 0)} with {break_words(world.last)} in its history"
    return f"{text}. So easily the rating comes; it is not the chance that this one was luck."


def _placebo(result: Backtest, found: Evidence, earned: str) -> str:
    if found.placebo is None:
        if not result.thesis.codes:
            return "Placebo: none: no names were called, so there are no other names to draw."
        return f"Placebo: none: {_end((found.reasons or {}).get('placebo', 'no market'))}"
    when = "morning" if result.score.when.price == "open" else "day"
    pools, rating = found.placebo.pools, band_name(result.thesis, earned)
    own, market = pools["industry"], pools["market"]
    told = list[str]()
    for pool, of in ((own, industry_words(own)), (market, "names of any industry")):
        reading = (pool.readings or {}).get(HEADLINE)
        if reading is None:
            continue
        draw = "all" if pool.exact else f"{pool.draws:,} random"
        told.append(
            f"of {draw} lists of {found.placebo.names} {of} bought the same {when} "
            f"{percent(reading.shares[earned], 0)} earned {rating}, and these names beat "
            f"{beaten_words(reading)}"
            if not told
            else f"of lists of {of} {percent(reading.shares[earned], 0)} earned it, and they "
            f"beat {beaten_words(reading)}"
        )
    if not told:
        return f"Placebo: none: {_end(market.reason or own.reason or 'nothing is known')}"
    words = "; ".join(told)
    alike = " Most random lists share names with this one." if own.nearly_identical else ""
    return f"Placebo: {words}.{alike}"


def beaten_words(reading: PlaceboReading) -> str:
    """The share of the lists that were beaten, and the chance that one does as well at random."""
    beaten = percent(reading.beats, 0) if reading.beats >= 0.005 else "under 1%"
    return f"{beaten} of them (p {p_words(reading.p)})"


def p_words(p: float) -> str:
    """A p-value, with the digits that tell it from 0 and from 1.

    Examples
    --------
    >>> p_words(0.2432), p_words(0.00012), p_words(0.99991)
    ('0.24', '0.0001', '1.00')
    """
    return f"{p:.2f}" if p >= 0.01 else f"{p:.1g}"


def industry_words(pool: Placebo) -> str:
    """What an industry pool draws: ``media names``, or ``names of the same industries``."""
    labels = [each.label for each in pool.strata]
    if len(labels) == 1:
        return f"{index_name(labels[0])} names"
    return "names of the same industries"


def _fragility(result: Backtest, found: Evidence, earned: str) -> str:
    thesis, told = result.thesis, list[str]()
    rating = band_name(thesis, earned)
    if found.definitions is not None and found.definitions.kept is not None:
        every = found.definitions
        kept = round((every.kept or 0) * every.known)
        flips = [change_words(each.choice, each.cell) for each in every.flips]
        words = f"; alone, {', '.join(flips)} would change it" if flips else ""
        told.append(
            f"{kept} of {every.known} readings, bases, weightings and costs keep {rating}{words}"
        )
    if found.surface is not None and found.surface.window.count:
        share = found.surface.window.shares[earned]
        later = found.surface.changes_at
        own = result.score.case.strategy.delay
        turn = (
            f"the headline first changes with an entry {_sessions(later - own)} later"
            if later is not None
            else f"the headline holds for every entry up to {found.surface.delays[-1]} sessions on"
        )
        told.append(
            f"{turn}, and {percent(share, 0)} of all entry and exit days in the window keep it"
        )
    best = found.best_name
    if best is not None and best.share is not None and best.code is not None:
        without = next((w for w in result.score.without if w.code == best.code), None)
        left = (
            f" (without it {points(without.excess)}: {band_name(thesis, without.rating)})"
            if without is not None
            else ""
        )
        whole = "excess" if leg_excess(result) >= 0 else "shortfall"
        told.append(f"{best.code} alone made {percent(best.share, 0)} of the {whole}{left}")
    if not told:
        reasons = found.reasons or {}
        return f"Fragility: unknown: {_end(reasons.get('surface') or 'no names were called')}"
    return f"Fragility: {'. '.join(text[:1].upper() + text[1:] for text in told)}."


def break_words(last: dt.date | None) -> str:
    """The market break that a history ended on a day avoids: ``the rally of 2024-09-24``."""
    return next((each.name for each in BREAKS if last is not None and last < each.day), "all days")


def window_words(window: str, last: dt.date | None) -> str:
    """An estimation window: ``before publication`` or ``before the rally of 2024-09-24``."""
    return f"before {break_words(last)}" if window == "before_break" else "before publication"


def leg_excess(result: Backtest) -> float:
    """The headline excess of the leg whose verdict counts; 0 where it is not known."""
    leg = result.score.primary
    return leg.headline.excess if leg is not None and leg.headline is not None else 0.0


def change_words(choice: str, cell: object) -> str:
    """A single change of definition: ``reading 6m``, ``price basis``, ``inverse_vol weights``."""
    value = str(getattr(cell, choice))
    return {
        "reading": f"reading {value}",
        "basis": f"{value} basis",
        "weighting": f"{value} weights",
        "stage": "costs and rules" if value == "net" else f"stage {value}",
    }[choice]


def _sessions(count: int) -> str:
    return "one session" if count == 1 else f"{count} sessions"


def _end(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
