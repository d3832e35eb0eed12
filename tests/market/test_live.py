"""The same against the real hosts: ``pytest -m live``. Off by default; polite, so slow.

What comes is held against the real prices of the `market` folder, which none of these hosts made.
"""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from thesis.market.delivery import RAW, factors_on
from thesis.market.reference import constituents, exchange_lists, shenwan_classes
from thesis.market.reference.dividends import Dividends
from thesis.market.reference.suspension_calendar import suspensions_on
from thesis.market.sources.akshare import Eastmoney, Sina, Tencent
from thesis.market.sources.csindex import CSIndex
from thesis.market.sources.failure import SourceError
from thesis.market.sources.shenwan import Shenwan

pytestmark = pytest.mark.live

START, END = dt.date(2024, 10, 8), dt.date(2024, 11, 29)


def truth(market, name, code):
    frame = pd.read_parquet(market / name, filters=[("code", "==", code)])
    frame["date"] = pd.to_datetime(frame["date"])
    inside = frame["date"].between(pd.Timestamp(START), pd.Timestamp(END))
    return frame[inside].sort_values("date").reset_index(drop=True)


@pytest.mark.parametrize("source", [Sina(), Eastmoney(), Tencent()], ids=lambda s: s.name)
@pytest.mark.parametrize("code", ["300308.SZ", "000681.SZ", "601595.SH", "688256.SH"])
def test_raw_bars_are_those_of_the_real_prices(market, source, code):
    bars = source.bars(code, START, END)
    expected = truth(market, "bars.parquet", code)

    assert list(RAW) == list(bars.columns)
    assert list(expected["date"]) == list(bars["date"])
    np.testing.assert_allclose(bars["close"], expected["close"], atol=0.005)
    np.testing.assert_allclose(bars["volume"], expected["volume"], rtol=0.02)


@pytest.mark.parametrize("code", ["300308.SZ", "601595.SH"])
def test_sinas_factor_steps_are_those_of_the_real_prices(market, code):
    expected = truth(market, "bars.parquet", code)
    days = expected["date"].to_numpy().astype("datetime64[D]")

    factor = factors_on(days, Sina().factors(code))[0]

    steps = factor[1:] / factor[:-1]
    known = expected["factor"].to_numpy()
    np.testing.assert_allclose(steps, known[1:] / known[:-1], rtol=1e-3)


@pytest.mark.parametrize(
    ("source", "code"),
    [(CSIndex(), "000300.SH"), (CSIndex(), "H00300.CSI"), (Sina(), "000300.SH"),
     (Eastmoney(), "000300.SH"), (Shenwan(), "801760.SI")],
    ids=lambda x: getattr(x, "name", x),
)  # fmt: skip
def test_index_levels_are_those_of_the_real_prices(market, source, code):
    bars = source.index(code, START, END)
    expected = truth(market, "index.parquet", code)

    np.testing.assert_allclose(bars["close"], expected["close"], atol=0.011)


@pytest.mark.parametrize("source", [Sina(), Eastmoney(), Tencent()], ids=lambda s: s.name)
def test_a_code_nobody_lists_is_a_sentence(source):
    with pytest.raises(SourceError) as caught:
        source.bars("301999.SZ", START, END)

    assert caught.value.kind in ("unknown_code", "empty_reply", "limited")


def test_the_tables_come():
    listed = exchange_lists.listings()
    assert () == listed.failures
    assert 5_000 < len(listed.rows)
    assert 10_000 < len(shenwan_classes.memberships())
    assert any(row["code"] == "300308.SZ" for row in constituents.csi300_members())
    assert Dividends()("300308.SZ")
    assert isinstance(suspensions_on(dt.date(2025, 6, 3)), list)
