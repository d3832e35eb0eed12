"""A thesis for the terminal, before any price: light, so that ``thesis show`` starts at once."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from thesis.research.rating import Band, RatingScale
from thesis.research.thesis import Pick, Segment, Thesis

if TYPE_CHECKING:
    from thesis.market.calendar import Timing


def thesis_view(thesis: Thesis) -> RenderableType:
    """The claim, the names, and the publisher's own words."""
    source, claim, scale = thesis.source, thesis.claim, thesis.scale
    printed = f" ({source.published_basis})" if source.published_basis else ""
    note = f"; {scale.benchmark_note}" if scale.benchmark_note else ""
    parts: list[RenderableType] = [
        Text.assemble((thesis.id, "bold"), "  ", _joined(thesis.title, thesis.title_zh)),
        Text(f"{_joined(source.publisher, source.publisher_zh)}: {source.report}", style="dim"),
        Text(f"published {source.published}{printed}", style="dim"),
        Text(f"claimed {_joined(thesis.band.name, thesis.band.name_zh)} on {claim.scale}:"),
        Padding(_bands(scale), (0, 0, 0, 2)),
        Text(f"benchmark {scale.benchmark}, {months_words(scale)}{note}"),
    ]
    if claim.sector_index:
        basis = claim.sector_basis or "as stated"
        parts.append(Text(f"sector index {claim.sector_index} ({basis})"))
    if claim.thesis:
        parts += [Text(), Text(claim.thesis)]
    for segment in thesis.segment:
        parts += [Text(), *_segment(segment)]
    if claim.risks:
        parts += [Text(), Text(f"risks: {'; '.join(claim.risks)}")]
    return Group(*parts)


def _segment(segment: Segment) -> Iterator[RenderableType]:
    title = _joined(segment.name, segment.name_zh) or segment.id
    yield Text.assemble((title, "bold"), " (no names)" if segment.status else "")
    if segment.quote:
        yield _indented(f"“{segment.quote}”", 2, "italic")
    for pick in segment.pick:
        yield _indented(f"{pick.code}  {pick.name}  {basis_word(pick.basis)}", 2)
        for words in _grounds(pick, segment):
            yield _indented(words, 6, "dim")
    for item in segment.unlisted:
        listed = f", on {item.listed}" if item.listed else ""
        reason = item.reason.replace("_", " ")
        yield _indented(f"-          {item.name}  not tradable: {reason}{listed}", 2)


def _grounds(pick: Pick, segment: Segment) -> Iterator[str]:
    if pick.quote and pick.quote != segment.quote:
        yield f"“{pick.quote}”"
    if pick.rule:
        yield f"rule: {pick.rule}"
    if pick.reason:
        yield pick.reason


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


def rows_table(
    headings: Sequence[str], rows: Iterable[Sequence[str]], *, plain: bool
) -> RenderableType:
    """A table of text whose last column wraps."""
    table = Table(box=None if plain else box.SIMPLE_HEAD, pad_edge=False)
    for heading in headings:
        table.add_column(heading, no_wrap=heading != headings[-1])
    for row in rows:
        table.add_row(*(Text(cell) for cell in row))
    return table


def titled_table(title: str, plain: bool) -> Table:
    """An empty table under its title; `plain` without rules, as for a pipe."""
    return Table(
        title=title,
        title_justify="left",
        title_style="bold",
        box=None if plain else box.SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )


def band_meaning(scale: RatingScale, band: Band) -> str:
    """The excess a band stands for, in points: ``+15 points or more``."""
    at = scale.bands.index(band)
    upper = scale.bands[at - 1].lower if at else None
    if upper is None:
        return f"{(band.lower or 0) * 100:+g} points or more"
    if band.lower is None:
        return f"{upper * 100:+g} points or less"
    return f"{band.lower * 100:+g} to {upper * 100:+g} points"


def _bands(scale: RatingScale) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for band in scale.bands:
        table.add_row(_joined(band.name, band.name_zh), band_meaning(scale, band))
    return table


def _indented(text: str, by: int, style: str = "") -> Padding:
    return Padding(Text(text, style=style), (0, 0, 0, by))


def _joined(*parts: str) -> str:
    return " ".join(part for part in parts if part)
