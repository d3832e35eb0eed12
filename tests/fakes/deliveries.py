"""Deliveries of made-up bars that could be real."""

import datetime as dt

import numpy as np
import pandas as pd

from thesis.market.delivery import RAW, Delivery, FactorEvent

DAYS = ("2024-10-14", "2024-10-15", "2024-10-16", "2024-10-17", "2024-10-18")
MONDAY_AFTER = dt.datetime(2024, 10, 21, 12, tzinfo=dt.UTC)
NO_EVENTS: tuple[FactorEvent, ...] = ()


def raw(days=DAYS, **columns):
    """Raw bars; a keyword replaces a column, by a number or one a day."""
    count = len(days)
    table = {
        "date": np.array(list(days), dtype="datetime64[D]").astype("datetime64[s]"),
        "open": np.round(10.0 + 0.01 * np.arange(count), 2),
        "high": np.round(10.5 + 0.01 * np.arange(count), 2),
        "low": 9.5,
        "close": np.round(10.2 + 0.01 * np.arange(count), 2),
        "volume": 1000.0 + np.arange(count),
        "amount": 10_100.0 + np.arange(count),
        "turnover": np.nan,
    }
    return pd.DataFrame(table | columns, index=range(count))[list(RAW)]


def delivery(
    code="300308.SZ",
    days=DAYS,
    *,
    bars=None,
    source="sina",
    at=MONDAY_AFTER,
    asked=None,
    events=NO_EVENTS,
    factor_source="sina",
    events_from=None,
    events_to=None,
    simulated=False,
    **columns,
):
    """A delivery; without `asked`, its first and last day were asked for."""
    bars = raw(days, **columns) if bars is None else bars
    first, last = asked or (bars["date"].iloc[0], bars["date"].iloc[-1])
    return Delivery(
        code=code,
        bars=bars,
        source=source,
        fetched_at=at,
        asked_from=pd.Timestamp(first).date(),
        asked_to=pd.Timestamp(last).date(),
        events=events,
        factor_source=None if events is None else factor_source,
        events_from=events_from,
        events_to=events_to,
        simulated=simulated,
    )


def put_market(store, folder):
    """Put the real prices of a market folder into a store; what each put changed."""
    frame = pd.read_parquet(folder / "bars.parquet")
    frame["date"] = pd.to_datetime(frame["date"])
    at = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
    changes = []
    for code, bars in frame.groupby("code"):
        moved = bars[["factor", "share_factor"]].diff().any(axis=1)
        moved |= bars.index == bars.index[0]
        events = tuple(
            step(str(row.date.date()), row.factor, row.share_factor)
            for row in bars[moved].itertuples()
        )
        raw_bars = bars[list(RAW)].reset_index(drop=True)
        changes.append(store.put(delivery(str(code), bars=raw_bars, events=events, at=at)))
    return changes


def step(day, factor, share_factor=1.0):
    """A factor event."""
    return FactorEvent(dt.date.fromisoformat(day), factor, share_factor)
