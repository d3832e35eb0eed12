"""The public verb gives the same numbers as the rooms, and vectorbt keeps the same books."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import thesis
from thesis.trading.strategy import Strategy


@settings(deadline=None, max_examples=8, derandomize=True)
@given(data=st.data())
def test_a_backtest_is_the_score_and_its_portfolio_the_ledger(lab, data):
    world, strategy = data.draw(lab.worlds()), data.draw(lab.strategies())
    result = thesis.backtest(lab.thesis(), world.frame(), strategy, as_of=lab.AS_OF)
    score = lab.score(world, strategy)
    value = np.asarray(result.portfolio.value(), dtype=float).reshape(-1)

    assert lab.same(lab.paper_numbers(score), lab.paper_numbers(result.score))
    assert lab.same(lab.net_numbers(score), lab.net_numbers(result.score))
    np.testing.assert_allclose(score.traded.ledger.value, value, rtol=1e-12, atol=1e-6)


@pytest.mark.parametrize("weights", ["equal", "segment"])
def test_without_costs_lots_and_long_gaps_net_is_paper(lab, weights):
    world = lab.world(5)
    first = world.row(lab.ENTRY)
    world = world.without("300308.SZ", slice(first, first + 10))
    strategy = Strategy(weights=weights, costs="none", lots="fractional")
    score = lab.score(world, strategy)

    np.testing.assert_allclose(score.paper.path, score.net.path, atol=1e-12, rtol=0)
    np.testing.assert_allclose(score.paper.path, score.traded.ledger.executable, atol=1e-12)


@pytest.mark.parametrize("how", ["parquet", "csv", "panel", "folder"])
def test_prices_from_any_place_give_the_same_numbers(lab, tmp_path, how):
    world = lab.world(9)
    frame = world.frame()
    places = {
        "parquet": tmp_path / "bars.parquet",
        "csv": tmp_path / "bars.csv",
        "folder": tmp_path,
        "panel": world.panel(),
    }
    if how == "csv":
        frame.to_csv(places["csv"], index=False)
    else:
        frame.to_parquet(places["parquet"], index=False, row_group_size=100)
    options = {"as_of": lab.AS_OF, "weights": lab.by_volatility}
    one = thesis.backtest(lab.thesis(), frame, **options)
    other = thesis.backtest(lab.thesis(), places[how], **options)

    assert lab.same(lab.paper_numbers(one.score), lab.paper_numbers(other.score))
    assert lab.same(lab.net_numbers(one.score), lab.net_numbers(other.score))
    assert one.score.case.panel.fingerprint == other.score.case.panel.fingerprint
