"""Sina's packing of daily bars and of its trade calendar, written as akshare's decoder reads it.

A packed text is a stream of bits, least significant first, six to a character. The first twelve
bits name the layout: 3466 of stocks, 1479 of indices, 139 of the calendar.
"""

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
#: Six bits as `Bits` keeps them, the least significant first.
CHARACTER = {f"{value:06b}"[::-1]: letter for value, letter in enumerate(ALPHABET)}
DAY_ZERO = dt.date(1990, 12, 19)

STOCK, INDEX, CALENDAR = 3466, 1479, 139
#: The decoder takes this number for version 0 of a layout.
VERSION = 63


class StockBar(NamedTuple):
    """One day of a stock: prices in cents, volume in shares, amount in CNY, all whole."""

    date: dt.date
    open: int
    high: int
    low: int
    close: int
    volume: int
    amount: int
    prevclose: int | None = None


class IndexBar(NamedTuple):
    """One day of an index: levels in units of the last decimal, volume whole."""

    date: dt.date
    open: int
    high: int
    low: int
    close: int
    volume: int


@dataclass
class Bits:
    """A stream of bits that is being written."""

    pieces: list[str] = field(default_factory=list)

    def number(self, value: int, width: int, signed: bool = False) -> None:
        """A number in so many bits; a signed one as its two's complement."""
        least, end = (-(1 << (width - 1)), 1 << (width - 1)) if signed else (0, 1 << width)
        if not least <= value < end:
            raise ValueError(f"{value} does not fit in {width} bits")
        self.pieces.append(f"{value & ((1 << width) - 1):0{width}b}"[::-1])

    def flags(self, *flags: int) -> None:
        self.pieces.extend("1" if flag else "0" for flag in flags)

    def growth(self, by: int) -> None:
        """What a field's width grows by, as a sign and a run of ones."""
        self.flags(by > 0, *[1] * (abs(by) - 1), 0)

    def text(self) -> str:
        bits = "".join(self.pieces)
        bits += "0" * (-len(bits) % 6)
        return "".join([CHARACTER[bits[at : at + 6]] for at in range(0, len(bits), 6)])


def day_number(day: dt.date) -> int:
    return (day - DAY_ZERO).days


#: Widths of a stock's fields, in threes of bits: what the decoder starts with, and what is used.
_START = {"open": 3, "high": 3, "low": 3, "close": 3, "volume": 5, "amount": 5}
_USED = {"open": 8, "high": 8, "low": 8, "close": 8, "volume": 12, "amount": 14}


def pack_stock(bars: Iterable[StockBar]) -> str:
    """Bars of a stock, layout 3466."""
    bits = Bits()
    bits.number(STOCK, 12)
    bits.number(VERSION, 6)
    price = volume = 0  # what the decoder adds the next bar's steps to
    first = True
    for bar in bars:
        bits.flags(1, 1, 0, 1)  # something changes: no units, but widths or the date
        for name, width in _USED.items():
            bits.flags(first)
            if first:
                bits.growth(width - _START[name])
        first = False
        bits.flags(1)
        _write_date(bits, bar.date)
        bits.flags(bar.prevclose is not None)
        if bar.prevclose is not None:
            bits.flags(0)
            bits.number(bar.prevclose - price, 3 * _USED["open"], signed=True)
            price = bar.prevclose
        steps = {
            "open": bar.open - price,
            "high": bar.high - bar.open,
            "low": bar.open - bar.low,
            "close": bar.close - bar.open,
            "volume": bar.volume - volume,
            "amount": bar.amount - expected_amount(bar),
        }
        for name, step in steps.items():
            _write_step(bits, step, 3 * _USED[name], signed=name not in ("high", "low"))
        price, volume = bar.close, bar.volume
    bits.flags(1, 1, 0, 0, 0)  # something changes, yet nothing does: the end
    return bits.text()


def expected_amount(bar: StockBar) -> int:
    """The CNY amount that the decoder guesses: the mean of the four prices times the volume."""
    guess = bar.open + ((bar.high - bar.open) - (bar.open - bar.low) + bar.close - bar.open) / 4
    whole, cents = divmod(math.floor(guess * bar.volume + 0.5), 100)
    return whole + (cents > 50 or (cents == 50 and whole % 2))


def _write_date(bits: Bits, day: dt.date) -> None:
    bits.number(1, 3)  # in full, not as a step
    bits.number(day_number(day), 18, signed=True)


def _write_step(bits: Bits, step: int, width: int, signed: bool) -> None:
    """The decoder's numbers are of 30 bits; a wider one is read in two."""
    if width > 30:
        bits.number(step & ((1 << 30) - 1), 30)
        step, width = step >> 30, width - 30
    bits.number(step, width, signed)


def pack_index(bars: Iterable[IndexBar], decimals: int = 3) -> str:
    """Bars of an index, layout 1479. Every field ends on a whole character."""
    bits = Bits()
    bits.number(INDEX, 12)
    bits.number(VERSION, 6)
    bits.number(decimals, 6)
    bits.number(0, 18)
    bits.number(4, 3)  # widths of levels count from 4 threes
    bits.number(6, 3)  # widths of volumes from 6
    level = volume = 0
    first = True
    for bar in bars:
        bits.number(32, 6)
        bits.number(17 if first else 1, 6)  # a date in full; on the first day, widths after it
        bits.number(day_number(bar.date), 18)
        if first:
            bits.number(63, 6)
            bits.number(6, 3)  # 4 + 6 threes
            bits.number(6, 3)  # 6 + 6 threes
        first = False
        _write_step(bits, bar.open - level, 30, signed=True)
        _write_step(bits, bar.high - bar.open, 30, signed=False)
        _write_step(bits, bar.open - bar.low, 30, signed=False)
        _write_step(bits, bar.close - bar.open, 30, signed=True)
        _write_step(bits, bar.volume - volume, 36, signed=True)
        level, volume = bar.close, bar.volume
    return bits.text()


def pack_calendar(sessions: Sequence[dt.date]) -> str:
    """Sessions in order, layout 139: lengths of the runs between closed weekdays."""
    bits = Bits()
    bits.number(CALENDAR, 12)
    bits.number(VERSION, 6)
    bits.number(day_number(sessions[0]), 18)
    bits.number(day_number(sessions[-1]), 18)
    opened = set(sessions)
    days = (sessions[-1] - sessions[0]).days + 1
    runs = [0]
    for day in (sessions[0] + dt.timedelta(days=n) for n in range(days)):
        if day in opened:
            runs[-1] += 1
        elif day.weekday() < 5:
            runs.append(0)
    for place, run in enumerate(runs):
        bits.flags(place == 0)
        if place == 0:
            bits.growth(4)  # four threes of bits to a run
        bits.number(run, 12)
    return bits.text()
