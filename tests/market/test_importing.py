import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thesis.errors import PricesError, UsageError
from thesis.market.delivery import RAW, FactorEvent, factors_on
from thesis.market.importing import deliver, events_of, import_path
from thesis.market.panel import PricePanel
from thesis.market.sources.failure import SourceError
from thesis.market.sources.files import read_files
from thesis.market.sources.local import Files, Sample, files, sample
from thesis.market.sources.sample import SPAN, read_sample
from thesis.market.sources.source import Source

FROM, TO = dt.date(2024, 10, 14), dt.date(2024, 10, 18)
TUSHARE = """ts_code,trade_date,open,high,low,close,pre_close,vol,amount
300308.SZ,20241015,10.20,10.40,10.10,10.30,10.10,500.00,515.000
300308.SZ,20241014,10.00,10.50,9.90,10.20,9.95,1234.00,1246.340
"""
FACTORS = "ts_code,trade_date,adj_factor\n300308.SZ,20241015,2.02\n300308.SZ,20241014,2.0\n"


@pytest.fixture
def market_folder(tmp_path, bars, levels):
    """A folder of two stocks with a step each, and an index."""
    one = bars("300308.SZ", factor=[5.0, 5.0, 5.05, 5.05, 5.05], share_factor=1.0)
    other = bars("600050.SH", factor=[2.0, 2.0, 2.0, 2.0, 2.1])
    pd.concat([one, other]).to_parquet(tmp_path / "stocks.parquet", index=False)
    levels().to_csv(tmp_path / "index.csv", index=False)
    return tmp_path


def test_each_code_is_a_delivery_of_raw_bars_and_factor_events(market_folder):
    before = dt.datetime.now(dt.UTC)
    deliveries, problems = import_path(market_folder)

    assert [] == problems
    assert ["000300.SH", "300308.SZ", "600050.SH"] == [d.code for d in deliveries]
    index, one, other = deliveries
    assert (FactorEvent(dt.date(2024, 10, 16), 1.01, 1.0),) == one.events
    assert (FactorEvent(dt.date(2024, 10, 18), 1.05, None),) == other.events
    assert index.events is None
    assert index.factor_source is None
    assert ("stocks.parquet", "stocks.parquet") == (one.source, one.factor_source)
    assert "index.csv" == index.source
    for delivery in deliveries:
        assert list(RAW) == list(delivery.bars.columns)
        assert (FROM, TO) == (delivery.asked_from, delivery.asked_to)
        assert before <= delivery.fetched_at <= dt.datetime.now(dt.UTC)
    assert [10.2] * 5 == one.bars["close"].tolist()
    assert "datetime64[s]" == str(one.bars["date"].dtype)


def test_bars_of_another_vendor_name_the_file_of_their_factor(tmp_path):
    (tmp_path / "daily.csv").write_text(TUSHARE)
    (tmp_path / "adj_factor.csv").write_text(FACTORS)
    (delivery,), problems = import_path(tmp_path)

    assert (FactorEvent(dt.date(2024, 10, 15), 1.01, None),) == delivery.events
    assert ("daily.csv", "adj_factor.csv") == (delivery.source, delivery.factor_source)
    assert [123_400.0, 50_000.0] == delivery.bars["volume"].tolist()
    assert [1_246_340.0, 515_000.0] == delivery.bars["amount"].tolist()
    assert 3 == len(problems)  # the third: newest first, as Tushare sends them
    assert problems[0].startswith(f"{tmp_path / 'daily.csv'}: columns were read as: ts_code as")
    assert problems[1].startswith(f"{tmp_path / 'daily.csv'}: converted to shares, CNY and")


def test_a_code_without_a_step_has_no_events(tmp_path, bars):
    bars(factor=3.0).to_csv(tmp_path / "bars.csv", index=False)
    (delivery,), _ = import_path(tmp_path / "bars.csv")

    assert () == delivery.events


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(st.sampled_from([1.0, 1.0, 1.02, 1.4, 0.5]), min_size=5, max_size=5),
    cash=st.lists(st.sampled_from([1.0, 1.0, 1.01]), min_size=5, max_size=5),
    base=st.floats(0.01, 200),
)
def test_events_lead_back_to_the_factor_they_are_from(bars, steps, cash, base):
    shares = np.cumprod(steps)
    factor = base * shares * np.cumprod(cash)
    frame = bars(factor=factor, share_factor=shares)
    frame["date"] = pd.to_datetime(frame["date"])
    days = frame["date"].to_numpy().astype("datetime64[D]")
    rebuilt, rebuilt_shares = factors_on(days, events_of(frame))

    assert (factor / factor[0]).tolist() == pytest.approx(rebuilt.tolist(), rel=1e-12)
    assert (shares / shares[0]).tolist() == pytest.approx(rebuilt_shares.tolist(), rel=1e-12)


