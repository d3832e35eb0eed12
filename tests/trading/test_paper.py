"""By hand, on five sessions of two names."""

import numpy as np
import pytest

from thesis.trading.paper import carry_forward, hold

NO = np.nan
HALVES = np.array([0.5, 0.5])


def frame(rows):
    return np.array(rows, dtype=float)


def test_two_names_are_bought_at_the_entry_and_held():
    opens = frame([[10, 20], [11, 21], [12, 22], [13, 23], [14, 24]])
    closes = frame([[11, 19], [12, 20], [9, 22], [10, 24], [15, 30]])
    basket = hold(opens, closes, HALVES)

    # The mean of 11/10 and 19/20 less 1, of 12/10 and 20/20 less 1, and so on.
    np.testing.assert_allclose([0.025, 0.1, 0.0, 0.1, 0.5], basket.path, atol=1e-15)
    np.testing.assert_allclose([0.5, 0.5], basket.returns[4], atol=1e-15)
    assert [0, 0] == basket.entry_rows.tolist()


def test_weights_are_those_of_the_entry_and_drift_after():
    opens = frame([[10, 10]] * 5)
    closes = frame([[10, 10], [20, 10], [20, 10], [20, 5], [40, 5]])

    np.testing.assert_allclose(
        [0.0, 0.25, 0.25, -0.125, 0.375],
        hold(opens, closes, np.array([0.25, 0.75])).path,
        atol=1e-15,
    )


def test_a_late_name_enters_at_its_first_open_and_its_cash_earns_nothing_before():
    opens = frame([[10, NO], [10, NO], [10, 20], [10, 30], [10, 40]])
    closes = frame([[10, NO], [10, NO], [10, 25], [10, 30], [10, 40]])
    basket = hold(opens, closes, HALVES)

    np.testing.assert_allclose([0, 0, 0.125, 0.25, 0.5], basket.path, atol=1e-15)
    assert [0, 2] == basket.entry_rows.tolist()


def test_a_name_enters_late_however_long_it_takes():
    opens, closes = frame([[NO]] * 4 + [[20]]), frame([[NO]] * 4 + [[22]])

    np.testing.assert_allclose(
        [0, 0, 0, 0, 0.1], hold(opens, closes, np.array([1.0])).path, atol=1e-15
    )


def test_a_suspended_name_is_carried_at_its_last_close():
    opens = frame([[10, 10], [10, NO], [10, NO], [10, 14], [10, NO]])
    closes = frame([[10, 12], [10, NO], [10, NO], [10, 15], [10, NO]])

    np.testing.assert_allclose(
        [0.1, 0.1, 0.1, 0.25, 0.25], hold(opens, closes, HALVES).path, atol=1e-15
    )


def test_a_name_that_never_trades_stays_in_cash():
    opens = frame([[10, NO]] * 5)
    closes = frame([[10, NO], [11, NO], [12, NO], [13, NO], [14, NO]])
    basket = hold(opens, closes, HALVES)

    np.testing.assert_allclose([0, 0.05, 0.1, 0.15, 0.2], basket.path, atol=1e-15)
    assert [0, -1] == basket.entry_rows.tolist()
    assert [0.0] * 5 == basket.returns[:, 1].tolist()


def test_an_entry_at_the_close_starts_at_nothing():
    closes = frame([[10, 20], [11, 20], [12, 22], [12, 24], [15, 30]])

    np.testing.assert_allclose(
        [0.0, 0.05, 0.15, 0.2, 0.5], hold(closes, closes, HALVES).path, atol=1e-15
    )


def test_contributions_are_weights_times_returns_and_sum_to_the_path():
    opens, closes = frame([[10, 20]] * 2), frame([[11, 22], [12, 30]])
    basket = hold(opens, closes, np.array([0.25, 0.75]))

    np.testing.assert_allclose([[0.025, 0.075], [0.05, 0.375]], basket.contributions, atol=1e-15)
    np.testing.assert_allclose(basket.contributions.sum(axis=1), basket.path, atol=1e-15)


@pytest.mark.parametrize("by", [0.01, 7.0])
def test_only_ratios_of_prices_matter(by):
    opens, closes = frame([[10, 20]] * 2), frame([[11, 22], [12, 30]])
    scaled = np.array([by, 1.0])

    np.testing.assert_allclose(
        hold(opens, closes, HALVES).path,
        hold(opens * scaled, closes * scaled, HALVES).path,
        atol=1e-15,
    )


def test_an_empty_basket_earns_nothing():
    none = np.empty((5, 0))

    assert [0.0] * 5 == hold(none, none, np.empty(0)).path.tolist()


def test_the_last_known_value_is_carried_over_gaps():
    values = frame([[NO, 1], [2, NO], [NO, NO], [NO, 4], [5, NO]])

    np.testing.assert_array_equal(
        frame([[NO, 1], [2, 1], [2, 1], [2, 4], [5, 4]]), carry_forward(values)
    )
