"""Texts in the other language: beside those a file has, and no part of what was claimed."""

import re

import pytest

import thesis
from thesis.research.rating import shipped_scales
from thesis.research.thesis_file import parse_thesis

#: Fingerprints as they were printed before a file could hold translations.
PRINTED = {
    "ai_chip": "dc8547e80d1d",
    "computer": "3e63e40fbfcc",
    "connector": "81f3cbb35f58",
    "electronics": "b3285ee4f104",
    "liquid_cooling": "f85c0238f83c",
    "media_ai": "6c45ab1d8549",
    "media_value": "eeecc18de55f",
    "operators": "9a7a200171d9",
    "optical_module": "225f0976ef79",
    "server": "8203288309d2",
    "switch": "9f09ec4ab44a",
}

PLAIN = """
id = "mine"
title = "Mine"
kind = "screen"
[source]
publisher = "me"
published = 2024-10-13
published_basis = "printed"
[claim]
rating = "buy"
scale = "own"
thesis = "why"
sector_basis = "as stated"
risks = ["监管风险", "国际关系风险"]
[[segment]]
id = "names"
[[segment.pick]]
code = "300133.SZ"
basis = "inferred"
rule = "the largest"
reason = "an example"
[scale.own]
publisher = "me"
source = "here"
benchmark_note = "assumed"
months = [6, 6]
bands = [{ id = "buy", name = "Buy", from = 0.1 }, { id = "sell", name = "Sell" }]
"""
#: The line each translation follows.
TRANSLATED = {
    'published_basis = "printed"': 'published_basis_zh = "印明"',
    'thesis = "why"': 'thesis_zh = "缘由"',
    'sector_basis = "as stated"': 'sector_basis_zh = "如所述"',
    'risks = ["监管风险", "国际关系风险"]': 'risks_en = ["Regulation", "Foreign relations"]',
    'rule = "the largest"': 'rule_zh = "最大者"',
    'reason = "an example"': 'reason_zh = "示例"',
    'benchmark_note = "assumed"': 'benchmark_note_zh = "推定"',
}


def with_line(text, after, line):
    assert text.count(after) == 1
    return text.replace(after, f"{after}\n{line}")


@pytest.mark.parametrize("name", PRINTED)
def test_a_fingerprint_printed_before_there_were_translations_still_holds(name):
    assert PRINTED[name] == thesis.load(name).fingerprint[:12]


@pytest.mark.parametrize("after", TRANSLATED)
def test_translating_a_thesis_does_not_make_it_another(after):
    plain = parse_thesis(PLAIN)
    both = parse_thesis(with_line(PLAIN, after, TRANSLATED[after]))

    assert plain != both
    assert plain.fingerprint == both.fingerprint


@pytest.mark.parametrize("after", ['thesis = "why"', 'rule = "the largest"', "months = [6, 6]"])
def test_changing_what_is_translated_does(after):
    changed = {
        'thesis = "why"': 'thesis = "why not"',
        'rule = "the largest"': 'rule = "the smallest"',
        "months = [6, 6]": "months = [3, 6]",
    }

    other = parse_thesis(PLAIN.replace(after, changed[after]))

    assert parse_thesis(PLAIN).fingerprint != other.fingerprint


def test_risks_are_translated_one_for_one():
    one = with_line(PLAIN, 'risks = ["监管风险", "国际关系风险"]', 'risks_en = ["Regulation"]')

    with pytest.raises(thesis.ThesisFileError, match="risks_en has 1 entries and risks 2"):
        parse_thesis(one)


def english(text):
    """Words of an English sentence; names and codes, as GB200 or AI-PCB, are none."""
    return re.findall(r"(?<![A-Za-z0-9-])[a-z]{2,}", text)


@pytest.mark.parametrize("name", PRINTED)
def test_a_bundled_thesis_says_everything_in_chinese_too(name):
    found = thesis.load(name)
    source, claim, scale = found.source, found.claim, found.scale
    pairs = [
        (found.title, found.title_zh),
        (source.publisher, source.publisher_zh),
        (source.published_basis, source.published_basis_zh),
        (claim.thesis, claim.thesis_zh),
        (claim.sector_basis, claim.sector_basis_zh),
        (scale.benchmark_note, scale.benchmark_note_zh),
        *((each.name, each.name_zh) for each in found.segment),
        *((each.name, each.name_zh) for each in scale.bands),
        *((pick.rule, pick.rule_zh) for pick in found.picks),
        *((pick.reason, pick.reason_zh) for pick in found.picks),
    ]

    assert [] == [pair for pair in pairs if bool(pair[0]) != bool(pair[1])]
    assert [] == [word for _, chinese in pairs for word in english(chinese)]
    assert len(claim.risks) == len(claim.risks_en)


@pytest.mark.parametrize("name", PRINTED)
def test_a_translated_rule_has_the_dates_and_codes_of_the_rule(name):
    facts = re.compile(r"\d{4}-\d{2}-\d{2}|\d{6}")
    found = thesis.load(name)
    pairs = [(pick.rule, pick.rule_zh) for pick in found.picks]
    pairs += [(pick.reason, pick.reason_zh) for pick in found.picks]
    pairs += [(found.source.published_basis, found.source.published_basis_zh)]

    for text, chinese in pairs:
        assert sorted(facts.findall(text)) == sorted(facts.findall(chinese))


def test_a_scale_whose_bands_are_printed_in_chinese_has_their_chinese_names():
    without = [
        (name, band.id)
        for name, scale in shipped_scales().items()
        for band in scale.bands
        if not band.name_zh
    ]

    assert [] == without
