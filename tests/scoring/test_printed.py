"""Figures that a report prints against what prices give."""

import datetime as dt

import pytest

import thesis
from thesis.research.catalog import Catalog
from thesis.research.source import Printed
from thesis.scoring.printed import PrintedCheck, printed_checks

FIRST, LAST = dt.date(2024, 9, 11), dt.date(2024, 10, 11)


def printed(value=0.168, decimals=1, first=FIRST, last=LAST):
    return Printed(
        index="801760.SI", first=first, last=last, value=value, decimals=decimals, where="2.2.1"
    )


@pytest.mark.parametrize(
    ("value", "decimals", "found", "agrees"),
    [
        (0.168, 1, 0.16794, True),
        (0.168, 1, 0.1685, True),
        (0.168, 1, 0.1675, True),
        (0.168, 1, 0.168501, False),
        (0.168, 1, 0.167499, False),
        (0.17, 0, 0.1651, True),
        (0.17, 0, 0.1649, False),
        (0.1679, 2, 0.16794, True),
        (0.1679, 2, 0.16796, False),
        (-0.05, 1, -0.0504, True),
        (-0.05, 1, 0.05, False),
        (0.168, 1, None, None),
    ],
)
def test_it_agrees_within_half_a_unit_of_its_last_digit(value, decimals, found, agrees):
    check = PrintedCheck(printed(value, decimals), "Broker", "", ("idea",), found)

    assert agrees is check.agrees


def test_the_report_s_two_figures_are_checked_once_each():
    catalog = Catalog.default()
    theses = [catalog.load(name) for name in catalog.bundled()]
    checks = printed_checks(theses, FIRST, LAST, {"801760.SI": 0.16794, "801750.SI": 0.34685}.get)

    found = {check.printed.index: check for check in checks}
    assert 2 == len(checks)
    assert {"media_ai", "media_value"} == set(found["801760.SI"].theses)
    assert ("computer",) == found["801750.SI"].theses
    assert (True, False) == (found["801760.SI"].agrees, found["801750.SI"].agrees)
    assert pytest.approx(-0.01515) == found["801750.SI"].difference
    assert "Sinolink Securities" == found["801750.SI"].publisher


@pytest.mark.parametrize(("first", "last"), [(FIRST, dt.date(2024, 10, 10)), (LAST, LAST)])
def test_other_days_have_no_printed_figures(first, last):
    assert () == printed_checks([thesis.load("media_ai")], first, last, {}.get)


def test_a_printed_day_that_is_no_session_means_the_one_before():
    sunday = thesis.load("media_ai")
    held = printed(last=dt.date(2024, 10, 13))
    moved = sunday.model_copy(
        update={"source": sunday.source.model_copy(update={"printed": (held,)})}
    )

    assert 1 == len(printed_checks([moved], FIRST, LAST, {}.get))
