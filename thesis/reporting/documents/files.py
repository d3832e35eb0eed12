"""Writing what was asked for to files, or saying in a sentence why not."""

import csv
from pathlib import Path

from thesis.errors import UsageError
from thesis.market.storage.disk import write_whole
from thesis.reporting.documents.result import Json


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all, or say in a sentence why not."""
    try:
        if path.exists() and not path.is_file():  # a pipe, or /dev/stdout
            path.write_text(text, encoding="utf-8")
        else:
            write_whole(path, text.encode())
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def write_table(path: Path, rows: list[Json]) -> Path:
    """Write rows as CSV in UTF-8 with a mark, so that spreadsheets read Chinese right."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    return path
