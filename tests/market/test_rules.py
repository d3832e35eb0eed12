import datetime as dt
import sys
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from thesis.errors import RulesError
from thesis.market import rules
from thesis.market.rules import LOTS, NO_FEES, FeeRates, Lot, cents, citation, fee_rates
from thesis.research.security import parse_security

SHANGHAI, SHENZHEN, BEIJING = map(parse_security, ("600050.SH", "300308.SZ", "920002.BJ"))
MILLION = 1_000_000.0


def day(text):
    return dt.date.fromisoformat(text)


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
    rates = fee_rates(security, day(date))

    assert buy == pytest.approx(float(rates.buy(MILLION)), abs=1e-9)
    assert sell == pytest.approx(float(rates.sell(MILLION)), abs=1e-9)


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
    rates = fee_rates(BEIJING, day(date))

    assert buy == pytest.approx(float(rates.buy(MILLION)), abs=1e-9)
    assert sell == pytest.approx(float(rates.sell(MILLION)), abs=1e-9)


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
    rates = fee_rates(SHANGHAI, day("2024-10-14"))

    assert buy == pytest.approx(float(rates.buy(amount)), abs=1e-9)
    assert sell == pytest.approx(float(rates.sell(amount)), abs=1e-9)


def test_fees_are_worked_out_for_many_orders_at_once():
    fees = fee_rates(SHANGHAI, day("2024-10-14")).sell(np.array([0.0, 10_000.0, MILLION]))

    np.testing.assert_allclose([0.0, 10.10, 760.0], fees, atol=1e-9)


def test_without_fees_nothing_is_paid():
    assert 0.0 == float(NO_FEES.buy(MILLION))
    assert 0.0 == float(NO_FEES.sell(MILLION))


@pytest.mark.parametrize(
    ("security", "date", "rule", "market"),
    [
        (SHANGHAI, "2015-07-31", "transfer_fee_each_side", "XSHG"),
        (SHENZHEN, "2015-07-31", "transfer_fee_each_side", "XSHE"),
        (SHANGHAI, "1995-01-05", "transfer_fee_each_side", "XSHG"),
    ],
)
def test_a_day_without_a_rule_is_said_and_no_fee_is_guessed(security, date, rule, market):
    with pytest.raises(RulesError) as caught:
        fee_rates(security, day(date))

    assert (
        f"{citation()} has no {rule} for {market} on {date}; trading costs on that day are "
        "unknown. `--costs none` leaves fees out." == str(caught.value)
    )
    assert 5 == caught.value.exit_code


def test_beijing_has_no_fees_before_it_opened():
    with pytest.raises(
        RulesError,
        match=r"^the Beijing exchange opened on 2021-11-15; it has no fees on 2021-11-12$",
    ):
        fee_rates(BEIJING, day("2021-11-12"))


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

    assert float(expected) == pytest.approx(
        float(fee_rates(SHANGHAI, day(date)).sell(float(amount))), abs=1e-6
    )


@given(st.floats(0, 1e9), st.floats(0, 1e9))
def test_a_larger_order_never_pays_less(one, other):
    rates = fee_rates(SHANGHAI, dt.date(2024, 10, 14))
    small, large = sorted([one, other])

    assert float(rates.sell(small)) <= float(rates.sell(large))
    assert float(rates.buy(large)) <= float(rates.sell(large))


def test_the_rules_are_cited_by_name_version_and_hash():
    name, version, digest = citation().replace("@", " ").removeprefix("rules: ").split()

    assert "marina-rules" == name
    assert version[0].isdigit()
    assert digest.startswith("sha256:")


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
    assert FeeRates(0.00025, 5.0, 0.00001, 0.0005) == fee_rates(SHENZHEN, day("2024-10-14"))
