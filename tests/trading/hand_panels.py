"""Small markets of hand-written bars, and runs of them through the panel and the public verbs.

The first row of bars is the day of publication, the second the entry session. A bar opens and
closes where it says; its reference is the last close unless it says otherwise. After what is
written a name trades on at its last close, so that every window is whole, unless it is ``GONE``.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

import thesis
from thesis.market.calendar import sessions
from thesis.market.listing import Listing
from thesis.market.panel import PricePanel
from thesis.reporting.backtest import Backtest
from thesis.research.thesis import Thesis
from thesis.scoring.score import Traded

INDICES = ("000300.SH", "H00300.CSI")
AS_OF = dt.date(2026, 6, 1)

#: The last of a name's bars was written.
GONE = "gone"


@dataclass(frozen=True)
class Bar:
    """A session of a name, raw CNY; what is None is as on the bar before."""

    open: float
    close: float | None = None  # None: the open
    pre_close: float | None = None  # None: the last close; NaN: the bars do not say
    factor: float | None = None
    share_factor: float | None = None


@dataclass(frozen=True)
class Market:
    """Bars from a session on, by name; a bare number opens and closes there, None is no bar."""

    first: str
    names: Mapping[str, Sequence[Bar | float | str | None]]
    listings: Mapping[str, Listing] = field(default_factory=dict)
    until: str = "2025-06-30"

    @property
    def axis(self) -> np.ndarray:
        days = sessions()
        return days[(days >= np.datetime64(self.first)) & (days <= np.datetime64(self.until))]

    @property
    def panel(self) -> PricePanel:
        rows = [row for code, bars in self.names.items() for row in self._bars(code, bars)]
        rows += [
            _row(code, day, Bar(4000.0), 4000.0, 1.0, 1.0) for code in INDICES for day in self.axis
        ]
        return PricePanel.from_frame(pd.DataFrame(rows), listings=self.listings)

    @property
    def thesis(self) -> Thesis:
        picks = [{"code": code, "basis": "named"} for code in self.names]
        return Thesis.model_validate(
            {
                "id": "by_hand",
                "title": "Names by hand",
                "source": {"publisher": "Broker", "published": self.axis[0].item()},
                "claim": {"rating": "neutral", "scale": "sinolink_industry"},
                "segment": [{"id": "all", "pick": picks}],
            }
        )

    def run(self, as_of: dt.date = AS_OF, **options: Any) -> Backtest:
        """A backtest on these bars; what is not asked for is the default."""
        return thesis.backtest(self.thesis, self.panel, as_of=as_of, **options)

    def _bars(self, code: str, bars: Sequence[Bar | float | str | None]) -> list[dict[str, Any]]:
        found = []
        last, factor, share_factor = float("nan"), 1.0, 1.0
        for row, day in enumerate(self.axis):
            given = bars[row] if row < len(bars) else GONE if bars[-1] == GONE else last
            if given == GONE or given is None:
                continue
            bar = given if isinstance(given, Bar) else Bar(float(given))
            factor = factor if bar.factor is None else bar.factor
            share_factor = share_factor if bar.share_factor is None else bar.share_factor
            found.append(_row(code, day, bar, last, factor, share_factor))
            last = found[-1]["close"]
        return found


def _row(
    code: str, day: np.datetime64, bar: Bar, last: float, factor: float, share_factor: float
) -> dict[str, Any]:
    close = bar.open if bar.close is None else bar.close
    return {
        "code": code, "date": day.item(), "open": bar.open, "close": close,
        "high": max(bar.open, close), "low": min(bar.open, close),
        "pre_close": last if bar.pre_close is None else bar.pre_close,
        "volume": 1e6, "amount": 5e5 * (bar.open + close),
        "factor": factor, "share_factor": share_factor,
    }  # fmt: skip


def orders(result: Backtest) -> list[tuple[str, str, str, float, float, float]]:
    """Session, code, side, shares, price and fees of each order; a session's sales first."""
    return [
        (str(o.session), o.code, o.side, round(o.shares, 9), o.price, round(o.fees, 9))
        for o in _traded(result).plan.orders
    ]


def waits(result: Backtest) -> list[tuple[str, str, str, str]]:
    """Session, code, side and reason of each wait."""
    return [(str(w.session), w.code, w.side, w.reason) for w in _traded(result).plan.waits]


def cash(result: Backtest, *days: str) -> list[float]:
    """Cash after the orders of these sessions, as vectorbt has it."""
    return _on(result, result.portfolio.cash().to_numpy(), days)


def value(result: Backtest, *days: str) -> list[float]:
    """Cash and holdings at their marks after these sessions, as vectorbt has it."""
    return _on(result, result.portfolio.value().to_numpy(), days)


def liquidation(result: Backtest, *days: str) -> list[float]:
    """What is left after the fees of selling everything on these sessions."""
    return _on(result, _traded(result).ledger.liquidation, days)


def _traded(result: Backtest) -> Traded:
    if result.score.traded is None:
        raise AssertionError("nothing was traded")
    return result.score.traded


def _on(result: Backtest, values: np.ndarray, days: Sequence[str]) -> list[float]:
    rows = [int(np.searchsorted(result.score.axis, np.datetime64(day))) for day in days]
    return [round(float(values[row]), 6) for row in rows]
