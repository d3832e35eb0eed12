"""The verbs that ask whether a verdict was skill or luck: ``evidence``, ``weigh``, ``surface``."""

import datetime as dt
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from thesis.api import Strategies, backtest
from thesis.errors import PricesError, UsageError
from thesis.market.benchmark import Basis
from thesis.market.calendar import as_date
from thesis.market.pool import Pool, read_pool
from thesis.market.prices import Where
from thesis.reporting.backtest import Backtest
from thesis.reporting.comparison import Comparison
from thesis.research.thesis import Thesis
from thesis.scoring.draws import DRAWS, SEED
from thesis.scoring.evidence import examine, span, surface_and_reason
from thesis.scoring.surface import Surface
from thesis.trading.strategy import Strategy

#: Fewer draws tell nothing; more than this take memory for paths that add no digit.
FEWEST, MOST = 100, 1_000_000


def evidence(
    thesis: Thesis | str | os.PathLike[str],
    prices: Where = None,
    strategy: Strategy | None = None,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    basis: Basis = "total",
    as_of: dt.date | str | None = None,
    strategies: Strategies = None,
    command: str | None = None,
    progress: Callable[[str], None] | None = None,
    **options: Any,
) -> Backtest:
    """Backtest a thesis and weigh its verdict: base rate, placebo, event tests, fragility.

    Parameters
    ----------
    prices
        As for `backtest`. The placebo draws from every stock there is in the same place, so a
        folder of the whole market says more than a store of the thesis's own names.
    draws
        Of the bootstrap and of each placebo: the Monte-Carlo error of a probability is at most
        ``0.5 / sqrt(draws)``.
    seed
        Of all random numbers: the same seed gives the same bytes. It stands in the settings.
    progress
        Called with what is being done.

    Returns
    -------
    Backtest
        As `backtest`, with ``evidence`` filled; what cannot be told is None in it, with its reason.

    Raises
    ------
    ThesisFileError, PricesError, UsageError, VerificationError
        As `backtest`.

    Examples
    --------
    >>> result = evidence("optical_module", prices="sample", draws=200)
    >>> result.evidence.draws, result.evidence.seed
    (200, 20241013)
    """
    draws, seed = _whole("draws", draws, FEWEST, MOST), _whole("seed", seed, 0, 2**63 - 1)
    tell = progress or (lambda _: None)
    tell("backtesting")
    result = backtest(
        thesis, prices, strategy, basis=basis, as_of=as_of, strategies=strategies,
        command=command, **options,
    )  # fmt: skip
    tell("reading the market")
    pool, reason = _pool(prices, result)
    tell("drawing")
    score, found = examine(result.score, pool, reason, draws, seed)
    told = _call(result.command, draws, seed) if command is None else command
    return replace(result, score=score, evidence=found, command=told)


def weigh(
    comparison: Comparison,
    *,
    draws: int = DRAWS,
    seed: int = SEED,
    progress: Callable[[str], None] | None = None,
) -> Comparison:
    """The same results with their verdicts weighed; the market is read once for all of one date.

    Parameters
    ----------
    comparison
        Of `thesis.compare`; random lists are drawn from the prices it was given.
    draws, seed, progress
        As for `evidence`.

    Returns
    -------
    Comparison
        Each result with ``evidence`` filled, as `evidence` of its thesis alone would.

    Raises
    ------
    UsageError
        If it is no comparison, or `draws` or `seed` cannot be.

    Examples
    --------
    >>> from thesis import compare
    >>> both = weigh(compare(["optical_module", "operators"], "sample"), draws=200)
    >>> [result.evidence.draws for result in both.results]
    [200, 200]
    """
    if not isinstance(comparison, Comparison):
        raise UsageError(
            f"weigh takes a comparison, as thesis.compare gives, and got a "
            f"{type(comparison).__name__}; of one thesis, thesis.evidence has the same"
        )
    draws, seed = _whole("draws", draws, FEWEST, MOST), _whole("seed", seed, 0, 2**63 - 1)
    tell = progress or (lambda _: None)
    read: tuple[Any, tuple[Pool | None, str | None]] | None = None
    weighed = []
    for result in comparison.results:
        tell(f"weighing {result.thesis.id}")
        place = _place_of(comparison.prices, result)
        key = (
            span(result.score),
            as_date(result.score.axis[-1]) if len(result.score.axis) else None,
            place if isinstance(place, str) else id(place),
        )
        if read is None or read[0] != key:  # one market in memory at a time
            read = (key, _pool(comparison.prices, result))
        score, found = examine(result.score, *read[1], draws, seed)
        command = _call(result.command, draws, seed)
        weighed.append(replace(result, score=score, evidence=found, command=command))
    return replace(comparison, results=tuple(weighed))


def surface(
    thesis: Thesis | str | os.PathLike[str],
    prices: Where = None,
    strategy: Strategy | None = None,
    **options: Any,
) -> Surface:
    """The excess of every entry delay and exit session, as one matrix, and the ratings it earns.

    Parameters
    ----------
    options
        As for `backtest`.

    Raises
    ------
    UsageError
        If the thesis calls no names, or nothing of its window is known.
    ThesisFileError, PricesError, UsageError, VerificationError
        As `backtest`.

    Examples
    --------
    >>> surface("optical_module", prices="sample").excess.shape
    (21, 122)
    """
    result = backtest(thesis, prices, strategy, **options)
    return surface_of(result)


def surface_of(result: Backtest) -> Surface:
    """The surface of a result.

    Raises
    ------
    UsageError
        As `surface`.
    """
    found, reason = surface_and_reason(result.score)
    if found is None:
        raise UsageError(f"{result.thesis.id}: there is no surface: {reason}")
    return found


def _pool(prices: Where, result: Backtest) -> tuple[Pool | None, str | None]:
    """Every stock of the place a result's prices came from; or why there is none."""
    days = span(result.score)
    if days is None:
        return None, "nothing of the window is known"
    try:
        where = _place_of(prices, result)
        return read_pool(where, *days, checked_to=as_date(result.score.axis[-1])), None
    except PricesError as error:
        return None, str(error)


def _place_of(prices: Where, result: Backtest) -> Where:
    """Where the market around a result is read."""
    if prices is None:
        return "sample" if result.simulated else "store"
    if isinstance(prices, str | os.PathLike) and not _is_place(prices):
        return result.score.case.panel  # a live source: it was asked once, and not for the market
    return prices


def _is_place(prices: str | os.PathLike[str]) -> bool:
    return str(prices) in ("store", "sample") or os.path.exists(prices)


def _call(backtest: str, draws: int, seed: int) -> str:
    """The call that weighs what a backtest's call made; a command line says it itself."""
    if not backtest.startswith("thesis.backtest("):
        return backtest
    how = backtest.removeprefix("thesis.backtest(").removesuffix(")")
    return f"thesis.evidence({how}, draws={draws}, seed={seed})"


def _whole(name: str, value: Any, least: int, most: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise UsageError(f"{name} = {value!r}: give a whole number from {least:,} to {most:,}")
    return value
