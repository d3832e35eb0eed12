"""Execution on vectorbt: the one module that imports it, inside functions.

The orders are planned by us; vectorbt fills exactly those and does the accounting. Each run
compares its cash, units and value with the planner's own ledger on every session, so a result never
rests on one computation alone.
"""

import gc
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd

from thesis.errors import VerificationError
from thesis.trading.ledger import Ledger

#: Ledger and vectorbt agree to the larger of these, on every session.
ABSOLUTE, RELATIVE = 1e-6, 1e-12


def execute(ledger: Ledger, codes: Sequence[str]) -> Any:
    """Fill a ledger's orders on vectorbt and check that both books agree.

    Parameters
    ----------
    codes
        Column names of the portfolio.

    Returns
    -------
    vectorbt.Portfolio
        In total-return units on adjusted prices, cash shared. Its ``value()`` is at the mark,
        before the fees of selling, so it is not the net result. Its default benchmark is
        buy-and-hold of its own columns, and ``stats()`` annualises by ``year_freq``.

    Raises
    ------
    VerificationError
        If cash, units or value differ on any session.
    """
    try:
        return _execute(ledger, codes, cushion=0.0)
    except VerificationError:
        # vectorbt takes cash below about a billionth of an order for nothing and drops it. Where a
        # plan spends that closely, a cushion keeps its books exact; returns of the portfolio object
        # are then a millionth too small.
        return _execute(ledger, codes, cushion=1e-6 * ledger.capital)


def _execute(ledger: Ledger, codes: Sequence[str], cushion: float) -> Any:
    """Fill the orders with so much more cash, and compare the books without it."""
    vbt = _import_vectorbt()
    axis = pd.DatetimeIndex(ledger.sessions.astype("datetime64[ns]"), name="session")
    # A sells-first sequence each session: otherwise orders shrink or vanish in silence when
    # several share one cash.
    sequence = np.argsort(np.nan_to_num(ledger.size), axis=1, kind="stable").astype(np.int64)
    portfolio = vbt.Portfolio.from_orders(
        close=pd.DataFrame(ledger.marks, index=axis, columns=list(codes)),
        size=ledger.size,
        size_type="amount",
        direction="longonly",
        price=np.where(np.isnan(ledger.price), ledger.marks, ledger.price),
        fixed_fees=ledger.order_fees,
        init_cash=ledger.capital + cushion,
        cash_sharing=True,
        group_by=np.zeros(len(codes), dtype=int),
        call_seq=sequence,
        allow_partial=False,
        raise_reject=True,
        engine="rust",
        freq="1D",
    )
    _agree("cash", portfolio.cash() - cushion, ledger.cash, ledger)
    _agree("units", portfolio.assets(), ledger.units, ledger)
    _agree("value", portfolio.value() - cushion, ledger.value, ledger)
    filled, planned = len(portfolio.orders.values), int((~np.isnan(ledger.size)).sum())
    if filled != planned:
        raise VerificationError(
            f"vectorbt filled {filled} of {planned} planned orders; please report this as a defect"
        )
    return portfolio


def _agree(what: str, theirs: Any, ours: np.ndarray, ledger: Ledger) -> None:
    values = np.asarray(theirs, dtype=float).reshape(ours.shape)
    tolerance = np.maximum(ABSOLUTE, RELATIVE * np.abs(ledger.value))
    gap = np.abs(values - ours)
    gap = gap if gap.ndim == 1 else gap.max(axis=1)
    if not (gap <= tolerance).all():
        row = int(np.argmax(~(gap <= tolerance)))
        raise VerificationError(
            f"{what} on {ledger.sessions[row]}: vectorbt and the planner's ledger differ by "
            f"{gap[row]:.3g}; please report this as a defect"
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
