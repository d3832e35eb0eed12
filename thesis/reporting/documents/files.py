"""Writing what was asked for to files, whole or not at all, or saying in a sentence why not."""

import csv
import io
from pathlib import Path

from thesis.errors import UsageError
from thesis.market.storage.disk import write_whole
from thesis.reporting.documents.result import Json

#: What the name of a page ends in.
PAGES = (".html", ".htm")


def page_file(path: Path) -> Path:
    """A file that a page may be written to.

    Raises
    ------
    UsageError
        If its name is not a page's, it is a folder, or its folder is not there: a thesis file or
        prices given by mistake are not overwritten.
    """
    if path.is_dir():
        raise UsageError(f"html {path}: it is a folder; give a file in a folder that exists")
    if path.suffix.lower() not in PAGES:
        raise UsageError(
            f"html {path}: the name of a page ends in .html; give one, as {path.stem}.html"
        )
    if not path.parent.is_dir():
        raise UsageError(
            f"html {path}: there is no folder {path.parent}; give a file in a folder that exists"
        )
    return path


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all, or say in a sentence why not."""
    _write(path, text.encode())


def write_table(path: Path, rows: list[Json]) -> Path:
    """Write rows as CSV in UTF-8 with a mark, so that spreadsheets read Chinese right."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritten(path, error) from None
    _write(path, text.getvalue().encode("utf-8-sig"))
    return path


def _write(path: Path, data: bytes) -> None:
    try:
        if path.exists() and not path.is_file():  # a pipe, or /dev/stdout
            path.write_bytes(data)
        else:
            write_whole(path.resolve(), data)  # a link goes on pointing to what it names
    except OSError as error:
        raise _unwritten(path, error) from None


def _unwritten(path: Path, error: OSError) -> UsageError:
    return UsageError(
        f"{path} cannot be written: {error.strerror}; give a place that exists and may be written"
    )
