"""The placebo: how a thesis's names did among watchlists drawn at random on the same morning.

Every random list is bought at the same entry, held on the same sessions and read by the same rules,
so what moved all stocks alike, or a whole industry, moves placebo and thesis alike. It says what
the *names* added to a draw from their pool; of the choice of the industry it says nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.research.rating import RatingScale
from thesis.scoring.draws import stream
from thesis.scoring.rating_counts import band_shares
from thesis.scoring.reading import HEADLINE, Horizon, Readings, read_excess
from thesis.scoring.universe import Universe
from thesis.scoring.watchlists import (
    POOLS,
    NothingToDrawError,
    Pool,
    Rows,
    Strata,
    all_lists,
    basket_paths,
    can_enumerate,
    draw_lists,
    expected_moments,
    stratify,
)

Floats = npt.NDArray[np.float64]

#: Quantiles of the daily excess that a fan shows.
QUANTILES = (0.05, 0.25, 0.50, 0.75, 0.95)

#: Excess returns this near each other are a tie: the thesis's own list, summed in another order,
#: must count as itself. Sums of returns as large as 10 are off by some 1e-14.
TIE = 1e-12

#: Where lists take more than this share of a stratum, they are nearly the thesis's own.
NEARLY_ALL = 0.5

#: Sessions whose paths are held in memory at a time.
BLOCK = 128


@dataclass(frozen=True)
class PlaceboReading:
    """A thesis among the random lists of a pool, at one reading.

    Attributes
    ----------
    excess
        Of the thesis's basket over its benchmark.
    shares
        Share of the lists that earned each rating, by rating, best first; they sum to 1.
    beats
        Share of the lists with a lower excess.
    percentile
        The same, with half of those that tie: its mid-rank.
    p, p_worse
        The chance that a list drawn at random does at least as well, and at least as badly, each
        one-sided and with ties: ``(1 + #) / (1 + B)`` (Phipson & Smyth 2010), never 0; of all
        lists, the thesis's own among them, ``# / B``.
    mean, median, sd
        Of the lists' excess returns; the SD over B of them divides by B.
    expected_mean, expected_sd
        Of all lists that could be drawn, from the pool's own mean and variance: what `mean` and
        `sd` come to as B grows, and equal where every list is enumerated.
    """

    excess: float
    shares: Mapping[str, float]
    beats: float
    percentile: float
    p: float
    p_worse: float
    mean: float
    median: float
    sd: float
    expected_mean: float
    expected_sd: float


@dataclass(frozen=True, eq=False)
class Placebo:
    """The random lists of one pool; without lists there is a reason.

    Attributes
    ----------
    pool
        ``market``, ``industry`` or ``industry_size``.
    draws
        Lists: B.
    exact
        Whether they are all lists there are, each once.
    strata
        What filled the places, in the order of the thesis's names.
    readings
        By reading, with a p in both directions: `p` for a call to rise, `p_worse` for one to fall.
        None where the thesis's own excess is not known.
    fan
        `QUANTILES` of the lists' excess on each session, shape (T, 5); NaN where the benchmark is
        not known.
    reason
        Why there are no lists, in a sentence.
    """

    pool: Pool
    draws: int | None = None
    exact: bool | None = None
    strata: Strata = ()
    readings: Mapping[str, PlaceboReading | None] | None = None
    fan: Floats | None = None
    reason: str | None = None

    @property
    def stocks(self) -> int | None:
        """Stocks that could be drawn: N."""
        return sum(len(each.rows) for each in self.strata) or None

    @property
    def nearly_identical(self) -> bool | None:
        """Whether a stratum gives more than half of its stocks: lists share most of their names."""
        if not self.strata:
            return None
        return any(len(each.places) > NEARLY_ALL * len(each.rows) for each in self.strata)


@dataclass(frozen=True, eq=False)
class Placebos:
    """A thesis among random lists, pool by pool.

    Attributes
    ----------
    names
        Places of a list, one for each name with weight: K.
    outside
        Names that hold a place but were not among the stocks that could be drawn: every random
        list could be bought at the entry, these could not.
    pools
        ``market``, ``industry``, ``industry_size``.
    """

    names: int
    outside: tuple[str, ...]
    pools: Mapping[Pool, Placebo]


def placebo(
    universe: Universe,
    score_codes: Sequence[str],
    weights: Floats,
    observed_path: Floats,
    against: Floats,
    horizon: Horizon,
    scale: RatingScale,
    draws: int,
    seed: int,
) -> Placebos:
    """Draw random watchlists from each pool and place a thesis among them.

    Where all lists of a pool number at most `thesis.scoring.watchlists.ENUMERATED` and weights are
    equal within each stratum, they are enumerated instead, and `draws` does not matter.

    Parameters
    ----------
    score_codes, weights
        The basket's names and initial weights, shape (K,); names without weight hold no place.
    observed_path
        Return of the basket since the entry, shape (T,); NaN where unknown.
    against
        Return of its benchmark, shape (T,); NaN where unknown.
    draws
        Random lists a pool: B.
    seed
        Each pool has its own stream of random numbers.

    Raises
    ------
    ValueError
        If shapes differ, a weight is negative or unknown, a name comes twice or there is no draw.
    """
    codes, weights = _carried(score_codes, weights)
    sessions = universe.returns.shape[1]
    if observed_path.shape != (sessions,) or against.shape != (sessions,):
        raise ValueError(
            f"the universe has returns on {sessions} sessions, the basket on {len(observed_path)} "
            f"and its benchmark on {len(against)}: all run from the entry to the last session known"
        )
    if draws < 1:
        raise ValueError(f"draws = {draws}: draw one list at least")
    outside = tuple(code for code in codes if code not in universe.codes)
    reason = None if codes else "the basket has no names"
    if codes and not outside:
        reason = _disagreement(universe, codes, weights, observed_path)
    readings = read_excess(observed_path, against, horizon, scale)
    pools = {}
    for pool in POOLS:
        try:
            if reason is not None:
                raise NothingToDrawError(reason)
            strata = stratify(universe, codes, pool)
        except NothingToDrawError as why:
            pools[pool] = Placebo(pool, reason=str(why))
            continue
        exact = can_enumerate(strata, weights)
        rng = stream(seed, f"placebo.{pool}")
        lists = all_lists(strata) if exact else draw_lists(strata, draws, rng)
        among = exact and not outside
        read = _read(universe.returns, strata, lists, weights, readings, horizon, scale, among)
        fan = _fan(universe.returns, lists, weights, against)
        pools[pool] = Placebo(pool, len(lists), exact, strata, read, fan)
    return Placebos(len(codes), outside, pools)


def _carried(codes: Sequence[str], weights: Floats) -> tuple[tuple[str, ...], Floats]:
    if len(codes) != len(weights) or len(set(codes)) != len(codes):
        raise ValueError(f"{len(weights)} weights of {len(codes)} names: give one for each, once")
    if not np.all(weights >= 0):
        raise ValueError(f"weights = {weights.tolist()}: none may be negative or unknown")
    named = tuple(code for code, weight in zip(codes, weights, strict=True) if weight > 0)
    return named, np.asarray(weights[weights > 0], dtype=float)


def _disagreement(
    universe: Universe, codes: Sequence[str], weights: Floats, observed: Floats
) -> str | None:
    """Say where the universe gives the thesis's own basket another return than its score."""
    rows = np.array([[universe.codes.index(code) for code in codes]], dtype=np.int32)
    gaps = np.abs(basket_paths(universe.returns, rows, weights)[0] - observed)
    largest = float(np.nanmax(gaps, initial=0.0))
    if largest <= TIE / 2:  # nearer than a tie, or the thesis's own list might not count
        return None
    return (
        f"the universe gives the thesis's own basket another return, by up to {largest:.2g}; "
        "both must come from the same prices on the same basis"
    )


def _read(
    returns: Floats,
    strata: Strata,
    lists: Rows,
    weights: Floats,
    readings: Readings,
    horizon: Horizon,
    scale: RatingScale,
    among: bool,
) -> dict[str, PlaceboReading | None]:
    """Every reading of the lists; `among` them, where all are enumerated, is the thesis's own."""
    known = {key: own for key, own in readings.items() if own is not None}
    # A reading is linear in the path, so a basket's is the weighted sum of its stocks' own.
    stocks = np.empty((len(returns), len(known)))
    for column, key in enumerate(known):
        stocks[:, column] = _stock_values(returns, horizon, key)
    levels = np.array([own.benchmark for own in known.values()])
    excess = basket_paths(stocks, lists, weights) - levels
    shares = band_shares(excess, scale).T.tolist()
    counted, own_list = len(lists), 0 if among else 1
    read: dict[str, PlaceboReading | None] = dict.fromkeys(readings)
    for column, (key, own) in enumerate(known.items()):
        values = excess[:, column]
        below = int((values < own.excess - TIE).sum())
        above = int((values > own.excess + TIE).sum())
        ties = counted - below - above
        mean, sd = expected_moments(stocks[:, column], strata, weights)
        read[key] = PlaceboReading(
            excess=own.excess,
            shares={band.id: s for band, s in zip(scale.bands, shares[column], strict=True)},
            beats=below / counted,
            percentile=(below + ties / 2) / counted,
            p=(own_list + above + ties) / (own_list + counted),
            p_worse=(own_list + below + ties) / (own_list + counted),
            mean=float(values.mean()),
            median=float(np.median(values)),
            sd=float(values.std()),
            expected_mean=mean - own.benchmark,
            expected_sd=sd,
        )
    return read


def _stock_values(returns: Floats, horizon: Horizon, key: str) -> Floats:
    """Each stock's return at a reading whose rows are known, shape (N,)."""
    if key == HEADLINE:
        return np.asarray(returns[:, horizon.window or slice(None)].mean(axis=1), dtype=float)
    row = horizon.rows[key]
    if row is None:
        raise AssertionError(f"{key} is known")
    return returns[:, row]


def _fan(returns: Floats, lists: Rows, weights: Floats, against: Floats) -> Floats:
    """Quantiles of the lists' excess on every session, shape (T, 5)."""
    fan = np.empty((len(against), len(QUANTILES)))
    for start in range(0, len(against), BLOCK):
        part = slice(start, start + BLOCK)
        paths = basket_paths(np.ascontiguousarray(returns[:, part]), lists, weights)
        fan[part] = np.quantile(paths, QUANTILES, axis=0).T
    return np.asarray(fan - against[:, None], dtype=float)
