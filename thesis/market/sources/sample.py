"""The bundled sample: SIMULATED prices, so that every command runs offline before any fetch.

The codes are real, the prices never happened. A common factor, industry factors and noise of each
name's own make returns; on top lie the events the rules exist for: names that open locked at their
limit on 2024-10-14, suspensions over the entry and over a window's end, a dividend and a bonus
issue. The same bytes come out on every machine: only raw PCG64 output and elementwise IEEE
arithmetic are used, and each code has a stream of its own, so a code's prices do not depend on
which others are asked for.
"""

import datetime as dt
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pandas as pd

from thesis.market.calendar import Dates, sessions
from thesis.market.industry import INDUSTRIES as SHENWAN
from thesis.market.listing import Listing
from thesis.market.panel import PricePanel
from thesis.research.security import parse_security

Floats = npt.NDArray[np.float64]

SEED = 20241013
FIRST, LAST = np.datetime64("2024-01-02"), np.datetime64("2025-07-31")
ORIGIN = "the bundled SIMULATED sample"

#: Shenwan level 1 indices, as the sample's industries.
INDUSTRIES = [industry.code.removesuffix(".SI") for industry in SHENWAN]

#: Names of the bundled theses, by Shenwan level 1 code.
NAMES = {
    "801740": "300474.SZ 景嘉微 688629.SH 华丰科技",
    "801750": "000938.SZ 紫光股份 000977.SZ 浪潮信息 603019.SH 中科曙光",
    "801760": (
        "300133.SZ 华策影视 300364.SZ 中文在线 300182.SZ 捷成股份 300315.SZ 掌趣科技 "
        "601595.SH 上海电影 000681.SZ 视觉中国 000156.SZ 华数传媒 300002.SZ 神州泰岳 "
        "002517.SZ 恺英网络 002739.SZ 万达电影 300251.SZ 光线传媒 002027.SZ 分众传媒"
    ),
    "801770": (
        "300308.SZ 中际旭创 300502.SZ 新易盛 300394.SZ 天孚通信 301165.SZ 锐捷网络 "
        "000063.SZ 中兴通讯 600941.SH 中国移动 601728.SH 中国电信 600050.SH 中国联通"
    ),
    "801080": (
        "688702.SH 盛科通信 688256.SH 寒武纪 688047.SH 龙芯中科 688041.SH 海光信息 "
        "601138.SH 工业富联"
    ),
    "801890": "002837.SZ 英维克 300499.SZ 高澜股份 301018.SZ 申菱环境",
}
INDICES = ("000300.SH", "H00300.CSI", "000852.SH", *(f"{code}.SI" for code in INDUSTRIES))
BYSTANDERS = 300


_DAY = np.datetime64


@dataclass(frozen=True)
class _Event:
    """Something that happens to one name, so that a rule has something to do."""

    suspended: tuple[str, str] | None = None
    locked_up: tuple[str, int] | None = None  # opens at its upper limit, so many sessions
    ex_date: str | None = None
    cash: float = 0.0  # CNY a share
    bonus: float = 0.0  # new shares a share


_EVENTS = {
    "300364.SZ": _Event(suspended=("2024-10-11", "2024-10-16")),
    "000156.SZ": _Event(suspended=("2025-04-03", "2025-04-23")),
    "300474.SZ": _Event(suspended=("2024-10-08", "2024-10-31")),
    "300182.SZ": _Event(locked_up=("2024-10-14", 2)),
    "300502.SZ": _Event(locked_up=("2024-10-14", 1)),
    "688256.SH": _Event(locked_up=("2024-10-14", 1)),
    "601595.SH": _Event(ex_date="2024-12-20", cash=0.08),
    "600941.SH": _Event(ex_date="2025-01-09", cash=2.2),
    "300133.SZ": _Event(ex_date="2025-03-06", bonus=0.4),
    "300308.SZ": _Event(ex_date="2025-02-20", cash=0.45, bonus=0.4),
}
_LIMIT = {"main": 0.10, "chinext": 0.20, "star": 0.20, "bse": 0.30}


