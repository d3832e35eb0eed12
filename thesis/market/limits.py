"""Limit prices: how far a session's prices may lie from its reference.

    upper, lower = reference x (1 +- band), rounded half up to the cent

The band depends on the board, on special treatment (ST) and the delisting period, on how long the
name has been listed, and on the date (`thesis.market.bands`). In force since 2026-07-06::

                        every day   ST     delisting period           newly listed
    main board          10%         10%    none the first day, 10%    none for 5 sessions
    ChiNext, STAR       20%         20%    none the first day, 20%    none for 5 sessions
    Beijing             30%         30%    none the first day, 30%    none for 1 session

The reference is the close before, or on an ex-date the exchange's ex-right price. Where bars carry
it as ``pre_close`` it is taken from them (rounded to the cent), else it is worked out: last traded
raw close x its factor / this bar's factor, rounded half up to the cent.

Beijing's rounding is ours, not the library's: its upper limit is rounded down and its lower limit
up, as real prices show. Where the library has no record there is no answer. Three things are taken
as they stand and said in `Limits.notes`: a name of unknown listing day, a listing day whose issue
price is unknown, and a bar without a reference. Two cannot be told from prices and are not allowed
for: the first session after a suspended listing is resumed has no limits either, and names that
moved from Beijing to STAR or ChiNext (three in 2022) are taken for new listings.
"""

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from thesis.errors import Caution, RulesError
from thesis.market.bands import Band, State, band, first_sessions, no_answer
from thesis.market.calendar import Dates, as_date
from thesis.market.listing import Listing, is_index
from thesis.market.panel import PricePanel
from thesis.market.rules import cents
from thesis.research.security import Security, parse_security

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

TICK = 0.01
#: A name of unknown listing day was listed when its bars began, if this long after the others'.
LATE = 5


@dataclass(frozen=True, eq=False)
class Limits:
    """Limit prices of N names on T sessions.

    Attributes
    ----------
    upper, lower
        Raw CNY, shape (T, N); +inf and -inf where the session has no limit, NaN where the name has
        no bar.
    reference
        What the limits were reckoned from, raw CNY, shape (T, N); NaN where it is unknown.
    notes
        What was assumed, a sentence for each kind and name.
    """

    upper: Floats
    lower: Floats
    reference: Floats
    notes: tuple[Caution, ...] = ()


@dataclass(frozen=True)
class _Span:
    """Days on which a name was in one state, both included."""

    first: dt.date
    last: dt.date
    state: State


def price_limits(panel: PricePanel, codes: Sequence[str], axis: Dates) -> Limits:
    """The limit prices of each bar.

    Nothing later than a session enters its limits.

    Parameters
    ----------
    codes
        N stocks of the panel.
    axis
        T sessions in order. Bars before the first are looked at for the reference.

    Raises
    ------
    RulesError
        If the dated rules have no answer for a bar; none is guessed.
    PricesError
        If the panel has no bar of a code.

    Examples
    --------
    >>> import pandas as pd
    >>> bars = pd.DataFrame({
    ...     "code": "300308.SZ", "date": ["2024-10-14", "2024-10-15"], "open": [10.0, 10.2],
    ...     "high": [10.4, 10.3], "low": [9.9, 9.8], "close": [10.21, 9.9],
    ...     "volume": [1000, 2000], "amount": [10_200.0, 20_000.0], "factor": 1.0})
    >>> limits = price_limits(
    ...     PricePanel.from_frame(bars), ["300308.SZ"], np.array(["2024-10-15"], "datetime64[D]"))
    >>> limits.reference.item(), limits.upper.item(), limits.lower.item()
    (10.21, 12.25, 8.17)
    """
    securities = [parse_security(code) for code in codes]
    has_bar, stated, reference = _references(panel, codes, axis)
    fields, notes = _fields(panel, securities, axis, has_bar, stated)
    unknown = has_bar & np.isnan(reference) & np.isfinite(fields[0])
    fields[:2, unknown] = np.inf
    notes += [
        Caution(
            "reference_unknown",
            f"{codes[column]}: no earlier close and no pre_close to reckon its limits from on "
            f"{axis[unknown[:, column]][0]}; the day is taken to have no limits",
        )
        for column in _where(unknown.any(axis=0))
    ]
    upper, lower = _prices(reference, fields)
    beijing = [column for column, security in enumerate(securities) if security.board == "bse"]
    if beijing:
        upper[:, beijing], lower[:, beijing] = _inward(reference[:, beijing], fields[:, :, beijing])
    upper = np.where(np.isinf(fields[0]), np.inf, upper)
    lower = np.where(np.isinf(fields[1]), -np.inf, lower)
    return Limits(
        upper=np.where(has_bar, upper, np.nan),
        lower=np.where(has_bar, lower, np.nan),
        reference=np.where(has_bar, reference, np.nan),
        notes=tuple(notes),
    )


