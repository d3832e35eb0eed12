"""What was found odd about stored bars, kept beside them and said with every panel of them."""

from collections.abc import Collection, Sequence
from pathlib import Path

import pandas as pd

from thesis.errors import Caution, PricesError
from thesis.market.storage.table import read_table

#: The table of findings in the store's folder.
FINDINGS_FILE = "findings.csv"
COLUMNS = ("code", "kind", "message")


def read_findings(home: Path, codes: Collection[str]) -> tuple[Caution, ...]:
    """The findings on some codes, in order of code.

    Raises
    ------
    PricesError
        If the table cannot be read.
    """
    path = home / FINDINGS_FILE
    table = read_table(path)
    if table is None:
        return ()
    missing = [name for name in COLUMNS if name not in table.columns]
    if missing:
        raise PricesError(f"{path}: no column {', '.join(missing)}; mend or remove it")
    mine = table[table["code"].isin(codes)]
    return tuple(Caution(*row) for row in zip(mine["kind"], mine["message"], strict=True))


def with_findings(old: pd.DataFrame | None, code: str, findings: Sequence[Caution]) -> pd.DataFrame:
    """The table with these findings in place of all there were on a code."""
    new = pd.DataFrame(
        [(code, one.code, one.message) for one in dict.fromkeys(findings)],
        columns=list(COLUMNS), dtype="str",
    )  # fmt: skip
    if old is None:
        return new
    table = pd.concat([old[old["code"] != code], new], ignore_index=True)[list(COLUMNS)]
    return table.sort_values("code", kind="stable", ignore_index=True)
