import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesis.errors import PricesError
from thesis.market.corporate_actions import (
    ShareEvent,
    events_from_actions,
    explain,
    reference_price,
)
from thesis.market.delivery import FactorEvent, factors_on

#: Announced per 10 shares (cash before tax, new shares), by code and ex-date.
ANNOUNCED = {
    ("000063.SZ", "2023-05-16"): (4.0, 0),
    ("000063.SZ", "2024-07-15"): (6.83, 0),
    ("002837.SZ", "2023-05-19"): (2.0, 3),
    ("002837.SZ", "2024-05-27"): (2.0, 3),
    ("002837.SZ", "2025-05-30"): (2.0, 3),
    ("300394.SZ", "2024-05-30"): (10.0, 4),
    ("300394.SZ", "2025-06-09"): (5.0, 4),
    ("300502.SZ", "2025-05-28"): (4.5, 4),
    ("301165.SZ", "2025-06-04"): (6.0, 4),
}


def days(*texts):
    return np.array(texts, dtype="datetime64[D]")


def day(text):
    return dt.date.fromisoformat(text)


WEEK = days("2024-06-03", "2024-06-04", "2024-06-05", "2024-06-06", "2024-06-07")


def test_the_reference_is_rounded_half_up():
    assert 10.10 == reference_price(10.10, cash=0.005)
    assert 5.50 == reference_price(5.50, cash=0.005)
    assert 8.33 == reference_price(10.0, ratio=0.2)  # 8.3333
    assert 7.15 == reference_price(10.01, ratio=0.4)  # 7.15 exactly
    assert 1.13 == reference_price(1.125)


def test_the_reference_is_the_exchanges_own_on_what_was_announced(market):
    known = pd.read_csv(market / "corporate_actions.csv")
    known = known[known["scope"] == "watchlist"].set_index(["code", "ex_date"])
    for key, (cash, shares) in ANNOUNCED.items():
        row = known.loc[key]

        assert row["ex_ref"] == reference_price(row["prev_close"], cash / 10, shares / 10), key


def test_a_dividend_of_the_whole_price_is_refused():
    with pytest.raises(PricesError, match=r"12 CNY and 0 new shares on a close of 10 .*per 10"):
        reference_price(10.0, cash=12.0)


def test_a_step_is_the_last_close_over_the_reference():
    closes = np.array([10.0, 10.0, 14.0, 10.0, 10.2])
    actions = [ShareEvent(day("2024-06-06"), cash_per_share=0.7, share_ratio=0.4)]

    (event,) = events_from_actions(actions, WEEK, closes)

    assert FactorEvent(day("2024-06-06"), 14.0 / 9.5, 1.4) == event


def test_a_suspended_name_steps_at_its_first_bar_from_its_last_close():
    traded, closes = WEEK[[0, 1, 4]], np.array([10.0, 11.0, 10.6])
    actions = [ShareEvent(day("2024-06-05"), cash_per_share=1.0)]

    (event,) = events_from_actions(actions, traded, closes)

    assert FactorEvent(day("2024-06-07"), 11.0 / 10.0, 1.0) == event


def test_two_dividends_of_one_day_count_together():
    closes = np.array([10.0, 10.0, 10.0, 9.0, 9.0])
    actions = [ShareEvent(day("2024-06-06"), 0.3), ShareEvent(day("2024-06-06"), 0.2, 0.5)]

    (event,) = events_from_actions(actions, WEEK, closes)

    assert FactorEvent(day("2024-06-06"), 10.0 / 6.33, 1.5) == event  # 9.5 / 1.5 = 6.333


def test_dividends_of_two_days_within_a_suspension_follow_on_each_other():
    traded, closes = WEEK[[0, 4]], np.array([10.0, 6.0])
    actions = [ShareEvent(day("2024-06-05"), share_ratio=0.5), ShareEvent(day("2024-06-04"), 1.0)]

    (event,) = events_from_actions(actions, traded, closes)

    assert FactorEvent(day("2024-06-07"), 10.0 / 6.0, 1.5) == event  # 10 -> 9 -> 6


def test_actions_outside_the_bars_move_nothing():
    closes = np.full(5, 10.0)
    actions = [ShareEvent(day(d), 1.0, 0.5) for d in ("2024-05-31", "2024-06-03", "2024-06-10")]

    assert () == events_from_actions(actions, WEEK, closes)


