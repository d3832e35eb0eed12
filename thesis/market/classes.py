"""Shenwan level 3 classes, the narrow groups that a report's segments resemble, as of a day."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from thesis.errors import PricesError
from thesis.market.calendar import Dates, as_date

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

    def on(self, day: dt.date) -> dict[str, str]:
        """The class of each stock that had one on a day."""
        vintage, today = self.vintage_on(day), np.datetime64(day)
        held = (self.begins <= today) & (np.isnat(self.ends) | (self.ends > today))
        if vintage is not None:
            held &= self.vintages == np.datetime64(vintage)
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
