"""How far total-return accounting lies from the books of an account in real shares."""

import datetime as dt

import numpy as np
import pytest

import thesis
from thesis.market.benchmark import levels
from thesis.scoring.needs import wanted_codes
from thesis.scoring.reading import Horizon
from thesis.trading.dividends import cash_dividend_path, cash_dividends
from thesis.trading.paper import carry_forward


def call_of(name, published):
    call = thesis.load(name)
    source = call.source.model_copy(update={"published": published})
    return call.model_copy(update={"source": source})


def in_real_shares(panel, result):
    """Net return in real shares, their dividends idle as cash, at the mean of the window."""
    score, traded = result.score, result.score.traded
    codes, axis = list(traded.codes), score.axis

    def grid(field):
        return np.stack([levels(panel, field, code, axis) for code in codes], axis=1)

    close, growth = grid("close"), grid("share_factor")
    rows, shares = np.full(len(codes), -1), np.zeros(len(codes))
    spent = 0.0
    for order in traded.plan.orders:
        column = codes.index(order.code)
        rows[column] = np.searchsorted(axis, np.datetime64(order.session))
        shares[column] = order.shares
        spent += order.amount + order.fees
    paid = cash_dividends(panel, codes, axis)
    path = cash_dividend_path(shares, rows, close, growth, paid)
    grown = carry_forward(growth)
    held = np.where(
        np.arange(len(axis))[:, None] >= rows,
        shares * grown / grown[rows, np.arange(len(codes))] * carry_forward(close),
        0.0,
    )
    fees = traded.conditions.fees.sell_all(held).sum(axis=1)
    capital = traded.plan.capital
    net = (capital - spent + path - fees) / capital - 1
    return Horizon.on(axis, score.when.windows).read(net)["mean"]


# The figures that thesis/trading/ledger.py and the README print, in percent.
@pytest.mark.parametrize(
    ("name", "published", "total", "real", "taxed"),
    [
        ("operators", dt.date(2024, 10, 13), 11.38, 11.30, 11.32),
        ("media_ai", dt.date(2024, 10, 13), 29.28, 29.28, 29.27),
        ("operators", dt.date(2024, 5, 26), 10.52, 10.32, 10.19),
    ],
)
def test_the_documented_distance_to_real_shares_is_true(
    market, name, published, total, real, taxed
):
    call = call_of(name, published)
    panel = thesis.read_prices(market, wanted_codes(call))
    result = thesis.backtest(call, panel, as_of="2026-04-30")
    after_tax = thesis.backtest(call, panel, as_of="2026-04-30", dividend_tax="individual")

    assert total == pytest.approx(100 * result.net.headline.ret, abs=0.005)
    assert taxed == pytest.approx(100 * after_tax.net.headline.ret, abs=0.005)
    assert real == pytest.approx(100 * in_real_shares(panel, result), abs=0.005)
