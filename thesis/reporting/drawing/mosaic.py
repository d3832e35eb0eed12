"""Heatmap traces: cells whose colours change in steps, and the key of their steps."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from thesis.reporting.drawing.axes import thinned
from thesis.reporting.drawing.frame import APART, EDGE, GAP, Frame, Size
from thesis.reporting.drawing.lettering import LEADING, Label, broken, number
from thesis.reporting.drawing.means import Given, inner, role, unpacked, values

#: Height of the strip that shows the steps, and its greatest width.
STRIP, LONGEST = 11.0, 460.0


@dataclass(frozen=True)
class Steps:
    """The colours of cells.

    Attributes
    ----------
    edges
        Values between which a colour holds, rising; one more than `roles`. A value beyond the ends
        takes the last colour there.
    """

    edges: tuple[float, ...]
    roles: tuple[str, ...]

    def role(self, value: float) -> str | None:
        """The role of a value's colour; None for one that is unknown."""
        if math.isnan(value):
            return None
        at = sum(value >= edge for edge in self.edges[1:-1])
        return self.roles[at]


def steps(trace: Given) -> Steps:
    """The steps of a heatmap's colours.

    Raises
    ------
    ValueError
        If they run into each other, or their ends are not given.
    """
    where = f"heatmap {trace.get('name', '')!r}"
    if trace.get("zmin") is None or trace.get("zmax") is None:
        raise ValueError(f"{where} lacks zmin or zmax")
    scale = trace.get("colorscale")
    if not scale or isinstance(scale, str):
        raise ValueError(f"{where} has no colorscale of steps")
    low, high = float(trace["zmin"]), float(trace["zmax"])
    pairs = [(float(share), str(shade)) for share, shade in scale]
    edges, roles = [low], []
    for (start, one), (end, other) in zip(pairs[::2], pairs[1::2], strict=True):
        if one != other or abs(low + start * (high - low) - edges[-1]) > 1e-9 * (high - low):
            raise ValueError(f"{where}: the colours between {start:g} and {end:g} are no step")
        edges.append(low + end * (high - low))
        roles.append(role(one, f"colorscale of {where}"))
    return Steps(tuple(edges), tuple(roles))


def table(trace: Given) -> np.ndarray:
    """The values of a heatmap's cells, rows first; NaN where unknown."""
    z = unpacked(trace.get("z"))
    where = f"z of heatmap {trace.get('name', '')!r}"
    rows = [values(row, where) for row in z]
    if not rows or len({len(row) for row in rows}) != 1:
        raise ValueError(f"{where} is no table: its rows differ in length, or there are none")
    return np.array(rows, dtype=float)


def edges(given: Any, count: int, where: str) -> list[float]:
    """The edges of `count` cells along an axis, whose middles are given.

    Examples
    --------
    >>> edges([1, 2, 4], 3, "x")
    [0.5, 1.5, 3.0, 5.0]
    """
    places = values(given, where)
    if len(places) != count:
        raise ValueError(f"{where} has {len(places)} places for {count} cells")
    if count == 1:
        return [places[0] - 0.5, places[0] + 0.5]
    between = [(a + b) / 2 for a, b in itertools.pairwise(places)]
    first, last = 2 * places[0] - between[0], 2 * places[-1] - between[-1]
    return [first, *between, last]


def cells(trace: Given, frame: Frame) -> list[str]:
    """The cells: neighbours in a row that share a colour are one rectangle."""
    where = f"heatmap {trace.get('name', '')!r}"
    z, colours = table(trace), steps(trace)
    across = frame.scale("x")
    down = frame.scale(trace.get("yaxis", "y"))
    xs = [across.at(x) for x in edges(trace.get("x"), z.shape[1], f"x of {where}")]
    ys = [down.at(y) for y in edges(trace.get("y"), z.shape[0], f"y of {where}")]
    runs: dict[str, list[str]] = {}
    for at, row in enumerate(z):
        roles = [colours.role(float(value)) for value in row]
        start = 0
        for stop in range(1, len(roles) + 1):
            if stop < len(roles) and roles[stop] == roles[start]:
                continue
            if (found := roles[start]) is not None:
                left, right = sorted((xs[start], xs[stop]))
                top, bottom = sorted((ys[at], ys[at + 1]))
                runs.setdefault(found, []).append(
                    f"M{number(left)},{number(top)}H{number(right)}V{number(bottom)}"
                    f"H{number(left)}Z"
                )
            start = stop
    return [f'<path class="f-{role}" d="{"".join(d)}"/>' for role, d in runs.items()]


