"""What a notebook shows: the card and the chart of a result, and figures as drawings."""

import re
from xml.etree import ElementTree

import pytest

import thesis
from thesis.reporting.comparison import Failure
from thesis.reporting.words.terms import points

FIGURES = ("path", "fan", "contributions", "bridge", "surface", "timeline")


@pytest.fixture(scope="module")
def result(market):
    return thesis.evidence("media_ai", market, as_of="2026-04-30", draws=100)


@pytest.fixture(scope="module")
def simulated():
    return thesis.evidence("media_ai", "sample", as_of="2025-07-31", draws=100)


def test_a_result_shows_its_verdict_its_luck_and_its_chart(result):
    shown = result._repr_html_()

    for leg in (result.paper, result.sector, result.net):
        assert points(leg.headline.excess) in shown
    assert "Base rate:" in shown
    assert "Placebo:" in shown
    assert 1 == shown.count("<svg")
    assert "SIMULATED" not in shown


def test_a_view_runs_nothing_and_styles_nothing_outside_itself(result):
    shown = result._repr_html_()
    style = re.search(r"<style>(.*?)</style>", shown, re.DOTALL)[1].strip()

    assert "<script" not in shown
    assert "data-tip" not in shown
    assert style.startswith("@scope (.thesis-view){")
    assert ":root" not in style
    depth = [0]
    for brace in re.findall(r"[{}]", style):
        depth.append(depth[-1] + (1 if brace == "{" else -1))
    assert 0 == depth[-1]
    assert 0 not in depth[1:-1]  # every rule stands within the scope


def test_a_view_of_simulated_prices_shouts(simulated):
    shown = simulated._repr_html_()

    assert "SIMULATED PRICES." in shown
    assert "SIMULATED" in re.search(r"<svg.*?</svg>", shown, re.DOTALL)[0]


def test_a_comparison_shows_every_thesis_its_range_and_what_failed(market):
    found = thesis.compare(["optical_module", "computer"], market, as_of="2026-04-30")
    lost = thesis.Comparison(found.results, (Failure("mine", "has no <prices>", 4),))
    shown = lost._repr_html_()

    assert "The three leading optical module makers" in shown
    assert ">3 inferred</td>" in shown
    assert ">-29.6..-16.8</td>" in shown
    assert "mine: has no &lt;prices&gt;" in shown


@pytest.mark.parametrize("kind", FIGURES)
def test_a_figure_is_a_drawing_too_whole_and_without_its_data(result, simulated, kind):
    for of, mark in ((result, False), (simulated, True)):
        figure = getattr(thesis.figures, kind)(of)
        told = figure._repr_mimebundle_()
        drawing = told["image/svg+xml"]

        tree = ElementTree.fromstring(drawing)
        assert "{http://www.w3.org/2000/svg}svg" == tree.tag
        assert mark == ("SIMULATED" in "".join(tree.itertext()))
        assert not re.search(r"data-|<script|url\((?!#)|https?://(?!www\.w3\.org)", drawing)
        title = figure.layout.title.text.split("<br>")[0]
        assert title.split()[0] in "".join(tree.itertext())
        for trace in figure.data:
            if trace.showlegend:
                assert trace.name.replace("&amp;", "&") in "".join(tree.itertext())
        assert told["text/plain"].startswith(f"<Figure {kind}: ")


def test_two_drawings_in_one_notebook_keep_their_clips_apart(result, simulated):
    one, other = (thesis.figures.path(each)._repr_svg_() for each in (result, simulated))
    names = [set(re.findall(r'id="([^"]+)"', each)) for each in (one, other)]

    assert names[0]
    assert not names[0] & names[1]


def test_a_drawing_of_its_own_is_what_a_browser_shows(browser, result, tmp_path):
    path = tmp_path / "alone.svg"
    path.write_text(thesis.figures.path(result, lang="zh")._repr_svg_(), "utf-8")
    browser.open(path, width=900)
    colours = browser.run(
        "const of = query => getComputedStyle(document.querySelector(query));"
        "return [of('.s-basket').stroke, of('.f-paper').fill, of('text').fill];"
    )

    assert ["rgb(11, 92, 173)", "rgb(255, 255, 255)"] == colours[:2]
    assert [] == browser.asked()


def test_a_figure_that_a_reader_restyles_is_still_shown(result):
    figure = thesis.figures.path(result)
    figure.update_traces(line_color="red")
    told = figure._repr_mimebundle_()

    assert "image/svg+xml" not in told
    assert told["text/plain"].startswith("<Figure path")
