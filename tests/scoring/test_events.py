"""The event study of a scored thesis, against prices read and sums made by other means."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

import thesis
from thesis.market.benchmark import benchmark_returns, choose_benchmark
from thesis.market.calendar import sessions
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis
from thesis.scoring.assess import known_axis, timing_of
from thesis.scoring.basket import hold_names
from thesis.scoring.events import event_tests
from thesis.scoring.reading import Horizon, read_excess
from thesis.scoring.run_up import share_before
from thesis.scoring.score import Case, Score
from thesis.trading.simulation import decide_weights
from thesis.trading.strategy import Strategy

TODAY = dt.date(2025, 6, 30)
ENTRY, KNOWN = dt.date(2024, 10, 14), dt.date(2024, 10, 11)
CODES = ("600001.SH", "600002.SH", "600003.SH", "600004.SH")
INDICES = ("000300.SH", "H00300.CSI")


def call(codes=CODES):
    return Thesis.model_validate(
        {
            "id": "made_up",
            "title": "Names that never were",
            "source": {"publisher": "Broker", "published": dt.date(2024, 10, 13)},
            "claim": {"rating": "buy", "scale": "sinolink_industry"},
            "segment": [{"id": "it", "pick": [{"code": c, "basis": "named"} for c in codes]}],
        }
    )


def bars(first="2023-06-01", codes=CODES, seed=5):
    """A frame of bars a code: names that share the market and an industry, with one bonus issue."""
    days = sessions()
    days = days[(days >= np.datetime64(first)) & (days <= np.datetime64("2025-06-27"))]
    rng = np.random.default_rng(seed)
    market, industry = rng.normal(0.0002, 0.01, len(days)), rng.normal(0, 0.012, len(days))
    frames = {}
    for number, code in enumerate((*codes, *INDICES)):
        own = rng.normal(0, 0.015, len(days)) + industry
        moves = (0.8 + 0.2 * number) * market + own if code in codes else market
        close = (20 + 5 * number) * np.cumprod(1 + moves)
        opens = close / (1 + moves) * (1 + 0.3 * moves)
        factor = np.ones(len(days))
        if number == 1:  # three shares for two
            factor[days >= np.datetime64("2024-11-20")] = 1.5
        frames[code] = pd.DataFrame(
            {
                "code": code, "date": days.astype("M8[s]"), "open": opens / factor,
                "high": np.maximum(opens, close) / factor * 1.001,
                "low": np.minimum(opens, close) / factor * 0.999, "close": close / factor,
                "volume": 1000.0, "amount": 1000.0 * (opens + close) / 2 / factor,
                "factor": factor, "share_factor": factor,
            }
        )  # fmt: skip
    return frames


def without(frame, start, end):
    """Bars less those between two days, both included."""
    return frame[(frame["date"] < start) | (frame["date"] > end)]


def study(frames, codes=CODES, as_of=TODAY, basis="total", **how):
    panel = frames
    if isinstance(frames, dict):
        panel = PricePanel.from_frame(pd.concat(frames.values()))
    of = codes if isinstance(codes, Thesis) else call(codes)
    case = Case(of, Strategy(**how), panel.up_to(as_of), basis, as_of)
    when = timing_of(case)
    axis = known_axis(case, when)
    have = [code for code in of.codes if code in case.panel]
    benchmark, _ = choose_benchmark(case.panel, "000300.SH", have, basis)
    score = Score(case, when, benchmark.basis, axis, benchmark)
    weights = decide_weights(of, case.strategy, case.panel, when)
    held = hold_names(case, weights, axis, benchmark.basis)
    horizon = Horizon.on(axis, when.windows)
    return score, held, horizon, event_tests(score, held, horizon)


def by_hand(prices, codes, first, last, end, price="open"):
    """KP, basket t and their parts from adjusted prices, by statsmodels and numpy.corrcoef.

    ``prices`` maps a code to a frame of adjusted ``open close`` by date, ``index`` to the index
    that has opens, ``total`` to the one that is measured against.
    """
    close = pd.concat({code: prices[code]["close"] for code in codes}, axis=1)
    level = prices["total"]["close"]
    past, market = close.pct_change(fill_method=None), level.pct_change(fill_method=None)
    past, market = past[first:last], market[first:last]
    event = close[ENTRY.isoformat() : end].pct_change(fill_method=None)
    event_market = level[ENTRY.isoformat() : end].pct_change(fill_method=None)
    paid = pd.Series({code: prices[code].loc[ENTRY.isoformat(), "open"] for code in codes})
    event.iloc[0] = close.loc[ENTRY.isoformat()] / paid - 1
    index = prices["index"]
    before = index["close"][: KNOWN.isoformat()].iloc[-1]
    start = level[: KNOWN.isoformat()].iloc[-1] * index.loc[ENTRY.isoformat(), "open"] / before
    event_market.iloc[0] = level.loc[ENTRY.isoformat()] / start - 1

    def one(y, ahead):
        fit = sm.OLS(y.to_numpy(), sm.add_constant(market.to_numpy())).fit()
        there = sm.add_constant(event_market.to_numpy())
        error = there @ fit.cov_params() @ there.T + fit.mse_resid * np.eye(len(there))
        car = (ahead.to_numpy() - fit.predict(there)).sum()
        return car, car / np.sqrt(error.sum()), fit

    names = [one(past[code], event[code]) for code in codes]
    scar, count = np.array([name[1] for name in names]), len(codes)
    pairs = np.corrcoef([name[2].resid for name in names])[np.triu_indices(count, 1)]
    r = pairs.mean()
    t = scar.mean() / (scar.std(ddof=1) / np.sqrt(count))
    car, whole, fit = one(past.mean(axis=1), event.mean(axis=1))
    return {
        "correlation": r,
        "kp": t * np.sqrt((1 - r) / (1 + (count - 1) * r)),
        "bmp": t,
        "car": car,
        "basket": whole,
        "alpha": fit.params[0],
        "beta": fit.params[1],
        "adjusted": (event.mean(axis=1) - event_market).sum(),
        "p": 2 * stats.t.sf(abs(t * np.sqrt((1 - r) / (1 + (count - 1) * r))), count - 1),
    }


def adjusted(frame):
    frame = frame.set_index("date").sort_index()
    return frame[["open", "close"]].mul(frame["factor"].fillna(1.0), axis=0)


def assert_same(test, said):
    assert test.correlation == pytest.approx(said["correlation"], abs=1e-9)
    assert test.kolari_pynnonen.t == pytest.approx(said["kp"], abs=1e-9)
    assert test.kolari_pynnonen.p == pytest.approx(said["p"], abs=1e-9)
    assert test.assumes_independence["bmp"].t == pytest.approx(said["bmp"], abs=1e-9)
    assert test.basket.t == pytest.approx(said["basket"], abs=1e-9)
    # 250 returns less two estimates; ranked, 250 and the event less two.
    assert test.basket.p == pytest.approx(2 * stats.t.sf(abs(said["basket"]), 248), abs=1e-9)
    assert test.rank.p == pytest.approx(2 * stats.t.sf(abs(test.rank.t), 249), abs=1e-9)
    for name in ("car", "alpha", "beta"):
        assert getattr(test, name) == pytest.approx(said[name], abs=1e-9)


WINDOWS = {  # the 250 sessions before 2024-09-24's rally, and before publication
    "before_break": ("2023-09-11", "2024-09-23"),
    "before_publication": ("2023-09-22", "2024-10-11"),
}
ENDS = {"3m": "2025-01-13", "4m": "2025-02-13", "5m": "2025-03-13", "6m": "2025-04-11"}


def test_every_reading_and_window_is_that_of_statsmodels():
    frames = bars()
    prices = {code: adjusted(frame) for code, frame in frames.items()}
    prices |= {"index": prices["000300.SH"], "total": prices["H00300.CSI"]}
    *_, found = study(frames)

    assert [each.window.id for each in found.estimates] == list(WINDOWS)
    for each in found.estimates:
        first, last = WINDOWS[each.window.id]
        for reading, end in ENDS.items():
            said = by_hand(prices, CODES, first, last, end)
            assert_same(each.tests[reading], said)
            at = found.path.session == np.datetime64(end)
            assert found.path.car[at][0] == pytest.approx(said["adjusted"], abs=1e-9)
            assert each.car[at][0] == pytest.approx(said["car"], abs=1e-9)
        assert each.tests["mean"] is None
        assert "no one window" in each.unknown["mean"]


@pytest.mark.parametrize("name", ["media_ai", "optical_module"])
def test_real_prices_read_another_way_give_the_same_tests(market, name):
    of = thesis.load(name)
    stocks = pd.read_parquet(market / "bars.parquet")
    index = pd.read_parquet(market / "index.parquet")
    prices = {}
    for code in of.codes:
        prices[code] = adjusted(
            stocks[stocks["code"] == code].assign(date=lambda x: pd.to_datetime(x["date"]))
        )
    for key, code in {"index": "000300.SH", "total": "H00300.CSI"}.items():
        rows = index[index["code"] == code]
        prices[key] = rows.assign(date=pd.to_datetime(rows["date"])).set_index("date").sort_index()
    panel = thesis.read_prices(market, [*of.codes, *INDICES])
    *_, found = study(panel, of, as_of=dt.date(2026, 4, 30))

    for each in found.estimates:
        said = by_hand(prices, of.codes, *WINDOWS[each.window.id], ENDS["6m"])
        assert_same(each.tests["6m"], said)
        assert each.tests["6m"].sessions == 122
        # Nothing that one industry's names did on one date is told from chance.
        assert each.tests["6m"].kolari_pynnonen.p > 0.2


def test_from_the_entry_on_bhar_is_the_excess_of_the_paper_basket():
    frames = bars()
    frames["600003.SH"] = without(frames["600003.SH"], "2024-10-10", "2024-10-16")  # enters late
    frames["600004.SH"] = without(frames["600004.SH"], "2024-12-02", "2024-12-13")
    score, held, horizon, found = study(frames)
    against, _ = benchmark_returns(score.case.panel, score.benchmark, score.axis, "open")
    readings = read_excess(held.path, against, horizon, score.case.thesis.scale)
    for reading, end in ENDS.items():
        at = found.path.session == np.datetime64(end)
        assert found.path.bhar[at][0] == pytest.approx(readings[reading].excess, abs=1e-12)


def test_the_path_runs_from_sixty_before_to_a_hundred_and_twenty_six_after_through_zero():
    frames = bars()
    *_, found = study(frames)
    path = found.path
    assert path.offset.tolist() == list(range(-60, 127))
    assert path.session[60] == np.datetime64(ENTRY)
    assert (path.car[59], path.bhar[59]) == (0.0, 0.0)
    # What a basket bought at a close before had earned by the last close before the entry.
    close = pd.concat({code: adjusted(frames[code])["close"] for code in CODES}, axis=1)
    index = adjusted(frames["H00300.CSI"])["close"]
    for row in (0, 31, 58):
        day, end = pd.Timestamp(path.session[row]), pd.Timestamp(KNOWN)
        bought = (close.loc[end] / close.loc[day]).mean() - index[end] / index[day]
        assert path.bhar[row] == pytest.approx(-bought, abs=1e-12)
        daily = (close.pct_change().mean(axis=1) - index.pct_change())[day:end]
        assert path.car[row] == pytest.approx(-daily.iloc[1:].sum(), abs=1e-12)
    for each in found.estimates:
        assert np.isnan(each.car[:60]).all()
        assert not np.isnan(each.car[60:]).any()


def test_the_run_up_clock_is_split_by_the_gap_nobody_could_earn():
    frames = bars()
    score, held, horizon, found = study(frames)
    clock = found.run_up
    assert (clock.known, clock.until) == (KNOWN, dt.date(2025, 4, 11))
    close = pd.concat({code: adjusted(frames[code])["close"] for code in CODES}, axis=1)
    for before, count in zip(clock.before, (60, 20), strict=True):
        assert before.sessions == count
        assert before.excess == pytest.approx(bought_before(frames, close, count), abs=1e-12)
        assert (before.share, before.reason) == share_before(before.excess, clock.after)
    paid = np.mean([adjusted(frames[c])["open"][ENTRY.isoformat()] / close[c][KNOWN.isoformat()]
                    for c in CODES])  # fmt: skip
    price = adjusted(frames["000300.SH"])
    moved = price["open"][ENTRY.isoformat()] / price["close"][KNOWN.isoformat()]
    assert clock.gap == pytest.approx(paid - moved, abs=1e-12)
    against, _ = benchmark_returns(score.case.panel, score.benchmark, score.axis, "open")
    readings = read_excess(held.path, against, horizon, score.case.thesis.scale)
    assert clock.after == pytest.approx(readings["6m"].excess, abs=1e-12)
    # The path begins 60 sessions before the entry, so that 20 before the last close is its 39th.
    assert clock.before[1].excess == pytest.approx(-found.path.bhar[39], abs=1e-12)


def bought_before(frames, close, count):
    """Excess of names bought together so many sessions before the last close and held to it."""
    index = adjusted(frames["H00300.CSI"])["close"][: KNOWN.isoformat()]
    close = close[: KNOWN.isoformat()]
    names = close.iloc[-1] / close.iloc[-1 - count] - 1  # NaN where not listed, and left out
    return names.mean() - (index.iloc[-1] / index.iloc[-1 - count] - 1)


def test_the_clock_tells_what_was_earned_and_not_the_sum_of_daily_leads():
    """Up by a quarter and down by a fifth in turn, a name ends where it began; its leads add up."""
    frames = bars()
    flat = frames["H00300.CSI"]
    level = np.ones(len(flat))
    before = flat["date"].to_numpy() <= np.datetime64(KNOWN)
    turns = np.flatnonzero(before)[-40:]
    level[turns[::2]] = 1.25
    close = flat["close"] * level
    priced = dict.fromkeys(("open", "high", "low", "close"), close)
    for code in CODES[:2]:
        frames[code] = flat.assign(code=code, amount=1000.0 * close, **priced)
    *_, found = study(frames, CODES[:2])
    assert found.path.car[0] < -0.4
    for each in found.run_up.before:
        assert each.excess == pytest.approx(0.0, abs=1e-12)


def test_a_name_not_yet_listed_is_left_out_of_the_run_up():
    frames = bars()
    young = frames["600004.SH"]
    frames["600004.SH"] = young[young["date"] >= "2024-08-20"]
    *_, found = study(frames)
    close = pd.concat({code: adjusted(frames[code])["close"] for code in CODES}, axis=1)
    assert close["600004.SH"].isna()[: KNOWN.isoformat()].iloc[-61]
    for each in found.run_up.before:
        said = bought_before(frames, close, each.sessions)
        assert each.excess == pytest.approx(said, abs=1e-12)


def test_a_share_needs_one_direction_and_a_move():
    assert share_before(0.06, 0.02) == (0.75, None)
    assert share_before(-0.06, -0.02) == (0.75, None)
    for before, after, said in (
        (0.06, -0.02, "other way"), (0.004, 0.005, "under 1 point"), (0.1, None, "not ended")
    ):  # fmt: skip
        share, why = share_before(before, after)
        assert share is None
        assert said in why


def test_with_a_delay_the_clock_stays_at_publication_and_the_gap_grows():
    frames = bars()
    *_, soon = study(frames)
    *_, late = study(frames, delay=4)
    assert late.run_up.known == KNOWN
    assert [x.excess for x in late.run_up.before] == [x.excess for x in soon.run_up.before]
    close = {c: adjusted(frames[c]) for c in (*CODES, "000300.SH")}
    paid = np.mean(
        [close[c]["open"]["2024-10-18"] / close[c]["close"]["2024-10-11"] for c in CODES]
    )
    moved = adjusted(frames["H00300.CSI"])["close"]
    index = close["000300.SH"]
    level = moved["2024-10-17"] * index["open"]["2024-10-18"] / index["close"]["2024-10-17"]
    assert late.run_up.gap == pytest.approx(paid - level / moved["2024-10-11"], abs=1e-12)
    assert late.path.session[late.path.offset == 0][0] == np.datetime64("2024-10-18")
    assert late.path.session[late.path.offset == -1][0] == np.datetime64("2024-10-17")


def test_bought_at_the_close_the_event_begins_with_the_next_session():
    *_, found = study(bars(), entry="close")
    at = found.path.offset == 0
    assert (found.path.car[at][0], found.path.bhar[at][0]) == (0.0, 0.0)
    assert found.estimates[0].car[at][0] == 0.0
    # Not even the alpha of a session is charged, and none is counted in the error.
    *_, opened = study(bars())
    before, after = found.estimates[0].tests["3m"], opened.estimates[0].tests["3m"]
    assert before.basket.t != pytest.approx(after.basket.t, abs=1e-6)
    assert before.alpha == after.alpha
    # 122 sessions from 2024-10-14 to 2025-04-11, the first without a return.
    assert found.estimates[0].tests["6m"].sessions == 121
    assert opened.estimates[0].tests["6m"].sessions == 122


@pytest.mark.parametrize("late", [[], CODES], ids=["at once", "all of them days later"])
@pytest.mark.parametrize("price", ["open", "close", "vwap"])
def test_the_car_is_the_adjusted_one_less_the_alpha_of_each_session_counted(price, late):
    """``sum(AR) = sum(R - R_m) - a sessions - (b - 1) sum(R_m)``, over the sessions with a name."""
    frames = bars()
    for code in late:
        frames[code] = without(frames[code], "2024-10-14", "2024-10-16")
    score, *_, found = study(frames, entry=price)
    since, _ = benchmark_returns(score.case.panel, score.benchmark, score.axis, price)
    market = np.diff(np.append(1.0, 1 + since)) / np.append(1.0, 1 + since[:-1])
    first = 3 * bool(late) + (price == "close")
    at = found.path.session == np.datetime64("2025-04-11")
    for each in found.estimates:
        test = each.tests["6m"]
        assert test.sessions == 122 - first
        # Until a name is held its market return is in the adjusted path, and not in the model's.
        adjusted_car = found.path.car[at][0] + market[:first].sum()
        said = adjusted_car - test.alpha * test.sessions - (test.beta - 1) * market[first:].sum()
        assert test.car == pytest.approx(said, abs=1e-12)


def test_a_suspension_counts_whole_on_the_day_it_ends():
    """Nothing on the sessions without a bar, all of it on the first after; the sum is the same."""
    frames = bars()
    *_, whole = study(frames)
    frames["600004.SH"] = without(frames["600004.SH"], "2024-12-02", "2024-12-13")
    *_, gap = study(frames)
    inside = (whole.path.session >= np.datetime64("2024-12-02")) & (
        whole.path.session <= np.datetime64("2024-12-13")
    )
    assert np.abs(whole.path.car - gap.path.car)[inside].max() > 1e-3
    # Daily returns of a name add up to less than what they compound to, by little.
    later = whole.path.session > np.datetime64("2024-12-16")
    assert whole.path.bhar[later] == pytest.approx(gap.path.bhar[later], abs=1e-12)
    assert np.abs(whole.path.car - gap.path.car)[later].max() < 1e-3
    assert gap.estimates[0].tests["6m"].names == CODES


def test_a_suspension_in_the_run_up_is_carried_and_caught_up():
    frames = bars()
    *_, whole = study(frames)
    frames["600004.SH"] = without(frames["600004.SH"], "2024-08-05", "2024-09-13")
    *_, gap = study(frames)
    assert gap.path.bhar[:17] == pytest.approx(whole.path.bhar[:17], abs=1e-12)  # to 2024-08-02
    close = pd.concat({code: adjusted(frames[code])["close"] for code in CODES}, axis=1).ffill()
    for before in gap.run_up.before:
        said = bought_before(frames, close, before.sessions)
        assert before.excess == pytest.approx(said, abs=1e-12)


def test_cash_that_waits_for_a_name_earns_nothing_in_the_basket():
    """By the market model as in the market-adjusted path: ``AR = (R - R_m) - a - (b - 1) R_m``."""
    frames = bars()
    frames["600002.SH"] = without(frames["600002.SH"], "2024-10-14", "2024-10-25")
    score, _, _, found = study(frames)
    since, _ = benchmark_returns(score.case.panel, score.benchmark, score.axis, "open")
    market = np.diff(np.append(1.0, 1 + since)) / np.append(1.0, 1 + since[:-1])
    at = found.path.session == np.datetime64("2025-04-11")
    for each in found.estimates:
        test = each.tests["6m"]
        said = found.path.car[at][0] - test.alpha * 122 - (test.beta - 1) * market.sum()
        assert test.car == pytest.approx(said, abs=1e-12)
        assert each.car[at][0] == pytest.approx(said, abs=1e-12)


def test_a_return_over_a_suspension_is_no_daily_return_to_estimate_on():
    frames = bars()
    *_, whole = study(frames)
    hole = frames["600002.SH"]
    jump = hole["date"] > "2024-05-10"
    priced = ["open", "high", "low", "close", "amount"]
    moved = hole.copy()
    moved.loc[jump, priced] *= 1.6  # a 60% move while it was suspended, and nothing else
    frames["600002.SH"] = without(moved, "2024-05-06", "2024-05-10")
    *_, found = study(frames)
    for each, plain in zip(found.estimates, whole.estimates, strict=True):
        test, other = each.tests["6m"], plain.tests["6m"]
        assert test.kolari_pynnonen.t == pytest.approx(other.kolari_pynnonen.t, abs=0.05)
        assert test.correlation == pytest.approx(other.correlation, abs=0.02)


def test_names_are_left_out_with_their_reason():
    codes = (*CODES, "600005.SH", "600006.SH")
    frames = bars(codes=codes)
    young = frames["600001.SH"]
    frames["600001.SH"] = young[young["date"] >= "2024-06-03"]
    del frames["600004.SH"]
    *_, found = study(frames, codes)
    for each in found.estimates:
        days = sessions()
        inside = (days > np.datetime64("2024-06-03")) & (days <= each.window.axis[-1])
        test = each.tests["6m"]
        assert test.names == ("600002.SH", "600003.SH", "600005.SH", "600006.SH")
        assert test.left_out["600004.SH"] == "no prices"
        assert test.left_out["600001.SH"].startswith(f"{inside.sum()} daily returns")
        assert len(test.left_out) == 2


def test_two_names_have_a_basket_and_no_cross_section():
    *_, found = study(bars(), CODES[:2])
    test = found.estimates[0].tests["6m"]
    for across in (test.kolari_pynnonen, test.rank):
        assert (across.t, across.p) == (None, None)
        assert across.reason == "2 names; a test across names needs 3"
    assert test.rank_size is None
    assert test.basket.t is not None


def test_a_name_bought_late_is_tested_from_its_own_entry_and_one_never_bought_is_not():
    frames = bars()
    frames["600002.SH"] = without(frames["600002.SH"], "2024-10-14", "2024-10-18")
    frames["600003.SH"] = without(frames["600003.SH"], "2024-10-14", "2025-01-24")
    *_, found = study(frames)
    three = found.estimates[0].tests["3m"]
    assert three.names == ("600001.SH", "600002.SH", "600004.SH")
    assert three.left_out == {"600003.SH": "it had not been bought by then"}
    assert found.estimates[0].tests["4m"].names == CODES


def test_with_too_few_sessions_before_nothing_is_estimated_and_the_path_stands():
    *_, found = study(bars(first="2024-07-01"))
    for each in found.estimates:
        assert set(each.tests.values()) == {None}
        assert "an estimate needs 120" in each.unknown["6m"]
    assert found.path.offset[0] == -60
    *_, shorter = study(bars(first="2024-08-20"))
    assert shorter.path.offset[0] == -32
    far, near = shorter.run_up.before
    assert (far.excess, far.share) == (None, None)
    assert "do not reach back" in far.reason
    assert near.excess is not None


def test_nothing_is_known_after_today():
    frames = bars()
    *_, now = study(frames)
    *_, then = study(frames, as_of=dt.date(2025, 2, 20))
    assert then.path.session[-1] == np.datetime64("2025-02-20")
    rows = len(then.path.offset)
    assert then.path.car == pytest.approx(now.path.car[:rows], abs=1e-12)
    assert (then.run_up.after, then.run_up.before[0].share) == (None, None)
    for each, later in zip(then.estimates, now.estimates, strict=True):
        assert each.tests["4m"] == later.tests["4m"]
        assert each.tests["5m"] is None
        assert "not known yet" in each.unknown["5m"]


def test_bars_after_the_path_change_nothing():
    frames = bars()
    *_, longer = study(frames)
    *_, cut = study({code: frame[frame["date"] <= "2025-04-18"] for code, frame in frames.items()})
    assert longer.path.session[-1] == cut.path.session[-1] == np.datetime64("2025-04-18")
    assert (longer.path.car == cut.path.car).all()
    assert (longer.path.bhar == cut.path.bhar).all()
    assert longer.run_up == cut.run_up
    assert [each.tests for each in longer.estimates] == [each.tests for each in cut.estimates]


def test_neither_the_scale_of_a_price_nor_the_order_of_names_matters():
    frames = bars()
    *_, plain = study(frames)
    priced = ["open", "high", "low", "close", "amount"]
    frames["600003.SH"] = frames["600003.SH"].assign(**frames["600003.SH"][priced] * 7)
    *_, other = study(frames, CODES[::-1])
    assert other.path.bhar == pytest.approx(plain.path.bhar, abs=1e-12)
    assert other.path.car == pytest.approx(plain.path.car, abs=1e-12)
    for each, same in zip(other.estimates, plain.estimates, strict=True):
        for reading in ENDS:
            test, twin = each.tests[reading], same.tests[reading]
            assert set(test.names) == set(twin.names)
            for name in ("kolari_pynnonen", "basket", "rank"):
                assert getattr(test, name).t == pytest.approx(getattr(twin, name).t, abs=1e-9)


def test_a_name_whose_prices_end_makes_the_readings_after_unknown():
    frames = bars()
    frames["600001.SH"] = frames["600001.SH"][frames["600001.SH"]["date"] <= "2025-02-20"]
    *_, found = study(frames)
    for each in found.estimates:
        assert each.tests["4m"] is not None
        assert each.tests["5m"] is None
        assert "prices end before the window: 600001.SH on 2025-02-20" in each.unknown["5m"]
    last = found.path.session[~np.isnan(found.path.bhar)][-1]
    assert last == np.datetime64("2025-02-20") == found.path.session[-1]
    assert found.run_up.after is None


def test_a_basket_that_is_not_scorable_has_no_event_tests():
    frames = bars()
    del frames["600004.SH"]  # a quarter of the weight
    assert study(frames)[-1] is None
