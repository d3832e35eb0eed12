"""The placebo: honest where the label is shuffled, exact where all lists fit, silent nowhere.

Seeds are fixed, so the statistical tests pass or fail for good.
"""

import datetime as dt
import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import kstest

from thesis.research.rating import shipped_scales
from thesis.scoring import watchlists
from thesis.scoring.placebo import QUANTILES, placebo
from thesis.scoring.reading import Horizon
from thesis.scoring.universe import Universe

SCALE = shipped_scales()["sinolink_industry"]
#: Six sessions; the window is the last four of them.
HORIZON = Horizon({"3m": 2, "4m": 3, "5m": 4, "6m": 5})
READINGS = ["3m", "4m", "5m", "6m", "mean"]


def code(number):
    return f"{number:06d}.SZ"


def universe(returns, industry=None, tercile=None):
    returns = np.ascontiguousarray(returns, dtype=float)
    count = len(returns)
    return Universe(
        codes=tuple(code(number) for number in range(count)),
        returns=returns,
        industry=tuple(industry or [None] * count),
        tercile=np.array([-1] * count if tercile is None else tercile, np.int8),
        size=np.full(count, np.nan),
        size_measure=("unknown",) * count,
        sized_on=dt.date(2024, 9, 23),
        left_out={},
        ended=(),
        missing=(),
        equal_weight=returns.mean(axis=0),
    )


def constant(values):
    """Stocks that earn their whole return on the first session: every reading is the same."""
    return np.repeat(np.array(values, dtype=float)[:, None], 6, axis=1)


def walks(count, seed=1, sessions=6):
    """Heavy-tailed stocks."""
    shocks = np.random.default_rng(seed).standard_t(4, size=(count, sessions))
    return np.exp(0.06 * shocks.cumsum(axis=1)) - 1


def run(
    found, picked, weights=None, *, against=None, path=None, draws=200, seed=1, horizon=HORIZON
):
    """The placebo of some stocks of a universe, by number."""
    weights = np.full(len(picked), 1 / max(len(picked), 1)) if weights is None else weights
    weights = np.array(weights)
    if path is None:
        path = sum(w * found.returns[row] for w, row in zip(weights, picked, strict=True))
    against = np.zeros(found.returns.shape[1]) if against is None else against
    codes = tuple(code(number) for number in picked)
    return placebo(found, codes, weights, path, against, horizon, SCALE, draws, seed)


def market(*args, **settings):
    """The placebo from the whole market."""
    return run(*args, **settings).pools["market"]


# Reference values


def test_random_watchlist_exact():
    """random_watchlist_exact: enumeration of C(6,2) = 15 lists, R's combn; 13/15 are below."""
    found = market(universe(constant([0.31, 0.12, -0.05, 0.22, 0.08, -0.14])), [0, 1])

    assert (True, 15, 6) == (found.exact, found.draws, found.stocks)
    assert READINGS == list(found.readings)
    for reading in found.readings.values():
        assert pytest.approx(0.13333333333333333, abs=1e-12) == reading.p
        assert pytest.approx(0.8666666666666667, abs=1e-12) == reading.beats
        # Its own list is among them, and a tie counts half.
        assert pytest.approx(13.5 / 15, abs=1e-12) == reading.percentile


def test_placebo_fpc_variance():
    """placebo_fpc_variance: S^2/K (1 - K/N) (Cochran), enumerated over all C(20,5) portfolios."""
    values = [
        0.3577, 0.0873, 0.0193, -0.3727, -0.0555, -0.071, -0.0165, -0.1254, -0.0088, -0.0954,
        -0.2628, 0.1769, 0.1763, 0.3419, 0.01, -0.0809, -0.1091, -0.3093, 0.1965, -0.2202,
    ]  # fmt: skip
    found = market(universe(constant(values)), [0, 1, 2, 3, 4], against=np.full(6, 0.03))
    reading = found.readings["mean"]

    assert (True, 15_504) == (found.exact, found.draws)
    assert pytest.approx(0.005930948096052631, abs=1e-14) == reading.sd**2
    assert pytest.approx(0.005930948096052631, abs=1e-14) == reading.expected_sd**2
    assert pytest.approx(math.fsum(values) / 20 - 0.03, abs=1e-14) == reading.mean
    assert pytest.approx(reading.mean, abs=1e-14) == reading.expected_mean


