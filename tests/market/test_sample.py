import datetime as dt

import numpy as np
import pandas as pd
import pytest

from thesis.market.panel import PricePanel
from thesis.market.rules import cents
from thesis.market.sources.copies import is_sample, is_sample_frame
from thesis.market.sources.sample import (
    BYSTANDERS,
    INDICES,
    INDUSTRIES,
    SPAN,
    read_sample,
)
from thesis.research.catalog import Catalog
from thesis.research.security import parse_security

#: Pinned when the sample was made. Change it only with a reason to change the sample.
SAMPLE_FINGERPRINT = "822edd7e94f8634f0cf91cbb210bc33fc1d34ef47669183b3428db2cb7315637"

LIMITS = {"main": 0.10, "chinext": 0.20, "star": 0.20, "bse": 0.30}
ENTRY, END = dt.date(2024, 10, 14), dt.date(2025, 4, 11)


@pytest.fixture(scope="module")
def sample():
    return read_sample()


def bar(panel, code, day):
    row = panel.row(dt.date.fromisoformat(day))
    return {name: grid[row, panel.column(code)] for name, grid in panel.fields.items()}


def test_the_sample_is_the_same_on_every_machine(sample):
    assert SAMPLE_FINGERPRINT == sample.fingerprint


def test_the_sample_says_that_it_is_simulated(sample):
    assert sample.simulated
    assert "SIMULATED" in sample.origin
    assert "SIMULATED" in repr(sample)
    assert () == sample.cautions


def test_the_sample_spans_what_it_says(sample):
    assert SPAN == (sample.first, sample.last)
    assert (dt.date(2024, 1, 2), dt.date(2025, 7, 31)) == SPAN


@pytest.mark.parametrize("codes", [["300308.SZ"], ["600600.SH", "300308.SZ"]])
def test_a_code_s_prices_do_not_hang_on_those_asked_with_it(sample, codes):
    assert sample.select(codes).fingerprint == read_sample(codes).fingerprint


def test_codes_may_be_asked_for_in_any_order_and_twice(sample):
    codes = ["801760.SI", "300308.SZ", "000300.SH"]

    assert read_sample(codes).fingerprint == read_sample([*codes[::-1], "300308.SZ"]).fingerprint


def test_a_code_the_sample_lacks_is_left_out():
    assert ("300308.SZ",) == read_sample(["300308.SZ", "000001.SZ"]).codes


def test_the_sample_covers_every_bundled_thesis(sample):
    theses = [Catalog.default().load(name) for name in Catalog.default().bundled()]
    needed = {code for thesis in theses for code in thesis.codes}
    needed |= {thesis.claim.sector_index for thesis in theses}
    needed |= {code for thesis in theses for code in thesis.claim.report_sectors}
    needed |= {thesis.scale.benchmark for thesis in theses} | {"H00300.CSI", "000852.SH"}

    assert 11 == len(theses)
    assert set() == needed - set(sample.codes)


def test_the_sample_names_the_picks_as_the_theses_do(sample):
    for name in Catalog.default().bundled():
        for pick in Catalog.default().load(name).picks:
            assert pick.name == sample.listings[pick.code].name


def test_the_sample_has_bystanders_of_every_industry(sample):
    stocks = sample.stocks()
    industries = {sample.listings[code].industry for code in stocks}

    assert len(stocks) > BYSTANDERS >= 300
    assert {f"{code}.SI" for code in INDUSTRIES} == industries
    assert set(INDICES) == set(sample.codes) - set(stocks)


def test_a_bystander_s_name_cannot_be_taken_for_a_real_one(sample):
    assert sample.listings["600600.SH"].name.startswith("模拟")


def test_prices_are_whole_cents_and_stay_within_the_board_s_limits(sample):
    for code in sample.stocks():
        limit = LIMITS[parse_security(code).board]
        reference = sample.field("pre_close", code)
        upper, lower = cents(reference * (1 + limit)), cents(reference * (1 - limit))
        for name in ("open", "high", "low", "close"):
            price = sample.field(name, code)
            known = ~np.isnan(price)

            assert (price[known] <= upper[known] + 1e-9).all(), code
            assert (price[known] >= lower[known] - 1e-9).all(), code
            np.testing.assert_allclose(np.round(price[known], 2), price[known], atol=1e-9)


def test_the_reference_is_the_last_close_but_on_an_ex_date(sample):
    code = "600600.SH"
    close, reference = sample.field("close", code), sample.field("pre_close", code)

    np.testing.assert_array_equal(close[:-1], reference[1:])


