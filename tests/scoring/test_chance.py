"""The no-drift world against closed forms, plain loops, simulated truths and real prices."""

import datetime as dt
import math
import tracemalloc
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import thesis
from thesis.market.calendar import sessions
from thesis.market.panel import PricePanel
from thesis.research.rating import shipped_scales
from thesis.research.thesis import Thesis
from thesis.scoring.basket import hold_names
from thesis.scoring.bootstrap import block_length, expected_levels, stationary_rows
from thesis.scoring.chance import chance
from thesis.scoring.no_drift import daily_returns, no_drift_excess, normal_shares
from thesis.scoring.rating_counts import band_shares
from thesis.scoring.reading import Horizon
from thesis.trading.simulation import decide_weights

SCALE = shipped_scales()["sinolink_industry"]
#: Rows of the four window ends of 2024-10-13.
HALF_YEAR = Horizon({"3m": 64, "4m": 80, "5m": 100, "6m": 121})
READINGS = ["3m", "4m", "5m", "6m", "mean"]


def rng(seed=1):
    return np.random.default_rng(seed)


def drawn(returns, weights, *, draws=10_000, block=3.0, horizon=HALF_YEAR, seed=1, price="open"):
    """All chunks together, by reading."""
    weights = np.asarray(weights, dtype=float)
    chunks = list(no_drift_excess(returns, weights, horizon, draws, block, rng(seed), price))
    return {key: np.concatenate([chunk[key] for chunk in chunks]) for key in chunks[0]}


def correlated(n, names, seed=2, rho=0.0, daily=0.02):
    """Returns of names and a benchmark that share a factor, with drift and autocorrelation."""
    shocks = rng(seed).standard_normal((n, names + 1))
    for k in range(1, n):
        shocks[k] += rho * shocks[k - 1]
    return daily * (0.5 * shocks + 0.5 * shocks[:, -1:]) + 0.004


# statistics of the scale with zero skill, TE * sqrt(d / 252), Normal: computed apart from us.
@pytest.mark.parametrize(
    ("te", "days", "expected"),
    [
        (0.20, 63, (0.067, 0.242, 0.383, 0.309)),
        (0.20, 126, (0.144, 0.217, 0.276, 0.362)),
        (0.25, 63, (0.115, 0.230, 0.311, 0.345)),
        (0.25, 126, (0.198, 0.191, 0.223, 0.389)),
        (0.30, 126, (0.240, 0.167, 0.186, 0.407)),
        (0.40, 126, (0.298, 0.132, 0.140, 0.430)),
    ],
)
def test_table_of_ratings_without_skill(te, days, expected):
    shares = normal_shares(te * math.sqrt(days / 252), SCALE)

    assert pytest.approx(expected, abs=6e-4) == shares
    assert pytest.approx(1.0, abs=1e-15) == shares.sum()


def test_without_any_spread_the_rating_is_that_of_zero():
    assert [0, 0, 1, 0] == normal_shares(0.0, SCALE).tolist()


@pytest.mark.parametrize("price", ["open", "vwap", "close"])
def test_draws_are_those_of_a_plain_loop(price):
    returns, weights, block = correlated(40, 3), [0.5, 0.3, 0.2], 4.0
    horizon = Horizon({"3m": 2, "4m": 4, "5m": 5})
    got = drawn(returns, weights, draws=50, block=block, horizon=horizon, price=price)

    demeaned = returns - returns.mean(axis=0)
    centre = expected_levels(1 + demeaned, 6, block)
    rows = stationary_rows(40, 6, 50, block, rng())
    for draw in range(50):
        # Bought at a close, the session of the entry earns nothing.
        path = [0.0] if price == "close" else []
        levels = [1.0] * 4
        for day in range(6 - len(path)):
            levels = [x * (1 + demeaned[rows[draw, day], k]) for k, x in enumerate(levels)]
            fair = [x / centre[day, k] for k, x in enumerate(levels)]
            path.append(sum(w * x for w, x in zip(weights, fair, strict=False)) - fair[-1])
        expected = {"3m": path[2], "4m": path[4], "5m": path[5], "mean": np.mean(path[2:6])}
        for key, value in expected.items():
            assert pytest.approx(value, abs=1e-13) == got[key][draw], key


@pytest.mark.parametrize("rho", [0.0, 0.5])
def test_the_world_is_centred_though_days_follow_each_other(rho):
    returns, block, weights = correlated(250, 3, rho=rho), 8.0, [0.5, 0.3, 0.2]
    got = drawn(returns, weights, draws=40_000, block=block)

    for key in READINGS:
        assert abs(got[key].mean()) < 4 * got[key].std() / 200, key
    if rho:
        # Without the division by the expected level, blocks alone would move the mean.
        moved = expected_levels(1 + returns - returns.mean(axis=0), 122, block)[-1]
        assert abs(moved @ [*weights, -1.0]) > 8 * got["6m"].std() / 200
        assert (moved > 1.005).all()


