"""Speed of trading as a ratio in one run: our orders against bare vectorbt, one call against many.

Both sides of a ratio do the same orders, in rounds that alternate, on process CPU time, so that a
busy machine slows both alike; medians are compared. Bare vectorbt is ``Portfolio.from_orders`` on
the very matrices we give it, with ``cash()``, ``assets()`` and ``value()`` read once, as a user
would read them and as our check of both books does; the ratios to ``from_orders`` alone stand in
the benchmarks' extra_info. Strategies' weights and conditions are prepared once, on both sides.
"""

import datetime as dt
import gc
import itertools
import time
from dataclasses import dataclass, replace

import numpy as np
import pytest

import thesis
from thesis.errors import NotScorableError
from thesis.research.catalog import Catalog
from thesis.scoring.needs import wanted_codes
from thesis.scoring.score import Case
from thesis.scoring.variants import score_variants
from thesis.trading.conditions import Conditions
from thesis.trading.execution import execute
from thesis.trading.portfolio import Assignment, assign, trade

pytestmark = pytest.mark.benchmark(timer=time.process_time)

AS_OF = dt.date(2026, 1, 1)

#: Every so many of the 500 runs alone, and the time is scaled up: 17 of them take every value of
#: every setting. Those are much alike, a few dozen milliseconds each.
ONE_IN = 31


@dataclass(frozen=True, eq=False)
class Work:
    """What is to be planned, booked and executed: strategies that share their conditions."""

    codes: tuple[str, ...]
    names: tuple[str, ...]
    conditions: Conditions
    assignments: list[Assignment]

    @classmethod
    def of(cls, found, panel, strategies):
        """The decisions of strategies, made once."""
        cases = {name: Case(found, how, panel, "total", AS_OF) for name, how in strategies.items()}
        scored = score_variants(cases)
        (batch,) = scored.batches
        conditions = batch.blotter.conditions
        assignments = [
            assign(
                found, each.strategy, panel, batch.codes, each.basis.weights, conditions.sessions,
                each.when,
            )
            for each in scored.variants
        ]  # fmt: skip
        return cls(batch.codes, batch.names, conditions, assignments)

    def fresh(self):
        """The same on conditions from scratch: fees and marks are worked out in planning too."""
        return replace(self, conditions=replace(self.conditions))

    def book(self):
        """The ledger of all of them."""
        return trade(self.conditions, self.assignments)[1]

    def run(self):
        """Plan, book and execute all of them, in one call of vectorbt."""
        return execute(self.book(), self.codes, self.names)

    def alone(self, number):
        """Plan, book and execute one of them, as a backtest of it does."""
        _, books = trade(self.conditions, [self.assignments[number]])
        return execute(books.portfolio(0), self.codes)


@pytest.fixture(scope="module")
def prices(request):
    """The folder of real prices where there is one, else the sample."""
    try:
        return str(request.getfixturevalue("market"))
    except pytest.skip.Exception:
        return "sample"


@pytest.fixture(scope="module")
def theses(prices):
    """The work of every bundled thesis under the default strategy; sector calls have none."""
    bundled = [thesis.load(name) for name in Catalog.default().bundled()]
    everything = thesis.read_prices(prices, {c for found in bundled for c in wanted_codes(found)})
    works = []
    for found in bundled:
        panel = everything.select(wanted_codes(found))
        try:
            works.append(Work.of(found, panel, {"only": thesis.Strategy()}))
        except NotScorableError:
            assert () == found.codes
    return works


@pytest.fixture(scope="module")
def strategies():
    """500 strategies: weights x rebalance x delay x capital."""
    codes = thesis.load("media_ai").codes
    rising = {code: (number + 1) / 28 for number, code in enumerate(codes)}
    settings = itertools.product(
        ("equal", "segment", "inverse_vol", "float_cap", rising),
        ("none", "weekly", "monthly", "quarterly"),
        range(5),
        (2e5, 1e6, 1e7, 1e8, 1e9),
    )
    return {
        str(number): thesis.Strategy(weights=weights, rebalance=rebalance, delay=delay, capital=cny)
        for number, (weights, rebalance, delay, cny) in enumerate(settings)
    }


@pytest.fixture(scope="module")
def media(prices):
    """The thesis of the sweep, and its prices."""
    found = thesis.load("media_ai")
    return found, thesis.read_prices(prices, wanted_codes(found))


@pytest.fixture(scope="module")
def variants(media, strategies):
    """The work of 500 variants of media_ai."""
    return Work.of(*media, strategies)


@pytest.fixture
def matrices(monkeypatch):
    """What vectorbt is given by some calls, to be given it again without us."""
    from vectorbt import Portfolio

    real = Portfolio.from_orders

    def recorded(*calls):
        given = []
        with monkeypatch.context() as patch:
            patch.setattr(Portfolio, "from_orders", lambda **k: given.append(k) or real(**k))
            for call in calls:
                call()
        assert len(calls) == len(given)  # more: the books agreed only on a second try
        return given

    return recorded


