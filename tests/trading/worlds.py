"""Random small worlds in which every rule of trading has something to do.

``worlds()`` is a hypothesis strategy: what a reader of a counter-example needs small (sessions,
names, rules) is drawn and shrinks, the noise of prices comes from one seed. ``random_world(seed)``
draws the same things from numpy alone, for loops over many seeds.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from hypothesis import strategies as st
from trading.slow_trader import World, board_of

from thesis.market.calendar import sessions

POOL = (
    "600000.SH", "601398.SH", "000001.SZ", "002594.SZ",
    "300308.SZ", "301269.SZ",
    "688256.SH", "689009.SH",
    "430047.BJ", "920002.BJ",
)  # fmt: skip

WIDTH = {"main": 0.10, "chinext": 0.20, "star": 0.20, "bse": 0.30}
OPENED = {"main": "2016-01-04", "chinext": "2016-01-04", "star": "2019-07-22", "bse": "2021-11-15"}
LAST_START = "2026-06-01"

#: The session before and the session of a change of fees.
FEES_CHANGE = ("2022-04-28", "2022-04-29", "2023-08-25", "2023-08-28")

REBALANCES = ("none", "weekly", "monthly", "quarterly")
EXITS = ("horizon", "stop-loss", "trailing", "date")
CAPITALS = (1e3, 2e4, 1e5, 2e5, 1e6, 1e7, 1e9)
FIELDS = ("open", "close", "vwap")

_T = TypeVar("_T")


@dataclass(frozen=True)
class Weather:
    """How often something happens: chances a session and name."""

    gap: float  # a suspension begins; it lasts 1-15 sessions
    limit: float  # the fill stands at a limit price
    step: float  # a bonus issue or dividend goes ex, bar or no bar


CALM = Weather(gap=0.0, limit=0.0, step=0.0)
FAIR = Weather(gap=0.02, limit=0.05, step=0.03)
STORM = Weather(gap=0.10, limit=0.35, step=0.08)


def random_world(seed: int) -> World:
    """A world from a seed."""
    rng = np.random.default_rng(seed)

    def one_of(options: tuple[_T, ...]) -> _T:
        return options[int(rng.integers(len(options)))]

    def whole(low: int, high: int) -> int:
        return int(rng.integers(low, high + 1))

    return _draw(one_of, whole, rng)


@st.composite
def worlds(draw: st.DrawFn) -> World:
    """Worlds of 5-60 sessions and 1-6 names."""
    seed = draw(st.integers(0, 2**32 - 1), label="seed of the noise")

    def one_of(options: tuple[_T, ...]) -> _T:
        return draw(st.sampled_from(options))

    def whole(low: int, high: int) -> int:
        return draw(st.integers(low, high))

    return _draw(one_of, whole, np.random.default_rng(seed))


def _draw(
    one_of: Callable[[tuple[Any, ...]], Any],
    whole: Callable[[int, int], int],
    rng: np.random.Generator,
) -> World:
    count, names = whole(5, 60), whole(1, 6)
    codes = tuple(str(code) for code in rng.permutation(POOL)[:names])
    days = _days(codes, count, one_of((False, False, True)), rng)
    grids = market(codes, count, one_of((CALM, FAIR, FAIR, STORM)), one_of(FIELDS), rng)
    return World(
        sessions=days,
        codes=codes,
        **grids,
        weights=_weights(names, one_of(("equal", "uneven", "some zero", "part cash")), rng),
        capital=_capital(one_of(CAPITALS), one_of((True, False)), rng),
        rebalance=one_of(REBALANCES),
        exit=_exit(one_of(EXITS), days, one_of, rng),
        costs=one_of((True, True, False)),
        whole_lots=one_of((True, True, False)),
        max_wait=one_of((10, 10, 0, 1, 3, 6)),
    )


def _days(codes: tuple[str, ...], count: int, at_change: bool, rng: np.random.Generator) -> Any:
    """Real sessions on which all the boards were open; one in three spans a change of fees."""
    first = max(np.datetime64(OPENED[board_of(code)]) for code in codes)
    low = int(np.searchsorted(sessions(), first))
    high = int(np.searchsorted(sessions(), np.datetime64(LAST_START)))
    start = int(rng.integers(low, high))
    if at_change:
        change = np.datetime64(FEES_CHANGE[int(rng.integers(len(FEES_CHANGE)))])
        start = int(np.searchsorted(sessions(), change)) - int(rng.integers(min(count, 6)))
    start = max(start, low)
    return sessions()[start : start + count]


def _weights(names: int, kind: str, rng: np.random.Generator) -> Any:
    if kind == "equal":
        return np.full(names, 1 / names)
    weights = rng.uniform(0.05, 1.0, names)
    if kind == "some zero":
        weights[rng.random(names) < 0.4] = 0.0
    total = weights.sum()
    if total > 0:
        weights = weights / total
    return weights * rng.uniform(0.3, 0.95) if kind == "part cash" else weights


def _capital(scale: float, round_sum: bool, rng: np.random.Generator) -> float:
    return scale if round_sum else round(scale * float(rng.uniform(0.5, 3.0)), 2)


def _exit(kind: str, days: Any, one_of: Callable[..., Any], rng: np.random.Generator) -> str:
    if kind in ("stop-loss", "trailing"):
        return f"{kind} {one_of((0.02, 0.05, 0.1, 0.25))}"
    if kind == "date":  # after the entry session; now and then a holiday, or after the last session
        day = days[int(rng.integers(1, len(days)))] + np.timedelta64(int(rng.integers(0, 3)), "D")
        return str(day)
    return kind


# --------------------------------------------------------------------------- prices


def market(
    codes: tuple[str, ...], count: int, weather: Weather, field: str, rng: np.random.Generator
) -> dict[str, Any]:
    """Grids of shape (T, N) by their names in a `World`."""
    columns = [_name(board_of(code), count, weather, field, rng) for code in codes]
    grids = np.array(columns).transpose(2, 1, 0)  # (5, T, N)
    return dict(zip(("fill", "close", "factor", "upper", "lower"), grids, strict=True))


def _name(
    board: str, count: int, weather: Weather, field: str, rng: np.random.Generator
) -> list[list[float]]:
    """A name's rows of fill, close, factor, upper and lower limit."""
    reference = round(float(np.exp(rng.uniform(math.log(2), math.log(300)))), 2)
    factor = float(rng.choice([1.0, 1.0, 3.7, 151.3]))
    drift, noise = float(rng.normal(0, 0.005)), float(rng.choice([0.01, 0.03, 0.06]))
    gone = _gaps(count, weather, rng)
    rows = []
    for row in range(count):
        if row and rng.random() < weather.step:
            step = float(rng.choice([1.4, 1.3, 2.0, 1.0 + rng.uniform(0.002, 0.05)]))
            factor *= step
            reference = max(_half_up(reference / step), 0.05)
        if gone[row]:
            rows.append([math.nan] * 5)
            continue
        lower, upper = _limits(board, reference)
        moves = rng.normal(drift, noise, 2)
        fill, close = (_between(lower, reference * (1 + move), upper) for move in moves)
        if field == "vwap":
            fill = min(max(lower, fill + float(rng.uniform(-0.005, 0.005))), upper)
        if rng.random() < weather.limit:
            up = bool(rng.random() < 0.5)
            fill = upper if up else lower
            if rng.random() < 0.6:
                close = fill  # the whole day
        elif rng.random() < 0.04:
            lower, upper = -math.inf, math.inf
            fill = _half_up(fill * float(rng.uniform(0.6, 1.7)))
        if field == "close":
            close = fill
        rows.append([fill, close, factor, upper, lower])
        reference = close
    return rows


