"""``thesis data`` and ``thesis data check``, on a store fetched from local fakes of every host."""

import dataclasses
import datetime as dt
import shutil
from pathlib import Path

import pandas as pd
import pytest
from fakes import csindex, sina
from fakes.market import Market, serve_market, small_market
from fakes.reference import ACTIONS, serve_reference, table

import thesis
from thesis.inventory import check_store, survey_store
from thesis.market.fetching import last_complete_session
from thesis.market.sources.files import read_files
from thesis.market.storage.barfile import encode, read_holding
from thesis.market.storage.disk import UNFINISHED

NAMES = ("000001.SZ", "300308.SZ")
END = "2025-04-11"  # the last session within six months of 2024-10-13
COMPARED = {*NAMES, "000300.SH", "H00300.CSI", "801770.SI"}
THESIS = """
id = "two_names"
title = "Two names"
kind = "screen"
[source]
publisher = "me"
published = 2024-10-13
[claim]
rating = "buy"
scale = "six_months"
sector_index = "801770.SI"
[scale.six_months]
publisher = "me"
source = "this test"
months = [6, 6]
bands = [
    { id = "buy", name = "Buy", from = 0.10 },
    { id = "neutral", name = "Neutral", from = -0.10 },
    { id = "sell", name = "Sell" },
]
[[segment]]
id = "names"
[[segment.pick]]
code = "000001.SZ"
basis = "named"
[[segment.pick]]
code = "300308.SZ"
basis = "named"
"""


@pytest.fixture(scope="module")
def small() -> Market:
    """The small market over a whole window, with the small-cap index that is fetched beside."""
    market = small_market(300)
    caps = market.index[market.index["code"] == "000300.SH"].assign(code="000852.SH")
    return Market(market.bars, pd.concat([market.index, caps], ignore_index=True))


