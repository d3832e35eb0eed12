"""The store's health: can it be written, how large is it, who writes, and what is wrong in it."""

import os
import shutil
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from thesis.errors import PricesError
from thesis.market.storage.survey import Finding, survey
from thesis.market.store import Store

#: Less free space than this is worth saying, bytes.
LITTLE_SPACE = 200_000_000
#: Seconds to wait for a writer; one file takes far less.
PATIENCE = 2.0
#: Findings after which something that had been stored is not there as it was.
DAMAGE = frozenset({"damaged", "unreadable", "manifest", "fileless"})


@dataclass(frozen=True)
class Health:
    """How a store is.

    Attributes
    ----------
    home
        Its folder.
    exists
        Whether there is such a folder.
    obstacle
        Why nothing can be written there; empty if it can.
    free, size
        Bytes free on its disk, and bytes in its folder.
    codes
        How many codes there are files of.
    holder
        Who is writing at this moment; empty if nobody is. Then it was not surveyed.
    findings
        What is not as it should be, after mending if that was asked for.
    mended
        What was put right, each with what was done.
    failure
        Why it could not be surveyed; empty if it was.
    """

    home: Path
    exists: bool
    obstacle: str
    free: int
    size: int
    codes: int
    holder: str = ""
    findings: tuple[Finding, ...] = ()
    mended: tuple[Finding, ...] = ()
    failure: str = ""

    @property
    def is_damaged(self) -> bool:
        """Whether something that had been stored is not there as it was."""
        return bool(self.failure) or any(finding.kind in DAMAGE for finding in self.findings)

    @property
    def is_useless(self) -> bool:
        """Whether nothing can be stored and nothing is."""
        return bool(self.obstacle) and not self.codes


def examine_store(store: Store, *, mend: bool) -> Health:
    """Survey a store, every stored byte; nothing is changed unless it is to be mended."""
    home = store.home
    place = _nearest(home)
    found = Health(
        home=home,
        exists=home.is_dir(),
        obstacle=_obstacle(place),
        free=shutil.disk_usage(place).free,
        size=_size(home),
        codes=len(store.stored()),
    )
    if not found.exists:
        return found
    if holder := _holder(home / ".lock"):
        return replace(found, holder=holder)
    hurried = replace(store, patience=PATIENCE)
    mended: list[Finding] = []
    try:
        if mend and not found.obstacle:
            mended = hurried.mend()
        # Where no lock can be made, it is looked at without one.
        findings = survey(home) if found.obstacle else hurried.survey()
    except PricesError as error:
        return replace(found, mended=tuple(mended), failure=str(error))
    return replace(
        found,
        codes=len(store.stored()),
        findings=tuple(findings),
        mended=tuple(finding for finding in mended if finding not in findings),
    )


def _nearest(home: Path) -> Path:
    """The folder itself, or the nearest one above it that exists."""
    return next(place for place in (home, *home.absolute().parents) if os.path.exists(place))


def _obstacle(place: Path) -> str:
    """Why nothing can be written in a folder. It is tried: permissions alone do not say."""
    try:
        with tempfile.TemporaryFile(dir=place):
            return ""
    except OSError as error:
        return f"{place}: {error.strerror or error}"


def _size(home: Path) -> int:
    total = 0
    for folder, _, names in os.walk(home):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_size
            except OSError:  # gone since it was listed
                continue
    return total


def _holder(lock: Path) -> str:
    """Who holds the lock; empty if nobody does, or if that cannot be seen."""
    from filelock import FileLock, Timeout

    if not lock.exists():
        return ""
    try:
        with FileLock(lock, timeout=PATIENCE):
            return ""
    except Timeout:
        return _process(lock)
    except OSError:
        return ""


def _process(lock: Path) -> str:
    """The process that holds a lock, where the system tells: Linux does."""
    try:
        inode = lock.stat().st_ino
        rows = (line.split() for line in Path("/proc/locks").read_text().splitlines())
        number = next(row[4] for row in rows if row[1] != "->" and row[5].endswith(f":{inode}"))
        command = Path(f"/proc/{number}/cmdline").read_bytes().replace(b"\0", b" ")
    except (OSError, StopIteration, IndexError):
        return "another process"
    return f"process {number} ({command.decode(errors='replace').strip()[:80]})"
