"""What the keys of a thesis file hold: codes, ids, days; each refuses in a sentence."""

import datetime as dt
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from thesis.research.security import parse_security


def _stock_code(text: object) -> str:
    security = parse_security(str(text))
    if security.is_index:
        raise ValueError(f"{security} is an index; a pick must be a stock that can be bought")
    return security.code


def _index_code(text: object) -> str:
    security = parse_security(str(text))
    if not security.is_index:
        raise ValueError(f"{security} is a stock; write an index, as 801760.SI")
    return security.code


def toml_date(value: object, info: ValidationInfo) -> object:
    """Refuse what is no date: numbers would pass as seconds since 1970, text as midnight."""
    if info.mode == "python" and not isinstance(value, dt.date):
        raise ValueError(
            f"{str(value)!r} is no date; write it unquoted, as 2024-10-13, or with a time and its "
            "offset, as 2024-10-14T08:30:00+08:00"
        )
    if isinstance(value, dt.date) and not 1990 <= value.year <= 2100:
        raise ValueError(
            f"{value.isoformat()} lies outside 1990-2100, and the exchanges opened in 1990; "
            "check the year"
        )
    return value


StockCode = Annotated[str, BeforeValidator(_stock_code)]
IndexCode = Annotated[str, BeforeValidator(_index_code)]
Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


class Noun(BaseModel):
    """A table of a thesis file: frozen, and an unknown key is refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)
