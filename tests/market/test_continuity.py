"""Bars that do not hang together are said: by hand, on one name and a handful of sessions."""

import pandas as pd
import pytest

import thesis
from thesis.market.calendar import sessions
from thesis.market.door import admit
from thesis.market.panel import PricePanel


def bars(closes, factor=1.0, vwap=None):
    days = sessions()[sessions() >= pd.Timestamp("2024-10-08")][: len(closes)]
    frame = pd.DataFrame({"date": days.astype("M8[s]"), "close": closes})
    frame["code"], frame["factor"], frame["volume"] = "300308.SZ", factor, 1000.0
    frame["open"] = frame["high"] = frame["low"] = frame["close"]
    frame["amount"] = frame["volume"] * (frame["close"] if vwap is None else vwap)
    return frame


def codes(frame):
    return [caution.code for caution in PricePanel.from_frame(frame).cautions]


FLAT = [100.0] * 7


def test_a_split_without_its_factor_is_said():
    found = PricePanel.from_frame(bars([*FLAT, 71.43, 71.43])).cautions

    assert ["price_jump"] == [caution.code for caution in found]
    assert "300308.SZ moves by -29% on 2024-10-17" in found[0].message


def test_a_split_with_its_factor_passes():
    assert [] == codes(bars([*FLAT, 71.43, 71.43], factor=[1.0] * 7 + [1.4, 1.4]))


def test_a_factor_that_steps_without_the_price_is_said():
    assert ["price_jump"] == codes(bars([*FLAT, 100.0], factor=[1.0] * 7 + [2.0]))


def test_a_move_within_the_limit_of_chinext_passes():
    assert [] == codes(bars([*FLAT, 120.0]))


def test_prices_that_look_adjusted_are_said():
    assert ["looks_adjusted"] == codes(bars(FLAT, vwap=140.0))


def levels(closes, code="000300.SH", days=None, **columns):
    found = sessions()[sessions() >= pd.Timestamp("2024-10-08")][: len(closes)]
    days = found.astype("M8[s]") if days is None else days
    return admit(pd.DataFrame({"code": code, "date": days, "close": closes, **columns}), "x")[1]


def test_a_close_that_lost_a_digit_is_said_once():
    (found,) = levels([4000.0, 4010.0, 400.0, 4020.0])

    assert "index_jump" == found.code
    assert "000300.SH moves by -90% on 2024-10-10" in found.message
    assert "2 such rows" in found.message


def test_an_open_that_is_far_from_all_is_said_even_without_highs_and_lows():
    (found,) = levels([4000.0, 4010.0], open=[4000.0, 3200.0])

    assert "index_jump" == found.code
    assert "-20% on 2024-10-09" in found.message


@pytest.mark.parametrize("name", ["open", "close"])
@pytest.mark.parametrize("level", [3979.9, 4020.2])
def test_a_level_outside_its_high_and_low_is_said(name, level):
    whole = {"closes": [4000.0], "open": [4000.0], "high": [4020.0], "low": [3980.0]}
    whole["closes" if name == "close" else name] = [level]

    (found,) = levels(**whole)

    assert "index_odd" == found.code
    assert f"{level:g}" in found.message


def test_levels_a_cent_apart_are_rounding():
    assert [] == levels([4000.0], open=[4020.01], high=[4020.0], low=[4000.01])


@pytest.mark.parametrize(
    ("code", "move", "odd"),
    [
        ("000300.SH", 1.13, True),
        ("H00300.CSI", 1.13, True),
        ("399006.SZ", 1.173, False),
        ("801980.SI", 1.23, True),
        ("899050.BJ", 1.247, False),
        ("899050.BJ", 1.33, True),
    ],
)
def test_an_index_moves_by_no_more_than_its_members_may(code, move, odd):
    assert (["index_jump"] if odd else []) == [c.code for c in levels([1000.0, 1000 * move], code)]


def test_sessions_without_a_level_and_another_index_make_no_jump():
    over_two = pd.to_datetime(["2024-10-08", "2024-10-10"])
    assert [] == levels([4000.0, 4800.0], days=over_two)
    two = pd.to_datetime(["2024-10-08", "2024-10-08"])
    assert [] == levels([4000.0, 800.0], code=["000300.SH", "801980.SI"], days=two)


def test_no_level_of_the_real_market_is_odd(market):
    real = pd.read_parquet(market / "index.parquet")

    assert [] == admit(real, "index.parquet")[1]


@pytest.mark.parametrize("way", ["frame", "csv"])
def test_a_copy_of_the_sample_is_known_as_simulated(way, tmp_path):
    names = ["300308.SZ", "300502.SZ", "300394.SZ", "000300.SH", "H00300.CSI", "801770.SI"]
    copy = thesis.read_prices("sample", names).to_frame()
    if way == "csv":
        copy.to_csv(tmp_path / "mine.csv", index=False)
    prices = copy if way == "frame" else tmp_path / "mine.csv"

    result = thesis.backtest("optical_module", prices)

    assert result.simulated
    assert "simulated" == result.verdict.primary.result
