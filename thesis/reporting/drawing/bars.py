"""Bar traces."""

import math
from dataclasses import dataclass

from thesis.reporting.drawing.frame import Frame
from thesis.reporting.drawing.lettering import Label, broken, number
from thesis.reporting.drawing.lines import tip
from thesis.reporting.drawing.means import Given, each, inner, one_of, role, texts, values

#: The least length of a bar: one of nothing is a hairline, not a gap.
LEAST = 0.8


@dataclass(frozen=True)
class Bar:
    """A bar on the page.

    Attributes
    ----------
    left, top, right, bottom
        Its edges in pixels.
    outward
        From its base to its end: 1 to the right or down, -1 to the left or up.
    is_lying
        Whether it runs across.
    """

    left: float
    top: float
    right: float
    bottom: float
    outward: int
    is_lying: bool


def bars(trace: Given, frame: Frame) -> list[Bar | None]:
    """The bars of a trace; None for one whose length is unknown.

    Raises
    ------
    ValueError
        If their lengths are not as many as their places, or they have no width.
    """
    where = f"bar {trace.get('name', '')!r}"
    lying = one_of(trace.get("orientation"), "v", ("v", "h"), f"orientation of {where}") == "h"
    along, length = ("y", "x") if lying else ("x", "y")
    places = values(trace.get(along), f"{along} of {where}")
    lengths = values(trace.get(length), f"{length} of {where}")
    if len(places) != len(lengths):
        raise ValueError(f"{where} has {len(places)} {along} and {len(lengths)} {length}")
    given = trace.get("base")
    bases = values(each(given, len(places), 0.0), f"base of {where}")
    if trace.get("width") is None:
        raise ValueError(f"{where} has no width: give one")
    widths = values(each(trace["width"], len(places), None), f"width of {where}")
    across = frame.scale("x")
    down = frame.scale(trace.get("yaxis", "y"))
    on, over = (down, across) if lying else (across, down)
    found: list[Bar | None] = []
    for place, size, base, wide in zip(places, lengths, bases, widths, strict=True):
        if math.isnan(place) or math.isnan(size) or math.isnan(base):
            found.append(None)
            continue
        sides = sorted((on.at(place - wide / 2), on.at(place + wide / 2)))
        start, end = over.at(base), over.at(base + size)
        low, high = sorted((start, end))
        if high - low < LEAST:
            low, high = (low + high - LEAST) / 2, (low + high + LEAST) / 2
        box = (low, sides[0], high, sides[1]) if lying else (sides[0], low, sides[1], high)
        outward = end - start or over.last - over.first
        found.append(Bar(*box, 1 if outward > 0 else -1, lying))
    return found


def boxes(trace: Given, frame: Frame) -> list[str]:
    """The bars as SVG, each with what a pointer reads."""
    found = bars(trace, frame)
    where = f"bar {trace.get('name', '')!r}"
    style = trace.get("marker") or {}
    shades = each(style.get("color"), len(found), None)
    tips = texts(trace.get("hovertext"), len(found), f"hovertext of {where}")
    if style.get("line") is not None:
        raise ValueError(f"{where} has marker.line: a drawing's bars have no edge")
    out = []
    for bar, shade, words in zip(found, shades, tips, strict=True):
        if bar is None:
            continue
        look = f"f-{role(shade, f'marker.color of {where}')}"
        told = (
            f" data-tip={tip(words, where)}" if words and trace.get("hoverinfo") != "skip" else ""
        )
        out.append(
            f'<rect class="{look}" x="{number(bar.left, 2)}" y="{number(bar.top, 2)}" '
            f'width="{number(bar.right - bar.left, 2)}" height="{number(bar.bottom - bar.top, 2)}"'
            f"{told}/>"
        )
    return out


def words(trace: Given, frame: Frame) -> list[Label]:
    """The texts of bars, each beyond its end."""
    found = bars(trace, frame)
    where = f"text of bar {trace.get('name', '')!r}"
    said = texts(trace.get("text"), len(found), where)
    if not any(said):
        return []
    one_of(trace.get("textposition"), "auto", ("outside",), f"textposition of {where}")
    shades = each(inner(trace, "textfont", "color"), len(found), None)
    font = frame.size.font
    out = []
    for bar, text, shade in zip(found, said, shades, strict=True):
        if bar is None or not text:
            continue
        lines = broken(text, where)
        colour = "ink" if shade is None else role(shade, where)
        x, y = (bar.left + bar.right) / 2, (bar.top + bar.bottom) / 2
        after = bar.outward > 0
        if bar.is_lying:
            x = bar.right + 5 if after else bar.left - 5
            out.append(Label(lines, x, y, "start" if after else "end", "middle", font, colour))
        else:
            y = bar.bottom + 3 if after else bar.top - 3
            out.append(Label(lines, x, y, "middle", "top" if after else "bottom", font, colour))
    return out
