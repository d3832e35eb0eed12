"""Risk of the paper basket over its window, and its excess over what else it resembles.

Everything is measured on daily returns from the entry to the last window's end; the entry session's
run from the entry price. Nothing here is estimated on history, and nothing is a forecast.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.errors import PricesError
from thesis.market.benchmark import SMALL_CAPS, Basis, benchmark_returns, price_benchmark
from thesis.market.calendar import Dates, as_date, sessions_in_year
from thesis.scoring.basket import Held, hold_names
from thesis.scoring.reading import Horizon, Readings, read_excess
from thesis.scoring.score import Score
from thesis.trading.paper import returns_by_session
from thesis.trading.weightings import NO_VOLATILITY

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Drawdown:
    """The largest fall of the basket against its benchmark.

    Attributes
    ----------
    size
        Of ``(1 + R_p) / (1 + R_b)`` from its highest value until then, as a fraction: -0.2 where it
        fell by a fifth; 0 where it never fell. The ratio starts at 1, at the entry price.
    peak, trough
        The session of that highest value, None where it is the entry price itself; and of the
        lowest after it, None where it never fell.
    """

    size: float
    peak: dt.date | None
    trough: dt.date | None


@dataclass(frozen=True)
class Measures:
    """What a basket's path says against its benchmark's.

    Attributes
    ----------
    sessions
        How many daily returns they are made of.
    a_year
        Sessions of the calendar in the year of the last of them: what annualises them.
    beta
        Covariance of daily returns with the benchmark's over the benchmark's variance (the slope of
        the least-squares line); None where the benchmark did not move.
    tracking_error
        Standard deviation (ddof = 1) of the daily active return, basket less benchmark, times the
        root of `a_year`; None of a single session.
    information_ratio
        Mean of the daily active return times `a_year`, over the tracking error; None where there is
        none.
    drawdown
        The largest relative one.
    """

    sessions: int
    a_year: int
    beta: float | None
    tracking_error: float | None
    information_ratio: float | None
    drawdown: Drawdown


@dataclass(frozen=True)
class Against:
    """The basket's readings against another market; None, with the reason, where there are none.

    Attributes
    ----------
    name
        ``csi_1000`` or ``equal_weight``.
    basis
        What both sides contain: ``total`` or ``price``.
    """

    name: str
    basis: Basis
    readings: Readings | None
    reason: str | None = None


@dataclass(frozen=True)
class Risk:
    """The risk of a score's paper basket.

    Attributes
    ----------
    measures
        Over the window; None, with `reason`, where the window is not known to its end.
    small_caps
        The price-basis basket against the CSI 1000.
    equal_weight
        The basket against every stock of the market at equal weights.
    """

    measures: Measures | None
    reason: str | None
    small_caps: Against
    equal_weight: Against


def risk(
    score: Score, held: Held, horizon: Horizon, equal_weight: Floats | None = None
) -> Risk | None:
    """The risk of a score's paper basket; None where it has none.

    Parameters
    ----------
    held
        The paper basket of the score.
    horizon
        The window on the score's axis.
    equal_weight
        Return of the market at equal weights since the entry, shape (T,), on the score's basis;
        None where the prices of the market are not at hand.
    """
    if score.paper is None or not held.simulation.codes:
        return None
    end = list(horizon.rows.values())[-1]
    path, against = held.path, score.paper.against
    measures = reason = None
    if end is None:
        until = f"on {score.when.end}" if score.when.end else "after the calendar's horizon"
        reason = f"the window ends {until}, and prices are known to {score.axis[-1]}"
    elif np.isnan(path[: end + 1]).any():
        reason = held.why_unknown(score.case.panel)
    elif np.isnan(against[: end + 1]).any():
        reason = f"the levels of {score.benchmark.code} end before the window"
    else:
        measures = measure(path[: end + 1], against[: end + 1], score.axis[: end + 1])
    why = "prices of the whole market are not at hand"
    market = Against("equal_weight", score.basis, None, why)
    if equal_weight is not None:
        readings = read_excess(path, equal_weight, horizon, score.case.thesis.scale)
        market = Against("equal_weight", score.basis, readings)
    return Risk(measures, reason, _small_caps(score, held, horizon), market)


def measure(path: Floats, against: Floats, axis: Dates) -> Measures:
    """Measure a path against its benchmark's.

    Parameters
    ----------
    path, against
        Holding-period returns since the entry, fractions, shape (T,), without NaN: the first is
        from the entry price to that session's close.
    axis
        Their sessions, shape (T,).

    Examples
    --------
    A basket that moves twice as much as its benchmark, down and up again:

    >>> path = np.array([0.98, 0.98 * 1.04]) - 1
    >>> against = np.array([0.99, 0.99 * 1.02]) - 1
    >>> axis = np.array(["2024-10-14", "2024-10-15"], dtype="datetime64[D]")
    >>> found = measure(path, against, axis)
    >>> round(found.beta, 9), found.a_year, found.drawdown.trough
    (2.0, 242, datetime.date(2024, 10, 14))
    """
    basket, market = returns_by_session(path), returns_by_session(against)
    active, moved = basket - market, market - market.mean()
    still = float(np.std(market)) < NO_VOLATILITY
    a_year = sessions_in_year(as_date(axis[-1]))
    mean = float(active.mean())
    error = float(np.std(active, ddof=1) * np.sqrt(a_year)) if len(active) > 1 else None
    return Measures(
        sessions=len(path),
        a_year=a_year,
        beta=None if still else float(moved @ basket) / float(moved @ moved),
        tracking_error=error,
        information_ratio=mean * a_year / error if error and error > NO_VOLATILITY else None,
        drawdown=_drawdown(path, against, axis),
    )


def _drawdown(path: Floats, against: Floats, axis: Dates) -> Drawdown:
    ratio = np.concatenate([[1.0], (1.0 + path) / (1.0 + against)])
    fall = ratio / np.maximum.accumulate(ratio) - 1.0
    trough = int(np.argmin(fall))
    if fall[trough] >= 0:
        return Drawdown(0.0, None, None)
    peak = int(np.argmax(ratio[:trough]))
    start = as_date(axis[peak - 1]) if peak else None
    return Drawdown(float(fall[trough]), start, as_date(axis[trough - 1]))


def _small_caps(score: Score, held: Held, horizon: Horizon) -> Against:
    """The basket without dividends against the CSI 1000: a price index against its like."""
    case, codes = score.case, held.simulation.codes
    without = [code for code in codes if not case.panel.has_share_factor(code)]
    reason = None
    if SMALL_CAPS not in case.panel:
        reason = f"{case.panel.origin} has no levels of {SMALL_CAPS}"
    elif without:
        reason = (
            f"{', '.join(without)} in {case.panel.origin} has no share_factor, and a basket with "
            "dividends is never set against a price index"
        )
    else:
        try:
            benchmark, price = price_benchmark(SMALL_CAPS), score.when.price
            against, _ = benchmark_returns(case.panel, benchmark, score.axis, price)
        except PricesError as error:
            reason = str(error)
    if reason is not None:
        return Against("csi_1000", "price", None, reason)
    own = held if score.basis == "price" else hold_names(case, held.weights, score.axis, "price")
    return Against("csi_1000", "price", read_excess(own.path, against, horizon, case.thesis.scale))
