"""Scatter traces: lines, areas and markers."""

import itertools
import math
from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

from thesis.reporting.drawing.frame import Frame
from thesis.reporting.drawing.lettering import Across, Down, Label, broken, number
from thesis.reporting.drawing.means import Given, each, inner, one_of, role, texts, values

Point = tuple[float, float]

#: Dashes of a line by plotly's names, as SVG writes them.
DASHES = {"solid": "", "dash": "7 4", "dot": "1.5 3.5"}
#: Markers as corners around the middle, in sizes of the marker.
CORNERS: dict[str, Sequence[Point]] = {
    "square": ((-0.5, -0.5), (0.5, -0.5), (0.5, 0.5), (-0.5, 0.5)),
    "diamond": ((0, -0.65), (0.65, 0), (0, 0.65), (-0.65, 0)),
    "triangle-up": ((0, -0.6), (0.58, 0.4), (-0.58, 0.4)),
    "triangle-down": ((0, 0.6), (0.58, -0.4), (-0.58, -0.4)),
    "triangle-left": ((-0.6, 0), (0.4, -0.58), (0.4, 0.58)),
    "triangle-right": ((0.6, 0), (-0.4, -0.58), (-0.4, 0.58)),
}
#: Markers that are strokes, from one point to another.
STROKES: dict[str, Sequence[tuple[Point, Point]]] = {
    "x": (((-0.45, -0.45), (0.45, 0.45)), ((-0.45, 0.45), (0.45, -0.45))),
    "cross": (((-0.55, 0), (0.55, 0)), ((0, -0.55), (0, 0.55))),
    "line-ns": (((0, -0.7), (0, 0.7)),),
    "line-ew": (((-0.7, 0), (0.7, 0)),),
}
SYMBOLS = ("circle", *CORNERS, *STROKES)
POSITIONS = [
    f"{down} {across}"
    for down in ("top", "middle", "bottom")
    for across in ("left", "center", "right")
]


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
    across = frame.scale(trace.get("xaxis", "x"))
    down = frame.scale(trace.get("yaxis", "y"))
    return [(across.at(one), down.at(other)) for one, other in zip(x, y, strict=True)]


