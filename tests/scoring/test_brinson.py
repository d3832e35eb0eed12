"""Brinson effects and their linking against published tables, identities and plain loops."""

from decimal import Decimal, getcontext

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thesis.scoring.brinson import (
    brinson_fachler,
    brinson_hood_beebower,
    carino,
    compound,
    geometric_excess,
    grap,
    period_growth,
)
from thesis.trading.paper import hold

LAW = settings(deadline=None, max_examples=80, derandomize=True)

# Bacon, Practical Portfolio Performance Measurement and Attribution (2008), chapters 5 and 8: the
# UK, Japan and the US over four quarters, as encoded in the tests of R PortfolioAttribution
# (anandkkumar/PortfolioAttribution 0a4d802).
WP = np.array([[0.4, 0.3, 0.3], [0.7, 0.2, 0.1], [0.3, 0.5, 0.2], [0.3, 0.5, 0.2]])
WB = np.array([[0.4, 0.2, 0.4], [0.4, 0.3, 0.3], [0.5, 0.4, 0.1], [0.4, 0.4, 0.2]])
RP = np.array([[0.2, -0.05, 0.06], [-0.05, 0.03, -0.05], [-0.2, 0.08, -0.15], [0.1, -0.07, 0.25]])
RB = np.array([[0.1, -0.04, 0.08], [-0.07, 0.04, -0.1], [-0.25, 0.05, -0.2], [0.05, -0.05, 0.1]])
PORTFOLIO, BENCHMARK = (WP * RP).sum(axis=1), (WB * RB).sum(axis=1)


def linked(coefficients, effects):
    return coefficients(PORTFOLIO, BENCHMARK) @ effects


def test_brinson_totals_q1():
    # Bacon (2008) chapter 5: portfolio 8.3%, benchmark 6.4%.
    found = brinson_fachler(WP[0], WB[0], RP[0], RB[0])

    assert [0.083, 0.064] == pytest.approx([PORTFOLIO[0], BENCHMARK[0]], abs=1e-12)
    assert 0.083 - 0.064 == pytest.approx(float(found.excess), abs=1e-15)


@pytest.mark.parametrize(
    ("effect", "expected"),
    [
        pytest.param("allocation", [0, -0.004, -0.008], id="BHB_alloc"),
        pytest.param("selection", [0.04, -0.002, -0.008], id="BHB_select"),
        pytest.param("interaction", [0, -0.001, 0.002], id="BHB_interact"),
    ],
)
def test_brinson_hood_beebower_is_table_5_2(effect, expected):
    found = brinson_hood_beebower(WP[0], WB[0], RP[0], RB[0])

    assert expected == pytest.approx(getattr(found, effect), abs=1e-10)


def test_brinson_fachler_allocation_is_table_5_3():
    found = brinson_fachler(WP[0], WB[0], RP[0], RB[0])  # BF_alloc

    assert [0, -0.0104, -0.0016] == pytest.approx(found.allocation, abs=1e-10)
    assert [0.04, -0.002, -0.008] == pytest.approx(found.selection, abs=1e-10)  # Table 5.2's


def test_top_down_selection_is_table_5_4():
    found = brinson_fachler(WP[0], WB[0], RP[0], RB[0]).top_down  # BF_topdown_select

    assert [0.04, -0.003, -0.006] == pytest.approx(found.selection, abs=1e-10)
    assert [0.0] * 3 == found.interaction.tolist()
    assert (WP[0] * (RP[0] - RB[0])).tolist() == pytest.approx(found.selection, abs=1e-15)


def test_totals_of_each_period_are_table_8_1():
    found = brinson_fachler(WP, WB, RP, RB).top_down  # bacon_t81_period_*_totals

    assert [-0.012, -0.005, 0.035, -0.01] == pytest.approx(found.allocation.sum(axis=1), abs=1e-10)
    assert [0.031, 0.017, 0.04, 0.035] == pytest.approx(found.selection.sum(axis=1), abs=1e-10)


def test_the_compounded_excess_is_exhibit_8_10():
    # bacon_compound: an arithmetic excess of 13.27%.
    assert 0.1327 == pytest.approx(compound(PORTFOLIO) - compound(BENCHMARK), abs=1e-4)


def test_carino_linking_is_table_8_2():
    # 12 digits from running R PortfolioAttribution's own Carino function: carino_alloc and _select.
    found = brinson_fachler(WP, WB, RP, RB).top_down

    assert [0.0165095272245572, -0.00605532055256047, 0.00149093041373314] == pytest.approx(
        linked(carino, found.allocation), abs=1e-10
    )
    assert [0.0803998513910743, 0.00182879195641195, 0.0384819490667837] == pytest.approx(
        linked(carino, found.selection), abs=1e-10
    )


def test_grap_linking_is_tables_8_4_and_8_5():
    # grap_alloc, grap_select; frongello_alloc has the same totals (Bacon's identity).
    found = brinson_fachler(WP, WB, RP, RB).top_down

    assert [0.0167365737, -0.0054504009, 0.0010734633] == pytest.approx(
        linked(grap, found.allocation), abs=1e-10
    )
    assert [0.0785044449, 0.0015803424, 0.0402113061] == pytest.approx(
        linked(grap, found.selection), abs=1e-10
    )
    # Frongello's own recursion: earlier effects grow with the benchmark, later with the portfolio.
    frongello, grown = np.zeros(3), 1.0
    for effects, r, b in zip(found.allocation, PORTFOLIO, BENCHMARK, strict=True):
        frongello, grown = frongello * (1 + b) + effects * grown, grown * (1 + r)
    expected = [0.016736573699999993, -0.005450400900000003, 0.0010734633000000007]
    assert expected == pytest.approx(frongello, abs=1e-12)
    assert expected == pytest.approx(linked(grap, found.allocation), abs=1e-12)


