"""The whole market as arrays: the same bars as the door's, whatever way they came."""

import datetime as dt
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from thesis.errors import PricesError
from thesis.market.calendar import sessions
from thesis.market.classes import read_classes
from thesis.market.pool import read_pool
from thesis.market.prices import open_prices
from thesis.market.sources.pool_files import plain_parquet

START, END = dt.date(2024, 6, 25), dt.date(2025, 4, 30)
#: Of the watchlists, and others: Beijing, STAR, a bank, one that ended, one listed in the span.
SOME = [
    *("300308.SZ", "300133.SZ", "002739.SZ", "688041.SH", "000001.SZ", "688256.SH"),
    *("920002.BJ", "300280.SZ", "600519.SH", "000004.SZ", "301600.SZ", "601028.SH"),
]
FIELDS = (
    *("open", "high", "low", "close", "pre_close"),
    *("volume", "amount", "factor", "share_factor", "turnover"),
)


def same(one, other):
    assert one.codes == other.codes
    np.testing.assert_array_equal(one.sessions, other.sessions)
    for name in FIELDS:
        np.testing.assert_array_equal(one.fields[name], other.fields[name], err_msg=name)


def made_up(count=6, seed=1):
    """Bars of a few stocks over 40 sessions with gaps, a listing, an end and an ex-date."""
    random = np.random.default_rng(seed)
    days = sessions()
    days = days[days >= np.datetime64("2024-09-02")][:40]
    rows = []
    for number in range(count):
        code = f"{600000 + number}.SH"
        close = 10 * np.exp(np.cumsum(random.normal(0, 0.01, 40)))
        for at, day in enumerate(days):
            if random.random() < 0.1 or (number == 1 and at < 15) or (number == 2 and at > 30):
                continue
            price = round(float(close[at]), 2)
            rows.append(
                {
                    "code": code,
                    "date": day,
                    "open": price,
                    "high": price + 0.1,
                    "low": price - 0.1,
                    "close": round(price + 0.05, 2),
                    "pre_close": None if random.random() < 0.2 else price - 0.02,
                    "volume": int(random.integers(1000, 9000)),
                    "factor": 1.0 if at < 20 else 1.03,
                    "turnover": None if random.random() < 0.3 else 0.015625,
                }
            )
    frame = pd.DataFrame(rows)
    frame["amount"] = frame["volume"] * frame["close"]
    frame["pre_close"] = frame["pre_close"].astype(float)
    frame["turnover"] = frame["turnover"].astype("float32")  # as vendors store it
    return frame


def write(folder, frame, name="bars.parquet", kind="date32", rows=50):
    table = pa.Table.from_pandas(frame.assign(date=frame["date"].astype("datetime64[s]")))
    if kind == "date32":
        at = table.column_names.index("date")
        table = table.set_column(at, "date", table.column("date").cast(pa.date32()))
    pq.write_table(table.replace_schema_metadata(None), folder / name, row_group_size=rows)


SPAN = dt.date(2024, 9, 5), dt.date(2024, 10, 20)


def test_parquet_csv_frame_and_panel_give_one_pool(tmp_path):
    frame = made_up()
    by_files, by_door = tmp_path / "parquet", tmp_path / "csv"
    by_files.mkdir(), by_door.mkdir()
    write(by_files, frame)
    level = frame[["date", "close"]].iloc[:30].assign(code="000300.SH")
    write(by_files, level, "index.parquet")
    frame.to_csv(by_door / "bars.csv", index=False)

    pool = read_pool(by_files, *SPAN)
    assert [by_files / "bars.parquet", by_files / "index.parquet"] == plain_parquet(by_files)
    assert plain_parquet(by_door) is None
    assert pool.fields["close"].shape == (len(pool.sessions), 6)
    for other in (by_door, by_files / "bars.parquet", frame, open_prices(by_files)):
        same(pool, read_pool(other, *SPAN))


def test_rows_out_of_order_and_codes_across_row_groups_are_put_in_their_places(tmp_path):
    frame = made_up()
    write(tmp_path, frame.sample(frac=1, random_state=3), kind="timestamp", rows=17)

    same(read_pool(tmp_path, *SPAN), read_pool(frame, *SPAN))


