"""What is added, what stays and what is a revision, against values worked out by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from fakes.deliveries import DAYS, MONDAY_AFTER, delivery, raw, step
from hypothesis import given
from hypothesis import strategies as st

from thesis.errors import PricesError
from thesis.market.storage.merge import merge
from thesis.market.storage.steps import unknown_steps

LATER = MONDAY_AFTER + dt.timedelta(days=1)


def day(text):
    return dt.date.fromisoformat(text)


def held_after(*deliveries):
    held, changes = None, []
    for one in deliveries:
        held, change = merge(held, one)
        changes.append(change)
    return held, changes[-1]


def told(revisions):
    return [(str(r.date), r.field, r.old, r.new, r.source) for r in revisions]


def closes(held):
    return dict(zip(held.bars["date"].dt.strftime("%Y-%m-%d"), held.bars["close"], strict=True))


def test_the_first_delivery_is_held_as_it_is():
    held, change = held_after(delivery(events=(step("2024-10-16", 1.4, 1.2),)))

    pd.testing.assert_frame_equal(raw(), held.bars)
    assert (5, (), False) == (change.added, change.revised, change.unchanged)
    assert ((day(DAYS[0]), day(DAYS[-1]), "sina"),) == held.spans
    assert ((day(DAYS[0]), day(DAYS[-1])),) == held.asked


def test_new_days_of_the_same_source_are_added_between_and_around_the_old():
    every = raw()
    held, change = held_after(
        delivery(bars=every.iloc[[1, 3]]), delivery(bars=every.iloc[[0, 1, 2, 3, 4]], at=LATER)
    )

    pd.testing.assert_frame_equal(every, held.bars)
    assert (3, ()) == (change.added, change.revised)


def test_the_same_reply_again_changes_nothing():
    held, change = held_after(delivery(), delivery(at=LATER))

    assert (0, (), True) == (change.added, change.revised, change.unchanged)
    assert held.fetched_at == MONDAY_AFTER


def test_a_changed_price_of_the_same_source_becomes_current_and_the_old_one_is_recorded():
    held, change = held_after(delivery(), delivery(days=DAYS[1:2], close=10.3, at=LATER))

    assert closes(held)["2024-10-15"] == 10.3
    assert [("2024-10-15", "close", 10.21, 10.3, "sina")] == [
        revision for revision in told(change.revised) if revision[1] == "close"
    ]
    assert held.revisions == change.revised
    assert held.revisions[0].recorded_at == LATER


def test_each_changed_field_is_recorded_apart():
    new = raw()
    new.loc[2, ["high", "volume"]] = [11.0, 2000.0]
    _, change = held_after(delivery(), delivery(bars=new, at=LATER))

    assert [
        ("2024-10-16", "high", 10.52, 11.0, "sina"),
        ("2024-10-16", "volume", 1002.0, 2000.0, "sina"),
    ] == told(change.revised)


@pytest.mark.parametrize(
    ("field", "change_by", "revised"),
    [
        ("close", 9e-10, False),
        ("close", 2e-9, True),
        ("volume", 1000 * 9e-7, False),
        ("volume", 1000 * 2e-6, True),
        ("amount", 10_100 * 9e-7, False),
        ("amount", 10_100 * 2e-6, True),
        ("turnover", 0.01, False),
    ],
)
def test_only_a_difference_beyond_rounding_is_a_revision(field, change_by, revised):
    old, new = raw(turnover=0.02), raw(turnover=0.02)
    new.loc[0, field] += change_by
    held, change = held_after(delivery(bars=old), delivery(bars=new, at=LATER))

    assert revised == bool(change.revised)
    assert held.bars.loc[0, field] == (new if revised else old).loc[0, field]


def test_a_turnover_that_was_unknown_is_filled_in():
    held, change = held_after(delivery(), delivery(turnover=0.03, at=LATER))

    assert (held.bars["turnover"] == 0.03).all()
    assert (False, ()) == (change.unchanged, change.revised)


def test_a_value_that_is_no_longer_sent_stays_and_that_is_recorded_once():
    less = raw()
    less.loc[1, "amount"] = np.nan
    held, change = held_after(delivery(), delivery(bars=less, at=LATER))
    again, change_again = merge(held, delivery(bars=less, at=LATER))

    assert held.bars.loc[1, "amount"] == 10_101.0
    assert [("2024-10-15", "amount", 10_101.0, None, "sina")] == told(change.revised)
    assert (True, 1) == (change_again.unchanged, len(again.revisions))


def test_a_bar_that_is_no_longer_sent_stays_and_that_is_recorded_once():
    less = raw().drop(index=2)
    held, change = held_after(delivery(), delivery(bars=less, at=LATER))
    again, change_again = merge(held, delivery(bars=less, at=LATER))

    assert len(held.bars) == 5
    assert [("2024-10-16", "bar", 10.22, None, "sina")] == told(change.revised)
    assert ["the bar of 2024-10-16 (close 10.22) is no longer in what sina sends; it was kept"] == (
        change.sentences()
    )
    assert (True, 1) == (change_again.unchanged, len(again.revisions))


def test_a_bar_of_a_day_that_was_not_asked_for_is_not_missed():
    _, change = held_after(delivery(), delivery(bars=raw().iloc[3:], at=LATER))

    assert () == change.revised


def test_a_value_that_goes_back_and_forth_is_recorded_each_time():
    held, _ = held_after(
        delivery(volume=1000.0),
        delivery(volume=1500.0, at=LATER),
        delivery(volume=1000.0, at=LATER),
        delivery(volume=1500.0, at=LATER),
    )

    assert [(1000.0, 1500.0), (1500.0, 1000.0), (1000.0, 1500.0)] == [
        (r.old, r.new) for r in held.revisions if r.date == day(DAYS[0])
    ]


def test_another_source_adds_days_and_changes_none():
    other = raw(close=10.4)
    held, change = held_after(
        delivery(bars=raw().iloc[[0, 1, 4]]), delivery(bars=other, source="eastmoney", at=LATER)
    )

    assert [10.2, 10.21, 10.4, 10.4, 10.24] == held.bars["close"].tolist()
    assert (2, ()) == (change.added, change.revised)
    assert (
        (day("2024-10-14"), day("2024-10-15"), "sina"),
        (day("2024-10-16"), day("2024-10-17"), "eastmoney"),
        (day("2024-10-18"), day("2024-10-18"), "sina"),
    ) == held.spans
    assert held.source == "sina"


def test_bars_of_the_joined_source_are_revised_by_it_alone():
    held, _ = held_after(
        delivery(bars=raw().iloc[:3]), delivery(bars=raw(), source="eastmoney", at=LATER)
    )
    _, change = merge(held, delivery(volume=1500.0, source="eastmoney", at=LATER))

    assert {"2024-10-17", "2024-10-18"} == {str(r.date) for r in change.revised}


def test_an_older_reply_adds_days_and_changes_none():
    held, change = held_after(
        delivery(bars=raw().iloc[1:], at=LATER, events=(step("2024-10-16", 1.4),)),
        delivery(close=10.4, at=MONDAY_AFTER),
    )

    assert [10.4, 10.21, 10.22, 10.23, 10.24] == held.bars["close"].tolist()
    assert () == change.revised
    assert (step("2024-10-16", 1.4),) == held.events
    assert held.fetched_at == LATER


def test_a_past_step_that_changed_is_a_revision():
    held, change = held_after(
        delivery(events=(step("2024-10-15", 1.2), step("2024-10-17", 1.8))),
        delivery(events=(step("2024-10-15", 1.5), step("2024-10-17", 1.8)), at=LATER),
    )

    assert [
        ("2024-10-15", "factor", 1.2, 1.5, "sina"),
        ("2024-10-17", "factor", pytest.approx(1.5), pytest.approx(1.2), "sina"),
    ] == told(change.revised)
    assert held.events[0].factor == 1.5


def test_a_past_step_that_vanished_or_came_late_is_a_revision():
    one, two = step("2024-10-15", 1.2), step("2024-10-17", 1.2)
    _, change = held_after(delivery(events=(one,)), delivery(events=(two,), at=LATER))

    assert [
        ("2024-10-15", "factor", 1.2, None, "sina"),
        ("2024-10-17", "factor", None, 1.2, "sina"),
    ] == told(change.revised)
    assert ["sina changed the step of the factor on 2024-10-15 from 1.2 to unknown"] == (
        change.sentences()[:1]
    )


def test_a_step_after_the_last_bar_is_no_revision():
    held, change = held_after(
        delivery(bars=raw().iloc[:3]),
        delivery(events=(step("2024-10-17", 1.2),), at=LATER),
    )

    assert () == change.revised
    assert (step("2024-10-17", 1.2),) == held.events


@given(scale=st.floats(0.01, 100))
def test_a_common_scale_of_the_factors_is_no_change(scale):
    events = (step("1990-12-19", 1.0), step("2024-10-15", 1.2, 1.1), step("2024-10-17", 1.8, 1.1))
    scaled = tuple(step(str(e.ex_date), e.factor * scale, e.share_factor * scale) for e in events)
    held, change = held_after(delivery(events=events), delivery(events=scaled, at=LATER))

    assert (True, ()) == (change.unchanged, change.revised)
    assert held.events == events


def test_a_scale_is_a_step_for_bars_before_the_first_event():
    held, change = held_after(
        delivery(events=(step("2024-10-16", 1.2, None),)),
        delivery(events=(step("2024-10-16", 2.4, None),), at=LATER),
    )

    assert [("2024-10-16", "factor", 1.2, 2.4, "sina")] == told(change.revised)
    assert held.events[0].factor == 2.4


@pytest.mark.parametrize(("other", "revised"), [(1.20006, False), (1.2003, True)])
def test_two_sources_of_factors_may_round_in_their_own_ways(other, revised):
    held, change = held_after(
        delivery(events=(step("2024-10-16", 1.2),)),
        delivery(events=(step("2024-10-16", other),), factor_source="yahoo", at=LATER),
    )

    assert revised == bool(change.revised)
    assert (step("2024-10-16", other),) == held.events
    assert held.factor_source == "yahoo"


def factors(held):
    """The factors on the days of the bars, which is what events are for."""
    frame = held.frame()
    days = frame["date"].dt.strftime("%Y-%m-%d")
    return dict(zip(days, zip(frame["factor"], frame["share_factor"], strict=True), strict=True))


def cumulative(held):
    """Factor and share factor by bar, on a scale of 1.0 at the first; None for unknown."""
    rows = list(factors(held).values())
    return [
        (round(f / rows[0][0], 9), None if np.isnan(s) else round(s / rows[0][1], 9))
        for f, s in rows
    ]


RIGHTS = step("2024-10-15", 1.08, None)


def test_a_computed_factor_never_replaces_a_vendor_s_and_only_goes_on_after_it():
    # Sina knows a rights issue; while it bans us, dividends alone are computed over all days.
    held, change = held_after(
        delivery(bars=raw().iloc[:3], events=(RIGHTS,)),
        delivery(
            bars=raw().iloc[2:], source="eastmoney", factor_source="dividends", at=LATER,
            events=(step("2024-10-17", 1.25, 1.2),), events_from=day(DAYS[0]),
        ),
    )  # fmt: skip

    assert () == change.revised
    assert [(1.0, None), (1.08, None), (1.08, None), (1.35, None), (1.35, None)] == (
        cumulative(held)
    )
    assert (
        (day("2024-10-14"), day("2024-10-16"), "sina"),
        (day("2024-10-16"), day("2024-10-18"), "dividends"),
    ) == held.factor_spans
    assert held.factor_source == "dividends"


@pytest.mark.parametrize("at", [LATER, MONDAY_AFTER - dt.timedelta(days=1)])
@pytest.mark.parametrize(("computed", "revised"), [(1.25, True), (1.20002, False)])
def test_a_vendor_s_factor_replaces_the_computed_one_when_it_is_back(at, computed, revised):
    own = (RIGHTS, step("2024-10-17", 1.08 * 1.2, None))
    held, change = held_after(
        delivery(
            source="eastmoney", factor_source="dividends",
            events=(RIGHTS, step("2024-10-17", 1.08 * computed, None)),
        ),
        delivery(source="eastmoney", factor_source="sina", events=own, at=at),
    )  # fmt: skip

    assert own == held.events
    assert ((day(DAYS[0]), day(DAYS[-1]), "sina"),) == held.factor_spans
    assert held.factor_source == "sina"
    assert ["2024-10-17"] * revised == [str(r.date) for r in change.revised]


def test_a_short_delivery_keeps_the_steps_outside_its_days():
    held, change = held_after(
        delivery(bars=raw().iloc[:4], events=(step("2024-10-15", 1.4, 1.4),)),
        delivery(bars=raw().iloc[3:], events=(step("2024-10-18", 1.5, 1.0),), at=LATER),
    )

    assert () == change.revised
    assert [(1.0, 1.0), (1.4, 1.4), (1.4, 1.4), (1.4, 1.4), (2.1, 1.4)] == cumulative(held)
    assert ((day(DAYS[0]), day(DAYS[-1]), "sina"),) == held.factor_spans


def test_a_step_on_its_first_bar_is_not_for_a_delivery_to_say():
    held, change = held_after(
        delivery(events=(step("2024-10-16", 1.4, 1.4),)),
        delivery(bars=raw().iloc[2:], at=LATER),
    )

    assert () == change.revised
    assert (step("2024-10-16", 1.4, 1.4),) == held.events


def test_a_history_that_starts_late_keeps_the_earlier_steps_and_revises_its_own():
    held, change = held_after(
        delivery(events=(step("2024-10-15", 1.4, 1.4), step("2024-10-17", 1.68, 1.4))),
        delivery(
            events=(step("2024-10-17", 1.3),), factor_source="yahoo", at=LATER,
            events_from=day("2024-10-16"),
        ),
    )  # fmt: skip

    assert [("2024-10-17", "factor", pytest.approx(1.2), 1.3, "yahoo")] == told(change.revised)
    assert [(1.0, 1.0), (1.4, 1.4), (1.4, 1.4), (1.82, 1.4), (1.82, 1.4)] == cumulative(held)


def test_the_events_of_the_stored_part_may_come_with_the_tail():
    tail = delivery(
        bars=raw().iloc[3:], at=LATER, events=(step("2024-10-15", 1.4), step("2024-10-18", 2.1)),
        events_from=day(DAYS[0]), events_to=day(DAYS[-1]),
    )  # fmt: skip
    held, change = held_after(delivery(bars=raw().iloc[:4]), tail)

    assert [("2024-10-15", "factor", None, 1.4, "sina")] == told(change.revised)
    assert tail.events == held.events


def test_an_older_reply_tells_the_steps_of_the_days_it_adds():
    seconds = dt.timedelta(seconds=2)
    held, change = held_after(
        delivery(bars=raw().iloc[2:], events=(step("2024-10-17", 1.2, 1.1),), at=LATER),
        delivery(
            bars=raw().iloc[:3], events=(step("2024-10-15", 1.4, 1.4),), at=LATER - seconds
        ),
    )  # fmt: skip

    assert () == change.revised
    assert [(1.0, 1.0), (1.4, 1.4), (1.4, 1.4), (1.68, 1.54), (1.68, 1.54)] == cumulative(held)


def test_where_bars_meet_that_were_delivered_apart_nobody_spoke_for_the_step():
    parts = [delivery(days=DAYS[:3]), delivery(bars=raw().iloc[3:], at=LATER)]
    held, _ = held_after(*parts)
    whole, change = merge(held, delivery(events=(step("2024-10-17", 1.4),), at=LATER))

    assert (
        (day(DAYS[0]), day(DAYS[2]), "sina"), (day(DAYS[3]), day(DAYS[4]), "sina"),
    ) == held.factor_spans  # fmt: skip
    assert [np.datetime64("2024-10-17")] == list(
        unknown_steps(held.bars["date"].to_numpy().astype("datetime64[D]"), held.factor_spans)
    )
    # To learn it is no contradiction.
    assert ((step("2024-10-17", 1.4),), ()) == (whole.events, change.revised)
    assert ((day(DAYS[0]), day(DAYS[4]), "sina"),) == whole.factor_spans


def test_a_computed_step_after_a_suspension_is_the_vendor_s_step_within_it():
    bars = raw().drop(index=2)
    held, change = held_after(
        delivery(bars=bars, events=(step("2024-10-17", 1.2),), factor_source="dividends"),
        delivery(bars=bars, events=(step("2024-10-16", 1.2),), at=LATER),
    )

    assert () == change.revised
    assert (step("2024-10-16", 1.2),) == held.events


def test_stretches_that_touch_on_the_calendar_are_one():
    # The exchange was closed from 1 to 7 October 2024.
    held, _ = held_after(delivery(days=["2024-09-30"]), delivery(days=["2024-10-08"], at=LATER))

    assert ((day("2024-09-30"), day("2024-10-08")),) == held.asked


def test_days_that_were_never_asked_for_stay_a_hole_until_they_are():
    parts = delivery(days=DAYS[:1]), delivery(days=DAYS[3:], at=LATER)
    held, _ = held_after(*parts)
    filled, _ = merge(held, delivery(at=LATER))

    assert ((day(DAYS[0]), day(DAYS[0])), (day(DAYS[3]), day(DAYS[4]))) == held.asked
    assert (day(DAYS[3]), day(DAYS[4])) == (held.asked_from, held.asked_to)
    assert ((day(DAYS[0]), day(DAYS[4])),) == filled.asked


def test_days_asked_for_without_bars_are_known_to_have_none():
    held, change = held_after(
        delivery(days=DAYS[:3]),
        delivery(bars=raw().iloc[:0], asked=(DAYS[3], DAYS[4]), at=LATER),
    )

    assert ((day(DAYS[0]), day(DAYS[4])),) == held.asked
    assert (0, False) == (change.added, change.unchanged)


@pytest.mark.parametrize(
    ("clock", "bars", "to"), [("14:59", 4, "2024-10-17"), ("15:00", 5, "2024-10-18")]
)
def test_the_bar_of_a_session_that_is_not_over_is_not_taken(clock, bars, to):
    at = dt.datetime.fromisoformat(f"2024-10-18T{clock}:00+08:00")
    held, _ = held_after(delivery(at=at))

    assert (bars, day(to)) == (len(held.bars), held.asked_to)


def test_nobody_can_have_been_asked_about_the_future():
    held, _ = held_after(delivery(asked=(DAYS[0], "2025-04-11")))

    assert MONDAY_AFTER.date() == held.asked_to


def test_bars_beyond_the_days_asked_for_are_not_taken():
    held, _ = held_after(delivery(asked=(DAYS[1], DAYS[2])))

    assert ["2024-10-15", "2024-10-16"] == list(closes(held))


def test_a_time_without_a_zone_is_in_utc():
    held, _ = held_after(delivery(at=dt.datetime(2024, 10, 18, 6, 59)))  # noqa: DTZ001

    assert (4, dt.UTC) == (len(held.bars), held.fetched_at.tzinfo)


@pytest.mark.parametrize(
    ("bad", "sentence"),
    [
        (
            delivery(events=None),
            r"^300308.SZ: sina delivered no factor events, and without them .* nothing was stored",
        ),
        (
            delivery(bars=raw().drop(columns="amount")),
            r"^300308.SZ: sina delivered no column amount$",
        ),
        (
            delivery(bars=raw().iloc[:0], asked=(DAYS[0], DAYS[1])),
            r"^300308.SZ: sina delivered no finished bars; nothing was stored$",
        ),
        (
            delivery(days=["2024-10-21"], at=MONDAY_AFTER.replace(hour=3)),
            (
                r"^300308.SZ: sina was asked for 2024-10-21 to 2024-10-21, of which no session had "
                r"ended at 2024-10-21 11:00 in Shanghai; nothing was stored$"
            ),
        ),
    ],
)
def test_a_delivery_that_cannot_be_held_is_said(bad, sentence):
    with pytest.raises(PricesError, match=sentence):
        merge(None, bad)


HISTORY = pd.bdate_range("2024-10-08", "2024-11-29").strftime("%Y-%m-%d").tolist()
EVENTS = (step("2024-10-16", 1.1, 1.0), step("2024-11-11", 1.32, 1.2))


def seen_from(bars):
    """The events after the first bar and up to the last, on a scale of 1.0 at the first."""
    if bars.empty:
        return ()
    first, last = bars["date"].iloc[0].date(), bars["date"].iloc[-1].date()
    base, shares = 1.0, 1.0
    for event in EVENTS:
        if event.ex_date <= first:
            base, shares = event.factor, event.share_factor
    return tuple(
        step(str(e.ex_date), e.factor / base, e.share_factor / shares)
        for e in EVENTS
        if first < e.ex_date <= last
    )


@given(data=st.data())
def test_any_order_and_split_of_a_history_gives_the_same_bars_and_factors(data):
    last = len(HISTORY) - 1
    row = st.integers(0, last)
    spans = data.draw(st.lists(st.tuples(row, row).map(sorted), min_size=1, max_size=6))
    spans.append([0, last])
    spans = data.draw(st.permutations(spans))
    hours = data.draw(st.lists(st.integers(0, 99), min_size=len(spans), max_size=len(spans)))
    turnover = np.linspace(0.01, 0.02, last + 1)
    whole = raw(HISTORY, turnover=turnover)
    suspended = data.draw(st.sets(row, max_size=last - 1))
    traded = whole.drop(index=list(suspended))
    held = None
    for (start, end), hour in zip(spans, hours, strict=True):
        part = traded[(traded.index >= start) & (traded.index <= end)]
        if held is None and part.empty:
            continue
        held, change = merge(
            held,
            delivery(
                bars=part, asked=(HISTORY[start], HISTORY[end]), events=seen_from(part),
                at=dt.datetime(2024, 12, 2, tzinfo=dt.UTC) + dt.timedelta(hours=hour),
            ),
        )  # fmt: skip
        assert () == change.revised

    pd.testing.assert_frame_equal(traded.reset_index(drop=True), held.bars, check_exact=True)
    once, _ = merge(None, delivery(bars=traded, events=EVENTS, at=LATER.replace(year=2025)))
    assert once.spans == held.spans
    assert once.factor_spans == held.factor_spans
    assert [e.ex_date for e in seen_from(traded)] == [e.ex_date for e in held.events]
    assert cumulative(once) == cumulative(held)
    assert ((day(HISTORY[0]), day(HISTORY[-1])),) == held.asked
