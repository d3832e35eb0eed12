import datetime as dt

import numpy as np
import pandas as pd
import pytest

from thesis.errors import Caution, PricesError
from thesis.market.door import COLUMNS, admit

NEED = "code date open high low close volume amount factor"


def refusal(frame):
    with pytest.raises(PricesError) as caught:
        admit(frame, "bars.csv")
    return str(caught.value)


def cautions(frame):
    return admit(frame, "bars.csv")[1]


def test_good_bars_pass_in_order_with_every_column_and_no_caution(bars):
    frame, odd = admit(bars(), "bars.csv")

    assert [] == odd
    assert list(COLUMNS) == list(frame.columns)
    assert 5 == len(frame)
    assert frame["share_factor"].isna().all()


def test_the_frame_given_is_left_as_it_was(bars):
    given = bars(days=["2024-10-15", "2024-10-14"])
    before = given.copy(deep=True)
    admit(given, "bars.csv")

    pd.testing.assert_frame_equal(before, given)


@pytest.mark.parametrize(
    ("gone", "text"),
    [
        (
            "close",
            (
                f"bars.csv: no column close; bars need {NEED}, raw prices in CNY, volume in shares "
                "(it has code date open high low volume amount factor)"
            ),
        ),
        (
            "date",
            (
                f"bars.csv: no column date; bars need {NEED}, raw prices in CNY, volume in shares "
                "(it has code open high low close volume amount factor)"
            ),
        ),
        (
            "factor",
            (
                f"bars.csv: no column factor; bars of stocks need {NEED} (factor: cumulative, 1.0 "
                "throughout where no dividend or split falls in the window)"
            ),
        ),
        (
            "volume",
            (
                f"bars.csv: no column volume; bars of stocks need {NEED} (factor: cumulative, 1.0 "
                "throughout where no dividend or split falls in the window)"
            ),
        ),
    ],
)
def test_a_missing_column_is_named_with_those_that_are_needed(bars, gone, text):
    assert text == refusal(bars(**{gone: None}))


def test_an_index_needs_its_code_date_and_close_alone(bars, levels):
    frame, odd = admit(levels(), "bars.csv")

    assert [] == odd
    assert [4000.0] * 5 == frame["close"].tolist()
    assert frame[["open", "high", "low", "volume", "factor"]].isna().all(axis=None)

    mixed, odd = admit(pd.concat([bars(), levels()]), "bars.csv")

    assert [] == odd
    assert 10 == len(mixed)


@pytest.mark.parametrize("bad", ["yesterday", "2024-13-01", "", None])
def test_a_date_that_cannot_be_read_is_shown(bars, bad):
    days = ["2024-10-14", bad, "2024-10-16", "2024-10-17", "2024-10-18"]

    assert refusal(bars(days=days)).startswith("bars.csv: date ")
    assert refusal(bars(days=days)).endswith(" cannot be read; write 2024-10-14")


def test_a_bad_date_is_quoted(bars):
    days = ["2024-10-14", "yesterday", "2024-10-16", "2024-10-17", "2024-10-18"]

    assert "bars.csv: date 'yesterday' cannot be read; write 2024-10-14" == refusal(bars(days=days))


@pytest.mark.parametrize(
    "days",
    [
        ["2024-10-14", "2024-10-15"],
        ["20241014", "20241015"],
        [20241014, 20241015],
        [dt.date(2024, 10, 14), dt.date(2024, 10, 15)],
        pd.to_datetime(["2024-10-14", "2024-10-15"]),
        pd.to_datetime(["2024-10-14 15:00", "2024-10-15 15:00"]),
        pd.to_datetime(["2024-10-14", "2024-10-15"]).tz_localize("Asia/Shanghai"),
        pd.to_datetime(["2024-10-13 16:00", "2024-10-14 16:00"]).tz_localize("UTC"),
        ["2024-10-14", pd.Timestamp("2024-10-15")],
    ],
    ids=["text", "compact", "number", "date", "stamp", "hour", "shanghai", "utc", "mixed"],
)
def test_a_date_in_any_usual_form_is_the_day_in_shanghai(bars, days):
    frame, odd = admit(bars(days=days), "bars.csv")

    assert [] == odd
    assert ["2024-10-14", "2024-10-15"] == frame["date"].dt.strftime("%Y-%m-%d").tolist()


