"""The page as text: self-contained, escaped, complete, and the same numbers in both languages."""

import base64
import hashlib
import html
import html.parser
import json
import re
from collections import Counter

import pytest

import thesis
from thesis.reporting.words.language import CODES
from thesis.reporting.words.terms import points

#: What a page may weigh.
MOST_BYTES = 2_000_000
REAL = ["media_ai", "optical_module", "computer", "server", "connector", "ai_chip"]


class Reader(html.parser.HTMLParser):
    """The page's elements and its text, style and script apart."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.elements, self.words, self.raw, self.inside = [], [], {}, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag in ("style", "script"):
            self.inside.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        if self.inside and self.inside[-1][0] == tag:
            self.inside.pop()

    def handle_data(self, data):
        if not self.inside:
            self.words.append(data)
            return
        tag, attrs = self.inside[-1]
        self.raw[(tag, attrs.get("type"), attrs.get("id"))] = data

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())


@pytest.fixture(scope="module")
def page(weighed):
    done = {}

    def make(name, lang="en"):
        if (name, lang) not in done:
            done[name, lang] = weighed(name).to_html(lang=lang)
        return done[name, lang]

    return make


@pytest.mark.parametrize("lang", CODES)
@pytest.mark.parametrize("name", REAL)
def test_a_page_needs_nothing_else_and_stays_small(page, name, lang):
    text = page(name, lang)

    assert len(text.encode()) < MOST_BYTES
    for tag, attrs in Reader(text).elements:
        assert tag not in ("link", "img", "iframe", "object", "embed", "base", "form", "video")
        assert not {"src", "srcset", "action", "style", "background"} & set(attrs), (tag, attrs)
        assert not [key for key in attrs if key.startswith("on")], (tag, attrs)
        for key in ("href", "xlink:href"):
            assert attrs.get(key, "#").startswith("#"), (tag, attrs)
    assert not re.search(r"url\((?!#)|@import|javascript:", text)


def test_the_policy_allows_the_pages_own_style_and_script_and_nothing_else(page):
    reader = Reader(page("media_ai"))
    policy = next(
        attrs["content"]
        for tag, attrs in reader.elements
        if tag == "meta" and attrs.get("http-equiv") == "Content-Security-Policy"
    )

    def hashed(text):
        return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

    assert {
        "default-src 'none'",
        f"style-src {hashed(reader.raw['style', None, None])}",
        f"script-src {hashed(reader.raw['script', None, None])}",
        "base-uri 'none'",
        "form-action 'none'",
    } == set(policy.split("; "))


def numbers(text):
    """Every number of a page's words, as it stands.

    But for large amounts of money, which have a test of their own, and Shenwan's level 3, which is
    三级.
    """
    plain = re.sub(r"[\d.,]+ (?:[mb]illion|亿|万)|level[- ]3", "", html.unescape(text))
    return Counter(re.findall(r"(?<!\d)[+-]?\d+(?:,\d{3})*(?:\.\d+)?%?", plain))


@pytest.mark.parametrize("name", REAL)
def test_both_languages_show_the_same_numbers_in_every_cell_and_sentence(page, weighed, name):
    # Axes have more or fewer ticks, as there is room; what they draw is one figure.
    bare = {lang: re.sub(r"<svg.*?</svg>", "", page(name, lang), flags=re.S) for lang in CODES}
    tables = [
        [
            re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", row, re.DOTALL)
            for row in re.findall(r"<tr>(.*?)</tr>", bare[lang], re.DOTALL)
        ]
        for lang in CODES
    ]

    assert [len(row) for row in tables[0]] == [len(row) for row in tables[1]]
    for one, other in zip(*tables, strict=True):
        for left, right in zip(one, other, strict=True):
            assert numbers(left) == numbers(right), (left, right)
    english, chinese = (numbers(Reader(bare[lang]).text) for lang in CODES)
    assert english == chinese
    assert points(weighed(name).score.primary.headline.excess) in english


@pytest.mark.parametrize("name", REAL)
def test_the_page_carries_the_result_at_full_precision(page, weighed, name):
    raw = Reader(page(name)).raw["script", "application/json", "result"]

    assert weighed(name).to_dict() == json.loads(raw)


@pytest.mark.parametrize("name", REAL)
def test_every_name_every_caution_and_every_ground_is_on_the_page(page, weighed, name):
    result, text = weighed(name), Reader(page(name)).text

    for each in result.score.names:
        assert each.code in text
        assert each.name in text
    for segment in result.thesis.segment:
        assert segment.name in text
        for item in segment.unlisted:
            assert item.name in text
        for pick in segment.pick:
            assert pick.basis.replace("_", "-") in text
    for caution in (*result.score.cautions, *result.evidence.cautions):
        assert " ".join(caution.message.split()) in text


def test_the_cautions_of_a_score_stand_in_their_box_in_both_languages(simulated):
    codes = [each.code for each in simulated.score.cautions]
    assert codes == ["entered_late", "suspended_at_end"], "this guards nothing without them"
    small = [each for each in simulated.evidence.cautions if each.code == "pool_small"]
    assert small

    english, chinese = (
        re.search(r'<div class="cautions">(.*?)</div>', simulated.to_html(lang=lang), re.S)[1]
        for lang in ("en", "zh")
    )

    for caution in (*simulated.score.cautions, *small):
        assert " ".join(caution.message.split()) in Reader(english).text
    for code in ("300364.SZ", "000156.SZ"):
        assert code in Reader(chinese).text
    assert english.count("<li>") == chinese.count("<li>") == len(codes) + len(small)


@pytest.mark.parametrize("name", ["media_ai", "optical_module"])
def test_the_two_luck_figures_stand_together_in_the_head(page, name):
    head = page(name).split("</nav>")[0]

    assert re.search(r"Base rate: in a no-drift world .* \d+% of the time", head)
    assert re.search(r"Placebo: of 300 random lists of \d .*\d+%.*\(p \d", head)


def test_what_a_thesis_file_says_is_escaped_wherever_it_stands(market):
    evil = "</script><script>alert(1)</script><b onclick='x'>&\"'"
    found = thesis.load("optical_module")
    segment = found.segment[0]
    pick = segment.pick[0].model_copy(
        update={"name": evil, "quote": evil, "rule": evil, "reason": evil}
    )
    hostile = found.model_copy(
        update={
            "title": evil,
            "title_zh": evil,
            "source": found.source.model_copy(
                update={"publisher": evil, "report": evil, "published_basis": f"inferred: {evil}"}
            ),
            "claim": found.claim.model_copy(
                update={"thesis": evil, "risks": (evil,), "rating_printed": evil}
            ),
            "segment": (
                segment.model_copy(
                    update={"name": evil, "name_zh": evil, "pick": (pick, *segment.pick[1:])}
                ),
                *found.segment[1:],
            ),
        }
    )
    result = thesis.backtest(hostile, market, as_of="2026-04-30")

    for lang in ("en", "zh"):
        text = result.to_html(lang=lang)
        scripts = [attrs for tag, attrs in Reader(text).elements if tag == "script"]
        assert [{"type": "application/json", "id": "result"}, {}] == scripts
        assert not [tag for tag, attrs in Reader(text).elements if "onclick" in attrs]
        assert "alert(1)" in Reader(text).text  # it is shown, as text


def test_simulated_prices_are_shouted_and_marked_in_every_figure(simulated):
    for lang, shout, mark in (("en", "SIMULATED PRICES", "SIMULATED"), ("zh", "模拟行情", "模拟")):
        text = simulated.to_html(lang=lang)
        drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
        assert shout in text
        assert 'class="watermark"' in text
        assert drawings
        for drawing in drawings:
            assert mark in drawing


def test_a_page_on_real_prices_bears_no_watermark(page):
    text = page("media_ai")

    assert 'class="watermark"' not in text
    assert "SIMULATED" not in text.split('<script type="application/json"')[0]


def test_a_verdict_that_is_still_to_come_has_a_page(market):
    result = thesis.evidence("media_ai", market, as_of="2024-12-02", draws=100)

    text = Reader(result.to_html()).text
    assert "Not yet" in text
    assert "2025-04-11" in text


def test_a_page_without_evidence_says_that_luck_was_not_looked_at(market):
    result = thesis.backtest("media_ai", market, as_of="2026-04-30")

    assert "The evidence was not weighed" in Reader(result.to_html()).text


def test_the_same_result_makes_the_same_bytes(weighed):
    result = weighed("optical_module")

    assert result.to_html() == result.to_html()


def test_an_unwritable_page_is_a_sentence(weighed, tmp_path):
    with pytest.raises(
        thesis.UsageError, match=r"there is no folder .*none; give a file in a folder that exists"
    ):
        weighed("computer").to_html(tmp_path / "none" / "page.html")
