"""What is known of a security beside its bars: name, board, listing, industry."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from thesis.errors import PricesError
from thesis.research.security import parse_security


@dataclass(frozen=True)
class Listing:
    """Facts of a listed security; None where the source does not say.

    Attributes
    ----------
    industry
        Shenwan level 1 index code, such as ``801760.SI``.
    industry_as_of
        The day the industry held, so that a reader sees whether it is point-in-time.
    """

    code: str
    name: str | None = None
    list_date: dt.date | None = None
    delist_date: dt.date | None = None
    industry: str | None = None
    industry_name: str | None = None
    industry_as_of: str | None = None


def listings_from_rows(rows: Iterable[Mapping[str, str]], where: str) -> dict[str, Listing]:
    """Read listings from rows of text, as ``securities.csv`` has them.

    Parameters
    ----------
    rows
        With ``code`` and, where known, ``name list_date delist_date sw_l1_code sw_l1_name
        sw_as_of``; empty text means unknown.
    where
        What to call the table in error messages.

    Raises
    ------
    PricesError
        If a date cannot be read.
    """

    def day(row: Mapping[str, str], key: str) -> dt.date | None:
        text = row.get(key) or ""
        try:
            return dt.date.fromisoformat(text) if text else None
        except ValueError:
            raise PricesError(
                f"{where}: {row['code']}: {key} = {text!r} is no date; write 2024-10-14"
            ) from None

    return {
        row["code"]: Listing(
            code=row["code"],
            name=row.get("name") or None,
            list_date=day(row, "list_date"),
            delist_date=day(row, "delist_date"),
            industry=row.get("sw_l1_code") or None,
            industry_name=row.get("sw_l1_name") or None,
            industry_as_of=row.get("sw_as_of") or None,
        )
        for row in rows
    }


def same_name(one: str, other: str) -> bool:
    """Whether two printed names are one, apart from spaces, width and ST or ex-right marks.

    Examples
    --------
    >>> same_name("万 科Ａ", "万科A"), same_name("*ST国华", "国华")
    (True, True)
    >>> same_name("浪潮信息", "中科曙光")
    False
    """
    return _plain(one) == _plain(other)


def _plain(name: str) -> str:
    import unicodedata

    text = "".join(unicodedata.normalize("NFKC", name).split()).upper()
    for mark in ("*ST", "ST", "XD", "XR", "DR"):
        if text.startswith(mark):
            return text.removeprefix(mark)
    return text


def is_index(code: str) -> bool:
    """Whether a canonical code is an index."""
    return parse_security(code).is_index
