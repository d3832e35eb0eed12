"""What a source of prices is: one protocol, and the registry plugins join.

A package adds a source with an entry point in the group ``thesis.sources``: a function without
arguments that returns the sources of that name, in the order they are to be asked::

    [project.entry-points."thesis.sources"]
    mydesk = "mydesk.prices:sources"

after which ``thesis fetch media_ai --source mydesk`` and ``--prices mydesk`` use it.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from importlib.metadata import entry_points
from typing import Protocol, runtime_checkable

import pandas as pd

from thesis.errors import UsageError
from thesis.market.delivery import FactorEvent
from thesis.research.security import Board, parse_security

GROUP = "thesis.sources"


@dataclass(frozen=True)
class Capabilities:
    """What a source can serve, said before it is asked.

    Attributes
    ----------
    boards
        Boards of the stocks it has bars of.
    indices
        Patterns of the index codes it has levels of, as ``000300.SH`` or ``801*.SI``.
    factors
        Whether it has factor events.
    live
        Whether it asks the network.
    note
        Why it does not serve the rest, for people.
    """

    boards: frozenset[Board] = frozenset()
    indices: tuple[str, ...] = ()
    factors: bool = False
    live: bool = True
    note: str = ""

    def serves(self, code: str) -> bool:
        """Whether it has bars of a code, as far as is known beforehand.

        Examples
        --------
        >>> Capabilities(frozenset({"main"}), ("801*.SI",)).serves("801760.SI")
        True
        """
        security = parse_security(code)
        if security.is_index:
            return any(fnmatch(code, pattern) for pattern in self.indices)
        return security.board in self.boards


@dataclass(frozen=True)
class Politeness:
    """How a source's host wants to be asked.

    Attributes
    ----------
    host
        Calls to one host are spaced, whichever source makes them.
    spacing
        Seconds between two calls, to which up to half as much is added at random.
    timeout
        Seconds to wait for an answer.
    attempts
        How often one question is put when the failure may pass.
    """

    host: str
    spacing: float = 1.0
    timeout: float = 20.0
    attempts: int = 3


@runtime_checkable
class Source(Protocol):
    """A source of raw prices.

    Its methods raise `thesis.market.sources.failure.SourceError` where it does not deliver.
    """

    @property
    def name(self) -> str:
        """A word for people and for the store: ``sina``."""

    @property
    def capabilities(self) -> Capabilities:
        """What it serves."""

    @property
    def politeness(self) -> Politeness:
        """How it wants to be asked."""

    def bars(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Raw bars of a stock between two days, in the columns of `thesis.market.delivery.RAW`."""

    def index(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Levels of an index, in the same columns; NaN where it publishes closes alone."""

    def factors(self, code: str) -> tuple[FactorEvent, ...]:
        """Every factor event of a stock, in date order."""


def find_sources(name: str) -> Sequence[Source]:
    """The sources of a name, in the order they are to be asked.

    Raises
    ------
    UsageError
        If no installed package has sources of that name, or they cannot be loaded.
    """
    found = {point.name: point for point in entry_points(group=GROUP)}
    if name not in found:
        raise UsageError(
            f"--source {name}: there is no source of that name; there are "
            f"{', '.join(sorted(found))}"
        )
    try:
        sources = tuple(found[name].load()())
    except UsageError:
        raise
    except Exception as error:  # a plugin may fail in any way
        raise UsageError(
            f"--source {name}: its package cannot be loaded ({type(error).__name__}: {error}); "
            "reinstall or remove it"
        ) from error
    for source in sources:
        if not isinstance(source, Source):
            raise UsageError(
                f"--source {name}: {type(source).__name__} is no source; it needs name, "
                "capabilities, politeness, bars, index and factors"
            )
    return sources


def source_names() -> list[str]:
    """Names of every installed source."""
    return sorted({point.name for point in entry_points(group=GROUP)})
