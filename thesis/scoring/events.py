"""Event tests of a thesis: whether its names did more than their market and chance explain.

The event runs from the price paid to the end of a month; what is usual is estimated before. With
one date and a handful of names of one industry these tests have little power: of a basket with a
tracking error of 25%, 15 points over half a year are found one time in seven. They say how sure one
can be, not how good the call was.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.scoring.basket import Held
from thesis.scoring.cross_section import (
    FEWEST_NAMES,
    Statistic,
    cross_section_t,
    generalised_rank,
    kolari_pynnonen,
    mean_correlation,
    number,
    patell,
    rank_test_size,
    statistic,
)
from thesis.scoring.estimation import SHORTEST, Window, estimation_windows
from thesis.scoring.event_path import EventPath, Moves, event_path, market_model_path, read_moves
from thesis.scoring.event_study import (
    NO_VARIANCE,
    MarketModel,
    abnormal_returns,
    basket_returns,
    buy_and_hold_abnormal,
    fit_market_model,
)
from thesis.scoring.reading import HEADLINE, Horizon
from thesis.scoring.run_up import RunUp, run_up
from thesis.scoring.score import Score

Floats = npt.NDArray[np.float64]

#: Fewest daily returns in an estimation window for a name to be tested.
FEWEST_RETURNS = 100
#: Why the headline reading has no test.
MEAN_HAS_NO_WINDOW = (
    "a mean of daily values is the return over no one window, so it has no event test of its own"
)
_ALIKE = "the names do not differ"


@dataclass(frozen=True)
class EventTest:
    """The tests over one event window, by one estimation window.

    Attributes
    ----------
    sessions
        Of the event window, those on which the basket has a return: from the entry session on, and
        from the next where it was bought at the close. `car` is without `alpha` on each of them.
    names, left_out
        The names tested, and the others with the reason.
    car
        Market-model CAR of the basket of the names tested.
    alpha, beta
        Of that basket before the event, `alpha` a session. A group that had run ahead of its market
        is expected to go on so, and a large `alpha` then takes much from `car`.
    correlation
        Mean pairwise correlation of the estimation's residuals; None with one name.
    kolari_pynnonen
        The headline. It stands volatility that rose for all names alike.
    basket
        The t of the basket as one series. It assumes unchanged volatility.
    rank
        GRANK-t. It rejects too often with few names that move together: see `rank_size`.
    rank_size
        Share of true nulls that GRANK rejects at 5%, as simulated for about so many names of about
        this correlation; None where it is not tested.
    assumes_independence
        ``bmp``, ``patell``, ``t_car``, ``t_bhar``: they take the names for independent, which these
        are not. ``bmp`` rejects a true null at 5% in 46% of cases with seven names correlated at
        0.55. Never shown without that.
    """

    sessions: int
    names: tuple[str, ...]
    left_out: Mapping[str, str]
    car: float
    alpha: float
    beta: float
    correlation: float | None
    kolari_pynnonen: Statistic
    basket: Statistic
    rank: Statistic
    rank_size: float | None
    assumes_independence: Mapping[str, Statistic]


@dataclass(frozen=True, eq=False)
class Estimate:
    """The tests of every month's end by one estimation window.

    Attributes
    ----------
    car
        Market-model CAR of the basket along the path, shape (P,); NaN before the entry and where
        unknown.
    tests
        By reading; None with a reason in `unknown`. ``mean`` always is.
    """

    window: Window
    car: Floats
    tests: Mapping[str, EventTest | None]
    unknown: Mapping[str, str]


@dataclass(frozen=True, eq=False)
class EventTests:
    """Event study of a thesis.

    Attributes
    ----------
    market
        Code of the index that returns are explained by.
    run_up
        None where no price lies before publication.
    estimates
        One for each estimation window, that which avoids a market break first.
    """

    market: str
    path: EventPath
    run_up: RunUp | None
    estimates: tuple[Estimate, ...]


def event_tests(score: Score, held: Held, horizon: Horizon) -> EventTests | None:
    """Event study of a paper basket.

    Returns
    -------
    EventTests or None
        None where nothing was entered yet, or no name has prices.
    """
    codes = held.simulation.codes
    if not codes or not len(score.axis) or np.isnan(held.path).all():
        return None
    moves = read_moves(score, held)
    path = event_path(moves)
    first_bars = [day for code in codes if (day := score.case.panel.first_bar(code)) is not None]
    windows = estimation_windows(score.when.known, min(first_bars))
    rows = list(horizon.rows.values())
    return EventTests(
        market=score.benchmark.code,
        path=path,
        run_up=run_up(score, moves, rows[-1]),
        estimates=tuple(_estimate(score, moves, path, window, horizon) for window in windows),
    )


def _estimate(
    score: Score, moves: Moves, path: EventPath, window: Window, horizon: Horizon
) -> Estimate:
    """Fit on one window, test every reading."""
    tests: dict[str, EventTest | None] = dict.fromkeys([*horizon.rows, HEADLINE])
    unknown = {HEADLINE: MEAN_HAS_NO_WINDOW}
    car = np.full(len(path.offset), np.nan)
    inside = np.isin(moves.history, window.axis)
    returns, market = moves.past_returns[inside], moves.past_market[inside]
    sessions = int((~np.isnan(market) & ~np.isnan(returns).all(axis=1)).sum())
    if sessions < SHORTEST:
        short = f"{sessions} sessions with returns before publication; an estimate needs {SHORTEST}"
        return Estimate(window, car, tests, unknown | dict.fromkeys(horizon.rows, short))
    model = fit_market_model(returns, market)
    left_out = _left_out(score, moves, model, window)
    codes = moves.held.simulation.codes
    usable = np.array([code not in left_out for code in codes])
    if usable.any():
        series, after = _basket(moves, returns, market, usable)
        daily = abnormal_returns(series, after, moves.market).daily[:, 0]
        car = market_model_path(path, np.where(np.isnan(moves.held.path), np.nan, daily))
    for reading, row in horizon.rows.items():
        why = _why_not(score, moves, row)
        bought = _bought(moves, row)
        late = dict.fromkeys(np.array(codes)[~bought].tolist(), "it had not been bought by then")
        if why is None and not (usable & bought).any():
            why = "no name has the returns that an estimate needs"
        if why is not None or row is None:
            unknown[reading] = why or ""
            continue
        tests[reading] = _test(
            moves, model, (returns, market), usable & bought, late | left_out, row
        )
    return Estimate(window, car, tests, unknown)


def _left_out(score: Score, moves: Moves, model: MarketModel, window: Window) -> dict[str, str]:
    """Names that cannot be tested by a window, with the reason."""
    reasons = {code: "no prices" for code, fate in moves.held.statuses.items() if fate == "no_data"}
    names = zip(moves.held.simulation.codes, moves.weights, model.count, strict=True)
    for column, (code, weight, count) in enumerate(names):
        if weight <= 0:
            reasons[code] = "it has no weight in the basket"
        elif count < FEWEST_RETURNS:
            reasons[code] = (
                f"{count:.0f} daily returns from {window.first} to {window.last}; "
                f"an estimate needs {FEWEST_RETURNS}"
            )
        elif not model.variance[column] > NO_VARIANCE:
            reasons[code] = (
                f"from {window.first} to {window.last} it or {score.benchmark.code} never moved on "
                "its own, so there is no volatility to measure against"
            )
    return reasons


def _why_not(score: Score, moves: Moves, row: int | None) -> str | None:
    """Why a reading has no window to test; None where it has."""
    if row is None:
        return "the window's end is not known yet, or lies before the entry"
    if np.isnan(moves.held.path[: row + 1]).any():
        return moves.held.why_unknown(score.case.panel)
    if np.isnan(moves.against[: row + 1]).any():
        return f"the levels of {score.benchmark.code} end before the window"
    return None


def _bought(moves: Moves, row: int | None) -> npt.NDArray[np.bool_]:
    """Whether each name was held on some session up to a row, shape (N,)."""
    some = moves.returns[: 0 if row is None else row + 1]
    return np.asarray((~np.isnan(some)).any(axis=0), dtype=bool)


def _basket(
    moves: Moves, returns: Floats, market: Floats, used: npt.NDArray[np.bool_]
) -> tuple[MarketModel, Floats]:
    """The basket of some names as one series: its model, and its event returns, shape (T, 1)."""
    weights = moves.weights[used] / moves.weights[used].sum()
    before = basket_returns(returns[:, used], weights)
    after = np.nan_to_num(moves.returns[:, used]) @ weights  # cash that waits for a name earns 0
    after[np.isnan(moves.returns).all(axis=1)] = np.nan
    return fit_market_model(before[:, None], market), after[:, None]


def _test(
    moves: Moves,
    model: MarketModel,
    past: tuple[Floats, Floats],
    used: npt.NDArray[np.bool_],
    left_out: dict[str, str],
    row: int,
) -> EventTest:
    """Every test of the window from the entry session to a row."""
    names, ends = int(used.sum()), slice(row + 1)
    own = model.take(used)
    returns, market = moves.returns[ends, used], moves.market[ends]
    found = abnormal_returns(own, returns, market)
    correlation = mean_correlation(own.residuals)
    series, after = _basket(moves, *past, used)
    basket = abnormal_returns(series, after[ends], market)
    few = None
    if names < FEWEST_NAMES:
        few = f"{names} name{'s' * (names > 1)}; a test across names needs {FEWEST_NAMES}"
    codes = np.array(moves.held.simulation.codes)
    bhar = buy_and_hold_abnormal(returns, market)
    longest = int(own.count.max())
    return EventTest(
        sessions=int((~np.isnan(after[ends])).sum()),
        names=tuple(codes[used].tolist()),
        left_out=left_out,
        car=float(basket.car[0]),
        alpha=float(series.alpha[0]),
        beta=float(series.beta[0]),
        correlation=number(correlation),
        kolari_pynnonen=statistic(
            kolari_pynnonen(found.scar, correlation),
            names - 1,
            few or f"a mean correlation of {float(correlation):.2f} leaves nothing to divide by",
        ),
        basket=statistic(basket.scar[0], int(series.count[0]) - 2, "the basket never moved"),
        rank=statistic(
            generalised_rank(own, found.scar), longest - 1, few or "no spread of the ranks"
        ),
        rank_size=None if few else rank_test_size(names, float(correlation)),
        assumes_independence={
            "bmp": statistic(cross_section_t(found.scar), names - 1, few or _ALIKE),
            "patell": statistic(patell(found.scar, own.count), None, _ALIKE),
            "t_car": statistic(cross_section_t(found.car), names - 1, few or _ALIKE),
            "t_bhar": statistic(cross_section_t(bhar), names - 1, few or _ALIKE),
        },
    )
