import datetime as dt
import sys
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesis.errors import RulesError
from thesis.market import rules
from thesis.market.rules import (
    LOTS,
    Lot,
    cents,
    citation,
    dated,
    fee_table,
    holding_sessions,
    library,
)
from thesis.research.security import parse_security

SHANGHAI, SHENZHEN, BEIJING = map(parse_security, ("600050.SH", "300308.SZ", "920002.BJ"))
MILLION = 1_000_000.0


def day(text):
    return dt.date.fromisoformat(text)


def days(*texts):
    return np.array(texts, dtype="datetime64[D]")


def fees(security, date, amount):
    """What one order pays, bought and sold."""
    table = fee_table([security], days(date))
    amounts = np.array([amount])
    return table.buy(0, amounts).item(), table.sell(0, amounts).item()


# By hand, of CNY 1,000,000: commission 250 at 0.025%; stamp duty on sales 0.1%, 0.05% from
# 2023-08-28; transfer fee 0.002%, 0.001% from 2022-04-29.
@pytest.mark.parametrize("security", [SHANGHAI, SHENZHEN])
@pytest.mark.parametrize(
    ("date", "buy", "sell"),
    [
        ("2015-08-03", 270.0, 1270.0),
        ("2022-04-28", 270.0, 1270.0),
        ("2022-04-29", 260.0, 1260.0),
        ("2023-08-25", 260.0, 1260.0),
        ("2023-08-28", 260.0, 760.0),
        ("2024-10-14", 260.0, 760.0),
        ("2025-04-11", 260.0, 760.0),
    ],
)
def test_an_order_of_a_million_pays_the_fees_of_its_day(security, date, buy, sell):
    assert (buy, sell) == pytest.approx(fees(security, date, MILLION), abs=1e-9)


# Beijing's transfer fee was 0.0025%; ChinaClear's notice of 2022-04-28 set 0.001% for all three.
@pytest.mark.parametrize(
    ("date", "buy", "sell"),
    [
        ("2021-11-15", 275.0, 1275.0),
        ("2022-04-28", 275.0, 1275.0),
        ("2022-04-29", 260.0, 1260.0),
        ("2023-08-28", 260.0, 760.0),
    ],
)
def test_beijing_s_fees_are_ours(date, buy, sell):
    assert (buy, sell) == pytest.approx(fees(BEIJING, date, MILLION), abs=1e-9)


@pytest.mark.parametrize(
    ("amount", "buy", "sell"),
    [
        # Commission is 5 at least; transfer 0.001%; stamp 0.05%.
        (1_000.0, 5.01, 5.51),
        (10_000.0, 5.10, 10.10),
        (20_000.0, 5.20, 15.20),
        (20_020.0, 5.21, 15.22),  # commission 5.005 and stamp 10.01: 5.01 + 0.20 (+ 10.01)
        (100_000.0, 26.00, 76.00),
        (0.0, 0.0, 0.0),
    ],
)
def test_a_small_order_pays_five_yuan_of_commission(amount, buy, sell):
    assert (buy, sell) == pytest.approx(fees(SHANGHAI, "2024-10-14", amount), abs=1e-9)


def test_each_session_and_name_pays_its_own_fees():
    # 2022-04-28: transfer 0.002%, in Beijing 0.0025%, stamp 0.1%; 2023-08-28: 0.001% and 0.05%.
    table = fee_table([SHANGHAI, BEIJING], days("2022-04-28", "2023-08-28"))
    amounts = np.array([MILLION, 100_000.0])

    np.testing.assert_allclose([270.0, 27.5], table.buy(0, amounts), atol=1e-9)
    np.testing.assert_allclose([1270.0, 127.5], table.sell(0, amounts), atol=1e-9)
    np.testing.assert_allclose([260.0, 26.0], table.buy(1, amounts), atol=1e-9)
    np.testing.assert_allclose([760.0, 76.0], table.sell(1, amounts), atol=1e-9)
    np.testing.assert_allclose(
        [[1270.0, 127.5], [760.0, 76.0]], table.sell_all(np.stack([amounts, amounts])), atol=1e-9
    )


