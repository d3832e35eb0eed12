"""The parts of the evidence against the verdict they weigh, and what is said of those not there."""

import dataclasses
import functools

import numpy as np
import pandas as pd
import pyarrow.dataset as ds
import pytest

import thesis
from thesis.errors import NotScorableError, PricesError, RulesError, UsageError
from thesis.examination import surface_of
from thesis.reporting.words.evidence import evidence_lines
from thesis.scoring.needs import wanted_codes

DRAWS = 100
READINGS = ("3m", "4m", "5m", "6m", "mean")
OF_NAMES = {
    "placebo", "random_dates", "events", "surface", "readings", "best_name", "wider",
}  # fmt: skip

#: Random lists of seven that earned Buy from 2024-10-14: of media names, which DESIGN's own example
#: prints, and of names of any industry. Both were counted with other code before this was written.
BUYS = {"industry": 0.82, "market": 0.62}


@functools.cache
def weighed(name, where="sample", draws=DRAWS, **options):
    return thesis.evidence(name, where, draws=draws, **options)


@functools.cache
def own_bars(name, times=2.0):
    """Bars of a thesis alone; not the sample itself, which is known wherever it turns up."""
    bars = thesis.read_prices("sample", wanted_codes(thesis.load(name))).to_frame()
    for column in ("open", "high", "low", "close", "pre_close", "amount"):
        bars[column] *= times
    return bars


# Numbers of record, on real prices


@pytest.fixture(scope="module")
def media(market):
    return weighed("media_ai", market, 10_000)


@pytest.mark.parametrize("pool", BUYS)
def test_random_lists_earn_buy_as_often_as_was_counted_before(media, pool):
    reading = media.evidence.placebo.pools[pool].readings["mean"]

    assert BUYS[pool] == pytest.approx(reading.shares["buy"], abs=0.015)


def test_random_lists_earn_buy_as_often_as_pandas_says(media, market):
    """Raw files, pandas and lists of its own. The mean over the window is linear in the names."""
    value = headlines(market)
    benchmark = benchmark_headline(market)
    classes = pd.read_csv(market / "sw_membership.csv.gz", dtype="str")
    classes = classes[classes["vintage"] == "2024-08-31"]
    then = (classes["in_date"] <= "2024-10-11") & (classes["out_date"].fillna("9") > "2024-10-11")
    named = classes[then & (classes["sw_l1_code"] == "801760.SI")]["code"]
    random = np.random.default_rng(7)

    for pool, values in (("market", value), ("industry", value[value.index.isin(named)])):
        drawn = random.integers(len(values), size=(60_000, 7))
        drawn = drawn[(np.diff(np.sort(drawn), axis=1) > 0).all(axis=1)]  # without replacement
        buys = (values.to_numpy()[drawn].mean(axis=1) - benchmark >= 0.15).mean()
        found = media.evidence.placebo.pools[pool].readings["mean"]

        assert len(drawn) > 40_000
        assert buys == pytest.approx(found.shares["buy"], abs=0.02)
        spread = np.std(values, ddof=1) * np.sqrt((1 - 7 / len(values)) / 7)  # Cochran
        assert spread == pytest.approx(found.expected_sd, rel=0.03)
        assert values.mean() - benchmark == pytest.approx(found.expected_mean, abs=0.005)


