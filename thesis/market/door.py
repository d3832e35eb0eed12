"""The door: bars are checked once, here, before they become a `PricePanel`.

What is impossible stops with a sentence; what is odd but possible is let in with a caution.
"""

import warnings
from collections.abc import Iterable

import numpy as np
import pandas as pd

from thesis.errors import Caution, PricesError, ThesisFileError
from thesis.market import continuity
from thesis.market.calendar import calendar_horizon, sessions
from thesis.research.security import parse_security

PRICES = ("open", "high", "low", "close")
REQUIRED = ("code", "date", *PRICES, "volume", "amount", "factor")
OPTIONAL = ("pre_close", "share_factor", "turnover")
COLUMNS = ("code", "date", *PRICES, "pre_close", "volume", "amount", "factor", *OPTIONAL[1:])

#: A code's median of amount/volume may leave its low..high by this factor before units are wrong.
UNITS_OFF = 2.0
#: A single bar's amount/volume may leave low..high by this fraction plus half a tick.
BAR_OFF = 0.005


def admit(frame: pd.DataFrame, where: str) -> tuple[pd.DataFrame, list[Caution]]:
    """Check bars and put them in order.

    Parameters
    ----------
    frame
        One bar a row: ``code date open high low close volume amount factor``, optionally
        ``pre_close share_factor turnover``. Raw CNY, shares, cumulative multiplicative factor.
        Rows of an index need ``code date close`` alone.
    where
        What to call the bars in error messages: a file, a folder, "the DataFrame".

    Returns
    -------
    frame
        All of `COLUMNS`, sorted by code and date; NaN where an optional value is unknown.
    cautions
        What was odd.

    Raises
    ------
    PricesError
        For missing columns, unreadable values, a code that cannot be, two bars of a code on one
        session, a bar on a day that was no session, a price that is not finite and positive, high
        or low that contradict the other prices, volume or amount in other units, and a factor
        that is not positive.
    """
    bars = _typed(frame, where)
    if bars.empty:
        raise PricesError(f"{where}: there are no bars")
    stocks = ~bars["code"].isin(_indices(bars["code"].unique(), where)).to_numpy()
    _need_stock_columns(frame, stocks, where)
    cautions: list[Caution] = []

    ordered = bars.groupby("code", sort=False)["date"].is_monotonic_increasing
    if not ordered.all():
        late = [str(code) for code in ordered.index[~ordered]]
        cautions.append(
            Caution(
                "unsorted",
                f"{where}: the bars of {_some(late)} were not in date order; they were sorted",
            )
        )
    bars = bars.assign(_stock=stocks).sort_values(
        ["code", "date"], kind="stable", ignore_index=True
    )

    twice = bars.duplicated(["code", "date"])
    if twice.any():
        raise PricesError(
            f"{where}: {_at(bars, twice)}: two bars for one session; remove one "
            f"({int(twice.sum())} in all)"
        )
    bars, beyond = _within_calendar(bars, where)
    cautions += beyond
    bars, idle = _without_idle_bars(bars, where)
    cautions += idle
    _check_prices(bars, where)
    bars, factors = _check_factors(bars, where)
    cautions += factors
    cautions += _check_units(bars, where)
    cautions += continuity.jumps(bars[bars["_stock"]], where)
    cautions += continuity.levels(bars[~bars["_stock"]], where)
    return bars.drop(columns="_stock").reset_index(drop=True), cautions


def _typed(frame: pd.DataFrame, where: str) -> pd.DataFrame:
    missing = [name for name in ("code", "date", "close") if name not in frame.columns]
    if missing:
        raise PricesError(
            f"{where}: no column {', '.join(missing)}; bars need {' '.join(REQUIRED)}, raw prices "
            f"in CNY, volume in shares (it has {' '.join(map(str, frame.columns))})"
        )
    if frame["code"].isna().any():
        row = int(np.flatnonzero(frame["code"].isna())[0])
        raise PricesError(f"{where}: the bar in row {row + 1} has no code; write one, as 300308.SZ")
    # Few codes, millions of bars: sorting and grouping go by the codes' numbers.
    typed: dict[str, object] = {"code": pd.Categorical(frame["code"].astype("str"))}
    dates = read_dates(frame["date"], where)
    typed["date"] = dates.to_numpy().astype("datetime64[D]").astype("datetime64[s]")
    for name in COLUMNS[2:]:
        if name not in frame.columns:
            typed[name] = np.full(len(frame), np.nan)
            continue
        numbers = pd.to_numeric(frame[name], errors="coerce").to_numpy(dtype=float)
        unread = np.isnan(numbers) & frame[name].notna().to_numpy()
        if unread.any():
            row = int(np.flatnonzero(unread)[0])
            raise PricesError(
                f"{where}: {frame['code'].iloc[row]} on {dates.iloc[row].date()}: {name} = "
                f"{frame[name].iloc[row]!r} is no number"
            )
        typed[name] = numbers
    return pd.DataFrame(typed)


