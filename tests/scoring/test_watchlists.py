"""Random watchlists: every list equally likely, within its strata, and summed as a plain loop does.

Chi-square tests have fixed seeds, so they pass or fail for good; each would fail by chance for one
seed in a thousand.
"""

import datetime as dt
import itertools
import math
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chisquare

from thesis.scoring import watchlists
from thesis.scoring.universe import Universe
from thesis.scoring.watchlists import (
    NothingToDrawError,
    Stratum,
    all_lists,
    basket_paths,
    can_enumerate,
    count_lists,
    draw_lists,
    expected_moments,
    stratify,
)


def stratum(places, rows, label="market"):
    return Stratum(label, np.array(places, np.int32), np.array(rows, np.int32))


def universe(industry, tercile=None, left_out=None):
    count = len(industry)
    returns = np.zeros((count, 1))
    return Universe(
        codes=tuple(f"{number:06d}.SZ" for number in range(count)),
        returns=returns,
        industry=tuple(industry),
        tercile=np.array(tercile or [-1] * count, np.int8),
        size=np.full(count, np.nan),
        size_measure=("unknown",) * count,
        sized_on=dt.date(2024, 9, 23),
        left_out=left_out or {},
        ended=(),
        missing=(),
        equal_weight=returns.mean(axis=0),
    )


def rng(seed=20241013):
    return np.random.default_rng(seed)


def even(counted, outcomes):
    """The chi-square p of outcomes that should be equally common."""
    assert set(counted) <= set(outcomes)
    return chisquare([counted[outcome] for outcome in outcomes]).pvalue


@pytest.mark.parametrize(("stocks", "places"), [(7, 3), (5, 4), (4, 4), (9, 1), (6, 2)])
def test_every_subset_in_every_order_is_equally_likely(stocks, places):
    rows = [3 * number + 1 for number in range(stocks)]
    lists = draw_lists((stratum(range(places), rows),), 40_000, rng()).tolist()

    ordered = Counter(map(tuple, lists))
    subsets = Counter(tuple(sorted(each)) for each in lists)
    assert even(ordered, list(itertools.permutations(rows, places))) > 0.001
    assert places == stocks or even(subsets, list(itertools.combinations(rows, places))) > 0.001


def test_a_uniformity_test_sees_a_pack_that_is_badly_shuffled():
    biased = np.sort(np.minimum(rng().integers(0, 6, (40_000, 2)), 4), axis=1).tolist()
    counted = Counter((low, high) for low, high in biased if low != high)

    assert even(counted, list(itertools.combinations(range(5), 2))) < 1e-6


def test_lists_of_two_strata_are_equally_likely_together():
    strata = (stratum([0, 2], [5, 6, 7], "a"), stratum([1], [1, 9], "b"))
    lists = draw_lists(strata, 40_000, rng()).tolist()

    outcomes = [
        (first, other, second)
        for first, second in itertools.permutations([5, 6, 7], 2)
        for other in [1, 9]
    ]
    assert even(Counter(map(tuple, lists)), outcomes) > 0.001


@pytest.mark.parametrize("places", [1, 20, 60])
def test_lists_hold_no_stock_twice_and_keep_to_their_strata(places):
    strata = (
        stratum(range(0, 2 * places, 2), range(0, 200, 2), "even"),
        stratum(range(1, 2 * places, 2), range(1, 200, 2), "odd"),
    )
    lists = draw_lists(strata, 3_000, rng())

    assert (3_000, 2 * places) == lists.shape
    assert np.int32 == lists.dtype
    assert (np.diff(np.sort(lists, axis=1), axis=1) > 0).all()
    assert (lists % 2 == np.arange(2 * places) % 2).all()
    assert set(range(200)) == set(lists.ravel().tolist())


def test_draws_are_those_of_their_seed_and_of_their_own_strata_alone():
    near, far = stratum([0, 1], range(10), "near"), stratum([2], range(10, 20), "far")
    lists = draw_lists((near, far), 100, rng(1))

    assert lists.tobytes() == draw_lists((near, far), 100, rng(1)).tobytes()
    assert lists.tobytes() != draw_lists((near, far), 100, rng(2)).tobytes()
    wider = stratum([2], range(10, 99), "far")
    np.testing.assert_array_equal(lists[:, :2], draw_lists((near, wider), 100, rng(1))[:, :2])