def bare(given, *, read=True):
    """The bare calls of vectorbt, and what a user reads of each."""
    from vectorbt import Portfolio

    for each in given:
        portfolio = Portfolio.from_orders(**each)
        if read:
            for name in ("cash", "assets", "value"):
                getattr(portfolio, name)()


def cpu(call):
    """CPU seconds of a call without the garbage collector, as pytest-benchmark takes them."""
    gc.disable()
    try:
        start = time.process_time()
        call()
        return time.process_time() - start
    finally:
        gc.enable()


def interleaved(timings, pieces, rounds=5):
    """CPU seconds of ours, and of each call beside it: medians over the rounds, summed over pieces.

    A piece is a tuple of calls, ours first. They alternate, and so do the pieces within a round.
    """
    beside = []
    turns = itertools.cycle(pieces)

    def between():
        ours, *others = next(turns)
        beside.append([cpu(call) for call in others])
        return (ours,), {}

    for call in itertools.chain(*pieces):  # compile and cache all sides first
        call()
    count = len(pieces)
    ours = timings(lambda call: call(), between, rounds * count)
    took = [[own, *others] for own, others in zip(ours, beside, strict=True)]
    medians = [np.median(took[piece::count], axis=0) for piece in range(count)]
    return np.sum(medians, axis=0)


def test_all_theses_cost_at_most_half_more_than_bare_vectorbt(benchmark, timings, theses, matrices):
    pieces = [
        (
            lambda w=work: w.fresh().alone(0),
            lambda g=given: bare(g),
            lambda g=given: bare(g, read=False),
        )
        for work in theses
        for given in [matrices(lambda w=work: w.alone(0))]
    ]
    took, base, alone = interleaved(timings, pieces, rounds=9)
    benchmark.extra_info["x bare"] = round(took / base, 2)
    benchmark.extra_info["x from_orders alone"] = round(took / alone, 1)

    assert 9 == len(theses)
    assert took <= 1.5 * base


def test_planning_and_booking_all_theses_take_at_most_half_of_from_orders_alone(
    benchmark, timings, theses, matrices
):
    pieces = [
        (lambda w=work: w.fresh().book(), lambda g=given: bare(g, read=False))
        for work in theses
        for given in [matrices(lambda w=work: w.alone(0))]
    ]
    took, alone = interleaved(timings, pieces, rounds=15)
    benchmark.extra_info["x from_orders alone"] = round(took / alone, 2)

    assert took <= 0.5 * alone


def test_500_variants_in_one_call_are_60_times_faster_than_500_calls(
    benchmark, timings, variants, matrices
):
    numbers = range(0, 500, ONE_IN)
    scale = 500 / len(numbers)
    batch = matrices(variants.run)
    singles = matrices(*(lambda n=n: variants.alone(n) for n in numbers))
    took, each, took_alone, each_alone = interleaved(
        timings,
        [
            (
                lambda: bare(batch),
                lambda: bare(singles),
                lambda: bare(batch, read=False),
                lambda: bare(singles, read=False),
            )
        ],
    )
    benchmark.extra_info["x faster"] = round(scale * each / took)
    benchmark.extra_info["x faster, from_orders alone"] = round(scale * each_alone / took_alone)

    assert 500 == len(variants.assignments)
    assert 60 * took <= scale * each


def test_500_variants_planned_booked_and_executed_are_30_times_faster_together(
    benchmark, timings, variants
):
    numbers = range(0, 500, ONE_IN)
    scale = 500 / len(numbers)
    took, each = interleaved(
        timings, [(variants.run, lambda: [variants.alone(n) for n in numbers])]
    )
    benchmark.extra_info["x faster"] = round(scale * each / took)

    assert 30 * took <= scale * each


def test_what_is_faster_together_are_the_same_orders(variants):
    columns = len(variants.codes)
    together = variants.run().orders.values
    for number in range(0, 500, ONE_IN):
        own = variants.alone(number).orders.values
        mine = together[together["col"] // columns == number]

        assert own["col"].tolist() == (mine["col"] % columns).tolist()
        for name in ("idx", "size", "price", "fees", "side"):
            np.testing.assert_array_equal(own[name], mine[name])


def test_a_sweep_of_500_strategies_costs_no_more_than_ten_backtests(
    benchmark, timings, media, strategies
):
    found, panel = media
    alone = list(strategies.values())[::50]

    def backtests():
        for how in alone:
            thesis.backtest(found, panel, how, as_of=AS_OF)

    def sweep():
        return thesis.sweep(found, strategies, panel, as_of=AS_OF).table

    took, ten = interleaved(timings, [(sweep, backtests)], rounds=3)
    benchmark.extra_info["backtests"] = round(10 * took / ten, 1)

    assert (500, 10) == (len(sweep()), len(alone))
    assert took <= ten
