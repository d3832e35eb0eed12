"""Attribution sums exactly, by hand, in plain loops on panels with gaps, and on real prices."""

import datetime as dt
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import thesis
from thesis.market.calendar import sessions
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis
from thesis.scoring.assess import score_thesis
from thesis.scoring.attribution import Attribution, attribution
from thesis.scoring.basket import hold_names
from thesis.scoring.reading import Horizon
from thesis.scoring.score import Case, Score
from thesis.trading.simulation import decide_weights
from thesis.trading.strategy import Strategy

LAW = settings(
    deadline=None, max_examples=6, derandomize=True, phases=(Phase.explicit, Phase.generate)
)
DAYS = [
    day.item()
    for day in sessions()
    if np.datetime64("2024-10-11") <= day <= np.datetime64("2025-04-30")
]
ENTRY = DAYS.index(dt.date(2024, 10, 14))
ENDS = {
    "3m": DAYS.index(dt.date(2025, 1, 13)),
    "4m": DAYS.index(dt.date(2025, 2, 13)),
    "5m": DAYS.index(dt.date(2025, 3, 13)),
    "6m": DAYS.index(dt.date(2025, 4, 11)),
}
WINDOW = range(ENDS["3m"], ENDS["6m"] + 1)
KEYS = (*ENDS, "mean")
A, B, C, D, E = "600001.SH", "600002.SH", "000001.SZ", "300308.SZ", "688256.SH"
PRICE, TOTAL, SECTOR, OWN, OTHER = (
    "000300.SH", "H00300.CSI", "801760.SI", "801750.SI", "801770.SI",
)  # fmt: skip
NAMES = (A, B, C, D, E)
INDICES = (PRICE, TOTAL, SECTOR, OWN, OTHER)
FAR = dt.date(2025, 6, 30)


def call(segments, sector=SECTOR, indices=None):
    """A thesis of 2024-10-13 with these segments of codes."""
    claim = {"rating": "buy", "scale": "sinolink_industry"}
    return Thesis.model_validate(
        {
            "id": "parts",
            "title": "Parts",
            "source": {"publisher": "Broker", "published": dt.date(2024, 10, 13)},
            "claim": claim | ({"sector_index": sector} if sector else {}),
            "segment": [
                {"id": name, "pick": [{"code": code, "basis": "named"} for code in codes]}
                | ({"benchmark_index": indices[name]} if indices and name in indices else {})
                | ({} if codes else {"status": "no_names"})
                for name, codes in segments.items()
            ],
        }
    )


def bars(code, opens, closes, factor=1.0, share_factor=1.0, days=DAYS):
    """Bars of a code; a NaN close is no bar."""
    frame = pd.DataFrame(
        {"code": code, "date": days, "open": opens, "close": closes,
         "factor": factor, "share_factor": share_factor}
    )  # fmt: skip
    frame = frame[frame["close"].notna()]
    sides = frame[["open", "close"]]
    traded = {"high": sides.max(axis=1), "low": sides.min(axis=1), "volume": 1e6}
    return frame.assign(**traded, amount=1e6 * sides.mean(axis=1))


def run(idea, prices, basis="total", as_of=FAR, **how) -> tuple[Score, Attribution]:
    if isinstance(prices, pd.DataFrame):
        prices = PricePanel.from_frame(prices)
    panel = prices.up_to(as_of)
    strategy = Strategy(limits="none", **how)
    return attributed(score_thesis(Case(idea, strategy, panel, basis, as_of)))


def attributed(score) -> tuple[Score, Attribution]:
    case, held = score.case, None
    if case.thesis.codes:
        weights = decide_weights(case.thesis, case.strategy, case.panel, score.when)
        held = hold_names(case, weights, score.axis, score.basis)
    return score, attribution(score, held, Horizon.on(score.axis, score.when.windows))


