"""Listings beside bars: names, industries by date, announced suspensions, from small CSV files."""

import csv
from collections.abc import Collection, Iterable
from dataclasses import replace
from pathlib import Path

from thesis.errors import PricesError
from thesis.market.listing import (
    Listing,
    industries_from_rows,
    listings_from_rows,
    suspensions_from_rows,
)

LISTINGS_FILE = "securities.csv"
INDUSTRIES_FILE = "sw_membership.csv"
SUSPENSIONS_FILE = "suspensions.csv"


def read_listings(folder: Path, codes: Iterable[str] | None = None) -> dict[str, Listing]:
    """The listings of a market folder; empty if it has none.

    They stand in ``securities.csv``, the history of their industries in ``sw_membership.csv``,
    announced suspensions in ``suspensions.csv``; each may be missing.

    Raises
    ------
    PricesError
        If one of the files cannot be read, or a date in it.
    """
    wanted = None if codes is None else set(codes)
    path, history = folder / LISTINGS_FILE, folder / INDUSTRIES_FILE
    listings = listings_from_rows(_rows(path, wanted), str(path))
    for code, industries in industries_from_rows(_rows(history, wanted), str(history)).items():
        known = listings.get(code, Listing(code))
        listings[code] = replace(known, industries=industries)
    stops = folder / SUSPENSIONS_FILE
    for code, spans in suspensions_from_rows(_rows(stops, wanted), str(stops)).items():
        listings[code] = replace(listings.get(code, Listing(code)), suspensions=spans)
    return listings


def _rows(path: Path, codes: Collection[str] | None) -> list[dict[str, str]]:
    """The rows of these codes in a CSV file; none if there is no such file."""
    if not path.is_file():
        return []
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.DictReader(_lines_of(file, codes))
            if "code" not in (rows.fieldnames or []):
                raise PricesError(f"{path}: no column code")
            return [row for row in rows if codes is None or row["code"] in codes]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise PricesError(f"{path} cannot be read: {error}") from None


def _lines_of(file: Iterable[str], codes: Collection[str] | None) -> Iterable[str]:
    """The lines of these codes: parsing the whole market's takes longer than reading the bars."""
    lines = list(file)
    plain = lines and lines[0].startswith("code,") and not any('"' in line for line in lines)
    if codes is None or not plain:
        return lines
    return [lines[0], *(line for line in lines[1:] if line.partition(",")[0] in codes)]
