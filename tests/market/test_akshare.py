"""Our sources over the real akshare functions and local fakes of their hosts."""

import datetime as dt
import json

import numpy as np
import pandas as pd
import pytest
from fakes import csindex, sina
from fakes.hosts import FakeHosts, Reply
from fakes.market import SATURDAY, Market, serve_market, small_market

from thesis.market.calendar import as_date
from thesis.market.delivery import RAW, factors_on
from thesis.market.sources.akshare import Eastmoney, Sina, Tencent
from thesis.market.sources.csindex import CSIndex
from thesis.market.sources.failure import SourceError
from thesis.market.sources.shenwan import Shenwan

START, END = dt.date(2024, 9, 2), dt.date(2024, 11, 29)
SMALL = small_market()
STOCKS = sorted(SMALL.bars["code"].unique())


def expected(code: str, frame: pd.DataFrame = SMALL.bars) -> pd.DataFrame:
    mine = frame[(frame["code"] == code) & frame["date"].between(START, END)]
    return mine.reset_index(drop=True)


@pytest.fixture
def served(hosts: FakeHosts) -> FakeHosts:
    serve_market(hosts, SMALL.bars, SMALL.index)
    return hosts


@pytest.mark.parametrize("source", [Sina(), Eastmoney(), Tencent()], ids=lambda s: s.name)
@pytest.mark.parametrize("code", STOCKS)
def test_raw_bars_come_out_as_they_went_in(served, source, code):
    if not source.capabilities.serves(code):
        assert ("tencent", "920002.BJ") == (source.name, code)
        return

    bars = source.bars(code, START, END)
    went_in = expected(code)

    assert list(RAW) == list(bars.columns)
    assert list(went_in["date"]) == [day.date() for day in bars["date"]]
    for name in ("open", "high", "low", "close", "volume", "amount"):
        np.testing.assert_allclose(bars[name], went_in[name], rtol=1e-12)


def test_sinas_factors_are_those_of_the_bars(served):
    for code in STOCKS:
        events = Sina().factors(code)
        went_in = SMALL.bars[SMALL.bars["code"] == code]
        days = pd.to_datetime(went_in["date"]).to_numpy().astype("datetime64[D]")

        ours = factors_on(days, events)[0]

        np.testing.assert_allclose(ours / ours[0], went_in["factor"] / went_in["factor"].iloc[0])


def test_a_saturday_bar_made_up_around_a_share_change_is_not_let_in(hosts: FakeHosts):
    import akshare as ak

    serve_market(hosts, SMALL.bars, SMALL.index, phantom_saturday=True)
    raw = ak.stock_zh_a_daily("sz300308", start_date="20241001", end_date="20241031")
    assert SATURDAY in list(raw["date"])  # the trap is there

    bars = Sina().bars("300308.SZ", dt.date(2024, 10, 1), dt.date(2024, 10, 31))

    assert dt.date(2024, 10, 8) == bars["date"].iloc[0].date()


def test_tencents_lots_on_sz000_codes_become_shares(served):
    import akshare as ak

    raw = ak.stock_zh_a_hist_tx("sz000001", start_date="2024-10-08", end_date="2024-10-08")
    truth = expected("000001.SZ").set_index("date")["volume"][dt.date(2024, 10, 8)]
    assert raw["volume"].iloc[0] * 100 == pytest.approx(truth)  # the trap is there

    bars = Tencent().bars("000001.SZ", dt.date(2024, 10, 8), dt.date(2024, 10, 8))

    assert truth == pytest.approx(bars["volume"].iloc[0])


@pytest.mark.parametrize(
    ("source", "kind"),
    [(Sina(), "unknown_code"), (Eastmoney(), "limited"), (Tencent(), "empty_reply")],
    ids=lambda x: getattr(x, "name", x),
)
def test_a_code_nobody_has_heard_of(served, source, kind):
    with pytest.raises(SourceError) as caught:
        source.bars("600519.SH", START, END)

    assert kind == caught.value.kind


