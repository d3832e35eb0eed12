"""Yahoo through the real yfinance, against a local host that prints as Yahoo does."""

import datetime as dt
import json
import os
import subprocess
import sys
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import urlsplit

import numpy as np
import pandas as pd
import pytest
import requests
from fakes import yahoo as fake
from fakes.hosts import KINDS, FakeHosts, Reply
from fakes.yahoo import actions_from, yahoo

from thesis.market.calendar import as_date, sessions
from thesis.market.delivery import RAW, factors_on
from thesis.market.door import admit
from thesis.market.sources import wire, yfinance
from thesis.market.sources.failure import SourceError
from thesis.market.sources.source import Politeness, Source
from thesis.market.sources.yfinance import Yahoo, sources

CODE = "300308.SZ"
START, END = dt.date(2024, 9, 2), dt.date(2024, 11, 29)
QUICK = Politeness("finance.yahoo.com", spacing=0.0, timeout=1.0, attempts=1)
CHART_HOST = r"query2\.finance\.yahoo\.com"


@pytest.fixture(autouse=True)
def _quick(yfinance_alone, monkeypatch) -> None:
    monkeypatch.setattr(wire, "PACE", 0.0)
    monkeypatch.setattr(Yahoo, "politeness", QUICK)


def _cent(price) -> Decimal:
    return price.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _market(code=CODE, price="127.31", suspended=(), actions=()):
    """Bars of one name, and what Yahoo is told of its actions: ``(ex_date, ratio, cash)``.

    Worked in decimals, apart from the code under test.
    """
    days = [as_date(day) for day in sessions() if START <= as_date(day) <= END]
    rng = np.random.default_rng(5)
    close, factor, shares = Decimal(price), 1.0, 1.0
    due = {dt.date.fromisoformat(day): (Decimal(r), Decimal(c)) for day, r, c in actions}
    rows = []
    for day in days:
        reference = close
        if day in due:
            ratio, cash = due[day]
            reference = _cent((close - cash) / (1 + ratio))
            factor *= float(close / reference)
            shares *= float(1 + ratio)
        if str(day) in suspended:
            close = reference
            continue
        moves = [Decimal(int(move)) / 10_000 for move in rng.integers(-300, 300, 4)]
        opened, close = _cent(reference * (1 + moves[0])), _cent(reference * (1 + moves[1]))
        high = max(opened, close) + Decimal("0.05")
        low = min(opened, close) - Decimal("0.03")
        rows.append(
            (code, day, opened, high, low, close, rng.integers(10**6, 10**7), factor, shares)
        )
    names = ["code", "date", "open", "high", "low", "close", "volume", "factor", "share_factor"]
    bars = pd.DataFrame(rows, columns=names).astype(dict.fromkeys(names[2:], float))
    told = [(code, day, float(ratio), float(cash)) for day, (ratio, cash) in due.items()]
    return bars, pd.DataFrame(told, columns=list(fake.ACTIONS))


def _yahoo(hosts, bars, actions=None, **options):
    hosts.serve(fake.HOSTS, yahoo(bars, actions, **options))
    return Yahoo(requests.Session())


def _equal_bars(expected, got):
    columns = ["open", "high", "low", "close", "volume"]
    assert list(got.columns) == list(RAW)
    assert str(got["date"].dtype) == "datetime64[s]"
    assert [stamp.date() for stamp in got["date"]] == list(expected["date"])
    np.testing.assert_array_equal(expected[columns].to_numpy(float), got[columns].to_numpy(float))
    assert got[["amount", "turnover"]].isna().all(axis=None)


def _factors_of(bars, events):
    return factors_on(bars["date"].to_numpy().astype("datetime64[D]"), events)


def _kind(source, code=CODE):
    with pytest.raises(SourceError) as caught:
        source.bars(code, START, END)
    return caught.value.kind


