"""Exits: what ends a holding before the horizon does.

An exit is decided on closes and sells from the next session on; only a date sells on its own
session. What it sold is not bought again, and its weight stays in cash.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from thesis.errors import UsageError
from thesis.market.calendar import Dates

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Rows = npt.NDArray[np.int64]

#: Returns are rounded to so many places before they are held against a threshold.
PLACES = 10

FORMS = "horizon, 'stop-loss 0.1', 'trailing 0.15', end, or a date as 2025-03-31"


@dataclass(frozen=True)
class Horizon:
    """No sale at all: a reading is what selling that session would have brought."""

    @property
    def name(self) -> str:
        """The exit in words that `parse_exit` reads."""
        return "horizon"


@dataclass(frozen=True)
class StopLoss:
    """Sell a name once a close lies so far below the price it was first bought at.

    Attributes
    ----------
    loss
        The fall, a fraction between 0 and 1.

    Raises
    ------
    UsageError
        If it is no such fraction.
    """

    loss: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "loss", _fraction("StopLoss", self.loss))

    @property
    def name(self) -> str:
        """The exit in words that `parse_exit` reads."""
        return f"stop-loss {self.loss!r}"

    def triggered(self, entry_price: Floats | float, closes: Floats) -> Bools:
        """Whether each close triggers: ``round(close / entry_price - 1, 10) <= -loss``.

        Parameters
        ----------
        entry_price
            Adjusted price of the first fill, CNY; shape () or (K,).
        closes
            Adjusted closes from the session of that fill on, shape (T,) or (T, K); NaN, where
            there is no bar, does not trigger.

        Examples
        --------
        >>> StopLoss(0.1).triggered(10.0, np.array([9.5, np.nan, 9.0, 9.4]))
        array([False, False,  True, False])
        """
        return np.asarray(np.round(closes / entry_price - 1.0, PLACES) <= -self.loss)

    def trigger_row(self, entry_price: float, closes: Floats) -> int | None:
        """The first row that triggers; None if none does. Arguments as `triggered`."""
        return _first(self.triggered(entry_price, closes))


@dataclass(frozen=True)
class Trailing:
    """Sell a name once a close lies so far below the best since it was first bought.

    Attributes
    ----------
    fall
        From the highest of the first fill's price and the closes since, a fraction between 0 and 1.

    Raises
    ------
    UsageError
        If it is no such fraction.
    """

    fall: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "fall", _fraction("Trailing", self.fall))

    @property
    def name(self) -> str:
        """The exit in words that `parse_exit` reads."""
        return f"trailing {self.fall!r}"

    def triggered(self, entry_price: Floats | float, closes: Floats) -> Bools:
        """Whether each close triggers: ``round(close / best - 1, 10) <= -fall``.

        ``best`` is the highest of the entry price and the closes up to and including that session.

        Parameters
        ----------
        entry_price, closes
            As for `StopLoss.triggered`.

        Examples
        --------
        >>> Trailing(0.1).triggered(10.0, np.array([9.5, 12.0, np.nan, 10.8]))
        array([False, False, False,  True])
        """
        best = np.maximum(entry_price, np.fmax.accumulate(closes, axis=0))
        return np.asarray(np.round(closes / best - 1.0, PLACES) <= -self.fall)

    def trigger_row(self, entry_price: float, closes: Floats) -> int | None:
        """The first row that triggers; None if none does. Arguments as `triggered`."""
        return _first(self.triggered(entry_price, closes))


@dataclass(frozen=True)
class OnDate:
    """Sell everything on the first session on or after a day."""

    day: dt.date

    def __post_init__(self) -> None:
        if isinstance(self.day, dt.datetime):
            object.__setattr__(self, "day", self.day.date())
        elif not isinstance(self.day, dt.date):
            raise UsageError(
                f"OnDate({self.day!r}): it takes a date, as datetime.date(2025, 3, 31)"
            )

    @property
    def name(self) -> str:
        """The exit in words that `parse_exit` reads."""
        return self.day.isoformat()

    def row(self, axis: Dates) -> int | None:
        """The first row on or after the day; None where the axis ends before it.

        Examples
        --------
        >>> axis = np.array(["2025-03-28", "2025-03-31", "2025-04-01"], dtype="datetime64[D]")
        >>> OnDate(dt.date(2025, 3, 29)).row(axis)
        1
        """
        row = int(np.searchsorted(axis, np.datetime64(self.day)))
        return row if row < len(axis) else None


@dataclass(frozen=True)
class AtEnd:
    """Sell everything on the session on which the last window ends."""

    @property
    def name(self) -> str:
        """The exit in words that `parse_exit` reads."""
        return "end"


Exit = Horizon | StopLoss | Trailing | OnDate | AtEnd
PriceExit = StopLoss | Trailing


def parse_exit(given: object) -> Exit:
    """An exit from its noun, its words or its date.

    Raises
    ------
    UsageError
        If it is none of these.

    Examples
    --------
    >>> parse_exit("stop-loss 10%"), parse_exit("2025-03-31"), parse_exit("end")
    (StopLoss(loss=0.1), OnDate(day=datetime.date(2025, 3, 31)), AtEnd())
    >>> parse_exit("trailing 15")
    Traceback (most recent call last):
        ...
    thesis.errors.UsageError: exit = 'trailing 15': the fall is a fraction between 0 and 1, as 0.1
    or 10%
    """
    if isinstance(given, Exit):
        return given
    if isinstance(given, dt.date):
        return OnDate(given)
    words = given.lower().split() if isinstance(given, str) else []
    match words:
        case ["horizon"]:
            return Horizon()
        case ["end"]:
            return AtEnd()
        case ["stop-loss" | "trailing" as kind, number]:
            fall = _number(number)
            if fall is None or not 0 < fall < 1:
                raise UsageError(
                    f"exit = {given!r}: the fall is a fraction between 0 and 1, as 0.1 or 10%"
                )
            return StopLoss(fall) if kind == "stop-loss" else Trailing(fall)
        case [day]:
            try:
                return OnDate(dt.date.fromisoformat(day))
            except ValueError:
                pass
    raise UsageError(f"exit = {given!r}: give {FORMS}")


def first_trigger(exit_: Exit, entry_prices: Floats, closes: Floats, entry_rows: Rows) -> Rows:
    """The session on whose close each holding triggers an exit; its sale follows on the next.

    Parameters
    ----------
    entry_prices
        Adjusted price of each holding's first fill, CNY, shape (K,).
    closes
        Adjusted closes, shape (T, K); NaN without a bar.
    entry_rows
        Row of each holding's first fill, shape (K,); -1 for one never bought.

    Returns
    -------
    numpy.ndarray
        Rows of `closes`, shape (K,); -1 where nothing triggers, and throughout for an exit that
        does not look at prices.

    Examples
    --------
    >>> closes = np.array([[9.0, 9.0], [9.5, 9.5], [8.9, 9.0]])
    >>> first_trigger(StopLoss(0.1), np.array([10.0, 10.0]), closes, np.array([0, 1]))
    array([0, 2])
    """
    if not isinstance(exit_, PriceExit):
        return np.full(len(entry_rows), -1, dtype=np.int64)
    held = (np.arange(len(closes))[:, None] >= entry_rows) & (entry_rows >= 0)
    hits = exit_.triggered(entry_prices, np.where(held, closes, np.nan))
    return np.where(hits.any(axis=0), hits.argmax(axis=0), -1).astype(np.int64)


def sale_row(exit_: Exit, axis: Dates, end: dt.date | None, entry_row: int = 0) -> int | None:
    """The row on which an exit by date sells everything.

    Parameters
    ----------
    axis
        Sessions, the entry's among them, shape (T,).
    end
        The last window's end; None beyond the calendar's horizon.
    entry_row
        Row of the entry session.

    Returns
    -------
    int or None
        None where the axis ends before it, and for an exit that is no date.

    Raises
    ------
    UsageError
        If it is not after the entry session: what was bought that day cannot be sold that day.
    """
    if isinstance(exit_, OnDate):
        row = exit_.row(axis)
    elif isinstance(exit_, AtEnd) and end is not None:
        row = OnDate(end).row(axis)
    else:
        return None
    if row is not None and row <= entry_row:
        raise UsageError(
            f"exit = {exit_.name!r}: it lies on or before the entry session, {axis[entry_row]}, so "
            "nothing would be held; give a later date"
        )
    return row


def _first(hits: Bools) -> int | None:
    return int(hits.argmax()) if hits.any() else None


def _number(text: str) -> float | None:
    """A number or percentage; None for anything else. 12.3% is 0.123, to the last digit."""
    try:
        if text.endswith("%"):
            return float(Decimal(text[:-1]) / 100)
        return float(text)
    except (ArithmeticError, ValueError):
        return None


def _fraction(noun: str, value: object) -> float:
    try:
        number = float(value)  # type: ignore[arg-type]  # what is no number is refused below
    except (TypeError, ValueError):
        number = float("nan")
    if isinstance(value, str | bool) or not 0 < number < 1:
        raise UsageError(f"{noun}({value!r}): it takes a fraction between 0 and 1, as 0.1")
    return number