def test_text_where_a_number_stands_is_quoted_with_its_bar(bars):
    frame = bars(close=["10.2", "10.2", "n/a", "10.2", "10.2"])

    assert "bars.csv: 300308.SZ on 2024-10-16: close = 'n/a' is no number" == refusal(frame)


def test_a_code_that_cannot_be_is_refused_with_the_right_one(bars):
    assert (
        "bars.csv: security code '300308.SH': 300308 is a Shenzhen code; write 300308.SZ"
        == refusal(bars("300308.SH"))
    )


@pytest.mark.parametrize("code", ["sz300308", "300308", "300308.XSHE"])
def test_a_code_in_another_spelling_is_refused_with_the_canonical_one(bars, code):
    assert f"bars.csv: code '{code}': bars use the canonical form 300308.SZ" == refusal(bars(code))


@pytest.mark.parametrize("nothing", [None, np.nan])
def test_a_bar_without_a_code_is_refused_with_its_row(bars, nothing):
    frame = bars(code=["300308.SZ", "300308.SZ", nothing, "300308.SZ", "300308.SZ"])

    assert "bars.csv: the bar in row 3 has no code; write one, as 300308.SZ" == refusal(frame)


def test_two_bars_of_a_code_on_one_session_are_refused_and_counted(bars):
    days = ["2024-10-14", "2024-10-15", "2024-10-15", "2024-10-16", "2024-10-16"]

    assert (
        "bars.csv: 300308.SZ on 2024-10-15: two bars for one session; remove one (2 in all)"
        == refusal(bars(days=days))
    )


@pytest.mark.parametrize("closed", ["2024-10-12", "2024-10-01", "2024-09-16", "2025-01-28"])
def test_a_bar_on_a_day_the_exchanges_were_closed_is_refused(bars, closed):
    assert (
        f"bars.csv: 300308.SZ on {closed}: the exchanges were closed that day, so the bar cannot "
        "be real (1 such bars); remove it" == refusal(bars(days=[closed]))
    )


def test_bars_beyond_the_calendar_are_left_out_with_a_caution(bars):
    frame, odd = admit(bars(days=["2026-12-30", "2026-12-31", "2027-01-04"]), "bars.csv")

    assert 2 == len(frame)
    assert [
        Caution(
            "calendar_horizon",
            "bars.csv: 1 bars after 2026-12-31, the last day the calendar knows, were left out; a "
            "newer exchange-calendars reaches further",
        )
    ] == odd


@pytest.mark.parametrize("field", ["open", "high", "low", "close"])
@pytest.mark.parametrize(
    ("price", "shown"), [(0.0, "0"), (-1.5, "-1.5"), (np.inf, "inf"), (-np.inf, "-inf")]
)
def test_a_price_that_is_not_finite_and_positive_is_refused(bars, field, price, shown):
    usual = bars()[field].iloc[0]

    assert (
        f"bars.csv: 300308.SZ on 2024-10-16: {field} = {shown}; raw prices are positive "
        "(back-adjusted prices can fall below zero: store raw prices and a factor)"
        == refusal(bars(**{field: [usual, usual, price, usual, usual]}))
    )


@pytest.mark.parametrize("field", ["open", "high", "low", "close"])
def test_a_bar_that_lacks_a_price_is_refused(bars, field):
    usual = bars()[field].iloc[0]

    assert (
        f"bars.csv: 300308.SZ on 2024-10-16: {field} is missing; a bar has all four prices, and a "
        "suspended session has no bar"
        == refusal(bars(**{field: [usual, usual, np.nan, usual, usual]}))
    )


@pytest.mark.parametrize("level", [0.0, -4000.0, np.inf])
def test_an_index_level_that_is_not_finite_and_positive_is_refused(levels, level):
    closes = [4000.0, level, 4000.0, 4000.0, 4000.0]

    assert (
        f"bars.csv: 000300.SH on 2024-10-15: close = {level:g}; raw prices are positive "
        "(back-adjusted prices can fall below zero: store raw prices and a factor)"
        == refusal(levels(close=closes))
    )