EVENTFUL = {
    "nothing": (),
    "a dividend": (("2024-10-15", "0", "0.45"),),
    "a reference that ends in half a cent": (("2024-10-15", "0", "0.125"),),
    "half a cent that a later split blurs": (
        ("2024-10-15", "0", "0.125"),
        ("2024-11-05", "0.4", "0"),
    ),
    "ten for four": (("2024-10-15", "0.4", "0"),),
    "both on one day": (("2024-10-15", "0.4", "1.0"),),
    "one after another": (
        ("2024-09-12", "0", "0.2"),
        ("2024-10-15", "0.49", "0.613"),
        ("2024-11-05", "1", "0"),
        ("2024-11-20", "0", "0.3"),
    ),
}


@pytest.mark.parametrize("actions", EVENTFUL.values(), ids=EVENTFUL)
def test_what_yahoo_divided_out_comes_back_to_the_cent(hosts: FakeHosts, actions):
    bars, told = _market(actions=actions)
    source = _yahoo(hosts, bars, told)

    _equal_bars(bars, source.bars(CODE, START, END))


@pytest.mark.parametrize("actions", EVENTFUL.values(), ids=EVENTFUL)
def test_factors_step_as_the_exchange_rounds(hosts, actions):
    bars, told = _market(actions=actions)
    source = _yahoo(hosts, bars, told)

    events = source.factors(CODE)

    assert [str(event.ex_date) for event in events] == [day for day, _, _ in actions]
    factor, shares = _factors_of(bars, events)
    np.testing.assert_allclose(factor, bars["factor"], rtol=1e-12)
    np.testing.assert_allclose(shares, bars["share_factor"], rtol=1e-12)


def test_a_part_of_the_history_is_undone_with_the_splits_after_it(hosts):
    bars, told = _market(actions=EVENTFUL["one after another"])
    source = _yahoo(hosts, bars, told)
    first, last = dt.date(2024, 9, 20), dt.date(2024, 10, 18)

    got = source.bars(CODE, first, last)

    _equal_bars(bars[bars["date"].between(first, last)], got)
    asked = [each for each in hosts.asked if "chart" in each.path]
    tomorrow = dt.datetime.now(dt.UTC).timestamp()
    assert float(asked[-1].query["period2"]) > tomorrow


@pytest.mark.parametrize("fillers", [True, False])
def test_a_suspended_session_has_no_bar(hosts, fillers):
    away = [str(day.date()) for day in pd.bdate_range("2024-10-14", "2024-10-18")]
    bars, told = _market(suspended=away, actions=EVENTFUL["a dividend"])
    source = _yahoo(hosts, bars, told, fillers=fillers)

    _equal_bars(bars, source.bars(CODE, START, END))
    np.testing.assert_allclose(
        _factors_of(bars, source.factors(CODE))[0], bars["factor"], rtol=1e-12
    )


@pytest.mark.parametrize("fillers", [True, False])
def test_splits_within_a_suspension_keep_their_day(hosts, fillers):
    # yfinance itself moves an event without a row to the row before it.
    away = [str(day.date()) for day in pd.bdate_range("2024-10-14", "2024-10-18")]
    actions = (("2024-10-15", "1", "0"), ("2024-10-17", "0.5", "0.7"))
    bars, told = _market(suspended=away, actions=actions)
    source = _yahoo(hosts, bars, told, fillers=fillers)

    _equal_bars(bars, source.bars(CODE, START, END))
    factor, shares = _factors_of(bars, source.factors(CODE))
    np.testing.assert_allclose(factor, bars["factor"], rtol=1e-12)
    np.testing.assert_allclose(shares, bars["share_factor"], rtol=1e-12)


def test_a_suspension_over_the_start_has_no_bar(hosts):
    bars, told = _market()
    fillers = bars.head(3).assign(open=bars["close"].iloc[0], volume=0.0)
    fillers[["high", "low", "close"]] = bars["close"].iloc[0]
    source = _yahoo(hosts, pd.concat([fillers, bars.iloc[3:]]), told)

    _equal_bars(bars.iloc[3:], source.bars(CODE, START, END))


