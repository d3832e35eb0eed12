"""Event-study formulas against values computed by others, and against slow loops."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from thesis.scoring.cross_section import (
    RANK_TEST_SIZE,
    cross_section_t,
    generalised_rank,
    kolari_pynnonen,
    mean_correlation,
    patell,
    rank_test_size,
    statistic,
    two_sided,
)
from thesis.scoring.event_study import (
    abnormal_returns,
    basket_returns,
    buy_and_hold_abnormal,
    fit_market_model,
    market_adjusted_car,
)

# Base-R script with lm() and vcov(), on the simulated panel of `panel8.csv`: 8 names, 120 sessions
# before the event and 63 of it. Formulas: Boehmer, Musumeci and Poulsen 1991, JFE 30:253-272;
# Kolari and Pynnonen 2010, RFS 23:3996-4025.
R_CAR = [
    0.0642501899565682, 0.0348031573433257, 0.15730923754673, 0.262665404776182,
    0.0558573569315606, -0.0961475664796717, -0.112064862546986, 0.191135157501903,
]  # fmt: skip
R_SCAR = [
    0.524973632413217, 0.2284461784732, 0.974834796948185, 1.45022394640179,
    0.282822355009758, -0.395569841475372, -0.45623483317902, 0.757807063461965,
]  # fmt: skip
R_CORRELATION = 0.178166220372663
R_FACTOR = 0.604748296676432
R_BMP = 1.82379293921348
R_KP = 1.10293567347985
R_PATELL = 1.18038921606575  # Patell 1976, with (L1 - 2) / (L1 - 4)
# Compounded in R, the name less the market.
R_BHAR = [
    0.0472452668412506, 0.0443121860075126, 0.274921680432668, 0.30634229712369,
    0.109487186820109, -0.0877919860814825, -0.0561284840609432, 0.029419273082828,
]  # fmt: skip
R_T_CAR, R_T_BHAR = 1.49606241329717, 1.66012890117061  # R: t.test
# Kolari and Pynnonen 2011, J. Empirical Finance 18:953-971, in R; residuals before the event over
# s, or over s sqrt(1 - h).
R_GRANK, R_GRANK_HAT, R_GRANK_P = 1.15055862930008, 1.150671519913, 0.252221
# The event's first session alone: R's estudy2 0.10.0, `boehmer`, and the base-R script.
R_BMP_FIRST_DAY = -1.597627977730


@pytest.fixture(scope="module")
def panel():
    with Path(__file__).with_name("fixtures").joinpath("panel8.csv").open() as file:
        rows = list(csv.DictReader(file))
    before = np.array([row["window"] == "est" for row in rows])
    market = np.array([float(row["MKT"]) for row in rows])
    names = np.array([[float(row[f"S{i}"]) for i in range(1, 9)] for row in rows])
    return names[before], market[before], names[~before], market[~before]


@pytest.fixture(scope="module")
def model(panel):
    return fit_market_model(panel[0], panel[1])


@pytest.fixture(scope="module")
def found(panel, model):
    return abnormal_returns(model, panel[2], panel[3])


def test_car_and_scar_are_those_of_r(found):
    assert found.car == pytest.approx(R_CAR, abs=1e-10)
    assert found.scar == pytest.approx(R_SCAR, abs=1e-10)
    assert found.daily.sum(axis=0) == pytest.approx(R_CAR, abs=1e-10)


def test_the_correlation_and_its_factor_are_those_of_r(model, found):
    correlation = mean_correlation(model.residuals)
    assert correlation == pytest.approx(R_CORRELATION, abs=1e-12)
    factor = kolari_pynnonen(found.scar, correlation) / cross_section_t(found.scar)
    assert factor == pytest.approx(R_FACTOR, abs=1e-12)


def test_the_tests_across_names_are_those_of_r(panel, model, found):
    correlation = mean_correlation(model.residuals)
    assert cross_section_t(found.scar) == pytest.approx(R_BMP, abs=1e-10)
    assert kolari_pynnonen(found.scar, correlation) == pytest.approx(R_KP, abs=1e-10)
    assert patell(found.scar, model.count) == pytest.approx(R_PATELL, abs=1e-10)
    assert cross_section_t(found.car) == pytest.approx(R_T_CAR, abs=1e-10)
    bhar = buy_and_hold_abnormal(panel[2], panel[3])
    assert bhar == pytest.approx(R_BHAR, abs=1e-12)
    assert cross_section_t(bhar) == pytest.approx(R_T_BHAR, abs=1e-10)


def test_the_first_day_alone_is_that_of_estudy2(panel, model):
    first = abnormal_returns(model, panel[2][:1], panel[3][:1])
    assert cross_section_t(first.scar) == pytest.approx(R_BMP_FIRST_DAY, abs=1e-10)


def test_the_generalised_rank_is_that_of_r(panel, model, found):
    t = generalised_rank(model, found.scar)
    assert t == pytest.approx(R_GRANK, abs=1e-10)
    assert two_sided(t, 119) == pytest.approx(R_GRANK_P, abs=1e-6)
    around = panel[1] - panel[1].mean()
    leverage = 1 / 120 + around**2 / (around**2).sum()
    hat = replace(model, residuals=model.residuals / np.sqrt(1 - leverage)[:, None])
    assert generalised_rank(hat, found.scar) == pytest.approx(R_GRANK_HAT, abs=1e-10)


def test_car_and_bhar_by_definition():
    # Barber and Lyon 1997: 0.2 and 1.1 * 0.9 * 1.2 * 1.05 - 1.05 * 0.95 * 1.05.
    own, market = np.array([[0.1], [-0.1], [0.2], [0.05]]), np.array([0.05, -0.05, 0.05, 0.0])
    assert market_adjusted_car(own, market) == pytest.approx([0.2], abs=1e-12)
    assert buy_and_hold_abnormal(own, market) == pytest.approx([0.200025], abs=1e-12)


# What other libraries compute under these names, so that nobody "mends" ours to agree with them.
def test_a_cross_product_is_no_correlation(model, found):
    """Published on PyPI: eventstudystatistics 1.0.0 takes np.correlate of raw residuals."""
    errors = model.residuals.T
    pairs = [float(np.correlate(a, b)[0]) for i, a in enumerate(errors) for b in errors[:i]]
    wrong = kolari_pynnonen(found.scar, np.mean(pairs))
    assert wrong == pytest.approx(1.769, abs=5e-4)
    assert kolari_pynnonen(found.scar, mean_correlation(model.residuals)) < wrong - 0.6


def test_without_one_minus_r_it_is_another_statistic(model, found):
    """Published on PyPI: robust-eventstudy 0.1.0 divides by sqrt(1 + (N - 1) r) alone."""
    r = mean_correlation(model.residuals)
    other = cross_section_t(found.scar) / np.sqrt(1 + 7 * r)
    assert kolari_pynnonen(found.scar, r) == pytest.approx(other * np.sqrt(1 - r), abs=1e-12)
    assert abs(kolari_pynnonen(found.scar, r) - other) > 0.1
    # The adjusted Patell of the notes that came with the R script.
    assert patell(found.scar, model.count) / np.sqrt(1 + 7 * r) == pytest.approx(
        0.787422631844, abs=1e-10
    )


# A market that trends far from its mean before the event makes the error of beta count; libraries
# that divide by the event window's own spread (eventstudystatistics 1.0.0) are then far off.
@pytest.mark.parametrize("trend", [0.0, 0.004])
def test_fit_and_forecast_error_are_those_of_statsmodels(panel, model, trend):
    past, market, event, ahead = panel
    event, ahead = event + trend, ahead + trend
    found = abnormal_returns(model, event, ahead)
    for name in range(8):
        fit = sm.OLS(past[:, name], sm.add_constant(market)).fit()
        assert [model.alpha[name], model.beta[name]] == pytest.approx(fit.params, abs=1e-12)
        assert model.variance[name] == pytest.approx(fit.mse_resid, rel=1e-12)
        there = sm.add_constant(ahead)
        error = there @ fit.cov_params() @ there.T + fit.mse_resid * np.eye(63)
        car = (event[:, name] - fit.predict(there)).sum()
        assert found.scar[name] == pytest.approx(car / np.sqrt(error.sum()), abs=1e-12)


def test_the_basket_is_one_series(panel):
    past, market, event, ahead = panel
    weights = np.array([3.0, 1, 1, 1, 1, 1, 1, 1]) / 10
    model = fit_market_model((past @ weights)[:, None], market)
    found = abnormal_returns(model, basket_returns(event, weights)[:, None], ahead)
    assert found.car[0] == pytest.approx(np.dot(R_CAR, weights), abs=1e-10)
    fit = sm.OLS(past @ weights, sm.add_constant(market)).fit()
    there = sm.add_constant(ahead)
    error = there @ fit.cov_params() @ there.T + fit.mse_resid * np.eye(63)
    assert found.scar[0] == pytest.approx(found.car[0] / np.sqrt(error.sum()), abs=1e-12)


def holes(past, seed=3):
    """The panel with names that list late, pause, and lack single days."""
    rng = np.random.default_rng(seed)
    gaps = past.copy()
    gaps[:40, 0] = np.nan
    gaps[50:70, 1] = np.nan
    gaps[rng.random(len(gaps)) < 0.1, 2] = np.nan
    gaps[:45, 3] = np.nan
    gaps[60:64, 3] = np.nan
    return gaps


def test_names_with_gaps_are_estimated_on_the_rows_they_have(panel):
    past, market, event, ahead = panel
    gaps = holes(past)
    model = fit_market_model(gaps, market)
    found = abnormal_returns(model, event, ahead)
    for name in range(8):
        there = ~np.isnan(gaps[:, name])
        alone = fit_market_model(gaps[there, name : name + 1], market[there])
        assert model.count[name] == there.sum()
        assert model.variance[name] == pytest.approx(alone.variance[0], rel=1e-12)
        assert found.scar[name] == pytest.approx(
            abnormal_returns(alone, event[:, name : name + 1], ahead).scar[0], abs=1e-12
        )
    errors = model.residuals
    assert (np.isnan(errors) == np.isnan(gaps)).all()
    pairs = []
    for a in range(8):
        for b in range(a):
            both = ~np.isnan(errors[:, a] + errors[:, b])
            pairs.append(np.corrcoef(errors[both, a], errors[both, b])[0, 1])
    assert mean_correlation(errors) == pytest.approx(np.mean(pairs), abs=1e-12)


def test_a_session_without_the_market_is_left_out(panel, model):
    past, market, _, _ = panel
    added = fit_market_model(
        np.concatenate([past[:50], past[:1] + 9, past[50:]]),
        np.concatenate([market[:50], [np.nan], market[50:]]),
    )
    assert added.beta == pytest.approx(model.beta, abs=1e-12)
    assert added.variance == pytest.approx(model.variance, rel=1e-12)


def test_the_rank_test_with_gaps_is_that_of_a_slow_loop(panel, found):
    past, market, event, ahead = panel
    gaps = holes(past)
    model = fit_market_model(gaps, market)
    scar = abnormal_returns(model, event, ahead).scar
    scaled = np.full((121, 8), np.nan)
    for name in range(8):
        there = ~np.isnan(gaps[:, name])
        usual = model.residuals[there, name] / np.sqrt(model.variance[name])
        ranks = stats.rankdata([*usual, scar[name] / scar.std(ddof=1)])
        scaled[np.append(there, True), name] = ranks / (there.sum() + 2) - 0.5
    counted = (~np.isnan(scaled)).sum(axis=1)
    daily = np.nansum(scaled, axis=1) / counted
    z = daily[-1] / np.sqrt((counted / 8 * daily**2).sum() / 121)
    expected = z * np.sqrt(119 / (120 - z**2))
    assert generalised_rank(model, scar) == pytest.approx(expected, abs=1e-12)


def test_clean_arrays_take_the_fast_path_to_the_same_numbers(panel, model):
    """A row that only adds holes sends the same numbers the slow way."""
    past, market, event, ahead = panel
    slow = fit_market_model(np.vstack([past, np.full(8, np.nan)]), np.append(market, 0.01))
    for name in ("alpha", "beta", "variance", "count"):
        assert getattr(slow, name) == pytest.approx(getattr(model, name), rel=1e-12)
    assert mean_correlation(slow.residuals) == pytest.approx(R_CORRELATION, abs=1e-12)
    late = np.vstack([np.full(8, np.nan), event])
    found = abnormal_returns(slow, late, np.append(0.03, ahead))
    assert found.scar == pytest.approx(R_SCAR, abs=1e-10)
    assert generalised_rank(slow, found.scar) == pytest.approx(R_GRANK, abs=1e-10)
    assert basket_returns(late, np.ones(8))[1:] == pytest.approx(event.mean(axis=1), abs=1e-15)
    assert buy_and_hold_abnormal(late, np.append(0.03, ahead)) == pytest.approx(R_BHAR, abs=1e-12)


def test_batches_are_the_panels_one_by_one(panel):
    past, market, event, ahead = panel
    scale = np.array([0.5, 1.0, 1.7])[:, None, None]
    gaps = np.stack([past, holes(past), holes(past, 4)])
    for stack in (past * scale, gaps):
        many = fit_market_model(stack, np.stack([market] * 3))
        after = abnormal_returns(many, event * scale, np.stack([ahead] * 3))
        r = mean_correlation(many.residuals)
        whole = kolari_pynnonen(after.scar, r), generalised_rank(many, after.scar)
        for row in range(3):
            one = fit_market_model(stack[row], market)
            own = abnormal_returns(one, event * scale[row], ahead)
            same = mean_correlation(one.residuals)
            assert after.scar[row] == pytest.approx(own.scar, abs=1e-12)
            assert whole[0][row] == pytest.approx(kolari_pynnonen(own.scar, same), abs=1e-12)
            assert whole[1][row] == pytest.approx(generalised_rank(one, own.scar), abs=1e-12)
            few = many.take(np.array([1, 4]))
            assert few.alpha[row] == pytest.approx(one.alpha[[1, 4]], abs=1e-15)


@settings(deadline=None, max_examples=40)
@given(st.permutations(range(8)), st.sampled_from([0.5, 2.0, 10.0]))
def test_the_order_of_names_and_the_scale_of_a_name_change_no_test(order, scale):
    rng = np.random.default_rng(8)
    market = rng.normal(0, 0.01, 183)
    names = market[:, None] + rng.normal(0, 0.02, (183, 8)) + rng.normal(0, 0.02, (183, 1))
    other = names[:, list(order)].copy()
    other[:, 2] *= scale  # its volatility, hence its returns and abnormal returns alike
    results = []
    for returns in (names, other):
        model = fit_market_model(returns[:120], market[:120])
        found = abnormal_returns(model, returns[120:], market[120:])
        r = mean_correlation(model.residuals)
        results.append(
            [
                float(kolari_pynnonen(found.scar, r)),
                float(generalised_rank(model, found.scar)),
                float(r),
                float(patell(found.scar, model.count)),
            ]
        )
    assert results[0] == pytest.approx(results[1], abs=1e-9)


def test_two_names_have_no_cross_section(model, found):
    r = mean_correlation(model.residuals[:, :2])
    assert np.isnan(kolari_pynnonen(found.scar[:2], r))
    assert np.isnan(generalised_rank(model.take(slice(2)), found.scar[:2]))
    assert np.isnan(mean_correlation(model.residuals[:, :1]))
    assert np.isnan(cross_section_t(found.scar[:1]))


@pytest.mark.parametrize("r", [-1 / 7, -0.2])
def test_a_correlation_that_no_eight_names_can_have_gives_nothing(found, r):
    assert np.isnan(kolari_pynnonen(found.scar, np.array(r)))
    assert np.isfinite(kolari_pynnonen(found.scar, np.array(-0.14)))


def test_a_name_that_copies_the_market_has_no_standard_error(panel):
    _, market, _, ahead = panel
    copy = fit_market_model(market[:, None] * 1.2, market)
    assert np.isnan(abnormal_returns(copy, ahead[:, None] * 1.2, ahead).scar[0])
    still = fit_market_model(market[:, None], np.zeros(120))
    assert np.isnan(still.beta[0])


def test_a_basket_of_which_little_is_there_is_not_a_basket():
    returns = np.array([[0.01, np.nan, np.nan], [0.01, 0.03, np.nan]])
    found = basket_returns(returns, np.array([0.4, 0.4, 0.2]))
    assert np.isnan(found[0])
    assert found[1] == pytest.approx(0.02, abs=1e-15)


def test_p_values_are_those_of_scipy_and_missing_ones_say_why():
    for t, freedom in ((-2.1, 6), (0.3, 2), (4.0, 248)):
        said = statistic(t, freedom, "none")
        assert said.p == pytest.approx(2 * stats.t.sf(abs(t), freedom), rel=1e-9)
    assert statistic(1.959963984540054, None, "none").p == pytest.approx(0.05, rel=1e-9)
    missing = statistic(np.nan, 1, "two names")
    assert (missing.t, missing.p, missing.reason) == (None, None, "two names")


@pytest.mark.parametrize(
    ("names", "r", "case"),
    [(3, 0.76, (3, 0.75)), (7, 0.57, (7, 0.55)), (30, 0.3, (12, 0.2)), (5, 0.9, (4, 0.75))],
)
def test_the_size_of_the_rank_test_is_that_of_the_nearest_case(names, r, case):
    assert rank_test_size(names, r) == RANK_TEST_SIZE[case]
