"""Dividends and bonus issues against the factors that should follow from them: pure maths.

On an ex-date the exchange lowers the previous close ``P`` to the reference price

    R = (P - cash) / (1 + ratio), rounded half up to the cent,

and the cumulative factor steps by ``P / R``. So actions give the factor where a source has none
(`events_from_actions`), and tell how much of a known step is shares and how much is cash
(`explain`).

Shares that a company has bought back get nothing, and the exchange spreads what is paid over all
shares: with a part ``p`` of them entitled, cash and ratio both count ``p`` times. A company may
hold at most a tenth of its shares (Company Law of 2023, article 162), so ``p`` lies between 0.9
and 1. Sources of actions print the nominal amounts; 300308.SZ on 2024-06-06, 4 for 10 nominal,
stepped by 0.3919.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import attrgetter
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from thesis.errors import PricesError
from thesis.market.calendar import Dates, as_date
from thesis.market.delivery import FactorEvent
from thesis.market.rules import cents

Dated = TypeVar("Dated", "ShareEvent", FactorEvent)
Floats = npt.NDArray[np.float64]

#: How far, in CNY, a step's reference may lie from the computed one: the exchange rounds it to the
#: cent, some sources keep it unrounded, and two good sources were seen a cent apart.
REFERENCE_OFF = 0.01
#: The same as a fraction, for factors printed with six decimals.
PRINTED_OFF = 2e-6
#: Least part of a company's shares that is not its own.
LEAST_ENTITLED = 0.9
#: Companies seldom hold more than the rest.
USUALLY_ENTITLED = 0.97


@dataclass(frozen=True)
class ShareEvent:
    """A dividend, bonus issue or both, as the company announced it.

    Attributes
    ----------
    ex_date
        First session without the right.
    cash_per_share
        CNY a share, before tax.
    share_ratio
        New shares a share: 0.4 for 4 for 10.
    """

    ex_date: dt.date
    cash_per_share: float = 0.0
    share_ratio: float = 0.0


def reference_price(prev_close: float, cash: float = 0.0, ratio: float = 0.0) -> float:
    """The exchange's ex-right reference price, CNY, rounded half up to the cent.

    Parameters
    ----------
    prev_close
        Last traded raw close before the ex-date.
    cash, ratio
        CNY a share and new shares a share.

    Raises
    ------
    PricesError
        If the cash is the whole price or more, which no reference can follow from.

    Examples
    --------
    >>> reference_price(127.31, cash=1.0, ratio=0.4)
    90.22
    """
    reference = float(cents(np.array(_unrounded(prev_close, cash, ratio))))
    if reference <= 0:
        raise PricesError(
            f"a dividend of {cash:g} CNY and {ratio:g} new shares on a close of {prev_close:g} "
            "leave no reference price; the amounts are probably per 10 shares"
        )
    return reference


def events_from_actions(
    actions: Iterable[ShareEvent], dates: Dates, closes: Floats
) -> tuple[FactorEvent, ...]:
    """The factor events of raw bars whose source has none.

    A name suspended over an ex-date steps at its first bar after it. Nominal amounts are taken, so
    where a company holds shares of its own a step is too large, by up to a tenth of what the cash
    and the new shares are worth.

    Parameters
    ----------
    actions
        In any order; those of one ex-date count together.
    dates, closes
        Sessions with a bar, ascending, and their raw closes, CNY; both of shape (T,).

    Returns
    -------
    tuple of FactorEvent
        Cumulative from 1.0 at the first bar. Actions on or before the first bar, or after the
        last, move no ratio of two bars and are left out.

    Raises
    ------
    PricesError
        If a dividend is the whole price or more.
    """
    factor, shares, events = 1.0, 1.0, []
    for row, due in _by_bar(actions, dates).items():
        prev = float(closes[row - 1])
        step, ratio = prev / _reference(prev, due), _share_step(due)
        if step == 1.0 and ratio == 1.0:
            continue  # the dividend is lost in the rounding
        factor, shares = factor * step, shares * ratio
        events.append(FactorEvent(as_date(dates[row]), factor, shares))
    return tuple(events)


def explain(
    events: Sequence[FactorEvent], actions: Iterable[ShareEvent], dates: Dates, closes: Floats
) -> tuple[tuple[FactorEvent, ...], tuple[str, ...]]:
    """Say how much of each factor step is new shares, and what does not fit.

    Steps and actions that fall on one bar are held against each other by the reference price they
    imply. They fit if the step's lies between those of all and of nine tenths of the shares
    entitled, give or take `REFERENCE_OFF`; the share factor then steps by the entitled part of the
    ratio, so that the rest of the step is the cash, and the part is told, as only the step speaks
    for it. A step smaller than its cash dividend is told,
    but hides no new shares, which only make a step larger.

    Parameters
    ----------
    events
        In date order; their own share factors are not looked at.
    actions, dates, closes
        As for `events_from_actions`.

    Returns
    -------
    events
        With ``share_factor``: cumulative, or None throughout if some step may hold new shares that
        cannot be told: no action is known, as of a rights issue, or step and action differ. If
        there are new shares and no events at all, one is added to carry the None.
    problems
        A sentence each; empty where all fits.

    Notes
    -----
    An event on or before the first bar, or after the last, moves no ratio of two bars. It is not
    judged: its share factor steps by what the actions of its day say, if any.
    """
    acts = sorted(actions, key=attrgetter("ex_date"))
    stepped, due = _by_bar(events, dates), _by_bar(acts, dates)
    before = {e.ex_date: 1.0 if i == 0 else events[i - 1].factor for i, e in enumerate(events)}
    shares: dict[dt.date, float] = {
        day: _share_step(list(same)) for day, same in groupby(acts, key=attrgetter("ex_date"))
    }
    problems, unknown = [], []
    for row in sorted({*stepped, *due}):
        here = stepped.get(row, [])
        day = here[0].ex_date if here else due[row][0].ex_date
        size = here[-1].factor / before[day] if here else 1.0
        ratio, problem = _judge(float(closes[row - 1]), size, due.get(row, []))
        if problem:
            problems.append(f"{day}: {problem}")
        if ratio is None:
            unknown.append(day)
            continue
        # Several events on one bar are one step, counted at the first of them.
        shares |= {event.ex_date: 1.0 for event in here} | {day: ratio}
    if unknown:
        blank = tuple(FactorEvent(e.ex_date, e.factor) for e in events)
        return blank or (FactorEvent(unknown[0], 1.0),), tuple(problems)
    cumulative, explained = 1.0, []
    for event in events:
        cumulative *= shares.get(event.ex_date, 1.0)
        explained.append(FactorEvent(event.ex_date, event.factor, cumulative))
    return tuple(explained), tuple(problems)


def _judge(prev: float, size: float, due: Sequence[ShareEvent]) -> tuple[float | None, str]:
    """The share factor's step within a factor step of `size`; None if unknown. And what is odd."""
    try:
        implied, nominal = prev / size, _reference(prev, due)
    except PricesError as error:
        return None, str(error)
    off = REFERENCE_OFF + PRINTED_OFF * implied
    if abs(implied - nominal) <= off:
        return _share_step(due), ""
    if not due:
        return None, (
            f"the factor steps by {size:.6g} and no dividend or bonus issue is known: it may be a "
            "rights issue, or the list of actions has a hole; new shares cannot be told from cash"
        )
    cash, ratio = sum(a.cash_per_share for a in due), sum(a.share_ratio for a in due)
    differ = (
        f"the factor steps by {size:.6g} from a close of {prev:g}, where {cash:g} CNY and "
        f"{ratio:g} new shares a share make {prev / nominal:.6g}"
    )
    if len({action.ex_date for action in due}) == 1:
        least = _unrounded(prev, cash * LEAST_ENTITLED, ratio * LEAST_ENTITLED)
        if nominal < implied <= least + off:
            entitled = max((prev - implied) / (implied * ratio + cash), LEAST_ENTITLED)
            return 1.0 + ratio * entitled, f"{differ}; {_own_shares(entitled)}"
    if ratio == 0.0 and nominal < implied <= prev + off:
        return 1.0, f"{differ}; the cash is taken as the step says"
    return None, f"{differ}; new shares cannot be told from cash"


