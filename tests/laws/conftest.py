"""Small markets that never were, for laws that must hold on every one."""

import datetime as dt
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import strategies as st

from thesis.market.calendar import sessions
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis
from thesis.scoring.assess import score_thesis
from thesis.scoring.score import Case
from thesis.trading.strategy import Strategy

NAMES = ("300308.SZ", "600050.SH", "688702.SH", "920002.BJ", "000063.SZ", "300133.SZ")
INDICES = ("000300.SH", "H00300.CSI", "801760.SI")
STRANGERS = ("600600.SH", "300600.SZ", "000852.SH")

#: First bar, entry session, end of the last window, last bar.
FIRST, ENTRY, END, LAST = (
    np.datetime64(day) for day in ("2024-09-02", "2024-10-14", "2025-04-11", "2025-05-30")
)
AS_OF = dt.date(2026, 1, 5)


@dataclass(frozen=True)
class World:
    """Bars of every code, arrays of shape (T, N); NaN in all fields where there is no bar."""

    axis: np.ndarray
    codes: tuple[str, ...]
    fields: dict[str, np.ndarray]

    def row(self, day):
        return int(np.searchsorted(self.axis, np.datetime64(day)))

    def without(self, code, rows):
        """The same market without a name's bars on these rows."""
        fields = {name: grid.copy() for name, grid in self.fields.items()}
        for grid in fields.values():
            grid[rows, self.codes.index(code)] = np.nan
        return replace(self, fields=fields)

    def times(self, code, rows, by, names=("open", "high", "low", "close", "amount")):
        """The same market with fields of a name multiplied on these rows."""
        fields = {name: grid.copy() for name, grid in self.fields.items()}
        for name in names:
            fields[name][rows, self.codes.index(code)] *= by
        return replace(self, fields=fields)

    def only(self, codes):
        """These codes alone."""
        kept = [code for code in self.codes if code in codes]
        columns = [self.codes.index(code) for code in kept]
        return replace(
            self,
            codes=tuple(kept),
            fields={name: grid[:, columns] for name, grid in self.fields.items()},
        )

    def until(self, day):
        """The bars up to a day alone."""
        rows = self.axis <= np.datetime64(day)
        fields = {name: grid[rows] for name, grid in self.fields.items()}
        return replace(self, axis=self.axis[rows], fields=fields)

    def frame(self):
        rows, columns = np.nonzero(~np.isnan(self.fields["close"]))
        data = {"code": np.array(self.codes)[columns], "date": self.axis[rows].astype("M8[s]")}
        return pd.DataFrame(data | {k: grid[rows, columns] for k, grid in self.fields.items()})

    def panel(self):
        return PricePanel.from_frame(self.frame())


def make_world(seed, names=NAMES):
    """Random walks in whole cents, with dividends and bonus issues at random."""
    draw = np.random.default_rng(seed)
    codes = (*names, *INDICES, *STRANGERS)
    axis = sessions()[(sessions() >= FIRST) & (sessions() <= LAST)]
    shape = (len(axis), len(codes))
    stock = np.array([not code.endswith((".SI", ".CSI")) and code[:3] != "000" for code in codes])
    stock |= np.array([code == "000063.SZ" for code in codes])
    start = np.where(stock, draw.uniform(5, 80, len(codes)), 3500.0)
    close = start * np.exp(np.cumsum(draw.normal(0, 0.025, shape), axis=0))
    open_ = close * np.exp(draw.normal(0, 0.01, shape))
    close, open_ = np.round(np.maximum(close, 2), 2), np.round(np.maximum(open_, 2), 2)
    high = np.maximum(open_, close) + np.round(draw.uniform(0, 0.3, shape), 2)
    low = np.minimum(open_, close) - np.round(draw.uniform(0, 0.3, shape), 2)
    volume = np.floor(draw.uniform(1e5, 1e7, shape))
    bonus = np.where(draw.random(shape) < 0.01, 1.4, 1.0)
    cash = np.where(draw.random(shape) < 0.01, 1.02, 1.0)
    fields = {
        "open": open_, "high": high, "low": low, "close": close, "volume": volume,
        "amount": volume * (high + low) / 2, "turnover": volume / 1e9,
        "factor": np.cumprod(bonus * cash, axis=0), "share_factor": np.cumprod(bonus, axis=0),
    }  # fmt: skip
    for name, grid in fields.items():
        grid[:, [code == "H00300.CSI" and name != "close" for code in codes]] = np.nan
    return World(axis, codes, fields)


@st.composite
def worlds(draw):
    """A market, each of whose names may be suspended for a while from the entry on."""
    world = make_world(draw(st.integers(0, 2**32 - 1)))
    for code in NAMES:
        if draw(st.booleans()):
            entry = world.row(ENTRY)
            first = draw(st.just(entry) | st.integers(entry, world.row(END) - 1))
            # Never to the last sessions: bars after a suspension are what tells it from an end.
            length = draw(st.integers(1, 30))
            world = world.without(code, slice(first, min(first + length, world.row(END) + 3)))
    return world


SEGMENTS = (
    ("first", ("300308.SZ", "600050.SH", "688702.SH")),
    ("second", ("688702.SH", "920002.BJ")),
    ("third", ("000063.SZ", "300133.SZ")),
)


