"""The store: bars kept on this machine, one Parquet file a code. Here, its reading side.

Layout of ``$THESIS_HOME``, or the platform's data directory::

    bars/300308.SZ.parquet    raw bars and cumulative factor, in the bars schema
    bars/000300.SH.parquet    index levels, in the same schema
    securities.csv            names, listing dates, industries
"""

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from thesis.errors import PricesError
from thesis.market.panel import PricePanel
from thesis.market.sources.files import read_bars, read_listings

ENVIRONMENT = "THESIS_HOME"


@dataclass(frozen=True)
class Store:
    """The price store in a folder.

    Attributes
    ----------
    home
        Its folder; it need not exist yet.
    """

    home: Path

    @classmethod
    def default(cls) -> "Store":
        """The store of ``$THESIS_HOME``, or of the platform's data directory."""
        if home := os.environ.get(ENVIRONMENT):
            return cls(Path(home))
        from platformdirs import user_data_path

        return cls(user_data_path("thesis", appauthor=False))

    def path(self, code: str) -> Path:
        """The file of a code, whether or not it exists."""
        return self.home / "bars" / f"{code}.parquet"

    def missing(self, codes: Iterable[str]) -> list[str]:
        """The codes the store has no file of."""
        return [code for code in dict.fromkeys(codes) if not self.path(code).is_file()]

    def is_empty(self) -> bool:
        """Whether nothing has been stored yet."""
        return next((self.home / "bars").glob("*.parquet"), None) is None

    def read(self, codes: Iterable[str] | None = None) -> PricePanel:
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
        stored = (path.stem for path in (self.home / "bars").glob("*.parquet"))
        wanted = sorted(set(stored if codes is None else codes))
        # Checked as one, so that what the door finds odd stays with the panel.
        frames = [read_bars(self.path(c), [c]) for c in wanted if self.path(c).is_file()]
        full = [frame for frame in frames if not frame.empty]
        if not full:
            some = f" of {', '.join(wanted[:5])}" if wanted else ""
            raise PricesError(f"the store in {self.home} has no bars{some}")
        return PricePanel.from_frame(
            pd.concat(full, ignore_index=True),
            origin=f"the store in {self.home}",
            listings=read_listings(self.home, wanted),
        )
