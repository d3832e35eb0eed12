"""What figures call a thesis, its indices and its readings, in either language."""

from thesis.market.industry import INDUSTRIES
from thesis.reporting.figures.marks import escaped
from thesis.reporting.language import Language
from thesis.reporting.words import index_name, percent, points, signed
from thesis.research.thesis import Thesis

_CHINESE = {
    "000300.SH": "沪深300",
    "H00300.CSI": "沪深300全收益",
    "000852.SH": "中证1000",
    **{industry.code: industry.name_zh for industry in INDUSTRIES},
}


def title_of(thesis: Thesis, lang: Language) -> str:
    """The thesis's own title, as it is."""
    return lang.either(thesis.title, thesis.title_zh)


def two_lines(kind: str, thesis: Thesis, lang: Language) -> str:
    """A figure's title: what it shows, and below it of which thesis."""
    return f"{kind}<br>{escaped(title_of(thesis, lang))}"


def index_words(code: str, lang: Language) -> str:
    """The name of an index."""
    return lang.either(index_name(code), _CHINESE.get(code, ""))


def sector_words(code: str, lang: Language) -> str:
    """The name of a sector index, as such."""
    name = index_words(code, lang)
    return lang.say("figure.index", index=name[:1].upper() + name[1:])


def rating_words(thesis: Thesis, rating: str, lang: Language) -> str:
    """A rating's name."""
    band = thesis.scale.band(rating)
    return lang.either(band.name, band.name_zh)


def headline_words(thesis: Thesis, lang: Language) -> str:
    """What the headline is read on."""
    first, last = thesis.scale.months
    if first == last:
        return lang.say("figure.end", last=last)
    return lang.say("figure.mean", first=first, last=last)


def earned_words(thesis: Thesis, excess: float, lang: Language) -> str:
    """An excess in points, with the rating it earns."""
    rating = rating_words(thesis, thesis.scale.earned(excess), lang)
    return lang.say("figure.with_rating", excess=points(excess), rating=rating)


def return_words(value: float) -> str:
    """A return in percent, signed.

    Examples
    --------
    >>> return_words(-0.0123), return_words(0.0)
    ('-1.2%', '0.0%')
    """
    return percent(0.0) if signed(value * 100) == "0.0" else f"{signed(value * 100)}%"