@pytest.fixture
def two_names(tmp_path) -> Path:
    path = tmp_path / "two_names.toml"
    path.write_text(THESIS, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def _fetched() -> dict[str, Path]:
    return {}


@pytest.fixture
def home(hosts, small, run, two_names, tmp_path, tmp_path_factory, monkeypatch, _fetched) -> Path:
    """A store of its own, fetched over the fakes once for all tests."""
    serve_market(hosts, small.bars, small.index)
    if "home" not in _fetched:
        first = tmp_path_factory.mktemp("fetched")
        monkeypatch.setenv("THESIS_HOME", str(first))
        ran = run("fetch", two_names, "--source", "akshare", "--start", "2024-08-15")
        assert 0 == ran.code, ran.err
        _fetched["home"] = first
    home = tmp_path / "home"
    shutil.copytree(_fetched["home"], home)
    monkeypatch.setenv("THESIS_HOME", str(home))
    return home


@pytest.fixture
def written(small, tmp_path):
    """Write the small market, or what `change` makes of its bars, as a folder of Parquet."""

    def write(change=lambda bars: bars, index=lambda levels: levels) -> Path:
        folder = tmp_path / "other"
        folder.mkdir(exist_ok=True)
        change(small.bars.copy()).to_parquet(folder / "bars.parquet")
        index(small.index.copy()).to_parquet(folder / "index.parquet")
        return folder

    return write


def on(bars, code, day):
    return (bars["code"] == code) & (bars["date"].astype(str) == day)


def dearer(bars, factor=3.0, day=END):
    """The close of 300308.SZ on one day times a factor, its high no lower."""
    row = on(bars, "300308.SZ", day)
    close = (factor * bars.loc[row, "close"]).round(2).item()
    bars.loc[row, ["close", "high"]] = close, max(close, bars.loc[row, "high"].item())
    return bars


def words(ran):
    return " ".join((ran.out + ran.err).split())


def line(ran, start):
    (found,) = [text for text in ran.out.splitlines() if text.startswith(start)]
    return found.split()


def test_data_on_an_empty_store_names_the_command_that_fills_it(run, tmp_path, monkeypatch):
    monkeypatch.setenv("THESIS_HOME", str(tmp_path / "nothing"))

    ran = run("data")

    assert 0 == ran.code
    assert f"Nothing is stored in {tmp_path / 'nothing'} yet." in words(ran)
    assert "thesis fetch media_ai" in ran.out
    assert not (tmp_path / "nothing").exists()


def test_data_tells_what_is_stored_by_group_and_asks_nobody(run, home, hosts, small):
    asked = hosts.count()

    ran = run("data")

    first, last = str(small.bars["date"].min()), str(small.bars["date"].max())
    assert 0 == ran.code
    assert ["main", "board", "1", first, last, "today", "sina"] == line(ran, "main board")
    assert ["ChiNext", "1", first, last, "today", "sina"] == line(ran, "ChiNext")
    assert ["market", "indices", "3", first, last, "today", "csindex"] == line(ran, "market")
    assert f"The store is {home}." in ran.out
    assert asked == hosts.count()


def test_data_tells_what_each_bundled_thesis_lacks(run, home):
    ran = run("data")

    held = line(ran, "optical_module")
    assert ["1/3", "3/3", "2024-10-11", END] == held[1:5]
    assert "lacks 300502.SZ 300394.SZ" in " ".join(held)
    assert len(thesis.load("media_ai").codes) == 7
    assert "0/7" in line(ran, "media_ai")


def test_data_says_when_what_is_stored_ends_before_a_window(run, home, small, tmp_path):
    bars = small.bars[small.bars["code"] == "300308.SZ"]
    cut = bars[bars["date"].astype(str) <= "2025-02-28"].assign(code="300502.SZ")
    late = bars[bars["date"].astype(str) >= "2024-11-01"].assign(code="300394.SZ")
    pd.concat([cut, late]).to_parquet(tmp_path / "more.parquet")
    assert 0 == run("import", tmp_path / "more.parquet").code

    ran = run("data")

    assert "3/3" in line(ran, "optical_module")
    assert f"300502.SZ: ends 2025-02-28, before the window {END}" in words(ran)
    assert "300394.SZ: asked for from 2024-11-01 only, after 2024-10-11" in words(ran)


def test_a_dated_delisting_is_no_lack(home, small, run, tmp_path):
    bars = small.bars[small.bars["code"] == "300308.SZ"]
    cut = bars[bars["date"].astype(str) <= "2025-02-28"]
    both = [cut.assign(code="300502.SZ"), bars.assign(code="300394.SZ")]
    pd.concat(both).to_parquet(tmp_path / "more.parquet")
    run("import", tmp_path / "more.parquet")
    before = {each.thesis: each.ready for each in survey_store().coverage}
    (home / "securities.csv").write_text("code,delist_date\n300502.SZ,2025-03-14\n")
    after = {each.thesis: each.ready for each in survey_store().coverage}

    assert (False, True) == (before["optical_module"], after["optical_module"])


def test_data_names_a_damaged_file_a_leftover_and_mends_neither(run, home):
    path = home / "bars" / "300308.SZ.parquet"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    left = home / "bars" / f".300308.SZ{UNFINISHED}"
    left.write_bytes(b"half")

    ran = run("data")

    assert 0 == ran.code
    assert f"{path} cannot be read" in words(ran)
    assert f"{left} was left unfinished" in words(ran)
    assert "Nothing was mended." in ran.out
    assert left.is_file()
    assert bytes(content) == path.read_bytes()
    assert "0/3" in line(ran, "optical_module")  # a damaged file is not counted as stored


def test_codes_lists_every_stored_code_and_what_it_was_asked_for(run, home, small):
    ran = run("data", "--codes")

    bars = small.bars[small.bars["code"] == "300308.SZ"]
    held = line(ran, "300308.SZ")
    expected = [str(len(bars)), str(bars["date"].min()), str(bars["date"].max()), "sina", "sina"]
    assert [*expected, "0", "d"] == held[1:8]
    assert f"2024-08-15..{last_complete_session()}" == held[8]
    assert "csindex" in line(ran, "H00300.CSI")
    for code in COMPARED:
        assert line(ran, code)


def test_revisions_are_told_as_sentences(run, home, hosts, small, two_names):
    quiet = run("data", "--revisions")
    last = str(small.bars["date"].max())
    was = small.bars.loc[on(small.bars, "300308.SZ", last), "close"].item()
    serve_market(hosts, dearer(small.bars.copy(), 1.05, last), small.index)
    manifest = home / "manifest.json"
    manifest.unlink()  # nobody remembers that it was asked today
    for path in (home / "bars").glob("*.parquet"):
        age_by_a_day(path)
    assert 0 == run("fetch", two_names, "--source", "akshare", "--start", "2024-08-15").code

    ran = run("data", "--revisions")

    assert "No stored value has been revised." in quiet.out
    assert f"300308.SZ: sina changed the close on {last} from {was:.10g} to" in words(ran)
    assert line(ran, "ChiNext")[5] in ("1", "2")  # its close, and perhaps its high


def age_by_a_day(path):
    """Write a stored file as if its source had been asked a day earlier."""
    held = read_holding(path)
    older = dataclasses.replace(held, fetched_at=held.fetched_at - dt.timedelta(days=1))
    path.write_bytes(encode(older, None))


def test_check_against_the_prices_it_was_fetched_from_agrees(run, home, hosts, written, two_names):
    folder, asked = written(), hosts.count()

    ran = run("data", "check", two_names, "--against", folder)

    assert 0 == ran.code, ran.err
    assert "two_names: the same on both sides: paper " in words(ran)
    for code in COMPARED:
        assert 2 == len(line(ran, code))  # the code and its sessions, and nothing off
    assert asked == hosts.count()


def test_every_stored_code_is_checked_where_no_thesis_is_named(run, home, written):
    ran = run("data", "check", "--against", written())

    assert 0 == ran.code, ran.err
    assert {"000852.SH", *COMPARED} == {
        text.split()[0] for text in ran.out.splitlines() if text[:6].isdigit() or text[0] == "H"
    }
    assert "two_names" not in ran.out


def test_one_close_that_changes_a_rating_makes_the_thesis_data_fragile(
    run, home, written, two_names, small
):
    ran = run("data", "check", two_names, "--against", written(dearer))

    row = on(small.bars, "300308.SZ", END)
    was = small.bars.loc[row, "close"].item()
    assert 6 == ran.code
    assert (
        f"300308.SZ: close on {END} is {was:.10g} in the store and {round(3 * was, 2):.10g} in "
        f"{home.parent / 'other'}"
    ) in words(ran)
    assert "two_names is data-fragile: the store and" in words(ran)
    assert "data-fragile: two_names; 1 of 5 codes differ: 300308.SZ" in " ".join(ran.err.split())
    assert "Traceback" not in ran.err


def test_the_excesses_of_a_fragile_thesis_are_those_of_two_backtests(home, written, two_names):
    folder = written(dearer)

    (found,) = check_store([two_names], against=folder, as_of=None).agreements
    ours = thesis.backtest(two_names, "store")
    theirs = thesis.backtest(two_names, folder)

    assert found.fragile
    for leg in found.legs:
        one, other = getattr(ours, leg.leg).headline, getattr(theirs, leg.leg).headline
        assert (one.rating, other.rating) == (leg.here.rating, leg.there.rating)
        assert one.excess == pytest.approx(leg.here.excess, abs=1e-12)
        # Beside the prices the folder differs in `pre_close`, which only limits read.
        assert other.excess == pytest.approx(leg.there.excess, abs=1e-9)
    assert ["paper", "sector", "net"] == [leg.leg for leg in found.legs]
    assert [True, False, True] == [leg.rated_apart for leg in found.legs]


def test_a_small_change_is_a_difference_without_being_fragile(run, home, written, two_names):
    ran = run("data", "check", two_names, "--against", written(lambda b: dearer(b, 1.001)))

    assert 6 == ran.code
    assert "two_names: the same ratings on both sides, 0.0" in words(ran)
    assert "data-fragile" not in words(ran)
    assert "1 of 5 codes differ: 300308.SZ" in words(ran)


def test_each_kind_of_difference_is_counted_in_its_column(run, home, written, two_names):
    def change(bars):
        mine = bars["code"] == "300308.SZ"
        bars.loc[mine, "factor"] = 1.0
        bars = bars[~on(bars, "300308.SZ", "2024-11-01")]
        bars.loc[on(bars, "000001.SZ", "2024-11-04"), "volume"] *= 1.5
        return bars

    ran = run("data", "check", two_names, "--against", written(change))

    assert 6 == ran.code
    assert "300308.SZ: factor step on 2024-10-15 is 1.0" in words(ran)
    assert "in the store and none in" in words(ran)
    assert "300308.SZ: the store has a bar on 2024-11-01" in words(ran)
    assert "000001.SZ: volume on 2024-11-04 is" in words(ran)
    assert line(ran, "300308.SZ")[2:] == ["1", "1"]
    assert line(ran, "000001.SZ")[2:] == ["1"]
    assert "2 of 5 codes differ: 000001.SZ, 300308.SZ" in words(ran)


def test_an_index_that_the_other_side_lacks_is_taken_from_the_store_and_said(
    run, home, written, two_names
):
    folder = written(index=lambda levels: levels[levels["code"] == "000300.SH"])

    ran = run("data", "check", two_names, "--against", folder)

    assert 0 == ran.code, ran.err
    assert "two_names: the same on both sides" in words(ran)
    assert "has no 801770.SI, H00300.CSI; the store's own levels stood in." in words(ran)
    assert f"801770.SI was not compared: {folder} has no bars of 801770.SI" in words(ran)


def test_a_name_that_the_other_side_lacks_is_missing_data(run, home, written, two_names):
    folder = written(lambda bars: bars[bars["code"] != "300308.SZ"])

    ran = run("data", "check", two_names, "--against", folder)

    assert 4 == ran.code
    assert "two_names could not be compared: not on both sides: 300308.SZ" in words(ran)
    assert "not compared: 300308.SZ, two_names" in " ".join(ran.err.split())


def test_a_name_that_is_not_stored_is_missing_data(run, home, written, two_names):
    (home / "bars" / "300308.SZ.parquet").unlink()

    ran = run("data", "check", two_names, "--against", written())

    assert 4 == ran.code
    assert "not compared: 300308.SZ, two_names" in " ".join(ran.err.split())


def test_a_source_is_asked_by_name_for_what_is_compared_alone(run, home, hosts, two_names):
    asked = hosts.count()

    ran = run("data", "check", two_names, "--against", "akshare")

    paths = " ".join(f"{each.path} {each.query}" for each in hosts.asked[asked:])
    assert 0 == ran.code, ran.err
    assert "there: akshare (sina, csindex, shenwan)." in words(ran)
    assert "sz300308" in paths
    assert "000852" not in paths


def test_one_vendor_can_be_asked_and_its_difference_is_found(
    run, home, hosts, small, two_names, tmp_path
):
    serve_market(hosts, dearer(small.bars.copy()), small.index)
    before = sorted((path.name, path.stat().st_mtime_ns) for path in home.rglob("*.parquet"))

    ran = run("data", "check", two_names, "--against", "sina")

    assert 6 == ran.code
    assert "two_names is data-fragile" in words(ran)
    assert "H00300.CSI was not compared: sina does not serve H00300.CSI" in words(ran)
    assert "sina has no 801770.SI, H00300.CSI; the store's own levels stood in." in words(ran)
    assert before == sorted((p.name, p.stat().st_mtime_ns) for p in home.rglob("*.parquet"))


def test_a_vendor_without_factors_is_compared_with_those_of_the_dividends(
    run, home, hosts, small, two_names
):
    days = sorted(small.bars["date"].unique())
    paid = [("300308.SZ", days[36], 4.5), ("000001.SZ", days[38], 2.46)]  # per 10 shares
    rows = [(code, str(day), cash, 0.0, 0.0, "实施分配") for code, day, cash in paid]
    serve_reference(hosts, actions=table(ACTIONS, rows))

    ran = run("data", "check", two_names, "--against", "tencent")

    assert 0 == ran.code, ran.err
    assert "there: tencent (tencent)." in words(ran)
    assert "two_names: the same" in words(ran)


def test_a_side_that_ends_before_the_window_is_missing_data_unless_a_delisting_is_dated(
    run, home, written, two_names
):
    def cut(bars):
        return bars[(bars["code"] != "300308.SZ") | (bars["date"].astype(str) <= "2025-02-28")]

    folder = written(cut)
    unknown = run("data", "check", two_names, "--against", folder)
    (home / "securities.csv").write_text("code,delist_date\n300308.SZ,2025-03-14\n")
    dated = run("data", "check", two_names, "--against", folder)

    assert 4 == unknown.code
    assert "two_names could not be compared: paper is known on one side alone" in words(unknown)
    assert "not compared: two_names" in " ".join(unknown.err.split())
    assert "could not be compared" not in words(dated)
    assert "apart: paper" in words(dated) or "data-fragile" in words(dated)


def test_a_damaged_file_is_missing_data_and_the_rest_is_compared(run, home, written):
    path = home / "bars" / "300308.SZ.parquet"
    path.write_bytes(path.read_bytes()[:-20])

    ran = run("data", "check", "--against", written())

    assert 4 == ran.code
    assert f"300308.SZ was not compared: {path} cannot be read" in words(ran)
    assert 2 == len(line(ran, "000001.SZ"))


def test_a_source_that_fails_is_missing_data_and_the_rest_is_compared(run, home, hosts, two_names):
    hosts.fail(csindex.HOSTS, "banned")
    hosts.fail(sina.HOSTS, "banned")

    ran = run("data", "check", two_names, "--against", "sina")

    assert 4 == ran.code
    assert "it is banned, often for hours" in words(ran)
    assert "not compared: 000001.SZ, 300308.SZ" in words(ran)


@pytest.mark.parametrize(
    ("against", "code", "said"),
    [
        ("blomberg", 2, "there is no such file or folder, and no source of that name"),
        ("sample", 2, "the sample's prices are simulated"),
        ("store", 2, "the store is what is checked"),
    ],
)
def test_what_cannot_be_held_against_is_said(run, home, against, code, said):
    ran = run("data", "check", "--against", against)

    assert code == ran.code
    assert said in words(ran)


def test_check_of_an_empty_store_is_missing_data(run, tmp_path, monkeypatch, written):
    monkeypatch.setenv("THESIS_HOME", str(tmp_path / "nothing"))

    ran = run("data", "check", "--against", written())

    assert 4 == ran.code
    assert "is empty, so there is nothing to check" in words(ran)


@pytest.mark.slow
def test_real_prices_fetched_and_checked_against_their_own_folder_agree(
    run, first_fetch, market, monkeypatch
):
    monkeypatch.setenv("THESIS_HOME", str(first_fetch.home))

    told = run("data")
    ran = run("data", "check", "media_ai", "--against", market, "--as-of", "2026-04-30")

    assert "ready" == line(told, "media_ai")[-1]
    assert 0 == ran.code, ran.err
    assert "media_ai: the same on both sides: paper +29.76 Buy" in words(ran)
    sessions = read_files(market, ["300364.SZ"]).since(dt.date(2022, 8, 5)).sessions
    assert [f"{len(sessions)}"] == line(ran, "300364.SZ")[1:]


def test_a_file_that_thesis_did_not_write_counts_as_stored_and_is_named(run, home, small):
    bars = small.bars[small.bars["code"] == "601595.SH"]
    bars.to_parquet(home / "bars" / "601595.SH.parquet")

    ran = run("data", "--codes")

    assert ["601595.SH", str(len(bars))] == line(ran, "601595.SH")[:2]
    assert "sina, a stray file" in words(ran)
    assert "601595.SH.parquet was not written by thesis" in words(ran)
