import datetime as dt
import gzip

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from thesis.errors import PricesError
from thesis.market.panel import PricePanel
from thesis.market.prices import open_prices
from thesis.market.sources.files import read_files
from thesis.market.sources.listings import read_listings

NEED = "code date open high low close volume amount factor"


def refusal(path, codes=None):
    with pytest.raises(PricesError) as caught:
        read_files(path, codes)
    return str(caught.value)


@pytest.fixture
def three(bars):
    """Bars of three codes, in order."""
    codes = ("300308.SZ", "300502.SZ", "600050.SH")
    return pd.concat([bars(code, share_factor=1.0) for code in codes], ignore_index=True)


def write(frame, path):
    if path.suffix == ".parquet":
        frame.to_parquet(path, index=False)
    else:
        frame.to_csv(path, index=False)
    return path


@pytest.mark.parametrize("name", ["bars.csv", "bars.csv.gz", "bars.parquet"])
def test_a_file_gives_the_same_panel_in_any_format(tmp_path, three, name):
    panel = read_files(write(three, tmp_path / name))

    assert PricePanel.from_frame(three).fingerprint == panel.fingerprint
    assert str(tmp_path / name) == panel.origin


@pytest.mark.parametrize("name", ["bars.csv", "bars.csv.gz", "bars.parquet"])
def test_only_the_codes_asked_for_are_kept(tmp_path, three, name):
    panel = read_files(write(three, tmp_path / name), ["600050.SH", "000001.SZ"])

    assert ("600050.SH",) == panel.codes


@pytest.mark.parametrize("kind", [pa.date32(), pa.date64(), pa.timestamp("ns"), pa.string()])
def test_parquet_may_hold_dates_of_any_type(tmp_path, three, kind):
    path = tmp_path / "bars.parquet"
    column = pa.array(three["date"].tolist())
    if kind != pa.string():
        column = column.cast(pa.timestamp("ns")).cast(kind)
    table = pa.Table.from_pandas(three.drop(columns="date"), preserve_index=False)
    pq.write_table(table.append_column("date", column), path)

    assert PricePanel.from_frame(three).fingerprint == read_files(path).fingerprint


def test_parquet_may_hold_codes_as_a_dictionary(tmp_path, three):
    path = write(three.astype({"code": "category"}), tmp_path / "bars.parquet")

    assert PricePanel.from_frame(three).fingerprint == read_files(path).fingerprint
    assert ("300502.SZ",) == read_files(path, ["300502.SZ"]).codes


def test_only_the_row_groups_that_can_hold_a_code_are_read(tmp_path, three, monkeypatch):
    path = tmp_path / "bars.parquet"
    three.to_parquet(path, index=False, row_group_size=5)
    read = []
    real = pq.ParquetFile.read_row_group

    def counted(self, group, *args, **options):
        read.append(group)
        return real(self, group, *args, **options)

    monkeypatch.setattr(pq.ParquetFile, "read_row_group", counted)
    panel = read_files(path, ["300502.SZ"])

    assert {1} == set(read)
    assert ("300502.SZ",) == panel.codes

    read.clear()
    read_files(path)

    assert {0, 1, 2} == set(read)


def test_a_code_that_spans_row_groups_is_read_whole(tmp_path, three):
    path = tmp_path / "bars.parquet"
    three.to_parquet(path, index=False, row_group_size=4)

    assert 5 == np.isfinite(read_files(path, ["300502.SZ"]).field("close", "300502.SZ")).sum()


def test_columns_that_are_no_bars_are_passed_over(tmp_path, three):
    path = write(three.assign(source="somewhere", pe=12.0), tmp_path / "bars.parquet")

    assert PricePanel.from_frame(three).fingerprint == read_files(path).fingerprint


def test_a_csv_may_start_with_a_byte_order_mark(tmp_path, three):
    path = tmp_path / "bars.csv"
    path.write_text(three.to_csv(index=False), encoding="utf-8-sig")

    assert PricePanel.from_frame(three).fingerprint == read_files(path).fingerprint


def test_a_csv_may_leave_optional_cells_empty(tmp_path, three, levels):
    path = write(pd.concat([three, levels()]), tmp_path / "bars.csv")
    panel = read_files(path)

    assert np.isnan(panel.field("open", "000300.SH")).all()
    assert panel.has_share_factor("300308.SZ")