def test_all_lists_are_every_combination_of_every_stratum_once():
    strata = (stratum([0, 3], [2, 4, 6, 8], "a"), stratum([1], [1], "b"), stratum([2], [3, 5], "c"))
    expected = {(a, 1, c, b) for a, b in itertools.combinations([2, 4, 6, 8], 2) for c in [3, 5]}

    lists = all_lists(strata).tolist()
    assert len(lists) == count_lists(strata) == 12
    assert expected == set(map(tuple, lists))


def test_lists_are_enumerated_up_to_50_000_and_where_the_order_makes_no_other_basket():
    def pool(stocks, places):
        return (stratum(range(places), range(stocks)),)

    assert can_enumerate(pool(50_000, 1), np.ones(1))
    assert not can_enumerate(pool(50_001, 1), np.ones(1))
    assert can_enumerate(pool(20, 5), np.full(5, 0.2))
    assert not can_enumerate(pool(20, 2), np.array([0.4, 0.6]))
    two = (stratum([0, 1], range(10), "a"), stratum([2], range(10, 20), "b"))
    assert can_enumerate(two, np.array([0.2, 0.2, 0.6]))
    assert not can_enumerate(two, np.array([0.2, 0.6, 0.2]))


@pytest.mark.parametrize("sessions", [1, 7, 40_000])
def test_paths_are_those_of_a_plain_loop(sessions):
    returns = rng().normal(size=(12, sessions))
    lists = draw_lists((stratum(range(3), range(12)),), 9, rng())
    weights = np.array([0.5, 0.3, 0.1])

    expected = [
        sum(w * returns[row] for w, row in zip(weights, each, strict=True)) for each in lists
    ]
    np.testing.assert_allclose(basket_paths(returns, lists, weights), expected, rtol=0, atol=1e-15)


def test_paths_do_not_hang_on_how_many_are_summed_at_a_time(monkeypatch):
    returns = rng().normal(size=(30, 5))
    lists = draw_lists((stratum(range(4), range(30)),), 1_001, rng())
    whole = basket_paths(returns, lists, np.full(4, 0.25))
    monkeypatch.setattr(watchlists, "CACHED", 8 * 5 * 100)

    np.testing.assert_array_equal(whole, basket_paths(returns, lists, np.full(4, 0.25)))


@pytest.mark.parametrize("row", [-1, 3])
def test_a_row_that_is_not_there_is_refused_rather_than_another_taken(row):
    with pytest.raises(IndexError, match=r"outside 0\.\.2"):
        basket_paths(np.zeros((3, 2)), np.array([[0, row]], np.int32), np.full(2, 0.5))


#: placebo_fpc_variance: sampling without replacement, Var = S^2/K (1 - K/N) (Cochran); R's combn
#: over all C(20,5) = 15504 portfolios gives the same to 14 digits.
FPC_UNIVERSE = [
    0.3577, 0.0873, 0.0193, -0.3727, -0.0555, -0.071, -0.0165, -0.1254, -0.0088, -0.0954,
    -0.2628, 0.1769, 0.1763, 0.3419, 0.01, -0.0809, -0.1091, -0.3093, 0.1965, -0.2202,
]  # fmt: skip
FPC_VARIANCE = 0.005930948096052631


def test_expected_moments_placebo_fpc_variance():
    values = np.array(FPC_UNIVERSE)
    mean, sd = expected_moments(values, (stratum(range(5), range(20)),), np.full(5, 0.2))

    assert pytest.approx(FPC_VARIANCE, abs=1e-14) == sd**2
    assert pytest.approx(math.fsum(FPC_UNIVERSE) / 20, abs=1e-15) == mean


def test_expected_moments_of_weights_and_strata_are_those_of_all_orders_of_all_lists():
    values = rng().normal(size=9)
    strata = (stratum([0, 2], [1, 2, 4, 8], "a"), stratum([1, 3], [0, 3, 5], "b"))
    weights = np.array([0.4, 0.3, 0.2, 0.05])
    sums = [
        0.4 * values[a] + 0.2 * values[b] + 0.3 * values[c] + 0.05 * values[d]
        for a, b in itertools.permutations([1, 2, 4, 8], 2)
        for c, d in itertools.permutations([0, 3, 5], 2)
    ]

    mean, sd = expected_moments(values, strata, weights)
    assert pytest.approx(np.mean(sums), abs=1e-14) == mean
    assert pytest.approx(np.std(sums), abs=1e-14) == sd


