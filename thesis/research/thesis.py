"""The thesis: who said what, when, about which names, in whose words.

A `Thesis` is frozen. It is read from TOML by `thesis.research.thesis_file`, which turns what is
wrong with a file into sentences; the rules themselves stand here.
"""

import datetime as dt
import hashlib
import html
from collections import Counter
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Field, model_validator

from thesis.research.fields import Id, IndexCode, Noun, StockCode, toml_date
from thesis.research.rating import Band, RatingScale, shipped_scales
from thesis.research.security import Security, parse_security
from thesis.research.source import Source

Basis = Literal["named", "mentioned", "inferred", "hand_picked"]

# From the firmest ground to the weakest; a name on several is shown on its weakest.
_GROUNDS: tuple[Basis, ...] = ("named", "mentioned", "inferred", "hand_picked")


#: Texts that say again, in the other language, what stands beside them: no part of the claim.
_TRANSLATIONS: dict[str, Any] = {
    "source": {"published_basis_zh"},
    "claim": {"sector_basis_zh", "thesis_zh", "risks_en"},
    "scales": {"__all__": {"benchmark_note_zh"}},
}
_TRANSLATED_PICK = {"rule_zh", "reason_zh"}


class Claim(Noun):
    """What was claimed: a rating on a scale, about an industry index.

    Attributes
    ----------
    risks
        The report's own headings.
    sector_basis_zh, thesis_zh, risks_en
        The same in the other language, for pages in it; `risks_en` one for one, or none.
    """

    rating: str
    scale: str
    sector_index: IndexCode | None = None
    sector_basis: str = ""
    sector_basis_zh: str = ""
    report_sectors: tuple[IndexCode, ...] = ()
    rating_printed: str = ""
    thesis: str = ""
    thesis_zh: str = ""
    risks: tuple[str, ...] = ()
    risks_en: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _translated(self) -> Self:
        if self.risks_en and len(self.risks_en) != len(self.risks):
            raise ValueError(
                f"risks_en has {len(self.risks_en)} entries and risks {len(self.risks)}: "
                "translate each risk, in order, or leave risks_en out"
            )
        return self


class Pick(Noun):
    """A name of the watchlist, and on what ground it stands there.

    Attributes
    ----------
    rule_zh, reason_zh
        The rule and the reason in Chinese, for pages in it.
    """

    code: StockCode
    name: str = ""
    basis: Basis
    quote: str = ""
    rule: str = ""
    rule_zh: str = ""
    reason: str = ""
    reason_zh: str = ""

    @model_validator(mode="after")
    def _ground(self) -> Self:
        if self.basis == "inferred" and not self.rule:
            raise ValueError(
                f"{self.code}: an inferred pick states the point-in-time `rule` that picks it"
            )
        if self.basis == "hand_picked" and not self.reason:
            raise ValueError(f"{self.code}: a hand_picked name states the `reason` for it")
        return self


class Unlisted(Noun):
    """A company the report names that could not be bought as an A-share then."""

    name: str
    reason: Literal["private", "unit_of_listed_parent", "listed_later"]
    code: StockCode | None = None
    listed: Annotated[dt.date | None, BeforeValidator(toml_date)] = None

    @model_validator(mode="after")
    def _dated(self) -> Self:
        if self.reason == "listed_later" and self.listed is None:
            raise ValueError(f"{self.name}: listed_later needs the date, as listed = 2025-12-05")
        return self