@pytest.mark.parametrize(
    ("columns", "text"),
    [
        ({"high": 10.1}, "open 10, high 10.1, low 9.5, close 10.2"),
        ({"high": 9.9, "close": 9.8}, "open 10, high 9.9, low 9.5, close 9.8"),
        ({"low": 10.1}, "open 10, high 10.5, low 10.1, close 10.2"),
        ({"low": 9.9, "close": 9.8}, "open 10, high 10.5, low 9.9, close 9.8"),
        ({"high": 9.0, "low": 10.9}, "open 10, high 9, low 10.9, close 10.2"),
    ],
)
def test_a_high_or_low_that_contradicts_open_or_close_is_refused(bars, columns, text):
    assert f"bars.csv: 300308.SZ on 2024-10-14: {text} contradict each other" == refusal(
        bars(**columns)
    )


def test_a_locked_bar_of_one_price_is_fine(bars):
    assert [] == cautions(bars(open=11.0, high=11.0, low=11.0, close=11.0, amount=11_000.0))


@pytest.mark.parametrize("field", ["volume", "amount"])
def test_a_negative_volume_or_amount_is_refused(bars, field):
    assert f"bars.csv: 300308.SZ on 2024-10-14: {field} = -5 is negative" == refusal(
        bars(**{field: -5.0})
    )


@pytest.mark.parametrize(
    ("volume", "amount", "ratio", "guess"),
    [
        (10.0, 10_100.0, "106", "; volume looks like lots of 100"),
        (0.1, 10_100.0, "1.06e+04", "; volume looks like lots of 10,000"),
        (1000.0, 10.1, "0.00106", "; amount looks like thousands of CNY"),
        (1000.0, 1.01, "0.000106", "; amount looks like units of 10,000 CNY"),
        (10.0, 10.1, "0.106", "; volume looks like lots of 100 and amount like thousands of CNY"),
        (100_000.0, 10_100.0, "0.0106", "; volume looks like shares times 100"),
        (1000.0, 50_000.0, "4.76", ""),
    ],
)
def test_volume_or_amount_in_other_units_is_refused_and_named(bars, volume, amount, ratio, guess):
    found = refusal(bars(volume=volume, amount=amount))

    assert found.endswith(f"volume must be in shares and amount in CNY{guess}")
    assert found.startswith("bars.csv: 300308.SZ: amount / volume is ")
    assert float(ratio) == pytest.approx(float(found.split(" is ")[1].split()[0]), rel=0.11)


def test_volume_in_lots_says_so_in_these_words(bars):
    # 10,100 / 10 = 1,010 CNY against a high of 10.5: 96.2 times.
    assert (
        "bars.csv: 300308.SZ: amount / volume is 96.2 times its price (median of its bars); volume "
        "must be in shares and amount in CNY; volume looks like lots of 100"
        == refusal(bars(volume=10.0))
    )


def test_units_wrong_on_a_single_bar_are_a_caution(bars):
    assert [
        Caution(
            "units_row",
            "bars.csv: amount / volume lies outside low..high on 1 of 5 bars (300308.SZ); block "
            "trades do that, wrong units would do it on all",
        )
    ] == cautions(bars(amount=[10_100.0, 10_100.0, 20_000.0, 10_100.0, 10_100.0]))


def test_bars_whose_volume_or_amount_is_unknown_are_let_in(bars):
    assert [] == cautions(bars(volume=np.nan, amount=np.nan))


@pytest.mark.parametrize("field", ["factor", "share_factor"])
@pytest.mark.parametrize(("value", "shown"), [(0.0, "0"), (-1.0, "-1"), (np.inf, "inf")])
def test_a_factor_that_is_not_positive_is_refused(bars, field, value, shown):
    assert (
        f"bars.csv: 300308.SZ on 2024-10-15: {field} = {shown}; a cumulative factor is positive"
        == refusal(bars(**{field: [1.0, value, 1.0, 1.0, 1.0]}))
    )


