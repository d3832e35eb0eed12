"""A delisted name stays at its last close, with the rating at -100% beside it. By hand, on a market
of two names whose prices never move but for what is said.
"""

import datetime as dt

import pandas as pd
import pytest

import thesis
from thesis.market.calendar import sessions
from thesis.market.listing import Listing
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis

AS_OF = dt.date(2025, 6, 30)
STEADY, GONE = "600001.SH", "600002.SH"


def bars(code, last, close=10.0):
    days = sessions()
    days = days[(days >= pd.Timestamp("2024-10-08")) & (days <= pd.Timestamp(last))]
    return pd.DataFrame(
        {"code": code, "date": days.astype("M8[s]"), "open": 10.0, "high": 10.0, "low": close,
         "close": close, "volume": 1000.0, "amount": 1000.0 * (10 + close) / 2, "factor": 1.0}
    )  # fmt: skip


def market(last, delisted, suspended=()):
    """One steady name at 10; one that closes at 8 every day and has no bar after `last`."""
    frame = pd.concat(
        [bars(STEADY, "2025-05-30"), bars(GONE, last, close=8.0)]
        + [bars(code, "2025-05-30") for code in ("000300.SH", "H00300.CSI", "801760.SI")]
    )
    day = dt.date.fromisoformat(delisted) if delisted else None
    return PricePanel.from_frame(
        frame, listings={GONE: Listing(GONE, delist_date=day, suspensions=suspended)}
    )


@pytest.fixture
def two_names():
    picks = [{"code": code, "basis": "named"} for code in (STEADY, GONE)]
    return Thesis.model_validate(
        {
            "id": "two",
            "title": "Two names",
            "source": {"publisher": "Broker", "published": dt.date(2024, 10, 13)},
            "claim": {"rating": "neutral", "scale": "sinolink_industry"},
            "segment": [{"id": "both", "pick": picks}],
        }
    )


def status(result, code):
    return next(name["status"] for name in result["names"] if name["code"] == code)


def test_a_delisted_name_stays_at_its_last_close_with_minus_100_percent_beside_it(two_names):
    # Steady: 0. Gone: 8 / 10 - 1 = -20%, carried from 2025-02-20; delisted on 2025-03-10.
    result = thesis.backtest(two_names, market("2025-02-20", "2025-03-10"), as_of=AS_OF).to_dict()

    assert "delisted" == status(result, GONE)
    assert [-0.1] * 5 == [pytest.approx(result["paper"][key]["excess"]) for key in result["paper"]]
    at_zero = {key: value["excess"] for key, value in result["at_zero"].items()}
    assert (pytest.approx(-0.1), pytest.approx(-0.1)) == (at_zero["3m"], at_zero["4m"])
    assert (pytest.approx(-0.5), pytest.approx(-0.5)) == (at_zero["5m"], at_zero["6m"])
    assert "underweight" == result["at_zero"]["6m"]["rating"]
    assert "delisted" in {warning["code"] for warning in result["warnings"]}


def test_without_a_dated_delisting_bars_that_end_are_stale_and_later_readings_unknown(two_names):
    result = thesis.backtest(two_names, market("2025-02-20", None), as_of=AS_OF).to_dict()

    assert "stale" == status(result, GONE)
    assert pytest.approx(-0.1) == result["paper"]["4m"]["excess"]
    assert [None, None, None] == [result["paper"][key] for key in ("5m", "6m", "mean")]
    assert "not_scorable" == result["verdict"]["paper"]["result"]
    assert None is result["at_zero"]


@pytest.mark.parametrize("delisted", ["2025-03-20", "2025-06-30"])
def test_a_delisting_months_later_does_not_explain_bars_that_are_missing(two_names, delisted):
    # The last bar is of 2024-11-01: 91 and 160 sessions before; it traded until shortly before.
    result = thesis.backtest(two_names, market("2024-11-01", delisted), as_of=AS_OF).to_dict()

    assert "stale" == status(result, GONE)
    assert "not_scorable" == result["verdict"]["paper"]["result"]


@pytest.mark.parametrize(
    ("announced", "expected"),
    [
        (("2025-02-21", "2025-04-11"), "suspended_at_end"),
        (("2025-02-21", "2025-04-10"), "stale"),  # the window ends on 2025-04-11
        (("2025-02-24", "2025-04-30"), "stale"),  # nobody announced 2025-02-21
    ],
)
def test_an_announced_suspension_tells_what_bars_that_end_mean(two_names, announced, expected):
    span = tuple(map(dt.date.fromisoformat, announced))
    prices = market("2025-02-20", None, suspended=(span,))

    result = thesis.backtest(two_names, prices, as_of=AS_OF).to_dict()

    assert expected == status(result, GONE)
    if expected == "suspended_at_end":  # carried at its last close: half of -20%
        assert pytest.approx(-0.1) == result["paper"]["6m"]["excess"]


def test_an_announcement_of_later_days_is_not_known_before(two_names):
    span = dt.date(2025, 2, 21), dt.date(2025, 4, 30)
    prices = market("2025-02-20", None, suspended=(span,))

    cut = prices.up_to(dt.date(2025, 3, 3)).listings[GONE]

    assert ((dt.date(2025, 2, 21), dt.date(2025, 3, 3)),) == cut.suspensions


def test_a_name_delisted_after_the_window_was_suspended_over_its_end(two_names):
    result = thesis.backtest(two_names, market("2025-02-20", "2025-05-12"), as_of=AS_OF).to_dict()

    assert "suspended_at_end" == status(result, GONE)
    assert pytest.approx(-0.1) == result["paper"]["mean"]["excess"]


def test_a_delisting_after_today_is_not_known_today(two_names):
    today = dt.date(2025, 4, 30)
    result = thesis.backtest(two_names, market("2025-02-20", "2025-05-12"), as_of=today).to_dict()

    assert "stale" == status(result, GONE)


def test_a_name_delisted_before_the_entry_never_enters_and_its_weight_stays_in_cash(two_names):
    result = thesis.backtest(two_names, market("2024-10-10", "2024-10-11"), as_of=AS_OF).to_dict()

    assert "never_entered" == status(result, GONE)
    assert 0.5 == result["names"][1]["weight"]
    assert 0.0 == result["paper"]["mean"]["excess"]
