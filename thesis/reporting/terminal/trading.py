"""How a basket was traded, for the terminal: the bridge, the waits, the orders, the capacity."""

from collections.abc import Iterator, Sequence

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from thesis.market.calendar import session_after
from thesis.reporting.backtest import Backtest
from thesis.reporting.terminal.cards import titled_table
from thesis.reporting.words import band_name, points, reading_text, signed
from thesis.scoring.reading import HEADLINE, Reading
from thesis.trading.orders import Wait
from thesis.trading.strategy import Strategy

#: Rows of orders and of waits that a terminal is shown; files have all.
MOST_ROWS = 24


def trading_parts(result: Backtest, *, plain: bool = False) -> list[RenderableType]:
    """Everything about the orders, as parts of a view; none where nothing was traded."""
    traded = result.score.traded
    if traded is None or result.paper is None:
        return []
    parts: list[RenderableType] = [Text(), bridge_table(result, plain=plain), how_line(result)]
    parts += [Text(words, style="dim") for words in capacity_words(result)]
    if traded.plan.waits:
        parts += [Text(), waits_table(result, plain=plain)]
    if traded.plan.orders:
        parts += [Text(), orders_table(result, plain=plain)]
    return parts


def bridge_table(result: Backtest, *, plain: bool = False) -> Table:
    """Paper to executable to net at the headline: the excess of each stage, and what it cost."""
    table = titled_table(
        "Bridge: from the paper basket to what a reader could have had, points", plain
    )
    table.add_column("stage", no_wrap=True)
    table.add_column("excess and rating", justify="right", no_wrap=True)
    table.add_column("step", justify="right", no_wrap=True)
    table.add_column("what it adds")
    before: Reading | None = None
    for name, reading, words in _stages(result):
        step = reading.excess - before.excess if reading and before else None
        told = "-" if step is None else signed(step * 100, 2)
        table.add_row(name, reading_text(reading, result.thesis), told, words)
        before = reading
    return table


def how_line(result: Backtest) -> RenderableType:
    """The strategy in one sentence, and how much of its capital was put to work."""
    traded = result.score.traded
    if traded is None:
        return Text()
    plan, how = traded.plan, result.score.case.strategy
    traded_for = {order.session for order in plan.orders if order.cause == "rebalance"}
    turned = sum(session in traded_for for session in plan.rebalances)
    rebalanced = (
        f" {_counted(len(plan.rebalances), 'rebalance')}, {turned} of them with an order at once."
        if how.rebalance != "none"
        else ""
    )
    waits, runs = len(plan.waits), len(_runs(plan.waits))
    waited = (
        f"{_counted(runs, 'wait')} of {_counted(waits, 'session')} in all" if runs else "no wait"
    )
    return Text(
        f"CNY {plan.capital:,.0f}, {strategy_words(how)}: {_counted(len(plan.orders), 'order')}, "
        f"{waited}, {plan.spent / plan.capital:.1%} invested at entry.{rebalanced}",
        style="dim",
    )


def strategy_words(how: Strategy) -> str:
    """What a strategy does, where it is not the default, in a few words."""
    parts = [
        f"{how.weights_name} weights",
        f"{how.rebalance} rebalancing" if how.rebalance != "none" else "",
        f"exit {how.exit_name}" if how.exit_name != "horizon" else "",
        "idle cash in the benchmark" if how.cash == "benchmark" else "",
        "dividends taxed as an individual's" if how.dividend_tax != "none" else "",
        "no price limits" if how.limits == "none" else "",
        "no fees" if how.costs == "none" else "",
        "fractions of shares" if how.lots == "fractional" else "",
    ]
    return ", ".join(part for part in parts if part)


def capacity_words(result: Backtest) -> list[str]:
    """How large the strategy can grow before its size eats its rating, in a sentence."""
    traded, thesis = result.score.traded, result.thesis
    found = traded.capacity if traded is not None else None
    if found is None:
        return []
    rating = band_name(thesis, found.rating)
    if found.capital is None or found.excess is None:
        return [f"Capacity: {found.reason}."]
    told = f"these orders, scaled, keep {rating} up to CNY {short_amount(found.capital)}"
    first = found.first_limited
    limited = (
        f"; from CNY {short_amount(first.capital)} on, {first.code} takes more than one session"
        if first is not None
        else ""
    )
    words = (
        f"Capacity: {told}, taking at most {found.participation:.0%} of a session's amount and "
        f"moving prices by {found.constant:g} x daily volatility x square root of an order's size "
        f"in sessions' amounts, whatever the float{limited}. With that impact, "
        f"{points(found.excess)} at this capital."
    )
    return [words]


