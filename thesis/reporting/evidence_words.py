"""The evidence in three lines: base rate, placebo, fragility. The first two never stand apart."""

import datetime as dt
from collections.abc import Mapping

from thesis.reporting.backtest import Backtest
from thesis.reporting.words import band_name, index_name, percent, points
from thesis.scoring.chance import NoDrift
from thesis.scoring.estimation import BREAKS
from thesis.scoring.evidence import Evidence
from thesis.scoring.placebo import Placebo, PlaceboReading
from thesis.scoring.reading import HEADLINE


def evidence_lines(result: Backtest) -> list[str]:
    """Base rate, placebo and fragility of a verdict; none where none was sought or is known.

    Before the window's end the base rate is that of the rating claimed, and the placebo to come.
    """
    found, leg = result.evidence, result.score.primary
    if found is None or leg is None:
        return []
    if leg.headline is None:
        if not result.score.open_window or not worlds_of(result, found):
            return []
        to_come = f"Placebo: not yet: the window ends on {result.score.when.end}."
        return [_base_rate(result, found, result.thesis.band.id), to_come]
    earned = leg.headline.rating
    lines = [_base_rate(result, found, earned), _placebo(result, found, earned)]
    return [*lines, _fragility(result, found, earned)]


def worlds_of(result: Backtest, found: Evidence) -> tuple[NoDrift, ...]:
    """The no-drift worlds of the leg whose verdict counts."""
    if found.chance is None:
        return ()
    return found.chance.paper if result.thesis.codes else found.chance.sector


def _base_rate(result: Backtest, found: Evidence, rating: str) -> str:
    told = []
    for world in worlds_of(result, found):
        reading = (world.readings or {}).get(HEADLINE)
        if reading is not None:
            told.append((world, reading.shares))
    if not told:
        reason = next((w.reason for w in worlds_of(result, found) if w.reason), None)
        why = reason or found.reasons.get("chance", "there is no history")
        return f"Base rate: none: {_end(why)}"
    (world, shares), *others = told
    who = "a basket" if result.thesis.codes else "an index"
    text = (
        f"Base rate: in a no-drift world {who} this volatile (tracking error "
        f"{percent(world.tracking_error, 0)}) earns {rated_words(result, rating, shares)} of the "
        "time"
    )
    if others:
        (other, twin), first = others[0], window_words(world.window, world.last)
        text += (
            f", by its history {first}; {percent(twin[rating], 0)} by that "
            f"{window_words(other.window, other.last)}"
        )
    return f"{text}. That is how easily the rating comes, not how likely this one was luck."


def _placebo(result: Backtest, found: Evidence, earned: str) -> str:
    if found.placebo is None:
        if not result.thesis.codes:
            return "Placebo: none: no names were called, so there are no other names to draw."
        return f"Placebo: none: {_end(found.reasons.get('placebo', 'no market'))}"
    pools = found.placebo.pools
    own, market = pools["industry"], pools["market"]
    count, when = found.placebo.names, _moment(result)
    few = market.stocks if is_small(found) else None
    anyone = "names of any industry" if few is None else f"of the {few} names in these prices"
    told = list[str]()
    for pool, whom in ((own, industry_words(own)), (market, anyone)):
        reading = (pool.readings or {}).get(HEADLINE)
        if reading is None:
            continue
        short = bool(told)
        lists = f"lists of {count} {whom}" if count > 1 else whom.removeprefix("of the ")
        drawn = "" if short else f"{'all ' if pool.exact else ''}{pool.draws:,} "
        drawn += "" if short or pool.exact else "random "
        bought = "" if short else f" bought {'alone ' if count == 1 else ''}the same {when}"
        told.append(
            f"of {drawn}{lists}{bought} {earned_words(result, earned, reading.shares)}, and "
            f"{_these(count)} {beaten_words(result, reading, short=short)}"
        )
    if not told:
        why = own.reason or market.reason or "nothing is known"
        more = "; prices of the whole market would give one" if is_small(found) else ""
        return f"Placebo: none: {_end(f'{why}{more}')}"
    alike = " Most random lists share names with this one." if own.nearly_identical else ""
    return f"Placebo: {'; '.join(told)}.{alike}"


def rated_words(result: Backtest, rating: str, shares: Mapping[str, float]) -> str:
    """How often a rating comes, and the claimed one where it is another.

    ``Buy 82%``, or ``Overweight 12% and the claimed Buy 61%``.
    """
    claimed, thesis = result.thesis.band.id, result.thesis
    text = f"{band_name(thesis, rating)} {percent(shares[rating], 0)}"
    if claimed == rating:
        return text
    return f"{text} and the claimed {band_name(thesis, claimed)} {percent(shares[claimed], 0)}"


