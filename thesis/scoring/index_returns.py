"""Industries side by side: what each index returned between two closes, beside the benchmark."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from thesis.errors import PricesError
from thesis.market.benchmark import benchmark_returns, levels, price_benchmark
from thesis.market.calendar import Dates, as_date, sessions
from thesis.market.industry import INDUSTRIES
from thesis.market.panel import PricePanel

Floats = npt.NDArray[np.float64]

#: What industry indices are set against: a price index, as they are.
BENCHMARK = "000300.SH"

CODES = tuple(industry.code for industry in INDUSTRIES)


@dataclass(frozen=True)
class IndexReturn:
    """What one price index returned between two closes; None where it cannot be told.

    Attributes
    ----------
    ret
        ``close(last) / close(first) - 1``, a fraction.
    excess
        `ret` less the benchmark's: a difference, as the report's 超过大盘. None for the benchmark.
    rank
        1 for the highest return of the industries; of equals each has the better. None for the
        benchmark.
    since_base
        ``close(last) / close(base) - 1``.
    reason
        Why something is None: ``no_levels`` (none at all), ``no_first``, ``no_last``, ``no_base``
        (no level on that session).
    """

    code: str
    ret: float | None = None
    excess: float | None = None
    rank: int | None = None
    since_base: float | None = None
    reason: str | None = None


@dataclass(frozen=True, eq=False)
class IndexReturns:
    """The 31 industries and the benchmark between two closes.

    Attributes
    ----------
    first, last
        The sessions from whose close to whose close returns are taken.
    base
        The session at whose close cumulative returns are 0.
    industries
        All 31: by rank, then those of which nothing can be told.
    axis
        Sessions from `base` to `last`, ``datetime64[D]`` of shape (T,).
    paths
        Return since `base` of each index that has a level there, by code, shape (T,). A session
        without a level carries the last one; NaN after an index's last level.
    carried
        The sessions of `axis` without a level, and the indices that carry theirs there.
    """

    first: dt.date
    last: dt.date
    base: dt.date
    benchmark: IndexReturn
    industries: tuple[IndexReturn, ...]
    axis: Dates
    paths: Mapping[str, Floats]
    carried: Mapping[dt.date, tuple[str, ...]] = field(default_factory=dict)

    @property
    def known(self) -> tuple[IndexReturn, ...]:
        """The industries with a return, best first."""
        return tuple(each for each in self.industries if each.ret is not None)

    @property
    def unknown(self) -> tuple[IndexReturn, ...]:
        """The industries without a return."""
        return tuple(each for each in self.industries if each.ret is None)

    @property
    def ahead(self) -> int:
        """How many industries returned more than the benchmark."""
        return sum(each.excess is not None and each.excess > 0 for each in self.known)

    def of(self, code: str) -> IndexReturn | None:
        """The return of an index; None where it is neither an industry's nor the benchmark."""
        return next((x for x in (self.benchmark, *self.industries) if x.code == code), None)


