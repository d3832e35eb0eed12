"""The event tests on worlds where it is known whether something happened.

Size: in 10,000 worlds without an event, t5 shocks, 120 sessions before and 63 after, a test at 5%
may find one in 5% of them. Power: of a planted 15 points it finds what theory says.
"""

import numpy as np
import pytest
from scipy import stats

from thesis.scoring.cross_section import (
    RANK_TEST_SIZE,
    cross_section_t,
    generalised_rank,
    kolari_pynnonen,
    mean_correlation,
    two_sided,
)
from thesis.scoring.event_study import abnormal_returns, basket_returns, fit_market_model

BEFORE, AFTER = 120, 63
DRAWS, CHUNK, RANKED_DRAWS = 10_000, 250, 2_500
NAMES, CORRELATIONS = (3, 4, 7, 12), (0.2, 0.55, 0.75)
DAILY, MARKET = 0.025, 0.012
CELLS = [(names, rho) for names in NAMES for rho in CORRELATIONS]

pytestmark = pytest.mark.slow


def rejected(t, freedom):
    return int((two_sided(t, freedom) < 0.05).sum())


def worlds(rng, count):
    """Market, a shock all names share, and each name's own: unit variance, t5."""
    shocks = rng.standard_t(5, size=(count, BEFORE + AFTER, 2 + max(NAMES))) / np.sqrt(5 / 3)
    return MARKET * shocks[..., 0], shocks[..., 1:2], shocks[..., 2:]


def sizes():
    """Share of worlds without an event in which each test finds one.

    All tests and cells share one set of shocks, so their errors go together.
    """
    rng = np.random.default_rng(20241013)
    found = dict.fromkeys(
        ((case, test, *cell) for case in ("equal", "all doubled", "common doubled")
         for test in ("kp", "basket", "bmp", "rank") for cell in CELLS), 0.0
    )  # fmt: skip
    for start in range(0, DRAWS, CHUNK):
        market, common, own = worlds(rng, CHUNK)
        past, event = market[:, :BEFORE], market[:, BEFORE:]
        for rho in CORRELATIONS:
            together, alone = DAILY * np.sqrt(rho) * common, DAILY * np.sqrt(1 - rho) * own
            before = 1.1 * past[..., None] + (together + alone)[:, :BEFORE]
            model = fit_market_model(before, past)
            shocks = {
                "equal": together + alone,
                "all doubled": np.sqrt(2) * (together + alone),
                "common doubled": np.sqrt(2) * together + alone,
            }
            after = {k: 1.1 * event[..., None] + v[:, BEFORE:] for k, v in shocks.items()}
            scars = {k: abnormal_returns(model, v, event).scar for k, v in after.items()}
            for names in NAMES:
                some, weights = slice(names), np.full(names, 1 / names)
                few = model.take(some)
                correlation = mean_correlation(few.residuals)
                series = fit_market_model(
                    basket_returns(before[..., some], weights)[..., None], past
                )
                for case, scar in scars.items():
                    t = kolari_pynnonen(scar[..., some], correlation)
                    found[case, "kp", names, rho] += rejected(t, names - 1) / DRAWS
                    t = cross_section_t(scar[..., some])
                    found[case, "bmp", names, rho] += rejected(t, names - 1) / DRAWS
                    whole = basket_returns(after[case][..., some], weights)[..., None]
                    t = abnormal_returns(series, whole, event).scar
                    found[case, "basket", names, rho] += rejected(t, BEFORE - 2) / DRAWS
                if start < RANKED_DRAWS:
                    t = generalised_rank(few, scars["equal"][..., some])
                    found["equal", "rank", names, rho] += rejected(t, BEFORE - 1) / RANKED_DRAWS
    return found


def outside(found, cells, low, high):
    return {cell: found[cell] for cell in cells if not low <= found[cell] <= high}


