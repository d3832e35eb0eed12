"""Copies of the simulated sample, known by their prices whatever way they came."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from thesis.market.panel import Floats, PricePanel
from thesis.market.sources.sample import (
    INDICES,
    sample_axis,
    sample_closes,
    sample_industries,
)

#: Codes compared to tell the sample, sessions in common by which one is told when half of them
#: agree, and when all of them do; CNY by which one close may differ after a trip through a file.
COMPARED, LEAST_COMMON, FEWEST_COMMON, SAME_CLOSE = 40, 20, 5, 5e-4


def is_sample(panel: PricePanel) -> bool:
    """Whether some of a panel's bars are the sample's, by whatever way they came.

    A code is the sample's if more than half of its closes on at least `LEAST_COMMON` common
    sessions are, or all of fewer, but no less than `FEWEST_COMMON`. All indices that the sample
    has are compared, and stocks spread over those it has, `COMPARED` codes at most.
    """
    codes = _compared([code for code in panel.codes if code in panel])
    if not codes:
        return False
    _, ours, theirs = np.intersect1d(sample_axis(), panel.sessions, return_indices=True)
    return any(
        _agree(closes[ours], panel.field("close", code)[theirs])
        for code, closes in sample_closes(tuple(codes)).items()
    )


def is_sample_frame(bars: pd.DataFrame) -> bool:
    """The same of bars, one a row, that need not have been checked.

    Parameters
    ----------
    bars
        ``code date close``, no day twice in a code.
    """
    codes = _compared(sorted(map(str, bars["code"].unique())))
    mine = bars[bars["code"].isin(codes)]
    for code, closes in sample_closes(tuple(codes)).items():
        one = mine[mine["code"] == code]
        days = one["date"].to_numpy().astype("datetime64[D]")
        _, ours, theirs = np.intersect1d(sample_axis(), days, return_indices=True)
        if _agree(closes[ours], one["close"].to_numpy(dtype=float)[theirs]):
            return True
    return False


def _agree(ours: Floats, theirs: Floats) -> bool:
    both = ~(np.isnan(ours) | np.isnan(theirs))
    same = np.abs(ours[both] - theirs[both]) < SAME_CLOSE
    if both.sum() < LEAST_COMMON:
        return bool(both.sum() >= FEWEST_COMMON and same.all())
    return bool(same.mean() > 0.5)


def _compared(codes: Sequence[str]) -> list[str]:
    """The codes to compare, of those there are."""
    known = sample_industries()
    indices = [code for code in codes if code in INDICES]
    stocks = [code for code in codes if code in known]
    room = min(COMPARED - len(indices), len(stocks))
    return [*indices, *(stocks[number * len(stocks) // room] for number in range(room))]