# A shuffled label: a thesis drawn from the pool itself


def test_of_all_lists_each_p_comes_once():
    """With every list a thesis in turn, the exact p are 1/C, 2/C, ... 1, whatever the rounding."""
    found = universe(walks(9))
    lists = list(itertools.combinations(range(9), 3))
    p = [market(found, picked[::-1]).readings["mean"].p for picked in lists]

    np.testing.assert_allclose(np.sort(p) * len(lists), np.arange(1, len(lists) + 1), atol=1e-9)


@pytest.mark.parametrize(("stocks", "names", "exact"), [(18, 4, True), (60, 5, False)])
def test_a_shuffled_label_has_uniform_p_and_percentile(stocks, names, exact):
    found, random = universe(walks(stocks)), np.random.default_rng(20241013)
    seen = [
        market(found, random.choice(stocks, names, replace=False), draws=499, seed=number)
        for number in range(250)
    ]

    assert {exact} == {each.exact for each in seen}
    for key in ("3m", "mean"):
        read = [each.readings[key] for each in seen]
        assert kstest([each.p for each in read], "uniform").pvalue > 0.05
        assert kstest([each.percentile for each in read], "uniform").pvalue > 0.05


@pytest.mark.parametrize("weights", [None, [0.5, 0.3, 0.2]], ids=["exact", "drawn"])
def test_an_industrys_luck_is_no_skill_of_its_names(weights):
    """Names drawn from an industry that does well: the market's p is small, the industry's even."""
    lift = np.repeat([0.0, 0.4], [80, 20])[:, None]
    found = universe(walks(100) + lift, ["X"] * 80 + ["Y"] * 20)
    random = np.random.default_rng(7)
    seen = [
        run(found, random.choice(np.arange(80, 100), 3, replace=False), weights, seed=number).pools
        for number in range(120)
    ]
    p = {pool: [each[pool].readings["mean"].p for each in seen] for pool in ("market", "industry")}

    assert {weights is None} == {each["industry"].exact for each in seen}
    assert kstest(p["industry"], "uniform").pvalue > 0.05
    assert kstest(p["market"], "uniform").pvalue < 1e-12
    assert np.mean(np.array(p["market"]) < 0.05) > 0.7


def test_a_planted_skill_is_found():
    returns = walks(300)
    returns[:6] += 2.0
    reading = market(universe(returns), range(6), draws=999).readings["mean"]

    assert 0.001 == reading.p
    assert (1.0, 1.0) == (reading.beats, reading.percentile)


# Random lists against all lists


def test_random_lists_say_what_all_lists_say(monkeypatch):
    found, picked = universe(walks(25)), [3, 9, 11, 20]
    exact = market(found, picked)
    monkeypatch.setattr(watchlists, "ENUMERATED", 0)
    drawn = market(found, picked, draws=20_000)

    assert (True, False) == (exact.exact, drawn.exact)
    assert (12_650, 20_000) == (exact.draws, drawn.draws)
    for key, all_of_them in exact.readings.items():
        reading = drawn.readings[key]
        for name in ("beats", "percentile", "p"):
            assert pytest.approx(getattr(all_of_them, name), abs=0.015) == getattr(reading, name)
        assert pytest.approx(dict(all_of_them.shares), abs=0.015) == reading.shares
        for name in ("mean", "median", "sd"):
            assert pytest.approx(getattr(all_of_them, name), abs=0.003) == getattr(reading, name)
        assert pytest.approx(all_of_them.expected_sd) == reading.expected_sd
    np.testing.assert_allclose(exact.fan, drawn.fan, atol=0.01)


def test_a_thesis_that_did_worst_of_all_has_no_p_worse_of_zero():
    returns = walks(300)
    returns[:3] = -0.99
    for draws in (1, 99):
        found = market(universe(returns), range(3), [0.5, 0.3, 0.2], draws=draws)
        reading = found.readings["6m"]
        assert (1.0, 1 / (1 + draws)) == (reading.p, reading.p_worse)


