"""Wider lists: what a call is worth had another of the same kind been picked.

Where a report describes a group and a rule or a person picked the names, others of the group would
have done as well. Each such pick is swapped for each of the first names that were passed over, and
the list is made longer by them; a rating that does not survive this is the picker's, not the
report's.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt

from thesis.market.calendar import sessions
from thesis.market.listing import Listing
from thesis.market.pool import Pool
from thesis.research.rating import RatingScale
from thesis.research.thesis import Segment, Thesis
from thesis.scoring.basket import Held
from thesis.scoring.paths import paper_returns, untold
from thesis.scoring.reading import HEADLINE, Horizon
from thesis.scoring.score import Score
from thesis.scoring.sizes import median_amount, sized_on

Floats = npt.NDArray[np.float64]

#: By how many names a list is widened at most.
MOST = 5
#: Sessions a candidate must have been listed, as the bundled theses' rule has it.
LISTED_SESSIONS = 120

_OPEN_GROUNDS = frozenset({"inferred", "hand_picked"})


@dataclass(frozen=True)
class Candidate:
    """A name of the same class that was passed over.

    Attributes
    ----------
    name
        As the source of listings has it, perhaps a later name; None where it has none.
    amount
        Median daily amount of the 60 sessions ended on the day it was ranked, CNY.
    """

    code: str
    name: str | None
    amount: float


@dataclass(frozen=True)
class OtherList:
    """The headline of the whole thesis on another list of names, at equal weights.

    Attributes
    ----------
    out
        The pick that left; None where none did.
    into
        The names that came.
    """

    out: str | None
    into: tuple[str, ...]
    excess: float
    rating: str


@dataclass(frozen=True)
class WiderList:
    """Other lists for one segment.

    Attributes
    ----------
    picks
        Its names that were inferred or picked by hand.
    classes
        Their Shenwan level 3 classes, and by which edition of the table.
    ranked_on
        The session that candidates are ranked on.
    candidates
        The first `MOST`, by median amount; `count` is how many there were.
    left_out
        Names of the classes that are no candidates, by reason.
    own
        Excess and rating of the thesis's own list at equal weights.
    swaps, widened
        Each pick swapped for each candidate, the first candidate's swaps first; the list with the
        first 1, 2, ... candidates.
    reason
        Why there is no other list; None where there is.
    """

    segment: str
    picks: tuple[str, ...]
    classes: tuple[str, ...] = ()
    vintage: dt.date | None = None
    ranked_on: dt.date | None = None
    candidates: tuple[Candidate, ...] = ()
    count: int = 0
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own: OtherList | None = None
    swaps: tuple[OtherList, ...] = ()
    widened: tuple[OtherList, ...] = ()
    reason: str | None = None

    @property
    def others(self) -> tuple[OtherList, ...]:
        """Every other list."""
        return (*self.swaps, *self.widened)

    @property
    def span(self) -> tuple[float, float] | None:
        """The lowest and highest excess of the other lists; None without one."""
        found = [each.excess for each in self.others]
        return (min(found), max(found)) if found else None

    @property
    def flips(self) -> tuple[OtherList, ...]:
        """The other lists that earn another rating than the thesis's own."""
        return tuple(x for x in self.others if self.own is not None and x.rating != self.own.rating)


def open_picks(thesis: Thesis, segment: Segment) -> tuple[str, ...]:
    """The picks of a segment that no report names: inferred or picked by hand wherever they stand.

    A name that another segment has from the report is not open to choice.
    """
    printed = {pick.code for pick in thesis.picks if pick.basis not in _OPEN_GROUNDS}
    return tuple(pick.code for pick in segment.pick if pick.code not in printed)


def wider_lists(score: Score, held: Held, pool: Pool, horizon: Horizon) -> tuple[WiderList, ...]:
    """Other lists for every segment with names that were inferred or picked by hand.

    Candidates are the other names of the picks' Shenwan level 3 classes as of `when.known` that
    were listed at least 120 sessions and not under special treatment when ranked, by median daily
    amount, the largest first. Returns are those of the paper basket, bought at the same session and
    price; a candidate that could not be bought that day enters at its first later price, one whose
    bars end is carried at its last close. One whose return is not known, for want of a factor of
    the basis or of any price, is no candidate. All lists are at equal weights.

    Parameters
    ----------
    held
        The thesis's own paper basket.
    pool
        Read for `thesis.scoring.universe.pool_span`, from the same place as the thesis's prices.

    Returns
    -------
    tuple of WiderList
        Empty where the report named every name.
    """
    thesis = score.case.thesis
    asked = [(each, open_picks(thesis, each)) for each in thesis.segment]
    found = []
    for segment, picks in asked:
        if picks:
            found.append(_widen(segment.id, picks, score, held, pool, horizon))
    return tuple(found)


