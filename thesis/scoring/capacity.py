"""Capacity: the capital at which a strategy's size eats the rating it earned.

A strategy that earns Buy with ten million may earn Overweight with a billion: its orders then take
days, and move prices as they go. The capacity is the capital at which the net excess at the
headline reading first falls under the lower edge of its rating's band, by the impact model of
`thesis.trading.impact`. It says how the same orders scale, not what a manager of that size would
do: a fund buys more slowly, and more names.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from thesis.research.rating import RatingScale
from thesis.scoring.reading import HEADLINE, Horizon
from thesis.trading.impact import ImpactModel
from thesis.trading.strategy import MOST_CAPITAL

Floats = npt.NDArray[np.float64]

#: CNY of the smallest portfolio looked at; larger ones follow at the preferred numbers of ISO 3.
LEAST_CAPITAL = 1e4
PREFERRED = (1.0, 1.25, 1.6, 2.0, 2.5, 3.15, 4.0, 5.0, 6.3, 8.0)
#: Of these, the ones that are reported.
ROUND = (1.0, 2.0, 5.0)
#: The capacity is found to this part of itself, by so many portfolios a search.
NEAR, FINER = 1e-4, 17


class Limited(NamedTuple):
    """The order that first takes more than its part of a session.

    Attributes
    ----------
    code
        The name.
    capital
        CNY of the whole portfolio at which it does.
    """

    code: str
    capital: float


@dataclass(frozen=True)
class Capacity:
    """How large a strategy can grow.

    Attributes
    ----------
    capital
        The largest capital, CNY, up to which the rating holds; None with a `reason`.
    excess
        Net excess at the headline at the strategy's own capital, with impact; None where the
        headline is unknown.
    rating
        What the net basket earned without impact; None where the headline is unknown.
    edge
        Lower edge of that rating's band; None in the worst band.
    participation, constant
        Of the impact model.
    first_limited
        Where orders start to take more than one session; None without orders.
    curve
        Pairs of a capital and the net excess there, from CNY 10,000 to a trillion.
    reason
        Why there is no capacity: a whole sentence, without its full stop.
    """

    capital: float | None
    excess: float | None
    rating: str | None
    edge: float | None
    participation: float
    constant: float
    first_limited: Limited | None
    curve: tuple[tuple[float, float], ...]
    reason: str | None = None


def capacity(
    net: Floats,
    against: Floats,
    drag: Callable[[Floats], Floats],
    horizon: Horizon,
    scale: RatingScale,
    base_capital: float,
    model: ImpactModel,
    first_limited: Limited | None = None,
) -> Capacity:
    """The capital up to which the net rating holds.

    Parameters
    ----------
    net, against
        Net returns at `base_capital` and returns of the benchmark since the entry, shape (T,).
    drag
        Change of the net return at capitals of so many times the base, shape (S,) to (S, T), as
        `thesis.trading.impact.scaled_gains` gives it.

    Examples
    --------
    A net excess of 20 points that loses a point for every CNY 10 million keeps Buy, at 15 points
    and more, up to 50 million:

    >>> from thesis.research.rating import shipped_scales
    >>> flat = np.full(3, 0.20)
    >>> found = capacity(
    ...     flat, np.zeros(3), lambda scales: -0.01 * scales[:, None] * np.ones(3),
    ...     Horizon({"3m": 0, "6m": 2}), shipped_scales()["sinolink_industry"], 1e7, ImpactModel())
    >>> round(found.capital, -3), found.rating, round(found.excess, 4)
    (50000000.0, 'buy', 0.19)
    """
    plain = horizon.read(net - against)[HEADLINE]
    found = Capacity(None, None, None, None, model.participation, model.constant, first_limited, ())
    if plain is None or horizon.window is None:
        unread = (
            "the net excess at the headline reading is not known, so there is no rating to lose"
        )
        return replace(found, reason=unread)
    window, rating = horizon.window, scale.earned(plain)
    name, edge = scale.band(rating).name, scale.band(rating).lower
    found = replace(found, rating=rating, edge=edge)

    def excess_at(capitals: Floats) -> Floats:
        lost = drag(capitals / base_capital)[:, window].mean(axis=1)
        return np.asarray(plain + lost, dtype=float)

    grid = _capitals(PREFERRED)
    excesses = excess_at(np.append(grid, base_capital))
    if np.isnan(excesses).any():
        unknown = "no name's volatility before publication is known, so no order's impact is"
        return replace(found, reason=unknown)
    shown = np.isin(grid, _capitals(ROUND))
    found = replace(
        found,
        excess=float(excesses[-1]),
        curve=tuple(zip(grid[shown].tolist(), excesses[:-1][shown].tolist(), strict=True)),
    )
    if edge is None:
        return replace(found, reason=f"{name} is the worst rating, which no size can lose")
    below = _below(excesses[:-1], scale, rating)
    if not below.any():
        most = f"{name} holds at every size up to CNY {grid[-1]:,.0f}, the largest looked at"
        return replace(found, reason=most)
    row = int(below.argmax())
    if row == 0:
        least = f"{name} is lost to impact even at CNY {grid[0]:,.0f}, the smallest looked at"
        return replace(found, reason=least)
    low, high = grid[row - 1], grid[row]
    while high > low * (1 + NEAR):
        between = np.geomspace(low, high, FINER)
        lost = np.append(_below(excess_at(between[1:-1]), scale, rating), True)
        row = int(lost.argmax())
        low, high = between[row], between[row + 1]
    return replace(found, capital=float(low))


def unknown_capacity(rating: str, scale: RatingScale, model: ImpactModel, why: str) -> Capacity:
    """The capacity of a basket whose orders' impact cannot be told, with the reason."""
    return Capacity(
        None,
        None,
        rating,
        scale.band(rating).lower,
        model.participation,
        model.constant,
        None,
        (),
        why,
    )


def _capitals(numbers: Sequence[float]) -> Floats:
    """These numbers times every power of ten, from the least capital to the most, ascending."""
    powers = LEAST_CAPITAL * 10.0 ** np.arange(round(np.log10(MOST_CAPITAL / LEAST_CAPITAL)))
    return np.append(np.outer(powers, numbers).ravel(), MOST_CAPITAL)


def _below(excesses: Floats, scale: RatingScale, rating: str) -> npt.NDArray[np.bool_]:
    """Whether each excess has fallen into a worse band."""
    ids = [band.id for band in scale.bands]
    ranks = [ids.index(scale.earned(float(value))) for value in excesses]
    return np.array(ranks) > ids.index(rating)