def headlines(market):
    """Mean return over months 3-6 of every stock that opened below its limit on 2024-10-14."""
    wanted = ["code", "date", "open", "close", "factor", "pre_close"]
    first, last = pd.Timestamp("2024-10-14"), pd.Timestamp("2025-04-11")
    some = (ds.field("date") >= first) & (ds.field("date") <= last)
    bars = pd.concat(
        ds.dataset(market / name).to_table(columns=wanted, filter=some).to_pandas()
        for name in ("bars.parquet", "universe.parquet")
    )
    bars["code"], bars["date"] = bars["code"].astype(str), pd.to_datetime(bars["date"])
    bars = bars[bars.groupby("code")["factor"].transform(lambda f: f.notna().all())]
    entry = bars[bars["date"] == first].set_index("code")
    entry = entry[entry["open"] < 1.095 * entry["pre_close"]]  # limits of 5% and 20% move no share
    worth = bars.assign(worth=bars["close"] * bars["factor"])
    worth = worth.pivot_table(index="date", columns="code", values="worth").ffill()
    returns = worth[entry.index] / (entry["open"] * entry["factor"]) - 1
    return returns[returns.index >= "2025-01-13"].mean()


def benchmark_headline(market):
    levels = pd.read_parquet(market / "index.parquet")
    levels["date"] = pd.to_datetime(levels["date"])
    table = levels.pivot_table(index="date", columns="code", values=["open", "close"])
    day, before = "2024-10-14", "2024-10-11"
    gap = table.loc[day, ("open", "000300.SH")] / table.loc[before, ("close", "000300.SH")]
    twin = table["close", "H00300.CSI"]
    return (twin["2025-01-13":"2025-04-11"] / (twin[before] * gap) - 1).mean()


def test_optical_module_with_another_name_of_its_class_is_neutral(market):
    """光迅科技 (002281.SZ) for 天孚通信 (300394.SZ), which was inferred."""
    found = weighed("optical_module", market)
    (wider,) = found.evidence.wider
    swap = next(x for x in wider.swaps if (x.out, x.into) == ("300394.SZ", ("002281.SZ",)))

    assert "underweight" == found.verdict.paper.earned == wider.own.rating
    assert "neutral" == swap.rating
    assert swap in wider.flips


# Every part is about the verdict beside it


@pytest.mark.parametrize("where", ["sample", "market"])
@pytest.mark.parametrize("name", ["media_ai", "optical_module", "connector"])
def test_parts_agree_with_the_verdict(request, where, name):
    folder = request.getfixturevalue("market") if where == "market" else where
    result = weighed(name, folder)
    found, paper = result.evidence, result.paper.readings
    parts = found.attribution
    headline = paper["mean"]

    for key in READINGS:
        total = parts.industry[key] + parts.selection[key] + parts.dividends[key]
        assert paper[key].excess == parts.excess[key] == pytest.approx(total, abs=1e-12)
        assert result.sector.readings[key].excess == parts.industry[key]
        by_name = sum(each.selection[key] for each in parts.names)
        assert parts.selection[key] == pytest.approx(by_name, abs=1e-12)
        assert paper[key].excess == pytest.approx(found.surface.by_delay[0].excess[key], abs=1e-12)
        for pool in found.placebo.pools.values():
            if pool.readings is not None:
                assert paper[key].excess == pool.readings[key].excess
    assert headline.rating == found.surface.by_delay[0].rating == found.definitions.headline.rating
    assert headline.excess == found.definitions.headline.excess
    assert result.score.when.entry == found.surface.by_delay[0].entry
    best = found.best_name
    assert headline.excess * best.share == pytest.approx(best.contribution, abs=1e-15)


@pytest.mark.parametrize("where", ["sample", "market"])
@pytest.mark.parametrize("name", ["media_ai", "connector"])
def test_the_path_passes_through_the_readings_and_the_run_up(request, where, name):
    folder = request.getfixturevalue("market") if where == "market" else where
    result = weighed(name, folder)
    events, paper = result.evidence.events, result.paper.readings
    path, clock = events.path, events.run_up
    at = {str(day): row for row, day in enumerate(path.session)}
    entry = at["2024-10-14"]

    assert 0 == path.offset[entry]
    assert 0.0 == path.car[entry - 1] == path.bhar[entry - 1]
    for key, day in result.score.when.windows.items():
        assert paper[key].excess == pytest.approx(path.bhar[at[str(day)]], abs=1e-12)
    assert clock.after == pytest.approx(paper["6m"].excess, abs=1e-12)
    assert "2025-04-11" == str(clock.until)
    sixty, twenty = clock.before
    assert (60, 20) == (sixty.sessions, twenty.sessions)
    assert twenty.excess == pytest.approx(-path.bhar[entry - 21], abs=1e-12)
    for before in clock.before:
        if before.share is not None:
            whole = before.excess + clock.after
            assert before.share == pytest.approx(before.excess / whole, abs=1e-12)
    risk = result.score.risk
    assert risk.equal_weight.readings is not None


