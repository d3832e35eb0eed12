"""The figure of a result's course: returns around the entry, and the excess among its ratings."""

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from thesis.market.calendar import as_date
from thesis.reporting.backtest import Backtest
from thesis.reporting.figures.axes import number_axis, points_axis, span_of
from thesis.reporting.figures.days import published_at, sessions_axis, window_ends
from thesis.reporting.figures.finish import finished
from thesis.reporting.figures.marks import Mark, escaped, line, note, rule
from thesis.reporting.figures.subjects import (
    called,
    check_subject,
    earned_words,
    nothing_to_draw,
    reason_of,
    sector_words,
    two_lines,
)
from thesis.reporting.figures.zones import zone_names, zone_shapes, zones
from thesis.reporting.words.language import Language, language
from thesis.reporting.words.reasons import reason_words
from thesis.reporting.words.terms import (
    band_name,
    index_name,
    points,
    reading_words,
    return_words,
)
from thesis.scoring.around import Around, around
from thesis.scoring.event_path import AFTER
from thesis.scoring.leg import Leg

if TYPE_CHECKING:
    import plotly.graph_objects as go

Floats = npt.NDArray[np.float64]

#: Where the two panels stand, and the words between them.
UPPER, LOWER = (0.57, 1.0), (0.0, 0.44)
BETWEEN = (UPPER[0] + LOWER[1]) / 2
HEIGHT, PLOT = 640, 494


@dataclass(frozen=True)
class Course:
    """One line of the figure: a leg around the entry.

    Attributes
    ----------
    excess
        Over the index `against`; None for what has none of its own.
    """

    role: str
    name: str
    returns: Floats
    excess: Floats | None = None
    against: str = ""
    width: float = 1.75
    dash: str = "solid"


def path(result: Backtest, *, lang: str | Language = "en") -> "go.Figure":
    """Returns from 60 sessions before the entry to 126 after, and the excess among the ratings.

    Above, the holding-period returns of basket, sector index and benchmark from the moment of the
    entry; below, the excess of basket and sector, each over its own benchmark, on the rating bands
    of the thesis's scale. Publication, entry and window are marked, and the headline drawn over the
    window. Before the entry: what the same shares were worth against the price paid later.

    Parameters
    ----------
    result
        As `thesis.backtest` returns it.
    lang
        ``en`` or ``zh``.

    Raises
    ------
    UsageError
        If it is no result, or nothing is known since the entry.
    """
    check_subject("path", result, Backtest)
    lang, score, thesis = language(lang), result.score, result.thesis
    found, leg = around(score), score.primary
    if found is None or leg is None:
        reason = leg.verdict.reason if leg is not None else None
        raise nothing_to_draw("path", thesis, reason, lang)
    courses = _courses(result, found, lang)
    own = courses[0]
    entry = as_date(score.axis[0])
    ends = window_ends(score, entry)
    along = (
        float(min(found.offset[0], -1)) - 2,
        float(max(found.offset[-1], AFTER, *ends.values())) + 2,
    )
    excesses = [each.excess for each in courses if each.excess is not None]
    span = span_of(np.concatenate(excesses), *thesis.scale.edges, 0.0)
    returns = span_of(np.concatenate([each.returns for each in courses]), 0.0)
    bands = zones(thesis.scale, span, lang)

    hover = _Hover(found, lang)
    traces = [
        line(
            found.offset,
            each.returns,
            each.role,
            escaped(each.name),
            hover.of_returns(each),
            width=each.width,
            dash=each.dash,
            legend=True,
        )
        for each in courses
    ]
    shapes = zone_shapes(bands, along, y="y2")
    shapes += [
        rule(*along, 0, 0, "muted"),
        rule(*along, 0, 0, "muted", y="y2"),
    ]
    for each in courses[::-1]:
        if each.excess is not None:
            name, told = escaped(each.name), hover.of_excess(each, result)
            width = each.width if each is own else 1.25
            traces.append(
                line(found.offset, each.excess, each.role, name, told, width=width, axis=2)
            )
    notes = zone_names(bands, span, PLOT * LOWER[1], y="y2")
    marked, words = _moments(result, entry, lang)
    shapes, notes = shapes + marked, notes + words
    for month, at in ends.items():
        shapes += [
            rule(at, at, *ends_of, "muted", dash="dot", y=panel)
            for panel, ends_of in (("y", returns), ("y2", span))
        ]
        text = lang.say("figure.month", month=month.removesuffix("m"))
        notes.append(note(at, BETWEEN, text, "ink", yref="paper", yshift=-9))
    if leg.headline is not None and ends:
        traces.append(_headline(result, leg, ends, lang))

    return finished(
        "path",
        two_lines(lang.say("path_figure.title"), result, lang),
        _description(result, courses, leg, lang),
        result.simulated,
        lang,
        traces=traces,
        axes={
            "xaxis": sessions_axis(entry, along, lang, anchor="y2"),
            "yaxis": number_axis(
                lang.say("path_figure.return"),
                returns,
                lambda value: f"{value * 100:g}",
                count=5,
                domain=UPPER,
            ),
            "yaxis2": points_axis(
                lang.say("figure.excess"),
                span,
                count=5,
                domain=LOWER,
                grid=False,
            ),
        },
        shapes=shapes,
        notes=notes,
        height=HEIGHT,
        right=88,
    )