def test_eastmoneys_empty_frame_is_never_taken_for_no_data(served):
    with pytest.raises(SourceError, match="for addresses it limits"):
        Eastmoney().bars("600519.SH", START, END)
    with pytest.raises(SourceError) as caught:
        Eastmoney().index("000905.SH", START, END)
    assert "limited" == caught.value.kind
    with pytest.raises(SourceError, match="sent no bar of 300308") as caught:
        Eastmoney().bars("300308.SZ", dt.date(2020, 1, 2), dt.date(2020, 1, 3))
    assert "empty_reply" == caught.value.kind
    assert "limits" not in str(caught.value).split(";")[0]


@pytest.mark.parametrize(
    ("source", "host"),
    [(Sina(), "sina"), (Eastmoney(), "eastmoney"), (Tencent(), "tencent")],
    ids=lambda x: getattr(x, "name", x),
)
def test_a_changed_form_is_said_to_be_one(hosts: FakeHosts, source, host):
    serve_market(hosts, SMALL.bars, SMALL.index, changed=[host])

    with pytest.raises(SourceError) as caught:
        source.bars("300308.SZ", START, END)

    assert "changed_format" == caught.value.kind


CODE_TEXTS = {
    "a call": 'var sz300308hfq={"data":[RAN]}\n',
    "a comprehension": 'var sz300308hfq={"data":[RAN for x in [1]]}\n',
    "an f-string": 'var sz300308hfq={"data":[f"{RAN}"]}\n',
    "no dict": "var sz300308hfq=RAN\n",
    "after a literal": 'var sz300308hfq={"data":[]} if RAN else {}\n',
    "a page": "<html a=RAN\n></html>",
    "another charset": 'var sz300308hfq={"data":["+ACI-,RAN,+ACI-"]}\n',
}


@pytest.mark.parametrize("status", [200, 403])
@pytest.mark.parametrize("text", CODE_TEXTS.values(), ids=CODE_TEXTS)
def test_factors_that_are_code_are_not_run(hosts: FakeHosts, monkeypatch, text, status):
    import akshare.stock.stock_zh_a_sina as module

    ran = []
    monkeypatch.setattr(module, "ran", lambda: ran.append(1), raising=False)
    reply = Reply(text.replace("RAN", "ran()"), status, "text/plain; charset=utf-7")
    hosts.serve(sina.HOSTS, lambda asked: reply)

    with pytest.raises(SourceError) as caught:
        Sina().factors("300308.SZ")

    assert [] == ran
    if text not in (CODE_TEXTS["a page"], CODE_TEXTS["another charset"]):
        assert ("changed_format" if status == 200 else "banned") == caught.value.kind


def test_a_name_in_the_factors_is_no_plain_data(hosts: FakeHosts):
    """akshare's own variables would be read."""
    hosts.serve(sina.HOSTS, lambda asked: Reply('var x={"data":[[symbol,method]]}\n'))

    with pytest.raises(SourceError, match="no plain data"):
        Sina().factors("300308.SZ")


def test_volume_that_fits_no_unit_is_refused(hosts: FakeHosts):
    wrong = SMALL.bars.assign(amount=SMALL.bars["amount"] * 7)
    serve_market(hosts, wrong, SMALL.index)

    with pytest.raises(SourceError, match="no price of this chinext name") as caught:
        Sina().bars("300308.SZ", START, END)
    assert "bad_bars" == caught.value.kind


@pytest.mark.parametrize(
    ("source", "code"),
    [
        (CSIndex(), "000300.SH"),
        (CSIndex(), "H00300.CSI"),
        (Sina(), "000300.SH"),
        (Eastmoney(), "000300.SH"),
        (Shenwan(), "801760.SI"),
    ],
    ids=lambda x: getattr(x, "name", x),
)
def test_index_levels_come_out_as_they_went_in(served, source, code):
    bars = source.index(code, START, END)
    went_in = expected(code, SMALL.index)

    assert list(went_in["date"]) == [day.date() for day in bars["date"]]
    np.testing.assert_allclose(bars["close"], went_in["close"], rtol=1e-12)
    np.testing.assert_allclose(bars["open"], went_in["open"].astype(float), rtol=1e-12)
    assert bars[["volume", "amount", "turnover"]].isna().all().all()


