"""Figures that a report prints: read, refused in sentences, and no part of the fingerprint."""

import datetime as dt

import pytest

from thesis.errors import ThesisFileError
from thesis.research.catalog import Catalog
from thesis.research.thesis_file import parse_thesis

PLAIN = """\
id = "idea"
title = "An idea"

[source]
publisher = "Broker"
published = 2024-10-13

[claim]
rating = "buy"
scale = "sinolink_industry"

[[segment]]
id = "names"

[[segment.pick]]
code = "300133.SZ"
basis = "named"
"""
PRINTED = """\
[[source.printed]]
index = "801760.SI"
first = 2024-09-11
last = 2024-10-11
value = 0.168
where = "section 2.2.1"

"""


def with_printed(*changes):
    text = PRINTED
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return PLAIN.replace("[claim]", text + "[claim]")


def test_a_printed_figure_is_read():
    (printed,) = parse_thesis(with_printed()).source.printed

    assert "801760.SI" == printed.index
    assert (dt.date(2024, 9, 11), dt.date(2024, 10, 11)) == (printed.first, printed.last)
    assert (0.168, 1, "section 2.2.1") == (printed.value, printed.decimals, printed.where)
    assert ("", "", "") == (printed.quote, printed.note, printed.note_zh)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            "last = 2024-10-11",
            "last = 2024-09-11",
            "source.printed[1]: first = 2024-09-11, last = 2024-09-11: the last day must lie after",
        ),
        (
            "value = 0.168",
            "value = 0.16794",
            "source.printed[1]: value = 0.16794: with decimals = 1 the report cannot have printed",
        ),
        ("value = 0.168", 'value = "16.8%"', "source.printed[1].value = '16.8%': "),
        ("value = 0.168", "value = nan", "source.printed[1].value = nan: must be a finite number"),
        ('"801760.SI"', '"300308.SZ"', "source.printed[1].index: 300308.SZ is a stock; write an"),
        (
            "first = 2024-09-11",
            'first = "2024-09-11"',
            "source.printed[1].first: '2024-09-11' is no date; write it unquoted",
        ),
        ('where = "section 2.2.1"\n', "", "source.printed[1].where is required"),
        ("where =", "were =", "source.printed[1].were: unknown key 'were'; did you mean 'where'?"),
    ],
)
def test_what_cannot_have_been_printed_is_refused_in_a_sentence(old, new, sentence):
    with pytest.raises(ThesisFileError) as caught:
        parse_thesis(with_printed((old, new)))

    assert sentence in str(caught.value)


def test_more_digits_may_have_been_printed_where_the_file_says_so():
    text = with_printed(("value = 0.168", "value = 0.16794\ndecimals = 3"))

    assert 3 == parse_thesis(text).source.printed[0].decimals


def test_a_printed_figure_is_no_part_of_the_fingerprint():
    # Of PLAIN, printed by the version before figures could be written down.
    before = "8f2ad235129d5177c4aaaf323eb2255caa0ef2efea884e179f7084f6d13200ae"

    assert before == parse_thesis(PLAIN).fingerprint
    assert before == parse_thesis(with_printed()).fingerprint


@pytest.mark.parametrize(
    ("name", "index", "value", "before"),
    [
        (
            "media_ai",
            "801760.SI",
            0.168,
            "6c45ab1d8549f42e0973a331dd24855bd5ec599d33eb3c4567e5e296d4900805",
        ),
        (
            "media_value",
            "801760.SI",
            0.168,
            "eeecc18de55f148944786139b96b61caca9fb07d3a3718b7be8b148192ebbd08",
        ),
        (
            "computer",
            "801750.SI",
            0.362,
            "3e63e40fbfccc3d46c8ff827e49d4bb9bf64d85e6ef4d588683c2135388cb735",
        ),
    ],
)
def test_the_figures_of_the_report_are_written_down_and_its_theses_are_what_they_were(
    name, index, value, before
):
    found = Catalog.default().load(name)
    (printed,) = found.source.printed

    assert (index, value) == (printed.index, printed.value)
    assert before == found.fingerprint
