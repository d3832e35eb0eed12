"""A surface on its own, for the terminal."""

from rich.console import Group, RenderableType
from rich.text import Text

from thesis.reporting.backtest import Backtest
from thesis.reporting.terminal.fragile import surface_table, surface_words
from thesis.reporting.terminal.lines import simulated_banner, whole_provenance, whole_verdict
from thesis.scoring.surface import Surface


def surface_view(result: Backtest, found: Surface, *, plain: bool = False) -> RenderableType:
    """The verdict, and some of the surface around it."""
    parts: list[RenderableType] = []
    if result.simulated:
        parts.append(simulated_banner(result.score.case.panel.origin, plain=plain))
    parts += [whole_verdict(result), Text(), surface_table(result, found, plain=plain)]
    parts.append(Text(surface_words(result, found), style="dim"))
    return Group(*parts, Text(), whole_provenance(result))
