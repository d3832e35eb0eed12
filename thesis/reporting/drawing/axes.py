"""Axes of a drawing: number lines, where a value lies on the page, and which ticks are named."""

from collections.abc import Sequence
from dataclasses import dataclass

from thesis.reporting.drawing.lettering import Label, broken, overlap
from thesis.reporting.drawing.means import Given, inner, one_of, role, unpacked, values

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
    grid
        Role of the lines at its ticks; None draws none.
    """

    name: str
    start: float
    end: float
    ticks: tuple[tuple[float, Lines], ...]
    title: Lines
    domain: tuple[float, float]
    anchor: str
    grid: str | None

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
            found[name] = _axis(name, f"layout.{key}", given)
    for first in ("x", "y"):
        if first not in found:
            raise ValueError(
                f"the layout has no {first}axis: give its range, tickvals and ticktext"
            )
    return found


def _axis(name: str, where: str, given: Given) -> Axis:
    one_of(given.get("tickmode"), "array", ("array",), f"{where}.tickmode")
    if given.get("zeroline") is not False:  # plotly draws one where it is not said
        raise ValueError(
            f"{where} has a line at zero, which a drawing does not know: give zeroline=False, and "
            "a shape for a line"
        )
    if given.get("range") is None:
        raise ValueError(f"{where} has no range: give range, tickvals and ticktext")
    start, end = values(given["range"], f"{where}.range")
    if not start - end:
        raise ValueError(f"{where}.range begins and ends at {start}")
    places, words = given.get("tickvals"), given.get("ticktext")
    if places is None or words is None:
        raise ValueError(f"{where} lacks tickvals or ticktext: a drawing makes up no ticks")
    at = values(places, f"{where}.tickvals")
    said = [broken(str(word), where) for word in unpacked(words)]
    if len(said) != len(at):
        raise ValueError(f"{where} has {len(at)} tickvals and {len(said)} ticktext")
    low, high = sorted((start, end))
    title = inner(given, "title", "text") or ""
    shown = given.get("showgrid", True)
    lower, upper = values(given.get("domain", (0.0, 1.0)), f"{where}.domain")
    return Axis(
        name,
        start,
        end,
        tuple((x, text) for x, text in zip(at, said, strict=True) if low <= x <= high),
        broken(title, where) if title else (),
        (lower, upper),
        given.get("anchor", "y" if name[0] == "x" else "x"),
        role(given.get("gridcolor"), f"{where}.gridcolor") if shown else None,
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
