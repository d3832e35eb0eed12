"""The means of a figure, read: what is outside them is refused by name, never left out.

`thesis.reporting.figures` says what the means are. A figure is read as the plain dictionary that
plotly gives, so that nothing here needs plotly.
"""

import base64
import math
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from thesis.reporting.theme import role_of

Given = Mapping[str, Any]

_LINE = {"color", "width", "dash"}
_FONT = {"color", "size", "family"}
_MARKER = {"color", "size", "symbol", "line"}
_INNER = {
    "line": _LINE,
    "marker": _MARKER,
    "marker.line": {"color", "width"},
    "textfont": _FONT,
    "tickfont": _FONT,
    "font": _FONT,
    "title": {"text", "font"},
    "title.font": _FONT,
    "colorbar": {"title", "tickvals", "ticktext", "tickmode", "tickfont", "orientation"}
    | {"len", "thickness", "x", "y", "yanchor", "outlinewidth"},
    "colorbar.title": {"text", "font", "side"},
    "colorbar.title.font": _FONT,
    "colorbar.tickfont": _FONT,
}
#: What a pointer or a legend of plotly reads, and has no effect on a picture.
_UNSEEN = {"hoverinfo", "legendgroup"}
_SHARED = {"type", "x", "y", "name", "yaxis", "hovertext", "showlegend"} | _UNSEEN
_TRACES = {
    "scatter": _SHARED | {"mode", "line", "marker", "fill", "fillcolor"},
    "bar": _SHARED
    | {"base", "width", "orientation", "marker", "text", "textposition", "textfont", "cliponaxis"},
    "heatmap": _SHARED | {"z", "colorscale", "zmin", "zmax", "showscale", "colorbar"},
}
_AXIS = {"title", "range", "tickmode", "tickvals", "ticktext", "tickfont", "domain", "anchor"} | {
    "showgrid",
    "gridcolor",
    "zeroline",
    "fixedrange",
    "ticks",
}
_SHAPE = {"type", "xref", "yref", "x0", "x1", "y0", "y1", "fillcolor", "line", "layer"}
_NOTE = {
    "x",
    "y",
    "xref",
    "yref",
    "text",
    "showarrow",
    "xanchor",
    "yanchor",
    "xshift",
    "yshift",
} | {"align", "font", "textangle", "opacity"}
_LAYOUT = (
    {"template", "title", "font", "paper_bgcolor", "plot_bgcolor", "margin", "height"}
    | {"showlegend", "legend", "hovermode", "hoverlabel", "shapes", "annotations", "meta"}
    | {"barmode"}
)


def read(figure: Any) -> tuple[list[Given], Given]:
    """The traces and the layout of a figure, with nothing in them that a drawing does not know.

    Raises
    ------
    ValueError
        If something is outside the means; it names it.
    """
    found: Given = figure if isinstance(figure, Mapping) else figure.to_dict()
    layout: Given = found.get("layout", {})
    traces: list[Given] = list(found.get("data", ()))
    for trace in traces:
        kind = trace.get("type", "scatter")
        if kind not in _TRACES:
            raise ValueError(f"a trace is a {kind!r}; a drawing knows {', '.join(_TRACES)}")
        known(f"{kind} {trace.get('name', '')!r}", trace, _TRACES[kind])
    for key, value in layout.items():
        if re.fullmatch(r"[xy]axis\d*", key):
            known(f"layout.{key}", value, _AXIS)
        elif key not in _LAYOUT:
            raise ValueError(f"the layout has {key!r}, which a drawing does not know")
    for number, shape in enumerate(layout.get("shapes", ())):
        known(f"shape {number}", shape, _SHAPE)
    for note in layout.get("annotations", ()):
        known(f"annotation {note.get('text', '')!r}", note, _NOTE)
    return traces, layout


def known(where: str, given: Given, keys: Collection[str], inside: str = "") -> None:
    """Refuse the keys that are not known, in what is within too."""
    for key, value in given.items():
        path = f"{inside}{key}"
        if key not in keys:
            raise ValueError(f"{where} has {path!r}, which a drawing does not know")
        if isinstance(value, Mapping) and path in _INNER:
            known(where, value, _INNER[path], f"{path}.")


def values(given: Any, where: str) -> list[float]:
    """Numbers as plotly gives them, packed or not; NaN where unknown.

    Raises
    ------
    ValueError
        If one is no number: dates and categories are not drawn.

    Examples
    --------
    >>> values([1, None, 2.5], "x of a line")
    [1.0, nan, 2.5]
    """
    found = unpacked(given)
    if isinstance(found, np.ndarray) and found.dtype.kind in "fiu":
        return [float(value) for value in found.ravel()]
    out = []
    for value in found:
        if value is None:
            out.append(math.nan)
        elif isinstance(value, (int, float, np.integer, np.floating)):
            out.append(float(value))
        else:
            raise ValueError(
                f"{where} holds {value!r}: an axis is a number line; count days in sessions and "
                "number the categories"
            )
    return out


def unpacked(given: Any) -> Any:
    """A sequence, out of plotly's typed arrays where it is in one."""
    if isinstance(given, Mapping) and "bdata" in given:
        array = np.frombuffer(base64.b64decode(given["bdata"]), dtype=np.dtype(given["dtype"]))
        if "shape" in given:
            array = array.reshape([int(part) for part in str(given["shape"]).split(",")])
        return array
    return () if given is None else given


def texts(given: Any, count: int, where: str) -> list[str]:
    """A text for each of `count` points: one for all, one each, or none.

    Raises
    ------
    ValueError
        If there are more or fewer.
    """
    if given is None or isinstance(given, str):
        return [given or ""] * count
    found = ["" if each is None else str(each) for each in unpacked(given)]
    if len(found) != count:
        raise ValueError(f"{where} holds {len(found)} texts for {count} points")
    return found


def each(given: Any, count: int, default: Any) -> list[Any]:
    """A value for each of `count` points, where plotly takes one or as many."""
    found = unpacked(given) if isinstance(given, Mapping) else given
    if found is None:
        return [default] * count
    if isinstance(found, (Sequence, np.ndarray)) and not isinstance(found, str):
        return [default if value is None else value for value in found]
    return [found] * count


def role(shade: Any, where: str) -> str:
    """The role of a colour.

    Raises
    ------
    ValueError
        If there is no colour, or no role has it.
    """
    if not isinstance(shade, str):
        raise ValueError(f"{where} has no colour: give one of the theme's")
    try:
        return role_of(shade)
    except ValueError as error:
        raise ValueError(f"{where}: {error}") from error


def inner(given: Given, *path: str) -> Any:
    """What lies at a path; None where nothing does.

    Examples
    --------
    >>> inner({"line": {"width": 2}}, "line", "width")
    2
    """
    found: Any = given
    for key in path:
        found = found.get(key) if isinstance(found, Mapping) else None
    return found


def one_of(given: Any, default: str, choices: Iterable[str], where: str) -> str:
    """A word out of a few.

    Raises
    ------
    ValueError
        If it is another.
    """
    word = default if given is None else str(given)
    if word not in (among := tuple(choices)):
        raise ValueError(f"{where} is {word!r}; a drawing knows {', '.join(among)}")
    return word
