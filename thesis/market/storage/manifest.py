"""The manifest: what the store holds of each code, in one small file that reads fast.

It is a summary of the files in ``bars``, never more: whatever it lacks stands in their metadata,
and it can be rebuilt from them.
"""

import contextlib
import datetime as dt
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from thesis.errors import PricesError
from thesis.market.storage.notes import (
    FORMAT,
    Asked,
    DamagedError,
    asked_from_notes,
    in_utc,
    read_notes,
)

_BEFORE_FILES = b', "files": '


class ManifestError(PricesError):
    """The manifest is there but cannot be read."""


@dataclass(frozen=True)
class Entry:
    """What the manifest says of one file of bars.

    Attributes
    ----------
    file
        Its name in the folder ``bars``.
    bars, first, last
        How many, from when to when.
    source, factor_source
        Who the first bars were from, and the factor events; None for an index.
    fetched_at
        When the reply came that last changed the file, in UTC.
    checked_at
        When a source was last asked about the code, in UTC, whether or not anything changed.
    asked
        The days that were asked for, in disjoint stretches.
    hash
        Content hash of bars and events.
    revisions
        How many are recorded.
    size, mtime_ns
        Of the file when the entry was written: another size or time means the entry is behind.
    """

    code: str
    file: str
    bars: int
    first: dt.date
    last: dt.date
    source: str
    factor_source: str | None
    fetched_at: dt.datetime
    checked_at: dt.datetime
    asked: Asked
    hash: str
    revisions: int
    size: int
    mtime_ns: int

    @property
    def asked_from(self) -> dt.date:
        """First day of the newest stretch that was asked for."""
        return self.asked[-1][0]

    @property
    def asked_to(self) -> dt.date:
        """Last day of the newest stretch that was asked for."""
        return self.asked[-1][1]

    def describes(self, status: os.stat_result) -> bool:
        """Whether the file is the one the entry was written for."""
        return (self.size, self.mtime_ns) == (status.st_size, status.st_mtime_ns)


def entry_of(path: Path, before: Entry | None = None) -> Entry | None:
    """The entry of a file, from the notes in its metadata.

    Parameters
    ----------
    before
        The entry it had, which knows when a source was last asked.

    Returns
    -------
    Entry or None
        None if the file is damaged or not of `thesis`.
    """
    status = path.stat()
    try:
        notes = read_notes(path)
    except DamagedError:
        return None
    if notes is None:
        return None
    fetched = dt.datetime.fromisoformat(notes["fetched_at"])
    entry = Entry(
        code=notes["code"],
        file=path.name,
        bars=notes["bars"],
        first=dt.date.fromisoformat(notes["first"]),
        last=dt.date.fromisoformat(notes["last"]),
        source=notes["source"],
        factor_source=notes["factor_source"],
        fetched_at=fetched,
        checked_at=fetched,
        asked=asked_from_notes(notes["asked"]),
        hash=notes["hash"],
        revisions=len(notes["revisions"]),
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
    )
    return entry if before is None else checked(entry, before.checked_at)


def entries_of(folder: Path, known: Mapping[str, Entry]) -> dict[str, Entry]:
    """An entry for each whole file of bars, from its metadata where what is known is behind."""
    current = {}
    for path in sorted(folder.glob("*.parquet")):
        with contextlib.suppress(FileNotFoundError):
            entry = known.get(path.stem)
            if entry is None or not entry.describes(path.stat()):
                entry = entry_of(path, entry)
            if entry is not None:
                current[path.stem] = entry
    return current


def checked(entry: Entry, at: dt.datetime) -> Entry:
    """The entry after a source was asked at a moment."""
    return replace(entry, checked_at=max(entry.checked_at, in_utc(at)))


def read_manifest(path: Path) -> dict[str, Entry]:
    """The entries of a manifest by code; empty if there is no such file.

    Raises
    ------
    ManifestError
        If it is cut off or changed.
    PricesError
        If a newer thesis wrote it, or it may not be read.
    """
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise PricesError(f"{path} cannot be read: {error.strerror}") from None
    try:
        content = json.loads(text)
        version, files, seal = content["format"], content["files"], content["hash"]
    except (ValueError, KeyError, TypeError) as error:
        raise ManifestError(f"{path} cannot be read: {error or type(error).__name__}") from None
    if version != FORMAT:
        raise PricesError(
            f"{path} is of format {version!r}, and this thesis knows {FORMAT} alone; upgrade thesis"
        )
    if seal != _seal(text.partition(_BEFORE_FILES)[2]):
        raise ManifestError(f"{path} cannot be read: it is not as it was written")
    return {code: _entry(code, facts) for code, facts in files.items()}


def write_manifest(entries: Mapping[str, Entry]) -> bytes:
    """A manifest of these entries, as bytes."""
    files = {code: _facts(entries[code]) for code in sorted(entries)}
    rest = json.dumps(files, indent=0).encode() + b"}\n"
    return b'{"format": %d, "hash": "%s"' % (FORMAT, _seal(rest).encode()) + _BEFORE_FILES + rest


def _seal(rest: bytes) -> str:
    return hashlib.sha256(rest).hexdigest()


def _facts(entry: Entry) -> dict[str, Any]:
    facts = dict(vars(entry))
    del facts["code"]
    facts["asked"] = [[str(first), str(last)] for first, last in entry.asked]
    return {
        key: value.isoformat() if isinstance(value, dt.date) else value
        for key, value in facts.items()
    }


def _entry(code: str, facts: dict[str, Any]) -> Entry:
    day, moment = dt.date.fromisoformat, dt.datetime.fromisoformat
    return Entry(
        **facts
        | {
            "code": code,
            "first": day(facts["first"]),
            "last": day(facts["last"]),
            "fetched_at": moment(facts["fetched_at"]),
            "checked_at": moment(facts["checked_at"]),
            "asked": asked_from_notes(facts["asked"]),
        }
    )
