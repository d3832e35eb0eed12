"""What a thesis says, in words, before any price: light, so that ``thesis show`` starts at once."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from thesis.reporting.words.language import ENGLISH, Language
from thesis.research.rating import Band, RatingScale
from thesis.research.thesis import Thesis

if TYPE_CHECKING:
    from thesis.market.calendar import Timing


def checked_words(thesis: Thesis, when: "Timing") -> str:
    """What ``thesis check`` says of a sound file: names, entry and window ends."""
    start = (
        f"enters at the {when.price} of {when.entry}"
        if when.entry
        else "enters beyond the calendar's horizon"
    )
    ends = ends_words(when)
    names = f"{len(thesis.codes)} names ({counted(thesis.ground(code) for code in thesis.codes)})"
    return (
        f"{names if thesis.codes else 'A sector call'}; published {thesis.source.published}, "
        f"{start}, window ends {ends}"
    )


def ends_words(when: "Timing", lang: Language = ENGLISH) -> str:
    """The ends of the window, those that the calendar does not reach told together.

    ``3m 2026-11-27, 4m 2026-12-29, 5m, 6m beyond the calendar``.
    """
    ends = [
        (lang.say("reading.month_end", month=key.removesuffix("m")), day)
        for key, day in when.windows.items()
    ]
    told = [
        lang.say("window.end", month=month, day=str(day)) for month, day in ends if day is not None
    ]
    if late := [month for month, day in ends if day is None]:
        months = lang.say("between.items").join(late)
        told.append(lang.say("window.beyond", months=months))
    return lang.say("between.items").join(told)


def benchmark_note(thesis: Thesis, lang: Language = ENGLISH) -> str:
    """What a scale notes of its benchmark: of its own publisher's reports, so of those alone."""
    scale, source = thesis.scale, thesis.source
    own = any(
        name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", scale.publisher)
        for name in (source.publisher, source.publisher_zh)
    )
    return lang.either(scale.benchmark_note, scale.benchmark_note_zh) if own else ""


def open_points(thesis: Thesis, when: "Timing | None" = None) -> Iterator[str]:
    """What a careful author would still fill in, and that a window lies where no verdict can be.

    Parameters
    ----------
    when
        Entry and window ends; None leaves them out.
    """
    if when is not None and when.end is None:
        from thesis.market.calendar import calendar_horizon

        yield (
            f"its window ends beyond the calendar, which is known to {calendar_horizon()}: there "
            "is no verdict before it ends; to try a backtest, give a past date (source.published)"
        )
    for pick in thesis.picks:
        if pick.basis in ("named", "mentioned") and not (pick.quote or pick.reason):
            yield f"{pick.code} {pick.name} is {pick.basis} without a quote"
    if not thesis.source.published_basis:
        yield "source.published_basis is empty: is the date printed or inferred?"
    if thesis.claim.sector_index is None:
        yield "claim.sector_index is empty: the sector will not be scored"


def counted(grounds: Iterable[str], lang: Language = ENGLISH) -> str:
    """How many names stand on each ground: ``1 named, 3 hand-picked``."""
    told = [
        lang.say("ground.counted", count=str(count), ground=basis_word(basis, lang))
        for basis, count in Counter(grounds).items()
    ]
    return lang.say("between.items").join(told)


def basis_word(basis: str, lang: Language = ENGLISH) -> str:
    """The ground of a pick, for people."""
    return lang.say(f"ground.{basis}")


def months_words(scale: RatingScale, lang: Language = ENGLISH) -> str:
    """The horizon: ``months 3-6`` or ``month 6``."""
    first, last = scale.months
    if first == last:
        return lang.say("claimed.month", last=str(last))
    return lang.say("claimed.months", first=str(first), last=str(last))


def band_meaning(scale: RatingScale, band: Band, lang: Language = ENGLISH) -> str:
    """The excess a band stands for, in points: ``+15 points or more``."""
    at = scale.bands.index(band)
    upper = scale.bands[at - 1].lower if at else None
    if upper is None:
        return lang.say("claimed.or_more", edge=f"{(band.lower or 0) * 100:+g}")
    if band.lower is None:
        return lang.say("claimed.or_less", edge=f"{upper * 100:+g}")
    low, high = f"{band.lower * 100:+g}", f"{upper * 100:+g}"
    return lang.say("claimed.between", low=low, high=high)


def joined(*parts: str) -> str:
    """Those of the parts that are not empty, in a row."""
    return " ".join(part for part in parts if part)
