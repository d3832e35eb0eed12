"""The pool: every stock a place has bars of, as arrays, to draw random watchlists from.

A panel of the whole market would take minutes of checks on a table of millions of bars. The pool
reads the same bars between two sessions alone, and knows two things more: which stocks are known to
have been listed though the place has no bar of them, since a pool of survivors flatters whatever is
drawn from it; and each stock's Shenwan level 3 class, as of a day.
"""

import datetime as dt
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType

import numpy as np
import numpy.typing as npt

from thesis.errors import Caution, PricesError, ThesisFileError
from thesis.market.calendar import Dates, sessions
from thesis.market.classes import Classes, read_classes
from thesis.market.listing import Listing, is_index
from thesis.market.panel import FIELDS, PricePanel
from thesis.market.prices import Where, open_prices
from thesis.market.sources.copies import is_sample
from thesis.market.sources.listings import read_listings
from thesis.market.sources.pool_checks import Bars
from thesis.market.sources.pool_files import plain_parquet, read_bars
from thesis.market.sources.sample import ORIGIN
from thesis.market.store import Store
from thesis.research.security import parse_security

Floats = npt.NDArray[np.float64]

#: A place with fewer stocks than this is no market: random watchlists of it say little.
FEW = 1_000

GONE_FILE = "gone_names.csv"


@dataclass(frozen=True, eq=False)
class Pool:
    """Bars of the stocks of a place between two sessions, read-only.

    Attributes
    ----------
    sessions
        Every session from the first asked for to the last, ``datetime64[D]`` of shape (T,).
    codes
        Stocks with a bar on at least one of those checked, sorted; N of them.
    fields
        As in `PricePanel`: arrays of shape (T, N) by name, raw CNY and shares, NaN where there is
        no bar or the value is unknown.
    listings
        By code; also of securities without a bar here.
    left_out
        Stocks that failed the checks, by what was wrong.
    seen
        Stocks that are gone today: the day each was seen listed.
    classes
        Shenwan level 3 classes; None where the place has none.
    """

    sessions: Dates
    codes: tuple[str, ...]
    fields: Mapping[str, Floats]
    origin: str
    listings: Mapping[str, Listing] = field(default_factory=dict)
    simulated: bool = False
    cautions: tuple[Caution, ...] = ()
    left_out: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    seen: Mapping[str, dt.date] = field(default_factory=dict)
    classes: Classes | None = None

    @cached_property
    def panel(self) -> PricePanel:
        """The same bars as a panel, for what is written for one; nothing is copied."""
        return PricePanel(
            sessions=self.sessions,
            codes=self.codes,
            fields=self.fields,
            origin=self.origin,
            simulated=self.simulated,
            listings=self.listings,
            cautions=self.cautions,
        )

    @cached_property
    def last_rows(self) -> npt.NDArray[np.int64]:
        """The row of each stock's last bar, shape (N,)."""
        bars = ~np.isnan(self.fields["close"])
        return np.asarray(len(bars) - 1 - bars[::-1].argmax(axis=0), dtype=np.int64)

    def row(self, session: dt.date) -> int:
        """The row of a session.

        Raises
        ------
        PricesError
            If the pool was not read for it.
        """
        row = int(np.searchsorted(self.sessions, np.datetime64(session)))
        if row == len(self.sessions) or self.sessions[row] != np.datetime64(session):
            raise PricesError(
                f"{self.origin}: the pool was read from {self.sessions[0]} to {self.sessions[-1]}, "
                f"and {session} is not among its sessions"
            )
        return row

    def missing_on(self, day: dt.date) -> tuple[str, ...]:
        """Stocks that the place's own tables say were listed on a day, of which it has no bar.

        Two tables tell: ``securities.csv`` by its listing and delisting days, and
        ``gone_names.csv``, of stocks seen listed and gone later (seen by the day, or classed by
        it). The day such a stock was delisted is not known, so some may have been gone already:
        the count is the most there can be. An industry that has begun and not ended does not tell:
        the official table never ends those of delisted stocks.
        """
        found = {
            code
            for code, listing in self.listings.items()
            if listing.list_date is not None
            and listing.list_date <= day
            and (listing.delist_date is None or listing.delist_date > day)
        }
        late = {code for code, seen in self.seen.items() if seen > day}
        classed = self.classes.on(day) if late and self.classes is not None else {}
        found |= {code for code in self.seen if code not in late or code in classed}
        return tuple(sorted(code for code in found - self._accounted if not _is_index(code)))

    @cached_property
    def _accounted(self) -> frozenset[str]:
        return frozenset(self.codes).union(*self.left_out.values())


