"""A drawing on its own: one SVG file with its title, its legend and its colours."""

import re
from dataclasses import replace
from typing import Any
from xml.sax.saxutils import escape
from zlib import crc32

from thesis.reporting.drawing.legend import Key
from thesis.reporting.drawing.lettering import Label, breadth, broken, number, wrapped
from thesis.reporting.drawing.lines import marker
from thesis.reporting.drawing.means import inner
from thesis.reporting.drawing.svg import WIDE, Drawing, draw
from thesis.reporting.theme import FONTS, PALETTE

#: Pixels: the size of a title and of a key, the room of a row of each, a key's mark and the space
#: between two keys.
TITLE, KEY, TITLE_ROW, KEY_ROW, MARK, APART = 16.0, 13.0, 22.0, 21.0, 22.0, 18.0
_DASHES = {"dashed": ' stroke-dasharray="6 4"', "dotted": ' stroke-dasharray="2 3"'}
_NAMELESS = "figure-to-be-named"
_POINTED = re.compile(r" data-[a-z]+=(?:\"[^\"]*\"|'[^']*')")


def standalone(figure: Any, width: int = WIDE) -> str:
    """A figure as an SVG file on light paper, for where there is neither page nor plotly.

    What a pointer would read is left out: the file shows the figure and passes no data on.

    Parameters
    ----------
    figure, width
        As for `draw`.

    Raises
    ------
    ValueError
        As `draw`.
    """
    found = figure.to_dict()
    drawn, name = lone(found, width)
    shape = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawn.svg)
    if shape is None:
        raise AssertionError("a drawing has a viewBox")
    title = inner(found["layout"], "title", "text") or ""
    head, low = _title(title, width)
    keys, low = _keys(drawn.keys, width, low)
    body = drawn.svg.replace("<svg ", f'<svg y="{number(low)}" height="{shape[2]}" ', 1)
    tall = low + float(shape[2])
    inside = f"{head}{keys}{body}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{name}" width="{width}" '
        f'height="{number(tall)}" viewBox="0 0 {width} {number(tall)}">'
        f"<style>{_style(f'.{name}', inside)}</style>"
        f'<rect class="f-paper" width="100%" height="100%"/>{inside}</svg>'
    )


def lone(figure: Any, width: int = WIDE) -> tuple[Drawing, str]:
    """A drawing for a place that it shares with others and where no script reads it, and its name.

    It is named by what it shows: a notebook sets several into one page, and their clips and styles
    must not meet. What a pointer would read is left out.
    """
    drawn = draw(figure, _NAMELESS, width)
    svg = _POINTED.sub("", drawn.svg).replace('<g class="hover"/>', "")
    name = f"figure-{crc32(svg.encode()):08x}"
    return replace(drawn, svg=svg.replace(_NAMELESS, name)), name


def _title(text: str, width: int) -> tuple[str, float]:
    """The title, and where it ends."""
    rows = wrapped(broken(text, "the title"), TITLE, width - 16) if text else ()
    label = Label(rows, 8, 6, "start", "top", TITLE, "ink", rim=False)
    return (label.svg() if rows else ""), 10 + TITLE_ROW * len(rows)


def _keys(keys: tuple[Key, ...], width: int, top: float) -> tuple[str, float]:
    """The legend in as many rows as it takes, and where it ends."""
    found, x, y = [], 8.0, top
    for key in keys:
        wide = MARK + 6 + breadth((key.label,), KEY) + APART
        if x > 8 and x + wide > width:
            x, y = 8.0, y + KEY_ROW
        middle = y + KEY_ROW / 2
        found.append(_mark(key, x, middle))
        found.append(
            Label(
                (key.label,), x + MARK + 6, middle, "start", "middle", KEY, "ink", rim=False
            ).svg()
        )
        x += wide
    return "".join(found), y + (KEY_ROW + 4 if keys else 0)


def _mark(key: Key, x: float, y: float) -> str:
    if key.kind in ("line", "dashed", "dotted"):
        return (
            f'<path class="s-{key.role} line" stroke-width="2.2"{_DASHES.get(key.kind, "")} '
            f'd="M{number(x)},{number(y)}h{number(MARK)}"/>'
        )
    if key.kind in ("area", "bar"):
        return (
            f'<rect class="f-{key.role}" x="{number(x)}" y="{number(y - 5)}" '
            f'width="{number(MARK)}" height="10"/>'
        )
    return marker(x + MARK / 2, y, key.kind, 10.0, PALETTE[key.role].light)


def _style(scope: str, inside: str) -> str:
    """The colours of the roles that are used, which touch nothing outside the file."""
    used = [role for role in PALETTE if re.search(rf'[fs]-{role}[ "]', inside)]
    roles = "".join(
        f"{scope} .f-{role}{{fill:{PALETTE[role].light}}}"
        f"{scope} .s-{role}{{stroke:{PALETTE[role].light}}}"
        for role in dict.fromkeys(["paper", *used])
    )
    return (
        f"{roles}{scope}{{font-family:{escape(FONTS)}}}{scope} text{{stroke:none}}"
        f"{scope} .rim{{paint-order:stroke;stroke:{PALETTE['paper'].light};stroke-width:2.5px;"
        "stroke-linejoin:round}"
        f"{scope} .line,{scope} .hollow{{fill:none}}{scope} .simulated{{font-weight:800}}"
    )
