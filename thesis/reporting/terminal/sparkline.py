"""A path of returns as one line of characters, with zero where a reader can see it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

#: Heights of a cell.
LEVELS = 8


@dataclass(frozen=True)
class Glyphs:
    """The characters a sparkline is drawn with.

    Attributes
    ----------
    heights
        One a level, the lowest first.
    gap
        Where nothing is known.
    bar
        Before a cell that is marked.
    """

    heights: str
    gap: str
    bar: str


BLOCKS = Glyphs("▁▂▃▄▅▆▇█", "·", "│")
DIGITS = Glyphs("12345678", ".", "|")


@dataclass(frozen=True)
class Sparkline:
    """Levels of a path.

    Attributes
    ----------
    levels
        One a cell, 0 the lowest; None where nothing is known.
    below
        How many levels lie below zero, the lowest ones: a cell of one of them is negative, a cell
        of any other is not.
    every
        A cell is the last known value of so many.
    low, high
        Of all values, not only those shown; None where none is known.
    """

    levels: tuple[int | None, ...]
    below: int
    every: int
    low: float | None
    high: float | None

    def drawn(self, glyphs: Glyphs, mark: int | None = None) -> str:
        """The line; a bar stands before the cell that holds the value numbered `mark`.

        Examples
        --------
        >>> sparkline([-0.1, 0.0, float("nan"), 0.7], 4).drawn(DIGITS, mark=3)
        '12.|8'
        """
        cells = [glyphs.gap if each is None else glyphs.heights[each] for each in self.levels]
        if mark is not None and 0 <= mark // self.every < len(cells):
            cells.insert(mark // self.every, glyphs.bar)
        return "".join(cells)

    def zero_words(self, glyphs: Glyphs) -> str:
        """Which of the characters lie below zero.

        Examples
        --------
        >>> sparkline([-0.3, 0.5], 2).zero_words(DIGITS)
        '1-3 below 0'
        """
        if self.below in (0, LEVELS):
            return "none below 0" if not self.below else "all below 0"
        first, last = glyphs.heights[0], glyphs.heights[self.below - 1]
        return f"{first if self.below == 1 else f'{first}-{last}'} below 0"


def sparkline(values: Floats | Sequence[float], width: int) -> Sparkline:
    """Levels for a path, all of one height of return, with zero on the edge between two of them.

    Parameters
    ----------
    values
        Shape (T,); NaN where unknown.
    width
        The most cells there may be. With more values than cells a cell stands for several, of
        which it shows the last known.

    Examples
    --------
    >>> sparkline([0.0, 0.5, 0.2, 0.8], 2).levels
    (5, 7)
    """
    path = np.asarray(values, dtype=float)
    every = max(1, -(-len(path) // max(1, width)))
    shown = [_last_known(path[at : at + every]) for at in range(0, len(path), every)]
    known = path[~np.isnan(path)]
    if not known.size:
        return Sparkline((None,) * len(shown), 0, every, None, None)
    low, high = float(known.min()), float(known.max())
    below = _levels_below(low, high)
    step = _step(low, high, below)
    levels = tuple(None if value is None else _level(value, below, step) for value in shown)
    return Sparkline(levels, below, every, low, high)


def _last_known(values: Floats) -> float | None:
    known = values[~np.isnan(values)]
    return float(known[-1]) if known.size else None


def _levels_below(low: float, high: float) -> int:
    """How many levels to give the values below zero: those that need the least height a level."""
    if low >= 0:
        return 0
    if high < 0:
        return LEVELS
    return min(range(1, LEVELS), key=lambda below: _step(low, high, below))


def _step(low: float, high: float, below: int) -> float:
    """The height of a level: the larger of what either side of zero needs."""
    down = -low / below if below else 0.0
    up = high / (LEVELS - below) if below < LEVELS else 0.0
    return max(down, up)


def _level(value: float, below: int, step: float) -> int:
    """The level of a value; the lowest and the highest take the edge beyond them in."""
    if value >= 0:
        return min(LEVELS - 1, below + (int(value / step) if step else 0))
    return max(0, below - 1 - int(-value / step))
