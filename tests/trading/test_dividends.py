"""Cash told from prices: against announcements, against hand computations, against a slow loop."""

import csv

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thesis import read_prices
from thesis.errors import PricesError
from thesis.market.calendar import sessions
from thesis.market.panel import PricePanel
from thesis.trading.dividends import cash_dividend_path, cash_dividends, dividends_per_unit

LAW = settings(deadline=None, max_examples=60, derandomize=True)
CODE = "600050.SH"
NO = np.nan


def days(count, first="2024-10-14"):
    start = int(np.searchsorted(sessions(), np.datetime64(first)))
    return sessions()[start : start + count]


def panel_of(close, factor, share_factor, pre_close=NO, code=CODE):
    """Bars of one name on consecutive sessions; a NaN close is a session without a bar."""
    close = np.array(close, dtype=float)
    frame = pd.DataFrame(
        {
            "code": code, "date": days(len(close)), "open": close, "high": close, "low": close,
            "close": close, "pre_close": pre_close, "volume": 1e6, "amount": close * 1e6,
            "factor": factor, "share_factor": share_factor,
        }
    )  # fmt: skip
    return PricePanel.from_frame(frame.dropna(subset="close"))


def paid(panel, axis=None, code=CODE):
    return cash_dividends(panel, [code], panel.sessions if axis is None else axis)[:, 0].tolist()


# Announced by the companies, CNY a share before tax, and the share of it that is paid on average:
# a company's own shares get nothing, and the reference is lowered by the average.
ANNOUNCED = [
    # 中国移动, 2023 年中期利润分配方案的公告 (2023-024): 每股人民币 2.2247 元
    ("600941.SH", "2023-09-01", 2.2247),
    # 中国移动, 2024 年中期利润分配方案的公告 (2024-026): 每股人民币 2.3789 元
    ("600941.SH", "2024-09-02", 2.3789),
    # 中国电信, 2024 年中期利润分配方案公告 (2024-040): 每股人民币 0.1671 元
    ("601728.SH", "2024-09-11", 0.1671),
    # 中国电信, 2025 年半年度 A 股利润分配实施公告: 每股现金红利 0.1812 元, 除权日 2025/9/4
    ("601728.SH", "2025-09-04", 0.1812),
    # 中国联通, 2025 年半年度权益分派实施公告 (2025-048): 每股 0.1112 元, 除权日 2025/10/24
    ("600050.SH", "2025-10-24", 0.1112),
    # 分众传媒, 2023 年年度权益分派实施公告 (2024-028): 每 10 股派 3.30 元
    ("002027.SZ", "2024-06-13", 0.33),
]


@pytest.mark.parametrize(("code", "ex_date", "cash"), ANNOUNCED)
def test_a_dividend_is_the_announced_one_to_half_a_cent(market, code, ex_date, cash):
    panel = read_prices(market, [code])
    found = cash_dividends(panel, [code], np.array([ex_date], dtype="datetime64[D]"))

    assert cash == pytest.approx(found[0, 0], abs=0.005 + 1e-9)


def test_shares_the_company_holds_itself_lower_the_average_dividend(market):
    # 中国联通, 2024 年半年度利润分配 (2024-044): 每股 0.0959 元, 扣除回购专用账户后的总股本
    axis = np.array(["2024-10-30"], dtype="datetime64[D]")

    [[found]] = cash_dividends(read_prices(market, [CODE]), [CODE], axis)

    assert 0.9 * 0.0959 - 0.005 <= found <= 0.0959 + 0.005


def test_every_known_ex_date_has_its_cash_and_no_other_session_has_any(market):
    # The list's cash is derived too, from another source's unrounded factors and with share ratios
    # of its own: a second reading of the same events, not of the payments.
    with (market / "corporate_actions.csv").open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if row["scope"] == "watchlist"]
    codes = sorted({row["code"] for row in rows})
    panel = read_prices(market, codes)
    grid = cash_dividends(panel, codes, panel.sessions)
    found = {
        (codes[column], str(panel.sessions[row])): (grid[row, column], row)
        for row, column in zip(*np.nonzero(grid), strict=True)
    }

    assert {(row["code"], row["ex_date"]) for row in rows} == set(found)
    known = [row for row in rows if row["cash_per_share_est"]]
    assert 112 == len(known)
    for row in known:
        cash, at = found[row["code"], row["ex_date"]]
        growth, ratio = panel.field("share_factor", row["code"]), float(row["share_ratio"])
        gap = abs(growth[at] / growth[at - 1] - ratio) * float(row["ex_ref"])
        near = 0.01 * ratio + gap
        assert float(row["cash_per_share_est"]) == pytest.approx(cash, abs=near), row


