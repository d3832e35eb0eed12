"""Sources on this machine, behind the protocol of all sources: the user's files, the sample."""

import datetime as dt
import os
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import get_args

import pandas as pd

from thesis.errors import PricesError, UsageError
from thesis.market.delivery import RAW, FactorEvent
from thesis.market.importing import events_of
from thesis.market.listing import is_index
from thesis.market.panel import PricePanel
from thesis.market.sources.copies import is_sample
from thesis.market.sources.failure import SourceError
from thesis.market.sources.files import read_tables
from thesis.market.sources.sample import INDICES, ORIGIN, read_sample
from thesis.market.sources.source import Capabilities, Politeness
from thesis.research.security import Board

#: Where the source ``files`` reads from.
ENVIRONMENT = "THESIS_FILES"

_STOCKS: frozenset[Board] = frozenset(board for board in get_args(Board) if board != "index")
_HERE = Politeness(host="this machine", spacing=0.0, attempts=1)


@dataclass(frozen=True)
class Files:
    """Bars of a Parquet or CSV file or a market folder, ours or another vendor's."""

    path: Path

    @property
    def name(self) -> str:
        """``files``."""
        return "files"

    @property
    def simulated(self) -> bool:
        """False: copies of the sample are refused."""
        return False

    @property
    def capabilities(self) -> Capabilities:
        """Any code may stand in a file."""
        return Capabilities(_STOCKS, ("*",), factors=True, live=False, note=f"reads {self.path}")

    @property
    def politeness(self) -> Politeness:
        """No host is asked."""
        return _HERE

    def bars(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Raw bars of a stock between two days."""
        return _bars(self, self._read(code), code, start, end, index=False)

    def index(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Levels of an index between two days."""
        return _bars(self, self._read(code), code, start, end, index=True)

    def factors(self, code: str) -> tuple[FactorEvent, ...]:
        """Every factor event of a stock in the file."""
        return _events(self, self._read(code), code)

    def _read(self, code: str) -> PricePanel:
        try:
            panel = _read_stamped(self.path, code, _stamp(self.path))
        except PricesError as error:
            raise SourceError("bad_bars", self.name, code, detail=str(error)) from None
        if panel is None:
            raise SourceError("unknown_code", self.name, code, detail=str(self.path))
        if is_sample(panel):
            raise SourceError(
                "bad_bars", self.name, code, detail=f"{self.path} is a copy of {ORIGIN}"
            )
        return panel


@dataclass(frozen=True)
class Sample:
    """The bundled sample. Its prices are SIMULATED and must not be stored."""

    @property
    def name(self) -> str:
        """``sample``."""
        return "sample"

    @property
    def simulated(self) -> bool:
        """True, by which whoever stores prices can tell."""
        return True

    @property
    def capabilities(self) -> Capabilities:
        """Some hundred stocks and the indices they are measured against."""
        return Capabilities(
            _STOCKS - {"bse"}, INDICES, factors=True, live=False, note="simulated prices"
        )

    @property
    def politeness(self) -> Politeness:
        """No host is asked."""
        return _HERE

    def bars(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Simulated bars of a stock between two days."""
        return _bars(self, read_sample([code]), code, start, end, index=False)

    def index(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Simulated levels of an index between two days."""
        return _bars(self, read_sample([code]), code, start, end, index=True)

    def factors(self, code: str) -> tuple[FactorEvent, ...]:
        """Every factor event of a simulated stock."""
        return _events(self, read_sample([code]), code)


def files() -> Sequence[Files]:
    """The source ``files``, of the file or folder in ``$THESIS_FILES``.

    Raises
    ------
    UsageError
        If the variable is not set.
    """
    where = os.environ.get(ENVIRONMENT)
    if not where:
        raise UsageError(
            f"--source files: ${ENVIRONMENT} is not set; set it to a Parquet or CSV file of bars, "
            "or a folder of them"
        )
    return (Files(Path(where)),)


def sample() -> Sequence[Sample]:
    """The source ``sample``."""
    return (Sample(),)


def _bars(
    source: Files | Sample,
    panel: PricePanel,
    code: str,
    start: dt.date,
    end: dt.date,
    *,
    index: bool,
) -> pd.DataFrame:
    if is_index(code) != index:
        detail = "it is no index" if index else "it is an index, which has levels and no bars"
        raise SourceError("not_served", source.name, code, detail=detail)
    frame = _of(source, panel, code)
    inside = frame["date"].between(pd.Timestamp(start), pd.Timestamp(end))
    if not inside.any():
        raise SourceError("empty_reply", source.name, code, detail=f"between {start} and {end}")
    return frame.loc[inside, list(RAW)].reset_index(drop=True)


def _events(source: Files | Sample, panel: PricePanel, code: str) -> tuple[FactorEvent, ...]:
    if is_index(code):
        raise SourceError("not_served", source.name, code, detail="an index has no factor")
    return events_of(_of(source, panel, code))


def _of(source: Files | Sample, panel: PricePanel, code: str) -> pd.DataFrame:
    if code not in panel:
        raise SourceError("unknown_code", source.name, code)
    return panel.select([code]).to_frame()


def _stamp(path: Path) -> tuple[tuple[str, int, int], ...]:
    """What changes when a file does."""
    paths = sorted(path.iterdir()) if path.is_dir() else [path]
    stats = [(p.name, p.stat()) for p in paths if p.exists()]
    return tuple((name, stat.st_mtime_ns, stat.st_size) for name, stat in stats)


@lru_cache(maxsize=16)  # bars and factors of a code are asked for one after the other
def _read_stamped(path: Path, code: str, stamp: object) -> PricePanel | None:
    full = [table.bars for table in read_tables(path, [code]) if not table.bars.empty]
    return PricePanel.from_frame(full[0], origin=str(path)) if full else None
