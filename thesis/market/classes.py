"""Shenwan level 3 classes, the narrow groups that a report's segments resemble, as of a day."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from thesis.errors import PricesError
from thesis.market.calendar import Dates, as_date
from thesis.market.industry import industry_of
from thesis.market.listing import Listing

#: From this day on every code is one of the scheme of 2021: `thesis.market.industry` names its
#: industries, and a prefix that an older scheme shared means the same.
SCHEME_OF_2021 = dt.date(2021, 7, 31)

FILES = ("sw_membership.csv", "sw_membership.csv.gz")


@dataclass(frozen=True, eq=False)
class Classes:
    """Who belonged to which Shenwan level 3 class, as editions of the official table tell it.

    Attributes
    ----------
    codes, classes
        Stock and its class (``730204``), row by row, R of them.
    begins, ends
        First day, and the day it ended (NaT while it lasts), shape (R,).
    vintages
        When the edition that has the row was published, shape (R,); NaT where it does not say.
    """

    codes: npt.NDArray[np.str_]
    classes: npt.NDArray[np.str_]
    begins: Dates
    ends: Dates
    vintages: Dates

    def vintage_on(self, day: dt.date) -> dt.date | None:
        """The edition a reader had on a day, or the first there is; None where none is dated.

        Later editions rewrite the past: what a stock's class "was" on a day may have been decided
        after it.
        """
        dated = np.unique(self.vintages[~np.isnat(self.vintages)])
        if not len(dated):
            return None
        before = dated[dated <= np.datetime64(day)]
        return as_date(before[-1] if len(before) else dated[0])

    def on(self, day: dt.date, later: bool = False) -> dict[str, str]:
        """The class of each stock that had one on a day.

        Parameters
        ----------
        later
            Whether a stock that the edition of the day does not have at all is looked up in the
            next that has it, as of the same day.
        """
        vintage, today = self.vintage_on(day), np.datetime64(day)
        held = (self.begins <= today) & (np.isnat(self.ends) | (self.ends > today))
        if vintage is not None:
            read = self.vintages == np.datetime64(vintage)
            after = np.unique(self.vintages[self.vintages > np.datetime64(vintage)])
            for edition in after if later else ():
                read |= (self.vintages == edition) & ~np.isin(self.codes, self.codes[read])
            held &= read
        rows = np.flatnonzero(held)
        rows = rows[np.argsort(self.begins[rows], kind="stable")]  # of two, the later begun
        return dict(zip(self.codes[rows].tolist(), self.classes[rows].tolist(), strict=True))


def read_classes(folder: Path) -> Classes | None:
    """The Shenwan level 3 classes of a market folder; None if it has no table with them.

    They stand in ``sw_membership.csv``, perhaps compressed, in the column ``sw_l3_internal`` beside
    ``code in_date out_date`` and, where there is more than one edition, ``vintage``.

    Raises
    ------
    PricesError
        If the table cannot be read.
    """
    import pyarrow as pa
    from pyarrow import csv

    path = next((folder / name for name in FILES if (folder / name).is_file()), None)
    if path is None:
        return None
    try:
        table = csv.read_csv(
            path,
            convert_options=csv.ConvertOptions(
                column_types=dict.fromkeys(
                    ("code", "in_date", "out_date", "sw_l3_internal", "vintage"), pa.string()
                )
            ),
        )
        if not {"code", "in_date", "sw_l3_internal"} <= set(table.column_names):
            return None
        table = table.filter(pa.compute.not_equal(table.column("sw_l3_internal"), ""))
        text = {
            name: np.asarray(table.column(name).to_pylist(), dtype=str)
            if name in table.column_names
            else np.full(len(table), "")
            for name in ("code", "sw_l3_internal", "in_date", "out_date", "vintage")
        }
        days = {
            name: np.where(text[name] == "", "NaT", text[name]).astype("datetime64[D]")
            for name in ("in_date", "out_date", "vintage")
        }
    except (OSError, ValueError) as error:
        raise PricesError(f"{path} cannot be read: {str(error).splitlines()[0]}") from None
    return Classes(
        text["code"], text["sw_l3_internal"], days["in_date"], days["out_date"], days["vintage"]
    )


def industries_on(
    day: dt.date,
    codes: Sequence[str],
    classes: Classes | None,
    listings: Mapping[str, Listing],
) -> list[str | None]:
    """The Shenwan level 1 index code of stocks on a day; None where it is unknown.

    It is that of the level 3 class, by the edition a reader had; a stock that had no class on the
    day is unknown, whatever it was given later. A stock that this edition does not have at all is
    looked up in the next one, as of the same day: an exchange may give all its stocks new codes, as
    Beijing's did in 2025, and under those no earlier table knows them.

    Where there is no table of classes, or the day lies before the scheme of 2021, or the class is
    of a scheme whose industry has no index, the listing tells, unless all it has is an industry as
    of a later day.

    Examples
    --------
    >>> late = Listing("302132.SZ", industry="801740.SI", industry_as_of="2025-02-17 first entry")
    >>> industries_on(dt.date(2024, 10, 11), [late.code], None, {late.code: late})
    [None]
    >>> industries_on(dt.date(2025, 2, 17), [late.code], None, {late.code: late})
    ['801740.SI']
    """
    classed = classes.on(day, later=True) if classes is not None and day >= SCHEME_OF_2021 else None
    found: list[str | None] = []
    for code in codes:
        if classed is not None and code not in classed:
            found.append(None)
            continue
        industry = industry_of(classed[code]) if classed is not None else None
        listing = listings.get(code)
        if industry is not None:
            found.append(industry.code)
        else:
            found.append(_listed_industry(listing, day) if listing is not None else None)
    return found


def _listed_industry(listing: Listing, day: dt.date) -> str | None:
    """The industry of a listing on a day; None where it was only known later."""
    try:
        as_of = dt.date.fromisoformat((listing.industry_as_of or "")[:10])
    except ValueError:  # in words, as the sample's: of no day in particular
        as_of = day
    return None if as_of > day and not listing.industries else listing.industry_on(day)
