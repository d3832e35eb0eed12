"""Bars out of another vendor's file: mapped, converted, and said; or refused with a reason."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from thesis.errors import Caution, PricesError
from thesis.market.door import COLUMNS, REQUIRED
from thesis.market.listing import is_index
from thesis.market.sources.dialects import adjustment, cells, units
from thesis.market.sources.dialects.codes import coded
from thesis.market.sources.dialects.columns import Columns


@dataclass(frozen=True, eq=False)
class Table:
    """The bars of one file.

    Attributes
    ----------
    bars
        In the bars schema, not yet checked; empty if the file has none of the codes.
    cautions
        What was mapped, converted and left out.
    factor_source
        Names of the files the factor is from.
    """

    path: Path
    bars: pd.DataFrame
    cautions: tuple[Caution, ...] = ()
    factor_source: str = ""


def read_vendor(
    path: Path,
    columns: Columns,
    codes: Sequence[str] | None = None,
    start: dt.date | None = None,
    factors: Mapping[Path, Columns] | None = None,
) -> Table:
    """Read the bars of a file whose columns are not ours.

    Parameters
    ----------
    columns
        What they are.
    codes
        Read these alone; None reads all.
    start
        Leave out bars before this day. Units are judged on all days.
    factors
        Files of factors without bars, for bars without a factor.

    Raises
    ------
    PricesError
        If a column, code, number or unit cannot be read, prices are adjusted, or stocks have no
        factor.
    """
    where = str(path)
    if columns.faults:
        raise PricesError(f"{where}: {columns.faults[0]}")
    if "adjusted" not in columns.fields or "close" not in columns.fields:
        adjustment.refuse_named_adjusted(path)
    if "close" not in columns.fields:
        raise PricesError(
            f"{where}: its closes are adjusted ({columns.fields['adjusted'].header}) and no raw "
            "ones stand beside them; take raw prices (不复权, as traded) and a cumulative factor"
        )
    rows = cells.read_rows(path, {name: x.header for name, x in columns.fields.items()})
    rows, notes = coded(rows, path, columns, codes)
    if rows.empty:
        return Table(path, pd.DataFrame(columns=list(REQUIRED)), _cautions(path, notes, [], []))
    if "adjustment" in rows:
        adjustment.refuse_flagged(
            rows["adjustment"], columns.fields["adjustment"].header.strip(), where
        )
    bars = pd.DataFrame({"code": rows["code"], "date": cells.dates(rows["date"], where)})
    for name in (*COLUMNS[2:], "adjusted"):
        if name in rows:
            bars[name] = cells.numbers(rows, name, columns.fields[name].header.strip(), where)
    mapped = [
        f"{column.header.strip() or 'a column'} as {name}"
        for name, column in columns.fields.items()
        if column.header != name and name in COLUMNS
    ]
    bars, suspended = _without_suspended(bars, rows, columns)
    stocks = ~bars["code"].map({c: is_index(c) for c in bars["code"].unique()}).astype(bool)
    bars, factor_from = _with_factor(bars, stocks, path, columns, factors or {})
    if stocks.any():
        money = columns.fields.get("amount")
        doubtful = money is not None and money.plain == "money" and factor_from == "factor"
        adjustment.refuse_adjusted(bars[stocks], where, doubtful=doubtful)
    bars, said, converted = _in_our_units(bars, stocks, columns, where)
    if "code" not in columns.fields:
        mapped.append("the code from the file's name")
    if "factor" not in columns.fields and factor_from:
        mapped.append(f"the factor from {factor_from}")
    mapped += [] if converted else said
    left = [*suspended, *(f"{name} left out, its unit unknown" for name in columns.left_out)]
    if start is not None:
        bars = bars[bars["date"] >= pd.Timestamp(start)]
    return Table(
        path,
        bars[[name for name in COLUMNS if name in bars]].reset_index(drop=True),
        _cautions(path, notes, [*mapped, *left], said if converted else []),
        factor_from if factor_from in {p.name for p in factors or {}} else path.name,
    )


def _cautions(
    path: Path, notes: list[Caution], mapped: Sequence[str], converted: Sequence[str]
) -> tuple[Caution, ...]:
    found = list(notes)
    if mapped:
        found.append(
            Caution("columns_mapped", f"{path}: columns were read as: {', '.join(mapped)}")
        )
    if converted:
        found.append(
            Caution(
                "units_converted",
                f"{path}: converted to shares, CNY and fractions: {'; '.join(converted)}",
            )
        )
    return tuple(found)


def _without_suspended(
    bars: pd.DataFrame, rows: pd.DataFrame, columns: Columns
) -> tuple[pd.DataFrame, list[str]]:
    """Leave out rows that say they are suspended, or have no price at all."""
    idle = (
        bars[[name for name in ("open", "high", "low", "close") if name in bars]].isna().all(axis=1)
    )
    if "status" in rows:
        status = rows["status"].astype("str").str.strip().str.lower()
        said = {"s_dq_tradestatus": ("停牌",), "tradestatus": ("0", "0.0")}.get(
            columns.fields["status"].plain, ("1", "1.0", "true")
        )
        idle |= status.isin(said)
    if not idle.any():
        return bars, []
    return bars[~idle], [f"{int(idle.sum())} rows of suspended sessions left out"]


def _with_factor(
    bars: pd.DataFrame,
    stocks: pd.Series,
    path: Path,
    columns: Columns,
    factors: Mapping[Path, Columns],
) -> tuple[pd.DataFrame, str]:
    """Bars with a factor, and what it is from: a plain header, or the name of a file."""
    if "factor" in bars:
        return bars, columns.fields["factor"].plain
    if not stocks.any():
        return bars, ""
    if "adjusted" in bars:
        factor = adjustment.factor_between(bars, str(path))
        return bars.assign(factor=factor), f"{columns.fields['adjusted'].header} over raw closes"
    wanted = sorted(set(bars.loc[stocks, "code"]))
    tables = [(p, _factors(p, x, wanted)) for p, x in factors.items()]
    tables = [(p, table) for p, table in tables if len(table)]
    if not tables:
        raise PricesError(
            f"{path}: its bars have no factor, without which no return is known. Add the column "
            "factor (cumulative; 复权因子, adj_factor and S_DQ_ADJFACTOR are read too; 1.0 "
            "throughout where no dividend or split falls in the window), or put Tushare's table "
            "adj_factor, or akshare's hfq-factor as sz300308_factor.csv, into one folder with "
            "the bars and give the folder"
        )
    names = ", ".join(p.name for p, _ in tables)
    held = pd.Series([code for _, table in tables for code in table["code"].unique()])
    if held.duplicated().any():
        raise PricesError(
            f"{path}: {held[held.duplicated()].iloc[0]} has factors in two of {names}; factors of "
            "two files must not be mixed, so remove one"
        )
    table = pd.concat([table for _, table in tables], ignore_index=True)
    twice = table.duplicated(["code", "date"])
    if twice.any():
        row = table[twice].iloc[0]
        raise PricesError(
            f"{path}: {row['code']} has two factors on {row['date'].date()} in {names}; remove one"
        )
    if all(factors[p].fields["factor"].plain == "hfq_factor" for p, _ in tables):
        # Sina prints the days on which the factor steps, from 1900 on, and none between.
        joined = pd.merge_asof(
            bars.reset_index().sort_values("date", kind="stable"),
            table.sort_values("date"),
            on="date",
            by="code",
        )
        return joined.set_index("index").sort_index(), names
    return bars.merge(table, on=["code", "date"], how="left").set_axis(bars.index), names


def _factors(path: Path, columns: Columns, wanted: Sequence[str]) -> pd.DataFrame:
    """Factors of these codes from a file without bars: ``code date factor``."""
    fields = {name: columns.fields[name].header for name in ("code", "date", "factor")
              if name in columns.fields}  # fmt: skip
    rows, _ = coded(cells.read_rows(path, fields), path, columns, wanted)
    if rows.empty:
        return pd.DataFrame()
    return pd.DataFrame(
        {
            "code": rows["code"],
            "date": cells.dates(rows["date"], str(path)),
            "factor": cells.numbers(rows, "factor", fields["factor"], str(path)),
        }
    )


def _in_our_units(
    bars: pd.DataFrame, stocks: pd.Series, columns: Columns, where: str
) -> tuple[pd.DataFrame, list[str], bool]:
    """Bars in shares, CNY and fractions; what was done; whether anything was changed."""
    said: list[str] = []
    changed = False
    volume, amount = columns.fields.get("volume"), columns.fields.get("amount")
    if volume is not None and amount is not None and {"low", "high"} <= set(bars):
        before = bars.loc[stocks]
        after, said = units.convert(before, volume, amount, where)
        changed = not after[["volume", "amount"]].equals(before[["volume", "amount"]])
        adjustment.refuse_outside(after, where)
        bars = bars.assign(volume=after["volume"], amount=after["amount"])
    # Levels of an index are no prices to judge by, and nothing uses their volume.
    bars = bars.assign(**{n: bars[n].where(stocks) for n in ("volume", "amount") if n in bars})
    turnover = columns.fields.get("turnover")
    if turnover is not None and turnover.unit not in (None, 1):
        bars = bars.assign(turnover=bars["turnover"] / (1 / turnover.unit))
        said, changed = [*said, f"turnover from percent ({turnover.header.strip()})"], True
    return bars, said, changed
