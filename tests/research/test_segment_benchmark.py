"""The optional index of a segment: read as other indices are, and no trace of it where unused."""

import pytest

from thesis.errors import ThesisFileError
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


def with_index(value):
    return PLAIN.replace('id = "names"\n', f'id = "names"\nbenchmark_index = {value}\n')


@pytest.mark.parametrize("written", ["801767.SI", "801767.sw", "000905.XSHG"])
def test_it_is_an_index_code_in_any_spelling(written):
    canonical = written.replace("sw", "SI").replace("XSHG", "SH")

    assert canonical == parse_thesis(with_index(f'"{written}"')).segment[0].benchmark_index


def test_it_is_optional():
    assert None is parse_thesis(PLAIN).segment[0].benchmark_index


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (
            '"300308.SZ"',
            "idea.toml: segment[1].benchmark_index: 300308.SZ is a stock; write an index",
        ),
        ('"gold"', "idea.toml: segment[1].benchmark_index: security code 'gold'"),
        ("5", "idea.toml: segment[1].benchmark_index: security code '5'"),
    ],
)
def test_what_is_no_index_is_refused_in_a_sentence(value, sentence):
    with pytest.raises(ThesisFileError) as caught:
        parse_thesis(with_index(value), name="idea.toml")

    assert str(caught.value).startswith(sentence)


def test_a_misspelt_key_is_told_its_name():
    text = with_index('"801767.SI"').replace("benchmark_index", "benchmark_indx")
    with pytest.raises(ThesisFileError, match=r"did you mean 'benchmark_index'\?"):
        parse_thesis(text)


def test_fingerprints_printed_before_the_key_existed_still_hold():
    # Of this very text, printed by the version before.
    before = "8f2ad235129d5177c4aaaf323eb2255caa0ef2efea884e179f7084f6d13200ae"

    assert before == parse_thesis(PLAIN).fingerprint
    assert before != parse_thesis(with_index('"801767.SI"')).fingerprint