def test_the_thesis_counts_itself_among_random_lists():
    """p = (1 + #) / (1 + B), Phipson & Smyth 2010: never zero."""
    returns = walks(300)
    returns[:3] = 9.0
    weights = [0.5, 0.3, 0.2]
    for draws in (1, 99):
        found = market(universe(returns), range(3), weights, draws=draws)
        assert (draws, False) == (found.draws, found.exact)
        assert 1 / (1 + draws) == found.readings["6m"].p


# What a list earned


def test_shares_are_those_of_every_lists_own_rating():
    returns = walks(10, seed=3)
    against = np.linspace(0.0, 0.02, 6)
    found = market(universe(returns), [2, 5, 7], against=against)
    for key, row in HORIZON.rows.items():
        earned = [
            SCALE.earned(returns[list(each), row].mean() - against[row])
            for each in itertools.combinations(range(10), 3)
        ]
        expected = {band.id: earned.count(band.id) / len(earned) for band in SCALE.bands}
        assert pytest.approx(expected, abs=1e-15) == found.readings[key].shares
        assert ["buy", "overweight", "neutral", "underweight"] == list(found.readings[key].shares)


def test_the_mean_is_that_of_the_windows_daily_excess_returns():
    returns, against = walks(8, seed=4), np.linspace(0.1, -0.1, 6)
    found = market(universe(returns), [0, 4], against=against)
    means = [
        np.mean([returns[[a, b], day].mean() - against[day] for day in range(2, 6)])
        for a, b in itertools.combinations(range(8), 2)
    ]
    own = np.mean([returns[[0, 4], day].mean() - against[day] for day in range(2, 6)])

    reading = found.readings["mean"]
    assert pytest.approx(own) == reading.excess
    assert sum(each >= own - 1e-12 for each in means) / len(means) == reading.p
    assert pytest.approx([np.mean(means), np.median(means), np.std(means)]) == [
        reading.mean,
        reading.median,
        reading.sd,
    ]


@pytest.mark.parametrize("sessions", [6, 300], ids=["at once", "in blocks"])
def test_the_fan_is_of_every_lists_daily_excess(sessions):
    returns, against = walks(8, sessions=sessions), np.linspace(0, 0.3, sessions)
    against[4] = np.nan
    found = market(universe(returns), [1, 2], against=against, horizon=Horizon({"3m": 2, "6m": 3}))
    paths = [returns[[a, b]].mean(axis=0) - against for a, b in itertools.combinations(range(8), 2)]

    assert (sessions, 5) == found.fan.shape
    np.testing.assert_allclose(found.fan, np.quantile(paths, QUANTILES, axis=0).T, atol=1e-14)
    assert np.isnan(found.fan[4]).all()
    assert 1 == np.isnan(found.fan).any(axis=1).sum()


def test_lists_that_tie_count_half():
    found = market(universe(constant([0.1, 0.2, 0.2, 0.2, 0.3])), [1])
    reading = found.readings["3m"]

    assert (0.2, 0.5, 0.8, 0.8) == (
        reading.beats, reading.percentile, reading.p, reading.p_worse
    )  # fmt: skip


@pytest.mark.parametrize(
    ("picked", "p", "p_worse"),
    # Sums of two of -3, -1, 0, 1, 5: -4 -3 -2 2, -1 0 4, 1 5, 6.
    [((0, 1), 10, 1), ((0, 3), 8, 3), ((1, 3), 6, 5), ((0, 4), 4, 7), ((3, 4), 1, 10)],
)
def test_each_direction_has_its_own_p(picked, p, p_worse):
    values = np.array([-0.3, -0.1, 0.0, 0.1, 0.5])
    reading = market(universe(constant(values)), picked).readings["mean"]

    assert pytest.approx((p / 10, p_worse / 10), abs=1e-15) == (reading.p, reading.p_worse)


def test_ties_count_in_both_directions():
    """Of six lists of two of 1, 1, 2, 2: 2, four times 3, 4."""
    found = universe(constant([0.1, 0.1, 0.2, 0.2]))
    for picked, p, p_worse in (((0, 1), 6, 1), ((0, 2), 5, 5), ((2, 3), 1, 6)):
        reading = market(found, picked).readings["6m"]
        assert pytest.approx((p / 6, p_worse / 6), abs=1e-15) == (reading.p, reading.p_worse)


