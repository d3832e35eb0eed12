"""Drawings: nothing but classes for colours, nothing unescaped, nothing left out."""

import copy
import html
import json
import re
import subprocess
import sys
import xml.etree.ElementTree as ET

import numpy as np
import plotly.graph_objects as go
import pytest
from fakes.figures import FIGURES, NAMES, STEPS, cells, columns, note, panels, waterfall

from thesis.reporting.drawing import Key, draw, draw_both, standalone, stylesheet
from thesis.reporting.theme import PALETTE, colour

SVG = "{http://www.w3.org/2000/svg}"
#: What a drawing may weigh.
MOST_BYTES = 60_000


def parsed(drawing):
    """The drawing as XML; it has no namespace of its own inside HTML."""
    return ET.fromstring(
        drawing.svg.replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ', 1)
    )


def text_of(element):
    return "".join(element.itertext())


def told(drawing, kind):
    """What a pointer reads on lines or in cells."""
    return json.loads(html.unescape(re.search(f"data-{kind}='([^']*)'", drawing.svg)[1]))


@pytest.mark.parametrize("width", [800, 360])
@pytest.mark.parametrize("name", FIGURES)
def test_a_drawing_is_small_and_has_no_colour_style_or_script_of_its_own(name, width):
    drawing = draw(FIGURES[name](), name, width)

    assert len(drawing.svg.encode()) < MOST_BYTES
    for element in parsed(drawing).iter():
        assert element.tag.removeprefix(SVG) not in ("style", "script", "image", "foreignObject")
        assert not {"style", "fill", "stroke", "href"} & set(element.attrib)
        assert not [key for key in element.attrib if key.startswith("on")]
    assert not re.search(r"#[0-9a-fA-F]{6}\b|rgba?\(", drawing.svg)


@pytest.mark.parametrize("name", FIGURES)
def test_every_colour_of_a_drawing_is_in_the_stylesheet(name):
    used = {
        each
        for element in parsed(draw(FIGURES[name](), name)).iter()
        for each in element.get("class", "").split()
        if each[:2] in ("f-", "s-")
    }

    assert used
    assert {each[2:] for each in used} <= set(PALETTE)
    for each in used:
        assert f".{each}{{" in stylesheet()


def test_what_is_outside_the_means_is_refused_by_name():
    def refused(say, change):
        figure = panels()
        change(figure)
        with pytest.raises(ValueError, match=say):
            draw(figure, "f")

    def put(*path, value):
        def change(figure):
            at = figure
            for key in path[:-1]:
                at = at[key]
            at[path[-1]] = value

        return change

    trace = ("data", 1)
    refused("'pie'; a drawing knows scatter, bar, heatmap", put(*trace, "type", value="pie"))
    refused("has 'error_y'", put(*trace, "error_y", value={}))
    refused("has 'line.smoothing'", put(*trace, "line", "smoothing", value=1))
    refused("'#123456' is the colour of no role", put(*trace, "line", "color", value="#123456"))
    refused("has no colour", put(*trace, "line", "color", value=None))
    refused("holds '2024-10-14': an axis is a number line", put(*trace, "x", 0, value="2024-10-14"))
    refused("line.dash .* is 'longdash'", put(*trace, "line", "dash", value="longdash"))
    refused("has 'line.shape'", put(*trace, "line", "shape", value="hv"))
    refused("has mode None", put(*trace, "mode", value=None))
    refused("fill .* is 'tozeroy'", put(*trace, "fill", value="tozeroy"))
    refused("fill .* is 'tonexty'", put(*trace, "fill", value="tonexty"))
    refused("has mode 'lines.text'", put(*trace, "mode", value="lines+text"))
    refused("has 'opacity'", put(*trace, "opacity", value=0.5))
    refused("187 x and 1 y", put(*trace, "y", value=[1.0]))
    refused("holds 1 texts for 187 points", put(*trace, "hovertext", value=["one"]))
    refused("has the tag <b>", put(*trace, "name", value="<b>bold</b>"))
    refused("symbol .* is 'star'", put("data", 5, "marker", "symbol", 0, value="star"))
    refused("is 'circle-open'", put("data", 5, "marker", "symbol", 0, value="circle-open"))
    refused("has 'marker.opacity'", put("data", 5, "marker", "opacity", value=0.5))
    refused("has 'xaxis'", put(*trace, "xaxis", value="x2"))
    refused("axis 'y9'", put(*trace, "yaxis", value="y9"))
    refused("the layout has 'images'", put("layout", "images", value=[{}]))
    refused("layout.xaxis has 'type'", put("layout", "xaxis", "type", value="date"))
    refused("xaxis has no range", put("layout", "xaxis", "range", value=None))
    refused("lacks tickvals or ticktext", put("layout", "yaxis", "ticktext", value=None))
    refused("has 6 tickvals and 1", put("layout", "yaxis", "ticktext", value=["x"]))
    refused("has 'overlaying'", put("layout", "yaxis2", "overlaying", value="y"))
    refused("has 'side'", put("layout", "yaxis2", "side", value="right"))
    refused("yaxis2 has a line at zero", put("layout", "yaxis2", "zeroline", value=True))
    refused("yaxis has a line at zero", put("layout", "yaxis", "zeroline", value=None))
    refused("has 'autorange'", put("layout", "yaxis2", "autorange", value=True))
    refused("type of shape 0 is 'circle'", put("layout", "shapes", 0, "type", value="circle"))
    refused("shape 0 has 'label'", put("layout", "shapes", 0, "label", value={"text": "x"}))
    refused("axis 'y domain'", put("layout", "shapes", 0, "yref", value="y domain"))
    refused("shape 0 is a rectangle with an edge", put("layout", "shapes", 0, "line", value={}))
    refused(
        "fillcolor of shape 0 has no colour", put("layout", "shapes", 0, "fillcolor", value=None)
    )
    refused("shape 0 has 'opacity'", put("layout", "shapes", 0, "opacity", value=0.4))
    refused("has 'bgcolor'", put("layout", "annotations", 0, "bgcolor", value=colour("paper")))
    refused("has an opacity", put("layout", "annotations", 0, "opacity", value=0.5))
    refused("has an arrow", put("layout", "annotations", 0, "showarrow", value=True))
    refused("is turned by 90", put("layout", "annotations", 0, "textangle", value=90))
    refused("plot_bgcolor is '#e3e6ea'", put("layout", "plot_bgcolor", value=colour("grid")))


