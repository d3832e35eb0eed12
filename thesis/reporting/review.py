"""A market review as one object: tables, JSON, CSV and a card for notebooks."""

import datetime as dt
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import pandas as pd

from thesis.errors import Caution
from thesis.market.industry import INDUSTRIES
from thesis.market.panel import PricePanel
from thesis.reporting.documents.files import page_file, write_table, write_text
from thesis.reporting.documents.result import Json
from thesis.reporting.documents.review import review_document
from thesis.reporting.words.language import Language, language
from thesis.reporting.words.review import summary_words
from thesis.scoring.index_returns import IndexReturns
from thesis.scoring.movers import Movers
from thesis.scoring.printed import PrintedCheck


@dataclass(frozen=True)
class Span:
    """The days asked for, and the sessions whose closes they mean.

    Attributes
    ----------
    first, last, base
        Each the last session on or before the day asked for.
    """

    asked_first: dt.date
    asked_last: dt.date
    asked_base: dt.date
    first: dt.date
    last: dt.date
    base: dt.date


@dataclass(frozen=True, eq=False)
class Review:
    """What industries returned between two closes, as `thesis.review` gives it.

    Attributes
    ----------
    indices
        The 31 Shenwan level 1 indices and the CSI 300, their ranks and their paths.
    panel
        The levels they are made of, none after the last session.
    movers
        An industry each, in the order asked for.
    count
        How many movers of either kind are shown.
    printed
        What reports print of these very days, as thesis files hold it.
    chapters
        Indices of the chapters of the reports behind the theses: the figures set them off.
    cautions
        What a reader must know of the prices and files.

    Examples
    --------
    >>> import thesis
    >>> found = thesis.review("2024-09-11", "2024-10-11", prices="sample")
    >>> found.simulated, found.frame.shape, found.to_dict()["schema"]
    (True, (32, 9), 'thesis.review/1')
    """

    span: Span
    indices: IndexReturns
    panel: PricePanel
    movers: tuple[Movers, ...] = ()
    count: int = 5
    printed: tuple[PrintedCheck, ...] = ()
    chapters: tuple[str, ...] = ()
    as_of: dt.date = dt.date.max
    cautions: tuple[Caution, ...] = ()
    command: str = field(default="", repr=False)

    @property
    def simulated(self) -> bool:
        """Whether the prices never happened."""
        return self.panel.simulated

    @cached_property
    def _document(self) -> Json:
        return review_document(self)

    @property
    def frame(self) -> pd.DataFrame:
        """A row an index, by code: the industries by rank, then the CSI 300.

        Returns are fractions, `excess` a difference of them; None where unknown, with `reason`.
        """
        return pd.DataFrame(self._index_rows()).set_index("code")

    @property
    def path(self) -> pd.DataFrame:
        """Return since the base of each index, fractions, a row a session and a column a code."""
        frame = pd.DataFrame(dict(self.indices.paths), index=pd.Index(self.indices.axis))
        return frame.rename_axis("session")

    @property
    def movers_frame(self) -> pd.DataFrame:
        """Every stock of the industries asked for with a return: those that rose most first."""
        columns = ["industry", "code", "name", "return", "bought", "sold"]
        return pd.DataFrame(self._mover_rows(), columns=columns)

    def to_dict(self) -> Json:
        """The JSON form, schema ``thesis.review/1``: unknown is None, full precision."""
        copied: Json = json.loads(json.dumps(self._document))
        return copied

    def to_json(self, path: str | Path | None = None) -> str:
        """The JSON form as text; written to a file where one is given.

        Raises
        ------
        UsageError
            If the file cannot be written.
        """
        text = json.dumps(self._document, ensure_ascii=False, indent=1)
        if path is not None:
            write_text(Path(path), text + "\n")
        return text

    def to_csv(self, folder: str | Path) -> list[Path]:
        """Write the tables as ``review.TABLE.csv`` and return the files.

        Raises
        ------
        UsageError
            If the folder cannot be written.
        """
        path = self._document["path"]
        tables = {
            "indices": self._index_rows(),
            "path": [
                {"session": session, **{code: x[at] for code, x in path["returns"].items()}}
                for at, session in enumerate(path["session"])
            ],
            "movers": self._mover_rows(),
            "printed": [
                {key: " ".join(value) if key == "theses" else value for key, value in row.items()}
                for row in self._document["printed"]
            ],
            "warnings": self._document["warnings"],
        }
        mark = {"simulated": "SIMULATED PRICES"} if self.simulated else {}
        return [
            write_table(Path(folder) / f"review.{name}.csv", [row | mark for row in rows])
            for name, rows in tables.items()
            if rows
        ]

    def to_html(self, path: str | Path | None = None, *, lang: str | Language = "en") -> str:
        """The page of this review, one self-contained file; written where a path is given.

        Parameters
        ----------
        lang
            ``en`` or ``zh``.

        Raises
        ------
        UsageError
            If `path` is no page's, or cannot be written, or `lang` is neither.
        """
        from thesis.reporting.pages.review import review_page

        file = None if path is None else page_file(Path(path))
        text = review_page(self, language(lang))
        if file is not None:
            write_text(file, text)
        return text

    def __repr__(self) -> str:
        mark = "SIMULATED PRICES. " if self.simulated else ""
        return f"<Review {self.span.first} to {self.span.last}: {mark}{summary_words(self)}>"

    def _repr_html_(self) -> str:
        from thesis.reporting.pages.review import review_view

        return review_view(self)

    def _index_rows(self) -> list[Json]:
        names = {industry.code: (industry.name, industry.name_zh) for industry in INDUSTRIES}
        told = self._document
        return [
            {
                "code": row["code"],
                **dict(
                    zip(
                        ("name", "name_zh"),
                        names.get(row["code"], ("CSI 300", "沪深300")),
                        strict=True,
                    )
                ),
                **{key: row[key] for key in ("return", "excess", "rank", "since_base", "reason")},
                "from": self.span.first,
                "to": self.span.last,
            }
            for row in [*told["indices"], {**told["benchmark"], "excess": None, "rank": None}]
        ]

    def _mover_rows(self) -> list[Json]:
        return [
            {
                "industry": found.industry,
                "code": each.code,
                "name": each.name,
                "return": each.ret,
                "bought": each.bought,
                "sold": each.sold,
            }
            for found in self.movers
            for each in found.stocks
        ]
