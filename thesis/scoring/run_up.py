"""The run-up clock: how much of a move had been made when the thesis was published.

Told in what a holder earned: buy-and-hold excess throughout (BHAR), before publication and after,
so that it stands beside the readings. A sum of daily leads (CAR) would not be what anybody got.
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np

from thesis.market.benchmark import fill_levels
from thesis.market.calendar import as_date
from thesis.scoring.event_path import Moves
from thesis.scoring.event_study import basket_returns
from thesis.scoring.score import Score
from thesis.trading.paper import carry_forward
from thesis.trading.simulation import FACTOR, fill_prices, grid

#: Sessions over which the run-up to publication is told, the longest first.
RUN_UPS = (60, 20)
#: A whole move under this, as a fraction, has no share that means something.
SMALL_MOVE = 0.01


@dataclass(frozen=True)
class Before:
    """The run-up to publication.

    Attributes
    ----------
    sessions
        Daily returns it is made of.
    excess
        Of the basket at entry weights, bought at the close so many sessions before `known` and held
        to the close of `known`, over its benchmark. A suspended name is carried at its last close;
        one not listed yet is left out. None where prices do not go back so far.
    share
        Of the whole move: ``before / (before + after)``; None with a `reason`.
    """

    sessions: int
    excess: float | None
    share: float | None
    reason: str | None = None


@dataclass(frozen=True)
class RunUp:
    """How much of the move had been made when the thesis was published.

    Attributes
    ----------
    known
        The last session before publication.
    before
        The run-up to its close, over 60 and over 20 sessions.
    gap
        Basket over benchmark from that close to the price paid: in neither part.
    after
        Excess of the paper basket from the price paid to `until`: the last month's reading. None
        where unknown.
    until
        The last month's end; None beyond the calendar.
    """

    known: dt.date
    before: tuple[Before, ...]
    gap: float | None
    after: float | None
    until: dt.date | None


def run_up(score: Score, moves: Moves, last: int | None) -> RunUp | None:
    """The share of the move made before publication; None where no session lies before.

    Parameters
    ----------
    last
        Row of the last month's end on the axis; None where it is not known yet.
    """
    known, until = score.when.known, score.when.end
    row = -1 if known is None else int(np.searchsorted(moves.history, np.datetime64(known)))
    if known is None or row >= len(moves.history) or as_date(moves.history[row]) != known:
        return None
    since = moves.held.path - moves.against
    after = None if last is None or np.isnan(since[last]) else float(since[last])
    earned = moves.bought_earlier(slice(row), row)
    before = []
    for count in RUN_UPS:
        excess = float(earned[-count]) if count <= row else np.nan
        if np.isnan(excess):
            reason = f"prices do not reach back over the {count} sessions before publication"
            before.append(Before(count, None, None, reason))
            continue
        before.append(Before(count, excess, *share_before(excess, after)))
    return RunUp(known, tuple(before), _gap(score, moves, row), after, until)


def share_before(before: float, after: float | None) -> tuple[float | None, str | None]:
    """Part of a move made before publication, or the reason why there is none.

    Examples
    --------
    >>> share_before(0.12, 0.04)[0], share_before(0.12, -0.04)[1]
    (0.75, 'it moved one way before publication and the other way after')
    """
    if after is None:
        return None, "the window has not ended, or its prices are not known"
    if before * after < 0:
        return None, "it moved one way before publication and the other way after"
    if abs(before + after) < SMALL_MOVE:
        return None, f"the whole move is under {SMALL_MOVE * 100:.0f} point"
    return before / (before + after), None


def _gap(score: Score, moves: Moves, row: int) -> float | None:
    """Basket over benchmark from a close to the price paid on the entry session."""
    panel, codes, first = score.case.panel, moves.held.simulation.codes, moves.axis[:1]
    paid = fill_prices(panel, score.when.price, codes, first)
    paid = paid * grid(panel, FACTOR[score.basis], codes, first)
    names = basket_returns(paid / carry_forward(moves.closes)[row] - 1.0, moves.weights)
    level = carry_forward(moves.market_closes[:, None])[row, 0]
    entered = fill_levels(panel, score.benchmark, first, score.when.price)
    gap = float(names[0] - (entered[0] / level - 1.0))
    return None if np.isnan(gap) else gap
