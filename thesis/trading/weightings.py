"""Weightings: rules that say how much of the capital each name of a thesis gets.

A weighting is a function of the thesis and of the panel as it stood before publication. Those
below decide once, on bars that had ended by then, whatever the delay and the rebalancing::

    equal        the same for every name
    segment      segments equal, names equal inside
    inverse_vol  in proportion to 1 / volatility over the last 60 sessions
    float_cap    in proportion to the value of the floating shares

The panel a weighting is given has a column for every name that will have bars. A name without any
price leaves the basket later, whatever it was given; a name that was only listed later has a column
without bars, and an estimate of it cannot be had.
"""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from thesis.errors import PricesError
from thesis.market.calendar import as_date
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis
from thesis.trading.liquidity import LOOKBACK

Floats = npt.NDArray[np.float64]
WeightFunction = Callable[[Thesis, PricePanel], Mapping[str, float]]
Weighting = str | WeightFunction | Mapping[str, float]

#: The fewest returns a volatility is estimated on.
LEAST_RETURNS = 20
#: A standard deviation below this is a rounding error of prices that never moved.
NO_VOLATILITY = 1e-12

_INSTEAD = "or use equal, segment or weights of your own"


@dataclass(frozen=True)
class GivenWeights:
    """Weights that were written down, as a weighting; two of the same weights are equal.

    Attributes
    ----------
    pairs
        Code and weight, by code.
    """

    pairs: tuple[tuple[Any, Any], ...]

    @classmethod
    def of(cls, weights: Mapping[str, float]) -> "GivenWeights":
        """The weights of a mapping; later changes of it change nothing."""
        return cls(tuple(sorted(weights.items(), key=lambda pair: str(pair[0]))))

    def __call__(self, thesis: Thesis, history: PricePanel) -> dict[str, float]:
        """The weights, whatever the thesis and its history."""
        return dict(self.pairs)


def equal(thesis: Thesis) -> dict[str, float]:
    """The same weight for every unique name."""
    return dict.fromkeys(thesis.codes, 1 / len(thesis.codes))


def by_segment(thesis: Thesis) -> dict[str, dict[str, float]]:
    """Segments equal, names equal inside; segments without names get nothing."""
    filled = [segment for segment in thesis.segment if segment.pick]
    return {
        segment.id: {pick.code: 1 / (len(filled) * len(segment.pick)) for pick in segment.pick}
        for segment in filled
    }


def inverse_vol(thesis: Thesis, history: PricePanel) -> dict[str, float]:
    """Weights in proportion to 1 / volatility before publication.

    A name's volatility is the standard deviation (ddof = 1) of its returns
    ``adj_close(t) / adj_close(s) - 1`` from one bar to the next, both within the last 60 sessions
    of `history`; adjusted is raw x ``factor``. A session without a bar is no return of zero.

    Parameters
    ----------
    history
        The panel up to the last session before publication.

    Returns
    -------
    dict
        A weight for every code, summing to 1. A name that has no column in `history` gets the mean
        weight 1/n: it has no prices at all and leaves the basket, and this is what is then missed.

    Raises
    ------
    PricesError
        If a name has under 20 such returns, or has not moved.

    Examples
    --------
    >>> import thesis
    >>> found = thesis.load("optical_module")
    >>> weights = inverse_vol(found, thesis.read_prices("sample", found.codes))
    >>> round(sum(weights.values()), 12)
    1.0
    """
    moves = {code: _returns(history, code) for code in _priced(thesis, history)}
    short = {code: len(each) for code, each in moves.items() if len(each) < LEAST_RETURNS}
    when = _when(history)
    if short:
        counts = ", ".join(f"{code} has {count}" for code, count in short.items())
        raise PricesError(
            f"weights = 'inverse_vol': of returns in the {LOOKBACK} sessions to {when} "
            f"{counts}, and a volatility needs {LEAST_RETURNS}; give {history.origin} earlier "
            f"bars, {_INSTEAD}"
        )
    volatility = {code: float(np.std(each, ddof=1)) for code, each in moves.items()}
    still = [code for code, sd in volatility.items() if sd < NO_VOLATILITY]
    if still:
        raise PricesError(
            f"weights = 'inverse_vol': {', '.join(still)} did not move in the "
            f"{LOOKBACK} sessions to {when}, and 1 / volatility has no value at 0; look "
            f"at the bars in {history.origin}, {_INSTEAD}"
        )
    return _in_proportion(thesis, {code: 1 / sd for code, sd in volatility.items()})


def float_cap(thesis: Thesis, history: PricePanel) -> dict[str, float]:
    """Weights in proportion to the value of the floating shares before publication.

    At each name's last bar in `history`: ``volume / turnover x raw close``, where ``turnover`` is
    the fraction of the floating shares that changed hands, so the ratio is the number of them.

    Parameters
    ----------
    history
        The panel up to the last session before publication; a name suspended then is valued at its
        last bar before.

    Returns
    -------
    dict
        As `inverse_vol`.

    Raises
    ------
    PricesError
        If a name has no bar, or its last one no turnover or volume.
    """
    values, without = {}, []
    for code in _priced(thesis, history):
        close, volume, turnover = (
            history.field(name, code) for name in ("close", "volume", "turnover")
        )
        bars = np.flatnonzero(~np.isnan(close))
        if not bars.size:
            without.append(f"{code} (no bar yet)")
        elif volume[bars[-1]] > 0 and turnover[bars[-1]] > 0:
            values[code] = float(volume[bars[-1]] / turnover[bars[-1]] * close[bars[-1]])
        else:
            without.append(f"{code} on {as_date(history.sessions[bars[-1]])}")
    if without:
        raise PricesError(
            "weights = 'float_cap': floating shares are volume / turnover at the last bar to "
            f"{_when(history)}, and {history.origin} has no turnover of {', '.join(without)}; give "
            f"bars with a turnover (a fraction, above 0), {_INSTEAD}"
        )
    return _in_proportion(thesis, values)


#: Weightings that are estimated from the history.
ESTIMATED: dict[str, WeightFunction] = {"inverse_vol": inverse_vol, "float_cap": float_cap}

#: The weightings known by name.
WEIGHTINGS = ("equal", "segment", *ESTIMATED)


def _priced(thesis: Thesis, history: PricePanel) -> list[str]:
    """The names with a column, in thesis order: those that have prices, then or later."""
    return [code for code in thesis.codes if code in history.codes]


def _returns(history: PricePanel, code: str) -> Floats:
    """Returns from bar to bar within the last sessions, shape (bars - 1,) or (0,)."""
    adjusted = history.field("close", code) * history.field("factor", code)
    recent = adjusted[-LOOKBACK:]
    bars = recent[~np.isnan(recent)]
    return np.asarray(bars[1:] / bars[:-1] - 1.0, dtype=float)


def _in_proportion(thesis: Thesis, values: Mapping[str, float]) -> dict[str, float]:
    """Weights in proportion to values; 1/n for a name without one."""
    total, names = math.fsum(values.values()), len(thesis.codes)
    return {
        code: values[code] / total * len(values) / names if code in values else 1 / names
        for code in thesis.codes
    }


def _when(history: PricePanel) -> str:
    return str(history.last) if len(history.sessions) else "publication"
