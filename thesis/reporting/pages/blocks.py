"""What a page is made of: sections of tables, figures, facts and lines.

Plain nouns of finished text, without a tag in them: the template sets them, and escapes them all.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from thesis.reporting.drawing import Drawing

Tone = Literal["", "good", "bad", "open", "quiet", "mark"]


@dataclass(frozen=True)
class Cell:
    """A cell of a table.

    Attributes
    ----------
    value
        What it is sorted by: the unrounded number, or its text. None is unknown and sorts last.
    tone
        How it looks: a verdict, a mark, or less important than the rest.
    lang
        The language of its text where it is not the page's.
    is_whole
        Whether its text is never broken over two lines, as that of a date.
    link
        A page it leads to, as a relative address.
    """

    text: str
    value: float | str | None = None
    tone: Tone = ""
    lang: str | None = None
    is_whole: bool = False
    link: str | None = None


@dataclass(frozen=True)
class Column:
    """A column of a table; numbers are set to the right."""

    label: str
    is_number: bool = False


@dataclass(frozen=True)
class Sheet:
    """A table.

    Attributes
    ----------
    sortable
        Whether a reader may sort it by its columns; its last rows in `totals` stay where they are.
    heads
        Whether the first cell of a row is its heading.
    """

    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[tuple[Cell, ...], ...] = ()
    notes: tuple[str, ...] = ()
    sortable: bool = False
    heads: bool = True
    kind: str = field(default="sheet", init=False)


@dataclass(frozen=True)
class Picture:
    """A figure, drawn for a wide screen, and again for a phone where it may be read on one."""

    wide: Drawing
    narrow: Drawing | None
    notes: tuple[str, ...] = ()
    kind: str = field(default="picture", init=False)

    @property
    def title(self) -> str:
        """What it shows."""
        return self.wide.title


@dataclass(frozen=True)
class Line:
    """A sentence; its `lang` where it is not the page's."""

    text: str
    lang: str | None = None
    tone: Tone = ""


@dataclass(frozen=True)
class Lines:
    """Sentences, one below another."""

    lines: tuple[Line, ...]
    title: str = ""
    kind: str = field(default="lines", init=False)


@dataclass(frozen=True)
class Fact:
    """A term and what it is."""

    term: str
    text: str
    lang: str | None = None


@dataclass(frozen=True)
class Facts:
    """Terms and what they are."""

    facts: tuple[Fact, ...]
    kind: str = field(default="facts", init=False)


@dataclass(frozen=True)
class Group:
    """A segment of a thesis: what the publisher wrote of it, and its names.

    Attributes
    ----------
    quotes
        The publisher's own words.
    names
        Name with code, its ground as a word, and why it stands there where no one printed it.
    """

    title: str
    quotes: tuple[str, ...]
    names: tuple[tuple[str, str, Line | None], ...]
    note: str = ""


@dataclass(frozen=True)
class Groups:
    """The segments of a thesis."""

    groups: tuple[Group, ...]
    kind: str = field(default="groups", init=False)


Block = Sheet | Picture | Lines | Facts | Groups


@dataclass(frozen=True)
class Section:
    """A part of a page under a heading of its own."""

    id: str
    title: str
    blocks: tuple[Block, ...]


def lines(texts: Sequence[str], tone: Tone = "") -> Lines:
    """Sentences in the page's language."""
    return Lines(tuple(Line(text, tone=tone) for text in texts))
