"""The whole market from Parquet files in the bars schema, straight into arrays.

A row group at a time is read, its bars between two sessions are scattered into the arrays, and it
is forgotten: nothing is as large as the file. `thesis.market.sources.pool_checks` looks at them.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from thesis.errors import PricesError, ThesisFileError
from thesis.market.calendar import Dates
from thesis.market.door import COLUMNS, REQUIRED
from thesis.market.sources.dialects.cells import read_header
from thesis.market.sources.dialects.codes import code_named
from thesis.market.sources.dialects.columns import are_ours, match_columns
from thesis.market.sources.pool_checks import Bars, check
from thesis.research.security import parse_security

if TYPE_CHECKING:
    import pyarrow as pa
    import pyarrow.parquet as pq

Floats = npt.NDArray[np.float64]

FIELDS = COLUMNS[2:]
_SUFFIXES = (".parquet", ".csv", ".csv.gz")


def plain_parquet(place: Path) -> list[Path] | None:
    """The Parquet files of bars in a place, if all its bars stand in such files in our schema.

    None where a file must be mapped or parsed first; the door reads those.
    """
    if place.is_dir():
        paths = [p for p in sorted(place.iterdir()) if p.is_file() and p.name.endswith(_SUFFIXES)]
    else:
        paths = [place] if place.is_file() and place.name.endswith(_SUFFIXES) else []
    found = []
    for path in paths:
        names = read_header(path)
        if are_ours(names):
            if not _is_plain(path):
                return None
            found.append(path)
            continue
        columns = match_columns(names)
        if (columns.are_bars or columns.are_factors) and (
            "code" in columns.fields or code_named(path)
        ):
            return None
    return found or None


def _is_plain(path: Path) -> bool:
    """Whether a file's columns are of types that need no parsing."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    if path.suffix != ".parquet":
        return False
    schema = pq.read_schema(path)
    kinds = {name: schema.field(name).type for name in schema.names if name in COLUMNS}
    text = kinds["code"].value_type if pa.types.is_dictionary(kinds["code"]) else kinds["code"]
    day = kinds["date"]
    dated = pa.types.is_date32(day) or (pa.types.is_timestamp(day) and day.tz is None)
    numbers = all(
        pa.types.is_floating(kinds[name]) or pa.types.is_integer(kinds[name])
        for name in kinds
        if name not in ("code", "date")
    )
    return bool((pa.types.is_string(text) or pa.types.is_large_string(text)) and dated and numbers)