def test_shares_are_counts_of_draws():
    found = weighed("media_ai").evidence
    pools = [pool for pool in found.placebo.pools.values() if pool.readings is not None]
    worlds = [*found.chance.paper, *found.chance.sector]

    assert (DRAWS, 4) == (found.draws, len(worlds))
    for shares, draws in [
        *((pool.readings["mean"].shares, pool.draws) for pool in pools),
        *((world.readings["mean"].shares, DRAWS) for world in worlds),
    ]:
        counts = np.array(list(shares.values())) * draws
        assert draws == pytest.approx(counts.sum())
        np.testing.assert_allclose(counts, np.round(counts), atol=1e-9)


# Where a part cannot be had, it is None with a sentence


def test_a_call_without_names_has_base_rates_of_its_sector_and_reasons():
    found = weighed("computer").evidence

    assert () == found.chance.paper
    assert 2 == len([world for world in found.chance.sector if world.readings is not None])
    assert OF_NAMES == found.reasons.keys()
    assert {"the thesis calls no names"} == set(found.reasons.values())
    parts = (found.placebo, found.random_dates, found.events, found.surface)
    assert {None} == {*parts, found.definitions, found.best_name, found.wider, found.drawn}
    assert found.attribution.excess == found.attribution.industry
    with pytest.raises(UsageError, match="computer: there is no surface: the thesis calls no nam"):
        thesis.surface("computer", "sample")


def test_among_the_names_of_a_thesis_alone_there_is_nothing_to_draw():
    result = weighed_own("optical_module")
    found = result.evidence

    assert {None} == {pool.readings for pool in found.placebo.pools.values()}
    assert "3 names there, and only 2 stocks" in found.placebo.pools["market"].reason
    assert "industry at publication is not known" in found.placebo.pools["industry"].reason
    assert "bars of 3 stocks" in next(
        each.message for each in found.cautions if each.code == "pool_small"
    )
    assert "no table of Shenwan level 3 classes" in found.wider[0].reason
    assert found.chance.paper[0].readings is not None
    assert found.surface is not None


@functools.cache
def weighed_own(name):
    return thesis.evidence(name, own_bars(name), draws=DRAWS)


def test_on_the_price_basis_a_market_without_share_factors_is_no_market(market):
    result = weighed("media_ai", market, basis="price")
    found = result.evidence

    assert found.placebo is None
    assert found.drawn is None
    assert "31 of 5301 stocks carry a share_factor" in found.reasons["placebo"]
    assert "--basis total has one" in found.reasons["placebo"]
    assert ["placebo"] == list(found.reasons)
    assert result.score.risk.equal_weight.readings is None
    for key in READINGS:  # no dividends on either side
        assert 0.0 == pytest.approx(found.attribution.dividends[key], abs=1e-15)
    assert "price" == found.definitions.headline.basis
    base, placebo, _ = evidence_lines(result)
    assert "earns Buy " in base
    assert f"Placebo: none: {found.reasons['placebo']}." == placebo


