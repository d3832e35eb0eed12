"""The stationary bootstrap against exact formulas, enumeration and arch."""

import csv
import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesis.scoring.bootstrap import (
    block_length,
    expected_levels,
    optimal_block,
    stationary_rows,
)

FIXTURES = Path(__file__).with_name("fixtures")

#: arch 8.0.0, arch/tests/bootstrap/test_block_length.py (Politis and White 2004 as corrected by
#: Patton, Politis and White 2009): the stationary column.
POLITIS_WHITE_AR1 = 13.635665

#: Politis and Romano 1994, JASA 89:1303-1313, Lemma 1: the variance of sqrt(n) times the resampled
#: mean, given the series: column p of caltime.csv, blocks of 5.
STATIONARY_BOOT_VARIANCE_EXACT = 0.002049002079053081


def rng(seed=1):
    return np.random.default_rng(seed)


def monthly_returns():
    with (FIXTURES / "caltime.csv").open() as file:
        return np.array([float(row["p"]) for row in csv.DictReader(file)])


def exact_variance(values, block):
    """Lemma 1, as printed: autocovariances weighted by the chance that two rows stay together."""
    n, p = len(values), 1 / block
    e = values - values.mean()
    total = e @ e / n
    for i in range(1, n):
        weight = (1 - i / n) * (1 - p) ** i + (i / n) * (1 - p) ** (n - i)
        total += 2 * weight * (e[i:] @ e[: n - i]) / n
    return total


def ar1(n, rho, seed):
    shocks = rng(seed).standard_normal(n + 50)
    for k in range(1, n + 50):
        shocks[k] += rho * shocks[k - 1]
    return shocks[50:]


def test_block_length_of_politis_and_white():
    shocks = np.random.RandomState(0).standard_normal(10_100)
    for k in range(1, len(shocks)):
        shocks[k] = 0.3 * shocks[k - 1] + shocks[k]

    assert pytest.approx(POLITIS_WHITE_AR1, rel=2e-5) == optimal_block(shocks[100:])
    assert block_length(shocks[100:]) == optimal_block(shocks[100:])


def test_block_length_is_archs():
    from arch.bootstrap import optimal_block_length

    generator = rng(3)
    for k in range(30):
        n = int(generator.integers(20, 600))
        values = ar1(n, float(generator.choice([-0.6, 0.0, 0.1, 0.5, 0.95])), k)
        expected = optimal_block_length(values)["stationary"].iloc[0]
        assert pytest.approx(expected, rel=1e-10) == optimal_block(values), k


def test_blocks_are_three_long_at_least_and_a_quarter_of_the_history_at_most():
    assert 3.0 == block_length(rng().standard_normal(250))
    swings = np.where(np.arange(120) % 2, 1.0, -1.0) + 0.1 * rng().standard_normal(120)
    assert optimal_block(swings) > 30.0 == block_length(swings)
    assert 3.0 == block_length(np.full(200, 0.01))


def test_variance_of_the_mean_is_the_exact_one():
    values = monthly_returns()
    assert pytest.approx(STATIONARY_BOOT_VARIANCE_EXACT, rel=1e-12) == exact_variance(values, 5)

    means = values[stationary_rows(len(values), len(values), 40_000, 5.0, rng())].mean(axis=1)
    # The SE of a variance of 40,000 draws is 0.7%.
    assert pytest.approx(STATIONARY_BOOT_VARIANCE_EXACT, rel=0.025) == len(values) * means.var()
    assert pytest.approx(values.mean(), abs=4 * means.std() / 200) == means.mean()


def test_compounded_draws_have_the_distribution_of_archs():
    from arch.bootstrap import StationaryBootstrap
    from scipy.stats import ks_2samp

    values = ar1(120, 0.4, 5) * 0.02
    theirs = StationaryBootstrap(6, values, seed=rng(9)).apply(
        lambda x: np.prod(1 + x) - 1, reps=4_000
    )
    ours = np.prod(1 + values[stationary_rows(120, 120, 4_000, 6.0, rng(10))], axis=1) - 1
    single = np.prod(1 + values[stationary_rows(120, 120, 4_000, 1.0, rng(10))], axis=1) - 1

    assert ks_2samp(ours, theirs.ravel()).pvalue > 0.01
    assert ks_2samp(single, theirs.ravel()).pvalue < 1e-6


