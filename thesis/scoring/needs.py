"""What prices a thesis needs: which codes, from which day, and which cautions concern it."""

import datetime as dt
from dataclasses import replace

from thesis.errors import Caution
from thesis.market.benchmark import SMALL_CAPS, TOTAL_RETURN
from thesis.market.industry import INDUSTRIES
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis

#: Calendar days before publication whose bars are read: over 500 sessions, more than any weighting
#: or estimation window looks back.
HISTORY_DAYS = 800


def needed_codes(thesis: Thesis) -> tuple[str, ...]:
    """The codes without which a thesis cannot be scored on real prices."""
    sector = thesis.claim.sector_index
    return (*thesis.codes, thesis.scale.benchmark, *((sector,) if sector else ()))


def wanted_codes(thesis: Thesis) -> tuple[str, ...]:
    """Every code a score looks at: names, benchmarks, and the indices of all industries."""
    benchmark = thesis.scale.benchmark
    total = TOTAL_RETURN.get(benchmark)
    return (
        *needed_codes(thesis),
        *((total,) if total else ()),
        *thesis.claim.report_sectors,
        *(segment.benchmark_index for segment in thesis.segment if segment.benchmark_index),
        *(industry.code for industry in INDUSTRIES),
        SMALL_CAPS,
    )


def first_day(thesis: Thesis) -> dt.date:
    """The first day a score looks at."""
    return thesis.published_day - dt.timedelta(days=HISTORY_DAYS)


def own_cautions(panel: PricePanel, thesis: Thesis) -> PricePanel:
    """The panel with the cautions that concern a thesis: those of no code, or of one of its own."""
    others = {c.code for c in panel.cautions} - {"factor_missing", "factor_falls"}

    def concerns(caution: Caution) -> bool:
        return caution.code in others or any(code in caution.message for code in panel.codes)

    return replace(panel, cautions=tuple(filter(concerns, panel.cautions)))
