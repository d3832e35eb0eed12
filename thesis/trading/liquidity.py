"""Liquidity: what a large order finds in a session, and how much a name moves in one."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.market.benchmark import levels
from thesis.market.calendar import Dates, sessions
from thesis.market.panel import PricePanel
from thesis.trading.paper import carry_forward

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

#: Sessions over which a volatility and a usual amount are taken.
LOOKBACK = 60


@dataclass(frozen=True, eq=False)
class Liquidity:
    """What orders meet when they are large, on T sessions and N names.

    Attributes
    ----------
    fill, marks
        Adjusted fill prices (NaN where there is no bar) and adjusted closes carried forward, shape
        (T, N).
    amounts
        Traded, CNY, shape (T, N); NaN or 0 where there is no bar.
    usual
        Median amount of the bars among the 60 sessions ended on each, CNY, shape (T, N); where
        there is none, of the last 60 sessions with some. NaN before a name's first bar.
    volatility
        Standard deviation of the daily returns before publication, shape (N,). A NaN counts as the
        largest of the others.
    may_buy, may_sell
        Whether the fill price lies within its limit, shape (T, N); None: on every session. The
        first slice of an order is never barred: the order did fill.
    """

    fill: Floats
    marks: Floats
    amounts: Floats
    usual: Floats
    volatility: Floats
    may_buy: Bools | None = None
    may_sell: Bools | None = None


def read_liquidity(
    panel: PricePanel,
    codes: Sequence[str],
    axis: Dates,
    fill: Floats,
    marks: Floats,
    known: dt.date | None,
    limits: tuple[Bools | None, Bools | None] = (None, None),
) -> Liquidity:
    """The liquidity of names on an axis.

    Parameters
    ----------
    fill, marks, limits
        As `Liquidity` has them; `limits` are ``may_buy`` and ``may_sell``.
    known
        The last session whose bar had ended before publication; None if there was none. The
        volatility looks at nothing later.
    """
    calendar = sessions()
    first = int(np.searchsorted(calendar, axis[0]))
    lead = calendar[max(first - LOOKBACK + 1, 0) : first]
    amounts = _columns(panel, "amount", codes, np.concatenate([lead, axis]))
    end = int(np.searchsorted(calendar, np.datetime64(known), side="right")) if known else 0
    before = calendar[max(end - LOOKBACK, 0) : end]
    closes = _columns(panel, "close", codes, before) * _columns(panel, "factor", codes, before)
    return Liquidity(
        fill,
        marks,
        amounts[len(lead) :],
        carry_forward(median_amounts(amounts))[len(lead) :],
        daily_volatility(closes),
        *limits,
    )


def median_amounts(amounts: Floats, window: int = LOOKBACK) -> Floats:
    """Median of the amounts of so many sessions ended on each, shape (T, N).

    Sessions without a bar (NaN) are left out; NaN where there is no other.

    Examples
    --------
    >>> median_amounts(np.array([[1.0], [np.nan], [5.0], [3.0]]), window=3).T
    array([[1., 1., 3., 4.]])
    """
    ahead = np.full((window - 1, amounts.shape[1]), np.nan)
    views = np.lib.stride_tricks.sliding_window_view(np.vstack([ahead, amounts]), window, axis=0)
    ordered = np.sort(views, axis=-1)  # NaN goes last
    count = (~np.isnan(ordered)).sum(axis=-1)
    middle = [np.maximum(count - 1, 0) // 2, count // 2]
    low, high = (
        np.take_along_axis(ordered, np.minimum(place, window - 1)[..., None], axis=-1)[..., 0]
        for place in middle
    )
    return np.asarray(np.where(count > 0, (low + high) / 2, np.nan), dtype=float)


def daily_volatility(closes: Floats) -> Floats:
    """Standard deviation (n - 1) of the returns between consecutive bars, shape (N,).

    Parameters
    ----------
    closes
        Adjusted, shape (T, N); NaN where there is no bar.

    Returns
    -------
    array
        Fractions a day; NaN for a name with fewer than three bars.
    """
    out = np.full(closes.shape[1], np.nan)
    for column, values in enumerate(closes.T):
        known = values[~np.isnan(values)]
        if len(known) > 2:
            out[column] = np.std(known[1:] / known[:-1] - 1, ddof=1)
    return out


def _columns(panel: PricePanel, name: str, codes: Sequence[str], axis: Dates) -> Floats:
    if not len(codes):
        return np.empty((len(axis), 0))
    return np.stack([levels(panel, name, code, axis) for code in codes], axis=1)
