"""The evidence for the terminal: the verdict, its three lines, and what they rest on."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from thesis.reporting.backtest import Backtest
from thesis.reporting.cards import titled_table
from thesis.reporting.evidence_words import p_words, window_words
from thesis.reporting.fragile_view import fragile_parts
from thesis.reporting.lines import caution_lines, provenance_line, simulated_banner, verdict_card
from thesis.reporting.words import (
    band_name,
    index_name,
    percent,
    points,
    reading_keys,
)
from thesis.scoring.cross_section import Statistic
from thesis.scoring.evidence import Evidence
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


def evidence_view(result: Backtest, *, plain: bool = False) -> RenderableType:
    """Everything that was found behind a verdict."""
    found = result.evidence
    if found is None:
        raise AssertionError("a result without evidence has no view of it")
    parts: list[RenderableType] = []
    if result.simulated:
        parts.append(simulated_banner(result.score.case.panel.origin))
    parts.append(verdict_card(result))
    if not len(result.score.axis):
        return Group(*parts, *caution_lines(result))
    for title, more in (
        (chance_table(result, found, plain=plain), chance_notes(result, found)),
        (placebo_table(result, found, plain=plain), placebo_notes(result, found)),
        (events_table(result, found, plain=plain), event_notes(result, found)),
        (attribution_table(result, found, plain=plain), attribution_notes(result, found)),
    ):
        if title is not None:
            parts += [Text(), title]
        parts += [Text(line, style="dim") for line in more]
    parts += fragile_parts(result, found, plain=plain)
    parts += [Text(), *(Text(line) for line in risk_lines(result))]
    parts += [*caution_lines(result), *(_warned(found)), Text(), provenance_line(result)]
    parts.append(Text(f"Evidence: {found.draws:,} draws, seed {found.seed}.", style="dim"))
    return Group(*parts)


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
    if found.placebo is None:
        return None
    thesis = result.thesis
    table = titled_table(
        f"Placebo: random lists of {found.placebo.names}, same morning, at the mean", plain
    )
    table.add_column("drawn from", no_wrap=True)
    for heading in ("stocks", "lists", "median"):
        table.add_column(heading, justify="right", no_wrap=True)
    for band in thesis.scale.bands:
        table.add_column(band.short or band.name, justify="right", no_wrap=True)
    table.add_column("beaten", justify="right", no_wrap=True)
    table.add_column("p", justify="right", no_wrap=True)
    for key, pool in found.placebo.pools.items():
        reading = (pool.readings or {}).get(HEADLINE)
        if reading is None:
            table.add_row(POOLS[key], *["-"] * (5 + len(thesis.scale.bands)))
            continue
        mark = "*" if pool.nearly_identical else ""
        table.add_row(
            f"{POOLS[key]}{mark}",
            f"{pool.stocks:,}",
            f"{'all ' if pool.exact else ''}{pool.draws:,}",
            points(reading.median),
            *(percent(reading.shares[band.id], 0) for band in thesis.scale.bands),
            percent(reading.beats, 0),
            p_words(reading.p),
        )
    return table


def placebo_notes(result: Backtest, found: Evidence) -> Iterator[str]:
    """What was drawn from, what was not, and what that bends."""
    if found.placebo is None:
        yield f"Placebo: none: {(found.reasons or {}).get('placebo')}"
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
    drawn = found.drawn
    if drawn is None:
        return
    counts = [f"{count:,} {SIZED[each]}" for each, count in drawn.measures.items()]
    yield f"Sizes as of {drawn.sized_on}, within the industry: {', '.join(counts)}."
    if drawn.left_out:
        told = "; ".join(f"{count:,} {why}" for why, count in drawn.left_out.items())
        yield f"Not drawn: {told}."
    lost = drawn.survivorship
    ended = (
        f" Of those drawn {lost.ended} end inside the window, carried at the last close."
        if lost.ended
        else ""
    )
    yield (
        f"Survivorship: {lost.missing} stocks listed then have no bars here, {lost.unusable} have "
        f"some that cannot be used.{ended} Stocks that "
        "vanish mostly did badly first, so random lists return too much and p is rather too large "
        f"than too small. Had all {lost.missing + lost.unusable} lost everything, the market's "
        f"return would be {points(lost.at_worst)}, not {points(lost.equal_weight)}."
    )


def events_table(result: Backtest, found: Evidence, *, plain: bool = False) -> Table | None:
    """Event tests at each month's end."""
    if found.events is None:
        return None
    table = titled_table("Event tests: CAR from the entry by the market model, points", plain)
    table.add_column("estimated", no_wrap=True)
    table.add_column("to", no_wrap=True)
    for heading in ("CAR", "Kolari-Pynnonen", "p", "basket t (1)", "GRANK t (2)"):
        table.add_column(heading, justify="right", no_wrap=True)
    rows = 0
    for estimate in found.events.estimates:
        for key, test in estimate.tests.items():
            if test is None:
                continue
            rows += 1
            kp = test.kolari_pynnonen
            table.add_row(
                window_words(estimate.window.id, estimate.window.last),
                key,
                points(test.car),
                _t(kp),
                "-" if kp.p is None else f"{kp.p:.2f}",
                _t(test.basket),
                _t(test.rank),
            )
    return table if rows else None


