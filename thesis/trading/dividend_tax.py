"""The tax an individual pays on dividends, when the shares that brought them are sold.

By 财税〔2015〕101号, in force since 2015-09-08, nothing is withheld when a dividend is paid. On a
sale the dividends of the shares sold are taxed 20% if these were held up to one month, 10% if
longer and up to one year, and not at all beyond. The terms are those of 财税〔2012〕85号:

- what was bought first is sold first, by the account as each day's settlement leaves it (article
  3);
- shares are held from the day they are bought to the day before the one they are sold on (article
  1). Both settle on the evening of their trade, so these are the trading days;
- a month or year runs from a date to the day before the same date of the next (article 8): bought
  on 8 January and sold on 8 February is one month, sold on 9 February more. Where a month lacks the
  date, its last day serves (Civil Code, article 202).

Bonus shares out of profits (送股) are taxed in law too, at their par value, and shares out of
capital reserves (转增) are not. Prices cannot tell one from the other, so neither is taxed here;
both count as bought when the shares they came from were, and so do the shares that total-return
units reinvest a dividend in.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.errors import RulesError, UsageError
from thesis.market.calendar import Dates, add_months, as_date
from thesis.market.rules import cents

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Pairs of a row and units, in the order of rows.
Lots = Sequence[tuple[int, float]]

RULE = "财税〔2015〕101号"
IN_FORCE = dt.date(2015, 9, 8)
UP_TO_A_MONTH, UP_TO_A_YEAR = 0.20, 0.10

#: Units that differ by a smaller part are the same holding.
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class DividendTax:
    """What is due on the dividends of N names when units of them are sold.

    Attributes
    ----------
    sessions
        Shape (T,).
    per_unit
        CNY that a unit held over an ex-date received, shape (T, N), as
        `thesis.trading.dividends.dividends_per_unit` gives it.

    Raises
    ------
    RulesError
        If the sessions begin before the rule was in force.

    Examples
    --------
    CNY 0.50 a share on the second session; 1,000 shares bought on the first are sold on the third,
    eight days later: 20% of CNY 500.

    >>> days = np.array(["2024-10-14", "2024-10-16", "2024-10-22"], dtype="datetime64[D]")
    >>> tax = DividendTax(days, np.array([[0.0], [0.5], [0.0]]))
    >>> tax.due(0, [(0, 1_000.0)], 2)
    100.0
    >>> tax.due_each_session(0, [(0, 1_000.0)])
    array([  0., 100., 100.])
    """

    sessions: Dates
    per_unit: Floats

    def __post_init__(self) -> None:
        if len(self.sessions) and as_date(self.sessions[0]) < IN_FORCE:
            raise RulesError(
                f"dividend tax individual: trading begins on {self.sessions[0]}, and {RULE} "
                f"applies from {IN_FORCE}; the tax before it is not known here. Leave it out "
                "(--dividend-tax none)"
            )

    def due(self, column: int, lots: Lots, sold_row: int) -> float:
        """Tax on one sale, CNY, rounded half up to the cent.

        Parameters
        ----------
        column
            The name.
        lots
            Row bought and units sold, of each purchase the sale takes from; see `fifo`.
        """
        return float(self._due(column, lots, np.array([sold_row]))[0])

    def due_each_session(self, column: int, lots: Lots) -> Floats:
        """Tax had all of these lots been sold on each session, CNY, shape (T,).

        A lot counts from the session after it was bought.
        """
        return self._due(column, lots, np.arange(len(self.sessions)))

    def on_fills(self, column: int, fills: Lots) -> tuple[Floats, Floats]:
        """Tax of all that was done in a name.

        Parameters
        ----------
        fills
            Row and units, positive bought and negative sold.

        Returns
        -------
        paid
            CNY paid on each session's sale, shape (T,).
        due
            CNY due had all that is held after a session's fills been sold on that session, shape
            (T,).

        Raises
        ------
        UsageError
            If more is sold than held.
        """
        paid, due = np.zeros(len(self.sessions)), np.zeros(len(self.sessions))
        lots: list[tuple[int, float]] = []
        ends = [row for row, _ in fills[1:]] + [len(self.sessions)]
        for (row, units), end in zip(fills, ends, strict=False):
            if units < 0:
                sold, lots = fifo(lots, -units)
                paid[row] += self.due(column, sold, row)
            else:
                lots.append((row, units))
            due[row:end] = self._due(column, lots, np.arange(row, end))
        return paid, due

    def _due(self, column: int, lots: Lots, sold: Ints) -> Floats:
        received = self.per_unit[:, column].cumsum()
        total = np.zeros(len(sold))
        for bought, units in lots:
            brought = np.maximum(received[sold] - received[bought], 0.0)
            total += units * brought * self._rates(bought, sold)
        return np.asarray(cents(total), dtype=float)

    def _rates(self, bought: int, sold: Ints) -> Floats:
        day, when = as_date(self.sessions[bought]), self.sessions[sold]
        month, year = (np.datetime64(add_months(day, months)) for months in (1, 12))
        rates = np.where(when <= month, UP_TO_A_MONTH, UP_TO_A_YEAR)
        return np.where(when <= year, rates, 0.0)


def fifo(lots: Lots, units: float) -> tuple[list[tuple[int, float]], list[tuple[int, float]]]:
    """Take units from the lots bought first.

    Parameters
    ----------
    lots
        Row bought and units.

    Returns
    -------
    sold, left
        The same, of what is sold and of what stays.

    Raises
    ------
    UsageError
        If there are not so many units.

    Examples
    --------
    >>> fifo([(0, 300.0), (5, 200.0)], 400.0)
    ([(0, 300.0), (5, 100.0)], [(5, 100.0)])
    """
    held = sum(amount for _, amount in lots)
    dust = _SAME * held
    if units > held + dust:
        raise UsageError(f"{units:,.6g} units are to be sold and {held:,.6g} are held")
    sold, left, still = [], [], units
    for row, amount in lots:
        # Units are shares over a factor: what is a float's error from a whole lot is the lot.
        taken = amount if still > amount - dust else still
        still = max(still - taken, 0.0)
        if taken > 0:
            sold.append((row, taken))
        if amount > taken:
            left.append((row, amount - taken))
    return sold, left
