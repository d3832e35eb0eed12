"""What a reader must know beside the numbers: odd dates, names and prices, a sentence each."""

import numpy as np

from thesis.errors import Caution
from thesis.market.benchmark import levels
from thesis.market.calendar import Dates, Timing, calendar_horizon
from thesis.market.listing import same_name
from thesis.scoring.leg import Leg
from thesis.scoring.names import NameResult, delisted_on, printed_name
from thesis.scoring.score import Case

#: Sessions without a bar, while held, from which on a reader is told.
LONG_GAP = 5


def case_cautions(case: Case, when: Timing) -> list[Caution]:
    """What the panel found odd, windows beyond the calendar, and names that differ."""
    cautions = list(case.panel.cautions)
    if when.entry is None or None in when.windows.values():
        beyond = [month for month, end in when.windows.items() if end is None]
        late = ["the entry"] if when.entry is None else []
        late += [f"the ends of {', '.join(beyond)}"] if beyond else []
        cautions.append(
            Caution(
                "calendar_horizon",
                f"the calendar knows sessions to {calendar_horizon()}; beyond it lie "
                f"{' and '.join(late)}. A newer exchange-calendars reaches further",
            )
        )
    for code in case.thesis.codes:
        listing = case.panel.listings.get(code)
        printed = printed_name(case.thesis, code)
        if (
            listing is not None
            and listing.name
            and printed
            and not same_name(listing.name, printed)
        ):
            cautions.append(
                Caution(
                    "name_differs",
                    f"{code} is {printed} in the thesis and {listing.name} in {case.panel.origin}; "
                    "names change, but look whether the code is the one you mean",
                )
            )
    return cautions


def name_cautions(names: tuple[NameResult, ...], case: Case, axis: Dates) -> list[Caution]:
    """What became of the names that were not simply held."""
    sentences = {
        "no_data": "has no prices; it left the basket and the rest was reweighted",
        "never_entered": "had no bar from the entry to the end; its weight stays in cash",
        "suspended_at_end": "has no bar at the end and bars after it: suspended, at its last close",
        "delisted": "was delisted; it stays at its last close (beside it: the rating at -100%)",
    }
    cautions = []
    for name in names:
        if name.status == "stale":
            last = case.panel.last_bar(name.code)
            text = f"its bars end on {last}, without a known delisting; later readings are unknown"
            cautions.append(Caution("prices_end_early", f"{_label(name)}: {text}"))
        elif name.status == "suspended_at_end" and delisted_on(case.panel, name.code):
            gone = f"has no bar at the end and was delisted on {delisted_on(case.panel, name.code)}"
            cautions.append(
                Caution("suspended_at_end", f"{_label(name)} {gone}; it stays at its last close")
            )
        elif name.status in sentences:
            cautions.append(Caution(name.status, f"{_label(name)} {sentences[name.status]}"))
        cautions += _gap(name, case, axis)
        first = case.panel.first_bar(name.code)
        if name.status != "no_data" and _late(name, axis):
            since = f" (its first bar is on {first})" if first == name.entry_session else ""
            cautions.append(
                Caution(
                    "entered_late",
                    f"{_label(name)} had no bar on the entry session; it entered on "
                    f"{name.entry_session}{since}, its cash earning nothing before",
                )
            )
    return cautions


def _gap(name: NameResult, case: Case, axis: Dates) -> list[Caution]:
    """That a name was long without a bar between its entry and its last bar in the window."""
    if name.entry_session is None:
        return []
    held = axis[axis >= np.datetime64(name.entry_session)]
    without = np.isnan(levels(case.panel, "close", name.code, held))
    inside = without & (np.cumsum(~without[::-1])[::-1] > 0)
    if inside.sum() < LONG_GAP:
        return []
    first, last = held[inside][0], held[inside][-1]
    return [
        Caution(
            "suspended",
            f"{_label(name)} has no bar on {int(inside.sum())} sessions from {first} to {last}: "
            "suspended, or missing from the prices; carried at its last close",
        )
    ]


def _late(name: NameResult, axis: Dates) -> bool:
    return name.entry_session is not None and np.datetime64(name.entry_session) > axis[0]


def still_open(case: Case, when: Timing, leg: Leg | None) -> list[Caution]:
    """That the headline is still to come, where it is."""
    over = when.end is not None and case.as_of >= when.end
    if over or leg is None or leg.headline is not None:
        return []
    return [Caution("not_yet", str(leg.verdict.reason))]


def _label(name: NameResult) -> str:
    return f"{name.code} {name.name}".strip()