def test_csindexs_made_up_first_row_is_not_let_in(served):
    import akshare as ak

    early = dt.date(2024, 8, 10)  # a Saturday before the first level
    raw = ak.stock_zh_index_hist_csindex("000300", f"{early:%Y%m%d}", f"{END:%Y%m%d}")
    assert early == raw["日期"].iloc[0]  # the trap is there

    bars = CSIndex().index("000300.SH", early, END)

    days = bars["date"].to_numpy().astype("datetime64[D]")
    assert SMALL.index["date"].min() == as_date(days[0])


MONDAY, TUESDAY, WEDNESDAY = dt.date(2024, 9, 2), dt.date(2024, 9, 3), dt.date(2024, 9, 4)


def _csindex(hosts, *rows):
    """CSIndex's answer of these rows: day, close and, if known, open, high and low."""
    data = [
        {
            **dict.fromkeys(CSINDEX_KEYS),
            "tradeDate": f"{day:%Y%m%d}",
            "close": close,
            **dict(zip(("open", "high", "low"), rest, strict=False)),
        }
        for day, close, *rest in rows
    ]
    hosts.serve(csindex.HOSTS, lambda asked: Reply(json.dumps({"data": data})))
    return [day.date() for day in CSIndex().index("H00300.CSI", MONDAY, END)["date"]]


#: In the host's order, on which akshare relies.
CSINDEX_KEYS = (
    "tradeDate", "indexCode", "indexNameCnAll", "indexNameCn", "indexNameEnAll", "indexNameEn",
    "open", "high", "low", "close", "change", "changePct", "tradingVol", "tradingValue",
    "consNumber", "peg",
)  # fmt: skip


def test_a_first_row_on_a_session_that_repeats_a_later_one_is_made_up(hosts: FakeHosts):
    one, other = (4000.5, 4001.0, 4002.0, 3999.0), (4010.5, 4001.0, 4012.0, 3999.0)

    repeated = _csindex(hosts, (MONDAY, *other), (TUESDAY, *one), (WEDNESDAY, *other))
    assert [TUESDAY, WEDNESDAY] == repeated
    assert [MONDAY, TUESDAY] == _csindex(hosts, (MONDAY, *one), (TUESDAY, *other))


def test_a_true_first_row_that_is_equal_in_close_only_is_kept(hosts: FakeHosts):
    one, other = (4000.5, 4001.0, 4002.0, 3999.0), (4000.5, 3999.5, 4003.0, 3998.0)

    assert [MONDAY, TUESDAY] == _csindex(hosts, (MONDAY, *one), (TUESDAY, *other))
    assert [MONDAY, TUESDAY] == _csindex(hosts, (MONDAY, 5000.5), (TUESDAY, 5000.5))
    days = _csindex(hosts, (MONDAY, 5000.5), (TUESDAY, 5001.5), (WEDNESDAY, 5000.5))
    assert [MONDAY, TUESDAY, WEDNESDAY] == days


def test_a_close_that_is_repeated_where_an_index_begins_is_made_up(hosts: FakeHosts):
    begins = (dt.date(2024, 9, 18), 5000.5)

    assert [begins[0]] == _csindex(hosts, (MONDAY, 5000.5), begins)
    assert [MONDAY, begins[0]] == _csindex(hosts, (MONDAY, 4990.5), begins)
    again = (dt.date(2024, 9, 19), 4990.5)
    days = _csindex(hosts, (MONDAY, 4990.5), begins, again)
    assert [MONDAY, begins[0], again[0]] == days


@pytest.mark.parametrize("source", [CSIndex(), Shenwan()], ids=lambda s: s.name)
def test_an_index_nobody_publishes_is_a_sentence(served, source):
    code = "000905.SH" if source.name == "csindex" else "801999.SI"

    with pytest.raises(SourceError) as caught:
        source.index(code, START, END)

    assert code in str(caught.value)


def test_a_market_of_one_bar_is_read(hosts: FakeHosts):
    one = SMALL.bars[(SMALL.bars["code"] == "300308.SZ") & (SMALL.bars["date"] == END)]
    serve_market(hosts, one, SMALL.index)

    assert 1 == len(Sina().bars("300308.SZ", START, END))


def test_the_small_market_is_what_these_tests_think():
    assert isinstance(SMALL, Market)
    assert 6 == len(STOCKS)
