"""What must not matter does not: other names, the order of a file, the unit of a price."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from thesis.trading.strategy import Strategy

LAW = settings(deadline=None, max_examples=8, derandomize=True)


@LAW
@given(data=st.data())
def test_names_outside_the_thesis_change_nothing(lab, data):
    world, strategy = data.draw(lab.worlds()), data.draw(lab.strategies())
    few = lab.score(world.only([*lab.NAMES, *lab.INDICES]), strategy)
    many = lab.score(world, strategy)

    assert lab.same(lab.paper_numbers(few), lab.paper_numbers(many))
    assert lab.same(lab.net_numbers(few), lab.net_numbers(many))


@LAW
@given(data=st.data())
def test_the_order_of_segments_and_names_in_the_file_changes_nothing(lab, data):
    world, strategy = data.draw(lab.worlds()), data.draw(lab.strategies())
    shuffled = [
        (name, data.draw(st.permutations(codes)))
        for name, codes in data.draw(st.permutations(lab.SEGMENTS))
    ]
    one, other = lab.score(world, strategy), lab.score(world, strategy, lab.thesis(shuffled))

    assert lab.same(lab.paper_numbers(one), lab.paper_numbers(other), 1e-12)
    assert lab.same(lab.net_numbers(one), lab.net_numbers(other), 1e-12)


@LAW
@given(data=st.data())
def test_the_unit_of_a_price_changes_no_paper_number(lab, data):
    world, strategy = data.draw(lab.worlds()), data.draw(lab.strategies())
    code = data.draw(st.sampled_from(lab.NAMES))
    double = world.times(code, slice(None), 2.0, ("open", "high", "low", "close"))
    double = double.times(code, slice(None), 0.5, ("volume",))
    one, other = lab.score(world, strategy), lab.score(double, strategy)

    assert lab.same(lab.paper_numbers(one), lab.paper_numbers(other), 1e-12)


@LAW
@given(data=st.data())
def test_only_ratios_of_a_factor_matter(lab, data):
    world, strategy = data.draw(lab.worlds()), data.draw(lab.strategies())
    basis, factor = data.draw(st.sampled_from([("total", "factor"), ("price", "share_factor")]))
    code = data.draw(st.sampled_from(lab.NAMES))
    by = data.draw(st.floats(0.01, 100))
    scaled = world.times(code, slice(None), by, (factor,))
    one = lab.score(world, strategy, basis=basis)
    other = lab.score(scaled, strategy, basis=basis)

    assert lab.same(lab.paper_numbers(one), lab.paper_numbers(other), 1e-12)
    assert lab.same(lab.net_numbers(one), lab.net_numbers(other), 1e-12)


@LAW
@given(data=st.data())
def test_an_index_in_another_unit_changes_nothing(lab, data):
    world = data.draw(lab.worlds())
    code = data.draw(st.sampled_from(["H00300.CSI", "801760.SI", "000300.SH"]))
    scaled = world.times(code, slice(None), 3.0, ("open", "high", "low", "close"))
    one, other = lab.score(world), lab.score(scaled)

    assert lab.same(lab.paper_numbers(one), lab.paper_numbers(other), 1e-12)


@LAW
@given(data=st.data())
def test_capital_costs_and_lots_change_no_paper_number(lab, data):
    world = data.draw(lab.worlds())
    capital = data.draw(st.floats(100_000, 1e9))
    one = lab.score(world)
    other = lab.score(world, Strategy(capital=capital, costs="none", lots="fractional"))

    assert lab.same(lab.paper_numbers(one), lab.paper_numbers(other))


@LAW
@given(data=st.data())
def test_with_fractions_and_no_costs_the_capital_changes_no_net_number(lab, data):
    world = data.draw(lab.worlds())
    capital = data.draw(st.floats(1_000, 1e9))
    one, other = (
        lab.net_numbers(lab.score(world, Strategy(capital=c, costs="none", lots="fractional")))
        for c in (1_000_000.0, capital)
    )

    for key in ("readings", "executable", "gains", "fees"):
        assert lab.same(one[key], other[key], 1e-12)


@LAW
@given(data=st.data())
def test_dividends_change_no_price_number(lab, data):
    world, strategy = data.draw(lab.worlds()), data.draw(lab.strategies())
    code = data.draw(st.sampled_from(lab.NAMES))
    row = data.draw(st.integers(0, len(world.axis) - 1))
    # A dividend moves its day's reference, and with it the limits.
    strategy = replace(strategy, weights="equal", limits="none")
    paid = world.times(code, slice(row, None), 1.5, ("factor",))
    one, other = (lab.score(each, strategy, basis="price") for each in (world, paid))

    assert lab.same(lab.paper_numbers(one), lab.paper_numbers(other))
    assert lab.same(lab.net_numbers(one), lab.net_numbers(other))


def test_the_sector_leg_is_the_same_on_both_bases(lab):
    world = lab.world(3)
    total, price = lab.score(world), lab.score(world, basis="price")

    assert total.sector.readings == price.sector.readings
    assert total.paper.readings != price.paper.readings
    assert "H00300.CSI" == total.benchmark.code
    assert "000300.SH" == price.benchmark.code


@pytest.mark.parametrize("weights", ["equal", "segment"])
def test_the_same_market_scored_twice_gives_the_same_numbers(lab, weights):
    world, strategy = lab.world(11), Strategy(weights=weights)
    one, other = lab.score(world, strategy), lab.score(world, strategy)

    assert lab.same(lab.paper_numbers(one), lab.paper_numbers(other))
    assert lab.same(lab.net_numbers(one), lab.net_numbers(other))


@LAW
@given(data=st.data())
def test_a_name_without_prices_is_as_if_the_thesis_had_left_it_out(lab, data):
    world, code = data.draw(lab.worlds()), data.draw(st.sampled_from(lab.NAMES))
    left = [
        (name, kept)
        for name, codes in lab.SEGMENTS
        if (kept := tuple(each for each in codes if each != code))
    ]
    gone = lab.score(world.without(code, slice(None)))
    never = lab.score(world, thesis=lab.thesis(left))

    assert "no_data" == next(name.status for name in gone.names if name.code == code)
    for key in ("paper", "path", "sector"):
        assert lab.same(lab.paper_numbers(never)[key], lab.paper_numbers(gone)[key], 1e-12)
    assert lab.same(lab.net_numbers(never), lab.net_numbers(gone), 1e-12)