def read_pool(
    where: Where,
    start: dt.date,
    end: dt.date,
    codes: Iterable[str] | None = None,
    needed: Iterable[str] = (),
    *,
    checked_to: dt.date | None = None,
) -> Pool:
    """Read every stock that a place has bars of between two days.

    Parquet files in the bars schema are scattered straight into the arrays; all else goes through
    `thesis.market.prices.open_prices`. On the same bars the two give the same pool.

    Parameters
    ----------
    where, needed
        As for `thesis.market.prices.open_prices`.
    start, end
        Both included. Bars after `end` are never looked at.
    codes
        These alone; None reads all.
    checked_to
        The last day whose bars say whether a stock is in the pool; None for `end`. Bars after it
        are there to tell a suspension from an end, and need not be fit for more.

    Raises
    ------
    PricesError
        If the place does not exist, has no stock with a bar between the days, or cannot be read.
    """
    days = sessions()
    axis = days[(days >= np.datetime64(start)) & (days <= np.datetime64(end))]
    if not len(axis):
        raise PricesError(f"from {start} to {end} there is no session to read a pool for")
    last = np.datetime64(end if checked_to is None else checked_to)
    judged = int(np.searchsorted(axis, last, side="right"))
    if not judged:
        raise PricesError(f"from {start} to {checked_to} there is no session to check a pool on")
    wanted = None if codes is None else frozenset(codes)
    place = _place(where)
    paths = plain_parquet(place) if place is not None else None
    if place is None or paths is None:
        pool = _cut(open_prices(where, wanted, needed, start), axis, judged)
    else:
        pool = _scatter(place, paths, axis, judged, wanted)
    if not pool.codes:
        raise PricesError(f"{pool.origin}: no stock has a bar from {start} to {end}")
    home = Store.default().home if isinstance(where, str) and where == "store" else place
    if home is not None:
        pool = _with_tables(pool, home if home.is_dir() else home.parent, wanted)
    if len(pool.codes) < FEW:
        small = Caution(
            "pool_small",
            f"{pool.origin}: it has bars of {len(pool.codes)} stocks from {start} to {end}, not of "
            "the whole market: random watchlists of these say how the thesis did among them alone",
        )
        pool = replace(pool, cautions=(*pool.cautions, small))
    return pool


def read_gone(folder: Path) -> dict[str, dt.date]:
    """Stocks seen listed on a day and gone later, from ``gone_names.csv``; empty without it.

    Raises
    ------
    PricesError
        If a row has no code or no day.
    """
    import csv

    path = folder / GONE_FILE
    if not path.is_file():
        return {}
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return {
                row["code"]: dt.date.fromisoformat(row["seen_on"]) for row in csv.DictReader(file)
            }
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise PricesError(
            f"{path} cannot be read ({error}); its rows have code and seen_on, as 2024-06-29"
        ) from None


def _scatter(
    place: Path, paths: list[Path], axis: Dates, judged: int, codes: frozenset[str] | None
) -> Pool:
    """The pool of Parquet files in the bars schema."""
    bars = read_bars(paths, axis, codes, judged)
    pool = Pool(
        sessions=axis,
        codes=bars.codes,
        fields=MappingProxyType({name: _sealed(grid.T) for name, grid in bars.grids.items()}),
        origin=str(place),
        left_out=MappingProxyType(bars.left_out),
        cautions=_said(bars, str(place)),
    )
    if pool.codes and is_sample(pool.panel):
        return replace(pool, simulated=True, origin=f"{place}, a copy of {ORIGIN}")
    return pool


def _cut(panel: PricePanel, axis: Dates, judged: int) -> Pool:
    """The pool of a panel: its stocks on the axis."""
    start = int(np.searchsorted(panel.sessions, axis[0]))
    stop = int(np.searchsorted(panel.sessions, axis[-1], side="right"))
    ahead = int(np.searchsorted(axis, panel.sessions[start])) if start < stop else 0
    stocks = np.array([not is_index(code) for code in panel.codes], dtype=bool)
    early = int(np.searchsorted(panel.sessions, axis[judged - 1], side="right"))
    columns = np.flatnonzero(stocks & ~np.isnan(panel.fields["close"][start:early]).all(axis=0))
    fields = {}
    for name in FIELDS:
        grid = np.full((len(columns), len(axis)), np.nan)
        grid[:, ahead : ahead + stop - start] = panel.fields[name][start:stop, columns].T
        fields[name] = _sealed(grid.T)
    return Pool(
        sessions=axis,
        codes=tuple(panel.codes[column] for column in columns),
        fields=MappingProxyType(fields),
        origin=panel.origin,
        listings=panel.listings,
        simulated=panel.simulated,
        cautions=panel.cautions,
    )


def _said(bars: Bars, where: str) -> tuple[Caution, ...]:
    cautions = [
        Caution(
            "pool_left_out",
            f"{where}: {len(codes)} stocks are left out of the pool for {reason}: {_some(codes)}",
        )
        for reason, codes in bars.left_out.items()
    ]
    if bars.idle:
        text = f"{bars.idle} bars without volume were taken as suspended sessions and left out"
        cautions.append(Caution("no_trades", f"{where}: {text}"))
    return tuple(cautions)


def _with_tables(pool: Pool, folder: Path, codes: frozenset[str] | None) -> Pool:
    """The pool with what the tables beside the bars tell."""
    seen = read_gone(folder)
    return replace(
        pool,
        listings=MappingProxyType({**pool.listings, **read_listings(folder, codes)}),
        seen=MappingProxyType({c: day for c, day in seen.items() if codes is None or c in codes}),
        classes=read_classes(folder),
    )


def _place(where: Where) -> Path | None:
    """The file or folder that is named; None where it is something else."""
    if not isinstance(where, str | os.PathLike) or where in ("store", "sample"):
        return None
    path = Path(where)
    return path if path.exists() else None


def _is_index(code: str) -> bool:
    try:
        return parse_security(code).is_index
    except ThesisFileError:
        return True  # whatever it is, it is no stock that could have been drawn


def _sealed(grid: Floats) -> Floats:
    grid.flags.writeable = False
    return grid


def _some(codes: tuple[str, ...]) -> str:
    return ", ".join(codes[:5]) + (f" and {len(codes) - 5} more" if len(codes) > 5 else "")
