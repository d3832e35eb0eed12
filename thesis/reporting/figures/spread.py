"""The figure of the fan: a result's excess among those of lists drawn at random."""

from typing import TYPE_CHECKING, get_args

from thesis.errors import UsageError
from thesis.market.calendar import as_date
from thesis.reporting.backtest import Backtest
from thesis.reporting.figures.axes import points_axis, span_of
from thesis.reporting.figures.days import sessions_axis, window_ends
from thesis.reporting.figures.finish import finished
from thesis.reporting.figures.marks import area, escaped, line, note, rule
from thesis.reporting.figures.subjects import (
    called,
    check_subject,
    earned_words,
    nothing_to_draw,
    reason_of,
    two_lines,
)
from thesis.reporting.figures.zones import zone_names, zones
from thesis.reporting.words.language import Language, language
from thesis.reporting.words.placebo import share_words
from thesis.reporting.words.reasons import reason_words
from thesis.reporting.words.terms import band_name, points, reading_words
from thesis.scoring.evidence import NO_NAMES
from thesis.scoring.placebo import Placebo
from thesis.scoring.reading import HEADLINE
from thesis.scoring.watchlists import Pool

if TYPE_CHECKING:
    import plotly.graph_objects as go

HEIGHT, PLOT = 480, 330


def fan(result: Backtest, *, pool: Pool = "industry", lang: str | Language = "en") -> "go.Figure":
    """Daily excess of the basket among random lists bought at the same moment.

    The lists' 5-95% and 25-75% bands and their median, session by session; the edges of the ratings
    across the window.

    Parameters
    ----------
    result
        As `thesis.evidence` returns it.
    pool
        What the lists were drawn from: ``industry``, ``market`` or ``industry_size``.
    lang
        ``en`` or ``zh``.

    Raises
    ------
    UsageError
        If it is no result, the evidence was not weighed, or there are no lists.
    """
    check_subject("fan", result, Backtest)
    lang, thesis, leg = language(lang), result.thesis, result.paper
    lists = _lists(result, pool, lang)
    if lists.fan is None or leg is None:
        raise nothing_to_draw("fan", thesis, lists.reason, lang)
    if leg.last_known is None:
        raise nothing_to_draw("fan", thesis, reason_of(leg), lang)
    entry, excess = as_date(result.score.axis[0]), leg.excess
    x = list(range(len(excess)))
    ends = window_ends(result.score, entry)
    along = (-1.0, max(float(len(x)), *ends.values()) + 1)
    lowest, low, middle, high, highest = lists.fan.T
    span = span_of([*lowest.tolist(), *highest.tolist(), *excess.tolist()], *thesis.scale.edges)
    bands = zones(thesis.scale, span, lang)
    window = [*ends.values()]
    drawn = lang.say(
        "fan_figure.all_lists" if lists.exact else "fan_figure.lists",
        count=f"{lists.draws:,}",
        pool=lang.say(f"fan_figure.{pool}"),
    )
    hover = [
        f"{day}<br>{escaped(earned_words(thesis, value, lang))}<br>"
        + lang.say("fan_figure.among", low=points(five), middle=points(half), high=points(ninety))
        if value == value
        else ""
        for day, value, five, half, ninety in zip(
            result.score.axis,
            excess.tolist(),
            lowest.tolist(),
            middle.tolist(),
            highest.tolist(),
            strict=True,
        )
    ]
    told = lang.say("fan_figure.median", lists=drawn)
    return finished(
        "fan",
        two_lines(lang.say("fan_figure.title"), result, lang),
        _description(result, lists, drawn, lang),
        result.simulated,
        lang,
        traces=[
            area(x, lowest, highest, "fan_outer", lang.say("fan_figure.outer")),
            area(x, low, high, "fan_inner", lang.say("fan_figure.inner")),
            line(x, middle, "fan_middle", told, width=1.75, legend=True),
            line(x, excess, "basket", lang.say("path_figure.paper"), hover, width=2.5, legend=True),
        ],
        axes={
            "xaxis": sessions_axis(entry, along, lang, anchor="y"),
            "yaxis": points_axis(lang.say("figure.excess"), span),
        },
        shapes=[
            rule(*along, 0, 0, "muted"),
            *(rule(at, at, *span, "muted", dash="dot") for at in window),
            *(
                rule(window[0], along[1], edge, edge, "ink", width=1.5, dash="dash", above=True)
                for edge in thesis.scale.edges
                if window
            ),
        ],
        notes=[
            *zone_names(bands, span, PLOT),
            *(
                note(
                    at,
                    span[1],
                    lang.say("figure.month", month=month.removesuffix("m")),
                    "ink",
                    yanchor="top",
                    xanchor="left",
                    xshift=3,
                )
                for month, at in ends.items()
            ),
        ],
        height=HEIGHT,
        right=88,
    )


def _lists(result: Backtest, pool: Pool, lang: Language) -> Placebo:
    """The lists of a pool.

    Raises
    ------
    UsageError
        If there is no such pool, the evidence was not weighed, or there is none of this kind.
    """
    if pool not in get_args(Pool):
        raise UsageError(f"pool = {pool!r}: give {', '.join(get_args(Pool))}")
    found, thesis = result.evidence, result.thesis
    if found is None:
        raise UsageError(lang.say("fan_figure.not_weighed", id=thesis.id))
    if found.placebo is None:
        raise nothing_to_draw("fan", thesis, found.reasons.get("placebo", NO_NAMES), lang)
    return found.placebo.pools[pool]


def _description(result: Backtest, lists: Placebo, drawn: str, lang: Language) -> str:
    thesis = result.thesis
    reading = (lists.readings or {}).get(HEADLINE)
    if reading is None and not result.score.open_window:
        why = reason_words(reason_of(result.paper), lang)
        return lang.say("fan_figure.told_in_part", title=called(result, lang), lists=drawn, why=why)
    if reading is None:
        return lang.say("fan_figure.told_so_far", title=called(result, lang), lists=drawn)
    rating = thesis.scale.earned(reading.excess)
    return lang.say(
        "fan_figure.told",
        title=called(result, lang),
        reading=reading_words(thesis, lang),
        excess=points(reading.excess),
        beats=share_words(reading.beats, lang),
        lists=drawn,
        median=points(reading.median),
        share=share_words(reading.shares[rating], lang),
        rating=band_name(thesis, rating, lang),
    )
