"""Axes that say everything themselves: range, ticks and their text."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from thesis.reporting.figures.marks import TEXT
from thesis.reporting.theme import colour

Axis = dict[str, Any]
Span = tuple[float, float]


def axis(
    title: str,
    span: Span,
    ticks: Sequence[float],
    texts: Sequence[str],
    *,
    domain: Span = (0.0, 1.0),
    anchor: str = "x",
    grid: bool = True,
    falling: bool = False,
) -> Axis:
    """An axis with all that is on it.

    Parameters
    ----------
    span
        Its ends, lowest first.
    falling
        Whether the lowest end stands on top, as rows of a table do.
    """
    return {
        "title": {"text": title, "font": {"size": TEXT, "color": colour("muted")}},
        "range": [span[1], span[0]] if falling else list(span),
        "tickmode": "array",
        "tickvals": list(ticks),
        "ticktext": list(texts),
        "tickfont": {"size": TEXT, "color": colour("muted")},
        "domain": list(domain),
        "anchor": anchor,
        "showgrid": grid,
        "gridcolor": colour("grid"),
        "zeroline": False,
        "fixedrange": True,
        "ticks": "",
    }


def span_of(values: Iterable[float], *also: float, room: float = 0.06) -> Span:
    """The span of the known values and a few more, with some room at both ends."""
    known = [value for value in (*values, *also) if value == value]
    low, high = min(known), max(known)
    if high - low < 1e-9:
        low, high = low - 0.01, high + 0.01
    margin = room * (high - low)
    return low - margin, high + margin


def round_ticks(span: Span, count: int = 6) -> list[float]:
    """About so many round numbers within a span, a step of 1, 2 or 5 apart.

    Examples
    --------
    >>> round_ticks((-0.13, 0.42))
    [-0.1, 0.0, 0.1, 0.2, 0.3, 0.4]
    """
    raw = (span[1] - span[0]) / count
    size = 10.0 ** math.floor(math.log10(raw))
    step = next(size * by for by in (1.0, 2.0, 5.0, 10.0) if size * by >= raw - 1e-12)
    first, last = math.ceil(span[0] / step - 1e-9), math.floor(span[1] / step + 1e-9)
    return [round(step * number, 12) + 0.0 for number in range(first, last + 1)]


def number_axis(
    title: str, span: Span, write: Callable[[float], str], *, count: int = 6, **more: Any
) -> Axis:
    """An axis of round numbers, each written by `write`."""
    ticks = round_ticks(span, count)
    return axis(title, span, ticks, [write(tick) for tick in ticks], **more)


def points_axis(title: str, span: Span, *, count: int = 6, **more: Any) -> Axis:
    """An axis of differences of returns, in points: signed, zero without a sign.

    Examples
    --------
    >>> points_axis("", (-0.2, 0.2), count=4)["ticktext"]
    ['-20', '-10', '0', '+10', '+20']
    """
    return number_axis(
        title,
        span,
        lambda value: f"{round(value * 100, 6):+g}" if value else "0",
        count=count,
        **more,
    )


def apart(places: Sequence[float], least: float) -> list[float]:
    """Places pushed apart, as little as it takes, so that no two are nearer than `least`.

    Examples
    --------
    >>> apart([0.0, 4.0, 4.5, 9.0], 1.0)
    [0.0, 3.75, 4.75, 9.0]
    """
    groups: list[tuple[list[int], float]] = []  # members in order, and the place of the first
    for at in sorted(range(len(places)), key=lambda at: places[at]):
        groups.append(([at], places[at]))
        while len(groups) > 1:
            (lower, first), (upper, second) = groups[-2:]
            if second - (first + least * (len(lower) - 1)) >= least - 1e-12:
                break
            members = lower + upper
            middle = sum(places[m] - least * k for k, m in enumerate(members)) / len(members)
            groups[-2:] = [(members, middle)]
    out = [0.0] * len(places)
    for members, first in groups:
        for k, member in enumerate(members):
            out[member] = first + least * k
    return out
