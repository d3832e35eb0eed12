"""Paper returns of the stocks of a pool, and of which of them there are none."""

import numpy as np
import numpy.typing as npt

from thesis.market.benchmark import Basis
from thesis.market.calendar import Dates, as_date
from thesis.market.pool import Pool
from thesis.trading.paper import hold
from thesis.trading.simulation import FACTOR, average_price

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def untold(pool: Pool, axis: Dates, basis: Basis, price: str) -> dict[str, Bools]:
    """Why the paper return of stocks of a pool over an axis is not known, each of shape (N,).

    Without a factor on a bar there is none that is comparable; without any price from the entry on,
    nothing was bought, and `paper_returns` has cash.
    """
    rows = slice(pool.row(as_date(axis[0])), pool.row(as_date(axis[-1])) + 1)
    paid = fills(pool, rows, slice(None), price)
    return {
        "no price from the entry on": ~np.any(~np.isnan(paid), axis=0),
        f"no {FACTOR[basis]}": without_factor(pool, rows, basis),
    }


def without_factor(pool: Pool, rows: slice, basis: Basis) -> Bools:
    """Whether a bar of a stock on some rows lacks the factor of a basis, shape (N,)."""
    bars = ~np.isnan(pool.fields["close"][rows])
    return np.asarray((bars & np.isnan(pool.fields[FACTOR[basis]][rows])).any(axis=0), dtype=bool)


def paper_returns(
    pool: Pool, columns: npt.NDArray[np.int64], axis: Dates, basis: Basis, price: str
) -> Floats:
    """Paper returns of some stocks of a pool since the entry, shape (N, T), a row a stock.

    Those of `thesis.trading.simulation.simulate_paper`: a stock without a bar on the entry session
    enters at its first later price, one whose bars end is carried at its last close.
    """
    rows = slice(pool.row(as_date(axis[0])), pool.row(as_date(axis[-1])) + 1)
    adjustment = pool.fields[FACTOR[basis]][rows, columns]
    entry = fills(pool, rows, columns, price) * adjustment
    close = pool.fields["close"][rows, columns] * adjustment
    return np.ascontiguousarray(hold(entry, close, np.zeros(len(columns))).returns.T)


def fills(pool: Pool, rows: slice, columns: npt.NDArray[np.int64] | slice, price: str) -> Floats:
    """Raw fill prices, shape (T, N), as `thesis.trading.simulation.fill_prices` has them."""
    if price != "vwap":
        return np.asarray(pool.fields[price][rows, columns], dtype=float)
    amount, volume, low, high = (
        pool.fields[name][rows, columns] for name in ("amount", "volume", "low", "high")
    )
    return average_price(amount, volume, low, high)
