"""Narrow terminals: what a wide one shows, a narrow one shows too, in lines where need be."""

import functools
import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

import thesis
from thesis.examination import surface_of
from thesis.reporting.terminal.comparison import comparison_view
from thesis.reporting.terminal.evidence import evidence_view
from thesis.reporting.terminal.grid import rows_table, titled_table
from thesis.reporting.terminal.surface import surface_view
from thesis.reporting.terminal.tables import backtest_view

WIDTHS = (60, 72, 80, 99)


@functools.cache
def weighed(name):
    return thesis.evidence(name, "sample", draws=100, command="a test")


@functools.cache
def compared():
    return thesis.compare(["media_ai", "server", "computer"], "sample")


VIEWS = {
    "backtest": lambda: backtest_view(weighed("media_ai"), plain=True, verbose=True),
    "short": lambda: backtest_view(weighed("switch"), plain=True),
    "evidence": lambda: evidence_view(weighed("optical_module"), plain=True),
    "surface": lambda: surface_view(
        weighed("media_ai"), surface_of(weighed("media_ai")), plain=True
    ),
    "compare": lambda: comparison_view(compared(), plain=True, verbose=True),
}


def shown(view, width):
    screen = io.StringIO()
    Console(file=screen, width=width, force_terminal=True, color_system=None).print(view)
    return screen.getvalue()


def facts(text):
    """Every number, but for those beside the sparkline: its scale depends on the width."""
    lines = [line for line in text.splitlines() if not re.match("Excess [▁-█]", line)]
    return sorted(set(re.findall(r"[+-]?\d[\d,.:-]*%?", " ".join(lines))))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("name", VIEWS)
def test_a_narrow_terminal_loses_no_number_and_no_line_is_too_long(name, width):
    wide, narrow = shown(VIEWS[name](), 100), shown(VIEWS[name](), width)

    assert "…" not in narrow
    assert max(cell_len(line) for line in narrow.splitlines()) <= width
    # Without spaces, since a narrow line may break where a wide one does not.
    packed = "".join(narrow.split())
    assert [] == [fact for fact in facts(wide) if fact not in packed]


def test_a_row_that_does_not_fit_is_its_label_and_then_each_heading_with_its_cell():
    table = titled_table("Names", plain=True)
    table.add_column("code", no_wrap=True)
    for heading in ("weight", "return"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("why")
    table.add_row("600000.SH", "14.3%", "+26.2", "bought at the open")
    table.caption = "so much"

    told = shown(table, 26)

    assert (
        "Names\n600000.SH\n  weight 14.3%\n  return +26.2\n  why: bought at the open\nso much\n"
        == "\n".join(line.rstrip() for line in told.splitlines()) + "\n"
    )
    assert "600000.SH   14.3%   +26.2  bought at the open" in shown(table, 60)


def test_before_it_turns_into_lines_a_table_moves_its_columns_closer():
    table = titled_table("", plain=True)
    for heading in ("one", "two"):
        table.add_column(heading, no_wrap=True)
    table.add_row("a" * 10, "b" * 10)

    assert f"{'a' * 10}  {'b' * 10}" in shown(table, 30)
    assert f"{'a' * 10} {'b' * 10}" in shown(table, 21)
    told = [line.rstrip() for line in shown(table, 20).splitlines()]
    assert ["a" * 10, f"  two: {'b' * 10}"] == told


def test_a_cell_in_brackets_is_text_in_lines_too():
    table = rows_table(("code", "title"), [("x" * 30, "[red]y[/red]")], plain=True)

    assert "title: [red]y[/red]" in " ".join(shown(table, 32).split())


def test_a_styled_cell_keeps_its_words():
    table = titled_table("", plain=True)
    table.add_column("claim", no_wrap=True)
    table.add_column("more", no_wrap=True)
    table.add_row(Text.assemble("Buy ", ("met", "green")), "z" * 30)

    assert shown(table, 20).splitlines()[0].rstrip() == "Buy met"
