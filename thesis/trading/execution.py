"""Execution on vectorbt: the one module that imports it, inside functions.

The orders are planned by us; vectorbt fills exactly those and does the accounting. Each run
compares its cash, units and value with the planner's own ledger on every session, so a result never
rests on one computation alone. Several portfolios are one call: a group of columns each.
"""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from thesis.errors import VerificationError
from thesis.market.calendar import Dates
from thesis.trading.ledger import Ledger

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Ledger and vectorbt agree to the larger of these, on every session.
ABSOLUTE, RELATIVE = 1e-6, 1e-12

#: The column of cash that is held in an index.
RESERVE = "cash"


def execute(ledger: Ledger, codes: Sequence[str], portfolios: Sequence[str] | None = None) -> Any:
    """Fill a ledger's orders on vectorbt and check that both books agree.

    Parameters
    ----------
    ledger
        Of one portfolio, or of V of them.
    codes
        Column names, N of them.
    portfolios
        Names of V portfolios: columns then carry both, and each is a group with its own cash.

    Returns
    -------
    vectorbt.Portfolio
        In total-return units on adjusted prices, cash shared. Its ``value()`` is at the mark,
        before the fees of selling, so it is not the net result. Its default benchmark is
        buy-and-hold of its own columns, and ``stats()`` annualises by ``year_freq``. Cash that is
        held in an index is a column of its own, ``cash``.

    Raises
    ------
    VerificationError
        If cash, units or value differ on any session.
    """
    book = _Book.of(ledger)
    vbt = _import_vectorbt()
    try:
        return _execute(book, codes, portfolios, cushion=0.0)
    except (VerificationError, vbt.portfolio.enums.RejectedOrderError):
        # vectorbt takes cash below about a billionth of an order for nothing and drops it, or will
        # not pay the last of an order with it. Where a plan spends that closely, a cushion keeps
        # its books exact; returns of the portfolio object are then a millionth too small.
        return _execute(book, codes, portfolios, cushion=1e-6)


@dataclass(frozen=True, eq=False)
class _Book:
    """A ledger as vectorbt is given it: groups of columns, one after another.

    Attributes
    ----------
    size, price, marks, fees, units
        Shape (T, V, C): C names, and the index that cash is held in where it is.
    cash, value
        Shape (T, V).
    """

    sessions: Dates
    capital: Floats
    size: Floats
    price: Floats
    marks: Floats
    fees: Floats
    units: Floats
    cash: Floats
    value: Floats

    @classmethod
    def of(cls, ledger: Ledger) -> "_Book":
        days, count = len(ledger.sessions), np.size(ledger.capital)
        shape = (days, count, ledger.size.shape[-1])

        def grid(values: Floats) -> Floats:
            if values.ndim < 3:
                values = values[:, None, :]
            return np.broadcast_to(values, shape)

        def flat(values: Floats) -> Floats:
            return values.reshape(days, count)

        columns = {
            "size": grid(ledger.size),
            "price": np.where(np.isnan(grid(ledger.price)), grid(ledger.marks), grid(ledger.price)),
            "marks": grid(ledger.marks),
            "fees": grid(ledger.order_fees),
            "units": grid(ledger.units),
        }
        cash = flat(ledger.cash)
        if ledger.reserve is not None:
            # What floats leave of a spent reserve is no holding; vectorbt drops such orders.
            crumbs = np.maximum(ABSOLUTE, RELATIVE * np.reshape(ledger.capital, count)) / 10
            worth = flat(ledger.reserve) * ledger.reserve_close[:, None]
            reserve = np.where(np.abs(worth) < crumbs, 0.0, flat(ledger.reserve))
            change = np.diff(reserve, axis=0, prepend=0.0)
            more = {
                "size": np.where(change == 0, np.nan, change),
                "price": ledger.reserve_fill[:, None],
                "marks": ledger.reserve_close[:, None],
                "fees": np.zeros((1, 1)),
                "units": reserve,
            }
            columns = {
                name: np.concatenate(
                    [values, np.broadcast_to(more[name], (days, count))[:, :, None]], axis=2
                )
                for name, values in columns.items()
            }
            cash = np.where(reserve == 0, cash, 0.0)  # before a portfolio begins it has cash alone
        capital = np.reshape(ledger.capital, count)
        return cls(ledger.sessions, capital, **columns, cash=cash, value=flat(ledger.value))

    def flat(self, values: Floats) -> Floats:
        """Columns side by side, shape (T, V x C)."""
        return np.ascontiguousarray(values.reshape(len(self.sessions), -1))

    def sells_first(self) -> Ints:
        """The order in which a group's columns trade each session, shape (T, V x C).

        Otherwise orders shrink or vanish in silence when several share one cash.
        """
        order = np.argsort(np.nan_to_num(self.size), axis=2, kind="stable")
        return np.ascontiguousarray(order.reshape(len(self.sessions), -1), dtype=np.int64)

    def labels(self, codes: Sequence[str], portfolios: Sequence[str] | None) -> pd.Index:
        """Names of the columns."""
        names = [*codes, RESERVE][: self.size.shape[2]]
        if portfolios is None:
            return pd.Index(names)
        return pd.MultiIndex.from_product([list(portfolios), names], names=["strategy", "code"])


