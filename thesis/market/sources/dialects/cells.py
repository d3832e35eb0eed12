"""Cells of another vendor's file: as text or numbers, whatever the encoding and the signs."""

import codecs
import csv
import gzip
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from thesis.errors import PricesError
from thesis.market.door import read_dates
from thesis.market.sources.dialects.columns import are_ours

#: What stands where there is no number.
_NOTHING = {"", "-", "--", "---", "—", "——", "n/a", "na", "nan", "none", "null", "#n/a"}

#: How the last lines of exports begin.
_FOOTER = re.compile("数据来源|资料来源|来源|注[:：]|data source|source", re.IGNORECASE)


def read_header(path: Path) -> list[str]:
    """Column names of a file, without reading its rows. Chinese Windows writes CSV in GBK.

    Raises
    ------
    PricesError
        If the file is damaged, or in our schema and not UTF-8.
    """
    try:
        if path.suffix == ".parquet":
            import pyarrow.parquet as pq

            return list(pq.read_schema(path).names)
        try:
            return _first_row(path, "utf-8-sig")
        except UnicodeDecodeError:
            names = _first_row(path, "gb18030")
            if are_ours(names):
                raise
            return names
    except (OSError, ValueError, EOFError, csv.Error, zlib.error) as error:
        raise PricesError(f"{path} cannot be read: {_first_line(error)}") from None


def _first_row(path: Path, encoding: str) -> list[str]:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rt", encoding=encoding, newline="") as file:
        return next(csv.reader(file), [])


def encoding_of(path: Path) -> str:
    """``utf-8`` or ``gb18030`` (which contains GBK), by all bytes of a text file.

    Raises
    ------
    PricesError
        If it is neither.
    """
    opener: Any = gzip.open if path.suffix == ".gz" else open
    for encoding in ("utf-8", "gb18030"):
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with opener(path, "rb") as file:
                while part := file.read(1 << 20):
                    decoder.decode(part)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise PricesError(f"{path} cannot be read: its text is neither UTF-8 nor GBK")


def read_rows(path: Path, headers: Mapping[str, str]) -> pd.DataFrame:
    """These columns of a file, under our names; of CSV as text. Empty and last lines are left out.

    Parameters
    ----------
    headers
        Headers by field, as they stand in the file.

    Raises
    ------
    PricesError
        If the file is damaged.
    """
    import pyarrow as pa

    try:
        table = (_parquet if path.suffix == ".parquet" else _csv)(path, list(headers.values()))
        frame = pd.DataFrame(table.to_pandas(ignore_metadata=True))
    except PricesError:
        raise
    except PermissionError as error:
        raise PricesError(f"{path} cannot be read: {error.strerror}") from None
    except (OSError, ValueError, EOFError, pa.ArrowException) as error:
        raise PricesError(f"{path} cannot be read: {_first_line(error)}") from None
    frame.columns = pd.Index(list(headers))
    frame = frame[~frame.isna().all(axis=1)]
    first = frame["code" if "code" in frame else "date"]
    last = first.astype("str").str.match(_FOOTER) & frame.drop(columns=first.name).isna().all(
        axis=1
    )
    return frame[~last].reset_index(drop=True)


def _parquet(path: Path, headers: list[str]) -> Any:
    import pyarrow.parquet as pq

    return pq.ParquetFile(path).read(columns=headers).select(headers)


def _csv(path: Path, headers: list[str]) -> Any:
    import pyarrow as pa
    from pyarrow import csv as arrow_csv

    def torn(row: Any) -> str:
        return "skip" if _FOOTER.match(row.text.lstrip("\"' ")) else "error"

    return arrow_csv.read_csv(
        path,
        read_options=arrow_csv.ReadOptions(encoding=encoding_of(path)),
        parse_options=arrow_csv.ParseOptions(invalid_row_handler=torn),
        convert_options=arrow_csv.ConvertOptions(
            include_columns=headers,
            column_types=dict.fromkeys(headers, pa.string()),
            strings_can_be_null=True,
        ),
    )


def codes(column: pd.Series) -> pd.Series:
    """Codes as text: without Excel's ``="300308"``, and without the ``.0`` of a float."""
    text = column.astype("str").str.strip().str.strip("'\"=").str.replace(r"\.0$", "", regex=True)
    return text.where(column.notna() & ~text.str.lower().isin(_NOTHING))


def dates(column: pd.Series, where: str) -> pd.Series:
    """Dates, also as ``2024年10月14日`` and ``20241014.0``.

    Raises
    ------
    PricesError
        If one cannot be read.
    """
    if pd.api.types.is_numeric_dtype(column) and column.notna().all():
        column = column.astype("int64")
    elif isinstance(column.dtype, pd.StringDtype) or column.dtype == object:
        text = column.astype("str").str.strip().str.replace(r"\.0$", "", regex=True)
        column = text.str.replace("[年月]", "-", regex=True).str.replace("日", "")
    return read_dates(column, where).astype("datetime64[s]").dt.normalize()


def numbers(rows: pd.DataFrame, name: str, header: str, where: str) -> pd.Series:
    """Numbers of a column, with or without thousands separators; NaN where there is none.

    Raises
    ------
    PricesError
        If a cell is neither.
    """
    column = rows[name]
    if pd.api.types.is_numeric_dtype(column):
        return column.astype("float64")
    text = column.astype("str").str.replace(r"[,，\s]", "", regex=True)
    empty = column.isna() | text.str.lower().isin(_NOTHING)
    values = pd.to_numeric(text.where(~empty), errors="coerce").astype("float64")
    unread = values.isna() & ~empty
    if unread.any():
        row = rows[unread].iloc[0]
        raise PricesError(
            f"{where}: {row.get('code', 'a bar')} on {row['date']}: {header} = "
            f"{column[unread].iloc[0]!r} is no number"
        )
    return values


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0]