def test_a_dividend_lost_in_the_rounding_is_no_event():
    actions = [ShareEvent(day("2024-06-05"), 0.004)]

    assert () == events_from_actions(actions, WEEK, np.full(5, 10.0))
    assert ((), ()) == explain((), actions, WEEK, np.full(5, 10.0))


CASH = st.floats(0.0, 1.0).map(lambda value: round(value, 4))
RATIO = st.sampled_from([0.0, 0.1, 0.3, 0.4, 1.0])


@given(
    closes=st.lists(st.integers(300, 20_000), min_size=5, max_size=5),
    terms=st.lists(st.tuples(CASH, RATIO), min_size=4, max_size=4),
)
def test_the_factor_is_what_a_holder_who_reinvests_comes_to(closes, terms):
    """The holder takes new shares, and buys more with the cash at the reference price."""
    prices = np.array(closes) / 100
    actions = [
        ShareEvent(dt.date(2024, 6, 4 + number), cash, ratio)
        for number, (cash, ratio) in enumerate(terms)
    ]
    held, dividend_free, bound = [1.0], [1.0], 0.0
    for close, (cash, ratio) in zip(prices, terms, strict=False):
        reference = round((close - cash) / (1 + ratio), 10)
        held.append(held[-1] * (1 + ratio + cash / reference))
        dividend_free.append(dividend_free[-1] * (1 + ratio))
        bound += 0.00501 / reference  # the exchange rounds it to the cent

    factor, shares = factors_on(WEEK, events_from_actions(actions, WEEK, prices))

    np.testing.assert_allclose(factor, held, rtol=1.1 * bound)
    np.testing.assert_allclose(shares, dividend_free)


@given(
    closes=st.lists(st.integers(300, 20_000), min_size=5, max_size=5),
    terms=st.lists(st.tuples(CASH, RATIO), min_size=4, max_size=4),
    part=st.floats(0.905, 1.0),
)
def test_steps_of_a_company_that_holds_shares_of_its_own_are_explained(closes, terms, part):
    prices = np.array(closes) / 100
    actions, events, factor, shares = [], [], 1.0, [1.0]
    for number, (cash, ratio) in enumerate(terms):
        when = dt.date(2024, 6, 4 + number)
        actions.append(ShareEvent(when, cash, ratio))
        paid, given_out = part * cash, part * ratio
        reference = np.floor((prices[number] - paid) / (1 + given_out) * 100 + 0.5) / 100
        factor *= prices[number] / reference
        events.append(FactorEvent(when, factor))
        shares.append(shares[-1] * (1 + given_out))

    explained, problems = explain(events, actions, WEEK, prices)
    _, found = factors_on(WEEK, explained)

    assert all("of the shares were entitled" in problem for problem in problems)
    assert [event.factor for event in events] == [event.factor for event in explained]
    # Within the two cents that the reference leaves open, of a ratio of at most one.
    bound = 4 * 0.02 / (prices.min() - 1) * 2.2
    np.testing.assert_allclose(found, shares, rtol=bound)


@pytest.mark.parametrize(
    ("part", "seldom"), [(0.98, False), (0.971, False), (0.969, True), (0.91, True)]
)
def test_shares_that_must_be_the_companys_own_are_told(part, seldom):
    closes = np.full(5, 1000.0)
    actions = [ShareEvent(day("2024-06-05"), share_ratio=1.0)]

    (event,), (problem,) = explain(
        [FactorEvent(day("2024-06-05"), 1.0 + part)], actions, WEEK, closes
    )

    assert pytest.approx(1.0 + part) == event.share_factor
    assert f"explained if only {part:.2%} of the shares were entitled" in problem
    assert seldom == problem.endswith("companies seldom hold so many")


def test_what_actions_make_is_explained_by_them():
    closes = np.array([10.0, 9.8, 14.0, 9.7, 9.9])
    actions = [ShareEvent(day("2024-06-04"), 0.35), ShareEvent(day("2024-06-06"), 0.5, 0.4)]
    made = events_from_actions(actions, WEEK, closes)

    explained, problems = explain(
        [FactorEvent(e.ex_date, e.factor) for e in made], actions, WEEK, closes
    )

    assert made == explained
    assert () == problems


