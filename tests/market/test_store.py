import datetime as dt
import hashlib
import json
import struct
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from fakes.deliveries import DAYS, MONDAY_AFTER, delivery, raw, step
from hypothesis import given, settings
from hypothesis import strategies as st

from thesis.errors import Caution, PricesError
from thesis.market.importing import import_path
from thesis.market.panel import PricePanel
from thesis.market.prices import open_prices
from thesis.market.sources.failure import SourceError
from thesis.market.sources.files import read_files
from thesis.market.sources.listings import read_listings
from thesis.market.store import Store


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("THESIS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def put(home, bars):
    """Store bars of a code, as `thesis fetch` would."""

    def write(code="300308.SZ", frame=None):
        (home / "bars").mkdir(parents=True, exist_ok=True)
        frame = bars(code) if frame is None else frame
        frame.to_parquet(home / "bars" / f"{code}.parquet", index=False)

    return write


def test_the_store_is_where_thesis_home_says(home):
    assert home == Store.default().home
    assert home / "bars" / "300308.SZ.parquet" == Store.default().path("300308.SZ")


def test_without_thesis_home_the_store_is_in_the_data_directory(monkeypatch):
    import platformdirs

    monkeypatch.delenv("THESIS_HOME", raising=False)

    assert platformdirs.user_data_path("thesis", appauthor=False) == Store.default().home


def test_a_store_that_does_not_exist_is_empty(home):
    assert Store.default().is_empty()
    assert ["300308.SZ"] == Store.default().missing(["300308.SZ", "300308.SZ"])
    assert not home.exists()


def test_a_store_knows_what_it_lacks(put):
    put("300308.SZ")

    assert not Store.default().is_empty()
    assert ["300502.SZ"] == Store.default().missing(["300308.SZ", "300502.SZ"])


def test_stored_codes_are_read_as_one_panel(put, home, levels):
    put("300308.SZ")
    put("300502.SZ")
    put("000300.SH", levels())
    panel = Store.default().read(["300502.SZ", "000300.SH", "300394.SZ"])

    assert ("000300.SH", "300502.SZ") == panel.codes
    assert f"the store in {home}" == panel.origin
    assert not panel.simulated


def test_names_are_read_from_the_store_s_listings(put, home):
    put("300308.SZ")
    (home / "securities.csv").write_text("code,name\n300308.SZ,中际旭创\n", encoding="utf-8")

    assert "中际旭创" == Store.default().read(["300308.SZ"]).listings["300308.SZ"].name


def test_reading_codes_the_store_lacks_is_an_error(put, home):
    put("300308.SZ")

    with pytest.raises(PricesError) as caught:
        Store.default().read(["300502.SZ", "300394.SZ"])
    assert f"the store in {home} has no bars of 300394.SZ, 300502.SZ" == str(caught.value)


def test_a_damaged_stored_file_is_named(put, home):
    put("300308.SZ")
    (home / "bars" / "300308.SZ.parquet").write_bytes(b"PAR1")

    with pytest.raises(PricesError, match=r"300308.SZ.parquet cannot be read: "):
        Store.default().read(["300308.SZ"])


def test_what_is_odd_in_a_stored_file_is_a_caution(put, bars):
    put("300308.SZ", bars(volume=[1000.0, 0.0, 1000.0, 1000.0, 1000.0], amount=10_100.0))
    put("300502.SZ", bars("300502.SZ", days=["2024-10-15", "2024-10-14"]))
    panel = Store.default().read(["300308.SZ", "300502.SZ"])

    assert {"no_trades", "unsorted"} == {caution.code for caution in panel.cautions}


def test_a_stored_name_that_lacks_factors_leaves_with_a_caution(put, bars, levels):
    put("300308.SZ", bars(factor=float("nan")))
    put("000300.SH", levels())
    panel = Store.default().read(["300308.SZ", "000300.SH"])

    assert ("000300.SH",) == panel.codes
    assert ["factor_missing"] == [caution.code for caution in panel.cautions]


def test_a_stored_file_may_hold_no_other_code(put, bars, home):
    put("300308.SZ", bars("300502.SZ"))

    with pytest.raises(PricesError) as caught:
        Store.default().read(["300308.SZ"])
    assert "300308.SZ" in str(caught.value)


def test_by_default_a_store_that_covers_the_codes_is_used(put):
    put("300308.SZ")
    panel = open_prices(None, ["300308.SZ"], needed=["300308.SZ"])

    assert not panel.simulated
    assert () == panel.cautions


def test_by_default_an_empty_store_gives_the_sample_without_a_caution(home):
    panel = open_prices(None, ["300308.SZ"], needed=["300308.SZ"])

    assert panel.simulated
    assert () == panel.cautions


def test_by_default_a_store_that_lacks_codes_gives_the_sample_and_says_so(put, home):
    put("300308.SZ")
    codes = ["300308.SZ", "300502.SZ", "300394.SZ", "601595.SH", "600050.SH"]
    panel = open_prices(None, codes, needed=codes)

    assert panel.simulated
    assert [
        (
            "store_incomplete",
            (
                f"the price store in {home} lacks 300502.SZ, 300394.SZ, 601595.SH and 1 more, so "
                "the SIMULATED sample is used: thesis fetch gets them; --prices store uses what "
                "the store has"
            ),
        )
    ] == [(caution.code, caution.message) for caution in panel.cautions]


def test_the_store_by_name_gives_what_it_has(put):
    put("300308.SZ")
    panel = open_prices("store", ["300308.SZ", "300502.SZ"], needed=["300502.SZ"])

    assert ("300308.SZ",) == panel.codes
    assert not panel.simulated


def test_the_store_by_name_without_codes_gives_all_it_has(put):
    put("300308.SZ")
    put("300502.SZ")

    assert ("300308.SZ", "300502.SZ") == open_prices("store").codes


def test_an_empty_store_by_name_is_said(home):
    with pytest.raises(PricesError) as caught:
        open_prices("store")
    assert f"the store in {home} has no bars" == str(caught.value)


def test_a_panel_is_taken_as_it_is_and_cut_to_the_codes(bars):
    panel = PricePanel.from_frame(pd.concat([bars(), bars("300502.SZ")]))

    assert open_prices(panel) is panel
    assert ("300502.SZ",) == open_prices(panel, ["300502.SZ"]).codes


def test_a_frame_is_checked_at_the_door_and_cut_to_the_codes(bars):
    frame = pd.concat([bars(), bars("300502.SZ")])

    assert "the DataFrame" == open_prices(frame).origin
    assert ("300502.SZ",) == open_prices(frame, ["300502.SZ"]).codes
    with pytest.raises(PricesError, match=r"^the DataFrame: no column date; "):
        open_prices(frame.drop(columns="date"))


def test_a_file_or_folder_is_read_from_its_path(tmp_path, bars):
    bars().to_csv(tmp_path / "bars.csv", index=False)

    for place in (tmp_path / "bars.csv", str(tmp_path / "bars.csv"), tmp_path, str(tmp_path)):
        assert ("300308.SZ",) == open_prices(place).codes


def test_the_sample_is_opened_by_name():
    panel = open_prices("sample", ["300308.SZ"])

    assert panel.simulated
    assert ("300308.SZ",) == panel.codes


def test_a_word_that_is_no_source_and_no_path_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    with pytest.raises(PricesError) as caught:
        open_prices("blomberg")
    assert str(caught.value).startswith(
        "prices 'blomberg': there is no such file or folder, and no source of that name; give a "
        "folder or file of bars, 'store', 'sample', or, to ask the network, one of "
    )


def test_a_path_that_does_not_exist_is_said(tmp_path):
    with pytest.raises(PricesError, match=r"there is no such file or folder of prices$"):
        open_prices(tmp_path / "gone.parquet")


@pytest.fixture
def store(home):
    return Store(home)


LATER = MONDAY_AFTER + dt.timedelta(days=1)
CODE = "300308.SZ"


def same(one, two):
    """Check that two panels are one, to the bit."""
    assert one.codes == two.codes
    assert one.sessions.tolist() == two.sessions.tolist()
    assert one.fields.keys() == two.fields.keys()
    for name, grid in one.fields.items():
        assert grid.tobytes(order="F") == two.fields[name].tobytes(order="F"), name
        assert not two.fields[name].flags.writeable
    assert one.fingerprint == two.fingerprint
    assert one.cautions == two.cautions
    assert dict(one.listings) == dict(two.listings)
    assert (one.origin, one.simulated) == (two.origin, two.simulated)


numbers = st.floats(1e-3, 1e12, allow_nan=False)


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_what_is_put_comes_back_to_the_bit(tmp_path_factory, data):
    count = data.draw(st.integers(1, 5))
    column = st.lists(st.one_of(numbers, st.just(np.nan)), min_size=count, max_size=count)
    price = np.array(data.draw(st.lists(st.floats(1, 1e4), min_size=count, max_size=count)))
    bars = raw(
        DAYS[:count], open=price, high=price, low=price, close=price, amount=np.nan,
        volume=data.draw(column), turnover=data.draw(column),
    )  # fmt: skip
    factor, shares = data.draw(numbers), data.draw(st.one_of(st.none(), numbers))
    store = Store(tmp_path_factory.mktemp("home"))
    given_ = delivery(bars=bars, events=(step("2024-10-15", factor, shares),))
    store.put(given_)
    held = store.holding(CODE)

    pd.testing.assert_frame_equal(bars, held.bars, check_exact=True)
    for name in bars:
        assert bars[name].to_numpy().tobytes() == held.bars[name].to_numpy().tobytes()
    assert given_.events == held.events
    assert ("sina", "sina", MONDAY_AFTER) == (held.source, held.factor_source, held.fetched_at)
    assert (given_.asked_from, given_.asked_to) == (held.asked_from, held.asked_to)
    assert held.content_hash == store.entries()[CODE].hash


def test_revisions_and_spans_come_back(store):
    new = raw()
    new.loc[1, ["volume", "amount"]] = [2000.0, 20_000.0]
    store.put(delivery(bars=raw().iloc[:3], events=(step("2024-10-15", 1.2),)))
    change = store.put(delivery(bars=new.iloc[:2], at=LATER))
    store.put(delivery(source="eastmoney", factor_source="yahoo", at=LATER))
    held = store.holding(CODE)

    assert ["volume", "amount", "factor"] == [revision.field for revision in change.revised]
    assert change.revised == held.revisions
    assert ["sina", "eastmoney"] == [source for _, _, source in held.spans]
    assert 3 == store.entries()[CODE].revisions


def test_a_stored_file_is_an_ordinary_file_of_bars(store):
    store.put(delivery(events=(step("2024-10-16", 1.4, 1.2),)))
    frame = pd.read_parquet(store.path(CODE))

    assert [CODE] * 5 == frame["code"].tolist()
    assert list(DAYS) == [str(day) for day in frame["date"]]
    assert [1.0, 1.0, 1.4, 1.4, 1.4] == frame["factor"].tolist()
    assert [1.0, 1.0, 1.2, 1.2, 1.2] == frame["share_factor"].tolist()
    assert raw()["close"].tolist() == frame["close"].tolist()
    assert read_files(store.bars).fingerprint == store.read().fingerprint


def test_an_index_has_no_factor_columns(store):
    levels = dict.fromkeys(("open", "high", "low", "volume", "amount"), np.nan)
    store.put(delivery("H00300.CSI", events=None, close=5000.0, source="csindex", **levels))
    frame = pd.read_parquet(store.path("H00300.CSI"))

    assert {"factor", "share_factor"}.isdisjoint(frame.columns)
    assert store.holding("H00300.CSI").events is None
    assert [5000.0] * 5 == store.read().field("close", "H00300.CSI").tolist()


def test_the_content_hash_is_the_one_that_is_documented(store):
    bars = raw(turnover=[0.01, 0.02, np.nan, -0.0, 0.0])
    store.put(delivery(bars=bars, events=(step("2024-10-16", 1.4, None),)))
    digest = hashlib.sha256(b"thesis bars 1 300308.SZ\n")
    for name in bars.columns:
        digest.update(name.encode() + b"\n")
        for value in bars[name]:
            if name == "date":
                digest.update(struct.pack("<q", (value.date() - dt.date(1970, 1, 1)).days))
            else:
                digest.update(struct.pack("<d", value + 0.0))
    digest.update(b"2024-10-16 1.4 None\n")

    assert digest.hexdigest() == store.holding(CODE).content_hash
    assert digest.hexdigest() == json.loads(store.manifest.read_text())["files"][CODE]["hash"]


def test_a_reply_that_says_nothing_new_writes_no_bars_but_is_noted(store):
    store.put(delivery())
    before = store.path(CODE).stat().st_mtime_ns
    change = store.put(delivery(at=LATER))
    entry = store.entries()[CODE]

    assert change.unchanged
    assert before == store.path(CODE).stat().st_mtime_ns
    assert (MONDAY_AFTER, LATER) == (entry.fetched_at, entry.checked_at)


def test_the_manifest_says_what_there_is(store):
    store.put(delivery(asked=("2024-10-11", "2024-10-20")))
    entry = store.entries()[CODE]

    assert ("300308.SZ.parquet", 5, 0) == (entry.file, entry.bars, entry.revisions)
    assert (DAYS[0], DAYS[-1]) == (str(entry.first), str(entry.last))
    assert ("2024-10-11", "2024-10-20") == (str(entry.asked_from), str(entry.asked_to))
    assert ("sina", "sina") == (entry.source, entry.factor_source)


def test_the_manifest_is_read_without_pandas(store):
    store.put(delivery())
    code = (
        "import sys; from thesis.market.store import Store;"
        "assert list(Store.default().entries()) == ['300308.SZ'];"
        "assert not {'pandas', 'numpy', 'pyarrow'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def stored(store):
    """Two stocks and an index, one of them with a suspension."""
    store.put(delivery(events=(step("2024-10-15", 1.4, 1.2),), turnover=0.01))
    store.put(delivery("601595.SH", bars=raw().drop(index=2), asked=(DAYS[0], DAYS[-1])))
    index = delivery("000300.SH", events=None, volume=np.nan, amount=np.nan, source="csindex")
    store.put(index)
    (store.home / "securities.csv").write_text("code,name\n300308.SZ,中际旭创\n", encoding="utf-8")


def through_the_door(store):
    frames = [pd.read_parquet(path) for path in sorted(store.bars.glob("*.parquet"))]
    return PricePanel.from_frame(
        pd.concat(frames, ignore_index=True),
        origin=f"the store in {store.home}",
        listings=read_listings(store.home, [path.stem for path in store.bars.iterdir()]),
    )


def no_door(*_):
    raise AssertionError("the bars went through the door")


def test_what_went_through_the_door_once_is_read_as_if_it_went_again(store, monkeypatch):
    stored(store)
    checked = through_the_door(store)
    monkeypatch.setattr("thesis.market.storage.opening.admit", no_door)
    panel = store.read()

    same(checked, panel)
    assert "中际旭创" == panel.listings[CODE].name
    assert [1.0, 1.4, 1.4, 1.4, 1.4] == panel.field("factor", CODE).tolist()


def test_index_levels_long_before_the_first_stock_are_left_out_all_the_same(store, monkeypatch):
    monkeypatch.setattr("thesis.market.panel.INDEX_LEAD", 30)
    days = [str(day) for day in pd.bdate_range("2024-06-11", "2024-09-12").date]
    index = delivery(
        "000300.SH", days, events=None, asked=(days[0], "2024-10-13"), source="csindex"
    )
    store.put(index)
    stored(store)
    checked = through_the_door(store)
    monkeypatch.setattr("thesis.market.storage.opening.admit", no_door)

    same(checked, store.read())
    assert 30 + 5 == len(store.read().sessions)


def test_what_was_odd_at_the_door_is_said_at_each_reading(store):
    stored(store)
    change = store.put(delivery("300502.SZ", volume=[1000.0, 0.0, 1000.0, 1000.0, 1000.0]))
    panel = store.read()

    assert ["no_trades"] == [caution.code for caution in change.cautions]
    assert ["no_trades"] == [caution.code for caution in panel.cautions]
    same(through_the_door(store), panel)


def test_a_file_from_elsewhere_sends_all_through_the_door(store, put, bars):
    stored(store)
    put("300502.SZ", bars("300502.SZ", volume=[1000.0, 0.0, 1000.0, 1000.0, 1000.0]))
    panel = store.read()

    assert ["no_trades"] == [caution.code for caution in panel.cautions]
    same(through_the_door(store), panel)


def test_another_version_of_thesis_checks_again(store, monkeypatch):
    stored(store)
    panel = store.read()
    monkeypatch.setattr("thesis.market.storage.opening.door_version", lambda: "0.0.0")
    with monkeypatch.context() as patch:
        patch.setattr("thesis.market.storage.opening.admit", no_door)
        with pytest.raises(AssertionError, match="went through the door"):
            store.read()

    same(panel, store.read())


def test_real_prices_are_read_as_the_door_reads_them(reference_store, market):
    home, changes = reference_store
    frame = pd.read_parquet(market / "bars.parquet").drop(columns="pre_close")
    frame["date"] = pd.to_datetime(frame["date"])
    store = Store(home)

    assert {()} == {change.cautions for change in changes}
    same(PricePanel.from_frame(frame, origin=f"the store in {home}"), store.read())
    assert [] == store.survey()


def test_days_nobody_was_asked_about_are_not_read_as_a_suspension(store):
    store.put(delivery(days=DAYS[:2]))
    store.put(delivery(days=DAYS[3:], at=LATER))
    panel = store.read()

    assert list(DAYS[3:]) == [str(day) for day in panel.sessions]
    assert [
        (
            "store_gap",
            (
                f"the store in {store.home}: 300308.SZ was asked for in 2 stretches with days "
                "between them that were not; its 2 bars outside 2024-10-17 to 2024-10-18 were left "
                "out. thesis fetch with an earlier --start closes the gap"
            ),
        )
    ] == [(caution.code, caution.message) for caution in panel.cautions]

    store.put(delivery(days=DAYS[1:4], at=LATER, close=[10.21, 10.22, 10.23]))
    assert list(DAYS) == [str(day) for day in store.read().sessions]
    assert () == store.read().cautions


def test_a_small_table_is_merged_by_key(store):
    first = pd.DataFrame({"code": [CODE, "000001.SZ"], "name": ["中际旭创", None], "sector": "a"})
    store.put_table("securities.csv", first, ["code"])
    second = pd.DataFrame(
        {"code": ["000001.SZ", "601595.SH"], "name": ["平安银行", "上海电影"], "list_date": [
            dt.date(1991, 4, 3), None]}
    )  # fmt: skip
    store.put_table("securities.csv", second, ["code"])

    assert (
        "code,name,sector,list_date\n"
        "000001.SZ,平安银行,a,1991-04-03\n"
        "300308.SZ,中际旭创,a,\n"
        "601595.SH,上海电影,,\n"
    ) == (store.home / "securities.csv").read_text(encoding="utf-8")
    assert ["平安银行", "中际旭创", "上海电影"] == store.table("securities.csv")["name"].tolist()
    assert "" == store.table("securities.csv")["list_date"].iloc[1]


def test_a_table_keeps_text_as_it_is(store):
    odd = pd.DataFrame({"code": ["1"], "day": pd.to_datetime(["2024-10-14"]), "x": ['a,"b"\nc'],
                        "n": [0.1]})  # fmt: skip
    store.put_table("odd.csv", odd, ["code", "day"])

    assert [["1", "2024-10-14", 'a,"b"\nc', "0.1"]] == store.table("odd.csv").to_numpy().tolist()


def test_a_table_that_is_not_there_is_none(store):
    assert store.table("securities.csv") is None


def test_rows_without_a_key_are_refused(store):
    with pytest.raises(PricesError, match=r"securities.csv: no column code in the new rows$"):
        store.put_table("securities.csv", pd.DataFrame({"name": ["x"]}), ["code"])


def test_a_store_without_a_folder_has_nothing_to_mend(store):
    assert ([], [], {}) == (store.survey(), store.mend(), store.entries())
    assert store.holding(CODE) is None
    assert not store.home.exists()


def test_a_table_may_hold_the_whole_of_each_value(store):
    spans = pd.DataFrame({"code": [CODE, CODE, "000001.SZ"], "start": ["1", "2", "3"]})
    store.put_table("st_history.csv", spans, ["code", "start"])
    new = pd.DataFrame({"code": [CODE], "start": ["4"], "end": ["5"]})
    store.put_table("st_history.csv", new, ["code", "start"], whole="code")

    assert [["000001.SZ", "3", ""], [CODE, "4", "5"]] == (
        store.table("st_history.csv").to_numpy().tolist()
    )
    with pytest.raises(PricesError, match=r"no column day in the file$"):
        store.put_table("st_history.csv", new.assign(day=1), ["code"], whole="day")


ODD = Caution("factor_odd", 'it steps by 1.08, "a rights issue", perhaps')


def test_findings_are_said_with_every_panel_of_their_code_and_no_other(store, monkeypatch):
    stored(store)
    late = Caution("bars_start_late", "its bars begin late")
    store.put_findings(CODE, [ODD, late])
    store.put_findings("601595.SH", [late])
    monkeypatch.setattr("thesis.market.storage.opening.admit", no_door)

    assert (ODD, late) == store.read([CODE]).cautions
    assert (ODD, late, late) == store.read().cautions
    assert () == store.read(["000300.SH"]).cautions
    assert (ODD, late) == store.findings([CODE])

    store.put_findings(CODE, [ODD])
    assert (ODD, late) == store.read().cautions
    store.put_findings(CODE, [])
    assert (late,) == store.read().cautions


def test_no_findings_write_no_file(store):
    store.put_findings(CODE, [])

    assert not store.home.exists()
    assert () == store.findings([CODE])


def test_a_table_of_findings_that_was_changed_is_said(store):
    stored(store)
    (store.home / "findings.csv").write_text("code,message\n")

    with pytest.raises(PricesError, match=r"findings.csv: no column kind; mend or remove it$"):
        store.read()


def test_a_step_that_nobody_spoke_for_is_said_at_each_reading(store, monkeypatch):
    store.put(delivery(days=DAYS[:3]))
    change = store.put(delivery(bars=raw().iloc[3:], at=LATER))
    monkeypatch.setattr("thesis.market.storage.opening.admit", no_door)
    (said,) = store.read().cautions

    assert ["factor_unknown"] == [caution.code for caution in change.cautions]
    assert said.code == "factor_unknown"
    assert said.message.startswith(
        f"the store in {store.home}: 300308.SZ: nobody said whether its factor steps on 2024-10-17,"
    )


@pytest.mark.parametrize("simulated", [{"source": "sample"}, {"simulated": True}])
def test_simulated_prices_are_not_stored(store, simulated):
    with pytest.raises(PricesError, match=r"are SIMULATED and never happened; .* nothing was sto"):
        store.put(delivery(**simulated))
    assert store.holding(CODE) is None


def test_who_spoke_for_the_factor_comes_back(store):
    store.put(delivery(bars=raw().iloc[:3]))
    late = delivery(factor_source="dividends", at=LATER, events=(step("2024-10-18", 1.2),))
    store.put(late)

    assert [(DAYS[0], DAYS[2], "sina"), (DAYS[2], DAYS[4], "dividends")] == [
        (str(first), str(last), giver) for first, last, giver in store.holding(CODE).factor_spans
    ]
    assert store.entries()[CODE].factor_source == "dividends"


def test_a_source_that_was_checked_before_another_stored_is_checked_again(store):
    store.put(delivery())
    before = store.path(CODE).read_bytes()

    with pytest.raises(SourceError, match=r"its close on 2024-10-14 is 10.3, where sina has 10.2"):
        store.put(delivery(source="eastmoney", close=10.3, at=LATER))
    assert before == store.path(CODE).read_bytes()


def test_a_source_that_returns_after_a_splice_is_held_against_the_other_s_bars(store):
    store.put(delivery(bars=raw().iloc[:3]))
    store.put(delivery(bars=raw().iloc[1:], source="eastmoney", at=LATER))
    held = store.holding(CODE)
    back = raw()
    back.loc[4, "close"] = 10.3

    with pytest.raises(SourceError, match=r"2024-10-18 is 10.3, where eastmoney has 10.24") as said:
        store.put(delivery(bars=back, at=LATER))
    assert ("bad_bars", "sina") == (said.value.kind, said.value.source)
    assert "thesis data check" in str(said.value)
    assert held.content_hash == store.holding(CODE).content_hash
    assert store.put(delivery(at=LATER)).revised == ()


def test_other_bars_under_the_same_name_are_refused(store):
    store.put(delivery(source="daily.csv"))
    before = store.path(CODE).read_bytes()

    with pytest.raises(PricesError) as said:
        store.put(delivery(source="daily.csv", close=10.3, at=LATER))
    assert str(said.value).startswith(
        "300308.SZ: daily.csv now says otherwise on 5 of 5 stored closes, first on 2024-10-14: "
        "10.3, where 10.2 is stored from it."
    )
    assert before == store.path(CODE).read_bytes()


def test_an_import_into_a_store_with_events_keeps_them(store, tmp_path, bars):
    store.put(
        delivery(bars=raw().iloc[:4], events=(step("2024-10-15", 1.4), step("2024-10-17", 1.54)))
    )
    mine = raw().iloc[2:].assign(code=CODE, factor=[2.0, 2.2, 2.2], share_factor=1.0)
    mine.to_csv(tmp_path / "mine.csv", index=False)
    (one,), _ = import_path(tmp_path / "mine.csv")
    store.put(one)
    frame = store.holding(CODE).frame()

    assert [1.0, 1.4, 1.4, 1.54, 1.54] == pytest.approx(frame["factor"].tolist(), rel=1e-12)