def mode(trace: Given) -> set[str]:
    """What of lines, markers and text a trace shows.

    Raises
    ------
    ValueError
        If it does not say, or says something else.
    """
    found = set(str(trace.get("mode", "")).split("+"))
    if not found <= {"lines", "markers", "text", "none"}:
        raise ValueError(
            f"scatter {trace.get('name', '')!r} has mode {trace.get('mode')!r}; a drawing knows "
            "lines, markers, text and sums of them"
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


def stepped(run: Sequence[Point], shape: str) -> list[Point]:
    """A run with its corners: ``hv`` goes across to the next point, then up or down to it.

    Examples
    --------
    >>> stepped([(0, 1), (2, 3)], "hv")
    [(0, 1), (2, 1), (2, 3)]
    """
    if shape == "linear":
        return list(run)
    found = list(run[:1])
    for (_, y), (x, after) in itertools.pairwise(run):
        found += [(x, y), (x, after)] if y != after else [(x, after)]
    return found


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


def curves(trace: Given, before: Given | None, frame: Frame) -> list[str]:
    """The area and the line of a trace, to be cut at the ends of its panel.

    Parameters
    ----------
    before
        The trace that ``tonexty`` fills to: the one before it on the same axes.
    """
    where = f"scatter {trace.get('name', '')!r}"
    line = trace.get("line") or {}
    shape = one_of(line.get("shape"), "linear", ("linear", "hv"), f"line.shape of {where}")
    dash = one_of(line.get("dash"), "solid", DASHES, f"line.dash of {where}")
    fill = one_of(trace.get("fill"), "none", ("none", "toself", "tonexty"), f"fill of {where}")
    found = []
    opacity = seen_through(trace)
    pieces = [stepped(run, shape) for run in runs(points(trace, frame))]
    if fill != "none":
        inside = role(trace.get("fillcolor"), f"fillcolor of {where}")
        around = pieces if fill == "toself" else _between(trace, before, frame, shape, where)
        d = "".join(path(piece, closed=True) for piece in around)
        found.append(f'<path class="f-{inside} area" d="{d}"{opacity}/>')
    thick = 2 if line.get("width") is None else line["width"]
    if "lines" in mode(trace) and thick:
        stroke = role(line.get("color"), f"line.color of {where}")
        dashes = f' stroke-dasharray="{DASHES[dash]}"' if DASHES[dash] else ""
        d = "".join(path(piece if len(piece) > 1 else piece * 2) for piece in pieces)
        found.append(
            f'<path class="s-{stroke} line" d="{d}" stroke-width="{number(thick, 2)}"'
            f"{dashes}{opacity}/>"
        )
    return found


def _between(
    trace: Given, before: Given | None, frame: Frame, shape: str, where: str
) -> list[list[Point]]:
    if before is None:
        raise ValueError(f"{where} fills to the trace before it on its axes, and there is none")
    one, other = points(trace, frame), points(before, frame)
    below = inner(before, "line", "shape") or "linear"
    if not any(math.isnan(part) for point in (*one, *other) for part in point):
        return [stepped(one, shape) + stepped(other, below)[::-1]]
    if [x for x, _ in one] != [x for x, _ in other]:
        raise ValueError(f"{where} fills to a line with gaps over other points than its own")
    unknown = (math.nan, math.nan)
    both = [math.isnan(a[1]) or math.isnan(b[1]) for a, b in zip(one, other, strict=True)]
    upper = runs([unknown if gap else point for gap, point in zip(both, one, strict=True)])
    lower = runs([unknown if gap else point for gap, point in zip(both, other, strict=True)])
    return [stepped(a, shape) + stepped(b, below)[::-1] for a, b in zip(upper, lower, strict=True)]


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
    across, down = frame.scale(trace.get("xaxis", "x")), frame.scale(trace.get("yaxis", "y"))
    opacity = seen_through(trace, style.get("opacity"))
    rim = style.get("line") or {}
    found = []
    for k, (x, y) in enumerate(at):
        if not (
            across.low - 0.5 <= x <= across.high + 0.5 and down.low - 0.5 <= y <= down.high + 0.5
        ):
            continue
        more = opacity if bare or not tips[k] else f"{opacity} data-tip={tip(tips[k], where)}"
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
    one_of(base, base, SYMBOLS, f"symbol of {where}")
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


def words(trace: Given, frame: Frame) -> list[Label]:
    """The text of a trace beside its points."""
    at = points(trace, frame)
    where = f"text of scatter {trace.get('name', '')!r}"
    said = texts(trace.get("text"), len(at), where)
    places = each(trace.get("textposition"), len(at), "middle center")
    shades = each(inner(trace, "textfont", "color"), len(at), None)
    size = each(inner(trace, "marker", "size"), len(at), 6)
    found = []
    for k, (x, y) in enumerate(at):
        if not said[k] or math.isnan(x) or math.isnan(y):
            continue
        down, across = one_of(places[k], "middle center", POSITIONS, where).split()
        away = float(size[k]) / 2 + 4 if "markers" in mode(trace) else 0.0
        dx: dict[str, tuple[Across, float]] = {
            "left": ("end", -away),
            "center": ("middle", 0.0),
            "right": ("start", away),
        }
        dy: dict[str, tuple[Down, float]] = {
            "top": ("bottom", -away),
            "middle": ("middle", 0.0),
            "bottom": ("top", away),
        }
        colour = "ink" if shades[k] is None else role(shades[k], where)
        found.append(
            Label(
                broken(said[k], where),
                x + dx[across][1],
                y + (dy[down][1] if across == "center" else dy[down][1] / 2),
                dx[across][0],
                dy[down][0],
                frame.size.font,
                colour,
            )
        )
    return found


def seen_through(trace: Given, also: float | None = None) -> str:
    """The attribute of what lets others be seen behind it."""
    share = (1.0 if trace.get("opacity") is None else float(trace["opacity"])) * (
        1.0 if also is None else float(also)
    )
    return "" if share == 1.0 else f' opacity="{number(share, 2)}"'


def tip(text: str, where: str) -> str:
    """What a pointer reads, as a quoted attribute with its lines kept."""
    return quoteattr("\n".join(broken(text, where)), {"\n": "&#10;"})
