"""Scatter traces: lines, areas and markers."""

import math
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from thesis.reporting.drawing.frame import Frame
from thesis.reporting.drawing.lettering import broken, legal, number
from thesis.reporting.drawing.means import Given, each, one_of, role, texts, values

Point = tuple[float, float]

#: Dashes of a line by plotly's names, as SVG writes them.
DASHES = {"solid": "", "dash": "7 4", "dot": "1.5 3.5"}
#: Markers as corners around the middle, in sizes of the marker.
CORNERS: dict[str, Sequence[Point]] = {
    "square": ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)),
    "diamond": ((0, -0.65), (0.65, 0), (0, 0.65), (-0.65, 0)),
    "triangle-up": ((0, -0.6), (0.58, 0.4), (-0.58, 0.4)),
    "triangle-down": ((0, 0.6), (0.58, -0.4), (-0.58, -0.4)),
}
#: Markers that are strokes, from one point to another.
STROKES: dict[str, Sequence[tuple[Point, Point]]] = {
    "x": (((-0.45, -0.45), (0.45, 0.45)), ((-0.45, 0.45), (0.45, -0.45))),
}
SYMBOLS = ("circle", *CORNERS, "diamond-open", *STROKES)


def points(trace: Given, frame: Frame) -> list[Point]:
    """The points of a trace on the page; NaN where one is unknown.

    Raises
    ------
    ValueError
        If there are more of one than of the other.
    """
    where = f"scatter {trace.get('name', '')!r}"
    x, y = values(trace.get("x"), f"x of {where}"), values(trace.get("y"), f"y of {where}")
    if len(x) != len(y):
        raise ValueError(f"{where} has {len(x)} x and {len(y)} y")
    across = frame.scale("x")
    down = frame.scale(trace.get("yaxis", "y"))
    return [(across.at(one), down.at(other)) for one, other in zip(x, y, strict=True)]


def mode(trace: Given) -> set[str]:
    """What of lines and markers a trace shows.

    Raises
    ------
    ValueError
        If it does not say, or says something else.
    """
    found = set(str(trace.get("mode", "")).split("+"))
    if not found <= {"lines", "markers"}:
        raise ValueError(
            f"scatter {trace.get('name', '')!r} has mode {trace.get('mode')!r}; a drawing knows "
            "lines, markers and lines+markers"
        )
    return found


def runs(given: Sequence[Point]) -> list[list[Point]]:
    """The unbroken runs of points: a line breaks where one is unknown.

    Examples
    --------
    >>> runs([(0, 1), (1, float("nan")), (2, 3), (3, 3)])
    [[(0, 1)], [(2, 3), (3, 3)]]
    """
    found: list[list[Point]] = [[]]
    for x, y in given:
        if math.isnan(x) or math.isnan(y):
            found.append([])
        else:
            found[-1].append((x, y))
    return [run for run in found if run]


def path(run: Sequence[Point], closed: bool = False) -> str:
    """The ``d`` of a path through points.

    Examples
    --------
    >>> path([(0, 1), (2.25, 1), (3, 4)], closed=True)
    'M0,1H2.2L3,4Z'
    """
    found: list[str] = []
    last = "", ""
    for x, y in run:
        at = number(x), number(y)
        if not found:
            found.append(f"M{at[0]},{at[1]}")
        elif at == last:
            continue
        elif at[1] == last[1]:
            found.append(f"H{at[0]}")
        elif at[0] == last[0]:
            found.append(f"V{at[1]}")
        else:
            found.append(f"L{at[0]},{at[1]}")
        last = at
    return "".join(found) + ("Z" if closed else "")


