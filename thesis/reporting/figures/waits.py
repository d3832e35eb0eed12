"""The figure of a timeline: when each name was bought and sold, and what its orders waited for."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from thesis.market.calendar import as_date
from thesis.reporting.backtest import Backtest
from thesis.reporting.figures.axes import axis
from thesis.reporting.figures.days import offset, published_at, sessions_axis
from thesis.reporting.figures.finish import finished
from thesis.reporting.figures.marks import Mark, breadth, dots, escaped, key, line, note, rule
from thesis.reporting.figures.subjects import (
    called,
    check_subject,
    nothing_to_draw,
    reason_of,
    row_name,
    two_lines,
)
from thesis.reporting.words.language import Language, language
from thesis.reporting.words.terms import status_words
from thesis.reporting.words.trading import (
    WAIT_KINDS,
    cause_word,
    kind_of_wait,
    side_word,
    wait_words,
)
from thesis.scoring.names import NameResult
from thesis.scoring.score import Traded

if TYPE_CHECKING:
    import plotly.graph_objects as go

ROW = 26

#: Roles of what orders wait for, by kind; any other reason is `OTHER`.
ROLES = {"at_upper": "event", "at_lower": "loss", "no_bar": "muted"}
OTHER = "benchmark"


def timeline(result: Backtest, *, lang: str | Language = "en") -> "go.Figure":
    """Orders and waits of each name, session by session.

    A row a name: when it was held, its orders, the sessions on which one could not be filled and
    why, those without a bar, and what became of it.

    Parameters
    ----------
    result
        As `thesis.backtest` returns it.
    lang
        ``en`` or ``zh``.

    Raises
    ------
    UsageError
        If it is no result, or nothing was traded.
    """
    check_subject("timeline", result, Backtest)
    lang, thesis, score = language(lang), result.thesis, result.score
    traded = score.traded
    if traded is None:
        raise nothing_to_draw("timeline", thesis, reason_of(result.paper), lang)
    entry = as_date(score.axis[0])
    rows = {name.code: row for row, name in enumerate(score.names)}
    published = [at for at in (published_at(score, entry),) if at is not None]
    along = (min([-1.0, *published]) - 1, float(max(len(score.axis), 10)) + 1)
    down = (-0.7, len(rows) - 0.3)
    words = [escaped(_fate(name, lang)) for name in score.names]
    waits = len(traded.plan.waits)
    days = sessions_axis(entry, along, lang, anchor="y")
    if not waits:
        days["title"]["text"] += lang.say("timeline_figure.no_wait")
    shapes = [rule(at, at, *down, "event", width=1.5, dash="dash") for at in published]
    return finished(
        "timeline",
        two_lines(lang.say("timeline_figure.title"), result, lang),
        _description(result, traded, lang),
        result.simulated,
        lang,
        traces=[
            *_spells(traded, rows, lang),
            *_waits(result, traded, rows, lang),
            *_orders(result, traded, rows, lang),
            *([key("event", "dash", lang.say("timeline_figure.published"))] if published else []),
        ],
        axes={
            "xaxis": days,
            "yaxis": axis(
                "",
                down,
                range(len(rows)),
                [row_name(name) for name in score.names],
                falling=True,
            ),
        },
        shapes=[*shapes, rule(0, 0, *down, "ink")],
        notes=[
            note(1, row, text, "ink", xref="paper", xanchor="left", xshift=6)
            for row, text in enumerate(words)
        ],
        height=170 + ROW * len(rows),
        right=int(max(map(breadth, words), default=0)) + 16,
    )


def _fate(name: NameResult, lang: Language) -> str:
    """What became of a name as traded; how its bars ended, where they did."""
    ended = name.status in ("suspended_at_end", "delisted", "stale", "no_data")
    return status_words(name.status if ended else name.net_status or name.status, lang)


def _spells(traded: Traded, rows: dict[str, int], lang: Language) -> list[Mark]:
    """When names were held, and when they had no bar, held or not."""
    bars = traded.conditions.has_bar
    return [
        line(x, y, role, lang.say(f"timeline_figure.{what}"), width=wide, dash=dash, legend=True)
        for what, role, wide, dash, (x, y) in (
            (
                "held",
                "basket",
                3.0,
                "solid",
                _runs(traded, bars & (traded.ledger.units != 0), rows),
            ),
            ("silent", "muted", 3.0, "dot", _runs(traded, ~bars, rows)),
        )
        if x
    ]


def _runs(
    traded: Traded, marks: npt.NDArray[np.bool_], rows: dict[str, int]
) -> tuple[list[float], list[float]]:
    """Runs of marked sessions by name, as one broken line; a single session is a session long."""
    x: list[float] = []
    y: list[float] = []
    for column, code in enumerate(traded.codes):
        inside = np.concatenate([[False], marks[:, column], [False]])
        turns = np.flatnonzero(inside[1:] != inside[:-1]).tolist()
        for start, stop in zip(turns[::2], turns[1::2], strict=True):
            x += [float(start) - 0.4, float(stop) - 0.6, np.nan]
            y += [float(rows[code])] * 2 + [np.nan]
    return x, y


def _waits(result: Backtest, traded: Traded, rows: dict[str, int], lang: Language) -> list[Mark]:
    """A square on each session an order could not be filled, by kind of reason."""
    entry, names = as_date(result.score.axis[0]), _names(result)
    kinds = {words: key for key, words in WAIT_KINDS.items()}
    grouped: dict[str, list[tuple[float, float, str]]] = {}
    for wait in traded.plan.waits:
        told = f"{wait.session}<br>{names[wait.code]}<br>" + lang.say(
            "timeline_figure.waited",
            side=side_word(wait.side, lang),
            why=escaped(wait_words([wait], lang)),
        )
        place = offset(entry, wait.session), float(rows[wait.code]), told
        grouped.setdefault(kind_of_wait(wait.reason), []).append(place)
    found = []
    for kind, places in grouped.items():
        reason = kinds.get(kind)
        short = lang.say(f"timeline_figure.{reason}") if reason is not None else escaped(kind)
        x, y, hover = zip(*places, strict=True)
        found.append(
            dots(
                x,
                y,
                ROLES.get(reason or "", OTHER),
                lang.say("timeline_figure.waits", why=short),
                hover,
                symbol="square",
                size=8,
                legend=True,
            )
        )
    return found


def _orders(result: Backtest, traded: Traded, rows: dict[str, int], lang: Language) -> list[Mark]:
    """A triangle on each order."""
    entry, names = as_date(result.score.axis[0]), _names(result)
    found = []
    for side, role, symbol in (("buy", "gain", "triangle-up"), ("sell", "loss", "triangle-down")):
        orders = [order for order in traded.plan.orders if order.side == side]
        if not orders:
            continue
        hover = [
            f"{order.session}<br>{names[order.code]}<br>"
            + lang.say(
                "timeline_figure.filled",
                side=side_word(side, lang),
                cause=cause_word(order.cause, lang),
                shares=f"{order.shares:,.10g}",
                price=f"{order.price:,.10g}",
                fees=f"{order.fees:,.2f}",
            )
            for order in orders
        ]
        x = [offset(entry, order.session) for order in orders]
        y = [rows[order.code] for order in orders]
        name = side_word(side, lang)
        found.append(dots(x, y, role, name, hover, symbol=symbol, size=11, legend=True))
    return found


def _names(result: Backtest) -> dict[str, str]:
    return {name.code: escaped(f"{name.name} {name.code}") for name in result.score.names}


def _description(result: Backtest, traded: Traded, lang: Language) -> str:
    plan = traded.plan
    waited = dict.fromkeys(wait.code for wait in plan.waits)
    names = {name.code: name.name for name in result.score.names}
    return lang.say(
        "timeline_figure.told" if waited else "timeline_figure.told_no_wait",
        title=called(result, lang),
        orders=str(len(plan.orders)),
        names=str(len(result.score.names)),
        waits=str(len(plan.waits)),
        who=lang.say("between.items").join(names[code] for code in waited),
    )
