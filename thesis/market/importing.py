"""Importing: the bars of the user's own files, as deliveries for the store."""

import datetime as dt
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from thesis.errors import Caution, PricesError
from thesis.market.delivery import RAW, Delivery, FactorEvent, Floats
from thesis.market.door import REQUIRED, admit
from thesis.market.listing import is_index
from thesis.market.sources.copies import is_sample_frame
from thesis.market.sources.dialects.reader import Table
from thesis.market.sources.files import read_tables
from thesis.market.sources.sample import ORIGIN

#: A factor that changes by less than this fraction is the same one, printed or computed anew.
SAME_FACTOR = 1e-9


def import_path(path: Path, codes: Iterable[str] | None = None) -> tuple[list[Delivery], list[str]]:
    """Read a file or folder of bars for the store.

    Parameters
    ----------
    path
        As `thesis.market.sources.files.read_files` takes it: our schema or another vendor's.
    codes
        Import these alone; None imports all.

    Returns
    -------
    deliveries
        A code each, in order. What the door refuses is not among them.
    problems
        A sentence for each code that is not imported, then for what was mapped, converted or odd.

    Raises
    ------
    PricesError
        If nothing can be read, a column is missing, or the bars are the simulated sample's.
    """
    deliveries, cautions = deliver(path, codes)
    return deliveries, [caution.message for caution in cautions]


def deliver(path: Path, codes: Iterable[str] | None = None) -> tuple[list[Delivery], list[Caution]]:
    """The same with cautions; what was not imported comes first, as ``not_imported``."""
    wanted = None if codes is None else sorted(set(codes))
    now = dt.datetime.now(dt.UTC)
    deliveries: list[Delivery] = []
    refused: dict[str, str] = {}
    odd: list[Caution] = []
    for table in read_tables(path, wanted):
        odd += table.cautions
        if table.bars.empty:
            continue
        frames, reasons, cautions = _admit(table)
        odd += cautions
        for frame in frames:
            _refuse_sample(frame, table.path)
            deliveries += [
                delivery_of(str(code), bars, table.path.name, table.factor_source, now)
                for code, bars in frame.groupby("code", observed=True)
            ]
        known = {delivery.code for delivery in deliveries}
        for code in map(str, table.bars["code"].unique()):
            if code not in known:
                refused[code] = reasons.get(
                    code, f"{table.path}: {code}: the checks leave no bar of it"
                )
    known = {delivery.code for delivery in deliveries}
    for code in wanted or ():
        if code not in known:
            refused.setdefault(code, f"{path} has no bars of {code}")
    if not known and not refused:
        raise PricesError(f"{path}: it has no bars of any code; codes are written as 300308.SZ")
    lacking = [Caution("not_imported", f"not imported: {refused[code]}") for code in refused]
    return sorted(deliveries, key=lambda delivery: delivery.code), [*lacking, *odd]


def delivery_of(
    code: str, bars: pd.DataFrame, source: str, factor_source: str, now: dt.datetime
) -> Delivery:
    """The delivery of one code.

    Parameters
    ----------
    bars
        Bars of the code alone, as the door gives them.
    """
    index = is_index(code)
    return Delivery(
        code=code,
        bars=bars[list(RAW)].reset_index(drop=True),
        source=source,
        fetched_at=now,
        asked_from=bars["date"].iloc[0].date(),
        asked_to=bars["date"].iloc[-1].date(),
        events=None if index else events_of(bars),
        factor_source=None if index else factor_source or source,
    )


def events_of(bars: pd.DataFrame) -> tuple[FactorEvent, ...]:
    """The days on which a factor column steps, with the first bar's factor as 1.0.

    A step between two bars that are not neighbours, over a suspension, counts on the later one.

    Parameters
    ----------
    bars
        Of one code, in date order, with ``date factor share_factor``; ``share_factor`` NaN where
        unknown.

    Examples
    --------
    >>> bars = pd.DataFrame({
    ...     "date": pd.to_datetime(["2024-10-08", "2024-10-09", "2024-10-10"]),
    ...     "factor": [5.0, 7.0, 7.0], "share_factor": float("nan")})
    >>> events_of(bars)
    (FactorEvent(ex_date=datetime.date(2024, 10, 9), factor=1.4, share_factor=None),)
    """
    factor = bars["factor"].to_numpy(dtype=float)
    shares = bars["share_factor"].to_numpy(dtype=float)
    known = not np.isnan(shares).any()
    steps = _steps(factor) | (_steps(shares) if known else False)
    return tuple(
        FactorEvent(
            ex_date=bars["date"].iloc[row].date(),
            factor=float(factor[row] / factor[0]),
            share_factor=float(shares[row] / shares[0]) if known else None,
        )
        for row in np.flatnonzero(steps)
    )


def _steps(factor: Floats) -> npt.NDArray[np.bool_]:
    before = np.concatenate([factor[:1], factor[:-1]])
    return np.asarray(np.abs(factor / before - 1) > SAME_FACTOR)


_Admitted = tuple[list[pd.DataFrame], dict[str, str], list[Caution]]


def _admit(table: Table) -> _Admitted:
    """What the door lets in of a table, why it refuses a code, and what it finds odd."""
    where = str(table.path)
    stocks = [code for code in table.bars["code"].unique() if not is_index(str(code))]
    if stocks and not set(REQUIRED) <= set(table.bars.columns):
        admit(table.bars, where)  # a missing column is one refusal, not one a code
    return _admit_part(table.bars, where)


def _admit_part(bars: pd.DataFrame, where: str) -> _Admitted:
    """Halved until what the door refuses stands alone: one bad code must not stop the others."""
    try:
        frame, cautions = admit(bars, where)
    except PricesError as error:
        codes = bars["code"].unique()
        if len(codes) == 1:
            return [], {str(codes[0]): str(error)}, []
        first = bars["code"].isin(codes[: len(codes) // 2])
        one, other = _admit_part(bars[first], where), _admit_part(bars[~first], where)
        return one[0] + other[0], one[1] | other[1], one[2] + other[2]
    return ([frame] if len(frame) else []), {}, cautions


def _refuse_sample(frame: pd.DataFrame, path: Path) -> None:
    """Simulated prices must never pass for real ones in the store."""
    if is_sample_frame(frame):
        raise PricesError(
            f"{path}: these are prices of {ORIGIN}, which never happened; they are not imported"
        )
