"""Figures of a market review: the industries side by side, and their paths."""

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from thesis.market.calendar import as_date
from thesis.reporting.figures.axes import axis, number_axis, span_of
from thesis.reporting.figures.finish import finished
from thesis.reporting.figures.marks import Mark, bars, dots, escaped, line, note, rule
from thesis.reporting.figures.subjects import check_subject
from thesis.reporting.review import Review
from thesis.reporting.words.language import Language, language
from thesis.reporting.words.review import summary_words, table_order
from thesis.reporting.words.terms import index_name, points, return_words
from thesis.scoring.index_returns import IndexReturn
from thesis.scoring.printed import PrintedCheck

if TYPE_CHECKING:
    import plotly.graph_objects as go

Ints = npt.NDArray[np.int64]

#: Of the indices set off in the paths, in their order; more than these are dotted.
ROLES = ("basket", "sector", "net", "event")

#: Room for the column of returns, as a part of what the bars take: enough on a phone.
COLUMN = 0.24

#: Sessions of a path that are drawn at most: 32 paths of more would make a page too large to mail.
MOST_DRAWN = 300


def review(found: Review, *, lang: str | Language = "en") -> "go.Figure":
    """What each industry returned, best first, with the CSI 300 among them.

    What a report prints of an index stands as a diamond on its row.

    Parameters
    ----------
    found
        As `thesis.review` returns it.
    lang
        ``en`` or ``zh``.

    Raises
    ------
    UsageError
        If it is no review, or `lang` is neither.
    """
    check_subject("review", found, Review)
    spoken = language(lang)
    rows = [each for each in table_order(found) if each.ret is not None]
    printed = [
        (check, each)
        for check in found.printed
        for each in rows
        if each.code == check.printed.index and not found.simulated
    ]
    at = {each.code: row for row, each in enumerate(rows)}
    texts = {each.code: return_words(each.ret) for each in rows}
    values = [each.ret or 0.0 for each in rows]
    low, high = span_of([*values, *(check.printed.value for check, _ in printed)], 0.0, room=0.02)
    span = (low, high + COLUMN * (high - low))
    benchmark = found.indices.benchmark
    ahead, behind = rows[: found.indices.ahead], rows[found.indices.ahead + 1 :]
    kinds = (("ahead", "gain", ahead), ("behind", "loss", behind), ("", "benchmark", [benchmark]))
    traces = [_bars(some, word, role, at, spoken) for word, role, some in kinds if some]
    if printed:
        traces.append(
            dots(
                [check.printed.value for check, _ in printed],
                [at[each.code] for _, each in printed],
                "event",
                spoken.say("review_figure.printed"),
                [_marker(check, spoken) for check, _ in printed],
                symbol="diamond",
                legend=True,
            )
        )
    beaten, tall = benchmark.ret or 0.0, (-0.7, len(rows) - 0.3)
    # In a column of their own: beside its bar a figure would lie on the line of the CSI 300.
    notes = [note(span[1], at[code], text, "ink", xanchor="right") for code, text in texts.items()]
    drawn = finished(
        "review",
        spoken.say("review_figure.title", first=found.span.first, last=found.span.last),
        _description(found, spoken),
        found.simulated,
        spoken,
        traces=traces,
        axes={
            "xaxis": number_axis(
                spoken.say("review_figure.return"), span, lambda value: f"{value:.0%}", anchor="y"
            ),
            "yaxis": axis(
                "",
                tall,
                list(range(len(rows))),
                [index_name(each.code, spoken) for each in rows],
                grid=False,
                falling=True,
            ),
        },
        shapes=[
            rule(0.0, 0.0, *tall, "muted"),
            rule(beaten, beaten, *tall, "benchmark", dash="dash"),
        ],
        notes=notes,
        height=130 + 21 * len(rows),
    )
    drawn.update_layout(barmode="overlay")  # each bar has a row of its own
    return drawn