def test_a_code_the_door_refuses_does_not_stop_the_others(tmp_path, bars):
    bad = bars("300502.SZ", close=[10.2, -1.0, 10.2, 10.2, 10.2])
    lacking = bars("300394.SZ", factor=np.nan)
    good = [bars(code) for code in ("300308.SZ", "600050.SH", "688256.SH", "300133.SZ")]
    path = tmp_path / "bars.csv"
    pd.concat([good[0], bad, *good[1:], lacking]).to_csv(path, index=False)
    deliveries, problems = import_path(path)

    assert ["300133.SZ", "300308.SZ", "600050.SH", "688256.SH"] == [d.code for d in deliveries]
    assert problems[0].startswith(f"not imported: {path}: 300502.SZ on 2024-10-15: close = -1;")
    assert f"not imported: {path}: 300394.SZ: the checks leave no bar of it" == problems[1]
    assert "300394.SZ: 5 of 5 bars carry no factor" in problems[2]
    assert ["not_imported", "not_imported", "factor_missing"] == [c.code for c in deliver(path)[1]]


def test_codes_that_are_asked_for_and_not_there_are_said(market_folder):
    deliveries, problems = import_path(market_folder, ["600050.SH", "000001.SZ"])

    assert ["600050.SH"] == [d.code for d in deliveries]
    assert [f"not imported: {market_folder} has no bars of 000001.SZ"] == problems


def test_a_missing_column_is_one_refusal_of_the_file(tmp_path, bars):
    path = tmp_path / "bars.csv"
    pd.concat([bars(factor=None), bars("600050.SH", factor=None)]).to_csv(path, index=False)

    with pytest.raises(PricesError, match="no column factor; bars of stocks need"):
        import_path(path)


def test_a_file_without_bars_is_refused(tmp_path, bars):
    path = tmp_path / "bars.csv"
    bars().iloc[:0].to_csv(path, index=False)

    with pytest.raises(PricesError, match="it has no bars of any code"):
        import_path(path)


@pytest.mark.parametrize("name", ["copy.parquet", "copy.csv"])
def test_simulated_prices_are_not_imported(tmp_path, bars, name):
    copy = read_sample(["300308.SZ", "000300.SH"]).to_frame()
    frame = pd.concat([bars("000001.SZ"), copy])
    path = tmp_path / name
    frame.assign(date=pd.to_datetime(frame["date"]).dt.strftime("%Y-%m-%d")).pipe(
        lambda f: f.to_csv(path, index=False) if name.endswith("csv") else f.to_parquet(path)
    )

    with pytest.raises(PricesError, match="prices of the bundled SIMULATED sample, which never"):
        import_path(path)


def test_real_prices_are_imported_as_they_are_read(market):
    codes = ["000300.SH", "300308.SZ", "601595.SH"]
    deliveries, problems = import_path(market, codes)
    panel = read_files(market, codes)

    assert codes == [d.code for d in deliveries]
    assert [caution.message for caution in panel.cautions] == problems
    for delivery in deliveries:
        stored = delivery.bars.set_index("date")
        inside = panel.sessions >= stored.index[0].to_datetime64()
        there = np.isfinite(panel.field("close", delivery.code)) & inside
        known = stored.loc[stored.index.isin(panel.sessions[there])]
        assert known["close"].tolist() == panel.field("close", delivery.code)[there].tolist()
    actions = pd.read_csv(market / "corporate_actions.csv")
    bars = deliveries[1].bars
    mine = actions[(actions["code"] == "300308.SZ")]
    mine = mine[pd.to_datetime(mine["ex_date"]) > bars["date"].iloc[0]]
    assert sorted(set(mine["ex_date"])) == [str(event.ex_date) for event in deliveries[1].events]


# Sources


