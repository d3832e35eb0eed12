"""Risk against statsmodels, plain loops, and the raw files of real prices."""

import datetime as dt
import functools
import math

import exchange_calendars
import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from hypothesis import given, settings
from hypothesis import strategies as st

import thesis
from thesis.market.panel import PricePanel
from thesis.scoring.assess import score_thesis, timing_of
from thesis.scoring.basket import hold_names
from thesis.scoring.needs import needed_codes
from thesis.scoring.reading import Horizon
from thesis.scoring.risk import SMALL_CAPS, measure, risk
from thesis.scoring.score import Case
from thesis.trading.simulation import decide_weights

AS_OF = dt.date(2025, 12, 31)


@functools.cache
def read(name, where):
    return thesis.read_prices(
        str(where), (*needed_codes(thesis.load(name)), "H00300.CSI", SMALL_CAPS)
    )


def risk_of(name, panel, as_of=AS_OF, basis="total", equal_weight=None, **options):
    """A score and its risk."""
    strategy = thesis.Strategy(**options)
    case = Case(thesis.load(name), strategy, panel.up_to(as_of), basis, as_of)
    score = score_thesis(case)
    weights = decide_weights(case.thesis, strategy, case.panel, timing_of(case))
    held = hold_names(case, weights, score.axis, score.basis)
    return score, risk(score, held, Horizon.on(score.axis, score.when.windows), equal_weight)


def daily(path):
    returns, before = [], 1.0
    for value in path:
        returns.append((1 + value) / before - 1)
        before = 1 + value
    return returns


def worst_fall(path, against):
    """Every pair of sessions, the entry among them."""
    ratio = [1.0, *((1 + p) / (1 + b) for p, b in zip(path, against, strict=True))]
    return min(
        (ratio[late] / ratio[early] - 1, late)
        for early in range(len(ratio))
        for late in range(early, len(ratio))
    )


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.integers(3, 60))
def test_measures_are_those_of_statsmodels_and_of_loops(seed, length):
    random = np.random.default_rng(seed)
    market = 0.01 * random.standard_t(5, length)
    basket = 1.5 * market + 0.02 * random.standard_t(5, length)
    path, against = np.cumprod(1 + basket) - 1, np.cumprod(1 + market) - 1
    axis = exchange_calendars.get_calendar("XSHG").sessions_in_range("2024-10-14", "2025-04-11")
    axis = axis.to_numpy().astype("datetime64[D]")[:length]
    found = measure(path, against, axis)

    line = sm.OLS(basket, sm.add_constant(market)).fit()
    assert found.beta == pytest.approx(line.params[1], rel=1e-9)
    active = [b - m for b, m in zip(daily(path), daily(against), strict=True)]
    mean = math.fsum(active) / length
    deviation = math.sqrt(math.fsum((x - mean) ** 2 for x in active) / (length - 1))
    assert found.tracking_error == pytest.approx(deviation * math.sqrt(found.a_year), rel=1e-9)
    ratio = mean * found.a_year / (deviation * math.sqrt(found.a_year))
    assert found.information_ratio == pytest.approx(ratio, rel=1e-9)
    size, at = worst_fall(path.tolist(), against.tolist())
    assert found.drawdown.size == pytest.approx(size, rel=1e-9, abs=1e-15)
    if size < -1e-12:
        assert axis[at - 1] == np.datetime64(found.drawdown.trough)


def test_a_year_is_the_calendar_year_of_the_windows_end():
    calendar = exchange_calendars.get_calendar("XSHG")
    for end in ("2025-04-11", "2024-02-29", "2021-12-31"):
        day = pd.Timestamp(end)
        first, last = pd.Timestamp(day.year, 1, 1), pd.Timestamp(day.year, 12, 31)
        expected = len(calendar.sessions_in_range(first, last))
        still = np.zeros(1)
        assert expected == measure(still, still, np.array([end], dtype="datetime64[D]")).a_year
        assert 242 <= expected <= 244


def test_what_cannot_be_measured_is_none():
    axis = np.array(["2024-10-14", "2024-10-15", "2024-10-16"], dtype="datetime64[D]")
    path, still = np.array([0.1, 0.2, 0.15]), np.zeros(3)
    assert measure(path, still, axis).beta is None
    assert measure(path[:1], path[:1], axis[:1]).tracking_error is None
    same = measure(path, path, axis)
    assert (0.0, None) == (same.tracking_error, same.information_ratio)
    assert same.beta == pytest.approx(1.0)
    assert (0.0, None, None) == (same.drawdown.size, same.drawdown.peak, same.drawdown.trough)


def test_a_basket_that_only_falls_peaks_at_its_entry_price():
    axis = np.array(["2024-10-14", "2024-10-15"], dtype="datetime64[D]")
    found = measure(np.array([-0.1, -0.2]), np.zeros(2), axis).drawdown
    assert found.size == pytest.approx(-0.2)
    assert (None, dt.date(2024, 10, 15)) == (found.peak, found.trough)


def test_risk_of_a_score_runs_from_the_entry_to_the_last_window():
    panel = read("media_ai", "sample")
    score, found = risk_of("media_ai", panel)
    end = int(np.searchsorted(score.axis, np.datetime64(score.when.end)))
    assert found.measures == measure(
        score.paper.path[: end + 1], score.paper.against[: end + 1], score.axis[: end + 1]
    )
    assert end + 1 == found.measures.sessions
    assert "prices of the whole market" in found.equal_weight.reason


