from dataclasses import replace

import numpy as np
import pytest
from fakes.portfolios import trade
from hypothesis import given, settings
from hypothesis import strategies as st

from thesis.errors import VerificationError
from thesis.trading.execution import execute
from thesis.trading.paper import hold

CODES = ("600050.SH", "300308.SZ", "688702.SH", "920002.BJ", "000063.SZ")
CAPITAL = 10_000_000.0
SESSIONS = 30


def random_market(seed, names, longest_gap):
    """Raw opens, closes and factors of shape (T, N), with gaps at the entry and later."""
    draw = np.random.default_rng(seed)
    shape = (SESSIONS, names)
    close = np.round(np.exp(np.cumsum(draw.normal(0, 0.04, shape), axis=0)) * 20, 2)
    open_ = np.round(close * np.exp(draw.normal(0, 0.02, shape)), 2)
    factor = np.cumprod(np.where(draw.random(shape) < 0.03, 1.4, 1.0), axis=0)
    for column in range(names):
        for first in (0, int(draw.integers(12, SESSIONS - 1))):
            length = int(draw.integers(0, longest_gap + 1))
            for grid in (open_, close, factor):
                grid[first : first + length, column] = np.nan
    return open_, close, factor


def booked(market_of, seed, names, **rules):
    longest_gap, capital = rules.pop("longest_gap", 10), rules.pop("capital", CAPITAL)
    open_, close, factor = random_market(seed, names, longest_gap)
    market = market_of(CODES[:names], open_, close=close, adjustment=factor, **rules)
    plan, ledger = trade(market, np.full(names, 1 / names), capital)
    return plan, ledger, (open_, close, factor)


@settings(deadline=None, max_examples=15, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5))
def test_without_costs_limits_and_lots_execution_is_the_closed_form(market_of, seed, names):
    _, ledger, (open_, close, factor) = booked(
        market_of, seed, names, costs=False, whole_lots=False
    )
    portfolio = execute(ledger, CODES[:names])
    paper = hold(open_ * factor, close * factor, np.full(names, 1 / names))
    value = np.asarray(portfolio.value(), dtype=float).reshape(-1)

    np.testing.assert_allclose(paper.path, value / CAPITAL - 1, atol=1e-12, rtol=0)
    np.testing.assert_allclose(paper.path, ledger.net, atol=1e-12, rtol=0)


@settings(deadline=None, max_examples=15, derandomize=True)
@given(
    st.integers(0, 2**32 - 1),
    st.integers(1, 5),
    st.sampled_from([20_000.0, 1e6, 1e7, 1e10]),
    st.booleans(),
)
def test_vectorbt_and_the_ledger_keep_the_same_books(market_of, seed, names, capital, costs):
    plan, ledger, _ = booked(market_of, seed, names, longest_gap=20, capital=capital, costs=costs)
    portfolio = execute(ledger, CODES[:names])
    tolerance = max(1e-6, 1e-12 * capital)

    for theirs, ours in (
        (portfolio.cash(), ledger.cash),
        (portfolio.value(), ledger.value),
        (portfolio.assets(), ledger.units),
    ):
        found = np.asarray(theirs, dtype=float).reshape(ours.shape)
        assert np.abs(found - ours).max() <= tolerance
    assert len(plan.orders) == len(portfolio.orders.values)
    assert sum(order.fees for order in plan.orders) == pytest.approx(
        float(np.sum(portfolio.orders.values["fees"])), abs=1e-6
    )


@pytest.fixture(scope="module")
def good(market_of):
    return booked(market_of, 5, 3)[1]


def test_the_portfolio_is_vectorbt_s_own_with_the_codes_as_columns(good):
    portfolio = execute(good, CODES[:3])

    assert "Portfolio" == type(portfolio).__name__
    assert list(CODES[:3]) == list(portfolio.wrapper.columns)
    assert str(good.sessions[0]) == str(portfolio.wrapper.index[0].date())


@pytest.mark.parametrize(
    ("field", "what"), [("cash", "cash"), ("units", "units"), ("marks", "value")]
)
def test_books_that_differ_are_a_defect_by_name_and_session(good, monkeypatch, field, what):
    values = getattr(good, field).copy()
    values[7] += 1.0
    real = execute.__globals__["_agree"]
    tampered = replace(good, **{field: values})

    # Vectorbt fills the good orders at the good marks; the books beside it are tampered with.
    def against(name, theirs, ours, book, spare=0.0):
        beside = {"cash": tampered.cash, "units": tampered.units, "value": tampered.value}
        real(name, theirs, beside[name].reshape(ours.shape), book, spare)

    monkeypatch.setitem(execute.__globals__, "_agree", against)
    with pytest.raises(VerificationError) as caught:
        execute(good, CODES[:3])
    assert str(caught.value).startswith(
        f"{what} on {good.sessions[7]}: vectorbt and the planner's ledger differ by "
    )
    assert str(caught.value).endswith("; please report this as a defect")
    assert 6 == caught.value.exit_code


@pytest.mark.parametrize("by", [2e-6, 0.01, np.nan])
def test_cash_off_by_more_than_dust_is_a_defect(good, by):
    cash = good.cash.copy()
    cash[-1] += max(by, 2e-12 * CAPITAL) if by == by else by
    tampered = replace(good, cash=cash)

    with pytest.raises(VerificationError, match=r"^cash on "):
        execute(tampered, CODES[:3])


def test_an_order_the_cash_does_not_pay_for_is_never_shrunk_in_silence(good):
    dear = replace(good, size=good.size * 3)

    with pytest.raises(Exception, match="less than requested"):
        execute(dear, CODES[:3])


def test_no_orders_make_a_portfolio_of_cash(market_of):
    plan, ledger, _ = booked(market_of, 5, 2, capital=100.0)

    assert () == plan.orders
    assert 100.0 == float(np.asarray(execute(ledger, CODES[:2]).value())[-1])


def test_the_garbage_collector_is_as_it_was_after_a_run(good):
    import gc

    execute(good, CODES[:3])

    assert gc.isenabled()


@settings(deadline=None, max_examples=25, derandomize=True)
@given(st.integers(0, 2**32 - 1), st.integers(1, 5), st.booleans())
def test_cash_held_in_an_index_keeps_the_same_books(market_of, seed, names, whole_lots):
    open_, close, factor = random_market(seed, names, longest_gap=3)
    levels = np.exp(np.cumsum(np.random.default_rng(seed).normal(0, 0.01, SESSIONS))) * 5_000
    market = market_of(
        CODES[:names],
        open_,
        close=close,
        adjustment=factor,
        cash=(levels * 0.999, levels),
        whole_lots=whole_lots,
    )
    # Fractions spend all there is: what floats leave of the reserve is no holding.
    _, ledger = trade(
        market, np.full(names, 1 / names), 200_000.0, rebalance=range(5, SESSIONS, 5), stop=None
    )

    execute(ledger, CODES[:names])  # raises where cash, units or value differ
