"""Watchlists that could have been drawn instead of a thesis's own, and what they returned.

A watchlist has a place for each name of the thesis. A place is filled from the stratum of its name
(the whole market, the name's industry, or the names of its industry and size) and carries its
name's weight. Within a list no stock comes twice. Nothing here grows with lists x stocks.
"""

import itertools
import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from thesis.scoring.universe import Universe

Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int32]
Pool = Literal["market", "industry", "industry_size"]

#: From the widest to the one nearest to the thesis's own names.
POOLS: tuple[Pool, ...] = ("market", "industry", "industry_size")
SIZES = ("small", "middle", "large")

#: Up to so many lists are enumerated, all of them, rather than drawn at random.
ENUMERATED = 50_000

#: Bytes of paths summed at a time: what stays in a processor's cache.
CACHED = 2**19


class NothingToDrawError(Exception):
    """A pool cannot give a watchlist; the message says which name stands in the way and why."""


@dataclass(frozen=True, eq=False)
class Stratum:
    """Stocks that are drawn for some places of a list.

    Attributes
    ----------
    label
        ``market``, ``801760.SI`` or ``801760.SI small``.
    places
        Of the list, shape (K_s,).
    rows
        Of the universe, ascending, shape (N_s,).
    """

    label: str
    places: Rows
    rows: Rows


Strata = tuple[Stratum, ...]


def stratify(universe: Universe, codes: Sequence[str], pool: Pool) -> Strata:
    """The strata that fill the places of a list, in the order of their first names.

    Parameters
    ----------
    codes
        The thesis's names, one a place.

    Raises
    ------
    NothingToDrawError
        If a name's industry or size is not known, if a stratum has fewer stocks than places, or if
        no list but the thesis's own can be drawn.
    """
    if pool == "market":
        labels: list[str | None] = ["market"] * len(universe.codes)
        wanted: list[str] = ["market"] * len(codes)
    else:
        labels = _labels(universe, pool)
        wanted = [_label_of(universe, labels, code, pool) for code in codes]
    strata = tuple(
        Stratum(label, _where(wanted, label), _where(labels, label))
        for label in dict.fromkeys(wanted)
    )
    for each in strata:
        if len(each.rows) < len(each.places):
            raise NothingToDrawError(
                f"{_called(each.label)}: the thesis has {len(each.places)} names there, and only "
                f"{len(each.rows)} stocks could be drawn"
            )
    own = set(codes)
    if all({universe.codes[row] for row in each.rows} <= own for each in strata):
        raise NothingToDrawError(
            f"{', '.join(_called(each.label) for each in strata)}: no other stocks than the "
            "thesis's own could be drawn"
        )
    return strata


def _called(label: str) -> str:
    return "these prices" if label == "market" else label


def _labels(universe: Universe, pool: Pool) -> list[str | None]:
    return [
        _label(industry, tercile, pool)
        for industry, tercile in zip(universe.industry, universe.tercile.tolist(), strict=True)
    ]


def _label(industry: str | None, tercile: int, pool: Pool) -> str | None:
    """The stratum of an industry and third; None where what it is made of is not known."""
    if industry is None or pool == "industry":
        return industry
    return f"{industry} {SIZES[tercile]}" if tercile >= 0 else None


def _label_of(universe: Universe, labels: list[str | None], code: str, pool: Pool) -> str:
    if code in universe.codes:
        row = universe.codes.index(code)
        industry, label = universe.industry[row], labels[row]
    elif code in universe.others:  # suspended that day, say: what could be drawn for it is known
        industry, tercile = universe.others[code]
        label = _label(industry, tercile, pool)
    else:
        why = next((why for why, left in universe.left_out.items() if code in left), None)
        raise NothingToDrawError(
            f"{code} is not among the stocks of the prices{f' ({why})' if why else ''}, so its "
            "stratum is not known"
        )
    if label is None:
        what = "size" if industry is not None else "industry"
        raise NothingToDrawError(
            f"{code}: its {what} at publication is not known, so it has no stratum"
        )
    return label


def _where(labels: Sequence[Hashable], label: Hashable) -> Rows:
    return np.array([at for at, each in enumerate(labels) if each == label], dtype=np.int32)


def count_lists(strata: Strata) -> int:
    """How many lists there are, whatever the order within a stratum: prod C(N_s, K_s)."""
    return math.prod(math.comb(len(each.rows), len(each.places)) for each in strata)


def can_enumerate(strata: Strata, weights: Floats) -> bool:
    """Whether all lists are few enough, and each one basket whatever its order.

    Within a stratum weights must be equal (to `1e-12`): otherwise the order makes another basket.
    """
    even = all(np.ptp(weights[each.places]) <= 1e-12 for each in strata)
    return even and count_lists(strata) <= ENUMERATED


