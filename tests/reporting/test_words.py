"""The sentences: English as it was, Chinese beside it with the same numbers and no English left."""

import functools
import itertools
import re
from dataclasses import replace

import pytest

import thesis
from thesis.market.industry import INDUSTRIES
from thesis.reporting.words.claims import (
    band_meaning,
    basis_word,
    benchmark_note,
    counted,
    ends_words,
    months_words,
)
from thesis.reporting.words.evidence import (
    break_words,
    change_words,
    evidence_lines,
    window_words,
    worlds_of,
)
from thesis.reporting.words.language import ENGLISH, language
from thesis.reporting.words.placebo import beaten_words, earned_words, rated_words, share_words
from thesis.reporting.words.reasons import reason_words
from thesis.reporting.words.settings import settings_words
from thesis.reporting.words.terms import (
    INDEX_NAMES,
    benchmark_words,
    claim_words,
    index_name,
    legend,
    published_words,
    reading_cell,
    reading_keys,
    reading_name,
    reading_text,
    reading_words,
    result_word,
    status_words,
    unlisted_word,
)
from thesis.reporting.words.trading import capacity_words, how_words, stages
from thesis.reporting.words.verdict import (
    basis_words,
    names_words,
    range_words,
    verdict_sentence,
)
from thesis.research.rating import shipped_scales
from thesis.scoring.definitions import Cell
from thesis.scoring.estimation import BREAKS
from thesis.scoring.placebo import PlaceboReading
from thesis.scoring.reading import HEADLINE, Reading
from thesis.trading.strategy import CHOICES

ZH = language("zh")
NAMES = [  # the bundled theses
    "ai_chip", "computer", "connector", "electronics", "liquid_cooling", "media_ai", "media_value",
    "operators", "optical_module", "server", "switch",
]  # fmt: skip
REAL = [  # on real prices: every kind of thesis, an open window, other settings
    ("media_ai", {"as_of": "2026-04-30"}),
    ("optical_module", {"as_of": "2026-04-30"}),
    ("operators", {"as_of": "2026-04-30"}),
    ("server", {"as_of": "2026-04-30"}),
    ("connector", {"as_of": "2026-04-30"}),
    ("computer", {"as_of": "2026-04-30"}),
    ("media_ai", {"as_of": "2024-12-31"}),
    ("media_ai", {"as_of": "2024-10-13"}),
    ("server", {"as_of": "2026-04-30", "costs": "none", "delay": 3, "entry": "close"}),
]
#: Dates and codes whole, then numbers with their sign and percent.
NUMBER = re.compile(
    r"\d{4}-\d{2}-\d{2}|\d{6}\.[A-Z]{2}|H\d{5}\.CSI"
    r"|(?<!\d)(?<!\d\.)[+-]?\d+(?:,\d{3})*(?:\.\d+)?%?"
)
#: Latin letters that a Chinese sentence may hold: codes, a p-value, and these words.
LATIN = re.compile(r"\d{6}\.[A-Z]{2}|H\d{5}\.CSI|\bp\b|\b(?:AI|A|ST|IP)\b|T\+1")


@functools.cache
def weighed(name, where="sample", draws=100, **options):
    return thesis.evidence(name, where, draws=draws, command="a test", **options)


def sentences(result, lang):
    """Everything that is said of a result in words."""
    score, told, found = result.score, result.thesis, result.evidence
    yield verdict_sentence(score, lang)
    yield basis_words(score, lang)
    yield names_words(score, lang)
    yield from evidence_lines(result, lang)
    yield published_words(told, lang)
    yield claim_words(told, lang)
    yield reading_words(told, lang)
    yield months_words(told.scale, lang)
    yield counted((told.ground(code) for code in told.codes), lang)
    yield from (band_meaning(told.scale, band, lang) for band in told.scale.bands)
    yield from (reading_name(key, lang) for key in reading_keys(score))
    for leg in filter(None, (result.paper, result.sector, result.net)):
        yield benchmark_words(leg.benchmark, lang)
        yield result_word(leg.verdict.result, lang)
        yield from (reading_text(each, told, lang) for each in leg.readings.values())
        yield from (reading_cell(each, told, lang) for each in leg.readings.values())
    for segment in score.segments:
        yield range_words(counted(segment.basis, lang), segment.without, lang)
    for name in score.names:
        yield basis_word(name.basis, lang)
        yield from (status_words(each, lang) for each in (name.status, name.net_status) if each)
    yield from (unlisted_word(each, lang) for part in told.segment for each in part.unlisted)
    if found is not None:
        yield from (window_words(each.window, each.last, lang) for each in worlds_of(result, found))
        if found.definitions is not None:
            changes = found.definitions.changes
            yield from (change_words(each.choice, each.cell, lang) for each in changes)


