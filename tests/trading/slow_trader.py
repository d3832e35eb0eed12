"""The order planner computed a second way: loops, dictionaries and plain floats.

One function for each rule, so that each can be read against the rule's own sentence. Nothing of
``thesis.trading`` or ``thesis.market`` is used; the board of a code is read from the code, fees
are written out by hand from the notices. Slow on purpose. ``test_slow_trader.py`` holds this
module to ledgers computed by hand.
"""

import datetime as dt
import math
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Dates = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class World:
    """Everything trading may depend on. Row 0 is the entry session."""

    sessions: Dates  # (T,) datetime64[D]
    codes: tuple[str, ...]
    fill: Floats  # (T, N) raw fill price, NaN without a bar
    close: Floats  # (T, N) raw close, NaN without a bar
    factor: Floats  # (T, N) cumulative, adjusted = raw x factor
    upper: Floats  # (T, N) limit price, +inf on a session without limits
    lower: Floats  # (T, N) limit price, -inf on a session without limits
    weights: Floats  # (N,)
    capital: float  # CNY
    rebalance: str = "none"  # none | weekly | monthly | quarterly
    exit: str = "horizon"  # horizon | "stop-loss 0.1" | "trailing 0.1" | "2025-01-20"
    costs: bool = True
    whole_lots: bool = True
    max_wait: int = 10  # failed sessions a buy survives


OrderRow = tuple[dt.date, str, str, float, float, float]
WaitRow = tuple[dt.date, str, str, str]


@dataclass(frozen=True)
class Books:
    """What the trading of a world leaves behind; lists run over its sessions, after the close."""

    cash: list[float]
    units: list[list[float]]  # raw shares / factor at the fill
    value: list[float]  # cash + holdings at their marks
    net: list[float]  # return after selling everything that day
    executable: list[float]  # return with every fee paid so far handed back
    orders: list[OrderRow]  # date, code, side, raw shares, raw price, fees
    waits: list[WaitRow]  # date, code, side, "no bar" | "upper limit" | "lower limit" | "cash"
    given_up: list[str]  # names a buy of which failed on max_wait + 1 sessions
    too_dear: list[str]  # names whose entry order was ready and funded, yet bought no share


# --------------------------------------------------------------------------- boards and lots


def board_of(code: str) -> str:
    """main, chinext, star or bse."""
    digits, exchange = code.split(".")
    if exchange == "BJ":
        return "bse"
    if exchange == "SH":
        return "star" if digits[:3] in ("688", "689") else "main"
    if exchange == "SZ":
        return "chinext" if digits[0] == "3" else "main"
    raise ValueError(f"no A-share board lists {code}")


