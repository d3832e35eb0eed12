"""What a pointer reads, for the script of the page; without it nothing is lost but comfort.

Marks carry their text in ``data-tip``. Lines and cells are too many for that: one empty group of
class ``hover`` carries theirs as JSON, in ``data-lines`` or ``data-cells``.
"""

import json
import math
from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from thesis.reporting.drawing import mosaic
from thesis.reporting.drawing.frame import Frame
from thesis.reporting.drawing.lettering import broken, legal
from thesis.reporting.drawing.lines import mode, points
from thesis.reporting.drawing.means import Given, texts


def hover(traces: Sequence[Given], frame: Frame) -> list[str]:
    """The groups with what a pointer reads on the lines and in the cells of a drawing."""
    found = []
    if lines := _lines(traces, frame):
        found.append(f"<g class=\"hover\" data-lines='{_json(lines)}'/>")
    maps = [trace for trace in traces if trace.get("type") == "heatmap"]
    cells = [told for trace in maps if (told := mosaic.told(trace, frame))]
    return found + [f"<g class=\"hover\" data-cells='{_json(each)}'/>" for each in cells]


def _lines(traces: Sequence[Given], frame: Frame) -> dict[str, Any] | None:
    """The texts of all lines at each place across, one below another, none twice.

    Returns
    -------
    dict or None
        ``x``: pixels, rising; ``tips``: as many texts; ``top`` and ``bottom``: pixels between
        which the places are.
    """
    found: dict[float, dict[str, None]] = {}
    edges: list[float] = []
    for trace in traces:
        if trace.get("type", "scatter") != "scatter" or "lines" not in mode(trace):
            continue
        if trace.get("hovertext") is None or trace.get("hoverinfo") == "skip":
            continue
        at = points(trace, frame)
        where = f"hovertext of scatter {trace.get('name', '')!r}"
        down = frame.scale(trace.get("yaxis", "y"))
        edges += [down.low, down.high]
        for (x, y), text in zip(at, texts(trace["hovertext"], len(at), where), strict=True):
            if text and not math.isnan(x) and not math.isnan(y):
                found.setdefault(round(x, 1), {}).update(dict.fromkeys(broken(text, where)))
    if not found:
        return None
    places = sorted(found)
    return {
        "top": round(min(edges), 1),
        "bottom": round(max(edges), 1),
        "x": places,
        "tips": ["\n".join(found[x]) for x in places],
    }


def _json(told: dict[str, Any]) -> str:
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return escape(legal(text), {"'": "&#39;"})