def numbers(text):
    return sorted(NUMBER.findall(text))


def hold(result):
    """Both languages say as many things, with the same numbers, and Chinese in Chinese."""
    pairs = list(
        itertools.zip_longest(sentences(result, ENGLISH), sentences(result, ZH), fillvalue="")
    )

    assert len(pairs) > 30
    assert [] == [pair for pair in pairs if numbers(pair[0]) != numbers(pair[1])]
    assert [] == [zh for _, zh in pairs if re.search("[A-Za-z]", LATIN.sub("", zh))]


@pytest.mark.parametrize("name", NAMES)
def test_both_languages_say_the_same_numbers_on_the_sample(name):
    hold(weighed(name))


@pytest.mark.parametrize(("name", "options"), REAL)
def test_both_languages_say_the_same_numbers_on_real_prices(market, name, options):
    hold(weighed(name, str(market), **options))


# English, as it was before there was Chinese


def test_the_english_of_a_verdict_is_what_it_was(market):
    result = weighed("media_ai", str(market), 1_000, as_of="2026-04-30")
    rate, placebo, fragility = evidence_lines(result)

    assert (
        "Rated Buy. Earned Buy: 29.8 points over the CSI 300 total return, mean of months 3-6 "
        "(media sector index +22.6: Buy; after rules and costs +29.6: Buy)."
    ) == verdict_sentence(result.score)
    assert (
        "7 named; without one name +19.7 (Buy, without 视觉中国 000681.SZ) to +32.7 (Buy, without "
        "中文在线 300364.SZ)"
    ) == basis_words(result.score)
    assert (
        "Base rate: in a no-drift world a basket this volatile (tracking error 42%) earns Buy 25% "
        "of the time, by its history before the rally of 2024-09-24; 22% by that before "
        "publication. That is how easily the rating comes, not how likely this one was luck."
    ) == rate
    assert (
        "Placebo: of 1,000 random lists of 7 media names bought the same morning 83% earned Buy, "
        "and these names beat 76% of them (p 0.24 that one does as well); of lists of 7 names of "
        "any industry 62% earned Buy, and these names beat 80% (p 0.21)."
    ) == placebo
    assert (
        "Fragility: 68 of 80 combinations of reading, basis, weighting and costs keep Buy. The "
        "headline first changes with an entry 6 sessions later, and 44% of all entries with an "
        "exit in the window keep it. 视觉中国 000681.SZ alone made 43% of the excess (without it "
        "+19.7: Buy)."
    ) == fragility


def test_the_english_of_a_missed_call_is_what_it_was(market):
    result = weighed("optical_module", str(market), 1_000, as_of="2026-04-30")
    lines = evidence_lines(result)

    assert (
        "Rated Buy. Earned Underweight: 22.3 points under the CSI 300 total return, mean of months "
        "3-6 (communications sector index +13.8: Overweight; after rules and costs -22.3: "
        "Underweight; names: 3 inferred, without one -29.6..-16.8)."
    ) == verdict_sentence(result.score)
    assert "and these names beat none of them (p 1.00 that one does as well)" in lines[1]
    assert lines[2].endswith(
        "中际旭创 300308.SZ alone made 50% of the shortfall (without it -16.8: Underweight)."
    )


# Chinese, as an analyst would write it


