"""What is known of a security beside its bars: name, board, listing, industry."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from thesis.errors import PricesError
from thesis.market.calendar import sessions
from thesis.research.security import parse_security

#: Sessions a name may be silent before the day it is delisted.
DELISTING_SILENCE = 60

#: Special treatment: a risk warning (ST), a delisting risk warning (*ST), or the delisting period
#: (退市整理期), when a stock trades for the last time.
Treatment = Literal["ST", "*ST", "delisting"]


@dataclass(frozen=True)
class Listing:
    """Facts of a listed security; None where the source does not say.

    Attributes
    ----------
    industry
        Shenwan level 1 index code, such as ``801760.SI``.
    industry_as_of
        The day the industry held, so that a reader sees whether it is point-in-time.
    industries
        The industry's history: the day each began and its index code, None for an industry of an
        older scheme that has no index today. Empty where only `industry` is known.
    suspensions
        First and last day of each announced suspension, both included. Without an announcement
        only bars on both sides prove one.
    treatments
        First day, last day (None while it lasts) and kind of each special treatment. On a day
        that none of them holds the name counts as not treated, whether that is known or not.
    treatments_known
        First and last day of each span of which the source knows every treatment.
    """

    code: str
    name: str | None = None
    list_date: dt.date | None = None
    delist_date: dt.date | None = None
    industry: str | None = None
    industry_name: str | None = None
    industry_as_of: str | None = None
    industries: tuple[tuple[dt.date, str | None], ...] = ()
    suspensions: tuple[tuple[dt.date, dt.date], ...] = ()
    treatments: tuple[tuple[dt.date, dt.date | None, Treatment], ...] = ()
    treatments_known: tuple[tuple[dt.date, dt.date], ...] = ()

    def industry_on(self, day: dt.date | None) -> str | None:
        """The industry as it was on a day; `industry` where no history or no day is known.

        Before its history begins a security has no industry: a later one is not carried back.

        Examples
        --------
        >>> moved = Listing("300308.SZ", industries=((dt.date(2018, 7, 13), "801770.SI"),))
        >>> moved.industry_on(dt.date(2024, 10, 11)), moved.industry_on(dt.date(2017, 1, 3))
        ('801770.SI', None)
        """
        if not self.industries or day is None:
            return self.industry
        begun = [code for first, code in self.industries if first <= day]
        return begun[-1] if begun else None

    def industry_known_on(self, day: dt.date | None) -> str | None:
        """The day for which `industry_on` answers, in words."""
        return str(day) if self.industries and day is not None else self.industry_as_of

    def up_to(self, day: dt.date) -> "Listing":
        """The listing without what happened after a day: a delisting, a change of industry, ST."""
        dated = self.industries, self.suspensions, self.treatments, self.treatments_known
        if self.delist_date is None and not any(dated):
            return self
        delisted = self.delist_date if self.delist_date and self.delist_date <= day else None
        begun = tuple(change for change in self.industries if change[0] <= day)
        stops = tuple((s, min(e, day)) for s, e in self.suspensions if s <= day)
        # A treatment that ended later was, as far as could be known, one that lasted.
        treated = tuple(
            (s, e if e and e <= day else None, kind) for s, e, kind in self.treatments if s <= day
        )
        looked_at = tuple((s, min(e, day)) for s, e in self.treatments_known if s <= day)
        if (delisted, (begun, stops, treated, looked_at)) == (self.delist_date, dated):
            return self
        # An industry that begins later must not be answered from `industry`, of any date.
        known = self.industry if begun or not self.industries else None
        return replace(
            self,
            delist_date=delisted,
            industries=begun,
            industry=known,
            suspensions=stops,
            treatments=treated,
            treatments_known=looked_at,
        )

    def suspended_through(self, first: dt.date, last: dt.date) -> bool:
        """Whether one announced suspension spans all days from `first` to `last`.

        Examples
        --------
        >>> span = dt.date(2023, 12, 6), dt.date(2023, 12, 12)
        >>> stopped = Listing("002739.SZ", suspensions=(span,))
        >>> stopped.suspended_through(dt.date(2023, 12, 6), dt.date(2023, 12, 11))
        True
        >>> stopped.suspended_through(dt.date(2023, 12, 6), dt.date(2023, 12, 13))
        False
        """
        return any(start <= first and last <= end for start, end in self.suspensions)


def st_known(listing: Listing | None, first: dt.date, last: dt.date) -> bool:
    """Whether the source knows, of each day from `first` to `last`, if the name was treated (ST).

    Where it does not, the name counts as not treated; a result says so.

    Examples
    --------
    >>> asked = (dt.date(2023, 6, 5), dt.date(2024, 12, 31))
    >>> looked_at = Listing("600004.SH", treatments_known=(asked,))
    >>> st_known(looked_at, dt.date(2024, 10, 14), dt.date(2024, 12, 31))
    True
    >>> st_known(looked_at, dt.date(2024, 10, 14), dt.date(2025, 4, 11)), st_known(None, *asked)
    (False, False)
    """
    for start, end in sorted(listing.treatments_known if listing else ()):
        if start <= first <= end:
            first = end + dt.timedelta(days=1)
    return first > last


def delisting_explains(last: dt.date, delisted: dt.date) -> bool:
    """Whether a delisting tells why there is no bar after a day.

    A name stops trading some weeks before it is delisted, not months: bars that end long before
    are missing.

    Examples
    --------
    >>> delisting_explains(dt.date(2025, 2, 20), dt.date(2025, 3, 10))
    True
    >>> delisting_explains(dt.date(2024, 11, 1), dt.date(2025, 6, 30))
    False
    """
    days = sessions()
    silent = np.searchsorted(days, np.datetime64(delisted)) - np.searchsorted(
        days, np.datetime64(last), side="right"
    )
    return bool(silent <= DELISTING_SILENCE)


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
    return {
        row["code"]: Listing(
            code=row["code"],
            name=row.get("name") or None,
            list_date=day_in(row, "list_date", where),
            delist_date=day_in(row, "delist_date", where),
            industry=row.get("sw_l1_code") or None,
            industry_name=row.get("sw_l1_name") or None,
            industry_as_of=row.get("sw_as_of") or None,
        )
        for row in rows
    }


def day_in(row: Mapping[str, str], key: str, where: str) -> dt.date | None:
    """The day in a cell of text; None where it is empty.

    Raises
    ------
    PricesError
        If it cannot be read.
    """
    text = row.get(key) or ""
    try:
        return dt.date.fromisoformat(text) if text else None
    except ValueError:
        raise PricesError(
            f"{where}: {row['code']}: {key} = {text!r} is no date; write 2024-10-14"
        ) from None


def industries_from_rows(
    rows: Iterable[Mapping[str, str]], where: str
) -> dict[str, tuple[tuple[dt.date, str | None], ...]]:
    """Read industry histories from rows of text, as the store's ``sw_membership.csv`` has them.

    Parameters
    ----------
    rows
        With ``code in_date out_date sw_l1_code``; an empty ``out_date`` means still in, an empty
        ``sw_l1_code`` an industry of an older scheme.

    Returns
    -------
    dict
        By code, in date order; a gap between two memberships is an unknown industry.

    Raises
    ------
    PricesError
        If a date cannot be read.
    """
    spans: dict[str, list[tuple[dt.date, dt.date | None, str | None]]] = {}
    for row in rows:
        first = day_in(row, "in_date", where)
        if first is None:
            raise PricesError(
                f"{where}: {row['code']}: in_date is missing; write the day it joined, 2021-07-30"
            )
        spans.setdefault(row["code"], []).append(
            (first, day_in(row, "out_date", where), row.get("sw_l1_code") or None)
        )
    return {code: _history(sorted(held, key=lambda s: s[0])) for code, held in spans.items()}


def suspensions_from_rows(
    rows: Iterable[Mapping[str, str]], where: str
) -> dict[str, tuple[tuple[dt.date, dt.date], ...]]:
    """Read announced suspensions from rows of text, as ``suspensions.csv`` has them.

    Parameters
    ----------
    rows
        With ``code start end``, both days included. A row without an end proves its first day.

    Raises
    ------
    PricesError
        If a date cannot be read.
    """
    spans: dict[str, list[tuple[dt.date, dt.date]]] = {}
    for row in rows:
        first = day_in(row, "start", where)
        if first is not None:
            spans.setdefault(row["code"], []).append((first, day_in(row, "end", where) or first))
    return {code: tuple(sorted(held)) for code, held in spans.items()}


def _history(
    spans: Sequence[tuple[dt.date, dt.date | None, str | None]],
) -> tuple[tuple[dt.date, str | None], ...]:
    changes: list[tuple[dt.date, str | None]] = []
    for number, (first, last, code) in enumerate(spans):
        changes.append((first, code))
        following = spans[number + 1][0] if number + 1 < len(spans) else None
        if last is not None and (following is None or last < following):
            changes.append((last, None))
    return tuple(changes)


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
