"""The parts add up to the whole, at every reading."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thesis.trading.strategy import Strategy

LAW = settings(deadline=None, max_examples=12, derandomize=True)
EXACT = 1e-12


@LAW
@given(data=st.data())
def test_names_and_segments_add_up_to_the_basket(lab, data):
    world, strategy = data.draw(lab.worlds()), data.draw(lab.strategies())
    basis = data.draw(st.sampled_from(["total", "price"]))
    result = lab.score(world, strategy, basis=basis)

    for key, reading in result.paper.readings.items():
        names = math.fsum(name.contribution[key] for name in result.names)
        segments = math.fsum(part.contribution[key] for part in result.segments)

        assert reading.ret == pytest.approx(names, abs=EXACT)
        assert reading.ret == pytest.approx(segments, abs=EXACT)
        assert reading.ret - reading.benchmark == pytest.approx(reading.excess, abs=EXACT)


@LAW
@given(data=st.data())
def test_weights_add_up_to_one(lab, data):
    world, strategy = data.draw(lab.worlds()), data.draw(lab.strategies())
    result = lab.score(world, strategy)

    assert math.fsum(name.weight for name in result.names) == pytest.approx(1.0, abs=EXACT)


@LAW
@given(data=st.data())
def test_gains_cash_and_fees_add_up_to_the_net_return(lab, data):
    world, strategy = data.draw(lab.worlds()), data.draw(lab.strategies())
    traded = lab.score(world, strategy).traded

    for key, reading in traded.leg.readings.items():
        gains = math.fsum(gain[key] for gain in traded.gains.values())

        assert reading.ret == pytest.approx(gains + traded.cash[key] + traded.fees[key], abs=EXACT)
        assert traded.executable[key].ret == pytest.approx(gains + traded.cash[key], abs=EXACT)


@LAW
@given(data=st.data())
def test_the_executable_basket_is_never_below_the_net_one(lab, data):
    world, strategy = data.draw(lab.worlds()), data.draw(lab.strategies())
    traded = lab.score(world, strategy).traded

    assert (traded.ledger.executable >= traded.ledger.net - EXACT).all()
    if (strategy.costs, strategy.dividend_tax) == ("none", "none"):
        np.testing.assert_allclose(traded.ledger.executable, traded.ledger.net, atol=EXACT)
    elif traded.plan.orders and strategy.costs != "none":
        assert traded.executable["mean"].ret > traded.leg.readings["mean"].ret


@LAW
@given(data=st.data())
def test_every_reading_is_that_of_the_daily_path(lab, data):
    result = lab.score(data.draw(lab.worlds()), data.draw(lab.strategies()))
    rows = {
        month: int(np.searchsorted(result.axis, np.datetime64(end)))
        for month, end in result.when.windows.items()
    }
    window = slice(rows["3m"], rows["6m"] + 1)

    for leg in (result.paper, result.sector, result.net):
        for month, row in rows.items():
            assert leg.readings[month].ret == leg.path[row]
        assert np.mean(leg.path[window]) == pytest.approx(leg.readings["mean"].ret, abs=EXACT)
        assert np.mean(leg.excess[window]) == pytest.approx(leg.readings["mean"].excess, abs=1e-12)


@LAW
@given(data=st.data())
def test_a_better_close_makes_no_paper_return_worse(lab, data):
    world, strategy = data.draw(lab.worlds()), data.draw(lab.strategies())
    code = data.draw(st.sampled_from(lab.NAMES))
    strategy = Strategy(entry="open", delay=strategy.delay, weights="equal")
    before = lab.score(world, strategy)
    # Only while it is held: the close of an earlier session is nobody's price.
    entry = next(name.entry_session for name in before.names if name.code == code)
    row = data.draw(st.integers(world.row(entry), len(world.axis) - 1))
    better = world.times(code, slice(row, row + 1), 1.1, ("close", "high"))
    better = better.times(code, slice(row, row + 1), 1.5, ("high",))
    after = lab.score(better, strategy)
    at = row - world.row(before.when.entry)

    assert (after.paper.path >= before.paper.path - EXACT).all()
    assert before.paper.path[:at].tolist() == after.paper.path[:at].tolist()
    if at < len(before.axis) and not np.isnan(world.fields["close"][row, world.codes.index(code)]):
        assert after.paper.path[at] > before.paper.path[at]


@LAW
@given(data=st.data())
def test_a_dearer_entry_makes_the_paper_return_worse(lab, data):
    world = data.draw(lab.worlds())
    code = data.draw(st.sampled_from(lab.NAMES))
    before = lab.score(world)
    entry = next(name.entry_session for name in before.names if name.code == code)
    row = world.row(entry)
    dearer = world.times(code, slice(row, row + 1), 1.1, ("open",))
    dearer = dearer.times(code, slice(row, row + 1), 1.5, ("high",))
    after = lab.score(dearer)

    assert after.paper.path[-1] < before.paper.path[-1]
    assert (after.paper.path <= before.paper.path + EXACT).all()


@LAW
@given(data=st.data())
def test_the_segment_of_every_name_is_the_basket(lab, data):
    world = data.draw(lab.worlds())
    result = lab.score(world, thesis=lab.thesis([("all", lab.NAMES)]))
    (segment,) = result.segments

    assert lab.same(
        {key: reading.ret for key, reading in result.paper.readings.items()},
        {key: reading.ret for key, reading in segment.readings.items()},
        EXACT,
    )


@LAW
@given(data=st.data())
def test_a_plain_loop_over_bars_gives_the_same_paper_return(lab, data):
    """Entry open to close, adjusted, one name and one session at a time."""
    world = data.draw(lab.worlds())
    result = lab.score(world)
    first, last = world.row(lab.ENTRY), world.row(lab.END)
    fields = world.fields
    paths = []
    for code in lab.NAMES:
        column, paid, mark, path = world.codes.index(code), None, None, []
        for row in range(first, last + 1):
            close = fields["close"][row, column] * fields["factor"][row, column]
            if close == close:
                if paid is None:
                    paid = fields["open"][row, column] * fields["factor"][row, column]
                mark = close
            path.append(0.0 if paid is None else mark / paid - 1)
        paths.append(path)
    basket = [math.fsum(values) / len(lab.NAMES) for values in zip(*paths, strict=True)]

    np.testing.assert_allclose(basket, result.paper.path, atol=EXACT, rtol=0)
