"""What a basket earned beyond its benchmark, session by session: before the entry and after.

One line a reader can draw: it passes through 0 at the last close before the entry, shows what had
been earned by then on its left, and what the entry earned on its right. The move between that close
and the price paid is in neither: nobody could earn it.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.market.benchmark import benchmark_returns, levels
from thesis.market.calendar import Dates, as_date, session_after, session_on_or_before, sessions
from thesis.scoring.basket import Held, hold_names
from thesis.scoring.event_study import basket_returns
from thesis.scoring.score import Score
from thesis.trading.paper import carry_forward, returns_by_session
from thesis.trading.simulation import FACTOR, grid, session_axis

Floats = npt.NDArray[np.float64]

#: Sessions of the path before the entry session, and after it.
BEFORE, AFTER = 60, 126


@dataclass(frozen=True, eq=False)
class Moves:
    """Daily returns of names and benchmark around an entry.

    Attributes
    ----------
    history
        Sessions with prices before the entry session, shape (H,).
    closes
        Adjusted, shape (H, N); NaN where there is no bar.
    market_closes
        Of the benchmark, shape (H,); NaN where it has no level.
    axis
        Sessions from the entry on, shape (T,).
    returns
        Since the entry, shape (T, N): the first from the price paid to that session's close, 0 on a
        session without a bar. NaN while a name is not held, and after a stale name's last bar.
    market
        The benchmark's over the same spans, shape (T,); NaN after its last level.
    against
        The benchmark's since the entry, shape (T,).
    held
        The paper basket on `axis`.
    """

    history: Dates
    closes: Floats
    market_closes: Floats
    axis: Dates
    returns: Floats
    market: Floats
    against: Floats
    held: Held

    @property
    def weights(self) -> Floats:
        """Initial weights, shape (N,)."""
        return self.held.simulation.weight_vector()

    @property
    def basket(self) -> Floats:
        """Return of the basket at fixed weights on each session, shape (T,).

        Cash that waits for a name without a bar earns 0. NaN where the basket is not known.
        """
        known = ~np.isnan(self.held.path)
        return np.where(known, np.nan_to_num(self.returns) @ self.weights, np.nan)

    @property
    def past_returns(self) -> Floats:
        """Daily returns before the entry, shape (H, N); NaN unless both closes are bars."""
        return _changes(self.closes)

    @property
    def past_market(self) -> Floats:
        """The benchmark's daily returns before the entry, shape (H,)."""
        return _changes(self.market_closes[:, None])[:, 0]

    @property
    def run_up(self) -> Floats:
        """The basket's daily return over the benchmark's before the entry, shape (H,).

        A suspended name is carried at its last close; one not listed yet is left out.
        """
        market = _changes(carry_forward(self.market_closes[:, None]))[:, 0]
        return basket_returns(_changes(carry_forward(self.closes)), self.weights) - market

    def bought_earlier(self, rows: slice, end: int) -> Floats:
        """Excess of the basket bought at the close of each row of `history` and held to `end`.

        At entry weights. A suspended name is carried at its last close; one not listed yet is left
        out. NaN where under half of the weight was listed, or the benchmark has no level.
        """
        closes = carry_forward(self.closes)
        market = carry_forward(self.market_closes[:, None])[:, 0]
        earned = basket_returns(closes[end] / closes[rows] - 1.0, self.weights)
        return np.asarray(earned - (market[end] / market[rows] - 1.0), dtype=float)


@dataclass(frozen=True, eq=False)
class EventPath:
    """Abnormal returns by session, shape (P,) each; NaN where unknown.

    Attributes
    ----------
    offset
        Sessions from the entry session, which is 0.
    session
        The days.
    car
        Cumulative return of the basket at fixed weights over the benchmark's, market-adjusted.
        Before the entry, minus what it earned from that close to the close of offset -1.
    bhar
        The same bought and held: from the entry on the basket's excess return.
    """

    offset: npt.NDArray[np.int64]
    session: Dates
    car: Floats
    bhar: Floats


