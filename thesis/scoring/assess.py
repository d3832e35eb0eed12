"""From a case to its score: every leg, name, segment and caution."""

import datetime as dt
from dataclasses import replace

import numpy as np

from thesis.errors import Caution, PricesError, RulesError
from thesis.market.benchmark import (
    Benchmark,
    benchmark_returns,
    choose_benchmark,
    expected_benchmark,
    price_benchmark,
)
from thesis.market.calendar import (
    Dates,
    Timing,
    as_date,
    calendar_horizon,
    session_on_or_before,
    timing,
)
from thesis.market.listing import st_known
from thesis.scoring.basket import (
    Held,
    at_zero,
    basket_leg,
    hold_names,
    leave_one_out,
    name_results,
    segment_results,
)
from thesis.scoring.cautions import case_cautions, name_cautions, still_open
from thesis.scoring.fragility import DatedRating, dates_around
from thesis.scoring.leg import Bar
from thesis.scoring.reading import Horizon, Reading
from thesis.scoring.risk import risk
from thesis.scoring.score import Case, Score, Traded
from thesis.scoring.sector import other_sectors, sector_leg
from thesis.scoring.traded import trade
from thesis.trading.simulation import decide_weights, session_axis


def timing_of(case: Case, published: dt.date | dt.datetime | None = None) -> Timing:
    """Entry and windows of a case, or of the same case published another day."""
    strategy = case.strategy
    when = case.thesis.source.published if published is None else published
    return timing(when, case.thesis.scale, strategy.entry, strategy.delay)


def score_thesis(case: Case) -> Score:
    """Score a case.

    Raises
    ------
    PricesError
        If the benchmark cannot be had, prices start after the entry, or no name has prices.
    """
    thesis, when = case.thesis, timing_of(case)
    benchmark, cautions = price_benchmark(thesis.scale.benchmark), case_cautions(case, when)
    axis = known_axis(case, when)
    if not len(axis):
        return _unknown(case, when, axis, cautions, "the entry lies after the window")
    have = [code for code in thesis.codes if code in case.panel]
    if thesis.codes and not have:
        raise PricesError(
            f"{case.panel.origin} has no prices of any of the {len(thesis.codes)} names of "
            f"{thesis.id} ({', '.join(thesis.codes[:3])}{', ...' if thesis.codes[3:] else ''}); "
            f"give a folder that has them (--prices FOLDER), where files without the columns code, "
            f"date and close are passed over, or get them (thesis fetch {thesis.id})"
        )
    if thesis.codes:
        benchmark, more = choose_benchmark(case.panel, benchmark.code, have, case.basis)
        cautions += more
    if (ends := _ends_before_entry(case, when)) is not None:
        return _unknown(case, when, axis, [*cautions, ends], ends.message)
    require_start(case, when, have)

    horizon = Horizon.on(axis, when.windows)
    bar = _bar(case, when, _why_unknown(case, when, benchmark))
    against, more = benchmark_returns(case.panel, benchmark, axis, when.price)
    cautions += more
    if np.isnan(against).any() and when.end is not None and case.as_of >= when.end:
        last = case.panel.last_bar(benchmark.code)
        text = f"the levels of {benchmark.code} end on {last}, before the window"
        cautions.append(Caution("prices_end_early", text))
    sector, more = sector_leg(case, axis, when, horizon, bar)
    cautions += more
    score = Score(
        case=case,
        when=when,
        axis=axis,
        basis=benchmark.basis,
        benchmark=benchmark,
        sector=sector,
        other_sectors=other_sectors(case, axis, when, horizon),
        dated=_dated(case, benchmark),
    )
    if not thesis.codes:
        return replace(score, cautions=_once([*cautions, *still_open(case, when, sector)]))

    held = hold_names(
        case, decide_weights(thesis, case.strategy, case.panel, when), axis, benchmark.basis
    )
    paper = basket_leg(case, held, benchmark, against, horizon, bar)
    traded: Traded | None = None
    try:
        traded, more = trade(case, held, when, benchmark, against, horizon, bar)
        cautions += more
    except RulesError as error:
        cautions.append(Caution("no_rule", f"no net basket: {error}"))
    names = name_results(case, held, horizon, traded)
    cautions += [*name_cautions(names, case, axis), *still_open(case, when, paper)]
    score = replace(score, paper=paper)
    return replace(
        score,
        traded=traded,
        segments=segment_results(case, held, against, horizon, benchmark.basis),
        names=names,
        at_zero=at_zero(case, held, against, horizon),
        without=leave_one_out(held, against, horizon, case),
        risk=risk(score, held, horizon),
        coverage=_coverage(case, held, axis),
        cautions=_once(cautions),
    )


def known_axis(case: Case, when: Timing) -> Dates:
    """Sessions from the entry to the window's end, or to today before that."""
    last = min(case.as_of, when.end or calendar_horizon(), calendar_horizon())
    end = session_on_or_before(last)
    if when.entry is None or end is None or when.entry > end:
        return session_axis(dt.date(1, 1, 2), dt.date(1, 1, 1))
    axis = session_axis(when.entry, end)
    if when.end is None or case.as_of < when.end:
        # Not yet over: known is what has been priced, and yesterday's fetch is no fault.
        bars = [
            case.panel.last_bar(code) for code in (*case.thesis.codes, case.thesis.scale.benchmark)
        ]
        priced = max((day for day in bars if day is not None), default=end)
        axis = axis[axis <= np.datetime64(max(priced, when.entry))]
    return axis