@pytest.mark.parametrize(
    ("code", "start", "end"),
    [
        ("300364.SZ", "2024-10-11", "2024-10-16"),  # over the entry
        ("000156.SZ", "2025-04-03", "2025-04-23"),  # over the window's end
        ("300474.SZ", "2024-10-08", "2024-10-31"),  # longer than a buy waits
    ],
)
def test_a_suspended_name_has_no_bar(sample, code, start, end):
    close = sample.field("close", code)
    out = (sample.sessions >= np.datetime64(start)) & (sample.sessions <= np.datetime64(end))

    assert np.isnan(close[out]).all()
    assert not np.isnan(close[~out]).any()


def test_a_suspension_lies_over_the_entry_one_over_the_end_and_one_outlasts_the_wait(sample):
    entry, end = sample.row(ENTRY), sample.row(END)

    assert np.isnan(sample.field("close", "300364.SZ")[entry])
    assert np.isnan(sample.field("close", "000156.SZ")[end])
    assert np.isnan(sample.field("close", "300474.SZ")[entry : entry + 11]).all()


@pytest.mark.parametrize(
    ("code", "days"),
    [
        ("300182.SZ", ["2024-10-14", "2024-10-15"]),
        ("300502.SZ", ["2024-10-14"]),
        ("688256.SH", ["2024-10-14"]),
    ],
)
def test_some_names_are_locked_at_their_upper_limit_on_the_entry(sample, code, days):
    for day in days:
        found = bar(sample, code, day)
        upper = float(cents(np.array(found["pre_close"] * 1.2)))

        assert [upper] * 4 == [found[name] for name in ("open", "high", "low", "close")]


@pytest.mark.parametrize(
    ("code", "day", "cash", "bonus"),
    [
        ("601595.SH", "2024-12-20", 0.08, 0.0),
        ("600941.SH", "2025-01-09", 2.2, 0.0),
        ("300133.SZ", "2025-03-06", 0.0, 0.4),
        ("300308.SZ", "2025-02-20", 0.45, 0.4),
    ],
)
def test_dividends_and_bonus_issues_move_the_factors(sample, code, day, cash, bonus):
    row = sample.row(dt.date.fromisoformat(day))
    close, found = sample.field("close", code)[row - 1], bar(sample, code, day)
    reference = round((close - cash) / (1 + bonus) + 1e-9, 2)
    factor, shares = sample.field("factor", code), sample.field("share_factor", code)

    assert reference == pytest.approx(found["pre_close"], abs=1e-9)
    assert close / reference == pytest.approx(factor[row] / factor[row - 1])
    assert 1 + bonus == pytest.approx(shares[row] / shares[row - 1])
    assert [row] == (1 + np.flatnonzero(np.diff(factor))).tolist()


def test_the_total_return_index_has_closes_only_and_outgrows_the_price_index(sample):
    assert np.isnan(sample.field("open", "H00300.CSI")).all()
    growth = {
        code: sample.field("close", code)[-1] / sample.field("close", code)[0]
        for code in ("H00300.CSI", "000300.SH")
    }

    assert growth["H00300.CSI"] > growth["000300.SH"]


def test_every_stock_carries_both_factors(sample):
    assert all(sample.has_share_factor(code) for code in sample.stocks())


def known(frame):
    both = is_sample(PricePanel.from_frame(frame)), is_sample_frame(frame)
    assert both[0] == both[1]
    return both[0]


def other(code, rows=60):
    """Prices that are not the sample's, under one of its codes."""
    frame = read_sample([code]).to_frame().iloc[:rows].copy()
    prices = ["open", "high", "low", "close"]
    frame[prices] = (frame[prices] * 1.37).round(2)
    frame["amount"] = frame["volume"] * frame["close"]
    return frame


@pytest.mark.parametrize("code", ["300308.SZ", "000300.SH", "801770.SI"])
def test_one_simulated_code_among_others_is_enough(code):
    codes = sorted({"000300.SH", "300308.SZ", "300502.SZ", "801770.SI", "000063.SZ"} - {code})
    real = pd.concat([other(one) for one in codes])
    copy = read_sample([code]).to_frame().iloc[:60]

    assert not known(real)
    assert known(pd.concat([real, copy]))


@pytest.mark.parametrize(
    ("sessions", "same", "expected"),
    [(20, 11, True), (20, 10, False), (19, 18, False), (19, 19, True), (5, 5, True), (4, 4, False)],
)
def test_half_of_the_closes_tell_and_all_of_a_few(sessions, same, expected):
    copy = read_sample(["300308.SZ"]).to_frame().iloc[:sessions]
    mixed = pd.concat([copy.iloc[:same], other("300308.SZ", sessions).iloc[same:]])

    assert expected == known(mixed)


def test_prices_of_codes_the_sample_lacks_are_not_its():
    assert not known(other("300308.SZ").assign(code="000001.SZ"))
