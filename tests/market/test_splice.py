"""Where bars of two sources may be joined, by hand; the numbers are not those of the module."""

import datetime as dt

import numpy as np
import pytest
from fakes.deliveries import DAYS, MONDAY_AFTER, delivery, raw

from thesis.errors import PricesError
from thesis.market.sources.failure import SourceError
from thesis.market.splice import check_overlap, check_restated
from thesis.market.storage.merge import merge

CODE = "300308.SZ"
LATER = MONDAY_AFTER + dt.timedelta(days=1)


def held(*deliveries):
    holding = None
    for one in deliveries:
        holding, _ = merge(holding, one)
    return holding


SINA = held(delivery())


def joins(bars, known=SINA, source="eastmoney"):
    try:
        check_overlap(CODE, source, bars, known)
    except SourceError as error:
        return str(error) if error.kind == "bad_bars" else error.kind
    return "joined"


@pytest.mark.parametrize("field", ["open", "high", "low", "close"])
@pytest.mark.parametrize(("by", "may"), [(0.004, True), (0.005, True), (0.006, False)])
@pytest.mark.parametrize("sign", [1, -1])
def test_each_price_agrees_to_half_a_tick(field, by, may, sign):
    bars = raw()
    bars.loc[3, field] += sign * by

    assert may == (joins(bars) == "joined")
    if not may:
        assert f"its {field} on 2024-10-17 is " in joins(bars)
        assert "where sina has " in joins(bars)


@pytest.mark.parametrize(
    ("ratio", "may"), [(1.019, True), (0.981, True), (1.03, False), (0.97, False), (100, False)]
)
def test_volumes_agree_to_two_in_a_hundred(ratio, may):
    bars = raw()
    bars["volume"] *= ratio

    assert may == (joins(bars) == "joined")


def test_one_volume_that_is_off_is_no_reason():
    bars = raw()
    bars.loc[2, "volume"] *= 50

    assert joins(bars) == "joined"


def test_what_a_source_does_not_say_contradicts_nothing():
    nothing = dict.fromkeys(("open", "high", "low", "volume", "amount"), np.nan)

    assert joins(raw(**nothing)) == "joined"


def test_a_source_without_a_common_session_cannot_be_joined():
    known = held(delivery(days=DAYS[:2]))

    assert "no session in common with the stored bars of sina" in joins(raw().iloc[2:], known)


def test_nothing_is_held_against_nothing():
    assert joins(raw(), None) == "joined"
    assert joins(raw().iloc[:0]) == "joined"
    assert joins(raw(close=10.4), source="sina") == "joined"


SPLICED = held(
    delivery(bars=raw().iloc[:3]), delivery(bars=raw().iloc[2:], source="eastmoney", at=LATER)
)


@pytest.mark.parametrize(
    ("source", "row", "of"),
    [("sina", 4, "eastmoney"), ("eastmoney", 1, "sina"), ("csindex", 1, "sina"),
     ("csindex", 4, "eastmoney")],
)  # fmt: skip
def test_each_held_bar_is_held_against_whoever_else_sends_its_day(source, row, of):
    bars = raw()
    bars.loc[row, "close"] += 0.02

    assert f"where {of} has {raw().loc[row, 'close']:g}" in joins(bars, SPLICED, source)


@pytest.mark.parametrize(("source", "row"), [("sina", 1), ("eastmoney", 4)])
def test_a_source_may_revise_its_own_part_of_a_splice(source, row):
    bars = raw()
    bars.loc[row, "close"] += 0.02

    assert joins(bars, SPLICED, source) == "joined"


def test_a_source_that_delivered_before_needs_no_session_of_the_other():
    assert joins(raw().iloc[:2], SPLICED, "sina") == "joined"


TEN = ["2024-10-14", "2024-10-15", "2024-10-16", "2024-10-17", "2024-10-18",
       "2024-10-21", "2024-10-22", "2024-10-23", "2024-10-24", "2024-10-25"]  # fmt: skip


@pytest.mark.parametrize(
    ("days", "changed", "by", "refused"),
    [(10, 6, 0.02, True), (10, 5, 0.02, False), (5, 5, 0.02, True), (4, 4, 0.02, False),
     (10, 10, 0.004, False)],
)  # fmt: skip
def test_a_source_that_changes_most_closes_is_another(days, changed, by, refused):
    known = held(delivery(days=TEN, at=MONDAY_AFTER + dt.timedelta(days=7)))
    bars = raw(TEN).iloc[:days]
    bars.loc[: changed - 1, "close"] += by

    if refused:
        with pytest.raises(PricesError, match=rf"on {changed} of {days} stored closes, first on "):
            check_restated(CODE, "sina", bars, known)
    else:
        check_restated(CODE, "sina", bars, known)
    check_restated(CODE, "eastmoney", bars, known)
