"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Strategies = Annotated[
    Path | None, typer.Option("--strategies", help="Folder of thesis files that goes first.")
]
Prices = Annotated[
    str | None,
    typer.Option(
        help="store | sample | a Parquet or CSV file | a folder of them | a source that is asked "
        "now (akshare, yfinance). Default: the store if it has the codes, else the simulated "
        "sample."
    ),
]
EntryPrice = Annotated[str, typer.Option(help="Price bought on the entry session: open | close.")]
Delay = Annotated[int, typer.Option(help="Enter so many sessions later; windows do not move.")]
Weights = Annotated[str, typer.Option(help="equal | segment.")]
Basis = Annotated[str, typer.Option(help="total (dividends reinvested) | price.")]
Costs = Annotated[str, typer.Option(help="a-share | none.")]
Capital = Annotated[float, typer.Option(help="CNY.")]
AsOf = Annotated[
    str | None, typer.Option(help="Today, as 2025-06-30: nothing after it is looked at.")
]
JsonTo = Annotated[
    str | None, typer.Option("--json", help="Write the result as JSON to a file; - for stdout.")
]
CsvTo = Annotated[Path | None, typer.Option("--csv", help="Write the tables as CSV to a folder.")]