def test_expected_moments_of_a_stratum_that_is_all_drawn_have_no_spread():
    strata = (stratum([0, 1], [0, 1], "a"), stratum([2], [2], "b"))

    mean, sd = expected_moments(np.array([0.1, 0.3, 0.5]), strata, np.full(3, 1 / 3))
    assert pytest.approx(0.3) == mean
    assert pytest.approx(0, abs=1e-9) == sd


def test_random_lists_have_the_expected_moments():
    values = rng(1).standard_t(4, size=300)[:, None]
    strata = (stratum([0, 1, 4], range(100), "a"), stratum([2, 3], range(100, 300), "b"))
    weights = np.array([0.3, 0.25, 0.2, 0.15, 0.1])
    sums = basket_paths(values, draw_lists(strata, 100_000, rng()), weights)

    mean, sd = expected_moments(values[:, 0], strata, weights)
    assert abs(sums.mean() - mean) < 4 * sd / math.sqrt(100_000)
    assert pytest.approx(sd, rel=0.02) == sums.std()


def test_strata_follow_the_thesiss_own_names():
    found = universe(["A", "B", "A", None, "B", "A", "A"], [0, 1, 0, -1, 1, 2, 0])
    codes = ("000002.SZ", "000001.SZ", "000000.SZ")

    def told(pool):
        return [(s.label, s.places.tolist(), s.rows.tolist()) for s in stratify(found, codes, pool)]

    assert [("market", [0, 1, 2], list(range(7)))] == told("market")
    assert [("A", [0, 2], [0, 2, 5, 6]), ("B", [1], [1, 4])] == told("industry")
    assert [("A small", [0, 2], [0, 2, 6]), ("B middle", [1], [1, 4])] == told("industry_size")


def test_a_name_suspended_at_the_entry_still_says_what_is_drawn_in_its_place():
    found = replace(universe(["A", "A", "B"], [0, 2, 1]), others={"000009.SZ": ("A", 2)})
    codes = ("000009.SZ", "000002.SZ")

    def told(pool):
        return [(s.label, s.places.tolist(), s.rows.tolist()) for s in stratify(found, codes, pool)]

    assert [("A", [0], [0, 1]), ("B", [1], [2])] == told("industry")
    assert [("A large", [0], [1]), ("B middle", [1], [2])] == told("industry_size")


@pytest.mark.parametrize(
    ("names", "pool", "says"),
    [
        ([3], "industry", r"000003.SZ: its industry at publication is not known"),
        ([3], "industry_size", r"000003.SZ: its industry at publication is not known"),
        ([0, 5], "industry_size", r"000005.SZ: its size at publication is not known"),
        ([0, 8], "industry", r"000008.SZ is not among the stocks .* \(no_bar_at_entry\)"),
        ([0, 9], "industry_size", r"000009.SZ is not among the stocks of the prices, so"),
        ([6], "industry", r"^C: no other stocks than the thesis's own"),
        ([0, 1, 2, 3, 4, 5, 6], "market", r"^these prices: no other stocks than the thesis's own"),
        ([0, 1, 2, 3, 4, 5, 8, 9], "market", r"these prices: the thesis has 8 names .* only 7"),
    ],
)  # fmt: skip
def test_a_pool_without_lists_says_which_name_stands_in_the_way(names, pool, says):
    found = universe(
        ["A", "B", "A", None, "B", "A", "C"],
        [0, 1, 0, -1, 1, -1, 0],
        {"no_bar_at_entry": ("000008.SZ",)},
    )
    with pytest.raises(NothingToDrawError, match=says):
        stratify(found, [f"{name:06d}.SZ" for name in names], pool)


def test_a_stratum_without_others_is_fixed_while_another_can_vary():
    found = universe(["A", "B", "B"])

    strata = stratify(found, ["000000.SZ", "000001.SZ"], "industry")
    assert [[0, 1], [0, 2]] == all_lists(strata).tolist()
