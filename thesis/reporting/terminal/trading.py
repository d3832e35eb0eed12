"""How a basket was traded, for the terminal: the bridge, the waits, the orders, the capacity."""

from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from thesis.reporting.backtest import Backtest
from thesis.reporting.terminal.grid import titled_table
from thesis.reporting.words.terms import reading_text, signed
from thesis.reporting.words.trading import (
    capacity_words,
    how_words,
    stages,
    wait_runs,
    wait_words,
)
from thesis.scoring.reading import Reading

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


def bridge_line(result: Backtest) -> RenderableType:
    """The bridge at the headline in a sentence: each stage, and its step from the one before."""
    told = list[str]()
    before: Reading | None = None
    for name, reading, _ in stages(result):
        step = "" if reading is None or before is None else f" ({_step(reading, before)})"
        told.append(f"{name} {reading_text(reading, result.thesis)}{step}")
        before = reading
    return Text(f"Bridge at the mean: {', '.join(told)}")


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
    for name, reading, words in stages(result):
        told = _step(reading, before) if reading and before else "-"
        table.add_row(name, reading_text(reading, result.thesis), told, words)
        before = reading
    return table


def _step(reading: Reading, before: Reading) -> str:
    return signed((reading.excess - before.excess) * 100, 2)


def how_line(result: Backtest) -> RenderableType:
    """The strategy in one sentence, and how much of its capital was put to work."""
    return Text(how_words(result), style="dim")


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
    runs = wait_runs(traded.plan.waits) if traded is not None else []
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
            wait_words(run),
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


def _names(result: Backtest) -> dict[str, str]:
    return {name.code: name.name for name in result.score.names}


def _cut(table: Table, rows: int) -> None:
    """Say what a terminal is not shown."""
    if rows > MOST_ROWS:
        table.caption = f"and {rows - MOST_ROWS} more: --csv FOLDER or --json FILE has all"
        table.caption_justify = "left"
