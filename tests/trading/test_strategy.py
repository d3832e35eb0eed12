import copy
import datetime as dt
import pickle
from dataclasses import dataclass, fields, replace

import pandas as pd
import pytest

from thesis.cli.options import StrategyOptions
from thesis.errors import UsageError
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis
from thesis.trading.exits import AtEnd, Horizon, OnDate, StopLoss, Trailing
from thesis.trading.strategy import Strategy, reweighed
from thesis.trading.weights import weigh

CODES = ("300133.SZ", "300364.SZ")


@pytest.fixture
def thesis():
    return Thesis.model_validate(
        {
            "id": "idea",
            "title": "An idea",
            "source": {"publisher": "Broker", "published": dt.date(2024, 10, 13)},
            "claim": {"rating": "buy", "scale": "sinolink_industry"},
            "segment": [
                {"id": "tools", "pick": [{"code": code, "basis": "named"} for code in CODES]},
                {"id": "owners", "pick": [{"code": "300364.SZ", "basis": "named"}]},
            ],
        }
    )


@pytest.fixture
def history():
    bars = pd.DataFrame(
        {"code": [*CODES, *CODES], "date": ["2024-10-10"] * 2 + ["2024-10-11"] * 2,
         "close": [7.0, 20.0, 7.5, 30.0], "volume": 100.0, "amount": 700.0, "factor": 1.0}
    )  # fmt: skip
    bars = bars.assign(open=bars["close"], high=bars["close"], low=bars["close"])
    return PricePanel.from_frame(bars.assign(amount=bars["close"] * 100))


def test_the_default_strategy_is_the_report_s():
    assert Strategy(
        entry="open", delay=0, weights="equal", capital=1e7, costs="a-share", lots="exchange",
        max_wait=10, rebalance="none", exit="horizon", cash="zero", limits="exchange",
        dividend_tax="none",
    ) == Strategy()  # fmt: skip


def test_the_command_line_s_options_are_the_strategy_s_own_with_its_defaults():
    ours = Strategy()
    theirs = StrategyOptions()

    assert {each.name for each in fields(ours)} == theirs.by_name().keys()
    assert ours == Strategy(**theirs.by_name())


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"entry": "noon"}, "entry = 'noon': give one of open, close, vwap"),
        ({"entry": None}, "entry = None: give one of open, close, vwap"),
        ({"costs": "free"}, "costs = 'free': give one of a-share, none"),
        ({"lots": "odd"}, "lots = 'odd': give one of exchange, fractional"),
        (
            {"weights": "cap"},
            "weights = 'cap': give one of equal, segment, inverse_vol, float_cap",
        ),
        (
            {"weights": 0.5},
            (
                "weights = 0.5: give one of equal, segment, inverse_vol, float_cap, a mapping of "
                "codes to weights, or a function of the thesis and the price panel before "
                "publication"
            ),
        ),
        (
            {"rebalance": "daily"},
            "rebalance = 'daily': give one of none, weekly, monthly, quarterly",
        ),
        ({"rebalance": None}, "rebalance = None: give one of none, weekly, monthly, quarterly"),
        ({"cash": "bonds"}, "cash = 'bonds': give one of zero, benchmark"),
        ({"limits": True}, "limits = True: give one of exchange, none"),
        (
            {"dividend_tax": "company"},
            "dividend_tax = 'company': give one of none, individual",
        ),
        (
            {"exit": "stop"},
            (
                "exit = 'stop': give horizon, 'stop-loss 0.1', 'trailing 0.15', end, or a date as "
                "2025-03-31"
            ),
        ),
        (
            {"exit": "stop-loss 10"},
            "exit = 'stop-loss 10': the fall is a fraction between 0 and 1, as 0.1 or 10%",
        ),
        ({"delay": -1}, "delay = -1: it is a number of sessions, 0 or more"),
        ({"delay": 1.5}, "delay = 1.5: it is a number of sessions, 0 or more"),
        ({"delay": True}, "delay = True: it is a number of sessions, 0 or more"),
        ({"delay": "3"}, "delay = '3': it is a number of sessions, 0 or more"),
        ({"max_wait": -1}, "max_wait = -1: it is a number of sessions, 0 or more"),
        ({"capital": 0}, "capital = 0: it is an amount in CNY, more than 0 and at most 1e12"),
        ({"capital": -1.0}, "capital = -1.0: it is an amount in CNY, more than 0 and at most 1e12"),
        (
            {"capital": float("nan")},
            "capital = nan: it is an amount in CNY, more than 0 and at most 1e12",
        ),
        (
            {"capital": float("inf")},
            "capital = inf: it is an amount in CNY, more than 0 and at most 1e12",
        ),
        (
            {"capital": "1e7"},
            "capital = '1e7': it is an amount in CNY, more than 0 and at most 1e12",
        ),
        ({"capital": None}, "capital = None: it is an amount in CNY, more than 0 and at most 1e12"),
    ],
)
def test_an_option_that_cannot_be_is_refused_by_name(options, text):
    with pytest.raises(UsageError) as caught:
        Strategy(**options)
    assert text == str(caught.value)
    assert 2 == caught.value.exit_code


