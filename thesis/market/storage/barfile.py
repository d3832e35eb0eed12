"""The file of one code in the store: an ordinary Parquet file of bars that proves itself.

It has the columns of the bars schema: raw prices, and for a stock the factor on each day. Its
key-value metadata carry what a table cannot: under ``thesis`` notes in JSON, under ``thesis_seal``
the SHA-256 of those notes. The notes name the content hash of bars and events, so that no changed
byte passes for what was stored.
"""

import datetime as dt
import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from thesis.errors import PricesError
from thesis.market.delivery import RAW, FactorEvent, factors_on
from thesis.market.storage.holding import (
    Columns,
    FactorSpan,
    Holding,
    Revision,
    content_hash,
    days_of,
)
from thesis.market.storage.notes import (
    FORMAT,
    NOTES,
    SEAL,
    DamagedError,
    asked_from_notes,
    checked_notes,
    first_line,
    readable,
)

_TYPES = ["datetime64[D]"] + ["float64"] * (len(RAW) - 1)


def encode(holding: Holding, door: str | None) -> bytes:
    """A holding as the bytes of its file.

    Parameters
    ----------
    door
        The version of thesis whose door found nothing odd in it; None if it did.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    frame = holding.frame()
    table = pa.table(
        {
            "code": pa.array(frame["code"].to_numpy(dtype=object), pa.string()),
            "date": pa.array(days_of(frame), pa.date32()),
            # NaN stays NaN: as a null it would not come back to the bit.
            **{name: pa.array(frame[name].to_numpy(dtype=float)) for name in frame.columns[2:]},
        }
    )
    notes = json.dumps(_notes(holding, door)).encode()
    sink = pa.BufferOutputStream()
    with pq.ParquetWriter(
        sink, table.schema, write_page_checksum=True, store_schema=False
    ) as writer:
        writer.write_table(table)
        seal = hashlib.sha256(notes).hexdigest()
        writer.add_key_value_metadata({NOTES: notes, SEAL: seal.encode()})
    return bytes(sink.getvalue())


def read_columns(path: Path) -> tuple[dict[str, Any], Columns] | None:
    """Notes and raw columns of a file, proved unchanged; None if `thesis` did not write the file.

    Raises
    ------
    DamagedError
        If anything in it is not as it was written.
    PricesError
        If it may not be read, or a newer thesis wrote it.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with readable(path):
        data = path.read_bytes()
    try:
        file = pq.ParquetFile(
            pa.BufferReader(data), page_checksum_verification=True, pre_buffer=False
        )
        notes = checked_notes(path, file.metadata.metadata or {})
        if notes is None:
            return None
        table = file.read(columns=list(RAW), use_threads=False)
        columns = {name: table.column(name).to_numpy() for name in RAW}
        if [str(values.dtype) for values in columns.values()] != _TYPES:
            raise DamagedError(path, "its columns are of other types")
        found = content_hash(path.stem, columns, _events(notes))
    except PricesError:
        raise
    except (OSError, ValueError, KeyError, TypeError, ArithmeticError) as error:
        raise DamagedError(path, first_line(error)) from None
    if found != notes["hash"]:
        raise DamagedError(path, "its bars are not those that were stored (content hash)")
    return notes, columns


def read_holding(path: Path) -> Holding | None:
    """The holding in a file, proved unchanged; None and errors as of `read_columns`."""
    read = read_columns(path)
    if read is None:
        return None
    notes, columns = read
    day, moment = dt.date.fromisoformat, dt.datetime.fromisoformat
    return Holding(
        code=notes["code"],
        bars=pd.DataFrame(columns | {"date": columns["date"].astype("datetime64[s]")}),
        events=_events(notes),
        source=notes["source"],
        factor_source=notes["factor_source"],
        fetched_at=moment(notes["fetched_at"]),
        asked=asked_from_notes(notes["asked"]),
        spans=tuple((day(first), day(last), source) for first, last, source in notes["spans"]),
        revisions=tuple(
            Revision(**r | {"date": day(r["date"]), "recorded_at": moment(r["recorded_at"])})
            for r in notes["revisions"]
        ),
        factor_spans=factor_spans_of(notes),
    )


def verify(path: Path) -> bool:
    """Check every column of a file, also those that the store itself does not read.

    Returns
    -------
    bool
        False if `thesis` did not write the file; it raises as `read_columns`.
    """
    import pyarrow.parquet as pq

    read = read_columns(path)
    if read is None:
        return False
    notes, columns = read
    names = ["code"] if notes["events"] is None else ["code", "factor", "share_factor"]
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            rest = file.read(columns=names, use_threads=False)
    except (OSError, ValueError) as error:
        raise DamagedError(path, first_line(error)) from None
    if rest.column_names != names or set(rest.column("code").to_pylist()) != {path.stem}:
        raise DamagedError(path, "it holds bars of another code")
    factors = factors_of(notes, columns)
    for name in names[1:]:
        if rest.column(name).to_numpy().tobytes() != factors[name].tobytes():
            raise DamagedError(path, f"its {name} is not that of its events")
    return True


def factor_spans_of(notes: dict[str, Any]) -> tuple[FactorSpan, ...]:
    """Who spoke for which of the factor's steps."""
    if notes["events"] is None:
        return ()
    day = dt.date.fromisoformat
    whole = [[notes["first"], notes["last"], notes["factor_source"]]]
    spans = notes.get("factor_spans", whole)  # files of the first builds do not say
    return tuple((day(first), day(last), source) for first, last, source in spans)


def factors_of(notes: dict[str, Any], columns: Columns) -> Columns:
    """Factor and share factor on the days of a file; NaN for an index."""
    events = _events(notes)
    if events is None:
        unknown = np.full(len(columns["date"]), np.nan)
        return {"factor": unknown, "share_factor": unknown}
    factor, shares = factors_on(columns["date"], events)
    return {"factor": factor, "share_factor": shares}


def _notes(holding: Holding, door: str | None) -> dict[str, Any]:
    events = holding.events
    return {
        "format": FORMAT,
        "code": holding.code,
        "bars": len(holding.bars),
        "first": str(holding.first),
        "last": str(holding.last),
        "source": holding.source,
        "factor_source": holding.factor_source,
        "fetched_at": holding.fetched_at.isoformat(),
        "asked": [[str(first), str(last)] for first, last in holding.asked],
        "events": None
        if events is None
        else [[str(e.ex_date), e.factor, e.share_factor] for e in events],
        "spans": [[str(first), str(last), source] for first, last, source in holding.spans],
        "factor_spans": [
            [str(first), str(last), source] for first, last, source in holding.factor_spans
        ],
        "revisions": [
            vars(r) | {"date": str(r.date), "recorded_at": r.recorded_at.isoformat()}
            for r in holding.revisions
        ],
        "hash": holding.content_hash,
        "door": door,
    }


def _events(notes: dict[str, Any]) -> tuple[FactorEvent, ...] | None:
    if notes["events"] is None:
        return None
    return tuple(
        FactorEvent(dt.date.fromisoformat(day), factor, shares)
        for day, factor, shares in notes["events"]
    )