def test_fees_of_many_portfolios_are_those_of_each():
    table = fee_table([SHANGHAI, BEIJING, SHENZHEN], days("2022-04-28", "2023-08-28"))
    amounts = np.random.default_rng(1).uniform(0, 1e6, (2, 5, 3)).round(2)
    amounts[0, 1], amounts[1, :, 2] = 0.0, np.nan

    together = table.sell_all(amounts)

    assert (2, 5, 3) == together.shape
    for row in range(2):
        np.testing.assert_array_equal(table.sell(row, amounts[row]), together[row])
        for portfolio in range(5):
            np.testing.assert_array_equal(
                table.buy(row, amounts[row, portfolio]), table.buy(row, amounts[row])[portfolio]
            )
            np.testing.assert_array_equal(
                table.sell_all(amounts[:, portfolio])[row], together[row, portfolio]
            )
    assert 0.0 == together[0, 1].max() == together[1, :, 2].max()


def test_without_costs_nothing_is_paid_and_no_rule_is_asked():
    table = fee_table([SHANGHAI, BEIJING], days("1991-01-03", "2024-10-14"), costs=False)

    np.testing.assert_array_equal([0.0, 0.0], table.buy(0, np.array([MILLION, MILLION])))
    np.testing.assert_array_equal(np.zeros((2, 2)), table.sell_all(np.full((2, 2), MILLION)))


def test_no_names_or_no_sessions_pay_nothing():
    assert (1, 0) == fee_table([], days("2024-10-14")).sell_all(np.empty((1, 0))).shape
    assert (0, 1) == fee_table([BEIJING], days()).sell_all(np.empty((0, 1))).shape


@pytest.mark.parametrize(
    ("security", "date", "rule", "market"),
    [
        (SHANGHAI, "2015-07-31", "transfer_fee_each_side", "XSHG"),
        (SHENZHEN, "2015-07-31", "transfer_fee_each_side", "XSHE"),
        (SHANGHAI, "2008-09-19", "transfer_fee_each_side", "XSHG"),
        (SHENZHEN, "2008-09-18", "stamp_duty_sell", "XSHE"),
    ],
)
def test_a_day_without_a_rule_is_said_and_no_fee_is_guessed(security, date, rule, market):
    with pytest.raises(RulesError) as caught:
        fee_table([security], days(date, "2024-10-14"))

    assert (
        f"{library()} has no {rule} for {market} on {date}; trading costs on that day are "
        "unknown. `--costs none` leaves fees out." == str(caught.value)
    )
    assert 5 == caught.value.exit_code


def test_beijing_has_no_rules_before_it_opened():
    told = r"^the Beijing exchange opened on 2021-11-15; it had no rules on 2021-11-12$"

    with pytest.raises(RulesError, match=told):
        fee_table([SHANGHAI, BEIJING], days("2021-11-12", "2021-11-15"))
    with pytest.raises(RulesError, match=told):
        holding_sessions(BEIJING, day("2021-11-12"))


@pytest.mark.parametrize(
    ("security", "date"),
    [(SHANGHAI, "1995-01-03"), (SHENZHEN, "2024-10-14"), (BEIJING, "2021-11-15")],
)
def test_shares_are_held_over_one_session(security, date):
    assert 1 == holding_sessions(security, day(date))


def test_before_t_plus_one_there_is_no_answer():
    with pytest.raises(RulesError, match=r"has no min_holding_days for XSHG on 1994-12-30"):
        holding_sessions(SHANGHAI, day("1994-12-30"))


def test_a_rule_is_dated_by_its_records():
    stamp = dated("stamp_duty_sell", "stock", "XSHE")

    assert [None, 0.001, 0.001, 0.0005] == [
        stamp.on(day(text)) for text in ("2008-09-18", "2008-09-19", "2023-08-27", "2023-08-28")
    ]
    np.testing.assert_array_equal([np.nan, 0.0005], stamp.floats(days("1990-12-19", "2030-01-02")))
    assert [None] == [dated("stamp_duty_sell", "stock", "BJSE").on(day("2024-10-14"))]


def test_records_that_contradict_each_other_are_no_answer(monkeypatch):
    import marina_rules

    def torn(*_):
        raise marina_rules.RuleConflict("2 records in force")

    dated.cache_clear()
    monkeypatch.setattr(marina_rules, "rule_at", torn)
    try:
        assert dated("stamp_duty_sell", "stock", "XSHG").on(day("2024-10-14")) is None
    finally:
        dated.cache_clear()


def test_a_table_of_fees_asks_the_library_once_for_each_span_of_a_rule(monkeypatch):
    import marina_rules

    asked = []
    real = marina_rules.rule_at
    monkeypatch.setattr(marina_rules, "rule_at", lambda *q: asked.append(q) or real(*q))
    dated.cache_clear()
    fee_table([SHANGHAI, BEIJING], np.arange("2021-11-15", "2025-01-01", dtype="datetime64[D]"))

    assert 0 < len(asked) == len(set(asked)) <= 10


