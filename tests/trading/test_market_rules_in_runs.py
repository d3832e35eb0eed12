"""Real prices: nothing is bought at an upper limit, sold at a lower one, or traded without a bar.

The limits are reckoned here once more, from ``pre_close`` in whole decimals, by rules written out
below; nothing of the package's own is asked.
"""

import csv
import datetime as dt
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal

import numpy as np
import pandas as pd
import pytest

import thesis
from thesis import Strategy
from thesis.market.benchmark import choose_benchmark
from thesis.market.calendar import sessions, timing
from thesis.research.thesis import Thesis
from thesis.trading.portfolio import assign, trade, trading_conditions
from thesis.trading.simulation import decide_weights

#: Entry sessions lie in the first two, the last window ends before the third.
FIRST, LAST, END = "2024-10-08", "2025-06-30", "2025-12-31"
AS_OF = dt.date(2026, 1, 5)

WAYS = {
    "held": Strategy(),
    "monthly": Strategy(rebalance="monthly"),
    "stop-loss": Strategy(exit="stop-loss 10%"),
    "sold at the end": Strategy(exit="end"),
}

#: Names that rules treat apart: under ST on the main board, in Beijing, and newly listed.
HARD = (
    "600375.SH", "600603.SH", "600711.SH", "603363.SH",
    "002052.SZ", "002217.SZ", "002602.SZ", "002748.SZ",
    "920185.BJ", "920163.BJ", "920019.BJ", "920029.BJ",
    "001279.SZ", "001356.SZ", "301458.SZ", "301275.SZ", "688449.SH", "688411.SH",
)  # fmt: skip

#: By thesis, at least so many fills and waits were held against the limits.
CHECKED = {
    "ai_chip": (0, 0),
    "connector": (0, 0),
    "liquid_cooling": (0, 0),
    "media_ai": (0, 0),
    "media_value": (0, 0),
    "operators": (0, 0),
    "optical_module": (0, 0),
    "server": (0, 0),
    "switch": (0, 0),
    "hard": (0, 0),
}


# --------------------------------------------------------------------------- a second reckoning


@dataclass(frozen=True)
class Facts:
    """What the files say of some names, read without the package; arrays of shape (T, N)."""

    open: np.ndarray
    close: np.ndarray
    vwap: np.ndarray
    lower: np.ndarray
    upper: np.ndarray


def limits_by_hand(code, day, pre_close, first_sessions, under_st):
    """Lower and upper limit price of a session; infinite where it has none."""
    if day in first_sessions:
        return -np.inf, np.inf
    if code.startswith(("300", "301", "688", "689")):
        width = Decimal("0.2")
    elif code.endswith(".BJ"):
        width = Decimal("0.3")
    else:
        width = Decimal("0.05") if under_st else Decimal("0.1")
    reference = Decimal(repr(pre_close))
    down, up = ROUND_HALF_UP, ROUND_HALF_UP
    if code.endswith(".BJ"):
        down, up = ROUND_CEILING, ROUND_FLOOR
    cent = Decimal("0.01")
    return (
        float((reference * (1 - width)).quantize(cent, down)),
        float((reference * (1 + width)).quantize(cent, up)),
    )


def rows_of(path, codes):
    with path.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["code"] in codes]


@pytest.fixture(scope="module")
def axis():
    days = sessions()
    return days[(days >= np.datetime64(FIRST)) & (days <= np.datetime64(END))]


@pytest.fixture(scope="module")
def bars(market):
    """Raw bars by code and day, of the watched names and of those below."""
    columns = ["code", "date", "open", "high", "low", "close", "pre_close", "volume", "amount"]
    watched = pd.read_parquet(market / "bars.parquet", columns=columns)
    others = ["603019.SH", "601138.SH", *HARD]
    more = pd.read_parquet(
        market / "universe.parquet", columns=columns, filters=[("code", "in", others)]
    )
    more["code"] = more["code"].astype("str")
    both = pd.concat([watched, more])
    return both.assign(date=pd.to_datetime(both["date"])).set_index(["code", "date"]).sort_index()


