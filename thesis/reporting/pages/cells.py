"""Cells of a page's tables: text for people, and beside it the number they are sorted by."""

import datetime as dt

from thesis.reporting.pages.blocks import Cell, Tone
from thesis.reporting.words.language import Language
from thesis.reporting.words.terms import percent, points, reading_cell, result_word, signed
from thesis.research.thesis import Thesis
from thesis.scoring.leg import Leg
from thesis.scoring.reading import Reading

#: How a result looks. Colour never stands alone: the word is beside it.
TONES: dict[str, Tone] = {
    "met": "good",
    "exceeded": "good",
    "missed": "bad",
    "not_yet": "open",
    "not_scorable": "open",
    "simulated": "bad",
}

NOTHING = Cell("-")


def words(text: str, tone: Tone = "", lang: str | None = None) -> Cell:
    """A cell of text, sorted by it."""
    return Cell(text, text, tone, lang)


def chinese(text: str, lang: Language) -> Cell:
    """A cell of Chinese text, a company's name, marked so for a reader's voice."""
    return Cell(text, text, lang=None if lang.code == "zh" else "zh-Hans")


def in_points(value: float | None) -> Cell:
    """A difference of returns, in points."""
    return Cell(points(value), value)


def step(value: float | None) -> Cell:
    """A small difference of returns, in points with two digits."""
    return NOTHING if value is None else Cell(signed(value * 100, 2), value)


def in_percent(value: float | None, decimals: int = 1) -> Cell:
    """A share or a return, in percent."""
    return Cell(percent(value, decimals), value)


def amount(value: float, decimals: int = 2) -> Cell:
    """Shares or money."""
    return Cell(f"{value:,.{decimals}f}", value)


def day(value: dt.date | None) -> Cell:
    """A day."""
    return NOTHING if value is None else Cell(str(value), str(value), is_whole=True)


def days(first: dt.date | None, last: dt.date | None) -> Cell:
    """From a day to a day."""
    return Cell(f"{first} – {last}", str(first), is_whole=True)


def code(text: str) -> Cell:
    """A security's code."""
    return Cell(text, text, is_whole=True)


def rated(reading: Reading | None, thesis: Thesis, lang: Language) -> Cell:
    """A reading: points and rating, sorted by the excess."""
    text = reading_cell(reading, thesis, lang=lang)
    return Cell(text, None if reading is None else reading.excess)


def result_of(leg: Leg, lang: Language) -> Cell:
    """What became of the claim on a leg."""
    result = leg.verdict.result
    return Cell(result_word(result, lang=lang), result, TONES[result])
