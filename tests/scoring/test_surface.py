"""The surface against loops: bought and held name by name, and backtested delay by delay."""

import datetime as dt
import functools
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import thesis
from thesis.errors import PricesError, RulesError
from thesis.market.panel import PricePanel
from thesis.scoring.assess import score_thesis, timing_of
from thesis.scoring.basket import hold_names
from thesis.scoring.needs import needed_codes
from thesis.scoring.score import Case
from thesis.scoring.surface import surface, thesis_surface
from thesis.trading.paper import hold
from thesis.trading.simulation import decide_weights

AS_OF = dt.date(2025, 12, 31)
TOLERANCE = {"rtol": 0, "atol": 1e-12}


@pytest.fixture(autouse=True)
def _no_orders(monkeypatch):
    """The surface is of the paper basket: no test here needs the orders, which take the longest."""

    def refuse(*_):
        raise RulesError("nothing is traded here")

    monkeypatch.setattr("thesis.scoring.assess.trade", refuse)


def held_of(score):
    """The paper basket of a score."""
    case = score.case
    weights = decide_weights(case.thesis, case.strategy, case.panel, timing_of(case))
    return hold_names(case, weights, score.axis, score.basis)


def backtested(name, panel, as_of=AS_OF, basis="total", **options):
    """The score of a backtest, without its orders."""
    strategy = thesis.Strategy(**options)
    return score_thesis(Case(thesis.load(name), strategy, panel.up_to(as_of), basis, as_of))


def surface_of(name, panel, delays=range(21), **options):
    score = backtested(name, panel, **options)
    return thesis_surface(score, held_of(score), delays)


@functools.cache
def read(name, where):
    return thesis.read_prices(str(where), (*needed_codes(thesis.load(name)), "H00300.CSI"))


def without(panel, *gaps):
    """The panel without the bars of some codes between two days, both included."""
    frame = panel.to_frame()
    for code, first, last in gaps:
        inside = (frame["date"] >= pd.Timestamp(first)) & (frame["date"] <= pd.Timestamp(last))
        frame = frame[~((frame["code"] == code) & inside)]
    return PricePanel.from_frame(
        frame, origin="bars with gaps", listings=panel.listings, simulated=panel.simulated
    )


def bought_and_held(entry, marks, weights, level, closes):
    """The definition, a cell at a time."""
    delays, sessions = len(level), len(marks)
    out = np.full((delays, sessions), np.nan)
    for d in range(delays):
        for t in range(d, sessions):
            total = 0.0
            for i, weight in enumerate(weights):
                buys = [s for s in range(d, len(entry)) if not math.isnan(entry[s, i])]
                if not buys or t < buys[0]:
                    continue  # in cash
                seen = [s for s in range(buys[0], t + 1) if not math.isnan(marks[s, i])]
                mark = marks[seen[-1], i] if seen else math.nan
                total += weight * (mark / entry[buys[0], i] - 1)
            seen = [s for s in range(d, t + 1) if not math.isnan(closes[s])]
            ended = all(math.isnan(close) for close in closes[t:])
            close = closes[seen[-1]] if seen and not ended else math.nan
            out[d, t] = total - (close / level[d] - 1)
    return out


@st.composite
def worlds(draw):
    """Prices with gaps of every kind: suspended, not yet listed, gone, opens without closes."""
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    sessions, names = draw(st.integers(1, 14)), draw(st.integers(1, 4))
    delays = draw(st.integers(1, sessions))
    rows = draw(st.integers(delays, sessions))
    close = 10.0 ** draw(st.integers(-3, 3)) * np.exp(
        0.1 * random.standard_normal((sessions, names)).cumsum(axis=0)
    )
    entry = close * np.exp(0.05 * random.standard_normal((sessions, names)))
    share = draw(st.sampled_from([0.0, 0.2, 0.6]))
    silent = random.random((sessions, names)) < share
    close[silent] = entry[silent] = np.nan
    if draw(st.booleans()):
        entry[random.random((sessions, names)) < 0.2] = np.nan
        close[random.random((sessions, names)) < 0.2] = np.nan
    level = 4000 * np.exp(0.05 * random.standard_normal(sessions).cumsum())
    closes = level * 1.01
    closes[random.random(sessions) < share / 2] = np.nan
    level[random.random(sessions) < share / 4] = np.nan
    weights = random.dirichlet(np.ones(names))
    if draw(st.booleans()):
        weights[0] = 0.0
        weights /= weights.sum() or 1.0
    return entry[:rows], close, weights, level[:delays], closes