def _fields(
    panel: PricePanel,
    securities: Sequence[Security],
    axis: Dates,
    has_bar: Bools,
    stated: Bools,
) -> tuple[Floats, list[Caution]]:
    """The fields of `Band` on every session, shape (5, T, N), and what was assumed."""
    fields = np.full((len(Band.FIELDS), *has_bar.shape), np.nan)
    notes: list[Caution] = []
    for column, security in enumerate(securities):
        spans = list(_spans(panel, security, axis, notes)) if len(axis) else []
        for span in spans:
            rows = slice(*_between(axis, span.first, span.last))
            fields[:, rows, column] = band(security, span.state).on(axis[rows])
            if span.state != "listing_day" or rows.start == rows.stop:
                continue
            at = rows.start, column
            if has_bar[at] and not stated[at] and np.isfinite(fields[0][at]):
                notes.append(_issue_price_unknown(security, span.first, *fields[:2, *at]))
                fields[:2, *at] = np.inf
        unanswered = has_bar[:, column] & np.isnan(fields[0, :, column])
        if unanswered.any():
            day = as_date(axis[unanswered][0])
            states = [span.state for span in spans if span.first <= day <= span.last]
            raise no_answer(security, day, states[-1])
    return fields, notes


def _prices(reference: Floats, fields: Floats) -> tuple[Floats, Floats]:
    """Limits around a reference, as marina_rules.limit_price reckons them, whole arrays at once."""
    up, down, floor, cheap, money = fields
    upper, lower = cents(reference * (1 + up)), cents(reference * (1 - down))
    # The one-tick floor: a limit that rounds onto the reference lies a tick from it.
    narrow = (floor > 0) & (upper - reference < TICK - 1e-12)
    upper = np.where(narrow, cents(reference + TICK), upper)
    narrow = (floor > 0) & (reference - lower < TICK - 1e-12)
    lower = np.where(narrow, cents(reference - TICK), lower)
    # Shanghai's delisting board had a band in money for its cheapest stocks, until 2023-04-10.
    absolute = reference <= cheap
    upper = np.where(absolute, cents(reference + money), upper)
    return upper, np.where(absolute, cents(reference - money), lower)


def _inward(reference: Floats, fields: Floats) -> tuple[Floats, Floats]:
    """Beijing's limits: the whole cents within the band, so neither is ever rounded past it."""
    upper = np.floor(reference * (1 + fields[0]) * 100 + 1e-6) / 100
    return upper, np.ceil(reference * (1 - fields[1]) * 100 - 1e-6) / 100


def _references(
    panel: PricePanel, codes: Sequence[str], axis: Dates
) -> tuple[Bools, Bools, Floats]:
    """Where there is a bar, where it carries ``pre_close``, and its reference; each (T, N)."""
    columns = [panel.column(code) for code in codes]
    start, stop = _between(panel.sessions, *map(as_date, axis[[0, -1]])) if len(axis) else (0, 0)
    block = slice(start, stop)
    close, factor, stated = (
        panel.fields[name][block, columns] for name in ("close", "factor", "pre_close")
    )
    last = np.full((2, len(columns)), np.nan)  # the last traded close before, and its factor
    for number, column in enumerate(columns):
        before = np.flatnonzero(~np.isnan(panel.fields["close"][:start, column]))
        if before.size:
            last[:, number] = [panel.fields[n][before[-1], column] for n in ("close", "factor")]
    closes, factors = np.vstack([last[:1], close]), np.vstack([last[1:], factor])
    rows = np.arange(len(closes))[:, None]
    traded = np.maximum.accumulate(np.where(np.isnan(closes), 0, rows), axis=0)[:-1]
    across = np.arange(len(columns))
    worked_out = closes[traded, across] * factors[traded, across] / factor
    reference = cents(np.where(np.isnan(stated), worked_out, stated))
    days = panel.sessions[block]
    if len(days) == len(axis) and (days == axis).all():
        return ~np.isnan(close), ~np.isnan(stated), reference
    # An axis that leaves sessions out, or reaches beyond the bars.
    inside = np.isin(axis, days)
    at = np.searchsorted(days, axis[inside])
    wide = np.full((3, len(axis), len(columns)), np.nan)
    wide[:, inside] = np.stack([close[at], stated[at], reference[at]])
    return ~np.isnan(wide[0]), ~np.isnan(wide[1]), wide[2]


