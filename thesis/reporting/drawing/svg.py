"""A figure as a static SVG drawing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from thesis.reporting.drawing import bars, lines, mosaic, shapes
from thesis.reporting.drawing.axes import Axis, axes_of
from thesis.reporting.drawing.frame import Frame, Size, fitted
from thesis.reporting.drawing.hover import hover
from thesis.reporting.drawing.legend import Key, keys
from thesis.reporting.drawing.lettering import Label, breadth, broken, escaped, number
from thesis.reporting.drawing.means import Given, inner, one_of, read, role

#: Widths of the two drawings of a figure, and sizes of their letters: a wide one is shown as large
#: as it is or larger, a narrow one on 328 pixels of a phone.
WIDE, NARROW = 800, 360
FONTS = {WIDE: 12.5, NARROW: 13.0}
#: What a plot is tall where the figure does not say.
TALL = 380
#: A phone: the least and the most a plot is tall, the pixels of a row whose name stands above it,
#: and how wide names may be to stand beside.
LOWEST, TALLEST, ROW, BESIDE = 250, 470, 42, 84


@dataclass(frozen=True)
class Drawing:
    """A figure, drawn.

    Attributes
    ----------
    svg
        One ``<svg>`` element, coloured by the classes of `stylesheet` alone.
    keys
        Its legend, for the page to set.
    title
        Its heading, for the page to set: in the drawing it is only for those who do not see it.
    """

    svg: str
    keys: tuple[Key, ...]
    title: str


def draw(figure: Any, name: str, width: int = WIDE) -> Drawing:
    """A figure as static SVG.

    Parameters
    ----------
    figure
        A plotly figure, or its dictionary, that keeps to the means of `thesis.reporting.figures`.
    name
        Begins the ids in it: its own within a page.
    width
        In pixels; the height follows from the figure's.

    Raises
    ------
    ValueError
        If the figure has something beyond the means; it names it.
    """
    traces, layout = read(figure)
    axes = axes_of(layout)
    _check(traces, layout)
    name = re.sub(r"[^\w-]", "-", name)
    font = FONTS[NARROW] if width < 520 else FONTS[WIDE]
    above = width < 520 and _names(axes, font) > BESIDE
    foot = mosaic.foot(traces, Size(width, 0, font))
    plot = _plot(layout, axes, width, above)

    def lettering(frame: Frame) -> tuple[Sequence[Label], Sequence[Label]]:
        fixed = []
        for trace in traces:
            if trace.get("type") == "bar":
                fixed += bars.words(trace, frame)
        given = [each for each in layout.get("annotations", ()) if not shapes.is_watermark(each)]
        return fixed, [shapes.note(each, frame) for each in given if each.get("text")]

    frame, labels = fitted(axes, Size(width, 0, font), plot, above, foot, lettering)
    parts = [*_behind(frame, traces, layout), *_data(frame, traces, name)]
    parts += _shapes(frame, layout, "above")
    for trace in traces:
        if mosaic.shown(trace):
            strip, edges = mosaic.key(trace, frame)
            parts += strip
            labels += edges
    parts += [label.svg() for label in labels]
    if text := _watermark(layout):
        parts.append(shapes.watermark(text, frame))
    parts += hover(traces, frame)
    title = inner(layout, "title", "text") or ""
    lead = " · ".join(broken(title, "the title"))
    return Drawing(_svg(name, frame.size, lead, layout, parts), keys(traces), lead)


def draw_both(figure: Any, name: str) -> tuple[Drawing, Drawing]:
    """A figure drawn for a screen and for a phone; a page shows the one that fits.

    Returns
    -------
    tuple of Drawing
        `WIDE` and `NARROW` pixels wide; their ids differ.
    """
    found = figure if isinstance(figure, dict) else figure.to_dict()
    return draw(found, f"{name}-wide", WIDE), draw(found, f"{name}-narrow", NARROW)


def _check(traces: Sequence[Given], layout: Given) -> None:
    """What concerns the whole figure."""
    for key in ("paper_bgcolor", "plot_bgcolor"):
        if layout.get(key) is not None and role(layout[key], key) != "paper":
            raise ValueError(f"{key} is {layout[key]!r}: a drawing lies on the page's own paper")
    on = [each.get("yaxis", "y") for each in traces if each.get("type") == "bar"]
    if len(set(on)) < len(on):
        one_of(layout.get("barmode"), "group", ("overlay",), "barmode of bars on the same axes")


def _names(axes: dict[str, Axis], font: float) -> float:
    """How wide the names at the left are."""
    upright = [axis for axis in axes.values() if not axis.is_across]
    return max((breadth(text, font) for axis in upright for _, text in axis.ticks), default=0.0)


def _plot(layout: Given, axes: dict[str, Axis], width: int, above: bool) -> float:
    """How tall a plot is: as in the figure, or as a phone needs it."""
    tall = TALL
    if layout.get("height"):
        margin = layout.get("margin") or {}
        tall = layout["height"] - (margin.get("t") or 80) - (margin.get("b") or 60)
    if above:
        rows = max(len(axis.ticks) for axis in axes.values() if not axis.is_across)
        tall = ROW * rows
    elif width < 520:
        counts = any(
            not text[0].strip("+-−0123456789.,%")
            for axis in axes.values()
            if not axis.is_across
            for _, text in axis.ticks
            if text
        )
        tall = min(max(tall, LOWEST), TALLEST) if counts else tall
    return float(tall)


def _behind(frame: Frame, traces: Sequence[Given], layout: Given) -> list[str]:
    """Zones, then the lines of the ticks."""
    found = _shapes(frame, layout, "below")
    rules: dict[str, list[str]] = {}
    for x, y in _panels(frame, traces):
        across, down = frame.scale(x), frame.scale(y)
        for scale, other in ((across, down), (down, across)):
            for value, _ in scale.axis.ticks:
                if scale.axis.grid:
                    rules.setdefault(scale.axis.grid, []).append(
                        _rule(scale.at(value), other.low, other.high, scale.axis.is_across)
                    )
    return found + [
        f'<path class="s-{shade} line" stroke-width="1" d="{"".join(dict.fromkeys(d))}"/>'
        for shade, d in rules.items()
    ]


def _rule(at: float, start: float, end: float, upright: bool) -> str:
    if upright:
        return f"M{number(at)},{number(start)}V{number(end)}"
    return f"M{number(start)},{number(at)}H{number(end)}"


def _panels(frame: Frame, traces: Sequence[Given]) -> list[tuple[str, str]]:
    """The pairs of axes that something stands on."""
    pairs = {("x", each.get("yaxis", "y")): None for each in traces}
    for scale in frame.scales.values():
        one, other = scale.axis.name, scale.axis.anchor
        pairs[(one, other) if scale.axis.is_across else (other, one)] = None
    return list(pairs)


def _data(frame: Frame, traces: Sequence[Given], name: str) -> list[str]:
    """The traces, panel by panel: cells below bars below lines below markers, as plotly has it."""
    found = []
    for x, y in _panels(frame, traces):
        here = [each for each in traces if each.get("yaxis", "y") == y]
        across, down = frame.scale(x), frame.scale(y)
        kept, free = [], []
        for each in here:
            if each.get("type") == "heatmap":
                kept += mosaic.cells(each, frame)
        for each in here:
            if each.get("type") == "bar":
                kept += bars.boxes(each, frame)
        for each in here:
            if each.get("type", "scatter") == "scatter":
                kept += lines.curves(each, frame)
                if "markers" in lines.mode(each):
                    free += lines.markers(each, frame)
        if kept:
            clip = f"{name}-{x}{y}"
            found.append(
                f'<clipPath id="{clip}"><rect x="{number(across.low)}" y="{number(down.low)}" '
                f'width="{number(across.high - across.low)}" '
                f'height="{number(down.high - down.low)}"/></clipPath>'
                f'<g clip-path="url(#{clip})">{"".join(kept)}</g>'
            )
        found += free
    return found


def _shapes(frame: Frame, layout: Given, layer: str) -> list[str]:
    found = []
    for at, each in enumerate(layout.get("shapes", ())):
        stands = one_of(each.get("layer"), "above", ("above", "below"), f"layer of shape {at}")
        if stands == layer:
            found.append(shapes.shape(each, frame, at))
    return found


def _watermark(layout: Given) -> str:
    """The words across the drawing: wherever prices are simulated, whatever the figure shows."""
    for each in layout.get("annotations", ()):
        if shapes.is_watermark(each):
            return " ".join(broken(str(each.get("text", "")), "the watermark")) or shapes.SIMULATED
    return shapes.SIMULATED if inner(layout, "meta", "simulated") else ""


def _svg(name: str, size: Size, title: str, layout: Given, parts: Sequence[str]) -> str:
    told = inner(layout, "meta", "description")
    named, more = f"{name}-title", ""
    if told:
        named, more = f"{named} {name}-desc", f'<desc id="{name}-desc">{escaped(str(told))}</desc>'
    return (
        f'<svg class="drawing" viewBox="0 0 {number(size.width)} {number(size.height)}" role="img" '
        f'aria-labelledby="{named}"><title id="{name}-title">{escaped(title)}</title>{more}'
        f"{''.join(parts)}</svg>"
    )