def test_a_step_without_an_action_leaves_the_shares_unknown():
    """As of a rights issue: no source of dividends has them."""
    closes = np.full(5, 10.0)
    events = [FactorEvent(day("2024-06-04"), 1.02), FactorEvent(day("2024-06-06"), 1.02 * 1.06)]
    actions = [ShareEvent(day("2024-06-04"), cash_per_share=0.2)]

    explained, (problem,) = explain(events, actions, WEEK, closes)

    assert [None, None] == [event.share_factor for event in explained]
    assert problem.startswith("2024-06-06: the factor steps by 1.06 and no dividend")
    assert np.isnan(factors_on(WEEK, explained)[1]).all()


def test_a_dividend_without_a_step_is_told_and_hides_no_shares():
    explained, (problem,) = explain(
        (), [ShareEvent(day("2024-06-05"), 0.5)], WEEK, np.full(5, 10.0)
    )

    assert () == explained
    assert "2024-06-05: the factor steps by 1 from a close of 10, where 0.5 CNY" in problem


def test_new_shares_without_a_step_leave_the_shares_unknown():
    """The factor is then wrong too, so the sentence must reach the reader."""
    explained, (problem,) = explain(
        (), [ShareEvent(day("2024-06-05"), share_ratio=0.4)], WEEK, np.full(5, 10.0)
    )

    assert (FactorEvent(day("2024-06-05"), 1.0, None),) == explained
    assert "0.4 new shares a share make 1.4" in problem
    assert np.isnan(factors_on(WEEK, explained)[1]).all()


@pytest.mark.parametrize("step", [1.3, 1.5])
def test_shares_that_differ_from_the_step_are_not_taken(step):
    closes = np.full(5, 10.0)
    actions = [ShareEvent(day("2024-06-05"), share_ratio=0.4)]

    explained, (problem,) = explain([FactorEvent(day("2024-06-05"), step)], actions, WEEK, closes)

    assert [None] == [event.share_factor for event in explained]
    assert f"steps by {step}" in problem


def test_a_step_larger_than_its_dividend_may_hold_shares():
    closes = np.full(5, 10.0)
    actions = [ShareEvent(day("2024-06-05"), cash_per_share=0.2)]

    explained, (problem,) = explain([FactorEvent(day("2024-06-05"), 1.1)], actions, WEEK, closes)

    assert [None] == [event.share_factor for event in explained]
    assert "new shares cannot be told from cash" in problem


def test_a_step_smaller_than_its_dividend_is_told_but_holds_no_shares():
    """As where a large holder waives the dividend."""
    closes = np.full(5, 10.0)
    actions = [ShareEvent(day("2024-06-05"), cash_per_share=1.0)]

    explained, (problem,) = explain([FactorEvent(day("2024-06-05"), 1.05)], actions, WEEK, closes)

    assert [1.0] == [event.share_factor for event in explained]
    assert "the cash is taken as the step says" in problem


def test_a_factor_that_falls_is_no_dividend():
    """As where shares are merged."""
    actions = [ShareEvent(day("2024-06-05"), cash_per_share=0.2)]

    explained, (problem,) = explain(
        [FactorEvent(day("2024-06-05"), 0.5)], actions, WEEK, np.full(5, 10.0)
    )

    assert [None] == [event.share_factor for event in explained]
    assert "the factor steps by 0.5 from a close of 10" in problem


def test_a_step_at_the_resumption_meets_the_action_of_a_suspended_day():
    traded, closes = WEEK[[0, 1, 4]], np.array([10.0, 14.0, 10.6])
    actions = [ShareEvent(day("2024-06-05"), share_ratio=0.4)]
    for stepped in ("2024-06-05", "2024-06-06", "2024-06-07"):
        events = [FactorEvent(day(stepped), 1.4)]

        assert ((FactorEvent(day(stepped), 1.4, 1.4),), ()) == explain(
            events, actions, traded, closes
        )


def test_steps_outside_the_bars_are_taken_as_announced():
    events = [
        FactorEvent(day("2020-06-05"), 1.5),
        FactorEvent(day("2024-06-05"), 3.0),
        FactorEvent(day("2024-09-06"), 3.3),
    ]
    actions = [
        ShareEvent(day("2020-06-05"), share_ratio=0.3),
        ShareEvent(day("2024-06-05"), share_ratio=1.0),
    ]

    explained, problems = explain(events, actions, WEEK, np.full(5, 10.0))

    assert [1.3, 2.6, 2.6] == [event.share_factor for event in explained]
    assert () == problems


