"""What a source hands over: raw bars of one code, and the events its factor steps on."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from thesis.market.calendar import Dates

Floats = npt.NDArray[np.float64]

#: The factor source of events computed from announced dividends and bonus issues.
COMPUTED = "dividends"

#: Columns of raw bars, as every source delivers them and the store keeps them.
RAW = ("date", "open", "high", "low", "close", "volume", "amount", "turnover")


@dataclass(frozen=True)
class FactorEvent:
    """A day on which the cumulative factor steps.

    Attributes
    ----------
    ex_date
        First session at the new factor.
    factor
        Cumulative multiplicative factor from this day on (only ratios matter).
    share_factor
        The same for bonus issues and splits alone; None where share events cannot be told from
        cash dividends.
    """

    ex_date: dt.date
    factor: float
    share_factor: float | None = None


@dataclass(frozen=True, eq=False)
class Delivery:
    """Raw bars of one code from one source.

    Attributes
    ----------
    code
        Canonical code.
    bars
        One bar a row, in date order: `RAW`. Raw CNY (levels for an index), shares, turnover as a
        fraction of float shares; NaN where the source does not say. ``datetime64[s]`` dates.
    source
        Who the bars are from: ``sina``, ``eastmoney``, ``yahoo``, the name of a file.
    fetched_at
        When, in UTC.
    asked_from, asked_to
        The days asked for, both included: the source was asked about every session between them.
    events
        Factor events in date order; empty where the source says there were none; None for an
        index, which has no factor.
    factor_source
        Who the events are from, `COMPUTED` where they were computed; None for an index.
    events_from, events_to
        The days whose steps the events speak for: those after `events_from`, up to `events_to`. A
        step on the first day cannot be seen from there. None: the first and last of the bars.
    simulated
        Whether the prices never happened; the store refuses them.
    """

    code: str
    bars: pd.DataFrame
    source: str
    fetched_at: dt.datetime
    asked_from: dt.date
    asked_to: dt.date
    events: tuple[FactorEvent, ...] | None = None
    factor_source: str | None = None
    events_from: dt.date | None = None
    events_to: dt.date | None = None
    simulated: bool = False


def factors_on(days: Dates, events: Sequence[FactorEvent]) -> tuple[Floats, Floats]:
    """Cumulative factor and share factor on each day.

    Parameters
    ----------
    days
        Dates of shape (T,), ascending.

    Returns
    -------
    factor
        Of the last event on or before each day; before the first event, 1.0.
    share_factor
        The same; NaN throughout if any event lacks it.

    Examples
    --------
    >>> days = np.array(["2024-10-08", "2024-10-09", "2024-10-10"], dtype="datetime64[D]")
    >>> factors_on(days, [FactorEvent(dt.date(2024, 10, 9), 1.4, 1.0)])
    (array([1. , 1.4, 1.4]), array([1., 1., 1.]))
    """
    factor, shares = np.ones(len(days)), np.ones(len(days))
    unknown = False
    for event in events:
        later = days >= np.datetime64(event.ex_date)
        factor[later] = event.factor
        if event.share_factor is None:
            unknown = True
        else:
            shares[later] = event.share_factor
    return factor, np.full(len(days), np.nan) if unknown else shares