@pytest.mark.parametrize("field", ["factor", "share_factor"])
def test_a_factor_that_falls_is_a_caution(bars, field):
    assert [
        Caution(
            "factor_falls",
            f"bars.csv: 300308.SZ: its {field} falls on 2024-10-17; dividends and splits only "
            "raise it, so unless shares were merged the return is wrong",
        )
    ] == cautions(bars(**{field: [1.0, 1.2, 1.2, 1.1, 1.1]}))


def test_a_factor_may_differ_between_codes_without_a_caution(bars):
    frame = pd.concat([bars("300308.SZ", factor=5.0), bars("300502.SZ", factor=1.0)])

    assert [] == cautions(frame)


def test_a_code_that_lacks_a_factor_is_left_out_with_a_caution(bars):
    lacking = bars("300502.SZ", factor=[1.0, 1.0, np.nan, np.nan, 1.0])
    frame, odd = admit(pd.concat([bars(), lacking]), "bars.csv")

    assert ["300308.SZ"] == frame["code"].unique().tolist()
    assert [
        Caution(
            "factor_missing",
            "bars.csv: 300502.SZ: 2 of 5 bars carry no factor, so its return is unknown; the name "
            "counts as having no data",
        )
    ] == odd


def test_bars_out_of_order_are_sorted_with_a_caution(bars):
    frame, odd = admit(
        bars(days=["2024-10-16", "2024-10-14", "2024-10-15"], factor=[3.0, 1.0, 2.0]), "bars.csv"
    )

    assert [1.0, 2.0, 3.0] == frame["factor"].tolist()
    assert [
        Caution(
            "unsorted",
            "bars.csv: the bars of 300308.SZ were not in date order; they were sorted",
        )
    ] == odd


def test_codes_may_be_interleaved_and_in_any_order(bars):
    frame = pd.concat([bars("300502.SZ"), bars("300308.SZ")]).sort_values("date", kind="stable")

    assert [] == cautions(frame)


def test_only_three_of_many_unsorted_codes_are_named(bars):
    days = ["2024-10-15", "2024-10-14"]
    codes = ["300308.SZ", "300502.SZ", "300394.SZ", "300133.SZ", "300364.SZ"]

    assert (
        "bars.csv: the bars of 300308.SZ, 300502.SZ, 300394.SZ and 2 more were not in date order; "
        "they were sorted" == cautions(pd.concat([bars(code, days) for code in codes]))[0].message
    )


def test_bars_without_volume_are_suspended_sessions_and_left_out(bars):
    frame, odd = admit(
        bars(volume=[1000.0, 0, 0, 1000.0, 1000.0], amount=[10_100.0, 0, 0, 10_100.0, 10_100.0]),
        "bars.csv",
    )

    assert [14, 17, 18] == frame["date"].dt.day.tolist()
    assert [
        Caution(
            "no_trades",
            "bars.csv: 2 bars without volume (300308.SZ) were taken as suspended sessions and left "
            "out",
        )
    ] == odd


def test_a_volume_that_is_zero_throughout_is_unknown_and_its_bars_stay(bars):
    frame, odd = admit(bars(volume=0.0, amount=0.0), "bars.csv")

    assert 5 == len(frame)
    assert [] == odd


def test_bars_without_volume_are_left_out_however_long_the_suspension(bars):
    quiet = [1000.0, 0.0, 0.0, 0.0, 0.0]
    frame, _ = admit(bars(volume=quiet, amount=[10_100.0, 0, 0, 0, 0]), "bars.csv")

    assert [14] == frame["date"].dt.day.tolist()


def test_no_bars_at_all_are_said(bars):
    assert "bars.csv: there are no bars" == refusal(bars().iloc[:0])


def test_bars_that_all_lie_beyond_the_calendar_leave_none(bars):
    frame, odd = admit(bars(days=["2027-01-04"]), "bars.csv")

    assert frame.empty
    assert ["calendar_horizon"] == [caution.code for caution in odd]
