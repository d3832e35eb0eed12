"""A market review for the terminal, as a rich renderable."""

from rich.console import Group, RenderableType
from rich.text import Text

from thesis.reporting.review import Review
from thesis.reporting.terminal.grid import titled_table
from thesis.reporting.terminal.lines import simulated_banner
from thesis.reporting.words.language import ENGLISH, Language
from thesis.reporting.words.review import (
    basis_words,
    caution_words,
    index_rows,
    mover_rows,
    movers_title,
    movers_words,
    note_words,
    printed_words,
    summary_words,
    table_order,
    title_words,
)
from thesis.scoring.movers import Movers

#: Columns of text, which come before those of numbers.
_WORDS = {"indices": 3, "movers": 2}


def review_view(found: Review, lang: Language = ENGLISH, *, plain: bool = False) -> RenderableType:
    """The industries, what reports print of them, and the movers of those asked for."""
    parts: list[RenderableType] = []
    if found.simulated:
        parts.append(simulated_banner(found.panel.origin))
    parts += [Text(summary_words(found, lang), style="bold"), Text()]
    parts += [Text(title_words(found, lang), style="bold"), _indices(found, lang, plain)]
    parts.append(Text(basis_words(found, lang), style="dim"))
    if found.printed:
        parts += [Text(), *map(Text, printed_words(found, lang))]
    for movers in found.movers:
        parts += _movers(found, movers, lang, plain)
    if not found.movers:
        parts += [Text(), Text(lang.say("review.ask"), style="dim")]
    notes = [each.message for each in note_words(found, lang)]
    notes += [caution_words(each, lang) for each in found.cautions]
    if notes:
        parts += [Text(), *(Text(f"! {each}", style="yellow") for each in notes)]
    told = found.to_dict()
    parts += [
        Text(),
        Text(
            lang.say(
                "review.prices",
                origin=found.panel.origin,
                last=str(found.panel.last),
                fingerprint=found.panel.fingerprint[:12],
                as_of=str(found.as_of),
                calendar=told["provenance"]["calendar"],
                version=told["provenance"]["thesis_version"],
            ),
            style="dim",
        ),
    ]
    return Group(*parts)


def _indices(found: Review, lang: Language, plain: bool) -> RenderableType:
    heads, rows = index_rows(found, lang)
    table = titled_table("", plain)  # its title is a line of its own, which may be wider
    for at, head in enumerate(heads):
        table.add_column(
            head, justify="right" if at == 0 or at >= _WORDS["indices"] else "left", no_wrap=True
        )
    for each, row in zip(table_order(found), rows, strict=True):
        bold = "bold" if each is found.indices.benchmark else ""
        table.add_row(*map(Text, row), style=bold)
    return table


def _movers(found: Review, movers: Movers, lang: Language, plain: bool) -> list[RenderableType]:
    parts: list[RenderableType] = []
    for which, stocks in (("top", movers.top(found.count)), ("bottom", movers.bottom(found.count))):
        if not stocks:
            continue
        heads, rows = mover_rows(found, movers, stocks, lang)
        table = titled_table("", plain)
        for at, head in enumerate(heads):
            number = _WORDS["movers"] <= at < len(heads) - (len(heads) > 4)
            table.add_column(head, justify="right" if number else "left", no_wrap=True)
        for row in rows:
            table.add_row(*map(Text, row))
        title = movers_title(which, len(stocks), movers, lang)
        parts += [Text(), Text(title, style="bold"), table]
    return [*parts, *(Text(line, style="dim") for line in movers_words(found, movers, lang))]
