"""What a notebook shows of a result or a comparison: the verdict's card and the main chart."""

from thesis.reporting.backtest import Backtest
from thesis.reporting.comparison import Comparison
from thesis.reporting.language import ENGLISH, Language
from thesis.reporting.pages.pictures import Pictures
from thesis.reporting.pages.scoreboard import scoreboard_blocks
from thesis.reporting.pages.shell import view
from thesis.reporting.pages.verdict import card, readings_section


def result_view(result: Backtest, lang: Language = ENGLISH) -> str:
    """The card of a result, its chart and its readings."""
    head = card(result, lang)
    return view(
        lang,
        title=head.title,
        card=head,
        blocks=readings_section(result, lang, Pictures(result, lang)).blocks,
        simulated=result.simulated,
        origin=result.score.case.panel.origin,
    )


def comparison_view(comparison: Comparison, lang: Language = ENGLISH) -> str:
    """The scoreboard of a comparison and its chart."""
    return view(
        lang,
        title="",
        card=None,
        blocks=scoreboard_blocks(comparison, lang),
        simulated=comparison.simulated,
        origin=next((r.score.case.panel.origin for r in comparison.results if r.simulated), ""),
    )
