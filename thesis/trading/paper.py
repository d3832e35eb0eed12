"""The paper basket: bought at the entry price, held, no costs. In closed form.

``R(t) = sum_i w_i * (mark_i(t) / entry_i) - 1`` on prices adjusted for dividends and splits. A name
without a bar on the entry session enters at its first later price, however late; until then its
cash earns nothing. A suspended name is carried at its last close. Nothing is rebalanced: weights
drift with prices.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class PaperBasket:
    """Holding-period returns of names and of their basket.

    Attributes
    ----------
    weights
        Shape (N,), summing to 1.
    returns
        Shape (T, N): return of each name since its own entry, as a fraction; 0 before it.
    entry_rows
        Shape (N,): row of each name's entry; -1 if it never entered.
    """

    weights: Floats
    returns: Floats
    entry_rows: Ints

    @property
    def path(self) -> Floats:
        """Return of the basket since the entry session, shape (T,)."""
        return np.asarray(self.contributions.sum(axis=1), dtype=float)

    @property
    def contributions(self) -> Floats:
        """Weight times return, shape (T, N); rows sum to `path`."""
        return np.asarray(self.returns * self.weights, dtype=float)


def hold(entry_price: Floats, close: Floats, weights: Floats) -> PaperBasket:
    """Buy at the first entry price of each name and hold.

    Parameters
    ----------
    entry_price, close
        Adjusted prices of shape (T, N), row 0 the entry session; NaN where there is no bar.
        Only ratios matter: scaling a name's prices changes nothing.
    weights
        Shape (N,).

    Examples
    --------
    A name that rises from 10 to 12, and one suspended on the entry session:

    >>> opens = np.array([[10.0, np.nan], [11.0, 20.0], [12.0, 21.0]])
    >>> closes = np.array([[11.0, np.nan], [12.0, 22.0], [12.0, 24.0]])
    >>> hold(opens, closes, np.array([0.5, 0.5])).path.round(6)
    array([0.05, 0.15, 0.2 ])
    """
    rows = np.arange(len(close))[:, None]
    traded = ~np.isnan(entry_price)
    first = np.where(traded.any(axis=0), traded.argmax(axis=0), -1)
    columns = np.arange(close.shape[1])
    paid = np.where(first >= 0, entry_price[first, columns], np.nan)
    held = (rows >= first) & (first >= 0)
    marks = carry_forward(np.where(held, close, np.nan))
    with np.errstate(invalid="ignore"):
        returns = np.where(held, marks / paid - 1.0, 0.0)
    return PaperBasket(weights, returns, first.astype(np.int64))


def carry_forward(values: Floats) -> Floats:
    """Each column's last known value, shape (T, N); NaN before the first."""
    known = ~np.isnan(values)
    rows = np.where(known, np.arange(len(values))[:, None], 0)
    np.maximum.accumulate(rows, axis=0, out=rows)
    return np.asarray(np.take_along_axis(values, rows, axis=0), dtype=float)


def returns_by_session(since: Floats) -> Floats:
    """Return of each session out of returns since the entry, along the first axis.

    Examples
    --------
    >>> returns_by_session(np.array([0.1, 0.21, 0.21])).round(9)
    array([0.1, 0.1, 0. ])
    """
    worth = 1.0 + since
    earlier = np.concatenate([np.ones_like(worth[:1]), worth[:-1]])
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(worth / earlier - 1.0, dtype=float)