def _spans(
    panel: PricePanel, security: Security, axis: Dates, notes: list[Caution]
) -> Iterator[_Span]:
    """The states of a name on the axis; a later one overrides those before it."""
    code = security.code
    if security.is_index:
        raise RulesError(f"{code} is an index: it is not traded and has no limit prices")
    listing = panel.listings.get(code, Listing(code))
    yield _Span(as_date(axis[0]), as_date(axis[-1]), "plain")
    for first, end, kind in listing.treatments:
        if kind != "delisting":
            yield _Span(first, end or dt.date.max, "ST")
    for first, end, kind in listing.treatments:
        if kind == "delisting":
            yield _Span(first, end or dt.date.max, "delisting")
            opening = _first_traded(panel, code, first)
            if opening is not None and opening <= (end or dt.date.max):
                yield _Span(opening, opening, "delisting_day1")
    assumed = None if listing.list_date else _late_beginning(panel, listing)
    listed = listing.list_date or assumed
    if listed is None:
        return
    days, state = first_sessions(security, listed)
    if not len(days) or days[-1] < axis[0] or days[0] > axis[-1]:
        return
    if assumed:
        notes.append(
            Caution(
                "listing_day_assumed",
                f"{code}: its listing day is not known; its first bar lies more than {LATE} "
                f"sessions after those of others, so {assumed} is taken for its listing day, and "
                "its limits for those of a newly listed name",
            )
        )
    yield _Span(as_date(days[0]), as_date(days[-1]), state)


def _late_beginning(panel: PricePanel, listing: Listing) -> dt.date | None:
    """The first bar of a name that begins after the panel's other stocks; None if it does not."""
    closes = panel.fields["close"]
    bars = np.flatnonzero(~np.isnan(closes[:, panel.column(listing.code)]))
    row = int(bars[0]) if bars.size else 0
    if row <= LATE:
        return None
    before = as_date(panel.sessions[row - 1])
    earlier = _where(~np.isnan(closes[: row - LATE]).all(axis=0))
    if listing.suspended_through(before, before) or all(is_index(panel.codes[c]) for c in earlier):
        return None  # it was suspended until then, or no stock has bars before it
    return as_date(panel.sessions[row])


def _first_traded(panel: PricePanel, code: str, day: dt.date) -> dt.date | None:
    """The session of a name's first bar on or after a day; None if the panel begins later."""
    if day < panel.first:
        return None
    row, stop = _between(panel.sessions, day, panel.last)
    bars = np.flatnonzero(~np.isnan(panel.field("close", code)[row:stop]))
    return as_date(panel.sessions[row + bars[0]]) if bars.size else None


def _issue_price_unknown(security: Security, day: dt.date, up: float, down: float) -> Caution:
    return Caution(
        "issue_price_unknown",
        f"{security.code}: on {day}, its listing day, prices were held to {1 - down:.0%} to "
        f"{1 + up:.0%} of the issue price, which its bar does not carry as pre_close; the day is "
        "taken to have no limits",
    )


def _between(days: Dates, first: dt.date, last: dt.date) -> tuple[int, int]:
    """The rows from `first` to `last`, both included, as start and stop."""
    start = int(np.searchsorted(days, np.datetime64(first)))
    return start, max(start, int(np.searchsorted(days, np.datetime64(last), side="right")))


def _where(mask: npt.ArrayLike) -> list[int]:
    """Columns that are true."""
    return [int(column) for column in np.flatnonzero(mask)]