def test_drift_before_publication_plays_no_part():
    returns = correlated(200, 2)
    risen = returns + np.array([0.01, -0.003, 0.002])

    got, other = drawn(returns, [0.4, 0.6], draws=300), drawn(risen, [0.4, 0.6], draws=300)
    for key in READINGS:
        assert pytest.approx(got[key], abs=1e-12) == other[key]


def test_what_moves_with_the_benchmark_stays_with_it():
    market = correlated(200, 0)
    twin = drawn(np.hstack([market, market]), [1.0], draws=300)
    apart = drawn(np.hstack([rng(5).permutation(market), market]), [1.0], draws=300)

    assert max(np.abs(twin[key]).max() for key in READINGS) < 1e-13
    assert apart["6m"].std() > 0.1


def test_small_independent_moves_are_near_normal():
    daily = 0.005
    returns = np.column_stack([rng(3).standard_normal(4_000) * daily, np.zeros(4_000)])
    returns[:, 0] -= returns[:, 0].mean()
    got = drawn(returns, [1.0], block=1.0, draws=20_000)

    for key, row in HALF_YEAR.rows.items():
        sd = returns[:, 0].std() * math.sqrt(row + 1)
        assert pytest.approx(sd, rel=0.03) == got[key].std()
        assert pytest.approx(normal_shares(sd, SCALE), abs=0.02) == band_shares(got[key], SCALE)


def test_bought_at_a_close_a_half_year_is_a_session_of_returns_shorter():
    daily = 0.005
    returns = np.column_stack([rng(3).standard_normal(4_000) * daily, np.zeros(4_000)])
    on_days = Horizon({"3m": 0, "4m": 1, "5m": 2, "6m": 121})
    opened, closed = (
        drawn(returns, [1.0], block=1.0, draws=4_000, horizon=on_days, price=price)
        for price in ("open", "close")
    )

    assert not closed["3m"].any()
    assert pytest.approx(daily, rel=0.05) == opened["3m"].std() == closed["4m"].std()
    assert (opened["4m"] == closed["5m"]).all()
    assert (closed["mean"] != opened["mean"]).all()


def test_readings_without_a_session_are_left_out():
    returns = correlated(200, 1)
    cut = Horizon({"3m": 64, "4m": 80, "5m": None, "6m": None})

    assert ["3m", "4m"] == list(drawn(returns, [1.0], draws=10, horizon=cut))
    assert [] == list(no_drift_excess(returns, np.ones(1), Horizon({"6m": None}), 9, 3.0, rng()))


def test_memory_grows_neither_with_draws_nor_with_names():
    returns = correlated(250, 100)

    def peak(draws):
        tracemalloc.start()
        for _ in no_drift_excess(returns, np.full(100, 0.01), HALF_YEAR, draws, 3.0, rng()):
            pass
        try:
            return tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    once = peak(10_000)
    assert once < 50e6
    assert peak(30_000) < once * 1.1


# Wired to a score, on a small market of our own.

DAYS = sessions()[(sessions() >= np.datetime64("2023-06-01"))]
DAYS = DAYS[DAYS <= np.datetime64("2025-06-30")]
START = int(np.searchsorted(DAYS, np.datetime64("2024-10-14")))


def bars(code, closes, days):
    prices = dict.fromkeys(("open", "high", "low", "close"), closes)
    return pd.DataFrame(
        {"code": code, "date": days.astype("M8[s]"), **prices, "volume": 1000.0,
         "amount": np.asarray(closes) * 1000.0, "factor": 1.0}
    )  # fmt: skip


def small_market(first_rows, silent=()):
    """Random walks; each name's bars begin on its row, and `silent` ones miss some sessions."""
    frames = []
    codes = [f"60000{k}.SH" for k in range(1, len(first_rows) + 1)]
    for k, code in enumerate([*codes, "000300.SH", "H00300.CSI"]):
        walk = 10 * np.cumprod(1 + 0.02 * rng(k).standard_normal(len(DAYS)))
        keep = np.ones(len(DAYS), dtype=bool)
        if k < len(first_rows):
            keep[: first_rows[k]] = False
            keep[list(silent) if k == 0 else []] = False
        frames.append(bars(code, walk[keep], DAYS[keep]))
    return PricePanel.from_frame(pd.concat(frames)), codes


def scored(panel, codes, **how):
    thesis_ = Thesis.model_validate(
        {
            "id": "small",
            "title": "Small market",
            "source": {"publisher": "Broker", "published": dt.date(2024, 10, 13)},
            "claim": {"rating": "buy", "scale": "sinolink_industry"},
            "segment": [{"id": "all", "pick": [{"code": c, "basis": "named"} for c in codes]}],
        }
    )
    score = thesis.backtest(thesis_, panel, as_of=dt.date(2025, 6, 30), **how).score
    return parts(score)