def _courses(result: Backtest, found: Around, lang: Language) -> list[Course]:
    """The lines, the subject first."""
    score, thesis = result.score, result.thesis
    known: list[Course] = []
    if thesis.codes:
        name = lang.say("path_figure.paper")
        known.append(Course("basket", name, found.basket, found.excess, score.benchmark.code, 2.5))
    if score.sector is not None and thesis.claim.sector_index is not None:
        name = sector_words(thesis.claim.sector_index, lang)
        code, width = score.sector.benchmark.code, 1.75 if thesis.codes else 2.5
        known.append(Course("sector", name, found.sector, found.sector_excess, code, width))
    name = index_name(score.benchmark.code, lang)
    known.append(Course("benchmark", name, found.benchmark, width=1.5))
    if score.net is not None:
        net = np.full(len(found.offset), np.nan)
        rows = np.flatnonzero(found.offset >= 0)[: len(score.axis)]
        net[rows] = score.net.path[: len(rows)]
        known.append(Course("net", lang.say("path_figure.net"), net, width=1.25, dash="dash"))
    return [each for each in known if not np.isnan(each.returns).all()]


@dataclass(frozen=True)
class _Hover:
    """What a pointer reads at each session."""

    found: Around
    lang: Language

    def of_returns(self, course: Course) -> list[str]:
        return [
            f"{when}<br>{escaped(course.name)} {return_words(value)}" if value == value else ""
            for when, value in zip(self._when, course.returns.tolist(), strict=True)
        ]

    def of_excess(self, course: Course, result: Backtest) -> list[str]:
        values = [] if course.excess is None else course.excess.tolist()
        over = self.lang.say("path_figure.over", index=index_name(course.against, self.lang))
        return [
            f"{when}<br>{escaped(course.name)} "
            f"{escaped(earned_words(result.thesis, value, self.lang))}<br>{over}"
            if value == value
            else ""
            for when, value in zip(self._when, values, strict=True)
        ]

    @property
    def _when(self) -> list[str]:
        return [
            self.lang.say("figure.at", day=str(day), offset=f"{offset:+d}" if offset else "0")
            for day, offset in zip(self.found.session, self.found.offset.tolist(), strict=True)
        ]


def _moments(result: Backtest, entry: dt.date, lang: Language) -> tuple[list[Mark], list[Mark]]:
    """Publication and entry, as lines through both panels."""
    shapes, notes = [], []
    at = published_at(result.score, entry)
    if at is not None:
        shapes.append(rule(at, at, 0, 1, "event", width=1.5, dash="dash", y="paper", above=True))
        text = lang.say("path_figure.published", day=str(result.thesis.published_day))
        notes.append(_standing(at, text, "right", "event"))
    shapes.append(rule(0, 0, 0, 1, "ink", width=1.25, y="paper", above=True))
    notes.append(_standing(0, lang.say("path_figure.entered", day=str(entry)), "left", "ink"))
    return shapes, notes


def _standing(at: float, text: str, xanchor: str, role: str) -> Mark:
    """A word between the panels, beside a line."""
    shift = -5 if xanchor == "right" else 5
    return note(at, BETWEEN, text, role, yref="paper", xanchor=xanchor, xshift=shift, yshift=9)


def _headline(result: Backtest, leg: Leg, ends: dict[str, float], lang: Language) -> Mark:
    """The headline as a line over the window it is the mean of."""
    if leg.headline is None:
        raise AssertionError("there is a headline")
    rating = band_name(result.thesis, leg.headline.rating, lang)
    told = lang.say(
        "path_figure.headline",
        reading=reading_words(result.thesis, lang),
        excess=points(leg.headline.excess),
        rating=rating,
    )
    name = escaped(told[:1].upper() + told[1:])
    first, *_, last = [*ends.values(), *ends.values()]
    x = [first, last] if first < last else [first - 2, last + 2]
    return line(
        x, [leg.headline.excess] * 2, "ink", name, [name, name], width=3, axis=2, legend=True
    )


def _description(result: Backtest, courses: list[Course], leg: Leg, lang: Language) -> str:
    """The key numbers in one sentence."""
    thesis, sector = result.thesis, result.score.sector
    facts = {
        "title": called(result, lang),
        "subject": courses[0].name,
        "index": index_name(leg.benchmark.code, lang),
    }
    row = leg.last_known
    if row is None:  # no basket: the sector alone is drawn, and why
        why = reason_words(reason_of(leg), lang)
        if sector is None or sector is leg or sector.last_known is None:
            return lang.say("path_figure.untold", title=facts["title"], why=why)
        told = _description(result, courses, sector, lang)
        return lang.say("path_figure.instead", told=told, why=why)
    if leg.headline is None:
        return lang.say(
            "path_figure.told_so_far",
            **facts,
            ret=return_words(float(leg.path[row])),
            benchmark=return_words(float(leg.against[row])),
            excess=points(float(leg.excess[row])),
            day=str(result.score.axis[row]),
        )
    beside = ""
    if leg is not sector and sector is not None and sector.headline is not None:
        name = sector_words(thesis.claim.sector_index or "", lang)
        excess = earned_words(thesis, sector.headline.excess, lang)
        beside = lang.say("path_figure.beside", sector=name, excess=excess)
    return lang.say(
        "path_figure.told",
        **facts,
        ret=return_words(leg.headline.ret),
        benchmark=return_words(leg.headline.benchmark),
        reading=reading_words(thesis, lang),
        excess=earned_words(thesis, leg.headline.excess, lang),
        beside=beside,
    )
