"""Listings beside bars: names, industries by date, suspensions, special treatment, from CSV files.

What a market folder infers about special treatment from prices (``st_inferred.csv``) is not read:
it was inferred from bars that came later, so a backtest that used it would look ahead.
"""

import csv
import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import get_args

from thesis.errors import PricesError
from thesis.market.listing import (
    Listing,
    Treatment,
    day_in,
    industries_from_rows,
    listings_from_rows,
    suspensions_from_rows,
)

LISTINGS_FILE = "securities.csv"
INDUSTRIES_FILE = "sw_membership.csv"
SUSPENSIONS_FILE = "suspensions.csv"
TREATMENTS_FILE = "st_history.csv"
TREATMENTS_KNOWN_FILE = "st_coverage.csv"


def read_listings(folder: Path, codes: Iterable[str] | None = None) -> dict[str, Listing]:
    """The listings of a market folder; empty if it has none.

    They stand in ``securities.csv``, the history of their industries in ``sw_membership.csv``,
    announced suspensions in ``suspensions.csv``, special treatment in ``st_history.csv``, and in
    ``st_coverage.csv`` of which names and days it is known; each may be missing.

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
    treated, covered = folder / TREATMENTS_FILE, folder / TREATMENTS_KNOWN_FILE
    for code, treatments in treatments_from_rows(_rows(treated, wanted), str(treated)).items():
        listings[code] = replace(listings.get(code, Listing(code)), treatments=treatments)
    for code, looked_at in coverage_from_rows(_rows(covered, wanted), str(covered)).items():
        listings[code] = replace(listings.get(code, Listing(code)), treatments_known=looked_at)
    return listings


def treatments_from_rows(
    rows: Iterable[Mapping[str, str]], where: str
) -> dict[str, tuple[tuple[dt.date, dt.date | None, Treatment], ...]]:
    """Read special treatments from rows of text, as ``st_history.csv`` has them.

    Parameters
    ----------
    rows
        With ``code start end``, both days included, an empty ``end`` while it lasts; and
        optionally ``kind``, without which it is ``ST``.

    Raises
    ------
    PricesError
        If a date cannot be read, or a kind is none of `Treatment`.
    """
    spans: dict[str, list[tuple[dt.date, dt.date | None, Treatment]]] = {}
    for row in rows:
        named = row.get("kind") or "ST"
        kind = next((known for known in get_args(Treatment) if known == named), None)
        if kind is None:
            raise PricesError(
                f"{where}: {row['code']}: kind = {named!r} is none of "
                f"{', '.join(get_args(Treatment))}"
            )
        first, last = _needed_day(row, "start", where), day_in(row, "end", where)
        spans.setdefault(row["code"], []).append((first, last, kind))
    return {code: tuple(sorted(held, key=lambda s: s[0])) for code, held in spans.items()}


def coverage_from_rows(
    rows: Iterable[Mapping[str, str]], where: str
) -> dict[str, tuple[tuple[dt.date, dt.date], ...]]:
    """Read from when to when treatments are known, as ``st_coverage.csv`` has it.

    Parameters
    ----------
    rows
        With ``code covered_from covered_to``, both days included.

    Raises
    ------
    PricesError
        If a date is missing or cannot be read.
    """
    spans: dict[str, list[tuple[dt.date, dt.date]]] = {}
    for row in rows:
        first, last = (_needed_day(row, key, where) for key in ("covered_from", "covered_to"))
        spans.setdefault(row["code"], []).append((first, last))
    return {code: tuple(sorted(held)) for code, held in spans.items()}


def _needed_day(row: Mapping[str, str], key: str, where: str) -> dt.date:
    day = day_in(row, key, where)
    if day is None:
        raise PricesError(f"{where}: {row['code']}: {key} is missing; write 2024-10-14")
    return day


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
