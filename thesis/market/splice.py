"""Whether new bars may be joined to what is held: only raw ones, and only where they agree."""

import numpy as np
import pandas as pd

from thesis.errors import PricesError
from thesis.market.sources.failure import SourceError
from thesis.market.storage.holding import Holding

#: Raw prices of two sources differ by less than half a tick, CNY.
HALF_TICK = 0.005
#: Volumes differ by no more than this fraction.
VOLUME_OFF = 0.02
#: A reply of the same source that changes at least so many closes, and more than half of those it
#: has in common with what is held, is no correction but other bars under the same name.
OTHER_BARS = 5

_ROUNDING = 1e-9


def check_overlap(code: str, source: str, bars: pd.DataFrame, known: Holding | None) -> None:
    """Refuse bars that contradict what another source delivered before.

    Each held bar of another source is held against the new one of its day, also where the new bars
    are of a source that delivered others of the held ones. Bars of the same source are not: a
    change is a revision (`check_restated` tells where it is too much for one).

    Raises
    ------
    SourceError
        ``bad_bars`` if a source that is new to the code has no session in common with what is
        held, or if prices or volumes differ.
    """
    if known is None or bars.empty:
        return
    whose = known.bar_sources()
    others = known.bars.assign(whose=whose)[whose != source]
    if others.empty:
        return
    both = others.merge(bars, on="date", suffixes=("_old", ""))
    if both.empty:
        if len(others) < len(known.bars):
            return
        names = ", ".join(dict.fromkeys(whose))
        raise SourceError(
            "bad_bars", source, code,
            detail=f"no session in common with the stored bars of {names}, so the two cannot be "
            "joined",
        )  # fmt: skip
    for name in ("close", "open", "high", "low"):
        off = (both[name] - both[f"{name}_old"]).abs() > HALF_TICK + _ROUNDING
        if off.any():
            row = both[off].iloc[0]
            raise SourceError(
                "bad_bars", source, code,
                detail=f"its {name} on {row['date'].date()} is {row[name]:g}, where {row['whose']} "
                f"has {row[f'{name}_old']:g}: the two cannot be joined. thesis data check holds "
                "what is stored against a third",
            )  # fmt: skip
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = both["volume"] / both["volume_old"]
    median = float(ratio.median())
    if np.isfinite(median) and abs(median - 1) > VOLUME_OFF:
        names = ", ".join(dict.fromkeys(both["whose"]))
        raise SourceError(
            "bad_bars", source, code,
            detail=f"its volume is {median:.3g} times that of {names}: the two cannot be joined",
        )  # fmt: skip


def check_restated(code: str, source: str, bars: pd.DataFrame, known: Holding | None) -> None:
    """Refuse bars that call themselves those of a held source and are others.

    A file that is imported is known by its name, and another file may have it.

    Raises
    ------
    PricesError
        If at least `OTHER_BARS` closes, and more than half of those in common, differ by more than
        half a tick.
    """
    if known is None or bars.empty:
        return
    mine = known.bars[known.bar_sources() == source]
    both = mine.merge(bars, on="date", suffixes=("_old", ""))
    both = both[both["close"].notna() & both["close_old"].notna()]
    off = (both["close"] - both["close_old"]).abs() > HALF_TICK + _ROUNDING
    count = int(off.sum())
    if count < OTHER_BARS or 2 * count <= len(both):
        return
    row = both[off].iloc[0]
    raise PricesError(
        f"{code}: {source} now says otherwise on {count} of {len(both)} stored closes, first on "
        f"{row['date'].date()}: {row['close']:g}, where {row['close_old']:g} is stored from it. "
        "That is no correction but other bars under the same name; nothing was stored. Rename the "
        "file if it is another vendor's; thesis data check tells which bars are right, and the "
        f"stored ones go with bars/{code}.parquet"
    )
