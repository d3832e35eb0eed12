"""The verdict card: ten lines, both figures of luck together, the same in both languages."""

import functools
import io
import re
from dataclasses import asdict, replace

import pytest
from rich.cells import cell_len
from rich.console import Console

import thesis
from thesis.reporting.terminal.verdict import verdict_card
from thesis.reporting.words.card import card_lines, fragility_words, luck_words, source_words
from thesis.reporting.words.language import language

NAMES = [  # the bundled theses
    "ai_chip", "computer", "connector", "electronics", "liquid_cooling", "media_ai", "media_value",
    "operators", "optical_module", "server", "switch",
]  # fmt: skip
EN, ZH = language("en"), language("zh")


@functools.cache
def weighed(name, where="sample", draws=1_000, **options):
    return thesis.evidence(name, where, draws=draws, command="a test", **options)


def printed(result, width=100):
    screen = io.StringIO()
    Console(file=screen, width=width, color_system=None).print(verdict_card(result))
    return screen.getvalue()


@pytest.mark.parametrize("name", NAMES)
def test_a_card_has_at_most_ten_lines_of_a_hundred_columns(name):
    lines = printed(weighed(name)).splitlines()

    assert 10 >= len(lines)
    assert 100 >= max(map(cell_len, lines))


@pytest.mark.parametrize("name", ["optical_module", "operators", "server", "media_ai"])
def test_a_card_has_at_most_ten_lines_on_real_prices_too(market, name):
    result = weighed(name, str(market), 10_000, as_of="2026-04-30")

    assert 10 >= len(printed(result).splitlines())


def test_a_card_says_what_was_said_what_it_came_to_and_what_it_hangs_on():
    card = card_lines(weighed("media_ai"))
    text = " ".join(printed(weighed("media_ai")).split())

    assert "Sinolink Securities, 2024-10-13 (inferred)" == card.source
    assert "Buy: +15 points or more against the CSI 300, months 3-6" == card.claim
    assert card.verdict.startswith("SIMULATED. Rated Buy. Earned Buy: 15.5 points over the CSI 300")
    assert re.match(r"Names: 7 named, without one \+\d+\.\d\.\.\+\d+\.\d$", card.names)
    assert card.entry.startswith("Entered 2024-10-14 open; window ends 3m 2025-01-13, 4m ")
    for told in asdict(card).values():
        assert told in text
    assert re.search(r"Excess [▁-█]+│[▁-█]+ ", text)


@pytest.mark.parametrize("lang", [EN, ZH], ids=lambda lang: lang.code)
@pytest.mark.parametrize("name", NAMES)
def test_base_rate_and_placebo_are_one_text(name, lang):
    luck = luck_words(weighed(name), lang)

    if lang == EN:
        assert re.search(r"no drift .*; (.* bought|no placebo)", luck)
    else:
        assert re.search("若无漂移.*；(.*买入的|无安慰剂检验)", luck)


@pytest.mark.parametrize("name", NAMES)
def test_a_card_shows_the_same_numbers_in_both_languages(name):
    english, chinese = (asdict(card_lines(weighed(name), lang)) for lang in (EN, ZH))
    for field in ("source", "claim", "verdict", "names", "luck", "fragility", "entry"):
        words = english[field].replace("one session", "1 session")

        assert sorted(re.findall(r"\d+(?:\.\d+)?", words)) == sorted(
            re.findall(r"\d+(?:\.\d+)?", chinese[field])
        )
        assert bool(words) == bool(chinese[field])


def whole(share):
    return f"{100 * share:.0f}"


@pytest.mark.parametrize("name", ["media_ai", "liquid_cooling", "connector", "operators"])
def test_a_card_says_the_numbers_of_the_document(name):
    result = weighed(name)
    found, card = result.to_dict(), card_lines(result)
    told, earned = found["evidence"], found["verdict"]["paper"]["earned"]
    claimed = found["verdict"]["claimed"]
    bands = {band.id: band.name for band in result.thesis.scale.bands}
    worlds = [world["readings"]["mean"]["shares"] for world in told["chance"]["paper"]]
    for rating in {earned, claimed}:
        low, *more = sorted({whole(shares[rating]) for shares in worlds}, key=int)
        assert f"{bands[rating]} {'-'.join([low, *more])}%" in card.luck
    lists = told["placebo"]["pools"]["industry"]["readings"]["mean"]
    assert f"{whole(lists['shares'][earned])}% earned {bands[earned]}" in card.luck
    assert f"{whole(lists['shares'][claimed])}% " in card.luck
    assert f"beat {whole(lists['beats'])}% (p {lists['p']:.2f})" in card.luck
    cells = [cell for cell in told["readings"]["cells"] if cell["rating"] is not None]
    kept = sum(cell["rating"] == earned for cell in cells)
    assert f"{bands[earned]} in {kept}/{len(cells)} definitions" in card.fragility
    surface = told["surface"]
    first, last = (found["windows"][month] for month in ("3m", "6m"))
    inside = [
        rating
        for row in surface["ratings"]
        for session, rating in zip(surface["sessions"], row, strict=True)
        if rating is not None and first <= session <= last
    ]
    share = sum(rating == earned for rating in inside) / len(inside)
    assert f"{whole(share)}% of entries x exits" in card.fragility
    means = [each["rating"] for each in surface["by_delay"]]
    turn = next((delay for delay, rating in enumerate(means) if rating != earned), None)
    words = {None: "kept up to 20 sessions late", 1: "first lost if one session late"}
    assert words.get(turn, f"first lost if {turn} sessions late") in card.fragility


