"""Figures of a result, as plotly figures: returned, never shown.

>>> import thesis
>>> result = thesis.backtest("media_ai", prices="sample")
>>> figure = thesis.figures.path(result, lang="zh")
>>> figure.layout.meta["simulated"]
True

``path``, ``fan``, ``contributions``, ``bridge``, ``surface`` and ``timeline`` are of a result,
``scoreboard`` of a comparison, ``review`` and ``review_paths`` of a
market review. They load on first use. On simulated prices every one carries a
watermark, which nothing switches off. Where there is nothing to draw they raise a `UsageError`.

A page prints them without plotly, so they keep to few means, which
`thesis.reporting.drawing` knows too:

- traces ``scatter`` (lines, markers; ``fill`` "toself"; dash solid, dash or dot; marker symbols
  circle, square, diamond, diamond-open, triangle-up, triangle-down and x), ``bar`` (either
  orientation, with ``base``, ``width`` and texts beyond their ends), and ``heatmap`` whose colours
  change in steps, with a horizontal key of them;
- one pair of axes, or two one above the other by ``domain``, with a shared x; every axis is a
  number line below or to the left, without a line of its own or at zero, with its ``range``
  (falling, where rows of a table stand on it), ``tickvals`` and ``ticktext`` given: days are
  counted in sessions, categories numbered;
- shapes ``rect`` (without an edge) and ``line``; annotations without arrows, moved by ``xshift``
  and ``yshift`` pixels; shapes and annotations stand on x, y, y2 or ``paper``, the square of all
  axes. The watermark is an annotation with ``textangle`` and ``opacity``;
- colours of `thesis.reporting.theme.PALETTE` alone; in text no markup but ``<br>``, with
  ``&amp;``, ``&lt;`` and ``&gt;`` for those characters;
- ``hovertext`` for what a pointer reads, made by the same hands as the text;
- ``layout.meta``: the ``kind`` of the figure, whether it is ``simulated``, and its ``description``
  in a sentence, which is plain text.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from thesis.reporting.figures.course import path
    from thesis.reporting.figures.delays import surface
    from thesis.reporting.figures.industries import review, review_paths
    from thesis.reporting.figures.ranking import scoreboard
    from thesis.reporting.figures.spread import fan
    from thesis.reporting.figures.stages import bridge
    from thesis.reporting.figures.waits import timeline
    from thesis.reporting.figures.waterfall import contributions

_HOME = {
    "bridge": "stages",
    "contributions": "waterfall",
    "fan": "spread",
    "path": "course",
    "review": "industries",
    "review_paths": "industries",
    "scoreboard": "ranking",
    "surface": "delays",
    "timeline": "waits",
}

__all__ = [
    "bridge",
    "contributions",
    "fan",
    "path",
    "review",
    "review_paths",
    "scoreboard",
    "surface",
    "timeline",
]


def __getattr__(name: str) -> Any:
    if name in _HOME:
        return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
