"""The figure of contributions: how names add up to segments, to the basket, to its excess."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thesis.reporting.backtest import Backtest
from thesis.reporting.figures.axes import axis, points_axis, span_of
from thesis.reporting.figures.finish import finished
from thesis.reporting.figures.marks import Mark, bars, escaped, note, rule
from thesis.reporting.figures.subjects import (
    called,
    check_subject,
    earned_words,
    nothing_to_draw,
    reason_of,
    row_name,
    two_lines,
)
from thesis.reporting.words.claims import basis_word
from thesis.reporting.words.language import Language, language
from thesis.reporting.words.terms import (
    band_name,
    index_name,
    percent,
    points,
    reading_words,
    return_words,
    status_words,
)
from thesis.scoring.evidence import basket_of
from thesis.scoring.names import NameResult
from thesis.scoring.reading import HEADLINE, Reading
from thesis.scoring.score import SegmentResult

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW = 24


@dataclass(frozen=True)
class Row:
    """A row of the waterfall.

    Attributes
    ----------
    start, size
        Where the bar begins and how far it goes, as fractions; None where there is no bar.
    text
        What stands at its end.
    """

    label: str
    start: float
    size: float | None
    role: str
    text: str
    hover: str = ""

    @property
    def end(self) -> float:
        """Where the next row goes on."""
        return self.start + (self.size or 0.0)


def contributions(result: Backtest, *, lang: str | Language = "en") -> "go.Figure":
    """The headline excess in parts: each name's weight times its return, by segment.

    A name that stands in several segments is shown in each, with the share of its weight that this
    segment gave it. The parts sum to the basket's return; less the benchmark's, that is the excess.

    Parameters
    ----------
    result
        As `thesis.backtest` returns it.
    lang
        ``en`` or ``zh``.

    Raises
    ------
    UsageError
        If it is no result, no names were called, or the headline is not known.
    """
    check_subject("contributions", result, Backtest)
    lang, thesis, leg = language(lang), result.thesis, result.paper
    if leg is None or leg.headline is None:
        raise nothing_to_draw("contributions", thesis, reason_of(leg), lang)
    headline = leg.headline
    rows = list(_rows(result, headline, index_name(leg.benchmark.code, lang), lang))
    places = [place for place, row in enumerate(rows) if row.size is not None]
    drawn = [rows[place] for place in places]
    span = span_of([at for row in drawn for at in (row.start, row.end)], 0.0, room=0.12)
    down = (-0.6, len(rows) - 0.4)
    return finished(
        "contributions",
        two_lines(lang.say("contributions_figure.title"), result, lang),
        _description(result, headline, lang),
        result.simulated,
        lang,
        traces=[
            bars(
                places,
                [row.size or 0.0 for row in drawn],
                [row.role for row in drawn],
                [row.hover for row in drawn],
                base=[row.start for row in drawn],
                texts=[row.text for row in drawn],
                lying=True,
            )
        ],
        axes={
            "xaxis": points_axis(
                lang.say("contributions_figure.points", reading=reading_words(thesis, lang)),
                span,
                anchor="y",
            ),
            "yaxis": axis(
                "", down, range(len(rows)), [row.label for row in rows], grid=False, falling=True
            ),
        },
        shapes=[
            rule(0, 0, *down, "muted"),
            *(
                rule(row.end, row.end, place + 0.33, following - 0.33, "muted")
                for place, following, row in zip(places, places[1:], drawn, strict=False)
            ),
        ],
        notes=[
            _without_bar(place, row, row.start > (span[0] + span[1]) / 2)
            for place, row in enumerate(rows)
            if row.size is None
        ],
        height=150 + ROW * len(rows),
        right=40,
    )


def _without_bar(place: int, row: Row, to_the_left: bool) -> Mark:
    """What a row without a bar says, beside the line that runs on through it."""
    anchor, shift = ("right", -6) if to_the_left else ("left", 6)
    return note(row.start, place, row.text, xanchor=anchor, xshift=shift)


def _rows(result: Backtest, headline: Reading, index: str, lang: Language) -> Iterator[Row]:
    """Rows from the first name to the excess, each from where the one before ended."""
    names = {name.code: name for name in result.score.names}
    held = basket_of(result.score)
    given = held.simulation.weights.by_segment if held is not None else {}
    segments, total = result.score.segments, 0.0
    for segment, found in zip(result.thesis.segment, segments, strict=True):
        title = escaped(lang.either(found.name, found.name_zh))
        codes = list(dict.fromkeys(pick.code for pick in segment.pick))
        before = total
        for code in codes:
            row = _name(names[code], given.get(segment.id, {}).get(code), total, lang)
            yield row
            total = row.end
        if not codes:
            yield Row(title, total, None, "muted", lang.say("contributions_figure.no_names"))
        elif len(segments) > 1:
            yield _subtotal(title, before, total, found, result, lang)
    yield _total(lang.say("contributions_figure.basket"), 0.0, headline.ret, "total")
    label = lang.say("contributions_figure.benchmark", index=index)
    yield _total(label, headline.ret, -headline.benchmark, "benchmark")
    rating = escaped(band_name(result.thesis, headline.rating, lang))
    yield _total(
        lang.say("contributions_figure.excess", rating=rating), 0.0, headline.excess, "basket"
    )


def _name(name: NameResult, weight: float | None, start: float, lang: Language) -> Row:
    """A name's part of a segment: the weight the segment gave it, times its return."""
    label, value = row_name(name), name.returns[HEADLINE]
    if name.basis != "named":
        label = lang.say(
            "contributions_figure.marked", name=label, ground=basis_word(name.basis, lang)
        )
    if weight is None or value is None:
        return Row(label, start, None, "muted", status_words(name.status, lang))
    if name.weight and weight < name.weight * (1 - 1e-12):
        share = percent(weight / name.weight, 0)
        label = lang.say("contributions_figure.shared", name=label, share=share)
    told = lang.say(
        "contributions_figure.part",
        weight=percent(weight),
        ret=return_words(value),
        points=points(weight * value),
    )
    hover = f"{escaped(name.name)} {name.code}, {status_words(name.status, lang)}<br>{told}"
    role = "gain" if weight * value >= 0 else "loss"
    return Row(label, start, weight * value, role, points(weight * value), hover)


def _subtotal(
    title: str, before: float, total: float, found: SegmentResult, result: Backtest, lang: Language
) -> Row:
    row = _total(title, before, total - before, "total")
    reading = (found.readings or {}).get(HEADLINE)
    if reading is None:
        return row
    alone = escaped(earned_words(result.thesis, reading.excess, lang))
    told = lang.say("contributions_figure.alone", excess=alone)
    return Row(row.label, row.start, row.size, row.role, row.text, f"{row.hover}<br>{told}")


def _total(label: str, start: float, size: float, role: str) -> Row:
    return Row(label, start, size, role, points(size), f"{label}<br>{points(size)}")


def _description(result: Backtest, headline: Reading, lang: Language) -> str:
    known = [(n.contribution[HEADLINE], n.name) for n in result.score.names]
    values = sorted((value, name) for value, name in known if value is not None)
    (least, worst), (most, best) = values[0], values[-1]
    return lang.say(
        "contributions_figure.told",
        title=called(result, lang),
        reading=reading_words(result.thesis, lang),
        basket=points(headline.ret),
        best=best,
        most=points(most),
        worst=worst,
        least=points(least),
        benchmark=points(headline.benchmark),
        excess=earned_words(result.thesis, headline.excess, lang),
    )