def test_a_dividend_is_the_previous_close_less_the_reference():
    panel = panel_of([10.0, 10.5, 10.2], [1, 1.05, 1.05], 1.0, [NO, 9.5, 10.5])

    assert [0.0, 0.5, 0.0] == paid(panel)


def test_without_a_reference_it_follows_from_the_factor_rounded_to_the_cent():
    # 10.00 over 1.0527 is 9.4994: the exchange printed 9.50.
    panel = panel_of([10.0, 10.5, 10.2], [1, 1.0527, 1.0527], 1.0)

    assert [0.0, 0.5, 0.0] == paid(panel)


def test_a_bonus_issue_pays_nothing_though_its_reference_is_rounded():
    # 10 for 3 on 10.00: 7.6923 is printed as 7.69, and 10.00 - 7.69 x 1.3 is 0.003.
    panel = panel_of([10.0, 7.7], [1, 10 / 7.69], [1, 1.3], [NO, 7.69])

    assert [0.0, 0.0] == paid(panel)


def test_a_bonus_issue_with_a_dividend_pays_its_cash():
    # 300394.SZ on 2024-05-30: 1.00 a share and 4 for 10, (127.31 - 1.00) / 1.4 = 90.22.
    panel = panel_of([127.31, 91.0], [1, 127.31 / 90.22], [1, 1.4], [NO, 90.22])

    assert 1.0 == pytest.approx(paid(panel)[1], abs=0.005 * 1.4)


def test_a_dividend_under_a_cent_counts_where_the_source_keeps_its_reference_unrounded():
    # 300182.SZ on 2025-07-15.
    panel = panel_of([5.5, 5.5], [1, 5.5 / 5.495], 1.0, [NO, 5.495])

    assert [0.0, 0.005] == paid(panel)


def test_an_ex_date_during_a_suspension_pays_on_the_first_bar_after():
    panel = panel_of([10.0, NO, NO, 9.6], [1, NO, NO, 1.05263], 1.0, [NO, NO, NO, 9.5])

    assert [0.0, 0.0, 0.0, 0.5] == paid(panel)


def test_a_rights_issue_whose_shares_are_in_the_share_factor_pays_nothing():
    # 3 new for 10 at 6.00: (10.00 + 1.80) / 1.3 = 9.08, and 10.00 - 9.08 x 1.3 is -1.80.
    panel = panel_of([10.0, 9.1], [1, 10 / 9.08], [1, 1.3], [NO, 9.08])

    assert [0.0, 0.0] == paid(panel)


def test_a_reference_that_slips_while_no_factor_moves_is_no_dividend():
    panel = panel_of([10.0, 10.1, 10.2], 1.0, 1.0, [NO, 9.99, 10.1])

    assert [0.0, 0.0, 0.0] == paid(panel)


def test_the_axis_s_first_session_looks_back_to_the_bar_before_it():
    panel = panel_of([10.0, 10.5, 10.2], [1, 1.05, 1.05], 1.0, [NO, 9.5, 10.5])

    assert [0.5, 0.0] == paid(panel, panel.sessions[1:])
    assert [0.0, 0.5] == paid(panel, days(4, "2024-10-11")[:3])[1:]
    assert [] == paid(panel, panel.sessions[:0])
    assert [0.0, 0.0] == paid(panel, days(2, "2025-01-02"))


def test_a_name_without_share_factor_is_named_with_the_remedy():
    panel = panel_of([10.0, 10.5], 1.0, [1.0, NO])

    with pytest.raises(PricesError, match=r"600050\.SH has no share_factor.*dividend-tax none"):
        paid(panel)


def test_a_share_factor_that_is_missing_outside_the_axis_does_not_matter():
    panel = panel_of([10.0, 10.1, 10.5], 1.0, [1.0, 1.0, NO])

    assert [0.0, 0.0] == paid(panel, panel.sessions[:2])


