"""Whether bars of two sources may be joined: only raw ones, and only where they agree."""

import numpy as np
import pandas as pd

from thesis.market.sources.failure import SourceError
from thesis.market.storage.holding import Holding

#: Raw closes of two sources differ by less than half a tick, CNY.
HALF_TICK = 0.005
#: Volumes differ by no more than this fraction.
VOLUME_OFF = 0.02


def check_overlap(code: str, source: str, bars: pd.DataFrame, known: Holding | None) -> None:
    """Refuse bars that contradict what another source delivered before.

    Bars of the same source are not held against each other: a change is a revision.

    Raises
    ------
    SourceError
        ``bad_bars`` if no session is in both, or closes or volumes differ.
    """
    if known is None or known.source == source:
        return
    both = known.bars.merge(bars, on="date", suffixes=("_old", ""))
    if both.empty:
        raise SourceError(
            "bad_bars", source, code,
            detail=f"no session in common with the stored bars of {known.source}, so the two "
            "cannot be joined",
        )  # fmt: skip
    off = (both["close"] - both["close_old"]).abs() > HALF_TICK + 1e-9
    if off.any():
        row = both[off].iloc[0]
        raise SourceError(
            "bad_bars", source, code,
            detail=f"its close on {row['date'].date()} is {row['close']:g}, where {known.source} "
            f"has {row['close_old']:g}: the two cannot be joined",
        )  # fmt: skip
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = both["volume"] / both["volume_old"]
    median = float(ratio.median())
    if np.isfinite(median) and abs(median - 1) > VOLUME_OFF:
        raise SourceError(
            "bad_bars", source, code,
            detail=f"its volume is {median:.3g} times that of {known.source}: the two cannot be "
            "joined",
        )  # fmt: skip