def parts(score):
    case = score.case
    weights = decide_weights(case.thesis, case.strategy, case.panel, score.when)
    held = hold_names(case, weights, score.axis, score.basis)
    return score, held, Horizon.on(score.axis, score.when.windows)


def test_a_suspension_is_flat_and_its_return_stands_on_the_session_it_ended():
    panel, codes = small_market([0], silent=[5, 6, 7])
    close = panel.field("close", codes[0])
    returns, fresh = daily_returns(panel, [codes[0], "000300.SH"], "factor", DAYS[3:12])

    assert [0.0, 0.0, 0.0] == returns[2:5, 0].tolist()
    assert pytest.approx(close[8] / close[4] - 1, abs=1e-15) == returns[5, 0]
    assert [True, True, False, False, False, True] == fresh[:6, 0].tolist()
    assert fresh[:, 1].all()


def test_returns_begin_with_a_names_second_bar():
    panel, codes = small_market([4, 0])
    returns, fresh = daily_returns(panel, [*codes, "000300.SH"], "factor", DAYS[:8])

    assert [True] * 5 + [False] * 3 == np.isnan(returns[:, 0]).tolist()
    assert [True] + [False] * 7 == np.isnan(returns[:, 1]).tolist()
    assert [False] * 5 + [True] * 3 == fresh[:, 0].tolist()


def test_a_newer_name_shortens_the_window_and_a_new_one_leaves_the_basket():
    # Both windows: the calm one ends 13 sessions before the other, on 2024-09-23.
    panel, codes = small_market([0, START - 150, 0, 0, 0, START - 100])
    result = chance(*scored(panel, codes), 500, 1)

    calm, late = result.paper
    assert ("before_break", "before_publication") == (calm.window, late.window)
    assert (calm.last, late.last) == (dt.date(2024, 9, 23), dt.date(2024, 10, 11))
    gap = int(((DAYS > np.datetime64("2024-09-23")) & (DAYS <= np.datetime64("2024-10-11"))).sum())
    assert (149 - gap, 149) == (calm.sessions, late.sessions)
    assert (codes[5],) == calm.left_out == late.left_out
    assert pytest.approx(1 / 6) == late.lost_weight
    assert late.first == DAYS[START - 149].astype(dt.date)
    assert () == result.sector

    # A basket of the names kept alone is the same world.
    alone = chance(*scored(panel, codes[:5]), 500, 1)
    assert pytest.approx(late.tracking_error, rel=1e-12) == alone.paper[1].tracking_error
    assert late.readings == pytest.approx(alone.paper[1].readings)


@pytest.mark.parametrize(("price", "earns"), [("open", True), ("vwap", True), ("close", False)])
def test_the_price_paid_decides_whether_the_entry_session_counts(price, earns):
    panel, codes = small_market([0, 0])
    score, held, _ = scored(panel, codes, entry=price)
    at_once = Horizon({"3m": 0, "6m": 121})

    for world in chance(score, held, at_once, 300, 1).paper:
        assert (world.readings["3m"].sd > 0) == earns
        assert world.readings["6m"].sd > 0.1


def test_over_a_fifth_of_the_weight_left_out_gives_no_world_but_a_reason():
    panel, codes = small_market([0, 0, START - 100])
    late = chance(*scored(panel, codes), 100, 1).paper[1]

    assert late.readings is None
    assert (codes[2],) == late.left_out
    assert "33% of the weight (600003.SH) has under 120 sessions of returns" in late.reason


def test_too_short_a_history_gives_a_reason():
    panel, codes = small_market([0])
    short = panel.since(DAYS[START - 110].astype(dt.date))
    worlds = chance(*scored(short, codes), 100, 1).paper

    assert all(world.readings is None and world.reason for world in worlds)


def test_nothing_after_publication_is_looked_at_and_the_seed_decides_the_rest():
    panel, codes = small_market([0, 0])
    score, held, horizon = scored(panel, codes)
    result = chance(score, held, horizon, 400, 7)
    blind = replace(score, case=replace(score.case, panel=panel.up_to(dt.date(2024, 10, 11))))

    assert result == chance(score, held, horizon, 400, 7)
    assert result == chance(blind, held, horizon, 400, 7)
    assert result.paper != chance(score, held, horizon, 400, 8).paper


@pytest.fixture(scope="module")
def media(market):
    called = thesis.load("media_ai")
    codes = [*called.codes, called.claim.sector_index, "000300.SH", "H00300.CSI"]
    return parts(thesis.backtest(called, thesis.read_prices(market, codes)).score)


