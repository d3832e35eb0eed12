"""Reasons and cautions: every one that thesis gives has its words in both languages."""

import ast
import dataclasses
import functools
import itertools
import re
from pathlib import Path

import pytest

import thesis
from thesis.errors import Caution
from thesis.market.bands import _BOARDS, _STATES
from thesis.market.calendar import calendar_name
from thesis.market.rules import citation
from thesis.reporting.words.language import ENGLISH, language
from thesis.reporting.words.reasons import (
    caution_title,
    caution_words,
    cited_words,
    origin_words,
    reason_words,
)
from thesis.scoring.events import MEAN_HAS_NO_WINDOW
from thesis.scoring.evidence import NO_END, NO_NAMES, NOTHING_YET
from thesis.scoring.leg import Leg
from thesis.trading.conditions import NO_BAR

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


def told_in_source(least=10):
    """Every text where things are found out, as a pattern: what is put in may be anything.

    A text of fewer letters than `least` is left out, for it would be like any other.
    """
    rooms = ("scoring/", "trading/", "market/", "examination.py")
    for tree in (tree for where, tree in SOURCES.items() if where.startswith(rooms)):
        for node in ast.walk(tree):
            if isinstance(node, ast.JoinedStr):
                parts = [
                    re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*"
                    for part in node.values
                ]
                if sum(c.isalpha() for part in parts for c in part) >= least:
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


#: The rooms whose cautions a backtest gives; what a store or a source found may stay English.
ROOMS = (
    "api.py", "scoring/", "trading/", "market/pool.py", "market/benchmark.py", "market/bands.py",
    "market/continuity.py", "market/door.py", "market/industry.py", "market/limits.py",
    "market/listing.py", "market/panel.py", "market/prices.py", "market/rules.py",
    "market/storage/steps.py",
)  # fmt: skip
#: Whatever else is put into a sentence.
STANDS_IN = "7"
#: Words put into a caution that are not made where it is: samples, by place and expression.
PUT_IN = {
    ("scoring/cautions.py", "' and '.join(late)"): [
        "the entry", "the ends of 3m, 4m", "the entry and the ends of 6m",
    ],
    ("scoring/cautions.py", "str(leg.verdict.reason)"): [NO_END],
    ("scoring/sector.py", "str(error)"): [
        (
            "market: the levels of 801760.SI start on 2024-11-01, after the entry session "
            "2024-10-14; earlier prices are needed"
        ),
        (
            "market: 801760.SI has no open and close on the entry session 2024-10-14 (for an open "
            "entry the session before is needed too), so nothing can be measured against it"
        ),
        "market has no bars of 801760.SI",
    ],
    ("scoring/traded.py", "refusal.reason"): [NO_BAR, "at its upper limit, CNY 12.25"],
    ("market/bands.py", "_BOARDS[security.board]"): list(_BOARDS.values()),
    ("market/bands.py", "_STATES[state]"): list(_STATES.values()),
    ("market/pool.py", "reason"): ["bars without a factor", "two bars for one session"],
}  # fmt: skip


def spelt(where, node, function):
    """Every text that an expression can be, as far as it is written out in this function."""
    sample = PUT_IN.get((where, ast.unparse(node)))
    if sample is not None:
        return sample
    if (where, ast.unparse(node)) == ("scoring/assess.py", "error"):
        return [text for text in rules_errors() if "is an index" not in text]
    if isinstance(node, ast.Constant):
        return [STANDS_IN if node.value is None else str(node.value)]
    if isinstance(node, ast.FormattedValue):
        return spelt(where, node.value, function)
    if isinstance(node, ast.JoinedStr):
        parts = [spelt(where, part, function) for part in node.values]
        return ["".join(each) for each in itertools.product(*parts)]
    if isinstance(node, ast.IfExp):
        return spelt(where, node.body, function) + spelt(where, node.orelse, function)
    if isinstance(node, ast.BoolOp):
        return [text for value in node.values for text in spelt(where, value, function)]
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        of = assigned(node.value.id, function)
        if of and isinstance(of[0], ast.Dict):
            return [text for value in of[0].values for text in spelt(where, value, function)]
    if isinstance(node, ast.Name):
        values = [v for v in assigned(node.id, function) if not isinstance(v, ast.Dict)]
        return [text for v in values for text in spelt(where, v, function)] or [STANDS_IN]
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
        said = [
            text
            for other in ast.walk(SOURCES[where])
            if isinstance(other, ast.FunctionDef) and other.name == node.func.id
            for each in ast.walk(other)
            if isinstance(each, ast.Return) and each.value is not None
            for text in spelt(where, each.value, other)
        ]
        return said or [STANDS_IN]
    return [STANDS_IN]