def event_notes(result: Backtest, found: Evidence) -> Iterator[str]:
    """What the tests assume, who was left out, and the run-up clock."""
    events = found.events
    if events is None:
        if why := (found.reasons or {}).get("events"):
            yield f"Event tests: none: {why}"
        return
    tests = [test for each in events.estimates for test in each.tests.values() if test is not None]
    if tests:
        size = tests[0].rank_size
        told = f"; with such names GRANK rejects {percent(size, 0)} of true nulls" if size else ""
        yield (
            f"Kolari-Pynnonen against t({len(tests[0].names) - 1}), correlation "
            f"{tests[0].correlation:.2f}"
            if tests[0].correlation is not None
            else "One name: no name-level test"
        ) + f". (1) assumes unchanged volatility. (2) by ranks{told}."
    for estimate in events.estimates:
        last = next((t for t in reversed(list(estimate.tests.values())) if t is not None), None)
        if last is not None:
            yield (
                f"{window_words(estimate.window.id, estimate.window.last)}: beta {last.beta:.2f}, "
                f"alpha {last.alpha * 100:+.2f} points a session, so that the model expected "
                f"{points(last.alpha * last.sessions)} over {last.sessions} sessions beside the "
                "market, and the CAR is without them."
            )
    silent = dict.fromkeys(t.kolari_pynnonen.reason for t in tests if t.kolari_pynnonen.reason)
    yield from (f"No Kolari-Pynnonen test: {why}." for why in silent)
    for code, why in {k: v for test in tests for k, v in test.left_out.items()}.items():
        yield f"{code} is not tested: {why}."
    clock = events.run_up
    if clock is None:
        return
    before = "; ".join(
        f"{points(each.car)} in the {each.sessions} sessions to {clock.known}"
        + (f" ({percent(each.share, 0)} of the whole move)" if each.share is not None else "")
        for each in clock.before
        if each.car is not None
    )
    yield (
        f"Run-up, over the {index_name(events.market)}: {before}; overnight to the entry price "
        f"{points(clock.gap)}; from there to {clock.until} {points(clock.after)}."
    )
    for each in clock.before:
        if each.reason is not None:
            yield f"  {each.sessions} sessions: no share of the move: {each.reason}."


def attribution_table(result: Backtest, found: Evidence, *, plain: bool = False) -> Table | None:
    """The excess in parts that sum to it, by reading; selection by segment and by name."""
    parts, keys = found.attribution, reading_keys(result.score)
    if parts is None or all(value is None for value in parts.industry.values()):
        return None
    table = titled_table("Attribution of the excess, points", plain)
    table.add_column("", max_width=34)
    for key in keys:
        table.add_column(key, justify="right", no_wrap=True)
    names = {name.code: name.name for name in result.score.names}
    titles = {s.id: s.name_zh or s.name or s.id for s in result.thesis.segment}
    sector = index_name(result.thesis.claim.sector_index or "")
    told = [
        ("excess", parts.excess),
        (f"industry: {sector}", parts.industry),
        ("selection: names less the sector", parts.selection),
        *((f"  {titles[each.id]}", each.selection) for each in parts.segments if each.weight),
        *((("  the same by name:", {}),) if parts.names else ()),
        *((f"  {each.code} {names.get(each.code, '')}", each.selection) for each in parts.names),
        ("dividends: names' less benchmark's", parts.dividends),
    ]
    for title, values in told:
        if title.startswith(("selection", "dividends", "  ")) and not result.thesis.codes:
            continue
        table.add_row(title, *(points(values[key]) if values else "" for key in keys))
    return table


def attribution_notes(result: Backtest, found: Evidence) -> Iterator[str]:
    """Which parts are missing, and why; Brinson effects where segments name an index."""
    parts = found.attribution
    if parts is None:
        return
    if parts.brinson is not None:
        linked = ", Carino-linked between rebalances" if parts.brinson.linked else ""
        for each in parts.brinson.segments:
            yield (
                f"Brinson-Fachler{linked}, {each.id} against {each.benchmark_index}: allocation "
                f"{points(each.allocation[HEADLINE])}, selection {points(each.selection[HEADLINE])}"
            )
    yield from (f"{part}: {why}" for part, why in parts.reasons.items() if part != "brinson")


def risk_lines(result: Backtest) -> Iterator[str]:
    """Beta, tracking error, drawdown, and the excess over what else the basket resembles."""
    found = result.score.risk
    if found is None:
        return
    if found.measures is not None:
        each = found.measures
        beta = "-" if each.beta is None else f"{each.beta:.2f}"
        ratio = "-" if each.information_ratio is None else f"{each.information_ratio:.2f}"
        when = f" (trough {each.drawdown.trough})" if each.drawdown.trough else ""
        yield (
            f"Risk over the window: beta {beta}, tracking error {percent(each.tracking_error)}, "
            f"information ratio {ratio}, largest fall against the benchmark "
            f"{percent(each.drawdown.size)}{when}."
        )
    elif found.reason:
        yield f"Risk: {found.reason}."
    told = [
        f"{name} {points(reading.excess)} ({band_name(result.thesis, reading.rating)})"
        for name, against in (
            ("the CSI 1000", found.small_caps),
            ("the equal-weight market", found.equal_weight),
        )
        if against.readings is not None and (reading := against.readings[HEADLINE]) is not None
    ]
    if told:
        yield f"Excess at the mean over other markets: {'; '.join(told)}."


def _warned(found: Evidence) -> Iterator[RenderableType]:
    said = [each for each in found.cautions if each.code != "pool_left_out"]  # stands above
    yield from (Text(f"! {each.message}", style="yellow") for each in said)


def _t(test: Statistic) -> str:
    return "-" if test.t is None else f"{test.t:+.2f}"
