"""A market review as an object: its days, its words in both languages, JSON, CSV and figures."""

import csv
import datetime as dt
import html
import json
import re
from dataclasses import replace

import jsonschema
import numpy as np
import pandas as pd
import pytest

import thesis
from thesis.reporting.documents.review import review_schema
from thesis.reporting.theme import role_of
from thesis.reporting.words.language import language
from thesis.reporting.words.review import (
    caution_words,
    index_rows,
    movers_words,
    note_words,
    printed_words,
    summary_words,
)

DAYS = ("2024-09-11", "2024-10-11")
ZH = language("zh")
AS_OF = "2026-04-30"


@pytest.fixture(scope="module")
def real(market):
    return thesis.review(
        *DAYS, market, base="2023-12-29", industry=["media", "计算机"], as_of=AS_OF
    )


@pytest.fixture(scope="module")
def sample():
    return thesis.review(*DAYS, "sample", industry="传媒")


# What the report prints


def test_media_agrees_and_computer_differs_and_both_are_said(real):
    computer, media = printed_words(real)

    assert media == (
        "Sinolink Securities prints +16.8% for media (801760.SI), section 2.2.1; close to close "
        "gives +16.79%: agrees to its rounding."
    )
    assert computer == (
        "Sinolink Securities prints +36.2% for computer (801750.SI), section 2.2.1; close to close "
        "gives +34.7%: differs by 1.5 points. No open, high, low or close of 801750.SI on these "
        "days gives the printed figure; the report may rest on other data."
    )


def test_no_price_of_those_days_gives_the_figure_the_thesis_says_none_gives(market):
    bars = pd.read_parquet(market / "index.parquet")
    bars = bars[bars["code"] == "801750.SI"].assign(date=lambda each: each["date"].astype(str))
    first, last = (
        bars.loc[bars["date"].str.startswith(day), ["open", "high", "low", "close"]].iloc[0]
        for day in ("2024-09-11", "2024-10-11")
    )

    returns = [end / start - 1 for start in first for end in last]

    assert last["close"] / first["close"] - 1 == pytest.approx(0.3468, abs=5e-5)
    assert len(returns) == 16
    assert not any(0.3615 <= each < 0.3625 for each in returns)


def test_the_same_is_said_in_chinese_with_the_same_numbers(real):
    english, chinese = printed_words(real), printed_words(real, ZH)

    assert "国金证券研报（第 2.2.1 节）所载传媒（801760.SI）涨跌幅为 +16.8%" in chinese[1]
    assert "相差 1.5 个百分点" in chinese[0]
    for one, other in zip(english, chinese, strict=True):
        assert sorted(re.findall(r"[+-]?\d[\d.]*%?", one)) == sorted(
            re.findall(r"[+-]?\d[\d.]*%?", other)
        )


def test_two_reports_that_print_different_figures_of_an_index_both_stand_in_the_table(real):
    (media,) = [each for each in real.printed if each.printed.index == "801760.SI"]
    others = [
        replace(media, publisher=name, printed=media.printed.model_copy(update={"value": value}))
        for name, value in (("A", 0.171), ("B", 0.168))
    ]
    found = replace(real, printed=(*real.printed, *others))

    for lang in (language("en"), ZH):
        heads, rows = index_rows(found, lang)
        printed = {row[2]: row[-1] for row in rows}
        assert "+16.8% / +17.1%" == printed["801760.SI"]
        assert "+36.2%" == printed["801750.SI"]
        assert 2 == sum(text != "" for text in printed.values())
        assert len(heads) == len(rows[0])
        page = found.to_html(lang=lang)
        assert 1 == len(re.findall(r'data-value="0\.168">\+16\.8% / \+17\.1%</td>', page))


def test_other_days_print_nothing(market):
    found = thesis.review("2024-09-11", "2024-10-10", market, as_of=AS_OF)

    assert () == found.printed
    assert "report prints" not in index_rows(found)[0]


def test_simulated_prices_are_not_held_against_a_printed_figure(sample):
    heads, rows = index_rows(sample)

    assert {None} == {check.found for check in sample.printed}
    assert {None} == {check.agrees for check in sample.printed}
    assert all("not held against simulated prices" in line for line in printed_words(sample))
    assert "report prints" not in heads
    assert not any("36.2" in cell for row in rows for cell in row)


# Days


