"""Files of other vendors, read through the same door as ours."""

import gzip

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thesis.errors import PricesError
from thesis.market.panel import PricePanel
from thesis.market.sources.dialects.columns import HEADERS, are_ours, match_columns
from thesis.market.sources.files import read_files

# Two days of one stock by hand: 123,400 shares at 10.10 on the first, 50,000 at 10.30 on the
# second, on which the factor steps from 2 to 2.02: a dividend of 0.10, reference 10.10.
DAYS = ["2024-10-14", "2024-10-15"]
SHARES, CNY = [123_400.0, 50_000.0], [1_246_340.0, 515_000.0]
OHLC = "10.00,10.50,9.90,10.20", "10.20,10.40,10.10,10.30"

WIND = """S_INFO_WINDCODE,TRADE_DT,CRNCY_CODE,S_DQ_PRECLOSE,S_DQ_OPEN,S_DQ_HIGH,S_DQ_LOW,\
S_DQ_CLOSE,S_DQ_VOLUME,S_DQ_AMOUNT,S_DQ_ADJCLOSE,S_DQ_ADJFACTOR,S_DQ_TRADESTATUS
300308.SZ,20241014,CNY,9.95,10.00,10.50,9.90,10.20,1234.00,1246.34,20.40,2.0,交易
300308.SZ,20241015,CNY,10.10,10.20,10.40,10.10,10.30,500.00,515.00,20.806,2.02,XD
"""
CHOICE = """证券代码,证券名称,交易日期,开盘价(元),最高价（元）,最低价(元),收盘价(元),成交量(万股),\
成交额(万元),换手率(%),复权因子
300308.SZ,中际旭创,2024/10/14,10.00,10.50,9.90,10.20,12.34,124.634,1.50,2.0
300308.SZ,中际旭创,2024/10/15,10.20,10.40,10.10,10.30,5.00,51.50,0.75,2.02
"""
TUSHARE = """ts_code,trade_date,open,high,low,close,pre_close,change,pct_chg,vol,amount
300308.SZ,20241015,10.20,10.40,10.10,10.30,10.10,0.2,1.98,500.00,515.000
300308.SZ,20241014,10.00,10.50,9.90,10.20,9.95,0.25,2.51,1234.00,1246.340
"""
TUSHARE_FACTOR = """ts_code,trade_date,adj_factor
300308.SZ,20241015,2.02
300308.SZ,20241014,2.0
600050.SH,20241014,7.0
"""
EASTMONEY = """,日期,股票代码,开盘,收盘,最高,最低,成交量,成交额,振幅,涨跌幅,涨跌额,换手率,复权因子
0,2024-10-14,300308,10.00,10.20,10.50,9.90,1234,"1,246,340.0",6.03,2.51,0.25,1.50,2.0
1,2024-10-15,300308,10.20,10.30,10.40,10.10,500,"515,000.0",3.03,4.04,0.40,0.75,2.02
"""
SINA = """date,open,high,low,close,volume,amount,outstanding_share,turnover
2024-10-14,10.00,10.50,9.90,10.20,123400.0,1246340.0,8226666.0,0.015
2024-10-15,10.20,10.40,10.10,10.30,50000.0,515000.0,6666666.0,0.0075
"""
SINA_FACTOR = "date,hfq_factor\n2024-10-15,2.02\n2012-04-10,2.0\n1900-01-01,1.0\n"
JOINQUANT = """time,code,open,close,high,low,volume,money,adj_factor
2024-10-14 00:00:00,300308.XSHE,10.00,10.20,10.50,9.90,123400.0,1246340.0,2.0
2024-10-15 00:00:00,300308.XSHE,10.20,10.30,10.40,10.10,50000.0,515000.0,2.02
"""
RQALPHA = JOINQUANT.replace("time,code", "date,order_book_id").replace("money", "total_turnover")
BAOSTOCK = """date,code,open,high,low,close,preclose,volume,amount,adjustflag,turn,tradestatus,\
adj_factor
2024-10-14,sz.300308,10.00,10.50,9.90,10.20,9.95,123400,1246340.0,3,1.50,1,2.0
2024-10-15,sz.300308,10.20,10.40,10.10,10.30,10.10,50000,515000.0,3,0.75,1,2.02
2024-10-16,sz.300308,10.30,10.30,10.30,10.30,10.30,,,3,,0,2.02
"""


def write(path, text, encoding="utf-8"):
    data = text.encode(encoding)
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


def refusal(path, codes=None):
    with pytest.raises(PricesError) as caught:
        read_files(path, codes)
    return str(caught.value)


