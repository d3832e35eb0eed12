"""Usual amounts and volatilities, against pandas."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thesis import read_prices
from thesis.market.calendar import sessions
from thesis.trading.liquidity import daily_volatility, median_amounts, read_liquidity

LAW = settings(deadline=None, max_examples=60, derandomize=True)
NO = np.nan
CODES = ["300133.SZ", "002739.SZ", "688041.SH"]  # the last two were suspended for some days
KNOWN = dt.date(2024, 10, 11)


@LAW
@given(st.integers(0, 10_000), st.integers(1, 9))
def test_the_median_is_pandas_rolling_median(seed, window):
    draw = np.random.default_rng(seed)
    amounts = np.where(draw.random((25, 3)) < 0.3, NO, draw.uniform(1, 9, (25, 3)))

    expected = pd.DataFrame(amounts).rolling(window, min_periods=1).median().to_numpy()

    np.testing.assert_allclose(expected, median_amounts(amounts, window), rtol=1e-12)


def test_a_volatility_by_hand():
    # Returns of +10% and -10% about their mean of 0, n - 1 = 1: the root of 0.02.
    closes = np.array([[10.0, 5.0, NO], [NO, 5.0, 7.0], [11.0, NO, 8.0], [9.9, NO, NO]])

    found = daily_volatility(closes)

    assert 0.02**0.5 == pytest.approx(found[0])
    assert np.isnan(found[1:]).all()  # a single return has no deviation


def test_liquidity_is_read_from_bars(market):
    panel = read_prices(market, CODES)
    start = int(np.searchsorted(sessions(), np.datetime64("2024-10-14")))
    axis = sessions()[start : start + 180]
    ones = np.ones((len(axis), 3))

    found = read_liquidity(panel, CODES, axis, ones, ones, KNOWN)

    for column, code in enumerate(CODES):
        bars = panel.select([code]).to_frame().set_index("date")
        days = pd.DatetimeIndex(axis.astype("datetime64[ns]"))
        np.testing.assert_array_equal(bars["amount"].reindex(days), found.amounts[:, column])
        for row in (0, 7, 60, 155):
            window = pd.DatetimeIndex(sessions()[start + row - 59 : start + row + 1])
            usual = bars["amount"].reindex(window).median()
            assert usual == pytest.approx(found.usual[row, column])
        before = pd.DatetimeIndex(sessions()[start - 60 : start])
        closes = (bars["close"] * bars["factor"]).reindex(before).dropna()
        assert closes.pct_change().std() == pytest.approx(found.volatility[column])


def test_the_volatility_looks_at_nothing_after_publication(market):
    panel = read_prices(market, CODES)
    axis = sessions()[np.searchsorted(sessions(), np.datetime64("2024-10-14")) :][:5]
    ones = np.ones((5, 3))

    whole = read_liquidity(panel, CODES, axis, ones, ones, KNOWN)
    short = read_liquidity(panel.up_to(KNOWN), CODES, axis, ones, ones, KNOWN)

    assert whole.volatility.tolist() == short.volatility.tolist()


def test_where_nothing_was_known_no_volatility_is():
    panel = read_prices("sample", ["300308.SZ"])
    one = np.ones((3, 1))

    found = read_liquidity(panel, ["300308.SZ"], panel.sessions[:3], one, one, None)

    assert np.isnan(found.volatility).all()


def test_a_long_suspension_keeps_the_last_usual_amount():
    class Panel:
        sessions = sessions()[-500:]

        def field(self, name, code):
            return np.where(np.arange(500) < 100, 7.0, NO)

    axis = Panel.sessions[90:300]
    ones = np.ones((210, 1))

    found = read_liquidity(Panel(), ["300308.SZ"], axis, ones, ones, None)

    assert [7.0] * 210 == found.usual[:, 0].tolist()


def test_no_names_no_liquidity():
    panel = read_prices("sample", ["300308.SZ"])
    none = np.ones((3, 0))

    found = read_liquidity(panel, [], panel.sessions[:3], none, none, KNOWN)

    assert (3, 0) == found.amounts.shape == found.usual.shape
    assert (0,) == found.volatility.shape
