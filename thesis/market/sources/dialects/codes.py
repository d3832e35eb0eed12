"""Codes in another vendor's file: in any spelling, in a column or in the file's name."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from thesis.errors import Caution, PricesError, ThesisFileError
from thesis.market.sources.dialects import cells
from thesis.market.sources.dialects.columns import Columns
from thesis.market.sources.dialects.units import some
from thesis.research.security import parse_security


def coded(
    rows: pd.DataFrame, path: Path, columns: Columns, wanted: Sequence[str] | None
) -> tuple[pd.DataFrame, list[Caution]]:
    """The rows of the codes asked for, under their canonical codes, and what was left out.

    Parameters
    ----------
    rows
        A row a bar or factor, with ``code`` where the file has such a column.
    wanted
        Keep these alone; None keeps every code that can be read.

    Raises
    ------
    PricesError
        If none can be read, or one of those asked for may stand under a code that cannot.
    """
    if "code" not in rows:
        code = _code_in_name(path)
        rows = rows.assign(code=code)
        return (rows if wanted is None or code in wanted else rows.iloc[:0]), []
    printed = cells.codes(rows["code"])
    known, unread = {}, {}
    for text in printed.dropna().unique():
        try:
            known[text] = _canonical(text, stocks=columns.are_stocks)
        except ThesisFileError as error:
            unread[text] = str(error)
    if printed.isna().any():
        row = int(np.flatnonzero(printed.isna())[0])
        raise PricesError(f"{path}: row {row + 1} of its bars has no code")
    asked = {code[:6] for code in wanted or ()}
    for text, reason in unread.items():
        if not known or text[-6:] in asked or text[:6] in asked:
            # Bars that were asked for may stand under it.
            more = (
                "; or name the column 股票代码 if it has stocks alone" if "alone" in reason else ""
            )
            raise PricesError(f"{path}: {reason}{more}")
    canonical = printed.map(known)
    kept = canonical.notna() if wanted is None else canonical.isin(wanted)
    notes = []
    if unread and wanted is None:
        first = next(iter(unread.values()))
        notes.append(
            Caution(
                "codes_unread",
                f"{path}: the bars of {some(unread)} were left out: {first}",
            )
        )
    return rows.assign(code=canonical)[kept.to_numpy()].reset_index(drop=True), notes


def _canonical(text: str, *, stocks: bool) -> str:
    # 000001 is Ping An Bank in a table of stocks, and may be the Shanghai Composite in any other.
    if stocks and re.fullmatch(r"000\d{3}", text):
        return parse_security(f"{text}.SZ").code
    return parse_security(text).code


def code_named(path: Path) -> bool:
    """Whether a code, clear or not, stands in a file's name."""
    return bool(_codes_in_name(path))


def _codes_in_name(path: Path) -> list[str]:
    stem = re.sub(r"\.(?:parquet|csv|csv\.gz)$", "", path.name)
    return re.findall(
        r"(?i)(?<![a-z0-9])(?:(?:sh|sz|bj)[._]?\d{6}|(?:h\d{5}|\d{6})(?:\.[a-z]{2,4})?)(?![a-z0-9])",
        stem,
    )


def _code_in_name(path: Path) -> str:
    found = _codes_in_name(path)
    if len(found) != 1:
        raise PricesError(
            f"{path}: it has no column of codes, and its name holds "
            f"{'several' if found else 'none'}; name it as 300308.SZ.csv, or add a column code"
        )
    try:
        return parse_security(found[0].replace("_", "")).code
    except ThesisFileError as error:
        raise PricesError(f"{path}: its name holds no clear code: {error}") from None