def test_a_folder_is_read_as_one_market(tmp_path, three, bars, levels):
    write(three, tmp_path / "bars.parquet")
    write(bars("601595.SH"), tmp_path / "more.csv")
    write(levels(), tmp_path / "index.parquet")
    write(levels("H00300.CSI"), tmp_path / "total.csv.gz")
    # Files of other shapes, and no files of prices at all.
    (tmp_path / "suspensions.csv").write_text("code,start,end\n300308.SZ,2024-10-14,2024-10-15\n")
    write(pd.DataFrame({"ex_date": ["2024-12-20"]}), tmp_path / "corporate_actions.parquet")
    (tmp_path / "README.md").write_text("A market.")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "older").mkdir()
    write(three, tmp_path / "older" / "bars.csv")
    panel = read_files(tmp_path)

    assert (
        "000300.SH", "300308.SZ", "300502.SZ", "600050.SH", "601595.SH", "H00300.CSI",
    ) == panel.codes  # fmt: skip
    assert ("300308.SZ", "601595.SH") == read_files(tmp_path, ["601595.SH", "300308.SZ"]).codes


def test_a_folder_without_bars_says_what_bars_are(tmp_path):
    (tmp_path / "notes.csv").write_text("a,b\n1,2\n")

    assert (
        f"{tmp_path}: the folder has no bars; they are .parquet or .csv files with the columns "
        f"{NEED}" == refusal(tmp_path)
    )


def test_a_path_that_does_not_exist_is_said(tmp_path):
    path = tmp_path / "nowhere.parquet"

    assert f"{path}: there is no such file or folder of prices" == refusal(path)


@pytest.mark.parametrize("name", ["bars.xlsx", "bars.json", "bars"])
def test_a_file_of_another_kind_is_refused(tmp_path, name):
    (tmp_path / name).write_text("code,date\n")

    assert (
        f"{tmp_path / name}: prices are read from .parquet, .csv or .csv.gz, or a folder"
        == refusal(tmp_path / name)
    )


