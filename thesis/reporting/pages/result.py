"""The page of a result: one self-contained file."""

from thesis.reporting.backtest import Backtest
from thesis.reporting.pages.claim import claim_section
from thesis.reporting.pages.fragile import fragile_section
from thesis.reporting.pages.luck import evidence_section
from thesis.reporting.pages.names import names_section, segments_section
from thesis.reporting.pages.pictures import Pictures
from thesis.reporting.pages.provenance import provenance_section
from thesis.reporting.pages.shell import render
from thesis.reporting.pages.trades import trades_section
from thesis.reporting.pages.verdict import card, readings_section
from thesis.reporting.words.language import Language
from thesis.reporting.words.reasons import origin_words


def result_page(result: Backtest, lang: Language, home: str | None = None) -> str:
    """A result as HTML.

    Parameters
    ----------
    home
        A page of all theses to go back to, as a relative address.
    """
    found = result.to_dict()
    pictures = Pictures(result, lang)
    sections = (
        claim_section(result, lang),
        readings_section(result, lang, pictures),
        evidence_section(result, lang, pictures),
        names_section(result, lang, pictures),
        segments_section(result, lang),
        trades_section(result, lang, pictures),
        fragile_section(result, lang, pictures),
        provenance_section(result, found, lang),
    )
    head = card(result, lang)
    return render(
        "result.jinja",
        lang,
        title=f"{head.title} · thesis",
        card=head,
        sections=[section for section in sections if section is not None],
        simulated=result.simulated,
        origin=origin_words(found["prices"]["origin"], lang),
        version=found["provenance"]["thesis_version"],
        document=found,
        home=home,
    )
