"""The plot within its drawing: margins as wide as the text around the plot needs."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, inf

from thesis.reporting.drawing.axes import Axis, Scale, thinned
from thesis.reporting.drawing.lettering import LEADING, Label, breadth, overlap, wrapped

#: Room between the plot and its ticks' text, between texts, and at the edge of the drawing.
GAP, APART, EDGE = 7.0, 6.0, 3.0
#: How far a title stands above its panel, in sizes of the font: beyond half a tick's text.
LIFT = 0.75
#: The most that the left and the right margin take of a drawing's width.
MOST = (0.4, 0.26)
#: The most that names of rows take of a drawing's width before they are wrapped.
NAMES = 0.36


@dataclass(frozen=True)
class Size:
    """A drawing's measures in pixels, and its font's."""

    width: float
    height: float
    font: float


@dataclass(frozen=True)
class Frame:
    """Where things lie.

    Attributes
    ----------
    left, top, right, bottom
        The plot, in pixels of the drawing.
    """

    size: Size
    left: float
    top: float
    right: float
    bottom: float
    scales: Mapping[str, Scale]

    def across(self, ref: str, value: float) -> float:
        """Pixels from the left of a place on an axis, or on the ``paper``."""
        return self._place(ref, value, self.left, self.right)

    def down(self, ref: str, value: float) -> float:
        """Pixels from the top, the same."""
        return self._place(ref, value, self.bottom, self.top)

    def scale(self, ref: str) -> Scale:
        """The scale of an axis.

        Raises
        ------
        ValueError
            If the figure has none of that name.
        """
        if ref not in self.scales:
            raise ValueError(
                f"something stands on axis {ref!r}; the layout has {', '.join(self.scales)}"
            )
        return self.scales[ref]

    def _place(self, ref: str, value: float, start: float, end: float) -> float:
        if ref == "paper":
            return start + value * (end - start)
        return self.scale(ref).at(value)


Lettering = Callable[[Frame], tuple[Sequence[Label], Sequence[Label]]]


def fitted(
    axes: Mapping[str, Axis],
    size: Size,
    plot: float,
    above: bool,
    foot: float,
    lettering: Lettering,
) -> tuple[Frame, list[Label]]:
    """A plot with room around it for all text, and the text where it finds room.

    Parameters
    ----------
    plot
        How tall the plot is; the drawing is as tall as it then takes.
    above
        Whether names of rows stand above them.
    foot
        Pixels below everything, for a key of colours.
    lettering
        The texts of the marks, which stay where they are put, and the notes, which may give way.
    """
    margins = [EDGE + 1, EDGE + 1, EDGE + 5, EDGE + foot]
    for _ in range(6):
        size = replace(size, height=ceil(margins[1] + plot + margins[3]))
        frame = _frame(axes, size, above, margins)
        fixed, notes = lettering(frame)
        fixed = [*ticks(frame), *titles(frame), *fixed]
        notes = [_held(note, frame) for note in notes]
        missing = _missing([*fixed, *apart(fixed, notes)], size, foot)
        if max(missing) < 0.5:
            break
        limits = MOST[0] * size.width, inf, MOST[1] * size.width, inf
        grown = [
            max(m, min(m + more, limit))
            for m, more, limit in zip(margins, missing, limits, strict=True)
        ]
        if grown == margins:
            break
        margins = grown
    fixed, notes = ([_inside(each, size, foot) for each in some] for some in (fixed, notes))
    return frame, [*fixed, *(_inside(each, size, foot) for each in apart(fixed, notes))]


def _frame(axes: Mapping[str, Axis], size: Size, above: bool, margins: Sequence[float]) -> Frame:
    left, top = margins[0], margins[1]
    right, bottom = size.width - margins[2], size.height - margins[3]
    scales = {}
    for name, axis in axes.items():
        low, high = axis.domain
        if axis.is_across:
            ends = left + low * (right - left), left + high * (right - left)
        else:
            ends = bottom - low * (bottom - top), bottom - high * (bottom - top)
        scale = Scale(axis, *ends)
        if above and not axis.is_across and axis.ticks:
            rows = tuple(scale.straight(value) for value, _ in axis.ticks)
            scale = replace(scale, rows=rows)
        scales[name] = scale
    return Frame(size, left, top, right, bottom, scales)


def ticks(frame: Frame) -> list[Label]:
    """The text of all ticks that finds room."""
    found: list[Label] = []
    for scale in frame.scales.values():
        axis = scale.axis
        if not any(text for _, text in axis.ticks):
            continue
        labels = [_tick(frame, scale, value, text) for value, text in axis.ticks]
        zero = min(range(len(labels)), key=lambda at: (abs(axis.ticks[at][0]) > 1e-12, at))
        found += thinned(labels, zero, APART if axis.is_across else 0.0)
    return found


def _tick(frame: Frame, scale: Scale, value: float, text: tuple[str, ...]) -> Label:
    axis, font = scale.axis, frame.size.font
    other = frame.scale(axis.anchor)
    if axis.is_across:
        return Label(text, scale.at(value), other.high + GAP, "middle", "top", font)
    if scale.rows:
        row, pitch = scale.row(scale.straight(value))
        y = row - pitch * 0.5 + 1
        return Label((" ".join(text),), frame.left, y, "start", "top", font, "ink")
    text = wrapped(text, font, NAMES * frame.size.width)
    return Label(text, other.low - GAP, scale.at(value), "end", "middle", font)


def titles(frame: Frame) -> list[Label]:
    """What the axes measure: below them, or above the upper left corner of the panel."""
    found = []
    font = frame.size.font
    for scale in frame.scales.values():
        axis = scale.axis
        if not axis.title:
            continue
        other = frame.scale(axis.anchor)
        room = frame.size.width - 2 * EDGE
        if axis.is_across:
            lines = wrapped(axis.title, font, room)
            tall = max((len(text) for _, text in axis.ticks), default=0) * font * LEADING
            middle = (scale.low + scale.high) / 2
            below = other.high + GAP + tall + 2
            found.append(Label(lines, middle, below, "middle", "top", font))
            continue
        if _gap_above(frame, scale) >= font * (LEADING * len(axis.title) + LIFT):
            lines = wrapped(axis.title, font, room)
            found.append(Label(lines, EDGE, scale.low - font * LIFT, "start", "bottom", font))
            continue
        names = max((breadth(text, font) for _, text in axis.ticks), default=0.0)
        x = other.low - 2 * GAP - min(names, NAMES * frame.size.width)
        y = (scale.low + scale.high) / 2
        found.append(Label(axis.title, x, y, "end", "middle", font, turned=True))
    return found


def _gap_above(frame: Frame, scale: Scale) -> float:
    """Free room above a panel: without end above the first, for the margin grows."""
    font, gap = frame.size.font, float("inf")
    for other in frame.scales.values():
        if other.axis.is_across or other.high > scale.low + 0.5:
            continue
        taken = 0.0
        for along in frame.scales.values():
            if along.axis.is_across and along.axis.anchor == other.axis.name:
                lines = max((len(text) for _, text in along.axis.ticks), default=0)
                taken = max(taken, GAP + lines * font * LEADING if lines else 0.0)
        gap = min(gap, scale.low - other.high - taken)
    return gap


def apart(fixed: Sequence[Label], notes: Sequence[Label]) -> list[Label]:
    """Notes moved up or down, as little as keeps them off other texts and off each other."""
    placed, taken = [], [label.box for label in fixed]
    for note in notes:
        step = note.size * LEADING * 0.5
        outward = -1.0 if note.down == "bottom" else 1.0
        tries = [0.0] + [way * step * k for k in range(1, 9) for way in (outward, -outward)]
        for move in tries:
            moved = note.moved(down=move)
            box = moved.box
            if not any(overlap(box, other, 1.0) for other in taken):
                break
        else:
            moved = note
        placed.append(moved)
        taken.append(moved.box)
    return placed


def _missing(labels: Sequence[Label], size: Size, foot: float) -> tuple[float, float, float, float]:
    """How many pixels the texts lack to the left, the top, the right and the bottom."""
    boxes = [label.box for label in labels]
    return (
        max([0.0, *(EDGE - box[0] for box in boxes)]),
        max([0.0, *(EDGE - box[1] for box in boxes)]),
        max([0.0, *(box[2] - size.width + EDGE for box in boxes)]),
        max([0.0, *(box[3] - size.height + EDGE + foot for box in boxes)]),
    )


def _held(note: Label, frame: Frame) -> Label:
    """A note that stands in the plot, moved so that it needs no margin; one at its sides may."""
    if note.x <= frame.left + 1 or note.x >= frame.right - 1:
        return note
    left, _, right, _ = note.box
    return note.moved(max(EDGE - left, 0.0) or min(frame.size.width - EDGE - right, 0.0))


def _inside(label: Label, size: Size, foot: float) -> Label:
    """A text, moved so that it lies in the drawing."""
    left, top, right, bottom = label.box
    x = max(EDGE - left, 0.0) or min(size.width - EDGE - right, 0.0)
    y = max(EDGE - top, 0.0) or min(size.height - EDGE - foot - bottom, 0.0)
    return label.moved(x, y)
