"""Shapes, annotations and the watermark."""

import math

from thesis.reporting.drawing.frame import Frame
from thesis.reporting.drawing.lettering import Across, Down, Label, breadth, broken, escaped, number
from thesis.reporting.drawing.lines import DASHES
from thesis.reporting.drawing.means import Given, inner, one_of, role

ACROSS: dict[str, Across] = {"left": "start", "center": "middle", "right": "end"}
DOWN: dict[str, Down] = {"top": "top", "middle": "middle", "bottom": "bottom"}

#: What stands across a drawing of simulated prices that has no words of its own for it.
SIMULATED = "SIMULATED · 模拟数据"
#: The watermark's share of the diagonal, its greatest letters and how much they hide.
SHARE, LARGEST, HIDES = 0.72, 76.0, 0.24


def shape(given: Given, frame: Frame, number_of: int) -> str:
    """A rectangle or a line; cut at the ends of the axis that it stands on."""
    where = f"shape {number_of}"
    kind = one_of(given.get("type"), "rect", ("rect", "line"), f"type of {where}")
    x0, x1 = (_across(given, key, frame) for key in ("x0", "x1"))
    y0, y1 = (_down(given, key, frame) for key in ("y0", "y1"))
    line = given.get("line") or {}
    thick = 2 if line.get("width") is None else line["width"]
    if kind == "rect":
        if thick:
            raise ValueError(f"{where} is a rectangle with an edge: give line.width = 0")
        inside = role(given.get("fillcolor"), f"fillcolor of {where}")
        left, right = sorted((x0, x1))
        top, bottom = sorted((y0, y1))
        return (
            f'<rect class="f-{inside}" x="{number(left)}" y="{number(top)}" '
            f'width="{number(right - left)}" height="{number(bottom - top)}"/>'
        )
    if not thick:
        raise ValueError(f"{where} is a line without a width")
    dash = DASHES[one_of(line.get("dash"), "solid", DASHES, f"line.dash of {where}")]
    dashes = f' stroke-dasharray="{dash}"' if dash else ""
    stroke = role(line.get("color"), f"line.color of {where}")
    return (
        f'<path class="s-{stroke} line" d="M{number(x0)},{number(y0)}L{number(x1)},{number(y1)}" '
        f'stroke-width="{number(thick, 2)}"{dashes}/>'
    )


def _across(given: Given, key: str, frame: Frame) -> float:
    ref = given.get("xref", "x")
    place = frame.across(ref, float(given[key]))
    return frame.scale(ref).inside(place) if ref in frame.scales else place


def _down(given: Given, key: str, frame: Frame) -> float:
    ref = given.get("yref", "y")
    place = frame.down(ref, float(given[key]))
    return frame.scale(ref).inside(place) if ref in frame.scales else place


def is_watermark(given: Given) -> bool:
    """Whether an annotation is a figure's own watermark."""
    shade = inner(given, "font", "color")
    return shade is not None and role(shade, "font.color of an annotation") == "watermark"


def note(given: Given, frame: Frame) -> Label:
    """An annotation: a word or two in the picture."""
    where = f"annotation {given.get('text', '')!r}"
    if given.get("showarrow", True):
        raise ValueError(f"{where} has an arrow; a drawing knows none: showarrow=False")
    if given.get("textangle"):
        raise ValueError(f"{where} is turned by {given['textangle']}; a drawing turns none")
    if given.get("opacity") is not None:
        raise ValueError(f"{where} has an opacity; a drawing knows none but the watermark's own")
    x = frame.across(given.get("xref", "x"), float(given["x"])) + (given.get("xshift") or 0)
    y = frame.down(given.get("yref", "y"), float(given["y"])) - (given.get("yshift") or 0)
    across = one_of(given.get("xanchor"), "center", ACROSS, f"xanchor of {where}")
    down = one_of(given.get("yanchor"), "middle", DOWN, f"yanchor of {where}")
    shade = inner(given, "font", "color")
    return Label(
        broken(str(given.get("text", "")), where),
        x,
        y,
        ACROSS[across],
        DOWN[down],
        frame.size.font,
        "ink" if shade is None else role(shade, f"font.color of {where}"),
    )


def watermark(text: str, frame: Frame) -> str:
    """Large words across the drawing, which nothing switches off."""
    w, h = frame.size.width, frame.size.height
    angle = min(math.degrees(math.atan2(h, w)), 32.0)
    size = min(
        SHARE * min(w / math.cos(math.radians(angle)), 2.2 * h) / breadth((text,), 1.0), LARGEST
    )
    rows = max(1, round(h / (7 * size)))
    x = number(w / 2)
    found = []
    for row in range(rows):
        y = number(h * (row + 0.5) / rows)
        found.append(
            f'<text x="{x}" y="{y}" dy=".35em" text-anchor="middle" font-size="{number(size)}" '
            f'transform="rotate({number(-angle)} {x} {y})">{escaped(text)}</text>'
        )
    return f'<g class="simulated f-watermark" opacity="{HIDES}">{"".join(found)}</g>'
