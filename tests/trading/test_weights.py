import datetime as dt
import math

import pandas as pd
import pytest

from thesis.errors import UsageError
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis
from thesis.trading.strategy import Strategy
from thesis.trading.weights import Weights, weigh


@pytest.fixture
def thesis():
    """Two segments that share a name, and one that nobody can fill."""
    return Thesis.model_validate(
        {
            "id": "idea",
            "title": "An idea",
            "source": {"publisher": "Broker", "published": dt.date(2024, 10, 13)},
            "claim": {"rating": "buy", "scale": "sinolink_industry"},
            "segment": [
                {
                    "id": "tools",
                    "pick": [
                        {"code": "300133.SZ", "basis": "named"},
                        {"code": "300364.SZ", "basis": "named"},
                    ],
                },
                {"id": "owners", "pick": [{"code": "300364.SZ", "basis": "named"}]},
                {"id": "users", "status": "no_names"},
            ],
        }
    )


@pytest.fixture
def history():
    bars = pd.DataFrame(
        {"code": "300133.SZ", "date": ["2024-10-10", "2024-10-11"], "open": 7.0, "high": 7.0,
         "low": 7.0, "close": 7.0, "volume": 100.0, "amount": 700.0, "factor": 1.0}
    )  # fmt: skip
    return PricePanel.from_frame(bars)


def never():
    raise AssertionError("not needed")


def test_equal_weights_are_over_the_unique_names(thesis, history):
    weights = weigh(thesis, "equal", lambda: history)

    assert {"300133.SZ": 0.5, "300364.SZ": 0.5} == weights.total
    # A name in two segments has half of its weight from each.
    assert {
        "tools": {"300133.SZ": 0.5, "300364.SZ": 0.25},
        "owners": {"300364.SZ": 0.25},
    } == weights.by_segment


def test_segment_weights_are_equal_over_segments_and_inside_them(thesis, history):
    weights = weigh(thesis, "segment", lambda: history)

    assert {
        "tools": {"300133.SZ": 0.25, "300364.SZ": 0.25},
        "owners": {"300364.SZ": 0.5},
    } == weights.by_segment
    assert {"300133.SZ": 0.25, "300364.SZ": 0.75} == weights.total


def test_a_function_s_weights_are_taken_as_they_are(thesis, history):
    weights = weigh(thesis, lambda *_: {"300364.SZ": 0.8, "300133.SZ": 0.2}, lambda: history)

    assert {"300133.SZ": 0.2, "300364.SZ": 0.8} == weights.total
    assert {"300133.SZ": 0.2, "300364.SZ": 0.4} == weights.by_segment["tools"]


def test_a_function_may_give_a_name_nothing_and_answer_with_a_series(thesis, history):
    answer = pd.Series({"300364.SZ": 1.0, "300133.SZ": 0})
    weights = weigh(thesis, lambda *_: answer, lambda: history)

    assert {"300133.SZ": 0.0, "300364.SZ": 1.0} == weights.total


def test_a_function_is_given_the_thesis_and_the_history(thesis, history):
    given = []

    def spy(*arguments):
        given.append(arguments)
        return {"300133.SZ": 0.5, "300364.SZ": 0.5}

    weigh(thesis, spy, lambda: history)

    assert [(thesis, history)] == given


def test_written_down_weights_are_taken_as_they_are_and_ask_for_no_history(thesis):
    given = {"300364.SZ": 0.8, "300133.SZ": 0.2}
    for weighting in (given, Strategy(weights=given).weighting, pd.Series(given)):
        weights = weigh(thesis, weighting, never)

        assert {"300133.SZ": 0.2, "300364.SZ": 0.8} == weights.total
        assert {"300133.SZ": 0.2, "300364.SZ": 0.4} == weights.by_segment["tools"]