def make_thesis(segments=SEGMENTS, published=dt.date(2024, 10, 13)):
    """A thesis of a few names, one of them in two segments."""
    picks = [[{"code": code, "basis": "named"} for code in codes] for _, codes in segments]
    return Thesis.model_validate(
        {
            "id": "law",
            "title": "A thesis for laws",
            "source": {"publisher": "Broker", "published": published},
            "claim": {
                "rating": "buy",
                "scale": "sinolink_industry",
                "sector_index": "801760.SI",
            },
            "segment": [
                {"id": name, "pick": pick} for (name, _), pick in zip(segments, picks, strict=True)
            ],
        }
    )


def by_volatility(thesis, history):
    """Weights in inverse proportion to the volatility before publication."""
    moves = {}
    for code in thesis.codes:
        close = history.field("close", code) * history.field("factor", code)
        moves[code] = 1 / np.nanstd(np.diff(np.log(close)))
    total = sum(moves.values())
    return {code: move / total for code, move in moves.items()}


@st.composite
def strategies(draw):
    """Any of the ways to trade a thesis."""
    weightings = ["equal", "segment", "inverse_vol", "float_cap", by_volatility]
    leaving = ["horizon", "horizon", "stop-loss 0.1", "trailing 0.15", "end", "2025-02-14"]
    return Strategy(
        entry=draw(st.sampled_from(["open", "close", "vwap"])),
        delay=draw(st.sampled_from([0, 0, 1, 3])),
        weights=draw(st.sampled_from(weightings)),
        capital=draw(st.sampled_from([200_000.0, 10_000_000.0])),
        costs=draw(st.sampled_from(["a-share", "none"])),
        lots=draw(st.sampled_from(["exchange", "fractional"])),
        rebalance=draw(st.sampled_from(["none", "none", "weekly", "monthly", "quarterly"])),
        exit=draw(st.sampled_from(leaving)),
        cash=draw(st.sampled_from(["zero", "benchmark"])),
        limits=draw(st.sampled_from(["exchange", "none"])),
        dividend_tax=draw(st.sampled_from(["none", "none", "individual"])),
    )


def score(world, strategy=None, thesis=None, basis="total", as_of=AS_OF):
    """The score of a market, without vectorbt."""
    strategy = strategy or Strategy()
    if basis == "price":
        strategy = replace(strategy, dividend_tax="none")  # refused: there are none to tax
    return score_thesis(Case(thesis or make_thesis(), strategy, world.panel(), basis, as_of))


def _reading(found):
    if found is None:
        return None
    return {"return": found.ret, "benchmark": found.benchmark, "excess": found.excess}


def paper_numbers(result):
    """Every number of the paper and sector legs, by code and segment, whatever their order."""
    return {
        "paper": {key: _reading(value) for key, value in result.paper.readings.items()},
        "path": result.paper.path,
        "sector": {key: _reading(value) for key, value in result.sector.readings.items()},
        "verdicts": [vars(result.paper.verdict), vars(result.sector.verdict)],
        "names": {
            each.code: [
                each.status,
                each.entry_session,
                each.weight,
                each.returns,
                each.contribution,
            ]
            for each in result.names
        },
        "segments": {
            part.id: [
                part.status,
                {key: _reading(value) for key, value in (part.readings or {}).items()},
                part.contribution,
            ]
            for part in result.segments
        },
        "without": {each.code: [each.excess, each.rating] for each in result.without},
    }


def net_numbers(result):
    """Every number of the basket as traded, by code, whatever the order."""
    traded = result.traded
    return {
        "orders": sorted(
            [order.code, order.session, order.side, order.shares, order.price, order.fees]
            for order in traded.plan.orders
        ),
        "waits": sorted((w.code, w.session, w.side, w.reason) for w in traded.plan.waits),
        "rebalances": traded.plan.rebalances,
        "frictionless": {key: _reading(value) for key, value in traded.frictionless.items()},
        "given_up": sorted(traded.plan.given_up),
        "too_dear": sorted(traded.plan.too_dear),
        "readings": {key: _reading(value) for key, value in traded.leg.readings.items()},
        "executable": {key: _reading(value) for key, value in traded.executable.items()},
        "gains": traded.gains,
        "fees": traded.fees,
    }


def same(one, other, tolerance=0.0):
    """Whether two nests of numbers are equal; None and NaN equal themselves."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(same(one[k], other[k], tolerance) for k in one)
    if isinstance(one, list | tuple):
        pairs = zip(one, other, strict=False)
        return len(one) == len(other) and all(same(a, b, tolerance) for a, b in pairs)
    if isinstance(one, np.ndarray):
        return one.shape == other.shape and np.allclose(
            one, other, rtol=tolerance, atol=tolerance, equal_nan=True
        )
    if isinstance(one, float) and isinstance(other, float):
        return one == other or abs(one - other) <= tolerance * max(1.0, abs(one))
    return one == other


class Laboratory:
    """What the laws use, in one fixture."""

    NAMES, INDICES, STRANGERS, SEGMENTS = NAMES, INDICES, STRANGERS, SEGMENTS
    FIRST, ENTRY, END, LAST, AS_OF = FIRST, ENTRY, END, LAST, AS_OF
    world, thesis, score = map(staticmethod, (make_world, make_thesis, score))
    worlds, strategies = staticmethod(worlds), staticmethod(strategies)
    by_volatility = staticmethod(by_volatility)
    paper_numbers, net_numbers = staticmethod(paper_numbers), staticmethod(net_numbers)
    same = staticmethod(same)


@pytest.fixture(scope="session")
def lab():
    return Laboratory()
