"""Merging a delivery into what is held: what is added, what stays, and what is a revision.

The rules:

- A date the store lacks is added, whoever it is from.
- A stored bar that the same source now sends otherwise (a price by more than 1e-9, volume or amount
  by more than a millionth) takes the new values; the old ones are recorded as revisions. A value
  that is no longer sent stays, and so does a bar that is no longer sent though its day was asked
  for; both are recorded, once. Turnover rests on share counts that vendors restate: it is filled in
  where it was unknown and not compared.
- Bars of another source never change what is there, nor does a reply that is older than what is.
- Factor events replace those of the days they speak for, by the rules of
  `thesis.market.storage.steps`. Only steps count, so a common scale is no change. Steps that moved
  bars already stored and are now different, gone or new are recorded.
- The days asked for are kept as disjoint stretches of sessions. Between two of them nobody was
  asked, so a missing bar there is not a suspension.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import replace

import numpy as np
import pandas as pd

from thesis.errors import PricesError
from thesis.market.calendar import CLOSE, SHANGHAI, Dates, as_date, calendar_horizon, sessions
from thesis.market.delivery import RAW, Delivery, FactorEvent
from thesis.market.listing import is_index
from thesis.market.storage.holding import Change, Columns, Holding, Revision, days_of
from thesis.market.storage.notes import Asked, in_utc
from thesis.market.storage.steps import giver_of, merged_events, spoken_for

#: Largest difference that is none: CNY for prices, a fraction for volume and amount.
SAME_PRICE, SAME_SIZE = 1e-9, 1e-6

_PRICES, _SIZES = ("open", "high", "low", "close"), ("volume", "amount")


def merge(held: Holding | None, delivery: Delivery) -> tuple[Holding, Change]:
    """What is held after a delivery, and what changed.

    Raises
    ------
    PricesError
        If the delivery has no bars of a code of which none are held, or a stock's lacks events.
    """
    reply = _accepted(delivery)
    code, source = reply.code, reply.source
    if held is None:
        if reply.bars.empty:
            raise PricesError(f"{code}: {source} delivered no finished bars; nothing was stored")
        first = Holding(
            code=code, bars=reply.bars, events=reply.events, source=source,
            factor_source=reply.factor_source, fetched_at=reply.fetched_at,
            asked=_joined((), reply), spans=_spans(days_of(reply.bars), [source] * len(reply.bars)),
            factor_spans=spoken_for(reply),
        )  # fmt: skip
        return first, Change(code, len(first.bars), unchanged=False)

    newer = reply.fetched_at >= held.fetched_at
    bars, sources, added, found = _merged_bars(held, reply, newer)
    events, factor_spans, steps = merged_events(held, reply, newer)
    revised = _unrecorded(held.revisions, [*found, *steps])
    merged = replace(
        held,
        bars=bars,
        events=events,
        factor_source=giver_of(factor_spans, held.factor_source),
        factor_spans=factor_spans,
        fetched_at=max(held.fetched_at, reply.fetched_at),
        asked=_joined(held.asked, reply),
        spans=_spans(days_of(bars), sources),
        revisions=held.revisions + revised,
    )
    unchanged = (
        not added
        and not revised
        and merged.events == held.events
        and merged.factor_spans == held.factor_spans
        and merged.asked == held.asked
        and merged.bars.equals(held.bars)
    )
    return held if unchanged else merged, Change(code, added, revised, unchanged)


def _accepted(delivery: Delivery) -> Delivery:
    """The delivery in canonical form, without what nobody asked for or could know yet."""
    code = delivery.code
    missing = [name for name in RAW if name not in delivery.bars.columns]
    if missing:
        raise PricesError(f"{code}: {delivery.source} delivered no column {', '.join(missing)}")
    if not is_index(code) and delivery.events is None:
        raise PricesError(
            f"{code}: {delivery.source} delivered no factor events, and without them the bars of a "
            "stock cannot be read; nothing was stored (an empty list says that there were none)"
        )
    at = in_utc(delivery.fetched_at)
    local = at.astimezone(SHANGHAI)
    # Today's bar is finished at the close, and nobody can be asked about tomorrow.
    finished = local.date() - dt.timedelta(days=local.time() < CLOSE)
    asked_to = min(delivery.asked_to, finished)
    if delivery.asked_from > asked_to:
        raise PricesError(
            f"{code}: {delivery.source} was asked for {delivery.asked_from} to "
            f"{delivery.asked_to}, of which no session had ended at {local:%Y-%m-%d %H:%M} in "
            "Shanghai; nothing was stored"
        )
    days = days_of(delivery.bars)
    kept = (days >= np.datetime64(delivery.asked_from)) & (days <= np.datetime64(asked_to))
    bars = delivery.bars[kept].sort_values("date", kind="stable")
    # One NaN, one zero: the content hash is over bytes.
    numbers = {name: bars[name].to_numpy(dtype=float) + 0.0 for name in RAW[1:]}
    canonical = {n: np.where(np.isnan(x), np.nan, x) for n, x in numbers.items()}
    table = pd.DataFrame({"date": days_of(bars).astype("datetime64[s]"), **canonical})
    events = None if is_index(code) else tuple(
        FactorEvent(
            e.ex_date, float(e.factor), None if e.share_factor is None else float(e.share_factor)
        )
        for e in sorted(delivery.events or (), key=lambda e: e.ex_date)
    )  # fmt: skip
    return replace(
        delivery, bars=table, fetched_at=at, asked_to=asked_to, events=events,
        factor_source=None if events is None else delivery.factor_source,
    )  # fmt: skip


def _merged_bars(
    held: Holding, reply: Delivery, newer: bool
) -> tuple[pd.DataFrame, list[str], int, list[Revision]]:
    """All bars, the source of each, how many are new, and what was contradicted."""
    old: Columns = {name: held.bars[name].to_numpy().copy() for name in RAW}
    new: Columns = {name: reply.bars[name].to_numpy() for name in RAW}
    sources = held.bar_sources()
    mine = (sources == reply.source) & newer

    def revision(row: int, field: str, was: float, now: float) -> Revision:
        return Revision(
            as_date(old["date"][row]), field, _known(was), _known(now), reply.source,
            reply.fetched_at,
        )  # fmt: skip

    revisions = []
    _, at_old, at_new = np.intersect1d(old["date"], new["date"], return_indices=True)
    at_old, at_new = at_old[mine[at_old]], at_new[mine[at_old]]
    differs = {
        name: _differ(old[name][at_old], new[name][at_new], name) for name in _PRICES + _SIZES
    }
    touched = np.logical_or.reduce(list(differs.values()))
    for row in map(int, np.flatnonzero(touched)):
        for name in _PRICES + _SIZES:
            if differs[name][row]:
                pair = old[name][at_old[row]], new[name][at_new[row]]
                revisions.append(revision(int(at_old[row]), name, *pair))
    for name in RAW[1:]:
        was, now = old[name][at_old], new[name][at_new]
        taken = ~np.isnan(now) & (touched | ((name == "turnover") & np.isnan(was)))
        old[name][at_old] = np.where(taken, now, was)

    asked = (old["date"] >= np.datetime64(reply.asked_from)) & (
        old["date"] <= np.datetime64(reply.asked_to)
    )
    lacking = mine & asked & ~np.isin(old["date"], new["date"])
    revisions += [
        revision(row, "bar", old["close"][row], np.nan) for row in map(int, np.flatnonzero(lacking))
    ]

    fresh = ~np.isin(new["date"], old["date"])
    order = np.argsort(np.concatenate([old["date"], new["date"][fresh]]), kind="stable")
    table = {name: np.concatenate([old[name], new[name][fresh]])[order] for name in RAW}
    whose = np.concatenate([sources, np.full(int(fresh.sum()), reply.source, dtype=object)])
    return pd.DataFrame(table), list(whose[order]), int(fresh.sum()), revisions


def _differ(was: np.ndarray, now: np.ndarray, name: str) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        slack = SAME_PRICE if name in _PRICES else SAME_SIZE * np.maximum(abs(was), abs(now))
        apart = abs(was - now) > slack
    differ: np.ndarray = apart | (np.isnan(was) != np.isnan(now))
    return differ


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _unrecorded(known: Iterable[Revision], found: list[Revision]) -> tuple[Revision, ...]:
    """The revisions that do not repeat the last one of their value."""
    last = {(r.date, r.field): (r.old, r.new) for r in known}
    return tuple(r for r in found if last.get((r.date, r.field)) != (r.old, r.new))


def _spans(days: Dates, sources: list[str]) -> tuple[tuple[dt.date, dt.date, str], ...]:
    """Runs of bars of one source."""
    starts = [row for row in range(len(days)) if row == 0 or sources[row] != sources[row - 1]]
    ends = [row - 1 for row in starts[1:]] + [len(days) - 1]
    return tuple(
        (as_date(days[start]), as_date(days[end]), sources[start])
        for start, end in zip(starts, ends, strict=True)
    )


def _joined(asked: Asked, reply: Delivery) -> Asked:
    """The stretches asked for, with the reply's; stretches without a session between are one."""
    joined: list[tuple[dt.date, dt.date]] = []
    for first, last in sorted([*asked, (reply.asked_from, reply.asked_to)]):
        if joined and not _session_between(joined[-1][1], first):
            joined[-1] = joined[-1][0], max(joined[-1][1], last)
        else:
            joined.append((first, last))
    return tuple(joined)


def _session_between(last: dt.date, first: dt.date) -> bool:
    """Whether a session lies after one day and before another."""
    if first > calendar_horizon():
        return first - last > dt.timedelta(days=1)
    after = np.searchsorted(sessions(), np.datetime64(last), side="right")
    return bool(np.searchsorted(sessions(), np.datetime64(first), side="left") > after)