def test_a_verdict_in_chinese_reads_as_a_sentence(market):
    result = weighed("media_ai", str(market), as_of="2026-04-30")

    assert (
        "报告评级：买入。实际表现对应“买入”：第 3-6 个月均值跑赢沪深300全收益指数 29.8 个百分点"
        "（传媒行业指数 +22.6：买入；计入交易规则与费用后 +29.6：买入）。"
    ) == verdict_sentence(result.score, ZH)


def test_a_call_without_names_in_chinese_is_its_index(market):
    result = weighed("computer", str(market), as_of="2026-04-30")

    assert (
        "报告评级：买入。计算机行业指数的实际表现对应“买入”："
        "第 3-6 个月均值跑赢沪深300指数 24.4 个百分点。"
    ) == verdict_sentence(result.score, ZH)


def test_a_verdict_near_an_edge_says_so(market):
    near = weighed("media_ai", str(market), as_of="2026-04-30", delay=9)
    size = "15.4 points over the CSI 300 total return"

    assert f"Earned Buy: {size}, within half a point of an edge, mean" in verdict_sentence(
        near.score
    )
    assert "跑赢沪深300全收益指数 15.4 个百分点，距评级分界不超过半个百分点（传媒" in (
        verdict_sentence(near.score, ZH)
    )
    assert near.net.headline.near_edge
    assert f"costs +{100 * near.net.headline.excess:.1f}: Buy~)" in verdict_sentence(near.score)


def test_a_missed_call_in_chinese_lags(market):
    result = weighed("optical_module", str(market), as_of="2026-04-30")

    assert "实际表现对应“减持”：第 3-6 个月均值跑输沪深300全收益指数 22.3 个百分点" in (
        verdict_sentence(result.score, ZH)
    )
    assert "名单：推定 3 只，剔除任一只后 -29.6 至 -16.8" in verdict_sentence(result.score, ZH)


def test_an_open_window_in_chinese_tells_how_far_it_has_come(market):
    result = weighed("media_ai", str(market), as_of="2024-12-31")

    assert (
        "报告评级：买入。尚未到期：窗口于 2025-04-11 结束，目前数据截至 2024-12-31。"
        "截至 2024-12-31，超额 +20.2 个百分点。"
    ) == verdict_sentence(result.score, ZH)


def test_the_ends_that_the_calendar_does_not_reach_are_told_together():
    when = thesis.check("media_ai")
    late = replace(when, windows={**when.windows, "5m": None, "6m": None})

    assert "3m 2025-01-13, 4m 2025-02-13, 5m, 6m beyond the calendar" == ends_words(late)
    assert "3 个月末 2025-01-13、4 个月末 2025-02-13、5 个月末、6 个月末超出交易日历" == (
        ends_words(late, ZH)
    )
    assert "3m 2025-01-13, 4m 2025-02-13, 5m 2025-03-13, 6m 2025-04-11" == ends_words(when)


def test_a_note_on_a_benchmark_is_for_the_reports_of_its_publisher_alone():
    own = thesis.load("media_ai")

    def by(publisher, publisher_zh=""):
        source = own.source.model_copy(
            update={"publisher": publisher, "publisher_zh": publisher_zh}
        )
        return own.model_copy(update={"source": source})

    assert own.scale.benchmark_note == benchmark_note(own) != ""
    assert "研报写作“大盘”；据其图表 16 认定为沪深300" == benchmark_note(own, ZH)
    assert own.scale.benchmark_note == benchmark_note(by("", "国金证券"))
    for other in ("me", "", "Sin", "Hongxin Securities"):
        assert "" == benchmark_note(by(other))


def test_a_window_beyond_the_calendar_ends_on_no_day(market):
    result = weighed("media_ai", str(market), as_of="2024-12-31")
    when = replace(result.score.when, windows=dict.fromkeys(result.score.when.windows))
    beyond = replace(result, score=replace(result.score, when=when))

    assert (
        "Placebo: not yet: the window ends after the calendar's horizon."
        == (evidence_lines(beyond)[1])
    )
    assert "安慰剂检验：尚未到期，窗口结束日超出交易日历范围。" == evidence_lines(beyond, ZH)[1]