def assert_sums(score, found):
    """Every identity, at every reading: no part is lost and none is counted twice."""
    for key in KEYS:
        reading = score.primary.readings[key]
        assert (None if reading is None else reading.excess) == found.excess[key]
        parts = [part[key] for part in (found.industry, found.selection, found.dividends)]
        if None not in [*parts, found.excess[key]]:
            assert abs(math.fsum(parts) - found.excess[key]) <= 1e-12
        names = [name.selection[key] for name in found.names if name.selection[key] is not None]
        segments = [s.selection[key] for s in found.segments if s.selection[key] is not None]
        if found.selection[key] is not None:
            assert abs(math.fsum(names) - found.selection[key]) <= 1e-12
            assert abs(math.fsum(segments) - found.selection[key]) <= 1e-12
        if found.dividends[key] is not None:
            paid = [name.dividends[key] for name in found.names if name.dividends[key] is not None]
            rest = math.fsum(paid) - found.benchmark_dividends[key]
            assert abs(rest - found.dividends[key]) <= 1e-12
        if (effects := found.brinson) is not None and effects.excess[key] is not None:
            two = [x[key] for s in effects.segments for x in (s.allocation, s.selection)]
            assert abs(math.fsum(two) - effects.excess[key]) <= 1e-12
            if not effects.linked:
                assert abs(effects.excess[key] - found.selection[key]) <= 1e-12


def steps(levels):
    """A level from the entry on, then one from each month's end on."""
    rows = [ENTRY, *ENDS.values()]
    return [levels[max(0, sum(row <= at for row in rows) - 1)] for at in range(len(DAYS))]


def held_at(moments):
    """The mean over the window of values that hold from each month's end to the next."""
    counts = np.diff([*ENDS.values(), ENDS["6m"] + 1])
    return float((np.array(moments) * counts).sum() / counts.sum())


def test_by_hand_on_two_names_and_five_moments():
    # Closes at entry, 3m, 4m, 5m, 6m, all opened at their first. A pays 0.5 before the 4m end (a
    # factor of 1.05); B issues one share for one before the 5m end.
    frame = pd.concat(
        [
            bars(A, 10.0, steps([10.0, 11.0, 10.5, 11.0, 12.0]), steps([1, 1, 1.05, 1.05, 1.05])),
            bars(B, 20.0, steps([20.0, 20.0, 22.0, 11.0, 9.0]),
                 steps([1, 1, 1, 2, 2]), steps([1, 1, 1, 2, 2])),
            bars(PRICE, 4000.0, steps([4000.0, 4080.0, 4200.0, 4000.0, 3800.0])),
            bars(TOTAL, np.nan, steps([5000.0, 5150.0, 5300.0, 5050.0, 4900.0])),
            bars(SECTOR, 600.0, steps([600.0, 618.0, 660.0, 630.0, 594.0])),
        ]
    )  # fmt: skip
    score, found = run(call({"one": [A], "both": [A, B], "none": []}), frame)

    a = [0.10, 0.05, 0.10, 0.20]  # 11/10, 10.5/10, 11/10, 12/10 without the dividend
    a_total = [0.10, 0.1025, 0.155, 0.26]  # from 4m on times 1.05
    b = [0.0, 0.10, 0.10, -0.10]  # 20/20, 22/20, 2 x 11/20, 2 x 9/20
    market, total, sector = (
        [0.02, 0.05, 0.0, -0.05], [0.03, 0.06, 0.01, -0.02], [0.03, 0.10, 0.05, -0.01],
    )  # fmt: skip

    def by_hand(values):
        return dict(zip(KEYS, [*values, held_at(values)], strict=True))

    def rows(form):
        return by_hand(
            [form(*row) for row in zip(a, a_total, b, market, total, sector, strict=True)]
        )

    expected = {
        "excess": rows(lambda a, t, b, m, h, s: (t + b) / 2 - h),
        "industry": rows(lambda a, t, b, m, h, s: s - m),
        "selection": rows(lambda a, t, b, m, h, s: (a + b) / 2 - s),
        "dividends": rows(lambda a, t, b, m, h, s: (t - a) / 2 - (h - m)),
        "benchmark_dividends": rows(lambda a, t, b, m, h, s: h - m),
    }
    for part, values in expected.items():
        assert values == pytest.approx(getattr(found, part), abs=1e-12), part
    names = {name.code: name for name in found.names}
    lead_a, lead_b = (rows(lambda a, t, b, m, h, s: (a - s) / 2),
                      rows(lambda a, t, b, m, h, s: (b - s) / 2))  # fmt: skip
    assert lead_a == pytest.approx(names[A].selection, abs=1e-12)
    assert lead_b == pytest.approx(names[B].selection, abs=1e-12)
    assert rows(lambda a, t, b, m, h, s: (t - a) / 2) == pytest.approx(
        names[A].dividends, abs=1e-12
    )
    assert dict.fromkeys(KEYS, 0.0) == pytest.approx(names[B].dividends, abs=1e-15)
    # A stands in two segments: half of its weight, and of its lead, in each.
    one, both, none = found.segments
    assert (0.25, 0.75, 0.0) == (one.weight, both.weight, none.weight)
    assert {k: lead_a[k] / 2 for k in KEYS} == pytest.approx(one.selection, abs=1e-12)
    assert {k: lead_a[k] / 2 + lead_b[k] for k in KEYS} == pytest.approx(both.selection, abs=1e-12)
    assert dict.fromkeys(KEYS) == none.selection
    assert {"brinson": "no segment of parts names a benchmark_index"} == found.reasons
    assert_sums(score, found)