@settings(max_examples=150, deadline=None)
@given(worlds())
def test_a_cell_is_what_buying_and_holding_gives(world):
    np.testing.assert_allclose(surface(*world), bought_and_held(*world), **TOLERANCE)


@settings(max_examples=100, deadline=None)
@given(worlds())
def test_a_row_is_the_paper_basket_entered_that_day(world):
    entry, marks, weights, level, _ = world
    marks = np.where(np.isnan(np.vstack([entry, marks[len(entry) :]])), np.nan, marks)
    padded = np.full(marks.shape, np.nan)
    padded[: len(entry)] = np.where(np.isnan(marks[: len(entry)]), np.nan, entry)
    found = surface(padded, marks, weights, np.ones(len(level)), np.ones(len(marks)))
    for delay, row in enumerate(found):
        path = hold(padded[delay:], marks[delay:], weights).path
        np.testing.assert_allclose(row[delay:], path, **TOLERANCE)
        assert np.isnan(row[:delay]).all()


@settings(max_examples=60, deadline=None)
@given(worlds(), st.integers(-6, 6), st.integers(-6, 6))
def test_scaling_prices_or_levels_changes_nothing(world, power, other):
    entry, marks, weights, level, closes = world
    scale = np.where(np.arange(len(weights)) == 0, 10.0**power, 1.0)
    scaled = surface(
        entry * scale, marks * scale, weights, level * 10.0**other, closes * 10.0**other
    )
    np.testing.assert_allclose(scaled, surface(*world), **TOLERANCE)


def test_a_close_from_before_the_purchase_does_not_leak():
    nan = math.nan
    marks = np.array([[10.0], [nan], [nan], [30.0]])
    entry = np.array([[10.0], [nan], [20.0], [30.0]])
    level = np.ones(4)
    found = surface(entry, marks, np.ones(1), level, level)
    # Bought at 20 in the third session, which has no close: not known, and not 10 / 20 - 1.
    np.testing.assert_array_equal([nan, 0.0, nan, 0.5], found[1])


def test_a_name_waits_in_cash_beyond_the_last_entry_asked_for():
    nan = math.nan
    entry = np.array([[nan], [nan], [10.0], [11.0]])
    marks = np.array([[nan], [nan], [10.0], [20.0]])
    found = surface(entry, marks, np.ones(1), np.ones(1), np.ones(4))
    # A product of matrices is off by an ulp or not, as the processor has it.
    np.testing.assert_allclose([[0.0, 0.0, 0.0, 1.0]], found, rtol=0, atol=1e-15)


GAPS = (
    ("300364.SZ", "2024-10-10", "2024-10-22"),  # suspended over some of the entries
    ("300182.SZ", "2024-11-01", "2024-12-02"),  # beyond the last of them, from one of them on
    ("601595.SH", "2024-10-14", "2025-07-31"),  # stale: not a bar from the first entry on
)


