"""Speed of the placebo as a ratio in one run: drawing and summing lists against reading bytes.

Paths of 10,000 lists of 20 from 5,000 stocks on 126 sessions take 25 million numbers from the
universe's rows. Whatever sums them must read them: the other side of the ratio is one sum over as
many numbers lying in a row. Both sides alternate, on process CPU time; medians are compared.
"""

import datetime as dt
import statistics
import time
import tracemalloc

import numpy as np
import pytest

from thesis.research.rating import shipped_scales
from thesis.scoring.placebo import placebo
from thesis.scoring.reading import Horizon
from thesis.scoring.universe import Universe
from thesis.scoring.watchlists import Stratum, basket_paths, draw_lists

pytestmark = pytest.mark.benchmark(timer=time.process_time)

LISTS, NAMES, STOCKS, SESSIONS = 10_000, 20, 5_000, 126


def returns_of(stocks, sessions=SESSIONS):
    return np.random.default_rng(1).normal(0, 0.02, size=(stocks, sessions)).cumsum(axis=1)


def whole_market(stocks):
    everyone = np.arange(stocks, dtype=np.int32)
    return (Stratum("market", everyone[:NAMES], everyone),)


def draw_and_sum(returns, lists=LISTS):
    drawn = draw_lists(whole_market(len(returns)), lists, np.random.default_rng(2))
    return basket_paths(returns, drawn, np.full(NAMES, 1 / NAMES))


def test_paths_of_10_000_lists_take_at_most_10_times_reading_what_they_gather(benchmark, timings):
    returns = returns_of(STOCKS)
    gathered = np.ones(LISTS * NAMES * SESSIONS)
    reading = []

    def read():
        start = time.process_time()
        gathered.sum()
        reading.append(time.process_time() - start)

    draw_and_sum(returns)  # both sides have been through memory once
    gathered.sum()
    took = statistics.median(timings(lambda: draw_and_sum(returns), read, 9))
    base = statistics.median(reading)
    benchmark.extra_info["x reading"] = round(took / base, 1)

    assert took <= 10 * base


def peak(call, *args):
    """The most memory a call holds beyond what was there."""
    tracemalloc.start()
    try:
        call(*args)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_memory_of_lists_and_paths_does_not_grow_with_the_universe():
    few, many = (peak(draw_and_sum, returns_of(stocks, 32)) for stocks in (500, 20_000))
    paths = 8 * LISTS * 32

    assert many - few < 0.2e6  # the numbers of the stocks: two arrays of int32
    assert few < paths + 4 * 8 * LISTS * NAMES  # the paths, and a few numbers a place


def test_memory_of_a_placebo_has_no_part_that_is_lists_times_stocks():
    horizon, scale = Horizon({"3m": 8, "6m": 15}), shipped_scales()["sinolink_industry"]
    weights = np.linspace(1, 2, NAMES) / (1.5 * NAMES)

    def run(universe, lists):
        path, against = weights @ universe.returns[:NAMES], np.zeros(16)
        codes = universe.codes[:NAMES]
        placebo(universe, codes, weights, path, against, horizon, scale, lists, 1)

    def market(stocks):
        returns = returns_of(stocks, 16)
        return Universe(
            codes=tuple(f"{number:06d}.SZ" for number in range(stocks)),
            returns=returns,
            industry=("801760.SI",) * stocks,
            tercile=np.zeros(stocks, np.int8),
            size=np.ones(stocks),
            size_measure=("float_cap",) * stocks,
            sized_on=dt.date(2024, 9, 23),
            left_out={},
            ended=(),
            missing=(),
            equal_weight=returns.mean(axis=0),
        )

    small, large = market(1_000), market(9_000)
    run(small, 10)
    grown = {lists: peak(run, large, lists) - peak(run, small, lists) for lists in (500, 8_000)}

    # A byte a list and stock would be 8,000 x 8,000 = 64 MB.
    assert grown[8_000] - grown[500] < 1e6
