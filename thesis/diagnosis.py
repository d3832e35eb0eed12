"""The public verb that says what is wrong on this machine and what to do: examine."""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from thesis.market.calendar import SHANGHAI
from thesis.market.health import LITTLE_SPACE, Health, examine_store
from thesis.market.installation import (
    Horizon,
    Package,
    Plugin,
    Rules,
    horizon,
    packages,
    plugins,
    rules,
)
from thesis.market.sources.failure import REMEDY, Kind
from thesis.market.store import Store

if TYPE_CHECKING:
    from thesis.market.rollcall import RollCall


@dataclass(frozen=True)
class Diagnosis:
    """How thesis is on this machine.

    Attributes
    ----------
    packages
        Versions of what the results depend on.
    horizon
        How far the calendar reaches.
    rules
        The dated exchange rules.
    plugins
        What is installed under each name of ``--source``.
    store
        How the price store is.
    roll
        Which hosts answered; None if the network was not to be asked.
    """

    packages: tuple[Package, ...]
    horizon: Horizon
    rules: Rules
    plugins: tuple[Plugin, ...]
    store: Health
    roll: "RollCall | None"

    @property
    def is_grave(self) -> bool:
        """Whether prices are damaged or cannot be had; the rest are notes."""
        silent = self.roll is not None and self.roll.is_silent
        return self.store.is_damaged or self.store.is_useless or silent

    @property
    def advice(self) -> tuple[str, ...]:
        """What to do, the most important first; empty if all is well."""
        return tuple(_advice(self))


def examine(
    network: bool = False,
    mend: bool = False,
    *,
    store: Store | None = None,
    tell: Callable[[str], None] = lambda what: None,
) -> Diagnosis:
    """Look at versions, calendar, rules, sources, store and, if asked, the hosts.

    Parameters
    ----------
    network
        Whether to ask the hosts; nothing else does.
    mend
        Whether to put right what is wrong in the store; nothing that holds bars is deleted.
    store
        By default that of ``$THESIS_HOME`` or the platform's data directory.
    tell
        Called with what is being looked at.
    """
    day = today()
    tell("store")
    health = examine_store(store or Store.default(), mend=mend)
    roll = None
    if network:
        from thesis.market.rollcall import call_roll

        roll = call_roll(day, tell)
    return Diagnosis(
        packages=packages(),
        horizon=horizon(day),
        rules=rules(day),
        plugins=plugins(),
        store=health,
        roll=roll,
    )


def today() -> dt.date:
    """The day in Shanghai."""
    return dt.datetime.now(SHANGHAI).date()


def _advice(found: Diagnosis) -> Iterator[str]:
    yield from _store_advice(found.store)
    if found.roll is not None and found.roll.is_silent:
        yield "No source of prices answered: nothing can be fetched at this moment"
    for package in found.packages:
        if package.problem:
            yield f"{package.name}: {package.problem}; pip install --upgrade {_wanted(package)}"
    yield from (plugin.problem for plugin in found.plugins if plugin.problem)
    yield from _horizon_advice(found.horizon)
    if found.roll is not None:
        yield from _host_advice(found.roll)
    if found.store.free < LITTLE_SPACE:
        yield f"Free some space: {found.store.free / 1e6:.0f} MB are left for {found.store.home}"
    if found.rules.is_old:
        yield (
            f"The exchange rules are {found.rules.age} days old, and later fees are unknown: "
            "pip install --upgrade marina-rules"
        )
    if found.store.holder:
        yield (
            f"The store was not checked, since {found.store.holder} is writing to it: run thesis "
            "doctor again when it has ended"
        )


def _store_advice(store: Health) -> Iterator[str]:
    kinds = [finding.kind for finding in store.findings]
    if store.failure:
        yield f"The store could not be checked: {store.failure}"
    if store.obstacle:
        yield (
            f"Nothing can be stored ({store.obstacle}): change its permissions, or set "
            "THESIS_HOME to a folder of yours"
        )
    if unreadable := kinds.count("unreadable"):
        yield f"{_files(unreadable)} of the store may not be read: change permissions"
    if mendable := len(kinds) - unreadable - (foreign := kinds.count("foreign")):
        yield (
            f"thesis doctor --mend puts right {mendable} of what was found in the store; bars that "
            "are lost come again with thesis fetch NAME"
        )
    if any(finding.kind in ("damaged", "fileless") for finding in store.mended):
        yield "What was damaged is gone from the store: thesis fetch NAME asks for it again"
    if foreign:
        yield (
            f"{_files(foreign)} in {store.home / 'bars'} not written by thesis: move elsewhere "
            "and read with thesis import"
        )


def _horizon_advice(horizon: Horizon) -> Iterator[str]:
    renew = (
        "pip install --upgrade exchange-calendars (the exchanges publish a year's holidays in the "
        "December before)"
    )
    if horizon.days_left < 0:
        yield f"The calendar ended on {horizon.last}; no later session is known: {renew}"
    elif horizon.is_near:
        yield (
            f"The calendar ends on {horizon.last}, in {horizon.days_left} days; a window that "
            f"ends later has no date yet: {renew}"
        )


def _host_advice(roll: "RollCall") -> Iterator[str]:
    for one in roll.opinions:
        if one.binding and not one.agrees:
            yield (
                f"{one.sources[0]} and {one.sources[1]} disagree on {one.code}: their closes of "
                f"{one.day} are {one.apart:.4g} apart. Ask again tomorrow; until then trust neither"
            )
    hosts: dict[Kind, dict[str, None]] = {}
    for answer in roll.answers:
        if answer.failure is not None and answer.failure.kind != "resting":
            hosts.setdefault(answer.failure.kind, {})[answer.host] = None
    for kind, names in hosts.items():
        yield f"{', '.join(names)} ({kind.replace('_', ' ')}): {REMEDY[kind]}"


def _wanted(package: Package) -> str:
    """What pip is to install: the engine comes with vectorbt, at its version."""
    return "'vectorbt[rust]'" if package.name == "vectorbt-rust" else package.name


def _files(count: int) -> str:
    return f"{count} file" if count == 1 else f"{count} files"
