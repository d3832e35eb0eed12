"""The result: one object, with its tables, its JSON form and its faces."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from thesis.reporting.documents.evidence_rows import evidence_tables
from thesis.reporting.documents.files import page_file, write_table, write_text
from thesis.reporting.documents.result import Json, document
from thesis.reporting.words.verdict import verdict_sentence
from thesis.research.thesis import Thesis
from thesis.scoring.evidence import Evidence
from thesis.scoring.leg import Leg
from thesis.scoring.reading import Verdict
from thesis.scoring.score import Score

if TYPE_CHECKING:
    from thesis.reporting.words.language import Language


@dataclass(frozen=True)
class Verdicts:
    """The verdict on paper, sector and net, side by side.

    Attributes
    ----------
    primary
        The one that counts: paper, or the sector where no names were called.
    """

    claimed: str
    primary: Verdict | None
    paper: Verdict | None
    sector: Verdict | None
    net: Verdict | None


@dataclass(frozen=True, eq=False)
class Backtest:
    """What a thesis was worth, on given prices.

    Attributes
    ----------
    score
        Every number, as arrays and nouns.
    portfolio
        The ``vectorbt.Portfolio`` of the executed orders, in total-return units on adjusted prices;
        None for a thesis without names. Its ``value()`` is before the fees of selling, so it is
        not the net result.
    command
        What made this result.
    evidence
        What the verdict rests on, where it was asked for: see `thesis.evidence`.

    Examples
    --------
    >>> import thesis
    >>> result = thesis.backtest("media_ai", prices="sample")
    >>> result.verdict.primary.result
    'simulated'
    >>> abs(sum(result.names["contribution_mean"]) - result.paper.headline.ret) < 1e-12
    True
    """

    score: Score
    portfolio: Any = field(default=None, repr=False)
    command: str = ""
    evidence: Evidence | None = field(default=None, repr=False)

    @property
    def thesis(self) -> Thesis:
        """The thesis."""
        return self.score.case.thesis

    @property
    def simulated(self) -> bool:
        """Whether the prices never happened."""
        return self.score.case.panel.simulated

    @property
    def paper(self) -> Leg | None:
        """The paper basket; None where no names were called."""
        return self.score.paper

    @property
    def sector(self) -> Leg | None:
        """The sector index; None where the thesis gives none."""
        return self.score.sector

    @property
    def net(self) -> Leg | None:
        """The basket as traded, after fees."""
        return self.score.net

    @property
    def legs(self) -> dict[str, Leg]:
        """The legs there are: of ``paper``, ``sector`` and ``net``, in that order."""
        named = {"paper": self.paper, "sector": self.sector, "net": self.net}
        return {name: leg for name, leg in named.items() if leg is not None}

    @property
    def verdict(self) -> Verdicts:
        """The verdicts, side by side."""
        primary, paper, sector, net = (
            leg.verdict if leg is not None else None
            for leg in (self.score.primary, self.paper, self.sector, self.net)
        )
        return Verdicts(self.thesis.band.id, primary, paper, sector, net)

    @cached_property
    def _document(self) -> Json:
        return document(self.score, self.command, self.evidence)

    @property
    def names(self) -> pd.DataFrame:
        """A row a name: status, weight, and by reading its return and contributions."""
        return pd.DataFrame([_flat(row) for row in self._document["names"]])

    @property
    def segments(self) -> pd.DataFrame:
        """A row a segment: status, and by reading its excess, rating and contribution."""
        return pd.DataFrame([_flat_segment(row) for row in self._document["segments"]])

    @property
    def readings(self) -> pd.DataFrame:
        """A row a leg and reading: return, benchmark, excess, rating, near_edge."""
        return pd.DataFrame(_readings_rows(self._document))

    @property
    def path(self) -> pd.DataFrame:
        """Holding-period returns since the entry, by session."""
        frame = pd.DataFrame(self._document["path"])
        if frame.empty:
            return frame
        frame["session"] = pd.to_datetime(frame["session"])
        return frame.set_index("session").astype(float)

    @property
    def trades(self) -> pd.DataFrame:
        """The executed orders, in raw shares and CNY."""
        return pd.DataFrame(self._document["trades"])

    @property
    def waits(self) -> pd.DataFrame:
        """Sessions on which an order could not be filled, and why."""
        return pd.DataFrame(self._document["waits"])

    def to_dict(self) -> Json:
        """The JSON form, schema ``thesis.backtest/1``: unknown is None, full precision."""
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
        """Write the tables as ``NAME.TABLE.csv`` and return the files.

        Raises
        ------
        UsageError
            If the folder cannot be written.
        """
        found = self._document
        tables: dict[str, list[Json]] = {
            "readings": _readings_rows(found),
            "names": [_flat(row) for row in found["names"]],
            "segments": [_flat_segment(row) for row in found["segments"]],
            "path": found["path"],
            "trades": found["trades"],
            "waits": found["waits"],
            "warnings": found["warnings"],
            **evidence_tables(found["evidence"]),
        }
        simulated = {"simulated": "SIMULATED PRICES"} if self.simulated else {}
        return [
            write_table(
                Path(folder) / f"{self.thesis.id}.{name}.csv", [r | simulated for r in rows]
            )
            for name, rows in tables.items()
            if rows
        ]

    def to_html(
        self,
        path: str | Path | None = None,
        *,
        lang: "str | Language" = "en",
        home: str | None = None,
    ) -> str:
        """The page of this result, one self-contained file; written where a path is given.

        Parameters
        ----------
        lang
            ``en`` or ``zh``.
        home
            A page to go back to, as a relative address.

        Raises
        ------
        UsageError
            If `path` is no page's, or cannot be written, or `lang` is neither.
        """
        from thesis.reporting.pages.result import result_page
        from thesis.reporting.words.language import language

        file = None if path is None else page_file(Path(path))
        text = result_page(self, language(lang), home)
        if file is not None:
            write_text(file, text)
        return text

    def __repr__(self) -> str:
        mark = "SIMULATED PRICES. " if self.simulated else ""
        return f"<Backtest {self.thesis.id}: {mark}{verdict_sentence(self.score)}>"

    def _repr_html_(self) -> str:
        from thesis.reporting.pages.views import result_view

        return result_view(self)


def _flat(row: Mapping[str, Any]) -> Json:
    flat: Json = {}
    for key, value in row.items():
        if isinstance(value, dict):
            flat |= {f"{key}_{reading}": item for reading, item in value.items()}
        else:
            flat[key] = " ".join(value) if isinstance(value, list) else value
    return flat


def _flat_segment(row: Mapping[str, Any]) -> Json:
    shown = {key: value for key, value in row.items() if key not in ("paper", "leave_one_out")}
    values = [each["excess"] for each in row["leave_one_out"]]
    flat = _flat(shown) | {
        "without_one_low": min(values, default=None),
        "without_one_high": max(values, default=None),
    }
    paper = row["paper"] or dict.fromkeys(row["contribution"])
    for reading, value in paper.items():
        flat[f"excess_{reading}"] = value["excess"] if value else None
        flat[f"rating_{reading}"] = value["rating"] if value else None
    return flat


def _readings_rows(found: Json) -> list[Json]:
    empty = dict.fromkeys(("return", "benchmark", "excess", "rating", "near_edge"))
    return [
        {"leg": leg, "reading": key, **(value or empty)}
        for leg in ("paper", "sector", "net")
        for key, value in (found[leg] or {}).items()
    ]
