"""Ratings as data: a scale of bands, its benchmark and its horizon, as the publisher prints it."""

import math
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from thesis.research.security import parse_security

#: Excess returns are rounded to this many decimals before an edge is tested, so that
#: 1.15 - 1 (0.1499999999999999 in binary) stands on the edge it was meant for.
EDGE_DECIMALS = 10

#: Within this distance of an edge (half a point) a rating is called ``near_edge``.
NEAR_EDGE = 0.005


class Band(BaseModel):
    """One rating and the excess return it stands for.

    ``from`` in TOML (`lower` here) is the lower edge as a fraction; None in the worst band.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    id: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    name: str
    name_zh: str = ""
    short: str = ""
    lower: Annotated[float | None, Field(alias="from", allow_inf_nan=False)] = None


class RatingScale(BaseModel):
    """What a publisher's rating words mean.

    Attributes
    ----------
    bands
        From best to worst.
    benchmark
        Price index the publisher measures against, such as ``000300.SH``.
    benchmark_note, benchmark_note_zh
        What is to be known of that choice, in English and in Chinese.
    months
        First and last calendar month of the horizon: ``(3, 6)`` for "over the next 3-6 months",
        ``(6, 6)`` for "within 6 months".
    source
        Where the publisher prints it.

    Examples
    --------
    >>> scale = shipped_scales()["sinolink_industry"]
    >>> scale.earned(0.15), scale.earned(0.05), scale.earned(-0.05), scale.earned(1.15 - 1)
    ('buy', 'overweight', 'underweight', 'buy')
    >>> scale.verdict(claimed="overweight", earned="buy")
    'exceeded'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    publisher: str
    subject: str = "industry"
    benchmark: str = "000300.SH"
    benchmark_note: str = ""
    benchmark_note_zh: str = ""
    months: tuple[int, int]
    source: str
    bands: Annotated[tuple[Band, ...], Field(min_length=2)]

    @field_validator("benchmark")
    @classmethod
    def _index(cls, text: str) -> str:
        security = parse_security(text)
        if not security.is_index:
            raise ValueError(f"{security} is a stock; write an index, as 000300.SH")
        return security.code

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        first, last = self.months
        if not 1 <= first <= last <= 60:
            raise ValueError(
                f"months = [{first}, {last}]: write the first and last month, as [3, 6]"
            )
        *upper, worst = self.bands
        edges = [band.lower for band in upper]
        if worst.lower is not None or any(edge is None for edge in edges):
            raise ValueError("bands: every band but the last (worst) has a lower edge 'from'")
        if any(abs(edge) >= 1 for edge in self.edges):
            raise ValueError(
                f"bands: edges are fractions, 0.10 for 10% (given: "
                f"{', '.join(f'{edge:g}' for edge in self.edges)})"
            )
        if any(a <= b for a, b in zip(self.edges, self.edges[1:], strict=False)):
            raise ValueError("bands run from best to worst, so their edges must fall")
        ids = [band.id for band in self.bands]
        for band_id in ids:
            if ids.count(band_id) > 1:
                raise ValueError(f"bands: id {band_id!r} is used {ids.count(band_id)} times")
        return self

    @property
    def edges(self) -> tuple[float, ...]:
        """The edges between bands, from best to worst, as fractions."""
        return tuple(band.lower for band in self.bands if band.lower is not None)

    @property
    def month_ends(self) -> tuple[int, ...]:
        """The months whose ends are read, first to last."""
        return tuple(range(self.months[0], self.months[1] + 1))

    def earned(self, excess: float) -> str:
        """Return the band of an excess return; an edge belongs to the band further from zero.

        Parameters
        ----------
        excess
            Excess return as a fraction. It is rounded to `EDGE_DECIMALS` before the test.

        Raises
        ------
        ValueError
            If the excess return is NaN: an unknown return earns no rating.
        """
        if math.isnan(excess):
            raise ValueError("the excess return is NaN; an unknown return earns no rating")
        value = round(excess, EDGE_DECIMALS)
        for band in self.bands:
            if band.lower is None or value > band.lower or (value == band.lower and value >= 0):
                return band.id
        raise AssertionError("the worst band has no lower edge")

    def near_edge(self, excess: float) -> bool:
        """Whether an excess return lies within half a point of an edge."""
        return any(round(abs(excess - edge), EDGE_DECIMALS) <= NEAR_EDGE for edge in self.edges)

    def band(self, band_id: str) -> Band:
        """Return the band of this id."""
        return next(band for band in self.bands if band.id == band_id)

    def find(self, word: str) -> Band | None:
        """Return the band a word names: its id, English or Chinese name; None if none."""
        plain = word.strip().casefold()
        for band in self.bands:
            if plain in {band.id, band.name.casefold(), band.name_zh.casefold()} - {""}:
                return band
        return None

    def verdict(self, claimed: str, earned: str) -> str:
        """``met``, ``exceeded`` or ``missed``.

        ``exceeded``: the claim points away from zero and the earned band lies further out still,
        as an Overweight that earned Buy. Any other difference is ``missed``.
        """
        if claimed == earned:
            return "met"
        ids = [band.id for band in self.bands]
        at, got = ids.index(claimed), ids.index(earned)
        lower = self.bands[at].lower
        upper = self.bands[at - 1].lower if at else None
        if lower is not None and lower >= 0 and got < at:
            return "exceeded"
        if upper is not None and upper <= 0 and got > at:
            return "exceeded"
        return "missed"


@lru_cache(maxsize=1)
def shipped_scales() -> Mapping[str, RatingScale]:
    """Return the scales that ship with the package, by id."""
    text = (files("thesis.research") / "scales.toml").read_text(encoding="utf-8")
    return {name: RatingScale.model_validate(table) for name, table in tomllib.loads(text).items()}