def read_bars(
    paths: Sequence[Path],
    axis: Dates,
    codes: Collection[str] | None = None,
    judged: int | None = None,
) -> Bars:
    """The bars of stocks in Parquet files on an axis of sessions, checked.

    Parameters
    ----------
    paths
        As `plain_parquet` gives them.
    axis
        Consecutive sessions, shape (T,).
    codes
        These alone; None reads all.
    judged
        How many sessions of the axis, from the first, are checked; None checks all.

    Raises
    ------
    PricesError
        If a file is damaged, lacks a column, or holds a code that cannot be.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        files = [pq.ParquetFile(path, read_dictionary=["code"], pre_buffer=False) for path in paths]
        try:
            return _gather(files, paths, axis, codes, len(axis) if judged is None else judged)
        finally:
            for file in files:
                file.close()
    except (OSError, pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
        first = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise PricesError(f"{', '.join(map(str, paths))} cannot be read: {first}") from None


def _gather(
    files: Sequence["pq.ParquetFile"],
    paths: Sequence[Path],
    axis: Dates,
    codes: Collection[str] | None,
    judged: int,
) -> Bars:
    # The codes first: they are a hundredth of the bytes, and tell how large the arrays must be.
    held = [_stocks_of(file, path, codes) for file, path in zip(files, paths, strict=True)]
    wanted = sorted(set().union(*held))
    columns = {code: number for number, code in enumerate(wanted)}
    shape = (len(wanted), len(axis))
    bars = Bars(
        tuple(wanted), {name: np.full(shape, np.nan) for name in FIELDS}, np.zeros(shape, bool)
    )
    counts = np.zeros(len(wanted), dtype=np.int64)
    files_of = np.zeros((len(files), len(wanted)), dtype=bool)
    closed = np.zeros(len(wanted), dtype=bool)
    traded = np.zeros(len(wanted), dtype=bool)
    slots = _slots(axis)
    last = int((axis[judged - 1] - axis[0]).astype(np.int64))
    for file, names, table in _groups(files, axis):
        column, day = _codes_and_days(table, columns)
        offset = day - int(axis[0].astype(np.int64))
        inside = (column >= 0) & (offset >= 0) & (offset < len(slots))
        if not inside.any():
            continue
        early = offset[inside] <= last
        column, row = column[inside], slots[offset[inside]]
        on = row >= 0
        closed[column[~on & early]] = True
        files_of[file, column[early]] = True
        at = column[on] * shape[1] + row[on]
        for name in names[2:]:
            values = _numbers(table, name)[inside][on]
            bars.grids[name].reshape(-1)[at] = values
            if name == "volume":
                traded[column[on][(values > 0) & early[on]]] = True
        bars.seen.reshape(-1)[at] = True
        counts += np.bincount(column[on & early], minlength=len(wanted))
    twice = counts > bars.seen[:, :judged].sum(axis=1)
    return check(
        bars,
        judged,
        traded,
        {
            "bars in two files, whose factors must not be mixed": files_of.sum(axis=0) > 1,
            "two bars for one session": twice,
            "a bar on a day that was no session": closed,
        },
    )


def _groups(
    files: Sequence["pq.ParquetFile"], axis: Dates
) -> Iterator[tuple[int, list[str], "pa.Table"]]:
    """The row groups that may hold a day of the axis, the number of their file, their columns.

    The next is read while one is worked on, by one thread alone: each of Arrow's own would keep
    memory of its own.
    """
    from concurrent.futures import ThreadPoolExecutor

    asked = (
        (number, group, [name for name in COLUMNS if name in file.schema_arrow.names])
        for number, file in enumerate(files)
        for group in range(file.num_row_groups)
        if not _outside(file, group, axis)
    )
    with ThreadPoolExecutor(1) as reader:
        ahead = None
        for number, group, names in asked:
            read = reader.submit(files[number].read_row_group, group, names, use_threads=False)
            if ahead is not None:
                yield *ahead[:2], ahead[2].result()
            ahead = number, names, read
        if ahead is not None:
            yield *ahead[:2], ahead[2].result()


def _stocks_of(file: "pq.ParquetFile", path: Path, codes: Collection[str] | None) -> set[str]:
    """The stocks of a file, of which only the column of codes is read."""
    found: set[str] = set()
    for group in range(file.num_row_groups):
        column = file.read_row_group(group, columns=["code"], use_threads=False).column(0)
        for chunk in column.chunks:
            found.update(chunk.dictionary.take(chunk.indices.unique().drop_null()).to_pylist())
        if column.null_count:
            raise PricesError(f"{path}: {column.null_count} bars have no code, as 300308.SZ")
    stocks = set()
    for code in found:
        try:
            security = parse_security(code)
        except ThesisFileError as error:
            raise PricesError(f"{path}: {error}") from None
        if security.code != code:
            raise PricesError(f"{path}: code {code!r}: bars use the canonical form {security.code}")
        if not security.is_index and (codes is None or code in codes):
            stocks.add(code)
    lacking = [name for name in REQUIRED if name not in file.schema_arrow.names]
    if stocks and lacking:
        raise PricesError(
            f"{path}: no column {', '.join(lacking)}; bars of stocks need {' '.join(REQUIRED)}"
        )
    return stocks


def _slots(axis: Dates) -> npt.NDArray[np.int64]:
    """The row of each calendar day from the first session to the last; -1 for no session."""
    days = (axis - axis[0]).astype(np.int64)
    slots = np.full(int(days[-1]) + 1, -1, dtype=np.int64)
    slots[days] = np.arange(len(axis))
    return slots


def _outside(file: "pq.ParquetFile", group: int, axis: Dates) -> bool:
    """Whether a row group holds no day of the axis, by its own statistics."""
    at = file.schema_arrow.names.index("date")
    statistics = file.metadata.row_group(group).column(at).statistics
    if statistics is None or not statistics.has_min_max:
        return False
    low, high = (np.datetime64(day, "D") for day in (statistics.min, statistics.max))
    return bool(high < axis[0] or low > axis[-1])


def _codes_and_days(
    table: "pa.Table", columns: Mapping[str, int]
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """The column of each bar, -1 for what is not wanted, and its day since 1970."""
    import pyarrow as pa

    found = []
    for chunk in table.column("code").chunks:
        of = np.array([columns.get(code, -1) for code in chunk.dictionary.to_pylist()], dtype=int)
        found.append(of[chunk.indices.to_numpy(zero_copy_only=False)])
    days = table.column("date").cast(pa.date32(), safe=False).cast(pa.int32())
    return np.concatenate(found), days.to_numpy().astype(np.int64)


def _numbers(table: "pa.Table", name: str) -> Floats:
    return np.asarray(table.column(name).to_numpy(), dtype=float)
