"""Axes of a drawing: number lines, where a value lies on the page, and which ticks are named."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from thesis.reporting.drawing.lettering import Label, broken, overlap
from thesis.reporting.drawing.means import Given, inner, one_of, role, unpacked, values

Side = Literal["left", "right", "bottom", "top"]
Lines = tuple[str, ...]

#: How much of a row its marks keep where its name stands above them, and where they then lie.
SQUEEZE, LOWERED = 0.5, 0.22


@dataclass(frozen=True)
class Axis:
    """A number line, as a figure says it.

    Attributes
    ----------
    name
        ``x``, ``y``, ``y2`` and so on.
    start, end
        Values at its ends; the first may be the greater.
    ticks
        Value and text; those beyond the ends are not on it.
    domain
        The part of the plot it takes, as fractions from the left or from below.
    anchor
        The axis it stands at.
    grid, zero, line
        Roles of the lines at its ticks, at zero and along it; None draws none.
    """

    name: str
    start: float
    end: float
    ticks: tuple[tuple[float, Lines], ...]
    title: Lines
    domain: tuple[float, float]
    anchor: str
    side: str
    grid: str | None
    zero: str | None
    line: str | None

    @property
    def is_across(self) -> bool:
        """Whether it runs from left to right."""
        return self.name.startswith("x")


@dataclass(frozen=True)
class Scale:
    """An axis on the page.

    Attributes
    ----------
    first, last
        Pixels at the start and at the end of the axis.
    rows
        Pixels of the middle of each row, where their names stand above the marks.
    """

    axis: Axis
    first: float
    last: float
    rows: tuple[float, ...] = ()

    def at(self, value: float) -> float:
        """Where a value lies, in pixels."""
        place = self.straight(value)
        if not self.rows:
            return place
        row, pitch = self.row(place)
        if abs(place - row) > pitch * 0.499:  # between rows, or beyond the last
            return place
        return row + pitch * LOWERED + (place - row) * SQUEEZE

    def straight(self, value: float) -> float:
        """Where a value lies were all names beside their rows."""
        share = (value - self.axis.start) / (self.axis.end - self.axis.start)
        return self.first + share * (self.last - self.first)

    def row(self, place: float) -> tuple[float, float]:
        """The middle of the row nearest to a place, and the distance between rows."""
        pitch = min(
            (abs(one - other) for one, other in zip(self.rows, self.rows[1:], strict=False)),
            default=abs(self.last - self.first),
        )
        return min(self.rows, key=lambda row: abs(row - place)), pitch

    @property
    def low(self) -> float:
        """The lesser pixel of its ends."""
        return min(self.first, self.last)

    @property
    def high(self) -> float:
        """The greater pixel of its ends."""
        return max(self.first, self.last)

    def holds(self, value: float) -> bool:
        """Whether a value lies on the axis, ends included."""
        low, high = sorted((self.axis.start, self.axis.end))
        room = 1e-9 * (high - low)
        return low - room <= value <= high + room

    def inside(self, place: float) -> float:
        """A pixel, moved to the nearer end where it lies beyond."""
        return min(max(place, self.low), self.high)


def axes_of(layout: Given) -> dict[str, Axis]:
    """The axes of a figure by name.

    Raises
    ------
    ValueError
        If one is no number line, or lacks its range, its ticks or their text.
    """
    found = {}
    for key, given in layout.items():
        if key[1:].startswith("axis") and key[0] in "xy":
            name = key[0] + key[5:]
            found[name] = _axis(name, f"layout.{key}", given, layout)
    for first in ("x", "y"):
        if first not in found:
            raise ValueError(
                f"the layout has no {first}axis: give its range, tickvals and ticktext"
            )
    return found


def _axis(name: str, where: str, given: Given, layout: Given) -> Axis:
    one_of(given.get("type"), "linear", ("linear", "-"), f"{where}.type")
    one_of(given.get("tickmode"), "array", ("array",), f"{where}.tickmode")
    if given.get("autorange"):
        raise ValueError(f"{where} finds its range itself: give range")
    other = given.get("matches")
    reach = given.get("range") or (
        inner(layout, f"{other[0]}axis{other[1:]}", "range") if other else None
    )
    if reach is None:
        raise ValueError(f"{where} has no range: give range, tickvals and ticktext")
    start, end = values(reach, f"{where}.range")
    if not start - end:
        raise ValueError(f"{where}.range begins and ends at {start}")
    labelled = given.get("showticklabels", True)
    places, words = given.get("tickvals"), given.get("ticktext")
    if places is None or (words is None and labelled):
        raise ValueError(f"{where} lacks tickvals or ticktext: a drawing makes up no ticks")
    at = values(places, f"{where}.tickvals")
    said = [broken(str(word), where) if labelled else () for word in unpacked(words)]
    if not labelled:
        said = [()] * len(at)
    if len(said) != len(at):
        raise ValueError(f"{where} has {len(at)} tickvals and {len(said)} ticktext")
    low, high = sorted((start, end))
    title = inner(given, "title", "text") or ""
    sides = ("bottom", "top") if name[0] == "x" else ("left", "right")

    def line(shown: str, by: bool, shade: str, default: str) -> str | None:
        if not given.get(shown, by):
            return None
        return role(given[shade], f"{where}.{shade}") if shade in given else default

    lower, upper = values(given.get("domain", (0.0, 1.0)), f"{where}.domain")
    return Axis(
        name,
        start,
        end,
        tuple((x, text) for x, text in zip(at, said, strict=True) if low <= x <= high),
        broken(title, where) if title else (),
        (lower, upper),
        given.get("anchor", "y" if name[0] == "x" else "x"),
        one_of(given.get("side"), sides[0], sides, f"{where}.side"),
        line("showgrid", True, "gridcolor", "grid"),
        line("zeroline", False, "zerolinecolor", "muted"),
        line("showline", False, "linecolor", "muted"),
    )


def thinned(labels: Sequence[Label], first: int, apart: float) -> list[Label]:
    """Names of ticks that do not touch: the one at `first`, and outwards what finds room.

    Parameters
    ----------
    labels
        In the order of the axis.
    first
        Which one is kept whatever happens: the one at zero.
    apart
        Least room between two of them, in pixels.
    """
    if not labels:
        return []
    kept = [labels[first]]
    ends = [at for at in (0, len(labels) - 1) if at != first]
    order = [*range(first + 1, len(labels)), *range(first - 1, -1, -1)]
    for at in [*ends, *(at for at in order if at not in ends)]:
        if not any(overlap(labels[at].box, other.box, apart) for other in kept):
            kept.append(labels[at])
    return sorted(kept, key=labels.index)