def test_both_are_sources_that_ask_no_network(market_folder):
    for source in (Files(market_folder), Sample()):
        assert isinstance(source, Source)
        assert not source.capabilities.live
        assert source.capabilities.factors
        assert source.capabilities.serves("300308.SZ")
        assert source.capabilities.serves("000300.SH")


def test_files_serves_bars_levels_and_factors(market_folder):
    source = Files(market_folder)
    frame = source.bars("300308.SZ", dt.date(2024, 10, 15), dt.date(2024, 10, 16))

    assert list(RAW) == list(frame.columns)
    assert [15, 16] == frame["date"].dt.day.tolist()
    assert [10.2, 10.2] == frame["close"].tolist()
    assert (FactorEvent(dt.date(2024, 10, 16), 1.01, 1.0),) == source.factors("300308.SZ")
    assert [4000.0] * 5 == source.index("000300.SH", FROM, TO)["close"].tolist()


def test_files_reads_a_file_again_when_it_has_changed(tmp_path, bars):
    path = tmp_path / "bars.csv"
    source = Files(path)
    for close in (10.2, 10.123):
        bars(close=close).to_csv(path, index=False)

        assert close == source.bars("300308.SZ", FROM, TO)["close"].iloc[0]


@pytest.mark.parametrize(
    ("method", "code", "kind"),
    [
        ("bars", "000001.SZ", "unknown_code"),
        ("index", "000905.SH", "unknown_code"),
        ("bars", "000300.SH", "not_served"),
        ("index", "300308.SZ", "not_served"),
    ],
)
@pytest.mark.parametrize("kind_of", [Files, Sample])
def test_what_is_not_there_is_told_by_its_kind(market_folder, kind_of, method, code, kind):
    source = Files(market_folder) if kind_of is Files else Sample()

    with pytest.raises(SourceError) as caught:
        getattr(source, method)(code, *SPAN)
    assert kind == caught.value.kind
    assert source.name == caught.value.source


def test_a_span_without_bars_is_an_empty_reply(market_folder):
    with pytest.raises(SourceError) as caught:
        Files(market_folder).bars("300308.SZ", dt.date(2025, 1, 1), dt.date(2025, 2, 1))
    assert "empty_reply" == caught.value.kind


def test_an_index_has_no_factors(market_folder):
    with pytest.raises(SourceError, match="an index has no factor"):
        Files(market_folder).factors("000300.SH")


def test_bars_that_cannot_be_are_bad_bars(tmp_path, bars):
    path = tmp_path / "bars.csv"
    bars(close=-1.0).to_csv(path, index=False)

    with pytest.raises(SourceError, match="raw prices are positive") as caught:
        Files(path).bars("300308.SZ", FROM, TO)
    assert "bad_bars" == caught.value.kind


def test_the_sample_says_that_it_is_simulated_and_files_refuses_copies_of_it(tmp_path):
    assert Sample().simulated
    assert not Files(tmp_path).simulated
    path = tmp_path / "copy.parquet"
    read_sample(["300308.SZ"]).to_frame().to_parquet(path)

    with pytest.raises(SourceError, match="a copy of the bundled SIMULATED sample"):
        Files(path).bars("300308.SZ", *SPAN)


def test_the_sample_s_deliveries_make_its_panel_again():
    source = Sample()
    frame = source.bars("300308.SZ", *SPAN).assign(code="300308.SZ")
    factor, shares = factors_on(
        frame["date"].to_numpy().astype("datetime64[D]"), source.factors("300308.SZ")
    )
    panel = PricePanel.from_frame(frame.assign(factor=factor, share_factor=shares))
    expected = read_sample(["300308.SZ"])

    for name in ("open", "close", "volume", "amount", "turnover", "factor", "share_factor"):
        assert expected.field(name, "300308.SZ") == pytest.approx(
            panel.field(name, "300308.SZ"), nan_ok=True
        ), name
    assert 2 == len(source.factors("300133.SZ")) + len(source.factors("300308.SZ"))


def test_the_path_of_files_is_in_the_environment(monkeypatch, market_folder):
    monkeypatch.setenv("THESIS_FILES", str(market_folder))

    assert (Files(market_folder),) == tuple(files())
    assert (Sample(),) == tuple(sample())
    monkeypatch.delenv("THESIS_FILES")
    with pytest.raises(UsageError, match=r"\$THESIS_FILES is not set; set it to a Parquet or CSV"):
        files()
