"""The sector index's score: what the rating is defined on, and what another would have said."""

from collections import Counter
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from thesis.errors import Caution, PricesError
from thesis.market.benchmark import benchmark_returns, price_benchmark
from thesis.market.calendar import Dates, Timing
from thesis.scoring.fragility import OtherSector
from thesis.scoring.leg import Bar, Leg
from thesis.scoring.reading import Horizon, read_excess
from thesis.scoring.score import Case

Floats = npt.NDArray[np.float64]


def sector_leg(
    case: Case, axis: Dates, when: Timing, horizon: Horizon, bar: Bar
) -> tuple[Leg | None, list[Caution]]:
    """The sector index against the price benchmark, on both bases alike: it is a price index."""
    code = case.thesis.claim.sector_index
    if code is None:
        return None, []
    against, _ = _returns(case, case.thesis.scale.benchmark, axis, when)
    path, cautions = _returns(case, code, axis, when)
    if np.isnan(path).any():
        reason = f"{case.panel.origin}: the levels of {code} end before the window"
        lacking = np.isnan(path).all() and cautions
        bar = replace(bar, why_unknown=cautions[-1].message if lacking else reason)
        if not lacking and when.end is not None and case.as_of >= when.end:
            cautions.append(Caution("prices_end_early", reason))
    leg = bar.leg(price_benchmark(case.thesis.scale.benchmark), path, against, horizon)
    return leg, cautions


def other_sectors(
    case: Case, axis: Dates, when: Timing, horizon: Horizon
) -> tuple[OtherSector, ...]:
    """The sector on the names' own industry, and on the mean of the report's chapters.

    The names' industry is the Shenwan level 1 code most of them carried on the last session before
    publication, or on the day their listings say; where several tie, their mean. Choices that the
    panel has no levels for are left out.
    """
    choices: list[tuple[str, tuple[str, ...], str | None]] = []
    listings = [case.panel.listings.get(code) for code in case.thesis.codes]
    held = {x: code for x in listings if x is not None and (code := x.industry_on(when.known))}
    if held:
        counts = Counter(held.values())
        most = tuple(sorted(c for c, n in counts.items() if n == max(counts.values())))
        choices.append(("names", most, next(iter(held)).industry_known_on(when.known)))
    if case.thesis.claim.report_sectors:
        choices.append(("report", case.thesis.claim.report_sectors, None))
    against, _ = _returns(case, case.thesis.scale.benchmark, axis, when)
    found = []
    for choice, codes, note in choices:
        path = np.mean([_returns(case, code, axis, when)[0] for code in codes], axis=0)
        if not np.isnan(path).all():
            readings = read_excess(path, against, horizon, case.thesis.scale)
            found.append(OtherSector(choice, codes, readings, note))
    return tuple(found)


def _returns(case: Case, code: str, axis: Dates, when: Timing) -> tuple[Floats, list[Caution]]:
    """Return of a price index since the entry; all NaN, with a caution, where it has no start."""
    try:
        return benchmark_returns(case.panel, price_benchmark(code), axis, when.price)
    except PricesError as error:
        return np.full(len(axis), np.nan), [Caution("no_sector_levels", str(error))]
