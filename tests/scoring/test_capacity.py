"""How large a strategy can grow before it loses its rating."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thesis import load, read_prices
from thesis.market.benchmark import levels
from thesis.market.calendar import sessions
from thesis.research.rating import shipped_scales
from thesis.scoring.capacity import Capacity, Limited, capacity
from thesis.scoring.reading import Horizon
from thesis.trading.impact import Fill, ImpactModel, first_limited, scaled_gains
from thesis.trading.liquidity import read_liquidity
from thesis.trading.paper import carry_forward

LAW = settings(deadline=None, max_examples=60, derandomize=True)
SCALE = shipped_scales()["sinolink_industry"]
HORIZON = Horizon({"3m": 2, "4m": 3, "5m": 4, "6m": 5})
BASE = 1e7
MODEL = ImpactModel(0.8, 0.2)


def found(net, drag, base=BASE, against=0.0, horizon=HORIZON):
    """The capacity of a net return and a drag that are the same every session."""
    path = np.broadcast_to(net, 6).astype(float)
    return capacity(
        path,
        np.full(6, against),
        lambda scales: np.broadcast_to(np.asarray(drag(scales))[:, None], (len(scales), 6)),
        horizon,
        SCALE,
        base,
        MODEL,
    )


@LAW
@given(st.floats(0.151, 0.9), st.floats(1e-4, 0.05), st.floats(1e5, 1e9))
def test_a_square_root_drag_has_its_capacity_in_closed_form(net, cost, base):
    exact = base * ((net - 0.15) / cost) ** 2
    answer = found(net, lambda scales: -cost * np.sqrt(scales), base)

    if 1e4 < exact < 1e12:
        assert exact == pytest.approx(answer.capital, rel=2e-4)
        assert answer.capital <= exact * (1 + 1e-5)  # excesses are rounded to 1e-10 at an edge
    else:
        assert answer.capital is None


@pytest.mark.parametrize(
    ("net", "rating", "edge", "room"),
    [
        (0.20, "buy", 0.15, 0.05),
        (0.15, "buy", 0.15, 0.0),
        (0.149, "overweight", 0.05, 0.099),
        (0.05, "overweight", 0.05, 0.0),
        (0.0, "neutral", -0.05, 0.05),
    ],
)
def test_it_is_the_lower_edge_of_the_earned_band_that_counts(net, rating, edge, room):
    answer = found(net, lambda scales: -0.001 * scales)

    assert (rating, edge) == (answer.rating, answer.edge)
    if room:
        assert BASE * room / 0.001 == pytest.approx(answer.capital, rel=2e-4)
        assert answer.reason is None
    else:
        assert answer.capital is None
        assert (
            f"{rating.capitalize()} is lost to impact even at CNY 10,000, the smallest looked at"
            == answer.reason
        )


def test_the_worst_band_has_no_capacity():
    answer = found(-0.05, lambda scales: -scales)

    assert (None, "underweight", None) == (answer.capital, answer.rating, answer.edge)
    assert "Underweight is the worst rating, which no size can lose" == answer.reason
    assert -1.05 == pytest.approx(answer.excess)


def test_a_rating_that_size_does_not_cost_has_no_capacity():
    answer = found(0.2, lambda scales: 0.01 * scales / scales)

    assert None is answer.capital
    assert (
        "Buy holds at every size up to CNY 1,000,000,000,000, the largest looked at"
        == answer.reason
    )


def test_without_a_headline_there_is_none():
    unknown = found([0.2, 0.2, 0.2, 0.2, 0.2, np.nan], lambda scales: -scales)
    no_window = found(0.2, lambda scales: -scales, horizon=Horizon({"3m": 2, "6m": None}))

    for answer in (unknown, no_window):
        assert (None, None, None, ()) == (
            answer.capital, answer.rating, answer.excess, answer.curve,
        )  # fmt: skip
        assert (
            "the net excess at the headline reading is not known, so there is no rating to lose"
            == answer.reason
        )


def test_without_any_volatility_there_is_none():
    answer = found(0.2, lambda scales: np.nan * scales)

    assert (None, None, "buy") == (answer.capital, answer.excess, answer.rating)
    assert (
        "no name's volatility before publication is known, so no order's impact is" == answer.reason
    )


def test_the_rating_can_be_lost_at_the_strategy_s_own_capital():
    answer = found(0.16, lambda scales: -0.02 * np.sqrt(scales))

    assert BASE / 4 == pytest.approx(answer.capital, rel=2e-4)
    assert 0.14 == pytest.approx(answer.excess)
    assert "buy" == answer.rating


def test_the_first_loss_counts_though_a_larger_portfolio_regains_the_rating():
    # Between 20 and 30 times the capital the excess is 0.10.
    answer = found(0.2, lambda s: np.where((s > 20) & (s < 30), -0.1, -0.01))

    assert 20 * BASE == pytest.approx(answer.capital, rel=2e-4)


def test_the_excess_is_the_mean_of_the_window_alone():
    ahead = np.array([9.0, 9.0, 0.1, 0.2, 0.3, 0.2])  # the window is the last four
    answer = capacity(
        ahead,
        np.full(6, 0.02),
        lambda scales: -0.001 * scales[:, None] * np.array([50.0, 0, 0, 1, 2, 1]),
        HORIZON,
        SCALE,
        BASE,
        MODEL,
    )

    assert 0.2 - 0.02 - 0.001 == pytest.approx(answer.excess)
    assert 30 * BASE == pytest.approx(answer.capital, rel=2e-4)


def test_the_curve_runs_over_round_capitals():
    answer = found(0.2, lambda scales: -0.001 * scales)

    capitals = [number * 10**power for power in range(4, 12) for number in (1, 2, 5)] + [1e12]
    assert capitals == pytest.approx([point for point, _ in answer.curve])
    assert [0.2 - 0.001 * point / BASE for point in capitals] == pytest.approx(
        [excess for _, excess in answer.curve]
    )


def test_the_model_s_parameters_and_the_first_large_order_are_reported():
    answer = capacity(
        np.full(6, 0.2), np.zeros(6), lambda scales: np.zeros((len(scales), 6)), HORIZON, SCALE,
        BASE, MODEL, Limited("000156.SZ", 7e7),
    )  # fmt: skip

    assert isinstance(answer, Capacity)
    assert (0.8, 0.2) == (answer.constant, answer.participation)
    assert ("000156.SZ", 7e7) == answer.first_limited


# -- on real prices ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def media(market):
    """The media thesis bought at the open of 2024-10-14 with CNY 10 million, in fractions."""
    codes = load("media_ai").codes
    panel = read_prices(market, [*codes, "H00300.CSI"])
    start, end = np.searchsorted(sessions(), np.array(["2024-10-14", "2025-04-11"], "M8[D]"))
    axis = sessions()[start : end + 1]

    def grid(name):
        return np.stack([levels(panel, name, code, axis) for code in codes], axis=1)

    fill, marks = grid("open") * grid("factor"), carry_forward(grid("close") * grid("factor"))
    on = read_liquidity(panel, codes, axis, fill, marks, axis[0].item().replace(day=11))
    fills = [
        Fill(0, column, BASE / len(codes) / fill[0, column], fill[0, column])
        for column in range(len(codes))
    ]
    index = levels(panel, "close", "H00300.CSI", axis)
    horizon = Horizon.on(
        axis,
        {
            month: np.datetime64(day).item()
            for month, day in [
                ("3m", "2025-01-13"), ("4m", "2025-02-13"),
                ("5m", "2025-03-13"), ("6m", "2025-04-11"),
            ]
        },
    )  # fmt: skip
    return codes, fills, on, (marks / fill[0]).mean(axis=1) - 1, index / index[0] - 1, horizon


def test_at_the_capacity_of_a_real_basket_the_rating_turns(media):
    _, fills, on, net, against, horizon = media
    model = ImpactModel()

    def drag(scales):
        return scaled_gains(fills, BASE, scales, on, model)

    answer = capacity(net, against, drag, horizon, SCALE, BASE, model)

    def rating(capital):
        [path] = net + drag(np.array([capital / BASE])) - against
        return SCALE.earned(horizon.read(path)["mean"])

    assert "buy" == answer.rating == rating(answer.capital)
    assert "overweight" == rating(answer.capital * 1.001)
    # Some billions: the seven names together traded CNY 4.1 billion on the entry session.
    day = on.amounts[0].sum()
    assert 0.5 * day < answer.capital < 3 * day


def test_the_first_order_to_outgrow_its_session_is_in_the_least_traded_name(media):
    codes, fills, on, *_ = media
    column, capital = first_limited(fills, BASE, on.amounts, 0.1)

    assert int(on.amounts[0].argmin()) == column
    assert 0.1 * on.amounts[0].min() * len(codes) == pytest.approx(capital)
