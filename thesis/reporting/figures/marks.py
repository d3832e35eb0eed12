"""The marks figures are drawn with, as plain plotly dicts: each takes a role for its colour."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

from thesis.reporting.theme import colour

Mark = dict[str, Any]

#: Sizes of text in pixels: titles of figures, text of axes and legends, notes in the picture.
TITLE, TEXT, NOTE = 16, 12, 11

#: Characters from here on are as wide as they are high: Chinese, and its punctuation.
FIRST_WIDE = 0x2E80


def escaped(text: str) -> str:
    """Text as plotly shows it: it reads a little HTML, which no thesis file may write.

    Examples
    --------
    >>> escaped("<b>R&D</b>")
    '&lt;b&gt;R&amp;D&lt;/b&gt;'
    """
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def breadth(text: str) -> float:
    """About how many pixels wide a line of text of an axis or a legend is.

    Examples
    --------
    >>> breadth("CSI 300"), breadth("沪深")
    (49.0, 24.0)
    """
    return float(sum(TEXT if ord(each) > FIRST_WIDE else 7 for each in text))


def plain(values: Iterable[float]) -> list[float | None]:
    """Numbers as a figure holds them: None where unknown."""
    return [None if value != value else float(value) for value in values]


def line(
    x: Iterable[float],
    y: Iterable[float],
    role: str,
    name: str = "",
    hover: Sequence[str] | None = None,
    *,
    width: float = 2.0,
    dash: str = "solid",
    axis: int = 1,
    legend: bool = False,
    group: str = "",
) -> Mark:
    """A line through points; it breaks where one is unknown."""
    return {
        "type": "scatter",
        "mode": "lines",
        "x": plain(x),
        "y": plain(y),
        "name": name,
        "line": {"color": colour(role), "width": width, "dash": dash},
        **_axis(axis),
        **_pointed(hover),
        **_legend(legend, group),
    }


def key(role: str, dash: str, name: str) -> Mark:
    """A line that stands in the legend alone, for one that is drawn as a shape."""
    return line([math.nan], [math.nan], role, name, width=2, dash=dash, legend=True)


def area(
    x: Iterable[float], low: Iterable[float], high: Iterable[float], role: str, name: str
) -> Mark:
    """The area between two lines over the same points."""
    along, under, over = plain(x), plain(low), plain(high)
    return {
        "type": "scatter",
        "mode": "lines",
        "x": along + along[::-1],
        "y": over + under[::-1],
        "name": name,
        "fill": "toself",
        "fillcolor": colour(role),
        "line": {"color": colour(role), "width": 0},
        **_pointed(None),
        **_legend(True, ""),
    }


def dots(
    x: Iterable[float],
    y: Iterable[float],
    role: str,
    name: str = "",
    hover: Sequence[str] | None = None,
    *,
    symbol: str = "circle",
    size: float = 9.0,
    legend: bool = False,
) -> Mark:
    """Markers, each edged in the colour of the paper, or hollow with a ``-open`` symbol."""
    return {
        "type": "scatter",
        "mode": "markers",
        "x": plain(x),
        "y": plain(y),
        "name": name,
        "marker": {
            "color": colour(role),
            "size": size,
            "symbol": symbol,
            "line": {"color": colour(role if symbol.endswith("-open") else "paper"), "width": 1.5},
        },
        **_pointed(hover),
        **_legend(legend, ""),
    }


def bars(
    places: Iterable[float],
    lengths: Iterable[float],
    roles: Sequence[str],
    hover: Sequence[str],
    *,
    base: Iterable[float] | None = None,
    texts: Sequence[str] | None = None,
    lying: bool = False,
    width: float = 0.66,
    axis: int = 1,
) -> Mark:
    """Bars at places along an axis, from their base on; each with its text beyond its end."""
    along, across = ("y", "x") if lying else ("x", "y")
    return {
        "type": "bar",
        "orientation": "h" if lying else "v",
        along: plain(places),
        across: plain(lengths),
        "width": width,
        "marker": {"color": [colour(role) for role in roles]},
        **({"base": plain(base)} if base is not None else {}),
        **_axis(axis),
        **_pointed(hover),
        **_legend(False, ""),
        **(
            {
                "text": list(texts),
                "textposition": "outside",
                "textfont": {"size": TEXT, "color": colour("ink")},
                "cliponaxis": False,
            }
            if texts is not None
            else {}
        ),
    }


def zone(x0: float, x1: float, y0: float, y1: float, role: str, *, y: str = "y") -> Mark:
    """A rectangle behind the lines."""
    return {
        "type": "rect",
        "xref": "x",
        "yref": y,
        "x0": x0,
        "x1": x1,
        "y0": y0,
        "y1": y1,
        "fillcolor": colour(role),
        "line": {"width": 0},
        "layer": "below",
    }


def rule(
    x0: float,
    x1: float,
    y0: float,
    y1: float,
    role: str,
    *,
    width: float = 1.0,
    dash: str = "solid",
    y: str = "y",
    above: bool = False,
) -> Mark:
    """A straight line, behind the lines of the figure or above them."""
    return {
        "type": "line",
        "xref": "x",
        "yref": y,
        "x0": x0,
        "x1": x1,
        "y0": y0,
        "y1": y1,
        "line": {"color": colour(role), "width": width, "dash": dash},
        "layer": "above" if above else "below",
    }


def note(
    x: float,
    y: float,
    text: str,
    role: str = "muted",
    *,
    xref: str = "x",
    yref: str = "y",
    xanchor: str = "center",
    yanchor: str = "middle",
    xshift: float = 0,
    yshift: float = 0,
    size: float = NOTE,
) -> Mark:
    """A word or two in the picture."""
    return {
        "x": x,
        "y": y,
        "xref": xref,
        "yref": yref,
        "text": text,
        "showarrow": False,
        "xanchor": xanchor,
        "yanchor": yanchor,
        "xshift": xshift,
        "yshift": yshift,
        "align": {"left": "left", "right": "right"}.get(xanchor, "center"),
        "font": {"size": size, "color": colour(role)},
    }


def _axis(number: int) -> Mark:
    return {} if number == 1 else {"yaxis": f"y{number}"}


def _pointed(hover: Sequence[str] | None) -> Mark:
    """What a pointer reads; nothing where there is nothing to be read."""
    if hover is None:
        return {"hoverinfo": "skip"}
    return {"hovertext": list(hover), "hoverinfo": "text"}


def _legend(shown: bool, group: str) -> Mark:
    return {"showlegend": shown, **({"legendgroup": group} if group else {})}