@pytest.fixture(scope="module")
def facts_of(market, bars, axis):
    def gather(codes):
        listed = {
            row["code"]: row["list_date"] for row in rows_of(market / "securities.csv", codes)
        }
        treated = rows_of(market / "st_history.csv", codes)
        shape = len(axis), len(codes)
        grids = {name: np.full(shape, np.nan) for name in Facts.__dataclass_fields__}
        for column, code in enumerate(codes):
            of_code = bars.loc[code]
            free = sessions()[sessions() >= np.datetime64(listed[code])]
            free = free[: 1 if code.endswith(".BJ") else 5]
            for row, day in enumerate(axis):
                if day not in of_code.index:
                    continue
                bar, text = of_code.loc[day], str(day)
                under_st = any(
                    t["code"] == code and t["start"] <= text <= t["end"] for t in treated
                )
                paid = bar["amount"] / bar["volume"]
                grids["open"][row, column] = bar["open"]
                grids["close"][row, column] = bar["close"]
                grids["vwap"][row, column] = min(max(paid, bar["low"]), bar["high"])
                grids["lower"][row, column], grids["upper"][row, column] = limits_by_hand(
                    code, day, float(bar["pre_close"]), free, under_st
                )
        return Facts(**grids)

    return gather


def test_limits_reckoned_by_hand():
    old, new = (), (np.datetime64("2025-01-10"),)
    day = new[0]

    assert (28.04, 34.27) == limits_by_hand("000063.SZ", day, 31.15, old, under_st=False)
    assert (61.14, 91.72) == limits_by_hand("300474.SZ", day, 76.43, old, under_st=False)
    assert (9.55, 10.55) == limits_by_hand("600375.SH", day, 10.05, old, under_st=True)
    assert (8.04, 12.06) == limits_by_hand("300002.SZ", day, 10.05, old, under_st=True)
    assert (7.04, 13.06) == limits_by_hand("920185.BJ", day, 10.05, old, under_st=False)
    assert (-np.inf, np.inf) == limits_by_hand("301458.SZ", day, 10.40, new, under_st=False)


# --------------------------------------------------------------------------- every entry session


def named(name, codes):
    picks = [{"code": code, "basis": "named"} for code in codes]
    return Thesis.model_validate(
        {
            "id": name,
            "title": name,
            "source": {"publisher": "Broker", "published": dt.date(2024, 10, 13)},
            "claim": {"rating": "buy", "scale": "sinolink_industry"},
            "segment": [{"id": "all", "pick": picks}],
        }
    )


def told_before(found, session):
    """The same thesis, published so that it enters on a session."""
    day = session - dt.timedelta(days=1)
    return found.model_copy(update={"source": found.source.model_copy(update={"published": day})})


@pytest.fixture(scope="module")
def panel(market, bars):
    codes = bars.index.get_level_values("code").unique()
    return thesis.read_prices(market, [*codes, "000300.SH", "H00300.CSI"])


@pytest.fixture(scope="module")
def traded(panel, axis):
    """Every entry session and way of a thesis at one fill price, planned in one go.

    The functions are those that a backtest and a sweep call; that a run among many is the run
    alone, a test below holds against `thesis.backtest`.
    """

    def run(found, price):
        benchmark, _ = choose_benchmark(panel, found.scale.benchmark, found.codes, "total")
        ways = {name: thesis_way(way, price) for name, way in WAYS.items()}
        conditions, _ = trading_conditions(
            panel, found.codes, axis, ways["held"], "total", benchmark
        )
        keys, assignments, ends = [], [], []
        for session in axis[axis <= np.datetime64(LAST)].tolist():
            told = told_before(found, session)
            when = timing(told.source.published, told.scale, price)
            assert session == when.entry
            for name, way in ways.items():
                weights = decide_weights(told, way, panel, when).total
                vector = np.array([weights[code] for code in found.codes])
                keys.append((session, name))
                ends.append(when.end)
                assignments.append(assign(told, way, panel, found.codes, vector, axis, when))
        blotter, _ = trade(conditions, assignments)
        return blotter, keys, np.array(ends, dtype="datetime64[D]")

    return run


