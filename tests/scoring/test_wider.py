"""Other lists for picks that nobody printed: the rule, the swaps, second opinions by pandas."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from thesis.market.pool import read_pool
from thesis.market.prices import open_prices
from thesis.research.catalog import Catalog
from thesis.scoring.assess import score_thesis
from thesis.scoring.basket import hold_names
from thesis.scoring.reading import Horizon
from thesis.scoring.score import Case
from thesis.scoring.universe import pool_span
from thesis.scoring.wider import open_picks, wider_lists
from thesis.trading.simulation import decide_weights
from thesis.trading.strategy import Strategy

TODAY = dt.date(2026, 4, 30)
START, END = "2024-10-14", "2025-04-11"


def scored(market, name, basis="total"):
    found = Catalog.default().load(name)
    panel = open_prices(market, [*found.codes, "000300.SH", "H00300.CSI"]).up_to(TODAY)
    case = Case(found, Strategy(), panel, basis, TODAY)
    score = score_thesis(case)
    weights = decide_weights(found, case.strategy, panel, score.when)
    held = hold_names(case, weights, score.axis, score.basis)
    return score, held, Horizon.on(score.axis, score.when.windows)


@pytest.fixture(scope="module")
def pool(market):
    score, _, _ = scored(market, "optical_module")
    return read_pool(market, *pool_span(score.when, score.axis, TODAY))


@pytest.fixture(scope="module")
def optical(market, pool):
    score, held, horizon = scored(market, "optical_module")
    (wider,) = wider_lists(score, held, pool, horizon)
    return wider, score


def by_pandas(market, codes):
    """Mean return of equal weights in these names over the window's sessions, by pandas."""
    files = [
        pd.read_parquet(market / name, filters=[("code", "in", list(codes))])
        for name in ("bars.parquet", "universe.parquet")
    ]
    bars = pd.concat(files).assign(code=lambda b: b["code"].astype(str))
    bars["date"] = pd.to_datetime(bars["date"])
    bars = bars[(bars["date"] >= START) & (bars["date"] <= END)]
    bars["worth"], bars["bought"] = bars["close"] * bars["factor"], bars["open"] * bars["factor"]
    worth = bars.pivot_table(index="date", columns="code", values="worth").ffill()
    bought = bars[bars["date"] == START].set_index("code")["bought"]
    path = worth.div(bought).mean(axis=1) - 1
    return path[path.index >= "2025-01-13"].mean()


def test_the_rule_of_the_design_gives_the_bundled_inferred_picks(market):
    """The first n by median amount of 60 sessions in the class, from the files by pandas alone."""
    table = pd.read_csv(market / "sw_membership.csv.gz", dtype=str)
    table = table[(table["vintage"] == "2024-08-31") & table["out_date"].isna()]
    listed = pd.read_csv(market / "securities.csv", dtype=str).set_index("code")["list_date"]
    for name, level3, first in (
        ("optical_module", "730204", ["300308.SZ", "300502.SZ", "300394.SZ"]),
        ("server", "710103", ["000977.SZ", "603019.SH"]),
    ):
        codes = list(table.loc[table["sw_l3_internal"] == level3, "code"])
        files = [
            pd.read_parquet(
                market / each,
                columns=["code", "date", "amount"],
                filters=[
                    ("code", "in", codes),
                    ("date", ">=", dt.date(2024, 6, 28)),
                    ("date", "<=", dt.date(2024, 9, 23)),
                ],
            )
            for each in ("bars.parquet", "universe.parquet")
        ]
        bars = pd.concat(files).assign(code=lambda b: b["code"].astype(str))
        assert bars["date"].nunique() == 60
        old = bars["code"].map(listed) <= "2024-03-28"  # 120 sessions
        ranked = bars[old].groupby("code")["amount"].median().sort_values(ascending=False)
        assert set(first) == set(ranked.index[: len(first)])
        inferred = {p.code for p in Catalog.default().load(name).picks if p.basis == "inferred"}
        assert inferred <= set(first)


def test_candidates_are_the_next_by_the_same_rule(optical):
    wider, _ = optical

    assert ("300308.SZ", "300502.SZ", "300394.SZ") == wider.picks
    assert ("730204",) == wider.classes
    assert dt.date(2024, 8, 31) == wider.vintage
    assert dt.date(2024, 9, 23) == wider.ranked_on
    codes = [each.code for each in wider.candidates]
    assert codes[:2] == ["000063.SZ", "002281.SZ"]
    amounts = [each.amount for each in wider.candidates]
    assert amounts == sorted(amounts, reverse=True)
    # The last of the three picks trades more than the first that was passed over.
    assert amounts[0] < 1_457_703_040.0
    assert wider.reason is None


def test_accelink_for_tianfu_makes_optical_modules_neutral(market, optical):
    wider, score = optical
    swap = next(x for x in wider.swaps if (x.out, x.into) == ("300394.SZ", ("002281.SZ",)))

    assert wider.own.rating == "underweight"
    assert swap.rating == "neutral"
    against = score.paper.headline.benchmark
    expected = by_pandas(market, ["300308.SZ", "300502.SZ", "002281.SZ"]) - against
    assert swap.excess == pytest.approx(expected, abs=1e-12)
    assert swap in wider.flips


def test_the_own_list_is_the_headline_and_wider_lists_are_means(market, optical):
    wider, score = optical

    assert wider.own.excess == pytest.approx(score.paper.headline.excess, abs=1e-12)
    assert [len(each.into) for each in wider.widened] == [1, 2, 3, 4, 5]
    assert len(wider.swaps) == 15
    widest = wider.widened[-1]
    expected = by_pandas(market, [*wider.picks, *widest.into]) - score.paper.headline.benchmark
    assert widest.excess == pytest.approx(expected, abs=1e-12)
    # Its own -22.3% lies below every other: it is not among them.
    found = sorted(each.excess for each in (*wider.swaps, *wider.widened))
    assert wider.span == (found[0], found[-1])
    assert wider.own.excess < wider.span[0]


