"""Where a thesis comes from: who published it and when, and what else the report prints."""

import datetime as dt
from typing import Annotated, Self

from pydantic import BeforeValidator, Field, model_validator

from thesis.research.fields import IndexCode, Noun, toml_date


class Printed(Noun):
    """An index return that the report prints, so that it can be held against prices.

    Attributes
    ----------
    index
        The index it is printed of.
    first, last
        The closes between which it is, as the report says or implies.
    value
        A fraction: 0.168 for the +16.8% printed.
    decimals
        Digits after the point of the percentage as printed: what it was rounded to.
    where, where_zh
        The place in the report.
    note, note_zh
        What a reader must know who finds another figure.
    """

    index: IndexCode
    first: Annotated[dt.date, BeforeValidator(toml_date)]
    last: Annotated[dt.date, BeforeValidator(toml_date)]
    value: Annotated[float, Field(strict=True, allow_inf_nan=False)]
    decimals: Annotated[int, Field(strict=True, ge=0, le=6)] = 1
    where: str
    where_zh: str = ""
    quote: str = ""
    note: str = ""
    note_zh: str = ""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.last <= self.first:
            raise ValueError(
                f"first = {self.first}, last = {self.last}: the last day must lie after the first"
            )
        if abs(round(self.value * 100, self.decimals) - self.value * 100) > 1e-9:
            raise ValueError(
                f"value = {self.value}: with decimals = {self.decimals} the report cannot have "
                "printed it; write the fraction of what is printed, 0.168 for +16.8%, and as "
                "decimals the digits after its point"
            )
        return self


class Source(Noun):
    """Who published the thesis and when, and figures of the report that prices can be held to."""

    publisher: str
    publisher_zh: str = ""
    report: str = ""
    published: Annotated[dt.datetime | dt.date, BeforeValidator(toml_date)]
    published_basis: str = ""
    published_basis_zh: str = ""
    printed: tuple[Printed, ...] = ()

    @model_validator(mode="after")
    def _offset(self) -> Self:
        if isinstance(self.published, dt.datetime) and self.published.tzinfo is None:
            raise ValueError(
                f"published = {self.published.isoformat()}: a time needs its offset, as "
                f"{self.published.isoformat()}+08:00; or write the date alone, which means "
                "after that day's close"
            )
        return self