def test_turned_upside_down_the_directions_change_places(monkeypatch):
    returns, picked = walks(12), [2, 6, 9]
    plain, turned = market(universe(returns), picked), market(universe(-returns), picked)
    for key, reading in plain.readings.items():
        other = turned.readings[key]
        assert (reading.p, reading.p_worse) == (other.p_worse, other.p)
    monkeypatch.setattr(watchlists, "ENUMERATED", 0)
    plain, turned = market(universe(returns), picked), market(universe(-returns), picked)
    for key, reading in plain.readings.items():
        other = turned.readings[key]
        assert (reading.p, reading.p_worse) == (other.p_worse, other.p)


@pytest.mark.parametrize("picked", list(itertools.permutations([0, 3, 6]))[1:])
def test_an_own_list_summed_in_another_order_still_ties(picked):
    """0.1 + 0.7 + 0.2 is not 0.2 + 0.7 + 0.1 in floats; the best list must have p = 1/C."""
    values = np.array([0.1, 0.0, -0.2, 0.7, 0.0, -0.1, 0.2])
    reading = market(universe(constant(values)), picked).readings["mean"]

    assert pytest.approx(1 / 35, abs=1e-15) == reading.p
    assert pytest.approx(34 / 35, abs=1e-15) == reading.beats


def test_each_place_carries_its_names_weight():
    """With most of the weight on one place a list is as volatile as that place's stock."""
    found = universe(walks(40))
    weights = np.array([0.9, 0.06, 0.04])
    reading = market(found, [5, 6, 7], weights, draws=20_000).readings["6m"]
    ordered = itertools.permutations(found.returns[:, 5], 3)
    sums = np.fromiter(itertools.chain.from_iterable(ordered), float).reshape(-1, 3) @ weights
    own = float(weights @ found.returns[[5, 6, 7], 5])

    assert pytest.approx(own) == reading.excess
    assert pytest.approx(np.mean(sums >= own), abs=0.015) == reading.p
    assert pytest.approx(np.std(sums), rel=0.03) == reading.sd
    assert pytest.approx(np.std(sums), rel=1e-9) == reading.expected_sd


def test_names_without_weight_hold_no_place():
    found = universe(walks(9))
    with_it = run(found, [0, 1, 2], [0.5, 0.0, 0.5])
    without = run(found, [0, 2], [0.5, 0.5])

    assert 2 == with_it.names
    assert without.pools["market"].readings == with_it.pools["market"].readings


# What must not matter, and what must


def test_the_order_of_stocks_and_names_does_not_matter():
    found, picked = universe(walks(12), list("AABBBBAABBAA")), np.array([1, 4, 8])
    plain = run(found, picked).pools
    order = np.random.default_rng(5).permutation(12)
    moved = replace(
        found,
        codes=tuple(found.codes[old] for old in order),
        returns=np.ascontiguousarray(found.returns[order]),
        industry=tuple(found.industry[old] for old in order),
    )
    codes = tuple(code(number) for number in picked[::-1])
    path = found.returns[picked].mean(axis=0)
    third = np.full(3, 1 / 3)
    shuffled = placebo(moved, codes, third, path, np.zeros(6), HORIZON, SCALE, 200, 1).pools

    for pool in ("market", "industry"):
        assert plain[pool].exact
        for key, reading in plain[pool].readings.items():
            other = shuffled[pool].readings[key]
            assert (reading.p, reading.beats, reading.percentile) == (
                other.p,
                other.beats,
                other.percentile,
            )
            assert reading.shares == other.shares


def test_the_same_seed_gives_the_same_bytes():
    found = universe(walks(100), ["A"] * 50 + ["B"] * 50, [0, 1] * 50)
    runs = [run(found, range(6), draws=300, seed=seed).pools for seed in (3, 3, 4)]

    for pool in ("market", "industry", "industry_size"):
        first, again, other = (each[pool] for each in runs)
        assert not first.exact
        assert first.fan.tobytes() == again.fan.tobytes() != other.fan.tobytes()
        assert first.readings == again.readings != other.readings


