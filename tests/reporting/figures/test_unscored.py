"""Figures of results that cannot be scored, and of names that no report printed."""

import math
import re

import pytest

import thesis
from thesis.errors import UsageError

FILE = """
id = "mine"
title = "Mine"
[source]
publisher = "P"
published = 2024-10-13
published_basis = "printed"
[claim]
rating = "buy"
scale = "sinolink_industry"
sector_index = "801760.SI"
[[segment]]
id = "a"
"""
#: No factor in the real market; and bars that end on 2025-03-14, inside the window.
WITHOUT_FACTOR, ENDED = "000040.SZ", "300280.SZ"
FIGURES = ("path", "fan", "contributions", "bridge", "surface", "timeline")


@pytest.fixture(scope="module")
def weighed(market, tmp_path_factory):
    def of(*codes):
        picks = "".join(
            f'[[segment.pick]]\ncode = "{code}"\nname = "n"\nbasis = "named"\n' for code in codes
        )
        path = tmp_path_factory.mktemp("file") / "mine.toml"
        path.write_text(FILE + picks, encoding="utf-8")
        return thesis.evidence(path, market, as_of="2026-04-30", draws=100)

    return of


@pytest.fixture(scope="module")
def gone(weighed):
    """A quarter of its weight has no prices: no basket is scored."""
    return weighed(WITHOUT_FACTOR, "300133.SZ", "300364.SZ", "300182.SZ")


@pytest.fixture(scope="module")
def stale(weighed):
    return weighed(ENDED, "300133.SZ")


def drawn(kind, result, lang="en"):
    try:
        return getattr(thesis.figures, kind)(result, lang=lang)
    except UsageError as why:
        return str(why)


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("kind", FIGURES)
def test_no_figure_and_no_page_says_nan(gone, stale, kind, lang):
    for result in (gone, stale):
        assert result.paper.headline is None
        figure = drawn(kind, result, lang)
        told = figure if isinstance(figure, str) else figure.layout.meta["description"]
        assert not re.search(r"nan\b", told), told


def test_where_there_is_no_basket_the_path_tells_of_the_sector_and_why(gone):
    told = drawn("path", gone).layout.meta["description"]

    assert math.isnan(gone.paper.excess[0])
    excess = 100 * gone.sector.headline.excess
    assert f"Media index {100 * gone.sector.headline.ret:+.1f}%, CSI 300" in told
    assert f"excess {excess:+.1f} points" in told
    assert "The names: 25% of the weight has no prices" in told
    assert "so far" not in told


def test_what_ended_is_not_told_as_what_is_still_to_come(gone, stale):
    assert "no random lists to draw: 25% of the weight has no prices" in drawn("fan", gone)
    told = drawn("fan", stale).layout.meta["description"]
    assert "as far as it is known" in told
    assert "so far" not in told
    assert "every exit of the window" not in drawn("surface", stale).layout.meta["description"]


@pytest.mark.parametrize("kind", FIGURES)
def test_names_that_no_report_printed_stand_with_their_ground_and_range_in_every_figure(
    market, kind
):
    result = thesis.evidence("optical_module", market, as_of="2026-04-30", draws=100)
    values = [100 * each.excess for each in result.score.without]
    figure = drawn(kind, result)

    words = f"(3 inferred, without one {min(values):+.1f}..{max(values):+.1f})"
    assert words in figure.layout.title.text
    assert words in figure.layout.meta["description"]


def test_names_that_were_named_need_none(market):
    result = thesis.backtest("media_ai", market, as_of="2026-04-30")

    assert "named" not in drawn("path", result).layout.title.text


def test_one_thesis_alone_is_told_as_one(market):
    found = thesis.compare(["media_ai"], market, as_of="2026-04-30")
    told = thesis.figures.scoreboard(found).layout.meta["description"]

    assert "AI video tools and the owners of media IP +29.8 (Buy, met)." == told
