"""Each name of a thesis: what became of it, what it returned and contributed."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from thesis.market.calendar import session_after
from thesis.market.listing import delisting_explains
from thesis.market.panel import PricePanel
from thesis.research.thesis import Basis, Thesis

Status = Literal[
    "held",
    "entered_late",
    "never_entered",
    "no_data",
    "suspended_at_end",
    "delisted",
    "stale",
]
ByReading = dict[str, float | None]


@dataclass(frozen=True)
class NameResult:
    """One name's part in a result.

    Attributes
    ----------
    status
        On paper: ``held``, ``entered_late``, ``never_entered`` (its weight stays in cash),
        ``no_data`` (left out, the rest reweighted), ``suspended_at_end`` or ``delisted`` (at the
        last close), ``stale`` (its bars end before the window, so the readings after are unknown).
    net_status
        As traded: ``held``, ``entered_late``, ``sold`` (nothing of it was held at the end),
        ``never_entered``, ``too_dear`` (its slice buys no lot), ``not_weighted``, ``waiting``,
        ``no_data``; None where nothing was traded.
    weight
        Initial weight, as a fraction of the capital; 0 for ``no_data``.
    returns, contribution
        By reading: return since its own entry, and weight times that.
    net_contribution
        By reading: gain as traded, before fees, over the capital.
    """

    code: str
    name: str
    segments: tuple[str, ...]
    basis: Basis
    status: Status
    net_status: str | None
    entry_session: dt.date | None
    weight: float
    returns: ByReading
    contribution: ByReading
    net_contribution: ByReading


def printed_name(thesis: Thesis, code: str) -> str:
    """The name as the thesis prints it."""
    return next(pick.name for pick in thesis.picks if pick.code == code)


def paper_status(
    panel: PricePanel, code: str, entry: dt.date | None, first: dt.date, end: dt.date
) -> Status:
    """What became of a name between the entry session and `end`.

    Parameters
    ----------
    entry
        The session the paper basket bought it; None if never.
    first
        The entry session.
    end
        The last session to be known: the window's end, or today before that.
    """
    last = panel.last_bar(code)
    if last is None:
        return "no_data"
    if last < end:
        # Bars on both sides make a suspension; without later bars only a dated delisting or an
        # announced suspension tells what the silence means.
        gone = delisted_on(panel, code)
        if gone is None or not delisting_explains(last, gone):
            if not _announced(panel, code, last, end):
                return "stale"
            return "never_entered" if entry is None else "suspended_at_end"
        if gone > end:
            return "never_entered" if entry is None else "suspended_at_end"
        return "delisted" if entry is not None else "never_entered"
    if entry is None:
        return "never_entered"
    row = panel.row(end)
    if row is not None and panel.field("close", code)[row] != panel.field("close", code)[row]:
        return "suspended_at_end"
    return "held" if entry == first else "entered_late"


def _announced(panel: PricePanel, code: str, last: dt.date, end: dt.date) -> bool:
    """Whether a suspension was announced for every session after the last bar."""
    listing, first = panel.listings.get(code), session_after(last)
    return listing is not None and first is not None and listing.suspended_through(first, end)


def delisted_on(panel: PricePanel, code: str) -> dt.date | None:
    """The day a name was delisted, where the source dates it."""
    listing = panel.listings.get(code)
    return listing.delist_date if listing is not None else None
