"""The figure of a surface: what any other entry and any other exit would have earned."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from thesis.market.calendar import as_date
from thesis.reporting.backtest import Backtest
from thesis.reporting.figures.axes import Span, axis
from thesis.reporting.figures.days import sessions_axis, window_ends
from thesis.reporting.figures.finish import finished
from thesis.reporting.figures.marks import TEXT, Mark, escaped, key, line, plain, rule
from thesis.reporting.figures.subjects import called, check_subject, nothing_to_draw, two_lines
from thesis.reporting.theme import colour
from thesis.reporting.words.language import Language, language
from thesis.reporting.words.terms import band_name, percent, points
from thesis.scoring.evidence import surface_and_reason
from thesis.scoring.rating_counts import BandNumbers
from thesis.scoring.surface import Surface

if TYPE_CHECKING:
    import plotly.graph_objects as go

Floats = npt.NDArray[np.float64]

#: Colours of cells; the steps between them lie at plus and minus 0.5 to 4.5 times a round number:
#: of ten points, that is at the edges of the bundled theses' ratings, 5 and 15.
COLOURS, STEPS = 11, 5
ROUND = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


def surface(result: Backtest, *, lang: str | Language = "en") -> "go.Figure":
    """Excess by entry (rows) and by exit (columns), with a line where the rating changes.

    The result's own entry is framed, and so is the window of its claim. The cells are one sample
    seen from many sides: neighbours differ by a day.

    Parameters
    ----------
    result
        As `thesis.backtest` returns it.
    lang
        ``en`` or ``zh``.

    Raises
    ------
    UsageError
        If it is no result, or there is no surface: no names were called, or nothing is known.
    """
    check_subject("surface", result, Backtest)
    lang, thesis = language(lang), result.thesis
    found = result.evidence.surface if result.evidence is not None else None
    reason: str | None = None
    if found is None:
        found, reason = surface_and_reason(result.score)
    if found is None:
        raise nothing_to_draw("surface", thesis, reason, lang)
    entry, count = as_date(found.sessions[0]), len(found.sessions)
    along, down = (-0.5, count - 0.5), (-0.5, len(found.delays) - 0.5)
    ends = [at for at in window_ends(result.score, entry).values() if at < count]
    contour = boundaries(found.ratings)
    shapes = [
        rule(at, at, *down, "ink", dash="dash", width=1.5, above=True)
        for at in ((ends[0] - 0.5, ends[-1] + 0.5) if ends else ())
    ]
    own = result.score.case.strategy.delay
    if own in found.delays:
        row = found.delays.index(own)
        shapes += _frame((own - 0.5, along[1]), (row - 0.5, row + 0.5))
    some = [row for row, delay in enumerate(found.delays) if delay % 5 == 0]
    return finished(
        "surface",
        two_lines(lang.say("surface_figure.title"), result, lang),
        _description(result, found, lang),
        result.simulated,
        lang,
        traces=[
            _cells(result, found, lang),
            line(*contour, "paper", width=3),  # seen on dark cells too
            line(
                *contour,
                "ink",
                lang.say("surface_figure.contour"),
                width=1.25,
                legend=True,
            ),
            key(
                "event",
                "solid",
                lang.say(
                    "surface_figure.own" if own in found.delays else "surface_figure.own_beyond",
                    delay=str(own),
                ),
            ),
            *([key("ink", "dash", lang.say("surface_figure.window"))] if ends else []),
        ],
        axes={
            "xaxis": sessions_axis(entry, along, lang, anchor="y", title="surface_figure.exit"),
            "yaxis": axis(
                lang.say("surface_figure.entry"),
                down,
                some,
                [str(found.delays[row]) for row in some],
                grid=False,
                falling=True,
            ),
        },
        shapes=shapes,
        height=540,
        below=66,
    )


def _frame(across: Span, down: Span) -> list[Mark]:
    """A frame around a row, seen on dark cells too."""
    sides = [(*across, at, at) for at in down] + [(at, at, *down) for at in across]
    return [
        rule(*side, role, width=width, above=True)
        for role, width in (("paper", 4), ("event", 2))
        for side in sides
    ]


def step_of(excess: Floats) -> float:
    """The round number that cells are stepped by: five of it hold nine tenths of the cells.

    Examples
    --------
    >>> step_of(np.array([0.31, -0.12, np.nan])), step_of(np.array([0.02]))
    (0.1, 0.01)
    """
    known = np.abs(excess[~np.isnan(excess)])
    most = float(np.quantile(known, 0.9)) if known.size else 0.0
    return next((step for step in ROUND if STEPS * step >= most), ROUND[-1])


def boundaries(ratings: BandNumbers) -> tuple[list[float], list[float]]:
    """The edges between neighbouring cells of different rating, as one broken line.

    Parameters
    ----------
    ratings
        Places in the scale's bands, shape (D, T); -1 where unknown, which is no rating.

    Returns
    -------
    x, y
        Column and row, cell ``(row, column)`` reaching half a cell around them; NaN between runs.

    Examples
    --------
    >>> boundaries(np.array([[0, 1], [0, 1]], dtype=np.int8))
    ([0.5, 0.5, nan], [-0.5, 1.5, nan])
    """
    known = ratings >= 0
    beside = (ratings[:, 1:] != ratings[:, :-1]) & known[:, 1:] & known[:, :-1]
    below = (ratings[1:] != ratings[:-1]) & known[1:] & known[:-1]
    x: list[float] = []
    y: list[float] = []
    for column, row, stop in _runs(beside.T):
        x += [column + 0.5, column + 0.5, np.nan]
        y += [row - 0.5, stop - 0.5, np.nan]
    for row, column, stop in _runs(below):
        x += [column - 0.5, stop - 0.5, np.nan]
        y += [row + 0.5, row + 0.5, np.nan]
    return x, y


def _runs(marks: npt.NDArray[np.bool_]) -> list[tuple[int, int, int]]:
    """Runs of True along the rows: row, first column, and the column after the last."""
    padded = np.pad(marks.astype(np.int8), ((0, 0), (1, 1)))
    turns = np.diff(padded, axis=1)
    rows, starts = np.nonzero(turns == 1)
    _, stops = np.nonzero(turns == -1)
    return list(zip(rows.tolist(), starts.tolist(), stops.tolist(), strict=True))


def _cells(result: Backtest, found: Surface, lang: Language) -> Mark:
    step = step_of(found.excess)
    edges = [step * (k + 0.5) for k in range(-STEPS, STEPS)]
    low, high = -(STEPS + 0.5) * step, (STEPS + 0.5) * step
    shares = [0.0, *((edge - low) / (high - low) for edge in edges), 1.0]
    scale = []
    for at in range(COLOURS):
        shade = colour(f"cell_{at}")
        scale += [[shares[at], shade], [shares[at + 1], shade]]
    return {
        "type": "heatmap",
        "x": list(range(len(found.sessions))),
        "y": list(range(len(found.delays))),
        "z": [plain(row) for row in found.excess],
        "zmin": low,
        "zmax": high,
        "colorscale": scale,
        "showscale": True,
        "colorbar": {
            "orientation": "h",
            "title": {
                "text": lang.say("figure.excess"),
                "side": "bottom",
                "font": {"size": TEXT, "color": colour("muted")},
            },
            "tickmode": "array",
            "tickvals": edges,
            "ticktext": [f"{edge * 100:+g}" for edge in edges],
            "tickfont": {"size": TEXT, "color": colour("muted")},
            "thickness": 11,
            "len": 0.7,
            "x": 0.5,
            "y": -0.16,
            "yanchor": "top",
            "outlinewidth": 0,
        },
        "hovertext": _hover(result, found, lang),
        "hoverinfo": "text",
        "showlegend": False,
    }


def _hover(result: Backtest, found: Surface, lang: Language) -> list[list[str]]:
    names = [escaped(band_name(result.thesis, b.id, lang)) for b in result.thesis.scale.bands]
    exits = [lang.say("surface_figure.read_on", day=str(day)) for day in found.sessions]
    out = []
    for each, row, numbers in zip(
        found.by_delay, found.excess.tolist(), found.ratings.tolist(), strict=True
    ):
        entered = lang.say("surface_figure.entered_on", day=str(each.entry), delay=str(each.delay))
        out.append(
            [
                f"{entered}<br>{exit}<br>"
                + lang.say("figure.with_rating", excess=points(value), rating=names[number])
                if number >= 0
                else ""
                for exit, value, number in zip(exits, row, numbers, strict=True)
            ]
        )
    return out


def _description(result: Backtest, found: Surface, lang: Language) -> str:
    cells, thesis = found.window if found.window.count else found.whole, result.thesis
    shares = [
        lang.say(
            "surface_figure.share", rating=band_name(thesis, rating, lang), share=percent(s, 0)
        )
        for rating, s in cells.shares.items()
        if s
    ]
    leg = result.paper
    whole = found.window.count and leg is not None and leg.headline is not None
    return lang.say(
        "surface_figure.told" if whole else "surface_figure.told_whole",
        title=called(result, lang),
        last=str(found.delays[-1]),
        shares=lang.say("between.items").join(shares),
        low=points(cells.lowest),
        high=points(cells.highest),
    )