def all_lists(strata: Strata) -> Rows:
    """Every list once, shape (`count_lists`, K), as rows of the universe.

    Examples
    --------
    >>> three = np.array([4, 5, 6], dtype=np.int32)
    >>> all_lists((Stratum("market", np.array([0, 1], dtype=np.int32), three),)).tolist()
    [[4, 5], [4, 6], [5, 6]]
    """
    subsets = [
        np.array(list(itertools.combinations(each.rows.tolist(), len(each.places))), np.int32)
        for each in strata
    ]
    chosen = np.unravel_index(np.arange(count_lists(strata)), [len(each) for each in subsets])
    lists = _empty(strata, count_lists(strata))
    for each, own, at in zip(strata, subsets, chosen, strict=True):
        lists[:, each.places] = own[at]
    return lists


def draw_lists(strata: Strata, draws: int, rng: np.random.Generator) -> Rows:
    """Random lists, each equally likely, shape (draws, K), as rows of the universe.

    Lists are drawn with replacement, the stocks of a list without; every order of a stratum's
    stocks over its places is equally likely too, so any weights may stand on the places.

    Parameters
    ----------
    rng
        Strata take their random numbers from it in turn: stocks of other strata change nothing.
    """
    lists = _empty(strata, draws)
    for each in strata:
        drawn = _shuffles(len(each.rows), len(each.places), draws, rng)
        for place, column in zip(each.places, drawn, strict=True):
            lists[:, place] = each.rows[column]
    return lists


def _empty(strata: Strata, count: int) -> Rows:
    # Place by place in memory, as `basket_paths` reads them.
    return np.empty((sum(len(each.places) for each in strata), count), dtype=np.int32).T


def _shuffles(
    stocks: int, places: int, draws: int, rng: np.random.Generator
) -> npt.NDArray[np.int64]:
    """The first cards of many shuffled packs, shape (places, draws).

    Fisher and Yates: step i swaps card i with one at i or further on. No pack is kept: a card lies
    where it began, unless an earlier step swapped another to its place.
    """
    swapped = rng.integers(np.arange(places)[:, None], stocks, size=(places, draws))
    drawn = swapped.copy()
    moved = np.repeat(np.arange(places)[:, None], draws, axis=1)  # what step i puts further on
    for step in range(places):
        for before in range(step):
            np.copyto(drawn[step], moved[before], where=swapped[before] == swapped[step])
            np.copyto(moved[step], moved[before], where=swapped[before] == step)
    return drawn


def basket_paths(returns: Floats, lists: Rows, weights: Floats) -> Floats:
    """Returns of baskets bought and held: ``out[b] = sum_i weights[i] x returns[lists[b, i]]``.

    Parameters
    ----------
    returns
        Holding-period returns, shape (N, T), a row a stock.
    lists
        Rows of `returns`, shape (B, K).
    weights
        Initial weight of each place, shape (K,); what they leave of 1 is cash that earns nothing.

    Returns
    -------
    numpy.ndarray
        Shape (B, T).

    Raises
    ------
    IndexError
        If a row is not there.

    Examples
    --------
    >>> returns = np.array([[0.0, 0.1], [0.0, 0.3], [0.5, 0.5]])
    >>> basket_paths(returns, np.array([[0, 1], [2, 1]], np.int32), np.array([0.5, 0.5])).tolist()
    [[0.0, 0.2], [0.25, 0.4]]
    """
    if lists.size and not 0 <= lists.min() <= lists.max() < len(returns):
        raise IndexError(f"lists name rows outside 0..{len(returns) - 1}")
    count, sessions = len(lists), returns.shape[1]
    paths = np.zeros((count, sessions))
    at_once = max(1, CACHED // max(1, returns.itemsize * sessions))
    gathered = np.empty((min(at_once, count), sessions))
    for start in range(0, count, at_once):
        part, total = lists[start : start + at_once], paths[start : start + at_once]
        rows = gathered[: len(part)]
        for place, weight in enumerate(weights):
            # Clipping never happens, but is the mode that writes without a copy between.
            np.take(returns, part[:, place], axis=0, out=rows, mode="clip")
            rows *= weight
            total += rows
    return paths


def expected_moments(values: Floats, strata: Strata, weights: Floats) -> tuple[float, float]:
    """Mean and standard deviation over all lists that could be drawn, without drawing one.

    Sampling without replacement from a stratum of N_s stocks with sample variance S_s^2 gives
    ``Var = sum_s S_s^2 (sum w^2 - (sum w)^2 / N_s)``, which for equal weights in one stratum is
    ``S^2 / K (1 - K / N)`` (Cochran, Sampling Techniques, 3rd ed., theorem 2.2).

    Parameters
    ----------
    values
        Of each stock of the universe, shape (N,).
    """
    mean, variance = 0.0, 0.0
    for each in strata:
        pool, carried = values[each.rows], weights[each.places]
        mean += float(carried.sum() * pool.mean())
        if len(pool) > 1:
            spread = float((carried**2).sum() - carried.sum() ** 2 / len(pool))
            variance += float(pool.var(ddof=1)) * max(spread, 0.0)
    return mean, math.sqrt(variance)
