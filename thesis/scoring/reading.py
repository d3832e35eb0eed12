"""Readings of "over the next 3-6 months", the ratings they earn, and the verdict on a claim."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.market.calendar import Dates
from thesis.research.rating import RatingScale

Floats = npt.NDArray[np.float64]

#: The headline: the mean of the daily values over the window, its least arbitrary reading.
HEADLINE = "mean"


@dataclass(frozen=True)
class Reading:
    """Basket and benchmark at one reading of the horizon.

    Attributes
    ----------
    ret, benchmark
        Holding-period returns since the entry, as fractions.
    excess
        Their difference: buy-and-hold abnormal return (BHAR), in return points.
    rating
        The band the excess falls in.
    near_edge
        Whether it lies within half a point of an edge.
    """

    ret: float
    benchmark: float
    excess: float
    rating: str
    near_edge: bool


Readings = dict[str, Reading | None]


@dataclass(frozen=True)
class Verdict:
    """What a claim came to.

    Attributes
    ----------
    earned
        Rating at the headline; None if unknown.
    result
        ``met``, ``exceeded``, ``missed``, ``not_yet``, ``not_scorable`` or ``simulated``.
    agreement
        Share of the month ends with the headline's rating.
    window_share
        Share of the window's sessions in the headline's band.
    reason
        Why there is no result, in a sentence.
    """

    earned: str | None
    result: str
    agreement: float | None = None
    window_share: float | None = None
    reason: str | None = None


@dataclass(frozen=True)
class Horizon:
    """The window ends on an axis of sessions.

    Attributes
    ----------
    rows
        Month (``"3m"``) to its row on the axis; None where the end lies beyond the calendar or
        before the entry.
    """

    rows: Mapping[str, int | None]

    @classmethod
    def on(cls, axis: Dates, windows: Mapping[str, dt.date | None]) -> "Horizon":
        """Find the window ends on an axis."""
        rows: dict[str, int | None] = {}
        for month, end in windows.items():
            row = int(np.searchsorted(axis, np.datetime64(end))) if end is not None else -1
            found = 0 <= row < len(axis) and axis[row] == np.datetime64(end)
            rows[month] = row if found else None
        return cls(rows)

    @property
    def window(self) -> slice | None:
        """Rows from the first month's end to the last's, both included."""
        ends = list(self.rows.values())
        if not ends or ends[0] is None or ends[-1] is None:
            return None
        return slice(ends[0], ends[-1] + 1)

    def read(self, values: Floats) -> dict[str, float | None]:
        """A daily series at every reading; None where a value it needs is NaN.

        Examples
        --------
        >>> horizon = Horizon({"3m": 1, "4m": 3})
        >>> horizon.read(np.array([0.0, 0.25, 0.5, 0.75]))
        {'3m': 0.25, '4m': 0.75, 'mean': 0.5}
        """
        out: dict[str, float | None] = {}
        for month, row in self.rows.items():
            out[month] = None if row is None or np.isnan(values[row]) else float(values[row])
        inside = values[self.window] if self.window is not None else np.array([np.nan])
        out[HEADLINE] = None if np.isnan(inside).any() else float(np.mean(inside))
        return out


def read_excess(
    basket: Floats, benchmark: Floats, horizon: Horizon, scale: RatingScale
) -> Readings:
    """Every reading of a basket against its benchmark.

    Parameters
    ----------
    basket, benchmark
        Holding-period returns since the entry, shape (T,); NaN where unknown.
    """
    both = np.where(np.isnan(basket) | np.isnan(benchmark), np.nan, 0.0)
    returns, against = horizon.read(basket + both), horizon.read(benchmark + both)
    readings: Readings = {}
    for key, value in returns.items():
        other = against[key]
        readings[key] = None if value is None or other is None else rate(value, other, scale)
    return readings


def rate(value: float, benchmark: float, scale: RatingScale) -> Reading:
    """Rate a return against its benchmark's."""
    excess = value - benchmark
    return Reading(value, benchmark, excess, scale.earned(excess), scale.near_edge(excess))


def judge(
    readings: Readings,
    excess: Floats,
    horizon: Horizon,
    scale: RatingScale,
    claimed: str,
    *,
    simulated: bool,
) -> Verdict | None:
    """The verdict at the headline; None where the headline is unknown.

    Parameters
    ----------
    excess
        Daily excess returns since the entry, shape (T,).
    """
    headline = readings[HEADLINE]
    if headline is None or horizon.window is None:
        return None
    ends = [reading for key, reading in readings.items() if key != HEADLINE]
    same_end = [reading is not None and reading.rating == headline.rating for reading in ends]
    in_band = [scale.earned(float(value)) == headline.rating for value in excess[horizon.window]]
    return Verdict(
        earned=headline.rating,
        result="simulated" if simulated else scale.verdict(claimed, headline.rating),
        agreement=sum(same_end) / len(same_end),
        window_share=sum(in_band) / len(in_band),
    )
