"""The verb that looks back at a market: ``review``, industries against the CSI 300."""

import datetime as dt
import os
from collections.abc import Callable, Iterable

from thesis.api import Strategies
from thesis.errors import Caution, PricesError, ThesisError, UsageError
from thesis.market.calendar import calendar_horizon, session_on_or_before, sessions
from thesis.market.day import day_of, today_of
from thesis.market.industry import INDUSTRIES
from thesis.market.panel import PricePanel
from thesis.market.pool import Pool, read_pool
from thesis.market.prices import Where, open_prices
from thesis.reporting.review import Review, Span
from thesis.research.catalog import Catalog
from thesis.research.thesis import Thesis
from thesis.research.thesis_file import read_thesis
from thesis.scoring.index_returns import BENCHMARK, CODES, index_returns
from thesis.scoring.movers import industry_named, movers_of, movers_span
from thesis.scoring.printed import printed_checks

#: The most movers of either kind: with more it is a list of the industry, which `Movers.stocks` is.
MOST = 100

#: Cautions of a pool that are about random watchlists, or about stocks of other industries.
_NOT_OURS = {"pool_small", "pool_left_out"}


def review(
    start: dt.date | str,
    end: dt.date | str,
    prices: Where = None,
    *,
    base: dt.date | str | None = None,
    industry: str | Iterable[str] | None = None,
    movers: int = 5,
    as_of: dt.date | str | None = None,
    strategies: Strategies = None,
    command: str | None = None,
    progress: Callable[[str], None] | None = None,
) -> Review:
    """What each industry returned between two closes, beside the CSI 300.

    The 31 Shenwan level 1 indices and the CSI 300 are price indices: dividends are on neither side.
    A return is ``close(end) / close(start) - 1``. Figures that a report prints of the very days,
    as thesis files hold them, are set beside what prices give.

    Parameters
    ----------
    start, end
        A day that is no session means the last session before it, and is said.
    prices
        As for `backtest`. Movers need bars of every stock of the industry, as a folder of the whole
        market has them.
    base
        The close at which cumulative returns are 0. None: that of `start`.
    industry
        One or several, by code, name or Chinese name, whose stocks that moved most are told.
    movers
        So many of those that rose most, and of those that rose least.
    as_of
        "Today": nothing after it is looked at. Default: today in Shanghai.
    strategies
        A folder of thesis files that goes first; they hold what reports print.

    Raises
    ------
    UsageError
        If a day or an industry cannot be, `end` is not after `start`, or lies after today.
    PricesError
        If the prices lack the CSI 300 on one of these days, every industry, or the stocks of one.

    Examples
    --------
    >>> found = review("2024-09-11", "2024-10-11", prices="sample", industry="media")
    >>> found.simulated, len(found.indices.known), len(found.movers[0].top(5))
    (True, 31, 5)
    """
    tell = progress or (lambda _: None)
    today = today_of(as_of)
    span = _span(day_of("from", start), day_of("to", end), base, today)
    asked = _industries(industry)
    count = _count(movers)
    tell("reading index levels")
    panel = open_prices(
        prices, {BENCHMARK, *CODES}, (BENCHMARK,), min(span.base, span.first)
    ).up_to(span.last)
    found = index_returns(panel, span.first, span.last, span.base)
    theses, cautions = _theses(strategies)
    checks = printed_checks(
        theses, span.first, span.last,
        lambda code: None if panel.simulated or (x := found.of(code)) is None else x.ret,
    )  # fmt: skip
    moved, pool = [], None
    if asked:
        tell("reading the market")
        pool = read_pool(_market(prices, panel), *movers_span(span.first, span.last))
        moved = [movers_of(pool, code, span.first, span.last) for code in asked]
    return Review(
        span=span,
        indices=found,
        panel=panel,
        movers=tuple(moved),
        count=count,
        printed=checks,
        chapters=tuple(dict.fromkeys(c for x in theses for c in x.claim.report_sectors)),
        as_of=today,
        cautions=(*panel.cautions, *_own(pool, panel), *cautions),
        command=command or _call(span, prices, asked, count),
    )


