import math
from decimal import ROUND_HALF_EVEN, Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from thesis.research.rating import RatingScale, shipped_scales

SINOLINK = shipped_scales()["sinolink_industry"]
HONGXIN = shipped_scales()["hongxin_industry"]
HONGXIN_STOCK = shipped_scales()["hongxin_stock"]

LEAST = 5e-324  # the smallest positive float


def rounded(excess):
    return Decimal(excess).quantize(Decimal("1e-10"), ROUND_HALF_EVEN)


def rated_by_hand(excess):
    value = rounded(excess)
    if value >= Decimal("0.15"):
        return "buy"
    if value >= Decimal("0.05"):
        return "overweight"
    if value > Decimal("-0.05"):
        return "neutral"
    return "underweight"


@given(
    st.one_of(
        st.floats(-1.5, 5.0),
        st.builds(
            lambda edge, off: edge + off,
            st.sampled_from([-0.15, -0.05, 0.0, 0.05, 0.15]),
            st.floats(-1e-8, 1e-8),
        ),
    )
)
@example(0.15)
@example(math.nextafter(0.15, 0))
@example(math.nextafter(0.15, 1))
@example(0.15 - 6e-11)
@example(1.15 - 1)
@example(1.05 - 1)
@example(0.95 - 1)
@example(math.nextafter(-0.05, 0))
@example(-0.05 + 6e-11)
@example(LEAST)
@example(-0.0)
def test_the_earned_band_is_the_one_a_chain_of_ifs_finds(excess):
    assert rated_by_hand(excess) == SINOLINK.earned(excess)


@pytest.mark.parametrize(
    ("excess", "rating"),
    [
        (math.inf, "buy"),
        (0.1501, "buy"),
        (0.15, "buy"),
        (0.1499999999, "overweight"),
        (0.05, "overweight"),
        (0.0499999999, "neutral"),
        (0.0, "neutral"),
        (-0.0499999999, "neutral"),
        (-0.05, "underweight"),
        (-1.0, "underweight"),
        (-math.inf, "underweight"),
    ],
)
def test_an_edge_belongs_to_the_band_further_from_zero(excess, rating):
    assert rating == SINOLINK.earned(excess)


@pytest.mark.parametrize(
    ("excess", "rating"),
    [(0.10, "outperform"), (0.0999, "in_line"), (-0.0999, "in_line"), (-0.10, "underperform")],
)
def test_another_publishers_bands_are_read_the_same_way(excess, rating):
    assert rating == HONGXIN.earned(excess)


def test_an_unknown_return_earns_no_rating():
    with pytest.raises(ValueError, match="the excess return is NaN"):
        SINOLINK.earned(math.nan)


@pytest.mark.parametrize(
    ("excess", "near"),
    [
        (0.145, True),
        (0.1449, False),
        (0.155, True),
        (0.1551, False),
        (0.055, True),
        (0.0, False),
        (-0.045, True),
        (-0.0449, False),
        (-0.055, True),
        (-0.0551, False),
        (-0.15, False),
    ],
)
def test_near_edge_is_within_half_a_point_both_ends_included(excess, near):
    assert near == SINOLINK.near_edge(excess)


@pytest.mark.parametrize(
    ("claimed", "verdicts"),
    [
        # earned:      buy, overweight, neutral, underweight
        ("buy", ("met", "missed", "missed", "missed")),
        ("overweight", ("exceeded", "met", "missed", "missed")),
        ("neutral", ("missed", "missed", "met", "missed")),
        ("underweight", ("missed", "missed", "missed", "met")),
    ],
)
def test_the_verdict_on_every_claim_and_outcome(claimed, verdicts):
    outcomes = ("buy", "overweight", "neutral", "underweight")

    assert verdicts == tuple(SINOLINK.verdict(claimed, earned) for earned in outcomes)


