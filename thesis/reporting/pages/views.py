"""What a notebook shows of a result or a comparison: the verdict's card and the main chart."""

from collections.abc import Iterable
from dataclasses import replace

from thesis.reporting.backtest import Backtest
from thesis.reporting.comparison import Comparison
from thesis.reporting.pages.blocks import Block, Sheet
from thesis.reporting.pages.pictures import Pictures
from thesis.reporting.pages.scoreboard import scoreboard_blocks
from thesis.reporting.pages.shell import view
from thesis.reporting.pages.verdict import card, readings_section
from thesis.reporting.words.language import ENGLISH, Language
from thesis.reporting.words.reasons import origin_words


def result_view(result: Backtest, lang: Language = ENGLISH) -> str:
    """The card of a result, its chart and its readings."""
    head = card(result, lang)
    pictures = Pictures(result, lang, on_page=False)
    return view(
        lang,
        title=head.title,
        card=head,
        blocks=_still(readings_section(result, lang, pictures).blocks),
        simulated=result.simulated,
        origin=origin_words(result.score.case.panel.origin, lang),
    )


def comparison_view(comparison: Comparison, lang: Language = ENGLISH) -> str:
    """The scoreboard of a comparison and its chart."""
    pictures = Pictures(comparison, lang, on_page=False)
    return view(
        lang,
        title="",
        card=None,
        blocks=_still(scoreboard_blocks(comparison, lang, pictures)),
        simulated=comparison.simulated,
        origin=origin_words(
            next((r.score.case.panel.origin for r in comparison.results if r.simulated), ""), lang
        ),
    )


def _still(blocks: Iterable[Block]) -> list[Block]:
    """The same where no script sorts a table."""
    return [replace(each, sortable=False) if isinstance(each, Sheet) else each for each in blocks]
