"""The score of a thesis: what `thesis.scoring.assess` works out, as nouns."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from thesis.errors import Caution
from thesis.market.benchmark import Basis, Benchmark
from thesis.market.calendar import Dates, Timing
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis
from thesis.scoring.capacity import Capacity
from thesis.scoring.fragility import DatedRating, OtherSector, Without
from thesis.scoring.leg import Leg
from thesis.scoring.names import ByReading, NameResult
from thesis.scoring.reading import Readings
from thesis.trading.conditions import Conditions
from thesis.trading.ledger import Ledger
from thesis.trading.orders import Plan
from thesis.trading.strategy import Strategy

if TYPE_CHECKING:
    from thesis.scoring.risk import Risk

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """What is to be scored, on which prices, as of which day.

    Attributes
    ----------
    as_of
        "Today": a window that ends later is ``not_yet``. The panel must end on it or before, since
        later bars tell a suspension from the end of a name's data.
    """

    thesis: Thesis
    strategy: Strategy
    panel: PricePanel
    basis: Basis
    as_of: dt.date


@dataclass(frozen=True)
class SegmentResult:
    """A segment as a basket of its own, and its part in the whole.

    Attributes
    ----------
    basis
        The grounds its names stand on.
    without
        Its headline without each of its names in turn.
    status
        ``scored``; ``no_names`` (the report describes a group that nobody can fill); ``no_data``
        (no name of it has bars); ``unknown`` (the headline is not known).
    readings
        Of its unique names at equal weights, whatever the strategy's weighting.
    contribution
        By reading: the weights this segment gave its names, times their returns.
    """

    id: str
    name: str
    name_zh: str
    basis: tuple[str, ...]
    status: str
    readings: Readings | None
    contribution: ByReading
    without: tuple[Without, ...] = ()


@dataclass(frozen=True, eq=False)
class Traded:
    """The basket as traded: orders, ledger, and what they returned.

    Attributes
    ----------
    conditions
        What the orders met: prices, limits, lots, fees.
    frictionless
        Readings of the strategy without limits, lots and fees: of a basket that is bought and held,
        the paper basket; otherwise what rebalancing and exits alone made of it.
    executable
        Readings of exactly the net fills with every fee zero.
    gains
        By code and reading: gain before fees over the capital.
    cash, fees
        By reading: the parts of the net return that are no name's gain.
    at_zero
        Net readings had every delisted name still held gone to nothing; None without one.
    capacity
        How large the strategy can grow; None where that cannot be told.
    """

    codes: tuple[str, ...]
    conditions: Conditions
    plan: Plan
    ledger: Ledger
    leg: Leg
    frictionless: Readings
    executable: Readings
    gains: Mapping[str, ByReading]
    cash: ByReading
    fees: ByReading
    at_zero: Readings | None = None
    capacity: Capacity | None = None


@dataclass(frozen=True, eq=False)
class Score:
    """Everything that follows from a case. Unknown parts are None.

    Attributes
    ----------
    basis
        ``total`` or ``price``: what both basket and benchmark returns contain.
    axis
        Sessions from the entry to the last that could be known, shape (T,).
    at_zero
        Readings of the paper basket had every delisted name gone to nothing.
    without
        The headline without each name in turn.
    other_sectors
        The sector on other choices of its index.
    dated
        The headline for other publication dates, where the date is inferred.
    risk
        Of the paper basket over its window.
    """

    case: Case
    when: Timing
    basis: Basis
    axis: Dates
    benchmark: Benchmark
    paper: Leg | None = None
    sector: Leg | None = None
    traded: Traded | None = None
    segments: tuple[SegmentResult, ...] = ()
    names: tuple[NameResult, ...] = ()
    at_zero: Readings | None = None
    without: tuple[Without, ...] = ()
    other_sectors: tuple[OtherSector, ...] = ()
    dated: tuple[DatedRating, ...] = ()
    risk: "Risk | None" = None
    coverage: Mapping[str, object] = field(default_factory=dict)
    cautions: tuple[Caution, ...] = ()

    @property
    def net(self) -> Leg | None:
        """The net basket; None where nothing was or could be traded."""
        return self.traded.leg if self.traded is not None else None

    @property
    def open_window(self) -> bool:
        """Whether the window ends after "today": the verdict is still to come."""
        return self.when.end is None or self.case.as_of < self.when.end

    @property
    def primary(self) -> Leg | None:
        """The leg whose verdict counts: paper, or the sector where no names were called."""
        return self.paper if self.case.thesis.codes else self.sector
