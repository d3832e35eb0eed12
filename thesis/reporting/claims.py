"""What a thesis says, in words, before any price: light, so that ``thesis show`` starts at once."""

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

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
    ends = ", ".join(
        f"{month} {day or 'beyond the calendar'}" for month, day in when.windows.items()
    )
    names = f"{len(thesis.codes)} names ({counted(thesis.ground(code) for code in thesis.codes)})"
    return (
        f"{names if thesis.codes else 'A sector call'}; published {thesis.source.published}, "
        f"{start}, window ends {ends}"
    )


def open_points(thesis: Thesis) -> Iterator[str]:
    """What a careful author would still fill in."""
    for pick in thesis.picks:
        if pick.basis in ("named", "mentioned") and not (pick.quote or pick.reason):
            yield f"{pick.code} {pick.name} is {pick.basis} without a quote"
    if not thesis.source.published_basis:
        yield "source.published_basis is empty: is the date printed or inferred?"
    if thesis.claim.sector_index is None:
        yield "claim.sector_index is empty: the sector will not be scored"


def counted(grounds: Iterable[str]) -> str:
    """How many names stand on each ground: ``1 named, 3 hand-picked``."""
    counts: dict[str, int] = {}
    for basis in grounds:
        counts[basis] = counts.get(basis, 0) + 1
    return ", ".join(f"{count} {basis_word(basis)}" for basis, count in counts.items())


def basis_word(basis: str) -> str:
    """The ground of a pick, for people."""
    return basis.replace("_", "-")


def months_words(scale: RatingScale) -> str:
    """The horizon: ``months 3-6`` or ``month 6``."""
    first, last = scale.months
    return f"months {first}-{last}" if first < last else f"month {last}"


def band_meaning(scale: RatingScale, band: Band) -> str:
    """The excess a band stands for, in points: ``+15 points or more``."""
    at = scale.bands.index(band)
    upper = scale.bands[at - 1].lower if at else None
    if upper is None:
        return f"{(band.lower or 0) * 100:+g} points or more"
    if band.lower is None:
        return f"{upper * 100:+g} points or less"
    return f"{band.lower * 100:+g} to {upper * 100:+g} points"


def joined(*parts: str) -> str:
    """Those of the parts that are not empty, in a row."""
    return " ".join(part for part in parts if part)
