"""Earlier windows of the same basket, against plain loops over our own prices."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import thesis
from thesis.market.calendar import sessions
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis
from thesis.scoring.random_dates import random_dates
from thesis.scoring.reading import Horizon

DAYS = sessions()[(sessions() >= np.datetime64("2013-01-04"))]
DAYS = DAYS[DAYS <= np.datetime64("2025-06-30")]
KNOWN = int(np.searchsorted(DAYS, np.datetime64("2024-10-11")))
LENGTH = 122
#: The second name's bars begin here, on the entry of the fifth window back: too late for it.
LATER = KNOWN - 5 * LENGTH + 1


def walk(seed, drift=0.0):
    return 10 * np.cumprod(
        1 + drift + 0.02 * np.random.default_rng(seed).standard_normal(len(DAYS))
    )


def bars(code, opens, closes, first=0):
    return pd.DataFrame(
        {"code": code, "date": DAYS[first:].astype("M8[s]"), "open": opens[first:],
         "high": np.maximum(opens, closes)[first:], "low": np.minimum(opens, closes)[first:],
         "close": closes[first:], "volume": 1000.0, "amount": closes[first:] * 1000.0,
         "factor": 1.0}
    )  # fmt: skip


@pytest.fixture(scope="module")
def prices():
    """Opens and closes by code."""
    return {
        "600001.SH": (walk(1) * 1.001, walk(1)),
        "600002.SH": (walk(2) * 0.998, walk(2)),
        "000300.SH": (walk(3) * 1.002, walk(3)),
        "H00300.CSI": (walk(4), walk(4)),
    }


@pytest.fixture(scope="module")
def score(prices):
    frames = [
        bars(code, *both, first=LATER if code == "600002.SH" else 0)
        for code, both in prices.items()
    ]
    panel = PricePanel.from_frame(pd.concat(frames))
    called = Thesis.model_validate(
        {
            "id": "two",
            "title": "Two names",
            "source": {"publisher": "Broker", "published": dt.date(2024, 10, 13)},
            "claim": {"rating": "buy", "scale": "sinolink_industry"},
            "segment": [
                {"id": "all", "pick": [{"code": c, "basis": "named"} for c in list(prices)[:2]]}
            ],
        }
    )
    found = thesis.backtest(called, panel, as_of=dt.date(2025, 6, 30)).score
    return replace(found, case=replace(found.case, panel=panel))  # of which the score cuts the past


@pytest.fixture(scope="module")
def horizon(score):
    return Horizon.on(score.axis, score.when.windows)


def expected_excess(prices, names, start):
    """Mean of months 3-6 and the six-month value, for an entry at the open of a row."""
    opens, closes = prices["000300.SH"]
    total = prices["H00300.CSI"][1]
    level = total[start - 1] * opens[start] / closes[start - 1]
    daily = []
    for row in range(start, start + LENGTH):
        gains = [prices[code][1][row] / prices[code][0][start] - 1 for code in names]
        daily.append(sum(gains) / len(gains) - (total[row] / level - 1))
    return np.mean(daily[64:]), daily[-1]


def test_windows_tile_the_time_before_publication(score, horizon):
    result = random_dates(score, horizon)

    assert horizon.window == slice(64, LENGTH)
    ends = [KNOWN - k * LENGTH for k in range(result.independent)]
    assert [DAYS[row].astype(dt.date) for row in ends] == [w.end for w in result.windows]
    assert [DAYS[row - LENGTH + 1].astype(dt.date) for row in ends] == [
        w.entry for w in result.windows
    ]
    # One more would need a bar before its first session.
    assert 0 <= ends[-1] - LENGTH < LENGTH + 1
    assert "begin on 2013-01-04" in result.stopped


def test_every_window_is_scored_as_a_plain_loop_scores_it(score, horizon, prices):
    result = random_dates(score, horizon)

    for k, window in enumerate(result.windows):
        start = KNOWN - (k + 1) * LENGTH + 1
        names = ["600001.SH", "600002.SH"][: 2 if start > LATER else 1]
        mean, last = expected_excess(prices, names, start)
        assert len(names) == window.names
        assert (() if len(names) == 2 else ("600002.SH",)) == window.missing
        assert pytest.approx(mean, abs=1e-12) == window.readings["mean"].excess
        assert pytest.approx(last, abs=1e-12) == window.readings["6m"].excess
        assert score.case.thesis.scale.earned(mean) == window.readings["mean"].rating
    assert [2, 2, 2, 2, 1] == [window.names for window in result.windows[:5]]


def test_twenty_windows_earn_a_p_value(score, horizon):
    result = random_dates(score, horizon)
    own = score.paper.headline.excess

    above = [window.readings["mean"].excess >= own for window in result.windows]
    assert result.independent >= 20
    assert 0 < sum(above) < len(above)
    assert (1 + sum(above)) / (1 + len(above)) == result.p
    assert result.reason is None
    unknown = replace(score, paper=None)
    assert (None, "the headline of the thesis is not known") == (
        random_dates(unknown, horizon).p,
        random_dates(unknown, horizon).reason,
    )


def test_fewer_earn_none(score, horizon):
    short = score.case.panel.since(DAYS[KNOWN - 6 * LENGTH].astype(dt.date))
    result = random_dates(replace(score, case=replace(score.case, panel=short)), horizon)

    assert (6, None) == (result.independent, result.p)
    assert "6 windows that do not overlap fit before publication" in result.reason


def test_bars_after_publication_change_nothing(score, horizon):
    blind = score.case.panel.up_to(dt.date(2024, 10, 11))
    seen = random_dates(score, horizon)

    assert seen == random_dates(replace(score, case=replace(score.case, panel=blind)), horizon)


def test_without_names_or_an_end_there_is_nothing_to_enter(score, horizon):
    assert random_dates(replace(score, names=()), horizon) is None
    assert random_dates(score, Horizon({"3m": 64, "6m": None})) is None


def test_optical_modules_past_is_that_of_names_chosen_after_it(market):
    called = thesis.load("optical_module")
    codes = [*called.codes, called.claim.sector_index, "000300.SH", "H00300.CSI"]
    found = thesis.backtest(called, thesis.read_prices(market, codes)).score
    result = random_dates(found, Horizon.on(found.axis, found.when.windows))

    assert [(2024, 4, 10), (2023, 10, 10)] == [
        (w.entry.year, w.entry.month, w.entry.day) for w in result.windows[:2]
    ]
    assert result.p is None
    # 300308, 300502 and 300394 as in the price files: from the open to the last close, adjusted.
    bars_ = pd.read_parquet(market / "bars.parquet").assign(day=lambda x: pd.to_datetime(x.date))
    gains = []
    for code in called.codes:
        one = bars_[bars_.code == code].set_index("day")
        first, last = one.loc["2023-10-10"], one.loc["2024-04-09"]
        gains.append(last.close * last.factor / (first.open * first.factor) - 1)
    assert pytest.approx(np.mean(gains), abs=1e-9) == result.windows[1].readings["6m"].ret
