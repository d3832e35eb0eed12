"""The rating bands of a scale, as zones of excess."""

import math
from dataclasses import dataclass

from thesis.reporting.figures.axes import Span, apart
from thesis.reporting.figures.marks import NOTE, Mark, escaped, note, rule, zone
from thesis.reporting.words.language import Language
from thesis.research.rating import RatingScale

#: Zones far from zero look alike beyond the second.
FURTHEST = 2


@dataclass(frozen=True)
class Zone:
    """A band within the span of an axis.

    Attributes
    ----------
    low, high
        Its ends, cut at the ends of the axis.
    role
        Of its colour: by how many bands lie between it and zero.
    """

    name: str
    low: float
    high: float
    role: str


def zones(scale: RatingScale, span: Span, lang: Language) -> list[Zone]:
    """The bands that a span of excess touches, from best to worst.

    Examples
    --------
    >>> from thesis.research.rating import shipped_scales
    >>> from thesis.reporting.words.language import ENGLISH
    >>> found = zones(shipped_scales()["sinolink_industry"], (-0.02, 0.2), ENGLISH)
    >>> [(zone.name, zone.low, zone.high, zone.role) for zone in found]
    ... # doctest: +NORMALIZE_WHITESPACE
    [('Buy', 0.15, 0.2, 'band_above_2'), ('Overweight', 0.05, 0.15, 'band_above_1'),
     ('Neutral', -0.02, 0.05, 'band_middle')]
    """
    uppers = (math.inf, *scale.edges)
    lowers = (*scale.edges, -math.inf)
    above = sum(lower >= 0 for lower in lowers)
    below = sum(upper <= 0 for upper in uppers)
    found = []
    for at, (band, low, high) in enumerate(zip(scale.bands, lowers, uppers, strict=True)):
        role = "band_middle"
        if low >= 0:
            role = f"band_above_{min(above - at, FURTHEST)}"
        elif high <= 0:
            role = f"band_below_{min(at - (len(uppers) - below) + 1, FURTHEST)}"
        name = escaped(lang.either(band.name, band.name_zh))
        found.append(Zone(name, max(low, span[0]), min(high, span[1]), role))
    return [each for each in found if each.low < each.high]


def zone_shapes(found: list[Zone], along: Span, *, y: str = "y") -> list[Mark]:
    """Zones as rectangles with a dotted line at each edge, on a vertical axis of excess."""
    marks = [zone(*along, each.low, each.high, each.role, y=y) for each in found]
    edges = [each.low for each in found[:-1]]
    return marks + [rule(*along, edge, edge, "muted", dash="dot", y=y) for edge in edges]


def zone_names(found: list[Zone], span: Span, pixels: float, *, y: str = "y") -> list[Mark]:
    """The zones' names at the right edge, in the middle of each and not on one another.

    Parameters
    ----------
    pixels
        Height of the axis.
    """
    least = (NOTE + 3) * (span[1] - span[0]) / pixels
    places = apart([(each.low + each.high) / 2 for each in found], least)
    return [
        note(1, at, each.name, "ink", xref="paper", yref=y, xanchor="left", xshift=6)
        for each, at in zip(found, places, strict=True)
    ]
