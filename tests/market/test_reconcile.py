"""Two frames of one code, made by hand so that every difference is known beforehand."""

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from thesis.market.reconcile import Difference, reconcile

DAYS = ("2024-10-14", "2024-10-15", "2024-10-16", "2024-10-17", "2024-10-18")
CLOSE = (10.00, 10.20, 9.90, 10.05, 10.10)


def bars(code="300308.SZ", **columns):
    """Five bars with a step of 1.02 on the third session; a keyword replaces a column."""
    table = {
        "code": code,
        "date": pd.to_datetime(list(DAYS)),
        "close": list(CLOSE),
        "volume": 1000.0,
        "factor": [1.0, 1.0, 1.02, 1.02, 1.02],
    }
    return pd.DataFrame(table | columns)


def day(number):
    return dt.date(2024, 10, number)


def test_the_same_bars_agree_over_their_whole_span():
    found = reconcile(bars(), bars())

    assert found.agrees
    assert ("300308.SZ", 5, day(14), day(18)) == (
        found.code, found.sessions, found.first, found.last,
    )  # fmt: skip
    assert 1.0 == found.volume_ratio


def test_a_close_off_by_a_cent_is_told_with_its_day_and_both_values():
    found = reconcile(bars(), bars(close=[10.00, 10.20, 9.91, 10.05, 10.10]))

    assert (Difference(day(16), 9.90, 9.91),) == found.closes
    assert not found.agrees
    assert () == found.volumes + found.steps


def test_closes_half_a_tick_apart_are_one_rounded_twice():
    half = reconcile(bars(), bars(close=[10.005, 10.20, 9.90, 10.05, 10.10]))
    more = reconcile(bars(), bars(close=[10.006, 10.20, 9.90, 10.05, 10.10]))

    assert half.agrees
    assert [day(14)] == [each.date for each in more.closes]


def test_volume_in_lots_is_off_on_every_session_and_the_ratio_says_why():
    found = reconcile(bars(), bars(volume=100_000.0))

    assert 5 == len(found.volumes)
    assert 100.0 == found.volume_ratio
    assert Difference(day(14), 1000.0, 100_000.0) == found.volumes[0]


@pytest.mark.parametrize(("volume", "off"), [(1020.0, 0), (1020.1, 1), (980.0, 1), (981.0, 0)])
def test_a_volume_may_differ_by_two_per_cent_of_the_smaller(volume, off):
    found = reconcile(bars(), bars(volume=[volume, 1000.0, 1000.0, 1000.0, 1000.0]))

    assert off == len(found.volumes)


@pytest.mark.parametrize("unknown", [np.nan, 0.0])
def test_a_volume_that_a_side_does_not_know_is_not_compared(unknown):
    found = reconcile(bars(volume=unknown), bars())

    assert found.agrees
    assert np.isnan(found.volume_ratio)


def test_a_session_without_volume_where_the_other_side_traded_is_off():
    found = reconcile(bars(), bars(volume=[1000.0, 0.0, 1000.0, 1000.0, 1000.0]))

    assert (Difference(day(15), 1000.0, 0.0),) == found.volumes


def test_a_step_that_only_one_side_has_is_told_as_none_on_the_other():
    found = reconcile(bars(), bars(factor=1.0))

    assert (Difference(day(16), 1.02, None),) == found.steps


def test_a_step_on_another_day_is_two_differences():
    found = reconcile(bars(), bars(factor=[1.0, 1.0, 1.0, 1.02, 1.02]))

    assert [(day(16), 1.02, None), (day(17), None, 1.02)] == [
        dataclasses.astuple(each) for each in found.steps
    ]


# The close before is 10.20, so the reference is 10.00 and a cent on it makes 0.1 %.
@pytest.mark.parametrize(
    ("reference", "agrees"), [(10.00, True), (9.99, True), (10.01, True), (9.98, False)]
)
def test_steps_agree_within_a_cent_on_the_reference(reference, agrees):
    step = 10.20 / reference

    found = reconcile(bars(), bars(factor=[1.0, 1.0, step, step, step]))

    assert agrees == found.agrees


