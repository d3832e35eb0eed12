"""The options that commands share are written once and arrive by name."""

import inspect
from dataclasses import dataclass, fields
from typing import Annotated

import pytest
import typer
from typer.testing import CliRunner

from thesis.cli import trials
from thesis.cli.options import EvidenceOptions, RunOptions, StrategyOptions, spread


@dataclass(frozen=True)
class Paint:
    colour: Annotated[str, typer.Option(help="Of the wall.")] = "white"
    coats: Annotated[int, typer.Option("--layers", help="How many.")] = 2


@pytest.fixture
def painted():
    """A command line of one command, and what that command was given."""
    given = []

    @spread
    def wall(name: str, width: int = 3, *, paint: Paint) -> None:
        """Paint a wall."""
        given.append((name, width, paint))

    app = typer.Typer()
    app.command()(wall)
    return lambda *args: (CliRunner().invoke(app, args), given)


def test_a_class_s_fields_are_options_and_arrive_as_one_object(painted):
    ran, given = painted("north", "--layers", "4", "--width", "5")

    assert 0 == ran.exit_code
    assert [("north", 5, Paint("white", 4))] == given


def test_help_shows_them_with_their_words_and_defaults(painted):
    ran, _ = painted("--help")

    for text in ("Paint a wall.", "--width", "--colour", "Of the wall.", "white", "--layers"):
        assert text in ran.output
    assert "--paint" not in ran.output


def test_a_value_that_cannot_be_is_refused_by_its_option(painted):
    ran, given = painted("north", "--layers", "many")

    assert (2, []) == (ran.exit_code, given)
    assert "--layers" in ran.output


@pytest.mark.parametrize("command", [trials.backtest, trials.compare])
def test_backtest_and_compare_have_the_same_options(command):
    shared = [each.name for kind in (StrategyOptions, RunOptions) for each in fields(kind)]

    own = {"evidence", *(each.name for each in fields(EvidenceOptions))}  # of backtest alone

    assert ["prices", "verbose", *shared] == [
        name for name in list(inspect.signature(command).parameters)[1:] if name not in own
    ]


def test_every_option_reaches_the_result(run):
    import json

    ran = run(
        "backtest", "media_ai", "--entry", "vwap", "--delay", "2", "--weights", "inverse_vol",
        "--rebalance", "monthly", "--exit", "stop-loss 10%", "--capital", "5e6", "--cash",
        "benchmark", "--costs", "none", "--dividend-tax", "individual", "--limits", "none",
        "--max-wait", "4", "--basis", "total", "--as-of", "2025-06-30", "--seed", "7",
        "--draws", "150", "--json", "-",
    )  # fmt: skip
    settings = json.loads(ran.out)["settings"]

    assert 0 == ran.code
    assert {
        "entry": "vwap", "delay": 2, "weights": "inverse_vol", "rebalance": "monthly",
        "exit": "stop-loss 0.1", "capital": 5e6, "cash": "benchmark", "costs": "none",
        "dividend_tax": "individual", "limits": "none", "max_wait": 4, "lots": "exchange",
        "basis": "total", "as_of": "2025-06-30", "seed": 7, "draws": 150,
            "impact": 1.0, "participation": 0.1,
    } == settings  # fmt: skip