@pytest.mark.parametrize("names", [2, 9], ids=["exact", "drawn"])
def test_stocks_of_another_industry_change_the_market_alone(names):
    returns, industry = walks(80), ["A"] * 30 + ["B"] * 30
    few = run(universe(returns[:60], industry, [0, 1] * 30), range(names)).pools
    many = run(universe(returns, industry + ["C"] * 20, [0, 1] * 40), range(names)).pools

    assert (names == 2) == few["industry"].exact
    for pool in ("industry", "industry_size"):
        assert few[pool].readings == many[pool].readings
        assert few[pool].fan.tobytes() == many[pool].fan.tobytes()
    assert few["market"].readings != many["market"].readings


# What is not known


def test_a_pool_that_cannot_be_drawn_says_why_and_the_others_stand():
    pools = run(universe(walks(10), ["A"] * 9 + [None], [0] * 10), [0, 9]).pools

    assert pools["market"].reason is None
    for pool in ("industry", "industry_size"):
        assert "000009.SZ: its industry at publication is not known" in pools[pool].reason
        assert pools[pool].readings is pools[pool].fan is pools[pool].exact is None
        assert pools[pool].stocks is pools[pool].draws is pools[pool].nearly_identical is None


def test_a_name_that_could_not_be_drawn_is_named_and_its_list_is_not_among_all_lists():
    """p is then (1 + #) / (1 + all lists): of three lists of one, none does as well."""
    found = run(universe(constant([0.1, 0.2, 0.3]), ["A"] * 3), [7], path=np.full(6, 0.4))

    assert (code(7),) == found.outside
    assert code(7) in found.pools["industry"].reason
    assert found.pools["market"].exact
    reading = found.pools["market"].readings["mean"]
    assert (0.25, 1.0, 1.0) == (reading.p, reading.beats, reading.percentile)
    assert 1.0 == reading.p_worse


def test_readings_that_are_not_known_are_none():
    returns = walks(6)
    path = returns[0].copy()
    path[4] = np.nan
    horizon = Horizon({"3m": 2, "4m": 3, "5m": 4, "6m": None})
    against = np.zeros(6)
    against[3] = np.nan
    read = market(universe(returns), [0], path=path, against=against, horizon=horizon).readings

    assert ["4m", "5m", "6m", "mean"] == [key for key, value in read.items() if value is None]
    assert read["3m"] is not None
    nothing = market(universe(returns), [0], path=np.full(6, np.nan))
    assert dict.fromkeys(READINGS) == nothing.readings


def test_no_list_is_drawn_where_the_universe_knows_other_returns_of_the_names():
    returns = walks(9)
    pools = run(universe(returns), [0, 1], path=returns[:2].mean(axis=0) + 1e-11).pools

    assert ["another return, by up to 1e-11" in each.reason for each in pools.values()] == [
        True
    ] * 3
    near = market(universe(returns), [0, 1], path=returns[:2].mean(axis=0) + 1e-13)
    assert near.reason is None


@pytest.mark.parametrize(("names", "flagged"), [(3, False), (4, True)])
def test_lists_that_share_most_names_are_flagged(names, flagged):
    found = universe(walks(20), ["A"] * 6 + ["B"] * 14)
    pools = run(found, [*range(names), 19]).pools

    assert flagged == pools["industry"].nearly_identical
    assert not pools["market"].nearly_identical


def test_a_basket_without_names_has_no_placebo():
    found = run(universe(walks(5)), [], path=np.full(6, np.nan))

    assert 0 == found.names
    assert {"the basket has no names"} == {each.reason for each in found.pools.values()}


@pytest.mark.parametrize(
    ("picked", "settings", "says"),
    [
        ([0, 1], {"path": np.zeros(5)}, "returns on 6 sessions, the basket on 5"),
        ([0, 1], {"against": np.zeros(7)}, "its benchmark on 7"),
        ([0, 0], {"path": np.zeros(6)}, "give one for each, once"),
        ([0, 1], {"weights": [0.5, -0.1], "path": np.zeros(6)}, "none may be negative"),
        ([0, 1], {"weights": [0.5, np.nan], "path": np.zeros(6)}, "none may be negative"),
        ([0, 1], {"draws": 0}, "draw one list at least"),
    ],
)
def test_nonsense_is_refused(picked, settings, says):
    with pytest.raises(ValueError, match=says):
        run(universe(walks(9)), picked, **settings)