def check(panel):
    """That a panel holds the two days written above, to the last bit."""
    assert ("300308.SZ",) == panel.codes
    for name, values in {
        "open": [10.0, 10.2], "high": [10.5, 10.4], "low": [9.9, 10.1], "close": [10.2, 10.3],
        "volume": SHARES, "amount": CNY, "factor": [2.0, 2.02],
    }.items():  # fmt: skip
        assert values == panel.field(name, "300308.SZ").tolist(), name
    assert DAYS == [str(day) for day in panel.sessions]


def messages(panel):
    return {caution.code: caution.message for caution in panel.cautions}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
@pytest.mark.parametrize("name", ["export.csv", "export.csv.gz"])
@pytest.mark.parametrize(
    "text", [WIND, CHOICE, EASTMONEY, JOINQUANT, RQALPHA, BAOSTOCK],
    ids=["wind", "choice", "eastmoney", "joinquant", "rqalpha", "baostock"],
)  # fmt: skip
def test_each_vendor_s_csv_gives_the_same_bars(tmp_path, text, name, encoding):
    panel = read_files(write(tmp_path / name, text, encoding))

    check(panel)
    assert "columns_mapped" in messages(panel)


def test_what_was_mapped_and_converted_is_said_once_a_file(tmp_path):
    path = write(tmp_path / "export.csv", CHOICE, "gbk")

    assert {
        "columns_mapped": f"{path}: columns were read as: 证券代码 as code, 交易日期 as date, "
        "开盘价(元) as open, 最高价（元） as high, 最低价(元) as low, 收盘价(元) as close, "
        "成交量(万股) as volume, 成交额(万元) as amount, 换手率(%) as turnover, 复权因子 as "
        "factor",
        "units_converted": f"{path}: converted to shares, CNY and fractions: volume in 10,000 "
        "shares (成交量(万股)) and amount in 10,000 CNY (成交额(万元)); turnover from percent "
        "(换手率(%))",
    } == messages(read_files(path))


def test_turnover_becomes_a_fraction(tmp_path):
    (tmp_path / "sina").mkdir()
    write(tmp_path / "sina" / "sz300308.csv", SINA)
    write(tmp_path / "sina" / "sz300308_factor.csv", SINA_FACTOR)
    for path in (write(tmp_path / "a.csv", CHOICE), tmp_path / "sina"):
        turnover = read_files(path).field("turnover", "300308.SZ")

        assert [0.015, 0.0075] == pytest.approx(turnover.tolist())


def test_turnover_of_an_unknown_unit_is_left_out_and_said(tmp_path):
    path = write(tmp_path / "a.csv", JOINQUANT.replace("adj_factor", "adj_factor,turnover")
                 .replace("2.0\n", "2.0,1.5\n").replace("2.02\n", "2.02,0.75\n"))  # fmt: skip
    panel = read_files(path)

    assert np.isnan(panel.field("turnover", "300308.SZ")).all()
    assert "turnover left out, its unit unknown" in messages(panel)["columns_mapped"]


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_tushare_s_bars_and_factors_are_joined(tmp_path, suffix):
    for name, text in (("daily", TUSHARE), ("adj_factor", TUSHARE_FACTOR)):
        if suffix == ".csv":
            write(tmp_path / f"{name}.csv", text)
        else:
            frame = pd.read_csv(pd.io.common.StringIO(text), dtype={"trade_date": str})
            frame.to_parquet(tmp_path / f"{name}.parquet")
    panel = read_files(tmp_path)

    check(panel)
    assert f"the factor from adj_factor{suffix}" in messages(panel)["columns_mapped"]
    assert [9.95, 10.10] == panel.field("pre_close", "300308.SZ").tolist()


def test_tushare_s_bars_without_factors_are_refused_with_the_remedy(tmp_path):
    path = write(tmp_path / "daily.csv", TUSHARE)

    for place in (path, tmp_path):
        assert refusal(place).startswith(f"{path}: its bars have no factor, without which no")
        assert "put Tushare's table adj_factor" in refusal(place)


