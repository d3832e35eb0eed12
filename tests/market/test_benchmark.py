import datetime as dt

import numpy as np
import pandas as pd
import pytest

from thesis.errors import PricesError
from thesis.market.benchmark import (
    Benchmark,
    benchmark_returns,
    choose_benchmark,
    close_levels,
    fill_levels,
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
ON_PRICE = price_benchmark("000300.SH")
ON_TOTAL = Benchmark("H00300.CSI", "total", "000300.SH")


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


NO_VWAP = (
    "vwap_benchmark",
    (
        "an index has no volume, so no volume-weighted average price: the indices are entered at "
        "the mean of their open and close of the entry session"
    ),
)


def test_an_entry_at_the_average_price_starts_at_the_mean_of_open_and_close_and_it_is_said():
    # (4,040 + 4,100) / 2 = 4,070; in total return 5,000 x 4,070 / 4,000 = 5,087.5.
    panel = panel_of(PRICE, TOTAL)
    price, said = benchmark_returns(panel, ON_PRICE, AXIS, "vwap")
    total, said_too = benchmark_returns(panel, ON_TOTAL, AXIS, "vwap")

    np.testing.assert_allclose([4100 / 4070 - 1, 4200 / 4070 - 1, 4000 / 4070 - 1], price)
    np.testing.assert_allclose([5130 / 5087.5 - 1, 5250 / 5087.5 - 1, 5000 / 5087.5 - 1], total)
    # The same words for both, so that a reader is told once.
    assert [NO_VWAP] == [(each.code, each.message) for each in said]
    assert said == said_too


def test_an_average_price_needs_the_open_and_the_close_of_the_entry_session():
    for column in ("open", "close"):
        lacking = PRICE.copy()
        lacking.loc[1, column] = np.nan
        lacking = lacking.dropna(subset="close")
        with pytest.raises(PricesError, match=r"000300\.SH has no open and close on the entry"):
            benchmark_returns(panel_of(lacking), ON_PRICE, AXIS, "vwap")


@pytest.mark.parametrize(
    ("against", "price", "expected"),
    [
        (ON_PRICE, "open", [4040.0, 4100.0, 4200.0]),
        (ON_PRICE, "close", [4100.0, 4200.0, 4000.0]),
        (ON_PRICE, "vwap", [4070.0, 4150.0, 4100.0]),
        # The close before times the price index's move since: 5,130 x 4,100 / 4,100 on the 15th,
        # 5,250 x 4,200 / 4,200 on the 16th.
        (ON_TOTAL, "open", [5050.0, 5130.0, 5250.0]),
        (ON_TOTAL, "close", [5130.0, 5250.0, 5000.0]),
        (ON_TOTAL, "vwap", [5087.5, 5130 * 4150 / 4100, 5250 * 4100 / 4200]),
    ],
)
def test_an_index_has_a_level_at_the_moment_of_every_session_s_fills(against, price, expected):
    panel = panel_of(PRICE, TOTAL)

    np.testing.assert_allclose(expected, fill_levels(panel, against, AXIS, price), rtol=1e-15)


@pytest.mark.parametrize("price", ["open", "close", "vwap"])
@pytest.mark.parametrize("against", [ON_PRICE, ON_TOTAL])
def test_the_first_fill_level_is_what_the_return_starts_from(against, price):
    panel = panel_of(PRICE, TOTAL)
    returns, _ = benchmark_returns(panel, against, AXIS, price)
    start = fill_levels(panel, against, AXIS, price)[0]

    np.testing.assert_array_equal(close_levels(panel, against, AXIS) / start - 1.0, returns)


def test_levels_of_a_session_without_one_are_the_last_close():
    panel = panel_of(PRICE[PRICE["date"] != "2024-10-15"], TOTAL[TOTAL["date"] != "2024-10-15"])

    assert [4040.0, 4100.0, 4200.0] == fill_levels(panel, ON_PRICE, AXIS, "open").tolist()
    assert [4100.0, 4100.0, 4000.0] == close_levels(panel, ON_PRICE, AXIS).tolist()
    # On the 16th the close before is missing too: the last known one stands.
    assert [5050.0, 5130.0, 5130.0] == fill_levels(panel, ON_TOTAL, AXIS, "open").tolist()
    assert [5130.0, 5130.0, 5000.0] == close_levels(panel, ON_TOTAL, AXIS).tolist()


def test_a_first_session_without_a_close_carries_the_close_before_it():
    lacking = TOTAL[TOTAL["date"] != "2024-10-14"]
    panel = panel_of(PRICE, lacking)

    assert [5000.0, 5250.0, 5000.0] == close_levels(panel, ON_TOTAL, AXIS).tolist()
    # On the 15th the close before is missing: the entry's own level is the last known.
    assert [5050.0, 5050.0, 5250.0] == fill_levels(panel, ON_TOTAL, AXIS, "open").tolist()


def test_after_an_index_s_last_level_no_level_is_known():
    panel = panel_of(PRICE[PRICE["date"] <= "2024-10-15"], TOTAL[TOTAL["date"] <= "2024-10-14"])

    np.testing.assert_array_equal([4040, 4100, np.nan], fill_levels(panel, ON_PRICE, AXIS, "open"))
    np.testing.assert_array_equal([4100, 4200, np.nan], close_levels(panel, ON_PRICE, AXIS))
    np.testing.assert_array_equal(
        [5050, np.nan, np.nan], fill_levels(panel, ON_TOTAL, AXIS, "open")
    )
    np.testing.assert_array_equal([5130, np.nan, np.nan], close_levels(panel, ON_TOTAL, AXIS))


def test_levels_need_one_on_the_first_session():
    late = panel_of(PRICE[PRICE["date"] > "2024-10-14"])

    with pytest.raises(PricesError, match="start on 2024-10-15, after the entry session"):
        fill_levels(late, ON_PRICE, AXIS, "open")


def test_no_session_has_no_level():
    panel = panel_of(PRICE, TOTAL)

    assert [] == fill_levels(panel, ON_TOTAL, AXIS[:0], "open").tolist()
    assert [] == close_levels(panel, ON_TOTAL, AXIS[:0]).tolist()


def test_the_total_return_index_opens_on_real_sessions_as_pandas_says(market):
    import thesis

    panel = thesis.read_prices(market, ["000300.SH", "H00300.CSI"])
    axis = panel.sessions[-200:-60]
    opened = fill_levels(panel, ON_TOTAL, axis, "open")
    frame = panel.to_frame().pivot_table(index="date", columns="code", values=["open", "close"])
    close, open_ = frame["close"].ffill(), frame["open"]
    by_pandas = close["H00300.CSI"].shift() * open_["000300.SH"] / close["000300.SH"].shift()

    np.testing.assert_allclose(by_pandas.loc[axis.astype("M8[ns]")], opened, rtol=1e-14)
    np.testing.assert_array_equal(
        close["H00300.CSI"].loc[axis.astype("M8[ns]")], close_levels(panel, ON_TOTAL, axis)
    )


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
