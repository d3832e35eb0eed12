"""What a killed writer, a failing disk or a stray hand left in the store, and mending it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from thesis.errors import PricesError
from thesis.market.storage.barfile import verify
from thesis.market.storage.disk import UNFINISHED, move_aside, said, write_whole
from thesis.market.storage.manifest import (
    Entry,
    ManifestError,
    entries_of,
    entry_of,
    read_manifest,
    write_manifest,
)
from thesis.market.storage.notes import DamagedError

Kind = Literal["leftover", "manifest", "damaged", "unreadable", "foreign", "unlisted", "fileless"]


@dataclass(frozen=True)
class Finding:
    """Something in the store that is not as it should be.

    Attributes
    ----------
    kind
        A stable word: ``leftover`` of a killed writer, a ``manifest`` that is lost or unreadable,
        a ``damaged`` file, an ``unreadable`` one, a ``foreign`` one that `thesis` did not write,
        an ``unlisted`` one that the manifest does not know as it is, a ``fileless`` entry.
    path
        What it is about.
    message
        A sentence: what is wrong, and after mending what was done.
    """

    kind: Kind
    path: Path
    message: str

    def __str__(self) -> str:
        return self.message


def survey(home: Path) -> list[Finding]:
    """What is not as it should be, every stored byte checked; the caller holds the lock.

    Raises
    ------
    PricesError
        If the manifest may not be read, or a newer thesis wrote it.
    """
    known, lost = _manifest(home)
    return [*_leftovers(home), *lost, *_files(home, known, bool(lost)), *_fileless(home, known)]


def mend(home: Path) -> list[Finding]:
    """Put right what `survey` finds; the caller holds the lock.

    Leftovers are removed, damaged files moved aside, and the manifest is written anew from what is
    whole.

    Raises
    ------
    PricesError
        If something cannot be written.
    """
    known, _ = _manifest(home)
    mended = [_mended(finding, home) for finding in survey(home)]
    entries = entries_of(home / "bars", known)
    path = home / "manifest.json"
    if entries != known or any(finding.kind == "manifest" for finding in mended):
        with said(path):
            write_whole(path, write_manifest(entries))
    return mended


def _mended(finding: Finding, home: Path) -> Finding:
    done = {
        "leftover": "it was removed",
        "unlisted": "the manifest has it now",
        "fileless": "it was taken out of the manifest",
    }.get(finding.kind)
    with said(finding.path):
        if finding.kind == "leftover":
            finding.path.unlink()
        elif finding.kind == "damaged" or (finding.kind == "manifest" and finding.path.is_file()):
            stamp = f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}"
            done = f"it was moved to {move_aside(finding.path, home / 'damaged', stamp)}"
    if finding.kind == "manifest":
        done = f"{f'{done}, and ' if done else ''}it was rebuilt from the files"
    return replace(finding, message=f"{finding.message}; {done}") if done else finding


def _manifest(home: Path) -> tuple[dict[str, Entry], list[Finding]]:
    path = home / "manifest.json"
    try:
        known = read_manifest(path)
    except ManifestError as error:
        return {}, [Finding("manifest", path, str(error))]
    if not path.exists() and entries_of(home / "bars", {}):
        return {}, [Finding("manifest", path, f"{path} is gone")]
    return known, []


def _leftovers(home: Path) -> Iterator[Finding]:
    for folder in (home, home / "bars"):
        for path in sorted(folder.glob(f".*{UNFINISHED}")):
            yield Finding(
                "leftover", path, f"{path} was left unfinished by a writer that was killed"
            )


def _files(home: Path, known: dict[str, Entry], unknown: bool) -> Iterator[Finding]:
    for path in sorted((home / "bars").glob("*.parquet")):
        try:
            ours = verify(path)
        except DamagedError as error:
            yield Finding("damaged", path, str(error))
            continue
        except PricesError as error:
            yield Finding("unreadable", path, str(error))
            continue
        if not ours:
            yield Finding(
                "foreign", path,
                f"{path} was not written by thesis: it is read as any file of bars, but nobody "
                "knows where its bars are from, and thesis fetch would move it aside",
            )  # fmt: skip
        elif not unknown and not _same(known.get(path.stem), entry_of(path)):
            yield Finding(
                "unlisted", path,
                f"{path} is whole but not as the manifest has it: a writer was killed after the "
                "file and before the manifest, or the file was put there",
            )  # fmt: skip


def _same(known: Entry | None, found: Entry | None) -> bool:
    """Whether two entries say the same of a file, which may have been copied or touched."""
    if known is None or found is None:
        return known is found
    as_found = replace(known, checked_at=found.checked_at, size=found.size, mtime_ns=found.mtime_ns)
    return as_found == found


def _fileless(home: Path, known: dict[str, Entry]) -> Iterator[Finding]:
    for entry in known.values():
        path = home / "bars" / entry.file
        if not path.is_file():
            yield Finding("fileless", path, f"{path} is in the manifest, but there is no such file")