def legal_count(board: str, shares: float) -> int:
    """The largest whole number of shares an order may name, at most `shares`."""
    count = math.floor(shares + 1e-9)
    if board == "star":
        return count if count >= 200 else 0
    if board == "bse":
        return count if count >= 100 else 0
    return max(count // 100 * 100, 0)


# --------------------------------------------------------------------------- fees


def cents(amount: float) -> float:
    """Half up to the cent; 1e-9 of a cent forgives the binary form of 13.475."""
    return math.floor(amount * 100 + 0.5 + 1e-9) / 100


def transfer_rate(code: str, day: dt.date) -> float:
    """Of the amount, from buyer and seller alike.

    ChinaClear's notice of 2015 set 0.02 per mille of the amount for Shanghai and Shenzhen from
    2015-08-01; Beijing opened on 2021-11-15 with 0.025 per mille; ChinaClear's notice of
    2022-04-28 set 0.01 per mille for all three from 2022-04-29.
    """
    if day >= dt.date(2022, 4, 29):
        return 0.00001
    if board_of(code) == "bse":
        if day < dt.date(2021, 11, 15):
            raise ValueError(f"Beijing was closed on {day}")
        return 0.000025
    if day < dt.date(2015, 8, 1):
        raise ValueError(f"no transfer fee is written down here for {day}")
    return 0.00002


def stamp_rate(day: dt.date) -> float:
    """Of the amount, from sellers only.

    0.1% from sellers alone since 2008-09-19 (Ministry of Finance, notice of 2008-09-18); halved
    from 2023-08-28 (Ministry of Finance and Tax Administration, announcement 39 of 2023).
    """
    return 0.0005 if day >= dt.date(2023, 8, 28) else 0.001


def fees_of(world: World, code: str, day: dt.date, side: str, amount: float) -> float:
    """Commission, 0.025% but at least CNY 5; transfer fee; stamp duty on a sale."""
    if not world.costs or amount <= 0:
        return 0.0
    fees = max(cents(0.00025 * amount), 5.0) + cents(transfer_rate(code, day) * amount)
    if side == "sell":
        fees += cents(stamp_rate(day) * amount)
    return fees


# --------------------------------------------------------------------------- orders


@dataclass
class Order:
    """An order that has not been filled."""

    side: str
    budget: float = 0.0  # of a buy, CNY with fees
    units: float = 0.0  # of a sell
    sell_out: bool = False
    of_entry: bool = False
    failed: int = 0  # sessions


@dataclass
class Desk:
    """Where the books stand between two steps."""

    cash: float
    units: dict[str, float]
    mark: dict[str, float] = field(default_factory=dict)  # last adjusted close
    order: dict[str, Order] = field(default_factory=dict)
    first_fill: dict[str, float] = field(default_factory=dict)  # adjusted price
    peak: dict[str, float] = field(default_factory=dict)  # highest adjusted close since its fill
    closed: set[str] = field(default_factory=set)
    fees_paid: float = 0.0
    orders: list[OrderRow] = field(default_factory=list)
    waits: list[WaitRow] = field(default_factory=list)
    given_up: list[str] = field(default_factory=list)
    too_dear: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Quote:
    """A name's bar, as raw prices."""

    fill: float
    close: float
    factor: float
    upper: float
    lower: float


def slack(budget: float) -> float:
    """A budget met to far under a cent is met."""
    return max(1e-7, 1e-14 * abs(budget))


def trade(world: World) -> Books:
    """Walk the sessions."""
    days = [day.astype("datetime64[D]").astype(dt.date) for day in world.sessions]
    last_day = exit_row(world.exit, days)
    weight = {code: float(w) for code, w in zip(world.codes, world.weights, strict=True)}
    desk = Desk(cash=float(world.capital), units=dict.fromkeys(world.codes, 0.0))
    books = Books([], [], [], [], [], desk.orders, desk.waits, desk.given_up, desk.too_dear)
    for row, day in enumerate(days):
        bars = bars_of(world, row)
        if last_day is not None and row >= last_day:
            if row == last_day:
                leave(desk, world.codes)
        elif row == 0:
            enter(desk, weight, world.capital)
        elif opens_period(world.rebalance, days[row - 1], day):
            rebalance(desk, weight, bars)
        sell_all_that_can(world, desk, bars, day)
        buy_all_that_can(world, desk, bars, day)
        for code, bar in bars.items():
            desk.mark[code] = bar.close * bar.factor
            if code in desk.first_fill:
                desk.peak[code] = max(desk.peak.get(code, 0.0), desk.mark[code])
        stop(world.exit, desk, bars)
        write_down(world, desk, day, books)
    return books


def bars_of(world: World, row: int) -> dict[str, Quote]:
    """The names that have a bar on this session."""
    bars = {}
    for column, code in enumerate(world.codes):
        if not math.isnan(world.fill[row, column]):
            grids = (world.fill, world.close, world.factor, world.upper, world.lower)
            bars[code] = Quote(*(float(grid[row, column]) for grid in grids))
    return bars


def exit_row(rule: str, days: list[dt.date]) -> int | None:
    """The first session on or after an exit date; None for other exits or a later date."""
    if rule == "horizon" or rule.startswith(("stop-loss ", "trailing ")):
        return None
    date = dt.date.fromisoformat(rule)
    for row, day in enumerate(days):
        if day >= date:
            return row
    return None


def opens_period(rule: str, before: dt.date, day: dt.date) -> bool:
    """Whether a session is the first of its calendar week, month or quarter."""
    if rule == "weekly":
        return before.isocalendar()[:2] != day.isocalendar()[:2]
    if rule == "monthly":
        return (before.year, before.month) != (day.year, day.month)
    if rule == "quarterly":
        return (before.year, (before.month - 1) // 3) != (day.year, (day.month - 1) // 3)
    return False


# --------------------------------------------------------------------------- what is ordered


def enter(desk: Desk, weight: dict[str, float], capital: float) -> None:
    """A buy of weight x capital for every name that has a weight."""
    for code, share in weight.items():
        if share > 0:
            desk.order[code] = Order("buy", budget=share * capital, of_entry=True)


def rebalance(desk: Desk, weight: dict[str, float], bars: dict[str, Quote]) -> None:
    """Order what each name lacks or has too much of; a new order replaces a waiting one.

    Equity and holdings are taken at this session's fill price, or at the mark from before it. A
    gap of less than rounding leaves (`slack`) is no gap and makes no order.
    """
    price = {}
    for code in weight:
        if code in bars:
            price[code] = bars[code].fill * bars[code].factor
        else:
            price[code] = desk.mark.get(code, 0.0)  # without a mark it was never bought
    equity = desk.cash
    for code in weight:
        equity += desk.units[code] * price[code]
    for code, share in weight.items():
        target = 0.0 if code in desk.closed else share * equity
        gap = target - desk.units[code] * price[code]
        if gap > slack(equity):
            desk.order[code] = Order("buy", budget=gap)
        elif gap < -slack(equity):
            if target <= 0:
                desk.order[code] = Order("sell", units=desk.units[code], sell_out=True)
            else:
                desk.order[code] = Order("sell", units=-gap / price[code])


def leave(desk: Desk, codes: tuple[str, ...]) -> None:
    """Sell every name out and cancel whatever waits."""
    desk.order.clear()
    for code in codes:
        if desk.units[code] > 0:
            desk.order[code] = Order("sell", units=desk.units[code], sell_out=True)


def stop(rule: str, desk: Desk, bars: dict[str, Quote]) -> None:
    """After the close: close for good the names that fell too far."""
    if not rule.startswith(("stop-loss ", "trailing ")):
        return
    kind, width = rule.split()
    for code in bars:
        if code in desk.closed or desk.units[code] <= 0:
            continue
        reference = desk.first_fill[code]
        if kind == "trailing":
            reference = max(reference, desk.peak[code])
        if round(desk.mark[code] / reference - 1, 10) <= -float(width):
            desk.closed.add(code)
            desk.order[code] = Order("sell", units=desk.units[code], sell_out=True)


# --------------------------------------------------------------------------- what is filled


def sell_all_that_can(world: World, desk: Desk, bars: dict[str, Quote], day: dt.date) -> None:
    """A sell fills at a price above the lower limit; else it waits, for ever."""
    for code in world.codes:
        order = desk.order.get(code)
        if order is None or order.side != "sell":
            continue
        if code not in bars:
            wait(world, desk, code, day, "no bar")
            continue
        bar = bars[code]
        if bar.fill <= bar.lower:
            wait(world, desk, code, day, "lower limit")
            continue
        del desk.order[code]
        shares = order.units * bar.factor
        if world.whole_lots and not order.sell_out:
            shares = float(legal_count(board_of(code), shares))
        if shares == 0:
            continue
        amount = shares * bar.fill
        fees = fees_of(world, code, day, "sell", amount)
        if amount <= fees:  # a crumb that costs more to sell than it brings is kept
            continue
        desk.cash += amount - fees
        desk.fees_paid += fees
        desk.units[code] = 0.0 if order.sell_out else desk.units[code] - shares / bar.factor
        desk.orders.append((day, code, "sell", shares, bar.fill, fees))


def buy_all_that_can(world: World, desk: Desk, bars: dict[str, Quote], day: dt.date) -> None:
    """A buy fills at a price below the upper limit, out of its share of the cash."""
    buys = [code for code in world.codes if code in desk.order and desk.order[code].side == "buy"]
    sell_waits = any(order.side == "sell" for order in desk.order.values())
    wanted = sum(desk.order[code].budget for code in buys)
    funded = wanted <= desk.cash + slack(wanted)
    part = 1.0 if funded or not buys else max(desk.cash, 0.0) / wanted
    for code in buys:
        order = desk.order[code]
        if code not in bars:
            wait(world, desk, code, day, "no bar")
            continue
        bar = bars[code]
        if bar.fill >= bar.upper:
            wait(world, desk, code, day, "upper limit")
            continue
        shares = shares_for(world, code, day, bar.fill, part * order.budget)
        spent = 0.0
        if shares > 0:
            amount = shares * bar.fill
            fees = fees_of(world, code, day, "buy", amount)
            spent = amount + fees
            desk.cash -= spent
            desk.fees_paid += fees
            desk.units[code] += shares / bar.factor
            desk.first_fill.setdefault(code, bar.fill * bar.factor)
            desk.orders.append((day, code, "buy", shares, bar.fill, fees))
        elif funded and order.of_entry:
            desk.too_dear.append(code)
        left = order.budget - spent
        another = shares_for(world, code, day, bar.fill, left) > 0 if world.whole_lots else left > 0
        if funded or not sell_waits or not another:
            del desk.order[code]
        else:
            order.budget -= spent
            wait(world, desk, code, day, "cash")


def shares_for(world: World, code: str, day: dt.date, price: float, budget: float) -> float:
    """The most shares whose price and fees a budget pays."""
    if budget <= 0:
        return 0.0
    if not world.whole_lots:
        return max((budget - fees_of(world, code, day, "buy", budget)) / price, 0.0)
    least, step = {"star": (200, 1), "bse": (100, 1)}.get(board_of(code), (100, 100))

    def affordable(steps: int) -> bool:
        amount = (least + steps * step) * price
        fees = fees_of(world, code, day, "buy", amount)
        return amount + fees <= budget + slack(budget)

    if not affordable(0):
        return 0.0
    low, high = 0, 1  # affordable, and not
    while affordable(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if affordable(middle) else (low, middle)
    return float(least + low * step)


def wait(world: World, desk: Desk, code: str, day: dt.date, kind: str) -> None:
    """Log a failed session; a buy that fails once more than `max_wait` is given up instead."""
    order = desk.order[code]
    order.failed += 1
    if order.side == "buy" and order.failed > world.max_wait:
        del desk.order[code]
        if code not in desk.given_up:
            desk.given_up.append(code)
    else:
        desk.waits.append((day, code, order.side, kind))


# --------------------------------------------------------------------------- what it is worth


def write_down(world: World, desk: Desk, day: dt.date, books: Books) -> None:
    """The session's line in the books."""
    held = {
        code: desk.units[code] * desk.mark[code] for code in world.codes if desk.units[code] > 0
    }
    value = desk.cash + sum(held.values())
    leaving = sum(fees_of(world, code, day, "sell", amount) for code, amount in held.items())
    books.cash.append(desk.cash)
    books.units.append([desk.units[code] for code in world.codes])
    books.value.append(value)
    books.net.append((value - leaving) / world.capital - 1)
    books.executable.append((value + desk.fees_paid) / world.capital - 1)
