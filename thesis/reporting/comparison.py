"""Many theses, a row each."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from thesis.reporting.backtest import Backtest
from thesis.reporting.documents.files import page_file, write_table, write_text
from thesis.reporting.documents.result import Json
from thesis.reporting.words.language import Language, language
from thesis.scoring.leg import Leg

SCHEMA = "thesis.compare/1"


@dataclass(frozen=True)
class Failure:
    """A thesis that could not be backtested, and why."""

    name: str
    message: str
    exit_code: int


@dataclass(frozen=True, eq=False)
class Comparison:
    """Results of several theses on the same prices and rules.

    Attributes
    ----------
    results
        In the order asked for.
    failures
        Theses without a result; none is left out in silence.
    prices
        Where their prices were asked for: what `thesis.compare` was given.
    """

    results: tuple[Backtest, ...]
    failures: tuple[Failure, ...] = ()
    prices: Any = field(default=None, repr=False)

    @property
    def simulated(self) -> bool:
        """Whether any of the prices never happened."""
        return any(result.simulated for result in self.results)

    @property
    def rows(self) -> list[Json]:
        """A row a thesis; fractions, None where unknown."""
        rows = [_row(result) for result in self.results]
        empty = dict.fromkeys(rows[0] if rows else ())
        return rows + [
            {**empty, "thesis": failure.name, "result": "failed", "reason": failure.message}
            for failure in self.failures
        ]

    @property
    def frame(self) -> pd.DataFrame:
        """`rows` as a DataFrame, indexed by thesis."""
        return pd.DataFrame(self.rows).set_index("thesis")

    def to_dict(self) -> Json:
        """The JSON form, schema ``thesis.compare/1``: whole results, and what failed."""
        return {
            "schema": SCHEMA,
            "results": [result.to_dict() for result in self.results],
            "failures": [vars(failure) for failure in self.failures],
        }

    def to_csv(self, folder: str | Path) -> list[Path]:
        """Write ``comparison.csv`` and the tables of each result, and return the files.

        Raises
        ------
        UsageError
            If the folder cannot be written.
        """
        mark = {"simulated": "SIMULATED PRICES"} if self.simulated else {}
        files = [write_table(Path(folder) / "comparison.csv", [r | mark for r in self.rows])]
        return files + [path for result in self.results for path in result.to_csv(folder)]

    def to_html(
        self,
        path: str | Path | None = None,
        *,
        lang: str | Language = "en",
        pages: Mapping[str, str] | None = None,
    ) -> str:
        """The page of all these theses, one self-contained file; written where a path is given.

        Parameters
        ----------
        lang
            ``en`` or ``zh``.
        pages
            The relative address of each thesis's own page, by its id.

        Raises
        ------
        UsageError
            If `path` is no page's, or cannot be written, or `lang` is neither.
        """
        from thesis.reporting.pages.scoreboard import scoreboard_page

        file = None if path is None else page_file(Path(path))
        text = scoreboard_page(self, language(lang), pages or {})
        if file is not None:
            write_text(file, text)
        return text

    def to_json(self, path: str | Path | None = None) -> str:
        """The JSON form as text; written to a file where one is given.

        Raises
        ------
        UsageError
            If the file cannot be written.
        """
        text = json.dumps(self.to_dict(), ensure_ascii=False, indent=1)
        if path is not None:
            write_text(Path(path), text + "\n")
        return text

    def _repr_html_(self) -> str:
        from thesis.reporting.pages.views import comparison_view

        return comparison_view(self)


def _row(result: Backtest) -> Json:
    verdict = result.verdict
    return {
        "thesis": result.thesis.id,
        "claimed": verdict.claimed,
        "result": verdict.primary.result if verdict.primary else None,
        **_part("paper", result.paper),
        **_part("sector", result.sector),
        **_part("net", result.net),
        "agreement": verdict.primary.agreement if verdict.primary else None,
        "names": len(result.thesis.codes),
        "basis": "/".join(dict.fromkeys(name.basis for name in result.score.names)),
        "without_one_low": min((each.excess for each in result.score.without), default=None),
        "without_one_high": max((each.excess for each in result.score.without), default=None),
        "simulated": result.simulated,
        "reason": verdict.primary.reason if verdict.primary else None,
    }


def _part(name: str, leg: Leg | None) -> Json:
    headline = leg.headline if leg is not None else None
    return {
        f"{name}_excess": headline.excess if headline else None,
        f"{name}_rating": headline.rating if headline else None,
    }
