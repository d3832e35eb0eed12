"""Movers of an industry: against a slow loop over raw bars, and each odd stock by hand."""

import csv
import datetime as dt
import gzip

import numpy as np
import pandas as pd
import pytest

from thesis.errors import PricesError
from thesis.market.calendar import sessions
from thesis.market.classes import Classes
from thesis.market.listing import Listing
from thesis.market.pool import Pool, read_pool
from thesis.scoring.movers import LEAD, Mover, industry_named, movers_of, movers_span

FIRST, LAST = dt.date(2024, 9, 11), dt.date(2024, 10, 11)
MEDIA = "801760.SI"


def slow_movers(folder, prefix, first, last, vintage):
    """From the files, in plain loops: who belonged, and close x factor at both ends."""
    members, tabled, later = set(), set(), set()
    with gzip.open(folder / "sw_membership.csv.gz", "rt", encoding="utf-8-sig") as file:
        for row in csv.DictReader(file):
            if row["vintage"] == vintage:
                tabled.add(row["code"])
            inside = row["in_date"] <= str(last) and not (
                row["out_date"] and row["out_date"] <= str(last)
            )
            if inside and row["sw_l3_internal"].startswith(prefix):
                (members if row["vintage"] == vintage else later).add(row["code"])
    members |= later - tabled
    listed = pd.read_csv(folder / "securities.csv", dtype=str).set_index("code")["list_date"]
    frames = [
        pd.read_parquet(
            folder / name,
            columns=["code", "date", "close", "factor"],
            filters=[("code", "in", sorted(members))],
        )
        for name in ("bars.parquet", "universe.parquet")
    ]
    bars = pd.concat([frame.astype({"code": str}) for frame in frames])
    bars["date"] = pd.to_datetime(bars["date"]).dt.date
    returns = {}
    for code, own in bars.groupby("code"):
        if listed.get(code, "") > str(first):
            continue
        before = own[own["date"] <= first].sort_values("date")
        until = own[own["date"] <= last].sort_values("date")
        if before.empty or until["date"].iloc[-1] <= first:
            continue
        start, end = before.iloc[-1], until.iloc[-1]
        ret = end["close"] * end["factor"] / (start["close"] * start["factor"]) - 1
        if ret == ret:
            returns[code] = (ret, start["date"], end["date"])
    return returns


@pytest.mark.parametrize(("industry", "prefix"), [("801760.SI", "72"), ("801770.SI", "73")])
def test_movers_are_those_of_a_slow_loop_over_raw_bars(market, industry, prefix):
    pool = read_pool(market, *movers_span(FIRST, LAST))
    found = movers_of(pool, industry, FIRST, LAST)
    expected = slow_movers(market, prefix, FIRST, LAST, "2024-08-31")

    assert set(expected) == {each.code for each in found.stocks}
    for each in found.stocks:
        ret, bought, sold = expected[each.code]
        assert pytest.approx(ret, abs=1e-12) == each.ret
        assert (bought, sold) == (each.bought, each.sold)
    ranked = sorted(expected, key=lambda code: -expected[code][0])
    assert ranked[:5] == [each.code for each in found.top(5)]
    assert ranked[::-1][:5] == [each.code for each in found.bottom(5)]
    assert pytest.approx(np.mean([x[0] for x in expected.values()]), abs=1e-12) == found.mean
    assert pytest.approx(np.median([x[0] for x in expected.values()]), abs=1e-12) == found.median
    assert dt.date(2024, 8, 31) == found.edition


def test_the_media_movers_of_the_report_s_days(market):
    found = movers_of(read_pool(market, *movers_span(FIRST, LAST)), MEDIA, FIRST, LAST)

    # 旗天科技 went ex nothing between: its raw closes tell.
    bars = pd.read_parquet(market / "universe.parquet", filters=[("code", "==", "300061.SZ")])
    closes = bars.set_index(pd.to_datetime(bars["date"]).dt.date)["close"]
    assert "300061.SZ" == found.stocks[0].code
    assert pytest.approx(closes[LAST] / closes[FIRST] - 1, abs=1e-12) == found.stocks[0].ret
    assert 130 == len(found.stocks)
    assert {"listed_later": ("301551.SZ",)} == dict(found.left_out)


# Five sessions by hand: Monday to Friday, from Tuesday's close to Friday's.
DAYS = [d for d in sessions().tolist() if dt.date(2024, 9, 9) <= d <= dt.date(2024, 9, 13)]
NAN = float("nan")


def hand(stocks, *, listings=None, classes=None, left_out=None, seen=None):
    """A pool of stocks: code to closes, or to closes and factors."""
    codes = tuple(sorted(stocks))
    closes, factors = (np.full((len(DAYS), len(codes)), np.nan) for _ in range(2))
    for column, code in enumerate(codes):
        given = stocks[code]
        close, factor = given if isinstance(given, tuple) else (given, [1.0] * len(DAYS))
        closes[:, column] = close
        factors[:, column] = np.where(np.isnan(close), np.nan, factor)
    own = {code: Listing(code, name=f"name of {code}", industry=MEDIA) for code in codes}
    return Pool(
        sessions=np.array(DAYS, dtype="datetime64[D]"),
        codes=codes,
        fields={"close": closes, "factor": factors},
        origin="by hand",
        listings=own | (listings or {}),
        classes=classes,
        left_out=left_out or {},
        seen=seen or {},
    )


def moved(pool):
    return movers_of(pool, MEDIA, DAYS[1], DAYS[4])


def test_dividends_and_splits_are_in_the_return():
    found = moved(hand({"600000.SH": ([10, 10, 10, 5, 5.5], [1, 1, 1, 2, 2])}))

    # 10 x 1 to 5.5 x 2
    assert pytest.approx(0.10) == found.stocks[0].ret