@dataclass(frozen=True)
class World:
    """A random market in plain lists, and the thesis on it."""

    idea: Thesis
    frame: pd.DataFrame


def world(seed, gaps=True, indices=None):
    """Five names in three overlapping segments: suspended, late, never there, or without data."""
    rng = np.random.default_rng(seed)
    frames = []
    for number, code in enumerate(NAMES):
        closes = 20.0 * np.exp(np.cumsum(rng.normal(0, 0.03, len(DAYS))))
        opens = closes * np.exp(rng.normal(0, 0.01, len(DAYS)))
        ex = rng.random(len(DAYS)) < 0.02
        shares = np.cumprod(np.where(ex, 1 + rng.integers(0, 2, len(DAYS)) * 0.5, 1.0))
        factor = shares * np.cumprod(np.where(ex, 1 + rng.random(len(DAYS)) * 0.04, 1.0))
        if gaps:
            for _ in range(int(rng.integers(0, 4))):
                start = int(rng.integers(1, len(DAYS) - 20))
                closes[start : start + int(rng.integers(1, 15))] = np.nan
            fate = rng.choice(["there", "late", "never", "missing"], p=[0.55, 0.2, 0.15, 0.1])
            if fate == "late" and number:
                closes[ENTRY : ENTRY + int(rng.integers(1, 90))] = np.nan
            elif fate == "never" and number:
                closes[ENTRY : ENDS["6m"] + 1] = np.nan
            elif fate == "missing" and number == 4:
                continue  # no bar at all: its weight leaves the basket
        frames.append(bars(code, opens, closes, factor / factor[0], shares / shares[0]))
    for code in INDICES:
        levels = 1000 * np.exp(np.cumsum(rng.normal(0, 0.015, len(DAYS))))
        opens = levels * np.exp(rng.normal(0, 0.005, len(DAYS)))
        frames.append(bars(code, np.nan if code == TOTAL else opens, levels))
    segments = {"one": [A, B], "two": [B, C, D, E], "three": [A], "nobody": []}
    return World(call(segments, indices=indices), pd.concat(frames))


def table(frame):
    """Code to day to bar, as dicts."""
    found: dict[str, dict] = {}
    for row in frame.to_dict("records"):
        found.setdefault(row["code"], {})[row["date"]] = row
    return found


def plain_reading(values):
    """A value a session at every reading."""
    at = {key: values[row] for key, row in ENDS.items()}
    return at | {"mean": math.fsum(values[row] for row in WINDOW) / len(WINDOW)}


def plain_paths(bars_of, code, scale):
    """Return since the own entry, a session at a time; `scale` is the column of the factor."""
    path, paid, mark = {}, None, None
    for row in range(ENTRY, len(DAYS)):
        bar = bars_of.get(code, {}).get(DAYS[row])
        if bar:
            paid = paid or bar["open"] * bar[scale]
            mark = bar["close"] * bar[scale]
        path[row] = mark / paid - 1 if paid else 0.0
    return path


def plain_index(bars_of, code):
    start = bars_of[code][DAYS[ENTRY]]["open"]
    return {row: bars_of[code][DAYS[row]]["close"] / start - 1 for row in range(ENTRY, len(DAYS))}