@pytest.mark.parametrize(
    ("name", "day"),
    [("media_ai", "2024-08-30"), ("media_ai", "2024-10-13"), ("computer", "2024-10-11")],
)
def test_before_the_entry_nothing_is_weighed(name, day):
    result = weighed(name, as_of=day)
    found = result.evidence

    assert "nothing of the window is known" == found.reasons["chance"] == found.reasons["placebo"]
    assert OF_NAMES | {"chance", "attribution"} == found.reasons.keys()
    assert all(
        getattr(found, field.name) is None
        for field in dataclasses.fields(found)
        if field.name not in ("draws", "seed", "reasons", "cautions")
    )


def test_on_the_entry_day_a_surface_without_a_known_cell_is_none():
    """One of the names was suspended that day: whether it will trade again is not known yet."""
    result = weighed("media_ai", as_of="2024-10-14")
    found = result.evidence

    assert found.surface is None
    assert "300364.SZ on 2024-10-10" in found.reasons["surface"]
    assert "300364.SZ on 2024-10-10" in found.reasons["events"]
    assert "the window's end is not known yet" == found.reasons["random_dates"]
    with pytest.raises(UsageError, match="media_ai: there is no surface: prices end before"):
        surface_of(result)


def test_inside_the_window_what_has_ended_is_weighed_and_the_rest_is_unknown():
    result = weighed("media_ai", as_of="2025-02-20")
    found = result.evidence

    assert {"random_dates": "the window's end is not known yet"} == found.reasons
    for pool in found.placebo.pools.values():
        if pool.readings is not None:
            assert ["3m", "4m"] == [key for key, each in pool.readings.items() if each]
    # A base rate is made of what lies before publication: it knows the whole window.
    assert all(found.chance.paper[0].readings[key] is not None for key in READINGS)
    assert "2025-02-20" == str(found.surface.sessions[-1]) == str(found.events.path.session[-1])
    assert found.events.run_up.after is None
    assert found.definitions.kept is None
    assert "the headline is not known" == found.best_name.reason


def test_a_single_name_has_no_test_across_names():
    found = weighed("connector").evidence
    tests = [test for each in found.events.estimates for test in each.tests.values() if test]

    assert 8 == len(tests)
    for test in tests:
        assert test.kolari_pynnonen.t is None is test.rank.t is test.rank_size is test.correlation
        assert "1 name; a test across names needs 3" == test.kolari_pynnonen.reason
        assert test.basket.t is not None
    assert 1 == found.placebo.names
    assert 1.0 == pytest.approx(found.best_name.share, abs=1e-12)


def test_prices_that_end_inside_the_window_leave_later_readings_unknown():
    bars = own_bars("media_ai")
    result = thesis.evidence(
        "media_ai", bars[pd.to_datetime(bars["date"]) <= "2025-02-10"], draws=DRAWS
    )
    found = result.evidence

    assert "not_scorable" == result.verdict.paper.result
    assert found.surface.window.count > 0
    assert found.surface.by_delay[0].excess["mean"] is None
    assert found.attribution.selection["mean"] is None
    assert "2025-02-10" in found.attribution.reasons["selection"]


def test_without_history_there_is_no_base_rate_and_the_rest_stands():
    bars = own_bars("media_ai")
    late = thesis.evidence(
        "media_ai", bars[pd.to_datetime(bars["date"]) >= "2024-10-08"], draws=DRAWS
    )

    for world in (*late.evidence.chance.paper, *late.evidence.chance.sector):
        assert world.readings is None
        assert "120 sessions" in world.reason
    for estimate in late.evidence.events.estimates:
        assert {None} == set(estimate.tests.values())
        assert "an estimate needs 120" in estimate.unknown["6m"]
    assert late.evidence.surface is not None


def test_taxed_dividends_do_not_stand_in_the_way_of_the_rest():
    """The price basis has no dividends to tax, so the cross of definitions may lack it."""
    result = weighed("media_ai", dividend_tax="individual")
    found = result.evidence

    assert found.definitions is not None or "dividend" in found.reasons["readings"]
    assert weighed("media_ai").evidence.surface.by_delay == found.surface.by_delay