def test_ones_own_idea_is_no_report():
    result = weighed("media_ai")
    case = result.score.case
    own = replace(
        result.score, case=replace(case, thesis=case.thesis.model_copy(update={"kind": "screen"}))
    )

    assert verdict_sentence(own) == verdict_sentence(result.score)
    assert verdict_sentence(own, ZH).startswith("【模拟行情】自定评级：买入。")


def test_simulated_prices_are_shouted_in_both_languages():
    score = weighed("media_ai").score

    assert verdict_sentence(score).startswith("SIMULATED. ")
    assert verdict_sentence(score, ZH).startswith("【模拟行情】")


# Pieces


@pytest.mark.parametrize(
    ("code", "english", "chinese"),
    [
        ("000300.SH", "CSI 300", "沪深300"),
        ("H00300.CSI", "CSI 300 total return", "沪深300全收益"),
        ("000852.SH", "CSI 1000", "中证1000"),
        ("801760.SI", "media", "传媒"),
        ("801770.SI", "communications", "通信"),
        ("000905.SH", "000905.SH", "000905.SH"),
    ],
)
def test_an_index_has_its_name_in_both_languages(code, english, chinese):
    assert (english, chinese) == (index_name(code), index_name(code, ZH))
    assert len(INDEX_NAMES) == len(INDUSTRIES) + 3


def test_a_rating_is_short_in_english_alone():
    told = thesis.load("media_ai")
    reading = Reading(0.2, 0.1, 0.1, "overweight", near_edge=True)

    assert "+10.0 OW~" == reading_cell(reading, told)
    assert "+10.0 增持~" == reading_cell(reading, told, ZH)
    assert "OW Overweight, N Neutral, UW Underweight; ~ within half a point of an edge" == (
        legend(told)
    )
    assert "~ 距评级分界不超过半个百分点" == legend(told, ZH)


def test_what_a_band_means_has_its_sign_in_both_languages():
    scale = shipped_scales()["sinolink_industry"]
    told = [(band_meaning(scale, band), band_meaning(scale, band, ZH)) for band in scale.bands]

    assert [
        ("+15 points or more", "+15 个百分点及以上"),
        ("+5 to +15 points", "+5 至 +15 个百分点"),
        ("-5 to +5 points", "-5 至 +5 个百分点"),
        ("-5 points or less", "-5 个百分点及以下"),
    ] == told


@pytest.mark.parametrize(
    ("share", "english", "chinese"),
    [
        (0.757, "76%", "76%"),
        (0.0, "none", "无一"),
        (0.002, "under 1%", "<1%"),
        (0.998, "over 99%", ">99%"),
        (1.0, "100%", "100%"),
    ],
)
def test_a_share_that_is_nearly_none_or_all_is_said(share, english, chinese):
    assert (english, chinese) == (share_words(share), share_words(share, ZH))


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("beats", [0.0, 0.002, 0.4, 0.999])
@pytest.mark.parametrize("claimed", ["buy", "underweight"])
def test_where_a_list_stands_is_said_in_both_languages(beats, claimed, short):
    result = weighed("media_ai")
    claim = result.thesis.claim.model_copy(update={"rating": claimed})
    called = result.thesis.model_copy(update={"claim": claim})
    case = replace(result.score.case, thesis=called)
    other = replace(result, score=replace(result.score, case=case))
    reading = replace(a_reading(result), beats=beats, percentile=beats)
    english = beaten_words(other, reading, short=short)
    chinese = beaten_words(other, reading, ZH, short=short)

    assert numbers(english) == numbers(chinese)
    assert not re.search("[A-Za-z]", LATIN.sub("", chinese))
    assert ("beat" in english) == (claimed == "buy") == ("战胜" in chinese)
    assert ("跑输" in chinese) == (claimed == "underweight")


def a_reading(result) -> PlaceboReading:
    return result.evidence.placebo.pools["industry"].readings[HEADLINE]