def _execute(
    book: _Book, codes: Sequence[str], portfolios: Sequence[str] | None, cushion: float
) -> Any:
    """Fill the orders with so much more of the capital, and compare the books without it."""
    vbt = _import_vectorbt()
    count, width = book.size.shape[1:]
    axis = pd.DatetimeIndex(book.sessions.astype("datetime64[ns]"), name="session")
    columns = book.labels(codes, portfolios)
    groups = np.repeat(np.arange(count), width) if portfolios is None else "strategy"
    spare = book.capital * cushion
    portfolio = vbt.Portfolio.from_orders(
        close=pd.DataFrame(book.flat(book.marks), index=axis, columns=columns),
        size=book.flat(book.size),
        size_type="amount",
        direction="longonly",
        price=book.flat(book.price),
        fixed_fees=book.flat(book.fees),
        init_cash=book.capital + spare,
        cash_sharing=True,
        group_by=groups,
        call_seq=book.sells_first(),
        allow_partial=False,
        raise_reject=True,
        engine="rust",
        freq="1D",
    )
    _agree("cash", portfolio.cash(), book.cash, book, spare)
    _agree("units", portfolio.assets(), book.flat(book.units), book)
    _agree("value", portfolio.value(), book.value, book, spare)
    filled, planned = len(portfolio.orders.values), int((~np.isnan(book.size)).sum())
    if filled != planned:
        raise VerificationError(
            f"vectorbt filled {filled} of {planned} planned orders; please report this as a defect"
        )
    return portfolio


def _agree(what: str, theirs: Any, ours: Floats, book: _Book, spare: Floats | float = 0.0) -> None:
    values = np.asarray(theirs, dtype=float).reshape(ours.shape) - spare
    tolerance = np.maximum(ABSOLUTE, RELATIVE * np.abs(book.value))
    tolerance = np.repeat(tolerance, ours.shape[1] // tolerance.shape[1], axis=1)
    gap = np.abs(values - ours)
    if not (gap <= tolerance).all():
        row = int(np.argmax(~(gap <= tolerance).all(axis=1)))
        raise VerificationError(
            f"{what} on {book.sessions[row]}: vectorbt and the planner's ledger differ by "
            f"{gap[row].max():.3g}; please report this as a defect"
        )


def _import_vectorbt() -> Any:
    """vectorbt, imported with the garbage collector off: a quarter of the time otherwise."""
    if "vectorbt" in sys.modules:
        return sys.modules["vectorbt"]
    with _no_collection():
        import vectorbt

    return vectorbt


@contextmanager
def _no_collection() -> Iterator[None]:
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
