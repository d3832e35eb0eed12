import datetime as dt

import pytest

from thesis.errors import PricesError
from thesis.market.listing import Listing, is_index, listings_from_rows, same_name


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
