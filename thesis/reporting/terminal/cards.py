"""A thesis for the terminal, before any price: light, so that ``thesis show`` starts at once."""

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from thesis.reporting.words.claims import (
    band_meaning,
    basis_word,
    benchmark_note,
    joined,
    months_words,
)
from thesis.research.rating import RatingScale
from thesis.research.thesis import Pick, Segment, Thesis


def thesis_view(thesis: Thesis) -> RenderableType:
    """The claim, the names, and the publisher's own words."""
    source, claim, scale = thesis.source, thesis.claim, thesis.scale
    who = joined(source.publisher, source.publisher_zh)
    printed = f" ({source.published_basis})" if source.published_basis else ""
    measured = f"benchmark {scale.benchmark}, {months_words(scale)}"
    parts: list[RenderableType] = [
        Text.assemble((thesis.id, "bold"), "  ", joined(thesis.title, thesis.title_zh)),
        Text(": ".join(filter(None, (who, source.report))), style="dim"),
        Text(f"published {source.published}{printed}", style="dim"),
        Text(f"claimed {joined(thesis.band.name, thesis.band.name_zh)} on {claim.scale}:"),
        Padding(_bands(scale), (0, 0, 0, 2)),
        Text("; ".join(filter(None, (measured, benchmark_note(thesis))))),
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
    title = joined(segment.name, segment.name_zh) or segment.id
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


def _bands(scale: RatingScale) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for band in scale.bands:
        table.add_row(joined(band.name, band.name_zh), band_meaning(scale, band))
    return table


def _indented(text: str, by: int, style: str = "") -> Padding:
    return Padding(Text(text, style=style), (0, 0, 0, by))