def test_a_file_without_the_columns_of_bars_says_which(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text("code,start\n300308.SZ,2024-10-14\n")

    assert f"{path}: no column date, close; bars need {NEED} (it has code start)" == refusal(path)


def test_an_empty_file_has_no_columns(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_text("")

    assert f"{path}: no column code, date, close; bars need {NEED} (it has none)" == refusal(path)


def test_a_file_with_columns_and_no_rows_has_no_bars(tmp_path, three):
    path = write(three.iloc[:0], tmp_path / "bars.csv")

    assert f"{path}: it has no bars of any code; codes are written as 300308.SZ" == refusal(path)


@pytest.mark.parametrize("name", ["bars.csv", "bars.parquet"])
def test_no_bars_of_the_codes_asked_for_are_said(tmp_path, three, name):
    path = write(three, tmp_path / name)

    assert (
        f"{path}: it has no bars of 000001.SZ, 000002.SZ, 000063.SZ and 1 more; codes are written "
        "as 300308.SZ" == refusal(path, ["000001.SZ", "000002.SZ", "000063.SZ", "000333.SZ"])
    )


@pytest.mark.parametrize("kept", [0, 4, 200, -9])
def test_a_truncated_parquet_file_cannot_be_read(tmp_path, three, kept):
    path = write(three, tmp_path / "bars.parquet")
    path.write_bytes(path.read_bytes()[:kept])

    assert refusal(path).startswith(f"{path} cannot be read: ")
    assert "\n" not in refusal(path)


def test_a_parquet_file_with_a_damaged_page_cannot_be_read(tmp_path, three):
    path = write(three, tmp_path / "bars.parquet")
    data = bytearray(path.read_bytes())
    data[4:400] = b"\xff" * 396
    path.write_bytes(data)

    assert refusal(path).startswith(f"{path} cannot be read: ")


def test_a_truncated_gzip_file_cannot_be_read(tmp_path, three):
    path = write(pd.concat([three] * 50), tmp_path / "bars.csv.gz")
    whole = path.read_bytes()
    for kept in (5, 60, len(whole) - 20):
        path.write_bytes(whole[:kept])

        assert refusal(path).startswith(f"{path} cannot be read: ")


def test_a_gzip_file_with_damaged_bytes_cannot_be_read(tmp_path, three):
    path = tmp_path / "bars.csv.gz"
    data = bytearray(gzip.compress(three.to_csv(index=False).encode()))
    data[12:60] = b"\xff" * 48
    path.write_bytes(data)

    assert refusal(path).startswith(f"{path} cannot be read: ")


def test_a_csv_that_is_not_utf8_cannot_be_read(tmp_path):
    path = tmp_path / "bars.csv"
    path.write_bytes("code,date,close,名称\n".encode("gbk"))

    assert refusal(path).startswith(f"{path} cannot be read: ")


def test_a_csv_with_a_torn_row_cannot_be_read(tmp_path, three):
    path = tmp_path / "bars.csv"
    path.write_text(three.to_csv(index=False) + "300308.SZ,2024-10-21\n")

    assert refusal(path).startswith(f"{path} cannot be read: ")


def test_a_damaged_file_in_a_folder_is_named(tmp_path, three):
    write(three, tmp_path / "bars.parquet")
    (tmp_path / "index.parquet").write_bytes(b"PAR1 and no more")

    assert refusal(tmp_path).startswith(f"{tmp_path / 'index.parquet'} cannot be read: ")


def test_a_code_in_two_files_is_refused(tmp_path, three, bars):
    write(three, tmp_path / "bars.parquet")
    write(bars("300502.SZ"), tmp_path / "more.csv")

    assert (
        "300502.SZ has bars in bars.parquet and in more.csv; factors of two files must not be "
        "mixed, so a code may stand in one alone" == refusal(tmp_path)
    )
    assert ("300308.SZ",) == read_files(tmp_path, ["300308.SZ"]).codes


def test_an_impossible_bar_is_told_with_its_file(tmp_path, bars):
    path = write(bars(close=[10.2, -1.0, 10.2, 10.2, 10.2]), tmp_path / "bars.csv")

    assert refusal(path).startswith(f"{path}: 300308.SZ on 2024-10-15: close = -1; raw prices are")


def test_text_among_the_prices_of_a_csv_is_told_with_its_bar(tmp_path, bars):
    path = write(bars(close=["10.2", "-", "10.2", "10.2", "10.2"]), tmp_path / "bars.csv")

    assert f"{path}: 300308.SZ on 2024-10-15: close = '-' is no number" == refusal(path)


def test_names_are_read_from_the_listings_beside_the_bars(tmp_path, three):
    write(three, tmp_path / "bars.parquet")
    (tmp_path / "securities.csv").write_text(
        "code,name,board,list_date,sw_l1_code,sw_l1_name,sw_as_of\n"
        "300308.SZ,中际旭创,chinext,2012-04-10,801770.SI,通信,2024-10-08\n"
        "000001.SZ,平安银行,main,,,,\n",
        encoding="utf-8-sig",
    )
    for place in (tmp_path, tmp_path / "bars.parquet"):
        listings = read_files(place, ["300308.SZ"]).listings

        assert ["300308.SZ"] == list(listings)
        assert "中际旭创" == listings["300308.SZ"].name
        assert "801770.SI" == listings["300308.SZ"].industry
    assert {"300308.SZ", "000001.SZ"} == set(read_listings(tmp_path))


def test_a_folder_without_listings_knows_no_names(tmp_path, three):
    assert {} == read_listings(tmp_path)
    assert {} == dict(read_files(write(three, tmp_path / "bars.csv")).listings)


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"name\nx\n", "no column code"),
        (b"", "no column code"),
        ("code,name\n300308.SZ,中际旭创\n".encode("gbk"), "cannot be read"),
        (b"code,list_date\n300308.SZ,soon\n", "list_date = 'soon' is no date; write 2024-10-14"),
    ],
)
def test_listings_that_cannot_be_read_are_said(tmp_path, three, content, text):
    path = write(three, tmp_path / "bars.csv")
    (tmp_path / "securities.csv").write_bytes(content)

    assert refusal(path).startswith(str(tmp_path / "securities.csv"))
    assert text in refusal(path)


@pytest.mark.parametrize("name", ["bars.csv", "bars.parquet"])
def test_bars_before_the_start_are_left_out_whatever_the_format(tmp_path, bars, name):
    gone = bars("300502.SZ", ["2024-10-14", "2024-10-15"])
    path = write(pd.concat([bars(), gone]), tmp_path / name)
    start = dt.date(2024, 10, 16)
    panel = open_prices(path, ["300308.SZ", "300502.SZ"], start=start)

    assert start == panel.first
    assert ("300308.SZ",) == panel.codes
    assert panel.fingerprint == open_prices(pd.concat([bars(), gone]), start=start).fingerprint


@pytest.mark.parametrize("name", ["bars.csv", "bars.parquet"])
def test_bars_that_all_end_before_the_start_are_kept_to_say_when(tmp_path, bars, name):
    path = write(bars(), tmp_path / name)

    assert dt.date(2024, 10, 18) == open_prices(path, start=dt.date(2025, 1, 1)).last
