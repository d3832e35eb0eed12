"""Reconciling: whether two sources tell the same of a code, session by session."""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from thesis.market.calendar import Dates, as_date
from thesis.market.delivery import Floats
from thesis.market.splice import HALF_TICK, VOLUME_OFF

#: Two steps of a factor may differ by this fraction, whatever the price.
STEP_OFF = 1e-4
#: The exchange prints its ex-right reference to the cent, and a step is the close before over it.
CENT = 0.01
#: A step by less than this fraction is none.
NO_STEP = 1e-9

Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Difference:
    """A value on which two sides disagree.

    Attributes
    ----------
    here, there
        A raw close (CNY, or a level), a volume (shares), or a factor's step (this factor over the
        one before); None for a step that a side does not have.
    """

    date: dt.date
    here: float | None
    there: float | None


@dataclass(frozen=True)
class Reconciliation:
    """What two sides tell of one code.

    Attributes
    ----------
    first, last
        The common span: the days from which and to which both sides have bars; None if none.
    sessions
        Sessions of which both have a bar.
    closes, volumes, steps
        Where they disagree, in date order.
    volume_ratio
        Median of volume there over volume here; NaN where a side has none.
    missing_here, missing_there
        Sessions within the common span of which only the other side has a bar. A session that
        both lack is a suspension as far as the two can tell.
    """

    code: str
    first: dt.date | None
    last: dt.date | None
    sessions: int
    closes: tuple[Difference, ...] = ()
    volumes: tuple[Difference, ...] = ()
    steps: tuple[Difference, ...] = ()
    volume_ratio: float = np.nan
    missing_here: tuple[dt.date, ...] = ()
    missing_there: tuple[dt.date, ...] = ()

    @property
    def agrees(self) -> bool:
        """Whether the two were compared and nothing differs."""
        found = (self.closes, self.volumes, self.steps, self.missing_here, self.missing_there)
        return self.sessions > 0 and not any(found)


def reconcile(here: pd.DataFrame, there: pd.DataFrame) -> Reconciliation:
    """Hold the bars of one code against those of another source.

    Closes agree within half a tick, volumes within 2 %. Factors are compared by their steps between
    sessions that both sides have, so that a scale of their own or a missing session makes no
    difference. Steps agree within 1e-4, or a cent on the reference where both step, each reference
    being rounded; where only one side steps, within the half cent that can round to no step.

    Parameters
    ----------
    here, there
        Bars of the same code, in date order, as the door gives them: ``code date close volume
        factor``; NaN where unknown. A volume that is zero throughout is unknown too.

    Raises
    ------
    ValueError
        If a frame is empty or the two are of different codes.

    Examples
    --------
    >>> bars = pd.DataFrame({
    ...     "code": "300308.SZ", "date": ["2024-10-14", "2024-10-15"], "close": [10.2, 9.9],
    ...     "volume": 1000.0, "factor": 1.0})
    >>> found = reconcile(bars, bars.assign(close=[10.2, 9.91]))
    >>> found.closes
    (Difference(date=datetime.date(2024, 10, 15), here=9.9, there=9.91),)
    """
    codes = {str(code) for frame in (here, there) for code in frame["code"].unique()}
    if len(codes) != 1 or here.empty or there.empty:
        raise ValueError(f"two frames of one code are compared, not of {sorted(codes)}")
    (code,) = codes
    one, other = _days(here), _days(there)
    first, last = max(one[0], other[0]), min(one[-1], other[-1])
    if first > last:
        return Reconciliation(code, None, None, 0)
    days, at_one, at_other = np.intersect1d(one, other, assume_unique=True, return_indices=True)
    mine, theirs = here.iloc[at_one], there.iloc[at_other]
    ratio, off = _volumes_off(_numbers(mine, "volume"), _numbers(theirs, "volume"))
    return Reconciliation(
        code,
        as_date(first),
        as_date(last),
        len(days),
        closes=_differences(days, *_pair(mine, theirs, "close"), _closes_off(mine, theirs)),
        volumes=_differences(days, *_pair(mine, theirs, "volume"), off),
        steps=_steps_off(days, mine, theirs),
        volume_ratio=ratio,
        missing_here=_only_in(other, one, first, last),
        missing_there=_only_in(one, other, first, last),
    )


def _days(frame: pd.DataFrame) -> Dates:
    days: Dates = pd.to_datetime(frame["date"]).to_numpy().astype("datetime64[D]")
    return days


def _numbers(frame: pd.DataFrame, name: str) -> Floats:
    """A column; NaN throughout where there is none."""
    if name not in frame.columns:
        return np.full(len(frame), np.nan)
    return np.asarray(frame[name], dtype=float)


def _pair(mine: pd.DataFrame, theirs: pd.DataFrame, name: str) -> tuple[Floats, Floats]:
    return _numbers(mine, name), _numbers(theirs, name)


def _closes_off(mine: pd.DataFrame, theirs: pd.DataFrame) -> Flags:
    one, other = _pair(mine, theirs, "close")
    off: Flags = np.abs(one - other) > HALF_TICK + 1e-9
    return off


def _volumes_off(one: Floats, other: Floats) -> tuple[float, Flags]:
    """The median ratio, and the sessions whose volumes differ by more than the smaller allows."""
    known = ~np.isnan(one) & ~np.isnan(other)
    if not (one[known] > 0).any() or not (other[known] > 0).any():
        return np.nan, np.zeros(len(one), dtype=bool)
    off = np.zeros(len(one), dtype=bool)
    smaller = np.minimum(one[known], other[known])
    off[known] = np.abs(one[known] - other[known]) > VOLUME_OFF * smaller * (1 + 1e-9)
    traded = known & (one > 0)
    return float(np.median(other[traded] / one[traded])), off


def _steps_off(days: Dates, mine: pd.DataFrame, theirs: pd.DataFrame) -> tuple[Difference, ...]:
    one, other = _pair(mine, theirs, "factor")
    if len(days) < 2 or np.isnan(one).any() or np.isnan(other).any():
        return ()  # an index has no factor
    steps, others = one[1:] / one[:-1], other[1:] / other[:-1]
    # The larger close is the stricter: one that is a hundred times too small hides nothing.
    before = np.maximum(_numbers(mine, "close")[:-1], _numbers(theirs, "close")[:-1])
    is_step, is_other = np.abs(steps - 1) > NO_STEP, np.abs(others - 1) > NO_STEP
    cents = np.where(is_step & is_other, CENT, CENT / 2)
    off = (np.abs(np.log(steps / others)) > STEP_OFF) & (
        np.abs(before / steps - before / others) > cents + 1e-6
    )
    known = np.where(is_step, steps, np.nan), np.where(is_other, others, np.nan)
    return _differences(days[1:], *known, off)


def _differences(days: Dates, here: Floats, there: Floats, off: Flags) -> tuple[Difference, ...]:
    return tuple(
        Difference(as_date(days[row]), _known(here[row]), _known(there[row]))
        for row in np.flatnonzero(off)
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _only_in(
    one: Dates, other: Dates, first: np.datetime64, last: np.datetime64
) -> tuple[dt.date, ...]:
    days = np.setdiff1d(one, other, assume_unique=True)
    return tuple(as_date(day) for day in days[(days >= first) & (days <= last)])
