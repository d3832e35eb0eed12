"""What a page says of a result that is not the plain case: its words follow its numbers."""

import html
import re

import pytest

import thesis
from thesis.reporting.words.placebo import p_words, share_words
from thesis.reporting.words.terms import percent

DRAWS = 300


def text_of(page):
    bare = re.sub(r"<(style|script|svg).*?</\1>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def claiming(name, rating):
    found = thesis.load(name)
    return found.model_copy(update={"claim": found.claim.model_copy(update={"rating": rating})})


def weighed(found, market, **options):
    return thesis.evidence(found, market, as_of="2026-04-30", draws=DRAWS, **options)


def test_a_call_for_a_fall_is_held_to_lists_that_fell(market):
    result = weighed(claiming("optical_module", "underweight"), market)
    page = result.to_html()
    table = re.search(r"<table[^>]*Placebo.*?</table>", page, re.DOTALL)[0]

    assert "did better" in table
    for pool in result.evidence.placebo.pools.values():
        reading = pool.readings["mean"]
        worse_or_tied = 1 - reading.beats - 2 * (reading.percentile - reading.beats)
        assert f">{p_words(reading.p_worse)}</td>" in table
        assert f">{html.escape(share_words(worse_or_tied))}</td>" in table
    assert "p is rather too small" in text_of(page)
    assert "does at least as badly" in text_of(page)


def test_the_method_is_that_of_this_result(market):
    plain = text_of(weighed("media_ai", market).to_html())
    other = text_of(weighed("media_ai", market, basis="price", weights="inverse_vol").to_html())

    assert "Paper: equal initial weights" in plain
    assert "against the total-return index, dividends reinvested on both sides" in plain
    assert "Paper: initial weights inverse_vol" in other
    assert "against the price index, dividends on neither side" in other
    assert "dividends reinvested" not in other


@pytest.mark.parametrize(("entry", "when"), [("open", "morning"), ("close", "day")])
def test_random_lists_were_bought_when_the_names_were(market, entry, when):
    result = weighed("media_ai", market, entry=entry)

    assert f"bought the same {when}, at the mean" in text_of(result.to_html())


@pytest.mark.parametrize(
    ("name", "said", "not_said"),
    [
        ("media_ai", "one date and one industry", "same industries lay"),
        ("server", "random lists of the same industries lay", "one industry"),
    ],
)
def test_one_industry_is_said_where_there_is_one(market, name, said, not_said):
    text = text_of(weighed(name, market).to_html())

    assert said in text
    assert not_said not in text


def test_parts_that_cannot_be_told_apart_are_told_together(market):
    result = weighed("server", market)
    parts = result.evidence.attribution
    rest = parts.excess["mean"] - parts.industry["mean"]

    assert parts.selection["mean"] is None
    row = re.search(r"names and dividends together</th>(.*?)</tr>", result.to_html(), re.DOTALL)[1]
    assert f">{100 * rest:+.1f}</td>" in row


def test_an_open_window_says_when_there_will_be_a_placebo(market):
    result = thesis.evidence("media_ai", market, as_of="2024-12-02", draws=100)

    assert "Placebo: none yet: the window ends on 2025-04-11." in text_of(result.to_html())


def test_the_headline_stands_first_where_a_phone_shows_it(market):
    page = weighed("media_ai", market).to_html()
    heads = re.findall(r"<th scope=\"col\"[^>]*>(.*?)</th>", page)

    assert ["", "mean", "claim", "3m"] == heads[:4]


def test_the_page_of_all_has_the_base_rate_beside_the_random_lists(market, tmp_path):
    found = thesis.weigh(
        thesis.compare(["media_ai", "computer"], market, as_of="2026-04-30"), draws=DRAWS
    )
    page = found.to_html(pages={"media_ai": "media_ai.html"})
    row = re.search(r"<tr>(?:(?!</tr>).)*AI video tools.*?</tr>", page, re.DOTALL)[0]
    evidence = found.results[0].evidence
    base = evidence.chance.paper[0].readings["mean"].shares["buy"]
    random = evidence.placebo.pools["industry"].readings["mean"].shares["buy"]

    assert "no drift" in page
    assert re.search(f">{percent(base, 0)}</td>.*>{percent(random, 0)}</td>", row)
    assert '<a href="media_ai.html">AI video tools' in row
    assert "of one report and one day" in text_of(page)


def test_theses_of_other_days_are_not_said_to_be_of_one(market):
    other = thesis.load("computer")
    source = other.source.model_copy(update={"report": "another"})
    both = [thesis.load("media_ai"), other.model_copy(update={"source": source})]
    found = thesis.compare(both, market, as_of="2026-04-30")

    assert "Theses whose windows overlap are not independent results." in text_of(found.to_html())


def test_a_screen_is_no_publishers_claim(market):
    idea = thesis.load("operators").model_copy(update={"kind": "screen"})

    assert "The idea, in its author's words" in text_of(weighed(idea, market).to_html())


@pytest.mark.parametrize(
    ("base", "sessions"),
    [(None, 15), ("2024-08-30", 15), ("2024-09-30", 15), ("2024-10-10", 15)],
)
def test_a_review_counts_the_sessions_of_its_span_whatever_its_base(market, base, sessions):
    # 2024-09-12 and 13, 18 to 20, 23 to 27, 30, October 8 to 11: fifteen, by the calendar.
    found = thesis.review("2024-09-11", "2024-10-11", market, base=base, as_of="2026-04-30")

    assert f"({sessions} sessions)" in text_of(found.to_html())
