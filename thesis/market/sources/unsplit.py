"""A history in shares of today, as Yahoo prints it, made raw again: pure maths.

Every later split, a bonus issue too, has been divided out of the prices and multiplied into the
volume. Both are undone with the splits that came along; what is then no price in cents has a split
missing or wrong, and is refused. A split by a whole number leaves cents in either case, so each is
held against the prices around its day too.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from thesis.errors import PricesError
from thesis.market.calendar import Dates, sessions
from thesis.market.corporate_actions import reference_price
from thesis.market.delivery import RAW, FactorEvent

Floats = npt.NDArray[np.float64]

PRICES = ["open", "high", "low", "close"]

#: How far, in CNY, a price may lie from a cent once the splits are undone. The 32-bit floats that
#: Yahoo prints keep CNY 10,000 to 0.0005. A wrong split leaves six prices in ten this near to a
#: cent, so hardly five bars in a row.
CENT_OFF = 0.003
#: How far the step of the adjusted close may lie from the dividend's, as a fraction of the price:
#: what a cent of the reference makes on a share of CNY 10.
STEP_OFF = 0.001
#: How far a price that was never divided may lie from a cent: the 32-bit floats alone.
WHOLE_OFF = 0.0005
#: Bars before a split that are looked at for it, and different prices that must be among them.
BARS_BEFORE, PRICES_BEFORE = 20, 10
#: Decimals of a dividend, CNY a share, left after its six in shares of today.
CASH_DECIMALS = 5


@dataclass(frozen=True, eq=False)
class History:
    """All there is of one name, in shares of today.

    Attributes
    ----------
    rows
        ``date open high low close adjusted volume``, in date order.
    splits
        By ex-date: shares for one.
    dividends
        By ex-date: CNY for a share of today.
    limit
        Largest daily move of the board, a fraction, with some room for rounding.
    """

    rows: pd.DataFrame
    splits: dict[dt.date, float]
    dividends: dict[dt.date, float]
    limit: float

    @property
    def days(self) -> Dates:
        """Dates of the rows."""
        return self.rows["date"].to_numpy().astype("datetime64[D]")

    def traded(self) -> "History":
        """The history without nulls, closed days, and sessions on which nothing was traded.

        Yahoo prints a suspended session with volume 0 and every price the last close, or as nulls.
        A bar without volume at other prices is kept: its volume may be what is missing.
        """
        rows = self.rows.dropna(subset=PRICES)
        rows = rows[(rows[PRICES] > 0).all(axis=1)]
        rows = rows[np.isin(rows["date"].to_numpy().astype("datetime64[D]"), sessions())]
        before = rows["close"].shift()
        flat = np.isclose(rows["high"], rows["low"], rtol=1e-6, atol=0)
        still = before.isna() | np.isclose(rows["close"], before, rtol=1e-6, atol=0)
        idle = (rows["volume"].fillna(0.0) == 0) & flat & still
        return replace(self, rows=rows[~idle].reset_index(drop=True))

    def bars(self, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Raw bars between two days, both included, in the columns of `RAW`.

        Volume is in whole shares, NaN where there is none with the prices; amount and turnover are
        unknown, so NaN.

        Raises
        ------
        PricesError
            If a price is further than `CENT_OFF` from a cent, or a split after the first of these
            bars is not in the prices.
        """
        inside = (self.days >= np.datetime64(start)) & (self.days <= np.datetime64(end))
        rows, later = self.rows[inside].reset_index(drop=True), self._later_splits()[inside]
        self._check_splits(self.days[inside][:1])
        bars: dict[str, pd.Series] = {"date": rows["date"].astype("datetime64[s]")}
        for name in PRICES:
            bars[name] = pd.Series(_cents(rows[name].to_numpy() * later, rows["date"], name))
        bars["volume"] = (rows["volume"] / later).round()
        return pd.DataFrame(bars).reindex(columns=list(RAW))

    def events(self) -> tuple[FactorEvent, ...]:
        """Factor events, cumulative from 1.0 at the first bar.

        A step is the previous raw close by the reference price, which is rounded half up to the
        cent. Events before the first bar, and steps lost in the rounding, are left out.

        Raises
        ------
        PricesError
            If a split is not in the prices; if a previous close is no price in cents; if a
            dividend leaves no reference; if the adjusted close moves otherwise than the dividends
            say, by more than `STEP_OFF`.
        """
        self._check_splits(self.days[:1])
        close = self.rows["close"].to_numpy(dtype=float)
        raw, expected = close * self._later_splits(), np.ones(len(close))
        factor, shares, events = 1.0, 1.0, []
        references: dict[int, float] = {}  # by row: what its previous close has come down to
        for ex_date in sorted({*self.splits, *self.dividends}):
            row = int(np.searchsorted(self.days, np.datetime64(ex_date)))
            if row == 0:
                continue
            last = slice(row - 1, row)
            before = references.get(row) or float(
                _cents(raw[last], self.rows["date"].iloc[last], "close")[0]
            )
            ratio = self.splits.get(ex_date, 1.0)
            references[row] = after = reference_price(before, self._cash(ex_date), ratio - 1.0)
            if row < len(close):
                expected[row] /= 1.0 - self.dividends.get(ex_date, 0.0) / close[row - 1]
            if after == before and ratio == 1.0:
                continue
            factor, shares = factor * before / after, shares * ratio
            events.append(FactorEvent(ex_date, factor, shares))
        self._check_adjusted(expected)
        return tuple(events)

    def _later_splits(self) -> Floats:
        """Shares of today for one share of each row."""
        later = np.ones(len(self.rows))
        for ex_date, ratio in self.splits.items():
            later[self.days < np.datetime64(ex_date)] *= ratio
        return later

    def _cash(self, ex_date: dt.date) -> float:
        """The dividend of a day, CNY for each share held the day before.

        The adjusted close falls by ``1 - dividend / previous close``, so both are in shares of
        today: of after the split that falls on the same day.
        """
        shares = float(np.prod([ratio for day, ratio in self.splits.items() if day >= ex_date]))
        return round(self.dividends.get(ex_date, 0.0) * shares, CASH_DECIMALS)

    def _check_splits(self, first: Dates) -> None:
        """Hold each split after a day against the prices around it: they must have it divided out.

        If they have, the close moves by no more than the limit over the ex-date, from the close
        before less the dividend; and the prices before it are not all whole cents already, as
        hardly any are once divided.
        """
        due = sorted(day for day in self.splits if (np.datetime64(day) > first).any())
        close, rows = self.rows["close"].to_numpy(dtype=float), self._rows_of(due)
        for day, row in zip(due, rows, strict=True):
            what = f"a split of {self.splits[day]:g} for 1 on {day}"
            if row == len(close):
                raise PricesError(
                    f"{what} lies after the last bar, on {self.rows['date'].iloc[-1].date()}: "
                    "whether the prices before have it divided out cannot be seen yet"
                )
            paid = self._rows_of(list(self.dividends)) == row
            cash = float(np.sum(np.array(list(self.dividends.values()))[paid]))
            with np.errstate(divide="ignore"):
                move = close[row] / (close[row - 1] - cash) - 1.0
            known = sessions()
            apart = int(np.diff(np.searchsorted(known, self.days[row - 1 : row + 1]))[0])
            if not (1 - self.limit) ** apart <= 1 + move <= (1 + self.limit) ** apart:
                raise PricesError(
                    f"{what} is not in the prices: they move by {move:+.0%} over that day, as if "
                    "it were not divided out yet, or were another"
                )
            if self._whole_before(day, row):
                raise PricesError(
                    f"{what} is not in the prices: those before it are whole cents without it"
                )

    def _rows_of(self, days: Sequence[dt.date]) -> npt.NDArray[np.intp]:
        """The first row on or after each day."""
        return np.searchsorted(self.days, np.array(days, dtype="datetime64[D]"))

    def _whole_before(self, day: dt.date, row: int) -> bool:
        """Whether the prices before a split are whole cents with all the others alone undone."""
        since = max((other for other in self.splits if other < day), default=dt.date.min)
        begin = max(int(self._rows_of([since])[0]), row - BARS_BEFORE)
        others = self._later_splits()[begin:row] / self.splits[day]
        prices = self.rows[PRICES].to_numpy(dtype=float)[begin:row] * others[:, None]
        whole = bool((np.abs(prices - np.round(prices, 2)) <= WHOLE_OFF).all())
        return whole and len(np.unique(np.round(prices, 2))) >= PRICES_BEFORE

    def _check_adjusted(self, expected: Floats) -> None:
        """Hold each day's step of adjusted close by close against the dividends known."""
        adjustment = (self.rows["adjusted"] / self.rows["close"]).to_numpy(dtype=float)
        step = np.ones(len(adjustment))
        step[1:] = adjustment[1:] / adjustment[:-1]
        wrong = ~(np.abs(step / expected - 1.0) <= STEP_OFF)
        if wrong.any():
            at = int(np.flatnonzero(wrong)[0])
            raise PricesError(
                f"on {self.rows['date'].iloc[at].date()} the adjusted close steps by "
                f"{step[at]:.6g}, the dividends by {expected[at]:.6g}"
            )


def _cents(prices: Floats, dates: pd.Series, name: str) -> Floats:
    """Prices to the cent. None lies near half a cent, so there is nothing to round up or down."""
    cents: Floats = np.round(prices, 2)
    off = ~(np.abs(prices - cents) <= CENT_OFF)
    if off.any():
        at = int(np.flatnonzero(off)[0])
        raise PricesError(
            f"{name} on {dates.iloc[at].date()} is {prices[at]:.4f} with the splits undone, no "
            "price in cents: a split is missing or wrong"
        )
    return cents
