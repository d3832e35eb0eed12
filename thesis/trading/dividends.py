"""Cash dividends, told from prices: what a share was paid, and what a unit received.

Accounts elsewhere are in total-return units: a dividend is reinvested on its ex-date, so the units
stay and each stands for more raw shares afterwards. A unit held over an ex-date has received the
cash of the raw shares it stood for the session before (`dividends_per_unit`).

On an ex-date the exchange lowers the previous close to a reference price, so

    cash = previous close - reference x share step,

which is right to half a cent a share, since the reference is rounded to the cent: 600050.SH paid
CNY 0.0959 a share for the first half of 2024, and its reference fell from 5.11 to 5.02. A company's
own shares get nothing and the exchange spreads what is paid over all of them, so the cash found is
of those by as much less than the announced.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.errors import PricesError
from thesis.market.calendar import Dates
from thesis.market.panel import PricePanel
from thesis.market.rules import cents
from thesis.trading.paper import carry_forward

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: A reference price is rounded to the cent, so beside a bonus issue less than this cannot be seen.
HALF_A_CENT = 0.005

#: Factors that differ by less have not moved.
_SAME = 1e-9


@dataclass(frozen=True, eq=False)
class _Payments:
    """The ex-dates of one code, K of them.

    Attributes
    ----------
    sessions
        The first bar without the right.
    cash
        CNY a raw share held before; 0 for bonus issues and splits alone.
    factor
        Of the bar before.
    """

    sessions: Dates
    cash: Floats
    factor: Floats


def cash_dividends(panel: PricePanel, codes: Sequence[str], axis: Dates) -> Floats:
    """Gross cash dividends a raw share held before the ex-date.

    The cash is the previous close less the reference price times the step of ``share_factor``. The
    reference is the bar's ``pre_close`` or, where a source has none, the previous close over the
    step of ``factor``, rounded to the cent. A name that was suspended over its ex-date pays on its
    first bar after it.

    Parameters
    ----------
    axis
        Consecutive sessions, shape (T,).

    Returns
    -------
    array
        CNY before tax, shape (T, N); 0 on sessions without an ex-date. A step that would mean a
        negative dividend is a rights issue whose shares are in ``share_factor``, and counts 0; one
        whose shares are not there cannot be told from a dividend.

    Raises
    ------
    PricesError
        If a code has no bars, or a bar without ``share_factor``, by which cash is told from shares.

    Examples
    --------
    >>> import pandas as pd
    >>> bars = pd.DataFrame({
    ...     "code": "600941.SH", "date": ["2024-08-30", "2024-09-02", "2024-09-03"],
    ...     "open": [104.0, 102.0, 101.0], "high": 105.0, "low": 100.0,
    ...     "close": [104.99, 101.5, 102.0], "pre_close": [103.0, 102.61, 101.5],
    ...     "volume": 1e6, "amount": 1.03e8, "factor": [1.0, 1.0232, 1.0232],
    ...     "share_factor": 1.0})
    >>> panel = PricePanel.from_frame(bars)
    >>> cash_dividends(panel, ["600941.SH"], panel.sessions).T
    array([[0.  , 2.38, 0.  ]])
    """
    found = _payments(panel, codes, axis, "factor")
    return _on_axis([(paid.sessions, paid.cash) for paid in found], axis)


def dividends_per_unit(
    panel: PricePanel, codes: Sequence[str], axis: Dates, factor: str = "factor"
) -> Floats:
    """Gross cash dividends of a unit held over the ex-date.

    Parameters
    ----------
    factor
        Field that turns units into raw shares: ``factor``, whose units reinvest dividends, or
        ``share_factor``, whose units do not.

    Returns
    -------
    array
        CNY before tax, shape (T, N): `cash_dividends` times the raw shares that a unit stood for on
        the bar before.

    Raises
    ------
    PricesError
        As `cash_dividends`.
    """
    found = _payments(panel, codes, axis, factor)
    return _on_axis([(paid.sessions, paid.cash * paid.factor) for paid in found], axis)


def cash_dividend_path(
    shares_bought: Floats,
    rows: Ints,
    close: Floats,
    share_factor: Floats,
    cash_dividends: Floats,
) -> Floats:
    """Value of real shares bought once and held, their dividends kept as idle cash.

    Results are not accounted like this: it is there to say how far total-return units, whose
    dividends are reinvested on the ex-date free of tax and fees, lie from the books of an account.
    Fractions of a share that a bonus issue leaves are kept; dividends count from the ex-date.

    Parameters
    ----------
    shares_bought, rows
        Raw shares of each name and the row they were bought on, shape (N,); -1 for never.
    close, share_factor
        Raw closes and cumulative share factors, shape (T, N); NaN where there is no bar.
    cash_dividends
        CNY a share, shape (T, N), as `cash_dividends` gives it.

    Returns
    -------
    array
        CNY, shape (T,), without the cash that the purchases left.

    Examples
    --------
    100 shares at 10.00, a dividend of 0.50 on the second session, 4 new for 10 on the third:

    >>> close = np.array([[10.0], [9.5], [7.0]])
    >>> growth, cash = np.array([[1.0], [1.0], [1.4]]), np.array([[0.0], [0.5], [0.0]])
    >>> cash_dividend_path(np.array([100.0]), np.array([0]), close, growth, cash)
    array([1000., 1000., 1030.])
    """
    ever = rows >= 0
    first = np.where(ever, rows, 0)
    held = (np.arange(len(close))[:, None] >= first) & ever
    growth, price = carry_forward(share_factor), carry_forward(close)
    since = growth / growth[first, np.arange(len(first))]
    shares = np.where(held, shares_bought * since, 0.0)
    before = np.vstack([np.zeros(len(first)), shares[:-1]])
    cash = (before * cash_dividends).sum(axis=1).cumsum()
    return np.asarray(np.where(held, shares * price, 0.0).sum(axis=1) + cash, dtype=float)


def _payments(panel: PricePanel, codes: Sequence[str], axis: Dates, factor: str) -> list[_Payments]:
    """The ex-dates of every code from the axis's first session to its last."""
    found = [_payments_of(panel, code, axis, factor) for code in codes]
    unknown = [code for code, paid in zip(codes, found, strict=True) if paid is None]
    if unknown:
        raise PricesError(
            f"{panel.origin}: {', '.join(unknown)} has no share_factor, so a cash dividend cannot "
            "be told from new shares; use prices that carry it, or leave the tax on dividends out "
            "(--dividend-tax none)"
        )
    return [paid for paid in found if paid is not None]