def _gaps(count: int, weather: Weather, rng: np.random.Generator) -> list[bool]:
    """Which sessions have no bar; a name may come late, or be gone for good."""
    gone = [False] * count
    if weather is CALM:
        return gone
    row = 0
    while row < count:
        if rng.random() < (0.15 if row == 0 else weather.gap):
            length = int(rng.integers(1, 16))
            for at in range(row, min(row + length, count)):
                gone[at] = True
            row += length
        row += 1
    if rng.random() < 0.06:
        last = int(rng.integers(0, count))
        gone[last:] = [True] * (count - last)
    return gone


def _limits(board: str, reference: float) -> tuple[float, float]:
    """Lower and upper limit price; a cent apart from the reference at least."""
    width = WIDTH[board]
    if board == "bse":  # towards the reference
        lower = math.ceil(reference * (1 - width) * 100 - 1e-6) / 100
        upper = math.floor(reference * (1 + width) * 100 + 1e-6) / 100
    else:
        lower, upper = _half_up(reference * (1 - width)), _half_up(reference * (1 + width))
    cent_under, cent_over = round(reference - 0.01, 2), round(reference + 0.01, 2)
    return max(min(lower, cent_under), 0.01), max(upper, cent_over)


def _between(lower: float, price: float, upper: float) -> float:
    return min(max(lower, _half_up(price)), upper)


def _half_up(price: float) -> float:
    return math.floor(price * 100 + 0.5 + 1e-9) / 100