def index_returns(
    panel: PricePanel, first: dt.date, last: dt.date, base: dt.date | None = None
) -> IndexReturns:
    """What every industry index returned from one close to another, and the CSI 300.

    All are price indices: dividends are on neither side. Levels after `last` are not looked at.

    Parameters
    ----------
    first, last
        Sessions, `first` before `last`.
    base
        A session before `last` at whose close the paths start; None for `first`.

    Raises
    ------
    PricesError
        If the benchmark has no level on one of these sessions, or no industry has any return.
    """
    since = first if base is None else base
    panel = panel.up_to(last)
    axis, whole = _axis(first, last), _axis(since, last)
    _require_benchmark(panel, first, last, since)
    against = _whole_return(panel, BENCHMARK, axis)
    paths, gaps = {}, {}
    rows = []
    for code in (BENCHMARK, *CODES):
        if code not in panel:
            rows.append(IndexReturn(code, reason="no_levels"))
            continue
        reason, since_base = _lacking(panel, code, first, last, since), None
        if not _lacks(panel, code, since):
            path, _ = benchmark_returns(panel, price_benchmark(code), whole, "close")
            paths[code] = path
            since_base = None if np.isnan(path[-1]) else float(path[-1])
            gaps[code] = whole[np.isnan(levels(panel, "close", code, whole)) & ~np.isnan(path)]
        ret = None if reason in ("no_first", "no_last") else _whole_return(panel, code, axis)
        apart = None if ret is None or against is None or code == BENCHMARK else ret - against
        rows.append(IndexReturn(code, ret, apart, None, since_base, reason))
    benchmark, industries = rows[0], _ranked(rows[1:])
    if all(each.ret is None for each in industries):
        raise PricesError(
            f"{panel.origin}: no Shenwan level 1 index has a close on both {first} and {last}, so "
            "there is nothing to review; give other days, or prices with levels of 801010.SI to "
            '801980.SI (a file with code date close, see README, "Market review")'
        )
    return IndexReturns(
        first, last, since, benchmark, industries, whole,
        MappingProxyType(paths), MappingProxyType(_by_day(gaps)),
    )  # fmt: skip


def _axis(first: dt.date, last: dt.date) -> Dates:
    """Every session between two, both included."""
    days = sessions()
    return days[(days >= np.datetime64(first)) & (days <= np.datetime64(last))]


def _whole_return(panel: PricePanel, code: str, axis: Dates) -> float | None:
    """Return over an axis; None where the last session has no level."""
    ret = benchmark_returns(panel, price_benchmark(code), axis, "close")[0][-1]
    return None if np.isnan(ret) else float(ret)


def _lacks(panel: PricePanel, code: str, session: dt.date) -> bool:
    at = np.array([np.datetime64(session, "D")])
    return bool(np.isnan(levels(panel, "close", code, at)[0]))


def _lacking(
    panel: PricePanel, code: str, first: dt.date, last: dt.date, base: dt.date
) -> str | None:
    days = {"no_first": first, "no_last": last, "no_base": base}
    return next((why for why, day in days.items() if _lacks(panel, code, day)), None)


def _require_benchmark(panel: PricePanel, first: dt.date, last: dt.date, base: dt.date) -> None:
    """Say in a sentence where the benchmark has no level on a session that is needed."""
    if BENCHMARK not in panel:
        raise PricesError(
            f"{panel.origin} has no levels of the CSI 300 ({BENCHMARK}) up to {last}, which "
            "industries are set against; give prices that have it, as a file with code date close"
        )
    start, end = panel.first_bar(BENCHMARK), panel.last_bar(BENCHMARK)
    for what, day in (("starts", first), ("ends", last), ("has its base", base)):
        if _lacks(panel, BENCHMARK, day):
            raise PricesError(
                f"{panel.origin} has no level of the CSI 300 ({BENCHMARK}) on {day}, where the "
                f"review {what}; it has levels from {start} to {end}: give a day among them, or "
                "prices that reach further"
            )


def _ranked(rows: list[IndexReturn]) -> tuple[IndexReturn, ...]:
    """Best first, with ranks; those without a return last, in the order of their codes."""
    known = sorted(
        (each for each in rows if each.ret is not None),
        key=lambda each: (-(each.ret or 0), each.code),
    )
    ranks = {
        each.code: 1 + sum((other.ret or 0) > (each.ret or 0) for other in known) for each in known
    }
    best = [
        IndexReturn(x.code, x.ret, x.excess, ranks[x.code], x.since_base, x.reason) for x in known
    ]
    return (*best, *(each for each in rows if each.ret is None))


def _by_day(gaps: Mapping[str, Dates]) -> dict[dt.date, tuple[str, ...]]:
    """The indices that lack a level, by session."""
    days = np.unique(np.concatenate([np.array([], dtype="datetime64[D]"), *gaps.values()]))
    return {
        as_date(day): tuple(code for code, lacking in gaps.items() if day in lacking)
        for day in days
    }