@LAW
@given(st.integers(0, 2**32 - 1))
def test_it_is_what_a_plain_loop_says(seed):
    made = world(seed)
    score, found = run(made.idea, made.frame)
    of = table(made.frame)

    sector, price = plain_index(of, SECTOR), plain_index(of, PRICE)
    open_level = (
        of[TOTAL][DAYS[ENTRY - 1]]["close"]
        * of[PRICE][DAYS[ENTRY]]["open"]
        / of[PRICE][DAYS[ENTRY - 1]]["close"]
    )
    homes = {"one": [A, B], "two": [B, C, D, E], "three": [A]}
    there = [code for code in NAMES if code in of]
    gave = {
        s: {c: 1 / len(there) / sum(c in h for h in homes.values()) for c in h if c in there}
        for s, h in homes.items()
    }
    names = {}
    for code in there:
        plain, whole = (plain_paths(of, code, scale) for scale in ("share_factor", "factor"))
        names[code] = [
            {row: (plain[row] - sector[row]) / len(there) for row in plain},
            {row: (whole[row] - plain[row]) / len(there) for row in plain},
        ]
    rows = range(ENTRY, len(DAYS))
    more = {r: of[TOTAL][DAYS[r]]["close"] / open_level - 1 - price[r] for r in rows}

    def same(expected, part):
        assert plain_reading(expected) == pytest.approx(part, abs=1e-11)

    same({r: sector[r] - price[r] for r in rows}, found.industry)
    same({r: math.fsum(n[0][r] for n in names.values()) for r in rows}, found.selection)
    same({r: math.fsum(n[1][r] for n in names.values()) - more[r] for r in rows}, found.dividends)
    for name in found.names:
        if name.code in names:
            same(names[name.code][0], name.selection)
            same(names[name.code][1], name.dividends)
        else:
            assert (0.0, dict.fromkeys(KEYS)) == (name.weight, name.selection)
    for segment in found.segments[:3]:
        given_to = gave[segment.id]
        share = {r: math.fsum(w * len(there) * names[c][0][r] for c, w in given_to.items())
                 for r in rows}  # fmt: skip
        same(share, segment.selection)
    assert_sums(score, found)


@LAW
@given(st.integers(0, 2**32 - 1), st.sampled_from(["equal", "segment"]))
def test_it_sums_exactly_whatever_happens_to_names(seed, weighting):
    indices = {"one": OWN, "two": OTHER, "three": SECTOR}
    made = world(seed, indices=indices)
    panel = PricePanel.from_frame(made.frame)
    for basis in ("total", "price"):
        for rebalance in ("none", "monthly"):
            score, found = run(made.idea, panel, basis, weights=weighting, rebalance=rebalance)
            assert found.brinson is not None
            assert (rebalance != "none") == found.brinson.linked
            assert_sums(score, found)
            if basis == "price":
                assert dict.fromkeys(KEYS, 0.0) == found.dividends
                assert dict.fromkeys(KEYS, 0.0) == found.benchmark_dividends


def test_off_benchmark_effects_by_hand():
    # A in one segment, B in another, equal weights; everything rises in one step before 3m.
    frame = pd.concat(
        [
            bars(A, 10.0, steps([10.0, 12.0, 12.0, 12.0, 12.0])),
            bars(B, 10.0, steps([10.0, 9.0, 9.0, 9.0, 9.0])),
            *(bars(c, 100.0, steps([100.0, x, x, x, x])) for c, x in
              ((PRICE, 102.0), (SECTOR, 105.0), (OWN, 110.0), (OTHER, 104.0))),
            bars(TOTAL, np.nan, steps([100.0, 102.0, 102.0, 102.0, 102.0])),
        ]
    )  # fmt: skip
    idea = call({"up": [A], "down": [B]}, indices={"up": OWN, "down": OTHER})
    score, found = run(idea, frame)

    up, down = found.brinson.segments
    assert (0.5 * 0.05, 0.5 * 0.10) == pytest.approx((up.allocation["3m"], up.selection["3m"]))
    assert (0.5 * -0.01, 0.5 * -0.14) == pytest.approx(
        (down.allocation["mean"], down.selection["mean"])
    )
    assert (OWN, 0.5, False) == (up.benchmark_index, up.weight, found.brinson.linked)
    assert -0.0 == pytest.approx(found.brinson.excess["mean"])  # (20 - 10) / 2 - 5 points
    assert "brinson" not in found.reasons
    assert_sums(score, found)


