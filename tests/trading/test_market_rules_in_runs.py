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
    "ai_chip": (22_000, 3_100),
    "connector": (2_900, 8),
    "liquid_cooling": (18_000, 90),
    "media_ai": (42_000, 140),
    "media_value": (30_000, 90),
    "operators": (17_000, 8),
    "optical_module": (18_000, 40),
    "server": (17_900, 3_800),
    "switch": (23_000, 40),
    "hard": (99_000, 81_000),
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
            of_code = bars.loc[code].to_dict("index")
            free = sessions()[sessions() >= np.datetime64(listed[code])]
            free = free[: 1 if code.endswith(".BJ") else 5]
            for row, day in enumerate(axis):
                bar, text = of_code.get(pd.Timestamp(day)), str(day)
                if bar is None:
                    continue
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


# --------------------------------------------------------------------------- 2024-10-08


def fills_of(result, side):
    return {
        order.code: (str(order.session), order.price)
        for order in result.score.traded.plan.orders
        if order.side == side
    }


def waits_of(result):
    return [(w.code, str(w.session), w.side, w.reason) for w in result.score.traded.plan.waits]


#: The first session after the holidays of 2024. By name: its upper limit, at which it opened (or
#: closed), and its open (or close) of the next session.
UP = {
    "open": {
        "000063.SZ": (34.27, 33.87),  # 中兴通讯
        "000938.SZ": (26.55, 26.00),  # 紫光股份
        "000977.SZ": (45.65, 44.00),  # 浪潮信息
        "002027.SZ": (7.78, 7.34),  # 分众传媒
        "002517.SZ": (13.08, 12.22),  # 恺英网络
        "002837.SZ": (28.62, 27.28),  # 英维克
        "300364.SZ": (29.26, 27.21),  # 中文在线
        "300474.SZ": (91.72, 91.26),  # 景嘉微
        "688041.SH": (123.94, 120.19),  # 海光信息
        "688047.SH": (143.54, 140.00),  # 龙芯中科
        "688256.SH": (346.99, 349.00),  # 寒武纪
        "688629.SH": (32.99, 30.30),  # 华丰科技
    },
    "close": {
        "000063.SZ": (34.27, 32.05),  # 中兴通讯
        "000938.SZ": (26.55, 25.05),  # 紫光股份
        "000977.SZ": (45.65, 43.20),  # 浪潮信息
        "300308.SZ": (185.83, 166.40),  # 中际旭创
        "300364.SZ": (29.26, 24.95),  # 中文在线
        "300394.SZ": (120.60, 109.90),  # 天孚通信
        "300474.SZ": (91.72, 91.69),  # 景嘉微
        "300502.SZ": (155.96, 148.50),  # 新易盛
        "688041.SH": (123.94, 131.00),  # 海光信息
        "688047.SH": (143.54, 143.96),  # 龙芯中科
        "688256.SH": (346.99, 371.50),  # 寒武纪
        "688702.SH": (55.24, 54.49),  # 盛科通信
    },
}


@pytest.fixture(scope="module")
def watched(panel, bars):
    """A thesis of the 31 names in the file of the report's names."""
    others = {"603019.SH", "601138.SH", *HARD}
    codes = [code for code in bars.index.get_level_values("code").unique() if code not in others]
    assert 31 == len(codes)
    return named("watched", codes)


@pytest.mark.parametrize("price", ["open", "close"])
def test_on_2024_10_08_twelve_of_31_names_are_at_their_upper_limit_and_bought_a_day_later(
    price, watched, panel, bars
):
    result = thesis.backtest(
        told_before(watched, dt.date(2024, 10, 8)), panel, entry=price, as_of=AS_OF
    )

    assert 12 == len(UP[price])
    assert [
        (code, "2024-10-08", "buy", f"at its upper limit, CNY {limit:.2f}")
        for code, (limit, _) in UP[price].items()
    ] == waits_of(result)
    expected = {
        code: ("2024-10-09", UP[price][code][1])
        if code in UP[price]
        else ("2024-10-08", bars.loc[(code, pd.Timestamp("2024-10-08")), price])
        for code in watched.codes
    }
    assert expected == fills_of(result, "buy")
    at_once = {name["net_status"] for name in result.to_dict()["names"]}
    assert {"held", "entered_late"} == at_once