@pytest.mark.parametrize("name", ["liquid_cooling", "optical_module", "server", "switch"])
@pytest.mark.parametrize("as_of", [None, "2025-02-20"])
def test_names_that_were_picked_have_their_label_and_their_range_once_there_is_one(name, as_of):
    result = weighed(name, as_of=as_of)
    card = card_lines(result)
    told = card.verdict if as_of is None else card.names

    assert re.search("inferred|hand-picked", told)
    assert (as_of is None) == bool(re.search(r"without one [+-]\d+\.\d\.\.[+-]\d+\.\d", told))
    assert (as_of is None) == (card.names == "")  # not twice


def test_a_sector_call_says_that_no_placebo_is_to_be_had():
    card = card_lines(weighed("computer"))

    assert card.luck.endswith("no placebo: no names were called.")
    assert re.fullmatch(r"Fragility: Neutral on 9 of 9 publication dates\.", card.fragility)
    assert "" == card.names


def test_a_window_that_the_calendar_does_not_reach_has_a_placebo_to_come_all_the_same():
    result = weighed("media_ai", as_of="2025-02-20")
    when = replace(result.score.when, windows=dict.fromkeys(result.score.when.windows))
    beyond = card_lines(replace(result, score=replace(result.score, when=when)))

    assert beyond.luck.endswith("; no placebo before the window's end.")
    assert beyond.entry.endswith("window ends 3m, 4m, 5m, 6m beyond the calendar")


def test_in_an_open_window_the_placebo_is_named_as_to_come():
    card = card_lines(weighed("media_ai", as_of="2025-02-20"))

    assert re.fullmatch(
        r"Luck: with no drift such a basket earns Buy \d+(-\d+)?% of the time; "
        r"no placebo before 2025-04-11\.",
        card.luck,
    )
    assert "" == card.fragility


def test_before_the_entry_a_card_tells_what_is_known():
    result = weighed("media_ai", as_of="2024-10-13")
    card = card_lines(result)

    assert ("", "", "") == (card.names, card.luck, card.fragility)
    assert card.entry.startswith("Enters 2024-10-14 open")
    assert "Excess" not in printed(result)


def test_without_evidence_a_card_says_nothing_of_luck():
    result = thesis.backtest("media_ai", "sample")

    assert ("", "") == (luck_words(result), fragility_words(result))


def test_why_there_is_no_placebo_stands_in_its_place():
    codes = ["300308.SZ", "300502.SZ", "300394.SZ", "000300.SH", "H00300.CSI", "801770.SI"]
    bars = thesis.read_prices("sample", codes).to_frame()
    for column in ("open", "high", "low", "close", "pre_close", "amount"):
        bars[column] *= 2
    result = thesis.evidence("optical_module", bars, draws=100)
    why = result.evidence.placebo.pools["industry"].reason

    assert luck_words(result).endswith(f"; no placebo: {why.rstrip('.')}.")


def test_a_call_that_names_will_fall_is_told_by_the_other_tail():
    result = weighed("media_ai")
    pools = dict(result.evidence.placebo.pools)
    reading = replace(
        pools["industry"].readings["mean"], beats=0.1, percentile=0.15, p=0.95, p_worse=0.2
    )
    pools["industry"] = replace(pools["industry"], readings={"mean": reading})
    call = result.thesis
    falls = call.model_copy(
        update={"claim": call.claim.model_copy(update={"rating": "underweight"})}
    )
    evidence = replace(result.evidence, placebo=replace(result.evidence.placebo, pools=pools))
    case = replace(result.score.case, thesis=falls)
    bearish = replace(result, score=replace(result.score, case=case), evidence=evidence)

    # 10% did worse and 10% tied, so 80% did better.
    assert "it did worse than 80% (p 0.20)." in luck_words(bearish)
    assert "跑输其中 80%（p 0.20）" in luck_words(bearish, ZH)


@pytest.mark.parametrize("share", [0.0, 0.002])
def test_none_is_told_from_hardly_any(share):
    result = weighed("media_ai")
    pools = dict(result.evidence.placebo.pools)
    reading = replace(pools["industry"].readings["mean"], beats=share)
    pools["industry"] = replace(pools["industry"], readings={"mean": reading})
    evidence = replace(result.evidence, placebo=replace(result.evidence.placebo, pools=pools))
    worst = replace(result, evidence=evidence)

    assert f"beat {'none' if share == 0 else 'under 1%'} " in luck_words(worst)
    assert ("无一被其战胜" if share == 0 else "战胜其中 <1%") in luck_words(worst, ZH)


def test_a_long_ground_of_the_date_is_left_to_the_whole_text():
    call = thesis.load("media_ai")
    printed_on = call.source.model_copy(
        update={"published_basis": "printed on the cover of the report itself, bottom left"}
    )

    told = source_words(call.model_copy(update={"source": printed_on}))

    assert "Sinolink Securities, 2024-10-13" == told