def read_sample(codes: Iterable[str] | None = None) -> PricePanel:
    """The sample's bars of these codes; None means all of them. Unknown codes are left out.

    Examples
    --------
    >>> panel = read_sample(["300308.SZ", "000300.SH"])
    >>> panel.simulated, panel.codes
    (True, ('000300.SH', '300308.SZ'))
    """
    industries = sample_industries()
    wanted = [*INDICES, *industries] if codes is None else sorted(set(codes))
    stocks = [code for code in wanted if code in industries]
    frames = [_index_bars(code) for code in wanted if code in INDICES]
    if stocks:
        frames.append(_stock_bars(stocks, industries))
    if not frames:
        frames = [_index_bars("000300.SH")]
    return PricePanel.from_frame(
        pd.concat(frames, ignore_index=True),
        origin=ORIGIN,
        listings=sample_listings(wanted),
        simulated=True,
    )


@lru_cache(maxsize=8)
def sample_closes(codes: tuple[str, ...]) -> dict[str, Floats]:
    """The sample's closes on its axis, by code; NaN where a name does not trade."""
    closes = {code: _index_bars(code)["close"].to_numpy() for code in codes if code in INDICES}
    stocks = [code for code in codes if code not in closes]
    if stocks:
        bars = _stock_bars(stocks, sample_industries())
        rows = np.searchsorted(sample_axis(), bars["date"].to_numpy().astype("datetime64[D]"))
        grid = {code: np.full(len(sample_axis()), np.nan) for code in stocks}
        for code, at in bars.groupby("code").indices.items():
            grid[str(code)][rows[at]] = bars["close"].to_numpy()[at]
        closes |= grid
    return closes


def sample_listings(codes: Iterable[str]) -> dict[str, Listing]:
    """Names and industries of the sample's stocks, none of which is ever under ST."""
    industries, names = sample_industries(), _names()
    return {
        code: Listing(
            code=code,
            name=names.get(code, f"模拟{code[:6]}"),
            industry=f"{industries[code]}.SI",
            industry_as_of="the sample",
            treatments_known=(SPAN,),
        )
        for code in codes
        if code in industries
    }


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    words = [text.split() for text in NAMES.values()]
    return {code: name for row in words for code, name in zip(row[::2], row[1::2], strict=True)}


