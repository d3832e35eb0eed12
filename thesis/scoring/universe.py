"""The stocks that could have been drawn instead of a thesis's own, and what each returned.

A placebo draws watchlists from a `Universe`. A stock's stratum follows from what was known at
publication. Whether it is in the universe follows from that, from its bar on the entry session, and
from whether its path is known: a bad bar up to the window's end makes a stock unusable, which
`Survivorship` counts. No bar after the window decides anything but whether the stock has ended.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from thesis.errors import NotScorableError, RulesError
from thesis.market.benchmark import Basis
from thesis.market.calendar import Dates, Timing, as_date, sessions
from thesis.market.classes import industries_on
from thesis.market.limits import price_limits
from thesis.market.pool import Pool
from thesis.scoring.paths import fills, paper_returns, without_factor
from thesis.scoring.sizes import AMOUNT_SESSIONS, sized_on, sizes, terciles
from thesis.trading.simulation import FACTOR

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: If fewer of the tradable stocks than this share carry the factor of a basis, the rest are a
#: selection by whoever made the file, and no market.
LEAST_CARRIED = 0.5
#: If a market lacks more than this share of what can be drawn, no bound on it says anything.
MOST_LACKING = 0.1
#: No limit has ever been nearer than 5% to its reference, less half a cent of rounding: of a stock
#: from CNY 1 up, a rise of less than this cannot be one.
NEVER_LIMIT = 0.04
#: Days after the window whose bars tell a suspension from an end.
RESUMED = 20


@dataclass(frozen=True, eq=False)
class Universe:
    """N stocks of the market on T sessions from the entry.

    Attributes
    ----------
    codes
        The stocks that could be drawn: tradable at the entry, with a known path; sorted, N of them.
    returns
        Paper return of each stock since its entry, fractions, shape (N, T), a row a stock lying
        together in memory; no NaN.
    industry
        Shenwan level 1 index code of each at publication; None where it is unknown.
    tercile
        0 small, 1 middle, 2 large within the industry, shape (N,); -1 unknown.
    size
        CNY, shape (N,); NaN unknown.
    size_measure
        What `size` is of each: ``float_cap``, ``median_amount`` or ``unknown``. The two are never
        ranked against each other.
    sized_on
        The session that sizes are taken on.
    left_out
        Codes that could not be drawn, each under one reason.
    ended
        Stocks of `codes` whose bars end inside the window: carried at their last close.
    missing
        Stocks of which there is no bar and that may have been listed at publication: at most these,
        since of a stock seen listed earlier and gone later the day it was delisted is not known.
    equal_weight
        Return of all N at equal weights, bought and held, shape (T,).
    unusable
        Stocks of `left_out` whose bars failed the pool's checks, so that their return is not known;
        without those known to have been listed only after publication.
    others
        Industry and tercile of the stocks with bars that could not be drawn, by code: a name of the
        thesis that was suspended at the entry still says what is drawn in its place.
    """

    codes: tuple[str, ...]
    returns: Floats
    industry: tuple[str | None, ...]
    tercile: npt.NDArray[np.int8]
    size: Floats
    size_measure: tuple[str, ...]
    sized_on: dt.date
    left_out: Mapping[str, tuple[str, ...]]
    ended: tuple[str, ...]
    missing: tuple[str, ...]
    equal_weight: Floats
    unusable: tuple[str, ...] = ()
    others: Mapping[str, tuple[str | None, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Survivorship:
    """What a universe lacks, and how far it can bend a comparison with it.

    Stocks that vanish mostly did badly first. Without them random baskets return too much, so a
    Buy looks commoner than it was: its p is too large, never flattered.

    Attributes
    ----------
    missing, unusable, ended, drawn
        At most how many listed at publication have no bar, how many have bars that failed the
        checks, how many of those drawn end inside the window, how many can be drawn.
    ended_return, others_return
        Mean return at the last session of those that end, and of all others; None without one.
    equal_weight
        Return of the equal-weight market at the last session.
    at_worst
        The same had every missing and unusable stock lost everything: the furthest it can lie too
        high. None where these are more than a tenth of those drawn: such prices are no market, and
        how far off it lies cannot be said.
    """

    missing: int
    unusable: int
    ended: int
    drawn: int
    ended_return: float | None
    others_return: float | None
    equal_weight: float
    at_worst: float | None


def survivorship(universe: Universe) -> Survivorship:
    """How far the stocks that a universe lacks, or that end in it, can matter."""
    last = universe.returns[:, -1]
    ended = np.isin(np.array(universe.codes), np.array(universe.ended, dtype=str))
    mean = float(universe.equal_weight[-1])
    count, missing = len(last), len(universe.missing)
    unusable = len(universe.unusable)
    lacking = missing + unusable
    return Survivorship(
        missing=missing,
        unusable=unusable,
        ended=int(ended.sum()),
        drawn=count,
        ended_return=float(last[ended].mean()) if ended.any() else None,
        others_return=float(last[~ended].mean()) if not ended.all() else None,
        equal_weight=mean,
        at_worst=count * (1 + mean) / (count + lacking) - 1
        if lacking <= MOST_LACKING * count
        else None,
    )


def pool_span(when: Timing, axis: Dates, as_of: dt.date) -> tuple[dt.date, dt.date]:
    """The days that a pool must be read for.

    From the first session of the median amounts to some days after the window, whose bars tell a
    suspension from an end, but none after `as_of`.
    """
    days = sessions()
    row = int(np.searchsorted(days, np.datetime64(sized_on(when)), side="right"))
    first = as_date(days[max(row - AMOUNT_SESSIONS, 0)])
    return first, max(as_date(axis[-1]), min(as_date(axis[-1]) + dt.timedelta(RESUMED), as_of))


def universe_of(
    pool: Pool, when: Timing, axis: Dates, basis: Basis, price: str = "open"
) -> Universe:
    """The stocks of a pool that could have been bought at the entry, and what each returned.

    A stock can be drawn if it was listed at publication and has a bar on the entry session whose
    fill price lies below its upper limit; where its listing day is not known, a bar up to
    publication tells. Its return is that of the paper basket, `thesis.trading.paper.hold`:
    suspended or ended, it is carried at its last close. Strata use nothing later than publication:
    industry at `when.known` by `thesis.market.classes.industries_on`, size on `sized_on` (float
    capitalisation = close x volume / turnover on the last bar of that session and the five before,
    where turnover is known; else the median daily amount of the 60 sessions ended then), terciles
    of size among all stocks of the pool in the same industry with the same measure, tradable or
    not.

    Parameters
    ----------
    pool
        Read for `pool_span`, checked to the axis's end, from the same place as the thesis's own
        prices.
    axis
        Sessions from the entry on, shape (T,).
    price
        ``open``, ``close`` or ``vwap``.

    Raises
    ------
    NotScorableError
        If the entry is not known, no stock could be bought, or most stocks lack the factor of the
        basis.
    PricesError
        If the pool does not reach over the axis.
    """
    if not len(axis) or when.known is None:
        raise NotScorableError("there is no entry session: random watchlists cannot be bought")
    row, end = pool.row(as_date(axis[0])), pool.row(as_date(axis[-1])) + 1
    bars = ~np.isnan(pool.fields["close"][row])
    fill = fills(pool, slice(row, row + 1), slice(None), price)[0]
    known = ~without_factor(pool, slice(row, end), basis)
    late = _listed_after(pool, when.known)
    below, unruled = _below_limit(pool, row, fill, bars & ~late)
    reasons = {
        "listed after publication": late,
        f"no bar on {axis[0]}": ~bars & ~late,
        f"no {price} price on {axis[0]}": bars & np.isnan(fill) & ~late,
        f"at or above its upper limit on {axis[0]}": bars & ~below & ~unruled & ~late,
        "no rule for its price limits": unruled,
    }
    out = np.any(list(reasons.values()), axis=0)
    _require_factor(pool, basis, known[~out])
    reasons[f"no {FACTOR[basis]}"] = ~known & ~out
    out |= ~known
    columns = np.flatnonzero(~out)
    if not columns.size:
        raise NotScorableError(f"{pool.origin}: no stock could be bought on {axis[0]}")

    day = sized_on(when)
    size, measure = sizes(pool, pool.row(day))
    industry = industries_on(when.known, pool.codes, pool.classes, pool.listings)
    tercile = terciles(size, list(zip(industry, measure, strict=True)), industry)
    returns = paper_returns(pool, columns, axis, basis, price)
    ended = columns[pool.last_rows[columns] < end - 1]
    return Universe(
        codes=_of(pool.codes, columns),
        returns=returns,
        industry=tuple(industry[column] for column in columns),
        tercile=tercile[columns],
        size=size[columns],
        size_measure=_of(measure, columns),
        sized_on=day,
        left_out=MappingProxyType(
            {why: _of(pool.codes, np.flatnonzero(mask)) for why, mask in reasons.items()}
            | dict(pool.left_out)
        ),
        ended=_of(pool.codes, ended),
        missing=pool.missing_on(when.known),
        equal_weight=returns.mean(axis=0),
        unusable=tuple(
            code
            for code in sorted(code for codes in pool.left_out.values() for code in codes)
            if not _begun_after(pool, code, when.known)
        ),
        others={pool.codes[c]: (industry[c], int(tercile[c])) for c in np.flatnonzero(out)},
    )


def _listed_after(pool: Pool, known: dt.date) -> Bools:
    """Whether each stock was listed after publication, shape (N,)."""
    row = int(np.searchsorted(pool.sessions, np.datetime64(known), side="right"))
    silent = np.isnan(pool.fields["close"][:row]).all(axis=0)
    late = np.array([_begun_after(pool, code, known) for code in pool.codes], dtype=bool)
    dated = [
        code in pool.listings and pool.listings[code].list_date is not None for code in pool.codes
    ]
    return np.where(dated, late, silent)


def _begun_after(pool: Pool, code: str, day: dt.date) -> bool:
    """Whether a stock is known to have been listed after a day."""
    listed = pool.listings[code].list_date if code in pool.listings else None
    return listed is not None and listed > day


def _below_limit(pool: Pool, row: int, fill: Floats, bars: Bools) -> tuple[Bools, Bools]:
    """Whether each stock's fill price lies below its upper limit, and whether no rule tells."""
    # Asking for each limit takes longer than all else here, and few stocks can be at theirs.
    reference = pool.fields["pre_close"][row]
    below = bars & (fill < reference * (1 + NEVER_LIMIT)) & (reference >= 1.0)
    unruled = np.zeros(len(bars), dtype=bool)
    columns = np.flatnonzero(bars & ~below)
    day = pool.sessions[row : row + 1]
    try:
        upper = price_limits(pool.panel, _of(pool.codes, columns), day).upper[0]
        below[columns] = ~(fill[columns] >= upper)
    except RulesError:  # of one stock; which one is told by asking for each
        for column in columns:
            try:
                limit = price_limits(pool.panel, [pool.codes[column]], day).upper[0, 0]
                below[column] = not fill[column] >= limit
            except RulesError:
                unruled[column] = True
    return below, unruled


def _require_factor(pool: Pool, basis: Basis, known: Bools) -> None:
    if known.size and known.mean() < LEAST_CARRIED:
        raise NotScorableError(
            f"{pool.origin}: {int(known.sum())} of {known.size} stocks carry a {FACTOR[basis]}, "
            f"which returns on the {basis} basis are made of; random watchlists of so few would "
            "be drawn from a selection, so there is no placebo (--basis total has one)"
        )


def _of(values: Sequence[str], columns: npt.NDArray[np.int64]) -> tuple[str, ...]:
    return tuple(values[column] for column in columns)