def plain_reset(of, homes, indices, resets, row):
    """The weights-reset basket to a row's close: its return and Carino-linked effects, by loops."""
    codes = sorted({code for h in homes.values() for code in h})
    factor = "share_factor"
    cash, units, begun = dict.fromkeys(codes, 1 / len(codes)), {}, [ENTRY, *resets]
    begun = [r for r in begun if r <= row]
    gave = {s: {c: 1 / len(codes) / sum(c in h for h in homes.values()) for c in h}
            for s, h in homes.items()}  # fmt: skip

    def at_fill(code, r):
        bar = of[code].get(DAYS[r])
        return bar["open"] * bar[factor] if bar else at_close(code, r - 1)

    def at_close(code, r):
        while DAYS[r] not in of[code]:
            r -= 1
        return of[code][DAYS[r]]["close"] * of[code][DAYS[r]][factor]

    def worth(code, price):
        return cash[code] + units.get(code, 0.0) * price

    value, periods = 1.0, []
    for number, start in enumerate(begun):
        cash, units = {c: value / len(codes) for c in codes}, {}
        stop = begun[number + 1] if number + 1 < len(begun) else None
        for r in range(start, (row if stop is None else stop) + 1):
            for code in codes:  # a name enters at its first open; held ones are reset at once
                entered = any(DAYS[x] in of[code] for x in range(ENTRY, r + (r != stop)))
                if entered and code not in units and (r != stop):
                    units[code], cash[code] = cash[code] / at_fill(code, r), 0.0
        price = at_close if stop is None else at_fill
        end = row if stop is None else stop
        growth = {
            c: worth(c, price(c, end) if c in units else 0.0) * len(codes) / value - 1
            for c in codes
        }
        of_index = {}
        for index in (SECTOR, *indices.values()):
            first = of[index][DAYS[start]]["open"]
            last = of[index][DAYS[end]]["close" if stop is None else "open"]
            of_index[index] = last / first - 1
        periods.append((growth, of_index))
        value *= 1 + math.fsum(growth.values()) / len(codes)

    def k(r, b):
        return 1 / (1 + r) if r == b else (math.log(1 + r) - math.log(1 + b)) / (r - b)

    market = math.prod(1 + p[SECTOR] for _, p in periods) - 1
    effects = {s: [0.0, 0.0] for s in homes}
    for growth, of_index in periods:
        link = k(math.fsum(growth.values()) / len(codes), of_index[SECTOR]) / k(value - 1, market)
        for s, given_to in gave.items():
            w, b = math.fsum(given_to.values()), of_index[indices[s]]
            effects[s][0] += link * w * (b - of_index[SECTOR])
            effects[s][1] += link * (math.fsum(x * growth[c] for c, x in given_to.items()) - w * b)
    return value - 1, effects


def first_of_months():
    return [r for r in range(ENTRY + 1, len(DAYS)) if DAYS[r].month != DAYS[r - 1].month]


@pytest.mark.parametrize("seed", range(3))
def test_linked_effects_are_what_a_plain_loop_says(seed):
    homes = {"one": [A, B], "two": [B, C, D, E], "three": [A]}
    indices = {"one": OWN, "two": OTHER, "three": SECTOR}
    number = seed
    while len(table((made := world(number, indices=indices)).frame)) < len(NAMES + INDICES):
        number += 100  # a name without data is another test's
    # B is surely suspended on a session of rebalancing.
    reset = first_of_months()[1]
    stopped = made.frame["date"].isin(DAYS[reset - 2 : reset + 3]) & (made.frame["code"] == B)
    made = World(made.idea, made.frame[~stopped])
    of = table(made.frame)
    _, found = run(made.idea, made.frame, rebalance="monthly")

    for key, row in ENDS.items():
        value, effects = plain_reset(of, homes, indices, first_of_months(), row)
        assert value == pytest.approx(found.brinson.basket[key], abs=1e-10)
        for segment in found.brinson.segments:
            two = segment.allocation[key], segment.selection[key]
            assert effects[segment.id] == pytest.approx(two, abs=1e-9), (key, segment.id)


