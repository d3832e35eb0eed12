import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thesis.errors import PricesError
from thesis.market.listing import Listing
from thesis.market.panel import FIELDS, PricePanel

DAYS = [dt.date(2024, 10, day) for day in (14, 15, 16, 17, 18)]


@pytest.fixture(scope="module")
def small(bars):
    """Five sessions of two names; the second has no bar on the first and the last two."""
    second = bars("600050.SH", ["2024-10-15", "2024-10-16"], share_factor=1.0)
    return PricePanel.from_frame(
        pd.concat([bars(close=[10.0, 10.1, 10.2, 10.3, 10.4]), second]),
        origin="two names",
        listings={"600050.SH": Listing("600050.SH", "中国联通"), "300308.SZ": Listing("300308.SZ")},
    )


def test_a_panel_stands_on_every_session_from_first_to_last(small):
    assert DAYS == [day.item() for day in small.sessions]
    assert ("300308.SZ", "600050.SH") == small.codes
    assert {(5, 2)} == {grid.shape for grid in small.fields.values()}
    assert (dt.date(2024, 10, 14), dt.date(2024, 10, 18)) == (small.first, small.last)


def test_a_session_without_any_bar_still_has_its_row(bars):
    panel = PricePanel.from_frame(bars(days=["2024-09-30", "2024-10-09"]))

    assert ["2024-09-30", "2024-10-08", "2024-10-09"] == [str(day) for day in panel.sessions]
    np.testing.assert_array_equal([10.2, np.nan, 10.2], panel.field("close", "300308.SZ"))


def test_a_field_is_nan_where_the_code_has_no_bar(small):
    np.testing.assert_array_equal(
        [np.nan, 10.2, 10.2, np.nan, np.nan], small.field("close", "600050.SH")
    )
    np.testing.assert_array_equal([10.0, 10.1, 10.2, 10.3, 10.4], small.field("close", "300308.SZ"))


def test_a_code_without_bars_is_said(small):
    assert "000001.SZ" not in small
    with pytest.raises(PricesError, match=r"^two names has no bars of 000001.SZ$"):
        small.field("close", "000001.SZ")


@pytest.mark.parametrize("name", FIELDS)
def test_arrays_cannot_be_written(small, name):
    for panel in (small, small.select(["600050.SH"]), small.up_to(DAYS[2])):
        with pytest.raises(ValueError, match="read-only"):
            panel.fields[name][0, 0] = 1.0
    with pytest.raises(TypeError):
        small.fields[name] = None


def test_up_to_a_session_has_no_later_bar(small):
    history = small.up_to(DAYS[1])

    assert DAYS[:2] == [day.item() for day in history.sessions]
    assert {(2, 2)} == {grid.shape for grid in history.fields.values()}
    assert DAYS[1] == history.last
    assert DAYS[1] == history.last_bar("600050.SH")


def test_up_to_a_day_between_sessions_ends_with_the_one_before(small):
    assert dt.date(2024, 10, 18) == small.up_to(dt.date(2024, 10, 20)).last
    assert () == tuple(small.up_to(dt.date(2024, 10, 13)).sessions)


def test_select_keeps_codes_it_has_and_their_listings(small):
    one = small.select(["600050.SH", "000001.SZ", "600050.SH"])

    assert ("600050.SH",) == one.codes
    assert ["600050.SH"] == list(one.listings)
    assert small.sessions.tolist() == one.sessions.tolist()
    np.testing.assert_array_equal(
        small.field("close", "600050.SH"), one.field("close", "600050.SH")
    )


def test_rows_and_bars_are_found_by_date(small):
    assert 2 == small.row(DAYS[2])
    assert small.row(dt.date(2024, 10, 19)) is None
    assert small.row(dt.date(2024, 10, 11)) is None
    assert (DAYS[1], DAYS[2]) == (small.first_bar("600050.SH"), small.last_bar("600050.SH"))
    assert small.first_bar("000001.SZ") is None
    assert small.last_bar("000001.SZ") is None