def test_a_suspended_stock_carries_its_last_close_and_is_marked():
    found = moved(
        hand(
            {
                "600000.SH": [10, 20, 20, 20, 21],
                "600001.SH": [10, NAN, 10, 10, 12],
                "600002.SH": [10, 10, 11, NAN, NAN],
            }
        )
    )

    whole, late, early = sorted(found.stocks, key=lambda each: each.code)
    assert (pytest.approx(0.05), False) == (whole.ret, found.carried(whole))
    assert (pytest.approx(0.20), True, DAYS[0]) == (late.ret, found.carried(late), late.bought)
    assert (pytest.approx(0.10), True, DAYS[2]) == (early.ret, found.carried(early), early.sold)


def test_every_stock_without_a_return_is_counted_with_its_reason():
    pool = hand(
        {
            "600000.SH": [10, 20, 20, 20, 21],
            "600001.SH": [NAN, NAN, 10, 10, 12],
            "600002.SH": [NAN, NAN, 10, 10, 12],
            "600003.SH": [10, 10, NAN, NAN, NAN],
            "600004.SH": ([10, 10, 10, 10, 12], [1, NAN, 1, 1, 1]),
        },
        listings={
            "600001.SH": Listing("600001.SH", industry=MEDIA, list_date=DAYS[2]),
            "600005.SH": Listing("600005.SH", industry=MEDIA),
            "600006.SH": Listing("600006.SH", industry=MEDIA, list_date=dt.date(2020, 1, 2)),
            "600007.SH": Listing("600007.SH", industry="801750.SI", list_date=DAYS[0]),
        },
        left_out={"bars without a factor": ("600005.SH",)},
    )
    found = moved(pool)

    assert ["600000.SH"] == [each.code for each in found.stocks]
    assert {
        "listed_later": ("600001.SH",),
        "no_first": ("600002.SH",),
        "no_move": ("600003.SH",),
        "no_factor": ("600004.SH",),
        "unusable": ("600005.SH",),
        "no_bars": ("600006.SH",),
    } == dict(found.left_out)
    assert 5 == found.market


def test_top_and_bottom_share_no_stock():
    rises = {f"60000{n}.SH": [10, 10, 10, 10, 10 + n] for n in range(7)}
    found = moved(hand(rises))

    assert [f"60000{n}.SH" for n in (6, 5, 4, 3, 2)] == [each.code for each in found.top(5)]
    assert ["600000.SH", "600001.SH"] == [each.code for each in found.bottom(5)]
    assert ["600000.SH", "600001.SH"] == [each.code for each in found.bottom(2)]
    assert () == moved(hand(dict(list(rises.items())[:3]))).bottom(3)
    assert pytest.approx((0.3, 0.3)) == (found.mean, found.median)


def test_the_industry_is_that_of_the_last_session():
    to_media, from_media = DAYS[3], DAYS[2]
    classes = Classes(
        np.array(["600000.SH", "600001.SH", "600001.SH", "600002.SH"]),
        np.array(["720502", "720502", "710103", "720502"]),
        np.array(
            [to_media, dt.date(2020, 1, 1), from_media, dt.date(2024, 9, 18)], "datetime64[D]"
        ),
        np.array(["NaT", from_media, "NaT", "NaT"], "datetime64[D]"),
        np.full(4, np.datetime64("2024-09-01")),
    )
    rises = {f"60000{n}.SH": [10, 10, 10, 10, 11] for n in range(3)}
    found = moved(hand(rises, classes=classes))

    assert ["600000.SH"] == [each.code for each in found.stocks]
    assert 1 == found.unclassed  # 600002 is classed a week later
    assert dt.date(2024, 9, 1) == found.edition


def test_later_bars_and_other_stocks_change_nothing():
    plain = hand({"600000.SH": [10, 20, 20, 21, 7], "600001.SH": [10, 10, 11, NAN, 50]})
    one = movers_of(plain, MEDIA, DAYS[1], DAYS[3])
    other = movers_of(
        hand({
            "600000.SH": [10, 20, 20, 21, 900], "600001.SH": [10, 10, 11, NAN, NAN],
            "600009.SH": [1, 2, 3, 4, 5],
        }, listings={"600009.SH": Listing("600009.SH", industry="801750.SI")}),
        MEDIA, DAYS[1], DAYS[3],
    )  # fmt: skip

    assert one.stocks == other.stocks
    assert [pytest.approx(0.10), pytest.approx(0.05)] == [each.ret for each in one.stocks]


def test_an_industry_of_which_no_stock_is_known_is_a_sentence():
    with pytest.raises(
        PricesError, match=r"by hand: it knows no stock of 801780\.SI on 2024-09-13"
    ):
        movers_of(hand({"600000.SH": [10] * 5}), "801780.SI", DAYS[1], DAYS[4])


def test_the_span_starts_so_many_sessions_before():
    start, end = movers_span(FIRST, LAST)
    days = sessions()

    assert LAST == end
    assert LEAD == int(((days >= np.datetime64(start)) & (days <= np.datetime64(FIRST))).sum())


@pytest.mark.parametrize("text", ["media", "MEDIA", " 传媒", "801760", "801760.SI", "801760.si"])
def test_an_industry_is_named_in_many_ways(text):
    assert MEDIA == industry_named(text)


def test_what_is_no_industry_has_no_code():
    assert None is industry_named("medi")
    assert None is industry_named("000300.SH")


def test_a_stock_of_the_pool_s_listings_is_called_by_its_latest_name():
    (only,) = moved(hand({"600000.SH": [10, 20, 20, 20, 21]})).stocks

    assert Mover("600000.SH", "name of 600000.SH", only.ret, DAYS[1], DAYS[4]) == only
