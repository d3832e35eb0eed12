"""Base rate and placebo for the terminal: how easily a rating comes, and who else earned it."""

from collections.abc import Iterator

from rich.table import Table
from rich.text import Text

from thesis.reporting.backtest import Backtest
from thesis.reporting.terminal.grid import titled_table
from thesis.reporting.words.evidence import window_words
from thesis.reporting.words.placebo import (
    claims_a_fall,
    is_small,
    moment_words,
    p_words,
    share_words,
    standing,
)
from thesis.reporting.words.terms import percent, points, reading_keys
from thesis.scoring.evidence import Drawn, Evidence
from thesis.scoring.reading import HEADLINE

POOLS = {
    "market": "any stock",
    "industry": "same industries",
    "industry_size": "same industries and sizes",
}
SIZED = {
    "float_cap": "by float capitalisation",
    "median_amount": "by median daily amount",
    "unknown": "unknown",
}


def chance_table(result: Backtest, found: Evidence, *, plain: bool = False) -> Table | None:
    """How often each rating is earned in the no-drift world, by reading and history."""
    thesis, keys = result.thesis, reading_keys(result.score)
    table = titled_table("Base rate: ratings of a no-drift world", plain)
    table.add_column("", no_wrap=True)
    for key in keys:
        table.add_column(key, justify="right", no_wrap=True)
    legs = [("paper", found.chance.paper), ("sector", found.chance.sector)] if found.chance else []
    rows = 0
    for name, worlds in legs:
        for world in worlds:
            if world.readings is None:
                continue
            told = f"{name}, {window_words(world.window, world.last)}"
            table.add_row(Text(told, style="bold"), *[""] * len(keys))
            for band in thesis.scale.bands:
                cells = [world.readings.get(key) for key in keys]
                shares = ["-" if c is None else percent(c.shares[band.id], 0) for c in cells]
                table.add_row(f"  {band.name}", *shares)
                rows += 1
    return table if rows else None


def chance_notes(result: Backtest, found: Evidence) -> Iterator[str]:
    """What the no-drift worlds were made of."""
    if found.chance is None:
        return
    for name, worlds in (("paper", found.chance.paper), ("sector", found.chance.sector)):
        for world in worlds:
            when = window_words(world.window, world.last)
            if world.readings is None:
                yield f"No world of {name} {when}: {world.reason}."
                continue
            left = f", without {', '.join(world.left_out)}" if world.left_out else ""
            yield (
                f"{name}, {when}: {world.sessions} sessions, {world.first} to {world.last}{left}; "
                f"blocks of {world.block:.0f} on average; tracking error "
                f"{percent(world.tracking_error)}."
            )


def placebo_table(result: Backtest, found: Evidence, *, plain: bool = False) -> Table | None:
    """The thesis among random watchlists, at the headline."""
    if found.placebo is None or result.score.open_window:
        return None
    thesis = result.thesis
    table = titled_table(
        f"Placebo: random lists of {found.placebo.names}, same {moment_words(result)}, at the mean",
        plain,
    )
    table.add_column("drawn from", no_wrap=True)
    for heading in ("stocks", "lists", "median"):
        table.add_column(heading, justify="right", no_wrap=True)
    for band in thesis.scale.bands:
        table.add_column(band.short or band.name, justify="right", no_wrap=True)
    falls = claims_a_fall(result)
    table.add_column("did better" if falls else "beaten", justify="right", no_wrap=True)
    table.add_column("p", justify="right", no_wrap=True)
    for key, pool in found.placebo.pools.items():
        reading = (pool.readings or {}).get(HEADLINE)
        if reading is None:
            table.add_row(POOLS[key], *["-"] * (5 + len(thesis.scale.bands)))
            continue
        mark = "*" if pool.nearly_identical else ""
        outdone, p = standing(result, reading)
        table.add_row(
            f"{POOLS[key]}{mark}",
            f"{pool.stocks:,}",
            f"{'all ' if pool.exact else ''}{pool.draws:,}",
            points(reading.median),
            *(percent(reading.shares[band.id], 0) for band in thesis.scale.bands),
            share_words(outdone),
            p_words(p),
        )
    return table


def placebo_notes(result: Backtest, found: Evidence) -> Iterator[str]:
    """What was drawn from, what was not, and what that bends."""
    if found.placebo is None:
        if (why := found.reasons.get("placebo")) is not None:
            yield f"Placebo: none: {why}"
        return
    for key, pool in found.placebo.pools.items():
        if pool.reason is not None:
            yield f"{POOLS[key]}: {pool.reason}"
    if any(pool.nearly_identical for pool in found.placebo.pools.values()):
        yield "* a list takes more than half of a group: random lists are nearly this one."
    if found.placebo.outside:
        yield (
            f"{', '.join(found.placebo.outside)} could not be bought at the entry, as every drawn "
            "stock could."
        )
    if found.drawn is not None:
        yield from drawn_notes(result, found, found.drawn)


def drawn_notes(result: Backtest, found: Evidence, drawn: Drawn) -> Iterator[str]:
    """The stocks that were drawn from, those that were not, and what their absence bends."""
    counts = [f"{count:,} {SIZED[each]}" for each, count in drawn.measures.items()]
    yield f"Sizes as of {drawn.sized_on}, within the industry: {', '.join(counts)}."
    if drawn.left_out:
        told = "; ".join(f"{count:,} {why}" for why, count in drawn.left_out.items())
        yield f"Not drawn: {told}."
    if is_small(found):
        yield (
            f"These prices hold {drawn.survivorship.drawn:,} stocks that could be drawn, which is "
            "no market: what they were chosen for, the placebo has too."
        )
        return
    lost = drawn.survivorship
    if lost.ended and not result.score.open_window:
        yield (
            f"{lost.ended} of the stocks drawn from end inside the window, carried at the last "
            "close."
        )
    gone = lost.missing + lost.unusable
    if gone and lost.at_worst is not None:
        yield (
            f"Survivorship: up to {lost.missing} stocks listed then have no bars here and "
            f"{lost.unusable} have some that cannot be used. Stocks that vanish mostly did badly "
            "first, so random lists return rather too much and p is rather too "
            f"{'small' if claims_a_fall(result) else 'large'}. Had all "
            f"{gone} lost everything, the equal-weight market's return to {result.score.axis[-1]} "
            f"would be {points(lost.at_worst)}, not {points(lost.equal_weight)}."
        )