def test_days_that_are_no_sessions_mean_the_last_before_and_are_said():
    found = thesis.review("2024-09-14", "2024-10-13", "sample", base="2024-01-06")

    assert (dt.date(2024, 9, 13), dt.date(2024, 10, 11)) == (found.span.first, found.span.last)
    assert dt.date(2024, 1, 5) == found.span.base
    assert ["from_no_session", "to_no_session", "base_no_session"] == [
        note.code for note in note_words(found)
    ]
    on_sessions = thesis.review("2024-09-13", "2024-10-11", "sample", base="2024-01-05")
    assert on_sessions.indices.industries == found.indices.industries
    assert [] == note_words(on_sessions)


def test_without_a_base_of_its_own_a_moved_start_is_said_once():
    notes = note_words(thesis.review("2024-09-14", "2024-10-11", "sample"))

    assert ["from_no_session"] == [note.code for note in notes]


@pytest.mark.parametrize(
    ("days", "options", "sentence"),
    [
        (("2024-10-11", "2024-09-11"), {}, "the end must be a session after the start"),
        (("2024-10-11", "2024-10-11"), {}, "the end must be a session after the start"),
        (
            ("2024-10-12", "2024-10-13"), {},
            "the closes of 2024-10-11 and 2024-10-11: other days are no sessions",
        ),
        (DAYS, {"as_of": "2024-10-10"}, "to 2024-10-11 lies after 2024-10-10"),
        (DAYS, {"base": "2024-10-12"}, "base 2024-10-12: .* must lie before the end"),
        (("1989-01-04", "2024-10-11"), {}, "sessions are known from 1990-12-19 to"),
        (("11.9.2024", "2024-10-11"), {}, "from = '11.9.2024': it is no date; write 2025-06-30"),
        (DAYS, {"industry": "medai"}, "industry 'medai' is none of Shenwan's level 1; give an"),
        (DAYS, {"movers": 0}, "movers 0: give a whole number from 1 to 100"),
        (DAYS, {"movers": True}, "movers True: give a whole number"),
    ],
)  # fmt: skip
def test_what_cannot_be_asked_is_a_sentence(days, options, sentence):
    with pytest.raises(thesis.UsageError, match=sentence):
        thesis.review(*days, "sample", **options)


def test_days_beyond_the_prices_are_a_sentence_that_names_their_span():
    with pytest.raises(thesis.PricesError, match=r"on 2025-08-29, where the review ends; it has"):
        thesis.review("2025-07-01", "2025-08-29", "sample")
    with pytest.raises(thesis.PricesError, match=r"2023-09-11, where the review starts"):
        thesis.review("2023-09-11", "2024-10-11", "sample")


def test_movers_of_a_source_that_is_asked_now_are_refused(tmp_path):
    levels = thesis.read_prices("sample", ["000300.SH", "801760.SI"])
    from thesis import market_review

    with pytest.raises(thesis.PricesError, match="not asked for a whole market"):
        market_review._market("akshare", levels)


def test_prices_without_stocks_have_no_movers_and_say_so():
    levels = thesis.read_prices("sample", ["000300.SH", "801760.SI", "801750.SI"])

    found = thesis.review(*DAYS, levels)
    assert ["801750.SI", "801760.SI"] == sorted(each.code for each in found.indices.known)
    assert "no_levels" in [note.code for note in note_words(found)]
    with pytest.raises(thesis.PricesError, match="no stock has a bar"):
        thesis.review(*DAYS, levels, industry="media")


def test_a_thesis_file_that_cannot_be_read_is_said(tmp_path):
    (tmp_path / "broken.toml").write_text("id = ", encoding="utf-8")
    found = thesis.review(*DAYS, "sample", strategies=tmp_path)

    (caution,) = [each for each in found.cautions if each.code == "thesis_unread"]
    assert "broken.toml is no sound thesis file" in caution.message
    assert 2 == len(found.printed)
    assert caution.message == caution_words(caution)
    chinese = caution_words(caution, ZH)
    assert chinese.endswith(f"：{caution.message}")
    assert re.match(r"[\u4e00-\u9fff]+：", chinese)


# Forms


@pytest.mark.parametrize("name", ["real", "sample"])
def test_the_document_follows_its_schema_without_nan(name, request):
    found = request.getfixturevalue(name).to_dict()

    jsonschema.Draft202012Validator.check_schema(review_schema())
    jsonschema.Draft202012Validator(review_schema()).validate(found)
    json.dumps(found, allow_nan=False)
    found["movers"][0]["top"][0].pop("sold")
    with pytest.raises(jsonschema.ValidationError, match="'sold' is a required property"):
        jsonschema.Draft202012Validator(review_schema()).validate(found)


