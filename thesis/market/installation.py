"""What is installed around the prices: packages, the calendar's horizon, the rules, the sources."""

import datetime as dt
import platform
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from thesis.errors import UsageError
from thesis.market.calendar import calendar_horizon
from thesis.market.rules import citation
from thesis.market.sources.source import find_sources, source_names

#: Distributions by the name people know them under.
PACKAGES = {
    "thesis": "thesis-backtest",
    "numpy": "numpy",
    "pandas": "pandas",
    "pyarrow": "pyarrow",
    "vectorbt": "vectorbt",
    "akshare": "akshare",
    "yfinance": "yfinance",
    "exchange-calendars": "exchange-calendars",
    "marina-rules": "marina-rules",
}
#: Days before its horizon at which the calendar is worth renewing.
NEAR = 90
#: Days after which the rules are worth renewing.
OLD = 365


@dataclass(frozen=True)
class Package:
    """One installed package.

    Attributes
    ----------
    version
        None if it is not installed.
    problem
        What is wrong with it; empty if nothing is.
    """

    name: str
    version: str | None
    problem: str = ""


@dataclass(frozen=True)
class Horizon:
    """How far the calendar reaches.

    Attributes
    ----------
    last
        The last day it knows.
    days_left
        From today to then; negative once it has passed.
    """

    last: dt.date
    days_left: int

    @property
    def is_near(self) -> bool:
        """Whether the calendar is worth renewing."""
        return self.days_left < NEAR


@dataclass(frozen=True)
class Rules:
    """The dated exchange rules.

    Attributes
    ----------
    citation
        Name, version and content hash.
    age
        Days since the date in their version; None if it is no date, or lies after today.
    """

    citation: str
    age: int | None

    @property
    def is_old(self) -> bool:
        """Whether the rules are worth renewing."""
        return self.age is not None and self.age > OLD


@dataclass(frozen=True)
class Plugin:
    """What is registered under one name of ``--source``.

    Attributes
    ----------
    sources
        The sources it stands for, in the order they are asked; empty if they cannot be had.
    problem
        Why it fails to load; empty if it does not.
    wants
        What it says that it wants before it can be used: no fault of the installation.
    """

    name: str
    sources: tuple[str, ...] = ()
    problem: str = ""
    wants: str = ""


def packages() -> tuple[Package, ...]:
    """Versions of Python and of what the results depend on, read without importing it."""
    found = []
    for name, distribution in PACKAGES.items():
        number = _version(distribution)
        found.append(Package(name, number, "" if number else "it is not installed"))
    return (*found, _engine(), Package("Python", platform.python_version()))


def horizon(today: dt.date) -> Horizon:
    """How far the calendar reaches."""
    last = calendar_horizon()
    return Horizon(last, (last - today).days)


def rules(today: dt.date) -> Rules:
    """The rules and their age; marina-rules is numbered by the day it was made."""
    number = (_version("marina-rules") or "").split(".")
    try:
        age = (today - dt.date(*map(int, number[:3]))).days
    except (TypeError, ValueError):
        return Rules(citation(), None)
    return Rules(citation(), age if age >= 0 else None)


def plugins() -> tuple[Plugin, ...]:
    """Every installed name of ``--source``, each loaded."""
    found = []
    for name in source_names():
        try:
            names = tuple(source.name for source in find_sources(name))
        except UsageError as error:
            # A source that only wants setting up says so in words of its own.
            if error.__cause__ is not None or " is no source; " in str(error):
                found.append(Plugin(name, problem=str(error)))
            else:
                found.append(Plugin(name, wants=str(error).removeprefix(f"--source {name}: ")))
        else:
            found.append(Plugin(name, names))
    return tuple(found)


def _engine() -> Package:
    """The Rust engine that executes the orders; vectorbt takes it at its own version alone."""
    name = "vectorbt-rust"
    number, wanted = _version(name), _version("vectorbt")
    if number is None:
        return Package(name, None, "it is not installed")
    try:
        import_module("vectorbt_rust")
    except Exception as error:  # a wheel for another machine may fail in any way
        return Package(name, number, f"it does not load ({type(error).__name__}: {error})")
    if wanted and number.rsplit(".", 1)[0] != wanted.rsplit(".", 1)[0]:
        return Package(name, number, f"it does not fit vectorbt {wanted}")
    return Package(name, number)


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
