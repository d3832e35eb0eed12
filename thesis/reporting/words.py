"""Sentences and figures for people: rounding happens here and nowhere else."""

import datetime as dt
from collections.abc import Iterator, Sequence

from thesis.market.benchmark import Benchmark
from thesis.market.industry import INDUSTRIES
from thesis.reporting.claims import band_meaning, counted, months_words
from thesis.reporting.language import ENGLISH, Language
from thesis.reporting.reasons import reason_words
from thesis.research.thesis import Thesis, Unlisted
from thesis.scoring.fragility import Without
from thesis.scoring.leg import Leg
from thesis.scoring.reading import HEADLINE, Reading
from thesis.scoring.score import Score

#: An index by its code, in English and Chinese.
INDEX_NAMES = {
    "000300.SH": ("CSI 300", "沪深300"),
    "H00300.CSI": ("CSI 300 total return", "沪深300全收益"),
    "000852.SH": ("CSI 1000", "中证1000"),
    **{industry.code: (industry.name, industry.name_zh) for industry in INDUSTRIES},
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


def index_name(code: str, lang: Language = ENGLISH) -> str:
    """The name of an index, or its code.

    Examples
    --------
    >>> index_name("H00300.CSI"), index_name("801760.SI", Language("zh")), index_name("000905.SH")
    ('CSI 300 total return', '传媒', '000905.SH')
    """
    return lang.either(*INDEX_NAMES.get(code, (code, code)))


def benchmark_words(benchmark: Benchmark, lang: Language = ENGLISH) -> str:
    """Name and basis of a benchmark."""
    return lang.say(
        "benchmark.index",
        name=index_name(benchmark.code, lang),
        code=benchmark.code,
        basis=lang.say(f"benchmark.{benchmark.basis}"),
    )


def published_words(thesis: Thesis, lang: Language = ENGLISH) -> str:
    """When a thesis was published, and how that is known."""
    source, when = thesis.source, thesis.source.published
    text = when.strftime("%Y-%m-%d %H:%M %z") if isinstance(when, dt.datetime) else str(when)
    how = lang.either(source.published_basis, source.published_basis_zh)
    return lang.say("published.known_by", when=text, how=how) if how else text


def claim_words(thesis: Thesis, lang: Language = ENGLISH) -> str:
    """What the claimed rating means, from the scale.

    Examples
    --------
    >>> from thesis import load
    >>> claim_words(load("media_ai"))
    'Buy: +15 points or more against the CSI 300, months 3-6'
    >>> claim_words(load("media_ai"), Language("zh"))
    '买入：未来 3-6 个月相对沪深300的超额为 +15 个百分点及以上'
    """
    scale, band = thesis.scale, thesis.band
    return lang.say(
        "claimed.means",
        rating=band_name(thesis, band.id, lang),
        meaning=band_meaning(scale, band, lang),
        index=index_name(scale.benchmark, lang),
        months=months_words(scale, lang),
    )


def reading_words(thesis: Thesis, lang: Language = ENGLISH) -> str:
    """What the headline is read on."""
    first, last = thesis.scale.months
    if first == last:
        return lang.say("reading.of_month", last=str(last))
    return lang.say("reading.of_months", first=str(first), last=str(last))


def reading_name(key: str, lang: Language = ENGLISH) -> str:
    """A reading by its key, for a heading.

    Examples
    --------
    >>> reading_name("3m"), reading_name("3m", Language("zh")), reading_name("mean", Language("zh"))
    ('3m', '3 个月末', '均值')
    """
    if key == HEADLINE:
        return lang.say("reading.mean")
    return lang.say("reading.month_end", month=key.removesuffix("m"))


def reading_keys(score: Score) -> list[str]:
    """The readings' keys, month ends first."""
    return [*score.when.windows, HEADLINE]


def reading_text(reading: Reading | None, thesis: Thesis, lang: Language = ENGLISH) -> str:
    """A reading for a sentence: points and rating, ``~`` near an edge."""
    if reading is None:
        return "-"
    mark = "~" if reading.near_edge else ""
    return f"{points(reading.excess)} {band_name(thesis, reading.rating, lang)}{mark}"


def reading_cell(reading: Reading | None, thesis: Thesis, lang: Language = ENGLISH) -> str:
    """A reading for a narrow table: as `reading_text`, the rating by its short name."""
    if reading is None:
        return "-"
    mark = "~" if reading.near_edge else ""
    return f"{points(reading.excess)} {short_name(thesis, reading.rating, lang)}{mark}"


def band_name(thesis: Thesis, rating: str | None, lang: Language = ENGLISH) -> str:
    """A rating as the publisher would print it."""
    if rating is None:
        return "-"
    band = thesis.scale.band(rating)
    return lang.either(band.name, band.name_zh)


def short_name(thesis: Thesis, rating: str, lang: Language = ENGLISH) -> str:
    """A rating's short name, or its name where it has none; a Chinese name is short."""
    band = thesis.scale.band(rating)
    return lang.either(band.short or band.name, band.name_zh)


def legend(thesis: Thesis, lang: Language = ENGLISH) -> str:
    """What the short names and ``~`` mean: ``OW Overweight, N Neutral; ~ near an edge``."""
    names = [
        (short_name(thesis, band.id, lang), band_name(thesis, band.id, lang))
        for band in thesis.scale.bands
    ]
    shorts = [
        lang.say("rating.short", short=short, name=name) for short, name in names if short != name
    ]
    told = [lang.say("between.items").join(shorts), lang.say("rating.near_edge")]
    return lang.say("between.clauses").join(filter(None, told))


def result_word(result: str, lang: Language = ENGLISH) -> str:
    """What became of a claim: ``met``, ``missed``, ``not yet``."""
    return lang.say(f"result.{result}")


def status_words(status: str, lang: Language = ENGLISH) -> str:
    """What became of a name: ``held``, ``entered late``, ``suspended at end``."""
    return lang.say(f"status.{status}")


def unlisted_word(item: Unlisted, lang: Language = ENGLISH) -> str:
    """Why a company could not be bought, with the day it could be where that came."""
    return lang.say(f"unlisted.{item.reason}", listed=str(item.listed))


def name_words(code: str, name: str, lang: Language = ENGLISH) -> str:
    """A stock within a sentence: its code, with its name before it in its own language.

    Examples
    --------
    >>> name_words("000681.SZ", "视觉中国"), name_words("000681.SZ", "视觉中国", Language("zh"))
    ('000681.SZ', '视觉中国 000681.SZ')
    """
    return f"{name} {code}".strip() if lang.code == "zh" else code


def verdict_sentence(score: Score, lang: Language = ENGLISH) -> str:
    """The verdict in one sentence.

    Examples
    --------
    On real prices: ``Rated Buy. Earned Buy: 29.8 points over the CSI 300 total return, mean of
    months 3-6 (media sector index +22.6: Buy; after rules and costs +29.6: Buy).``
    """
    case, thesis, leg = score.case, score.case.thesis, score.primary
    shouted = lang.say("verdict.simulated") if case.panel.simulated else ""
    rated = lang.say(
        "verdict.rated_own" if thesis.kind == "screen" else "verdict.rated",
        rating=band_name(thesis, thesis.band.id, lang),
    )
    return f"{shouted}{rated}{_outcome(score, leg, lang)}"


def _outcome(score: Score, leg: Leg | None, lang: Language) -> str:
    thesis, index = score.case.thesis, score.case.thesis.claim.sector_index or ""
    if leg is None or leg.headline is None:
        result = result_word("not_yet" if score.open_window else "not_scorable", lang)
        reason = leg.verdict.reason if leg is not None else None
        return lang.say(
            "verdict.unknown",
            result=result.capitalize(),
            reason=reason_words(reason, lang) if reason else lang.say("verdict.nothing"),
            so_far=_so_far(leg, score, lang),
        )
    told = lang.say("between.clauses").join(filter(None, _beside(score, lang)))
    return lang.say(
        "verdict.earned" if thesis.codes else "verdict.index_earned",
        index=index_name(index, lang),
        rating=band_name(thesis, leg.headline.rating, lang),
        size=lang.say(
            "verdict.over" if leg.headline.excess >= 0 else "verdict.under",
            size=f"{abs(leg.headline.excess) * 100:.1f}",
            index=index_name(leg.benchmark.code, lang),
        ),
        reading=reading_words(thesis, lang),
        beside=lang.say("verdict.beside", told=told) if told else "",
    )


def _beside(score: Score, lang: Language) -> Iterator[str]:
    """The other legs beside the verdict's own, and the ground of names that were not called."""
    thesis = score.case.thesis
    if not thesis.codes:
        return
    net = "verdict.net" if score.case.strategy.costs != "none" else "verdict.net_free"
    for key, leg in (("verdict.sector", score.sector), (net, score.net)):
        if leg is not None and leg.headline is not None:
            yield lang.say(
                key,
                index=index_name(thesis.claim.sector_index or "", lang),
                excess=points(leg.headline.excess),
                rating=band_name(thesis, leg.headline.rating, lang),
            )
    if any(name.basis in ("inferred", "hand_picked") for name in score.names):
        grounds = counted((name.basis for name in score.names), lang)
        yield lang.say("verdict.names", grounds=range_words(grounds, score.without, lang))


def _so_far(leg: Leg | None, score: Score, lang: Language) -> str:
    row = leg.last_known if leg is not None else None
    if leg is None or row is None:
        return ""
    excess = points(float(leg.excess[row]))
    return lang.say("verdict.so_far", day=str(score.axis[row]), excess=excess)


def range_words(grounds: str, without: Sequence[Without], lang: Language = ENGLISH) -> str:
    """Grounds with the range of the headline without one name: what a picked list hangs on."""
    if not without:
        return grounds
    values = [each.excess for each in without]
    low, high = points(min(values)), points(max(values))
    return lang.say("names.without", grounds=grounds, low=low, high=high)


def names_words(score: Score, lang: Language = ENGLISH) -> str:
    """The names counted by ground, and those among them that have no prices."""
    text = counted((name.basis for name in score.names), lang)
    lost = sum(name.status == "no_data" for name in score.names)
    return lang.say("names.lost", names=text, count=str(lost)) if lost else text


def basis_words(score: Score, lang: Language = ENGLISH) -> str:
    """The grounds the names stand on, with the leave-one-out range where they need it."""
    thesis = score.case.thesis
    if not thesis.codes:
        return lang.say("names.sector_call")
    if not score.names:
        return lang.say("names.nothing_yet", count=str(len(thesis.codes)))
    text = names_words(score, lang)
    if not score.without:
        return text
    names = {name.code: name.name for name in score.names}
    low = min(score.without, key=lambda w: w.excess)
    high = max(score.without, key=lambda w: w.excess)
    return lang.say(
        "names.range",
        names=text,
        low=points(low.excess),
        low_rating=band_name(thesis, low.rating, lang),
        low_code=name_words(low.code, names.get(low.code, ""), lang),
        high=points(high.excess),
        high_rating=band_name(thesis, high.rating, lang),
        high_code=name_words(high.code, names.get(high.code, ""), lang),
    )