def test_a_rating_other_than_the_claimed_one_is_told_beside_it():
    result, shares = weighed("media_ai"), {"buy": 0.61, "overweight": 0.12}

    assert "Overweight 12% and the claimed Buy 61%" == rated_words(result, "overweight", shares)
    assert "表现对应增持的概率为 12%，对应原评级买入的概率为 61%" == (
        rated_words(result, "overweight", shares, ZH)
    )
    assert "12% earned Overweight and 61% the claimed Buy" == (
        earned_words(result, "overweight", shares)
    )
    assert "12% 的表现对应增持、61% 对应原评级买入" == earned_words(
        result, "overweight", shares, ZH
    )


@pytest.mark.parametrize("event", BREAKS)
def test_every_break_has_its_words(event):
    assert event.name == break_words(event.day.replace(day=1))
    assert f"（{event.day}）" in break_words(event.day.replace(day=1), ZH)


@pytest.mark.parametrize(
    ("choice", "value", "english", "chinese"),
    [
        ("reading", "6m", "reading 6m", "6 个月末读数"),
        ("reading", "mean", "reading mean", "均值读数"),
        ("basis", "price", "price basis", "价格口径"),
        ("weighting", "inverse_vol", "inverse_vol weights", "波动率倒数加权"),
        ("weighting", "my_own", "my_own weights", "my_own"),
        ("stage", "net", "costs and rules", "计入交易规则与费用"),
        ("stage", "paper", "stage paper", "纸面阶段"),
    ],
)
def test_a_change_of_definition_is_said(choice, value, english, chinese):
    whole = {"reading": "mean", "basis": "total", "weighting": "equal", "stage": "paper"}
    cell = Cell(**(whole | {choice: value}), excess=None, rating=None)

    assert (english, chinese) == (change_words(choice, cell), change_words(choice, cell, ZH))


def test_settings_are_spelt_as_the_command_line_has_them_in_english_alone():
    settings = weighed("media_ai").to_dict()["settings"]
    english, chinese = settings_words(settings), settings_words(settings, ZH)

    spelt = settings | {"capital": "10,000,000"}
    assert english == ", ".join(f"{k} {v}" for k, v in spelt.items() if v is not None)
    assert numbers(english) == numbers(chinese)
    assert not re.search("[A-Za-z]", LATIN.sub("", chinese))


@pytest.mark.parametrize(
    ("option", "value"), [(option, value) for option, all_ in CHOICES.items() for value in all_]
)
def test_every_choice_of_an_option_has_chinese_words(option, value):
    assert not re.search("[A-Za-z]", LATIN.sub("", settings_words({option: value}, ZH)))


@pytest.mark.parametrize("name", ["media_ai", "optical_module", "server"])
def test_how_a_basket_was_traded_keeps_no_english_in_chinese(market, name):
    result = weighed(name, str(market), as_of="2026-04-30")
    told = [how_words(result, ZH), *capacity_words(result, ZH)]
    told += [what for _, _, what in stages(result, ZH)]

    assert [] == [zh for zh in told if re.search("[A-Za-z]", LATIN.sub("", zh))]


def test_a_rating_within_a_reason_has_its_chinese_name(market):
    result = weighed("optical_module", str(market), as_of="2026-04-30")

    assert ["策略容量：减持已是最低评级，资金规模再大也不会更低。"] == capacity_words(result, ZH)
    assert ["Capacity: Underweight is the worst rating, which no size can lose."] == (
        capacity_words(result)
    )


def test_a_weighting_within_a_reason_has_its_chinese_name():
    reason = "its weights are those of equal, which would count twice"

    assert "其权重与等权相同，不重复计算" == reason_words(reason, ZH)
    assert reason == reason_words(reason)


@pytest.mark.parametrize("name", NAMES)
def test_what_could_not_be_bought_is_told_with_its_day(name):
    for segment in thesis.load(name).segment:
        for item in segment.unlisted:
            assert (str(item.listed) in unlisted_word(item)) == (item.listed is not None)
            assert numbers(unlisted_word(item)) == numbers(unlisted_word(item, ZH))
