"""Random dates: the same basket bought at other times, as far back as its prices go.

Descriptive. The names were chosen knowing how they had done, so their past flatters the list; the
windows before publication say how far such a basket drifts from its benchmark, not whether the call
was skilled. Half-year windows that do not overlap are few: a p-value waits until there are twenty.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from thesis.errors import PricesError
from thesis.market.benchmark import benchmark_returns
from thesis.market.calendar import Dates, as_date, sessions
from thesis.market.panel import PricePanel
from thesis.scoring.reading import HEADLINE, Horizon, Readings, read_excess
from thesis.scoring.score import Score
from thesis.trading.simulation import simulate_paper
from thesis.trading.weights import Weights

#: Fewer windows than this earn no p-value.
FEWEST = 20


@dataclass(frozen=True)
class PastWindow:
    """The basket bought on another date and held as long.

    Attributes
    ----------
    entry, end
        First and last session.
    names
        How many of the names had prices before the entry; the rest of the weight was spread over
        them.
    missing
        Those that had none.
    readings
        As the thesis is read, on the same rows counted from the entry.
    """

    entry: dt.date
    end: dt.date
    names: int
    missing: tuple[str, ...]
    readings: Readings


@dataclass(frozen=True)
class RandomDates:
    """Every window before publication that overlaps no other.

    Attributes
    ----------
    windows
        The latest first. They are independent only in that they share no session.
    p
        ``(1 + #{headline at least the thesis's}) / (1 + windows)``; None under twenty windows or
        where a headline is unknown.
    reason
        Why there is no p, in a sentence.
    stopped
        Why the windows reach no further back, in a sentence.
    """

    windows: tuple[PastWindow, ...]
    p: float | None
    reason: str | None
    stopped: str

    @property
    def independent(self) -> int:
        """The number of windows."""
        return len(self.windows)


def random_dates(score: Score, horizon: Horizon) -> RandomDates | None:
    """The paper basket's rule on every earlier window of the same number of sessions.

    Parameters
    ----------
    horizon
        Rows of the window ends, row 0 the entry session.

    Returns
    -------
    RandomDates or None
        None where the thesis has no names, or an end of its window lies beyond the calendar.

    Notes
    -----
    The last window ends on the last session before publication, each earlier one on the session
    before the next one's entry. Bars after publication are not looked at. A name counts where it
    had a bar before the entry; it keeps its weight at the real entry, in proportion. Names are
    those of the thesis: ones that were delisted before it could not be on the list.
    """
    rows, known = horizon.window, score.when.known
    if not score.names or rows is None or known is None:
        return None
    panel = score.case.panel.up_to(known)
    weights = {name.code: name.weight for name in score.names if name.weight > 0}
    days = sessions()
    after = int(np.searchsorted(days, np.datetime64(known), side="right"))
    windows: list[PastWindow] = []
    stopped = "the calendar begins there"
    while after >= rows.stop:
        axis = days[after - rows.stop : after]
        try:
            windows.append(_held_on(score, panel, weights, axis, horizon))
        except PricesError as error:
            stopped = str(error)
            break
        after -= rows.stop
    p, reason = _p_value(score, windows)
    return RandomDates(tuple(windows), p, reason, stopped)


def _held_on(
    score: Score, panel: PricePanel, weights: Mapping[str, float], axis: Dates, horizon: Horizon
) -> PastWindow:
    """The basket on one window.

    Raises
    ------
    PricesError
        If no name has a bar before it, or the benchmark cannot be entered.
    """
    entry = as_date(axis[0])
    first = {code: panel.first_bar(code) for code in weights}
    priced = tuple(code for code, day in first.items() if day is not None and day < entry)
    if not priced:
        begin = min((day for day in first.values() if day is not None), default=None)
        raise PricesError(
            f"the bars read of the names begin on {begin or 'no day'}; a window entered on "
            f"{entry} needs earlier ones"
        )
    case, kept = score.case, Weights({"": dict(weights)}).keep(priced)
    against, _ = benchmark_returns(panel, score.benchmark, axis, score.when.price)
    basket = simulate_paper(priced, kept, panel, axis, score.when.price, score.basis).basket
    return PastWindow(
        entry=entry,
        end=as_date(axis[-1]),
        names=len(priced),
        missing=tuple(code for code in weights if code not in priced),
        readings=read_excess(basket.path, against, horizon, case.thesis.scale),
    )


def _p_value(score: Score, windows: list[PastWindow]) -> tuple[float | None, str | None]:
    if len(windows) < FEWEST:
        return None, (
            f"{len(windows)} windows that do not overlap fit before publication; a p-value is "
            f"worked out from {FEWEST}"
        )
    own = score.paper.headline if score.paper is not None else None
    if own is None:
        return None, "the headline of the thesis is not known"
    others = [window.readings[HEADLINE] for window in windows]
    if any(other is None for other in others):
        return None, "the headline of a window is not known"
    above = sum(other.excess >= own.excess for other in others if other is not None)
    return (1 + above) / (1 + len(windows)), None
