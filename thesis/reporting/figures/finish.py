"""The one door every figure leaves by: its look, its description and, if need be, its watermark."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from thesis.reporting.figures.axes import Axis
from thesis.reporting.figures.marks import TEXT, TITLE, Mark, breadth, note
from thesis.reporting.theme import FONTS, colour
from thesis.reporting.words.language import Language

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: Size of the watermark's letters in pixels, and how much of what is behind them they hide.
WATERMARK_SIZE, WATERMARK_OPACITY = 64, 0.3

#: The most that names of rows take.
MOST_LEFT = 330

#: Pixels of a legend's row, and of the mark before each name.
LEGEND_WIDTH, LEGEND_MARK = 760, 44


def finished(
    kind: str,
    title: str,
    description: str,
    simulated: bool,
    lang: Language,
    *,
    traces: Sequence[Mark],
    axes: dict[str, Axis],
    shapes: Sequence[Mark] = (),
    notes: Sequence[Mark] = (),
    height: int = 460,
    right: int = 24,
    below: int = 0,
) -> "go.Figure":
    """A figure with the look of all figures; with the watermark where its prices never happened.

    Parameters
    ----------
    kind
        The function of `thesis.figures` that made it.
    title
        In one line or two, with ``<br>`` between; what a thesis file says in it is escaped.
    description
        One sentence with the key numbers, for those who do not see the picture. As it is.
    simulated
        Of the prices themselves: nothing else decides on the watermark.
    axes
        ``xaxis``, ``yaxis``, ``yaxis2``.
    right
        Room beside the plot in pixels; on the left it is what the axes need.
    below
        More room under the plot, for a key of colours.
    """
    from thesis.reporting.figures.shown import Shown  # it loads plotly

    lines = title.count("<br>") + 1
    rows = legend_rows([trace["name"] for trace in traces if trace.get("showlegend")])
    marks = [*notes, watermark(lang)] if simulated else list(notes)
    layout = {
        "template": {},  # plotly's own would bring colours that are no role
        "title": {
            "text": title,
            "font": {"size": TITLE, "color": colour("ink")},
            "x": 0,
            "xref": "container",
            "xanchor": "left",
            "y": 1,
            "yref": "container",
            "yanchor": "top",
            "pad": {"l": 12, "t": 8 + 20 * (lines - 1)},  # plotly hangs it by its last line
        },
        "font": {"family": FONTS, "size": TEXT, "color": colour("ink")},
        "paper_bgcolor": colour("paper"),
        "plot_bgcolor": colour("paper"),
        "margin": {
            "l": _room(axes),
            "r": right,
            "t": 20 + 22 * lines + (6 + 20 * rows),
            "b": below + (58 if any("<br>" in t for t in axes["xaxis"]["ticktext"]) else 44),
        },
        "height": height,
        "showlegend": rows > 0,
        "legend": {
            "orientation": "h",
            "x": 0,
            "xanchor": "left",
            "y": 1,
            "yanchor": "bottom",
            "bgcolor": colour("paper"),
            "font": {"size": TEXT, "color": colour("ink")},
            "entrywidth": 0,  # each as wide as its own text
            "itemclick": False,
            "itemdoubleclick": False,
        },
        "hovermode": "closest",
        "hoverlabel": {
            "bgcolor": colour("paper"),
            "bordercolor": colour("muted"),
            "font": {"family": FONTS, "size": TEXT, "color": colour("ink")},
            "align": "left",
        },
        "shapes": list(shapes),
        "annotations": marks,
        "meta": {"kind": kind, "simulated": simulated, "description": description},
        **axes,
    }
    return Shown({"data": list(traces), "layout": layout})


def legend_rows(names: Sequence[str]) -> int:
    """Rows that a legend takes in a figure of common width: one, or columns as wide as the widest.

    Examples
    --------
    >>> legend_rows([]), legend_rows(["Media index", "CSI 300"]), legend_rows(["x" * 60] * 3)
    (0, 1, 3)
    """
    if not names:
        return 0
    taken = [LEGEND_MARK + breadth(name) for name in names]
    if sum(taken) <= LEGEND_WIDTH:
        return 1
    return math.ceil(len(names) / max(int(LEGEND_WIDTH / max(taken)), 1))


def _room(axes: dict[str, Axis]) -> float:
    """What the texts beside vertical axes take, and their titles."""
    upright = [axis for name, axis in axes.items() if name.startswith("y")]
    texts = [text for axis in upright for text in axis["ticktext"]]
    title = 22 if any(axis["title"]["text"] for axis in upright) else 0
    return 14 + title + min(max(map(breadth, texts), default=0.0), MOST_LEFT)


def watermark(lang: Language) -> Mark:
    """What is written across a figure of simulated prices."""
    return {
        **note(
            0.5,
            0.5,
            lang.say("figure.simulated"),
            "watermark",
            xref="paper",
            yref="paper",
            size=WATERMARK_SIZE,
        ),
        "textangle": -24,
        "opacity": WATERMARK_OPACITY,
    }