@pytest.mark.parametrize(
    ("entry", "rebalance"),
    [("open", "weekly"), ("open", "monthly"), ("close", "weekly"), ("vwap", "quarterly")],
)
def test_where_every_name_trades_it_is_the_basket_a_trader_without_friction_has(entry, rebalance):
    made = world(7, gaps=False, indices={"one": OWN, "two": OTHER, "three": SECTOR})
    score, found = run(made.idea, made.frame, "price", rebalance=rebalance, entry=entry)

    for key in KEYS:
        traded = score.traded.frictionless[key].ret
        assert traded == pytest.approx(found.brinson.basket[key], abs=1e-12)
    assert abs(found.brinson.excess["mean"] - found.selection["mean"]) > 1e-4  # another basket
    assert_sums(score, found)


def test_without_share_factor_selection_and_dividends_are_unknown_and_industry_is_not():
    made = world(3, gaps=False)
    frame = made.frame.copy()
    frame.loc[frame["code"] == C, "share_factor"] = np.nan
    score, found = run(made.idea, frame)

    nothing = dict.fromkeys(KEYS)
    assert (nothing, nothing) == (found.selection, found.dividends)
    assert None not in found.industry.values()
    assert None not in found.excess.values()
    sentence = (
        f"{C} in the DataFrame has no share_factor, without which price changes cannot be told "
        "from dividends"
    )
    assert sentence == found.reasons["selection"] == found.reasons["dividends"]
    names = {name.code: name for name in found.names}
    assert nothing == names[C].selection
    assert None not in names[A].selection.values()
    assert_sums(score, found)


def test_without_a_sector_index_the_dividends_alone_are_told():
    made = world(3, gaps=False)
    idea = call({"all": [A, B, C]}, sector=None, indices={"all": OWN})
    score, found = run(idea, made.frame)

    nothing = dict.fromkeys(KEYS)
    assert (nothing, nothing, None) == (found.industry, found.selection, found.brinson)
    assert None not in found.dividends.values()
    sentence = "parts names no sector index (claim.sector_index)"
    assert {"industry": sentence, "selection": sentence, "brinson": sentence} == found.reasons
    with_sector = run(call({"all": [A, B, C]}), made.frame)[1]
    assert with_sector.dividends == found.dividends
    assert_sums(score, found)


def test_a_call_without_names_is_all_industry():
    made = world(3, gaps=False)
    idea = made.idea.model_copy(update={"kind": "sector_call", "segment": ()})
    score, found = run(idea, made.frame)

    assert found.excess == found.industry
    assert score.sector.readings["mean"].excess == found.excess["mean"]
    assert dict.fromkeys(KEYS) == found.selection == found.dividends
    assert ((), (), None) == (found.names, found.segments, found.brinson)
    assert (
        "parts is a call without names: its excess is the industry's alone"
        == (found.reasons["selection"])
    )


def test_what_is_not_over_yet_is_unknown_with_the_day_it_will_be():
    made = world(3, gaps=False)
    score, found = run(made.idea, made.frame, as_of=dt.date(2025, 2, 20))

    for part in (found.excess, found.industry, found.selection, found.dividends):
        assert [False, False, True, True, True] == [part[key] is None for key in KEYS]
    assert "the window ends on 2025-04-11; this is as of 2025-02-20" == found.reasons["selection"]
    assert_sums(score, found)


def test_a_stale_name_leaves_later_readings_unknown_but_not_those_of_others():
    made = world(3, gaps=False)
    frame = made.frame[(made.frame["code"] != C) | (made.frame["date"] <= DAYS[ENDS["4m"]])]
    score, found = run(made.idea, frame)

    known = [True, True, False, False, False]
    assert known == [found.selection[key] is not None for key in KEYS]
    assert known == [found.dividends[key] is not None for key in KEYS]
    assert None not in found.industry.values()
    names = {name.code: name for name in found.names}
    assert known == [names[C].selection[key] is not None for key in KEYS]
    assert None not in names[A].selection.values()
    assert "prices end before the window" in found.reasons["dividends"]
    assert_sums(score, found)


