"""Figures drawn as static SVG, for pages that carry no plotly: in the colours of the page's paper.

A drawing knows the means written in `thesis.reporting.figures` and refuses all else by name.
"""

from thesis.reporting.drawing.legend import Key
from thesis.reporting.drawing.shades import rules, stylesheet, variables
from thesis.reporting.drawing.standalone import lone, standalone
from thesis.reporting.drawing.svg import Drawing, draw, draw_both

__all__ = [
    "Drawing",
    "Key",
    "draw",
    "draw_both",
    "lone",
    "rules",
    "standalone",
    "stylesheet",
    "variables",
]