def read_moves(score: Score, held: Held) -> Moves:
    """Daily returns around the entry of a scored paper basket, as far as prices and "today" go."""
    panel, codes, when = score.case.panel, held.simulation.codes, score.when
    axis = long_axis(score, codes)
    if len(axis) > len(score.axis):
        held = hold_names(score.case, held.weights, axis, score.basis)
    history = panel.sessions[panel.sessions < axis[0]]
    against, _ = benchmark_returns(panel, score.benchmark, axis, when.price)
    simulation = held.simulation
    first = simulation.basket.entry_rows
    rows = np.arange(len(axis))[:, None]
    # Bought at a close, a name earns nothing that session: its event begins with the next.
    owned = (rows > first if when.price == "close" else rows >= first) & (first >= 0)
    return Moves(
        history=history,
        closes=grid(panel, "close", codes, history)
        * grid(panel, FACTOR[score.basis], codes, history),
        market_closes=levels(panel, "close", score.benchmark.code, history),
        axis=axis,
        returns=np.where(owned & held.known, returns_by_session(simulation.basket.returns), np.nan),
        market=returns_by_session(against),
        against=against,
        held=held,
    )


def event_path(moves: Moves) -> EventPath:
    """The path from 60 sessions before the entry session to 126 after, as far as prices go."""
    back = min(BEFORE, len(moves.history))
    ahead = _last_known(moves) + 1
    car_after = np.cumsum(moves.basket - moves.market)[:ahead]
    bhar_after = (moves.held.path - moves.against)[:ahead]
    past = slice(len(moves.history) - back, None)
    car_before = _to_come(moves.run_up)[past]
    bhar_before = 0.0 - moves.bought_earlier(past, -1) if back else np.empty(0)
    return EventPath(
        offset=np.arange(-back, ahead),
        session=np.concatenate([moves.history[past], moves.axis[:ahead]]),
        car=np.concatenate([car_before, car_after]),
        bhar=np.concatenate([bhar_before, bhar_after]),
    )


def market_model_path(path: EventPath, daily: Floats) -> Floats:
    """Abnormal returns by a market model, summed onto a path, shape (P,).

    NaN before the entry: the sessions of the run-up are those the model was estimated on, where its
    residuals sum to nothing by construction.

    Parameters
    ----------
    daily
        From the entry session on, shape (T,).
    """
    out = np.full(len(path.offset), np.nan)
    after = path.offset >= 0
    out[after] = np.cumsum(daily)[: int(after.sum())]
    return out


def long_axis(score: Score, codes: tuple[str, ...]) -> Dates:
    """The score's axis, and on to 126 sessions after the entry where there are prices.

    Parameters
    ----------
    codes
        The names with bars.
    """
    entry, panel = as_date(score.axis[0]), score.case.panel
    bars = [panel.last_bar(code) for code in (*codes, score.benchmark.code)]
    priced = max(day for day in bars if day is not None)
    end = min(session_after(entry, AFTER) or as_date(sessions()[-1]), score.case.as_of, priced)
    longer = session_axis(entry, session_on_or_before(end) or end)
    return longer if len(longer) > len(score.axis) else score.axis


def _last_known(moves: Moves) -> int:
    known = np.flatnonzero(~np.isnan(moves.held.path - moves.against)[: AFTER + 1])
    return int(known[-1]) if known.size else -1


def _changes(closes: Floats) -> Floats:
    """Returns from row to row, shape (H, N); the first is NaN."""
    out = np.full(closes.shape, np.nan)
    out[1:] = closes[1:] / closes[:-1] - 1.0
    return out


def _to_come(daily: Floats) -> Floats:
    """Minus what was still to be earned after each row, shape (H,); 0 at the last."""
    later = np.concatenate([daily[1:], [0.0]])
    return np.asarray(-np.cumsum(later[::-1])[::-1], dtype=float)
