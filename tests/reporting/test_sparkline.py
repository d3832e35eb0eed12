"""Sparklines: levels by hand, zero on an edge, gaps, and characters a console has."""

import io
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from thesis.reporting.terminal.sparkline import BLOCKS, DIGITS, LEVELS, sparkline
from thesis.reporting.terminal.verdict import ExcessLine

NAN = float("nan")


def drawn(values, width=100, mark=None, glyphs=BLOCKS):
    return sparkline(values, width).drawn(glyphs, mark)


def test_a_path_above_zero_starts_from_zero():
    # Eight levels of 10 points: 0-10 is the lowest, 70-80 the highest.
    assert "▁▂▄█" == drawn([0.05, 0.10, 0.35, 0.80])


def test_a_path_below_zero_hangs_from_zero():
    assert "█▅▁" == drawn([-0.05, -0.35, -0.80])
    assert "all below 0" == sparkline([-0.05, -0.8], 9).zero_words(BLOCKS)


def test_zero_lies_between_two_levels_of_a_path_on_both_sides_of_it():
    # -20 to +60: two levels of 10 below zero, six above.
    line = sparkline([-0.20, -0.05, 0.0, 0.05, 0.15, 0.60], 9)

    assert (2, "▁▂▃▃▄█") == (line.below, line.drawn(BLOCKS))
    assert ("▁-▂ below 0", "1-2 below 0") == (line.zero_words(BLOCKS), line.zero_words(DIGITS))


def test_the_smallest_loss_has_a_level_of_its_own():
    # -0.1 to +70: the steepest scale is +70 over seven levels.
    line = sparkline([-0.001, 0.0, 0.7], 9)

    assert (1, "▁▂█", "▁ below 0") == (line.below, line.drawn(BLOCKS), line.zero_words(BLOCKS))


@pytest.mark.parametrize(
    ("value", "told"), [(0.0, "▁▁▁"), (0.1, "███"), (-0.1, "▁▁▁")], ids=["zero", "gain", "loss"]
)
def test_equal_values_are_a_flat_line(value, told):
    assert told == drawn([value] * 3)


def test_a_gap_is_a_dot_and_does_not_move_the_rest():
    assert "█·█" == drawn([0.2, NAN, 0.2])
    assert "···" == drawn([NAN] * 3)
    assert (None, None) == (sparkline([NAN], 9).low, sparkline([NAN], 9).high)
    assert "" == drawn([])


def test_a_cell_of_many_values_is_the_last_that_is_known():
    line = sparkline([0.1, 0.8, 0.35, NAN, NAN, NAN, 0.5], 4)

    assert (2, "█▄·▆") == (line.every, line.drawn(BLOCKS))
    assert (0.1, 0.8) == (line.low, line.high)  # of all, not of those shown


@pytest.mark.parametrize(("mark", "told"), [(0, "|18"), (1, "|18"), (2, "1|8"), (4, "18")])
def test_a_bar_stands_before_the_cell_of_what_it_marks(mark, told):
    assert told == drawn([0.0, 0.0, 0.5, 0.5], 2, mark, DIGITS)


paths = st.lists(st.floats(-1, 20) | st.just(NAN), max_size=300)


@given(paths, st.integers(1, 90))
def test_any_path_fits_its_width_and_is_negative_where_it_says(values, width):
    line = sparkline(values, width)

    assert len(line.levels) <= width
    for at, level in enumerate(line.levels):
        known = [v for v in values[at * line.every : (at + 1) * line.every] if not math.isnan(v)]
        assert (level is None) == (not known)
        if level is not None:
            assert 0 <= level < LEVELS
            assert (known[-1] < 0) == (level < line.below)


@given(st.lists(st.floats(-1, 20), min_size=2, max_size=90))
def test_a_higher_return_is_never_drawn_lower(values):
    levels = sparkline(values, 90).levels
    order = np.argsort(values, kind="stable")

    assert sorted(levels) == [levels[at] for at in order]


def shown(width, encoding, excess=None, row=61):
    raw = io.BytesIO()
    file = io.TextIOWrapper(raw, encoding, newline="\n")
    path = np.linspace(-0.05, 0.5, 122) if excess is None else excess
    Console(file=file, width=width).print(ExcessLine(path, "3m", row))
    file.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_where_a_console_has_no_blocks_digits_stand_for_them(encoding):
    line = shown(100, encoding)

    assert line.isascii()
    assert "|" in line
    assert "1 below 0" in line


@pytest.mark.parametrize("encoding", ["utf-8", "gbk"])
def test_where_a_console_has_blocks_they_are_drawn(encoding):
    line = shown(100, encoding)

    assert {"▁", "█", "│"} <= set(line)
    assert "-5.0 to +50.0 points, ▁ below 0" in line


@pytest.mark.parametrize("width", [40, 60, 80, 100])
def test_the_scale_is_whole_at_any_width(width):
    text = shown(width, "utf-8")

    assert max(cell_len(line) for line in text.splitlines()) <= width
    assert "-5.0 to +50.0 points" in " ".join(text.split())
    assert text.rstrip().endswith("│ 3m")


def test_a_window_that_has_not_come_is_not_marked():
    line = shown(100, "utf-8", np.array([0.01, 0.02]), None)

    assert "Excess ▅█ +1.0 to +2.0 points, none below 0\n" == line
