"""How thesis is on this machine, for people: what was found, then what to do."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from rich.console import Group, RenderableType

    from thesis.market.health import Health
    from thesis.market.installation import Horizon, Package, Plugin, Rules
    from thesis.market.rollcall import Answer, Opinion, RollCall


class Examined(Protocol):
    """How thesis is on this machine."""

    @property
    def packages(self) -> "Sequence[Package]":
        """Versions."""

    @property
    def horizon(self) -> "Horizon":
        """How far the calendar reaches."""

    @property
    def rules(self) -> "Rules":
        """The dated exchange rules."""

    @property
    def plugins(self) -> "Sequence[Plugin]":
        """Installed sources."""

    @property
    def store(self) -> "Health":
        """How the store is."""

    @property
    def roll(self) -> "RollCall | None":
        """Which hosts answered; None if they were not asked."""

    @property
    def advice(self) -> Sequence[str]:
        """What to do, the most important first."""


def diagnosis_view(found: Examined, *, plain: bool) -> "Group":
    """A paragraph a subject, a table of the hosts, and a numbered list of what to do.

    Parameters
    ----------
    plain
        Without rules and colour: piped, or on a narrow terminal.
    """
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    facts = Table(box=None, show_header=False, pad_edge=False)
    facts.add_column(no_wrap=True, style="" if plain else "bold")
    facts.add_column(overflow="fold")
    for heading, words in _facts(found):
        facts.add_row(heading, Text(words))
    parts: list[RenderableType] = [facts]
    if found.roll is not None:
        parts += [Text(), *_roll(found.roll, plain=plain)]
    if found.advice:
        todo = Table(box=None, show_header=False, pad_edge=False)
        for number, sentence in enumerate(found.advice, 1):
            todo.add_row(f"{number}.", Text(sentence))
        parts += [Text(), Text("What to do", style="bold"), todo]
    else:
        parts += [Text(), Text("All is well.")]
    return Group(*parts)


def _facts(found: Examined) -> Iterator[tuple[str, str]]:
    yield "versions", ", ".join(_package(package) for package in found.packages)
    left = found.horizon.days_left
    reach = f"{left} days left" if left >= 0 else f"ended {-left} days ago"
    yield "calendar", f"sessions known to {found.horizon.last}: {reach}"
    age = "" if found.rules.age is None else f", {found.rules.age} days old"
    yield "rules", f"{found.rules.citation.removeprefix('rules: ')}{age}"
    yield "sources", "; ".join(_plugin(plugin) for plugin in found.plugins)
    store = found.store
    yield "store", f"{store.home}: {', '.join(_store(store))}"
    for finding in store.mended:
        yield "", f"- mended: {finding}"
    for finding in store.findings:
        yield "", f"- {finding}"


def _package(package: "Package") -> str:
    words = f"{package.name} {package.version or 'missing'}"
    return f"{words} ({package.problem})" if package.version and package.problem else words


def _plugin(plugin: "Plugin") -> str:
    if plugin.problem:
        return f"{plugin.name} FAILS TO LOAD"
    if plugin.wants:
        return f"{plugin.name} (not set up: {plugin.wants})"
    alone = plugin.sources == (plugin.name,)
    return plugin.name if alone else f"{plugin.name} ({', '.join(plugin.sources)})"


def _store(store: "Health") -> Iterator[str]:
    if store.exists:
        yield f"{store.codes} code{'' if store.codes == 1 else 's'}"
        yield f"{store.size / 1e6:,.1f} MB" if store.size >= 1e6 else f"{store.size / 1e3:.0f} kB"
    else:
        yield "not there yet, thesis fetch makes it"
    yield f"{store.free / 1e9:,.1f} GB free"
    yield f"CANNOT BE WRITTEN ({store.obstacle})" if store.obstacle else "can be written"
    if store.holder:
        yield f"being written by {store.holder}, not checked"
    elif store.exists and not store.failure:
        wrong = len(store.findings)
        yield "every file as it was written" if not wrong else f"{wrong} found:"


def _roll(roll: "RollCall", *, plain: bool) -> "Iterator[RenderableType]":
    from rich.text import Text

    from thesis.reporting.terminal.grid import rows_table

    rows = [
        (one.host, f"{one.what} of {one.code}", f"{one.seconds:.1f} s", _answer(one))
        for one in roll.answers
    ]
    yield rows_table(("host", "asked for", "took", "answer"), rows, plain=plain)
    for opinion in roll.opinions:
        yield Text(f"- {_opinion(opinion)}")


def _answer(answer: "Answer") -> str:
    if answer.failure is not None:
        return f"{answer.failure.kind.replace('_', ' ').upper()}: {answer.happened}"
    if answer.last is not None:
        return f"{answer.count} sessions to {answer.last}"
    return f"{answer.count} event{'' if answer.count == 1 else 's'}"


def _opinion(opinion: "Opinion") -> str:
    one, two = opinion.sources
    kind = "" if opinion.binding else " (a cross-check only)"
    if not opinion.sessions:
        return f"{opinion.code}: {one} and {two} have no session in common{kind}"
    if opinion.agrees:
        return f"{opinion.code}: {one} and {two} agree on {opinion.sessions} closes{kind}"
    return (
        f"{opinion.code}: {one} and {two} DISAGREE: {opinion.apart:.4g} apart on {opinion.day}, "
        f"where {opinion.tolerance:g} is allowed{kind}"
    )
