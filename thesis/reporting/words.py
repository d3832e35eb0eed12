"""Sentences and figures for people: rounding happens here and nowhere else."""

import datetime as dt
from collections.abc import Sequence

from thesis.market.benchmark import Benchmark
from thesis.market.industry import INDUSTRIES
from thesis.reporting.claims import band_meaning, counted, months_words
from thesis.reporting.language import ENGLISH, Language
from thesis.research.thesis import Thesis
from thesis.scoring.fragility import Without
from thesis.scoring.leg import Leg
from thesis.scoring.reading import HEADLINE, Reading
from thesis.scoring.score import Score

INDEX_NAMES = {
    "000300.SH": "CSI 300",
    "H00300.CSI": "CSI 300 total return",
    "000852.SH": "CSI 1000",
    **{industry.code: industry.name for industry in INDUSTRIES},
}

RESULT_WORDS = {
    "met": "met",
    "exceeded": "exceeded",
    "missed": "missed",
    "not_yet": "not yet",
    "not_scorable": "not scorable",
    "simulated": "simulated",
}


def points(value: float | None) -> str:
    """A difference of returns in points, signed.

    Examples
    --------
    >>> points(0.29763), points(-0.0501), points(None)
    ('+29.8', '-5.0', '-')
    """
    return "-" if value is None else signed(value * 100)


def signed(value: float, decimals: int = 1) -> str:
    """A signed number; what rounds to nothing has no sign.

    Examples
    --------
    >>> signed(-0.04), signed(0.05), signed(-0.004, 2)
    ('0.0', '+0.1', '0.00')
    """
    text = f"{value:+.{decimals}f}"
    return text[1:] if float(text) == 0 else text


def percent(value: float | None, decimals: int = 1) -> str:
    """A return or weight in percent."""
    return "-" if value is None else f"{value:.{decimals}%}"


def index_name(code: str) -> str:
    """The name of an index, or its code."""
    return INDEX_NAMES.get(code, code)


def benchmark_words(benchmark: Benchmark) -> str:
    """Name and basis of a benchmark."""
    return f"{index_name(benchmark.code)} ({benchmark.code}, {benchmark.basis} basis)"


def published_words(thesis: Thesis) -> str:
    """When a thesis was published, and how that is known."""
    when = thesis.source.published
    text = when.strftime("%Y-%m-%d %H:%M %z") if isinstance(when, dt.datetime) else str(when)
    return f"{text} ({thesis.source.published_basis})" if thesis.source.published_basis else text


def claim_words(thesis: Thesis) -> str:
    """What the claimed rating means, from the scale.

    Examples
    --------
    >>> from thesis import load
    >>> claim_words(load("media_ai"))
    'Buy: +15 points or more against the CSI 300, months 3-6'
    """
    scale, band = thesis.scale, thesis.band
    against = index_name(scale.benchmark)
    return f"{band.name}: {band_meaning(scale, band)} against the {against}, {months_words(scale)}"


def reading_words(thesis: Thesis) -> str:
    """What the headline is read on."""
    first, last = thesis.scale.months
    return f"mean of months {first}-{last}" if first < last else f"end of month {last}"


def band_name(thesis: Thesis, rating: str | None, lang: Language = ENGLISH) -> str:
    """A rating as the publisher would print it."""
    if rating is None:
        return "-"
    band = thesis.scale.band(rating)
    return lang.either(band.name, band.name_zh)


