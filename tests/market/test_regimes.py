"""Every change of the rules of A-shares since 2008: the day before it, and the day itself.

What is expected was worked out by hand from the notices named beside it, never by the library. A
bar's reference is CNY 10.00 unless it says otherwise, so that 10% is 11.00 and 9.00.
"""

import datetime as dt
from itertools import pairwise

import numpy as np
import pytest

from thesis.errors import RulesError
from thesis.market.calendar import session_after, session_on_or_before
from thesis.market.limits import price_limits
from thesis.market.listing import Listing
from thesis.market.panel import PricePanel
from thesis.market.rules import fee_table, holding_sessions
from thesis.research.security import parse_security

SH, SZ, CHINEXT, STAR, BJ = "600050.SH", "000063.SZ", "300002.SZ", "688256.SH", "920002.BJ"
NONE = (np.inf, -np.inf)
TEN, FIVE, TWENTY, THIRTY = (11.0, 9.0), (10.5, 9.5), (12.0, 8.0), (13.0, 7.0)
OF_ISSUE_PRICE = (14.4, 6.4)  # 144% and 64% of CNY 10.00

TREATED = " under special treatment"
PERIOD = " in its delisting period"
FIRST_DAY = " on the first day of its delisting period"

LONG_AGO = "1999-01-04"


def limits_on(day, code, bars, state="", since=LONG_AGO, reference=10.0):
    """Upper and lower limit of a bar, of a name in a state since a day."""
    day, since = dt.date.fromisoformat(day), dt.date.fromisoformat(since)
    listing = Listing(code, list_date=since if state == "listed" else dt.date(1999, 1, 4))
    if state in ("ST", "*ST", "delisting"):
        listing = Listing(code, list_date=listing.list_date, treatments=((since, None, state),))
    before = session_on_or_before(day - dt.timedelta(days=1))
    days = [before, day] if state == "delisting" and since < day else [day]
    panel = PricePanel.from_frame(
        bars(
            code, days, open=reference, high=reference, low=reference, close=reference,
            pre_close=reference, amount=1000 * reference,
        ),
        listings={code: listing},
    )  # fmt: skip
    limits = price_limits(panel, [code], np.array([day], dtype="datetime64[D]"))
    assert () == limits.notes
    return limits.upper.item(), limits.lower.item()


def told(board, state=""):
    """What a bar for which there is no rule is refused with."""
    return f"has no limit prices for a {board} stock{state} on that day (its scope "


