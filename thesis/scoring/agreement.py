"""Agreement: whether one thesis earns the same on prices of two sources."""

from dataclasses import dataclass

from thesis.scoring.leg import Leg
from thesis.scoring.reading import Reading
from thesis.scoring.score import Score

#: Excess returns closer than this are one: the same bars in another order of sums.
SAME_EXCESS = 1e-9


@dataclass(frozen=True)
class TwoReadings:
    """The headline of one leg on two sides; None where a side has none.

    Attributes
    ----------
    leg
        ``paper``, ``sector`` or ``net``.
    """

    leg: str
    here: Reading | None
    there: Reading | None

    @property
    def rated_apart(self) -> bool:
        """Whether the two sides earn different ratings."""
        return self.here is not None and self.there is not None and (
            self.here.rating != self.there.rating
        )  # fmt: skip

    @property
    def apart(self) -> float:
        """How far apart the excess returns are, as a fraction; 0 where a side has none."""
        if self.here is None or self.there is None:
            return 0.0
        gap = abs(self.here.excess - self.there.excess)
        return gap if gap > SAME_EXCESS else 0.0


@dataclass(frozen=True)
class Agreement:
    """A thesis scored on prices of two sources.

    Attributes
    ----------
    legs
        The headlines side by side.
    reason
        Why the two cannot be compared; None where they can.
    pending
        Whether its window is still open, so that there is no verdict on any prices.
    stand_ins
        Indices that the other side lacks, for which the levels of this one stood in.
    """

    thesis: str
    legs: tuple[TwoReadings, ...] = ()
    reason: str | None = None
    pending: bool = False
    stand_ins: tuple[str, ...] = ()

    @property
    def fragile(self) -> bool:
        """Whether a rating hangs on whose prices are used: data-fragile."""
        return any(leg.rated_apart for leg in self.legs)

    @property
    def apart(self) -> float:
        """The largest distance of two excess returns, as a fraction."""
        return max((leg.apart for leg in self.legs), default=0.0)


def agree(here: Score, there: Score, stand_ins: tuple[str, ...] = ()) -> Agreement:
    """Hold the headlines of two scores of one thesis against each other.

    Parameters
    ----------
    stand_ins
        Indices for which the levels of `here` stood in.
    """
    legs = []
    reasons = []
    for name in ("paper", "sector", "net"):
        one, other = getattr(here, name), getattr(there, name)
        pair = TwoReadings(name, _headline(one), _headline(other))
        if pair.here is not None or pair.there is not None:
            legs.append(pair)
        if (pair.here is None) != (pair.there is None):
            unknown = one if pair.here is None else other
            why = f": {unknown.verdict.reason}" if unknown is not None else ""
            reasons.append(f"{name} is known on one side alone{why}")
    if not legs and here.primary is not None:
        reasons.append(here.primary.verdict.reason or "nothing is known")
    return Agreement(
        here.case.thesis.id, tuple(legs), "; ".join(reasons) or None, here.open_window, stand_ins
    )


def _headline(leg: Leg | None) -> Reading | None:
    return leg.headline if leg is not None else None
