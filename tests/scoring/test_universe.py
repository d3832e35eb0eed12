"""Who could have been drawn, what each returned, how large it was: second opinions by pandas."""

import datetime as dt
from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from thesis.errors import NotScorableError, PricesError
from thesis.examination import evidence
from thesis.market.calendar import sessions, timing
from thesis.market.classes import Classes, industries_on
from thesis.market.listing import Listing
from thesis.market.panel import PricePanel
from thesis.market.pool import read_pool
from thesis.market.prices import open_prices
from thesis.research.catalog import Catalog
from thesis.research.rating import shipped_scales
from thesis.scoring.sizes import sized_on, terciles
from thesis.scoring.universe import pool_span, survivorship, universe_of
from thesis.trading.simulation import session_axis, simulate_paper
from thesis.trading.weights import Weights

WHEN = timing(dt.date(2024, 10, 13), shipped_scales()["sinolink_industry"])
AXIS = session_axis(WHEN.entry, WHEN.end)
AS_OF = dt.date(2026, 4, 30)
ENTRY, KNOWN, SIZED = np.datetime64("2024-10-14"), np.datetime64("2024-10-11"), "2024-09-23"
MEDIA, COMMUNICATIONS = "801760.SI", "801770.SI"


@pytest.fixture(scope="module")
def pool(market):
    return read_pool(market, *pool_span(WHEN, AXIS, AS_OF), checked_to=WHEN.end)


@pytest.fixture(scope="module")
def universe(pool):
    return universe_of(pool, WHEN, AXIS, "total")


@pytest.fixture(scope="module")
def table(market):
    """Real bars of two industries, a row a bar, by pandas alone."""
    securities = pd.read_csv(market / "securities.csv", dtype=str)
    mine = securities[securities["sw_l1_code"].isin([MEDIA, COMMUNICATIONS])]
    files = [
        pd.read_parquet(market / name, filters=[("code", "in", list(mine["code"]))])
        for name in ("bars.parquet", "universe.parquet")
    ]
    bars = pd.concat(files).assign(code=lambda b: b["code"].astype(str))
    bars["date"] = pd.to_datetime(bars["date"])
    bars = bars[(bars["date"] >= "2024-06-28") & (bars["date"] <= "2025-04-11")]
    bars = bars[bars.groupby("code")["factor"].transform(lambda f: f.notna().all())]
    return bars.merge(mine[["code", "sw_l1_code"]], on="code")


def test_sizes_are_taken_before_the_rally_and_the_pool_reaches_back_to_it():
    assert dt.date(2024, 9, 23) == sized_on(WHEN)
    start, end = pool_span(WHEN, AXIS, AS_OF)
    days = sessions()
    assert ((days >= np.datetime64(start)) & (days <= np.datetime64(SIZED))).sum() == 60
    assert dt.date(2025, 4, 11) < end <= dt.date(2025, 5, 1)
    assert pool_span(WHEN, AXIS, dt.date(2025, 4, 11))[1] == dt.date(2025, 4, 11)
    later = timing(dt.date(2026, 1, 18), shipped_scales()["sinolink_industry"])
    assert dt.date(2026, 1, 16) == sized_on(later)  # no break lies near
    # 2024-09-24 lies within 250 sessions, a year back: what was listed since has a size.
    year_on = timing(dt.date(2025, 9, 1), shipped_scales()["sinolink_industry"])
    assert dt.date(2025, 9, 1) == sized_on(year_on)


def test_the_real_market_holds_nothing_that_was_listed_or_classed_after_publication(
    market, pool, universe
):
    industry = dict(zip(universe.codes, universe.industry, strict=True))
    counts = Counter(universe.industry)
    third = Counter(universe.tercile[[each == MEDIA for each in universe.industry]].tolist())
    assert (len(universe.codes), counts[MEDIA], third[2]) == (5301, 131, 43)
    # The code begins in 2025; the company had another.
    assert industry["302132.SZ"] is None
    assert counts["801740.SI"] == 139
    assert counts[None] == 1
    listed = pd.read_csv(market / "securities.csv", dtype=str).set_index("code")["list_date"]
    assert (listed[list(universe.codes)] <= "2024-10-11").all()
    late = timing(dt.date(2024, 10, 13), shipped_scales()["sinolink_industry"], delay=10)
    delayed = universe_of(pool, late, session_axis(late.entry, late.end), "total")
    new = {"301522.SZ", "301556.SZ", "301592.SZ", "301613.SZ", "301626.SZ"}
    assert late.entry > dt.date(2024, 10, 25)  # all five had traded by then
    assert new <= set(pool.codes)
    assert not new & set(delayed.codes)
    assert new <= set(delayed.left_out["listed after publication"])