def told(trace: Given, frame: Frame) -> dict[str, Any] | None:
    """What a pointer reads in each cell, with what rows and columns share said once.

    Returns
    -------
    dict or None
        ``x`` and ``y``: edges in pixels; ``lines``: for each line of the text where it is found,
        ``["row", texts]``, ``["column", texts]`` or ``["cell", texts, numbers]``, cells row by row;
        ``silent``: numbers of the cells that say nothing. None where there is nothing to read.
    """
    where = f"hovertext of heatmap {trace.get('name', '')!r}"
    given = trace.get("hovertext")
    if given is None or trace.get("hoverinfo") == "skip":
        return None
    z = table(trace)
    said = [[broken(str(text), where) for text in unpacked(row)] for row in unpacked(given)]
    if [len(row) for row in said] != [z.shape[1]] * z.shape[0]:
        raise ValueError(f"{where} has another shape than z")
    across = frame.scale("x")
    down = frame.scale(trace.get("yaxis", "y"))
    most = max(len(text) for row in said for text in row)
    full = [[(*text, *[""] * (most - len(text))) for text in row] for row in said]
    silent = [at for at, text in enumerate(text for row in full for text in row) if not any(text)]
    return {
        "x": [round(across.at(x), 1) for x in edges(trace.get("x"), z.shape[1], where)],
        "y": [round(down.at(y), 1) for y in edges(trace.get("y"), z.shape[0], where)],
        "lines": [
            _line([[text[k] if any(text) else None for text in row] for row in full])
            for k in range(most)
        ],
        "silent": silent,
    }


def _line(said: Sequence[Sequence[str | None]]) -> list[Any]:
    """One line of all cells' texts; None in a cell that says nothing."""
    for of, table in (("row", said), ("column", list(zip(*said, strict=True)))):
        kinds = [set(texts) - {None} for texts in table]
        if all(len(kind) <= 1 for kind in kinds):
            return [of, [next(iter(kind), "") for kind in kinds]]
    known: dict[str, int] = {}
    numbers = [known.setdefault(text or "", len(known)) for row in said for text in row]
    return ["cell", list(known), numbers]


def foot(traces: Sequence[Given], size: Size) -> float:
    """The room that the key of the colours takes below everything."""
    if not any(shown(trace) for trace in traces):
        return 0.0
    title = next(_title(trace) for trace in traces if shown(trace))
    return 2 * GAP + STRIP + size.font * LEADING * (2 if title else 1) + 2


def shown(trace: Given) -> bool:
    """Whether a trace shows the key of its colours."""
    return trace.get("type") == "heatmap" and trace.get("showscale", True) is True


def _title(trace: Given) -> str:
    return str(inner(trace, "colorbar", "title", "text") or "")


def key(trace: Given, frame: Frame) -> tuple[list[str], list[Label]]:
    """The strip of a heatmap's colours, and the values at its edges."""
    where = f"colorbar of heatmap {trace.get('name', '')!r}"
    colours, size = steps(trace), frame.size
    places = inner(trace, "colorbar", "tickvals")
    said = inner(trace, "colorbar", "ticktext")
    if places is None or said is None:
        raise ValueError(f"{where} lacks tickvals or ticktext: a drawing makes up no ticks")
    marks = list(zip(values(places, where), unpacked(said), strict=True))
    long = min(LONGEST, frame.right - frame.left)
    left = frame.left + (frame.right - frame.left - long) / 2
    below = size.height - EDGE - size.font * LEADING
    top = below - 3 - STRIP
    low, high = colours.edges[0], colours.edges[-1]

    def at(value: float) -> float:
        return left + (value - low) / (high - low) * long

    found = [
        f'<rect class="f-{role}" x="{number(at(start))}" y="{number(top)}" '
        f'width="{number(at(end) - at(start))}" height="{number(STRIP)}"/>'
        for role, start, end in zip(colours.roles, colours.edges, colours.edges[1:], strict=False)
    ]
    labels = [
        Label(broken(str(text), where), at(value), below, "middle", "top", size.font)
        for value, text in marks
    ]
    labels = thinned(labels, 0, APART)
    if title := _title(trace):
        middle = left + long / 2
        labels.append(Label(broken(title, where), middle, top - 3, "middle", "bottom", size.font))
    return found, labels