def test_the_axis_is_every_session_and_a_day_without_any_bar_is_nan(tmp_path):
    frame = made_up()
    write(tmp_path, frame)
    pool = read_pool(tmp_path, dt.date(2024, 8, 26), dt.date(2024, 12, 31))

    days = sessions()
    inside = (days >= np.datetime64("2024-08-26")) & (days <= np.datetime64("2024-12-31"))
    np.testing.assert_array_equal(days[inside], pool.sessions)
    assert np.isnan(pool.fields["close"][:5]).all()
    assert np.isnan(pool.fields["close"][-20:]).all()
    same(pool, read_pool(frame, dt.date(2024, 8, 26), dt.date(2024, 12, 31)))


def test_bars_outside_the_span_change_nothing(tmp_path):
    frame = made_up()
    later = frame["date"] > np.datetime64(SPAN[1])
    for name, table in {"a": frame, "b": frame.assign(close=frame["close"] + later * 5.0)}.items():
        (tmp_path / name).mkdir()
        write(tmp_path / name, table)

    same(read_pool(tmp_path / "a", *SPAN), read_pool(tmp_path / "b", *SPAN))


@pytest.mark.parametrize(
    ("column", "value", "why"),
    [
        ("close", -1.0, "a price that is missing or not positive"),
        ("open", np.inf, "a price that is missing or not positive"),
        ("open", None, "a price that is missing or not positive"),
        ("high", 0.5, "prices that contradict each other"),
        ("amount", -5.0, "negative volume or amount"),
        ("factor", 0.0, "a factor that is not positive"),
        ("factor", None, "bars without a factor"),
        ("date", np.datetime64("2024-09-07"), "a bar on a day that was no session"),
        ("date", "twice", "two bars for one session"),
    ],
)
def test_a_stock_with_one_impossible_bar_is_left_out_and_named(tmp_path, column, value, why):
    frame = made_up()
    mine = frame.index[frame["code"] == "600003.SH"]
    at = mine[10]
    frame.loc[at, column] = frame.loc[mine[11], "date"] if value == "twice" else value
    write(tmp_path, frame)
    pool = read_pool(tmp_path, *SPAN)

    assert pool.left_out == {why: ("600003.SH",)}
    assert "600003.SH" not in pool.codes
    said = next(caution for caution in pool.cautions if caution.code == "pool_left_out")
    assert why in said.message
    assert "600003.SH" in said.message
    same(pool, read_pool(frame[frame["code"] != "600003.SH"], *SPAN))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("close", -1.0),
        ("high", 0.5),
        ("factor", None),
        ("factor", 0.0),
        ("date", np.datetime64("2024-10-12")),
        ("date", "twice"),
        ("file", "another"),
    ],
)
def test_a_bar_after_the_last_day_checked_neither_fails_nor_saves_a_stock(tmp_path, column, value):
    frame = made_up()
    day = dt.date(2024, 10, 11)
    mine = frame.index[(frame["code"] == "600003.SH") & (frame["date"] > np.datetime64(day))]
    bad = frame.copy()
    if column == "file":
        bad = frame.drop(index=mine)
    else:
        bad.loc[mine[1], column] = frame.loc[mine[0], "date"] if value == "twice" else value
    for name, bars in {"whole": frame, "bad": bad}.items():
        (tmp_path / name).mkdir()
        write(tmp_path / name, bars)
    if column == "file":
        write(tmp_path / "bad", frame.loc[mine], "later.parquet")
    plain = read_pool(tmp_path / "whole", *SPAN, checked_to=day)
    pool = read_pool(tmp_path / "bad", *SPAN, checked_to=day)

    assert pool.left_out == {}
    assert pool.codes == plain.codes
    assert "600003.SH" in pool.codes
    stop = pool.row(day) + 1
    for name in FIELDS:
        np.testing.assert_array_equal(pool.fields[name][:stop], plain.fields[name][:stop])
    # It goes on trading after that day, and a pool says so.
    assert pool.last_rows[pool.codes.index("600003.SH")] >= stop
    # Checked to the end, which is what happens unless told, it fails.
    assert list(read_pool(tmp_path / "bad", *SPAN).left_out.values()) == [("600003.SH",)]


def test_volume_and_first_bars_after_the_last_day_checked_change_nothing(tmp_path):
    frame, day = made_up(), dt.date(2024, 10, 11)
    after = frame["date"] > np.datetime64(day)
    late = (frame["code"] == "600004.SH") & ~after  # its first bar comes later
    idle = (frame["code"] == "600005.SH") & ~after  # a source without volume until then
    frame.loc[idle, ["volume", "amount"]] = 0
    for name, bars in {"whole": frame[~late], "cut": frame[~late & ~after]}.items():
        (tmp_path / name).mkdir()
        write(tmp_path / name, bars)
    whole, cut = (read_pool(tmp_path / n, *SPAN, checked_to=day) for n in ("whole", "cut"))

    assert whole.codes == cut.codes
    assert "600005.SH" in whole.codes
    assert "600004.SH" not in whole.codes
    assert whole.left_out == cut.left_out == {}
    by_door = read_pool(frame[~late & ~idle], *SPAN, checked_to=day)
    assert by_door.codes == tuple(code for code in whole.codes if code != "600005.SH")
    with pytest.raises(PricesError, match="no session to check"):
        read_pool(tmp_path / "whole", *SPAN, checked_to=dt.date(2024, 9, 4))