def assigned(name, function):
    """What a name is set to within a function."""
    return [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign)
        and any(isinstance(to, ast.Name) and to.id == name for to in node.targets)
    ]


def calls(ending):
    """Calls of a class within the rooms, with their place and the function around them."""
    for where, tree in SOURCES.items():
        for function in ast.walk(tree):
            if where.startswith(ROOMS) and isinstance(function, ast.FunctionDef):
                for node in ast.walk(function):
                    if isinstance(node, ast.Call) and ast.unparse(node.func).endswith(ending):
                        yield where, node, function


def rules_errors():
    return [
        text
        for where, node, function in calls("RulesError")
        for text in spelt(where, node.args[0], function)
    ]


def messages():
    return sorted(
        {
            (where, text)
            for where, node, function in calls("Caution")
            for text in spelt(where, node.args[1], function)
        }
    )


#: What a Chinese sentence may keep: options, fields, commands, names of programs and of prices.
KEPT = re.compile(
    r"--\w[\w-]*|`[^`]*`|exchange-calendars|thesis( fetch)?|marina\S*|sha256:\w+|pre_close"
    r"|min_holding_days|qfq|hfq|market|\bstore\b|total|none|[a-z_]*factor"
)


@pytest.mark.parametrize(("where", "text"), messages())
def test_every_caution_of_a_backtest_is_a_chinese_sentence(where, text):
    told = caution_words(Caution("any", text), ZH)

    assert told is not None, f"{where}: no Chinese sentence of: {text}"
    assert [] == re.findall("[a-z]{3,}", KEPT.sub("", told))
    assert text == caution_words(Caution("any", text))


def test_every_room_is_looked_at():
    assert {where for where, _ in messages()} >= {
        "api.py", "scoring/assess.py", "scoring/cautions.py", "scoring/sector.py",
        "scoring/traded.py", "market/pool.py", "market/benchmark.py", "market/continuity.py",
        "market/door.py", "market/limits.py", "market/prices.py",
    }  # fmt: skip
    assert len(messages()) > 50


@pytest.mark.parametrize(("key", "phrase"), ENGLISH.table("caution_told").items())
def test_a_chinese_sentence_is_of_a_caution_that_is_given(key, phrase):
    told = [re.sub(r"\{\w+\}", ".+", re.sub(r"([.()])", r"\\\1", phrase))]

    assert any(re.fullmatch(told[0], text) for _, text in messages()), key


def test_a_finding_that_nobody_here_wrote_has_no_chinese():
    assert caution_words(Caution("source", "the host was busy"), ZH) is None


@pytest.mark.parametrize(
    ("origin", "told"),
    [
        ("the bundled SIMULATED sample", "内置模拟样本"),
        ("mine, a copy of the bundled SIMULATED sample", "mine（内置模拟样本的副本）"),
        ("the store in /home/me/prices", "行情库 /home/me/prices"),
        ("bars.csv", "bars.csv"),
    ],
)
def test_where_prices_are_from_is_said_in_chinese(origin, told):
    small = f"{origin}: it has bars of 30 stocks from 2024-10-14 to 2025-04-11, not of the whole "
    small += "market: random watchlists of these say how the thesis did among them alone"

    assert told == origin_words(origin, ZH)
    assert origin == origin_words(origin)
    assert caution_words(Caution("pool_small", small), ZH).startswith(f"{told}：2024-10-14 至")


def test_rules_and_calendar_are_cited_in_chinese_as_every_result_cites_them():
    rules, calendar = citation(), calendar_name()

    assert re.fullmatch(
        r"marina-rules@\S+ sha256:\w+；其中交易单位、北交所费用、T\+1 与涨跌停价取整由 thesis 自定",
        cited_words(rules, ZH),
    )
    assert re.fullmatch(
        r"上交所（XSHG），exchange_calendars [\d.]+，截至 \d{4}-\d\d-\d\d",
        cited_words(calendar, ZH),
    )
    assert (rules, calendar) == (cited_words(rules), cited_words(calendar))


@pytest.mark.parametrize("phrase", ENGLISH.table("origin").values())
def test_an_origin_is_what_the_source_says_word_for_word(phrase):
    told = re.sub(r"\{\w+\}", "X", phrase)

    assert any(re.fullmatch(pattern, told, re.DOTALL) for pattern in told_in_source(7))


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
