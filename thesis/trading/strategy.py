"""The strategy: how a thesis is turned into a portfolio. Frozen, and the same for all theses."""

import datetime as dt
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from numbers import Integral
from typing import Literal, cast

from thesis.errors import UsageError
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis
from thesis.trading.exits import Exit, parse_exit
from thesis.trading.impact import ImpactModel
from thesis.trading.schedule import REBALANCES
from thesis.trading.weightings import WEIGHTINGS, GivenWeights, Weighting
from thesis.trading.weights import called, checked_weights, weigh

#: A buy may fail on so many sessions and fill on the next; after that the name never enters.
MAX_WAIT = 10

#: CNY; a trillion is more than any list of names could take, and the last that keeps its cents.
MOST_CAPITAL = 1e12

#: What each option that is a word may be.
CHOICES = {
    "entry": ("open", "close", "vwap"),
    "rebalance": REBALANCES,
    "cash": ("zero", "benchmark"),
    "costs": ("a-share", "none"),
    "dividend_tax": ("none", "individual"),
    "lots": ("exchange", "fractional"),
    "limits": ("exchange", "none"),
}


@dataclass(frozen=True)
class Strategy:
    """Buy the thesis's names and hold them over its horizon, rebalanced and sold as is said here.

    Use it as it is, change fields with `dataclasses.replace`, or subclass it and override `weigh`,
    `reweigh` or both; ``thesis.backtest(..., strategy=...)`` runs any of them alike.

    Attributes
    ----------
    entry
        Price of every fill: the ``open``, the ``close`` or the ``vwap`` (amount / volume) of a
        session. It sets, with the publication, the entry session: see `entry_session`.
    delay
        Enter so many sessions later than a reader could have. Windows do not move.
    weights
        ``equal`` over the unique names; ``segment`` (segments equal, names equal inside);
        ``inverse_vol`` (1 / volatility over the 60 sessions before publication); ``float_cap``
        (value of the floating shares at the last of them); a mapping of codes to weights; or a
        function of the thesis and of the `PricePanel` as it stood before publication that returns
        one. A weight for every code, summing to 1.
    rebalance
        ``none``, or back to the weights on the first session of each calendar week, month or
        quarter after the entry: ``weekly``, ``monthly``, ``quarterly``.
    exit
        What sells before the horizon does: ``horizon`` (nothing), ``"stop-loss 0.1"`` or ``10%``
        (a name whose close fell so far below its first fill), ``"trailing 0.15"`` (below the best
        since), ``end`` (everything, on the last window's end), a date (everything, on the first
        session from then on), or a noun of `thesis.trading.exits`. Held as that noun.
    capital
        CNY.
    cash
        What cash earns: ``zero``, or the ``benchmark``'s return, bought and sold without fees.
    costs
        ``a-share`` (commission, transfer fee, stamp duty) or ``none``.
    dividend_tax
        ``none``, or ``individual``: what a person pays on dividends, by how long the shares were
        held.
    lots
        ``exchange`` (whole lots) or ``fractional``, which with no costs and no limits is the closed
        form.
    limits
        ``exchange``: nothing is bought at or above its upper limit price, or sold at or below its
        lower. ``none`` fills wherever there is a bar.
    max_wait
        Sessions on which a buy may fail before it is given up.
    impact, participation
        For the capacity alone: the constant of the square-root law of market impact, and the part
        of a session's traded amount that an order may take; see `thesis.trading.impact`.

    Raises
    ------
    UsageError
        If a value cannot be; the text names the option.

    Examples
    --------
    >>> Strategy(weights="segment", delay=3).capital
    10000000.0
    >>> Strategy(exit="stop-loss 10%").exit
    StopLoss(loss=0.1)
    >>> Strategy(delay=-1)
    Traceback (most recent call last):
        ...
    thesis.errors.UsageError: delay = -1: it is a number of sessions, 0 or more

    A strategy of one's own: what rose over the last 20 sessions gets twice the weight of what fell,
    and each month the same is asked again.

    >>> class Momentum(Strategy):
    ...     def weigh(self, thesis, history):
    ...         rose = dict.fromkeys(thesis.codes, 1.0)
    ...         for code in history.codes:  # the names that have prices
    ...             close = history.field("close", code) * history.field("factor", code)
    ...             rose[code] = 2.0 if close[-1] > close[-21] else 1.0
    ...         return {code: each / sum(rose.values()) for code, each in rose.items()}
    ...
    ...     def reweigh(self, thesis, history, weights):
    ...         return self.weigh(thesis, history)
    >>> import thesis
    >>> found = thesis.load("optical_module")
    >>> mine = Momentum(rebalance="monthly", capital=2_000_000.0)
    >>> weights = mine.weigh(found, thesis.read_prices("sample", found.codes))
    >>> {code: round(weight, 3) for code, weight in weights.items()}
    {'300308.SZ': 0.25, '300502.SZ': 0.5, '300394.SZ': 0.25}
    >>> result = thesis.backtest(found, "sample", strategy=mine)  # doctest: +SKIP
    """

    entry: Literal["open", "close", "vwap"] = "open"
    delay: int = 0
    weights: Weighting = "equal"
    capital: float = 10_000_000.0
    costs: Literal["a-share", "none"] = "a-share"
    lots: Literal["exchange", "fractional"] = "exchange"
    max_wait: int = MAX_WAIT
    rebalance: Literal["none", "weekly", "monthly", "quarterly"] = "none"
    exit: Exit | dt.date | str = "horizon"
    cash: Literal["zero", "benchmark"] = "zero"
    limits: Literal["exchange", "none"] = "exchange"
    dividend_tax: Literal["none", "individual"] = "none"
    impact: float = 1.0
    participation: float = 0.10

    def __post_init__(self) -> None:
        for name, allowed in CHOICES.items():
            _one_of(name, getattr(self, name), allowed)
        object.__setattr__(self, "weights", _weighting(self.weights))
        object.__setattr__(self, "exit", parse_exit(self.exit))
        for name in ("delay", "max_wait"):
            if not _is_count(value := getattr(self, name)):
                raise UsageError(f"{name} = {value!r}: it is a number of sessions, 0 or more")
        ImpactModel(self.impact, self.participation)
        if not _positive(self.capital):
            raise UsageError(
                f"capital = {self.capital!r}: it is an amount in CNY, more than 0 and at most 1e12"
            )

    def weigh(self, thesis: Thesis, history: PricePanel) -> Mapping[str, float]:
        """Initial weights; a subclass may decide them otherwise.

        Parameters
        ----------
        history
            Bars of the thesis's names up to the last session before publication, delay or not, and
            no later one. A name without any price has no column in it. Where the date of
            publication is inferred it is asked once for each date that is tried.

        Returns
        -------
        mapping
            A weight for every code of the thesis, 0 or more, summing to 1.

        Raises
        ------
        UsageError, PricesError
            If `weights` cannot be had, as `thesis.trading.weights.weigh` says.
        """
        return weigh(thesis, self.weights, lambda: history).total

    def reweigh(
        self, thesis: Thesis, history: PricePanel, weights: Mapping[str, float]
    ) -> Mapping[str, float]:
        """Target weights at a rebalance; a subclass may decide them anew.

        The bundled weightings decide once, on bars before publication: a rebalance returns to those
        weights, it does not estimate them again.

        Parameters
        ----------
        history
            Bars of the thesis's names up to the session before the rebalance, and no later one.
        weights
            The targets until now: those of the entry, or of the rebalance before.

        Returns
        -------
        mapping
            A weight for every code of `weights`, 0 or more, summing to 1. What was sold by an exit
            is not bought again, whatever it is given.
        """
        return weights

    @property
    def weighting(self) -> Weighting:
        """What decides the initial weights: `weights`, or a subclass's own `weigh`."""
        return self.weights if type(self).weigh is Strategy.weigh else self.weigh

    @property
    def decides_again(self) -> bool:
        """Whether a subclass has its own `reweigh`; otherwise no history is needed for it."""
        return type(self).reweigh is not Strategy.reweigh

    @property
    def weights_name(self) -> str:
        """The weighting's name; a function's own name, and what decides again at a rebalance."""
        weighting = self.weighting
        if isinstance(weighting, str):
            name = weighting
        elif isinstance(weighting, GivenWeights):
            name = "given"
        else:
            name = f"function {called(weighting)}"
        again = self.decides_again and self.rebalance != "none"
        return f"{name}, then {called(self.reweigh)}" if again else name

    @property
    def exit_rule(self) -> Exit:
        """`exit`, which is held as its noun, for type checkers."""
        return cast("Exit", self.exit)

    @property
    def exit_name(self) -> str:
        """The exit in words: ``horizon``, ``stop-loss 0.1``, ``end``, ``2025-03-31``."""
        return self.exit_rule.name


