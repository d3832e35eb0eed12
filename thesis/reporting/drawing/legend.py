"""The legend of a drawing, which a page sets as text beside it."""

from collections.abc import Sequence
from dataclasses import dataclass

from thesis.reporting.drawing.lettering import broken
from thesis.reporting.drawing.lines import mode
from thesis.reporting.drawing.means import Given, each, inner, role

_KINDS = {"solid": "line", "dash": "dashed", "dot": "dotted"}


@dataclass(frozen=True)
class Key:
    """An entry of a legend.

    Attributes
    ----------
    role
        Of its colour.
    kind
        ``line``, ``dashed``, ``dotted``, ``area``, ``bar``, or the marker: ``circle``,
        ``diamond-open`` and so on. The stylesheet has a class ``key-`` and each of them.
    """

    label: str
    role: str
    kind: str


def keys(traces: Sequence[Given]) -> tuple[Key, ...]:
    """The entries of a figure's legend: of its traces with a name that show one."""
    found: dict[Key, None] = {}
    for trace in traces:
        shows = trace.get("showlegend", len(traces) > 1)
        if shows and trace.get("name") and trace.get("type") != "heatmap":
            found[_key(trace)] = None
    return tuple(found)


def _key(trace: Given) -> Key:
    where = f"{trace.get('type', 'scatter')} {trace['name']!r}"
    label = " ".join(broken(str(trace["name"]), where))
    shades = each(inner(trace, "marker", "color"), 1, None)
    if trace.get("type") == "bar":
        return Key(label, role(shades[0], f"marker.color of {where}"), "bar")
    line = trace.get("line") or {}
    shown = mode(trace)
    if "lines" in shown and line.get("width") != 0:
        kind = _KINDS[line.get("dash") or "solid"]
        return Key(label, role(line.get("color"), f"line.color of {where}"), kind)
    if trace.get("fill", "none") != "none":
        return Key(label, role(trace.get("fillcolor"), f"fillcolor of {where}"), "area")
    symbol = each(inner(trace, "marker", "symbol"), 1, "circle")[0]
    return Key(label, role(shades[0], f"marker.color of {where}"), str(symbol))