def _payments_of(panel: PricePanel, code: str, axis: Dates, factor: str) -> _Payments | None:
    """The ex-dates of a code; None where cash cannot be told from shares."""
    rows = _bars_of(panel, code, axis)
    close, given, shares, total, units = (
        panel.field(name, code)[rows]
        for name in ("close", "pre_close", "share_factor", "factor", factor)
    )
    if np.isnan(shares).any():
        return None
    before, step, share_step = close[:-1], total[1:] / total[:-1], shares[1:] / shares[:-1]
    reference = np.where(np.isnan(given[1:]), cents(before / step), given[1:])
    # Accounts are kept in factors: a pre_close that is not the previous close, while no factor
    # moves, is a slip of the source and no dividend.
    moved = (np.abs(step - 1) > _SAME) | (np.abs(share_step - 1) > _SAME)
    seen = np.where(np.abs(share_step - 1) > _SAME, HALF_A_CENT * share_step, 0.0)
    cash = before - reference * share_step
    cash = np.where(moved & (cash > seen + _SAME), cash, 0.0)
    return _Payments(panel.sessions[rows[1:]], np.asarray(cash.round(9), dtype=float), units[:-1])


def _bars_of(panel: PricePanel, code: str, axis: Dates) -> Ints:
    """Rows of a code's bars on the axis, and of the last one before it."""
    rows = np.flatnonzero(~np.isnan(panel.field("close", code)))
    if not len(axis):
        return rows[:0]
    days = panel.sessions[rows]
    first, last = np.searchsorted(days, axis[0]), np.searchsorted(days, axis[-1], side="right")
    return rows[max(int(first) - 1, 0) : int(last)]


def _on_axis(found: Sequence[tuple[Dates, Floats]], axis: Dates) -> Floats:
    """Values on their sessions, shape (T, N); 0 elsewhere."""
    grid = np.zeros((len(axis), len(found)))
    for column, (days, values) in enumerate(found):
        inside = np.isin(days, axis)
        grid[np.searchsorted(axis, days[inside]), column] = values[inside]
    return grid