def test_bars_have_a_width_and_no_edge_and_their_texts_stand_beyond_their_ends():
    for key, value, say in (
        ("width", None, "bar 'thin' has no width"),
        ("marker", {"color": colour("net"), "line": {"width": 0}}, "bar 'thin' has marker.line"),
        ("textposition", None, "textposition of text of bar 'thin' is 'auto'"),
        ("textposition", "inside", "textposition of text of bar 'thin' is 'inside'"),
    ):
        figure = columns()
        figure["data"][1][key] = value
        with pytest.raises(ValueError, match=say):
            draw(figure, "f")


def test_bars_on_the_same_axes_must_overlay():
    figure = columns()
    figure["layout"]["barmode"] = "stack"

    with pytest.raises(ValueError, match="barmode of bars on the same axes is 'stack'"):
        draw(figure, "f")


def test_colours_of_cells_must_change_in_steps():
    figure = cells(3, 4)
    figure["data"][0]["colorscale"] = [[0, colour("cell_0")], [1, colour("cell_10")]]

    with pytest.raises(ValueError, match="are no step"):
        draw(figure, "f")


EVIL = "</svg><script>alert('1')</script> & \"x\""


def test_text_is_escaped_wherever_it_stands():
    shown = html.escape(EVIL, quote=False)
    figure = panels(simulated=True)
    layout = figure["layout"]
    layout["title"]["text"] = shown
    layout["meta"]["description"] = EVIL  # plain text, unlike the rest
    layout["xaxis"]["title"]["text"] = layout["yaxis"]["title"]["text"] = shown
    layout["yaxis"]["ticktext"] = [shown] * 6
    layout["annotations"] = [
        note(0, 0.2, shown),
        note(0.5, 0.5, shown, xref="paper", yref="paper", font={"color": colour("watermark")}),
    ]
    figure["data"][1]["hovertext"] = [shown] * len(figure["data"][1]["x"])
    figure["data"][5] |= {"hovertext": [shown] * 4, "name": shown}
    drawing = draw(figure, "f' onload='x")

    root = parsed(drawing)
    assert "<script" not in drawing.svg
    assert [EVIL] == [text_of(each) for each in root.iter(f"{SVG}title")]
    assert [EVIL] == [text_of(each) for each in root.iter(f"{SVG}desc")]
    texts = [text_of(each) for each in root.iter(f"{SVG}text")]
    assert 2 + 1 + 1 + 1 <= sum(EVIL in each for each in texts)
    assert [EVIL] * 4 == [each.get("data-tip") for each in root.iter() if each.get("data-tip")]
    assert EVIL in told(drawing, "lines")["tips"][0]
    assert EVIL == drawing.title
    assert EVIL in [key.label for key in drawing.keys]
    for element in root.iter():
        assert not [key for key in element.attrib if key.startswith("on")]


