"""Ratings of many excess returns at once: the numbers of their bands, and each band's share.

Everything here agrees with `RatingScale.earned`, edge for edge. Rounding an array to ten decimals
does not: numpy scales, rounds and scales back, Python rounds the decimal. So no array is rounded:
the smallest number that `RatingScale.earned` gives each band is found once, and compared with.
"""

import numpy as np
import numpy.typing as npt

from thesis.research.rating import EDGE_DECIMALS, RatingScale

Floats = npt.NDArray[np.float64]
BandNumbers = npt.NDArray[np.int8]

#: The band number of an unknown excess return.
UNKNOWN = -1


def band_numbers(excess: npt.ArrayLike, scale: RatingScale) -> BandNumbers:
    """The band each excess return earns, as its place in ``scale.bands``.

    Parameters
    ----------
    excess
        Excess returns as fractions, of any shape; NaN where unknown.

    Returns
    -------
    numpy.ndarray
        Of the same shape: 0 for the best band; -1 where the excess is NaN.

    Examples
    --------
    >>> from thesis.research.rating import shipped_scales
    >>> scale = shipped_scales()["sinolink_industry"]
    >>> band_numbers([0.15, 1.15 - 1, 0.05, -0.05, np.nan], scale).tolist()
    [0, 0, 1, 3, -1]
    """
    values = np.asarray(excess, dtype=float)
    numbers = np.zeros(values.shape, dtype=np.int8)
    for least in band_starts(scale):
        numbers += values < least
    numbers[np.isnan(values)] = UNKNOWN
    return numbers


def band_shares(excess: npt.ArrayLike, scale: RatingScale) -> Floats:
    """The share of each band among the known excess returns along the first axis.

    Parameters
    ----------
    excess
        Shape (M, ...), as fractions; NaN where unknown.

    Returns
    -------
    numpy.ndarray
        Shape (bands, ...), from the best band to the worst; the shares sum to 1. NaN where nothing
        is known.

    Examples
    --------
    >>> from thesis.research.rating import shipped_scales
    >>> scale = shipped_scales()["sinolink_industry"]
    >>> band_shares([0.20, 0.16, 0.0, -0.30, np.nan], scale).tolist()
    [0.5, 0.0, 0.25, 0.25]
    """
    numbers = band_numbers(excess, scale)
    counts = np.array([(numbers == band).sum(axis=0) for band in range(len(scale.bands))])
    known = counts.sum(axis=0)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.where(known > 0, counts / known, np.nan), dtype=float)


def band_starts(scale: RatingScale) -> tuple[float, ...]:
    """The smallest number each band but the worst begins with, best band first.

    They lie within half of ``1e-10`` of the printed edges, on the side that rounds to the band.

    Examples
    --------
    >>> from thesis.research.rating import shipped_scales
    >>> [round(start, 9) for start in band_starts(shipped_scales()["sinolink_industry"])]
    [0.15, 0.05, -0.05]
    """
    places = {band.id: place for place, band in enumerate(scale.bands)}
    reach = 2 * 10.0**-EDGE_DECIMALS
    starts = []
    for place, edge in enumerate(scale.edges):
        below, start = edge - reach, edge + reach
        while below < (middle := (below + start) / 2) < start:
            if places[scale.earned(middle)] <= place:
                start = middle
            else:
                below = middle
        starts.append(start)
    return tuple(starts)