def test_null_bars_are_sessions_without_a_bar(hosts):
    bars, told = _market(actions=EVENTFUL["both on one day"])
    lost = [dt.date(2024, 9, 25), dt.date(2024, 11, 6)]
    holes = bars.copy()
    holes.loc[holes["date"].isin(lost), ["open", "high", "low", "close", "volume"]] = np.nan
    source = _yahoo(hosts, holes, told)

    _equal_bars(bars[~bars["date"].isin(lost)], source.bars(CODE, START, END))


def test_a_null_bar_on_an_ex_date_loses_no_event(hosts):
    bars, told = _market(actions=EVENTFUL["both on one day"])
    holes = bars.copy()
    holes.loc[holes["date"] == dt.date(2024, 10, 15), ["open", "high", "low", "close"]] = np.nan
    source = _yahoo(hosts, holes, told)

    _equal_bars(bars[bars["date"] != dt.date(2024, 10, 15)], source.bars(CODE, START, END))
    assert [str(event.ex_date) for event in source.factors(CODE)] == ["2024-10-15"]


def test_a_locked_day_of_unknown_volume_is_no_suspension(hosts):
    bars, told = _market()
    locked = bars.copy()
    at = locked["date"] == dt.date(2024, 10, 15)
    prices = ["open", "high", "low", "close"]
    locked.loc[at, prices] = bars.loc[bars["date"] == dt.date(2024, 10, 14), "close"].item() + 10
    locked.loc[at, "volume"] = 0.0
    source = _yahoo(hosts, locked, told)

    _equal_bars(locked, source.bars(CODE, START, END))


def test_a_missing_split_is_found_in_the_cents(hosts):
    bars, told = _market(actions=EVENTFUL["ten for four"])

    def without_splits(asked):
        reply = yahoo(bars, told)(asked)
        if "chart" not in asked.path:
            return reply
        body = json.loads(reply.body)
        body["chart"]["result"][0]["events"].pop("splits")
        return replace(reply, body=json.dumps(body))

    hosts.serve(fake.HOSTS, without_splits)
    with pytest.raises(SourceError, match="no price in cents: a split is missing") as caught:
        Yahoo(requests.Session()).bars(CODE, START, END)
    assert caught.value.kind == "bad_bars"


def _with_split(answer, day, up, down):
    """The same answers, with a split listed that the prices know nothing of."""

    def answered(asked):
        reply = answer(asked)
        if "chart" not in asked.path:
            return reply
        body = json.loads(reply.body)
        stamp = fake._stamp(dt.date.fromisoformat(day))
        split = {"date": stamp, "numerator": up, "denominator": down, "splitRatio": f"{up}:{down}"}
        events = body["chart"]["result"][0].setdefault("events", {})
        events.setdefault("splits", {})[str(stamp)] = split
        return replace(reply, body=json.dumps(body))

    return answered


def _both_refused(hosts, answer, match):
    hosts.serve(fake.HOSTS, answer)
    source = Yahoo(requests.Session())
    for call in (lambda: source.bars(CODE, START, END), lambda: source.factors(CODE)):
        with pytest.raises(SourceError, match=match) as caught:
            call()
        assert caught.value.kind == "bad_bars"


def test_a_split_by_a_whole_number_that_is_not_divided_out_is_refused(hosts):
    """Two for one, listed; the prices before its day are still those of the old shares."""
    bars, _ = _market()
    before = bars["date"] < dt.date(2024, 10, 15)
    old = bars.copy()
    old.loc[before, ["open", "high", "low", "close"]] *= 2

    _both_refused(hosts, _with_split(yahoo(old), "2024-10-15", 2.0, 1.0), "they move by -")


def test_a_split_that_never_was_is_found_in_the_cents(hosts):
    """Ten for two, listed; the prices go on as if nothing had been."""
    bars, _ = _market()

    _both_refused(
        hosts, _with_split(yahoo(bars), "2024-10-15", 10.0, 2.0), "whole cents without it"
    )


