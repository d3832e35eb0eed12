"""Industries between two closes: against raw levels, by hand, and where levels are missing."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from thesis.errors import PricesError
from thesis.market.panel import PricePanel
from thesis.market.prices import open_prices
from thesis.scoring.index_returns import BENCHMARK, CODES, index_returns

FIRST, LAST, BASE = dt.date(2024, 9, 11), dt.date(2024, 10, 11), dt.date(2023, 12, 29)
SESSIONS = ["2024-09-09", "2024-09-10", "2024-09-11", "2024-09-12", "2024-09-13"]
MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY = map(dt.date.fromisoformat, SESSIONS)


def panel(**closes):
    """A panel of index closes on five sessions; None where there is no level."""
    rows = [
        {"code": code.replace("_", "."), "date": day, "close": close}
        for code, values in closes.items()
        for day, close in zip(SESSIONS, values, strict=True)
        if close is not None
    ]
    columns = ("open", "high", "low", "volume", "amount")
    return PricePanel.from_frame(pd.DataFrame(rows).assign(**dict.fromkeys(columns), factor=1.0))


def hand(**changes):
    closes = {
        "000300_SH": [100, 100, 104, 102, 110],
        "801760_SI": [50, 52, 55, 54, 60],
        "801750_SI": [10, 20, 20, 20, 22],
        "801080_SI": [40, 40, 40, 40, 44],
    }
    return panel(**(closes | changes))


@pytest.fixture(scope="module")
def levels(market):
    """Closes straight from the file, a column an index."""
    bars = pd.read_parquet(market / "index.parquet", columns=["code", "date", "close"])
    return bars.assign(date=pd.to_datetime(bars["date"]).dt.date).pivot_table(
        index="date", columns="code", values="close"
    )


@pytest.fixture(scope="module")
def real(market):
    return open_prices(market, {BENCHMARK, *CODES})


def test_returns_excess_ranks_and_paths_are_those_of_raw_closes(real, levels):
    found = index_returns(real, FIRST, LAST, BASE)

    whole = levels.loc[LAST] / levels.loc[FIRST] - 1
    industries = whole[[code for code in whole.index if code.endswith(".SI")]]
    assert 31 == len(found.known) == len(industries)
    assert pytest.approx(0.2200277835501936, abs=1e-15) == found.benchmark.ret
    assert list(industries.sort_values(ascending=False).index) == [x.code for x in found.known]
    assert list(range(1, 32)) == [each.rank for each in found.known]
    assert int((industries > whole[BENCHMARK]).sum()) == found.ahead
    for each in found.known:
        assert pytest.approx(whole[each.code], abs=1e-12) == each.ret
        assert pytest.approx(whole[each.code] - whole[BENCHMARK], abs=1e-12) == each.excess
        since = levels.loc[BASE:LAST, each.code] / levels.loc[BASE, each.code] - 1
        np.testing.assert_allclose(found.paths[each.code], since.to_numpy(), atol=1e-12)
        assert pytest.approx(since.iloc[-1], abs=1e-12) == each.since_base


def test_media_and_computer_are_as_a_hand_computes_them(real):
    found = index_returns(real, FIRST, LAST)

    # Closes of 2024-09-11 and 2024-10-11, as printed by the file.
    assert pytest.approx(558.10 / 477.85 - 1, abs=1e-12) == found.of("801760.SI").ret
    assert pytest.approx(3911.64 / 2904.29 - 1, abs=1e-12) == found.of("801750.SI").ret


def test_by_hand_of_three_indices():
    found = index_returns(hand(), TUESDAY, FRIDAY)

    # 100 -> 110, 52 -> 60, 20 -> 22, 40 -> 44
    assert pytest.approx(0.10) == found.benchmark.ret
    assert (None, None) == (found.benchmark.excess, found.benchmark.rank)
    assert ["801760.SI", "801080.SI", "801750.SI"] == [each.code for each in found.known]
    assert [1, 2, 2] == [each.rank for each in found.known]
    assert pytest.approx(60 / 52 - 1.10) == found.known[0].excess
    assert 1 == found.ahead
    assert 28 == len(found.unknown)
    assert {"no_levels"} == {each.reason for each in found.unknown}


def test_a_base_moves_the_paths_and_no_return():
    plain = index_returns(hand(), TUESDAY, FRIDAY)
    based = index_returns(hand(), TUESDAY, FRIDAY, MONDAY)

    np.testing.assert_allclose([0.0, 1.0, 1.0, 1.0, 1.2], based.paths["801750.SI"])
    np.testing.assert_allclose([0.0, 0.0, 0.0, 0.1], plain.paths["801750.SI"])
    assert pytest.approx(1.2) == based.of("801750.SI").since_base
    assert plain.of("801750.SI").ret == based.of("801750.SI").ret
    assert plain.of("801750.SI").ret == plain.of("801750.SI").since_base


@pytest.mark.parametrize(
    ("media", "base", "reason", "ret", "since"),
    [
        ([50, None, 55, 54, 60], MONDAY, "no_first", None, 0.2),
        ([50, 52, 55, 54, None], MONDAY, "no_last", None, None),
        ([None, 52, 55, 54, 60], MONDAY, "no_base", 60 / 52 - 1, None),
    ],
)
def test_an_index_without_a_level_on_a_session_is_told_with_its_reason(
    media, base, reason, ret, since
):
    found = index_returns(hand(**{"801760_SI": media}), TUESDAY, FRIDAY, base).of("801760.SI")

    assert reason == found.reason
    assert found.ret == (None if ret is None else pytest.approx(ret))
    assert found.since_base == (None if since is None else pytest.approx(since))
    assert (found.excess is None) is (ret is None) is (found.rank is None)


def test_a_gap_inside_carries_the_path_and_is_named():
    gappy = hand(**{"801760_SI": [50, 52, None, 54, 60], "801080_SI": [40, 40, None, None, 44]})
    found = index_returns(gappy, TUESDAY, FRIDAY)

    np.testing.assert_allclose([0.0, 0.0, 54 / 52 - 1, 60 / 52 - 1], found.paths["801760.SI"])
    assert {WEDNESDAY: {"801760.SI", "801080.SI"}, THURSDAY: {"801080.SI"}} == {
        day: set(codes) for day, codes in found.carried.items()
    }


def test_the_days_on_which_shenwan_is_missing_are_told(real):
    gaps = index_returns(real, dt.date(2021, 9, 30), dt.date(2021, 10, 29)).carried
    on_one = index_returns(real, dt.date(2021, 10, 11), dt.date(2021, 10, 29))

    assert {dt.date(2021, 10, 8), dt.date(2021, 10, 22)} == set(gaps)
    # Four industries begin in December 2021: later levels do not count.
    assert ["801950.SI", "801960.SI", "801970.SI", "801980.SI"] == [x.code for x in on_one.unknown]
    assert {"no_levels"} == {each.reason for each in on_one.unknown}
    with pytest.raises(
        PricesError, match="no Shenwan level 1 index has a close on both 2021-10-08"
    ):
        index_returns(real, dt.date(2021, 10, 8), dt.date(2021, 10, 29))


def test_later_levels_change_nothing():
    before = index_returns(hand(), TUESDAY, THURSDAY, MONDAY)
    after = index_returns(
        hand(**{"801760_SI": [50, 52, 55, 54, 1], "000300_SH": [100, 100, 104, 102, 7]}),
        TUESDAY, THURSDAY, MONDAY,
    )  # fmt: skip

    assert before.industries == after.industries
    assert before.benchmark == after.benchmark
    np.testing.assert_array_equal(before.paths["801760.SI"], after.paths["801760.SI"])


@pytest.mark.parametrize(
    ("changes", "first", "last", "base", "sentence"),
    [
        ({"000300_SH": [None] * 5}, TUESDAY, FRIDAY, None, "has no levels of the CSI 300"),
        (
            {"000300_SH": [None, None, 104, 102, 110]}, TUESDAY, FRIDAY, None,
            "on 2024-09-10, where the review starts; it has levels from 2024-09-11 to 2024-09-13",
        ),
        (
            {"000300_SH": [100, 100, 104, 102, None]}, TUESDAY, FRIDAY, None,
            "on 2024-09-13, where the review ends",
        ),
        (
            {"000300_SH": [None, 100, 104, 102, 110]}, TUESDAY, FRIDAY, MONDAY,
            "on 2024-09-09, where the review has its base",
        ),
    ],
)  # fmt: skip
def test_without_a_benchmark_there_is_a_sentence(changes, first, last, base, sentence):
    with pytest.raises(PricesError, match=sentence):
        index_returns(hand(**changes), first, last, base)
