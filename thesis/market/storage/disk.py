"""Writing to disk so that a file is there whole or not at all, and what can go wrong doing so."""

import contextlib
import errno
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

from thesis.errors import PricesError

#: Ends the name of a file that is not finished; the store never reads one.
UNFINISHED = ".tmp"

# Windows would turn line feeds into two bytes without O_BINARY.
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}
_FORBIDDEN = {errno.EACCES, errno.EPERM}


class StoreError(PricesError):
    """The store cannot be written: no code can be stored until that is mended."""


def write_whole(path: Path, data: bytes) -> None:
    """Put a file in place of the old one in one step; a kill leaves the old one or the new one.

    The bytes go to an unfinished file in the same folder and are flushed to the disk before its
    name is changed. On any failure the unfinished file is removed and the old one stays.

    Raises
    ------
    OSError
        If the disk is full, the folder is read-only, and the like.
    """
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}{UNFINISHED}")
    try:
        descriptor = os.open(unfinished, _NEW_FILE, 0o644)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(unfinished, path)
    except BaseException:
        with contextlib.suppress(OSError):
            unfinished.unlink()
        raise
    _flush_folder(path.parent)


def move_aside(path: Path, folder: Path, stamp: str) -> Path:
    """Move a file into a folder under a name that no file there has; its new place.

    Raises
    ------
    OSError
        If it cannot be moved.
    """
    folder.mkdir(parents=True, exist_ok=True)
    place, number = folder / f"{path.stem}.{stamp}{path.suffix}", 1
    while place.exists():
        number += 1
        place = folder / f"{path.stem}.{stamp}-{number}{path.suffix}"
    os.replace(path, place)
    _flush_folder(folder)
    _flush_folder(path.parent)
    return place


def _flush_folder(folder: Path) -> None:
    # The new name itself must reach the disk. Windows and some network disks cannot flush a folder.
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


@contextlib.contextmanager
def locked(path: Path, patience: float) -> Iterator[None]:
    """Hold a lock that one process can hold at a time, and that ends with the process.

    Parameters
    ----------
    patience
        Seconds to wait for it.

    Raises
    ------
    StoreError
        If another process holds it for longer, or its file cannot be written.
    """
    from filelock import FileLock, Timeout

    with said(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(path)
        try:
            lock.acquire(timeout=patience)
        except Timeout:
            raise StoreError(
                f"another process has been writing to the store for {patience:g} s (it holds "
                f"{path}): nothing stored was changed; wait until it ends and run the command again"
            ) from None
    try:
        yield
    finally:
        lock.release()


@contextlib.contextmanager
def said(path: Path, stored: str = "nothing stored was changed") -> Iterator[None]:
    """Turn a failure of the disk into a sentence.

    Parameters
    ----------
    path
        What was being written.
    stored
        What became of the bars.

    Raises
    ------
    StoreError
        In place of any ``OSError``.
    """
    try:
        yield
    except OSError as error:
        what, remedy = _reason(error)
        raise StoreError(
            f"{path} cannot be written: {what}: {stored}; {remedy} and run the command again; it "
            "goes on where it stopped"
        ) from error


def _reason(error: OSError) -> tuple[str, str]:
    if error.errno in _FULL:
        return "the disk is full", "free some space"
    if error.errno == errno.EFBIG:
        return "the file would be larger than this system allows", "raise the limit (ulimit -f)"
    if error.errno in _FORBIDDEN:
        return (
            "no permission to write there",
            "change its permissions, or set THESIS_HOME to a folder of yours,",
        )
    if error.errno == errno.EROFS:
        return "the disk is read-only", "set THESIS_HOME to a folder that can be written"
    return f"the disk failed ({error.strerror or error})", "look after the disk"
