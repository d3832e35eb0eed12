import csv
import datetime as dt

import pytest

from thesis.errors import PricesError
from thesis.market.listing import Listing, is_index, listings_from_rows, same_name, st_known
from thesis.market.reference import st_history
from thesis.market.sources.listings import read_listings
from thesis.market.sources.sample import SPAN, sample_listings


def day(text):
    return dt.date.fromisoformat(text)


def test_empty_cells_are_unknown():
    row = {"code": "300308.SZ", "name": "", "list_date": "", "sw_l1_code": ""}

    assert {"300308.SZ": Listing("300308.SZ")} == listings_from_rows([row], "securities.csv")


def test_a_row_is_read_whole():
    row = {
        "code": "600002.SH",
        "name": "齐鲁石化",
        "list_date": "1998-04-08",
        "delist_date": "2006-04-24",
        "sw_l1_code": "801030.SI",
        "sw_l1_name": "基础化工",
        "sw_as_of": "2006-01-01",
    }
    expected = Listing(
        "600002.SH",
        "齐鲁石化",
        dt.date(1998, 4, 8),
        dt.date(2006, 4, 24),
        "801030.SI",
        "基础化工",
        "2006-01-01",
    )

    assert {"600002.SH": expected} == listings_from_rows([row], "securities.csv")


def test_a_date_that_cannot_be_read_is_shown():
    row = {"code": "300308.SZ", "list_date": "10/04/2012"}

    with pytest.raises(
        PricesError,
        match=r"^securities.csv: 300308.SZ: list_date = '10/04/2012' is no date; write 2024-10-14$",
    ):
        listings_from_rows([row], "securities.csv")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("万 科Ａ", "万科A", True),
        ("*ST国华", "国华", True),
        ("ST国华", "*ST国华", True),
        ("XD中国移", "中国移", True),
        ("浪潮信息", "中科曙光", False),
    ],
)
def test_a_name_is_the_same_apart_from_width_spaces_and_marks(one, other, same):
    assert same is same_name(one, other)


@pytest.mark.parametrize(("code", "index"), [("000300.SH", True), ("000001.SZ", False)])
def test_an_index_is_known_by_its_code(code, index):
    assert index is is_index(code)


# Special treatment.

TREATED = Listing(
    "000040.SZ",
    treatments=(
        (day("2023-05-05"), day("2024-04-30"), "ST"),
        (day("2024-05-06"), day("2025-04-15"), "*ST"),
        (day("2025-04-16"), None, "delisting"),
    ),
    treatments_known=((day("2020-01-02"), day("2025-05-09")),),
)


def test_a_listing_up_to_a_day_knows_no_later_treatment_and_no_later_end():
    then = TREATED.up_to(day("2024-05-06"))

    assert (
        (day("2023-05-05"), day("2024-04-30"), "ST"),
        (day("2024-05-06"), None, "*ST"),
    ) == then.treatments
    assert ((day("2020-01-02"), day("2024-05-06")),) == then.treatments_known
    before = TREATED.up_to(day("2019-12-31"))
    assert ((), ()) == (before.treatments, before.treatments_known)
    assert TREATED.up_to(day("2025-05-09")) is TREATED


def test_a_treatment_that_ends_on_the_day_itself_has_ended():
    assert (day("2023-05-05"), day("2024-04-30"), "ST") == TREATED.up_to(
        day("2024-04-30")
    ).treatments[-1]


@pytest.mark.parametrize(
    ("spans", "first", "last", "known"),
    [
        ([("2024-01-02", "2025-12-31")], "2024-10-14", "2025-04-11", True),
        ([("2024-10-14", "2025-04-11")], "2024-10-14", "2025-04-11", True),
        ([("2024-10-15", "2025-04-11")], "2024-10-14", "2025-04-11", False),
        ([("2024-10-14", "2025-04-10")], "2024-10-14", "2025-04-11", False),
        ([("2025-01-01", "2025-12-31"), ("2024-01-02", "2024-12-31")], "2024-10-14", "2025-04-11",
         True),
        ([("2024-01-02", "2024-12-30"), ("2025-01-01", "2025-12-31")], "2024-10-14", "2025-04-11",
         False),
        ([("2024-01-02", "2025-12-31"), ("2024-02-01", "2024-03-01")], "2024-10-14", "2025-12-31",
         True),
        ([], "2024-10-14", "2024-10-14", False),
    ],
)  # fmt: skip
def test_treatments_are_known_where_what_was_looked_at_spans_every_day(spans, first, last, known):
    looked_at = tuple((day(start), day(end)) for start, end in spans)
    listing = Listing("000040.SZ", treatments_known=looked_at)

    assert known is st_known(listing, day(first), day(last))


