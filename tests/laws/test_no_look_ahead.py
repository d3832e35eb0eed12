"""What is decided uses bars that had ended before publication; the fill may read its own price."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thesis.market.calendar import SHANGHAI
from thesis.scoring.assess import timing_of
from thesis.scoring.score import Case
from thesis.trading.simulation import decide_weights
from thesis.trading.strategy import Strategy

LAW = settings(deadline=None, max_examples=12, derandomize=True)
HIGHER = ("high", "low", "close", "amount")


def decided(lab, world, strategy, thesis):
    case = Case(thesis, strategy, world.panel(), "total", lab.AS_OF)
    return decide_weights(thesis, strategy, case.panel, timing_of(case)).total


def entry_orders(result):
    first = result.when.entry
    return {
        order.code: (order.shares, order.price, order.fees)
        for order in result.traded.plan.orders
        if order.session == first
    }


UPHEAVALS = ("prices", "factor", "volume", "gone", "the entry but its open")


@st.composite
def upheavals(draw, lab, world, how):
    """The market with later bars of a name changed: other prices, other factors, or none."""
    code = draw(st.sampled_from(lab.NAMES))
    entry = world.row(lab.ENTRY)
    row = draw(st.integers(entry + 1, len(world.axis) - 2))
    later = slice(row, draw(st.integers(row + 1, len(world.axis))))
    by = draw(st.sampled_from([0.25, 0.5, 2.0, 8.0]))
    if how == "prices":
        return world.times(code, later, by)
    if how == "factor":
        return world.times(code, slice(row, None), by, ("factor", "share_factor"))
    if how == "volume":
        return world.times(code, later, by, ("volume", "amount"))
    if how == "gone":
        return world.without(code, later)
    # The fill of an open may read that open, and nothing else of its session.
    for other in lab.NAMES:
        world = world.times(other, slice(entry, entry + 1), by, ("close", "volume"))
        world = world.times(other, slice(entry, entry + 1), 10.0, ("high",))
        world = world.times(other, slice(entry, entry + 1), 0.1, ("low",))
    return world


@pytest.mark.parametrize("how", UPHEAVALS)
@settings(LAW, max_examples=6)
@given(data=st.data())
def test_changing_any_later_bar_changes_no_weight_and_no_order_of_the_entry(lab, how, data):
    world = data.draw(lab.worlds())
    changed = data.draw(upheavals(lab, world, how))
    strategy, thesis = Strategy(weights=lab.by_volatility), lab.thesis()

    assert decided(lab, world, strategy, thesis) == decided(lab, changed, strategy, thesis)
    assert entry_orders(lab.score(world, strategy)) == entry_orders(lab.score(changed, strategy))


@pytest.mark.parametrize("price", ["open", "close"])
@settings(LAW, max_examples=6)
@given(data=st.data())
def test_an_order_fills_at_the_raw_price_of_its_own_session(lab, price, data):
    world = data.draw(lab.worlds())
    result = lab.score(world, Strategy(entry=price))

    assert result.traded.plan.orders
    for order in result.traded.plan.orders:
        row, column = world.row(order.session), world.codes.index(order.code)

        assert world.fields[price][row, column] == order.price


@LAW
@given(data=st.data())
def test_changing_a_bar_changes_no_earlier_return(lab, data):
    world = data.draw(lab.worlds())
    code = data.draw(st.sampled_from(lab.NAMES))
    row = data.draw(st.integers(world.row(lab.ENTRY), world.row(lab.END)))
    before, after = lab.score(world), lab.score(world.times(code, slice(row, None), 3.0))
    earlier = row - world.row(lab.ENTRY)

    assert before.paper.path[:earlier].tolist() == after.paper.path[:earlier].tolist()
    assert before.net.path[:earlier].tolist() == after.net.path[:earlier].tolist()


@pytest.mark.parametrize("delay", [0, 1, 5])
@pytest.mark.parametrize("entry", ["open", "close"])
def test_a_delay_lets_no_later_bar_into_the_weights(lab, entry, delay):
    world, thesis = lab.world(7), lab.thesis()
    strategy = Strategy(weights=lab.by_volatility, entry=entry, delay=delay)
    changed = world.times("300308.SZ", slice(world.row(lab.ENTRY), None), 4.0)

    assert decided(lab, world, strategy, thesis) == decided(lab, changed, strategy, thesis)


def test_the_last_bar_before_publication_does_count(lab):
    world, thesis = lab.world(7), lab.thesis()
    strategy = Strategy(weights=lab.by_volatility)
    last = world.row("2024-10-11")
    changed = world.times("300308.SZ", slice(last, None), 4.0)

    assert decided(lab, world, strategy, thesis) != decided(lab, changed, strategy, thesis)


@pytest.mark.parametrize(
    ("published", "entry", "known"),
    [
        (dt.date(2024, 10, 13), "open", "2024-10-11"),
        (dt.date(2024, 10, 14), "open", "2024-10-14"),
        (dt.datetime(2024, 10, 14, 9, 0, tzinfo=SHANGHAI), "open", "2024-10-11"),
        (dt.datetime(2024, 10, 14, 14, 30, tzinfo=SHANGHAI), "close", "2024-10-11"),
        (dt.datetime(2024, 10, 14, 14, 30, tzinfo=SHANGHAI), "open", "2024-10-11"),
        (dt.datetime(2024, 10, 14, 15, 0, tzinfo=SHANGHAI), "open", "2024-10-11"),
        (dt.datetime(2024, 10, 14, 15, 30, tzinfo=SHANGHAI), "open", "2024-10-14"),
    ],
)
def test_a_weighting_is_shown_no_bar_that_had_not_ended(lab, published, entry, known):
    shown = []

    def spy(thesis, history):
        shown.append(history)
        return dict.fromkeys(thesis.codes, 1 / len(thesis.codes))

    decided(lab, lab.world(7), Strategy(weights=spy, entry=entry), lab.thesis(published=published))
    (history,) = shown

    assert np.datetime64(known) == history.sessions[-1]
    assert {len(history.sessions)} == {len(grid) for grid in history.fields.values()}
    assert known == str(history.last_bar("300308.SZ"))
    assert set(lab.NAMES) == set(history.codes)


def test_a_weighting_cannot_reach_later_bars_through_its_arrays(lab):
    reached = []

    def thief(thesis, history):
        for grid in history.fields.values():
            owner = grid
            while owner.base is not None:
                owner = owner.base
            reached.append(len(owner))
        return dict.fromkeys(thesis.codes, 1 / len(thesis.codes))

    world = lab.world(7)
    decided(lab, world, Strategy(weights=thief), lab.thesis())

    assert max(reached) <= world.row(lab.ENTRY)


def test_a_weighting_cannot_write_into_the_panel(lab):
    def vandal(thesis, history):
        history.fields["close"][0, 0] = 1.0

    with pytest.raises(ValueError, match="read-only"):
        decided(lab, lab.world(7), Strategy(weights=vandal), lab.thesis())


@LAW
@given(data=st.data())
def test_nothing_after_today_is_looked_at(lab, data):
    world = data.draw(st.integers(0, 2**32 - 1).map(lab.world))
    today = world.axis[data.draw(st.integers(world.row(lab.ENTRY), world.row(lab.END)))]
    known = lab.score(world.until(today), as_of=today.item())
    asked = lab.score(world, as_of=today.item())

    assert lab.same(lab.paper_numbers(known), lab.paper_numbers(asked))
    assert lab.same(lab.net_numbers(known), lab.net_numbers(asked))
    assert len(known.paper.path) == len(asked.paper.path)


@LAW
@given(data=st.data())
def test_bars_after_the_window_change_no_number(lab, data):
    world, strategy = data.draw(lab.worlds()), data.draw(lab.strategies())
    # Four sessions on, every name has traded again: a suspension is told from an end by that.
    day = world.axis[data.draw(st.integers(world.row(lab.END) + 4, len(world.axis) - 1))]
    short, long = lab.score(world.until(day), strategy), lab.score(world, strategy)

    assert lab.same(lab.paper_numbers(short), lab.paper_numbers(long))
    assert lab.same(lab.net_numbers(short), lab.net_numbers(long))


@LAW
@given(data=st.data())
def test_wild_bars_after_the_window_change_no_number(lab, data):
    world, strategy = data.draw(lab.worlds()), data.draw(lab.strategies())
    code = data.draw(st.sampled_from([*lab.NAMES, "801760.SI"]))
    wild = world.times(code, slice(world.row(lab.END) + 1, None), 5.0)
    before, after = lab.score(world, strategy), lab.score(wild, strategy)

    assert lab.same(lab.paper_numbers(before), lab.paper_numbers(after))
    assert lab.same(lab.net_numbers(before), lab.net_numbers(after))