def read_dates(column: pd.Series, where: str) -> pd.Series:
    """Dates in any one usual form, as timestamps without a zone.

    Raises
    ------
    PricesError
        If one cannot be read, or the forms are mixed.
    """
    # A number such as 20241014 would pass as nanoseconds since 1970.
    text = column.astype("str") if pd.api.types.is_numeric_dtype(column) else column
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # "could not infer format": said below
        dates = pd.to_datetime(text, errors="coerce")
    if dates.isna().any():
        bad = column[dates.isna().to_numpy()].iloc[0]
        raise PricesError(f"{where}: date {bad!r} cannot be read; write 2024-10-14")
    if getattr(dates.dt, "tz", None) is not None:
        dates = dates.dt.tz_convert("Asia/Shanghai").dt.tz_localize(None)
    return dates


def _indices(codes: Iterable[str], where: str) -> list[str]:
    found = []
    for code in codes:
        try:
            security = parse_security(code)
        except ThesisFileError as error:
            raise PricesError(f"{where}: {error}") from None
        if security.code != code:
            raise PricesError(
                f"{where}: code {code!r}: bars use the canonical form {security.code}"
            )
        if security.is_index:
            found.append(code)
    return found


def _need_stock_columns(frame: pd.DataFrame, stocks: np.ndarray, where: str) -> None:
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing and stocks.any():
        raise PricesError(
            f"{where}: no column {', '.join(missing)}; bars of stocks need {' '.join(REQUIRED)} "
            "(factor: cumulative, 1.0 throughout where no dividend or split falls in the window)"
        )


def _within_calendar(bars: pd.DataFrame, where: str) -> tuple[pd.DataFrame, list[Caution]]:
    beyond = (bars["date"] > pd.Timestamp(calendar_horizon())).to_numpy()
    cautions = []
    if beyond.any():
        cautions.append(
            Caution(
                "calendar_horizon",
                f"{where}: {int(beyond.sum())} bars after {calendar_horizon()}, the last day the "
                "calendar knows, were left out; a newer exchange-calendars reaches further",
            )
        )
        bars = bars[~beyond].reset_index(drop=True)
    known = np.isin(bars["date"].to_numpy().astype("datetime64[D]"), sessions())
    if not known.all():
        raise PricesError(
            f"{where}: {_at(bars, ~known)}: the exchanges were closed that day, so the bar cannot "
            f"be real ({int((~known).sum())} such bars); remove it"
        )
    return bars, cautions


def _without_idle_bars(bars: pd.DataFrame, where: str) -> tuple[pd.DataFrame, list[Caution]]:
    """Leave out bars without trades: a suspended day has no bar, whatever a vendor fills in."""
    volume = bars["volume"].to_numpy()
    # Zero throughout means that the source does not know the volume.
    trades = bars["volume"].gt(0).groupby(bars["code"]).transform("any").to_numpy()
    idle = bars["_stock"].to_numpy() & (volume == 0) & trades
    if not idle.any():
        return bars, []
    codes = sorted(set(bars.loc[idle, "code"]))
    return bars[~idle].reset_index(drop=True), [
        Caution(
            "no_trades",
            f"{where}: {int(idle.sum())} bars without volume ({_some(codes)}) were taken as "
            "suspended sessions and left out",
        )
    ]


