"""Options that several commands share."""

import inspect
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

from thesis.errors import UsageError
from thesis.scoring.draws import DRAWS, QUICK_DRAWS, SEED

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
EntryPrice = Annotated[
    str, typer.Option(help="Price of every fill: open | close | vwap (amount / volume).")
]
Delay = Annotated[int, typer.Option(help="Enter so many sessions later; windows do not move.")]
AsOf = Annotated[
    str | None, typer.Option(help="Today, as 2025-06-30: nothing after it is looked at.")
]
JsonTo = Annotated[
    str | None, typer.Option("--json", help="Write the result as JSON to a file; - for stdout.")
]
Lang = Annotated[str, typer.Option("--lang", help="Language: en | zh.")]
CsvTo = Annotated[Path | None, typer.Option("--csv", help="Write the tables as CSV to a folder.")]


@dataclass(frozen=True)
class StrategyOptions:
    """How a thesis is traded, as typed: field for field `thesis.Strategy`'s, which checks them."""

    entry: EntryPrice = "open"
    delay: Delay = 0
    weights: Annotated[str, typer.Option(help="equal | segment | inverse_vol | float_cap.")] = (
        "equal"
    )
    rebalance: Annotated[str, typer.Option(help="none | weekly | monthly | quarterly.")] = "none"
    exit: Annotated[
        str,
        typer.Option(
            help="horizon (nothing is sold) | 'stop-loss 0.1' | 'trailing 0.15' | end (of the last "
            "window) | a date, as 2025-03-31."
        ),
    ] = "horizon"
    capital: Annotated[float, typer.Option(help="CNY.")] = 10_000_000.0
    cash: Annotated[str, typer.Option(help="What cash earns: zero | benchmark.")] = "zero"
    costs: Annotated[str, typer.Option(help="a-share | none.")] = "a-share"
    dividend_tax: Annotated[
        str, typer.Option(help="What is paid on dividends: none | individual (by holding period).")
    ] = "none"
    limits: Annotated[
        str, typer.Option(help="Price limits that bar a trade: exchange (of that day) | none.")
    ] = "exchange"
    max_wait: Annotated[
        int, typer.Option(help="Sessions on which a buy may fail before it is given up.")
    ] = 10
    lots: Annotated[str, typer.Option(help="exchange (whole lots) | fractional.")] = "exchange"
    impact: Annotated[
        float, typer.Option(help="Capacity: constant of the square-root law of impact.")
    ] = 1.0
    participation: Annotated[
        float, typer.Option(help="Capacity: the part of a session's amount an order may take.")
    ] = 0.10

    def by_name(self) -> dict[str, Any]:
        """The options as `thesis.backtest` takes them."""
        return asdict(self)


@dataclass(frozen=True)
class RunOptions:
    """What is compared with what, on which day, and where it is written."""

    basis: Annotated[str, typer.Option(help="total (dividends reinvested) | price.")] = "total"
    as_of: AsOf = None
    json_to: JsonTo = None
    csv_to: CsvTo = None
    strategies: Strategies = None


@dataclass(frozen=True)
class EvidenceOptions:
    """How hard luck is looked at."""

    draws: Annotated[
        int | None, typer.Option(help="Random draws of each part. Default: 10,000.")
    ] = None
    quick: Annotated[bool, typer.Option("--quick", help="1,000 draws: a first look.")] = False
    seed: Annotated[int, typer.Option(help="Of all random numbers: the same gives the same.")] = (
        SEED
    )

    def checked_draws(self) -> int:
        """How many draws are asked for.

        Raises
        ------
        UsageError
            If both ``--quick`` and ``--draws`` are given.
        """
        if self.draws is None:
            return QUICK_DRAWS if self.quick else DRAWS
        if self.quick:
            raise UsageError(
                f"--quick and --draws {self.draws}: --quick means --draws {QUICK_DRAWS}; give one"
            )
        return self.draws


def spread(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose dataclass parameters are spread out, each field an option of its own.

    The command gets one object of each such class, and a list of options that commands share is
    written once.
    """
    own = inspect.signature(command, eval_str=True).parameters.values()
    kinds: dict[str, Any] = {
        each.name: each.annotation for each in own if is_dataclass(each.annotation)
    }
    shown = [each for each in own if each.name not in kinds]
    for kind in kinds.values():
        shown += _parameters(kind)

    @wraps(command)
    def run(**values: Any) -> None:
        for name, kind in kinds.items():
            values[name] = kind(**{each.name: values.pop(each.name) for each in fields(kind)})
        command(**values)

    # Typer reads both; `wraps` has set them to the command's own.
    run.__signature__ = inspect.Signature(shown)  # type: ignore[attr-defined]  # mypy knows it not
    run.__annotations__ = {each.name: each.annotation for each in shown}
    return run


def _parameters(kind: Any) -> list[inspect.Parameter]:
    """The fields of a dataclass as keyword parameters."""
    hints = get_type_hints(kind, include_extras=True)
    return [
        inspect.Parameter(
            each.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=each.default,
            annotation=hints[each.name],
        )
        for each in fields(kind)
    ]
