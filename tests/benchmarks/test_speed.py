"""Speed as a ratio in one run: our commands against what any program of this stack must pay.

Both sides of a ratio are measured within one round and in CPU seconds, so that a busy machine slows
both alike. A ratio counts by the median of three rounds, and two that agree decide it: the third
runs where they do not. The bounds are the targets with room for noise; the ratios measured stand in
the properties of a JUnit report.
"""

import json
import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from thesis.trading.paper import hold

NOISE = 1.6
LIGHT = "import pydantic, typer, rich"
ENGINE = "import vectorbt"
STOPWATCH = Path(__file__).with_name("stopwatch.py")
#: A new process counts the memory of the one that started it: this one is small.
STARTER = "import subprocess, sys; subprocess.run(sys.argv[1:], check=True)"


class Rounds:
    """Rounds of measurements by name, each run when it is first asked for."""

    def __init__(self, measure):
        self.measure, self.done = measure, []

    def __getitem__(self, number):
        while len(self.done) <= number:
            self.done.append(self.measure())
        return self.done[number]

    def median(self, ratio, bound):
        """The median of a ratio over the rounds that decide whether it is within the bound."""
        seen = [ratio(self[0]), ratio(self[1])]
        if (seen[0] <= bound) != (seen[1] <= bound):
            seen.append(ratio(self[2]))
        return statistics.median(seen)


@pytest.fixture(scope="module")
def starts():
    """CPU seconds of whole processes: the libraries of a light command, and the commands."""

    def seconds(*args):
        start = os.times()
        subprocess.run([sys.executable, *args], check=True, stdout=subprocess.DEVNULL)
        end = os.times()
        return sum(end[2:4]) - sum(start[2:4])  # of children, in user and system mode

    def measure():
        base = {"libraries": seconds("-c", LIGHT)}
        return base | {x: seconds("-m", "thesis.cli", *x.split()) for x in COMMANDS}

    return Rounds(measure)


@pytest.fixture(scope="module")
def engine(request):
    """What a new process has taken, in time and memory, by the end of each thing it did."""
    commands = {"sample": "backtest media_ai --no-evidence"}
    try:
        market = f"--prices '{request.getfixturevalue('market')}'"
    except pytest.skip.Exception:
        pass  # the tests of it are skipped
    else:
        commands["market"] = f"backtest media_ai --no-evidence {market}"
        commands["compare"] = f"compare {market}"

    def measure():
        stopwatch = [sys.executable, str(STOPWATCH), ENGINE, *commands.values()]
        ran = subprocess.run(
            [sys.executable, "-c", STARTER, *stopwatch], check=True, stdout=subprocess.PIPE
        )
        return dict(zip(["engine", *commands], json.loads(ran.stdout), strict=True))

    return Rounds(measure)


COMMANDS = ("list", "show media_ai", "--help")


@pytest.mark.parametrize("command", COMMANDS)
def test_light_commands_start_about_as_fast_as_their_libraries(
    starts, record_testsuite_property, command
):
    bound = 1.5 * NOISE
    # Or within 0.6 s, where the libraries are there in less than 0.4.
    ratio = starts.median(lambda took: took[command] / max(took["libraries"], 0.4), bound)
    record_testsuite_property(f"ratio of {command}", round(ratio, 3))

    assert ratio <= bound


@pytest.mark.parametrize(
    ("done", "target"),
    [
        pytest.param("sample", 1.25, id="a backtest"),
        pytest.param("market", 1.25, id="another on a market folder"),
        pytest.param("compare", 1.6, id="and all theses"),
    ],
)
def test_commands_cost_little_more_than_importing_their_engine(
    engine, request, record_testsuite_property, done, target
):
    """All that the process did until then counts: each ratio is no less than the command's own."""
    if done != "sample":
        request.getfixturevalue("market")
    bound = target * NOISE
    ratio = engine.median(lambda took: took[done]["seconds"] / took["engine"]["seconds"], bound)
    record_testsuite_property(f"ratio of {done}", round(ratio, 3))

    assert ratio <= bound


def test_peak_memory_stays_near_the_engines(engine, market):
    took = engine[0]
    if took["engine"]["peak"] is None:
        pytest.skip("this system does not tell the peak memory of a process")

    assert took["market"]["peak"] <= 1.6 * took["engine"]["peak"]


@pytest.mark.benchmark(timer=time.process_time)  # a busy machine slows both sides alike
def test_the_closed_form_is_a_few_times_a_bare_matrix_product(benchmark, timings):
    draw = np.random.default_rng(1)
    closes = 10 * np.exp(np.cumsum(draw.normal(0, 0.02, (122, 500)), axis=0))
    weights = np.full(500, 1 / 500)
    bare = []

    def product():
        start = time.process_time()
        for _ in range(20):
            (closes / closes[0]) @ weights
        bare.append((time.process_time() - start) / 20)

    took = timings(lambda: [hold(closes, closes, weights).path for _ in range(5)], product, 30)
    ratio = statistics.median(took) / 5 / statistics.median(bare)
    benchmark.extra_info["x matrix product"] = round(ratio, 1)

    # Entries, gaps and marks are found and carried: some twenty passes over the panel beside two.
    assert ratio <= 40
