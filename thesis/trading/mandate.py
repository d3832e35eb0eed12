"""The mandate: what is asked of the order planner, for many portfolios at once."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from thesis.trading.exits import Exit

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Mandate:
    """What is asked of the planner, for V portfolios over N names.

    Attributes
    ----------
    weights
        Target weights, shape (V, N); rows sum to 1 or less, the rest stays cash.
    capital
        CNY, shape (V,).
    entry
        Row on which each portfolio first buys, shape (V,).
    rebalance
        Rows on which each portfolio returns to its weights, shape (V, T).
    close_out
        Row on which each portfolio sells everything, shape (V,); T or more: never.
    max_wait
        Sessions on which a buy may fail and still be tried again, shape (V,).
    stops
        By portfolio, the exit that sells a name after a fall; without one, none does.
    reweighed
        By row, weights of shape (V, N) that hold from that rebalance on.
    """

    weights: Floats
    capital: Floats
    entry: Ints
    rebalance: Bools
    close_out: Ints
    max_wait: Ints
    stops: Mapping[int, Exit] = field(default_factory=dict)
    reweighed: Mapping[int, Floats] = field(default_factory=dict)
