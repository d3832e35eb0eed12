"""From the paper basket to what a reader could have had: bridge, orders, waits and capacity."""

from thesis.reporting.backtest import Backtest
from thesis.reporting.pages.blocks import Block, Cell, Column, Line, Lines, Section, Sheet
from thesis.reporting.pages.cells import amount, chinese, code, day, rated, step, words
from thesis.reporting.pages.pictures import Pictures
from thesis.reporting.words.language import Language
from thesis.reporting.words.trading import (
    capacity_words,
    cause_word,
    how_words,
    side_word,
    stages,
    wait_runs,
    wait_words,
)
from thesis.scoring.reading import Reading


def trades_section(result: Backtest, lang: Language, pictures: Pictures) -> Section | None:
    """The bridge and the orders; None where nothing was traded."""
    traded = result.score.traded
    if not result.thesis.codes or result.paper is None:
        return None
    if traded is None:
        told = Lines((Line(lang.say("page.not_traded"), tone="quiet"),))
        return Section("trades", lang.say("page.trades"), (told,))
    blocks: list[Block] = [
        pictures.draw("bridge", lang.say("page.bridge_note")),
        _bridge(result, lang),
        Lines(
            tuple(
                Line(text)
                for text in (how_words(result, lang=lang), *capacity_words(result, lang=lang))
            )
        ),
        pictures.draw("timeline"),
        _orders(result, lang),
    ]
    if traded.plan.waits:
        blocks.append(_waits(result, lang))
    return Section("trades", lang.say("page.trades"), tuple(blocks))


def _bridge(result: Backtest, lang: Language) -> Sheet:
    rows: list[tuple[Cell, ...]] = []
    before: Reading | None = None
    for name, reading, told in stages(result, lang=lang):
        moved = reading.excess - before.excess if reading and before else None
        rows.append(
            (
                words(lang.say(f"stage.{name}")),
                rated(reading, result.thesis, lang),
                step(moved),
                words(told),
            )
        )
        before = reading
    columns = (
        Column(lang.say("page.stage")),
        Column(lang.say("page.excess"), is_number=True),
        Column(lang.say("page.step"), is_number=True),
        Column(lang.say("page.what_it_adds")),
    )
    return Sheet(lang.say("page.bridge_caption"), columns, tuple(rows))


def _orders(result: Backtest, lang: Language) -> Sheet:
    traded = result.score.traded
    names = {name.code: name.name for name in result.score.names}
    rows = [
        (
            day(order.session),
            code(order.code),
            chinese(names.get(order.code, ""), lang),
            words(side_word(order.side, lang=lang)),
            words(cause_word(order.cause, lang=lang)),
            amount(order.shares, 0 if order.shares == round(order.shares) else 3),
            amount(order.price),
            amount(order.amount),
            amount(order.fees),
        )
        for order in (traded.plan.orders if traded is not None else ())
    ]
    labels = ("session", "code", "name", "side", "cause")
    numbers = ("shares", "price", "amount", "order_fees")
    columns = (
        *(Column(lang.say(f"page.{label}")) for label in labels),
        *(Column(lang.say(f"page.{label}"), is_number=True) for label in numbers),
    )
    return Sheet(lang.say("page.orders_caption"), columns, tuple(rows), sortable=True)


def _waits(result: Backtest, lang: Language) -> Sheet:
    traded = result.score.traded
    names = {name.code: name.name for name in result.score.names}
    rows = [
        (
            code(run[0].code),
            chinese(names.get(run[0].code, ""), lang),
            words(side_word(run[0].side, lang=lang)),
            day(run[0].session),
            day(run[-1].session),
            amount(len(run), 0),
            words(wait_words(run, lang=lang)),
        )
        for run in wait_runs(traded.plan.waits if traded is not None else ())
    ]
    columns = (
        Column(lang.say("page.code")),
        Column(lang.say("page.name")),
        Column(lang.say("page.side")),
        Column(lang.say("page.first")),
        Column(lang.say("page.last")),
        Column(lang.say("page.sessions"), is_number=True),
        Column(lang.say("page.reason")),
    )
    return Sheet(lang.say("page.waits_caption"), columns, tuple(rows), sortable=True)