def test_the_document_holds_the_numbers_of_raw_closes(real, market):
    bars = pd.read_parquet(market / "index.parquet", columns=["code", "date", "close"])
    closes = {
        (code, str(day)[:10]): close
        for code, day, close in zip(bars["code"], bars["date"], bars["close"], strict=True)
    }
    told = real.to_dict()

    for each in told["indices"]:
        first, last, base = (
            closes[each["code"], day] for day in ("2024-09-11", "2024-10-11", "2023-12-29")
        )
        assert pytest.approx(last / first - 1, abs=1e-12) == each["return"]
        assert pytest.approx(last / base - 1, abs=1e-12) == each["since_base"]
        assert (
            pytest.approx(last / base - 1, abs=1e-12) == told["path"]["returns"][each["code"]][-1]
        )
    assert "2023-12-29" == told["path"]["session"][0]
    assert {0.0} == {path[0] for path in told["path"]["returns"].values()}
    assert ["801760.SI", "801750.SI"] == told["settings"]["industries"]
    assert "2024-10-11" == told["prices"]["last"]
    assert [False, True] == [each["agrees"] for each in told["printed"]]


def test_the_frame_has_the_industries_by_rank_and_then_the_benchmark(real):
    frame = real.frame

    assert [*range(1, 32)] == frame["rank"].iloc[:31].astype(int).tolist()
    assert "000300.SH" == frame.index[31]
    assert "传媒" == frame.loc["801760.SI", "name_zh"]
    assert (186, 32) == real.path.shape  # sessions of 000300.SH in the file
    assert {"801760.SI", "801750.SI"} == set(real.movers_frame["industry"])