def inverse_volatility(thesis, history):
    return {}


class Momentum:
    def __call__(self, thesis, history):
        return {}


@pytest.mark.parametrize(
    ("weights", "name"),
    [
        ("equal", "equal"),
        ("segment", "segment"),
        ("inverse_vol", "inverse_vol"),
        ({"300133.SZ": 0.4, "300364.SZ": 0.6}, "given"),
        (pd.Series({"300133.SZ": 0.4, "300364.SZ": 0.6}), "given"),
        (inverse_volatility, "function inverse_volatility"),
        (Momentum(), "function Momentum"),
    ],
)
def test_a_weighting_is_named(weights, name):
    assert name == Strategy(weights=weights).weights_name


def test_a_strategy_cannot_be_changed():
    with pytest.raises(AttributeError):
        Strategy().delay = 3


@pytest.mark.parametrize(
    ("given", "noun", "name"),
    [
        ("horizon", Horizon(), "horizon"),
        ("stop-loss 10%", StopLoss(0.1), "stop-loss 0.1"),
        (Trailing(0.15), Trailing(0.15), "trailing 0.15"),
        (dt.date(2025, 3, 31), OnDate(dt.date(2025, 3, 31)), "2025-03-31"),
        ("end", AtEnd(), "end"),
    ],
)
def test_an_exit_is_held_as_a_noun_and_named_in_words(given, noun, name):
    strategy = Strategy(exit=given)

    assert noun == strategy.exit == strategy.exit_rule
    assert name == strategy.exit_name
    assert strategy == Strategy(exit=name) == replace(strategy, exit=noun)


def test_a_mapping_s_later_change_does_not_change_the_strategy(thesis, history):
    weights = {"300364.SZ": 0.6, "300133.SZ": 0.4}
    strategy = Strategy(weights=weights)
    weights["300364.SZ"] = 0.0

    assert {"300133.SZ": 0.4, "300364.SZ": 0.6} == strategy.weigh(thesis, history)


def test_strategies_of_the_same_fields_are_equal_and_hash_alike():
    one = Strategy(weights={"300364.SZ": 0.6, "300133.SZ": 0.4}, exit="trailing 15%")
    same = Strategy(weights={"300133.SZ": 0.4, "300364.SZ": 0.6}, exit=Trailing(0.15))

    assert one == same
    assert 1 == len({one, same})
    assert one != replace(one, weights={"300133.SZ": 0.5, "300364.SZ": 0.5})


@dataclass(frozen=True)
class Dearest(Strategy):
    """A user's own, with a field of its own: so much for the dearest name, the rest for others."""

    share: float = 0.8

    def weigh(self, thesis, history):
        close = {code: history.field("close", code)[-1] for code in thesis.codes}
        best = max(close, key=close.get)
        rest = (1 - self.share) / (len(close) - 1)
        return {code: self.share if code == best else rest for code in close}


class Cheapest(Dearest):
    """Another, with no decorator, that also decides again."""

    def weigh(self, thesis, history):
        dearest = super().weigh(thesis, history)
        return dict(zip(dearest, reversed(dearest.values()), strict=True))

    def reweigh(self, thesis, history, weights):
        return self.weigh(thesis, history)


def test_a_subclass_decides_the_weights_by_the_same_door(thesis, history):
    weights = weigh(thesis, Dearest(share=0.7).weighting, lambda: history)

    assert {"300133.SZ": pytest.approx(0.3), "300364.SZ": 0.7} == weights.total
    # A name in two segments has half of its weight from each, as under any weighting.
    assert {"300364.SZ": 0.35} == weights.by_segment["owners"]
    assert "function Dearest.weigh" == Dearest(rebalance="monthly").weights_name