def test_the_equal_weight_market_is_read_as_any_benchmark():
    panel = read("media_ai", "sample")
    plain, _ = risk_of("media_ai", panel)
    market = np.linspace(0, 0.3, len(plain.axis))
    score, found = risk_of("media_ai", panel, equal_weight=market)
    row = score.axis.tolist().index(score.when.windows["4m"])
    reading = found.equal_weight.readings["4m"]
    assert reading.excess == pytest.approx(score.paper.path[row] - market[row], abs=1e-15)


def test_before_the_windows_end_nothing_is_measured():
    panel = read("media_ai", "sample")
    _, found = risk_of("media_ai", panel, as_of=dt.date(2025, 2, 20))
    assert found.measures is None
    assert "the window ends on 2025-04-11" in found.reason


def test_names_without_prices_leave_no_risk_to_measure():
    panel = read("media_ai", "sample")
    lost = panel.select(set(panel.codes) - {"300133.SZ", "300364.SZ"})
    _, found = risk_of("media_ai", lost)
    assert found.measures is None
    assert "has no prices" in found.reason


def test_a_sector_call_has_no_risk_block():
    panel = read("computer", "sample")
    case = Case(thesis.load("computer"), thesis.Strategy(), panel.up_to(AS_OF), "total", AS_OF)
    score = score_thesis(case)
    own, _ = risk_of("media_ai", read("media_ai", "sample"))
    weights = decide_weights(own.case.thesis, own.case.strategy, own.case.panel, own.when)
    held = hold_names(own.case, weights, own.axis, own.basis)
    assert risk(score, held, Horizon.on(score.axis, score.when.windows)) is None


@pytest.mark.parametrize("basis", ["total", "price"])
def test_small_caps_are_set_against_the_basket_without_dividends(market, basis):
    panel = read("operators", market)
    _, found = risk_of("operators", panel, basis=basis)
    price, _ = risk_of("operators", panel, basis="price")
    index = pd.read_parquet(market / "index.parquet")
    index = index[index["code"] == SMALL_CAPS]
    index = index.set_index(pd.to_datetime(index["date"]).dt.date)
    start = index.loc[price.when.entry, "open"]
    for month, end in price.when.windows.items():
        reading = found.small_caps.readings[month]
        own = price.paper.readings[month].ret
        assert reading.ret == pytest.approx(own, rel=0, abs=1e-12)
        level = index.loc[end, "close"] / start - 1
        assert reading.excess == pytest.approx(own - level, rel=0, abs=1e-12)
    # The operators paid dividends in these months: with them the basket returned more.
    total, _ = risk_of("operators", panel)
    assert total.paper.readings["6m"].ret > price.paper.readings["6m"].ret


def test_small_caps_say_why_they_are_missing(market):
    panel = read("media_ai", market)
    _, found = risk_of("media_ai", panel.select(set(panel.codes) - {SMALL_CAPS}))
    assert found.small_caps.readings is None
    assert f"no levels of {SMALL_CAPS}" in found.small_caps.reason
    frame = panel.to_frame()
    frame.loc[frame["code"] == "300133.SZ", "share_factor"] = None
    bare = PricePanel.from_frame(frame, origin="bars", listings=panel.listings)
    _, found = risk_of("media_ai", bare)
    assert found.small_caps.readings is None
    assert "300133.SZ in bars has no share_factor" in found.small_caps.reason
    late = panel.to_frame()  # the index starts after the entry
    late = late[(late["code"] != SMALL_CAPS) | (late["date"] > pd.Timestamp("2024-11-01"))]
    _, found = risk_of("media_ai", PricePanel.from_frame(late, origin="bars"))
    assert "after the entry session 2024-10-14" in found.small_caps.reason


def test_risk_of_media_on_real_prices_from_the_raw_files(market):
    """Beta and drawdown straight from the files: no code of the package but the list of names."""
    _, found = risk_of("media_ai", read("media_ai", market))
    codes = list(thesis.load("media_ai").codes)
    bars = pd.read_parquet(market / "bars.parquet", filters=[("code", "in", codes)])
    index = pd.read_parquet(market / "index.parquet")
    bars["date"], index["date"] = pd.to_datetime(bars["date"]), pd.to_datetime(index["date"])
    entry, end = pd.Timestamp("2024-10-14"), pd.Timestamp("2025-04-11")
    bars["adjusted"] = bars["close"] * bars["factor"]
    bars["paid"] = bars["open"] * bars["factor"]
    close = bars.pivot_table(index="date", columns="code", values="adjusted")
    paid = bars.pivot_table(index="date", columns="code", values="paid").loc[entry]
    worth = (close / paid).mean(axis=1).loc[entry:end]
    own = {c: index[index["code"] == c].set_index("date") for c in ("000300.SH", "H00300.CSI")}
    before = pd.Timestamp("2024-10-11")
    start = own["H00300.CSI"].loc[before, "close"] * (
        own["000300.SH"].loc[entry, "open"] / own["000300.SH"].loc[before, "close"]
    )
    level = (own["H00300.CSI"]["close"] / start).loc[entry:end]
    basket = np.diff(np.concatenate([[1.0], worth])) / np.concatenate([[1.0], worth[:-1]])
    market_moves = np.diff(np.concatenate([[1.0], level])) / np.concatenate([[1.0], level[:-1]])
    line = sm.OLS(basket, sm.add_constant(market_moves)).fit()
    assert found.measures.beta == pytest.approx(line.params[1], rel=1e-9)
    assert found.measures.sessions == len(worth) == 122
    size, at = worst_fall((worth - 1).tolist(), (level - 1).tolist())
    assert found.measures.drawdown.size == pytest.approx(size, rel=1e-9)
    assert worth.index[at - 1].date() == found.measures.drawdown.trough