def test_a_split_of_another_ratio_than_the_prices_tell_is_refused(hosts):
    """All was divided by five for a split of 1.2, so undone it is in cents again."""
    bars, told = _market(actions=(("2024-10-15", "0.2", "0"),))
    wrong = told.assign(share_ratio=4.0)

    _both_refused(hosts, yahoo(bars, wrong), r"they move by \+3")


def test_a_split_after_the_last_bar_is_refused(hosts):
    bars, _ = _market()
    day = str(END + dt.timedelta(days=3))

    _both_refused(hosts, _with_split(yahoo(bars), day, 2.0, 1.0), f"on {day} lies after the last")


@pytest.mark.parametrize("part", [0.70, 1.30])
def test_a_split_over_a_hole_may_move_by_the_limits_of_all_its_sessions(hosts, part):
    """ChiNext, 30% over two sessions of which Yahoo has printed one as null."""
    bars, told = _market(actions=EVENTFUL["ten for four"])
    after = bars["date"] >= dt.date(2024, 10, 15)
    prices = ["open", "high", "low", "close"]
    row = int(after.idxmax())
    moved = part * bars["close"].iloc[row - 1] / 1.4 / bars["close"].iloc[row + 1]
    bars.loc[after, prices] = (bars.loc[after, prices] * moved).round(2)
    bars.loc[row, [*prices, "volume"]] = np.nan
    source = _yahoo(hosts, bars, told)

    _equal_bars(bars.drop(index=row), source.bars(CODE, START, END))


def test_a_split_before_the_days_asked_for_is_not_judged(hosts):
    bars, _ = _market()
    hosts.serve(fake.HOSTS, _with_split(yahoo(bars), "2024-10-15", 10.0, 2.0))

    got = Yahoo(requests.Session()).bars(CODE, dt.date(2024, 10, 15), END)

    _equal_bars(bars[bars["date"] >= dt.date(2024, 10, 15)], got)


def test_a_split_on_a_limit_down_after_a_large_dividend_is_taken(hosts):
    """ChiNext: 10 CNY paid, ten for ten, then 20% down."""
    bars, told = _market(actions=(("2024-10-15", "1", "10"),))
    after = bars["date"] >= dt.date(2024, 10, 15)
    low = bars.copy()
    reference = low.loc[~after, "close"].iloc[-1] / 2 - 5
    fall = 0.801 * reference / low.loc[after, "close"].iloc[0]
    prices = ["open", "high", "low", "close"]
    low.loc[after, prices] = (low.loc[after, prices] * fall).round(2)
    source = _yahoo(hosts, low, told)

    _equal_bars(low, source.bars(CODE, START, END))


@pytest.mark.parametrize("scale", [0.0, 0.1, 10.0])
def test_a_dividend_that_the_adjusted_close_denies_is_refused(hosts, scale):
    bars, told = _market(price="20.00", actions=EVENTFUL["a dividend"])

    def other_dividend(asked):
        reply = yahoo(bars, told)(asked)
        if "chart" not in asked.path:
            return reply
        body = json.loads(reply.body)
        for dividend in body["chart"]["result"][0]["events"]["dividends"].values():
            dividend["amount"] *= scale
        return replace(reply, body=json.dumps(body))

    hosts.serve(fake.HOSTS, other_dividend)
    with pytest.raises(SourceError, match="on 2024-10-15 the adjusted close steps by") as caught:
        Yahoo(requests.Session()).factors(CODE)
    assert caught.value.kind == "bad_bars"


def test_bars_and_factors_of_a_code_are_one_question(hosts):
    bars, told = _market(actions=EVENTFUL["a dividend"])
    source = _yahoo(hosts, bars, told)

    source.bars(CODE, START, END)
    source.factors(CODE)
    source.bars(CODE, END, END)

    assert sum("chart" in each.path for each in hosts.asked) == 1