@pytest.mark.parametrize(
    ("name", "gaps", "options", "delays"),
    [
        ("media_ai", (), {}, range(21)),
        ("media_ai", GAPS[:2], {}, (0, 1, 5, 6, 7, 13, 14, 20)),
        ("media_ai", GAPS, {}, (0, 3, 20)),
        ("media_ai", GAPS[:2], {"entry": "close", "weights": "segment"}, (0, 1, 5, 6, 7, 14)),
        ("media_ai", GAPS[:2], {"entry": "vwap", "basis": "price"}, (0, 6, 7, 18)),
        ("media_ai", (("000300.SH", "2024-10-16", "2024-10-16"),), {}, (0, 1, 2, 3, 4)),
        ("media_ai", (("H00300.CSI", "2024-10-16", "2024-10-17"),), {}, (0, 1, 2, 3, 4, 5)),
        ("media_ai", (), {"as_of": dt.date(2024, 12, 2)}, (0, 12)),
        ("switch", (("688702.SH", "2024-10-14", "2025-05-01"),), {"weights": "float_cap"}, (0, 9)),
    ],
)
@pytest.mark.parametrize("where", ["sample", "market"])
def test_every_delay_is_a_backtest_of_it(request, where, name, gaps, options, delays):
    if where == "market":
        where = request.getfixturevalue("market")
        delays = delays[::7] if len(delays) > 10 else delays[:2]
    panel = without(read(name, where), *gaps) if gaps else read(name, where)
    found = surface_of(name, panel, **options)
    compared = 0
    for delay in delays:
        try:
            own = backtested(name, panel, delay=delay, **options)
        except PricesError:  # no level of the index to enter at
            assert np.isnan(found.excess[delay]).all()
            continue
        np.testing.assert_allclose(
            found.excess[delay, delay:], own.paper.excess[: len(found.sessions)], **TOLERANCE
        )
        assert own.when.entry == found.by_delay[delay].entry
        for key, reading in own.paper.readings.items():
            value = found.by_delay[delay].excess[key]
            if reading is None:
                assert value is None
            else:
                assert value == pytest.approx(reading.excess, rel=0, abs=1e-12)
                compared += 1
        headline = own.paper.headline
        assert (headline.rating if headline else None) == found.by_delay[delay].rating
    assert compared or "as_of" in options or len(gaps) == 3


def test_in_some_of_those_backtests_names_enter_late():
    panel = without(read("media_ai", "sample"), *GAPS[:2])
    late = {
        delay: {
            name.code: name.entry_session
            for name in backtested("media_ai", panel, delay=delay).names
            if name.status == "entered_late"
        }
        for delay in (0, 6, 7, 14)
    }
    first, second = dt.date(2024, 10, 23), dt.date(2024, 12, 3)
    assert first == late[0]["300364.SZ"] == late[6]["300364.SZ"]
    assert not {"300364.SZ", "300182.SZ"} & set(late[7])
    assert second == late[14]["300182.SZ"]


def test_ratings_and_shares_are_counted_cell_by_cell():
    panel = read("media_ai", "sample")
    found = surface_of("media_ai", panel)
    scale = thesis.load("media_ai").scale
    ids = [band.id for band in scale.bands]
    score = backtested("media_ai", panel)
    first, last = score.when.windows["3m"], score.when.windows["6m"]
    inside = (found.sessions >= np.datetime64(first)) & (found.sessions <= np.datetime64(last))
    for cells, columns in ((found.window, inside), (found.whole, inside | True)):
        values = [x for x in found.excess[:, columns].ravel().tolist() if not math.isnan(x)]
        earned = [scale.earned(value) for value in values]
        assert len(values) == cells.count
        assert {i: earned.count(i) / len(earned) for i in ids} == cells.shares
        assert (min(values), max(values)) == (cells.lowest, cells.highest)
        assert np.median(values) == cells.middle
    for (row, column), number in np.ndenumerate(found.ratings):
        value = found.excess[row, column]
        assert number == (-1 if math.isnan(value) else ids.index(scale.earned(value)))
    ratings = [each.rating for each in found.by_delay]
    other = [d for d, rating in enumerate(ratings) if rating != ratings[0]]
    assert (other[0] if other else None) == found.changes_at