@pytest.mark.parametrize("block", [1.0, 1.5, 3.0, 20.0, 1e9])
def test_a_new_block_starts_with_probability_one_over_its_mean_length(block):
    history = 250
    rows = stationary_rows(history, 400, 500, block, rng())

    follows = (rows[:, 1:] == (rows[:, :-1] + 1) % history).mean()
    # A new block may by chance start where the last would have gone on.
    expected = (1 - 1 / block) + 1 / block / history
    se = (expected * (1 - expected) / follows.size / rows[:, 1:].size) ** 0.5
    assert pytest.approx(expected, abs=5 * se + 1e-12) == follows


def test_lengths_of_blocks_are_geometric():
    rows = stationary_rows(1_000_000, 5_000, 40, 4.0, rng())
    broken = rows[:, 1:] != rows[:, :-1] + 1
    lengths = np.concatenate([np.diff(np.flatnonzero(each)) for each in broken])

    for k in range(1, 8):
        share = 0.25 * 0.75 ** (k - 1)
        assert pytest.approx(share, abs=5 * (share / len(lengths)) ** 0.5) == (lengths == k).mean()


def test_the_history_runs_in_a_circle_and_every_row_is_as_likely_on_every_day():
    from scipy.stats import chisquare

    rows = stationary_rows(7, 30, 20_000, 5.0, rng())
    for day in (0, 1, 15, 29):
        assert chisquare(np.bincount(rows[:, day], minlength=7)).pvalue > 1e-4
    assert (rows[:, 1:][rows[:, :-1] == 6] == 0).mean() > 0.8
    long = stationary_rows(5, 12, 3, 1e12, rng())
    assert (long == (long[:, :1] + np.arange(12)) % 5).all()


@given(
    history=st.integers(1, 40),
    length=st.integers(1, 60),
    draws=st.integers(0, 6),
    block=st.floats(1, 100),
    seed=st.integers(0, 99),
)
def test_rows_are_rows_and_hang_on_the_seed_alone(history, length, draws, block, seed):
    rows = stationary_rows(history, length, draws, block, rng(seed))

    assert (draws, length) == rows.shape
    assert ((rows >= 0) & (rows < history)).all()
    assert (rows == stationary_rows(history, length, draws, block, rng(seed))).all()


def test_another_seed_gives_other_rows():
    assert (stationary_rows(50, 9, 3, 4.0, rng(1)) != stationary_rows(50, 9, 3, 4.0, rng(2))).any()


@pytest.mark.parametrize(("history", "block"), [(0, 3.0), (5, 0.5), (5, float("nan"))])
def test_what_cannot_be_drawn_is_refused(history, block):
    with pytest.raises(ValueError, match="cannot be drawn"):
        stationary_rows(history, 3, 2, block, rng())


@pytest.mark.parametrize("block", [1.0, 1.7, 4.0])
def test_expected_levels_are_those_of_all_histories_there_are(block):
    growth = np.array([[1.3, 0.9], [0.6, 1.1], [1.2, 1.0]])
    n, length, p = 3, 4, 1 / block

    expected = np.zeros((length, 2))
    # Every first row; then, each day, on to the next row or to any row.
    for start in range(n):
        for moves in itertools.product([None, 0, 1, 2], repeat=length - 1):
            row, chance, level = start, 1 / n, growth[start].copy()
            levels = [level]
            for move in moves:
                chance *= (1 - p) if move is None else p / n
                row = (row + 1) % n if move is None else move
                level = level * growth[row]
                levels.append(level)
            for day in range(length):
                expected[day] += chance * levels[day]

    assert pytest.approx(expected, rel=1e-12) == expected_levels(growth, length, block)
