"""Portfolios for tests: bought once and held, or as a mandate asks."""

import numpy as np

from thesis.trading.ledger import keep_ledger
from thesis.trading.mandate import Mandate
from thesis.trading.planner import plan_orders


def mandate(
    conditions, weights, capital, *, max_wait=10, rebalance=(), close_out=None, stop=None, entry=0
):
    """The mandate of one portfolio; `rebalance` names rows."""
    days = len(conditions.sessions)
    rows = np.zeros((1, days), dtype=bool)
    rows[0, list(rebalance)] = True
    return Mandate(
        weights=np.array([weights], dtype=float),
        capital=np.array([capital], dtype=float),
        entry=np.array([entry]),
        rebalance=rows,
        close_out=np.array([days if close_out is None else close_out]),
        max_wait=np.array([max_wait]),
        stops={} if stop is None else {0: stop},
    )


def trade(conditions, weights, capital, **asked):
    """Plan and ledger of one portfolio."""
    blotter = plan_orders(conditions, mandate(conditions, weights, capital, **asked))
    return blotter.plan(0), keep_ledger(blotter).portfolio(0)


def plan_entry(conditions, weights, capital, max_wait=10):
    """The plan of buying once and holding."""
    return trade(conditions, weights, capital, max_wait=max_wait)[0]
