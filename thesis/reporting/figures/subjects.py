"""What figures call a thesis, its indices and its numbers, in either language."""

from thesis.reporting.figures.marks import escaped
from thesis.reporting.words.language import Language
from thesis.reporting.words.terms import band_name, index_name, points, signed
from thesis.research.thesis import Thesis
from thesis.scoring.names import NameResult


def title_of(thesis: Thesis, lang: Language) -> str:
    """The thesis's own title, as it is."""
    return lang.either(thesis.title, thesis.title_zh)


def two_lines(kind: str, thesis: Thesis, lang: Language) -> str:
    """A figure's title: what it shows, and below it of which thesis."""
    return f"{kind}<br>{escaped(title_of(thesis, lang))}"


def sector_words(code: str, lang: Language) -> str:
    """The name of a sector index, as such."""
    name = index_name(code, lang)
    return lang.say("figure.index", index=name[:1].upper() + name[1:])


def earned_words(thesis: Thesis, excess: float, lang: Language) -> str:
    """An excess in points, with the rating it earns."""
    rating = band_name(thesis, thesis.scale.earned(excess), lang)
    return lang.say("figure.with_rating", excess=points(excess), rating=rating)


def return_words(value: float) -> str:
    """A return in percent, signed.

    Examples
    --------
    >>> return_words(-0.0123), return_words(0.0)
    ('-1.2%', '0.0%')
    """
    return f"{signed(value * 100)}%"


def row_name(name: NameResult) -> str:
    """A stock as a row of a figure: its name and the digits of its code, escaped."""
    return escaped(f"{name.name} {name.code.partition('.')[0]}".strip())