def test_a_claim_below_zero_is_exceeded_by_the_band_beneath_it():
    scale = RatingScale(
        publisher="p",
        source="s",
        months=(6, 6),
        bands=(
            {"id": "neutral", "name": "Neutral", "from": -0.05},
            {"id": "reduce", "name": "Reduce", "from": -0.15},
            {"id": "sell", "name": "Sell"},
        ),
    )

    assert "exceeded" == scale.verdict("reduce", "sell")
    assert "missed" == scale.verdict("sell", "reduce")
    assert "missed" == scale.verdict("neutral", "sell")


@pytest.mark.parametrize(
    ("word", "band"),
    [
        ("buy", "buy"),
        ("Buy", "buy"),
        (" 买入 ", "buy"),
        ("增持", "overweight"),
        ("NEUTRAL", "neutral"),
        ("减持", "underweight"),
    ],
)
def test_a_publishers_word_finds_its_band(word, band):
    assert band == SINOLINK.find(word).id


@pytest.mark.parametrize("word", ["", "hold", "强烈推荐"])
def test_a_word_off_the_scale_finds_nothing(word):
    assert SINOLINK.find(word) is None


def test_the_sinolink_scale_is_what_the_report_prints():
    assert [("buy", "买入", 0.15), ("overweight", "增持", 0.05)] == [
        (band.id, band.name_zh, band.lower) for band in SINOLINK.bands[:2]
    ]
    assert [("neutral", "中性", -0.05), ("underweight", "减持", None)] == [
        (band.id, band.name_zh, band.lower) for band in SINOLINK.bands[2:]
    ]
    assert (0.15, 0.05, -0.05) == SINOLINK.edges
    assert (3, 4, 5, 6) == SINOLINK.month_ends
    assert "000300.SH" == SINOLINK.benchmark
    assert "Overweight" == SINOLINK.band("overweight").name


def test_every_shipped_scale_says_where_it_is_printed():
    assert {"sinolink_industry", "hongxin_industry", "hongxin_stock"} == set(shipped_scales())
    assert (6,) == HONGXIN.month_ends
    assert (0.20, 0.05, -0.05) == HONGXIN_STOCK.edges
    assert all(len(scale.source) > 20 for scale in shipped_scales().values())


GOOD = {
    "publisher": "p",
    "source": "s",
    "months": (3, 6),
    "bands": [{"id": "buy", "name": "Buy", "from": 0.1}, {"id": "sell", "name": "Sell"}],
}


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"months": (6, 3)}, "months = [6, 3]: write the first and last month, as [3, 6]"),
        ({"months": (0, 3)}, "months = [0, 3]: write the first and last month, as [3, 6]"),
        (
            {"bands": [{"id": "buy", "name": "Buy"}, {"id": "sell", "name": "Sell"}]},
            "bands: every band but the last (worst) has a lower edge 'from'",
        ),
        (
            {
                "bands": [
                    {"id": "sell", "name": "Sell", "from": 0.1},
                    {"id": "buy", "name": "Buy", "from": 0.1},
                    {"id": "x", "name": "X"},
                ]
            },
            "bands run from best to worst, so their edges must fall",
        ),
        (
            {"bands": [{"id": "buy", "name": "Buy", "from": 0.1}, {"id": "buy", "name": "B"}]},
            "bands: id 'buy' is used 2 times",
        ),
        ({"benchmark": "600000.SH"}, "600000.SH is a stock; write an index, as 000300.SH"),
        ({"benchmark": "the market"}, "security code 'the market' cannot be read"),
    ],
)
def test_a_scale_that_cannot_be_is_refused_saying_why(change, message):
    with pytest.raises(ValidationError) as caught:
        RatingScale.model_validate({**GOOD, **change})

    assert message in str(caught.value)


def test_a_scales_benchmark_may_be_spelled_as_any_code():
    assert "000905.SH" == RatingScale.model_validate({**GOOD, "benchmark": "sh000905"}).benchmark