def test_the_geometric_excess_is_table_8_6_and_compounds_unlinked():
    whole = geometric_excess(np.array(compound(PORTFOLIO)), np.array(compound(BENCHMARK)))

    assert 0.1464 == pytest.approx(float(whole), abs=1e-4)  # geometric_excess_4q
    assert float(whole) == pytest.approx(
        compound(geometric_excess(PORTFOLIO, BENCHMARK)), abs=1e-14
    )


def test_arith_vs_geom_excess():
    # By hand: 1.32 / 1.2 = 1.1.
    found = geometric_excess(np.array(0.32), np.array(0.2))

    assert [0.12, 0.1] == pytest.approx([0.32 - 0.2, float(found)], abs=1e-12)


def test_buyhold_contribution():
    # Identity: w_i (P_iT / P_i0 - 1), which sum to the basket's 15%.
    relatives = np.array([[1.0, 1.0, 1.0, 1.0], [1.1, 0.9, 1.05, 1.2], [1.3, 0.8, 1.0, 1.5]])
    found = hold(relatives, relatives, np.full(4, 0.25))

    assert [0.075, -0.05, 0, 0.125] == pytest.approx(found.contributions[-1], abs=1e-12)
    assert 0.15 == pytest.approx(found.path[-1], abs=1e-12)


def test_rebalanced_contribution_carino():
    # Carino (1999) with a benchmark of 0: contributions sum to the compounded return.
    relatives = np.array([[1.0, 1.0, 1.0, 1.0], [1.1, 0.9, 1.05, 1.2]])
    returns = period_growth(relatives, np.array([1.3, 0.8, 1.0, 1.5]))
    contributions = 0.25 * returns
    found = carino(contributions.sum(axis=1), np.zeros(2)) @ contributions

    assert 0.135039006132756 == pytest.approx(found.sum(), abs=1e-14)


returns = st.floats(-0.9, 2.0)


@LAW
@given(st.integers(1, 6), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_effects_and_links_leave_no_residual(segments, periods, seed):
    rng = np.random.default_rng(seed)
    w, big_w = (rng.dirichlet(np.ones(segments), periods) for _ in range(2))
    r, b = (rng.uniform(-0.3, 0.4, (periods, segments)) for _ in range(2))
    portfolio, benchmark = (w * r).sum(axis=1), (big_w * b).sum(axis=1)

    for effects in (brinson_fachler(w, big_w, r, b), brinson_hood_beebower(w, big_w, r, b)):
        assert np.abs(effects.excess - (portfolio - benchmark)).max() <= 1e-15 * 10
        assert np.abs(effects.top_down.excess - effects.excess).max() <= 1e-15 * 10
        whole = compound(portfolio) - compound(benchmark)
        for link in (carino, grap):
            residual = whole - link(portfolio, benchmark) @ effects.excess
            assert abs(residual) <= 1e-12 * max(1.0, abs(whole))


@LAW
@given(returns, st.sampled_from([0.0, 1e-300, 1e-18, 1e-14, -1e-12, 1e-9, 1e-6, -1e-3, 0.05]))
def test_carino_keeps_its_digits_where_portfolio_and_benchmark_are_near(benchmark, apart):
    getcontext().prec = 60
    b = np.array([benchmark, 0.1])
    r = np.array([benchmark + apart, 0.2])

    def k(one, other):
        if one == other:
            return 1 / (1 + one)
        return ((1 + one).ln() - (1 + other).ln()) / (one - other)

    exact_r, exact_b = ([Decimal(x) for x in series.tolist()] for series in (r, b))
    whole = k(*((1 + x[0]) * (1 + x[1]) - 1 for x in (exact_r, exact_b)))
    expected = [float(k(*pair) / whole) for pair in zip(exact_r, exact_b, strict=True)]
    assert expected == pytest.approx(carino(r, b).tolist(), rel=1e-12)


def test_the_limit_of_equal_returns_is_one_over_what_they_grow_to():
    # k_t = 1 / (1 + r_t), k = 1 / ((1 + r_1)(1 + r_2)): the quotient is what the others grew.
    same = np.array([0.25, -0.2])

    assert [0.8, 1.25] == pytest.approx(carino(same, same), abs=1e-15)


def test_off_benchmark_segments_are_what_a_benchmark_with_one_more_segment_says():
    w, r, b, rest = np.array([0.3, 0.7]), np.array([0.2, -0.1]), np.array([0.1, 0.05]), 0.08
    off = brinson_fachler(w, np.zeros(2), r, b, np.array(rest))
    full = brinson_fachler(
        np.append(w, 0.0), np.array([0.0, 0.0, 1.0]), np.append(r, 0.0), np.append(b, rest)
    )

    assert full.allocation[:2].tolist() == pytest.approx(off.allocation.tolist(), abs=1e-16)
    assert 0.0 == full.allocation[2]
    assert (w * r).sum() - rest == pytest.approx(float(off.excess), abs=1e-15)