def test_the_lots_of_each_board():
    assert {
        "main": Lot(100, 100),
        "chinext": Lot(100, 100),
        "star": Lot(200, 1),
        "bse": Lot(100, 1),
    } == LOTS


@pytest.mark.parametrize(
    ("value", "rounded"),
    [(0.125, 0.13), (0.124, 0.12), (2.675, 2.68), (1.005, 1.01), (0.005, 0.01), (0.0049, 0.0)],
)
def test_half_a_cent_is_rounded_up(value, rounded):
    assert rounded == float(cents(np.array(value)))


@given(
    st.integers(1, 10**12),
    st.sampled_from(["0.00025", "0.00001", "0.00002", "0.000025", "0.0005", "0.001"]),
)
def test_rounding_agrees_with_decimals_to_ten_billion(amount_in_cents, rate):
    amount = Decimal(amount_in_cents) / 100
    expected = (amount * Decimal(rate)).quantize(Decimal("0.01"), ROUND_HALF_UP)

    assert float(expected) == float(cents(float(rate) * np.asarray(float(amount))))


# Amounts, in cents, at which a rate gives an odd number of half cents.
@given(
    st.integers(0, 10**7),
    st.sampled_from(
        [("0.00025", 2_000), ("0.00001", 50_000), ("0.00002", 25_000), ("0.0005", 1_000)]
    ),
)
def test_exactly_half_a_cent_is_rounded_up_whatever_the_amount(count, rate):
    fraction, half = rate
    amount = Decimal((2 * count + 1) * half) / 100
    expected = (amount * Decimal(fraction)).quantize(Decimal("0.01"), ROUND_HALF_UP)

    assert Decimal(count + 1) / 100 == expected
    assert float(expected) == float(cents(float(fraction) * np.asarray(float(amount))))


@given(st.integers(1, 10**11), st.sampled_from(["2021-12-01", "2022-06-01", "2024-10-14"]))
def test_a_sale_pays_each_part_rounded_by_itself(amount_in_cents, date):
    amount = Decimal(amount_in_cents) / 100
    stamp = Decimal("0.0005") if date > "2023-08-28" else Decimal("0.001")
    transfer = Decimal("0.00001") if date > "2022-04-29" else Decimal("0.00002")
    parts = [
        (amount * rate).quantize(Decimal("0.01"), ROUND_HALF_UP)
        for rate in (Decimal("0.00025"), transfer, stamp)
    ]
    expected = max(parts[0], Decimal(5)) + parts[1] + parts[2]

    assert float(expected) == pytest.approx(fees(SHANGHAI, date, float(amount))[1], abs=1e-6)


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_larger_order_never_pays_less(one, other):
    bought, sold = zip(
        *(fees(SHANGHAI, "2024-10-14", amount) for amount in sorted([one, other])), strict=True
    )

    assert sold[0] <= sold[1]
    assert bought[1] <= sold[1]


def test_the_rules_are_cited_by_name_version_and_hash():
    of_library, ours = citation().removeprefix("rules: ").split("; ")
    name, version, digest = of_library.replace("@", " ").split()

    assert "marina-rules" == name
    assert version[0].isdigit()
    assert digest.startswith("sha256:")
    assert "thesis overrides: lots, Beijing fees, T+1 and limit rounding" == ours


def test_reading_the_rules_leaves_yaml_as_it_was():
    import yaml

    ours = yaml.safe_load
    rules._marina.cache_clear()
    rules._marina()

    assert ours is yaml.safe_load
    assert "marina_rules" in sys.modules


def test_yaml_is_restored_when_the_rules_cannot_be_read(monkeypatch):
    import marina_rules
    import yaml

    def broken():
        raise OSError("no such rules")

    ours = yaml.safe_load
    rules._marina.cache_clear()
    monkeypatch.setattr(marina_rules, "records", broken)
    with pytest.raises(OSError, match="no such rules"):
        rules._marina()

    assert ours is yaml.safe_load


def test_rates_are_fractions_of_the_amount():
    table = fee_table([SHENZHEN], days("2024-10-14"))

    assert [0.00025, 5.0, 0.00001, 0.0005] == [
        rate.item() for rate in (table.commission, table.minimum, table.transfer, table.stamp)
    ]
