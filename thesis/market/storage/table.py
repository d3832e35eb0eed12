"""Small tables of the store: text in CSV files, merged by key."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from thesis.errors import PricesError


def read_table(path: Path) -> pd.DataFrame | None:
    """A table as text, empty where nothing is known; None if there is no such file.

    Raises
    ------
    PricesError
        If it cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(file, strict=True)
            columns = list(rows.fieldnames or [])
            content = [[row[name] or "" for name in columns] for row in rows]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or error
        raise PricesError(f"{path} cannot be read: {reason}; mend or remove it") from None
    return pd.DataFrame(content, columns=columns, dtype="str")


def merged_table(
    old: pd.DataFrame | None,
    new: pd.DataFrame,
    keys: Sequence[str],
    path: Path,
    whole: str | None = None,
) -> pd.DataFrame:
    """Old rows and new; a new row replaces the old one of its key, but for columns it lacks.

    With `whole`, all old rows go whose value in that column is one of the new rows'.

    Raises
    ------
    PricesError
        If a key column is missing in either.
    """
    for frame, which in ((old, "the file"), (new, "the new rows")):
        needed = [*keys, whole] if whole is not None and whole not in keys else keys
        missing = [key for key in needed if frame is not None and key not in frame.columns]
        if missing:
            raise PricesError(f"{path}: no column {', '.join(missing)} in {which}")
    if old is not None and whole is not None:
        old = old[~old[whole].isin(_as_text(new)[whole])]
    rows = {key: dict(row) for key, row in _by_key(old, keys)} if old is not None else {}
    columns = list(dict.fromkeys([*(old.columns if old is not None else ()), *new.columns]))
    for key, row in _by_key(_as_text(new), keys):
        rows[key] = rows.get(key, {}) | row
    table = [[rows[key].get(name, "") for name in columns] for key in sorted(rows)]
    return pd.DataFrame(table, columns=columns, dtype="str")


def encode_table(table: pd.DataFrame) -> bytes:
    """A table as the bytes of its file."""
    sink = io.StringIO()
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(table.columns)
    writer.writerows(table.itertuples(index=False))
    return sink.getvalue().encode()


def _as_text(frame: pd.DataFrame) -> pd.DataFrame:
    text = {}
    for name in frame.columns:
        column = frame[name]
        if pd.api.types.is_datetime64_any_dtype(column):
            column = column.dt.strftime("%Y-%m-%d")
        text[name] = [
            "" if unknown else str(x) for x, unknown in zip(column, column.isna(), strict=True)
        ]
    return pd.DataFrame(text, dtype="str")


def _by_key(
    frame: pd.DataFrame, keys: Sequence[str]
) -> list[tuple[tuple[str, ...], dict[str, str]]]:
    rows = [dict(zip(frame.columns, row, strict=True)) for row in frame.itertuples(index=False)]
    return [(tuple(row[key] for key in keys), row) for row in rows]