def test_of_a_name_that_nobody_listed_nothing_is_known():
    assert st_known(None, day("2024-10-14"), day("2024-10-14")) is False


def test_a_market_folder_may_say_who_was_treated_and_of_whom_it_knows(tmp_path):
    (tmp_path / "st_history.csv").write_text(
        "code,start,end,kind,source\n"
        "000040.SZ,2025-04-16,,delisting,szse\n"
        "000040.SZ,2024-05-06,2025-04-15,*ST,szse\n"
        "000005.SZ,2023-05-05,,ST,szse\n",
        encoding="utf-8",
    )
    (tmp_path / "st_coverage.csv").write_text(
        "code,covered_from,covered_to,source\n"
        "000040.SZ,1994-08-08,2025-05-09,szse\n000001.SZ,1991-04-03,2025-05-09,szse\n",
        encoding="utf-8",
    )
    # Inferred from bars that came later: never read.
    (tmp_path / "st_inferred.csv").write_text(
        "code,start_earliest,start,end,end_latest\n000002.SZ,2024-01-02,2024-01-02,,\n",
        encoding="utf-8",
    )

    found = read_listings(tmp_path)

    assert {"000040.SZ", "000005.SZ", "000001.SZ"} == set(found)
    assert TREATED.treatments[1:] == found["000040.SZ"].treatments
    assert ((day("1994-08-08"), day("2025-05-09")),) == found["000040.SZ"].treatments_known
    assert ((day("2023-05-05"), None, "ST"),) == found["000005.SZ"].treatments
    assert () == found["000005.SZ"].treatments_known
    assert ((), 1) == (found["000001.SZ"].treatments, len(found["000001.SZ"].treatments_known))
    assert {"000001.SZ"} == set(read_listings(tmp_path, ["000001.SZ"]))


def test_a_treatment_without_a_kind_is_st(market):
    found = read_listings(market, ["600375.SH", "600004.SH"])

    assert ((day("2024-04-01"), day("2025-04-17"), "ST"),) == found["600375.SH"].treatments
    assert () == found["600004.SH"].treatments
    assert st_known(found["600004.SH"], day("2024-10-14"), day("2025-04-11"))


def test_the_tables_a_fetch_stores_are_read_back(tmp_path):
    changes = [
        st_history.NameChange("000040.SZ", day("2024-05-06"), "东旭蓝天", "*ST旭蓝"),
        st_history.NameChange("000040.SZ", day("2025-04-16"), "*ST旭蓝", "旭蓝退"),
    ]
    listed = [
        {"code": "000040.SZ", "name": "旭蓝退", "list_date": "1994-08-08", "delist_date": ""},
    ]
    tables = st_history.st_history(changes, listed, day("2025-05-09"))
    for name, columns, rows in zip(
        ("st_history.csv", "st_coverage.csv"),
        (st_history.COLUMNS, st_history.COVERAGE_COLUMNS),
        tables,
        strict=True,
    ):
        with (tmp_path / name).open("w", encoding="utf-8", newline="") as file:
            table = csv.DictWriter(file, columns)
            table.writeheader()
            table.writerows(rows)

    found = read_listings(tmp_path)["000040.SZ"]

    assert TREATED.treatments[1:] == found.treatments
    assert st_known(found, day("2024-05-06"), day("2025-05-09"))
    assert not st_known(found, day("2024-05-03"), day("2025-05-09"))


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        (
            "st_history.csv",
            "code,start,end,kind\n000040.SZ,2024-05-06,,退\n",
            r"st_history.csv: 000040.SZ: kind = '退' is none of ST, \*ST, delisting$",
        ),
        (
            "st_history.csv",
            "code,start,end\n000040.SZ,,2024-05-06\n",
            r"st_history.csv: 000040.SZ: start is missing; write 2024-10-14$",
        ),
        (
            "st_history.csv",
            "code,start,end\n000040.SZ,2024-05-06,6/5/24\n",
            r"st_history.csv: 000040.SZ: end = '6/5/24' is no date; write 2024-10-14$",
        ),
        (
            "st_coverage.csv",
            "code,covered_from,covered_to\n000040.SZ,2024-05-06,\n",
            r"st_coverage.csv: 000040.SZ: covered_to is missing; write 2024-10-14$",
        ),
    ],
)
def test_a_treatment_that_cannot_be_read_is_shown(name, text, told, tmp_path):
    (tmp_path / name).write_text(text, encoding="utf-8")

    with pytest.raises(PricesError, match=told):
        read_listings(tmp_path)


def test_no_name_of_the_sample_is_treated_and_that_is_known():
    listing = sample_listings(["300308.SZ"])["300308.SZ"]

    assert () == listing.treatments
    assert st_known(listing, *SPAN)
