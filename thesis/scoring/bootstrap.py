"""Resampled histories: the stationary block bootstrap of Politis and Romano (1994).

A resampled history is made of blocks of consecutive sessions, so that what follows from one day to
the next stays. Blocks start anywhere, run round the end of the history to its beginning, and have
geometric lengths, so that every session is as likely as any other on every day of the result.
"""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.intp]

#: Blocks are this long at least, and at most this share of the history.
SHORTEST_BLOCK, LONGEST_SHARE = 3.0, 0.25


def stationary_rows(
    history: int, length: int, draws: int, block: float, rng: np.random.Generator
) -> Rows:
    """Rows of a history, resampled in blocks.

    Parameters
    ----------
    history
        Rows there are.
    length
        Rows wanted in each draw; they may be more than there are.
    block
        Mean length of a block: after each row a new block starts with probability ``1 / block``.
        1 draws every row by itself.

    Returns
    -------
    numpy.ndarray
        Shape (draws, length), each from 0 to ``history - 1``.

    Raises
    ------
    ValueError
        If there is no history, or blocks shorter than a row.

    Notes
    -----
    Politis and Romano (1994), The stationary bootstrap, JASA 89:1303-1313.

    Examples
    --------
    >>> stationary_rows(5, 8, 2, 4.0, np.random.default_rng(7))
    array([[2, 3, 4, 4, 0, 1, 4, 0],
           [3, 4, 0, 1, 2, 3, 4, 0]])
    """
    if history < 1 or not block >= 1:
        raise ValueError(f"a history of {history} rows cannot be drawn in blocks of {block}")
    cells = draws * length
    starts = rng.random((draws, length)) < 1 / block
    starts[:, :1] = True
    first = np.flatnonzero(starts)
    # A row is its block's first row and how far it lies behind it, in one flat line of all draws.
    shift = rng.integers(0, history, len(first)) - first
    rows = np.repeat(shift, np.diff(first, append=cells))
    rows += np.arange(cells)
    rows %= history
    return np.asarray(rows.reshape(draws, length), dtype=np.intp)


def expected_levels(growth: Floats, length: int, block: float) -> Floats:
    """What a level comes to in the mean of all resampled histories, exactly.

    With independent days it would be the product of the days' means. Blocks keep serial
    correlation, which moves the mean of a product: days that follow each other up lift it.

    Parameters
    ----------
    growth
        ``1 + return`` of each row of the history, shape (n, N).
    length, block
        As for `stationary_rows`.

    Returns
    -------
    numpy.ndarray
        Expected product of the first t + 1 growths of a draw, shape (length, N).

    Notes
    -----
    The row drawn is a Markov chain. With ``m_t(j)`` the mean of the product up to t where row j was
    drawn last (and 0 elsewhere), ``m_t+1(j) = g(j) ((1 - p) m_t(j - 1) + p mean(m_t))``.

    Examples
    --------
    A level that gains a half and then loses it, in long and in single-row blocks:

    >>> growth = np.array([[1.5], [0.5]])
    >>> expected_levels(growth, 2, 1.0).ravel(), expected_levels(growth, 2, 1e9).ravel().round(6)
    (array([1., 1.]), array([1.  , 0.75]))
    """
    restart = 1 / block
    levels = np.empty((length, growth.shape[1]))
    product = np.asarray(growth / len(growth))
    for row in range(length):
        if row:
            product = growth * (
                (1 - restart) * np.roll(product, 1, axis=0) + restart * product.mean(axis=0)
            )
        levels[row] = product.sum(axis=0)
    return levels


def block_length(values: Floats) -> float:
    """The mean length of blocks that fits a series, from 3 rows to a quarter of it.

    Parameters
    ----------
    values
        Shape (n,), without NaN.
    """
    fitted = optimal_block(values)
    longest = max(SHORTEST_BLOCK, LONGEST_SHARE * len(values))
    return float(np.clip(fitted, SHORTEST_BLOCK, longest)) if fitted > 0 else SHORTEST_BLOCK


def optimal_block(values: Floats) -> float:
    """The mean block length with the least error of the mean's variance; NaN if nothing varies.

    Parameters
    ----------
    values
        Shape (n,), without NaN, at least 20 of them.

    Notes
    -----
    Politis and White (2004), Econometric Reviews 23:53-70, as corrected by Patton, Politis and
    White (2009) 28:372-375. ``(g^2 n / s^4)^(1/3)``: ``g = sum |k| w(k/m) acv(k)`` and ``s^2 = sum
    w(k/m) acv(k)`` over lags -m..m in a flat-top window w; m is twice the lag after which the
    correlogram stays within its noise.

    The numbers are those of ``arch.bootstrap.optimal_block_length``, column "stationary", to the
    last digits, which a test holds. They are worked out here since importing arch takes 2.2 s of
    CPU (0.8 s after vectorbt), and the formula half a millisecond.
    """
    count = len(values)
    if values.min() == values.max():  # less its mean, it would leave crumbs that look like a trend
        return float("nan")
    demeaned = values - values.mean()
    enough = max(5, int(np.log10(count)))
    furthest = int(np.ceil(np.sqrt(count))) + enough
    cross = np.array([demeaned[k:] @ demeaned[: count - k] for k in range(furthest + 1)])
    m = _cut_off(demeaned, cross, enough)
    lags = np.arange(1, m + 1)
    tapered = np.minimum(1.0, 2 * (1 - lags / m)) * cross[1 : m + 1] / count
    bend = 2 * float(lags @ tapered)
    spread = cross[0] / count + 2 * float(tapered.sum())
    longest = np.ceil(min(3 * np.sqrt(count), count / 3))
    with np.errstate(divide="ignore"):
        return float(min(np.cbrt((bend / spread) ** 2 * count), longest))


def _cut_off(demeaned: Floats, cross: Floats, enough: int) -> int:
    """Twice the lag before the first run of `enough` autocorrelations that are noise.

    As arch has it, each is scaled by the parts of the series it is made of, less one more row.
    """
    count, lags = len(demeaned), range(len(cross))
    scale = [
        (demeaned[k + 1 :] @ demeaned[k + 1 :]) * (demeaned[: -k - 1] @ demeaned[: -k - 1])
        for k in lags
    ]
    noise = np.abs(cross) < 2 * np.sqrt(np.log10(count) / count) * np.sqrt(scale)
    for lag in range(len(cross) - enough):
        if noise[lag : lag + enough].all():
            return min(2 * max(lag, 1), len(cross) - 1)
    return len(cross) - 1
