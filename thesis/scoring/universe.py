"""The stocks that could have been drawn instead of a thesis's own, and what each returned.

A placebo draws watchlists from a `Universe`. Whether a stock is in it, and in which stratum,
follows from what was known at publication and from its bar on the entry session alone.
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
from thesis.market.limits import price_limits
from thesis.market.pool import Pool
from thesis.scoring.sizes import AMOUNT_SESSIONS, sized_on, sizes, terciles
from thesis.trading.paper import hold
from thesis.trading.simulation import FACTOR

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: If fewer of the tradable stocks than this share carry the factor of a basis, the rest are a
#: selection by whoever made the file, and no market.
LEAST_CARRIED = 0.5
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
        Codes that could not be drawn, by reason.
    ended
        Stocks of `codes` whose bars end inside the window: carried at their last close.
    missing
        Stocks that were listed at publication and of which there is no bar.
    equal_weight
        Return of all N at equal weights, bought and held, shape (T,).
    unusable
        Stocks of `left_out` whose bars failed the pool's checks, so that their return is not known.
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
        How many have no bar, how many have bars that failed the checks, how many of those drawn end
        inside the window, how many can be drawn.
    ended_return, others_return
        Mean return at the last session of those that end, and of all others; None without one.
    equal_weight
        Return of the equal-weight market at the last session.
    at_worst
        The same had every missing and unusable stock lost everything: the furthest it can lie too
        high.
    """

    missing: int
    unusable: int
    ended: int
    drawn: int
    ended_return: float | None
    others_return: float | None
    equal_weight: float
    at_worst: float


def survivorship(universe: Universe) -> Survivorship:
    """How far the stocks that a universe lacks, or that end in it, can matter."""
    last = universe.returns[:, -1]
    ended = np.isin(np.array(universe.codes), np.array(universe.ended, dtype=str))
    mean = float(universe.equal_weight[-1])
    count, missing = len(last), len(universe.missing)
    unusable = len(universe.unusable)
    return Survivorship(
        missing=missing,
        unusable=unusable,
        ended=int(ended.sum()),
        drawn=count,
        ended_return=float(last[ended].mean()) if ended.any() else None,
        others_return=float(last[~ended].mean()) if not ended.all() else None,
        equal_weight=mean,
        at_worst=count * (1 + mean) / (count + missing + unusable) - 1,
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

    A stock can be drawn if it has a bar on the entry session whose fill price lies below its upper
    limit. Its return is that of the paper basket, `thesis.trading.paper.hold`: suspended or ended,
    it is carried at its last close. Strata use nothing later than publication: industry at
    `when.known`, size on `sized_on` (float capitalisation = close x volume / turnover on the last
    bar of that session and the five before, where turnover is known; else the median daily amount
    of the 60 sessions ended then), terciles of size among all stocks of the pool in the same
    industry with the same measure, tradable or not.

    Parameters
    ----------
    pool
        Read for `pool_span`, from the same place as the thesis's own prices.
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
    fill = _fills(pool, slice(row, row + 1), slice(None), price)[0]
    carried = ~np.isnan(pool.fields[FACTOR[basis]][row:end])
    known = np.asarray((carried | np.isnan(pool.fields["close"][row:end])).all(axis=0), dtype=bool)
    below, unruled = _below_limit(pool, row, fill, bars)
    reasons = {
        f"no bar on {axis[0]}": ~bars,
        f"no {price} price on {axis[0]}": bars & np.isnan(fill),
        f"at or above its upper limit on {axis[0]}": bars & ~below & ~unruled,
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
    listings = [pool.listings.get(code) for code in pool.codes]
    industry = [listing.industry_on(when.known) if listing else None for listing in listings]
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
        unusable=tuple(sorted(code for codes in pool.left_out.values() for code in codes)),
        others={pool.codes[c]: (industry[c], int(tercile[c])) for c in np.flatnonzero(out)},
    )


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


def paper_returns(
    pool: Pool, columns: npt.NDArray[np.int64], axis: Dates, basis: Basis, price: str
) -> Floats:
    """Paper returns of some stocks of a pool since the entry, shape (N, T), a row a stock.

    Those of `thesis.trading.simulation.simulate_paper`: a stock without a bar on the entry session
    enters at its first later price, one whose bars end is carried at its last close.
    """
    rows = slice(pool.row(as_date(axis[0])), pool.row(as_date(axis[-1])) + 1)
    adjustment = pool.fields[FACTOR[basis]][rows, columns]
    entry = _fills(pool, rows, columns, price) * adjustment
    close = pool.fields["close"][rows, columns] * adjustment
    return np.ascontiguousarray(hold(entry, close, np.zeros(len(columns))).returns.T)


def _fills(pool: Pool, rows: slice, columns: npt.NDArray[np.int64] | slice, price: str) -> Floats:
    """Raw fill prices, shape (T, N), as `thesis.trading.simulation.fill_prices` has them."""
    if price != "vwap":
        return np.asarray(pool.fields[price][rows, columns], dtype=float)
    amount, volume, low, high = (
        pool.fields[name][rows, columns] for name in ("amount", "volume", "low", "high")
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        paid = amount / volume
    return np.asarray(np.clip(np.where(np.isfinite(paid), paid, np.nan), low, high), dtype=float)


def _of(values: Sequence[str], columns: npt.NDArray[np.int64]) -> tuple[str, ...]:
    return tuple(values[column] for column in columns)
