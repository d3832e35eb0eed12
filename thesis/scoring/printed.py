"""Figures that a report prints, held against what prices give."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from thesis.market.calendar import session_on_or_before
from thesis.research.source import Printed
from thesis.research.thesis import Thesis


@dataclass(frozen=True)
class PrintedCheck:
    """A printed figure and what close to close gives.

    Attributes
    ----------
    theses
        The theses whose files hold the figure; those of one report often share it.
    found
        Close-to-close return of the index; None where prices do not give one.
    """

    printed: Printed
    publisher: str
    publisher_zh: str
    theses: tuple[str, ...]
    found: float | None

    @property
    def difference(self) -> float | None:
        """`found` less what is printed, a fraction."""
        return None if self.found is None else self.found - self.printed.value

    @property
    def agrees(self) -> bool | None:
        """Whether they differ by no more than the rounding of the printed one.

        That is half a unit of its last digit. None where nothing was found.

        Examples
        --------
        >>> day = dt.date.fromisoformat
        >>> media = Printed(index="801760.SI", first=day("2024-09-11"), last=day("2024-10-11"),
        ...                 value=0.168, where="section 2.2.1")
        >>> [PrintedCheck(media, "", "", (), x).agrees for x in (0.16794, 0.1685, 0.16851)]
        [True, True, False]
        """
        if self.difference is None:
            return None
        half = 0.5 * 10.0 ** -(self.printed.decimals + 2)
        return abs(self.difference) <= half + 1e-10


def printed_checks(
    theses: Iterable[Thesis],
    first: dt.date,
    last: dt.date,
    found: Callable[[str], float | None],
) -> tuple[PrintedCheck, ...]:
    """The printed figures of theses that are of the very closes reviewed.

    Parameters
    ----------
    first, last
        Sessions. A printed day that is none means the session before it.
    found
        The return of an index between them, by code.
    """
    held: dict[tuple[str, str, Printed], tuple[Thesis, list[str]]] = {}
    for thesis in theses:
        for each in thesis.source.printed:
            days = session_on_or_before(each.first), session_on_or_before(each.last)
            if days == (first, last):
                key = (thesis.source.publisher, thesis.source.report, each)
                held.setdefault(key, (thesis, []))[1].append(thesis.id)
    return tuple(
        PrintedCheck(
            printed, publisher, thesis.source.publisher_zh, tuple(ids), found(printed.index)
        )
        for (publisher, _, printed), (thesis, ids) in held.items()
    )