def reweighed(
    strategy: Strategy,
    thesis: Thesis,
    history: Callable[[], PricePanel],
    weights: Mapping[str, float],
) -> dict[str, float]:
    """A strategy's target weights at a rebalance, checked.

    Parameters
    ----------
    history
        Gives the panel as it stood after the session before the rebalance; asked only where a
        subclass decides again.
    weights
        The targets until now, of the names that have prices.

    Returns
    -------
    dict
        A weight for each code of `weights`, summing to 1; what was given to names without prices is
        shared by the others in proportion, as at the entry.

    Raises
    ------
    UsageError
        If an answer leaves out a name, names a stranger, is negative or not finite, or does not sum
        to 1, or gives all to names without prices.
    """
    if not strategy.decides_again:
        return dict(weights)
    name = called(strategy.reweigh)
    answer = strategy.reweigh(thesis, history(), weights)
    given = checked_weights(name, thesis, answer, needed=tuple(weights))
    kept = math.fsum(given[code] for code in weights)
    if not kept > 0:
        raise UsageError(f"{name}: it gives every name that has prices 0; give one of them more")
    return {code: given[code] / kept for code in weights}


def _weighting(given: object) -> Weighting:
    """A weighting as it is held; a mapping as one that cannot change.

    Raises
    ------
    UsageError
        If it is none.
    """
    if isinstance(given, str):
        _one_of("weights", given, WEIGHTINGS)
    elif not callable(given):
        if not callable(getattr(given, "items", None)):
            raise UsageError(
                f"weights = {given!r}: give one of {', '.join(WEIGHTINGS)}, a mapping of codes to "
                "weights, or a function of the thesis and the price panel before publication"
            )
        return GivenWeights.of(cast("Mapping[str, float]", given))
    return cast("Weighting", given)


def _one_of(name: str, value: object, allowed: tuple[str, ...]) -> None:
    if not isinstance(value, str) or value not in allowed:
        raise UsageError(f"{name} = {value!r}: give one of {', '.join(allowed)}")


def _positive(value: float) -> bool:
    try:
        return 0 < value <= MOST_CAPITAL
    except TypeError:  # text, or nothing
        return False


def _is_count(value: object) -> bool:
    """Whether a value is a whole number, 0 or more; numpy's integers are."""
    return not isinstance(value, bool) and isinstance(value, Integral) and int(value) >= 0
