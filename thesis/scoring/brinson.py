"""Brinson attribution and its linking over periods. Pure functions of arrays.

A portfolio of segments against a benchmark of the same segments: what came of weighting segments
otherwise (allocation), and what of holding other things inside them (selection). Effects of single
periods do not add up to a compounded excess; linking coefficients make them.

Notation: w, W weights and r, b returns of each segment in portfolio and benchmark; b without a
segment is the whole benchmark's return.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Effects:
    """Attribution effects of each segment, shape (..., S), as fractions.

    Over the last axis, and the three effects, they sum to the excess of the portfolio.
    """

    allocation: Floats
    selection: Floats
    interaction: Floats

    @property
    def top_down(self) -> "Effects":
        """With interaction folded into selection, which becomes w (r - b)."""
        nothing = np.zeros_like(self.interaction)
        return Effects(self.allocation, self.selection + self.interaction, nothing)

    @property
    def excess(self) -> Floats:
        """What they sum to, shape (...)."""
        return np.asarray((self.allocation + self.selection + self.interaction).sum(axis=-1))


def brinson_fachler(
    weights: Floats,
    benchmark_weights: Floats,
    returns: Floats,
    benchmark_returns: Floats,
    benchmark: Floats | None = None,
) -> Effects:
    """Brinson-Fachler effects: a segment is allocated well if it beats the whole benchmark.

    ``allocation = (w - W)(b_s - b)``, ``selection = W (r - b_s)``,
    ``interaction = (w - W)(r - b_s)``. Bacon, Practical Portfolio Performance Measurement and
    Attribution (2008), chapter 5.

    Parameters
    ----------
    weights, benchmark_weights
        Shape (..., S); each sums to 1 over the segments, but see `benchmark`.
    returns, benchmark_returns
        Shape (..., S), fractions.
    benchmark
        Return of the whole benchmark, shape (...). Default: sum of W b. Where it is given, the
        benchmark may hold more than these segments: off-benchmark bets have W = 0.

    Examples
    --------
    >>> found = brinson_fachler(
    ...     np.array([0.4, 0.3, 0.3]), np.array([0.4, 0.2, 0.4]),
    ...     np.array([0.20, -0.05, 0.06]), np.array([0.10, -0.04, 0.08]))
    >>> found.allocation.round(4) + 0.0, found.excess.round(4)
    (array([ 0.    , -0.0104, -0.0016]), np.float64(0.019))
    """
    whole = (benchmark_weights * benchmark_returns).sum(axis=-1) if benchmark is None else benchmark
    return _effects(
        weights,
        benchmark_weights,
        returns,
        benchmark_returns,
        benchmark_returns - np.asarray(whole)[..., None],
    )


def brinson_hood_beebower(
    weights: Floats, benchmark_weights: Floats, returns: Floats, benchmark_returns: Floats
) -> Effects:
    """Brinson-Hood-Beebower effects: as `brinson_fachler`, with ``allocation = (w - W) b_s``.

    Parameters
    ----------
    weights, benchmark_weights, returns, benchmark_returns
        Shape (..., S), as for `brinson_fachler`.
    """
    return _effects(weights, benchmark_weights, returns, benchmark_returns, benchmark_returns)


def _effects(w: Floats, big_w: Floats, r: Floats, b: Floats, allocated: Floats) -> Effects:
    bets, better = w - big_w, r - b
    return Effects(bets * allocated, big_w * better, bets * better)


def compound(returns: Floats) -> float:
    """Returns of successive periods, shape (P,), as one."""
    return float(np.prod(1.0 + returns) - 1.0)


def geometric_excess(portfolio: Floats, benchmark: Floats) -> Floats:
    """Excess as a ratio, ``(1 + r) / (1 + b) - 1``: it compounds over periods unlinked.

    Examples
    --------
    Plus 32% against plus 20% is 12 points, but 10%:

    >>> geometric_excess(np.array(0.32), np.array(0.20)).round(12)
    np.float64(0.1)
    """
    return np.asarray((1.0 + portfolio) / (1.0 + benchmark) - 1.0)


def carino(portfolio: Floats, benchmark: Floats) -> Floats:
    """Carino's linking coefficients: times each period's effects they sum to the whole excess.

    ``k_t / k`` with ``k_t = (ln(1 + r_t) - ln(1 + b_t)) / (r_t - b_t)``, its limit
    ``1 / (1 + r_t)`` where the two are equal, and k the same of the compounded returns. Carino,
    Journal of Performance Measurement 3(4), 1999.

    Parameters
    ----------
    portfolio, benchmark
        Returns of each period, shape (P,), above -1.

    Examples
    --------
    >>> r, b = np.array([0.10, -0.05]), np.array([0.10, 0.02])
    >>> linked = carino(r, b) * (r - b)
    >>> abs(linked.sum() - (1.10 * 0.95 - 1.10 * 1.02)) < 1e-15
    np.True_
    """
    whole = _k(np.array(compound(portfolio)), np.array(compound(benchmark)))
    return np.asarray(_k(portfolio, benchmark) / whole)


def _k(portfolio: Floats, benchmark: Floats) -> Floats:
    # By log1p of the ratio: a difference of two logarithms loses its digits where the two are near.
    ratio = (portfolio - benchmark) / (1.0 + benchmark)
    flat = ratio == 0.0
    return np.asarray(
        np.where(flat, 1.0, np.log1p(ratio) / np.where(flat, 1.0, ratio)) / (1.0 + benchmark)
    )


def grap(portfolio: Floats, benchmark: Floats) -> Floats:
    """GRAP's linking coefficients: earned in the portfolio before, kept in the benchmark after.

    The product of ``1 + r`` of the periods before and ``1 + b`` of those after; Frongello's
    effects have the same totals. Bacon (2008), Table 8.4.

    Parameters
    ----------
    portfolio, benchmark
        As for `carino`.
    """
    before = np.cumprod(np.concatenate([[1.0], 1.0 + portfolio[:-1]]))
    after = np.cumprod(np.concatenate([[1.0], 1.0 + benchmark[:0:-1]]))[::-1]
    return np.asarray(before * after)


def period_growth(at_start: Floats, now: Floats) -> Floats:
    """Return of each period of something held from one start to the next, and to now.

    Parameters
    ----------
    at_start
        Its worth at the start of each period, shape (P, ...).
    now
        Its worth now, at the end of the last, shape (...).

    Returns
    -------
    numpy.ndarray
        Shape (P, ...), fractions.

    Examples
    --------
    >>> period_growth(np.array([1.0, 1.2]), np.array(0.9)).round(12)
    array([ 0.2 , -0.25])
    """
    return np.asarray(np.concatenate([at_start[1:], now[None]]) / at_start - 1.0)