@pytest.mark.parametrize(("column", "times"), [("volume", 0.01), ("amount", 0.001)])
def test_units_are_judged_by_a_stocks_median(tmp_path, column, times):
    frame = made_up()
    frame["volume"] = frame["volume"].astype(float)
    mine = frame["code"] == "600004.SH"
    frame.loc[mine, column] *= times
    one = frame.index[frame["code"] == "600000.SH"][0]
    frame.loc[one, "amount"] *= 5  # one odd bar is no unit
    write(tmp_path, frame)

    left_out = read_pool(tmp_path, *SPAN).left_out
    assert left_out == {"volume or amount in other units": ("600004.SH",)}


def test_a_bar_without_volume_is_a_suspended_session(tmp_path):
    frame = made_up()
    mine = frame.index[frame["code"] == "600000.SH"][8:11]
    frame.loc[mine, ["volume", "amount"]] = 0
    write(tmp_path, frame)
    pool = read_pool(tmp_path, *SPAN)

    same(pool, read_pool(frame.drop(index=mine), *SPAN))
    assert any("3 bars without volume" in caution.message for caution in pool.cautions)


def test_a_code_in_two_files_is_left_out(tmp_path):
    frame = made_up()
    write(tmp_path, frame)
    write(tmp_path, frame[frame["code"] == "600005.SH"], "more.parquet")

    (why, codes), *_ = read_pool(tmp_path, *SPAN).left_out.items()
    assert ("600005.SH",) == codes
    assert "two files" in why


def test_dates_as_text_go_through_the_door(tmp_path):
    frame = made_up()
    text = frame.assign(date=frame["date"].astype("datetime64[s]").dt.strftime("%Y-%m-%d"))
    pq.write_table(pa.Table.from_pandas(text), tmp_path / "bars.parquet")

    assert plain_parquet(tmp_path) is None
    same(read_pool(tmp_path, *SPAN), read_pool(frame, *SPAN))


def test_a_file_without_bars_in_the_span_is_said(tmp_path):
    write(tmp_path, made_up())
    with pytest.raises(PricesError, match="no stock has a bar from 2020-01-02"):
        read_pool(tmp_path, dt.date(2020, 1, 2), dt.date(2020, 3, 2))
    with pytest.raises(PricesError, match="there is no session"):
        read_pool(tmp_path, dt.date(2024, 10, 1), dt.date(2024, 10, 3))


def test_a_few_stocks_are_no_market_and_a_copy_of_the_sample_stays_simulated(tmp_path):
    few = ["300308.SZ", "300133.SZ", "600941.SH"]
    pool = read_pool("sample", START, END, few)
    assert pool.simulated
    assert "pool_small" in [caution.code for caution in pool.cautions]

    write(tmp_path, open_prices("sample", few).to_frame())
    copied = read_pool(tmp_path, START, END)
    assert copied.simulated
    assert "a copy of" in copied.origin
    same(pool, copied)


def test_what_was_listed_and_has_no_bar_is_missing(tmp_path):
    write(tmp_path, made_up())
    (tmp_path / "securities.csv").write_text(
        "code,list_date,delist_date\n"
        "600000.SH,2001-01-01,\n"  # it has bars
        "600100.SH,2001-01-01,\n"
        "600101.SH,2024-11-01,\n"  # listed later
        "600102.SH,2001-01-01,2024-09-30\n"  # delisted before
        "600103.SH,2001-01-01,2024-12-30\n"
        "600104.SH,,\n"  # nothing known
        "000300.SH,2001-01-01,\n"
    )
    (tmp_path / "gone_names.csv").write_text(
        "code,name,in_universe,seen_on\n600200.SH,x,0,2024-06-29\n600001.SH,y,1,2024-06-29\n"
        "600201.SH,z,0,2024-12-29\n600202.SH,classed,0,2024-12-29\n"
    )
    (tmp_path / "sw_membership.csv").write_text(
        "code,in_date,out_date,sw_l3_internal\n600202.SH,2021-07-30,,1\n600201.SH,2024-11-05,,1\n"
    )
    pool = read_pool(tmp_path, *SPAN)

    assert pool.missing_on(dt.date(2024, 10, 11)) == (
        "600100.SH",
        "600103.SH",
        "600200.SH",
        "600202.SH",
    )