@pytest.mark.parametrize(
    ("given", "text"),
    [
        (
            {"300133.SZ": 1.0},
            "weights: no weight for 300364.SZ; give every name one, 0 to leave it out",
        ),
        ({}, "weights: no weight for 300133.SZ; give every name one, 0 to leave it out"),
        (
            {"300133.SZ": 0.5, "300364.SZ": 0.5, 1: 0.0},
            "weights: 1 is no name of the thesis idea",
        ),
        (
            {"300133.SZ": 0.5, "300364.SZ": 0.6},
            "weights: the weights sum to 1.1; divide them by their sum",
        ),
        (
            {"300133.SZ": None, "300364.SZ": 1.0},
            "weights: weight None of 300133.SZ is no number",
        ),
    ],
)
def test_written_down_weights_are_checked_like_a_function_s(thesis, given, text):
    with pytest.raises(UsageError) as caught:
        weigh(thesis, Strategy(weights=given).weighting, never)
    assert text == str(caught.value)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (
            {"300133.SZ": 1.0},
            "mine: no weight for 300364.SZ; give every name one, 0 to leave it out",
        ),
        (
            {"300133.SZ": 0.5, "300364.SZ": 0.5, "300308.SZ": 0.0},
            "mine: 300308.SZ is no name of the thesis idea",
        ),
        (
            {"300133.SZ": 1.5, "300364.SZ": -0.5},
            "mine: weight -0.5 of 300364.SZ; weights are 0 or more",
        ),
        (
            {"300133.SZ": math.nan, "300364.SZ": 1.0},
            "mine: weight nan of 300133.SZ; weights are 0 or more",
        ),
        (
            {"300133.SZ": math.inf, "300364.SZ": 1.0},
            "mine: weight inf of 300133.SZ; weights are 0 or more",
        ),
        (
            {"300133.SZ": 0.5, "300364.SZ": 0.6},
            "mine: the weights sum to 1.1; divide them by their sum",
        ),
        (
            {"300133.SZ": 0.0, "300364.SZ": 0.0},
            "mine: the weights sum to 0; divide them by their sum",
        ),
        (
            [0.5, 0.5],
            (
                "mine: it returned a list; a weighting returns a weight for every code, as "
                "{'300133.SZ': 1.0}"
            ),
        ),
        (
            None,
            (
                "mine: it returned a NoneType; a weighting returns a weight for every code, as "
                "{'300133.SZ': 1.0}"
            ),
        ),
        (
            {"300133.SZ": "half", "300364.SZ": 0.5},
            "mine: weight 'half' of 300133.SZ is no number",
        ),
    ],
)
def test_weights_that_cannot_be_are_refused(thesis, history, answer, text):
    def mine(thesis, history):
        return answer

    with pytest.raises(UsageError) as caught:
        weigh(thesis, mine, lambda: history)
    assert text == str(caught.value)


def test_a_weighting_that_is_not_known_is_refused(thesis, history):
    with pytest.raises(UsageError, match=r"^weights = 'cap': known are equal, segment, inverse"):
        weigh(thesis, "cap", lambda: history)


def test_names_without_data_leave_and_the_rest_is_reweighted_in_proportion():
    weights = Weights({"a": {"x": 0.1, "y": 0.3}, "b": {"y": 0.2, "z": 0.4}})

    assert {"x": pytest.approx(1 / 6), "y": pytest.approx(5 / 6)} == weights.keep(["x", "y"]).total
    assert {"y": pytest.approx(0.2 / 0.6)} == weights.keep(["x", "y"]).by_segment["b"]


def test_with_no_name_left_there_are_no_weights():
    assert {} == Weights({"a": {"x": 1.0}}).keep([]).by_segment


def test_the_history_is_not_asked_for_where_no_function_needs_it(thesis):
    assert {"300133.SZ": 0.5, "300364.SZ": 0.5} == weigh(thesis, "equal", never).total
    assert 1.0 == sum(weigh(thesis, "segment", never).total.values())