def test_a_day_that_the_factors_lack_leaves_the_name_without_data(tmp_path):
    write(
        tmp_path / "daily.csv",
        TUSHARE + TUSHARE.split("\n", 1)[1].replace("300308.SZ", "600050.SH"),
    )
    write(tmp_path / "adj_factor.csv", TUSHARE_FACTOR)
    panel = read_files(tmp_path)

    assert ("300308.SZ",) == panel.codes
    assert "600050.SH: 1 of 2 bars carry no factor" in messages(panel)["factor_missing"]


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ("other.csv", "300308.SZ has factors in two of adj_factor.csv, other.csv"),
        (None, "300308.SZ has two factors on 2024-10-15 in adj_factor.csv; remove one"),
    ],
)
def test_factors_given_twice_are_refused(tmp_path, more, text):
    write(tmp_path / "daily.csv", TUSHARE)
    again = "" if more else "300308.SZ,20241015,2.6\n"
    write(tmp_path / "adj_factor.csv", TUSHARE_FACTOR + again)
    if more:
        write(tmp_path / more, TUSHARE_FACTOR)

    assert text in refusal(tmp_path)


@pytest.mark.parametrize(
    "name", ["sz300308.csv", "300308.SZ.csv", "300308.csv", "中际旭创_300308.csv"]
)
def test_sina_s_code_is_taken_from_the_file_s_name(tmp_path, name):
    write(tmp_path / name, SINA)
    write(tmp_path / "sz300308_hfq_factor.csv", SINA_FACTOR)
    panel = read_files(tmp_path)

    check(panel)
    assert "the code from the file's name" in messages(panel)["columns_mapped"]
    assert "units_converted" not in messages(panel)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "prices.csv",
            "it has no column of codes, and its name holds none; name it as 300308.SZ.csv",
        ),
        ("300308_600050.csv", "its name holds several"),
        ("000001.csv", "can be a Shenzhen stock or a Shanghai index; write 000001.SZ or 000001.SH"),
        ("300308.SH.csv", "300308 is a Shenzhen code; write 300308.SZ"),
    ],
)
def test_a_file_s_name_that_holds_no_clear_code_is_refused(tmp_path, name, text):
    path = write(tmp_path / name, SINA)

    assert refusal(path).startswith(f"{path}: ")
    assert text in refusal(path)


def test_two_vendors_files_and_ours_in_one_folder_are_one_market(tmp_path, bars):
    write(tmp_path / "wind.csv", WIND, "gbk")
    write(tmp_path / "choice.csv", CHOICE.replace("300308", "300502"), "gbk")
    bars("600050.SH").to_parquet(tmp_path / "ours.parquet")
    write(tmp_path / "notes.csv", "代码,备注\n300308,好\n", "gbk")
    panel = read_files(tmp_path)

    assert ("300308.SZ", "300502.SZ", "600050.SH") == panel.codes
    check(panel.select(["300308.SZ"]).up_to(pd.Timestamp(DAYS[1]).date()))
    assert SHARES == panel.field("volume", "300502.SZ")[:2].tolist()
    mapped = [c.message for c in panel.cautions if c.code == "columns_mapped"]
    assert ["choice.csv", "wind.csv"] == [m.split(":")[0].split("/")[-1] for m in mapped]


def test_a_code_in_two_vendors_files_is_refused(tmp_path):
    write(tmp_path / "wind.csv", WIND)
    write(tmp_path / "choice.csv", CHOICE)

    assert "300308.SZ has bars in choice.csv and in wind.csv" in refusal(tmp_path)


def test_our_own_files_are_not_mapped(tmp_path, bars):
    path = tmp_path / "bars.csv"
    bars().assign(证券代码="600050.SH", money=1.0).to_csv(path, index=False)

    assert PricePanel.from_frame(bars()).fingerprint == read_files(path).fingerprint
    assert () == read_files(path).cautions


@pytest.mark.parametrize(
    ("names", "ours"),
    [
        ("code date close", True),
        ("code date open high low close volume amount factor money 成交额", True),
        ("code date open high low close volume money factor", False),
        ("code date open high low close volume amount adj_factor", False),
        ("Code date close", False),
        ("日期 close code", False),
    ],
)
def test_columns_are_ours_unless_a_needed_one_has_another_s_name(names, ours):
    assert ours == are_ours(names.split())


def test_no_header_stands_for_two_fields():
    headers = [header for known in HEADERS.values() for header in known]

    assert len(headers) == len(set(headers))


# Codes


@pytest.mark.parametrize(
    "code", ["300308", "sz300308", "SZ.300308", "300308.XSHE", '="300308"', "300308.sz"]
)
def test_a_code_may_be_written_in_any_usual_form(tmp_path, code):
    quoted = '"' + code.replace('"', '""') + '"'

    check(read_files(write(tmp_path / "a.csv", CHOICE.replace("300308.SZ", quoted)), ["300308.SZ"]))