def test_a_strategy_that_waits_has_the_same_surface_and_changes_after_its_own_delay():
    panel = read("media_ai", "sample")
    plain, waits = surface_of("media_ai", panel), surface_of("media_ai", panel, delay=4)
    np.testing.assert_array_equal(plain.excess, waits.excess)
    ratings = [each.rating for each in plain.by_delay]
    later = [d for d in range(5, 21) if ratings[d] != ratings[4]]
    assert (later[0] if later else None) == waits.changes_at


def test_on_real_prices_media_is_overweight_from_the_sixth_delay_and_buy_again_from_the_eighth(
    market,
):
    panel = read("media_ai", market)
    ratings = ["buy"] * 6 + ["overweight"] * 2 + ["buy"] * 2 + ["overweight"] * 11
    for own, changes in ((0, 6), (6, 8), (8, 10), (10, None)):
        found = surface_of("media_ai", panel, delay=own)
        assert ratings == [each.rating for each in found.by_delay]
        assert changes == found.changes_at


def test_entries_before_the_names_have_prices_are_unknown_as_a_backtest_refuses_them():
    panel = read("media_ai", "sample")
    codes = thesis.load("media_ai").codes
    late = without(panel, *((code, "2020-01-01", "2024-10-15") for code in codes))
    with pytest.raises(PricesError, match="start on 2024-10-16, after the entry"):
        backtested("media_ai", late, delay=1)
    own = backtested("media_ai", late, delay=2)
    found = thesis_surface(own, held_of(own))
    assert np.isnan(found.excess[:2]).all()
    np.testing.assert_allclose(found.excess[2, 2:], own.paper.excess, **TOLERANCE)


def test_only_the_delays_asked_for_that_can_be_known_are_there():
    panel = read("media_ai", "sample")
    whole = surface_of("media_ai", panel)
    some = surface_of("media_ai", panel, delays=(7, 0))
    assert (0, 7) == some.delays
    np.testing.assert_array_equal(whole.excess[[0, 7]], some.excess)
    early = surface_of("media_ai", panel, as_of=dt.date(2024, 10, 18))
    assert (0, 1, 2, 3, 4) == early.delays
    assert (0, None, None) == (early.window.count, early.window.middle, early.changes_at)
    assert 15 == early.whole.count


def test_where_nothing_is_held_there_is_no_surface():
    computer = backtested("computer", read("computer", "sample"))
    held = held_of(backtested("media_ai", read("media_ai", "sample")))
    assert thesis_surface(computer, held) is None
    codes = ("300133.SZ", "300364.SZ", "300182.SZ")
    panel = read("media_ai", "sample")
    panel = panel.select(set(panel.codes) - set(codes))
    assert surface_of("media_ai", panel) is None


def test_two_cells_of_the_real_surface_by_hand(market):
    """Media, entered on the seventh session after publication, straight from the raw files."""
    found = surface_of("media_ai", read("media_ai", market))
    codes = list(thesis.load("media_ai").codes)
    bars = pd.read_parquet(market / "bars.parquet", filters=[("code", "in", codes)])
    index = pd.read_parquet(market / "index.parquet")
    bars["date"], index["date"] = pd.to_datetime(bars["date"]), pd.to_datetime(index["date"])
    day, before, end = map(pd.Timestamp, ("2024-10-22", "2024-10-21", "2025-02-13"))
    total = 0.0
    for code in codes:
        own = bars[bars["code"] == code].set_index("date")
        paid = own.loc[day, "open"] * own.loc[day, "factor"]
        total += own.loc[end, "close"] * own.loc[end, "factor"] / paid / len(codes)
    price, reinvested = (
        index[index["code"] == c].set_index("date") for c in ("000300.SH", "H00300.CSI")
    )
    start = reinvested.loc[before, "close"] * price.loc[day, "open"] / price.loc[before, "close"]
    excess = total - reinvested.loc[end, "close"] / start
    assert found.by_delay[6].excess["4m"] == pytest.approx(excess, rel=0, abs=1e-12)
    assert (6, "overweight") == (found.changes_at, found.by_delay[6].rating)
