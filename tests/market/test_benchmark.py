import datetime as dt

import numpy as np
import pandas as pd
import pytest

from thesis.errors import PricesError
from thesis.market.benchmark import (
    Benchmark,
    benchmark_returns,
    choose_benchmark,
    levels,
    price_benchmark,
)
from thesis.market.calendar import sessions
from thesis.market.panel import PricePanel

DAYS = ["2024-10-11", "2024-10-14", "2024-10-15", "2024-10-16"]
AXIS = np.array(DAYS[1:], dtype="datetime64[D]")
NAME = "300308.SZ"


def index(code, close, open_=np.nan, days=DAYS):
    return pd.DataFrame({"code": code, "date": days, "open": open_, "close": close})


PRICE = index("000300.SH", [4000.0, 4100.0, 4200.0, 4000.0], [3990.0, 4040.0, 4100.0, 4200.0])
TOTAL = index("H00300.CSI", [5000.0, 5130.0, 5250.0, 5000.0])


def panel_of(*frames):
    return PricePanel.from_frame(pd.concat(frames), origin="a folder")


@pytest.fixture
def names(bars):
    return bars(NAME, DAYS, share_factor=1.0)


def test_a_price_index_is_entered_at_its_open():
    returns, cautions = benchmark_returns(
        panel_of(PRICE), price_benchmark("000300.SH"), AXIS, "open"
    )

    np.testing.assert_allclose([4100 / 4040 - 1, 4200 / 4040 - 1, 4000 / 4040 - 1], returns)
    assert [] == cautions


def test_an_entry_at_the_close_starts_at_the_close_on_both_bases():
    panel = panel_of(PRICE, TOTAL)
    price, _ = benchmark_returns(panel, price_benchmark("000300.SH"), AXIS, "close")
    total, _ = benchmark_returns(
        panel, Benchmark("H00300.CSI", "total", "000300.SH"), AXIS, "close"
    )

    np.testing.assert_allclose([0.0, 4200 / 4100 - 1, 4000 / 4100 - 1], price, atol=1e-15)
    np.testing.assert_allclose([0.0, 5250 / 5130 - 1, 5000 / 5130 - 1], total, atol=1e-15)


def test_a_total_return_index_is_opened_by_its_price_index():
    # 5,000 on Friday times the price index's move to Monday's open, 4,040 / 4,000: 5,050.
    returns, cautions = benchmark_returns(
        panel_of(PRICE, TOTAL), Benchmark("H00300.CSI", "total", "000300.SH"), AXIS, "open"
    )

    np.testing.assert_allclose([5130 / 5050 - 1, 5250 / 5050 - 1, 5000 / 5050 - 1], returns)
    assert [] == cautions


def test_a_session_without_a_level_carries_the_last_and_is_named():
    gap = PRICE[PRICE["date"] != "2024-10-15"]
    returns, cautions = benchmark_returns(panel_of(gap), price_benchmark("000300.SH"), AXIS, "open")

    np.testing.assert_allclose([4100 / 4040 - 1, 4100 / 4040 - 1, 4000 / 4040 - 1], returns)
    assert [("index_gap", "000300.SH has no level on 2024-10-15; the last one was carried")] == [
        (caution.code, caution.message) for caution in cautions
    ]


def test_after_an_index_s_last_level_its_return_is_unknown():
    early = PRICE[PRICE["date"] <= "2024-10-15"]
    returns, cautions = benchmark_returns(
        panel_of(early), price_benchmark("000300.SH"), AXIS, "open"
    )

    np.testing.assert_allclose([4100 / 4040 - 1, 4200 / 4040 - 1, np.nan], returns)
    assert [] == cautions


def test_levels_that_start_after_the_entry_are_refused():
    late = PRICE[PRICE["date"] > "2024-10-14"]

    with pytest.raises(PricesError) as caught:
        benchmark_returns(panel_of(late), price_benchmark("000300.SH"), AXIS, "open")
    assert (
        "a folder: the levels of 000300.SH start on 2024-10-15, after the entry session "
        "2024-10-14; earlier prices are needed" == str(caught.value)
    )


