"""The planner against a second opinion: books by hand, and a slow trader written from the rules."""

import datetime as dt

import numpy as np
import pytest
from hypothesis import given, settings
from trading.hand_ledgers import CASES, differences
from trading.slow_trader import Books, World, trade
from trading.worlds import random_world, worlds

from thesis.research.security import parse_security
from thesis.trading.blotter import Blotter
from thesis.trading.conditions import NO_BAR, Conditions
from thesis.trading.execution import execute
from thesis.trading.exits import OnDate, PriceExit, parse_exit
from thesis.trading.ledger import Ledger, keep_ledger
from thesis.trading.mandate import Mandate
from thesis.trading.planner import plan_orders
from thesis.trading.schedule import rebalance_rows


def conditions_of(world: World) -> Conditions:
    return Conditions.plain(
        world.sessions,
        [parse_security(code) for code in world.codes],
        world.fill,
        world.close,
        world.factor,
        (world.upper, world.lower),
        costs=world.costs,
        whole_lots=world.whole_lots,
    )


def mandate_of(world: World) -> Mandate:
    ever = len(world.sessions)
    rule = parse_exit(world.exit)
    close_out = rule.row(world.sessions) if isinstance(rule, OnDate) else None
    return Mandate(
        weights=np.array([world.weights], dtype=float),
        capital=np.array([world.capital], dtype=float),
        entry=np.array([0]),
        rebalance=rebalance_rows(world.sessions, world.rebalance)[None, :],
        close_out=np.array([ever if close_out is None else close_out]),
        max_wait=np.array([world.max_wait]),
        stops={0: rule} if isinstance(rule, PriceExit) else {},
    )


def planned(world: World) -> tuple[Blotter, Ledger]:
    blotter = plan_orders(conditions_of(world), mandate_of(world))
    return blotter, keep_ledger(blotter).portfolio(0)


def kind(reason: str) -> str:
    if reason == NO_BAR:
        return "no bar"
    for limit in ("upper limit", "lower limit"):
        if limit in reason:
            return limit
    return "cash" if reason.startswith("its cash waits for the sale of ") else reason


def books(world: World) -> Books:
    """The planner's books in the slow trader's form."""
    blotter, ledger = planned(world)
    plan = blotter.plan(0)
    return Books(
        cash=ledger.cash.tolist(),
        units=ledger.units.tolist(),
        value=ledger.value.tolist(),
        net=ledger.net.tolist(),
        executable=ledger.executable.tolist(),
        orders=[(o.session, o.code, o.side, o.shares, o.price, o.fees) for o in plan.orders],
        waits=[(w.session, w.code, w.side, kind(w.reason)) for w in plan.waits],
        given_up=[c for c, yes in zip(world.codes, blotter.given_up[0], strict=True) if yes],
        too_dear=[c for c, yes in zip(world.codes, blotter.too_dear[0], strict=True) if yes],
    )


@pytest.mark.parametrize("name", CASES)
def test_the_planner_keeps_the_books_of_the_hand(name):
    assert [] == differences(name, books(CASES[name]))


def agree(world: World) -> None:
    mine, slow = books(world), trade(world)
    tolerance = max(1e-6, 1e-12 * world.capital)

    assert sorted(slow.waits) == sorted(mine.waits)
    assert sorted(slow.given_up) == sorted(mine.given_up)
    assert sorted(slow.too_dear) == sorted(mine.too_dear)
    assert [order[:3] for order in sorted(slow.orders)] == [o[:3] for o in sorted(mine.orders)]
    for theirs, ours in zip(sorted(slow.orders), sorted(mine.orders), strict=True):
        assert theirs[3:] == pytest.approx(ours[3:], rel=1e-9, abs=1e-6)
    for what in ("cash", "value"):
        np.testing.assert_allclose(getattr(slow, what), getattr(mine, what), atol=tolerance)
    for what in ("net", "executable", "units"):
        np.testing.assert_allclose(getattr(slow, what), getattr(mine, what), rtol=1e-9, atol=1e-9)


@settings(deadline=None, max_examples=80)
@given(worlds())
def test_the_planner_trades_as_a_slow_loop_over_the_rules_does(world):
    agree(world)


@pytest.mark.parametrize("seed", range(120))
def test_the_planner_trades_as_a_slow_loop_does_in_stormy_worlds(seed):
    agree(random_world(seed))


@pytest.mark.parametrize("seed", range(30))
def test_vectorbt_keeps_the_planner_s_books_in_every_world(seed):
    world = random_world(seed)
    _, ledger = planned(world)

    execute(ledger, world.codes)  # raises where cash, units or value differ on any session


def test_no_share_is_sold_on_the_session_it_was_bought():
    for seed in range(1000, 1100):
        # A sale never exceeds what was held when its session began.
        units = planned(random_world(seed))[0].units[:, 0]
        held = np.vstack([np.zeros(units.shape[1]), units.cumsum(axis=0)[:-1]])
        assert (np.where(units < 0, -units, 0.0) <= held + 1e-9 * (1 + held)).all()


def test_sessions_are_dates():
    orders = planned(random_world(1))[0].plan(0).orders
    assert all(type(order.session) is dt.date for order in orders)