# One test, since tests are dealt out to processes and each would draw the worlds again.
def test_each_test_rejects_a_true_null_as_often_as_it_says(record_property):
    found = sizes()

    # The headline keeps its size, whether or not all variances double: 4.6% to 5.2% measured. The
    # Monte-Carlo error of 5% in 10,000 draws is 0.2 points.
    headline = [(case, "kp", *cell) for case in ("equal", "all doubled") for cell in CELLS]
    assert not outside(found, headline, 0.04, 0.06)

    # The basket keeps it while volatility is unchanged (5.0% to 5.5%), and only then: a Student t
    # times sqrt(2), but that the error of the estimate, a third of the variance, is not doubled.
    assert not outside(found, [("equal", "basket", *cell) for cell in CELLS], 0.04, 0.06)
    edge = stats.t.isf(0.025, BEFORE - 2)
    grown = np.sqrt((2 * AFTER + AFTER**2 / BEFORE) / (AFTER + AFTER**2 / BEFORE))
    often = 2 * stats.t.sf(edge / grown, BEFORE - 2)
    doubled = [("all doubled", "basket", *cell) for cell in CELLS]
    assert not outside(found, doubled, often - 0.015, often + 0.015)

    # What takes names for independent does not: 8% with three at 0.2, 72% with twelve at 0.75.
    assert not outside(found, [("equal", "bmp", *cell) for cell in CELLS], 0.07, 0.75)

    # GRANK rejects as often as stands beside it; a little too often with twelve names at 0.2.
    for cell, said in RANK_TEST_SIZE.items():
        error = 4 * np.sqrt(said * (1 - said) * (1 / RANKED_DRAWS + 1 / DRAWS))
        assert not outside(found, [("equal", "rank", *cell)], said - error, said + error)
    assert not outside(found, [("equal", "rank", 12, 0.2)], 0.06, 0.085)

    # Nobody can tell a time in which all of an industry moves more from an event of all its names.
    # Reported, not held to 5%: 6% with three names at 0.2, 11% with twelve at 0.75.
    for cell in CELLS:
        record_property(f"common doubled {cell}", found[("common doubled", "kp", *cell)])
        assert found[("common doubled", "kp", *cell)] < found[("common doubled", "basket", *cell)]


# With the residuals' variance and correlation known, theory is exact. They are estimated: on Normal
# shocks and 250 sessions that is under what can be seen, on t5 shocks and 120 it costs KP 3 points.
@pytest.mark.parametrize(
    ("names", "rho", "daily"),
    [(3, 0.55, 0.008), (7, 0.2, 0.012), (7, 0.55, 0.008), (12, 0.2, 0.02)],
)
def test_a_planted_fifteen_points_are_found_as_often_as_theory_says(names, rho, daily):
    draws, past, rng = 4_000, 250, np.random.default_rng(names)
    shocks = rng.standard_normal((draws, past + AFTER, 2 + names))
    market, common, own = MARKET * shocks[..., 0], shocks[..., 1:2], shocks[..., 2:]
    returns = 0.9 * market[..., None] + daily * (np.sqrt(rho) * common + np.sqrt(1 - rho) * own)
    before, after = returns[:, :past], returns[:, past:] + 0.15 / AFTER
    market, event = market[:, :past], market[:, past:]
    drift = (event - market.mean(axis=-1)[:, None]).sum(axis=-1)
    around = past * market.var(axis=-1)
    planted = 0.15 / (daily * np.sqrt(AFTER + AFTER**2 / past + drift**2 / around))
    planted /= np.sqrt((1 + (names - 1) * rho) / names)

    def expected(freedom):
        edge, centre = stats.t.isf(0.025, freedom), planted[:500]
        found = stats.nct.sf(edge, freedom, centre) + stats.nct.cdf(-edge, freedom, centre)
        return float(found.mean())

    model = fit_market_model(before, market)
    scar = abnormal_returns(model, after, event).scar
    kp = rejected(kolari_pynnonen(scar, mean_correlation(model.residuals)), names - 1)
    weights = np.full(names, 1 / names)
    series = fit_market_model(basket_returns(before, weights)[..., None], market)
    t = abnormal_returns(series, basket_returns(after, weights)[..., None], event).scar
    basket = rejected(t, past - 2)

    for count, theory in ((kp, expected(names - 1)), (basket, expected(past - 2))):
        error = np.sqrt(theory * (1 - theory) / draws)
        assert count / draws == pytest.approx(theory, abs=3.5 * error)