def test_real_tracking_errors_are_those_of_the_bars(media, market):
    score, held, horizon = media
    result = chance(score, held, horizon, 2_000, 1)
    stocks = pd.read_parquet(market / "bars.parquet").assign(day=lambda x: pd.to_datetime(x.date))
    stocks["adjusted"] = stocks["close"] * stocks["factor"]
    index = pd.read_parquet(market / "index.parquet").assign(day=lambda x: pd.to_datetime(x.date))
    levels = index.pivot_table(index="day", columns="code", values="close")
    names = stocks.pivot_table(index="day", columns="code", values="adjusted")
    names = names[list(held.simulation.codes)].ffill().pct_change()

    # 250 sessions each; 242 sessions in 2024.
    for world, last in zip(result.paper, ("2024-09-23", "2024-10-11"), strict=True):
        excess = names.mean(axis=1) - levels["H00300.CSI"].pct_change()
        expected = excess[excess.index <= last].tail(250).std() * math.sqrt(242)
        assert pytest.approx(expected, rel=1e-9) == world.tracking_error
        assert (250, dt.date.fromisoformat(last)) == (world.sessions, world.last)
    sector = (levels["801760.SI"].pct_change() - levels["000300.SH"].pct_change()).dropna()
    expected = sector[sector.index <= "2024-10-11"].tail(250).std() * math.sqrt(242)
    # The sector index lacks one session of the window before the break, none of the later one.
    assert pytest.approx(expected, rel=1e-9) == result.sector[1].tracking_error


def test_a_basket_like_media_earns_buy_about_one_time_in_four(media):
    score, held, horizon = media
    result = chance(score, held, horizon, 10_000, 1)

    for world in (*result.paper, *result.sector):
        assert READINGS == list(world.readings)
        for key, reading in world.readings.items():
            assert pytest.approx(1.0) == sum(reading.shares.values())
            assert 0 < max(reading.errors.values()) <= 0.005
            assert abs(reading.mean) < 4.5 * reading.sd / 100
            assert (reading.normal is None) == (key == "mean")
    assert all(0.22 < world.readings["mean"].shares["buy"] < 0.26 for world in result.paper)
    # Losses are bounded and gains are not, so less than half of the draws end ahead.
    assert all(world.readings["6m"].shares["underweight"] > 0.45 for world in result.paper)


# Calibration: the mean of the bootstrap's probabilities over histories against the truth.

DAILY = 0.30 / math.sqrt(242)


def worlds(kind, count, days, seed):
    """Daily excess returns with drift 0 and a tracking error of 30%, shape (count, days)."""
    if kind == "t5":
        return rng(seed).standard_t(5, (count, days)) * DAILY / math.sqrt(5 / 3)
    shocks = rng(seed).standard_normal((count, days + 10))
    for k in range(1, days + 10):
        shocks[:, k] = 0.1 * shocks[:, k - 1] + math.sqrt(1 - 0.01) * shocks[:, k]
    return shocks[:, 10:] * DAILY


@pytest.fixture(scope="module")
def truths():
    found = {}
    for kind in ("t5", "ar1"):
        levels = np.cumprod(1 + worlds(kind, 40_000, 122, 11), axis=1) - 1
        found[kind] = {
            "6m": band_shares(levels[:, 121], SCALE),
            "mean": band_shares(levels[:, 64:].mean(axis=1), SCALE),
        }
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("kind", "allowed"), [("t5", 0.015), ("ar1", 0.025)])
@pytest.mark.parametrize("sessions_known", [176, 250])
def test_probabilities_are_calibrated_where_the_future_is_like_the_past(
    truths, kind, allowed, sessions_known
):
    """The mean error is held within a band, and so is the scatter of single histories.

    Measured on 300 histories of 1,000 draws each, in points, the standard error in brackets: of
    Buy at six months, t5 -0.9 (0.14) at 176 sessions and -0.8 (0.11) at 250; AR(1) of 0.1 -1.7
    (0.11) and -1.5 (0.10), since a world whose days follow each other compounds to a
    little more than nothing, and ours to nothing. All other ratings lie within 1.1. One history's
    probabilities scatter with an SD of 1.5 to 3.1 points, its own volatility being an estimate.
    """
    got = {"6m": [], "mean": []}
    for history in worlds(kind, 100, sessions_known, 12):
        returns = np.column_stack([history, np.zeros(sessions_known)])
        chunks = drawn(returns, [1.0], draws=400, block=block_length(history), seed=len(got["6m"]))
        for key, found in got.items():
            found.append(band_shares(chunks[key], SCALE))

    for key, found in got.items():
        error = np.mean(found, axis=0) - truths[kind][key]
        assert np.abs(error).max() < allowed, (key, error)
        assert (np.std(found, axis=0) < 0.04).all()