def _widen(
    segment: str, picks: tuple[str, ...], score: Score, held: Held, pool: Pool, horizon: Horizon
) -> WiderList:
    known = score.when.known
    if pool.classes is None or known is None:
        return WiderList(
            segment,
            picks,
            reason=f"{pool.origin} has no table of Shenwan level 3 classes (sw_membership.csv with "
            "sw_l3_internal), which tell the other names of the group",
        )
    classed, day = pool.classes.on(known), sized_on(score.when)
    classes = tuple(dict.fromkeys(classed[code] for code in picks if code in classed))
    wider = WiderList(segment, picks, classes, pool.classes.vintage_on(known), day)
    candidates, left_out = _candidates(score, pool, classed, set(classes), day)
    own = _own_headlines(score, held, horizon)
    why = None
    if not classes:
        why = f"none of its picks has a Shenwan level 3 class on {known}"
    elif not candidates:
        why = _nobody(classes, left_out, day)
    elif own is None:
        why = "the headline of the thesis's own list is not known"
    wider = replace(
        wider, candidates=tuple(candidates[:MOST]), count=len(candidates), left_out=left_out
    )
    if why is not None or own is None:
        return replace(wider, reason=why)
    returns, benchmark = own
    more = _headlines(pool, score, horizon, [each.code for each in wider.candidates])
    scale, every = score.case.thesis.scale, returns | more
    return replace(
        wider,
        own=_rated(None, (), returns, every, benchmark, scale),
        swaps=tuple(
            _rated(pick, (other,), returns, every, benchmark, scale)
            for other in more
            for pick in picks
            if pick in returns
        ),
        widened=tuple(
            _rated(None, tuple(more)[:number], returns, every, benchmark, scale)
            for number in range(1, len(more) + 1)
        ),
    )


def _candidates(
    score: Score, pool: Pool, classed: Mapping[str, str], classes: set[str], day: dt.date
) -> tuple[list[Candidate], dict[str, tuple[str, ...]]]:
    """The other names of some classes, the most traded first, and why the rest are none."""
    columns = {code: column for column, code in enumerate(pool.codes)}
    amounts = median_amount(pool, pool.row(day))
    unknown = untold(pool, score.axis, score.basis, score.when.price)
    found: list[Candidate] = []
    left_out: dict[str, list[str]] = {}
    for code in sorted(code for code, held in classed.items() if held in classes):
        if code in score.case.thesis.codes:
            continue
        listing = pool.listings.get(code, Listing(code))
        amount = float(amounts[columns[code]]) if code in columns else np.nan
        why = _unfit(code in columns, listing, amount, day)
        if why is None:
            why = next((why for why, mask in unknown.items() if mask[columns[code]]), None)
        if why is not None:
            left_out.setdefault(why, []).append(code)
            continue
        found.append(Candidate(code, listing.name, amount))
    found.sort(key=lambda each: (-each.amount, each.code))
    return found, {why: tuple(codes) for why, codes in left_out.items()}


def _unfit(has_bars: bool, listing: Listing, amount: float, day: dt.date) -> str | None:
    """Why a name is no candidate on a day; None if it is one."""
    if not has_bars:
        return "no bars"
    if listing.list_date is None:
        return "its listing day is not known"
    days = sessions()
    first, stop = np.searchsorted(days, [np.datetime64(listing.list_date), np.datetime64(day)])
    if stop + 1 - first < LISTED_SESSIONS:
        return f"listed less than {LISTED_SESSIONS} sessions"
    if any(start <= day and (end is None or end >= day) for start, end, _ in listing.treatments):
        return "under special treatment"
    return "no amounts" if np.isnan(amount) else None


def _nobody(classes: tuple[str, ...], left_out: Mapping[str, tuple[str, ...]], day: dt.date) -> str:
    """Why there is no candidate at all."""
    why = f"no other name of {', '.join(classes)} could have been picked on {day}"
    counts = [f"{reason}: {len(codes)}" for reason, codes in left_out.items()]
    return f"{why} ({'; '.join(counts)})" if counts else why


def _own_headlines(
    score: Score, held: Held, horizon: Horizon
) -> tuple[dict[str, float], float] | None:
    """The headline return of each name with bars, and the benchmark's; None if one is unknown."""
    simulation, paper = held.simulation, score.paper
    benchmark = None if paper is None else horizon.read(paper.against)[HEADLINE]
    values = np.where(held.known, simulation.basket.returns, np.nan).T
    read = {
        code: horizon.read(row)[HEADLINE]
        for code, row in zip(simulation.codes, values, strict=True)
    }
    known = {code: value for code, value in read.items() if value is not None}
    if benchmark is None or not known or len(known) < len(read):
        return None
    return known, benchmark


def _headlines(pool: Pool, score: Score, horizon: Horizon, codes: list[str]) -> dict[str, float]:
    """The headline return of some stocks of the pool, those with a known path, in order."""
    columns = np.array([pool.codes.index(code) for code in codes], dtype=np.int64)
    returns = paper_returns(pool, columns, score.axis, score.basis, score.when.price)
    read = {code: horizon.read(row)[HEADLINE] for code, row in zip(codes, returns, strict=True)}
    return {code: value for code, value in read.items() if value is not None}


def _rated(
    out: str | None,
    into: tuple[str, ...],
    own: Mapping[str, float],
    every: Mapping[str, float],
    benchmark: float,
    scale: RatingScale,
) -> OtherList:
    names = [code for code in own if code != out] + list(into)
    excess = float(np.mean([every[code] for code in names])) - benchmark
    return OtherList(out, into, excess, scale.earned(excess))
