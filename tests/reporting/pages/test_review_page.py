"""The page of a market review: all of it there, escaped, offline, and right on any screen."""

import json
import re

import pytest

import thesis

DAYS = ("2024-09-11", "2024-10-11")


@pytest.fixture(scope="module")
def found(market):
    return thesis.review(*DAYS, market, industry="media", as_of="2026-04-30")


@pytest.fixture(scope="module")
def pages(found):
    return {lang: found.to_html(lang=lang) for lang in ("en", "zh")}


def test_the_page_says_what_the_report_prints_and_what_prices_give(pages):
    assert "close to close gives +16.79%: agrees to its rounding." in pages["en"]
    assert "No open, high, low or close of 801750.SI on these days" in pages["en"]
    assert "相差 1.5 个百分点" in pages["zh"]
    assert "Return, %" in pages["en"]


def test_the_review_itself_stands_inside(found, pages):
    for page in pages.values():
        inside = re.search(
            r'<script type="application/json" id="result">(.*?)</script>', page, re.S
        )
        assert found.to_dict() == json.loads(inside[1])


def test_tables_hold_the_same_numbers_in_both_languages(pages):
    english, chinese = (
        re.findall(r'<t[dh][^>]*class="number[^"]*"[^>]*>([^<]*)<', pages[lang])
        for lang in ("en", "zh")
    )

    assert english == chinese
    assert len(english) > 100


def test_a_page_of_many_years_stays_small(market):
    long = thesis.review("2024-09-11", "2026-03-18", market, base="2021-01-04", as_of="2026-04-30")

    assert len(long.to_html().encode()) < 2_000_000


def test_the_sample_has_its_banner_and_watermarks():
    page = thesis.review(*DAYS, "sample").to_html()

    assert 'class="banner" role="alert"' in page
    drawings = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert drawings
    assert all("SIMULATED" in each for each in drawings)


def test_what_a_thesis_file_says_is_escaped(tmp_path):
    from thesis.research.catalog import bundled_folder

    text = (bundled_folder() / "media_ai.toml").read_text("utf-8")
    evil = text.replace('"Sinolink Securities"', '"<script>alert(1)</script>"')
    (tmp_path / "media_ai.toml").write_text(evil, encoding="utf-8")

    assert "<script>alert" not in thesis.review(*DAYS, "sample", strategies=tmp_path).to_html()


@pytest.mark.parametrize("width", [360, 768, 1440])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_opens_offline_and_nothing_hangs_over_the_side(browser, pages, lang, width):
    browser.open(pages[lang], width=width, touch=width < 500)

    assert [] == browser.console()
    assert [] == browser.asked()
    assert width >= browser.run("return document.documentElement.scrollWidth")


def test_industries_sort_by_any_column(browser, pages):
    browser.open(pages["en"])
    first = """
        const table = document.querySelector('#industries table');
        table.querySelectorAll('th button')[arguments[0]].click();
        return table.tBodies[0].rows[0].cells[1].innerText;
    """

    assert "agriculture" == browser.run(first, 1)
    assert {"utilities", "non-bank finance"} == {browser.run(first, 3), browser.run(first, 3)}
