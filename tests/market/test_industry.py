import datetime as dt
from dataclasses import replace

import pytest

import thesis
from thesis.errors import PricesError
from thesis.market.listing import Listing, industries_from_rows
from thesis.market.sources.listings import read_listings
from thesis.market.sources.sample import read_sample

MOVED = Listing(
    "300308.SZ",
    delist_date=dt.date(2030, 1, 4),
    industry="801770.SI",
    industry_as_of="2024-10-08",
    industries=(
        (dt.date(2012, 3, 26), "801890.SI"),
        (dt.date(2018, 7, 13), "801770.SI"),
        (dt.date(2026, 6, 1), None),
    ),
)


def test_an_industry_is_asked_for_by_day():
    asked = ["2012-03-25", "2012-03-26", "2018-07-12", "2018-07-13", "2026-05-31", "2026-06-01"]

    found = [MOVED.industry_on(dt.date.fromisoformat(text)) for text in asked]

    assert [None, "801890.SI", "801890.SI", "801770.SI", "801770.SI", None] == found
    assert "2018-07-12" == MOVED.industry_known_on(dt.date(2018, 7, 12))


def test_without_a_history_the_one_known_industry_holds():
    bare = replace(MOVED, industries=())

    assert "801770.SI" == bare.industry_on(dt.date(2015, 1, 5))
    assert "2024-10-08" == bare.industry_known_on(dt.date(2015, 1, 5))
    assert "801770.SI" == MOVED.industry_on(None)


def test_a_listing_up_to_a_day_knows_nothing_later():
    then = MOVED.up_to(dt.date(2018, 7, 12))

    assert ((dt.date(2012, 3, 26), "801890.SI"),) == then.industries
    assert then.delist_date is None
    before = MOVED.up_to(dt.date(2010, 1, 4))
    assert before.industry_on(dt.date(2024, 1, 2)) is None
    assert MOVED.up_to(dt.date(2030, 1, 4)) is MOVED


def rows(*spans):
    return [
        {"code": code, "in_date": first, "out_date": last, "sw_l1_code": industry}
        for code, first, last, industry in spans
    ]


def test_rows_of_memberships_become_histories():
    histories = industries_from_rows(
        rows(
            ("300308.SZ", "2018-07-13", "", "801770.SI"),
            ("300308.SZ", "2012-03-26", "2018-07-13", ""),
            ("600087.SH", "1997-06-12", "2014-06-05", "801170.SI"),
            ("600087.SH", "2019-01-08", "", "801170.SI"),
        ),
        "sw_membership.csv",
    )

    assert ((dt.date(2012, 3, 26), None), (dt.date(2018, 7, 13), "801770.SI")) == histories[
        "300308.SZ"
    ]
    assert [(1997, "801170.SI"), (2014, None), (2019, "801170.SI")] == [
        (first.year, code) for first, code in histories["600087.SH"]
    ]


@pytest.mark.parametrize(
    ("first", "told"),
    [("", "in_date is missing"), ("2018/7/13", "in_date = '2018/7/13' is no date")],
)
def test_a_membership_without_a_day_is_refused(first, told):
    with pytest.raises(PricesError, match=f"sw_membership.csv: 300308.SZ: {told}"):
        industries_from_rows(rows(("300308.SZ", first, "", "801770.SI")), "sw_membership.csv")


def test_a_market_folder_may_have_histories_of_industries(tmp_path):
    (tmp_path / "securities.csv").write_text(
        "code,name,sw_l1_code,sw_as_of\n300308.SZ,中际旭创,801770.SI,2026-06-05\n"
        "000001.SZ,平安银行,801780.SI,2026-06-05\n",
        encoding="utf-8",
    )
    before = read_listings(tmp_path)
    (tmp_path / "sw_membership.csv").write_text(
        "code,in_date,out_date,sw_l1_code,sw_l1_name,updated\n"
        "300308.SZ,2012-03-26,2018-07-13,801890.SI,机械设备,2015-10-27\n"
        "300308.SZ,2018-07-13,,801770.SI,通信,2021-03-03\n"
        "688256.SH,2020-07-20,,801080.SI,电子,2020-07-20\n",
        encoding="utf-8",
    )

    found = read_listings(tmp_path)

    day = dt.date(2018, 7, 12)
    assert "801890.SI" == found["300308.SZ"].industry_on(day)
    assert "中际旭创" == found["300308.SZ"].name
    assert before["000001.SZ"] == found["000001.SZ"]
    assert "801080.SI" == found["688256.SH"].industry_on(dt.date(2024, 1, 2))
    assert {"300308.SZ"} == set(read_listings(tmp_path, ["300308.SZ"]))


def test_the_names_sector_is_that_of_the_last_session_before_publication():
    """Optical modules, published on Sunday 2024-10-13: the industry of Friday the 11th counts."""
    panel = read_sample()
    names = thesis.load("optical_module").codes

    def sector(joined):
        moved = {
            code: replace(
                panel.listings[code],
                industries=((dt.date(2012, 1, 4), "801890.SI"), (joined, "801080.SI")),
            )
            for code in names
        }
        changed = replace(panel, listings={**panel.listings, **moved})
        result = thesis.backtest("optical_module", changed, as_of="2025-07-31")
        return next(other for other in result.score.other_sectors if other.choice == "names")

    assert (("801080.SI",), "2024-10-11") == (
        sector(dt.date(2024, 10, 11)).codes,
        sector(dt.date(2024, 10, 11)).note,
    )
    assert ("801890.SI",) == sector(dt.date(2024, 10, 12)).codes


def test_without_histories_the_names_sector_is_the_listings_own():
    result = thesis.backtest("optical_module", "sample", as_of="2025-07-31")

    other = next(o for o in result.score.other_sectors if o.choice == "names")
    assert (("801770.SI",), "the sample") == (other.codes, other.note)