def test_over_a_fifth_of_the_weight_without_data_nothing_is_selected():
    made = world(3, gaps=False)
    frame = made.frame[~made.frame["code"].isin([D, E])]
    score, found = run(made.idea, frame)

    assert dict.fromkeys(KEYS) == found.selection == found.dividends
    assert "40% of the weight has no prices" in found.reasons["selection"]
    assert_sums(score, found)


@pytest.mark.parametrize(
    ("indices", "sentence"),
    [
        ({"one": OWN}, "parts: two, three names no benchmark_index"),
        (
            {"one": OWN, "two": "801080.SI", "three": OWN},
            "the DataFrame has no bars of 801080.SI",
        ),
    ],
)
def test_segments_have_no_effects_where_one_lacks_an_index_or_its_levels(indices, sentence):
    made = world(3, gaps=False, indices=indices)
    _, found = run(made.idea, made.frame)

    assert None is found.brinson
    assert sentence == found.reasons["brinson"]


class Momentum(Strategy):
    """Weighs anew at every rebalance."""

    def reweigh(self, thesis, history, weights):
        return weights


def test_weights_decided_anew_say_nothing_of_segments():
    made = world(3, gaps=False, indices={"one": OWN, "two": OTHER, "three": SECTOR})
    panel = PricePanel.from_frame(made.frame)
    case = Case(made.idea, Momentum(limits="none", rebalance="monthly"), panel, "total", FAR)
    _, found = attributed(score_thesis(case))

    assert None is found.brinson
    assert "weighs names anew" in found.reasons["brinson"]


# Excess, industry, selection and dividends in points, as they were first measured.
REAL = {
    "media_ai": (29.76, 22.60, 7.61, -0.44),
    "optical_module": (-22.31, 13.78, -35.73, -0.36),
}


@pytest.mark.parametrize("name", REAL)
def test_on_real_prices(name, market):
    idea = thesis.load(name)
    sector = idea.claim.sector_index
    one_of = [("code", "in", [*idea.codes, PRICE, TOTAL, sector])]
    bars_read = pd.read_parquet(market / "bars.parquet", filters=one_of)
    index = pd.read_parquet(market / "index.parquet", filters=one_of)
    panel = thesis.read_prices(market, [*idea.codes, PRICE, TOTAL, sector])
    score = score_thesis(Case(idea, Strategy(), panel.up_to(FAR), "total", FAR))
    score, found = attributed(score)

    def frame_of(source, code):
        some = source[source["code"] == code].copy()
        some["date"] = pd.to_datetime(some["date"])
        return some.set_index("date").sort_index()

    first, start, end = map(pd.Timestamp, ("2024-10-14", "2025-01-13", "2025-04-11"))
    means, tables = {}, {code: frame_of(index, code) for code in (PRICE, sector, TOTAL)}
    for code in (PRICE, sector):
        levels = tables[code]
        means[code] = (levels["close"][start:end] / levels["open"][first] - 1).mean()
    before = pd.Timestamp("2024-10-11")
    opening = tables[TOTAL]["close"][before] * (
        tables[PRICE]["open"][first] / tables[PRICE]["close"][before]
    )
    means[TOTAL] = (tables[TOTAL]["close"][start:end] / opening - 1).mean()

    def basket(scale):
        found = []
        for code in idea.codes:
            own = frame_of(bars_read, code)
            marks = (own["close"] * own[scale]).reindex(tables[PRICE][first:end].index).ffill()
            found.append((marks[start:end] / (own["open"] * own[scale])[first] - 1).mean())
        return np.mean(found)

    price, whole = basket("share_factor"), basket("factor")
    expected = {
        "excess": whole - means[TOTAL],
        "industry": means[sector] - means[PRICE],
        "selection": price - means[sector],
        "dividends": whole - price - (means[TOTAL] - means[PRICE]),
    }
    measured = {part: getattr(found, part)["mean"] for part in expected}
    assert expected == pytest.approx(measured, abs=1e-12)
    assert REAL[name] == pytest.approx([100 * x for x in measured.values()], abs=0.006)
    assert_sums(score, found)
