import pytest

from thesis.errors import UsageError
from thesis.trading.strategy import Strategy


def test_the_default_strategy_is_the_report_s():
    assert Strategy(
        entry="open", delay=0, weights="equal", capital=1e7, costs="a-share", lots="exchange",
        max_wait=10,
    ) == Strategy()  # fmt: skip


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"entry": "noon"}, "entry = 'noon': give one of open, close"),
        ({"entry": None}, "entry = None: give one of open, close"),
        ({"costs": "free"}, "costs = 'free': give one of a-share, none"),
        ({"lots": "odd"}, "lots = 'odd': give one of exchange, fractional"),
        ({"weights": "cap"}, "weights = 'cap': give one of equal, segment"),
        (
            {"weights": 0.5},
            (
                "weights = 0.5: give one of equal, segment, or a function of the thesis and the "
                "price panel before publication"
            ),
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
        (inverse_volatility, "function inverse_volatility"),
        (Momentum(), "function Momentum"),
    ],
)
def test_a_weighting_is_named(weights, name):
    assert name == Strategy(weights=weights).weights_name


def test_a_strategy_cannot_be_changed():
    with pytest.raises(AttributeError):
        Strategy().delay = 3