def test_a_bare_000_code_is_a_stock_where_the_header_says_so(tmp_path):
    text = EASTMONEY.replace("300308", "000001")

    assert ("000001.SZ",) == read_files(write(tmp_path / "a.csv", text)).codes


@pytest.mark.parametrize("codes", [None, ["000001.SZ"], ["000001.SH"]])
@pytest.mark.parametrize("header", ["代码", "证券代码"])
def test_a_bare_000_code_under_another_header_is_refused(tmp_path, header, codes):
    text = EASTMONEY.replace("300308", "000001").replace("股票代码", header)

    assert (
        "000001 alone can be a Shenzhen stock or a Shanghai index; write 000001.SZ or 000001.SH; "
        "or name the column 股票代码 if it has stocks alone"
        in refusal(write(tmp_path / "a.csv", text), codes)
    )


def test_codes_that_cannot_be_read_are_left_out_and_said(tmp_path):
    rows = "".join(CHOICE.split("\n", 1)[1].splitlines(keepends=True)[:2])
    path = write(tmp_path / "a.csv", CHOICE + rows.replace("300308.SZ", "00700.HK"))

    check(read_files(path))
    assert messages(read_files(path))["codes_unread"].startswith(
        f"{path}: the bars of 00700.HK were left out: security code '00700.HK' cannot be read"
    )
    check(read_files(path, ["300308.SZ"]))
    assert "codes_unread" not in messages(read_files(path, ["300308.SZ"]))


def test_a_code_that_lost_its_zeros_is_refused(tmp_path):
    frame = pd.read_csv(write(tmp_path / "a.csv", EASTMONEY)).assign(股票代码=1)
    frame.to_parquet(tmp_path / "a.parquet")

    assert "security code '1' cannot be read" in refusal(tmp_path / "a.parquet")


def test_a_bar_without_a_code_is_refused(tmp_path):
    path = write(
        tmp_path / "a.csv", CHOICE.replace("300308.SZ,中际旭创,2024/10/15", ",,2024/10/15")
    )

    assert f"{path}: row 2 of its bars has no code" == refusal(path)


# Cells


@pytest.mark.parametrize(
    "days",
    [
        ("20241014", "20241015"), ("2024/10/14", "2024/10/15"),
        ("2024年10月14日", "2024年10月15日"),
        ("2024-10-14 15:00:00", "2024-10-15 15:00:00"), ("20241014.0", "20241015.0"),
    ],
)  # fmt: skip
def test_a_date_may_be_written_in_any_usual_form(tmp_path, days):
    text = CHOICE.replace("2024/10/14", days[0]).replace("2024/10/15", days[1])

    check(read_files(write(tmp_path / "a.csv", text)))


@pytest.mark.parametrize("kind", ["datetime64[ns]", "int64", "float64", "object"])
def test_parquet_may_hold_dates_of_any_type(tmp_path, kind):
    frame = pd.read_csv(write(tmp_path / "a.csv", CHOICE))
    days = pd.to_datetime(frame["交易日期"])
    if kind == "object":
        frame["交易日期"] = days.dt.date
    elif kind == "datetime64[ns]":
        frame["交易日期"] = days
    else:
        frame["交易日期"] = days.dt.strftime("%Y%m%d").astype(kind)
    frame.to_parquet(tmp_path / "a.parquet")

    check(read_files(tmp_path / "a.parquet"))


def test_a_parquet_index_is_a_column(tmp_path):
    frame = pd.read_csv(write(tmp_path / "a.csv", CHOICE)).set_index(["证券代码", "交易日期"])
    frame.to_parquet(tmp_path / "a.parquet")

    check(read_files(tmp_path / "a.parquet"))


def test_a_date_that_cannot_be_read_is_quoted(tmp_path):
    path = write(tmp_path / "a.csv", CHOICE.replace("2024/10/15", "soon"))

    assert f"{path}: date 'soon' cannot be read; write 2024-10-14" == refusal(path)


def test_text_among_numbers_is_quoted_with_its_header(tmp_path):
    path = write(tmp_path / "a.csv", CHOICE.replace(",5.00,51.50", ",5万,51.50"))

    assert f"{path}: 300308.SZ on 2024/10/15: 成交量(万股) = '5万' is no number" == refusal(path)


@pytest.mark.parametrize(
    "footer",
    ["\n数据来源：东方财富Choice数据\n", "\n\"数据来源：Wind, 2024\"\n",
     "数据来源：Choice,,,,,,,,,,\n",
     ",,,,,,,,,,\n"],
)  # fmt: skip
def test_the_last_lines_of_an_export_are_no_bars(tmp_path, footer):
    check(read_files(write(tmp_path / "a.csv", CHOICE + footer, "gbk")))