@pytest.mark.parametrize(("cash", "agrees"), [(0.005, True), (0.008, False)])
def test_a_lone_step_agrees_if_its_dividend_can_round_to_no_step(cash, agrees):
    step = 10.20 / (10.20 - cash)

    found = reconcile(bars(factor=1.0), bars(factor=[1.0, 1.0, step, step, step]))

    assert agrees == found.agrees


def test_on_dear_shares_a_step_may_be_off_by_a_ten_thousandth():
    dear = [1000.0 * each for each in CLOSE]
    factor = np.array([1.0, 1.0, 1.02, 1.02, 1.02])

    def other(off):
        return bars(close=dear, factor=np.where(factor > 1, factor * (1 + off), 1.0))

    assert reconcile(bars(close=dear), other(0.9e-4)).agrees
    assert not reconcile(bars(close=dear), other(1.1e-4)).agrees


def test_a_close_in_other_units_does_not_hide_a_missing_step():
    found = reconcile(bars(), bars(close=[each / 1000 for each in CLOSE], factor=1.0))

    assert 5 == len(found.closes)
    assert [day(16)] == [each.date for each in found.steps]


@pytest.mark.parametrize("scale", [0.25, 7.3])
def test_scaling_one_sides_factor_changes_nothing(scale):
    for other in (bars(), bars(factor=1.0), bars(close=[10.0, 10.3, 9.9, 10.05, 10.1])):
        scaled = other.assign(factor=scale * other["factor"])

        assert reconcile(bars(), other) == reconcile(bars(), scaled)


def test_a_session_that_a_side_lacks_within_the_common_span_is_missing_there():
    found = reconcile(bars().drop(index=1), bars().drop(index=3))

    assert ((day(15),), (day(17),)) == (found.missing_here, found.missing_there)
    assert 3 == found.sessions
    assert () == found.closes + found.volumes + found.steps


def test_the_first_and_last_day_of_the_common_span_belong_to_it():
    found = reconcile(bars().iloc[1:4], bars().drop(index=[1, 3]))

    assert (day(15), day(17)) == (found.first, found.last)
    assert ((), (day(15), day(17))) == (found.missing_here, found.missing_there)


def test_a_step_on_a_session_that_a_side_lacks_is_found_on_the_next():
    without = bars().drop(index=2)

    assert () == reconcile(bars(), without).steps
    assert (Difference(day(17), 1.02, None),) == reconcile(bars(), without.assign(factor=1.0)).steps


def test_sessions_outside_the_common_span_are_not_missing():
    found = reconcile(bars().iloc[1:], bars().iloc[:4])

    assert found.agrees
    assert (3, day(15), day(17)) == (found.sessions, found.first, found.last)


def test_without_a_session_in_common_nothing_agrees():
    for one, other in (
        (bars().iloc[:2], bars().iloc[3:]),
        (bars().iloc[[0, 2, 4]], bars().iloc[[1, 3]]),
    ):
        found = reconcile(one, other)

        assert 0 == found.sessions
        assert not found.agrees


def test_an_index_without_factor_or_volume_is_compared_by_its_closes():
    level = bars("000300.SH", volume=np.nan, factor=np.nan)

    assert reconcile(level, level.drop(columns=["volume", "factor"])).agrees
    assert 1 == len(reconcile(level, level.assign(close=[4, 10.20, 9.90, 10.05, 10.10])).closes)


def test_the_sides_may_be_exchanged():
    one = bars().drop(index=1)
    other = bars(
        close=[10.0, 10.2, 9.95, 10.05, 10.1],
        volume=[1000, 1000, 1000, 50_000, 1000],
        factor=[1.0, 1.0, 1.02, 1.02, 1.5],
    ).drop(index=0)

    there, back = reconcile(one, other), reconcile(other, one)

    for name in ("closes", "volumes", "steps"):
        turned = tuple(Difference(d.date, d.there, d.here) for d in getattr(back, name))
        assert getattr(there, name) == turned
        assert 1 == len(turned)
    assert (there.missing_here, there.missing_there) == (back.missing_there, back.missing_here)
    assert there.sessions == back.sessions


def test_frames_of_two_codes_are_refused():
    with pytest.raises(ValueError, match="two frames of one code"):
        reconcile(bars(), bars("300502.SZ"))