def curves(trace: Given, frame: Frame) -> list[str]:
    """The area and the line of a trace, to be cut at the ends of its panel."""
    where = f"scatter {trace.get('name', '')!r}"
    line = trace.get("line") or {}
    dash = one_of(line.get("dash"), "solid", DASHES, f"line.dash of {where}")
    fill = one_of(trace.get("fill"), "none", ("none", "toself"), f"fill of {where}")
    found = []
    pieces = runs(points(trace, frame))
    if fill != "none":
        inside = role(trace.get("fillcolor"), f"fillcolor of {where}")
        d = "".join(path(piece, closed=True) for piece in pieces)
        found.append(f'<path class="f-{inside} area" d="{d}"/>')
    thick = 2 if line.get("width") is None else line["width"]
    if "lines" in mode(trace) and thick:
        stroke = role(line.get("color"), f"line.color of {where}")
        dashes = f' stroke-dasharray="{DASHES[dash]}"' if DASHES[dash] else ""
        d = "".join(path(piece if len(piece) > 1 else piece * 2) for piece in pieces)
        found.append(
            f'<path class="s-{stroke} line" d="{d}" stroke-width="{number(thick, 2)}"{dashes}/>'
        )
    return found


def markers(trace: Given, frame: Frame) -> list[str]:
    """The markers of a trace that lie within its panel, each with what a pointer reads."""
    at = points(trace, frame)
    where = f"marker of scatter {trace.get('name', '')!r}"
    style = trace.get("marker") or {}
    shades = each(style.get("color"), len(at), None)
    sizes = each(style.get("size"), len(at), 6)
    symbols = each(style.get("symbol"), len(at), "circle")
    tips = texts(trace.get("hovertext"), len(at), f"hovertext of {where}")
    bare = "lines" in mode(trace) or trace.get("hoverinfo") == "skip"  # a line's are told with it
    across, down = frame.scale("x"), frame.scale(trace.get("yaxis", "y"))
    rim = style.get("line") or {}
    found = []
    for k, (x, y) in enumerate(at):
        if not (
            across.low - 0.5 <= x <= across.high + 0.5 and down.low - 0.5 <= y <= down.high + 0.5
        ):
            continue
        more = "" if bare or not tips[k] else f" data-tip={tip(tips[k], where)}"
        found.append(marker(x, y, str(symbols[k]), float(sizes[k]), shades[k], rim, more, where))
    return found


def marker(
    x: float,
    y: float,
    symbol: str,
    size: float,
    shade: object,
    rim: Given | None = None,
    more: str = "",
    where: str = "a marker",
) -> str:
    """One marker.

    Parameters
    ----------
    shade
        Its colour, on light paper.
    rim
        ``color`` and ``width`` of its edge, if any.
    more
        Attributes that it has beside.
    where
        What it is, for a message.

    Raises
    ------
    ValueError
        If the symbol or the colour is none of a drawing's means.
    """
    rim = rim or {}
    base = symbol.removesuffix("-open")
    one_of(symbol, symbol, SYMBOLS, f"symbol of {where}")
    colour = role(shade, f"color of {where}")
    if base in STROKES:
        ends = "".join(
            path([(x + a * size, y + b * size), (x + c * size, y + d * size)])
            for (a, b), (c, d) in STROKES[base]
        )
        return f'<path class="s-{colour} stroke" d="{ends}" stroke-width="2"{more}/>'
    wide = rim.get("width") or 0
    if symbol.endswith("-open"):
        look = f'class="hollow s-{colour}" stroke-width="{number(max(wide, 1.5), 2)}"'
    elif wide:
        edge = role(rim.get("color"), f"line.color of {where}")
        look = f'class="f-{colour} s-{edge}" stroke-width="{number(wide, 2)}"'
    else:
        look = f'class="f-{colour}"'
    if base == "circle":
        return f'<circle {look} cx="{number(x)}" cy="{number(y)}" r="{number(size / 2)}"{more}/>'
    corners = [(x + a * size, y + b * size) for a, b in CORNERS[base]]
    return f'<path {look} d="{path(corners, closed=True)}"{more}/>'


def tip(text: str, where: str) -> str:
    """What a pointer reads, as a quoted attribute with its lines kept."""
    return quoteattr(legal("\n".join(broken(text, where))), {"\n": "&#10;"})
