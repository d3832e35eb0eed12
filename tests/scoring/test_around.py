"""Returns around the entry against hand numbers, and against slow loops over the raw files."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import thesis
from thesis.market.calendar import sessions
from thesis.market.listing import Listing
from thesis.market.panel import PricePanel
from thesis.scoring.around import around
from thesis.trading.strategy import Strategy

AS_OF = dt.date(2026, 4, 30)
ENTRY = np.datetime64("2024-10-14")
FIELDS = ("basket", "benchmark", "sector", "sector_benchmark")
OLD, YOUNG = "600001.SH", "600002.SH"


def days_between(first, last):
    days = sessions()
    return days[(days >= np.datetime64(first)) & (days <= np.datetime64(last))]


def bars(code, days, price, factor=1.0):
    """Bars that open and close at one price a day."""
    price = np.broadcast_to(np.asarray(price, dtype=float), days.shape)
    return pd.DataFrame(
        {"code": code, "date": days.astype("M8[s]"), "open": price, "high": price, "low": price,
         "close": price, "volume": 1000.0, "amount": 1000.0 * price, "factor": factor}
    )  # fmt: skip


def index(code, days, level, opening):
    frame = bars(code, days, level)
    frame["open"] = opening
    frame["high"], frame["low"] = (
        frame[["open", "close"]].max(axis=1),
        frame[["open", "close"]].min(axis=1),
    )
    return frame


@pytest.fixture
def small():
    """An old name at 8, then 10 from the entry on; a young one, listed on 2024-10-08, at 20.

    The total-return index stands at 500, and its price index opens the entry session 2% up.
    """
    all_days = days_between("2024-07-01", "2025-05-30")
    young = days_between("2024-10-08", "2025-05-30")
    before = all_days < ENTRY
    opening = np.where(all_days == ENTRY, 1020.0, 1000.0)
    old = bars(OLD, all_days, np.where(before, 8.0, 10.0))
    old = old[old["date"] != pd.Timestamp("2024-09-30")]  # suspended for a session
    return PricePanel.from_frame(
        pd.concat(
            [
                old,
                bars(YOUNG, young, 20.0),
                index("000300.SH", all_days, 1000.0, opening),
                bars("H00300.CSI", all_days, 500.0),
                bars("801760.SI", all_days, np.where(before, 90.0, 100.0)),
            ]
        )
    )


@pytest.fixture
def two_names():
    picks = [{"code": code, "basis": "named"} for code in (OLD, YOUNG)]
    claim = {"rating": "neutral", "scale": "sinolink_industry", "sector_index": "801760.SI"}
    return thesis.Thesis.model_validate(
        {
            "id": "two",
            "title": "Two names",
            "source": {"publisher": "Broker", "published": dt.date(2024, 10, 13)},
            "claim": claim,
            "segment": [{"id": "both", "pick": picks}],
        }
    )


def on(found, day, name):
    row = int(np.flatnonzero(found.session == np.datetime64(day))[0])
    return float(getattr(found, name)[row])


def test_before_the_entry_shares_are_worth_their_close_against_what_was_paid(small, two_names):
    found = around(thesis.backtest(two_names, small, as_of=AS_OF).score)

    # Old: 8 / 10 - 1 = -20%; young: 0. Together half of it, and the old one alone before the
    # young was listed. The index is entered at 500 x 1020 / 1000 = 510.
    assert pytest.approx(-0.1) == on(found, "2024-10-11", "basket")
    assert pytest.approx(-0.2) == on(found, "2024-09-27", "basket")
    assert pytest.approx(500 / 510 - 1) == on(found, "2024-10-11", "benchmark")
    assert pytest.approx(1000 / 1020 - 1) == on(found, "2024-10-11", "sector_benchmark")
    assert pytest.approx(-0.1) == on(found, "2024-10-11", "sector")
    assert pytest.approx(-0.1 - (500 / 510 - 1)) == float(found.excess[found.offset == -1][0])


def test_a_suspended_name_is_carried_at_its_last_close_before_the_entry_too(small, two_names):
    found = around(thesis.backtest(two_names, small, as_of=AS_OF).score)

    assert pytest.approx(-0.2) == on(found, "2024-09-30", "basket")


def test_with_under_half_of_the_weight_listed_the_basket_is_not_known(small, two_names):
    lopsided = Strategy(weights=lambda *_: {OLD: 0.4, YOUNG: 0.6})
    found = around(thesis.backtest(two_names, small, lopsided, as_of=AS_OF).score)

    assert np.isnan(on(found, "2024-09-27", "basket"))
    assert pytest.approx(-0.08) == on(found, "2024-10-11", "basket")


def test_a_name_that_was_never_bought_is_the_cash_it_stayed(small, two_names):
    rest = small.select([OLD, "000300.SH", "H00300.CSI", "801760.SI"])
    gone = bars(YOUNG, days_between("2024-07-01", "2024-10-11"), 5.0)
    left = {YOUNG: Listing(YOUNG, delist_date=dt.date(2024, 10, 18))}
    panel = PricePanel.from_frame(pd.concat([_frame(rest), gone]), listings=left)

    result = thesis.backtest(two_names, panel, as_of=AS_OF)

    assert ["held", "never_entered"] == [name.status for name in result.score.names]
    assert pytest.approx(-0.1) == on(around(result.score), "2024-10-11", "basket")


def _frame(panel):
    return pd.concat(
        [
            pd.DataFrame(
                {
                    "code": code,
                    "date": panel.sessions.astype("M8[s]"),
                    **{
                        name: panel.field(name, code)
                        for name in (
                            "open", "high", "low", "close", "volume", "amount", "factor",
                        )
                    },
                }
            ).dropna(subset=["close"])
            for code in panel.codes
        ]
    )  # fmt: skip


@pytest.mark.parametrize("name", ["media_ai", "optical_module", "computer", "connector"])
@pytest.mark.parametrize("strategy", [Strategy(), Strategy(entry="close"), Strategy(delay=7)])
def test_after_the_entry_it_is_the_scores_own_path_and_goes_on(market, name, strategy):
    score = thesis.backtest(name, market, strategy, as_of=AS_OF).score
    found, held = around(score), len(score.axis)
    since = found.offset >= 0

    assert (-60, 126) == (found.offset[0], found.offset[-1])
    assert score.axis.tolist() == found.session[since][:held].tolist()
    assert score.sector.path.tolist() == found.sector[since][:held].tolist()
    assert score.sector.against.tolist() == found.sector_benchmark[since][:held].tolist()
    if score.paper is None:
        assert np.isnan(found.basket).all()
        assert score.sector.against.tolist() == found.benchmark[since][:held].tolist()
    else:
        assert score.paper.path.tolist() == found.basket[since][:held].tolist()
        assert score.paper.against.tolist() == found.benchmark[since][:held].tolist()
        assert not np.isnan(found.basket[since]).any()


@pytest.fixture(scope="module")
def raw(market):
    """Rows of the raw files by code and day: open, close, factor."""
    codes = ["300133.SZ", "300364.SZ", "300182.SZ", "300315.SZ", "601595.SH", "000681.SZ"]
    codes += ["000156.SZ"]
    stocks = pd.concat(
        pd.read_parquet(file, filters=[("code", "in", codes)])
        for file in sorted(market.glob("bars*.parquet"))
    )
    index = pd.read_parquet(market / "index.parquet")
    return {
        code: {pd.Timestamp(day).date(): row for day, row in rows.set_index("date").iterrows()}
        for code, rows in [*stocks.groupby("code"), *index.groupby("code")]
    }


def test_every_session_is_what_a_slow_loop_over_the_raw_files_gives(market, raw):
    result = thesis.backtest("media_ai", market, as_of=AS_OF)
    found, entry, codes = around(result.score), dt.date(2024, 10, 14), result.thesis.codes
    before = dt.date(2024, 10, 11)
    start = raw["H00300.CSI"][before]["close"] * (
        raw["000300.SH"][entry]["open"] / raw["000300.SH"][before]["close"]
    )
    last = {}
    for day in days_between("2024-01-02", str(found.session[-1])).tolist():
        for code in codes:
            row = raw[code].get(day)
            if row is not None:
                last[code] = row["close"] * row["factor"]
        if np.datetime64(day) < found.session[0]:
            continue
        worth = [
            last[code] / (raw[code][entry]["open"] * raw[code][entry]["factor"]) for code in codes
        ]
        assert pytest.approx(sum(worth) / 7 - 1, abs=1e-12) == on(found, day, "basket")
        level = raw["H00300.CSI"][day]["close"] / start - 1
        assert pytest.approx(level, abs=1e-12) == on(found, day, "benchmark")
        sector = raw["801760.SI"][day]["close"] / raw["801760.SI"][entry]["open"] - 1
        assert pytest.approx(sector, abs=1e-12) == on(found, day, "sector")
        price = raw["000300.SH"][day]["close"] / raw["000300.SH"][entry]["open"] - 1
        assert pytest.approx(price, abs=1e-12) == on(found, day, "sector_benchmark")


@pytest.mark.parametrize("today", ["2024-10-14", "2024-12-02", "2025-04-11", "2025-04-15"])
def test_no_bar_after_today_is_read(market, today):
    whole = around(thesis.backtest("optical_module", market, as_of=AS_OF).score)
    day = dt.date.fromisoformat(today)

    found = around(thesis.backtest("optical_module", market, as_of=day).score)

    assert np.datetime64(day) == found.session[-1]
    known = len(found.session)
    for name in FIELDS:
        np.testing.assert_array_equal(
            getattr(whole, name)[:known], getattr(found, name), err_msg=name
        )


def test_before_the_entry_there_is_nothing_around_it(market):
    score = thesis.backtest("media_ai", market, as_of=dt.date(2024, 10, 13)).score

    assert around(score) is None


def test_without_levels_of_its_own_a_sector_is_unknown_and_the_rest_is_not(small, two_names):
    panel = PricePanel.from_frame(_frame(small.select([OLD, YOUNG, "000300.SH", "H00300.CSI"])))
    found = around(thesis.backtest(two_names, panel, as_of=AS_OF).score)

    assert np.isnan(found.sector).all()
    assert pytest.approx(-0.1) == on(found, "2024-10-11", "basket")
