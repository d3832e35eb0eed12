"""Many strategies of one thesis side by side: a table, and their portfolios."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from thesis.errors import Caution
from thesis.reporting.documents.files import write_table
from thesis.research.thesis import Thesis
from thesis.scoring.reading import HEADLINE, Reading
from thesis.scoring.variants import Variant

#: Settings that tell strategies apart.
SETTINGS = (
    "entry", "delay", "weights", "rebalance", "exit", "capital", "cash", "costs", "lots", "limits",
    "max_wait", "dividend_tax",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Sweep:
    """What one thesis was worth under many strategies, on the same prices.

    The best of many is no evidence: what a sweep shows is how much a verdict hangs on choices that
    the report left open.

    Attributes
    ----------
    simulated
        Whether the prices never happened.
    variants
        One a strategy, in the order given; each has its own ``cautions`` too.
    cautions
        What a reader must know of the prices and benchmarks of all.
    portfolios
        The ``vectorbt.Portfolio`` of each set of trading conditions, a group a strategy, by the
        names of its strategies.
    """

    thesis: Thesis
    simulated: bool
    variants: tuple[Variant, ...]
    cautions: tuple[Caution, ...] = ()
    portfolios: Mapping[tuple[str, ...], Any] = field(default_factory=dict, repr=False)

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row a strategy: its settings, its orders, the headline of paper, executable and net.

        Shares and excesses are fractions; None where a headline is not known. ``invested`` is what
        entry orders cost over the capital, ``too_dear`` names whose slice buys no lot.
        """
        rows = [_row(variant) for variant in self.variants]
        return pd.DataFrame(rows, index=pd.Index([v.name for v in self.variants], name="strategy"))

    @property
    def agreement(self) -> float | None:
        """Share of the strategies whose net rating is the most frequent one; None without any."""
        ratings = self.table["net_rating"].dropna()
        return float(ratings.value_counts(normalize=True).iloc[0]) if len(ratings) else None

    def to_csv(self, path: str | Path) -> Path:
        """Write the table as CSV and return the file.

        Raises
        ------
        UsageError
            If the file cannot be written.
        """
        simulated = {"simulated": "SIMULATED PRICES"} if self.simulated else {}
        rows = [{"strategy": v.name, **_row(v), **simulated} for v in self.variants]
        return write_table(Path(path), rows)

    def __repr__(self) -> str:
        mark = "SIMULATED PRICES. " if self.simulated else ""
        return f"<Sweep {self.thesis.id}: {mark}{len(self.variants)} strategies>"

    def _repr_html_(self) -> str:
        banner = (
            '<p style="background:#b00020;color:#fff;padding:4px 8px"><b>SIMULATED PRICES.</b> '
            "These never happened; nothing can be concluded from them.</p>"
            if self.simulated
            else ""
        )
        return f"{banner}<h3>{html.escape(self.thesis.title)}</h3>{self.table.to_html()}"


def _row(variant: Variant) -> dict[str, Any]:
    how = variant.strategy
    told = {"weights": how.weights_name, "exit": how.exit_name}
    settings = {name: told.get(name, getattr(how, name)) for name in SETTINGS}
    return {
        **settings,
        "entry_session": variant.when.entry,
        "orders": variant.orders,
        "invested": variant.invested,
        "too_dear": ", ".join(variant.too_dear),
        **_excess("paper", variant.paper[HEADLINE]),
        **_excess("executable", variant.executable[HEADLINE]),
        **_excess("net", variant.net[HEADLINE]),
    }


def _excess(name: str, reading: Reading | None) -> dict[str, Any]:
    return {
        f"{name}_excess": reading.excess if reading else None,
        f"{name}_rating": reading.rating if reading else None,
    }