def test_a_name_without_bars_is_said():
    panel = panel_of([10.0, 10.5], 1.0, 1.0)

    with pytest.raises(PricesError, match=r"no bars of 300308\.SZ"):
        cash_dividends(panel, ["300308.SZ"], panel.sessions)


def test_a_unit_receives_the_cash_of_the_shares_it_stood_for_before():
    # Two dividends of 0.50: 1 / 0.95 of a share earlier reinvested receives the second.
    panel = panel_of([10.0, 10.0, 10.0], [2, 20 / 9.5, 20 / 9.025], 1.0, [NO, 9.5, 9.5])

    total = dividends_per_unit(panel, [CODE], panel.sessions)
    raw = dividends_per_unit(panel, [CODE], panel.sessions, "share_factor")

    assert [0.0, 1.0, 0.5 * 20 / 9.5] == pytest.approx(total[:, 0])
    assert [0.0, 0.5, 0.5] == pytest.approx(raw[:, 0])


def test_reinvesting_is_what_the_factor_does_with_the_cash(market):
    # On an ex-date a unit's raw shares grow by the cash over the reference and by the new shares.
    codes = ["600941.SH", "300394.SZ", "002837.SZ"]
    panel = read_prices(market, codes)
    cash = cash_dividends(panel, codes, panel.sessions)
    for column, code in enumerate(codes):
        factor, growth = panel.field("factor", code), panel.field("share_factor", code)
        pre_close = panel.field("pre_close", code)
        for row in np.flatnonzero(cash[:, column]):
            step = growth[row] / growth[row - 1] + cash[row, column] / pre_close[row]
            assert step == pytest.approx(factor[row] / factor[row - 1], rel=2e-6)


# -- a ledger of real shares ------------------------------------------------------------------


def slow_path(shares, rows, close, growth, cash):
    """The same ledger, session by session, name by name."""
    values, idle = [], 0.0
    held = [0.0] * len(shares)
    price, last = [0.0] * len(shares), [1.0] * len(shares)
    for t in range(len(close)):
        for i in range(len(shares)):
            idle += held[i] * cash[t][i]
            if not np.isnan(close[t][i]):
                if held[i]:
                    held[i] *= growth[t][i] / last[i]
                price[i], last[i] = close[t][i], growth[t][i]
            if rows[i] == t:
                held[i] = shares[i]
        values.append(idle + sum(h * p for h, p in zip(held, price, strict=True)))
    return values


def test_cash_dividends_lie_idle_and_bonus_shares_grow_by_hand():
    # 1,000 shares bought on the second session at 10.00: 0.50 a share on the third, then 4 for 10;
    # the name's other dividend, on the session it is bought, goes to the seller.
    close = np.array([[11.0], [10.0], [9.8], [7.0], [NO]])
    growth = np.array([[1.0], [1.0], [1.0], [1.4], [NO]])
    cash = np.array([[0.0], [0.7], [0.5], [0.0], [0.0]])

    path = cash_dividend_path(np.array([1_000.0]), np.array([1]), close, growth, cash)

    assert [0.0, 10_000.0, 10_300.0, 10_300.0, 10_300.0] == pytest.approx(path.tolist())


def test_a_name_never_bought_is_worth_nothing():
    ones = np.ones((3, 2))
    path = cash_dividend_path(np.array([5.0, 7.0]), np.array([-1, 0]), ones, ones, 0 * ones)

    assert [7.0, 7.0, 7.0] == path.tolist()


@LAW
@given(st.integers(0, 10_000))
def test_the_ledger_equals_a_slow_loop(seed):
    draw = np.random.default_rng(seed)
    close = draw.uniform(5, 15, (12, 3))
    growth = np.cumprod(np.where(draw.random((12, 3)) < 0.1, 1.4, 1.0), axis=0)
    gone = draw.random((12, 3)) < 0.2
    rows = np.array([0, 3, -1])
    gone[rows[:2], [0, 1]] = False
    close[gone], growth[gone] = NO, NO
    cash = np.where(~gone & (draw.random((12, 3)) < 0.2), 0.5, 0.0)
    shares = draw.integers(1, 9, 3) * 100.0

    path = cash_dividend_path(shares, rows, close, growth, cash)

    np.testing.assert_allclose(slow_path(shares, rows, close, growth, cash), path, rtol=1e-12)
