"""One thesis, one strategy, one panel: the decisions, and the basket on paper."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import numpy.typing as npt

from thesis.errors import PricesError
from thesis.market.benchmark import Basis, levels
from thesis.market.calendar import Dates, Timing, as_date, sessions
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis
from thesis.trading.paper import PaperBasket, hold
from thesis.trading.strategy import Strategy
from thesis.trading.weights import Weights, weigh

Floats = npt.NDArray[np.float64]

FACTOR: dict[Basis, str] = {"total": "factor", "price": "share_factor"}


@dataclass(frozen=True, eq=False)
class Simulation:
    """What a strategy does with a thesis.

    Attributes
    ----------
    axis
        Sessions from the entry to the last that could be known, shape (T,).
    codes
        The names with bars, in thesis order; N of them.
    weights
        Of those names, reweighted for names without data.
    lost_weight
        Weight of the names without data, before reweighting.
    """

    axis: Dates
    codes: tuple[str, ...]
    weights: Weights
    lost_weight: float
    basket: PaperBasket

    def weight_vector(self) -> Floats:
        """Weight of each name, shape (N,)."""
        total = self.weights.total
        return np.array([total[code] for code in self.codes])

    def entry_session(self, code: str) -> dt.date | None:
        """The session on which the paper basket bought a name; None if never."""
        row = int(self.basket.entry_rows[self.codes.index(code)])
        return as_date(self.axis[row]) if row >= 0 else None


def decide_weights(
    thesis: Thesis, strategy: Strategy, panel: PricePanel, timing: Timing
) -> Weights:
    """The weights, decided on bars that had ended before publication."""
    known = timing.known or dt.date.min  # before the first session nothing was known
    return weigh(thesis, strategy.weighting, partial(known_names, panel, thesis, known))


def known_names(panel: PricePanel, thesis: Thesis, day: dt.date) -> PricePanel:
    """The thesis's names as they stood after a session: what may be decided on."""
    priced = [code for code in thesis.codes if code in panel]  # the others are of no use to decide
    return replace(panel.up_to(day).select(priced), cautions=())


def session_axis(start: dt.date, end: dt.date) -> Dates:
    """Every session between two days, both included."""
    days = sessions()
    return days[(days >= np.datetime64(start)) & (days <= np.datetime64(end))]


def simulate_paper(
    codes: tuple[str, ...],
    weights: Weights,
    panel: PricePanel,
    axis: Dates,
    price: str,
    basis: Basis,
) -> Simulation:
    """The paper basket of the names that have bars.

    Parameters
    ----------
    codes
        Every name of the thesis, in its order.
    price
        ``open``, ``close`` or ``vwap``.
    """
    have = tuple(code for code in codes if code in panel)
    total = weights.total
    kept = weights.keep(have)
    adjustment = grid(panel, FACTOR[basis], have, axis)
    vector = (
        np.array([kept.total[code] for code in have]) if kept.by_segment else np.zeros(len(have))
    )
    basket = hold(
        fill_prices(panel, price, have, axis) * adjustment,
        grid(panel, "close", have, axis) * adjustment,
        vector,
    )
    return Simulation(
        axis=axis,
        codes=have,
        weights=kept,
        lost_weight=sum(weight for code, weight in total.items() if code not in have),
        basket=basket,
    )


def fill_prices(panel: PricePanel, price: str, codes: Sequence[str], axis: Dates) -> Floats:
    """Raw prices that orders fill at, shape (T, N); NaN where a name has no bar.

    Parameters
    ----------
    price
        ``open``, ``close`` or ``vwap``: the session's amount over its volume, within its low and
        high.

    Raises
    ------
    PricesError
        If a bar lacks what the price is made of.
    """
    if price != "vwap":
        return grid(panel, price, codes, axis)
    amount, volume, low, high = (
        grid(panel, name, codes, axis) for name in ("amount", "volume", "low", "high")
    )
    paid = average_price(amount, volume, low, high)
    lacking = ~np.isnan(grid(panel, "close", codes, axis)) & np.isnan(paid)
    if lacking.any():
        row, column = np.argwhere(lacking)[0]
        raise PricesError(
            f"{panel.origin}: {codes[column]} has no amount or volume on {axis[row]}, of which "
            "--entry vwap makes its price; use --entry open or close"
        )
    return paid


def average_price(amount: Floats, volume: Floats, low: Floats, high: Floats) -> Floats:
    """What a session's shares were paid on average, of any shape; NaN where it cannot be told.

    Amounts are rounded: on a session locked at its limit, that limit is what was paid, so the
    average is kept within low and high.

    Examples
    --------
    >>> of_ten = np.array([1000.0, 0.0]), np.array([99.0, 0.0]), np.full(2, 9.9), np.full(2, 10.0)
    >>> average_price(*of_ten)
    array([10., nan])
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        paid = amount / volume
    return np.asarray(np.clip(np.where(np.isfinite(paid), paid, np.nan), low, high), dtype=float)


def grid(panel: PricePanel, name: str, codes: Sequence[str], axis: Dates) -> Floats:
    """One field of some codes on an axis of sessions, shape (T, N)."""
    if not codes:
        return np.empty((len(axis), 0))
    return np.stack([levels(panel, name, code, axis) for code in codes], axis=1)
