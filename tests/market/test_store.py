import pandas as pd
import pytest

from thesis.errors import PricesError
from thesis.market.prices import open_prices
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
                "the simulated sample is used; --prices store uses what the store has"
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
    from thesis.market.panel import PricePanel

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
    assert (
        "prices 'blomberg': there is no such file or folder, and no source of that name; give a "
        "folder or file of bars, 'store' or 'sample'" == str(caught.value)
    )


def test_a_path_that_does_not_exist_is_said(tmp_path):
    with pytest.raises(PricesError, match=r"there is no such file or folder of prices$"):
        open_prices(tmp_path / "gone.parquet")
