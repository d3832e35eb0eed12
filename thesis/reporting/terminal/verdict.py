"""The verdict card for the terminal: ten lines, with the daily excess as a sparkline."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.text import Text

from thesis.reporting.backtest import Backtest
from thesis.reporting.terminal.sparkline import BLOCKS, DIGITS, Glyphs, Sparkline, sparkline
from thesis.reporting.words.card import card_lines
from thesis.reporting.words.claims import joined
from thesis.reporting.words.terms import points
from thesis.scoring.reading import Horizon

Floats = npt.NDArray[np.float64]

HEADING = "Excess "

#: A sparkline of fewer cells has its words on a line of their own.
FEWEST = 25


def verdict_card(result: Backtest) -> RenderableType:
    """What was said, what it came to, and how much of it was luck: at most ten lines of 100."""
    card, thesis = card_lines(result), result.thesis
    lines: list[RenderableType] = [
        Text.assemble((thesis.id, "bold"), "  ", joined(thesis.title, thesis.title_zh)),
        Text(f"{card.source}; {card.claim}", style="dim"),
        Text(card.verdict, style="bold"),
    ]
    if (course := excess_line(result)) is not None:
        lines.append(course)
    told = (card.names, card.luck, card.fragility, card.entry)
    return Group(*lines, *(Text(line) for line in told if line))


def excess_line(result: Backtest) -> "ExcessLine | None":
    """The daily excess of the leg whose verdict counts; None where none of it is known."""
    score, leg = result.score, result.score.primary
    if leg is None or leg.last_known is None:
        return None
    ends = Horizon.on(score.axis, score.when.windows).rows
    month, row = next(iter(ends.items()), ("", None))
    return ExcessLine(leg.excess, month, row)


@dataclass(frozen=True, eq=False)
class ExcessLine:
    """A sparkline with its scale, in characters that the console can show.

    Attributes
    ----------
    excess
        Daily, since the entry, shape (T,), fractions; NaN where unknown.
    month
        What a bar marks: the first end of the window.
    row
        Its row; None where it has not come.
    """

    excess: Floats
    month: str
    row: int | None

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        glyphs, room = glyphs_for(options.encoding), options.max_width - len(HEADING) - 1
        for width in range(room, FEWEST - 1, -1):
            line = sparkline(self.excess, width)
            told = f"{HEADING}{line.drawn(glyphs, self.row)} {self._scale(line, glyphs)}"
            if len(told) <= options.max_width:
                yield Text(told)
                return
        line = sparkline(self.excess, room)
        yield Text(f"{HEADING}{line.drawn(glyphs, self.row)}")
        yield Text(self._scale(line, glyphs))

    def _scale(self, line: Sparkline, glyphs: Glyphs) -> str:
        """Lowest and highest, what lies below zero, how many closes a cell is, what a bar marks."""
        told = [f"{points(line.low)} to {points(line.high)} points", line.zero_words(glyphs)]
        if line.every > 1:
            told.append(f"each {_ordinal(line.every)} close")
        if self.row is not None:
            told.append(f"{glyphs.bar} {self.month}")
        return ", ".join(told)


def glyphs_for(encoding: str) -> Glyphs:
    """Blocks where an encoding has them, digits where not.

    Examples
    --------
    >>> [glyphs_for(encoding).heights for encoding in ("utf-8", "cp1252", "ascii")]
    ['▁▂▃▄▅▆▇█', '12345678', '12345678']
    """
    try:
        f"{BLOCKS.heights}{BLOCKS.gap}{BLOCKS.bar}".encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return DIGITS
    return BLOCKS


def _ordinal(number: int) -> str:
    last = 0 if 10 <= number % 100 <= 20 else number % 10
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') }"
