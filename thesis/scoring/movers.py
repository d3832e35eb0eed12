"""The movers of an industry: which of its stocks rose and fell most between two closes."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from thesis.errors import PricesError
from thesis.market.calendar import as_date, sessions
from thesis.market.classes import industries_on
from thesis.market.industry import INDUSTRIES
from thesis.market.pool import Pool

Ints = npt.NDArray[np.int64]

#: A stock that was suspended on the first session starts from its last close, if it has one on this
#: many sessions up to it.
LEAD = 120


@dataclass(frozen=True)
class Mover:
    """What a stock returned.

    Attributes
    ----------
    name
        The latest that the prices' tables know, not the name of those days; None where unknown.
    ret
        ``close x factor`` at `sold` over that at `bought`, less 1: dividends reinvested.
    bought, sold
        The sessions of its closes: before those asked for where it was suspended on them.
    """

    code: str
    name: str | None
    ret: float
    bought: dt.date
    sold: dt.date


@dataclass(frozen=True, eq=False)
class Movers:
    """The stocks of an industry between two closes.

    Attributes
    ----------
    industry
        Index code, such as ``801760.SI``.
    first, last
        The sessions asked for. Stocks are those the industry had on `last`.
    edition
        When the table that tells the industry was published; None where none is dated.
    stocks
        Every stock with a return, the highest first.
    left_out
        Those without, by why: ``listed_later`` (after `first`), ``no_first`` (no close on `LEAD`
        sessions to `first`), ``no_move`` (not traded after `first`), ``no_factor``, ``unusable``
        (its bars failed the checks), ``no_bars`` (known to be listed, and the place has no bar).
    unclassed
        Stocks with bars whose industry on `last` is not known: some may belong here.
    market
        How many stocks the place has bars of.
    """

    industry: str
    first: dt.date
    last: dt.date
    edition: dt.date | None
    stocks: tuple[Mover, ...]
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unclassed: int = 0
    market: int = 0

    def top(self, count: int) -> tuple[Mover, ...]:
        """The stocks that returned most, the highest first."""
        return self.stocks[:count]

    def bottom(self, count: int) -> tuple[Mover, ...]:
        """The stocks that returned least, the lowest first, without those of `top`."""
        return self.stocks[max(count, len(self.stocks) - count) :][::-1]

    def carried(self, stock: Mover) -> bool:
        """Whether a stock was suspended on the first or last session and carries an older close."""
        return stock.bought < self.first or stock.sold < self.last

    @cached_property
    def mean(self) -> float | None:
        """Return of all at equal weights; None without a stock."""
        return float(np.mean([each.ret for each in self.stocks])) if self.stocks else None

    @cached_property
    def median(self) -> float | None:
        """The middle return; None without a stock."""
        return float(np.median([each.ret for each in self.stocks])) if self.stocks else None


def movers_span(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """The days that a pool must be read for.

    Examples
    --------
    >>> movers_span(dt.date(2024, 9, 11), dt.date(2024, 10, 11))
    (datetime.date(2024, 3, 20), datetime.date(2024, 10, 11))
    """
    row = int(np.searchsorted(sessions(), np.datetime64(first), side="right"))
    return as_date(sessions()[max(row - LEAD, 0)]), last


def movers_of(pool: Pool, industry: str, first: dt.date, last: dt.date) -> Movers:
    """What each stock of an industry returned from one close to another.

    The stocks are those of the industry on `last`, by the edition of the official table that a
    reader had then (`thesis.market.classes.industries_on`); later bars are not looked at.

    Parameters
    ----------
    pool
        Read for `movers_span`.
    industry
        Index code of a Shenwan level 1 industry.
    first, last
        Sessions of `pool`, `first` before `last`.

    Raises
    ------
    PricesError
        If the pool does not reach over the sessions, or knows no stock of the industry.
    """
    start, end = pool.row(first), pool.row(last)
    found = industries_on(last, pool.codes, pool.classes, pool.listings)
    columns = np.array([c for c, each in enumerate(found) if each == industry], dtype=np.int64)
    if not columns.size:
        raise PricesError(
            f"{pool.origin}: it knows no stock of {industry} on {last}; movers need bars of the "
            "industry's stocks, and sw_membership.csv or securities.csv to tell which they are"
        )
    adjusted = pool.fields["close"][: end + 1, columns] * pool.fields["factor"][: end + 1, columns]
    bars = ~np.isnan(pool.fields["close"][: end + 1, columns])
    bought, sold = _last_bar(bars[: start + 1]), _last_bar(bars)
    reasons: dict[str, list[str]] = {}
    stocks = []
    for at, column in enumerate(columns):
        code = pool.codes[column]
        listing = pool.listings.get(code)
        listed = listing.list_date if listing is not None else None
        ends = adjusted[[bought[at], sold[at]], at]
        if listed is not None and listed > first:
            reasons.setdefault("listed_later", []).append(code)
        elif bought[at] < 0:
            reasons.setdefault("no_first", []).append(code)
        elif sold[at] <= start:
            reasons.setdefault("no_move", []).append(code)
        elif np.isnan(ends).any():
            reasons.setdefault("no_factor", []).append(code)
        else:
            name = listing.name if listing is not None else None
            days = [as_date(pool.sessions[row]) for row in (bought[at], sold[at])]
            stocks.append(Mover(code, name, float(ends[1] / ends[0] - 1), days[0], days[1]))
    for why, codes in _without_bars(pool, last).items():
        own = industries_on(last, codes, pool.classes, pool.listings)
        lost = [code for code, each in zip(codes, own, strict=True) if each == industry]
        if lost:
            reasons.setdefault(why, []).extend(lost)
    return Movers(
        industry=industry,
        first=first,
        last=last,
        edition=pool.classes.vintage_on(last) if pool.classes is not None else None,
        stocks=tuple(sorted(stocks, key=lambda each: (-each.ret, each.code))),
        left_out=MappingProxyType({why: tuple(sorted(codes)) for why, codes in reasons.items()}),
        unclassed=sum(each is None for each in found),
        market=len(pool.codes),
    )


def industry_named(text: str) -> str | None:
    """The index code of an industry named by its code, its name or its Chinese name.

    Examples
    --------
    >>> industry_named("media"), industry_named("传媒"), industry_named("801760")
    ('801760.SI', '801760.SI', '801760.SI')
    """
    wanted = text.strip().lower()
    for industry in INDUSTRIES:
        code = industry.code.lower()
        if wanted in (code, code.partition(".")[0], industry.name, industry.name_zh):
            return industry.code
    return None


def _last_bar(bars: npt.NDArray[np.bool_]) -> Ints:
    """The row of each stock's last bar, shape (N,); -1 without one."""
    rows = len(bars) - 1 - bars[::-1].argmax(axis=0)
    return np.where(bars.any(axis=0), rows, -1).astype(np.int64)


def _without_bars(pool: Pool, last: dt.date) -> dict[str, tuple[str, ...]]:
    """Stocks of the whole place that have no usable bar."""
    unusable = [code for codes in pool.left_out.values() for code in codes]
    return {"unusable": tuple(sorted(set(unusable))), "no_bars": pool.missing_on(last)}
