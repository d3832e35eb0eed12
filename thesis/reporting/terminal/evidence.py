"""The evidence for the terminal: the verdict, its three lines, and what they rest on."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from thesis.reporting.backtest import Backtest
from thesis.reporting.terminal.fragile import fragile_parts
from thesis.reporting.terminal.grid import titled_table
from thesis.reporting.terminal.lines import (
    caution_lines,
    simulated_banner,
    whole_provenance,
    whole_verdict,
)
from thesis.reporting.terminal.luck import chance_notes, chance_table, placebo_notes, placebo_table
from thesis.reporting.words.evidence import window_words
from thesis.reporting.words.placebo import is_small
from thesis.reporting.words.terms import (
    band_name,
    index_name,
    percent,
    points,
    reading_keys,
)
from thesis.scoring.cross_section import Statistic
from thesis.scoring.evidence import Evidence
from thesis.scoring.reading import HEADLINE


def evidence_view(result: Backtest, *, plain: bool = False) -> RenderableType:
    """Everything that was found behind a verdict."""
    found = result.evidence
    if found is None:
        raise AssertionError("a result without evidence has no view of it")
    parts: list[RenderableType] = []
    if result.simulated:
        parts.append(simulated_banner(result.score.case.panel.origin, plain=plain))
    parts.append(whole_verdict(result))
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
    parts += [*caution_lines(result), Text(), whole_provenance(result)]
    parts.append(Text(f"Evidence: {found.draws:,} draws, seed {found.seed}.", style="dim"))
    return Group(*parts)


def events_table(result: Backtest, found: Evidence, *, plain: bool = False) -> Table | None:
    """Event tests at each month's end."""
    if found.events is None:
        return None
    table = titled_table("Event tests: CAR from the entry by the market model, points", plain)
    table.add_column("history to", no_wrap=True)
    table.add_column("CAR to", no_wrap=True)
    for heading in ("CAR", "Kolari-Pynnonen", "p", "basket (1)", "GRANK (2)"):
        table.add_column(heading, justify="right", no_wrap=True)
    rows = 0
    for estimate in found.events.estimates:
        for key, test in estimate.tests.items():
            if test is None:
                continue
            rows += 1
            kp = test.kolari_pynnonen
            table.add_row(
                str(estimate.window.last),
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
        if why := found.reasons.get("events"):
            yield f"Event tests: none: {why}"
        return
    tests = [test for each in events.estimates for test in each.tests.values() if test is not None]
    if any(test.kolari_pynnonen.t is not None for test in tests):
        size = next((test.rank_size for test in tests if test.rank_size), None)
        told = f"; with such names GRANK rejects {percent(size, 0)} of true nulls" if size else ""
        yield (
            f"Kolari-Pynnonen against t({len(tests[0].names) - 1}). (1) assumes unchanged "
            f"volatility. (2) by ranks{told}."
        )
    for estimate in events.estimates:
        last = next((t for t in reversed(list(estimate.tests.values())) if t is not None), None)
        if last is not None:
            yield (
                f"Estimated {window_words(estimate.window.id, estimate.window.last)}: "
                f"{_together(last.correlation)}beta {last.beta:.2f}, "
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
        f"{points(each.excess)} in the {each.sessions} sessions to {clock.known}"
        + (f" ({percent(each.share, 0)} of the whole move)" if each.share is not None else "")
        for each in clock.before
        if each.excess is not None
    )
    later = "" if clock.after is None else f"; from there to {clock.until} {points(clock.after)}"
    yield (
        f"Run-up, over the {index_name(events.market)}: {before}; from that close to the price "
        f"paid on {result.score.when.entry} {points(clock.gap)}{later}."
    )
    for each in clock.before:
        if each.reason is not None:
            yield f"  {each.sessions} sessions: no share of the move: {each.reason}."


def _together(correlation: float | None) -> str:
    return "" if correlation is None else f"correlation {correlation:.2f}, "


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
    if parts.selection[HEADLINE] is None:  # one name without a share_factor leaves the two as one
        rest = {
            key: None if one is None or other is None else one - other
            for key, one, other in ((k, parts.excess[k], parts.industry[k]) for k in keys)
        }
        told.append(("names and dividends together", rest))
    for title, values in told:
        if title.startswith(("selection", "names", "dividends", "  ")) and not result.thesis.codes:
            continue
        table.add_row(title, *(points(values[key]) if values else "" for key in keys))
    return table


def attribution_notes(result: Backtest, found: Evidence) -> Iterator[str]:
    """Which parts are missing, and why; Brinson effects where segments name an index."""
    parts = found.attribution
    if parts is None:
        return
    if any(segment.benchmark_index for segment in result.thesis.segment) and parts.brinson is None:
        yield f"No Brinson-Fachler effects: {parts.reasons.get('brinson', 'not known')}"
    if parts.brinson is not None:
        linked = ", Carino-linked between rebalances" if parts.brinson.linked else ""
        for each in parts.brinson.segments:
            yield (
                f"Brinson-Fachler{linked}, at the mean, {each.id} against {each.benchmark_index}: "
                "allocation "
                f"{points(each.allocation[HEADLINE])}, selection {points(each.selection[HEADLINE])}"
            )
    told = dict[str, str]()
    for part, why in parts.reasons.items():
        if part != "brinson":
            told.setdefault(why, part)  # one reason may stand in the way of two parts
    yield from (f"Not told, {part}: {why}" for why, part in told.items())


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
    small = result.evidence is not None and is_small(result.evidence)
    told = [
        f"{name} {points(reading.excess)} ({band_name(result.thesis, reading.rating)}, "
        f"{against.basis} basis)"
        for name, against in (
            ("the CSI 1000", found.small_caps),
            (
                "the stocks in these prices at equal weights"
                if small
                else "the equal-weight market",
                found.equal_weight,
            ),
        )
        if against.readings is not None and (reading := against.readings[HEADLINE]) is not None
    ]
    if told:
        yield f"Excess at the mean over other markets: {'; '.join(told)}."


def _t(test: Statistic) -> str:
    return "-" if test.t is None else f"{test.t:+.2f}"