def test_an_old_reply_is_asked_for_again(hosts, monkeypatch):
    monkeypatch.setattr(yfinance, "FRESH", -1.0)
    source = _yahoo(hosts, _market()[0])

    source.bars(CODE, START, END)
    source.factors(CODE)

    assert sum("chart" in each.path for each in hosts.asked) == 2


def test_another_code_and_another_source_ask_again(hosts):
    bars, told = _market()
    other, _ = _market(code="601595.SH", price="20.00")
    source = _yahoo(hosts, pd.concat([bars, other]), told)

    source.bars(CODE, START, END)
    got = source.bars("601595.SH", START, END)
    Yahoo(requests.Session()).bars(CODE, START, END)

    _equal_bars(other, got)
    paths = [each.path.rsplit("/", 1)[1] for each in hosts.asked if "chart" in each.path]
    assert paths == ["300308.SZ", "601595.SS", "300308.SZ"]


def test_the_door_admits_its_bars(hosts):
    bars, told = _market(actions=EVENTFUL["both on one day"])
    source = _yahoo(hosts, bars, told)
    got = source.bars(CODE, START, END).assign(code=CODE)
    factor, shares = _factors_of(bars, source.factors(CODE))

    admitted, cautions = admit(got.assign(factor=factor, share_factor=shares), "yahoo")

    assert len(admitted) == len(bars)
    assert cautions == []


def test_the_csi_300_comes_as_levels_alone(hosts):
    levels, _ = _market(code="000300.SH", price="3956.42")
    source = _yahoo(hosts, levels.drop(columns=["factor", "share_factor"]))

    got = source.index("000300.SH", START, END)

    np.testing.assert_array_equal(levels["close"], got["close"])
    np.testing.assert_array_equal(levels["open"], got["open"])
    assert got[["volume", "amount", "turnover"]].isna().all(axis=None)
    assert hosts.asked[-1].path.endswith("/000300.SS")


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("bars", "920002.BJ"),
        ("factors", "920002.BJ"),
        ("bars", "000300.SH"),
        ("factors", "000300.SH"),
        ("index", "H00300.CSI"),
        ("index", "801760.SI"),
        ("index", "300308.SZ"),
    ],
)
def test_what_it_does_not_serve_is_refused_unasked(hosts, call, code):
    source = _yahoo(hosts, _market()[0])
    span = () if call == "factors" else (START, END)

    with pytest.raises(SourceError) as caught:
        getattr(source, call)(code, *span)

    assert caught.value.kind == "not_served"
    assert hosts.asked == []


def test_capabilities_say_so_beforehand():
    *publishers, source = sources()

    assert ["csindex", "shenwan"] == [publisher.name for publisher in publishers]
    assert isinstance(source, Source)
    served = ["300308.SZ", "688256.SH", "601595.SH"]
    assert [source.capabilities.serves(code) for code in served] == [True] * 3
    others = ["920002.BJ", "000300.SH", "H00300.CSI", "000852.SH", "801760.SI"]
    assert [source.capabilities.serves(code) for code in others] == [False] * 5
    assert "cross-check" in source.capabilities.note


@pytest.fixture(params=["requests", "curl_cffi"])
def transport(request, hosts):
    """A session of either transport that reaches the local host."""
    return requests.Session() if request.param == "requests" else _curl(hosts)


def _curl(hosts):
    from curl_cffi import requests as curl

    class Turned(curl.Session):
        def request(self, method, url, **options):
            parts = urlsplit(url)
            headers = {**(options.pop("headers", None) or {}), "X-Orig-Host": parts.hostname}
            options.pop("allow_redirects", None)
            return super().request(method, hosts.url + parts.path, headers=headers, **options)

    return Turned(impersonate="chrome")


@pytest.mark.parametrize(("fault", "kind"), KINDS.items())
def test_each_failure_has_its_kind_on_either_transport(hosts, transport, fault, kind):
    hosts.slowness = 1.5
    _yahoo(hosts, _market()[0])
    hosts.fail(CHART_HOST, fault)

    assert _kind(Yahoo(transport)) == kind