def test_coverage_counts_bars_and_sessions_without(small):
    table = small.coverage(DAYS[0], DAYS[4])

    assert [5, 2] == table["bars"].tolist()
    assert [0, 3] == table["missing"].tolist()
    assert [DAYS[0], DAYS[1]] == table["first"].tolist()
    assert [DAYS[4], DAYS[2]] == table["last"].tolist()
    assert [False, True] == table["share_factor"].tolist()
    assert ["300308.SZ", "600050.SH"] == table.index.tolist()


def test_coverage_counts_sessions_before_and_after_the_panel_as_missing(small):
    # Sessions from 8 to 25 October 2024: 14, five of them in the panel.
    table = small.coverage(dt.date(2024, 10, 8), dt.date(2024, 10, 25))

    assert [5, 2] == table["bars"].tolist()
    assert [9, 12] == table["missing"].tolist()


def test_a_panel_of_bars_out_of_its_own_frame_is_the_same(small):
    again = PricePanel.from_frame(small.to_frame())

    assert small.fingerprint == again.fingerprint
    for name in FIELDS:
        np.testing.assert_array_equal(small.fields[name], again.fields[name])


def test_the_frame_has_a_row_a_bar_in_order_of_code_and_date(small):
    frame = small.to_frame()

    assert 7 == len(frame)
    assert ["300308.SZ"] * 5 + ["600050.SH"] * 2 == frame["code"].tolist()
    assert frame["date"].iloc[:5].is_monotonic_increasing


@settings(deadline=None, max_examples=20)
@given(order=st.permutations(range(10)))
def test_the_fingerprint_does_not_hang_on_the_order_of_rows(bars, order):
    frame = pd.concat([bars(), bars("600050.SH")], ignore_index=True)

    assert (
        PricePanel.from_frame(frame).fingerprint
        == PricePanel.from_frame(frame.iloc[order]).fingerprint
    )


def test_the_fingerprint_hangs_on_every_bar(bars):
    one = PricePanel.from_frame(bars()).fingerprint

    assert one != PricePanel.from_frame(bars(close=[10.2, 10.2, 10.21, 10.2, 10.2])).fingerprint
    assert one != PricePanel.from_frame(bars("300502.SZ")).fingerprint
    assert one != PricePanel.from_frame(bars(factor=2.0)).fingerprint
    later = ["2024-10-15", "2024-10-16", "2024-10-17", "2024-10-18", "2024-10-21"]
    assert one != PricePanel.from_frame(bars(days=later)).fingerprint
    assert 64 == len(one)


def test_the_fingerprint_does_not_hang_on_where_the_bars_came_from(bars):
    panel = PricePanel.from_frame(bars(), origin="here")

    assert panel.fingerprint == PricePanel.from_frame(bars(), origin="there").fingerprint


def test_a_share_factor_counts_only_when_every_bar_has_it(bars):
    some = PricePanel.from_frame(bars(share_factor=[1.0, 1.0, np.nan, 1.0, 1.0]))

    assert not some.has_share_factor("300308.SZ")


def test_stocks_are_told_from_indices(bars, levels):
    panel = PricePanel.from_frame(pd.concat([bars(), levels(), levels("801760.SI")]))

    assert ["300308.SZ"] == panel.stocks()


def test_no_bars_are_no_panel(bars):
    with pytest.raises(PricesError, match=r"^the DataFrame: there are no bars$"):
        PricePanel.from_frame(bars().iloc[:0])


def test_a_panel_says_what_it_is(small, bars):
    assert "<PricePanel of 2 codes, 2024-10-14 to 2024-10-18, from two names>" == repr(small)
    assert "SIMULATED from the DataFrame" in repr(PricePanel.from_frame(bars(), simulated=True))


def test_a_panel_cut_before_its_first_bar_still_says_what_it_is(small):
    empty = small.up_to(dt.date(2024, 10, 13))

    assert "<PricePanel of 2 codes, without a session, from two names>" == repr(empty)
    assert empty.last_bar("300308.SZ") is None


def test_since_a_session_has_no_earlier_bar_and_no_code_without_one(small):
    assert DAYS[2:] == [day.item() for day in small.since(DAYS[2]).sessions]
    assert ("300308.SZ", "600050.SH") == small.since(DAYS[2]).codes
    assert ("300308.SZ",) == small.since(DAYS[3]).codes
    assert small.since(dt.date(2024, 10, 1)) is small
    assert small.since(dt.date(2024, 11, 1)) is small