def test_what_decides_again_is_named_where_something_is_rebalanced():
    assert "function Cheapest.weigh" == Cheapest().weights_name
    assert (
        "function Cheapest.weigh, then Cheapest.reweigh"
        == Cheapest(rebalance="weekly").weights_name
    )
    assert (
        "segment, then Answer.reweigh"
        == Answer(weights="segment", rebalance="quarterly").weights_name
    )


def test_without_an_own_weigh_the_weights_are_the_field_s(thesis, history):
    class Patient(Strategy):
        """Overrides nothing."""

    assert "segment" == Patient(weights="segment").weighting
    assert "segment" == Patient(weights="segment").weights_name
    assert {"300133.SZ": 0.25, "300364.SZ": 0.75} == Patient(weights="segment").weigh(
        thesis, history
    )


def test_a_subclass_is_replaced_compared_hashed_copied_and_pickled():
    mine = Cheapest(share=0.6, exit="stop-loss 0.2")
    later = replace(mine, delay=3, exit="end")

    assert (Cheapest, 0.6, 3, "end") == (type(later), later.share, later.delay, later.exit_name)
    assert mine == replace(later, delay=0, exit=StopLoss(0.2))
    assert mine != Dearest(share=0.6, exit="stop-loss 0.2")
    assert 1 == len({mine, copy.deepcopy(mine), pickle.loads(pickle.dumps(mine))})
    with pytest.raises(UsageError, match=r"^delay = -1"):
        replace(mine, delay=-1)


def test_an_own_weigh_is_checked_under_its_own_name(thesis, history):
    with pytest.raises(
        UsageError, match=r"^Dearest\.weigh: weight -0\.5\d* of 300133\.SZ; weights"
    ):
        weigh(thesis, Dearest(share=1.5).weighting, lambda: history)


def never():
    raise AssertionError("not needed")


def test_bundled_strategies_decide_once_and_look_at_no_later_bar(thesis):
    weights = {"300133.SZ": 0.4, "300364.SZ": 0.6}

    assert not Strategy(weights="inverse_vol").decides_again
    assert not Dearest().decides_again
    assert weights == reweighed(Strategy(weights="inverse_vol"), thesis, never, weights)


def test_a_subclass_decides_again_on_the_history_it_is_given(thesis, history):
    weights = {"300133.SZ": 0.5, "300364.SZ": 0.5}

    assert Cheapest().decides_again
    assert {"300133.SZ": 0.8, "300364.SZ": pytest.approx(0.2)} == reweighed(
        Cheapest(), thesis, lambda: history, weights
    )


class Answer(Strategy):
    """Says at a rebalance what it is told to."""

    def reweigh(self, thesis, history, weights):
        return ANSWERS[self.delay]


ANSWERS = [
    {"300133.SZ": 0.25, "300364.SZ": 0.75},
    {"300364.SZ": 1.0},
    {"300133.SZ": 1.0, "300364.SZ": 0.0},
    {"300133.SZ": 0.5, "300364.SZ": 0.4},
    {"300133.SZ": 0.5, "300364.SZ": 0.5, "300308.SZ": 0.0},
    None,
]


def test_what_is_given_to_a_name_without_prices_is_shared_by_the_others(thesis, history):
    # 300364.SZ has no prices and is not asked for: what it is given, all or nothing, falls away.
    alone = {"300133.SZ": 1.0}

    assert {"300133.SZ": 1.0} == reweighed(Answer(delay=0), thesis, lambda: history, alone)
    with pytest.raises(UsageError) as caught:
        reweighed(Answer(delay=2), thesis, lambda: history, {"300364.SZ": 1.0})
    assert "Answer.reweigh: it gives every name that has prices 0; give one of them more" == str(
        caught.value
    )


@pytest.mark.parametrize(
    ("which", "text"),
    [
        (1, "Answer.reweigh: no weight for 300133.SZ; give every name one, 0 to leave it out"),
        (3, "Answer.reweigh: the weights sum to 0.9; divide them by their sum"),
        (4, "Answer.reweigh: 300308.SZ is no name of the thesis idea"),
        (5, "Answer.reweigh: it returned a NoneType; a weighting returns a weight for every code"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_at_a_rebalance_too(thesis, history, which, text):
    weights = {"300133.SZ": 0.5, "300364.SZ": 0.5}

    with pytest.raises(UsageError) as caught:
        reweighed(Answer(delay=which), thesis, lambda: history, weights)
    assert str(caught.value).startswith(text)
