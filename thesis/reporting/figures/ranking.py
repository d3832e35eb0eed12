"""The figure of a scoreboard: many theses, a row each, best first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thesis.errors import UsageError
from thesis.reporting.backtest import Backtest
from thesis.reporting.comparison import Comparison
from thesis.reporting.figures.axes import Span, apart, axis, points_axis, span_of
from thesis.reporting.figures.finish import finished
from thesis.reporting.figures.marks import Mark, breadth, dots, escaped, line, note, rule, zone
from thesis.reporting.figures.subjects import check_subject, earned_words, sector_words, title_of
from thesis.reporting.figures.zones import zones
from thesis.reporting.words.language import Language, language
from thesis.reporting.words.reasons import reason_words
from thesis.reporting.words.terms import PICKED, band_name, points, result_word, short_name
from thesis.research.rating import RatingScale
from thesis.scoring.evidence import NOTHING_YET
from thesis.scoring.leg import Leg

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW, WIDTH = 28, 480


@dataclass(frozen=True)
class Row:
    """A thesis on the board.

    Attributes
    ----------
    excess
        Of the leg whose verdict counts; None where it is not known, with the reason.
    """

    title: str
    result: Backtest | None
    excess: float | None
    reason: str = ""


def scoreboard(comparison: Comparison, *, lang: str | Language = "en") -> "go.Figure":
    """Every thesis's headline excess: on paper, of its sector, after rules and costs.

    Rows are sorted by the excess whose verdict counts: paper, or the sector where no names were
    called. Where names were inferred or picked by hand, a line shows the range without any one of
    them. What is not known, and what failed, has a row that says why.

    Parameters
    ----------
    comparison
        As `thesis.compare` returns it.
    lang
        ``en`` or ``zh``.

    Raises
    ------
    UsageError
        If it is no comparison, or there is no thesis in it.
    """
    check_subject("scoreboard", comparison, Comparison)
    lang = language(lang)
    rows = sorted(_rows(comparison, lang), key=_order)
    if not rows:
        raise UsageError(lang.say("scoreboard_figure.nothing"))
    known = [(place, row.result) for place, row in enumerate(rows) if row.result is not None]
    edges = [edge for _, result in known for edge in result.thesis.scale.edges]
    ranges = [(place, *_without(result)) for place, result in known if _is_picked(result)]
    ranges = [each for each in ranges if len(each) == 3]
    legs = [list(_legs(known, kind, lang)) for kind in ("paper", "sector", "net")]
    values = [x for leg in legs for _, x, _ in leg] + [x for _, *ends in ranges for x in ends]
    span = span_of(values, 0.0, *edges)
    down = (-1.5, len(rows) - 0.5)
    fates = [_fate(row, lang) for row in rows]
    return finished(
        "scoreboard",
        lang.say("scoreboard_figure.title"),
        _description(rows, comparison, lang),
        comparison.simulated,
        lang,
        traces=[
            *_range_lines(ranges, lang),
            *(
                dots(
                    [x for _, x, _ in found],
                    [place for place, _, _ in found],
                    role,
                    lang.say(f"scoreboard_figure.{kind}"),
                    [told for _, _, told in found],
                    symbol=symbol,
                    size=size,
                    legend=True,
                )
                for (kind, role, symbol, size), found in zip(
                    (
                        ("paper", "basket", "circle", 9),
                        ("sector", "sector", "square", 9),
                        ("net", "net", "diamond-open", 14),
                    ),
                    legs,
                    strict=True,
                )
                if found
            ),
            *_unknown(rows, span, lang),
        ],
        axes={
            "xaxis": points_axis(
                lang.say("figure.excess"),
                span,
                anchor="y",
                count=8,
                grid=False,
            ),
            "yaxis": axis(
                "",
                down,
                range(len(rows)),
                [row.title for row in rows],
                grid=False,
                falling=True,
            ),
        },
        shapes=[*_zones(known, span, lang), rule(0, 0, -0.5, down[1], "muted")],
        notes=[
            *_zone_names(known, span, lang),
            *(
                note(1, place, escaped(text), "ink", xref="paper", xanchor="left", xshift=8)
                for place, text in enumerate(fates)
            ),
        ],
        height=150 + ROW * (len(rows) + 1),
        right=int(max(map(breadth, fates))) + 20,
    )


def _rows(comparison: Comparison, lang: Language) -> Iterator[Row]:
    for result in comparison.results:
        leg, title = result.score.primary, escaped(title_of(result.thesis, lang))
        if leg is not None and leg.headline is not None:
            yield Row(title, result, leg.headline.excess)
        else:
            reason = (leg.verdict.reason if leg is not None else None) or NOTHING_YET
            yield Row(title, result, None, reason_words(reason, lang))
    for failure in comparison.failures:
        yield Row(escaped(failure.name), None, None, failure.message)


def _order(row: Row) -> tuple[int, float]:
    """Best first, then what is not known, then what failed."""
    if row.excess is None:
        return (1 if row.result is not None else 2), 0.0
    return 0, -row.excess


def _legs(
    known: list[tuple[int, Backtest]], kind: str, lang: Language
) -> Iterator[tuple[int, float, str]]:
    """Place, excess and words of one leg of every thesis that has it."""
    for place, result in known:
        leg: Leg | None = getattr(result, kind)
        if leg is None or leg.headline is None:
            continue
        name = lang.say(f"scoreboard_figure.{kind}")
        if kind == "sector":
            name = sector_words(result.thesis.claim.sector_index or "", lang)
        told = escaped(earned_words(result.thesis, leg.headline.excess, lang))
        title = escaped(title_of(result.thesis, lang))
        yield place, leg.headline.excess, f"{title}<br>{escaped(name)}<br>{told}"


def _is_picked(result: Backtest) -> bool:
    return any(name.basis in PICKED for name in result.score.names)


def _without(result: Backtest) -> tuple[float, ...]:
    """The lowest and the highest headline without one name; nothing where there is none."""
    values = [each.excess for each in result.score.without]
    return (min(values), max(values)) if values else ()


def _range_lines(ranges: list[tuple[float, ...]], lang: Language) -> list[Mark]:
    x = [at for _, low, high in ranges for at in (low, high, float("nan"))]
    y = [at for place, _, _ in ranges for at in (place, place, float("nan"))]
    if not x:
        return []
    name = lang.say("scoreboard_figure.without")
    told = [
        text
        for _, low, high in ranges
        for text in [f"{name}<br>{points(low)} .. {points(high)}"] * 2 + [""]
    ]
    return [line(x, y, "basket", name, told, width=3, legend=True)]


def _unknown(rows: list[Row], span: Span, lang: Language) -> list[Mark]:
    """A cross on each row without a result, which tells the whole reason."""
    places = [place for place, row in enumerate(rows) if row.excess is None]
    if not places:
        return []
    told = [f"{rows[place].title}<br>{escaped(rows[place].reason)}" for place in places]
    name = lang.say("scoreboard_figure.failed")
    x = [span[0] + 0.02 * (span[1] - span[0])] * len(places)
    return [dots(x, places, "muted", name, told, symbol="x", size=8, legend=True)]


def _zones(known: list[tuple[int, Backtest]], span: Span, lang: Language) -> list[Mark]:
    """The rating bands behind each row: every thesis is measured by its own scale."""
    found: list[Mark] = []
    runs: list[tuple[float, float, RatingScale]] = []
    for place, result in known:
        scale, top = result.thesis.scale, -1.5 if place == 0 else place - 0.5
        if runs and runs[-1][1:] == (top, scale):
            top = runs.pop()[0]
        runs.append((top, place + 0.5, scale))
    for top, bottom, scale in runs:
        rows = zones(scale, span, lang)
        found += [zone(each.low, each.high, top, bottom, each.role) for each in rows]
        found += [rule(each.low, each.low, top, bottom, "muted", dash="dot") for each in rows[:-1]]
    return found


def _zone_names(known: list[tuple[int, Backtest]], span: Span, lang: Language) -> list[Mark]:
    """The bands' short names above the first row, where all theses share a scale."""
    scales = [result.thesis.scale for _, result in known]
    if not scales or any(scale != scales[0] for scale in scales):
        return []
    thesis = known[0][1].thesis
    found = zones(scales[0], span, lang)
    shorts = {
        escaped(lang.either(band.name, band.name_zh)): escaped(short_name(thesis, band.id, lang))
        for band in scales[0].bands
    }
    names = [shorts[each.name] for each in found]
    least = (max(map(breadth, names)) + 4) * (span[1] - span[0]) / WIDTH
    places = apart([(each.low + each.high) / 2 for each in found], least)
    return [note(at, -1, name, "ink") for at, name in zip(places, names, strict=True)]


def _fate(row: Row, lang: Language) -> str:
    """What a claim came to: the rating it earned, and whether that meets it. As it is."""
    if row.result is None:
        return lang.say("scoreboard_figure.failed")
    leg = row.result.score.primary
    if leg is None:
        return result_word("not_scorable", lang)
    if leg.verdict.earned is None:
        return result_word(leg.verdict.result, lang)
    return lang.say(
        "scoreboard_figure.fate",
        earned=band_name(row.result.thesis, leg.verdict.earned, lang),
        result=result_word(leg.verdict.result, lang),
    )


def _description(rows: list[Row], comparison: Comparison, lang: Language) -> str:
    told = [
        lang.say(
            "scoreboard_figure.one",
            title=title_of(row.result.thesis, lang),
            excess=points(row.excess),
            fate=_fate(row, lang),
        )
        for row in rows
        if row.result is not None and row.excess is not None
    ]
    missing = sum(row.excess is None for row in rows)
    if len(rows) == 1 and told:
        return f"{told[0]}{lang.say('between.stop')}"
    return lang.say(
        "scoreboard_figure.told" if not missing else "scoreboard_figure.told_missing",
        count=str(len(rows)),
        theses=lang.say("between.clauses").join(told),
        missing=str(missing),
    )
