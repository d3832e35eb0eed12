"""The door of the pool: what `thesis.market.door` checks bar by bar, checked on arrays.

Where the door stops, a stock that fails is left out here and named: one wrong bar among five
thousand stocks must not cost the other 4,999.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from thesis.market.door import PRICES, UNITS_OFF

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


@dataclass(eq=False)
class Bars:
    """Bars of N stocks on T sessions as they stand in files; `check` makes them fit for use.

    Attributes
    ----------
    codes
        Sorted, N of them.
    grids
        Arrays of shape (N, T) by field; NaN where there is no bar or the value is unknown.
    seen
        Whether there is a bar, shape (N, T).
    left_out
        Codes that failed, by what was wrong.
    idle
        Bars without volume, taken for suspended sessions.
    """

    codes: tuple[str, ...]
    grids: dict[str, Floats]
    seen: Bools
    left_out: dict[str, tuple[str, ...]] = field(default_factory=dict)
    idle: int = 0


def check(bars: Bars, judged: int, traded: Bools, wrong: dict[str, Bools]) -> Bars:
    """Leave out the stocks that the door would stop at, and those without a bar.

    Parameters
    ----------
    judged
        How many of the sessions, from the first, are looked at; a bar after them stays as it is,
        and neither saves a stock nor fails it.
    traded
        Whether a stock has volume on any of these, shape (N,): then bars without are none.
    wrong
        What is known to be wrong already, by reason, each of shape (N,).
    """
    grids, seen = bars.grids, bars.seen
    idle = seen & (grids["volume"] == 0) & traded[:, None]
    if idle.any():
        bars.idle = int(idle[:, :judged].sum())
        seen &= ~idle
        for grid in grids.values():
            grid[idle] = np.nan
    judged_seen = seen[:, :judged]
    wrong = wrong | _wrong({name: grid[:, :judged] for name, grid in grids.items()}, judged_seen)
    failed = np.zeros(len(bars.codes), dtype=bool)
    for reason, mask in wrong.items():
        fresh = mask & ~failed
        if fresh.any():
            bars.left_out[reason] = tuple(bars.codes[number] for number in np.flatnonzero(fresh))
        failed |= mask
    keep = judged_seen.any(axis=1) & ~failed
    if not keep.all():
        for name in grids:  # one at a time: the old one goes before the next is made
            grids[name] = grids[name][keep]
        bars.seen = seen[keep]
        bars.codes = tuple(code for code, kept in zip(bars.codes, keep, strict=True) if kept)
    return bars


def _wrong(grids: Mapping[str, Floats], seen: Bools) -> dict[str, Bools]:
    """What is wrong with a stock's bars, by reason, each of shape (N,)."""
    with np.errstate(invalid="ignore"):
        unpriced: Bools = np.zeros(len(seen), dtype=bool)
        for name in PRICES:
            positive = (grids[name] > 0) & (grids[name] < np.inf)
            unpriced |= (seen & ~positive).any(axis=1)
        top = np.maximum(grids["open"], grids["close"])
        crossed = grids["high"] < top - 1e-9
        np.minimum(grids["open"], grids["close"], out=top)
        crossed |= grids["low"] > top + 1e-9
        negative = (grids["volume"] < 0) | (grids["amount"] < 0)
        factors: Bools = np.zeros(len(seen), dtype=bool)
        for name in ("factor", "share_factor"):
            value = grids[name]
            factors |= (~np.isnan(value) & ~((value > 0) & (value < np.inf))).any(axis=1)
        unknown = seen & np.isnan(grids["factor"])
    found = {
        "a price that is missing or not positive": unpriced,
        "prices that contradict each other": crossed.any(axis=1),
        "negative volume or amount": negative.any(axis=1),
        "a factor that is not positive": factors,
        "bars without a factor": unknown.any(axis=1),
        "volume or amount in other units": _other_units(grids),
    }
    return {reason: np.asarray(mask, dtype=bool) for reason, mask in found.items()}


def _other_units(grids: Mapping[str, Floats]) -> Bools:
    """Whether the median of amount/volume lies far outside low..high, shape (N,)."""
    with np.errstate(invalid="ignore", divide="ignore"):
        vwap = grids["amount"] / grids["volume"]
        vwap[~((grids["volume"] > 0) & (grids["amount"] > 0))] = np.nan
        half = np.count_nonzero(~np.isnan(vwap), axis=1) / 2
        # A median lies beyond a bound only if half of the values do: few need it worked out.
        low = np.count_nonzero(vwap < grids["low"] / UNITS_OFF, axis=1)
        high = np.count_nonzero(vwap > grids["high"] * UNITS_OFF, axis=1)
    found = np.zeros(len(vwap), dtype=bool)
    for number in np.flatnonzero((half > 0) & ((low >= half) | (high >= half))):
        known = ~np.isnan(vwap[number])
        below, above = (
            float(np.median(vwap[number, known] / grids[name][number, known]))
            for name in ("low", "high")
        )
        found[number] = below < 1 / UNITS_OFF or above > UNITS_OFF
    return found
