"""Reasons and cautions: every one that thesis gives has its words in both languages."""

import ast
import dataclasses
import functools
import re
from pathlib import Path

import pytest

import thesis
from thesis.reporting.words.language import ENGLISH, language
from thesis.reporting.words.reasons import caution_title, reason_words
from thesis.scoring.events import MEAN_HAS_NO_WINDOW
from thesis.scoring.evidence import NO_END, NO_NAMES, NOTHING_YET
from thesis.scoring.leg import Leg

ZH = language("zh")
HOME = Path(thesis.__file__).parent
SOURCES = {
    path.relative_to(HOME).as_posix(): ast.parse(path.read_text("utf-8"))
    for path in sorted(HOME.rglob("*.py"))
}

#: Where a caution's code is worked out, and what it can be. A new place fails until it stands here.
WORKED_OUT = {
    ("scoring/cautions.py", "name.status"): [
        "no_data", "never_entered", "suspended_at_end", "delisted",
    ],
    ("market/storage/findings.py", "*row"): [],  # what was stored of the others
    ("reporting/words/review.py", "code"): ["from_no_session", "to_no_session", "base_no_session"],
    ("reporting/words/review.py", "reason"): ["no_levels", "no_first", "no_last", "no_base"],
}  # fmt: skip


def codes():
    """Every caution's code, by the place that gives it."""
    for where, tree in SOURCES.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Caution"):
                first = node.args[0] if node.args else node.keywords[0].value
                if isinstance(first, ast.Constant):
                    yield where, first.value
                else:
                    for code in WORKED_OUT[where, ast.unparse(first)]:
                        yield where, code


def test_every_caution_has_a_title_in_both_languages():
    without = [(where, code) for where, code in codes() if caution_title(code, ZH) == code]

    assert [] == without
    assert len(set(codes())) > 40


def test_no_title_is_of_a_caution_that_nobody_gives():
    given = {code for _, code in codes()}

    assert set() == {key.partition(".")[2] for key in ZH.table("caution")} - given


def test_titles_are_short():
    assert [] == [text for text in ZH.table("caution").values() if len(text) > 14]
    assert [] == [text for text in ENGLISH.table("caution").values() if len(text) > 40]


@pytest.mark.parametrize("reason", [NO_NAMES, NOTHING_YET, NO_END, MEAN_HAS_NO_WINDOW])
def test_the_constant_reasons_are_said_in_chinese(reason):
    assert reason == reason_words(reason)
    assert not re.search("[A-Za-z]", reason_words(reason, ZH))


def test_a_reason_keeps_its_facts():
    told = reason_words("the window ends on 2025-04-11; this is as of 2024-12-31", ZH)

    assert "窗口于 2025-04-11 结束，目前数据截至 2024-12-31" == told


def test_a_reason_nobody_knows_stays_as_it_was_written():
    assert "the cat sat on it" == reason_words("the cat sat on it", ZH)
    assert "" == reason_words("", ZH)


def told_in_source():
    """Every text where things are found out, as a pattern: what is put in may be anything."""
    rooms = ("scoring/", "trading/", "market/", "examination.py")
    for tree in (tree for where, tree in SOURCES.items() if where.startswith(rooms)):
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*"
                    for part in node.values
                ]
                if sum(c.isalpha() for part in parts for c in part) >= 12:
                    yield "".join(parts)
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                yield re.escape(node.value)


@pytest.mark.parametrize(("key", "phrase"), ENGLISH.table("reason").items())
def test_a_reason_is_what_the_source_says_word_for_word(key, phrase):
    told = re.sub(r"\{\w+\}", "X", phrase)

    assert any(pattern.fullmatch(told) for pattern in _patterns()), key


@functools.cache
def _patterns():
    return tuple(re.compile(text, re.DOTALL) for text in told_in_source())


def reasons_of(found):
    """Every reason anywhere in a result."""
    if isinstance(found, Leg):
        yield found.verdict.reason
    elif dataclasses.is_dataclass(found):
        for field in dataclasses.fields(found):
            each = getattr(found, field.name)
            if field.name == "reason":
                yield each
            elif field.name == "reasons":
                yield from each.values()
            elif field.name not in ("case", "panel", "traded"):
                yield from reasons_of(each)
    elif isinstance(found, dict):
        yield from (reason for each in found.values() for reason in reasons_of(each))
    elif isinstance(found, list | tuple):
        yield from (reason for each in found for reason in reasons_of(each))


@pytest.mark.parametrize(
    ("name", "as_of"),
    [
        ("media_ai", "2026-04-30"),
        ("optical_module", "2026-04-30"),
        ("server", "2026-04-30"),
        ("connector", "2026-04-30"),
        ("computer", "2026-04-30"),
        ("operators", "2024-12-31"),
        ("media_ai", "2024-10-13"),
    ],
)
def test_no_reason_of_a_bundled_thesis_stays_english_on_real_prices(market, name, as_of):
    result = thesis.evidence(name, market, as_of=as_of, draws=100, command="a test")
    found = {reason for reason in reasons_of((result.score, result.evidence)) if reason}

    assert found
    assert [] == [reason for reason in found if reason_words(reason, ZH) == reason]
