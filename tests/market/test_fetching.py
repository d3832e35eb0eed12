"""What the store lacks is asked for, and nothing else; what does not agree is not joined."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from fakes import eastmoney, sina
from fakes.hosts import FakeHosts
from fakes.market import serve_market, small_market

from thesis.market.calendar import SHANGHAI
from thesis.market.corporate_actions import ShareEvent
from thesis.market.enquiry import Enquiry
from thesis.market.fetching import (
    PATIENCE,
    fetch_codes,
    last_complete_session,
    missing_span,
)
from thesis.market.sources.akshare import Eastmoney, Sina, Tencent
from thesis.market.sources.csindex import CSIndex
from thesis.market.storage.manifest import Entry
from thesis.market.store import Store

D = dt.date
NOW = dt.datetime(2025, 1, 10, 9, 0, tzinfo=dt.UTC)
SMALL = small_market()
FIRST, LAST = D(2024, 8, 15), D(2024, 12, 13)


def entry(last, *asked, checked=NOW):
    return Entry(
        code="300308.SZ", file="300308.SZ.parquet", bars=1, first=asked[0][0], last=last,
        source="sina", factor_source="sina", fetched_at=checked, checked_at=checked, asked=asked,
        hash="", revisions=0, size=0, mtime_ns=0,
    )  # fmt: skip


SEPTEMBER = (D(2024, 9, 2), D(2024, 9, 30))
LONG_AGO = NOW - PATIENCE - dt.timedelta(minutes=1)


@pytest.mark.parametrize(
    ("held", "wanted", "expected"),
    [
        # Nothing stored: all of it.
        (None, SEPTEMBER, SEPTEMBER),
        # All of it stored, or more.
        (entry(D(2024, 9, 30), SEPTEMBER), SEPTEMBER, None),
        (entry(D(2024, 9, 30), SEPTEMBER), (D(2024, 9, 10), D(2024, 9, 20)), None),
        # A tail: from ten sessions before the last bar (2024-09-30 is the 10th after 09-13).
        (entry(D(2024, 9, 30), SEPTEMBER), (D(2024, 9, 2), D(2024, 10, 18)),
         (D(2024, 9, 12), D(2024, 10, 18))),
        # A head: all, so that what is stored overlaps with it.
        (entry(D(2024, 9, 30), SEPTEMBER), (D(2024, 8, 1), D(2024, 9, 30)),
         (D(2024, 8, 1), D(2024, 9, 30))),
        # Bars end before what was asked for: not again at once, but after a while.
        (entry(D(2024, 9, 20), SEPTEMBER), SEPTEMBER, None),
        (entry(D(2024, 9, 20), SEPTEMBER, checked=LONG_AGO), SEPTEMBER,
         (D(2024, 9, 4), D(2024, 9, 30))),
        # Nobody has looked between two stretches.
        (entry(D(2024, 9, 30), (D(2024, 7, 1), D(2024, 7, 31)), SEPTEMBER),
         (D(2024, 7, 1), D(2024, 9, 30)), (D(2024, 7, 17), D(2024, 9, 30))),
    ],
)  # fmt: skip
def test_what_is_missing(held, wanted, expected):
    assert expected == missing_span(held, *wanted, NOW)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2024-10-14 15:59", D(2024, 10, 11)),  # before the bar is out: Friday's
        ("2024-10-14 16:00", D(2024, 10, 14)),
        ("2024-10-13 23:00", D(2024, 10, 11)),  # a Sunday
        ("2024-10-07 18:00", D(2024, 9, 30)),  # the holidays of October
    ],
)
def test_the_last_complete_session(moment, expected):
    at = dt.datetime.fromisoformat(moment).replace(tzinfo=SHANGHAI)

    assert expected == last_complete_session(at)


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "home")


@pytest.fixture
def served(hosts: FakeHosts) -> FakeHosts:
    serve_market(hosts, SMALL.bars, SMALL.index)
    return hosts


def run(store, sources, code="300308.SZ", start=FIRST, end=LAST, actions=None, now=None):
    return next(iter(fetch_codes([code], store, Enquiry(sources, actions), start, end, now=now)))


def truth(code="300308.SZ", until=LAST):
    mine = SMALL.bars[(SMALL.bars["code"] == code) & (SMALL.bars["date"] <= until)]
    return mine.reset_index(drop=True)


def assert_holds(store, code="300308.SZ", until=LAST):
    held = store.holding(code).frame()
    expected = truth(code, until)
    assert list(expected["date"]) == [day.date() for day in held["date"]]
    np.testing.assert_array_equal(held["close"], expected["close"])
    ours, theirs = held["factor"], expected["factor"]
    np.testing.assert_allclose(ours / ours.iloc[0], theirs / theirs.iloc[0], rtol=1e-12)


def test_a_later_day_is_added_with_an_overlap_and_is_as_if_fetched_at_once(served, store):
    # 300308 goes ex on the 37th session, 2024-10-15: in the tail, not in what was stored.
    run(store, [CSIndex(), Sina()], end=D(2024, 10, 11))
    assert () == store.holding("300308.SZ").events

    row = run(store, [CSIndex(), Sina()])

    assert "extended" == row.outcome
    assert len(truth()) - len(truth(until=D(2024, 10, 11))) == row.added
    assert [D(2024, 10, 15)] == [event.ex_date for event in store.holding("300308.SZ").events]
    assert_holds(store)
    assert () == store.holding("300308.SZ").revisions


def test_only_the_overlap_and_the_tail_are_asked_of_a_host_that_takes_dates(served, store):
    run(store, [CSIndex()], "000300.SH", end=D(2024, 10, 11))
    run(store, [CSIndex()], "000300.SH")

    assert ["20240815", "20240920"] == [x.query["startDate"] for x in served.asked]
    assert ["20241011", "20241213"] == [x.query["endDate"] for x in served.asked]


def test_an_earlier_start_puts_the_head_on(served, store):
    run(store, [Sina()], start=D(2024, 10, 25))
    assert () == store.holding("300308.SZ").events

    row = run(store, [Sina()])

    assert "extended" == row.outcome
    assert_holds(store)


def test_a_changed_past_bar_is_a_revision_and_the_new_value_counts(served, store, hosts):
    run(store, [Sina()], end=D(2024, 10, 11))
    changed = SMALL.bars.copy()
    at = (changed["code"] == "300308.SZ") & (changed["date"] == D(2024, 10, 10))
    old = float(changed.loc[at, "close"].iloc[0])
    changed.loc[at, "close"] = changed.loc[at, "low"]
    new = float(changed.loc[at, "close"].iloc[0])
    assert new != old
    serve_market(hosts, changed, SMALL.index)

    row = run(store, [Sina()])

    (revision,) = store.holding("300308.SZ").revisions
    assert (D(2024, 10, 10), "close", old, new) == (
        revision.date, revision.field, revision.old, revision.new,
    )  # fmt: skip
    assert any("changed the close on 2024-10-10" in problem for problem in row.problems)


def actions_of(code):
    """What the small market pays: 0.45 CNY a share, ex 2024-10-15."""
    return {"300308.SZ": [ShareEvent(D(2024, 10, 15), 0.45)]}.get(code, [])


def test_another_source_goes_on_where_the_first_fails_and_the_factor_is_computed(served, store):
    run(store, [Sina(), Eastmoney()], end=D(2024, 10, 11))
    served.fail(sina.HOSTS, "banned")

    row = run(store, [Sina(), Eastmoney()], actions=actions_of)

    held = store.holding("300308.SZ")
    assert ["sina", "eastmoney"] == [source for _, _, source in held.spans]
    assert_holds(store)
    assert any("computed from announced" in problem for problem in row.problems)
    assert () == held.revisions


def test_without_factor_or_dividends_raw_bars_are_not_stored(served, store):
    served.fail(sina.HOSTS, "banned")

    row = run(store, [Sina(), Eastmoney()])

    assert "failed" == row.outcome
    assert any("no factor from anywhere" in problem for problem in row.problems)
    assert None is store.holding("300308.SZ")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"close": 0.01}, "its close on"),
        ({"volume": 2.0}, "its volume is 2 times"),
    ],
)
def test_a_source_that_disagrees_on_the_overlap_is_not_joined_on(
    served, store, hosts, change, words
):
    run(store, [Sina()], end=D(2024, 10, 11))
    other = SMALL.bars.copy()
    if "close" in change:
        for name in ("high", "close"):
            other[name] = other[name] + change["close"]
    else:
        other["volume"], other["amount"] = other["volume"] * 2, other["amount"] * 2
    hosts.serve(eastmoney.HOSTS, eastmoney.Eastmoney(other, SMALL.index))
    served.fail(sina.HOSTS, "bad_gateway")

    row = run(store, [Sina(), Eastmoney()], actions=actions_of)

    assert "failed" == row.outcome
    assert words in " ".join(row.problems)
    assert_holds(store, until=D(2024, 10, 11))


class Holed:
    """Sina, but for some sessions that it lacks."""

    def __init__(self, lacks, name="sina"):
        self.lacks, self._sina, self.name = lacks, Sina(), name
        self.capabilities, self.politeness = Sina.capabilities, Sina.politeness

    def bars(self, code, start, end):
        bars = self._sina.bars(code, start, end)
        return bars[~bars["date"].dt.date.map(self.lacks)].reset_index(drop=True)

    def index(self, code, start, end):
        return self._sina.index(code, start, end)

    def factors(self, code):
        return self._sina.factors(code)


def before_november(day):
    return day < D(2024, 11, 1)


def test_a_source_whose_bars_begin_late_is_not_taken_at_its_word(served, store):
    row = run(store, [Holed(before_november), Tencent()], actions=actions_of)

    assert "tencent" == row.source
    assert_holds(store)


def test_where_all_begin_late_it_is_said_kept_and_asked_for_again(served, store):
    row = run(store, [Holed(before_november)], actions=actions_of)

    assert ["bars_start_late"] == [finding.code for finding in row.findings]
    assert "its listing date is not known" in row.findings[0].message
    panel = store.read(["300308.SZ"])
    assert "bars_start_late" in {caution.code for caution in panel.cautions}

    again = run(store, [Sina()], actions=actions_of)
    assert "extended" == again.outcome
    assert_holds(store)
    assert "bars_start_late" not in {c.code for c in store.read(["300308.SZ"]).cautions}


def test_bars_before_the_listing_are_not_missing(served, store):
    enquiry = Enquiry([Holed(before_november)], actions_of)
    listed = {"300308.SZ": D(2024, 11, 1)}

    (row,) = fetch_codes(["300308.SZ"], store, enquiry, FIRST, LAST, listed=listed)

    assert () == row.findings


def test_a_factor_that_had_to_be_computed_is_said_and_asked_for_again(served, store):
    served.fail(sina.HOSTS, "banned")
    row = run(store, [Sina(), Eastmoney()], actions=actions_of)
    assert ["factor_computed"] == [finding.code for finding in row.findings]
    assert "factor_computed" in {c.code for c in store.read(["300308.SZ"]).cautions}

    served.heal()
    later = dt.datetime.now(dt.UTC) + PATIENCE
    run(store, [Sina(), Eastmoney()], actions=actions_of, now=later)

    assert "sina" == store.holding("300308.SZ").factor_source
    assert () == store.read(["300308.SZ"]).cautions


def test_everything_is_asked_for_again_on_demand(served, store):
    run(store, [Sina()])
    enquiry = Enquiry([Sina()])

    (row,) = fetch_codes(["300308.SZ"], store, enquiry, FIRST, LAST, again=True)

    assert "same" == row.outcome


def test_a_suspended_run_is_told_from_a_tail_nobody_knows(served, store):
    row = run(store, [Sina()], "002517.SZ")
    (gap,) = row.gaps
    days = sorted(truth("002517.SZ")["date"])
    held = [day for day in days if day < gap.start][-1], next(day for day in days if day > gap.end)

    assert 10 == len(pd.bdate_range(gap.start, gap.end)) - 5  # the holidays of October
    assert held[0] < gap.start <= gap.end < held[1]
    assert None is row.tail

    short = run(Store(store.home / "b"), [Sina()], "002517.SZ", end=D(2025, 1, 3))
    assert (D(2024, 12, 16), D(2025, 1, 3)) == (short.tail.start, short.tail.end)


def test_a_host_that_failed_twice_is_left_alone_and_the_next_one_asked(served, store):
    served.fail(sina.HOSTS, "bad_gateway")
    sources = [Sina(), Tencent()]
    codes = ["300308.SZ", "000001.SZ", "601595.SH", "688256.SH"]

    rows = list(fetch_codes(codes, store, Enquiry(sources, lambda code: []), FIRST, LAST))

    assert ["tencent"] * 4 == [row.source for row in rows]
    # Two codes, each asked three times; after that nobody asks.
    assert 6 == served.count(sina.HOSTS)


def test_a_code_that_no_source_serves_is_never_asked_for(served, store):
    row = run(store, [Tencent()], "920002.BJ")

    assert "failed" == row.outcome
    assert "Tencent has no Beijing names" in row.problems[0]
    assert 0 == served.count()
