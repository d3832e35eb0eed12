"""A thesis's returns around its entry, before it and after, as a picture shows them.

All returns are measured from the moment of the entry. After it they are the score's own paths, and
on past its window; before it they tell what the same shares had been worth, against what was paid
for them. Nothing is decided on them, and no bar after "today" is read.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.errors import PricesError
from thesis.market.benchmark import (
    Benchmark,
    benchmark_returns,
    fill_levels,
    levels,
    price_benchmark,
)
from thesis.market.calendar import Dates
from thesis.scoring.basket import LOST_WEIGHT, Held, hold_names
from thesis.scoring.event_path import BEFORE, long_axis
from thesis.scoring.event_study import basket_returns
from thesis.scoring.score import Score
from thesis.trading.paper import carry_forward
from thesis.trading.simulation import FACTOR, decide_weights, fill_prices, grid

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Around:
    """Returns relative to the entry, as fractions, shape (P,) each; NaN where unknown.

    Attributes
    ----------
    offset
        Sessions from the entry session, which is 0.
    session
        The days.
    basket
        The paper basket. Before the entry ``sum_i w_i P_i(t) / paid_i - 1`` at entry weights: a
        suspended name is carried at its last close, one not yet listed is left out and the rest
        reweighted (NaN where under half of the weight was listed), one that was never bought is the
        cash it stayed.
    benchmark
        Of the basket; of the sector where no names were called.
    sector, sector_benchmark
        The sector index and the price index it is set against.
    """

    offset: npt.NDArray[np.int64]
    session: Dates
    basket: Floats
    benchmark: Floats
    sector: Floats
    sector_benchmark: Floats

    @property
    def excess(self) -> Floats:
        """The basket's over its benchmark."""
        return np.asarray(self.basket - self.benchmark, dtype=float)

    @property
    def sector_excess(self) -> Floats:
        """The sector's over its own benchmark."""
        return np.asarray(self.sector - self.sector_benchmark, dtype=float)


def around(score: Score) -> Around | None:
    """Returns from 60 sessions before the entry session to 126 after, as far as prices go.

    A window that ends later is shown to its end. None where nothing is known since the entry.
    """
    legs = [leg for leg in (score.paper, score.sector) if leg is not None]
    if not any(leg.last_known is not None for leg in legs):
        return None
    case, panel = score.case, score.case.panel
    codes = tuple(code for code in case.thesis.codes if code in panel)
    axis = long_axis(score, codes)
    history = panel.sessions[panel.sessions < axis[0]]
    back = min(BEFORE, len(history))

    basket = np.full(len(history) + len(axis), np.nan)
    if score.paper is not None and score.names:
        weights = decide_weights(case.thesis, case.strategy, panel, score.when)
        held = hold_names(case, weights, axis, score.basis)
        basket = _whole(_worth_before(score, held, history), held.path, score.paper.path)
    columns = {
        "basket": basket,
        "benchmark": _index(score, score.benchmark, history, axis, legs[0].against),
    }
    code, leg = case.thesis.claim.sector_index, score.sector
    if code is not None and leg is not None:
        columns["sector"] = _index(score, price_benchmark(code), history, axis, leg.path)
        columns["sector_benchmark"] = _index(score, leg.benchmark, history, axis, leg.against)
    else:
        columns |= dict.fromkeys(("sector", "sector_benchmark"), np.full(len(basket), np.nan))

    start = len(history) - back
    told = np.any([~np.isnan(values) for values in columns.values()], axis=0)
    stop = int(np.flatnonzero(told)[-1]) + 1
    return Around(
        offset=np.arange(start, stop) - len(history),
        session=np.concatenate([history, axis])[start:stop],
        **{name: values[start:stop] for name, values in columns.items()},
    )


def _whole(before: Floats, later: Floats, known: Floats) -> Floats:
    """A path over history and axis: the score's own as far as its axis goes, then on."""
    return np.concatenate([before, known, later[len(known) :]])


def _worth_before(score: Score, held: Held, history: Dates) -> Floats:
    """What the basket's shares were worth at earlier closes against what was paid, shape (H,)."""
    panel, simulation, axis = score.case.panel, held.simulation, held.simulation.axis
    codes, rows = simulation.codes, simulation.basket.entry_rows
    if not codes or simulation.lost_weight > LOST_WEIGHT + 1e-9:
        return np.full(len(history), np.nan)
    adjusted = FACTOR[score.basis]
    paid = fill_prices(panel, score.when.price, codes, axis) * grid(panel, adjusted, codes, axis)
    closes = grid(panel, "close", codes, history) * grid(panel, adjusted, codes, history)
    returns = carry_forward(closes) / paid[rows, np.arange(len(codes))] - 1.0
    return basket_returns(np.where(rows < 0, 0.0, returns), simulation.weight_vector())


def _index(
    score: Score, benchmark: Benchmark, history: Dates, axis: Dates, known: Floats
) -> Floats:
    """An index over history and axis, from its level at the moment of the entry."""
    panel, price = score.case.panel, score.when.price
    try:
        later, _ = benchmark_returns(panel, benchmark, axis, price)
        start = fill_levels(panel, benchmark, axis[:1], price)[0]
    except PricesError:  # its levels start after the entry, as the score itself says
        return np.full(len(history) + len(axis), np.nan)
    earlier = carry_forward(levels(panel, "close", benchmark.code, history)[:, None])[:, 0]
    return _whole(earlier / start - 1.0, later, known)
