"""Text in a drawing: how wide it is, where it breaks, and the box it takes.

Nothing here can ask a font: widths are estimates, rather more than most fonts take.
"""

import html
import re
import unicodedata
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal
from xml.sax.saxutils import escape

Across = Literal["start", "middle", "end"]
Down = Literal["top", "middle", "bottom"]

#: Height of a line, and of what stands above its baseline, in sizes of the font.
LEADING, ASCENT = 1.25, 0.95
#: Widths in sizes of the font.
WIDE, CAPITAL, DIGIT, SMALL, NARROW, BROAD = 1.0, 0.7, 0.63, 0.61, 0.38, 0.97
_NARROW, _BROAD = frozenset("iIjl.,:;'|!()[]rtf -"), frozenset("mwMW%@—…+=<>~")
#: What XML cannot hold, not even escaped: a thesis file may, for TOML knows "\u0001".
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_BREAK, _TAG = re.compile(r"<br\s*/?>"), re.compile(r"</?[A-Za-z][^>]*>")

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Label:
    """Lines of text at a point.

    Attributes
    ----------
    x, y
        The point, in pixels from the upper left corner.
    across, down
        Where the point is in the box of the text: ``start`` and ``top`` hang it to the right and
        below.
    role
        Of its colour.
    turned
        Whether it reads upwards.
    rim
        Whether a thin rim of the paper's colour keeps it legible on lines.
    """

    lines: tuple[str, ...]
    x: float
    y: float
    across: Across = "middle"
    down: Down = "middle"
    size: float = 13.0
    role: str = "muted"
    turned: bool = False
    rim: bool = True

    @property
    def room(self) -> tuple[float, float]:
        """Its width and height on the page, in pixels."""
        across, down = breadth(self.lines, self.size), len(self.lines) * self.size * LEADING
        return (down, across) if self.turned else (across, down)

    @property
    def box(self) -> Box:
        """Its left, top, right and bottom."""
        across, down = self.room
        left = self.x - across * {"start": 0.0, "middle": 0.5, "end": 1.0}[self.across]
        top = self.y - down * {"top": 0.0, "middle": 0.5, "bottom": 1.0}[self.down]
        return left, top, left + across, top + down

    def moved(self, right: float = 0.0, down: float = 0.0) -> "Label":
        """The same text elsewhere."""
        return replace(self, x=self.x + right, y=self.y + down)

    def svg(self) -> str:
        """The text as an SVG element."""
        left, top, right, bottom = self.box
        rim = " rim" if self.rim else ""
        shared = f'class="f-{self.role}{rim}" font-size="{number(self.size)}"'
        if self.turned:
            x, y = (left + right) / 2, (top + bottom) / 2
            shared += f' transform="rotate(-90 {number(x)} {number(y)})"'
            across, start = "middle", y - self.room[0] / 2
        else:
            x, across, start = self.x, self.across, top
        if across != "start":
            shared += f' text-anchor="{across}"'
        at = [
            f'x="{number(x)}" y="{number(start + self.size * (ASCENT + LEADING * row))}"'
            for row in range(len(self.lines))
        ]
        if len(self.lines) == 1:
            return f"<text {at[0]} {shared}>{escaped(self.lines[0])}</text>"
        rows = "".join(
            f"<tspan {place}>{escaped(line)}</tspan>"
            for place, line in zip(at, self.lines, strict=True)
        )
        return f"<text {shared}>{rows}</text>"


def legal(text: str) -> str:
    r"""Text without the characters that XML cannot hold.

    Examples
    --------
    >>> legal("R\x01&D\ufffe\n视觉")
    'R&D\n视觉'
    """
    return _NO_XML.sub("", text)


def escaped(text: str) -> str:
    r"""Text as an element of a drawing holds it.

    Examples
    --------
    >>> escaped("<5%\x1b")
    '&lt;5%'
    """
    return escape(legal(text))


def number(value: float, places: int = 1) -> str:
    """A coordinate as short as it can be written.

    Examples
    --------
    >>> number(12.04), number(-0.04), number(0.256, 2)
    ('12', '0', '0.26')
    """
    text = f"{value:.{places}f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def broken(text: str, where: str) -> tuple[str, ...]:
    """The lines of a text as plotly takes it: with ``<br>`` between them, and characters escaped.

    Raises
    ------
    ValueError
        If it holds another tag.

    Examples
    --------
    >>> broken("R&amp;D<br>&lt;5%", "a note")
    ('R&D', '<5%')
    """
    lines = _BREAK.split(text)
    for line in lines:
        if tag := _TAG.search(line):
            raise ValueError(
                f"{where} has the tag {tag[0]} in {text!r}; a drawing knows <br> alone: escape "
                "< as &lt; where it is text"
            )
    return tuple(html.unescape(line) for line in lines)


def breadth(lines: tuple[str, ...], size: float) -> float:
    """How wide the widest of some lines is, about, in pixels.

    Examples
    --------
    >>> breadth(("买入",), 13.0), round(breadth(("+29.8",), 10.0), 1)
    (26.0, 32.4)
    """
    return size * max((_ems(line) for line in lines), default=0.0)


@lru_cache(maxsize=4096)
def _ems(line: str) -> float:
    return sum(_em(character) for character in line)


@lru_cache(maxsize=1024)
def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return WIDE
    if character in _NARROW:
        return NARROW
    if character in _BROAD:
        return BROAD
    if character.isdigit():
        return DIGIT
    return CAPITAL if character.isupper() else SMALL


def wrapped(lines: tuple[str, ...], size: float, room: float) -> tuple[str, ...]:
    """Lines broken again so that each takes no more than `room` pixels, at spaces where it can be.

    Examples
    --------
    >>> wrapped(("Cambricon (named)",), 10.0, 70.0), wrapped(("寒武纪科技",), 10.0, 30.0)
    (('Cambricon', '(named)'), ('寒武纪', '科技'))
    """
    found: list[str] = []
    for line in lines:
        row = ""
        for piece in re.findall(r"[\u2e80-\uffef]|[^\s\u2e80-\uffef]+\s*|\s+", line):
            if row and breadth(((row + piece).rstrip(),), size) > room:
                found.append(row.rstrip())
                row = ""
            row += piece
        found.append(row.rstrip())
    return tuple(found)


def overlap(one: Box, other: Box, apart: float = 0.0) -> bool:
    """Whether two boxes share room, or are nearer than `apart`."""
    return (
        one[0] < other[2] + apart
        and other[0] < one[2] + apart
        and one[1] < other[3] + apart
        and other[1] < one[3] + apart
    )
