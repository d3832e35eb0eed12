"""A whole market behind every price host: a small generated one, or real prices from a folder."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from fakes import csindex, eastmoney, shenwan, sina, tencent
from fakes.hosts import FakeHosts

from thesis.market.calendar import as_date, sessions

SATURDAY = dt.date(2024, 10, 5)
SEED = 20241008
VENDORS = {
    "sina": (sina.HOSTS, sina.Sina),
    "eastmoney": (eastmoney.HOSTS, eastmoney.Eastmoney),
    "tencent": (tencent.HOSTS, tencent.Tencent),
    "csindex": (csindex.HOSTS, csindex.Csindex),
    "shenwan": (shenwan.HOSTS, shenwan.Shenwan),
}


@dataclass(frozen=True, eq=False)
class Market:
    """What the hosts know, in the bars schema.

    Attributes
    ----------
    bars
        Of stocks: ``code date open high low close pre_close volume amount factor share_factor
        turnover``.
    index
        Of indices: ``code date open high low close``, of a generated market also ``volume amount``.
    """

    bars: pd.DataFrame
    index: pd.DataFrame


def serve_market(
    hosts: FakeHosts,
    bars: pd.DataFrame,
    index: pd.DataFrame,
    *,
    missing: Collection[str] = (),
    changed: Collection[str] = (),
    phantom_saturday: bool = False,
) -> None:
    """Let every price host that akshare asks answer for a market.

    Parameters
    ----------
    missing
        Codes that no host knows, though it should.
    changed
        Hosts that answer in a new form: of ``sina eastmoney tencent csindex shenwan``.
    phantom_saturday
        Whether Sina dates a change of float shares on Saturday 2024-10-05.
    """
    unknown = set(changed) - set(VENDORS)
    assert not unknown, f"no fake of {unknown}"
    for name, (pattern, vendor) in VENDORS.items():
        more = {"share_dates": (SATURDAY,)} if phantom_saturday and name == "sina" else {}
        hosts.serve(pattern, vendor(bars, index, missing, name in changed, **more))


@dataclass(frozen=True)
class Name:
    """One stock of the small market, and what befalls it."""

    code: str
    price: float
    float_shares: float
    limit: float
    #: Session counts from the first: an ex-date and what one share gets.
    cash: tuple[int, float] | None = None
    bonus: tuple[int, float] | None = None
    suspended: tuple[int, int] | None = None


NAMES = (
    Name("000001.SZ", 11.0, 1.94e10, 0.10, cash=(38, 0.246)),
    Name("002517.SZ", 10.5, 2.0e9, 0.10, suspended=(30, 40)),
    Name("300308.SZ", 120.0, 1.1e9, 0.20, cash=(36, 0.45)),
    Name("601595.SH", 20.0, 4.482e8, 0.10, bonus=(45, 0.4)),
    Name("688256.SH", 250.0, 4.1e8, 0.20),
    Name("920002.BJ", 60.0, 3.6e7, 0.30),
)
INDICES = {"000300.SH": 3300.0, "801760.SI": 480.0, "801770.SI": 1700.0}


def small_market(n_sessions: int = 80, start: dt.date = dt.date(2024, 8, 15)) -> Market:
    """A generated market: six stocks and four indices, the same on every call.

    Counted in sessions from the first: 300308.SZ pays 0.45 a share on the 37th, 000001.SZ 0.246 on
    the 39th, 601595.SH gives 4 shares for 10 on the 46th, and 002517.SZ is suspended from the 31st
    to the 40th. Volumes are whole lots and amounts whole hundreds, so that no host's units round
    them.

    Parameters
    ----------
    n_sessions
        Sessions of XSHG from `start` on; the default ends on 2024-12-13.
    """
    known = sessions()
    at = int(np.searchsorted(known, np.datetime64(start)))
    days = [as_date(day) for day in known[at : at + n_sessions]]
    bars = [_stock(name, days, np.random.default_rng([SEED, at])) for at, name in enumerate(NAMES)]
    indices = [
        _level(code, first, days, np.random.default_rng([SEED, 100 + at]))
        for at, (code, first) in enumerate(INDICES.items())
    ]
    indices.append(_total_return(indices[0]))
    return Market(pd.concat(bars, ignore_index=True), pd.concat(indices, ignore_index=True))


def _stock(name: Name, days: list[dt.date], rng: np.random.Generator) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    close, factor, share_factor, shares = name.price, 1.0, 1.0, name.float_shares
    for at, day in enumerate(days):
        draws = rng.normal(size=5)
        if name.suspended and name.suspended[0] <= at < name.suspended[1]:
            continue
        reference = close
        if name.cash and name.cash[0] == at:
            reference = round(close - name.cash[1], 2)
        if name.bonus and name.bonus[0] == at:
            reference = round(close / (1 + name.bonus[1]), 2)
            share_factor *= 1 + name.bonus[1]
            shares *= 1 + name.bonus[1]
        factor *= close / reference
        bound = 0.9 * name.limit
        first = round(reference * (1 + float(np.clip(0.006 * draws[0], -bound, bound))), 2)
        close = round(reference * (1 + float(np.clip(0.02 * draws[1], -bound, bound))), 2)
        high = round(max(first, close) * (1 + 0.004 * abs(draws[2])) + 0.01, 2)
        low = round(min(first, close) * (1 - 0.004 * abs(draws[3])) - 0.01, 2)
        volume = 100 * round(shares * 0.02 * float(np.exp(0.4 * draws[4])) / 100)
        rows.append(
            {
                "code": name.code,
                "date": day,
                "open": first,
                "high": high,
                "low": low,
                "close": close,
                "pre_close": reference,
                "volume": volume,
                "amount": 100.0 * round((first + high + low + close) / 4 * volume / 100),
                "factor": factor,
                "share_factor": share_factor,
                "turnover": volume / shares,
            }
        )
    return pd.DataFrame(rows)


def _level(code: str, first: float, days: list[dt.date], rng: np.random.Generator) -> pd.DataFrame:
    draws = rng.normal(size=(len(days), 4))
    close = np.round(first * np.cumprod(1 + 0.012 * draws[:, 0]), 2)
    before = np.concatenate([[first], close[:-1]])
    opened = np.round(before * (1 + 0.003 * draws[:, 1]), 2)
    high = np.round(np.maximum(opened, close) * (1 + 0.003 * np.abs(draws[:, 2])), 2)
    low = np.round(np.minimum(opened, close) * (1 - 0.003 * np.abs(draws[:, 3])), 2)
    volume = 1e6 * np.round(15_000 * (1 + 0.1 * np.tanh(draws[:, 1])))
    return pd.DataFrame(
        {
            "code": code,
            "date": days,
            "open": opened,
            "high": high,
            "low": low,
            "close": close,
            "volume": volume,
            "amount": 1e8 * np.round(volume * 14 / 1e8),
        }
    )


def _total_return(price: pd.DataFrame) -> pd.DataFrame:
    """The same index with dividends: closes alone, a little more each day."""
    grown = 1.3 * price["close"] * 1.00008 ** np.arange(len(price))
    unknown = dict.fromkeys(("open", "high", "low", "volume", "amount"), np.nan)
    return price.assign(code="H00300.CSI", close=grown.round(2), **unknown)


def real_market(
    folder: Path,
    codes: Collection[str],
    start: dt.date = dt.date(1990, 12, 19),
    end: dt.date = dt.date(2100, 12, 31),
) -> Market:
    """Real prices of some codes, read from a folder row group by row group.

    Parameters
    ----------
    folder
        With ``bars.parquet``, ``index.parquet`` and, for codes that the first lacks,
        ``universe.parquet``.
    codes
        Stocks and indices; one that no file has is left out.
    start, end
        Days, both included. Factors stay as the file has them, so the first may not be 1.
    """
    span = [("date", ">=", start), ("date", "<=", end)]

    def read(file: str, some: Collection[str]) -> pd.DataFrame:
        found = pd.read_parquet(
            folder / file, filters=[("code", "in", sorted(some)), *span], use_threads=False
        )
        return found.assign(code=found["code"].astype(str))

    index = read("index.parquet", codes)
    bars = read("bars.parquet", codes)
    others = set(codes) - set(index["code"]) - set(bars["code"])
    if others and (folder / "universe.parquet").is_file():
        rest = read("universe.parquet", others).drop(columns="source")
        bars = pd.concat([bars, rest], ignore_index=True) if len(rest) else bars
    return Market(bars, index)
