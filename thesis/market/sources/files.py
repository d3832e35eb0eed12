"""Bars from Parquet and CSV: a file, or a folder of them (a "market folder").

A market folder holds any number of files in the bars schema, no code in two of them; index levels
in the same schema, of which only ``code date close`` need be filled; optionally ``securities.csv``
and ``sw_membership.csv``. Bars of other vendors are mapped to the schema; files of other shapes are
passed over. Of a Parquet file only the row groups that can hold the codes asked for are read: the
whole market peaks at a quarter of the memory that way.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from thesis.errors import PricesError
from thesis.market.door import COLUMNS, REQUIRED, read_dates
from thesis.market.panel import PricePanel
from thesis.market.sources.dialects.cells import read_header
from thesis.market.sources.dialects.codes import code_named
from thesis.market.sources.dialects.columns import are_ours, match_columns
from thesis.market.sources.dialects.reader import Table, read_vendor
from thesis.market.sources.listings import read_listings

if TYPE_CHECKING:
    import pyarrow as pa

_SUFFIXES = (".parquet", ".csv", ".csv.gz")


def read_files(
    path: Path, codes: Iterable[str] | None = None, start: dt.date | None = None
) -> PricePanel:
    """Read and check the bars of a file or market folder.

    Parameters
    ----------
    path
        A ``.parquet``, ``.csv`` or ``.csv.gz`` file, or a folder.
    codes
        Read these alone; None reads all. A code without bars is left out.
    start
        Leave out bars before this day; None reads all.

    Raises
    ------
    PricesError
        If nothing can be read, a code stands in two files, or a bar is impossible.
    """
    wanted = None if codes is None else sorted(set(codes))
    tables = read_tables(path, wanted, start)
    full = [table.bars for table in tables if not table.bars.empty]
    if not full and start is not None:
        return read_files(path, wanted)  # they all end before: let the score say so
    if not full:
        raise PricesError(
            f"{path}: it has no bars of {_some(wanted) if wanted else 'any code'}; codes are "
            "written as 300308.SZ"
        )
    panel = PricePanel.from_frame(
        pd.concat(full, ignore_index=True) if len(full) > 1 else full[0],
        origin=str(path),
        listings=read_listings(path if path.is_dir() else path.parent, wanted),
    )
    mapped = tuple(caution for table in tables for caution in table.cautions)
    return replace(panel, cautions=(*mapped, *panel.cautions)) if mapped else panel


def read_tables(
    path: Path, codes: Sequence[str] | None = None, start: dt.date | None = None
) -> list[Table]:
    """The bars of a file, or of every file of a market folder, not yet checked.

    Raises
    ------
    PricesError
        If nothing can be read, or a code stands in two files.
    """
    if not path.exists():
        raise PricesError(f"{path}: there is no such file or folder of prices")
    tables = _read_folder(path, codes, start) if path.is_dir() else [_read_one(path, codes, start)]
    _check_apart(tables)
    return tables


def _read_folder(folder: Path, codes: Sequence[str] | None, start: dt.date | None) -> list[Table]:
    paths = [p for p in sorted(folder.iterdir()) if p.is_file() and p.name.endswith(_SUFFIXES)]
    names = {p: read_header(p) for p in paths}
    ours = {p for p in paths if are_ours(names[p])}
    others = {p: match_columns(names[p]) for p in paths if p not in ours}
    others = {p: x for p, x in others.items() if "code" in x.fields or code_named(p)}
    factors = {p: x for p, x in others.items() if x.are_factors}
    tables = [
        Table(p, _read_named(p, names[p], codes, start))
        if p in ours
        else read_vendor(p, others[p], codes, start, factors)
        for p in paths
        if p in ours or (p in others and others[p].are_bars)
    ]
    if not tables:
        raise PricesError(
            f"{folder}: the folder has no bars; they are .parquet or .csv files with the columns "
            f"{' '.join(REQUIRED)}"
        )
    return tables


def _read_one(path: Path, codes: Sequence[str] | None, start: dt.date | None) -> Table:
    _check_kind(path)
    names = read_header(path)
    if not are_ours(names):
        columns = match_columns(names)
        if columns.are_bars:
            return read_vendor(path, columns, codes, start)
    return Table(path, _read_named(path, names, codes, start), factor_source=path.name)


def _check_apart(tables: Iterable[Table]) -> None:
    seen: dict[str, Path] = {}
    for table in tables:
        for code in table.bars["code"].unique():
            if code in seen:
                raise PricesError(
                    f"{code} has bars in {seen[code].name} and in {table.path.name}; factors of "
                    "two files must not be mixed, so a code may stand in one alone"
                )
            seen[code] = table.path


def _check_kind(path: Path) -> None:
    if not path.name.endswith(_SUFFIXES):
        raise PricesError(f"{path}: prices are read from .parquet, .csv or .csv.gz, or a folder")


def read_bars(
    path: Path, codes: Sequence[str] | None = None, start: dt.date | None = None
) -> pd.DataFrame:
    """The bars of one file in the schema as they stand in it, not yet checked; perhaps none.

    Raises
    ------
    PricesError
        If the file is of another kind or shape, or damaged.
    """
    _check_kind(path)
    return _read_named(path, read_header(path), codes, start)


def _read_named(
    path: Path, names: Sequence[str], codes: Sequence[str] | None, start: dt.date | None
) -> pd.DataFrame:
    missing = [name for name in ("code", "date", "close") if name not in names]
    if missing:
        raise PricesError(
            f"{path}: no column {', '.join(missing)}; bars need {' '.join(REQUIRED)} (it has "
            f"{' '.join(names) or 'none'})"
        )
    columns = [name for name in COLUMNS if name in names]
    try:
        table = (_read_parquet if path.suffix == ".parquet" else _read_csv)(path, columns, codes)
        frame = pd.DataFrame(_since(table, start).to_pandas())
    except PermissionError as error:
        raise PricesError(f"{path} cannot be read: {error.strerror}") from None
    except (OSError, ValueError, EOFError) as error:
        raise PricesError(f"{path} cannot be read: {_first_line(error)}") from None
    # Each file may write its dates in its own way.
    return frame.assign(date=read_dates(frame["date"], str(path))) if len(frame) else frame


def _read_parquet(path: Path, columns: list[str], codes: Sequence[str] | None) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    # One thread and no read-ahead: the files are small and the peak is what users notice.
    with pq.ParquetFile(path, pre_buffer=False) as file:
        at = file.schema_arrow.names.index("code")
        tables = []
        for group in range(file.num_row_groups):
            statistics = file.metadata.row_group(group).column(at).statistics
            if codes is not None and statistics is not None and statistics.has_min_max:
                low, high = str(statistics.min), str(statistics.max)
                if not any(low <= code <= high for code in codes):
                    continue
            text = (
                file.read_row_group(group, columns=["code"], use_threads=False)
                .column(0)
                .cast(pa.string())
            )
            mine = None if codes is None else pc.is_in(text, pa.array(codes))
            if mine is not None and not pc.any(mine).as_py():
                continue
            table = file.read_row_group(group, columns=columns, use_threads=False)
            table = table.set_column(table.column_names.index("code"), "code", text)
            if mine is not None:
                table = table.filter(mine)
            tables.append(_plain_dates(table))
        if not tables:
            return file.schema_arrow.empty_table().select(columns)
    return pa.concat_tables(tables)


def _read_csv(path: Path, columns: list[str], codes: Sequence[str] | None) -> "pa.Table":
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv as arrow_csv

    table = arrow_csv.read_csv(
        path,
        convert_options=arrow_csv.ConvertOptions(
            include_columns=columns,
            column_types={"code": pa.string(), "date": pa.string()},
            strings_can_be_null=True,
        ),
    )
    if codes is not None:
        table = table.filter(pc.is_in(table.column("code"), pa.array(codes)))
    return table


def _since(table: "pa.Table", start: dt.date | None) -> "pa.Table":
    """Rows from a day on, where the file's own type of date allows it."""
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = table.schema.field("date").type
    if start is None or not pa.types.is_timestamp(kind) or kind.tz is not None:
        return table
    first = pa.scalar(dt.datetime(start.year, start.month, start.day), kind)  # noqa: DTZ001 - naive, as the column is
    return table.filter(pc.greater_equal(table.column("date"), first))


def _plain_dates(table: "pa.Table") -> "pa.Table":
    """Dates as timestamps: pandas would make an object of each ``date32``."""
    import pyarrow as pa

    at = table.column_names.index("date")
    if pa.types.is_date(table.schema.field(at).type):
        table = table.set_column(at, "date", table.column(at).cast(pa.timestamp("s")))
    return table


def _some(codes: Sequence[str]) -> str:
    return ", ".join(codes[:3]) + (f" and {len(codes) - 3} more" if len(codes) > 3 else "")


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