def test_tables_are_written_as_csv_and_marked_where_simulated(real, sample, tmp_path):
    files = real.to_csv(tmp_path)
    with (tmp_path / "review.indices.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))

    assert [f"review.{name}.csv" for name in ("indices", "path", "movers", "printed")] == [
        path.name for path in files
    ]
    assert pytest.approx(558.10 / 477.85 - 1, abs=1e-12) == float(
        next(row["return"] for row in rows if row["code"] == "801760.SI")
    )
    for path in sample.to_csv(tmp_path / "sample"):
        with path.open(encoding="utf-8-sig") as file:
            assert {"SIMULATED PRICES"} == {row["simulated"] for row in csv.DictReader(file)}


def test_the_sample_is_simulated_wherever_it_is_shown(real, sample):
    assert sample.to_dict()["simulated"] is sample.to_dict()["prices"]["simulated"] is True
    assert "SIMULATED PRICES" in sample._repr_html_()
    assert "SIMULATED PRICES" in repr(sample)
    assert real.to_dict()["simulated"] is False
    assert "SIMULATED" not in real._repr_html_() + repr(real)


def test_a_publisher_cannot_write_html(tmp_path):
    text = (thesis.research.catalog.bundled_folder() / "media_ai.toml").read_text("utf-8")
    evil = text.replace('publisher = "Sinolink Securities"', 'publisher = "<b>R&D</b>"')
    (tmp_path / "media_ai.toml").write_text(evil, encoding="utf-8")
    found = thesis.review(*DAYS, "sample", strategies=tmp_path)

    assert html.escape("<b>R&D</b>") in found._repr_html_()
    assert "<b>R&D" not in found._repr_html_()


# Words


def test_the_summary_counts_who_beat_the_benchmark(real):
    assert summary_words(real) == (
        "9 of 31 Shenwan level 1 industries returned more than the CSI 300 (+22.0%); highest "
        "non-bank finance +37.8%, lowest utilities +10.9%."
    )
    assert summary_words(real, ZH) == (
        "31 个申万一级行业中 9 个跑赢沪深300（+22.0%）；"
        "涨幅居首：非银金融 +37.8%，居末：公用事业 +10.9%。"
    )


def test_rows_hold_the_same_numbers_in_both_languages(real):
    english, chinese = index_rows(real)[1], index_rows(real, ZH)[1]

    assert 32 == len(english)
    assert [(row[0], *row[2:]) for row in english] == [(row[0], *row[2:]) for row in chinese]
    benchmark = [row[2] for row in english].index("000300.SH")
    returns = [float(row[3].rstrip("%")) for row in english]
    assert 9 == benchmark
    assert returns == sorted(returns, reverse=True)


def test_movers_say_which_stocks_they_are_of_and_who_is_left_out(real):
    told = movers_words(real, real.movers[0])

    assert told[0] == (
        "130 stocks of media on 2024-10-11 (Shenwan's table of 2024-08-31): mean +16.4% at equal "
        "weights, median +15.2%; the index +16.8%."
    )
    assert "names are the latest known, not those of the day" in told[1]
    assert "Left out, listed after 2024-09-11: 1 (301551.SZ)." in told


# Laws


def test_later_levels_and_bars_change_nothing():
    sample = thesis.read_prices("sample")
    whole = sample.to_frame()
    money = ["open", "high", "low", "close", "pre_close", "amount"]
    whole[money] *= 2.0  # no copy of the sample itself
    later = whole["date"] > "2024-10-11"
    changed = whole.copy()
    changed.loc[later, money] *= 3.0
    one, other, none = (
        thesis.review(
            *DAYS, thesis.PricePanel.from_frame(frame, listings=sample.listings), industry="media"
        ).to_dict()
        for frame in (whole, changed, whole[~later])
    )

    for key in ("indices", "benchmark", "path", "movers", "printed"):
        assert one[key] == other[key] == none[key]
    assert one["prices"]["fingerprint"] == other["prices"]["fingerprint"]
    assert 21 == one["movers"][0]["stocks"]


# Figures


@pytest.mark.parametrize("kind", ["review", "review_paths"])
def test_figures_speak_both_languages_with_the_same_numbers(kind, real):
    english, chinese = (getattr(thesis.figures, kind)(real, lang=lang) for lang in ("en", "zh"))

    for one, other in zip(english.data, chinese.data, strict=True):
        assert list(one.x) == list(other.x)
        assert list(one.y) == list(other.y)
        assert list(one.hovertext) != list(other.hovertext)
    assert english.layout.title.text != chinese.layout.title.text


def test_the_bars_are_the_returns_best_first_with_the_printed_ones_beside(real):
    figure = thesis.figures.review(real)
    rows = dict(zip(figure.layout.yaxis.ticktext, figure.layout.yaxis.tickvals, strict=True))
    bars = {y: x for trace in figure.data[:3] for x, y in zip(trace.x, trace.y, strict=True)}
    printed = dict(zip(figure.data[3].y, figure.data[3].x, strict=True))

    assert 32 == len(rows) == len(bars)
    assert pytest.approx(558.10 / 477.85 - 1, abs=1e-12) == bars[rows["media"]]
    assert [bars[row] for row in sorted(bars)] == sorted(bars.values(), reverse=True)
    assert {rows["media"]: 0.168, rows["computer"]: 0.362} == printed
    assert 9 == len(figure.data[0].x)
    assert 22 == len(figure.data[1].x)


def test_the_bars_of_simulated_prices_have_no_printed_figure_beside_them(sample):
    figure = thesis.figures.review(sample)

    assert {"bar"} == {trace.type for trace in figure.data}
    assert not any("36.2" in note.text for note in figure.layout.annotations)


def test_the_paths_end_at_the_cumulative_returns_and_set_off_the_chapters(real):
    figure = thesis.figures.review_paths(real)
    named = {trace.name: trace for trace in figure.data if trace.name != "other industries"}

    assert [
        "media -11.5%", "communications +16.0%", "computer -7.3%", "electronics +3.7%",
        "CSI 300 +13.3%",
    ] == list(named)  # fmt: skip
    assert 32 == len(figure.data)
    for trace in figure.data:
        assert 0.0 == trace.y[0]
    np.testing.assert_array_equal(
        real.path["801760.SI"].to_numpy(), np.array(named["media -11.5%"].y)
    )


def test_a_long_path_is_thinned_to_its_first_and_last_session_and_says_so(market):
    long = thesis.review(*DAYS, market, base="2021-01-04", as_of=AS_OF)
    figure = thesis.figures.review_paths(long)

    assert max(len(trace.x) for trace in figure.data) <= 301
    assert "Sessions; one in 4 is drawn" == figure.layout.xaxis.title.text
    assert (0.0, float(len(long.path) - 1)) == (figure.data[0].x[0], figure.data[0].x[-1])
    assert pytest.approx(long.path["000300.SH"].iloc[-1]) == figure.data[-1].y[-1]


@pytest.mark.parametrize("kind", ["review", "review_paths"])
def test_figures_carry_the_watermark_on_the_sample_alone(kind, real, sample):
    make = getattr(thesis.figures, kind)

    assert ["SIMULATED"] == [x.text for x in make(sample).layout.annotations if x.textangle]
    assert [] == [x.text for x in make(real).layout.annotations if x.textangle]
    assert (True, False) == (
        make(sample).layout.meta["simulated"],
        make(real).layout.meta["simulated"],
    )


@pytest.mark.parametrize("kind", ["review", "review_paths"])
def test_every_colour_of_a_figure_is_a_role(kind, real, sample):
    for found in (real, sample):
        text = getattr(thesis.figures, kind)(found).to_json()
        for shade in set(re.findall(r"#[0-9a-f]{6}", text)):
            role_of(shade)
