"""``thesis import``: the user's own files into the store."""

import pandas as pd
import pytest
from fakes.market import small_market

import thesis
from thesis.market.store import Store

SMALL = small_market()


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("THESIS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def bars(tmp_path):
    """The small market as a market folder."""
    folder = tmp_path / "mine"
    folder.mkdir()
    SMALL.bars.to_parquet(folder / "bars.parquet")
    SMALL.index[["code", "date", "open", "high", "low", "close"]].to_csv(
        folder / "index.csv", index=False
    )
    (folder / "securities.csv").write_text("code,name\n300308.SZ,中际旭创\n", "utf-8")
    return folder


def same(one: pd.DataFrame, other: pd.DataFrame) -> None:
    columns = ["code", "date", "open", "high", "low", "close", "volume", "amount", "turnover"]
    pd.testing.assert_frame_equal(one[columns], other[columns])


def test_what_is_imported_is_what_the_files_hold(run, bars):
    ran = run("import", bars)

    assert 0 == ran.code, ran.err
    stored, read = thesis.read_prices("store"), thesis.read_prices(bars)
    stocks = list(read.stocks())
    same(stored.select(stocks).to_frame(), read.select(stocks).to_frame())
    assert "中际旭创" == stored.listings["300308.SZ"].name
    line = next(line for line in ran.out.splitlines() if line.startswith("300308.SZ"))
    assert "bars.parquet" in line


def test_importing_twice_changes_nothing_and_one_code_alone_can_be_taken(run, bars, home):
    run("import", bars, "--code", "sz300308")
    assert ["300308.SZ"] == Store(home).stored()

    again = run("import", bars, "--code", "300308.SZ")

    assert 0 == again.code
    assert "nothing new" in again.out


def test_a_suspension_is_said_once_a_code(run, bars):
    ran = run("import", bars)

    lines = [line for line in ran.out.split("\n") if line.startswith("- 002517.SZ")]
    assert 1 == len(lines)
    assert "taken as suspended" in " ".join(ran.out.split())


def test_bars_that_contradict_another_source_are_refused_and_what_is_stored_stays(
    run, bars, tmp_path
):
    run("import", bars)
    before = thesis.read_prices("store").fingerprint
    other = tmp_path / "other.csv"
    wrong = SMALL.bars[SMALL.bars["code"] == "300308.SZ"]
    wrong = wrong.assign(**{name: wrong[name] + 1 for name in ("open", "high", "low", "close")})
    wrong.assign(amount=wrong["volume"] * wrong["close"]).to_csv(other, index=False)

    ran = run("import", other)

    assert 4 == ran.code
    assert "the two cannot be joined" in " ".join(ran.out.split())
    assert before == thesis.read_prices("store").fingerprint


def test_the_simulated_sample_never_enters_the_store(run, tmp_path, home):
    copy = tmp_path / "copy.parquet"
    thesis.read_prices("sample", ["300308.SZ", "000300.SH"]).to_frame().to_parquet(copy)

    ran = run("import", copy)

    assert 4 == ran.code
    assert "SIMULATED" in ran.err + ran.out
    assert Store(home).is_empty()


@pytest.mark.parametrize(
    ("text", "words"),
    [("a,b\n1,2\n", "no column"), ("", "it has none"), (None, "no such file")],
)
def test_what_cannot_be_imported_is_a_sentence(run, tmp_path, text, words):
    path = tmp_path / "bars.csv"
    if text is not None:
        path.write_text(text, "utf-8")

    ran = run("import", path)

    assert 4 == ran.code
    assert words in ran.err
    assert "Traceback" not in ran.err