def test_factors_fail_as_bars_do(hosts):
    source = _yahoo(hosts, _market()[0])
    hosts.fail(CHART_HOST, "banned")

    with pytest.raises(SourceError) as caught:
        source.factors(CODE)
    assert caught.value.kind == "banned"


def test_a_host_that_is_not_there_is_unreachable(hosts):
    from curl_cffi import requests as curl

    class Nowhere(curl.Session):
        def request(self, method, url, **options):
            return super().request(method, "http://localhost:9/", **options)

    # No fake answers for Yahoo's hosts.
    assert _kind(Yahoo(requests.Session())) == "unreachable"
    assert _kind(Yahoo(Nowhere())) == "unreachable"


def test_either_transport_brings_the_same(hosts, transport):
    bars, told = _market(actions=EVENTFUL["both on one day"])
    _yahoo(hosts, bars, told)
    source = Yahoo(transport)

    _equal_bars(bars, source.bars(CODE, START, END))
    assert len(source.factors(CODE)) == 1


def test_an_unknown_code_is_said_to_be_unknown_at_once(hosts, transport):
    _yahoo(hosts, _market()[0], missing=[CODE])

    assert _kind(Yahoo(transport)) == "unknown_code"
    assert not any("quoteSummary" in each.path for each in hosts.asked)


def test_a_page_that_is_not_found_does_not_make_a_code_unknown(hosts, transport):
    _yahoo(hosts, _market()[0])
    hosts.serve(CHART_HOST, lambda _: Reply("<html>moved</html>", 404, "text/html"))

    assert _kind(Yahoo(transport)) == "changed_format"


def test_a_new_form_is_said_to_be_new(hosts, transport):
    _yahoo(hosts, _market()[0], changed=True)

    assert _kind(Yahoo(transport)) == "changed_format"


@pytest.mark.parametrize("body", ["{}", '{"finance": {"result": null}}', "[]", '{"chart": 1}'])
def test_json_of_another_kind_is_a_new_form(hosts, body):
    source = _yahoo(hosts, _market()[0])
    hosts.serve(CHART_HOST, lambda _: Reply(body, content_type=fake.JSON))

    assert _kind(source) == "changed_format"


@pytest.mark.parametrize(
    "body",
    [
        '{"chart": {"result": [], "error": null}}',
        '{"chart": {"result": null, "error": null}}',
        '{"chart": {"result": [{"meta": {}, "indicators": {"quote": [{}]}}], "error": null}}',
    ],
)
def test_a_chart_without_bars_is_empty(hosts, body):
    source = _yahoo(hosts, _market()[0])
    hosts.serve(CHART_HOST, lambda _: Reply(body, content_type=fake.JSON))

    assert _kind(source) == "empty_reply"


@pytest.mark.parametrize(
    ("status", "kind"), [(400, "empty_reply"), (401, "changed_format"), (999, "too_many_requests")]
)
def test_what_yahoo_says_beside_a_refusal_counts(hosts, transport, status, kind):
    _yahoo(hosts, _market()[0])
    words = "Data doesn't exist for startDate = 1" if status == 400 else "Invalid Crumb"
    error = {"chart": {"result": None, "error": {"code": "x", "description": words}}}
    hosts.serve(CHART_HOST, lambda _: Reply(json.dumps(error), status, fake.JSON))

    with pytest.raises(SourceError, match=words) as caught:
        Yahoo(transport).bars(CODE, START, END)
    assert caught.value.kind == kind


def test_a_site_that_will_be_right_back_is_failing(hosts, transport):
    _yahoo(hosts, _market()[0])
    page = "<html>Will be right back...</html>"
    hosts.serve(CHART_HOST, lambda _: Reply(page, 200, "text/html"))

    assert _kind(Yahoo(transport)) == "server_error"