@lru_cache(maxsize=1)
def sample_industries() -> dict[str, str]:
    """Industry of each of the sample's stocks: the theses' names, then the bystanders."""
    known = {code: industry for industry, text in NAMES.items() for code in text.split()[::2]}
    thirds = ("600{:03d}.SH", "002{:03d}.SZ", "300{:03d}.SZ")
    number = 0
    while len(known) < len(_names()) + BYSTANDERS:
        code = thirds[number % 3].format(600 + number // 3)
        known.setdefault(code, INDUSTRIES[number % len(INDUSTRIES)])
        number += 1
    return known


@lru_cache(maxsize=1)
def sample_axis() -> Dates:
    """The sample's sessions."""
    calendar = sessions()
    return calendar[(calendar >= FIRST) & (calendar <= LAST)]


class _Stream:
    """Random numbers of one name; the bits, and so the prices, are the same everywhere."""

    def __init__(self, name: str) -> None:
        self._bits = np.random.PCG64(np.random.SeedSequence([SEED, zlib.crc32(name.encode())]))

    def uniform(self, count: int) -> Floats:
        raw = np.asarray(self._bits.random_raw(count), dtype=np.uint64)
        return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-53

    def normal(self, count: int) -> Floats:
        """Irwin-Hall: twelve uniforms less six. No logarithm, so no libm differences."""
        total = np.zeros(count)
        for row in self.uniform(12 * count).reshape(12, count):
            total = total + row
        return total - 6.0


@lru_cache(maxsize=64)
def _factor(name: str, scale: float, drift: float) -> Floats:
    return drift + scale * _Stream(name).normal(len(sample_axis()))


def _market() -> Floats:
    return _factor("market", 0.011, 0.0004)


def _industry_return(industry: str) -> Floats:
    drift = 0.0006 * (_Stream("drift" + industry).normal(1)[0])
    return _market() + _factor("industry" + industry, 0.009, float(drift))


def _cents(value: Floats) -> Floats:
    return np.floor(value * 100 + 0.5) / 100


def _index_bars(code: str) -> pd.DataFrame:
    dividends = 0.0
    if code == "H00300.CSI":
        returns, dividends = _market(), 0.025 / 242
    elif code == "000300.SH":
        returns = _market()
    elif code == "000852.SH":
        returns = _market() + _factor("small", 0.006, 0.0004)
    else:
        returns = _industry_return(code[:6])
    level, close = 3400.0, np.empty(len(returns))
    for row, value in enumerate(returns + dividends):
        level = level * (1 + value)
        close[row] = level
    close = _cents(close)
    before = np.concatenate([[3400.0], close[:-1]])
    open_ = _cents(before + 0.3 * (close - before))
    noise = 0.004 * _Stream("range" + code).uniform(len(close))
    empty = np.full(len(close), np.nan)
    only_closes = code == "H00300.CSI"
    return pd.DataFrame(
        {
            "code": code,
            "date": sample_axis().astype("datetime64[s]"),
            "open": empty if only_closes else open_,
            "high": empty if only_closes else _cents(np.maximum(open_, close) * (1 + noise)),
            "low": empty if only_closes else _cents(np.minimum(open_, close) * (1 - noise)),
            "close": close,
        }
    )


def _stock_bars(codes: list[str], industries: dict[str, str]) -> pd.DataFrame:
    days, count = len(sample_axis()), len(codes)
    streams = [_Stream(code) for code in codes]
    start = np.array([5.0 + 60.0 * s.uniform(1)[0] * s.uniform(1)[0] for s in streams])
    scale = np.array([0.016 + 0.012 * s.uniform(1)[0] for s in streams])
    beta = np.array([0.8 + 0.5 * s.uniform(1)[0] for s in streams])
    float_shares = np.array([np.floor(2e8 + 3e9 * s.uniform(1)[0]) for s in streams])
    noise = np.stack([s.normal(days) for s in streams], axis=1) * scale
    gap = np.stack([s.uniform(days) for s in streams], axis=1)
    reach = np.stack([s.uniform(days) for s in streams], axis=1) * 0.015
    busy = np.stack([0.5 + s.uniform(days) + s.uniform(days) for s in streams], axis=1)
    industry = np.stack([_industry_return(industries[code]) for code in codes], axis=1)
    wanted = beta * industry + noise
    limit = np.array([_LIMIT[parse_security(code).board] for code in codes])
    axis = sample_axis()

    out = {name: np.full((days, count), np.nan) for name in _STOCK_FIELDS}
    close, factor, shares = _cents(start), np.ones(count), np.ones(count)
    for row in range(days):
        trades = np.ones(count, dtype=bool)
        reference = close.copy()
        locked = np.zeros(count, dtype=bool)
        for column, code in enumerate(codes):
            event = _EVENTS.get(code)
            if event is None:
                continue
            trades[column] = not (
                event.suspended
                and _DAY(event.suspended[0]) <= axis[row] <= _DAY(event.suspended[1])
            )
            if event.ex_date and axis[row] == _DAY(event.ex_date):
                raw = (close[column] - event.cash) / (1 + event.bonus)
                reference[column] = np.floor(raw * 100 + 0.5) / 100
                factor[column] = factor[column] * close[column] / reference[column]
                shares[column] = shares[column] * (1 + event.bonus)
            if event.locked_up:
                begin = int(np.searchsorted(axis, _DAY(event.locked_up[0])))
                locked[column] = begin <= row < begin + event.locked_up[1]
        upper, lower = _cents(reference * (1 + limit)), _cents(reference * (1 - limit))
        new = np.clip(_cents(reference * (1 + wanted[row])), lower, upper)
        open_ = np.clip(_cents(reference + (new - reference) * gap[row]), lower, upper)
        new, open_ = np.where(locked, upper, new), np.where(locked, upper, open_)
        high = np.minimum(_cents(np.maximum(open_, new) * (1 + reach[row])), upper)
        low = np.maximum(_cents(np.minimum(open_, new) * (1 - reach[row])), lower)
        low = np.where(locked, upper, low)
        volume = np.floor(float_shares * 0.012 * busy[row] / 100) * 100
        values = {
            "open": open_, "high": high, "low": low, "close": new, "pre_close": reference,
            "volume": volume, "amount": _cents(volume * ((open_ + high + low + new) / 4)),
            "factor": factor, "share_factor": shares, "turnover": volume / float_shares,
        }  # fmt: skip
        for name, value in values.items():
            out[name][row, trades] = value[trades]
        close = np.where(trades, new, close)

    columns, rows = np.divmod(np.arange(days * count), days)
    frame = pd.DataFrame(
        {"code": np.array(codes)[columns], "date": axis[rows].astype("datetime64[s]")}
        | {name: grid[rows, columns] for name, grid in out.items()}
    )
    return frame[frame["close"].notna()]


_STOCK_FIELDS = (
    "open", "high", "low", "close", "pre_close", "volume", "amount", "factor", "share_factor",
    "turnover",
)  # fmt: skip

#: First and last session of the sample, for messages.
SPAN = (dt.date(2024, 1, 2), dt.date(2025, 7, 31))