def test_a_torn_row_cannot_be_read(tmp_path):
    path = write(tmp_path / "a.csv", CHOICE + "300308.SZ,中际旭创\n")

    assert refusal(path).startswith(f"{path} cannot be read: ")


def test_text_in_no_known_encoding_cannot_be_read(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(WIND.encode() * 50 + b"\xff\xff\n")

    assert f"{path} cannot be read: its text is neither UTF-8 nor GBK" == refusal(path)


def test_a_damaged_archive_cannot_be_read(tmp_path):
    path = write(tmp_path / "a.csv.gz", WIND * 50)
    path.write_bytes(path.read_bytes()[:-20])

    assert refusal(path).startswith(f"{path} cannot be read: ")


@pytest.mark.parametrize("nothing", ["--", "—", "", "None", "NaN"])
def test_rows_without_prices_are_suspended_sessions(tmp_path, nothing):
    row = "300308.SZ,中际旭创,2024/10/16" + f",{nothing}" * 7 + ",2.02\n"
    panel = read_files(write(tmp_path / "a.csv", CHOICE + row))

    check(panel)
    assert "1 rows of suspended sessions left out" in messages(panel)["columns_mapped"]


def test_rows_that_say_they_are_suspended_are_left_out(tmp_path):
    row = "300308.SZ,20241016,CNY,10.3,10.3,10.3,10.3,10.3,,,25.75,2.02,停牌\n"

    check(read_files(write(tmp_path / "a.csv", WIND + row)))


# Units


@pytest.mark.parametrize(
    ("volume", "amount", "shown"),
    [
        (1, 1, None),
        (100, 1, "volume in lots of 100 (成交量) and amount in CNY (成交额)"),
        (100, 1e3, "volume in lots of 100 (成交量) and amount in thousands of CNY (成交额)"),
        (1, 1e3, "volume in shares (成交量) and amount in thousands of CNY (成交额)"),
        (1, 1e4, "volume in shares (成交量) and amount in 10,000 CNY (成交额)"),
        (100, 1e4, "volume in lots of 100 (成交量) and amount in 10,000 CNY (成交额)"),
        (1e4, 1, "volume in 10,000 shares (成交量) and amount in CNY (成交额)"),
        (1e4, 1e3, "volume in 10,000 shares (成交量) and amount in thousands of CNY (成交额)"),
    ],
)
def test_units_that_are_not_stated_are_judged_by_the_prices(tmp_path, volume, amount, shown):
    rows = "".join(
        f"300308.SZ,{DAYS[at]},{OHLC[at]},{SHARES[at] / volume!r},{CNY[at] / amount!r},"
        f"{2 + at / 50}\n"
        for at in (0, 1)
    )
    panel = read_files(
        write(tmp_path / "a.csv", f"代码,日期,开盘,最高,最低,收盘,成交量,成交额,复权因子\n{rows}")
    )

    check(panel)
    said = messages(panel)
    judged = ", judged by amount / volume within low..high"
    if shown is None:
        assert "units_converted" not in said
        assert said["columns_mapped"].endswith(
            f"volume in shares (成交量) and amount in CNY (成交额){judged}"
        )
    else:
        assert said["units_converted"].endswith(shown + judged)


@pytest.mark.parametrize(
    ("header", "scale"),
    [
        ("成交量(股)", 1),
        ("成交量（手）", 100),
        ("成交量(千股)", 1e3),
        ("成交量/手", 100),
        ("成交量（万股）", 1e4),
    ],
)
def test_a_unit_stated_for_one_settles_the_other(tmp_path, header, scale):
    text = EASTMONEY.replace("成交量", header)
    for lots, shares in (("1234", 123_400), ("500", 50_000)):
        text = text.replace(f',{lots},"', f',{shares / scale!r},"')

    check(read_files(write(tmp_path / "a.csv", text)))


@pytest.mark.parametrize("factor", [1.3, 3.0, 30.0, 70.0])
def test_amounts_that_fit_no_usual_unit_are_refused(tmp_path, factor):
    text = EASTMONEY.replace("1234,", f"{1234 * factor},").replace(",500,", f",{500 * factor},")
    path = write(tmp_path / "a.csv", text)

    assert refusal(path).startswith(
        f"{path}: 300308.SZ: its columns '成交量' and '成交额' do not state their units, and"
    )


def test_shares_and_ten_thousands_of_both_are_not_told_apart_by_a_guess(tmp_path):
    text = CHOICE.replace("(万股)", "").replace("(万元)", "")

    assert "does not make them clear" in refusal(write(tmp_path / "a.csv", text))


def test_a_stated_unit_that_the_prices_contradict_is_refused(tmp_path):
    path = write(tmp_path / "a.csv", CHOICE.replace("万股", "手"))

    assert "300308.SZ: amount / volume is " in refusal(path)


@pytest.mark.parametrize(
    ("header", "wrong"),
    [("成交额(美元)", "美元"), ("成交量(份)", "份"), ("收盘价(港元)", "港元"), ("换手率(‰)", "‰")],
)
def test_an_unknown_unit_is_refused(tmp_path, header, wrong):
    name = header.split("(")[0]
    lines = [f"{header},x" if h.startswith(name) else h for h in CHOICE.split("\n")[0].split(",")]
    text = ",".join(h.removesuffix(",x") for h in lines) + "\n" + CHOICE.split("\n", 1)[1]
    path = write(tmp_path / "a.csv", text)

    assert refusal(path).startswith(f"{path}: its column {header!r} is in {wrong!r}, which is none")


def test_units_are_judged_for_each_code_and_said(tmp_path):
    other = EASTMONEY.split("\n", 1)[1].replace("300308", "688256")
    other = other.replace(",1234,", ",123400,").replace(",500,", ",50000,")
    panel = read_files(write(tmp_path / "a.csv", EASTMONEY + other))

    assert SHARES == panel.field("volume", "688256.SH").tolist()
    assert SHARES == panel.field("volume", "300308.SZ").tolist()
    assert (
        "volume of 300308.SZ in lots of 100 (成交量) and amount in CNY (成交额)"
        in messages(panel)["units_converted"]
    )


def test_units_are_judged_on_all_days_whatever_the_start(tmp_path):
    path = write(tmp_path / "a.csv", EASTMONEY)
    panel = read_files(path, start=pd.Timestamp(DAYS[1]).date())

    assert [50_000.0] == panel.field("volume", "300308.SZ").tolist()


def test_a_code_without_amounts_has_no_volume_either_and_it_is_said(tmp_path):
    other = EASTMONEY.split("\n", 1)[1].replace("300308", "600050")
    other = other.replace('"1,246,340.0"', "").replace('"515,000.0"', "")
    panel = read_files(write(tmp_path / "a.csv", EASTMONEY + other))

    assert np.isnan(panel.field("volume", "600050.SH")).all()
    assert "volume and amount of 600050.SH left out" in messages(panel)["units_converted"]


def test_the_volume_of_an_index_is_left_out(tmp_path):
    index = TUSHARE.replace("300308.SZ", "000300.SH")
    panel = read_files(write(tmp_path / "a.csv", index))

    assert [10.2, 10.3] == panel.field("close", "000300.SH").tolist()
    assert np.isnan(panel.field("volume", "000300.SH")).all()


def test_two_columns_for_one_field_are_refused(tmp_path):
    text = EASTMONEY.replace("振幅", "成交额(元)")

    assert "its columns '成交额' and '成交额(元)' are both amount; remove one" in refusal(
        write(tmp_path / "a.csv", text)
    )


# Adjusted prices and factors


@pytest.mark.parametrize("name", ["300308_qfq.csv", "hfq-300308.csv", "中际旭创前复权.csv"])
def test_a_file_whose_name_says_adjusted_is_refused(tmp_path, name):
    path = write(tmp_path / name, EASTMONEY)

    assert refusal(path).startswith(f"{path}: its name says that its prices are adjusted; take raw")


def test_a_file_in_a_folder_of_adjusted_prices_is_refused(tmp_path):
    (tmp_path / "qfq").mkdir()

    assert "its name says" in refusal(write(tmp_path / "qfq" / "300308.csv", EASTMONEY))


@pytest.mark.parametrize(
    ("old", "new", "text"),
    [
        ("振幅", "复权:前复权", "its header '复权:前复权' says that prices are adjusted"),
        (
            "收盘",
            "收盘(前复权)",
            "its closes are adjusted (收盘(前复权)) and no raw ones stand beside",
        ),
        ("收盘", "close_hfq", "its closes are adjusted (close_hfq)"),
    ],
)
def test_a_header_that_says_adjusted_is_refused(tmp_path, old, new, text):
    assert text in refusal(write(tmp_path / "a.csv", EASTMONEY.replace(old, new)))


@pytest.mark.parametrize(("flag", "fine"), [("不复权", True), ("前复权", False), ("hfq", False)])
def test_a_column_that_says_how_rows_are_adjusted_is_heeded(tmp_path, flag, fine):
    text = EASTMONEY.replace("振幅", "复权方式").replace(",6.03,", f",{flag},")
    path = write(tmp_path / "a.csv", text.replace(",3.03,", f",{flag},"))

    if fine:
        check(read_files(path))
    else:
        assert f"its column 复权方式 says '{flag}', adjusted prices" in refusal(path)


def test_baostock_s_flag_of_adjusted_rows_is_heeded(tmp_path):
    assert "its column adjustflag says '2'" in refusal(
        write(tmp_path / "a.csv", BAOSTOCK.replace(",3,", ",2,"))
    )


def history(steps, adjusted, count=400, seed=1, every=40):
    """A made-up stock: a factor that steps every so many bars, closes raw or adjusted."""
    calendar = pd.bdate_range("2020-01-02", periods=3 * count)
    from thesis.market.calendar import sessions

    days = calendar[calendar.isin(pd.DatetimeIndex(sessions()))][:count]
    rng = np.random.default_rng(seed)
    true = 20 * np.exp(np.cumsum(rng.normal(0, 0.015, count)))
    factor = np.where(np.arange(count) % every == every - 1, 1 + steps, 1.0).cumprod()
    raw = true / factor
    close = np.round(true if adjusted else raw, 2)
    frame = pd.DataFrame(
        {"代码": "300308.SZ", "日期": days, "开盘": close, "最高": close, "最低": close,
         "收盘": close,
         "成交量(股)": 1000.0, "成交额(元)": close * 1000, "复权因子": factor}
    )  # fmt: skip
    return frame, raw


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("steps", [0.05, 0.3])
def test_closes_that_do_not_fall_where_the_factor_steps_are_adjusted(tmp_path, steps, seed):
    path = tmp_path / "a.csv"
    history(steps, adjusted=True, seed=seed, count=1200)[0].to_csv(path, index=False)

    assert "its closes do not fall on the" in refusal(path)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("steps", [0.005, 0.05, 0.3])
def test_raw_closes_pass_whatever_their_factor(tmp_path, steps, seed):
    path = tmp_path / "a.csv"
    history(steps, adjusted=False, seed=seed)[0].to_csv(path, index=False)

    assert 400 == np.isfinite(read_files(path).field("close", "300308.SZ")).sum()


@pytest.mark.parametrize(("scale", "fine"), [(1.0, True), (0.99, True), (0.8, False), (0.6, False)])
def test_prices_that_lie_off_their_amounts_look_adjusted(tmp_path, scale, fine):
    frame, _ = history(0.0, adjusted=False, count=20)
    for name in ("开盘", "最高", "最低", "收盘"):
        frame[name] = frame[name] * scale
    frame["最高"], frame["最低"] = frame["最高"] * 1.02, frame["最低"] * 0.98
    path = tmp_path / "a.csv"
    frame.to_csv(path, index=False)

    if fine:
        assert "looks_adjusted" not in messages(read_files(path))
    else:
        assert "outside low..high on 100% of its bars, so its prices look adjusted" in refusal(path)


def test_joinquant_s_own_factor_must_be_shown_to_belong_to_raw_prices(tmp_path):
    text = JOINQUANT.replace("adj_factor", "factor")

    assert "JoinQuant's prices are adjusted by its factor unless asked with fq=None" in refusal(
        write(tmp_path / "a.csv", text)
    )


def test_a_factor_is_had_from_raw_and_adjusted_closes(tmp_path):
    path = tmp_path / "a.csv"
    frame, _ = history(0.1, adjusted=False, every=120)
    known = frame["复权因子"]
    frame.assign(后复权收盘价=np.round(frame["收盘"] * known * 3, 2)).drop(
        columns="复权因子"
    ).to_csv(path, index=False)
    panel = read_files(path)
    factor = panel.field("factor", "300308.SZ")
    factor = factor[np.isfinite(factor)]

    assert (known * 3).to_numpy() == pytest.approx(factor, rel=1e-3)
    assert 3 == (np.diff(factor) != 0).sum()
    assert "the factor from 后复权收盘价 over raw closes" in messages(panel)["columns_mapped"]


def test_no_factor_is_had_from_an_additive_adjustment(tmp_path):
    path = tmp_path / "a.csv"
    frame, _ = history(0.0, adjusted=False)
    frame.assign(收盘_前复权=frame["收盘"] - 1.35).drop(columns="复权因子").to_csv(
        path, index=False
    )

    assert "so the adjustment is additive" in refusal(path)


@pytest.mark.parametrize("text", [EASTMONEY, CHOICE])
def test_stocks_without_a_factor_are_refused(tmp_path, text):
    lines = [line.rpartition(",")[0] for line in text.strip().split("\n")]
    path = write(tmp_path / "a.csv", "\n".join(lines))

    assert "Add the column factor (cumulative; 复权因子, adj_factor and S_DQ_ADJFACTOR" in refusal(
        path
    )


# Round trips


def _lots(frame):
    return frame.assign(volume=(frame["volume"] / 100).map("{:.2f}".format),
                        amount=(frame["amount"] / 1000).map("{:.5f}".format))  # fmt: skip


def _wind(frame):
    names = {n: f"S_DQ_{n.upper()}" for n in ("open", "high", "low", "close", "volume", "amount")}
    names |= {"code": "S_INFO_WINDCODE", "date": "TRADE_DT", "factor": "S_DQ_ADJFACTOR"}
    return _lots(frame).assign(date=frame["date"].dt.strftime("%Y%m%d")).rename(columns=names)


def _tushare(frame):
    dated = _lots(frame).assign(date=frame["date"].dt.strftime("%Y%m%d"))
    return dated.rename(columns={"code": "ts_code", "date": "trade_date", "volume": "vol",
                                 "factor": "adj_factor"})  # fmt: skip


def _renamed(frame, headers):
    return frame.set_axis(headers.split(), axis="columns")  # in the order of `markets`


def _choice(frame):
    return _renamed(
        frame.assign(
            date=frame["date"].dt.strftime("%Y/%m/%d"), amount=frame["amount"].map("{:,.2f}".format)
        ),
        "证券代码 交易日期 开盘价(元) 最高价(元) 最低价(元) 收盘价(元) 成交量(股) 成交额(元) "
        "复权因子",
    )


def _eastmoney(frame):
    return _renamed(
        frame.assign(
            code=frame["code"].str[:6], volume=(frame["volume"] / 100).map("{:.2f}".format)
        ),
        "股票代码 日期 开盘 最高 最低 收盘 成交量 成交额 复权因子",
    )


def _joinquant(frame):
    codes = frame["code"].replace({"SZ$": "XSHE", "SH$": "XSHG"}, regex=True)
    return frame.assign(code=codes).rename(
        columns={"amount": "money", "date": "time", "factor": "adj_factor"}
    )


@st.composite
def markets(draw):
    days = pd.to_datetime(["2024-10-14", "2024-10-15", "2024-10-16", "2024-10-17"])
    tables = []
    for code in draw(st.lists(st.sampled_from(["000001.SZ", "300308.SZ", "600050.SH", "688256.SH"]),
                              min_size=1, unique=True)):  # fmt: skip
        close = [draw(st.integers(100, 90_000)) / 100]
        for _ in days[1:]:
            move = draw(st.floats(-0.09, 0.09))
            close.append(max(round(close[-1] * (1 + move), 2), 0.5))
        close = np.array(close)
        shares = np.array([draw(st.integers(1, 10**7)) for _ in days]) * 100.0 + draw(
            st.sampled_from([0, 37])
        )
        tables.append(
            pd.DataFrame(
                {
                    "code": code,
                    "date": days,
                    "open": close,
                    "high": np.round(close + 0.02, 2),
                    "low": np.round(close - 0.02, 2),
                    "close": close,
                    "volume": shares,
                    "amount": np.round(close * shares, 2),
                    "factor": draw(st.integers(1, 10**6)) / 1000,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


@pytest.mark.parametrize("shape", [_wind, _tushare, _choice, _eastmoney, _joinquant])
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(frame=markets())
def test_bars_written_in_a_vendor_s_shape_come_back_as_they_were(tmp_path, shape, frame):
    path = tmp_path / "export.csv"
    shape(frame).to_csv(path, index=False, encoding="gbk")

    assert PricePanel.from_frame(frame).fingerprint == read_files(path).fingerprint


def test_a_matched_header_says_its_unit():
    columns = match_columns(
        ["﻿证券代码", "交易日期", "收盘价（元）", " 成交量 (手) ", "成交额[亿元]"]
    )

    assert columns.are_bars
    assert 100 == columns.fields["volume"].unit
    assert 1e8 == columns.fields["amount"].unit