def _own_shares(entitled: float) -> str:
    seldom = "; companies seldom hold so many" if entitled < USUALLY_ENTITLED else ""
    return (
        f"explained if only {entitled:.2%} of the shares were entitled: the rest would be the "
        f"company's own{seldom}"
    )


def _by_bar(dated: Iterable[Dated], dates: Dates) -> dict[int, list[Dated]]:
    """What falls on each bar, by its row: the first on or after the ex-date, never the first."""
    rows: dict[int, list[Dated]] = {}
    for each in sorted(dated, key=attrgetter("ex_date")):
        row = int(np.searchsorted(dates, np.datetime64(each.ex_date)))
        if 0 < row < len(dates):
            rows.setdefault(row, []).append(each)
    return rows


def _reference(prev: float, due: Sequence[ShareEvent]) -> float:
    """The reference after actions: those of one day count together, the next day's on top."""
    for _, same in groupby(due, key=attrgetter("ex_date")):
        day = list(same)
        cash, ratio = sum(a.cash_per_share for a in day), sum(a.share_ratio for a in day)
        prev = reference_price(prev, cash, ratio)
    return prev


def _share_step(due: Sequence[ShareEvent]) -> float:
    step = 1.0
    for _, same in groupby(due, key=attrgetter("ex_date")):
        step *= 1.0 + sum(action.share_ratio for action in same)
    return step


def _unrounded(prev: float, cash: float, ratio: float) -> float:
    return (prev - cash) / (1 + ratio)
