"""What goes into the store's files and what is moved out of them; the caller holds the lock.

First the bars, then the manifest: a writer that is killed between them leaves a manifest that is
behind, which every reader of it sees by the file's size and time.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from thesis.errors import PricesError
from thesis.market.delivery import Delivery
from thesis.market.splice import check_overlap, check_restated
from thesis.market.storage.barfile import encode, read_holding
from thesis.market.storage.disk import move_aside, said, write_whole
from thesis.market.storage.holding import Change, Holding
from thesis.market.storage.manifest import (
    Entry,
    ManifestError,
    checked,
    entries_of,
    entry_of,
    read_manifest,
    write_manifest,
)
from thesis.market.storage.merge import merge
from thesis.market.storage.notes import DamagedError
from thesis.market.storage.opening import inspect


def take_in(home: Path, path: Path, delivery: Delivery) -> Change:
    """Merge a delivery into the file of its code; a damaged one is moved aside first.

    Raises
    ------
    PricesError
        If the bars contradict those of another source (`SourceError`), are other bars under the
        name of a source that is held, or are impossible; if something cannot be written.
    """
    held, useless = _held(path)
    holding, change = merge(held, delivery)
    check_overlap(delivery.code, delivery.source, delivery.bars, held)
    check_restated(delivery.code, delivery.source, delivery.bars, held)
    cautions, door = inspect(holding, delivery.source)
    aside = _moved_aside(home, path) if useless else None
    if not change.unchanged:
        with said(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, encode(holding, door))
    entries = _known(home)
    entry = entry_of(path, entries.get(holding.code))
    if entry is None:
        raise PricesError(f"{path} changed while it was being written; put nothing there")
    entries[holding.code] = checked(entry, delivery.fetched_at)
    _write_entries(home, entries, f"the bars of {holding.code} are stored")
    return replace(change, aside=aside, cautions=cautions)


def set_aside(home: Path, path: Path) -> Path | None:
    """Move the file of a code away if it is damaged; its new place, or None if it is not.

    Raises
    ------
    PricesError
        If it cannot be moved, or may not be read.
    """
    try:
        _read(path)
    except DamagedError:
        aside = _moved_aside(home, path)
    else:
        return None
    entries = _known(home)
    entries.pop(path.stem, None)
    _write_entries(home, entries, f"the file was moved to {aside}")
    return aside


def _read(path: Path) -> Holding | None:
    return read_holding(path) if path.is_file() else None


def _held(path: Path) -> tuple[Holding | None, bool]:
    """What a file holds, and whether there is one of which nothing can be made."""
    try:
        held = _read(path)
    except DamagedError:
        held = None
    return held, held is None and path.is_file()


def _moved_aside(home: Path, path: Path) -> Path:
    with said(home / "damaged"):
        return move_aside(path, home / "damaged", f"{dt.datetime.now(dt.UTC):%Y%m%dT%H%M%S}")


def _known(home: Path) -> dict[str, Entry]:
    """The manifest's entries; a damaged manifest is moved aside and rebuilt."""
    try:
        return read_manifest(home / "manifest.json")
    except ManifestError:
        _moved_aside(home, home / "manifest.json")
        return entries_of(home / "bars", {})


def _write_entries(home: Path, entries: Mapping[str, Entry], stored: str) -> None:
    with said(home / "manifest.json", stored):
        write_whole(home / "manifest.json", write_manifest(entries))
