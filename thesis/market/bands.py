"""Price bands: which dated rule a name's session falls under, and how wide its limits are then.

The rules are marina-rules' records of ``price_limit_pct`` and ``limit_price_min_tick``; a *scope*
is what it calls the names a record is about.
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from thesis.errors import RulesError
from thesis.market.calendar import Dates, as_date, sessions
from thesis.market.rules import MARKETS, dated, library
from thesis.research.security import Board, Security

Floats = npt.NDArray[np.float64]

#: What decides the band of a board's stock. A listing falls under `first_days` where that scope has
#: a rule on its first session, else under `listing_day`.
State = Literal["plain", "ST", "delisting", "delisting_day1", "first_days", "listing_day"]

#: Sessions without limits after a listing: issues under registration, and Beijing's.
FIRST_DAYS: dict[Board, int] = {"main": 5, "chinext": 5, "star": 5, "bse": 1}

_SCOPES: dict[Board, dict[State, str]] = {
    "main": {
        "plain": "main_board",
        "ST": "st_main",
        "delisting": "delisting",
        "delisting_day1": "delisting_day1",
        "first_days": "ipo_first5_main",
        "listing_day": "ipo_day1_main",
    },
    "chinext": {
        "plain": "chinext",
        "ST": "st_chinext",
        "delisting": "delisting_chinext",
        "delisting_day1": "delisting_day1",
        "first_days": "ipo_first5_chinext",
        "listing_day": "ipo_day1_main",  # before 2020-08-24 ChiNext listed under the same rule
    },
    "star": {
        "plain": "star",
        "ST": "st_star",
        "delisting": "delisting_star",
        "delisting_day1": "delisting_day1_star",
        "first_days": "ipo_first5_star",
    },
    "bse": {
        "plain": "bse",
        "ST": "st_bse",
        "delisting": "delisting_bse",
        "delisting_day1": "delisting_day1_bse",
        "first_days": "ipo_day1_bse",
    },
}
_BOARDS = {"main": "main-board", "chinext": "ChiNext", "star": "STAR", "bse": "Beijing"}
_STATES: dict[State, str] = {
    "plain": "",
    "ST": " under special treatment",
    "delisting": " in its delisting period",
    "delisting_day1": " on the first day of its delisting period",
    "first_days": " in its first sessions",
    "listing_day": " on its listing day",
}


@dataclass(frozen=True, eq=False)
class Band:
    """How wide limits are under one scope on one exchange, by date.

    Attributes
    ----------
    begins
        First day of each span, ascending.
    table
        `FIELDS` of each span, shape (5, K): the fractions up and down (inf: no limit; NaN: no
        rule), whether the one-tick floor holds, the reference up to which a band in money holds
        instead (-inf: none), and that band in CNY.
    """

    begins: Dates
    table: Floats

    FIELDS = ("up", "down", "floor", "cheap", "money")

    def on(self, days: Dates) -> Floats:
        """The fields on each day, shape (5, T)."""
        return np.asarray(self.table[:, np.searchsorted(self.begins, days, side="right") - 1])


def band(security: Security, state: State) -> Band:
    """The band of a security in a state.

    Examples
    --------
    >>> from thesis.research.security import parse_security
    >>> days = np.array(["2020-08-21", "2020-08-24"], dtype="datetime64[D]")
    >>> band(parse_security("300308.SZ"), "plain").on(days)[0]
    array([0.1, 0.2])
    """
    return _band(_SCOPES[security.board][state], MARKETS[security.exchange])


def first_sessions(security: Security, listed: dt.date) -> tuple[Dates, State]:
    """The first sessions of a name listed on a day, and the rule they fall under.

    An issue under registration is known by its listing day: from 2020-08-24 on ChiNext, from
    2023-04-10 on the main board, always on STAR and in Beijing.

    Examples
    --------
    >>> from thesis.research.security import parse_security
    >>> days, state = first_sessions(parse_security("688702.SH"), dt.date(2023, 9, 14))
    >>> state, len(days), days[-1].item()
    ('first_days', 5, datetime.date(2023, 9, 20))
    >>> first_sessions(parse_security("600941.SH"), dt.date(2022, 1, 5))[1]
    'listing_day'
    """
    calendar = sessions()
    row = int(np.searchsorted(calendar, np.datetime64(listed)))
    first = calendar[row : row + FIRST_DAYS[security.board]]
    registered = not np.isnan(band(security, "first_days").on(first[:1])[0]).any()
    if registered or "listing_day" not in _SCOPES[security.board]:
        return first, "first_days"
    return first[:1], "listing_day"


def no_answer(security: Security, day: dt.date, state: State) -> RulesError:
    """The sentence for a bar whose limits the rules do not know."""
    return RulesError(
        f"{security.code} on {day}: {library()} has no limit prices for a "
        f"{_BOARDS[security.board]} stock{_STATES[state]} on that day "
        f"(its scope {_SCOPES[security.board][state]}); `--limits none` leaves limits out"
    )


@lru_cache(maxsize=64)
def _band(scope: str, market: str) -> Band:
    bands = dated("price_limit_pct", scope, market)
    # A scope's own floor goes before that of all stocks.
    floors = [dated("limit_price_min_tick", of, market) for of in (scope, "stock")]
    begins = np.unique(np.concatenate([rule.begins for rule in (bands, *floors)]))
    table = []
    for day in map(as_date, begins):
        value = bands.on(day)
        up, down = (value["up"], value["down"]) if isinstance(value, dict) else (value, value)
        if value is None or value == "unlimited":
            up = down = np.nan if value is None else np.inf
        found = next((value for rule in floors if (value := rule.on(day)) is not None), False)
        table.append([up, down, *_floor(found)])
    return Band(begins, np.array(table, dtype=float).T)


def _floor(found: bool | dict[str, float]) -> tuple[float, float, float]:
    """A floor as `Band.table` has it: one tick, or a band in money for cheap stocks."""
    if not isinstance(found, dict):
        return float(found), -np.inf, 0.0
    below = found.get("prev_close_lt")  # below this price; else up to and including it
    cheap = found["prev_close_lte"] + 1e-6 if below is None else below - 1e-6
    return 0.0, cheap, found["band"]
