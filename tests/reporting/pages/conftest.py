"""Pages as they are sent: results on real prices and on the sample, weighed, in both languages."""

from collections.abc import Callable
from pathlib import Path

import pytest
from fakes.browser import browser  # noqa: F401 -- a fixture of every test here

import thesis
from thesis.reporting.backtest import Backtest

DRAWS = 300


@pytest.fixture(scope="session")
def weighed(market: Path) -> Callable[[str], Backtest]:
    """A bundled thesis on real prices, its verdict weighed; once for all tests."""
    done: dict[str, Backtest] = {}

    def weigh(name: str) -> Backtest:
        if name not in done:
            done[name] = thesis.evidence(name, market, as_of="2026-04-30", draws=DRAWS)
        return done[name]

    return weigh


@pytest.fixture(scope="session")
def simulated() -> Backtest:
    """A thesis on the bundled sample."""
    return thesis.evidence("media_ai", "sample", as_of="2025-07-31", draws=DRAWS)