def verdict_sentence(score: Score) -> str:
    """The verdict in one sentence.

    Examples
    --------
    On real prices: ``Rated Buy. Earned Buy: 29.8 points over the CSI 300 total return, mean of
    months 3-6 (media sector index +22.6: Buy; after rules and costs +29.6: Buy).``
    """
    case, thesis, leg = score.case, score.case.thesis, score.primary
    shouted = "SIMULATED. " if score.case.panel.simulated else ""
    claimed = f"{shouted}Rated {thesis.band.name}."
    if leg is None or leg.headline is None:
        reason = leg.verdict.reason if leg is not None else "nothing is known"
        known = _so_far(score, leg)
        result = "not yet" if score.open_window else "not scorable"
        return f"{claimed} {result.capitalize()}: {reason}.{known}"
    who = "" if thesis.codes else f"The {index_name(thesis.claim.sector_index or '')} index earned "
    earned = band_name(thesis, leg.headline.rating)
    text = f"{who}{earned}" if who else f"Earned {earned}"
    over = "over" if leg.headline.excess >= 0 else "under"
    size = (
        f"{abs(leg.headline.excess) * 100:.1f} points {over} the {index_name(leg.benchmark.code)}"
    )
    beside = []
    if thesis.codes:
        name, costs = index_name(thesis.claim.sector_index or ""), case.strategy.costs != "none"
        beside = [
            _beside(f"{name} sector index", score.sector, thesis),
            _beside(
                "after rules and costs" if costs else "after rules, no costs", score.net, thesis
            ),
        ]
        if any(name.basis in ("inferred", "hand_picked") for name in score.names):
            beside.append(
                f"names: {range_words(counted(n.basis for n in score.names), score.without)}"
            )
    told = "; ".join(text for text in beside if text)
    return f"{claimed} {text}: {size}, {reading_words(thesis)}{f' ({told})' if told else ''}."


def _beside(name: str, leg: Leg | None, thesis: Thesis) -> str:
    if leg is None or leg.headline is None:
        return ""
    return f"{name} {points(leg.headline.excess)}: {band_name(thesis, leg.headline.rating)}"


def _so_far(score: Score, leg: Leg | None) -> str:
    row = leg.last_known if leg is not None else None
    if leg is None or row is None:
        return ""
    excess = float(leg.excess[row])
    return f" So far, to {score.axis[row]}: {points(excess)} points."


def range_words(grounds: str, without: Sequence[Without]) -> str:
    """Grounds with the range of the headline without one name: what a picked list hangs on."""
    if not without:
        return grounds
    values = [each.excess for each in without]
    return f"{grounds}, without one {points(min(values))}..{points(max(values))}"


def names_words(score: Score) -> str:
    """The names counted by ground, and those among them that have no prices."""
    text = counted(name.basis for name in score.names)
    lost = sum(name.status == "no_data" for name in score.names)
    return f"{text}, {lost} WITHOUT PRICES" if lost else text


def basis_words(score: Score) -> str:
    """The grounds the names stand on, with the leave-one-out range where they need it."""
    thesis = score.case.thesis
    if not thesis.codes:
        return "no names were called; the sector index is what is rated"
    if not score.names:
        return f"{len(thesis.codes)}, of which nothing is known yet"
    text = names_words(score)
    if score.without:
        low = min(score.without, key=lambda w: w.excess)
        high = max(score.without, key=lambda w: w.excess)
        text += (
            f"; without one name {points(low.excess)} ({band_name(thesis, low.rating)}, without "
            f"{low.code}) to {points(high.excess)} ({band_name(thesis, high.rating)}, without "
            f"{high.code})"
        )
    return text


def reading_text(reading: Reading | None, thesis: Thesis) -> str:
    """A reading for a sentence: points and rating, ``~`` near an edge."""
    if reading is None:
        return "-"
    mark = "~" if reading.near_edge else ""
    return f"{points(reading.excess)} {band_name(thesis, reading.rating)}{mark}"


def reading_cell(reading: Reading | None, thesis: Thesis) -> str:
    """A reading for a narrow table: as `reading_text`, the rating by its short name."""
    if reading is None:
        return "-"
    mark = "~" if reading.near_edge else ""
    return f"{points(reading.excess)} {short_name(thesis, reading.rating)}{mark}"


def short_name(thesis: Thesis, rating: str) -> str:
    """A rating's short name, or its name where the scale gives none."""
    band = thesis.scale.band(rating)
    return band.short or band.name


def legend(thesis: Thesis) -> str:
    """What the short names and ``~`` mean: ``OW Overweight, N Neutral; ~ near an edge``."""
    shorts = [f"{band.short} {band.name}" for band in thesis.scale.bands if band.short]
    return "; ".join(filter(None, [", ".join(shorts), "~ within half a point of an edge"]))


def reading_keys(score: Score) -> list[str]:
    """The readings' keys, month ends first."""
    return [*score.when.windows, HEADLINE]
