"""The same bytes each time when piped, on any console; and what ``--verbose`` adds."""

import os
import re
import subprocess
import sys

import pytest
from rich.cells import cell_len

FEW = ("--draws", "100")


def piped(*args, **environment):
    """The bytes that ``thesis ARGS`` writes into a pipe, and what it says beside."""
    call = [sys.executable, "-m", "thesis.cli", *args]
    env = {**os.environ, "PYTHONIOENCODING": "utf-8", **environment}
    ran = subprocess.run(call, capture_output=True, env=env, check=True)
    return ran.stdout, ran.stderr


def test_two_runs_into_a_pipe_give_the_same_bytes_and_nothing_beside():
    first, second = (
        piped("backtest", "media_ai", *FEW, PYTHONHASHSEED=seed, COLUMNS=columns, TERM=term)
        for seed, columns, term in (("1", "60", "dumb"), ("2", "200", "xterm-256color"))
    )

    assert first == second
    out, err = first
    assert b"" == err
    assert not re.search("[\x1b\r━─┃]", out.decode())
    assert re.search(r"^Excess [▁-█]+│[▁-█]+ ", out.decode(), re.MULTILINE)
    assert 100 >= max(cell_len(line) for line in out.decode().splitlines())


@pytest.mark.parametrize(
    ("encoding", "course"),
    [("ascii", r"[1-8]+\|[1-8]+"), ("cp1252", r"[1-8]+\|[1-8]+"), ("gbk", "[▁-█]+│[▁-█]+")],
)
def test_a_console_without_blocks_gets_digits(encoding, course):
    out, err = piped("backtest", "media_ai", *FEW, PYTHONIOENCODING=encoding)

    assert b"" == err
    assert re.search(rf"^Excess {course} ", out.decode(encoding), re.MULTILINE)


#: What only a verbose backtest has, and the words by which the last line of another names it.
MORE = {
    "Returns at the mean: ": "returns",
    "Bridge: from the paper basket": "what the bridge is made of",
    "Capacity: ": "capacity",
    "Waits: orders": "waits",
    "Orders: raw shares": "orders",
    "Published by Sinolink Securities 国金证券: 2024-10-13 (inferred: the latest": "the grounds in",
    "Base rate: in a no-drift world": "whole sentences",
    "Placebo: of ": "whole sentences",
    "Had it been published on": "other publication dates",
    "Sector on another index": "other sector indices",
    "Measured: paper and net": "how it was measured",
    "Coverage: 7 of 7 names": "how it was measured",
}


@pytest.fixture(scope="module")
def told(run):
    return " ".join(run("backtest", "media_ai", *FEW).out.split())


@pytest.fixture(scope="module")
def whole(run):
    return " ".join(run("backtest", "media_ai", *FEW, "-v").out.split())


@pytest.mark.parametrize("start", MORE)
def test_what_only_verbose_shows_is_named_in_the_last_line_without_it(told, whole, start):
    _, _, last = told.rpartition("--verbose adds: ")

    assert start in whole
    assert start not in told
    assert MORE[start] in last
    assert "--verbose adds" not in whole


def test_without_verbose_too_prices_benchmarks_coverage_rules_and_cautions_are_told(told, whole):
    for fact in (
        "the bundled SIMULATED sample", "against H00300.CSI (total)",
        "sector against 000300.SH (price)", "845 of 854 bars", "marina-rules@", " sha256:",
    ):  # fmt: skip
        assert fact in told
    # Of the names, and of a place that is no market.
    assert 3 == told.count("! ") == whole.count("! ")
    assert "! 300364.SZ 中文在线 had no bar on the entry session" in told
    assert "not of the whole market" in told


def test_waits_are_counted_without_verbose_too(told):
    assert "7 orders, 2 waits of 5 sessions in all, 100.0% invested" in told
    assert "Bridge at the mean: paper +15.5 Buy, executable +11.9 Overweight (-3.56)" in told


def test_a_comparison_counts_the_cautions_it_leaves_out(run):
    short, verbose = (
        " ".join(run("compare", "media_ai", "computer", "ai_chip", *more).out.split())
        for more in ((), ("--verbose",))
    )

    assert "cautions not shown here (--verbose has them): media_ai 2, ai_chip 2" in short
    assert 4 == len(re.findall("! (?:media_ai|ai_chip): ", verbose))
    assert "Excess at every reading" in verbose
    assert "Excess at every reading" not in short
    assert "paper and net against CSI 300 total return (H00300.CSI, total basis)" in verbose
    assert "--verbose adds: every reading, every caution, what it was measured by." in short
