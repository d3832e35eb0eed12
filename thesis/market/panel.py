"""The price panel: every bar that a backtest may look at, checked once and read-only.

        codes ->  300133.SZ  300364.SZ  000300.SH  801760.SI
sessions
2024-10-11            6.81      23.02    3887.17     586.33     close (raw CNY or level)
2024-10-14            6.90        nan    3961.34     597.01     nan: no bar, the name was
2024-10-15            6.77        nan    3855.99     590.20          suspended or not listed
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from thesis.errors import Caution, PricesError
from thesis.market.calendar import Dates, as_date, sessions
from thesis.market.door import COLUMNS, admit
from thesis.market.listing import Listing, is_index

Floats = npt.NDArray[np.float64]
FIELDS = COLUMNS[2:]

#: Sessions of index levels kept before the first bar of a stock: an estimation window of a sector
#: index must not end up shorter because its names were listed lately.
INDEX_LEAD = 260


@dataclass(frozen=True, eq=False)
class PricePanel:
    """Bars of stocks and indices on a common axis of sessions.

    Build it with `PricePanel.from_frame` or `thesis.read_prices`; both check every bar.

    Attributes
    ----------
    sessions
        Every XSHG session from the first bar to the last, ``datetime64[D]`` of shape (T,).
    codes
        Canonical codes, sorted; N of them.
    fields
        Arrays of shape (T, N), read-only, by name: ``open high low close pre_close volume amount
        factor share_factor turnover``. Raw CNY (levels for an index), shares; NaN where the code
        has no bar that session, or where the value is unknown.
    listings
        Names, listing dates and industries, by code, where the source knows them.
    origin
        Where the bars came from, in words.
    simulated
        True for the bundled sample: its prices never happened.
    cautions
        What the door found odd.
    """

    sessions: Dates
    codes: tuple[str, ...]
    fields: Mapping[str, Floats]
    origin: str
    simulated: bool = False
    listings: Mapping[str, Listing] = field(default_factory=dict)
    cautions: tuple[Caution, ...] = ()

    @classmethod
    def from_frame(
        cls,
        frame: pd.DataFrame,
        *,
        origin: str = "the DataFrame",
        listings: Mapping[str, Listing] | None = None,
        simulated: bool = False,
    ) -> "PricePanel":
        """Check bars and build a panel of them.

        Parameters
        ----------
        frame
            One bar a row; the columns are those of `thesis.market.door.admit`.

        Raises
        ------
        PricesError
            If a bar is impossible, or there is none.

        Examples
        --------
        >>> bars = pd.DataFrame({
        ...     "code": "300308.SZ", "date": ["2024-10-14", "2024-10-15"], "open": [10.0, 10.2],
        ...     "high": [10.4, 10.3], "low": [9.9, 9.8], "close": [10.2, 9.9],
        ...     "volume": [1000, 2000], "amount": [10_200.0, 20_000.0], "factor": 1.0})
        >>> panel = PricePanel.from_frame(bars)
        >>> panel.field("close", "300308.SZ")
        array([10.2,  9.9])
        """
        bars, cautions = admit(frame, origin)
        bars = _without_long_lead(bars)  # here too: the whole market should not lie here twice
        return cls.from_checked(
            bars, cautions, origin=origin, listings=listings, simulated=simulated
        )

    @classmethod
    def from_checked(
        cls,
        bars: pd.DataFrame,
        cautions: Sequence[Caution] = (),
        *,
        origin: str,
        listings: Mapping[str, Listing] | None = None,
        simulated: bool = False,
    ) -> "PricePanel":
        """Build a panel of bars that have passed the door.

        Parameters
        ----------
        bars, cautions
            As `thesis.market.door.admit` returns them.

        Raises
        ------
        PricesError
            If there is none.
        """
        if bars.empty:
            raise PricesError(f"{origin}: there are no bars")
        bars = _without_long_lead(bars)
        days = bars["date"].to_numpy().astype("datetime64[D]")
        calendar = sessions()
        first, last = np.searchsorted(calendar, [days.min(), days.max()])
        axis = calendar[first : last + 1]
        category = bars["code"].cat.remove_unused_categories().cat
        codes, columns = category.categories, category.codes.to_numpy()
        rows = np.searchsorted(axis, days)
        fields: dict[str, Floats] = {}
        for name in FIELDS:
            # A code at a time is what is read, so a code's bars lie together in memory.
            grid = np.full((len(axis), len(codes)), np.nan, order="F")
            grid[rows, columns] = bars[name].to_numpy()
            grid.flags.writeable = False
            fields[name] = grid
        return cls(
            sessions=axis,
            codes=tuple(str(code) for code in codes),
            fields=MappingProxyType(fields),
            origin=origin,
            simulated=simulated,
            listings=MappingProxyType(dict(listings or {})),
            cautions=tuple(cautions),
        )

    def __contains__(self, code: object) -> bool:
        return code in self._with_bars

    def __repr__(self) -> str:
        mark = "SIMULATED " if self.simulated else ""
        span = f"{self.first} to {self.last}" if len(self.sessions) else "without a session"
        return f"<PricePanel of {len(self.codes)} codes, {span}, {mark}from {self.origin}>"

    @cached_property
    def _with_bars(self) -> frozenset[str]:
        known = np.flatnonzero(~np.isnan(self.fields["close"]).all(axis=0))
        return frozenset(self.codes[column] for column in known)

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {code: column for column, code in enumerate(self.codes)}

    @property
    def first(self) -> dt.date:
        """The first session."""
        return as_date(self.sessions[0])

    @property
    def last(self) -> dt.date:
        """The last session."""
        return as_date(self.sessions[-1])

    @cached_property
    def fingerprint(self) -> str:
        """SHA-256 of codes, sessions and bars, whatever file layout they came from."""
        digest = hashlib.sha256()
        for name in FIELDS:
            digest.update(name.encode())
            for column, code in enumerate(self.codes):
                values = self.fields[name][:, column]
                known = ~np.isnan(values)
                digest.update(code.encode())
                digest.update(self.sessions[known].astype("int64").tobytes())
                digest.update(np.ascontiguousarray(values[known]).tobytes())
        return digest.hexdigest()

    def column(self, code: str) -> int:
        """The column of a code.

        Raises
        ------
        PricesError
            If the panel has no bar of it.
        """
        column = self._columns.get(code)
        if column is None:
            raise PricesError(f"{self.origin} has no bars of {code}")
        return column

    def row(self, session: dt.date) -> int | None:
        """The row of a session; None if it lies outside the panel."""
        row = int(np.searchsorted(self.sessions, np.datetime64(session)))
        inside = row < len(self.sessions) and self.sessions[row] == np.datetime64(session)
        return row if inside else None

    def field(self, name: str, code: str) -> Floats:
        """One field of one code, of shape (T,); NaN where there is no bar."""
        return self.fields[name][:, self.column(code)]

    def last_bar(self, code: str) -> dt.date | None:
        """The session of a code's last bar; None if it has none."""
        if code not in self:
            return None
        known = np.flatnonzero(~np.isnan(self.field("close", code)))
        return as_date(self.sessions[known[-1]]) if known.size else None

    def first_bar(self, code: str) -> dt.date | None:
        """The session of a code's first bar; None if it has none."""
        if code not in self:
            return None
        known = np.flatnonzero(~np.isnan(self.field("close", code)))
        return as_date(self.sessions[known[0]]) if known.size else None

    def select(self, codes: Iterable[str]) -> "PricePanel":
        """The panel of these codes alone; codes it has no bar of are left out."""
        columns = self._columns
        kept = sorted(code for code in set(codes) if code in columns)
        if len(kept) == len(self.codes):
            return self
        index = [columns[code] for code in kept]
        return replace(
            self,
            codes=tuple(kept),
            fields=MappingProxyType(
                {name: _read_only(grid.T[index].T) for name, grid in self.fields.items()}
            ),
            listings=MappingProxyType({c: x for c, x in self.listings.items() if c in kept}),
        )

    def up_to(self, session: dt.date) -> "PricePanel":
        """The panel as it stood after a session: no later bar or delisting is in it.

        This is what a weighting function is given, so that it cannot look ahead.
        """
        rows = int(np.searchsorted(self.sessions, np.datetime64(session), side="right"))
        listings = {code: listing.up_to(session) for code, listing in self.listings.items()}
        if rows == len(self.sessions):
            same = all(listings[code] is x for code, x in self.listings.items())
            return self if same else replace(self, listings=MappingProxyType(listings))
        return replace(
            self,
            listings=MappingProxyType(listings),
            sessions=self.sessions[:rows],
            fields=MappingProxyType(
                {name: _read_only(grid[:rows]) for name, grid in self.fields.items()}
            ),
        )

    def since(self, session: dt.date) -> "PricePanel":
        """The panel from a session on, without codes that have no bar then.

        The whole of it if it starts later or ends before.
        """
        row = int(np.searchsorted(self.sessions, np.datetime64(session)))
        if row in (0, len(self.sessions)):
            return self
        later = replace(
            self,
            sessions=self.sessions[row:],
            fields=MappingProxyType(
                {name: _read_only(grid[row:]) for name, grid in self.fields.items()}
            ),
        )
        gone = np.isnan(later.fields["close"]).all(axis=0)
        return later.select(np.array(self.codes)[~gone].tolist()) if gone.any() else later

    def to_frame(self) -> pd.DataFrame:
        """The bars, one a row, in the bars schema."""
        rows, columns = np.nonzero(~np.isnan(self.fields["close"]))
        order = np.lexsort((rows, columns))
        rows, columns = rows[order], columns[order]
        data: dict[str, object] = {
            "code": np.asarray(self.codes)[columns],
            "date": self.sessions[rows].astype("datetime64[s]"),
        }
        data |= {name: grid[rows, columns] for name, grid in self.fields.items()}
        return pd.DataFrame(data)

    def coverage(self, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Bars a code has and lacks between two sessions, both included.

        Returns
        -------
        pandas.DataFrame
            A row a code: ``first last bars missing share_factor``; `missing` counts sessions
            without a bar.
        """
        inside = (self.sessions >= np.datetime64(start)) & (self.sessions <= np.datetime64(end))
        expected = int(
            ((sessions() >= np.datetime64(start)) & (sessions() <= np.datetime64(end))).sum()
        )
        have = ~np.isnan(self.fields["close"][inside])
        return pd.DataFrame(
            {
                "first": [self.first_bar(code) for code in self.codes],
                "last": [self.last_bar(code) for code in self.codes],
                "bars": have.sum(axis=0),
                "missing": expected - have.sum(axis=0),
                "share_factor": [self.has_share_factor(code) for code in self.codes],
            },
            index=pd.Index(self.codes, name="code"),
        )

    def has_share_factor(self, code: str) -> bool:
        """Whether every bar of a code carries ``share_factor``."""
        bars = ~np.isnan(self.field("close", code))
        return bool(bars.any() and not np.isnan(self.field("share_factor", code)[bars]).any())

    def stocks(self) -> Sequence[str]:
        """The codes that are stocks."""
        return [code for code in self.codes if not is_index(code)]


def _without_long_lead(bars: pd.DataFrame) -> pd.DataFrame:
    """Without index levels long before the first stock, which nothing is measured against.

    Twenty years of an index beside two of the market would make the panel ten times as large.
    """
    category = bars["code"].cat
    stock = np.array([not is_index(code) for code in category.categories])[category.codes]
    if not stock.any():
        return bars
    first = bars.loc[stock, "date"].min().to_datetime64()
    row = int(np.searchsorted(sessions(), first.astype("datetime64[D]"))) - INDEX_LEAD
    inside = bars["date"] >= sessions()[max(row, 0)]
    return bars if inside.all() else bars.loc[inside]


def _read_only(grid: Floats) -> Floats:
    grid.flags.writeable = False
    return grid