def _check_prices(bars: pd.DataFrame, where: str) -> None:
    stock = bars["_stock"].to_numpy()
    for name in PRICES:
        price = bars[name].to_numpy()
        unknown = np.isnan(price) & (stock | (name == "close"))
        if unknown.any():
            raise PricesError(
                f"{where}: {_at(bars, unknown)}: {name} is missing; a bar has all four prices, "
                "and a suspended session has no bar"
            )
        wrong = ~np.isnan(price) & ~((price > 0) & np.isfinite(price))
        if wrong.any():
            raise PricesError(
                f"{where}: {_at(bars, wrong)}: {name} = {price[wrong][0]:g}; raw prices are "
                "positive (back-adjusted prices can fall below zero: store raw prices and a factor)"
            )
    low, high = bars["low"].to_numpy(), bars["high"].to_numpy()
    top = bars[["open", "close"]].max(axis=1).to_numpy()
    bottom = bars[["open", "close"]].min(axis=1).to_numpy()
    # Levels of an index are somebody's computation: what is odd about them is a caution, below.
    with np.errstate(invalid="ignore"):
        crossed = stock & ((high < top - 1e-9) | (low > bottom + 1e-9))
    if crossed.any():
        row = bars[crossed].iloc[0]
        raise PricesError(
            f"{where}: {_at(bars, crossed)}: open {row['open']:g}, high {row['high']:g}, low "
            f"{row['low']:g}, close {row['close']:g} contradict each other"
        )
    for name in ("volume", "amount"):
        negative = (bars[name] < 0).to_numpy()
        if negative.any():
            raise PricesError(
                f"{where}: {_at(bars, negative)}: {name} = {bars[name][negative].iloc[0]:g} is "
                "negative"
            )


def _check_factors(bars: pd.DataFrame, where: str) -> tuple[pd.DataFrame, list[Caution]]:
    cautions: list[Caution] = []
    stock = bars["_stock"].to_numpy()
    for name in ("factor", "share_factor"):
        value = bars[name].to_numpy()
        wrong = stock & ~np.isnan(value) & ~((value > 0) & np.isfinite(value))
        if wrong.any():
            raise PricesError(
                f"{where}: {_at(bars, wrong)}: {name} = {value[wrong][0]:g}; a cumulative factor "
                "is positive"
            )
        same = (bars["code"] == bars["code"].shift()).to_numpy()
        step = np.diff(value, prepend=np.nan)
        falls = stock & same & (step < -1e-9 * value)
        for code in dict.fromkeys(bars.loc[falls, "code"]):
            at = bars[falls & (bars["code"] == code).to_numpy()].iloc[0]
            cautions.append(
                Caution(
                    "factor_falls",
                    f"{where}: {code}: its {name} falls on {at['date'].date()}; dividends and "
                    "splits only raise it, so unless shares were merged the return is wrong",
                )
            )
    lacking = stock & np.isnan(bars["factor"].to_numpy())
    if lacking.any():
        codes = list(dict.fromkeys(bars.loc[lacking, "code"]))
        for code in codes:
            mine = (bars["code"] == code).to_numpy()
            cautions.append(
                Caution(
                    "factor_missing",
                    f"{where}: {code}: {int((lacking & mine).sum())} of {int(mine.sum())} bars "
                    "carry no factor, so its return is unknown; the name counts as having no data",
                )
            )
        bars = bars[~bars["code"].isin(codes)].reset_index(drop=True)
    return bars, cautions


def _check_units(bars: pd.DataFrame, where: str) -> list[Caution]:
    stock = bars[bars["_stock"] & (bars["volume"] > 0) & (bars["amount"] > 0)]
    if stock.empty:
        return []
    vwap = stock["amount"] / stock["volume"]
    below = (vwap / stock["low"]).groupby(stock["code"]).median()
    above = (vwap / stock["high"]).groupby(stock["code"]).median()
    for code in below.index:
        if below[code] < 1 / UNITS_OFF or above[code] > UNITS_OFF:
            ratio = float(below[code] if below[code] < 1 / UNITS_OFF else above[code])
            raise PricesError(
                f"{where}: {code}: amount / volume is {ratio:.3g} times its price (median of its "
                f"bars); volume must be in shares and amount in CNY{_units_guess(ratio)}"
            )
    off = (vwap < stock["low"] * (1 - BAR_OFF) - 0.005) | (
        vwap > stock["high"] * (1 + BAR_OFF) + 0.005
    )
    return continuity.units(stock, off, where)


def _units_guess(ratio: float) -> str:
    guesses = {
        100.0: "; volume looks like lots of 100",
        10_000.0: "; volume looks like lots of 10,000",
        0.001: "; amount looks like thousands of CNY",
        0.0001: "; amount looks like units of 10,000 CNY",
        0.1: "; volume looks like lots of 100 and amount like thousands of CNY",
        0.01: "; volume looks like shares times 100",
    }
    for size, guess in guesses.items():
        if 0.5 < ratio / size < 2:
            return guess
    return ""


def _at(bars: pd.DataFrame, mask: object) -> str:
    row = bars[np.asarray(mask)].iloc[0]
    return f"{row['code']} on {row['date'].date()}"


def _some(codes: list[str]) -> str:
    return ", ".join(codes[:3]) + (f" and {len(codes) - 3} more" if len(codes) > 3 else "")
