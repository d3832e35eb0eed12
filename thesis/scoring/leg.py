"""A leg of the answer: one path of returns, its benchmark, its readings and its verdict.

There are three, side by side: the paper basket (the names as a strategy), the sector index (what
the rating is defined on) and the net basket (what a reader could have had).
"""

import datetime as dt
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.market.benchmark import Benchmark
from thesis.market.calendar import Timing
from thesis.research.rating import RatingScale
from thesis.scoring.reading import HEADLINE, Horizon, Reading, Readings, Verdict, judge, read_excess

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Leg:
    """Returns against a benchmark, read and judged.

    Attributes
    ----------
    path, against
        Holding-period returns of the leg and of its benchmark since the entry, shape (T,); NaN
        where unknown.
    """

    benchmark: Benchmark
    path: Floats
    against: Floats
    readings: Readings
    verdict: Verdict

    @property
    def headline(self) -> Reading | None:
        """The headline reading."""
        return self.readings[HEADLINE]

    @property
    def excess(self) -> Floats:
        """Daily excess return, shape (T,)."""
        return np.asarray(self.path - self.against, dtype=float)

    @property
    def last_known(self) -> int | None:
        """The last row on which the excess is known."""
        known = np.flatnonzero(~np.isnan(self.excess))
        return int(known[-1]) if known.size else None


@dataclass(frozen=True)
class Bar:
    """What a leg's verdict is held to.

    Attributes
    ----------
    why_unknown
        The reason a headline that should be known is not.
    """

    scale: RatingScale
    claimed: str
    when: Timing
    as_of: dt.date
    simulated: bool
    why_unknown: str

    def leg(self, benchmark: Benchmark, path: Floats, against: Floats, horizon: Horizon) -> Leg:
        """Read and judge a path."""
        readings = read_excess(path, against, horizon, self.scale)
        found = judge(
            readings, path - against, horizon, self.scale, self.claimed, simulated=self.simulated
        )
        return Leg(benchmark, path, against, readings, found or self.unknown())

    def unknown(self) -> Verdict:
        """The verdict where the headline is not known."""
        end = self.when.end
        if end is None or self.as_of < end:
            until = f"on {end}" if end else "after the calendar's horizon"
            reason = f"the window ends {until}; this is as of {self.as_of}"
            result = "not_yet"
        else:
            reason, result = self.why_unknown, "not_scorable"
        return Verdict(None, "simulated" if self.simulated else result, reason=reason)
