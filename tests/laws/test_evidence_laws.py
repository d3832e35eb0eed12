"""Laws of the evidence: nothing after today, no part leans on another, every part one verdict."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

import thesis
from thesis.market.panel import PricePanel
from thesis.market.pool import read_pool
from thesis.scoring.evidence import examine, span
from thesis.scoring.needs import wanted_codes
from thesis.trading.strategy import Strategy

DRAWS = 100
TODAY = "2025-01-31"
PRICES = ("open", "high", "low", "close", "pre_close", "amount")
#: Parts that look at the thesis's own prices alone, and never at a market that is drawn from.
OWN = ("chance", "random_dates", "event_tests", "run_up", "surface", "readings", "attribution")


@pytest.fixture(scope="session")
def bars():
    """Every bar of the sample at twice its prices: a market that is not known for the sample."""
    frame = thesis.read_prices("sample").to_frame()
    frame[list(PRICES)] *= 2
    return frame


def told(bars, as_of, **options):
    panel = PricePanel.from_frame(bars)
    result = thesis.evidence("media_ai", panel, draws=DRAWS, as_of=as_of, **options)
    return result.to_dict()


def wild(bars, after):
    """The bars with every later one changed, a good part gone, and prices at random."""
    later = pd.to_datetime(bars["date"]) > after
    random = np.random.default_rng(3)
    by_code = pd.Series(random.uniform(0.2, 5.0, bars["code"].nunique()), bars["code"].unique())
    by = bars["code"].map(by_code) * random.uniform(0.95, 1.05, len(bars))
    changed = bars.copy()
    changed.loc[later, list(PRICES)] = changed.loc[later, list(PRICES)].mul(by[later], axis=0)
    changed.loc[later, ["factor", "share_factor"]] *= 3.0
    changed.loc[later, "turnover"] /= 2
    return changed[~later | (random.random(len(bars)) < 0.7)]


@pytest.mark.parametrize("as_of", ["2024-10-14", TODAY])
def test_nothing_after_today_is_looked_at(bars, as_of):
    """Not even whether a stock that had stopped trading by then ever traded again."""
    day = pd.to_datetime(bars["date"])
    stopped = (bars["code"] == "000063.SZ") & (day >= "2025-01-20") & (day <= "2025-02-10")
    bars = bars[~stopped]
    known = told(bars[pd.to_datetime(bars["date"]) <= as_of], as_of)
    asked, changed = told(bars, as_of), told(wild(bars, as_of), as_of)

    # A jump among the later bars is warned of when prices are read.
    jumps = ("price_jump", "index_jump")
    for each in (known, known["evidence"], asked, asked["evidence"], changed, changed["evidence"]):
        each["warnings"] = [x for x in each["warnings"] if x["code"] not in jumps]
    assert known == asked == changed
    assert known["evidence"]["chance"]["paper"][0]["readings"] is not None
    ended = known["evidence"]["placebo"]["drawn_from"]["survivorship"]["ended"]
    assert (as_of == TODAY) == (ended > 0)


def test_the_changes_of_that_law_do_change_what_is_looked_at(bars):
    later = "2025-07-31"
    one, other = told(bars, later)["evidence"], told(wild(bars, TODAY), later)["evidence"]

    for part in ("surface", "event_tests", "placebo", "readings", "attribution"):
        assert one[part] != other[part]
    assert one["chance"] == other["chance"]  # all of it lies before publication
    assert one["random_dates"]["windows"] == other["random_dates"]["windows"]
    early = one["surface"]["sessions"].index("2025-01-27")  # the last session before the holiday
    for row, twin in zip(one["surface"]["excess"], other["surface"]["excess"], strict=True):
        assert row[: early + 1] == twin[: early + 1]


def test_the_order_of_rows_and_columns_changes_nothing(bars):
    shuffled = bars.sample(frac=1.0, random_state=5)[sorted(bars.columns)]
    one, other = told(bars, TODAY), told(shuffled, TODAY)

    for each in (one, one["evidence"], other, other["evidence"]):
        each["warnings"] = [x for x in each["warnings"] if x["code"] != "unsorted"]
    assert one == other


def test_strangers_change_what_is_drawn_and_nothing_else(bars):
    own = bars[bars["code"].isin(wanted_codes(thesis.load("media_ai")))]
    alone, among = told(own, TODAY), told(bars, TODAY)
    one, other = alone["evidence"], among["evidence"]

    for part in OWN:
        assert one[part] == other[part]
    assert one["placebo"]["pools"] != other["placebo"]["pools"]
    for leg in ("paper", "net", "sector", "verdict", "bridge", "trades"):
        assert alone[leg] == among[leg]


def test_history_before_publication_decides_the_base_rate_and_no_reading(bars):
    """Names twice as wild before the entry: another base rate, the same surface."""
    before = pd.to_datetime(bars["date"]) < "2024-09-20"
    changed = bars.copy()
    noise = np.exp(np.random.default_rng(9).normal(0, 0.04, len(bars)))
    stocks = ~bars["code"].str.endswith((".SI", ".CSI")) & (bars["code"] != "000300.SH")
    some = before & stocks
    changed.loc[some, list(PRICES)] = changed.loc[some, list(PRICES)].mul(noise[some], axis=0)
    one, other = told(bars, TODAY)["evidence"], told(changed, TODAY)["evidence"]
    worlds = one["chance"]["paper"], other["chance"]["paper"]

    for calm, stormy in zip(*worlds, strict=True):
        assert stormy["tracking_error"] > 1.3 * calm["tracking_error"]
    assert one["surface"] == other["surface"]
    assert one["attribution"] == other["attribution"]
    for pool in ("market", "industry"):  # sizes may differ, strata of industries do not
        assert one["placebo"]["pools"][pool] == other["placebo"]["pools"][pool]


STRATEGIES = (
    {},
    {"entry": "close", "delay": 3},
    {"entry": "vwap", "delay": 1, "weights": "inverse_vol", "rebalance": "monthly"},
    {"weights": "segment", "exit": "stop-loss 0.1", "cash": "benchmark"},
    {"weights": "float_cap", "costs": "none", "lots": "fractional", "limits": "none"},
    {"exit": "2025-02-14", "dividend_tax": "individual"},
)


def stormy(lab, seed):
    """A market in which some names are suspended for a while from the entry on."""
    world, random = lab.world(seed), np.random.default_rng(seed)
    for code in random.choice(lab.NAMES, 2, replace=False):
        first = world.row(lab.ENTRY) + int(random.choice([0, random.integers(90)]))
        world = world.without(code, slice(first, first + int(random.integers(1, 30))))
    return world


@pytest.mark.parametrize("seed", range(len(STRATEGIES)))
def test_every_part_is_about_the_verdict_beside_it(lab, seed):
    strategy = Strategy(**STRATEGIES[seed])
    score = lab.score(stormy(lab, seed), strategy)
    filled, found = weigh(score)
    paper, parts = score.paper.readings, found.attribution

    assert (score.paper, score.net, score.sector) == (filled.paper, filled.net, filled.sector)
    assert all(reading is not None for reading in paper.values())
    for key, reading in paper.items():
        own = found.surface.by_delay[strategy.delay].excess[key]
        assert reading.excess == pytest.approx(own, abs=1e-12)
        total = parts.industry[key] + parts.selection[key] + parts.dividends[key]
        assert reading.excess == parts.excess[key] == pytest.approx(total, abs=1e-12)
    assert paper["mean"].rating == found.surface.by_delay[strategy.delay].rating
    if found.definitions is not None:
        assert paper["mean"].excess == found.definitions.headline.excess
    for reading in readings_of(found):
        assert 1.0 == pytest.approx(sum(reading.shares.values()), abs=1e-12)
        assert all(0.0 <= share <= 1.0 for share in reading.shares.values())


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("names", [1, 2, 4])
def test_a_p_is_never_nothing_and_what_it_beats_is_the_rest(lab, seed, names):
    segments = (("one", lab.NAMES[:names]),)
    _, found = weigh(lab.score(lab.world(seed), thesis=lab.thesis(segments)))
    pool = found.placebo.pools["market"]

    assert pool.exact == (pool.draws != DRAWS)
    for reading in pool.readings.values():
        assert 0.0 < reading.p <= 1.0
        assert reading.beats <= reading.percentile <= 1.0
        # Lists that do as well, and those that do worse, are all lists.
        ahead = reading.p if pool.exact else (reading.p * (pool.draws + 1) - 1) / pool.draws
        assert 1.0 == pytest.approx(ahead + reading.beats, abs=1e-9)


def weigh(score, seed=1):
    days = span(score)
    assert days is not None
    assert isinstance(days[0], dt.date)
    return examine(score, read_pool(score.case.panel, *days), None, DRAWS, seed)


def readings_of(found):
    worlds = [*found.chance.paper, *found.chance.sector]
    pools = found.placebo.pools.values() if found.placebo else ()
    for each in (*worlds, *pools):
        yield from (x for x in (each.readings or {}).values() if x is not None)
