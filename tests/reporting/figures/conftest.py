"""Figures of bundled theses, on real prices and on the sample, each made once."""

import functools
from dataclasses import replace

import pytest

import thesis
from thesis.reporting.comparison import Comparison, Failure

AS_OF = "2026-04-30"
OF_A_RESULT = ("path", "contributions", "surface", "fan", "bridge", "timeline")


@pytest.fixture(scope="session")
def weighed(market):
    """A bundled thesis on real prices, its verdict weighed."""
    return functools.cache(lambda name: thesis.evidence(name, market, as_of=AS_OF, draws=300))


@pytest.fixture(scope="session")
def simulated():
    """A thesis on the bundled sample: names wait at their limit and without a bar."""
    return thesis.evidence("media_ai", "sample", as_of="2025-07-31", draws=200)


@pytest.fixture(scope="session")
def compared(weighed, market):
    """Five theses: one that is still open among them, and one that failed."""
    open_one = thesis.backtest("operators", market, as_of="2024-12-02")
    done = [weighed(name) for name in ("server", "media_ai", "computer", "optical_module")]
    gone = Failure("ghost", "<b>nowhere</b> & beyond: no prices of any of its names", 4)
    return Comparison((done[0], open_one, *done[1:]), (gone,))


@pytest.fixture(scope="session")
def simulated_ones(simulated):
    """A scoreboard of simulated results."""
    return Comparison((simulated, replace(simulated)))


@pytest.fixture(scope="session")
def drawn(weighed, simulated, compared, simulated_ones):
    """The dictionary of a figure, by kind, subject and language."""

    @functools.cache
    def draw(kind, name, lang="en"):
        if kind == "scoreboard":
            subject = simulated_ones if name == "sample" else compared
        else:
            subject = simulated if name == "sample" else weighed(name)
        return getattr(thesis.figures, kind)(subject, lang=lang).to_plotly_json()

    return draw
