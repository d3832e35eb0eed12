"""Where a backtest gets its prices: the store, the sample, a file or folder, or the user's own."""

import datetime as dt
import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from thesis.errors import Caution, PricesError
from thesis.market.panel import PricePanel
from thesis.market.sources.copies import is_sample
from thesis.market.sources.files import read_files
from thesis.market.sources.sample import ORIGIN, read_sample
from thesis.market.store import Store

Where = str | os.PathLike[str] | PricePanel | pd.DataFrame | None


def open_prices(
    where: Where,
    codes: Iterable[str] | None = None,
    needed: Iterable[str] = (),
    start: dt.date | None = None,
) -> PricePanel:
    """The panel of a place. No network is touched unless a live source is named.

    Parameters
    ----------
    where
        ``"store"``, ``"sample"``, a Parquet or CSV file, a folder of them, a `PricePanel`, a
        DataFrame in the bars schema, or the name of a source (``"akshare"``), which is asked now.
        None: the store when it has all of `needed`, else the bundled simulated sample.
    codes
        Read these alone; None reads all there are.
    needed
        Codes without which the store does not do.
    start
        Leave out bars before this day.

    Raises
    ------
    PricesError
        If the place does not exist or holds no usable bars.
    """
    panel = _open(where, codes, list(needed), start)
    panel = panel if codes is None else panel.select(codes)
    if not panel.simulated and is_sample(panel):
        panel = replace(panel, simulated=True, origin=f"{panel.origin}, a copy of {ORIGIN}")
    return panel if start is None else panel.since(start)


def _open(
    where: Where, codes: Iterable[str] | None, needed: list[str], start: dt.date | None
) -> PricePanel:
    if isinstance(where, PricePanel):
        return where
    if isinstance(where, pd.DataFrame):
        return PricePanel.from_frame(where)
    if where is not None and not isinstance(where, str | os.PathLike):
        raise PricesError(
            f"prices = {where!r}: give a file, a folder, 'store', 'sample', a PricePanel or a "
            "DataFrame in the bars schema"
        )
    if where is None:
        return _store_or_sample(codes, needed)
    if where == "sample":
        return read_sample(codes)
    if where == "store":
        return Store.default().read(codes or needed or None)
    path = Path(where)
    if not path.exists() and path.parent == Path() and not path.suffix:
        from thesis.market.sources.source import source_names

        if str(where) in source_names():
            from thesis.market.live import read_live

            return read_live(str(where), codes, start)
        raise PricesError(
            f"prices {str(where)!r}: there is no such file or folder, and no source of that name; "
            f"give a folder or file of bars, 'store', 'sample', or, to ask the network, one of "
            f"{', '.join(source_names())}"
        )
    return read_files(path, codes, start)


def _store_or_sample(codes: Iterable[str] | None, needed: list[str]) -> PricePanel:
    store = Store.default()
    missing = store.missing(needed)
    if needed and not missing:
        return store.read(codes or needed)
    panel = read_sample(codes)
    if store.is_empty():
        return panel
    some = ", ".join(missing[:3]) + (f" and {len(missing) - 3} more" if len(missing) > 3 else "")
    caution = Caution(
        "store_incomplete",
        f"the price store in {store.home} lacks {some or 'the codes'}, so the SIMULATED sample is "
        "used: thesis fetch gets them; --prices store uses what the store has",
    )
    return replace(panel, cautions=(*panel.cautions, caution))
