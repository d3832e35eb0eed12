"""The figure of the bridge: from the excess on paper to what a reader could have had."""

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from thesis.reporting.backtest import Backtest
from thesis.reporting.figures.axes import axis, points_axis, span_of
from thesis.reporting.figures.finish import finished
from thesis.reporting.figures.marks import bars, escaped, rule
from thesis.reporting.figures.subjects import (
    called,
    check_subject,
    earned_words,
    nothing_to_draw,
    reason_of,
    two_lines,
)
from thesis.reporting.figures.zones import zone_names, zone_shapes, zones
from thesis.reporting.words.language import Language, language
from thesis.reporting.words.terms import band_name, points, signed
from thesis.reporting.words.trading import stages

if TYPE_CHECKING:
    import plotly.graph_objects as go

UPPER, LOWER = (0.44, 1.0), (0.0, 0.32)
HEIGHT, PLOT = 520, 390


def bridge(result: Backtest, *, lang: str | Language = "en") -> "go.Figure":
    """The excess at each stage from paper to net above, and the step to each below.

    The steps are small beside the levels, so they have an axis of their own; no axis is cut.

    Parameters
    ----------
    result
        As `thesis.backtest` returns it.
    lang
        ``en`` or ``zh``.

    Raises
    ------
    UsageError
        If it is no result, nothing was traded, or the headline of a stage is not known.
    """
    check_subject("bridge", result, Backtest)
    lang, thesis = language(lang), result.thesis
    told = [
        (name, reading, what) for name, reading, what in stages(result, lang) if reading is not None
    ]
    if len(told) < 2:
        raise nothing_to_draw("bridge", thesis, reason_of(result.net or result.paper), lang)
    levels = [reading.excess for _, reading, _ in told]
    steps = [np.nan, *(later - earlier for earlier, later in pairwise(levels))]
    names = [lang.say(f"stage.{name}") for name, _, _ in told]
    places = list(range(len(told)))
    span = span_of(levels, 0.0, *thesis.scale.edges, room=0.14)
    moves = span_of([step for step in steps if step == step], 0.0, room=0.3)
    along = (-0.6, len(told) - 0.4)
    bands = zones(thesis.scale, span, lang)
    shown = [points(reading.excess) + ("~" if reading.near_edge else "") for _, reading, _ in told]
    return finished(
        "bridge",
        two_lines(lang.say("bridge_figure.title"), result, lang),
        lang.say(
            "bridge_figure.told",
            title=called(result, lang),
            stages=lang.say("between.items").join(
                lang.say(
                    "bridge_figure.stage",
                    stage=name,
                    excess=points(reading.excess),
                    rating=band_name(thesis, reading.rating, lang),
                )
                for name, (_, reading, _) in zip(names, told, strict=True)
            ),
        ),
        result.simulated,
        lang,
        traces=[
            bars(
                places,
                levels,
                ["net" if name == "net" else "basket" for name, _, _ in told],
                [
                    f"{name}<br>{escaped(earned_words(thesis, reading.excess, lang))}<br>{what}"
                    for name, (_, reading, what) in zip(names, told, strict=True)
                ],
                texts=shown,
                width=0.5,
            ),
            bars(
                places[1:],
                steps[1:],
                ["gain" if step >= 0 else "loss" for step in steps[1:]],
                [
                    f"{name}<br>{_step(step)}<br>{what}"
                    for name, step, (_, _, what) in zip(names[1:], steps[1:], told[1:], strict=True)
                ],
                texts=[_step(step) for step in steps[1:]],
                width=0.5,
                axis=2,
            ),
        ],
        axes={
            "xaxis": axis("", along, places, names, anchor="y2", grid=False),
            "yaxis": points_axis(
                lang.say("figure.excess"),
                span,
                count=5,
                domain=UPPER,
                grid=False,
            ),
            "yaxis2": points_axis(
                lang.say("bridge_figure.steps"),
                moves,
                count=3,
                domain=LOWER,
            ),
        },
        shapes=[
            *zone_shapes(bands, along),
            rule(*along, 0, 0, "muted", above=True),
            rule(*along, 0, 0, "muted", y="y2", above=True),
        ],
        notes=zone_names(bands, span, PLOT * (UPPER[1] - UPPER[0])),
        height=HEIGHT,
        right=88,
    )


def _step(value: float) -> str:
    return signed(value * 100, 2)