def thesis_way(way, price):
    return Strategy(entry=price, rebalance=way.rebalance, exit=way.exit)


def violations(blotter, fill, facts):
    """Fills and waits of a blotter that the limits reckoned by hand do not allow."""
    bought, sold = blotter.shares > 0, blotter.shares < 0
    has_bar = ~np.isnan(fill)[:, None]
    price, upper, lower = fill[:, None], facts.upper[:, None], facts.lower[:, None]
    found = {
        "bought at or above the upper limit": bought & (price >= upper),
        "sold at or below the lower limit": sold & (price <= lower),
        "traded without a bar": (bought | sold) & ~has_bar,
        "at another price than the bar's": (bought | sold)
        & (np.abs(price - blotter.conditions.fill[:, None]) > 1e-9),
    }
    waited_for_nothing = [
        delay
        for delay in blotter.delays
        if not delay.waits_for
        and not np.isnan(at := fill[delay.row, delay.column])
        and (
            at < facts.upper[delay.row, delay.column]
            if delay.side == "buy"
            else at > facts.lower[delay.row, delay.column]
        )
    ]
    return {what: np.argwhere(where).tolist() for what, where in found.items() if where.any()} | (
        {"waited though it could trade": waited_for_nothing} if waited_for_nothing else {}
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", CHECKED)
def test_no_fill_lies_at_or_beyond_a_limit_or_on_a_session_without_a_bar(
    name, traded, facts_of, axis
):
    """Of every thesis, entered on each of 178 sessions, in four ways and at three prices."""
    found = named("hard", HARD) if name == "hard" else thesis.load(name)
    facts = facts_of(found.codes)
    fills = waits = unlimited = 0
    for price in ("open", "close", "vwap"):
        blotter, _, ends = traded(found, price)
        assert {} == violations(blotter, getattr(facts, price), facts)
        inside = (axis[:, None] <= ends)[:, :, None] & (blotter.shares != 0)  # as a backtest ends
        fills += int(inside.sum())
        unlimited += int((inside & np.isinf(facts.upper)[:, None]).sum())
        waits += sum(not delay.waits_for for delay in blotter.delays)
    print("COUNT", name, fills, waits, unlimited)

    least_fills, least_waits = CHECKED[name]
    assert fills >= least_fills
    assert waits >= least_waits
    assert (unlimited > 0) == (name == "hard")


@pytest.mark.parametrize(
    ("name", "price", "way", "session"),
    [
        ("ai_chip", "open", "held", "2024-10-08"),
        ("ai_chip", "close", "stop-loss", "2024-10-08"),
        ("media_ai", "close", "monthly", "2024-10-14"),
        ("server", "open", "monthly", "2024-12-20"),
        ("media_value", "vwap", "sold at the end", "2025-03-03"),
        ("switch", "close", "sold at the end", "2024-10-08"),
    ],
)
def test_a_run_among_many_is_the_backtest_of_it_alone(name, price, way, session, traded, panel):
    found = thesis.load(name)
    blotter, keys, ends = traded(found, price)
    number = keys.index((dt.date.fromisoformat(session), way))
    told = told_before(found, dt.date.fromisoformat(session))

    alone = thesis.backtest(told, panel, thesis_way(WAYS[way], price), as_of=AS_OF)

    end, plan = ends[number].item(), blotter.plan(number)
    assert alone.score.when.end == end
    assert [o for o in plan.orders if o.session <= end] == list(alone.score.traded.plan.orders)
    assert [w for w in plan.waits if w.session <= end] == list(alone.score.traded.plan.waits)
    assert alone.score.traded.plan.orders