def test_characters_that_xml_cannot_hold_are_left_out_wherever_text_stands():
    odd = "R\x01&amp;\x1bD\ufffe 视\U0001f600"  # TOML holds "\u0001", XML does not
    figure = panels()
    layout = figure["layout"]
    layout["title"]["text"] = layout["xaxis"]["title"]["text"] = odd
    layout["meta"] = {"simulated": True, "description": odd}
    layout["yaxis"]["ticktext"] = [odd] * 6
    layout["annotations"] = [
        note(0, 0.2, odd),
        note(0.5, 0.5, odd, xref="paper", yref="paper", font={"color": colour("watermark")}),
    ]
    figure["data"][1] |= {"hovertext": [odd] * len(figure["data"][1]["x"]), "name": odd}
    figure["data"][5] |= {"hovertext": [odd] * 4, "name": odd}
    heat = cells(2, 3)
    heat["data"][0]["hovertext"] = [[odd] * 3] * 2

    file = standalone(go.Figure(figure))
    root = ET.fromstring(file)
    assert 7 <= [text_of(each) for each in root.iter()].count("R&D 视\U0001f600")
    drawing = draw(figure, "f")
    assert ["R&D 视\U0001f600"] * 4 == [
        each.get("data-tip") for each in parsed(drawing).iter() if each.get("data-tip")
    ]
    assert parsed(draw(heat, "f"))


@pytest.mark.parametrize("width", [800, 360])
def test_simulated_prices_are_marked_whatever_the_figure_shows(width):
    figure = panels(simulated=True)
    figure["layout"]["annotations"] = []

    [mark] = [
        each
        for each in parsed(draw(figure, "f", width)).iter()
        if each.get("class", "").startswith("simulated")
    ]
    assert "SIMULATED" in text_of(mark)
    assert "模拟" in text_of(mark)


def test_a_watermark_says_what_the_figure_says():
    figure = panels(simulated=True)
    words = note(0.5, 0.5, "模拟数据", xref="paper", yref="paper", textangle=-24)
    figure["layout"]["annotations"] = [words | {"font": {"color": colour("watermark")}}]

    [mark] = [
        each
        for each in parsed(draw(figure, "f")).iter()
        if each.get("class", "").startswith("simulated")
    ]
    assert "模拟数据" == text_of(mark)


def test_real_prices_bear_no_mark():
    assert "simulated" not in draw(panels(), "f").svg


def test_numbers_that_plotly_packs_are_drawn_as_those_in_lists():
    figure, packed = panels(), panels()
    for trace in packed["data"]:
        trace["x"], trace["y"] = np.array(trace["x"]), np.array(trace["y"], dtype=float)
    heat, heated = cells(), cells()
    heated["data"][0]["z"] = np.array(heated["data"][0]["z"])

    given = go.Figure(packed)
    assert "bdata" in str(given.to_dict()["data"][0])
    assert draw(figure, "f") == draw(given, "f")
    assert draw(heat, "f") == draw(go.Figure(heated), "f")


def test_both_drawings_of_a_figure_stand_on_one_page():
    wide, narrow = draw_both(panels(), "path")
    ids = re.findall(r' id="([^"]*)"', wide.svg + narrow.svg)

    assert len(ids) == len(set(ids)) > 4
    for drawing in (wide, narrow):
        named = re.search(r'aria-labelledby="([^"]*)"', drawing.svg)[1].split()
        assert set(named) < set(re.findall(r' id="([^"]*)"', drawing.svg))
    assert "0 0 800 " in wide.svg
    assert "0 0 360 " in narrow.svg


def test_drawing_the_same_figure_gives_the_same_bytes_and_leaves_it_as_it_was():
    figure = panels()
    before = copy.deepcopy(figure)

    assert draw_both(figure, "f") == draw_both(figure, "f")
    assert before == figure


def test_a_line_breaks_where_a_value_is_unknown():
    figure = panels()
    figure["data"] = figure["data"][2:3]
    [line] = [
        each
        for each in parsed(draw(figure, "f")).iter(f"{SVG}path")
        if each.get("class") == "s-benchmark line"
    ]

    assert 2 == line.get("d").count("M")  # one gap, of days 20 to 26


