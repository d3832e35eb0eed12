"""Opening the store: its files as a panel, past the door where they proved they have been through.

A file the store wrote went through the door then, and its notes say whether anything odd was found
and by which version of `thesis`. Checksums and the content hash prove that it is still the same, so
where nothing was odd nothing needs checking again. In every other case all bars go through the door
as they would from a folder, and the panel is the same to the bit.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from thesis.errors import Caution, PricesError
from thesis.market.calendar import sessions
from thesis.market.delivery import RAW
from thesis.market.door import COLUMNS, admit
from thesis.market.panel import PricePanel
from thesis.market.sources.files import read_bars
from thesis.market.sources.listings import read_listings
from thesis.market.storage.barfile import factor_spans_of, factors_of, read_columns
from thesis.market.storage.findings import read_findings
from thesis.market.storage.holding import Columns, Holding, days_of
from thesis.market.storage.notes import asked_from_notes
from thesis.market.storage.steps import unknown_steps, unknown_words


def open_panel(home: Path, paths: Mapping[str, Path], wanted: Sequence[str]) -> PricePanel:
    """The panel of the store's files.

    Parameters
    ----------
    home
        The store's folder.
    paths
        File by code, in order of code.
    wanted
        The codes asked for, for the sentence if there is none.

    Raises
    ------
    PricesError
        If there are no bars, or a file is damaged.
    """
    origin = f"the store in {home}"
    pieces: dict[str, Columns] = {}
    foreign: list[pd.DataFrame] = []
    cautions: list[Caution] = []
    proved = True
    for code, path in paths.items():
        read = read_columns(path)
        if read is None:
            foreign.append(read_bars(path, [code]))
            continue
        notes, columns = read
        proved &= notes["door"] == door_version()
        if len(notes["asked"]) > 1:
            columns, gap = _newest_stretch(notes, columns, origin)
            cautions.append(gap)
            proved = False
        if notes["events"] is not None:
            unknown = unknown_steps(columns["date"], factor_spans_of(notes))
            cautions += unknown_words(code, unknown, origin)
        pieces[code] = columns | factors_of(notes, columns)
    foreign = [frame for frame in foreign if not frame.empty]
    if not pieces and not foreign:
        some = f" of {', '.join(wanted[:5])}" if wanted else ""
        raise PricesError(f"{origin} has no bars{some}")
    cautions += read_findings(home, paths.keys())
    listings = read_listings(home, wanted)
    bars = _joined(pieces) if pieces else None
    if bars is not None and proved and not foreign and _on_sessions(bars):
        return PricePanel.from_checked(bars, cautions, origin=origin, listings=listings)
    # Checked as one, so that what the door finds odd stays with the panel.
    frames = foreign if bars is None else [bars.astype({"code": "str"}), *foreign]
    checked, odd = admit(pd.concat(frames, ignore_index=True), origin)
    return PricePanel.from_checked(checked, [*odd, *cautions], origin=origin, listings=listings)


def inspect(holding: Holding, where: str) -> tuple[tuple[Caution, ...], str | None]:
    """Put a holding through the door.

    Returns
    -------
    cautions
        What was odd.
    door
        The version of `thesis` whose door found nothing odd; None if it did.

    Raises
    ------
    PricesError
        If a bar is impossible.
    """
    bars, cautions = admit(holding.frame(), where)
    clean = not cautions and len(bars) == len(holding.bars)
    door = door_version() if clean else None
    if holding.events is not None:
        unknown = unknown_steps(days_of(holding.bars), holding.factor_spans)
        cautions = [*cautions, *unknown_words(holding.code, unknown, where)]
    return tuple(cautions), door


@lru_cache(maxsize=1)
def door_version() -> str:
    """The version of `thesis`: another one's door may check more."""
    from importlib.metadata import version

    return version("thesis-backtest")


def _newest_stretch(
    notes: Mapping[str, Any], columns: Columns, origin: str
) -> tuple[Columns, Caution]:
    """The bars after the last days that nobody was asked about.

    Left in, those days would be taken for a suspension.
    """
    days = columns["date"]
    stretches = asked_from_notes(notes["asked"])
    kept = [
        s
        for s in stretches
        if ((days >= np.datetime64(s[0])) & (days <= np.datetime64(s[1]))).any()
    ]
    first, last = kept[-1]
    inside = (days >= np.datetime64(first)) & (days <= np.datetime64(last))
    return {name: values[inside] for name, values in columns.items()}, Caution(
        "store_gap",
        f"{origin}: {notes['code']} was asked for in {len(stretches)} stretches with days between "
        f"them that were not; its {int((~inside).sum())} bars outside {first} to {last} were left "
        "out. thesis fetch with an earlier --start closes the gap",
    )


def _joined(pieces: Mapping[str, Columns]) -> pd.DataFrame:
    """Bars of several codes as the door would return them."""
    codes = list(pieces)
    sizes = [len(piece["date"]) for piece in pieces.values()]
    numbers = {
        name: np.concatenate([piece[name] for piece in pieces.values()])
        for name in (*RAW, "factor", "share_factor")
    }
    numbers["date"] = numbers["date"].astype("datetime64[s]")
    numbers["pre_close"] = np.full(sum(sizes), np.nan)
    code = pd.Categorical.from_codes(
        np.repeat(np.arange(len(codes)), sizes), pd.Index(codes, dtype="str")
    )
    return pd.DataFrame({"code": code, **{name: numbers[name] for name in COLUMNS[1:]}}, copy=False)


def _on_sessions(bars: pd.DataFrame) -> bool:
    """Whether the calendar of this machine knows each day: it may be older than the bars."""
    days = bars["date"].to_numpy().astype("datetime64[D]")
    rows = np.searchsorted(sessions(), days)
    return bool((rows < len(sessions())).all() and (sessions()[rows] == days).all())
