"""The fakes of the price hosts, read by akshare's own functions: what goes in comes out."""

import datetime as dt
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import py_mini_racer
import pytest
from akshare.stock.cons import hk_js_decode
from fakes.hosts import FakeHosts
from fakes.market import SATURDAY, Market, real_market, serve_market, small_market
from fakes.sina_codec import IndexBar, StockBar, pack_calendar, pack_index, pack_stock

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    import akshare

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:akshare"),
    pytest.mark.filterwarnings("ignore::FutureWarning:akshare"),
    pytest.mark.filterwarnings("ignore::pandas.errors.Pandas4Warning:akshare"),
]

PRICES = ["open", "high", "low", "close"]
CHINESE = {
    "日期": "date",
    "开盘": "open",
    "最高": "high",
    "最低": "low",
    "收盘": "close",
    "成交量": "volume",
    "成交额": "amount",
}
DIVIDEND, GIVES = "300308.SZ", "601595.SH"
SUSPENDED, STAR, BEIJING, SZ000 = "002517.SZ", "688256.SH", "920002.BJ", "000001.SZ"


@pytest.fixture(autouse=True)
def _no_progress_bars(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TQDM_DISABLE", "1")


@pytest.fixture(scope="module")
def small() -> Market:
    return small_market()


@pytest.fixture
def served(hosts: FakeHosts, small: Market) -> Market:
    serve_market(hosts, small.bars, small.index)
    return small


def sina_name(code: str) -> str:
    return code[7:].lower() + code[:6]


def of(frame: pd.DataFrame, code: str) -> pd.DataFrame:
    return frame[frame["code"] == code].reset_index(drop=True)


def assert_same(got: pd.DataFrame, expected: pd.DataFrame, columns: list[str]) -> None:
    """The same days in the same order, and exactly the same numbers."""
    assert list(pd.to_datetime(got["date"]).dt.date) == list(expected["date"])
    for name in columns:
        np.testing.assert_array_equal(
            got[name].astype(float), expected[name].astype(float), err_msg=name
        )


# Sina


@pytest.mark.parametrize("code", [DIVIDEND, GIVES, SUSPENDED, STAR, BEIJING, SZ000])
def test_sina_gives_the_bars_that_went_in(served: Market, code: str) -> None:
    got = akshare.stock_zh_a_daily(symbol=sina_name(code))
    expected = of(served.bars, code)
    assert_same(got, expected, [*PRICES, "volume", "amount"])
    np.testing.assert_allclose(got["turnover"], expected["turnover"], rtol=1e-6)


@pytest.mark.parametrize("code", [DIVIDEND, GIVES, SZ000])
def test_sina_gives_the_factor_with_every_digit_and_only_where_it_steps(
    served: Market, code: str
) -> None:
    got = akshare.stock_zh_a_daily(symbol=sina_name(code), adjust="hfq-factor")
    bars = of(served.bars, code)
    stepped = bars[bars["factor"] != bars["factor"].shift()]
    assert got["date"].is_monotonic_decreasing
    assert str(got["date"].iloc[-1].date()) == "1900-01-01"
    assert len(got) == len(stepped) == 2
    assert got["hfq_factor"].astype(float).tolist()[::-1] == stepped["factor"].tolist()
    assert got["date"].iloc[0].date() == stepped["date"].iloc[1]


def test_sina_gives_one_base_row_to_a_name_without_events(served: Market) -> None:
    got = akshare.stock_zh_a_daily(symbol=sina_name(STAR), adjust="hfq-factor")
    assert got["hfq_factor"].astype(float).tolist() == [1.0]


def test_the_two_factors_of_sina_agree(served: Market) -> None:
    back = akshare.stock_zh_a_daily(symbol=sina_name(GIVES), adjust="hfq-factor")["hfq_factor"]
    forth = akshare.stock_zh_a_daily(symbol=sina_name(GIVES), adjust="qfq-factor")["qfq_factor"]
    products = back.astype(float) * forth.astype(float)
    np.testing.assert_allclose(products, products.iloc[0], rtol=1e-12)


def test_sina_gives_no_factor_where_the_frame_knows_none(hosts: FakeHosts, small: Market) -> None:
    serve_market(hosts, small.bars.assign(factor=np.nan), small.index)
    with pytest.raises(ValueError, match="factor not available"):
        akshare.stock_zh_a_daily(symbol=sina_name(STAR), adjust="hfq-factor")


def test_a_share_change_on_a_saturday_makes_a_phantom_bar(hosts: FakeHosts, small: Market) -> None:
    serve_market(hosts, small.bars, small.index, phantom_saturday=True)
    symbol = sina_name(DIVIDEND)
    ghost = akshare.stock_zh_a_daily(symbol=symbol, start_date="20241001", end_date="20241031")
    assert ghost["date"].iloc[0] == SATURDAY
    before = of(small.bars, DIVIDEND).set_index("date").loc[dt.date(2024, 9, 30)]
    assert ghost["close"].iloc[0] == before["close"]
    assert ghost["volume"].iloc[0] == before["volume"]
    # The whole history has no such bar: akshare drops it as a repeat of the day before.
    assert_same(akshare.stock_zh_a_daily(symbol=symbol), of(small.bars, DIVIDEND), PRICES)


def test_sina_does_not_know_a_code_that_is_missing(hosts: FakeHosts, small: Market) -> None:
    serve_market(hosts, small.bars, small.index, missing=[DIVIDEND])
    with pytest.raises(IndexError):
        akshare.stock_zh_a_daily(symbol=sina_name(DIVIDEND))
    assert len(akshare.stock_zh_a_daily(symbol=sina_name(STAR))) == 80


@pytest.mark.parametrize("code", ["000300.SH"])
def test_sina_gives_the_index_that_went_in(served: Market, code: str) -> None:
    got = akshare.stock_zh_index_daily(symbol=sina_name(code))
    assert_same(got, of(served.index, code), [*PRICES, "volume"])


def test_sina_gives_the_trade_calendar(served: Market) -> None:
    from thesis.market.calendar import sessions

    got = akshare.tool_trade_date_hist_sina()["trade_date"]
    assert np.array_equal(np.array(got.tolist(), "datetime64[D]"), sessions())


# Eastmoney


@pytest.mark.parametrize("code", [DIVIDEND, GIVES, SUSPENDED, STAR, BEIJING, SZ000])
def test_eastmoney_gives_the_bars_that_went_in_with_volume_in_lots(
    served: Market, code: str
) -> None:
    got = akshare.stock_zh_a_hist(symbol=code[:6]).rename(columns=CHINESE)
    expected = of(served.bars, code)
    assert_same(got.assign(volume=got["volume"] * 100), expected, [*PRICES, "volume", "amount"])
    np.testing.assert_allclose(got["换手率"] / 100, expected["turnover"], atol=0.00005001)


def test_eastmoney_keeps_to_the_days_asked_for(served: Market) -> None:
    got = akshare.stock_zh_a_hist(symbol="300308", start_date="20240930", end_date="20241009")
    assert list(map(str, got["日期"])) == ["2024-09-30", "2024-10-08", "2024-10-09"]


def test_eastmoney_answers_alike_for_an_unknown_code_and_an_empty_span(served: Market) -> None:
    unknown = akshare.stock_zh_a_hist(symbol="300999")
    empty = akshare.stock_zh_a_hist(symbol="300308", start_date="20241001", end_date="20241007")
    assert unknown.shape == empty.shape == (0, 0)


def test_eastmoney_takes_000300_for_no_index(served: Market) -> None:
    assert akshare.stock_zh_a_hist(symbol="000300").empty
    got = akshare.stock_zh_index_daily_em(symbol="sh000300")
    expected = of(served.index, "000300.SH")
    assert_same(got.assign(volume=got["volume"] * 100), expected, [*PRICES, "volume", "amount"])


def test_eastmoney_stumbles_over_an_unknown_index(served: Market) -> None:
    with pytest.raises(TypeError):
        akshare.stock_zh_index_daily_em(symbol="sh000999")


# Tencent


@pytest.mark.parametrize(
    ("code", "too_small_by"), [(DIVIDEND, 1), (GIVES, 1), (STAR, 1), (SUSPENDED, 1), (SZ000, 100)]
)
def test_tencent_gives_the_bars_that_went_in_but_sz000_in_lots(
    served: Market, code: str, too_small_by: int
) -> None:
    got = akshare.stock_zh_a_hist_tx(
        symbol=sina_name(code), start_date="2024-08-15", end_date="2024-12-31"
    )
    expected = of(served.bars, code)
    got = got.assign(volume=got["volume"] * too_small_by, amount=got["amount"].round())
    assert_same(got, expected, [*PRICES, "volume", "amount"])
    np.testing.assert_allclose(got["turnover"], expected["turnover"], atol=6e-7)


def test_tencent_is_asked_year_by_year_and_keeps_to_the_days(hosts: FakeHosts) -> None:
    market = small_market(300)
    serve_market(hosts, market.bars, market.index)
    got = akshare.stock_zh_a_hist_tx(
        symbol="sz300308", start_date="2024-09-01", end_date="2025-03-31"
    )
    bars = of(market.bars, DIVIDEND)
    within = bars[bars["date"].between(dt.date(2024, 9, 1), dt.date(2025, 3, 31))]
    assert_same(got, within, [*PRICES, "volume"])
    assert hosts.count(r"proxy\.finance\.qq\.com") == 2


def test_tencent_serves_no_beijing_names(served: Market) -> None:
    with pytest.raises(KeyError, match="day"):
        akshare.stock_zh_a_hist_tx(
            symbol=sina_name(BEIJING), start_date="2024-10-01", end_date="2024-10-31"
        )


# China Securities Index and Shenwan


@pytest.mark.parametrize("code", ["000300.SH", "H00300.CSI"])
def test_csindex_gives_the_levels_that_went_in(served: Market, code: str) -> None:
    got = akshare.stock_zh_index_hist_csindex(
        symbol=code[:6], start_date="20240815", end_date="20241231"
    ).rename(columns=CHINESE)
    assert_same(got, of(served.index, code), PRICES)
    assert got["open"].isna().all() == (code == "H00300.CSI")


def test_csindex_begins_with_a_bogus_row_where_the_first_day_was_no_session(
    served: Market,
) -> None:
    got = akshare.stock_zh_index_hist_csindex(
        symbol="H00300", start_date="20100101", end_date="20241231"
    )
    assert got["日期"].iloc[0] == dt.date(2010, 1, 1)
    assert got["收盘"].iloc[0] == got["收盘"].iloc[1]
    assert len(got) == 81


def test_csindex_has_no_row_before_the_first_where_that_day_was_a_session(
    served: Market,
) -> None:
    got = akshare.stock_zh_index_hist_csindex(
        symbol="H00300", start_date="20100104", end_date="20241231"
    )
    assert got["日期"].iloc[0] == dt.date(2024, 8, 15)


def test_csindex_without_rows_is_a_length_mismatch(served: Market) -> None:
    for symbol, day in (("000999", "20241008"), ("000300", "20241006")):
        with pytest.raises(ValueError, match="Length mismatch"):
            akshare.stock_zh_index_hist_csindex(symbol=symbol, start_date=day, end_date=day)


@pytest.mark.parametrize("code", ["801760.SI", "801770.SI"])
def test_shenwan_gives_the_levels_that_went_in_with_the_open_as_text(
    served: Market, code: str
) -> None:
    got = akshare.index_hist_sw(symbol=code[:6], period="day").rename(columns=CHINESE)
    assert isinstance(got["open"].iloc[0], str)
    assert_same(got, of(served.index, code), PRICES)


def test_shenwan_stumbles_over_an_unknown_index(served: Market) -> None:
    with pytest.raises(KeyError):
        akshare.index_hist_sw(symbol="801999", period="day")


# A host that answers in a new form, and the market itself

ASK: dict[str, Callable[[], object]] = {
    "sina": lambda: akshare.stock_zh_a_daily(symbol="sz300308"),
    "eastmoney": lambda: akshare.stock_zh_a_hist(symbol="300308"),
    "tencent": lambda: akshare.stock_zh_a_hist_tx("sz300308", "2024-10-01", "2024-10-31"),
    "csindex": lambda: akshare.stock_zh_index_hist_csindex("000300", "20241008", "20241031"),
    "shenwan": lambda: akshare.index_hist_sw("801760", "day"),
}


@pytest.mark.parametrize("host", ASK)
def test_a_changed_form_is_a_key_error_in_akshare(
    hosts: FakeHosts, small: Market, host: str
) -> None:
    serve_market(hosts, small.bars, small.index, changed=[host])
    with pytest.raises(KeyError):
        ASK[host]()
    for other in ASK.keys() - {host}:
        ASK[other]()


def test_the_small_market_can_be_admitted_and_is_the_same_each_time(small: Market) -> None:
    from thesis.market.door import admit

    _, cautions = admit(small.bars, "the small market")
    assert [str(caution) for caution in cautions] == []
    again = small_market()
    pd.testing.assert_frame_equal(again.bars, small.bars)
    pd.testing.assert_frame_equal(again.index, small.index)
    vwap = small.bars["amount"] / small.bars["volume"]
    assert vwap.between(small.bars["low"], small.bars["high"]).all()
    assert len(of(small.bars, SUSPENDED)) == 70


def test_real_prices_come_through_sina_to_the_cent(hosts: FakeHosts, market: Path) -> None:
    real = real_market(market, [DIVIDEND, SZ000, "000300.SH"], dt.date(2024, 1, 2))
    serve_market(hosts, real.bars, real.index)
    for code in (DIVIDEND, SZ000):
        got = akshare.stock_zh_a_daily(symbol=sina_name(code))
        assert_same(got, of(real.bars, code), [*PRICES, "volume", "amount"])
    got = akshare.stock_zh_index_daily(symbol="sh000300")
    assert_same(got, of(real.index, "000300.SH"), PRICES)


# The packing, against akshare's decoder


@pytest.fixture(scope="module")
def decode() -> Callable[[str], list[dict[str, float]]]:
    engine = py_mini_racer.MiniRacer()
    engine.eval(hk_js_decode)
    return lambda packed: engine.call("d", packed)


def test_the_decoder_reads_back_any_stock_bar(
    decode: Callable[[str], list[dict[str, float]]],
) -> None:
    rng = np.random.default_rng(7)
    bars = []
    for day in range(300):
        low, first, close, high = sorted(int(x) for x in rng.integers(1, 30_000, 4))
        volume = int(10 ** rng.uniform(0, 9.5))
        # Far from the decoder's guess, and halves of a yuan that it rounds to even.
        amount = int(rng.uniform(low, high) * volume / 100)
        pre = int(rng.integers(1, 30_000)) if day % 5 == 0 else None
        date = dt.date(1990, 12, 19) + dt.timedelta(days=40 * day)
        bars.append(StockBar(date, first, high, low, close, volume, amount, pre))
    for bar, got in zip(bars, decode(pack_stock(bars)), strict=True):
        assert [round(got[name] * 100) for name in PRICES] == [
            bar.open,
            bar.high,
            bar.low,
            bar.close,
        ]
        assert (got["volume"], got["amount"]) == (bar.volume, bar.amount)
        assert ("prevclose" in got) == (bar.prevclose is not None)
        if bar.prevclose is not None:
            assert round(got["prevclose"] * 100) == bar.prevclose


def test_the_decoder_reads_back_an_index_of_huge_volume(
    decode: Callable[[str], list[dict[str, float]]],
) -> None:
    day = dt.date(2024, 10, 8)
    bars = [
        IndexBar(day, 45_660_467, 45_962_056, 44_782_093, 45_497_201, 30_000_000_001),
        IndexBar(day + dt.timedelta(days=1), 40_000_000, 40_000_001, 39_999_999, 40_000_000, 7),
        IndexBar(day + dt.timedelta(days=2), 9_827_900, 9_827_900, 9_827_900, 9_827_900, 2**30),
    ]
    for bar, got in zip(bars, decode(pack_index(bars, 4)), strict=True):
        assert [got[name] for name in (*PRICES, "volume")] == [
            bar.open / 1e4,
            bar.high / 1e4,
            bar.low / 1e4,
            bar.close / 1e4,
            bar.volume,
        ]


def test_the_decoder_reads_back_a_calendar_with_closed_weekdays(
    decode: Callable[[str], list[str]],
) -> None:
    first = dt.date(2024, 9, 12)
    closed = {dt.date(2024, 9, 16), dt.date(2024, 9, 17)}
    days = [first + dt.timedelta(days=n) for n in range(14)]
    days = [day for day in days if day.weekday() < 5 and day not in closed]
    assert list(pd.to_datetime(decode(pack_calendar(days))).date) == days
