"""Speed of the evidence as a ratio in one run: the whole of it against a backtest without it.

A new process imports the program, backtests without evidence, then weighs the evidence from the
start. All counts from the start of the process, so the second command is charged for the first as
well: the ratio is above that of two commands each alone, and so is the peak of memory.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

import pytest

STOPWATCH = Path(__file__).with_name("stopwatch.py")
#: A new process counts the memory of the one that started it: this one is small.
STARTER = "import subprocess, sys; subprocess.run(sys.argv[1:], check=True)"

TIMES, PEAK = 3.0, 1.6


@pytest.fixture(scope="module")
def rounds(market):
    """What a process has taken after the backtest and after the evidence too.

    Two rounds, and a third where they do not agree on a bound.
    """
    prices = f"--prices '{market}'"
    commands = [f"backtest media_ai --no-evidence {prices}", f"evidence media_ai {prices}"]

    def measure():
        stopwatch = [sys.executable, str(STOPWATCH), "import sys", *commands]
        ran = subprocess.run(
            [sys.executable, "-c", STARTER, *stopwatch], check=True, stdout=subprocess.PIPE
        )
        return json.loads(ran.stdout)[1:]

    done = [measure(), measure()]
    if within(done[0]) != within(done[1]):
        done.append(measure())
    return done


def within(one):
    """Whether a round is within each of the bounds."""
    backtest, evidence = one
    peaks = [each["peak"] or 0 for each in one]
    return evidence["seconds"] <= TIMES * backtest["seconds"], peaks[1] <= PEAK * peaks[0]


def test_the_whole_evidence_takes_at_most_3_times_a_backtest(rounds, record_testsuite_property):
    ratio = statistics.median(each[1]["seconds"] / each[0]["seconds"] for each in rounds)
    record_testsuite_property("ratio of a backtest and the evidence", round(ratio, 3))

    assert ratio <= TIMES


def test_the_evidence_takes_little_more_memory_than_a_backtest(rounds, record_testsuite_property):
    if rounds[0][0]["peak"] is None:
        pytest.skip("this system does not tell the peak memory of a process")
    peaks = [statistics.median(each["peak"] for each in some) for some in zip(*rounds, strict=True)]
    record_testsuite_property("peak of a backtest, as the system counts it", peaks[0])
    record_testsuite_property("peak with the evidence", peaks[1])

    assert peaks[1] <= PEAK * peaks[0]
