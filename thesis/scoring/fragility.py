"""What the headline hangs on: single names, the publication date, the choice of industry index."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.market.calendar import session_after, session_on_or_before
from thesis.scoring.reading import Reading, Readings

Floats = npt.NDArray[np.float64]

#: Sessions before and after an inferred publication date whose ratings are shown.
DATES_BEFORE, DATES_AFTER = 3, 5


@dataclass(frozen=True)
class Without:
    """The headline with one name left out and the rest reweighted."""

    code: str
    excess: float
    rating: str


@dataclass(frozen=True)
class DatedRating:
    """The headline had the thesis been published another day; None where unknown."""

    published: dt.date
    entry: dt.date | None
    paper: Reading | None
    sector: Reading | None


@dataclass(frozen=True)
class OtherSector:
    """The sector's readings on another choice of index.

    Attributes
    ----------
    choice
        ``names``: the industry most of the names belong to; ``report``: the mean of the indices of
        the report's chapters.
    codes
        The index, or the indices whose mean it is.
    note
        As of when the industries hold.
    """

    choice: str
    codes: tuple[str, ...]
    readings: Readings
    note: str | None = None


def without_each(weights: Floats, returns: Floats, benchmark: float) -> Floats:
    """Excess of a basket without each of its names in turn, the rest reweighted.

    ``(R - w_i r_i) / (1 - w_i) - B``; NaN for a name that is the whole basket.

    Parameters
    ----------
    weights, returns
        Initial weights and holding-period returns, shape (N,).

    Examples
    --------
    >>> without_each(np.array([0.5, 0.5]), np.array([0.1, 0.3]), 0.05)
    array([0.25, 0.05])
    """
    basket = float(weights @ returns)
    rest = 1.0 - weights
    with np.errstate(divide="ignore", invalid="ignore"):
        left = np.where(rest > 1e-12, (basket - weights * returns) / rest, np.nan)
    return np.asarray(left - benchmark, dtype=float)


def dates_around(published: dt.date) -> list[dt.date]:
    """Three sessions before a publication date, itself, and five sessions after.

    Examples
    --------
    >>> [str(day) for day in dates_around(dt.date(2024, 10, 13))][:5]
    ['2024-10-09', '2024-10-10', '2024-10-11', '2024-10-13', '2024-10-14']
    """
    before: list[dt.date] = []
    day = published
    for _ in range(DATES_BEFORE):
        earlier = session_on_or_before(day - dt.timedelta(days=1))
        if earlier is None:
            break
        before.insert(0, earlier)
        day = earlier
    after = [session_after(published, count) for count in range(1, DATES_AFTER + 1)]
    return [*before, published, *(day for day in after if day is not None)]
