"""Weights: what share of the capital each name of a thesis gets, and which segment gave it."""

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from thesis.errors import UsageError
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis
from thesis.trading.weightings import (
    ESTIMATED,
    WEIGHTINGS,
    GivenWeights,
    Weighting,
    by_segment,
    equal,
)


@dataclass(frozen=True)
class Weights:
    """Initial weights, as fractions of the capital.

    Attributes
    ----------
    by_segment
        Segment id to code to the weight that segment gave the name. A name in several segments
        gets the sum.
    """

    by_segment: Mapping[str, Mapping[str, float]]

    @property
    def total(self) -> dict[str, float]:
        """Weight of each code, over its segments, in thesis order."""
        sums: dict[str, list[float]] = {}
        for segment in self.by_segment.values():
            for code, weight in segment.items():
                sums.setdefault(code, []).append(weight)
        return {code: math.fsum(parts) for code, parts in sums.items()}

    def keep(self, codes: Collection[str]) -> "Weights":
        """These codes alone, reweighted in proportion to sum to 1."""
        kept = math.fsum(weight for code, weight in self.total.items() if code in codes)
        return Weights(
            {
                segment: {c: w / kept for c, w in given.items() if c in codes}
                for segment, given in self.by_segment.items()
            }
            if kept > 0
            else {}
        )


def weigh(thesis: Thesis, weighting: Weighting, history: Callable[[], PricePanel]) -> Weights:
    """The weights of a thesis.

    Parameters
    ----------
    weighting
        One of `WEIGHTINGS`, a mapping of codes to weights, or a function; a strategy's own is its
        `Strategy.weighting`.
    history
        Gives the panel as it stood before publication: weights are decided on nothing later. Asked
        only where a weighting needs it. Names without any price have no column in it.

    Returns
    -------
    Weights
        Under ``segment`` a name's weight comes from its segments as they are; under any other
        weighting a name in k segments gets 1/k of its weight from each.

    Raises
    ------
    UsageError
        If a function's or mapping's weights leave out a name, name a stranger, are negative or not
        finite, or do not sum to 1.
    PricesError
        If a weighting cannot be estimated from the history.
    """
    if isinstance(weighting, str) and weighting == "segment":
        return Weights(by_segment(thesis))
    given = _given(thesis, weighting, history)
    homes = {
        code: [s.id for s in thesis.segment if any(p.code == code for p in s.pick)]
        for code in thesis.codes
    }
    return Weights(
        {
            segment.id: {
                pick.code: given[pick.code] / len(homes[pick.code]) for pick in segment.pick
            }
            for segment in thesis.segment
            if segment.pick
        }
    )


def _given(
    thesis: Thesis, weighting: Weighting, history: Callable[[], PricePanel]
) -> Mapping[str, float]:
    """What a weighting other than ``segment`` gives each code."""
    if isinstance(weighting, str):
        if weighting not in WEIGHTINGS:
            raise UsageError(f"weights = {weighting!r}: known are {', '.join(WEIGHTINGS)}")
        return ESTIMATED[weighting](thesis, history()) if weighting in ESTIMATED else equal(thesis)
    if isinstance(weighting, GivenWeights):
        return checked_weights("weights", thesis, dict(weighting.pairs))
    if not callable(weighting):
        return checked_weights("weights", thesis, weighting)
    return checked_weights(called(weighting), thesis, weighting(thesis, history()))


def called(weighting: object) -> str:
    """What to call a function, method or callable noun: ``momentum``, ``Momentum.weigh``."""
    name = getattr(weighting, "__name__", None)
    owner = getattr(weighting, "__self__", None)
    if name is None:
        return type(weighting).__name__
    return str(name) if owner is None else f"{type(owner).__name__}.{name}"


def checked_weights(
    name: str, thesis: Thesis, answer: object, needed: Collection[str] | None = None
) -> dict[str, float]:
    """Weights somebody's code or hand gave, checked.

    Parameters
    ----------
    name
        What gave them, for the error's text.
    answer
        A mapping of codes to weights, or whatever else was given for one.
    needed
        The codes that must have one; by default every code of the thesis.

    Raises
    ------
    UsageError
        As `weigh`.
    """
    items = getattr(answer, "items", None)
    if not callable(items):
        raise UsageError(
            f"{name}: it returned a {type(answer).__name__}; a weighting returns a weight for "
            f"every code, as {dict.fromkeys(thesis.codes[:1], 1.0)}"
        )
    given: dict[str, float] = {}
    for code, weight in items():
        try:
            given[str(code)] = float(weight)
        except (TypeError, ValueError):
            raise UsageError(f"{name}: weight {weight!r} of {code} is no number") from None
    for code in thesis.codes if needed is None else needed:
        if code not in given:
            raise UsageError(
                f"{name}: no weight for {code}; give every name one, 0 to leave it out"
            )
    for code, weight in given.items():
        if code not in thesis.codes:
            raise UsageError(f"{name}: {code} is no name of the thesis {thesis.id}")
        if not (math.isfinite(weight) and weight >= 0):
            raise UsageError(f"{name}: weight {weight!r} of {code}; weights are 0 or more")
    total = math.fsum(given.values())
    if abs(total - 1) > 1e-9:
        raise UsageError(f"{name}: the weights sum to {total:.6g}; divide them by their sum")
    return given