def earned_words(result: Backtest, rating: str, shares: Mapping[str, float]) -> str:
    """What share earned a rating, and what share the claimed one where it is another."""
    claimed, thesis = result.thesis.band.id, result.thesis
    text = f"{percent(shares[rating], 0)} earned {band_name(thesis, rating)}"
    if claimed == rating:
        return text
    return f"{text} and {percent(shares[claimed], 0)} the claimed {band_name(thesis, claimed)}"


def is_small(found: Evidence) -> bool:
    """Whether the prices hold too few stocks to be a market."""
    return any(each.code == "pool_small" for each in found.cautions)


def industry_words(pool: Placebo) -> str:
    """What an industry pool draws: ``media names``, or ``names of the same industries``."""
    labels = [each.label for each in pool.strata]
    if len(labels) == 1:
        return f"{index_name(labels[0])} names"
    return "names of the same industries"


def beaten_words(result: Backtest, reading: PlaceboReading, *, short: bool = False) -> str:
    """The share of the lists that did worse, and how often a random one does as well.

    Of a call that its names will fall, the share that did better, and how often one does as badly.
    """
    bearish = claims_a_fall(result)
    share = 1 - reading.beats - (2 * (reading.percentile - reading.beats)) if bearish else None
    told = share_words(reading.beats if share is None else share)
    p = p_words(reading.p_worse if bearish else reading.p)
    verb = "did worse than" if bearish else "beat"
    if short:
        return f"{verb} {told} (p {p})"
    return f"{verb} {told} of them (p {p} that one does as {'badly' if bearish else 'well'})"


def claims_a_fall(result: Backtest) -> bool:
    """Whether the rating claimed lies below zero: then doing badly is what was called."""
    bands = result.thesis.scale.bands
    at = [band.id for band in bands].index(result.thesis.band.id)
    above = bands[at - 1].lower if at else None
    return above is not None and above <= 0


def share_words(share: float) -> str:
    """A share of the lists; what rounds to all or none of them without being so is said.

    Examples
    --------
    >>> share_words(0.757), share_words(0.0), share_words(0.002), share_words(0.998)
    ('76%', 'none', 'under 1%', 'over 99%')
    """
    if 0 < share < 0.005:
        return "under 1%"
    if 0.995 <= share < 1:
        return "over 99%"
    return percent(share, 0) if share > 0 else "none"


def p_words(p: float) -> str:
    """A p-value, with the digits that tell it from 0 and from 1.

    Examples
    --------
    >>> p_words(0.2432), p_words(0.00012), p_words(0.99991)
    ('0.24', '0.0001', '1.00')
    """
    return f"{p:.2f}" if p >= 0.01 else f"{p:.1g}"


def _fragility(result: Backtest, found: Evidence, earned: str) -> str:
    thesis, told = result.thesis, list[str]()
    rating = band_name(thesis, earned)
    if found.definitions is not None and found.definitions.kept is not None:
        every = found.definitions
        kept = round((every.kept or 0) * every.known)
        flips = [change_words(each.choice, each.cell) for each in every.flips]
        words = f"; alone would change it: {', '.join(flips)}" if flips else ""
        told.append(
            f"{kept} of {every.known} combinations of reading, basis, weighting and costs keep "
            f"{rating}{words}"
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
            f"{turn}, and {percent(share, 0)} of all entries with an exit in the window keep it"
        )
    best = found.best_name if len(result.score.names) > 1 else None
    if best is not None and best.share is not None and best.code is not None:
        without = next((w for w in result.score.without if w.code == best.code), None)
        left = (
            f" (without it {points(without.excess)}: {band_name(thesis, without.rating)})"
            if without is not None
            else ""
        )
        whole = "excess" if leg_excess(result) >= 0 else "shortfall"
        told.append(f"{best.code} alone made {percent(best.share, 0)} of the {whole}{left}")
    if not told and result.score.dated:
        rated = [each.sector.rating for each in result.score.dated if each.sector is not None]
        told.append(
            f"{sum(each == earned for each in rated)} of {len(rated)} publication dates around the "
            f"inferred one keep {rating}"
        )
    if not told:
        reasons = found.reasons
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


def _moment(result: Backtest) -> str:
    return "morning" if result.score.when.price == "open" else "day"


def _these(count: int) -> str:
    return "this name" if count == 1 else "these names"


def _sessions(count: int) -> str:
    return "one session" if count == 1 else f"{count} sessions"


def _end(text: str) -> str:
    return text if text.endswith(".") else f"{text}."