def short_amount(amount: float) -> str:
    """An amount of money in millions or billions, two digits.

    Examples
    --------
    >>> short_amount(5_881_912_225.0), short_amount(72_580_449.0)
    ('5.9 billion', '73 million')
    """
    for size, name in ((1e12, "trillion"), (1e9, "billion"), (1e6, "million")):
        if amount >= size:
            return f"{amount / size:.{0 if amount >= 9.95 * size else 1}f} {name}"
    return f"{amount:,.0f}"


def waits_table(result: Backtest, *, plain: bool = False) -> Table:
    """Orders that could not be filled, a row a run of sessions of one reason."""
    table = titled_table("Waits: orders that could not be filled, and why", plain)
    for heading in ("code", "name", "side", "from", "to", "sessions", "reason"):
        table.add_column(
            heading,
            no_wrap=heading != "reason",
            justify="right" if heading == "sessions" else "left",
        )
    traded = result.score.traded
    runs = _runs(traded.plan.waits) if traded is not None else []
    names = _names(result)
    for run in runs[:MOST_ROWS]:
        first, last = run[0], run[-1]
        table.add_row(
            first.code,
            names.get(first.code, ""),
            first.side,
            str(first.session),
            str(last.session),
            str(len(run)),
            first.reason if len(run) == 1 else _kind(first.reason),
        )
    _cut(table, len(runs))
    return table


def orders_table(result: Backtest, *, plain: bool = False) -> Table:
    """Every order, in raw shares and CNY."""
    traded = result.score.traded
    orders = traded.plan.orders if traded is not None else ()
    parts = any(order.shares != round(order.shares) for order in orders)
    note = " (fractions: dividends that bought shares)" if parts else ""
    table = titled_table(f"Orders: raw shares{note}, CNY", plain)
    for heading in ("session", "code", "name", "side", "for"):
        table.add_column(heading, no_wrap=True)
    for heading in ("shares", "price", "amount", "fees"):
        table.add_column(heading, justify="right", no_wrap=True)
    names = _names(result)
    for order in orders[:MOST_ROWS]:
        table.add_row(
            str(order.session),
            order.code,
            names.get(order.code, ""),
            order.side,
            order.cause,
            f"{order.shares:,.0f}"
            if order.shares == round(order.shares)
            else f"{order.shares:,.3f}",
            f"{order.price:,.2f}",
            f"{order.amount:,.2f}",
            f"{order.fees:,.2f}",
        )
    _cut(table, len(orders))
    return table


def _stages(result: Backtest) -> Iterator[tuple[str, Reading | None, str]]:
    """Each stage of the bridge: its name, its reading, and what it adds to the one before."""
    traded, paper, how = result.score.traded, result.paper, result.score.case.strategy
    if traded is None or paper is None:
        return
    yield "paper", paper.headline, "bought at the entry price, held, no friction"
    managed = [
        f"{how.rebalance} rebalancing" if how.rebalance != "none" else "",
        f"exit {how.exit_name}" if how.exit_name != "horizon" else "",
        "cash in the benchmark" if how.cash == "benchmark" else "",
    ]
    if any(managed):
        words = ", ".join(part for part in managed if part)
        yield "frictionless", traded.frictionless[HEADLINE], f"{words}, in fractions of shares"
    rules = ["lots" if how.lots == "exchange" else "", "suspensions"]
    rules.append("price limits, T+1" if how.limits == "exchange" else "no price limits")
    yield "executable", traded.executable[HEADLINE], ", ".join(part for part in rules if part)
    fees = "commission, transfer fee, stamp duty; sold at the reading"
    fees += ", tax on dividends" if how.dividend_tax != "none" else ""
    yield "net", traded.leg.headline, fees if how.costs != "none" else "no fees"


def _runs(waits: Sequence[Wait]) -> list[list[Wait]]:
    """Waits of one code, side and kind of reason on consecutive sessions, together."""
    runs: list[list[Wait]] = []
    for wait in sorted(waits, key=lambda w: (w.code, w.side, _kind(w.reason), w.session)):
        last = runs[-1][-1] if runs else None
        if (
            last is not None
            and (last.code, last.side, _kind(last.reason))
            == (wait.code, wait.side, _kind(wait.reason))
            and session_after(last.session) == wait.session
        ):
            runs[-1].append(wait)
        else:
            runs.append([wait])
    return sorted(runs, key=lambda run: (run[0].session, run[0].code))


def _kind(reason: str) -> str:
    """A reason without its price, which differs from session to session."""
    return reason.partition(", CNY")[0]


def _names(result: Backtest) -> dict[str, str]:
    return {name.code: name.name for name in result.score.names}


def _cut(table: Table, rows: int) -> None:
    """Say what a terminal is not shown."""
    if rows > MOST_ROWS:
        table.caption = f"and {rows - MOST_ROWS} more: --csv FOLDER or --json FILE has all"
        table.caption_justify = "left"


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