def test_a_span_without_a_bar_is_an_empty_reply(hosts):
    source = _yahoo(hosts, _market()[0])

    with pytest.raises(SourceError, match="between 2023-01-03 and 2023-02-03") as caught:
        source.bars(CODE, dt.date(2023, 1, 3), dt.date(2023, 2, 3))
    assert caught.value.kind == "empty_reply"


@pytest.mark.parametrize("fault", ["too_many_requests", "banned", "closed_socket", "slow"])
def test_the_chart_is_asked_without_a_cookie_if_need_be(hosts, transport, monkeypatch, fault):
    hosts.slowness = 0.5
    monkeypatch.setattr(yfinance, "COOKIE_TIMEOUT", 0.2)
    bars, told = _market()
    _yahoo(hosts, bars, told)
    hosts.fail(r"(fc|guce)\.yahoo\.com|query1\..*", fault)

    _equal_bars(bars, Yahoo(transport).bars(CODE, START, END))


def test_a_failure_that_passes_is_asked_again(hosts, monkeypatch):
    bars, told = _market()
    monkeypatch.setattr(Yahoo, "politeness", replace(QUICK, attempts=2))
    source = _yahoo(hosts, bars, told)
    hosts.fail(CHART_HOST, "closed_socket", times=1)

    _equal_bars(bars, source.bars(CODE, START, END))


def test_a_failed_question_leaves_nothing_behind(hosts):
    bars, told = _market()
    source = _yahoo(hosts, bars, told)
    source.bars(CODE, START, END)
    hosts.fail(CHART_HOST, "banned")

    assert _kind(source, "601595.SH") == "banned"
    hosts.heal()
    _equal_bars(bars, source.bars(CODE, START, END))


def test_yfinance_is_left_as_it_was(hosts, caplog):
    import yfinance as yf

    session = requests.Session()
    _yahoo(hosts, _market()[0], missing=[CODE])

    assert _kind(Yahoo(session)) == "unknown_code"
    assert yf.config.debug.hide_exceptions
    assert [each for each in caplog.records if each.name != "werkzeug"] == []
    assert "request" not in vars(session)


def test_calls_of_either_transport_are_spaced(hosts, transport, monkeypatch):
    waits = []
    monkeypatch.setattr(wire, "wait_turn", lambda politeness: waits.append(politeness.host))
    _yahoo(hosts, _market()[0])

    Yahoo(transport).bars(CODE, START, END)

    assert waits == ["finance.yahoo.com"] * len(hosts.asked)


