"""The strategy: how a thesis is turned into a portfolio. Frozen, and the same for all theses."""

from dataclasses import dataclass
from numbers import Integral
from typing import Literal

from thesis.errors import UsageError
from thesis.trading.weights import WEIGHTINGS, Weighting

#: A buy may fail on so many sessions and fill on the next; after that the name never enters.
MAX_WAIT = 10


#: CNY; a trillion is more than any list of names could take, and the last that keeps its cents.
MOST_CAPITAL = 1e12


@dataclass(frozen=True)
class Strategy:
    """Buy the thesis's names once and hold them over its horizon.

    Attributes
    ----------
    entry
        Price bought: the ``open`` or the ``close`` of the entry session.
    delay
        Enter so many sessions later than a reader could have. Windows do not move.
    weights
        ``equal`` over the unique names, ``segment`` (segments equal, names equal inside), or a
        function of the thesis and of the `PricePanel` as it stood before publication that returns
        a weight for every code, summing to 1.
    capital
        CNY.
    costs
        ``a-share`` (commission, transfer fee, stamp duty) or ``none``.
    lots
        ``exchange`` (whole lots) or ``fractional``, which with no costs is the closed form.
    max_wait
        Sessions on which a buy may fail before it is given up.

    Raises
    ------
    UsageError
        If a value cannot be; the text names the option.

    Examples
    --------
    >>> Strategy(weights="segment", delay=3).capital
    10000000.0
    >>> Strategy(delay=-1)
    Traceback (most recent call last):
        ...
    thesis.errors.UsageError: delay = -1: it is a number of sessions, 0 or more
    """

    entry: Literal["open", "close"] = "open"
    delay: int = 0
    weights: Weighting = "equal"
    capital: float = 10_000_000.0
    costs: Literal["a-share", "none"] = "a-share"
    lots: Literal["exchange", "fractional"] = "exchange"
    max_wait: int = MAX_WAIT

    def __post_init__(self) -> None:
        _one_of("entry", self.entry, ("open", "close"))
        _one_of("costs", self.costs, ("a-share", "none"))
        _one_of("lots", self.lots, ("exchange", "fractional"))
        if isinstance(self.weights, str):
            _one_of("weights", self.weights, tuple(WEIGHTINGS))
        elif not callable(self.weights):
            raise UsageError(
                f"weights = {self.weights!r}: give one of {', '.join(WEIGHTINGS)}, or a function "
                "of the thesis and the price panel before publication"
            )
        for name, value in (("delay", self.delay), ("max_wait", self.max_wait)):
            if not _is_count(value):
                raise UsageError(f"{name} = {value!r}: it is a number of sessions, 0 or more")
        if not _positive(self.capital):
            raise UsageError(
                f"capital = {self.capital!r}: it is an amount in CNY, more than 0 and at most 1e12"
            )

    @property
    def weights_name(self) -> str:
        """The weighting's name; a function's own name."""
        if isinstance(self.weights, str):
            return self.weights
        return f"function {getattr(self.weights, '__name__', type(self.weights).__name__)}"


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise UsageError(f"{name} = {value!r}: give one of {', '.join(allowed)}")


def _positive(value: float) -> bool:
    try:
        return 0 < value <= MOST_CAPITAL
    except TypeError:  # text, or nothing
        return False


def _is_count(value: object) -> bool:
    """Whether a value is a whole number, 0 or more; numpy's integers are."""
    return not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= 0