def test_bars_and_markers_say_what_the_figure_says_to_a_pointer():
    tips = [each.get("data-tip") for each in parsed(draw(panels(), "f")).iter()]
    bars = [each.get("data-tip") for each in parsed(draw(waterfall(), "f")).iter()]

    assert ["3m: 'met' <5%>", "4m", "5m", "6m"] == [each for each in tips if each]
    assert f"{NAMES[2]}\n-0.03" in bars


def test_at_each_day_a_pointer_reads_all_lines_and_the_day_once():
    found = told(draw(panels(), "f"), "lines")

    assert 187 == len(found["x"]) == len(found["tips"])
    assert sorted(found["x"]) == found["x"]
    assert "day 0\nbasket +0.0%\nindex +0.0%" == found["tips"][60]
    assert "day 20\nbasket +14.4%" == found["tips"][80]  # the index has no point there


def test_in_each_cell_a_pointer_reads_its_own_text():
    figure = cells()
    said = figure["data"][0]["hovertext"]
    said[4][5] = ""
    found = told(draw(figure, "f"), "cells")

    assert ["row", "column", "cell"] == [line[0] for line in found["lines"]]
    assert [4 * 122 + 5] == found["silent"]
    (_, rows), (_, across), (_, values, at) = found["lines"]
    for row, texts in enumerate(said):
        for column, text in enumerate(texts):
            if text:
                own = values[at[row * 122 + column]]
                assert text.split("<br>") == [rows[row], across[column], own]
    assert (22, 123) == (len(found["y"]), len(found["x"]))


def test_neighbouring_cells_of_one_colour_are_one_rectangle():
    figure = cells(2, 6)
    figure["data"] = figure["data"][:1]
    figure["data"][0] |= {"z": [[-27, -26, 0, 0, 26, -27], [None] * 6], "showscale": False}
    figure["data"][0].pop("hovertext")
    paths = {
        each.get("class"): each.get("d").count("M")
        for each in parsed(draw(figure, "f")).iter(f"{SVG}path")
        if each.get("class", "").startswith("f-")
    }

    assert {"f-cell_0": 2, "f-cell_5": 1, "f-cell_10": 1} == paths


def test_the_key_of_cells_names_its_edges():
    texts = [text_of(each) for each in parsed(draw(cells(), "f")).iter(f"{SVG}text")]
    strip = [each.get("class") for each in parsed(draw(cells(), "f")).iter(f"{SVG}rect")]

    assert {"Excess in points", "-27.5", "-2.5", "+2.5", "+27.5"} <= set(texts)
    assert [f"f-{step}" for step in STEPS] == [each for each in strip if each]


def test_the_legend_has_the_traces_that_show_one():
    assert (
        Key("90% of lists", "fan_outer", "area"),
        Key("Basket <b>", "basket", "line"),
        Key("Index", "benchmark", "dashed"),
        Key("Weekly", "net", "dotted"),
        Key("Months", "event", "circle"),
    ) == draw(panels(), "f").keys
    assert ("bar", "bar") == tuple(key.kind for key in draw(columns(), "f").keys)
    for key in (*draw(panels(), "f").keys, *draw(columns(), "f").keys):
        assert f".k-{key.role}{{" in stylesheet()


def test_on_a_phone_long_names_stand_above_their_rows():
    wide, narrow = draw(waterfall(), "f", 900), draw(waterfall(), "f", 360)

    def lefts(drawing):
        return [
            (text_of(each), each.get("text-anchor"))
            for each in parsed(drawing).iter(f"{SVG}text")
            if text_of(each) in NAMES
        ]

    assert [(name, "end") for name in NAMES] == lefts(wide)
    assert [(name, None) for name in NAMES] == lefts(narrow)


def test_a_plot_is_as_tall_as_in_the_figure():
    figure = waterfall()
    figure["layout"] |= {"height": 320, "margin": {"t": 50, "b": 40}}
    [plot] = [each.find(f"{SVG}rect") for each in parsed(draw(figure, "f")).iter(f"{SVG}clipPath")]
    assert 320 - 50 - 40 == pytest.approx(float(plot.get("height")), abs=1)


def test_plotly_is_not_needed_to_draw():
    code = (
        "import sys; from thesis.reporting.drawing import draw, stylesheet; "
        "print([name for name in ('plotly', 'pandas') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == run.stdout.strip()