def test_returns_are_close_over_open_by_pandas(universe, table):
    adjusted = table.assign(
        bought=table["open"] * table["factor"], worth=table["close"] * table["factor"]
    )
    bought = adjusted[adjusted["date"] == "2024-10-14"].set_index("code")["bought"]
    worth = adjusted.pivot_table(index="date", columns="code", values="worth").ffill()
    expected = worth[worth.index >= "2024-10-14"].div(bought).sub(1).T.dropna()
    codes = [code for code in universe.codes if code in expected.index]

    assert len(codes) > 200
    rows = [universe.codes.index(code) for code in codes]
    np.testing.assert_allclose(
        universe.returns[rows], expected.loc[codes].to_numpy(), rtol=0, atol=1e-12
    )
    assert universe.returns.flags.c_contiguous
    assert not np.isnan(universe.returns).any()
    np.testing.assert_allclose(universe.equal_weight, universe.returns.mean(axis=0), rtol=1e-12)


def test_sizes_and_terciles_by_pandas(universe, table):
    near = table[(table["date"] >= "2024-09-12") & (table["date"] <= SIZED)]
    assert near["date"].nunique() == 6
    told = near[near["turnover"] > 0].sort_values("date").groupby("code").tail(1).set_index("code")
    cap = told["close"] * told["volume"] / told["turnover"].astype(float)
    before = table[table["date"] <= SIZED]
    assert before["date"].nunique() == 60
    amounts = before.groupby("code")["amount"]
    amount = amounts.median()[amounts.count() >= 20]
    industry = table.groupby("code")["sw_l1_code"].first()
    both = pd.DataFrame({"cap": cap, "amount": amount, "industry": industry})
    both["measure"] = np.where(both["cap"].notna(), "float_cap", "median_amount")
    both["size"] = both["cap"].fillna(both["amount"])
    both = both[both["size"].notna()].sort_index()
    groups = both.groupby(["industry", "measure"])["size"]
    rank, count = groups.rank(method="first"), groups.transform("count")
    # The k-th of n, from 0, is in third 3k // n.
    both["third"] = np.where(count < 3, -1, ((rank - 1) * 3 // count))

    checked = 0
    for row, code in enumerate(universe.codes):
        if code not in both.index:
            continue
        checked += 1
        assert universe.industry[row] == both.loc[code, "industry"]
        assert universe.size_measure[row] == both.loc[code, "measure"]
        assert universe.size[row] == pytest.approx(both.loc[code, "size"], rel=1e-12)
        assert universe.tercile[row] == both.loc[code, "third"]
    assert checked > 200


@pytest.mark.parametrize("name", ["media_ai", "switch", "operators"])
def test_a_thesis_stands_in_it_with_the_returns_of_its_own_basket(market, universe, name):
    codes = Catalog.default().load(name).codes
    panel = open_prices(market, codes)
    equal = Weights({"all": dict.fromkeys(codes, 1 / len(codes))})
    own = simulate_paper(codes, equal, panel, AXIS, "open", "total").basket.returns

    rows = [universe.codes.index(code) for code in codes]
    np.testing.assert_array_equal(own.T, universe.returns[rows])


def test_what_opened_at_its_limit_or_did_not_trade_cannot_be_drawn(market, pool, universe):
    reasons = {why: codes for why, codes in universe.left_out.items() if codes}
    locked = reasons["at or above its upper limit on 2024-10-14"]
    idle = reasons["no bar on 2024-10-14"]

    bars = pd.read_parquet(
        market / "universe.parquet", filters=[("date", "==", dt.date(2024, 10, 14))]
    ).assign(code=lambda b: b["code"].astype(str))
    bars = bars.set_index("code")
    jump = bars["open"] / bars["pre_close"] - 1
    assert len(locked) > 10
    assert (jump[list(locked)] > 0.044).all()
    assert not set(idle) & set(bars.index)
    # Of plain main-board names, exactly those that opened 10% up, to the cent.
    main = bars[bars.index.str.match(r"(60\d{4}\.SH|00\d{4}\.SZ)")]
    upper = (main["pre_close"] * 1.1 + 1e-9).mul(100).add(0.5).floordiv(1) / 100
    at = set(main.index[main["open"] >= upper - 1e-6]) & set(pool.codes)
    assert at <= set(locked)
    drawn = set(universe.codes)
    late = reasons["listed after publication"]
    assert not drawn & {*locked, *idle, *late}
    assert len(drawn) + len(locked) + len(idle) + len(late) == len(pool.codes)


def test_survivorship_of_the_real_market_is_said_with_numbers(universe):
    found = survivorship(universe)

    assert (found.missing, found.unusable, found.ended) == (45, 18, 1)
    assert found.drawn == len(universe.codes)
    assert universe.ended == ("300280.SZ",)
    assert found.ended_return < 0 < found.others_return
    # 5,301 stocks, and 63 at -100%: by hand.
    assert found.at_worst == pytest.approx(
        found.drawn / (found.drawn + 63) * (1 + found.equal_weight) - 1, abs=1e-12
    )
    assert 0.01 < found.equal_weight - found.at_worst < 0.015


def test_a_market_that_lacks_more_than_a_tenth_has_no_worst_case():
    universe = universe_of(pooled(made_up(20)), WHEN, AXIS, "total")
    two = survivorship(replace(universe, missing=("600100.SH",), unusable=("600101.SH",)))
    assert two.at_worst == pytest.approx(20 / 22 * (1 + two.equal_weight) - 1, abs=1e-12)
    three = replace(universe, missing=("600100.SH", "600102.SH"), unusable=("600101.SH",))
    assert survivorship(three).at_worst is None


def test_returns_on_the_price_basis_would_be_drawn_from_a_selection(pool):
    with pytest.raises(NotScorableError, match="31 of 5301 stocks carry a share_factor"):
        universe_of(pool, WHEN, AXIS, "price")


# Small made-up markets.


def made_up(count=24, seed=5):
    """Bars of 24 stocks in two industries, from 2024-06-20 to the window's end."""
    random = np.random.default_rng(seed)
    days = sessions()
    days = days[(days >= np.datetime64("2024-06-20")) & (days <= np.datetime64("2025-04-25"))]
    tables = []
    for number in range(count):
        close = np.round(20 * np.exp(np.cumsum(random.normal(0, 0.01, len(days)))), 2)
        before = np.concatenate([[20.0], close[:-1]])
        open_ = np.round(before * (1 + random.normal(0, 0.003, len(days))), 2)
        volume = random.integers(1e5, 1e7, len(days)).astype(float)
        tables.append(
            pd.DataFrame(
                {
                    "code": f"{600000 + number}.SH",
                    "date": days,
                    "open": open_,
                    "high": np.maximum(open_, close) + 0.05,
                    "low": np.minimum(open_, close) - 0.05,
                    "close": close,
                    "pre_close": before,
                    "volume": volume,
                    "amount": volume * (open_ + close) / 2,
                    "factor": np.where(days >= np.datetime64("2024-12-02"), 1.05, 1.0),
                    "share_factor": 1.0,
                    # Half of the stocks have a known float.
                    "turnover": volume / 1e9 if number % 2 else np.nan,
                }
            )
        )
    return pd.concat(tables, ignore_index=True)


def pooled(frame):
    listings = {
        code: Listing(
            code, list_date=dt.date(2001, 1, 2), industry=MEDIA if n % 3 else COMMUNICATIONS
        )
        for n, code in enumerate(sorted(frame["code"].unique()))
    }
    panel = PricePanel.from_frame(frame, listings=listings)
    return read_pool(panel, dt.date(2024, 6, 20), dt.date(2025, 4, 25))


def strata(universe):
    found = zip(
        universe.industry, universe.tercile, universe.size, universe.size_measure, strict=True
    )
    return dict(zip(universe.codes, found, strict=True))


def scaled(frame, rows, times):
    """The bars of some rows at other prices and amounts."""
    frame = frame.copy()
    for name in ("open", "high", "low", "close", "amount"):
        frame.loc[rows, name] *= times
    return frame


def test_no_bar_after_publication_changes_a_stratum():
    frame = made_up()
    plain = universe_of(pooled(frame), WHEN, AXIS, "total")
    random = np.random.default_rng(8)
    after = frame["date"] > KNOWN
    wild = scaled(frame, after, 1.0)
    wild.loc[after, ["volume", "amount"]] *= random.uniform(0.5, 20)
    wild.loc[after, "turnover"] = random.uniform(0.01, 0.5, int(after.sum()))
    wild = scaled(wild, frame["date"] > ENTRY, 3.0)
    other = universe_of(pooled(wild), WHEN, AXIS, "total")

    assert strata(plain) == strata(other)
    assert not np.array_equal(plain.returns, other.returns)
    assert {"float_cap", "median_amount"} == set(plain.size_measure)


def test_the_entry_bar_decides_who_can_be_drawn_and_nothing_else():
    frame = made_up()
    plain = universe_of(pooled(frame), WHEN, AXIS, "total")
    first = (frame["date"] == ENTRY) & (frame["code"] == "600003.SH")
    locked = frame.copy()
    top = float((locked.loc[first, "pre_close"] * 1.1).iloc[0] + 1e-9)
    locked.loc[first, ["open", "high", "close"]] = np.floor(top * 100 + 0.5) / 100
    locked.loc[first, "amount"] = locked.loc[first, "volume"] * locked.loc[first, "close"]
    other = universe_of(pooled(locked), WHEN, AXIS, "total")

    assert other.left_out["at or above its upper limit on 2024-10-14"] == ("600003.SH",)
    expected = strata(plain)
    del expected["600003.SH"]
    assert expected == strata(other)

    absent = universe_of(pooled(frame[~first]), WHEN, AXIS, "total")
    assert absent.left_out["no bar on 2024-10-14"] == ("600003.SH",)
    assert expected == strata(absent)


def listed_on(pool, code, **facts):
    """The pool with other facts of one stock's listing."""
    listings = dict(pool.listings)
    listings[code] = replace(listings[code], **facts)
    return replace(pool, listings=listings)


def test_what_was_listed_after_publication_cannot_be_drawn():
    frame, code, why = made_up(), "600003.SH", "listed after publication"
    pool = pooled(frame)
    friday = listed_on(pool, code, list_date=dt.date(2024, 10, 11))
    assert code in universe_of(friday, WHEN, AXIS, "total").codes
    monday = universe_of(
        listed_on(pool, code, list_date=dt.date(2024, 10, 14)), WHEN, AXIS, "total"
    )
    assert monday.left_out[why] == (code,)
    assert code not in monday.codes
    assert not any(code in codes for each, codes in monday.left_out.items() if each != why)

    # Of unknown listing day: a bar up to publication proves that it was listed.
    unknown = listed_on(pool, code, list_date=None)
    assert code in universe_of(unknown, WHEN, AXIS, "total").codes
    mine = frame["code"] == code
    for first, drawn in (("2024-10-11", True), ("2024-10-14", False)):
        cut = frame[~mine | (frame["date"] >= np.datetime64(first))]
        found = universe_of(listed_on(pooled(cut), code, list_date=None), WHEN, AXIS, "total")
        assert (code in found.codes) is drawn
        assert found.left_out[why] == (() if drawn else (code,))

    # A stock with a bad bar that was not listed yet is lacking in no market.
    bad = replace(monday_pool(pool), left_out={"prices that contradict each other": ("600100.SH",)})
    assert universe_of(bad, WHEN, AXIS, "total").unusable == ()
    known = replace(pool, left_out=bad.left_out)
    assert universe_of(known, WHEN, AXIS, "total").unusable == ("600100.SH",)


def monday_pool(pool):
    late = Listing("600100.SH", list_date=dt.date(2024, 10, 14))
    return replace(pool, listings={**pool.listings, late.code: late})


def classes_of(rows):
    """A table of classes from rows of code, class, first day, last day and edition."""
    codes, classes, *days = zip(*rows, strict=True)
    begins, ends, vintages = (np.array(each, dtype="datetime64[D]") for each in days)
    return Classes(np.array(codes), np.array(classes), begins, ends, vintages)


def test_industries_are_those_of_the_classes_a_reader_had():
    old, new = "2024-08-31", "2026-06-05"
    rows = [(f"{600000 + n}.SH", "720502", "2021-07-30", "NaT", old) for n in range(24)]
    rows[1] = ("600001.SH", "480301", "2021-07-30", "NaT", old)
    rows[2] = ("600002.SH", "720502", "2024-10-14", "NaT", new)  # classed later
    rows[3] = ("600003.SH", "720502", "2021-07-30", "2024-10-11", old)  # classed until then
    rows[4] = ("600004.SH", "210202", "2014-01-01", "NaT", old)  # of an industry that is no more
    rows[5] = ("600005.SH", "730204", "2021-07-30", "NaT", new)  # unknown to the edition
    rows += [("600001.SH", "720502", "2021-07-30", "NaT", new)]  # the past, rewritten
    frame = made_up()
    first = (frame["date"] == ENTRY) & (frame["code"] == "600001.SH")  # suspended that day
    pool = replace(pooled(frame[~first]), classes=classes_of(rows))
    universe = universe_of(pool, WHEN, AXIS, "total")

    found = dict(zip(universe.codes, universe.industry, strict=True))
    assert universe.others["600001.SH"] == ("801780.SI", -1)
    assert found["600002.SH"] is None
    assert found["600003.SH"] is None
    assert found["600004.SH"] == pool.listings["600004.SH"].industry
    assert found["600005.SH"] == "801770.SI"
    assert {found[f"{600000 + n}.SH"] for n in range(6, 24)} == {MEDIA}


def test_an_industry_of_a_later_day_is_unknown():
    pool = pooled(made_up())
    for facts, expected in (
        ({"industry_as_of": "2024-10-11 (an edition)"}, MEDIA),
        ({"industry_as_of": "2024-10-14 first entry"}, None),
        # A history tells for itself.
        (
            {"industry_as_of": "2025-06-05", "industries": ((dt.date(2021, 7, 30), MEDIA),)},
            MEDIA,
        ),
    ):
        universe = universe_of(listed_on(pool, "600001.SH", **facts), WHEN, AXIS, "total")
        assert universe.industry[universe.codes.index("600001.SH")] == expected, facts


def test_classes_of_an_older_scheme_name_no_industry():
    # One code, 220302, was petrochemicals' once: before 2021-07-31 the listing tells.
    rows = [(f"{600000 + n}.SH", "220302", "2014-01-01", "NaT", "NaT") for n in range(24)]
    classes, listings = classes_of(rows), {"600000.SH": Listing("600000.SH", industry=MEDIA)}
    for day, expected in ((dt.date(2021, 7, 30), MEDIA), (dt.date(2021, 8, 2), "801030.SI")):
        assert industries_on(day, ["600000.SH"], classes, listings) == [expected]


def test_the_market_is_checked_to_the_end_of_the_window(monkeypatch):
    asked = []

    def noted(where, *days, **options):
        asked.append((days, options))
        return read_pool(where, *days, **options)

    monkeypatch.setattr("thesis.examination.read_pool", noted)
    found = evidence("optical_module", prices="sample", draws=100)
    ((days, options),) = asked
    assert options == {"checked_to": found.score.when.end}
    assert days[1] > found.score.when.end


def test_no_bar_after_the_window_changes_who_is_drawn(tmp_path):
    frame = made_up()
    after = frame["date"] > np.datetime64("2025-04-11")
    bad = frame.copy()
    bad.loc[after & (frame["code"] == "600003.SH"), "factor"] = np.nan
    bad.loc[after & (frame["code"] == "600004.SH"), "close"] = -1.0
    found = []
    for name, bars in (("whole", frame), ("bad", bad)):
        (tmp_path / name).mkdir()
        bars.to_parquet(tmp_path / name / "bars.parquet")
        span = pool_span(WHEN, AXIS, AS_OF)
        pool = read_pool(tmp_path / name, *span, checked_to=WHEN.end)
        found.append(universe_of(pool, WHEN, AXIS, "total"))
    plain, other = found

    assert len(plain.codes) == 24
    assert plain.codes == other.codes
    assert plain.left_out == other.left_out
    assert plain.ended == other.ended == ()
    np.testing.assert_array_equal(plain.returns, other.returns)


def test_two_measures_are_never_ranked_against_each_other():
    universe = universe_of(pooled(made_up()), WHEN, AXIS, "total")
    for industry in (MEDIA, COMMUNICATIONS):
        for measure in ("float_cap", "median_amount"):
            mine = [
                row
                for row in range(len(universe.codes))
                if (universe.industry[row], universe.size_measure[row]) == (industry, measure)
            ]
            order = sorted(mine, key=lambda row: universe.size[row])
            assert [k * 3 // len(mine) for k in range(len(mine))] == [
                universe.tercile[row] for row in order
            ]


@pytest.mark.parametrize("price", ["open", "close", "vwap"])
@pytest.mark.parametrize("basis", ["total", "price"])
def test_every_price_and_basis_is_that_of_the_paper_basket(price, basis):
    frame = made_up()
    pool = pooled(frame)
    universe = universe_of(pool, WHEN, AXIS, basis, price)
    equal = Weights({"all": dict.fromkeys(universe.codes, 1 / len(universe.codes))})
    own = simulate_paper(
        universe.codes, equal, PricePanel.from_frame(frame), AXIS, price, basis
    ).basket

    np.testing.assert_array_equal(own.returns.T, universe.returns)
    np.testing.assert_allclose(own.path, universe.equal_weight, atol=1e-12)


def test_a_stock_that_ends_is_carried_and_one_that_resumes_has_not_ended():
    frame = made_up()
    ends = (frame["code"] == "600005.SH") & (frame["date"] > np.datetime64("2025-01-10"))
    rests = (frame["code"] == "600006.SH") & (
        (frame["date"] > np.datetime64("2025-03-31"))
        & (frame["date"] < np.datetime64("2025-04-21"))
    )
    universe = universe_of(pooled(frame[~ends & ~rests]), WHEN, AXIS, "total")

    assert universe.ended == ("600005.SH",)
    row = universe.codes.index("600005.SH")
    stop = int(np.searchsorted(AXIS, np.datetime64("2025-01-10")))
    assert (universe.returns[row, stop:] == universe.returns[row, stop]).all()
    said = survivorship(universe)
    assert said.ended_return == universe.returns[row, -1]
    assert said.others_return == pytest.approx(
        np.delete(universe.returns[:, -1], row).mean(), abs=1e-15
    )


def test_a_pool_that_is_too_short_says_so():
    pool = pooled(made_up())
    short = read_pool(pool.panel, dt.date(2024, 6, 20), dt.date(2025, 1, 20))
    with pytest.raises(PricesError, match="2025-04-11 is not among its sessions"):
        universe_of(short, WHEN, AXIS, "total")
    late = read_pool(pool.panel, dt.date(2024, 8, 20), dt.date(2025, 4, 25))
    with pytest.raises(NotScorableError, match="less than 60 sessions before 2024-09-23"):
        universe_of(late, WHEN, AXIS, "total")
    with pytest.raises(NotScorableError, match="no entry session"):
        universe_of(pool, replace(WHEN, known=None), AXIS, "total")


def test_groups_of_fewer_than_three_and_unknown_industries_have_no_tercile():
    sizes = np.array([1.0, 2.0, 3.0, 4.0, 5.0, 6.0, np.nan])
    groups = ["a", "a", "b", "b", "b", None, "b"]
    assert terciles(sizes, groups, groups).tolist() == [-1, -1, 0, 1, 2, -1, -1]