CHANGES = {
    # 创业板首批28家公司10月30日上市; 深交所 2009-09-24: 创业板交易制度与主板保持一致.
    "ChiNext opens": [
        ("2009-10-29", {"code": CHINEXT}, told("ChiNext")),
        ("2009-10-30", {"code": CHINEXT}, TEN),
        ("2009-10-30", {"code": CHINEXT, "state": "listed", "since": "2009-10-30"}, NONE),
        ("2009-11-02", {"code": CHINEXT, "state": "listed", "since": "2009-10-30"}, TEN),
        ("2009-10-29", {"code": CHINEXT, "state": "ST"}, told("ChiNext", TREATED)),
        ("2009-10-30", {"code": CHINEXT, "state": "ST"}, FIVE),
    ],
    # 深圳证券交易所交易规则（2011年修订）3.3.16, from 2011-02-28; the exchange's own example is a
    # close of 0.04 with limits of 0.03 and 0.05.
    "Shenzhen's one-tick floor": [
        ("2011-02-25", {"code": SZ, "reference": 0.04}, (0.04, 0.04)),
        ("2011-02-28", {"code": SZ, "reference": 0.04}, (0.05, 0.03)),
        ("2011-02-28", {"code": SH, "reference": 0.04}, (0.04, 0.04)),
        ("2011-02-28", {"code": SZ, "reference": 0.05}, (0.06, 0.04)),
        ("2011-02-25", {"code": SZ, "reference": 0.05}, (0.06, 0.05)),
        ("2011-02-28", {"code": SZ, "state": "ST", "reference": 0.10}, (0.11, 0.09)),
    ],
    # 深圳证券交易所交易规则（2012年修订）4.5.2: 退市整理期间 … 涨跌幅限制比例为10%,
    # from 2012-12-17, the first day no exception.
    "Shenzhen's delisting period": [
        ("2012-12-14", {"code": SZ, "state": "delisting"}, told("main-board", PERIOD)),
        ("2012-12-17", {"code": SZ, "state": "delisting"}, TEN),
        (
            "2012-12-14",
            {"code": SZ, "state": "delisting", "since": "2012-12-14"},
            told("main-board", FIRST_DAY),
        ),
        ("2012-12-17", {"code": SZ, "state": "delisting", "since": "2012-12-17"}, TEN),
        ("2012-12-14", {"code": CHINEXT, "state": "delisting"}, told("ChiNext", PERIOD)),
        ("2012-12-17", {"code": CHINEXT, "state": "delisting"}, TEN),
    ],
    # 上证所《风险警示板股票交易暂行办法》第七条, from 2013-01-01: 10%, 但 A 股前收盘价格低于0.05元
    # 人民币的，其涨跌幅限制为0.01元. (2013-01-04 was the first session of that year.)
    "Shanghai's delisting period": [
        ("2012-12-31", {"code": SH, "state": "delisting"}, told("main-board", PERIOD)),
        ("2013-01-04", {"code": SH, "state": "delisting"}, TEN),
        ("2013-01-04", {"code": SH, "state": "delisting", "since": "2013-01-04"}, TEN),
        ("2013-01-04", {"code": SH, "state": "delisting", "reference": 0.04}, (0.05, 0.03)),
        # 0.05 is not below 0.05: 0.045 rounds up onto it.
        ("2013-01-04", {"code": SH, "state": "delisting", "reference": 0.05}, (0.06, 0.05)),
    ],
    # 上证发〔2013〕47号, 2013-12-13: 发行价的144% … 64%.
    "Shanghai's listing day": [
        ("2013-12-12", {"code": SH, "state": "listed", "since": "2013-12-12"}, NONE),
        ("2013-12-13", {"code": SH, "state": "listed", "since": "2013-12-13"}, OF_ISSUE_PRICE),
        ("2013-12-13", {"code": SH, "state": "listed", "since": "2013-12-12"}, TEN),
    ],
    # 深证会〔2014〕54号, 2014-06-13: 不得高于发行价的144%且不得低于发行价的64%.
    "Shenzhen's listing day": [
        ("2014-06-12", {"code": SZ, "state": "listed", "since": "2014-06-12"}, NONE),
        ("2014-06-13", {"code": SZ, "state": "listed", "since": "2014-06-13"}, OF_ISSUE_PRICE),
        ("2014-06-12", {"code": CHINEXT, "state": "listed", "since": "2014-06-12"}, NONE),
        ("2014-06-13", {"code": CHINEXT, "state": "listed", "since": "2014-06-13"}, OF_ISSUE_PRICE),
    ],
    # 上证发〔2019〕23号 第十八条: 20%, 上市后的前5个交易日不设价格涨跌幅限制; its first
    # companies were listed on 2019-07-22.
    "STAR opens": [
        ("2019-07-19", {"code": STAR}, told("STAR")),
        ("2019-07-22", {"code": STAR}, TWENTY),
        ("2019-07-22", {"code": STAR, "state": "listed", "since": "2019-07-22"}, NONE),
        ("2019-07-26", {"code": STAR, "state": "listed", "since": "2019-07-22"}, NONE),
        ("2019-07-29", {"code": STAR, "state": "listed", "since": "2019-07-22"}, TWENTY),
        ("2019-07-19", {"code": STAR, "state": "*ST"}, told("STAR", TREATED)),
        ("2019-07-22", {"code": STAR, "state": "*ST"}, TWENTY),
        ("2019-07-22", {"code": STAR, "state": "delisting"}, TWENTY),
    ],
    # 深交所创业板交易特别规定 2.1 (20%), in force 2020-08-24, for names listed before it too; the
    # first five sessions of a new listing without limits; 深证上〔2020〕620号 (风险警示股票 20%).
    "ChiNext's registration": [
        ("2020-08-21", {"code": CHINEXT}, TEN),
        ("2020-08-24", {"code": CHINEXT}, TWENTY),
        ("2020-08-21", {"code": CHINEXT, "state": "ST"}, FIVE),
        ("2020-08-24", {"code": CHINEXT, "state": "ST"}, TWENTY),
        ("2020-08-24", {"code": SZ}, TEN),
        ("2020-08-24", {"code": SZ, "state": "*ST"}, FIVE),
        ("2020-08-21", {"code": CHINEXT, "state": "listed", "since": "2020-08-21"}, OF_ISSUE_PRICE),
        ("2020-08-24", {"code": CHINEXT, "state": "listed", "since": "2020-08-21"}, TWENTY),
        ("2020-08-24", {"code": CHINEXT, "state": "listed", "since": "2020-08-24"}, NONE),
        ("2020-08-28", {"code": CHINEXT, "state": "listed", "since": "2020-08-24"}, NONE),
        ("2020-08-31", {"code": CHINEXT, "state": "listed", "since": "2020-08-24"}, TWENTY),
        # 620号: 10% for those already in the period, 20% for those that enter it: no one answer.
        ("2020-08-21", {"code": CHINEXT, "state": "delisting"}, TEN),
        ("2020-08-24", {"code": CHINEXT, "state": "delisting"}, told("ChiNext", PERIOD)),
    ],
    # 上证发〔2020〕101号 and 103号, 深交所股票上市规则（2020年修订）, all of 2020-12-31: no limit
    # on the first day of the delisting period; then 10%, on ChiNext and STAR 20%.
    "the delisting period's first day": [
        ("2020-12-30", {"code": SH, "state": "delisting", "since": "2020-12-30"}, TEN),
        ("2020-12-31", {"code": SH, "state": "delisting", "since": "2020-12-31"}, NONE),
        ("2020-12-31", {"code": SH, "state": "delisting", "since": "2020-12-30"}, TEN),
        ("2020-12-30", {"code": STAR, "state": "delisting", "since": "2020-12-30"}, TWENTY),
        ("2020-12-31", {"code": STAR, "state": "delisting", "since": "2020-12-31"}, NONE),
        ("2020-12-31", {"code": STAR, "state": "delisting", "since": "2020-12-30"}, TWENTY),
        ("2020-08-21", {"code": SZ, "state": "delisting", "since": "2020-08-21"}, TEN),
        (
            "2020-12-30",
            {"code": SZ, "state": "delisting", "since": "2020-12-30"},
            told("main-board", FIRST_DAY),
        ),
        ("2020-12-31", {"code": SZ, "state": "delisting", "since": "2020-12-31"}, NONE),
        ("2020-12-31", {"code": SZ, "state": "delisting", "since": "2020-12-30"}, TEN),
        ("2020-12-30", {"code": SZ, "state": "delisting"}, TEN),
        ("2020-12-30", {"code": CHINEXT, "state": "delisting"}, told("ChiNext", PERIOD)),
        ("2020-12-31", {"code": CHINEXT, "state": "delisting", "since": "2020-12-30"}, TWENTY),
        ("2020-12-31", {"code": CHINEXT, "state": "delisting", "since": "2020-12-31"}, NONE),
        # 103号 第七条: 低于或等于0.05元, where the rule of 2013 said 低于.
        ("2020-12-30", {"code": SH, "state": "delisting", "reference": 0.05}, (0.06, 0.05)),
        ("2020-12-31", {"code": SH, "state": "delisting", "reference": 0.05}, (0.06, 0.04)),
    ],
    # 北证公告〔2021〕15号 3.3.11 (30%), 3.3.12 (no limit on the listing day and on the first day of
    # the delisting period), in force when the exchange opened on 2021-11-15.
    "Beijing opens": [
        ("2021-11-12", {"code": BJ}, told("Beijing")),
        ("2021-11-15", {"code": BJ}, THIRTY),
        ("2021-11-15", {"code": BJ, "state": "*ST"}, THIRTY),
        ("2021-11-15", {"code": BJ, "state": "listed", "since": "2021-11-15"}, NONE),
        ("2021-11-16", {"code": BJ, "state": "listed", "since": "2021-11-15"}, THIRTY),
        ("2021-11-15", {"code": BJ, "state": "delisting", "since": "2021-11-15"}, NONE),
        ("2021-11-16", {"code": BJ, "state": "delisting", "since": "2021-11-15"}, THIRTY),
        # Ours: 7.12 x 1.3 = 9.256 and x 0.7 = 4.984, rounded into the band.
        ("2021-11-15", {"code": BJ, "reference": 7.12}, (9.25, 4.99)),
    ],
    # 上证发〔2023〕32号 and 深证上〔2023〕98号: 首次公开发行上市的主板股票，上市后的前5个交易日
    # 不设价格涨跌幅限制; from the first registered listing, 2023-04-10.
    "the main board's registration": [
        ("2023-04-07", {"code": SH, "state": "listed", "since": "2023-04-07"}, OF_ISSUE_PRICE),
        ("2023-04-10", {"code": SH, "state": "listed", "since": "2023-04-07"}, TEN),
        ("2023-04-10", {"code": SH, "state": "listed", "since": "2023-04-10"}, NONE),
        ("2023-04-14", {"code": SH, "state": "listed", "since": "2023-04-10"}, NONE),
        ("2023-04-17", {"code": SH, "state": "listed", "since": "2023-04-10"}, TEN),
        ("2023-04-07", {"code": SZ, "state": "listed", "since": "2023-04-07"}, OF_ISSUE_PRICE),
        ("2023-04-10", {"code": SZ, "state": "listed", "since": "2023-04-10"}, NONE),
        ("2023-04-17", {"code": SZ, "state": "listed", "since": "2023-04-10"}, TEN),
    ],
    # 上海证券交易所交易规则（2023年修订）3.3.17, in force 2023-04-10: 低于申报价格最小变动单位的，
    # 以前收盘价 … 增减一个申报价格最小变动单位. The delisting board's own rule ended that day.
    "Shanghai's one-tick floor": [
        ("2023-04-07", {"code": SH, "reference": 0.04}, (0.04, 0.04)),
        ("2023-04-10", {"code": SH, "reference": 0.04}, (0.05, 0.03)),
        ("2023-04-07", {"code": SH, "state": "ST", "reference": 0.09}, (0.09, 0.09)),
        ("2023-04-10", {"code": SH, "state": "ST", "reference": 0.09}, (0.10, 0.08)),
        ("2023-04-07", {"code": SH, "state": "delisting", "reference": 0.05}, (0.06, 0.04)),
        ("2023-04-10", {"code": SH, "state": "delisting", "reference": 0.05}, (0.06, 0.04)),
        ("2023-04-07", {"code": STAR, "reference": 0.02}, (0.02, 0.02)),
        ("2023-04-10", {"code": STAR, "reference": 0.02}, (0.03, 0.01)),
    ],
    # 上证发〔2024〕52号 brought ST to STAR from 2024-10-30; its stocks stay at 20%.
    "ST on STAR": [
        ("2024-10-29", {"code": STAR, "state": "*ST"}, TWENTY),
        ("2024-10-30", {"code": STAR, "state": "ST"}, TWENTY),
    ],
    # 上证发〔2026〕41号, 深证上〔2026〕551号: 主板风险警示股票价格涨跌幅限制比例由5%调整为10%, from
    # 2026-07-06.
    "the main board's ST": [
        ("2026-07-03", {"code": SH, "state": "ST"}, FIVE),
        ("2026-07-06", {"code": SH, "state": "ST"}, TEN),
        ("2026-07-03", {"code": SZ, "state": "*ST"}, FIVE),
        ("2026-07-06", {"code": SZ, "state": "*ST"}, TEN),
        ("2026-07-03", {"code": SH}, TEN),
        ("2026-07-06", {"code": SH}, TEN),
        ("2026-07-03", {"code": CHINEXT, "state": "ST"}, TWENTY),
        ("2026-07-06", {"code": CHINEXT, "state": "ST"}, TWENTY),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("day", "facts", "expected"),
    [
        pytest.param(*case, id=f"{change}-{case[0]}-{number}")
        for change, cases in CHANGES.items()
        for number, case in enumerate(cases)
    ],
)
def test_limits_on_the_days_around_a_change(day, facts, expected, bars):
    if isinstance(expected, str):
        with pytest.raises(RulesError) as caught:
            limits_on(day, bars=bars, **facts)

        assert str(caught.value).startswith(f"{facts['code']} on {day}: marina-rules@")
        assert expected in str(caught.value)
        assert str(caught.value).endswith("; `--limits none` leaves limits out")
    else:
        assert expected == limits_on(day, bars=bars, **facts)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_tested_on_the_session_before_it_and_on_the_first_it_holds(change):
    days = sorted({dt.date.fromisoformat(day) for day, _, _ in CHANGES[change]})

    assert any(later == session_after(day) for day, later in pairwise(days))


MILLION = 1_000_000.0

# Buying and selling for CNY 1,000,000; commission is 250 of it, our convention.
FEES = {
    # 财政部 2008-09-19: 单边征税 … 对 … 出让方按千分之一. The transfer fee of those days is not
    # recorded, so the sentence alone changes: which rule is missing first.
    "stamp duty on sellers alone": [
        ("2008-09-18", SH, "has no stamp_duty_sell for XSHG on 2008-09-18"),
        ("2008-09-19", SH, "has no transfer_fee_each_side for XSHG on 2008-09-19"),
        ("2008-09-18", SZ, "has no stamp_duty_sell for XSHE on 2008-09-18"),
        ("2008-09-19", SZ, "has no transfer_fee_each_side for XSHE on 2008-09-19"),
    ],
    # 中国结算 2015-07-09: 于2015年8月1日起 … 统一调整为按照成交金额0.02‰, each side: 20.
    "one transfer fee for both exchanges": [
        ("2015-07-31", SH, "has no transfer_fee_each_side for XSHG on 2015-07-31"),
        ("2015-08-03", SH, (270.0, 1270.0)),
        ("2015-07-31", SZ, "has no transfer_fee_each_side for XSHE on 2015-07-31"),
        ("2015-08-03", SZ, (270.0, 1270.0)),
    ],
    # Beijing's own, until 2022-04-29: 0.025‰, so 25.
    "Beijing opens": [
        ("2021-11-12", BJ, "the Beijing exchange opened on 2021-11-15"),
        ("2021-11-15", BJ, (275.0, 1275.0)),
    ],
    # 中国结算 2022-04-28: 自2022年4月29日起 … 统一下调为按照成交金额0.01‰双向收取: 10.
    "the transfer fee halved": [
        ("2022-04-28", SH, (270.0, 1270.0)),
        ("2022-04-29", SH, (260.0, 1260.0)),
        ("2022-04-28", STAR, (270.0, 1270.0)),
        ("2022-04-29", STAR, (260.0, 1260.0)),
        ("2022-04-28", BJ, (275.0, 1275.0)),
        ("2022-04-29", BJ, (260.0, 1260.0)),
    ],
    # 财政部 税务总局公告2023年第39号: 自2023年8月28日起，证券交易印花税实施减半征收: 500.
    "stamp duty halved": [
        ("2023-08-25", SH, (260.0, 1260.0)),
        ("2023-08-28", SH, (260.0, 760.0)),
        ("2023-08-25", CHINEXT, (260.0, 1260.0)),
        ("2023-08-28", CHINEXT, (260.0, 760.0)),
        ("2023-08-25", BJ, (260.0, 1260.0)),
        ("2023-08-28", BJ, (260.0, 760.0)),
    ],
}


@pytest.mark.parametrize(
    ("day", "code", "expected"),
    [
        pytest.param(*case, id=f"{change}-{case[0]}-{case[1]}")
        for change, cases in FEES.items()
        for case in cases
    ],
)
def test_fees_on_the_days_around_a_change(day, code, expected):
    def fees():
        table = fee_table([parse_security(code)], np.array([day], dtype="datetime64[D]"))
        amount = np.array([MILLION])
        return table.buy(0, amount).item(), table.sell(0, amount).item()

    if isinstance(expected, str):
        with pytest.raises(RulesError, match=expected):
            fees()
    else:
        assert expected == pytest.approx(fees(), abs=1e-9)


# 1995年深圳证券交易所大事记: A 股及基金交易由 T+0 交收改为 T+1 交收, unchanged since. Beijing's is
# ours, since it opened.
@pytest.mark.parametrize("code", [SH, SZ, CHINEXT, STAR, BJ])
@pytest.mark.parametrize("day", ["2021-11-15", "2023-04-10", "2026-07-06"])
def test_shares_bought_are_held_over_one_session_whatever_else_changed(code, day):
    assert 1 == holding_sessions(parse_security(code), dt.date.fromisoformat(day))