def test_an_impossible_dividend_is_a_sentence_and_not_the_end():
    actions = [ShareEvent(day("2024-06-05"), cash_per_share=12.0)]

    explained, (problem,) = explain(
        [FactorEvent(day("2024-06-05"), 1.1)], actions, WEEK, np.full(5, 10.0)
    )

    assert [None] == [event.share_factor for event in explained]
    assert "amounts are probably per 10 shares" in problem


@pytest.fixture(scope="module")
def watchlist(market):
    """Bars and actions of 31 real names: closes, factors of the bars, actions as announced."""
    bars = pd.read_parquet(market / "bars.parquet")
    known = pd.read_csv(market / "corporate_actions.csv")
    known = known[known["scope"] == "watchlist"]
    cash = known["cash_per_share_est"].fillna(known["prev_close"] - known["ex_ref"])
    # The file's ratios follow from the reference; announced ones are whole shares per 10.
    known = known.assign(cash=cash, announced=(known["share_ratio"] - 1).round(1))
    return [
        (
            code,
            frame.assign(day=pd.to_datetime(frame["date"]).to_numpy().astype("datetime64[D]")),
            [
                ShareEvent(day(row.ex_date), row.cash, row.announced)
                for row in known[known["code"] == code].itertuples()
            ],
        )
        for code, frame in bars.groupby("code")
    ]


#: Steps told to rest on shares of the company's own; the cash of 301165.SZ is the file's estimate.
OWN_SHARES = {"300308.SZ": ["2024-06-06"], "301165.SZ": ["2024-06-04"]}


def test_real_steps_are_explained_and_give_the_real_share_factors(watchlist):
    judged = 0
    for code, bars, actions in watchlist:
        dates, factor = bars["day"].to_numpy().astype("datetime64[D]"), bars["factor"].to_numpy()
        at = np.flatnonzero(np.diff(factor)) + 1
        events = [FactorEvent(dates[row].astype(dt.date), float(factor[row])) for row in at]
        judged += len(events)

        explained, problems = explain(events, actions, dates, bars["close"].to_numpy())
        _, shares = factors_on(dates, explained)

        told = [problem[:10] for problem in problems if "were entitled" in problem]
        assert OWN_SHARES.get(code, []) == told, code
        assert len(told) == len(problems), code
        np.testing.assert_allclose(shares, bars["share_factor"], rtol=2e-5, err_msg=code)
    assert 116 == judged


def test_real_actions_give_the_real_factors(watchlist):
    """But for 300308.SZ, which holds 2% of its shares: nominal amounts overstate its step."""
    for code, bars, actions in watchlist:
        dates = bars["day"].to_numpy().astype("datetime64[D]")

        made = events_from_actions(actions, dates, bars["close"].to_numpy())
        factor, _ = factors_on(dates, made)

        off = np.abs(factor / bars["factor"].to_numpy() - 1).max()
        assert off < (0.006 if code == "300308.SZ" else 1e-3), code


def test_the_buy_back_of_300308_is_seen(watchlist):
    """4 for 10 was announced for 2024-06-06; the exchange's reference spread 0.3919."""
    _, bars, actions = next(each for each in watchlist if each[0] == "300308.SZ")
    nominal = [
        ShareEvent(a.ex_date, 0.45, 0.4) if a.ex_date == day("2024-06-06") else a for a in actions
    ]
    dates, closes = bars["day"].to_numpy().astype("datetime64[D]"), bars["close"].to_numpy()
    row = int(np.searchsorted(dates, np.datetime64("2024-06-06")))
    step = float(bars["factor"].iloc[row] / bars["factor"].iloc[row - 1])

    (event,), problems = explain(
        [FactorEvent(day("2024-06-06"), step)],
        nominal,
        dates[row - 1 : row + 1],
        closes[row - 1 : row + 1],
    )

    (problem,) = problems
    assert problem.startswith("2024-06-06: the factor steps by ")
    assert "explained if only 97.9" in problem
    assert "the rest would be the company's own" in problem
    assert "seldom" not in problem
    assert pytest.approx(1.3919, abs=1e-4) == event.share_factor