def test_without_curl_cffi_yfinance_asks_by_requests(hosts, tmp_path):
    bars, told = _market(actions=EVENTFUL["both on one day"])
    _yahoo(hosts, bars, told)
    script = f"""
import datetime as dt, yfinance as yf
from fakes.hosts import turned_round
from thesis.market.sources import wire, yfinance
from thesis.market.sources.yfinance import sources
wire.PACE = 0.0
yf.set_tz_cache_location({str(tmp_path)!r})
with turned_round({hosts.url!r}):
    *_, source = sources()
    print(source.bars({CODE!r}, dt.date(2024, 9, 2), dt.date(2024, 11, 29))["close"].to_list())
"""
    ran = subprocess.run(
        [sys.executable, "-c", script],
        env={**os.environ, "YF_DISABLE_CURL_CFFI": "1", "PYTHONPATH": "tests"},
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    assert json.loads(ran.stdout) == bars["close"].to_list()
    assert ran.stderr == ""


def test_the_fake_prints_as_yahoo_does():
    bars, told = _market(actions=EVENTFUL["both on one day"])
    asked = fake.Asked("query2.finance.yahoo.com", f"{fake.CHART}{CODE}", {"range": "max"})
    whole = replace(asked, query={"period1": "0", "period2": str(2**33)})
    (result,) = json.loads(yahoo(bars, told)(whole).body)["chart"]["result"]
    quote = result["indicators"]["quote"][0]
    (dividend,) = result["events"]["dividends"].values()
    (split,) = result["events"]["splits"].values()

    at = list(bars["date"]).index(dt.date(2024, 10, 15))
    row = [dt.datetime.fromtimestamp(t, dt.UTC).date() for t in result["timestamp"]].index(
        dt.date(2024, 10, 15)
    )
    previous = bars["close"].iloc[at - 1]
    assert quote["close"][row - 1] == float(np.float32(previous / 1.4))
    assert quote["volume"][row - 1] == round(bars["volume"].iloc[at - 1] * 1.4)
    assert quote["close"][row] == float(np.float32(bars["close"].iloc[at]))
    assert dividend["amount"] == 0.714286
    assert (split["numerator"], split["denominator"], split["splitRatio"]) == (7.0, 5.0, "7:5")
    adjusted = result["indicators"]["adjclose"][0]["adjclose"]
    assert adjusted[row - 1] / quote["close"][row - 1] == pytest.approx(1 - 1 / previous, rel=1e-6)
    assert quote["volume"][result["timestamp"].index(fake._stamp(dt.date(2024, 10, 1)))] == 0


def test_actions_are_found_again_in_the_factors():
    bars, told = _market(actions=EVENTFUL["one after another"])

    found = actions_from(bars)

    assert list(found["ex_date"]) == list(told["ex_date"])
    np.testing.assert_allclose(found["share_ratio"], told["share_ratio"], atol=1e-7)
    np.testing.assert_allclose(found["cash"], told["cash"], atol=0.01)


@pytest.fixture(scope="module")
def real(market):
    """Bars of every name in the folder of real prices."""
    return pd.read_parquet(market / "bars.parquet")


#: The factor of this day has 5.495 for a reference, which the exchange prints as 5.50: no step.
UNROUNDED = {("300182.SZ", dt.date(2025, 7, 15))}


def test_real_prices_come_back_to_the_cent_with_the_steps_of_their_factors(hosts, real):
    source = _yahoo(hosts, real)
    differ = set()
    for code, bars in real.groupby("code"):
        _equal_bars(bars, source.bars(code, bars["date"].iloc[0], bars["date"].iloc[-1]))

        factor, shares = _factors_of(bars, source.factors(code))
        np.testing.assert_allclose(shares, bars["share_factor"], rtol=1e-9, err_msg=code)
        ours, theirs = np.diff(np.log(factor)), np.diff(np.log(bars["factor"].to_numpy()))
        wrong = np.flatnonzero(np.abs(ours - theirs) > 1e-7) + 1
        differ |= {(code, bars["date"].iloc[at]) for at in wrong}

    assert real["code"].nunique() == 31
    assert differ == UNROUNDED


@pytest.mark.live
def test_yahoo_itself_sends_the_traded_prices_of_a_name_with_splits(real, monkeypatch):
    monkeypatch.setattr(wire, "PACE", 1.0)
    monkeypatch.setattr(Yahoo, "politeness", replace(QUICK, spacing=1.0, timeout=30.0))
    bars = real[real["code"] == CODE]

    got = Yahoo().bars(CODE, bars["date"].iloc[0], bars["date"].iloc[-1])

    both = bars.assign(date=pd.to_datetime(bars["date"])).merge(got, on="date")
    assert len(both) > 0.98 * len(bars)
    for name in ("open", "high", "low", "close"):
        assert (both[f"{name}_x"] == both[f"{name}_y"]).mean() > 0.99


@pytest.mark.live
def test_yahoo_itself_knows_every_ex_date(real, monkeypatch):
    monkeypatch.setattr(wire, "PACE", 1.0)
    monkeypatch.setattr(Yahoo, "politeness", replace(QUICK, spacing=1.0, timeout=30.0))
    bars = real[real["code"] == CODE]

    factor, _ = _factors_of(bars, Yahoo().factors(CODE))

    known = bars["factor"].to_numpy() / bars["factor"].iloc[0]
    # Shares the company holds itself get nothing: Yahoo's nominal steps are a little larger.
    np.testing.assert_allclose(factor / factor[0], known, rtol=0.01)