def _span(first: dt.date, last: dt.date, base: dt.date | str | None, today: dt.date) -> Span:
    """The days asked for as sessions."""
    if last > today:
        raise UsageError(
            f"to {last} lies after {today}, today or the day of --as-of, and nothing after it is "
            "looked at; give an earlier day"
        )
    start = first if base is None else day_of("base", base)
    span = Span(
        first, last, start, _session("from", first), _session("to", last), _session("base", start)
    )
    if span.last <= span.first:
        shut = "" if (span.first, span.last) == (first, last) else (
            f" (the closes of {span.first} and {span.last}: other days are no sessions)"
        )  # fmt: skip
        raise UsageError(
            f"from {first} to {last}{shut}: the end must be a session after the start; give a "
            "later day to end on"
        )
    if span.last <= span.base:
        raise UsageError(
            f"base {start}: cumulative returns start at its close, so it must lie before the end, "
            f"{span.last}; give an earlier day"
        )
    return span


def _session(name: str, day: dt.date) -> dt.date:
    session = session_on_or_before(day)
    if session is None:
        raise UsageError(
            f"{name} {day}: sessions are known from {sessions()[0]} to {calendar_horizon()}; give "
            "a day between them"
        )
    return session


def _industries(asked: str | Iterable[str] | None) -> tuple[str, ...]:
    """Index codes of the industries asked for, each once."""
    named = [asked] if isinstance(asked, str) else list(asked or ())
    found: dict[str, None] = {}
    for name in named:
        code = industry_named(str(name))
        if code is None:
            known = ", ".join(industry.name for industry in INDUSTRIES)
            raise UsageError(
                f"industry {name!r} is none of Shenwan's level 1; give an index code as 801760.SI, "
                f"a Chinese name as 传媒, or one of {known}"
            )
        found[code] = None
    return tuple(found)


def _count(movers: object) -> int:
    if isinstance(movers, bool) or not isinstance(movers, int) or not 1 <= movers <= MOST:
        raise UsageError(f"movers {movers!r}: give a whole number from 1 to {MOST}")
    return movers


def _market(prices: Where, panel: PricePanel) -> Where:
    """Where the stocks of an industry are read."""
    if prices is None:
        return "sample" if panel.simulated else "store"
    if (
        isinstance(prices, str | os.PathLike)
        and str(prices) not in ("store", "sample")
        and not os.path.exists(prices)
    ):
        raise PricesError(
            f"movers with prices {str(prices)!r}: a source that is asked now is not asked for a "
            "whole market; give a folder or file with bars of the industry's stocks, or no industry"
        )
    return prices


def _own(pool: Pool | None, panel: PricePanel) -> list[Caution]:
    """What a pool cautions of that concerns a review, and the panel has not said."""
    said = () if pool is None else pool.cautions
    return [each for each in said if each.code not in _NOT_OURS and each not in panel.cautions]


def _theses(strategies: Strategies) -> tuple[list[Thesis], list[Caution]]:
    """Every thesis that can be found and read; those that cannot are said."""
    found, cautions = [], []
    for entry in Catalog.default(strategies).entries():
        try:
            found.append(read_thesis(entry.path))
        except ThesisError:
            text = (
                f"{entry.path} is no sound thesis file, so whether it holds figures that a report "
                f"prints is not known; thesis check {entry.name} says what is wrong"
            )
            cautions.append(Caution("thesis_unread", text))
    return found, cautions


def _call(span: Span, prices: Where, industries: tuple[str, ...], count: int) -> str:
    """The call that made a review."""
    where = prices if isinstance(prices, str | os.PathLike | None) else type(prices).__name__
    more = f", base={str(span.asked_base)!r}" if span.asked_base != span.asked_first else ""
    more += f", industry={list(industries)!r}, movers={count}" if industries else ""
    return (
        f"thesis.review({str(span.asked_first)!r}, {str(span.asked_last)!r}, "
        f"prices={str(where) if where else None!r}{more})"
    )
