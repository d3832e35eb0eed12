"""Bars that do not hang together are said: by hand, on one name and a handful of sessions."""

import pandas as pd
import pytest

import thesis
from thesis.market.calendar import sessions
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
