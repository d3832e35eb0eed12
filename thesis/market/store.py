"""The store: bars kept on this machine, one Parquet file a code.

Layout of ``$THESIS_HOME``, or the platform's data directory::

    bars/300308.SZ.parquet    raw bars, factor events and where they came from
    bars/000300.SH.parquet    index levels, in the same schema
    manifest.json             what there is of each code, rebuilt from the files when it is lost
    securities.csv            names, listing dates, industries
    findings.csv              what was found odd about the bars, said with every panel of them
    damaged/                  files that were not as they were written, moved here and never read
    .lock                     held while something is written

A file is written whole or not at all, first the bars, then the manifest: whatever kills a writer,
the store reads, and `Store.survey` says what was left behind.
"""

import contextlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from thesis.errors import PricesError
from thesis.market.storage.disk import locked, said, write_whole
from thesis.market.storage.manifest import Entry, ManifestError, entries_of, read_manifest

if TYPE_CHECKING:
    import pandas as pd

    from thesis.errors import Caution
    from thesis.market.delivery import Delivery
    from thesis.market.panel import PricePanel
    from thesis.market.storage.holding import Change, Holding
    from thesis.market.storage.survey import Finding

ENVIRONMENT = "THESIS_HOME"


@dataclass(frozen=True)
class Store:
    """The price store in a folder.

    Attributes
    ----------
    home
        Its folder; it need not exist yet.
    patience
        Seconds to wait for another process that is writing.
    """

    home: Path
    patience: float = field(default=60.0, compare=False)

    @classmethod
    def default(cls) -> "Store":
        """The store of ``$THESIS_HOME``, or of the platform's data directory."""
        if home := os.environ.get(ENVIRONMENT):
            return cls(Path(home))
        from platformdirs import user_data_path

        return cls(user_data_path("thesis", appauthor=False))

    @property
    def bars(self) -> Path:
        """The folder of bars."""
        return self.home / "bars"

    @property
    def manifest(self) -> Path:
        """The manifest's file."""
        return self.home / "manifest.json"

    @property
    def damaged(self) -> Path:
        """The folder where damaged files are moved."""
        return self.home / "damaged"

    def path(self, code: str) -> Path:
        """The file of a code, whether or not it exists."""
        return self.bars / f"{code}.parquet"

    def stored(self) -> list[str]:
        """The codes there are files of, sorted."""
        return sorted(path.stem for path in self.bars.glob("*.parquet"))

    def missing(self, codes: Iterable[str]) -> list[str]:
        """The codes the store has no file of."""
        return [code for code in dict.fromkeys(codes) if not self.path(code).is_file()]

    def is_empty(self) -> bool:
        """Whether nothing has been stored yet."""
        return next(self.bars.glob("*.parquet"), None) is None

    def read(self, codes: Iterable[str] | None = None) -> "PricePanel":
        """Read and check the stored bars of these codes; a code without a file is left out.

        Parameters
        ----------
        codes
            None reads all there are.

        Raises
        ------
        PricesError
            If none of them is stored, or a file is damaged.
        """
        from thesis.market.storage.opening import open_panel

        wanted = sorted(set(self.stored() if codes is None else codes))
        return open_panel(
            self.home, {c: self.path(c) for c in wanted if self.path(c).is_file()}, wanted
        )

    def holding(self, code: str) -> "Holding | None":
        """What the store holds of a code, proved to be as it was written.

        Returns
        -------
        Holding or None
            None if there is nothing, or only a file that `thesis` did not write.

        Raises
        ------
        DamagedError
            If the file is damaged; `set_aside` moves it away.
        PricesError
            If it may not be read.
        """
        from thesis.market.storage.barfile import read_holding

        return read_holding(self.path(code)) if self.path(code).is_file() else None

    def entries(self) -> dict[str, Entry]:
        """What there is of each code, without reading bars.

        From the manifest; where it lacks a file or is behind, from the file's metadata. Files that
        are damaged there, or not of `thesis`, are left out: `survey` names them.

        Raises
        ------
        PricesError
            If the manifest may not be read, or a newer thesis wrote it.
        """
        try:
            known = read_manifest(self.manifest)
        except ManifestError:
            known = {}
        return entries_of(self.bars, known)

    def put(self, delivery: "Delivery") -> "Change":
        """Merge a delivery into what is held, as `thesis.market.storage.merge` describes.

        Bars of days that were not asked for, and of a session that had not ended when the reply
        came, are not stored. A damaged file of the code is moved aside first. The bars are held
        against what is stored by now: another process may have stored some since they were asked
        for.

        Raises
        ------
        PricesError
            If the prices are simulated, contradict those of another source (`SourceError`), are
            other bars under the name of a source that is held, or are impossible; if nothing can be
            written, or another process holds the lock for too long. What was stored stays.
        """
        from thesis.market.storage.intake import take_in

        if delivery.simulated or delivery.source == "sample":
            raise PricesError(
                f"{delivery.code}: the prices of {delivery.source} are SIMULATED and never "
                "happened; the store keeps real ones alone, and nothing was stored"
            )
        with locked(self.home / ".lock", self.patience):
            return take_in(self.home, self.path(delivery.code), delivery)

    def set_aside(self, code: str) -> Path | None:
        """Move a damaged file away, so that its bars can be asked for again.

        Returns
        -------
        pathlib.Path or None
            Where it is now; None if there is none, or it is not damaged after all.

        Raises
        ------
        PricesError
            If it cannot be moved.
        """
        from thesis.market.storage.intake import set_aside

        with locked(self.home / ".lock", self.patience):
            return set_aside(self.home, self.path(code))

    def table(self, name: str) -> "pd.DataFrame | None":
        """A small table of the store, such as ``securities.csv``, all text; None without one."""
        from thesis.market.storage.table import read_table

        return read_table(self.home / name)

    def put_table(
        self, name: str, frame: "pd.DataFrame", keys: Sequence[str], *, whole: str | None = None
    ) -> None:
        """Merge rows into a small table of the store.

        Parameters
        ----------
        name
            Its file name, such as ``securities.csv``.
        frame
            New rows. A row of the same key is replaced, but for columns that `frame` lacks.
        keys
            Columns that tell rows apart; the table is kept in their order.
        whole
            A column: for each of its values in `frame`, all old rows of that value go first, as
            where the rows of a code are the whole history of it.

        Raises
        ------
        PricesError
            If one of these columns is missing, or the table cannot be read or written.
        """
        from thesis.market.storage.table import encode_table, merged_table, read_table

        path = self.home / name
        with locked(self.home / ".lock", self.patience):
            merged = merged_table(read_table(path), frame, keys, path, whole)
            with said(path):
                write_whole(path, encode_table(merged))

    def findings(self, codes: Iterable[str]) -> "tuple[Caution, ...]":
        """What was found odd about the bars of some codes and kept with them, in order of code."""
        from thesis.market.storage.findings import read_findings

        return read_findings(self.home, set(codes))

    def put_findings(self, code: str, findings: "Sequence[Caution]") -> None:
        """Keep what was found odd about a code's bars, in place of all that was kept before.

        Every panel of the code then carries it among its cautions; an empty list removes it.

        Raises
        ------
        PricesError
            If the table cannot be read or written.
        """
        from thesis.market.storage.findings import FINDINGS_FILE, read_findings, with_findings
        from thesis.market.storage.table import encode_table, read_table

        path = self.home / FINDINGS_FILE
        if not findings and not path.is_file():
            return
        with locked(self.home / ".lock", self.patience):
            if read_findings(self.home, {code}) == tuple(findings):
                return
            table = with_findings(read_table(path), code, findings)
            with said(path):
                write_whole(path, encode_table(table))

    def survey(self) -> "list[Finding]":
        """What is not as it should be, as sentences; every stored byte is checked.

        Raises
        ------
        PricesError
            If the lock is held for too long.
        """
        from thesis.market.storage.survey import survey

        if not self.home.is_dir():
            return []
        # A writer at work would look like one that was killed.
        lock = (
            locked(self.home / ".lock", self.patience)
            if os.access(self.home, os.W_OK)
            else contextlib.nullcontext()
        )
        with lock:
            return survey(self.home)

    def mend(self) -> "list[Finding]":
        """Put right what `survey` finds: nothing that holds bars is deleted.

        Returns
        -------
        list of Finding
            What was found, and what was done about it.
        """
        from thesis.market.storage.survey import mend

        if not self.home.is_dir():
            return []
        with locked(self.home / ".lock", self.patience):
            return mend(self.home)
