"""What figures call a thesis, its indices and its numbers, in either language."""

from thesis.errors import UsageError
from thesis.reporting.backtest import Backtest
from thesis.reporting.figures.marks import escaped
from thesis.reporting.words.language import Language
from thesis.reporting.words.reasons import reason_words
from thesis.reporting.words.terms import PICKED, band_name, index_name, points
from thesis.reporting.words.verdict import names_words, range_words
from thesis.research.thesis import Thesis
from thesis.scoring.evidence import NO_NAMES, NOTHING_YET
from thesis.scoring.leg import Leg
from thesis.scoring.names import NameResult

#: What returns each subject of a figure.
RETURNED_BY = {
    "Backtest": "thesis.backtest",
    "Comparison": "thesis.compare",
    "Review": "thesis.review",
}


def check_subject(kind: str, given: object, wanted: type) -> None:
    """Refuse a subject that a figure is not of.

    Raises
    ------
    UsageError
        If `given` is no `wanted`; it says what returns one.
    """
    if not isinstance(given, wanted):
        raise UsageError(
            f"thesis.figures.{kind} takes a {wanted.__name__}, as {RETURNED_BY[wanted.__name__]} "
            f"returns; got {type(given).__name__}"
        )


def nothing_to_draw(kind: str, thesis: Thesis, reason: str | None, lang: Language) -> UsageError:
    """What a figure raises that has nothing to show, with the reason."""
    why = reason_words(reason or NOTHING_YET, lang)
    return UsageError(lang.say(f"{kind}_figure.nothing", id=thesis.id, why=why))


def reason_of(leg: Leg | None) -> str:
    """Why the headline of a basket is not known."""
    return NO_NAMES if leg is None else leg.verdict.reason or NOTHING_YET


def title_of(thesis: Thesis, lang: Language) -> str:
    """The thesis's own title, as it is."""
    return lang.either(thesis.title, thesis.title_zh)


def called(result: Backtest, lang: Language) -> str:
    """A result's thesis by its title; names that no report printed with their ground and range."""
    title, score = title_of(result.thesis, lang), result.score
    if not {name.basis for name in score.names} & PICKED:
        return title
    grounds = range_words(names_words(score, lang), score.without, lang)
    return lang.say("figure.grounds", title=title, grounds=grounds)


def two_lines(kind: str, result: Backtest, lang: Language) -> str:
    """A figure's title: what it shows, and below it of which thesis."""
    return f"{kind}<br>{escaped(called(result, lang))}"


def sector_words(code: str, lang: Language) -> str:
    """The name of a sector index, as such."""
    name = index_name(code, lang)
    return lang.say("figure.index", index=name[:1].upper() + name[1:])


def earned_words(thesis: Thesis, excess: float, lang: Language) -> str:
    """An excess in points, with the rating it earns."""
    rating = band_name(thesis, thesis.scale.earned(excess), lang)
    return lang.say("figure.with_rating", excess=points(excess), rating=rating)


def row_name(name: NameResult) -> str:
    """A stock as a row of a figure: its name and the digits of its code, escaped."""
    return escaped(f"{name.name} {name.code.partition('.')[0]}".strip())