@pytest.mark.parametrize(
    ("against", "frames"),
    [
        (price_benchmark("000300.SH"), (PRICE.drop(columns="open"),)),
        (
            Benchmark("H00300.CSI", "total", "000300.SH"),
            (PRICE, TOTAL[TOTAL["date"] != "2024-10-11"].assign(close=5000.0)),
        ),
    ],
)
def test_an_index_without_a_level_to_start_from_is_refused(against, frames):
    with pytest.raises(PricesError) as caught:
        benchmark_returns(panel_of(*frames), against, AXIS, "open")
    assert (
        f"a folder: {against.code} has no open on the entry session 2024-10-14 (for an open "
        "entry the session before is needed too), so nothing can be measured against it"
        == str(caught.value)
    )


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        ("2024-10-10", "2024-10-17", [np.nan, 4000.0, 4100.0, 4200.0, 4000.0, np.nan]),
        ("2024-10-14", "2024-10-15", [4100.0, 4200.0]),
        ("2024-10-09", "2024-10-10", [np.nan, np.nan]),
        ("2024-10-17", "2024-10-18", [np.nan, np.nan]),
        ("2024-10-16", "2024-10-17", [4000.0, np.nan]),
    ],
)
def test_levels_outside_the_panel_are_unknown(first, last, expected):
    days = sessions()
    axis = days[(days >= np.datetime64(first)) & (days <= np.datetime64(last))]

    np.testing.assert_array_equal(expected, levels(panel_of(PRICE), "close", "000300.SH", axis))


def test_a_basket_with_dividends_is_set_against_the_total_return_index(names):
    chosen, cautions = choose_benchmark(panel_of(names, PRICE, TOTAL), "000300.SH", [NAME], "total")

    assert Benchmark("H00300.CSI", "total", "000300.SH") == chosen
    assert [] == cautions


def test_a_basket_without_dividends_is_set_against_the_price_index(names):
    chosen, cautions = choose_benchmark(panel_of(names, PRICE, TOTAL), "000300.SH", [NAME], "price")

    assert price_benchmark("000300.SH") == chosen
    assert [] == cautions


def test_without_a_total_return_index_both_sides_go_without_dividends_and_it_is_said(names):
    chosen, cautions = choose_benchmark(panel_of(names, PRICE), "000300.SH", [NAME], "total")

    assert price_benchmark("000300.SH") == chosen
    assert [
        (
            "benchmark_basis",
            (
                "a folder has no total-return index H00300.CSI; basket and benchmark are both on "
                "price basis, without dividends, against 000300.SH"
            ),
        )
    ] == [(caution.code, caution.message) for caution in cautions]


def refusal(panel, wanted):
    with pytest.raises(PricesError) as caught:
        choose_benchmark(panel, "000300.SH", [NAME], wanted)
    return str(caught.value)


def test_without_the_benchmark_nothing_can_be_scored(names):
    assert (
        "a folder has no levels of the benchmark 000300.SH; add an index file with code date open "
        'close (see README, "Real prices")' == refusal(panel_of(names), "total")
    )


def test_price_basis_is_refused_where_a_name_has_no_share_factor(bars):
    assert (
        f"--basis price: {NAME} in a folder has no share_factor, so a price without dividends "
        "cannot be told from one without splits; use --basis total"
        == refusal(panel_of(bars(NAME, DAYS), PRICE, TOTAL), "price")
    )


def test_a_basket_with_dividends_is_never_set_against_a_price_index(bars):
    assert (
        "a folder has no levels of the total-return index H00300.CSI, and a basket with dividends "
        "is never set against a price index; price basis cannot stand in, since 300308.SZ has no "
        "share_factor. Add H00300.CSI (closes are enough)"
        == refusal(panel_of(bars(NAME, DAYS), PRICE), "total")
    )


def test_an_entry_on_the_first_session_of_all_has_no_session_before():
    axis = np.array(["1990-12-19"], dtype="datetime64[D]")
    days = ["1990-12-19"]
    panel = panel_of(
        index("000300.SH", [100.0], [99.0], days), index("H00300.CSI", [100.0], days=days)
    )

    with pytest.raises(PricesError, match=r"has no open on the entry session 1990-12-19"):
        benchmark_returns(panel, Benchmark("H00300.CSI", "total", "000300.SH"), axis, "open")
    assert dt.date(1990, 12, 19) == panel.first