def test_what_stops_one_part_stops_no_other(monkeypatch):
    why = {
        "definitions": UsageError("leave the tax out"),
        "random_dates": PricesError("no bars"),
        "event_tests": NotScorableError("no name"),
        "wider_lists": RulesError("no rule"),
    }

    def stop(error, *_):
        raise error

    for part, error in why.items():
        stopped = functools.partial(stop, error)
        monkeypatch.setattr(f"thesis.scoring.evidence.{part}", stopped)
    found = thesis.evidence("media_ai", "sample", draws=DRAWS).evidence

    assert {
        "readings": "leave the tax out", "random_dates": "no bars", "events": "no name",
        "wider": "no rule",
    } == found.reasons  # fmt: skip
    assert {None} == {found.definitions, found.random_dates, found.events, found.wider}
    assert found.surface is not None
    assert found.placebo is not None


# Prices from anywhere


@pytest.mark.parametrize("kind", ["panel", "file", "folder", "csv"])
def test_the_same_bars_give_the_same_evidence_wherever_they_lie(tmp_path, kind):
    bars = own_bars("optical_module")
    if kind == "panel":
        where = thesis.PricePanel.from_frame(bars)
    elif kind == "csv":
        where = tmp_path / "bars.csv"
        bars.to_csv(where, index=False)
    else:
        where = tmp_path / "bars.parquet"
        bars.to_parquet(where)
    where = tmp_path if kind == "folder" else where
    one = weighed_own("optical_module").to_dict()["evidence"]
    other = thesis.evidence("optical_module", where, draws=DRAWS).to_dict()["evidence"]

    for part in ("chance", "random_dates", "event_tests", "run_up", "surface", "readings"):
        assert one[part] == other[part]
    assert one["attribution"] == other["attribution"]
    assert one["placebo"]["pools"] == other["placebo"]["pools"]
    assert len(one["warnings"]) == len(other["warnings"])


def test_the_store_is_a_market_too(monkeypatch, tmp_path):
    """Without prices named, the store is drawn from where it has the names."""
    (tmp_path / "prices").mkdir()
    own_bars("optical_module").to_parquet(tmp_path / "prices" / "bars.parquet")
    monkeypatch.setenv("THESIS_HOME", str(tmp_path / "home"))
    thesis.import_bars(tmp_path / "prices")
    stored = thesis.evidence("optical_module", draws=DRAWS)
    found, whole = stored.evidence, weighed_own("optical_module").evidence

    assert not stored.simulated
    assert str(tmp_path / "home") in found.drawn.origin
    assert 2 == found.drawn.survivorship.drawn
    assert found.placebo.pools["market"].reason == whole.placebo.pools["market"].reason
    np.testing.assert_allclose(found.surface.excess, whole.surface.excess, rtol=0, atol=1e-9)
    assert whole.definitions.headline.rating == found.definitions.headline.rating


# What is asked for


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"draws": 99}, "draws = 99: give a whole number from 100 to 1,000,000"),
        ({"draws": 1_000_001}, "draws = 1000001"),
        ({"draws": 1e3}, "draws = 1000.0"),
        ({"draws": True}, "draws = True"),
        ({"draws": "500"}, "draws = '500'"),
        ({"draws": None}, "draws = None"),
        ({"seed": -1}, "seed = -1: give a whole number from 0"),
        ({"seed": 2**63}, "seed = 9223372036854775808"),
        ({"seed": 0.5}, "seed = 0.5"),
        ({"basis": "both"}, "basis = 'both'"),
        ({"dely": 3}, "unknown option dely"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(asked, sentence):
    with pytest.raises(UsageError, match=sentence):
        thesis.evidence("media_ai", "sample", **asked)


def test_the_caller_is_told_what_is_being_done():
    told = []
    thesis.evidence("computer", "sample", draws=DRAWS, seed=0, progress=told.append)

    assert ["backtesting", "reading the market", "drawing"] == told
