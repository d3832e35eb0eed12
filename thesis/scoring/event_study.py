"""Abnormal returns: what names or a basket earned beyond what their market explains.

Pure functions of arrays. Every array may have leading batch axes: returns are (..., L, N), a market
(..., L), numbers of names (..., N). NaN is a return that does not exist.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Names = slice | npt.NDArray[np.intp] | npt.NDArray[np.bool_]

#: A residual variance under this is rounding: the name copies the market, or never moves.
NO_VARIANCE = 1e-18


@dataclass(frozen=True, eq=False)
class MarketModel:
    """Returns explained by a market's over an estimation window: ``R_i = a_i + b_i R_m + e_i``.

    Attributes
    ----------
    alpha, beta
        Shape (..., N). NaN where the market, or a name's own rows of it, never moved.
    variance
        Of the residuals, with L1 - 2 degrees of freedom, shape (..., N).
    count
        L1, the returns of each name, shape (..., N).
    market_mean, market_spread
        Mean of the market over a name's returns, and the sum of squares around it; shape (..., N),
        or (..., 1) where all names have every return.
    residuals
        Shape (..., L, N); NaN where there was no return.
    """

    alpha: Floats
    beta: Floats
    variance: Floats
    count: Floats
    market_mean: Floats
    market_spread: Floats
    residuals: Floats

    def take(self, names: Names) -> "MarketModel":
        """The model of some of the names, by their columns."""
        whole = self.market_mean.shape[-1] != self.alpha.shape[-1]
        return MarketModel(
            self.alpha[..., names],
            self.beta[..., names],
            self.variance[..., names],
            self.count[..., names],
            self.market_mean if whole else self.market_mean[..., names],
            self.market_spread if whole else self.market_spread[..., names],
            self.residuals[..., names],
        )


@dataclass(frozen=True, eq=False)
class Abnormal:
    """Returns of an event window beyond what a market model expects.

    Attributes
    ----------
    daily
        ``AR = R - a - b R_m``, shape (..., L2, N); 0 before a name was held.
    car
        Their sum, shape (..., N).
    scar
        `car` over the standard error of its forecast, shape (..., N): Student t with L1 - 2 degrees
        of freedom if nothing happened and the variance stayed as it was.
    """

    daily: Floats
    car: Floats
    scar: Floats


def fit_market_model(returns: Floats, market: Floats) -> MarketModel:
    """Ordinary least squares of each name on the market, over the returns it has.

    Parameters
    ----------
    returns
        Shape (..., L, N), fractions; NaN where a name has no return.
    market
        Shape (..., L); a NaN leaves out the row.

    Examples
    --------
    >>> market = np.array([0.01, -0.02, 0.03, 0.0])
    >>> model = fit_market_model((0.001 + 1.5 * market)[:, None], market)
    >>> float(model.alpha[0].round(6)), float(model.beta[0].round(6))
    (0.001, 1.5)
    """
    known = ~(np.isnan(returns) | np.isnan(market)[..., None])
    x = market[..., None]
    if known.all():
        # One market serves all names: a broadcast axis of length 1 instead of a copy a name.
        count = np.full(returns.shape[:-2] + returns.shape[-1:], float(returns.shape[-2]))
        mean_x = x.mean(axis=-2)
        spread = x - mean_x[..., None, :]
        mean_y = returns.mean(axis=-2)
        around = returns - mean_y[..., None, :]
    else:
        count = known.sum(axis=-2).astype(float)
        with np.errstate(invalid="ignore", divide="ignore"):
            mean_x = np.where(known, x, 0.0).sum(axis=-2) / count
            mean_y = np.where(known, returns, 0.0).sum(axis=-2) / count
        spread = np.where(known, x - mean_x[..., None, :], 0.0)
        around = np.where(known, returns - mean_y[..., None, :], 0.0)
    total = (spread * spread).sum(axis=-2)
    with np.errstate(invalid="ignore", divide="ignore"):
        beta = (spread * around).sum(axis=-2) / np.where(total > 0, total, np.nan)
        residuals = around - beta[..., None, :] * spread
        variance = (residuals * residuals).sum(axis=-2) / np.where(count > 2, count - 2, np.nan)
    if not known.all():
        residuals = np.where(known, residuals, np.nan)
    return MarketModel(mean_y - beta * mean_x, beta, variance, count, mean_x, total, residuals)


def abnormal_returns(model: MarketModel, returns: Floats, market: Floats) -> Abnormal:
    """Abnormal returns of an event window, their sum, and the sum in standard errors.

    The variance of the forecast of a CAR is ``s2 (L2 + L2^2 / L1 + (sum(Rm - Rm_mean))^2 / Sxx)``:
    the errors of the window's sessions, and those of the estimated ``a`` and ``b``, which all of
    its sessions share (Boehmer, Musumeci and Poulsen 1991; Kolari and Pynnonen 2010).

    Parameters
    ----------
    returns
        Shape (..., L2, N). 0 on a session without a bar, the catch-up on the next one; NaN before
        a name was held, which shortens its window.
    market
        Shape (..., L2), over the same spans of time; no NaN.
    """
    held = ~np.isnan(returns)
    whole = bool(held.all())
    expected = model.alpha[..., None, :] + model.beta[..., None, :] * market[..., None]
    daily = returns - expected if whole else np.where(held, returns - expected, 0.0)
    length = np.asarray(returns.shape[-2] if whole else held.sum(axis=-2), dtype=float)
    over = market[..., None] if whole else np.where(held, market[..., None], 0.0)
    car = daily.sum(axis=-2)
    drift = over.sum(axis=-2) - length * model.market_mean
    with np.errstate(invalid="ignore", divide="ignore"):
        factor = length + length**2 / model.count + drift**2 / model.market_spread
        steady = np.where(model.variance > NO_VARIANCE, model.variance, np.nan)
        scar = car / np.sqrt(steady * np.where(length > 0, factor, np.nan))
    return Abnormal(daily, car, scar)


def market_adjusted_car(returns: Floats, market: Floats) -> Floats:
    """Cumulative abnormal return ``sum(R - R_m)`` of each name, shape (..., N).

    Examples
    --------
    >>> own, market = np.array([[0.1], [-0.1], [0.2], [0.05]]), np.array([0.05, -0.05, 0.05, 0.0])
    >>> market_adjusted_car(own, market).round(6), buy_and_hold_abnormal(own, market).round(6)
    (array([0.2]), array([0.200025]))
    """
    return np.asarray(np.nansum(returns - market[..., None], axis=-2), dtype=float)


def buy_and_hold_abnormal(returns: Floats, market: Floats) -> Floats:
    """Buy-and-hold abnormal return ``prod(1 + R) - prod(1 + R_m)`` of each name, shape (..., N).

    From the session a name is held on: before it, where its returns are NaN, neither counts
    (Barber and Lyon 1997).
    """
    over = np.where(np.isnan(returns), np.nan, market[..., None])
    grown = np.nanprod(1.0 + returns, axis=-2) - np.nanprod(1.0 + over, axis=-2)
    return np.asarray(grown, dtype=float)


def basket_returns(returns: Floats, weights: Floats) -> Floats:
    """Return of names at fixed weights on each session, shape (..., L).

    Names without a return are left out and the rest reweighted; NaN where under half of the weight
    has one.

    Examples
    --------
    >>> basket_returns(np.array([[0.02, 0.04], [np.nan, 0.01]]), np.array([0.5, 0.5]))
    array([0.03, 0.01])
    """
    known = ~np.isnan(returns)
    if known.all():
        return np.asarray(returns @ (weights / weights.sum()), dtype=float)
    there = known @ weights
    half = there >= weights.sum() / 2 - 1e-12
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(half, np.where(known, returns, 0.0) @ weights / there, np.nan)
