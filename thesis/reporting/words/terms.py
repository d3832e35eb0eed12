"""Sentences and figures for people: rounding happens here and nowhere else."""

import datetime as dt

from thesis.market.benchmark import Benchmark
from thesis.market.industry import INDUSTRIES
from thesis.reporting.words.claims import band_meaning, months_words
from thesis.reporting.words.language import ENGLISH, Language
from thesis.research.thesis import Thesis, Unlisted
from thesis.scoring.reading import HEADLINE, Reading
from thesis.scoring.score import Score

#: An index by its code, in English and Chinese.
INDEX_NAMES = {
    "000300.SH": ("CSI 300", "沪深300"),
    "H00300.CSI": ("CSI 300 total return", "沪深300全收益"),
    "000852.SH": ("CSI 1000", "中证1000"),
    **{industry.code: (industry.name, industry.name_zh) for industry in INDUSTRIES},
}

#: Grounds that are not the publisher's own naming: shown with their range, always.
PICKED = frozenset({"inferred", "hand_picked"})


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


def return_words(value: float | None, decimals: int = 1) -> str:
    """A return in percent, signed.

    Examples
    --------
    >>> return_words(0.16794), return_words(-0.0004), return_words(0.16794, 2), return_words(None)
    ('+16.8%', '0.0%', '+16.79%', '-')
    """
    return "-" if value is None else f"{signed(value * 100, decimals)}%"


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


def index_words(code: str, lang: Language = ENGLISH) -> str:
    """An index by its name and code: ``CSI 300 (000300.SH)``."""
    return lang.say("benchmark.coded", name=index_name(code, lang), code=code)


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


def name_words(code: str, name: str) -> str:
    """A stock within a sentence: its name, where it is known, and its code.

    Examples
    --------
    >>> name_words("000681.SZ", "视觉中国"), name_words("000681.SZ", "")
    ('视觉中国 000681.SZ', '000681.SZ')
    """
    return f"{name} {code}".strip()