class Segment(Noun):
    """A group of names within a thesis.

    Attributes
    ----------
    benchmark_index
        The index of the group's own industry, against which its names are told from its choice.
    """

    id: Id
    name: str = ""
    name_zh: str = ""
    status: Literal["no_names"] | None = None
    quote: str = ""
    benchmark_index: IndexCode | None = None
    pick: tuple[Pick, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()

    @model_validator(mode="after")
    def _filled(self) -> Self:
        for code, count in Counter(pick.code for pick in self.pick).items():
            if count > 1:
                raise ValueError(
                    f"{code} stands {count} times in segment {self.id!r}; once is enough"
                )
        if self.pick and self.status == "no_names":
            raise ValueError(
                f"segment {self.id!r} has picks, so its status cannot be no_names; "
                "remove one or the other"
            )
        if not (self.pick or self.unlisted or self.status):
            raise ValueError(
                f'segment {self.id!r} is empty; add a [[segment.pick]], or status = "no_names" '
                "if the report describes a group that nobody can fill"
            )
        return self


class Thesis(Noun):
    """A publisher's call, or a user's own idea, as data.

    Attributes
    ----------
    kind
        ``call`` (what a publisher said about names), ``sector_call`` (a call without names),
        ``screen`` (a user's own idea).
    scales
        Rating scales that the file itself defines; they go before the shipped ones.

    Examples
    --------
    >>> import thesis
    >>> media = thesis.load("media_ai")
    >>> media.source.published, media.band.name, len(media.codes)
    (datetime.date(2024, 10, 13), 'Buy', 7)
    """

    id: Id
    title: str
    title_zh: str = ""
    kind: Literal["call", "sector_call", "screen"] = "call"
    source: Source
    claim: Claim
    segment: tuple[Segment, ...] = ()
    scales: dict[str, RatingScale] = Field(default_factory=dict, alias="scale")

    @model_validator(mode="after")
    def _whole(self) -> Self:
        known = {**shipped_scales(), **self.scales}
        if self.claim.scale not in known:
            raise ValueError(
                f"claim.scale = {self.claim.scale!r} is no rating scale; known are "
                f"{', '.join(known)}; or define it in this file as [scale.{self.claim.scale}]"
            )
        if self.scale.find(self.claim.rating) is None:
            raise ValueError(
                f"claim.rating = {self.claim.rating!r} is not on the scale {self.claim.scale}; "
                f"it has {', '.join(band.id for band in self.scale.bands)}"
            )
        for name, count in Counter(segment.id for segment in self.segment).items():
            if count > 1:
                raise ValueError(f"segment id {name!r} is used {count} times; ids must differ")
        if self.kind == "sector_call":
            if self.codes:
                raise ValueError(
                    f'kind = "sector_call" is a call without names, but {self.codes[0]} is '
                    'picked; write kind = "call"'
                )
            if self.claim.sector_index is None:
                raise ValueError("a sector_call needs claim.sector_index, as 801750.SI")
        elif not self.codes:
            raise ValueError(
                f"the watchlist is empty: a {self.kind} needs at least one [[segment.pick]]; only "
                'a kind = "sector_call" may have none'
            )
        names: dict[str, str] = {}
        for pick in self.picks:
            if pick.name and names.setdefault(pick.code, pick.name) != pick.name:
                raise ValueError(
                    f"{pick.code} is called {names[pick.code]} in one segment and {pick.name} in "
                    "another; write one name"
                )
        return self

    @property
    def scale(self) -> RatingScale:
        """The rating scale of the claim."""
        own = self.scales.get(self.claim.scale)
        return own if own is not None else shipped_scales()[self.claim.scale]

    @property
    def band(self) -> Band:
        """The claimed rating."""
        band = self.scale.find(self.claim.rating)
        if band is None:
            raise AssertionError("validated on construction")
        return band

    @property
    def picks(self) -> tuple[Pick, ...]:
        """Every pick, in file order; a code in two segments stands twice."""
        return tuple(pick for segment in self.segment for pick in segment.pick)

    @property
    def codes(self) -> tuple[str, ...]:
        """The unique codes, in file order."""
        return tuple(dict.fromkeys(pick.code for pick in self.picks))

    @property
    def securities(self) -> tuple[Security, ...]:
        """The unique securities, in file order."""
        return tuple(parse_security(code) for code in self.codes)

    def ground(self, code: str) -> Basis:
        """The basis of a name; the weakest where segments differ."""
        found = [pick.basis for pick in self.picks if pick.code == code]
        return max(found, key=_GROUNDS.index)

    @property
    def published_day(self) -> dt.date:
        """The calendar day of publication in Shanghai."""
        when = self.source.published
        if isinstance(when, dt.datetime):
            return when.astimezone(dt.timezone(dt.timedelta(hours=8))).date()
        return when

    @property
    def published_is_inferred(self) -> bool:
        """Whether the date of publication was worked out rather than printed."""
        return self.source.published_basis.startswith("inferred")

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the thesis and its scale, whatever its file's layout or comments."""
        # Figures that a report prints beside its call are no part of what was claimed: writing one
        # down to check it leaves the thesis what it was. Nor does translating it make it another.
        left_out = _TRANSLATIONS | {"source": {"printed", *_TRANSLATIONS["source"]}}
        segment: dict[str, Any] = {"pick": {"__all__": _TRANSLATED_PICK}}
        # A key that came later is left out where it is not used: a fingerprint once printed holds.
        if not any(each.benchmark_index for each in self.segment):
            segment["benchmark_index"] = True
        left_out["segment"] = {"__all__": segment}
        canonical = self.model_dump_json(
            by_alias=True, exclude=left_out
        ) + self.scale.model_dump_json(by_alias=True, exclude={"benchmark_note_zh"})
        return hashlib.sha256(canonical.encode()).hexdigest()

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><td>{_e(segment.name_zh or segment.name or segment.id)}</td><td>{pick.code}</td>"
            f"<td>{_e(pick.name)}</td><td>{pick.basis}</td></tr>"
            for segment in self.segment
            for pick in segment.pick
        )
        return (
            f"<h3>{_e(self.title)}</h3><p>{_e(self.source.publisher)}, "
            f"{_e(str(self.source.published))}: claimed <b>{_e(self.band.name)}</b> "
            f"({_e(self.claim.scale)})</p><p>{_e(self.claim.thesis)}</p>"
            "<table><thead><tr><th>segment</th><th>code</th><th>name</th><th>basis</th></tr>"
            f"</thead><tbody>{rows}</tbody></table>"
        )


def _e(text: str) -> str:
    return html.escape(text)
