"""What a verdict hangs on, for the terminal: entry and exit, definitions, names, other dates."""

from collections.abc import Iterator

import numpy as np
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from thesis.market.calendar import as_date
from thesis.reporting.backtest import Backtest
from thesis.reporting.terminal.grid import titled_table
from thesis.reporting.terminal.lines import fragile_lines
from thesis.reporting.words.evidence import change_words
from thesis.reporting.words.terms import band_name, percent, points, reading_cell, short_name
from thesis.scoring.evidence import Evidence
from thesis.scoring.reading import HEADLINE
from thesis.scoring.surface import Surface
from thesis.scoring.wider import WiderList

#: Delays and exits of the surface that a terminal is shown; files have all.
SHOWN_DELAYS = (0, 1, 2, 3, 5, 10, 15, 20)
SHOWN_EXITS = 6


def fragile_parts(
    result: Backtest, found: Evidence, *, plain: bool = False
) -> list[RenderableType]:
    """Every table and line on what the verdict hangs on."""
    parts: list[RenderableType] = []
    if found.surface is not None:
        parts += [Text(), surface_table(result, found.surface, plain=plain)]
        parts.append(Text(surface_words(result, found.surface), style="dim"))
    told = list(definition_lines(result, found))
    parts += [Text(), *(Text(line) for line in told)] if told else []
    wider = list(wider_parts(result, found, plain=plain))
    parts += [Text(), *wider] if wider else []
    dates = list(date_lines(result, found))
    parts += [Text(), *(Text(line, style="dim") for line in dates)] if dates else []
    return [*parts, *fragile_lines(result)]


def surface_table(result: Backtest, found: Surface, *, plain: bool = False) -> Table:
    """Entry delay x exit session, some of each: excess and rating."""
    thesis = result.thesis
    table = titled_table("Entered so many sessions later (rows), read at a close (columns)", plain)
    table.add_column("", justify="right")
    columns = shown_exits(result, found)
    for column in columns:
        table.add_column(f"{as_date(found.sessions[column]):%m-%d}", justify="right", no_wrap=True)
    table.add_column("mean", justify="right", no_wrap=True)
    ids = [band.id for band in thesis.scale.bands]
    for row, delay in enumerate(found.delays):
        if delay not in SHOWN_DELAYS:
            continue
        cells = []
        for column in columns:
            excess, number = found.excess[row, column], found.ratings[row, column]
            told = "" if number < 0 else f" {short_name(thesis, ids[number])}"
            cells.append("-" if np.isnan(excess) else f"{points(float(excess))}{told}")
        each = found.by_delay[row]
        mean = "-" if each.rating is None else short_name(thesis, each.rating)
        table.add_row(f"+{delay}", *cells, f"{points(each.excess[HEADLINE])} {mean}")
    return table


def shown_exits(result: Backtest, found: Surface) -> list[int]:
    """Columns of the surface to show: evenly from the first month to the month ends."""
    ends = [
        int(np.searchsorted(found.sessions, np.datetime64(day)))
        for day in result.score.when.windows.values()
        if day is not None
    ]
    inside = [column for column in ends if column < len(found.sessions)]
    first = min(inside, default=len(found.sessions) - 1)
    return sorted({first // 2, *inside, len(found.sessions) - 1} - {0})[:SHOWN_EXITS]


def surface_words(result: Backtest, found: Surface) -> str:
    """How the surface's cells are rated; that they are one sample."""
    parts = []
    for name, cells in (("the window", found.window), ("the whole range", found.whole)):
        if not cells.count:
            continue
        shares = ", ".join(
            f"{band_name(result.thesis, each)} {percent(share, 0)}"
            for each, share in cells.shares.items()
            if share
        )
        parts.append(
            f"Of {cells.count:,} cells of {name}: {shares}; lowest {points(cells.lowest)}, median "
            f"{points(cells.middle)}, highest {points(cells.highest)}."
        )
    return f"{' '.join(parts)} The cells are one sample seen from many sides; none has a p."


def definition_lines(result: Backtest, found: Evidence) -> Iterator[str]:
    """Other readings, bases, weightings, and costs, one change at a time."""
    every = found.definitions
    if every is None:
        return
    told = [
        f"{change_words(each.choice, each.cell)} {points(each.cell.excess)} "
        f"{band_name(result.thesis, each.cell.rating)}{'!' if each.flips else ''}"
        for each in every.changes
        if each.cell.excess is not None
    ]
    if not told:
        return
    kept = "" if every.kept is None else f"; {percent(every.kept, 0)} of all {every.known} keep it"
    yield f"One change at a time (! another rating): {', '.join(told)}{kept}."
    yield from (f"  not read: {each.value} {each.choice}: {each.reason}" for each in every.left_out)


def wider_parts(
    result: Backtest, found: Evidence, *, plain: bool = False
) -> Iterator[RenderableType]:
    """Other lists where names were inferred or picked by hand: a table a segment."""
    for wider in found.wider or ():
        if wider.reason is not None or wider.own is None:
            yield Text(f"Wider lists, {wider.segment}: none: {wider.reason}")
            continue
        yield wider_table(result, wider, plain=plain)
        low, high = wider.span or (wider.own.excess, wider.own.excess)
        yield Text(
            f"Of {wider.count} other names of {', '.join(wider.classes)} the first "
            f"{len(wider.candidates)} by median daily amount to {wider.ranked_on}. With them the "
            f"whole thesis at equal weights earns {points(low)} to {points(high)}, with its own "
            f"list {points(wider.own.excess)}: {len(wider.flips)} of {len(wider.others)} other "
            f"lists earn another rating than {band_name(result.thesis, wider.own.rating)}.",
            style="dim",
        )
    if why := found.reasons.get("wider"):
        yield Text(f"Wider lists: none: {why}")


def wider_table(result: Backtest, wider: WiderList, *, plain: bool = False) -> Table:
    """Each pick swapped for each candidate, and the list widened by the candidates so far."""
    thesis = result.thesis
    table = titled_table(f"Wider lists, {wider.segment}: another name for each pick", plain)
    table.add_column("passed over", no_wrap=True)
    for code in wider.picks:
        table.add_column(f"for {code}", justify="right", no_wrap=True)
    table.add_column("added to the list", justify="right", no_wrap=True)
    swaps = {(each.out, each.into[0]): each for each in wider.swaps}
    for row, candidate in enumerate(wider.candidates):
        others = [swaps.get((code, candidate.code)) for code in wider.picks]
        others.append(wider.widened[row] if row < len(wider.widened) else None)
        table.add_row(
            f"{candidate.code} {candidate.name or ''}",
            *(
                "-" if x is None else f"{points(x.excess)} {short_name(thesis, x.rating)}"
                for x in others
            ),
        )
    return table


def date_lines(result: Backtest, found: Evidence) -> Iterator[str]:
    """The same names on earlier dates: a description."""
    dates = found.random_dates
    if dates is None or not dates.windows:
        return
    told = ", ".join(
        f"{each.entry} {reading_cell(each.readings[HEADLINE], result.thesis)}"
        for each in dates.windows
    )
    why = "fewer than 20, so no p" if dates.p is None else f"p {dates.p:.2f}"
    yield (
        f"The same names entered earlier, {_windows(dates.independent)} "
        f"({why}; they were picked knowing these): {told}."
    )


def _windows(count: int) -> str:
    return "one window" if count == 1 else f"{count} windows that share no session"
