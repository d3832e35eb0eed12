"""What a basket is measured against, like with like.

A dividend-reinvesting basket is set against the total-return index, a price basket against the
price index; never one against the other. Both are entered at the same moment as the basket.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from thesis.errors import Caution, PricesError
from thesis.market.calendar import Dates, as_date, sessions
from thesis.market.panel import PricePanel

Floats = npt.NDArray[np.float64]
Basis = Literal["total", "price"]

#: The CSI 1000, of small caps, a price index: what an excess is held against beside its benchmark.
SMALL_CAPS = "000852.SH"

#: Total-return twin of a price index.
TOTAL_RETURN = {"000300.SH": "H00300.CSI"}


@dataclass(frozen=True)
class Benchmark:
    """An index and what its return contains.

    Attributes
    ----------
    code
        Index whose closes are read.
    basis
        ``total`` (dividends reinvested) or ``price``.
    opener
        Price index whose move from the previous close to the entry open stands in for the one
        `code` lacks; None where `code` has opens of its own.
    """

    code: str
    basis: Basis
    opener: str | None = None


def price_benchmark(code: str) -> Benchmark:
    """A price index as a benchmark."""
    return Benchmark(code, "price")


def expected_benchmark(price_index: str, wanted: Basis) -> Benchmark:
    """The benchmark a basket will be set against once there are prices."""
    total = TOTAL_RETURN.get(price_index)
    if wanted == "price" or total is None:
        return price_benchmark(price_index)
    return Benchmark(total, "total", opener=price_index)


def choose_benchmark(
    panel: PricePanel, price_index: str, codes: Sequence[str], wanted: Basis
) -> tuple[Benchmark, list[Caution]]:
    """The benchmark that fits the basket's prices.

    Parameters
    ----------
    codes
        The basket's names that have bars.
    wanted
        ``total`` falls back to ``price``, with a caution, where the total-return index is missing
        and every name carries ``share_factor``.

    Raises
    ------
    PricesError
        If neither basis can be had.
    """
    if price_index not in panel:
        raise PricesError(
            f"{panel.origin} has no levels of the benchmark {price_index}; add an index file with "
            'code date open close (see README, "Real prices")'
        )
    without = [code for code in codes if not panel.has_share_factor(code)]
    if wanted == "price":
        if without:
            raise PricesError(
                f"--basis price: {', '.join(without)} in {panel.origin} has no share_factor, so a "
                "price without dividends cannot be told from one without splits; use --basis total"
            )
        return price_benchmark(price_index), []
    total = TOTAL_RETURN.get(price_index)
    if total is not None and total in panel:
        return Benchmark(total, "total", opener=price_index), []
    if without:
        raise PricesError(
            f"{panel.origin} has no levels of the total-return index "
            f"{total or f'of {price_index}'}, and a basket with dividends is never set against a "
            f"price index; price basis cannot stand in, since {', '.join(without)} has no "
            f"share_factor. Add {total or 'it'} (closes are enough)"
        )
    return price_benchmark(price_index), [
        Caution(
            "benchmark_basis",
            f"{panel.origin} has no total-return index {total or f'of {price_index}'}; basket and "
            f"benchmark are both on price basis, without dividends, against {price_index}",
        )
    ]


def levels(panel: PricePanel, name: str, code: str, axis: Dates) -> Floats:
    """One field of one code on an axis of sessions; NaN where the panel has none.

    Parameters
    ----------
    axis
        Consecutive sessions, shape (T,). The panel's are consecutive too, so one slice serves.
    """
    out = np.full(len(axis), np.nan)
    if not len(axis):
        return out
    start = int(np.searchsorted(panel.sessions, axis[0]))
    ahead = int(np.searchsorted(axis, panel.sessions[0])) if start == 0 else 0
    values = panel.field(name, code)[start : start + len(axis) - ahead]
    out[ahead : ahead + len(values)] = values
    return out


def close_levels(panel: PricePanel, benchmark: Benchmark, axis: Dates) -> Floats:
    """The benchmark's close on every session of an axis, shape (T,).

    A session without a level carries the last one, the first session that of the session before;
    NaN after the index's last close, and before its first.
    """
    before = levels(panel, "close", benchmark.code, _sessions_before(axis)[:1])
    close = levels(panel, "close", benchmark.code, axis)
    return _carried(close, before[0]) if len(axis) else close


def fill_levels(panel: PricePanel, benchmark: Benchmark, axis: Dates, price: str) -> Floats:
    """The benchmark's level at the moment a session's orders are filled.

    Parameters
    ----------
    axis
        Consecutive sessions, shape (T,).
    price
        ``open``: the index's open. ``close``: its close. ``vwap``: the mean of its open and close,
        since an index has no volume. A total-return index has closes only, so its level at the open
        or the mean is ``H(previous close) x that level / close(previous)`` of the price index.

    Returns
    -------
    numpy.ndarray
        Levels of `benchmark.code`, shape (T,). A session without one carries the last known close;
        NaN after the index's last close.

    Raises
    ------
    PricesError
        If the first session has no level.
    """
    filled = _moments(panel, benchmark, axis, price)
    if not len(axis):
        return filled
    if np.isnan(filled[0]):
        raise _no_start(panel, benchmark.code, as_date(axis[0]), price)
    close = levels(panel, "close", benchmark.code, axis)
    known = np.flatnonzero(~np.isnan(close))
    before = np.concatenate([filled[:1], _carried(close, filled[0])[:-1]])
    filled = np.where(np.isnan(filled), before, filled)
    filled[known[-1] + 1 if known.size else 1 :] = np.nan
    return filled


def benchmark_returns(
    panel: PricePanel, benchmark: Benchmark, axis: Dates, price: str
) -> tuple[Floats, list[Caution]]:
    """Return of an index since the entry, on every session of an axis.

    Parameters
    ----------
    axis
        Sessions from the entry on, shape (T,).
    price
        What it was entered at on the entry session: ``open``, ``close`` or ``vwap``, as for
        `fill_levels`.

    Returns
    -------
    returns
        Shape (T,), fractions; NaN after the index's last level. A session without a level carries
        the last one.
    cautions
        Sessions without a level, by name; and that an index has no vwap, where one is asked for.

    Raises
    ------
    PricesError
        If the index's levels start after the entry.
    """
    code, entry = benchmark.code, as_date(axis[0])
    start = _moments(panel, benchmark, axis[:1], price)[0]
    if np.isnan(start):
        raise _no_start(panel, code, entry, price)
    close = levels(panel, "close", code, axis)
    known = np.flatnonzero(~np.isnan(close))
    if not known.size:
        return np.full(len(axis), np.nan), []
    inside = axis[: known[-1] + 1]
    gaps = [as_date(day) for day in inside[np.isnan(close[: len(inside)])]]
    cautions = []
    if gaps:
        some = ", ".join(map(str, gaps[:3])) + (
            f" and {len(gaps) - 3} more" if len(gaps) > 3 else ""
        )
        cautions.append(
            Caution("index_gap", f"{code} has no level on {some}; the last one was carried")
        )
    if price == "vwap":
        cautions.append(
            Caution(
                "vwap_benchmark",
                "an index has no volume, so no volume-weighted average price: the indices are "
                "entered at the mean of their open and close of the entry session",
            )
        )
    return _carried(close) / start - 1.0, cautions


def _moments(panel: PricePanel, benchmark: Benchmark, axis: Dates, price: str) -> Floats:
    """Levels at the moment of the fill, shape (T,); NaN where one of those needed is missing."""
    if price == "close":
        return levels(panel, "close", benchmark.code, axis)
    index = benchmark.opener or benchmark.code
    moment = levels(panel, "open", index, axis)
    if price == "vwap":
        moment = (moment + levels(panel, "close", index, axis)) / 2
    if benchmark.opener is None:
        return moment
    before = _sessions_before(axis)
    total, close = (levels(panel, "close", code, before) for code in (benchmark.code, index))
    return np.asarray(total * moment / close, dtype=float)


def _sessions_before(axis: Dates) -> Dates:
    """The session before each of an axis, shape (T,); the day before the first session of all."""
    if not len(axis):
        return axis
    row = int(np.searchsorted(sessions(), axis[0]))
    first = sessions()[row - 1] if row else axis[0] - np.timedelta64(1, "D")
    return np.concatenate([[first], axis[:-1]])


def _carried(close: Floats, first: float = np.nan) -> Floats:
    """Closes with gaps filled by the last before, or by `first`; NaN after the last of them."""
    rows = np.where(np.isnan(close), -1, np.arange(len(close)))
    last = rows.max(initial=-1)
    rows = np.maximum.accumulate(rows)
    filled = np.where(rows >= 0, close[rows], first)
    filled[last + 1 :] = np.nan
    return filled


def _no_start(panel: PricePanel, code: str, entry: dt.date, price: str) -> PricesError:
    first = panel.first_bar(code)
    if first is not None and first > entry:
        return PricesError(
            f"{panel.origin}: the levels of {code} start on {first}, after the entry session "
            f"{entry}; earlier prices are needed"
        )
    lacking = "open and close" if price == "vwap" else price
    return PricesError(
        f"{panel.origin}: {code} has no {lacking} on the entry session {entry} (for an open entry "
        "the session before is needed too), so nothing can be measured against it"
    )