def _bar(case: Case, when: Timing, why: str) -> Bar:
    return Bar(
        scale=case.thesis.scale,
        claimed=case.thesis.band.id,
        when=when,
        as_of=case.as_of,
        simulated=case.panel.simulated,
        why_unknown=why,
    )


def _why_unknown(case: Case, when: Timing, benchmark: Benchmark) -> str:
    """The reason a headline is unknown, where prices of names and sector are not to blame."""
    first = next(iter(when.windows.values()))
    if first is not None and when.entry is not None and when.entry > first:
        return (
            f"the entry {when.entry} lies after {first}, the first session of the mean; "
            "a shorter --delay enters before it"
        )
    return f"{case.panel.origin}: the levels of {benchmark.code} end before the window"


def _unknown(case: Case, when: Timing, axis: Dates, cautions: list[Caution], why: str) -> Score:
    """The score of a case of which nothing is known yet, or ever."""
    nothing = np.full(len(axis), np.nan)
    horizon = Horizon.on(axis, when.windows)
    benchmark = expected_benchmark(case.thesis.scale.benchmark, case.basis)
    leg = _bar(case, when, why).leg(benchmark, nothing, nothing, horizon)
    return Score(
        case=case,
        when=when,
        basis=case.basis,
        axis=axis,
        benchmark=benchmark,
        paper=leg if case.thesis.codes else None,
        sector=leg if case.thesis.claim.sector_index else None,
        cautions=_once([*cautions, *still_open(case, when, leg)]),
    )


def _ends_before_entry(case: Case, when: Timing) -> Caution | None:
    last = case.panel.last_bar(case.thesis.scale.benchmark)
    if last is None or when.entry is None or last >= when.entry:
        return None
    return Caution(
        "prices_end_early",
        f"{case.panel.origin}: the levels of {case.thesis.scale.benchmark} end on {last}, before "
        f"the entry session {when.entry}",
    )


def require_start(case: Case, when: Timing, have: list[str]) -> None:
    """Refuse prices that start after the entry.

    Raises
    ------
    PricesError
        If no name has a bar on the entry session or before.
    """
    if when.entry is None:
        raise AssertionError("an axis has an entry")
    first = [day for day in map(case.panel.first_bar, have) if day is not None]
    if first and min(first) > when.entry:
        raise PricesError(
            f"{case.panel.origin}: the prices of the names start on {min(first)}, after the entry "
            f"session {when.entry}; earlier bars are needed"
        )


def _dated(case: Case, benchmark: Benchmark) -> tuple[DatedRating, ...]:
    """The headline for the sessions around an inferred publication date."""
    thesis = case.thesis
    if not thesis.published_is_inferred:
        return ()
    found = []
    for day in dates_around(thesis.published_day):
        own = day == thesis.published_day
        when = timing_of(case, thesis.source.published if own else day)
        axis = known_axis(case, when)
        paper = sector = None
        if len(axis):
            horizon, bar = Horizon.on(axis, when.windows), _bar(case, when, "")
            leg, _ = sector_leg(case, axis, when, horizon, bar)
            sector = leg.headline if leg is not None else None
            paper = _dated_paper(case, when, axis, benchmark, horizon, bar)
        found.append(DatedRating(day, when.entry, paper, sector))
    return tuple(found)


def _dated_paper(
    case: Case, when: Timing, axis: Dates, benchmark: Benchmark, horizon: Horizon, bar: Bar
) -> Reading | None:
    """The paper headline of another day; None where prices start after its entry."""
    have = [code for code in case.thesis.codes if code in case.panel]
    if not have:
        return None
    try:
        require_start(case, when, have)
        against, _ = benchmark_returns(case.panel, benchmark, axis, when.price)
        weights = decide_weights(case.thesis, case.strategy, case.panel, when)
    except PricesError:
        return None
    held = hold_names(case, weights, axis, benchmark.basis)
    return basket_leg(case, held, benchmark, against, horizon, bar).headline


def _coverage(case: Case, held: Held, axis: Dates) -> dict[str, object]:
    panel, codes = case.panel, case.thesis.codes
    have = held.simulation.codes
    bars = sum(
        int(np.isin(panel.sessions[~np.isnan(panel.field("close", code))], axis).sum())
        for code in have
    )
    return {
        "names": len(codes),
        "names_with_data": len(have),
        "weight_with_data": 1.0 - held.simulation.lost_weight,
        "sessions": len(axis),
        "bars_expected": len(codes) * len(axis),
        "bars_present": bars,
        "share_factor": bool(have) and all(panel.has_share_factor(code) for code in have),
        "names_checked": sum(1 for code in codes if (x := panel.listings.get(code)) and x.name),
        "price_limits": case.strategy.limits,
        "names_with_st_status": sum(
            st_known(panel.listings.get(code), as_date(axis[0]), as_date(axis[-1]))
            for code in codes
        ),
        "names_with_list_date": sum(
            1 for code in codes if (x := panel.listings.get(code)) and x.list_date
        ),
    }


def _once(cautions: list[Caution]) -> tuple[Caution, ...]:
    return tuple(dict.fromkeys(cautions))