def test_on_the_price_basis_no_candidate_is_cash(market, pool):
    wider, *_ = wider_lists(*_args(market, pool, "optical_module", "price"))

    # Only the names of the watchlists carry a share_factor, told from the files alone.
    carried = pd.read_parquet(market / "bars.parquet", columns=["code", "share_factor"])
    carried = carried.groupby("code", observed=True)["share_factor"].apply(
        lambda f: f.notna().all()
    )
    assert {each.code for each in wider.candidates} == {"000063.SZ", "301165.SZ"}
    assert carried[["000063.SZ", "301165.SZ"]].all()
    assert len(wider.left_out["no share_factor"]) == 31
    assert wider.count == 2
    swaps = [each.excess for each in wider.swaps if each.out == "300394.SZ"]
    assert len(swaps) == len(set(swaps)) == 2

    bare = replace(
        pool, fields={**pool.fields, "share_factor": np.full_like(pool.fields["close"], np.nan)}
    )
    (wider,) = wider_lists(*_args(market, bare, "optical_module", "price"))
    assert "no share_factor: 33" in wider.reason
    assert (wider.candidates, wider.others, wider.span) == ((), (), None)


def test_a_candidate_whose_return_is_not_known_is_none(market, pool):
    first, second, third = "000063.SZ", "002281.SZ", "300098.SZ"
    at = {code: pool.codes.index(code) for code in (first, second, third)}
    fields = {name: grid.copy() for name, grid in pool.fields.items()}
    entry, end = pool.row(dt.date(2024, 10, 14)), pool.row(dt.date(2025, 4, 11))
    for grid in fields.values():
        grid[entry:, at[first]] = np.nan
    fields["factor"][end, at[second]] = np.nan
    fields["factor"][end + 1, at[third]] = np.nan  # after the window
    gone = replace(pool, fields=fields)
    (wider,) = wider_lists(*_args(market, gone, "optical_module"))

    assert wider.left_out["no price from the entry on"] == (first,)
    assert wider.left_out["no factor"] == (second,)
    assert wider.candidates[0].code == third


def test_only_names_that_no_report_prints_are_open_to_choice(market, pool):
    assert wider_lists(*_args(market, pool, "media_ai")) == ()

    server = Catalog.default().load("server")
    assert open_picks(server, server.segment[0]) == ("603019.SH", "601138.SH")
    (wider,) = wider_lists(*_args(market, pool, "server"))
    assert {"000977.SZ", "603019.SH", "601138.SH"}.isdisjoint(
        code for each in wider.others for code in each.into
    )
    assert {each.out for each in wider.swaps} == {"603019.SH", "601138.SH"}


def _args(market, pool, name, basis="total"):
    score, held, horizon = scored(market, name, basis)
    return score, held, pool, horizon


def test_a_name_under_treatment_then_or_newly_listed_is_no_candidate(market, pool):
    score, held, horizon = scored(market, "optical_module")
    first, second = "000063.SZ", "002281.SZ"

    def having(code, **facts):
        return {code: replace(pool.listings[code], **facts)}

    treated = ((dt.date(2024, 9, 2), None, "ST"),)
    later = ((dt.date(2024, 10, 14), None, "ST"),)
    listings = (
        dict(pool.listings)
        | having(first, treatments=treated)
        | having(second, treatments=later, name="*ST光迅")  # a name of today is no evidence
    )
    (wider,) = wider_lists(score, held, replace(pool, listings=listings), horizon)
    assert wider.candidates[0].code == second
    assert first in wider.left_out["under special treatment"]

    # It lasts through its last day, and no longer.
    for last, kept in ((dt.date(2024, 9, 23), False), (dt.date(2024, 9, 20), True)):
        treated = ((dt.date(2024, 5, 6), last, "*ST"),)
        listings = dict(pool.listings) | having(first, treatments=treated)
        (wider,) = wider_lists(score, held, replace(pool, listings=listings), horizon)
        assert (wider.candidates[0].code == first) is kept, last

    # From 2024-03-28 to 2024-09-23 there are 120 sessions, both included.
    for day, kept in ((dt.date(2024, 3, 28), True), (dt.date(2024, 3, 29), False)):
        listings = dict(pool.listings) | having(first, list_date=day)
        (wider,) = wider_lists(score, held, replace(pool, listings=listings), horizon)
        assert (wider.candidates[0].code == first) is kept, day


def test_what_cannot_be_told_has_a_reason(market, pool):
    score, held, horizon = scored(market, "optical_module")
    (wider,) = wider_lists(score, held, replace(pool, classes=None), horizon)
    assert "no table of Shenwan level 3 classes" in wider.reason
    assert wider.span is None

    alone = replace(pool, classes=replace(pool.classes, codes=pool.classes.codes.copy()))
    alone.classes.codes[~np.isin(alone.classes.codes, wider.picks)] = "000000.XX"
    (wider,) = wider_lists(score, held, alone, horizon)
    assert "no other name of 730204" in wider.reason


def test_no_bar_after_the_ranking_changes_the_candidates(market, pool):
    score, held, horizon = scored(market, "optical_module")
    random = np.random.default_rng(2)
    fields = {name: grid.copy() for name, grid in pool.fields.items()}
    after = pool.sessions > np.datetime64("2024-09-23")
    fields["amount"][after] *= random.uniform(0.1, 10, fields["amount"][after].shape)
    (plain,) = wider_lists(score, held, pool, horizon)
    (other,) = wider_lists(score, held, replace(pool, fields=fields), horizon)

    assert plain == other
