"""The notes in the metadata of a stored file, and the proof that they are unchanged.

Under ``thesis`` they stand as JSON, under ``thesis_seal`` is the SHA-256 of that text.
"""

import contextlib
import datetime as dt
import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from thesis.errors import PricesError

FORMAT = 1
NOTES, SEAL = b"thesis", b"thesis_seal"

#: Days asked for, both included, in disjoint stretches from the oldest to the newest.
Asked = tuple[tuple[dt.date, dt.date], ...]


class DamagedError(PricesError):
    """A stored file is not as it was written."""

    def __init__(self, path: Path, why: str) -> None:
        self.path, self.why = path, why
        super().__init__(
            f"{path} cannot be read: {why}; thesis fetch moves it aside and asks for its bars again"
        )


def read_notes(path: Path) -> dict[str, Any] | None:
    """The notes in a file's metadata, its bars unread; None if `thesis` did not write the file.

    Raises
    ------
    DamagedError
        If they cannot be read or are not as they were written.
    """
    import pyarrow as pa
    import pyarrow.parquet as pq

    with readable(path), path.open("rb") as file:
        try:
            found = pq.read_metadata(pa.PythonFile(file, mode="r")).metadata or {}
        except (OSError, ValueError) as error:
            raise DamagedError(path, first_line(error)) from None
    return checked_notes(path, found)


def checked_notes(path: Path, found: Mapping[bytes, bytes]) -> dict[str, Any] | None:
    """The notes among a file's key-value metadata; None if `thesis` did not write them.

    Raises
    ------
    DamagedError
        If they are not as they were written, or those of another code.
    PricesError
        If a newer thesis wrote them.
    """
    # Both keys, or none: a changed byte in one must not make the file pass for another's.
    if NOTES not in found and SEAL not in found:
        return None
    text, seal = found.get(NOTES, b""), found.get(SEAL, b"")
    if hashlib.sha256(text).hexdigest().encode() != seal:
        raise DamagedError(path, "its notes are not those that were stored")
    notes: dict[str, Any] = json.loads(text)
    if notes["format"] != FORMAT:
        raise PricesError(
            f"{path} is of format {notes['format']!r}, and this thesis knows {FORMAT} alone; "
            "upgrade thesis"
        )
    if notes["code"] != path.stem:
        raise DamagedError(path, f"it holds bars of {notes['code']}")
    return notes


def asked_from_notes(stretches: Any) -> Asked:
    """Stretches of days out of JSON."""
    day = dt.date.fromisoformat
    return tuple((day(first), day(last)) for first, last in stretches)


def in_utc(moment: dt.datetime) -> dt.datetime:
    """A moment in UTC, which is also taken for the zone of one that names none."""
    return moment.replace(tzinfo=dt.UTC) if moment.tzinfo is None else moment.astimezone(dt.UTC)


@contextlib.contextmanager
def readable(path: Path) -> Iterator[None]:
    """Turn a failure to read into a sentence."""
    try:
        yield
    except OSError as error:
        raise PricesError(f"{path} cannot be read: {error.strerror or error}") from None


def first_line(error: BaseException) -> str:
    """What an exception says, without the rest of it."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