def test_a_class_is_that_of_the_edition_a_reader_had(tmp_path):
    (tmp_path / "sw_membership.csv").write_text(
        "code,in_date,out_date,sw_l3_internal,vintage\n"
        "600000.SH,2014-01-01,2021-07-30,100,2024-08-31\n"
        "600000.SH,2021-07-30,,101,2024-08-31\n"
        "600000.SH,2014-01-01,2024-06-01,101,2026-06-05\n"
        "600000.SH,2024-06-01,,102,2026-06-05\n"  # the past, rewritten
        "600001.SH,2024-10-30,,103,2024-08-31\n"
        "600002.SH,2014-01-01,2023-05-05,104,2024-08-31\n"  # gone on its last day
    )
    classes = read_classes(tmp_path)

    assert classes.on(dt.date(2024, 10, 11)) == {"600000.SH": "101"}
    assert classes.on(dt.date(2019, 1, 2)) == {"600000.SH": "100", "600002.SH": "104"}
    assert classes.on(dt.date(2023, 5, 4))["600002.SH"] == "104"
    assert "600002.SH" not in classes.on(dt.date(2023, 5, 5))
    assert classes.on(dt.date(2026, 7, 1)) == {"600000.SH": "102"}
    assert classes.vintage_on(dt.date(2019, 1, 2)) == dt.date(2024, 8, 31)
    assert read_classes(tmp_path / "nowhere") is None


def test_real_bars_are_those_the_door_lets_in(market):
    panel = open_prices(market, SOME, start=START)
    pool = read_pool(market, START, END, SOME)

    same(pool, read_pool(panel, START, END))
    for code in pool.codes:
        bars = ~np.isnan(pool.fields["close"][:, pool.codes.index(code)])
        assert bars.sum() == np.sum(
            ~np.isnan(panel.field("close", code)) & (panel.sessions <= pool.sessions[-1])
        )
    assert pool.listings["300308.SZ"].industry == "801770.SI"


MEASURED = """
import json, sys, tracemalloc
from pathlib import Path
import numpy as np, pyarrow as pa
from thesis.market.calendar import sessions
from thesis.market.sources.pool_files import plain_parquet, read_bars

days, (place, start, end) = sessions(), sys.argv[1:]
axis = days[(days >= np.datetime64(start)) & (days <= np.datetime64(end))]
read_bars(plain_parquet(Path(place)), axis[:2])  # what is loaded once is not counted
tracemalloc.start()
bars = read_bars(plain_parquet(Path(place)), axis)
kept, peak = tracemalloc.get_traced_memory()
held = sum(grid.nbytes for grid in bars.grids.values())
print(json.dumps([len(bars.codes), held, kept, peak, pa.default_memory_pool().max_memory()]))
"""


def test_the_whole_market_lies_in_little_memory(market):
    # In a process of its own: pyarrow tells the most it ever held, whoever asked for it.
    command = [sys.executable, "-c", MEASURED, str(market), str(START), str(END)]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    codes, held, kept, peak, arrow = json.loads(ran.stdout)

    assert codes > 5_300
    assert peak + arrow < 250e6
    assert peak < 1.6 * held  # the arrays, and not the file: its bars alone are 290 MB
    assert kept < 1.1 * held


def test_the_missing_of_the_real_market_are_the_gone_names_without_bars(market):
    pool = read_pool(market, START, END)
    gone = pd.read_csv(market / "gone_names.csv", dtype=str)
    without = gone.loc[gone["in_universe"] == "0", "code"]

    assert len(without) == 45
    assert pool.missing_on(dt.date(2024, 10, 11)) == tuple(sorted(without))
    assert pool.panel.fields is pool.fields  # the panel is the same arrays
    # Those that had a bar and no factor are left out, and no more: counted from the file.
    universe = pd.read_parquet(
        market / "universe.parquet",
        columns=["code", "date", "factor"],
        filters=[("code", "in", list(gone["code"]))],
    )
    day = pd.to_datetime(universe["date"])
    inside = universe[(day >= "2024-06-25") & (day <= "2025-04-30")]
    bare = inside.loc[inside["factor"].isna(), "code"].astype(str).unique()
    assert pool.left_out == {"bars without a factor": tuple(sorted(bare))}
