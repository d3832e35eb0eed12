"""What all figures share: the watermark, the colours, whole axes, plain text, both languages."""

import inspect
import re
import subprocess
import sys
import time
from collections import Counter

import pytest

import thesis
from thesis.reporting.theme import PALETTE, role_of

REAL = [
    *((kind, name) for kind in ("path", "contributions", "surface", "fan", "bridge", "timeline")
      for name in ("media_ai", "optical_module", "server")),
    ("path", "computer"),
    ("scoreboard", "all"),
]  # fmt: skip
SAMPLE = [
    (kind, "sample")
    for kind in ("path", "contributions", "surface", "fan", "bridge", "timeline", "scoreboard")
]
ALL = [*REAL, *SAMPLE]
LANGS = ("en", "zh")
TEXT = ("ink", "muted", "event")
LINES = ("basket", "sector", "benchmark", "net", "fan_middle", "gain", "loss", "total")
ZONES = [role for role in PALETTE if role.startswith("band_")]


def walk(value, path=()):
    """Every leaf of a figure with the keys that lead to it."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from walk(inner, (*path, key))
    elif isinstance(value, (list, tuple)):
        for inner in value:
            yield from walk(inner, path)
    else:
        yield path, value


def texts(figure):
    """Every text a reader sees, tips among them."""
    seen = {"text", "ticktext", "hovertext", "name"}
    return [value for path, value in walk(figure) if path[-1] in seen and isinstance(value, str)]


def numbers(values):
    number = r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?%?"
    return Counter(found for text in values for found in re.findall(number, text))


def test_every_figure_is_asked_for():
    kinds = {kind for kind, _ in ALL}

    assert kinds == {name for name in thesis.figures.__all__ if not name.startswith("review")}


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize(("kind", "name"), SAMPLE)
def test_on_simulated_prices_every_figure_bears_the_watermark(drawn, kind, name, lang):
    layout = drawn(kind, name, lang)["layout"]

    marks = [n for n in layout["annotations"] if n["font"]["color"] == "#c00020"]
    assert [{"en": "SIMULATED", "zh": "模拟数据"}[lang]] == [mark["text"] for mark in marks]
    assert (0.5, 0.5, "paper") == (marks[0]["x"], marks[0]["y"], marks[0]["xref"])
    assert marks[0]["font"]["size"] >= 60
    assert layout["meta"]["simulated"] is True


@pytest.mark.parametrize(("kind", "name"), REAL)
def test_on_real_prices_no_figure_bears_one(drawn, kind, name):
    figure = drawn(kind, name)

    assert "SIMULATED" not in "".join(texts(figure))
    assert figure["layout"]["meta"]["simulated"] is False


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_every_colour_is_a_role(drawn, kind, name):
    found = []
    for path, value in walk(drawn(kind, name)):
        coloured = "color" in path[-1] or path[-1] == "colorscale"
        if coloured and isinstance(value, str):
            found.append(role_of(value))  # raises for one that is none
        elif isinstance(value, str):
            assert not re.search(r"rgba?\(|^#[0-9a-f]{3,8}$", value)

    assert {"ink", "paper"} <= set(found)


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_every_axis_says_all_that_is_on_it(drawn, kind, name):
    layout = drawn(kind, name)["layout"]
    axes = {key: value for key, value in layout.items() if re.match(r"[xy]axis", key)}

    assert {"xaxis", "yaxis"} <= set(axes)
    for axis in axes.values():
        low, high = sorted(axis["range"])
        assert low < high
        assert len(axis["ticktext"]) == len(axis["tickvals"]) > 0
        assert all(low <= tick <= high for tick in axis["tickvals"])
        assert axis.get("type", "linear") == "linear"
        assert axis["tickmode"] == "array"
    assert any(axis["title"]["text"] for axis in axes.values())


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_what_a_pointer_reads_is_given_for_every_point(drawn, kind, name):
    for trace in drawn(kind, name)["data"]:
        if trace["hoverinfo"] == "skip":
            continue
        assert "text" == trace["hoverinfo"]
        if trace["type"] == "heatmap":
            assert [len(row) for row in trace["z"]] == [len(row) for row in trace["hovertext"]]
        else:
            assert len(trace["x"]) == len(trace["y"]) == len(trace["hovertext"])


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_text_has_no_markup_but_line_breaks(drawn, kind, name):
    for text in texts(drawn(kind, name)):
        assert not re.search(r"<(?!br>)", text), text


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_both_languages_show_the_same_numbers(drawn, kind, name):
    english, chinese = drawn(kind, name, "en"), drawn(kind, name, "zh")

    for one, other in zip(english["data"], chinese["data"], strict=True):
        for key in ("x", "y", "z", "base"):
            assert repr(one.get(key)) == repr(other.get(key))
    assert numbers(texts(english)) == numbers(texts(chinese))
    told = [figure["layout"]["meta"]["description"] for figure in (english, chinese)]
    assert numbers(told[:1]) == numbers(told[1:])
    assert all(told)
    words = [text for text in texts(chinese) if re.search(r"[一-鿿]", text)]
    assert len(words) >= 3


@pytest.mark.parametrize(("kind", "name"), ALL)
def test_a_figure_has_a_title_and_says_its_kind(drawn, kind, name):
    layout = drawn(kind, name)["layout"]

    assert kind == layout["meta"]["kind"]
    assert len(layout["title"]["text"]) > 10


def luminance(shade):
    parts = [int(shade[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other, paper):
    low, high = sorted(luminance(getattr(PALETTE[role], paper)) for role in (one, other))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("paper", ["light", "dark"])
def test_text_and_lines_stand_out_from_what_they_stand_on(paper):
    for ground in ["paper", *ZONES]:
        for role in TEXT:
            assert contrast(role, ground, paper) >= 4.5, (role, ground)
    for ground in ["paper", *ZONES, "fan_outer", "fan_inner"]:
        for role in LINES:
            assert contrast(role, ground, paper) >= 3.0, (role, ground)


@pytest.mark.parametrize("lang", LANGS)
def test_what_a_thesis_file_says_is_shown_as_it_is_written(market, lang):
    evil = "<b onclick='x'>R&D</b>"
    found = thesis.load("optical_module")
    segment = found.segment[0]
    pick = segment.pick[0].model_copy(update={"name": evil})
    scale = found.scale.model_copy(
        update={
            "bands": tuple(b.model_copy(update={"name": evil, "name_zh": evil}) for b in
                           found.scale.bands)
        }
    )  # fmt: skip
    hostile = found.model_copy(
        update={
            "title": evil,
            "title_zh": evil,
            "scales": {found.claim.scale: scale},
            "segment": (
                segment.model_copy(
                    update={"name": evil, "name_zh": evil, "pick": (pick, *segment.pick[1:])}
                ),
                *found.segment[1:],
            ),
        }
    )
    result = thesis.evidence(hostile, market, as_of="2026-04-30", draws=100)
    board = thesis.compare([hostile], market, as_of="2026-04-30")

    escaped = "&lt;b onclick='x'&gt;R&amp;D&lt;/b&gt;"
    for kind in ("path", "contributions", "surface", "fan", "bridge", "timeline", "scoreboard"):
        subject = board if kind == "scoreboard" else result
        figure = getattr(thesis.figures, kind)(subject, lang=lang).to_plotly_json()
        shown = texts(figure)
        assert not [text for text in shown if re.search(r"<(?!br>)", text)], kind
        assert any(escaped in text for text in shown), kind
        described = figure["layout"]["meta"]["description"]  # plain text, unlike the rest
        assert evil in described, kind
        assert "&lt;" not in described, kind
        assert "&amp;" not in described, kind


def test_all_figures_of_a_result_together_take_well_under_a_second(weighed):
    result = weighed("media_ai")

    def seconds():
        start = time.process_time()
        for kind in ("path", "contributions", "surface", "fan", "bridge", "timeline"):
            getattr(thesis.figures, kind)(result)
        return time.process_time() - start

    assert min(seconds() for _ in range(3)) < 0.6


def test_a_language_that_is_neither_is_refused(weighed):
    with pytest.raises(thesis.UsageError, match="give en"):
        thesis.figures.path(weighed("computer"), lang="fr")


def test_a_figure_says_what_it_is_of_and_what_it_got(weighed, compared):
    def refused(kind, subject):
        with pytest.raises(thesis.UsageError) as told:
            getattr(thesis.figures, kind)(subject)
        return str(told.value)

    of = {
        **dict.fromkeys(thesis.figures.__all__, ("Backtest", "backtest")),
        "scoreboard": ("Comparison", "compare"),
        "review": ("Review", "review"),
        "review_paths": ("Review", "review"),
    }
    for kind, (noun, verb) in of.items():
        others = ["media_ai", None, compared if noun != "Comparison" else weighed("computer")]
        for other in others:
            assert (
                f"thesis.figures.{kind} takes a {noun}, as thesis.{verb} returns; got "
                f"{type(other).__name__}"
            ) == refused(kind, other)


def test_every_figure_takes_its_subject_and_its_language_alike():
    for kind in thesis.figures.__all__:
        subject, *options = inspect.signature(getattr(thesis.figures, kind)).parameters.values()
        assert inspect.Parameter.empty == subject.default, kind
        assert {inspect.Parameter.KEYWORD_ONLY} == {each.kind for each in options}, kind
        assert ("lang", "en") == (options[-1].name, options[-1].default), kind


def test_figures_are_found_without_loading_plotly():
    code = (
        "import thesis, sys\n"
        "names = dir(thesis.figures)\n"
        "print('path' in names, sorted({'plotly', 'pandas', 'numpy'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "True []\n" == ran.stdout


def test_an_unknown_figure_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'pie'"):
        _ = thesis.figures.pie
