"""Speed as a ratio in one run: our commands against what any program of this stack must pay.

Rounds of both sides alternate, so that a machine that slows down slows both. The bounds are the
targets with room for a noisy machine; the ratio measured stands in the benchmark's extra_info.
"""

import os
import resource
import statistics
import subprocess
import sys
import time

import numpy as np
import pytest

from thesis.trading.paper import hold

NOISE = 1.6
LIGHT = "import pydantic, typer, rich"
ENGINE = "import vectorbt"


def run(*args):
    subprocess.run([sys.executable, *args], check=True, stdout=subprocess.DEVNULL)


def peak(*args):
    """Peak memory of a whole process, in kB."""
    code = (
        "import os, subprocess, sys, resource;"
        "subprocess.run(sys.argv[1:], check=True, stdout=subprocess.DEVNULL);"
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, sys.executable, *args], check=True, capture_output=True
    )
    return int(ran.stdout)


def against(benchmark, ours, base, rounds=2):
    """Median time of ours over that of the base, rounds alternating."""
    took = []

    def base_round():
        start = time.perf_counter()
        run("-c", base)
        took.append(time.perf_counter() - start)

    run(*ours)  # compile and cache both sides first
    run("-c", base)
    benchmark.pedantic(run, args=ours, setup=base_round, rounds=rounds, iterations=1)
    ratio = benchmark.stats.stats.median / statistics.median(took)
    benchmark.extra_info["ratio"] = round(ratio, 3)
    return ratio, statistics.median(took)


@pytest.mark.parametrize("command", [["list"], ["show", "media_ai"], ["--help"]])
def test_light_commands_start_about_as_fast_as_their_libraries(benchmark, command):
    ratio, base = against(benchmark, ("-m", "thesis.cli", *command), LIGHT, rounds=3)

    assert ratio <= max(1.5, 0.6 / base) * NOISE


def test_a_backtest_costs_little_more_than_importing_its_engine(benchmark):
    ratio, _ = against(benchmark, ("-m", "thesis.cli", "backtest", "media_ai"), ENGINE)

    assert ratio <= 1.25 * NOISE


def test_a_backtest_on_a_market_folder_costs_no_more(benchmark, market):
    command = ("-m", "thesis.cli", "backtest", "media_ai", "--prices", str(market))
    ratio, _ = against(benchmark, command, ENGINE)

    assert ratio <= 1.25 * NOISE


def test_all_theses_cost_little_more_than_one(benchmark, market):
    command = ("-m", "thesis.cli", "compare", "--prices", str(market))
    ratio, _ = against(benchmark, command, ENGINE)

    assert ratio <= 1.6 * NOISE


@pytest.mark.skipif(not hasattr(os, "wait4"), reason="peak memory is read from the kernel's rusage")
def test_peak_memory_stays_near_the_engines(market):
    assert resource.RUSAGE_CHILDREN
    base = peak("-c", ENGINE)
    ours = peak("-m", "thesis.cli", "backtest", "media_ai", "--prices", str(market))

    assert ours <= 1.6 * base


def test_the_closed_form_is_a_few_times_a_bare_matrix_product(benchmark):
    draw = np.random.default_rng(1)
    closes = 10 * np.exp(np.cumsum(draw.normal(0, 0.02, (122, 500)), axis=0))
    weights = np.full(500, 1 / 500)

    benchmark(hold, closes, closes, weights)
    start = time.perf_counter()
    for _ in range(200):
        (closes / closes[0]) @ weights
    benchmark.extra_info["x matrix product"] = round(
        benchmark.stats.stats.median / ((time.perf_counter() - start) / 200), 1
    )