def review_paths(found: Review, *, lang: str | Language = "en") -> "go.Figure":
    """The cumulative return of each industry and of the CSI 300 since the base.

    The chapters of the report behind the theses, and industries asked for, are set off.

    Parameters
    ----------
    found
        As `thesis.review` returns it.
    lang
        ``en`` or ``zh``.

    Raises
    ------
    UsageError
        If it is no review, or `lang` is neither.
    """
    check_subject("review_paths", found, Review)
    spoken = language(lang)
    indices, span = found.indices, found.span
    asked = [movers.industry for movers in found.movers]
    marked = [code for code in dict.fromkeys((*found.chapters, *asked)) if code in indices.paths]
    benchmark = indices.benchmark.code
    others = [code for code in indices.paths if code not in (*marked, benchmark)]
    every = math.ceil(len(indices.axis) / MOST_DRAWN)
    rows = _drawn(len(indices.axis), every)
    x = rows.astype(float)
    traces = [
        line(
            x, indices.paths[code][rows], "fan_inner", spoken.say("review_paths_figure.others"),
            _read(found, code, rows, spoken), width=1.0, legend=code == others[0], group="others",
        )
        for code in others
    ]  # fmt: skip
    for number, code in enumerate(marked):
        role = ROLES[number % len(ROLES)]
        dash = "solid" if number < len(ROLES) else "dot"
        traces.append(
            line(
                x, indices.paths[code][rows], role, _named(found, code, spoken),
                _read(found, code, rows, spoken), width=2.2, dash=dash, legend=True,
            )
        )  # fmt: skip
    traces.append(
        line(
            x, indices.paths[benchmark][rows], "ink", _named(found, benchmark, spoken),
            _read(found, benchmark, rows, spoken), width=2.6, dash="dash", legend=True,
        )
    )  # fmt: skip
    values = [value for path in indices.paths.values() for value in path.tolist()]
    tall = span_of(values, 0.0)
    title = spoken.say("review_paths_figure.title", base=span.base, last=span.last)
    told = spoken.say("between.items").join(
        _named(found, code, spoken) for code in (*marked, benchmark)
    )
    shapes, notes = [rule(0.0, float(x[-1]), 0.0, 0.0, "muted")], []
    start = float(np.searchsorted(indices.axis, np.datetime64(span.first)))
    if span.first > span.base:
        shapes.append(rule(start, start, *tall, "muted", dash="dot"))
        words = spoken.say("review_paths_figure.start", day=span.first)
        notes.append(note(start, tall[0], words, xanchor="right", yanchor="bottom", xshift=-4))
    ticks = _ticks(len(indices.axis))
    sessions = "sessions" if every == 1 else "some_sessions"
    return finished(
        "review_paths",
        title,
        spoken.say("review_paths_figure.told", title=title.replace("<br>", " "), lines=told),
        found.simulated,
        spoken,
        traces=traces,
        axes={
            "xaxis": axis(
                spoken.say(f"review_paths_figure.{sessions}", every=str(every)),
                (-0.01 * x[-1], 1.01 * x[-1]),
                ticks,
                _days(found, ticks),
                grid=False,
                anchor="y",
            ),
            "yaxis": number_axis(
                spoken.say("review_paths_figure.return"), tall, lambda value: f"{value:.0%}"
            ),
        },
        shapes=shapes,
        notes=notes,
        height=480,
    )


def _bars(
    rows: list[IndexReturn], word: str, role: str, at: dict[str, int], lang: Language
) -> Mark:
    """Bars of indices on one side of the benchmark, or of it alone."""
    name = lang.say(f"review_figure.{word}") if word else index_name(rows[0].code, lang)
    drawn = bars(
        [at[each.code] for each in rows],
        [each.ret or 0.0 for each in rows],
        [role] * len(rows),
        [_bar(each, lang) for each in rows],
        lying=True,
        width=0.72,
    )
    return {**drawn, "name": name, "showlegend": True}


def _bar(each: IndexReturn, lang: Language) -> str:
    facts = {
        "index": index_name(each.code, lang),
        "code": each.code,
        "return_text": return_words(each.ret),
    }
    if each.excess is None:
        return lang.say("review_figure.benchmark", **facts)
    return lang.say("review_figure.bar", **facts, excess=points(each.excess), rank=str(each.rank))


def _figure(check: PrintedCheck) -> str:
    return return_words(check.printed.value, check.printed.decimals)


def _marker(check: PrintedCheck, lang: Language) -> str:
    return lang.say(
        "review_figure.marker",
        publisher=escaped(lang.either(check.publisher, check.publisher_zh)),
        printed=_figure(check),
        index=index_name(check.printed.index, lang),
    )


def _description(found: Review, lang: Language) -> str:
    unknown = [index_name(each.code, lang) for each in found.indices.unknown]
    if not unknown:
        return summary_words(found, lang)
    names = lang.say("between.items").join(unknown)
    return summary_words(found, lang) + lang.say("review_figure.unknown", indices=names)


def _named(found: Review, code: str, lang: Language) -> str:
    """An index and where its path ends."""
    each = found.indices.of(code)
    return f"{index_name(code, lang)} {return_words(None if each is None else each.since_base)}"


def _read(found: Review, code: str, rows: Ints, lang: Language) -> list[str]:
    name, path = index_name(code, lang), found.indices.paths[code]
    return [
        lang.say(
            "review_paths_figure.at",
            day=as_date(found.indices.axis[row]),
            index=name,
            return_text=return_words(None if np.isnan(path[row]) else float(path[row])),
        )
        for row in rows
    ]


def _drawn(count: int, every: int) -> Ints:
    """The rows of the sessions that are drawn: the first, and each so-manieth up to the last."""
    return np.unique(np.append(np.arange(count - 1, -1, -every), 0)).astype(np.int64)


def _ticks(count: int) -> list[float]:
    """Some sessions evenly apart, the first and the last among them."""
    return sorted({float(round(at)) for at in np.linspace(0, count - 1, min(count, 7))})


def _days(found: Review, ticks: list[float]) -> list[str]:
    """Days of sessions, the year where it begins."""
    days = [as_date(found.indices.axis[int(tick)]) for tick in ticks]
    return [
        f"{day:%m-%d}" + (f"<br>{day.year}" if not at or day.year != days[at - 1].year else "")
        for at, day in enumerate(days)
    ]