@pytest.mark.parametrize(
    ("price", "paper", "executable"), [("open", 25.165, 26.931), ("close", 24.092, 25.257)]
)
def test_what_the_limits_of_2024_10_08_were_worth(price, paper, executable, watched, panel):
    """Most of the twelve were cheaper the day after the euphoria: that the paper basket's price
    could not be had was worth 1.8 points at the open, 1.2 at the close. By hand a waiting name
    gains its weight times its growth since the next day's price instead of the first day's.
    """
    told = told_before(watched, dt.date(2024, 10, 8))

    result = thesis.backtest(told, panel, entry=price, as_of=AS_OF)

    limited, free = result.score.traded, result.score.paper
    assert paper == pytest.approx(100 * free.headline.excess, abs=0.0005)
    assert executable == pytest.approx(100 * limited.executable["mean"].excess, abs=0.0005)
    adjusted = {
        code: panel.field("close", code) * panel.field("factor", code) for code in watched.codes
    }
    days = panel.sessions
    window = (days >= np.datetime64("2025-01-07")) & (days <= np.datetime64("2025-04-07"))
    entry = int(np.searchsorted(days, np.datetime64("2024-10-08")))
    gained = 0.0
    for code, (limit, later) in UP[price].items():
        mean, factor = adjusted[code][window].mean(), panel.field("factor", code)[entry]
        gained += (mean / (later * factor) - mean / (limit * factor)) / 31
    # Lots leave some 0.4% of the capital in cash.
    assert executable - paper == pytest.approx(100 * gained, abs=0.05)


# --------------------------------------------------------------------------- 2025-04-07

#: By name: the lower limit at which it closed on 2025-04-07, and its closes after that.
DOWN = {
    "000063.SZ": (31.28, 30.36),  # 中兴通讯
    "000156.SZ": (7.44, 7.24),  # 华数传媒
    "000681.SZ": (18.70, 17.77),  # 视觉中国
    "000938.SZ": (24.47, 23.97),  # 紫光股份
    "000977.SZ": (46.98, 44.63),  # 浪潮信息
    "002517.SZ": (14.81, 15.04),  # 恺英网络
    "002739.SZ": (10.47, 10.68),  # 万达电影
    "002837.SZ": (33.67, 30.30, 31.72),  # 英维克, at its lower limit for a second close
    "300308.SZ": (75.10, 72.28),  # 中际旭创
    "300364.SZ": (18.47, 19.09),  # 中文在线
    "300394.SZ": (63.56, 62.23),  # 天孚通信
    "300499.SZ": (15.84, 15.22),  # 高澜股份
    "300502.SZ": (74.22, 70.37),  # 新易盛
    "301018.SZ": (30.15, 30.68),  # 申菱环境
    "601595.SH": (28.35, 27.90),  # 上海电影
}
AFTER = ("2025-04-07", "2025-04-08", "2025-04-09")


def sold_out(watched, panel, price, limits="exchange"):
    """Entered on the report's own day, when no limit bound, and sold on 2025-04-07."""
    told = told_before(watched, dt.date(2024, 10, 14))
    return thesis.backtest(told, panel, entry=price, exit="2025-04-07", limits=limits, as_of=AS_OF)


def test_of_sales_at_the_open_of_2025_04_07_one_waits(watched, panel, bars):
    result = sold_out(watched, panel, "open")

    # 视觉中国 opened at its lower limit; every other name opened above it and fell on.
    assert [("000681.SZ", "2025-04-07", "sell", "at its lower limit, CNY 18.70")] == waits_of(
        result
    )
    monday = pd.Timestamp("2025-04-07")
    expected = {code: ("2025-04-07", bars.loc[(code, monday), "open"]) for code in watched.codes}
    assert expected | {"000681.SZ": ("2025-04-08", 17.50)} == fills_of(result, "sell")


def test_of_sales_at_the_close_of_2025_04_07_fifteen_wait_and_one_of_them_twice(
    watched, panel, bars
):
    result = sold_out(watched, panel, "close")

    assert sorted(
        (code, day, "sell", f"at its lower limit, CNY {limit:.2f}")
        for code, closes in DOWN.items()
        for day, limit in zip(AFTER, closes[:-1], strict=False)
    ) == sorted(waits_of(result))
    assert 16 == len(waits_of(result))
    monday = pd.Timestamp("2025-04-07")
    expected = {code: ("2025-04-07", bars.loc[(code, monday), "close"]) for code in watched.codes}
    expected |= {code: (AFTER[len(closes) - 1], closes[-1]) for code, closes in DOWN.items()}
    assert expected == fills_of(result, "sell")


@pytest.mark.parametrize(
    ("price", "late", "points"),
    [("open", {"000681.SZ": (18.70, 17.50)}, 0.317), ("close", DOWN, 1.046)],
)
def test_what_the_limits_of_2025_04_07_cost(price, late, points, watched, panel):
    """A name that could not be sold was sold lower, most of them; to the yuan, it is the shares
    times the difference of the two prices.
    """
    held, free = (sold_out(watched, panel, price, limits) for limits in ("exchange", "none"))

    shares = {o.code: o.shares for o in held.score.traded.plan.orders if o.side == "sell"}
    lost = sum(shares[code] * (prices[0] - prices[-1]) for code, prices in late.items())
    with_limits, without = (each.score.traded.executable["6m"].ret for each in (held, free))
    assert points == pytest.approx(100 * lost / 10_000_000, abs=0.0005)
    assert without - with_limits == pytest.approx(lost / 10_000_000, abs=1e-9)
    assert [] == waits_of(free)
