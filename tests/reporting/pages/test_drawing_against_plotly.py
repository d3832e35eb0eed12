"""Our drawings beside plotly.js's own, in a browser: the same places within half a percent."""

import numpy as np
import pytest
from fakes.figures import FIGURES, cells, panels
from fakes.plotted import measured, side_by_side

import thesis

#: Of the panel's width and height: half a percent.
CLOSE = 0.005
#: Figures of a result.
KINDS = ["path", "fan", "contributions", "bridge", "surface", "timeline"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("plotted")


def distances(points, line):
    """How far each of some points is from a line through others."""
    points, line = np.array(points, float), np.array(line, float)
    start, along = line[:-1], np.diff(line, axis=0)
    if not len(along):
        return np.linalg.norm(points - line[0], axis=1)
    length = np.maximum((along**2).sum(1), 1e-18)
    share = np.clip(((points[:, None] - start) * along).sum(2) / length, 0, 1)
    return np.linalg.norm(points[:, None] - start - share[..., None] * along, axis=2).min(1)


def hold(theirs, ours, what):
    """Two curves lie on each other, whichever points they are drawn through."""
    assert distances(theirs, ours).max() < CLOSE, what
    assert distances(ours, theirs).max() < CLOSE, what


def hold_figure(theirs, ours):
    for panel, drawn in ours.items():
        if panel == "shapes":
            continue
        own = theirs[panel]
        for kind in ("lines", "areas"):
            assert len(own[kind]) == len(drawn[kind]), (panel, kind)
            for at, (one, other) in enumerate(zip(own[kind], drawn[kind], strict=True)):
                hold(one, other, (panel, kind, at))
        for kind in ("bars", "markers"):
            assert np.shape(own[kind]) == np.shape(drawn[kind]), (panel, kind)
            if own[kind]:
                near = 0.015 if kind == "markers" else CLOSE  # a triangle's middle is not its box's
                assert np.abs(np.subtract(own[kind], drawn[kind])).max() < near, (panel, kind)


@pytest.mark.parametrize("width", [800, 360])
@pytest.mark.parametrize("name", [name for name in FIGURES if name != "cells"])
def test_lines_areas_bars_and_markers_lie_where_plotly_puts_them(browser, folder, name, width):
    if name == "waterfall" and width == 360:
        pytest.skip("names above their rows: the bars are lowered, which plotly cannot do")
    theirs, ours = measured(FIGURES[name](), browser, folder, width)

    assert ours
    hold_figure(theirs, ours)


def test_shapes_lie_where_plotly_puts_them(browser, folder):
    figure = panels()
    figure["data"] = [figure["data"][1], figure["data"][4]]
    for key in ("xaxis", "yaxis", "yaxis2"):
        figure["layout"][key] |= {"showgrid": False, "zeroline": False}
    given = figure["layout"]["shapes"]
    theirs, ours = measured(figure, browser, folder)

    order = sorted(range(len(given)), key=lambda at: given[at].get("layer", "above") == "above")
    found = dict(map(tuple, theirs["shapes"]))
    assert len(given) == len(ours["shapes"])
    for at, drawn in zip(order, ours["shapes"], strict=True):
        assert np.abs(np.subtract(found[at], drawn)).max() < CLOSE, given[at]


@pytest.mark.parametrize("name", ["media_ai", "optical_module"])
@pytest.mark.parametrize("kind", KINDS)
def test_figures_of_real_results_lie_where_plotly_puts_them(browser, folder, weighed, name, kind):
    figure = getattr(thesis.figures, kind)(weighed(name))
    theirs, ours = measured(figure, browser, folder)

    assert ours
    hold_figure(theirs, ours)


PIXELS = """
const [rows, columns] = arguments, image = document.querySelector(".heatmaplayer image");
const canvas = document.createElement("canvas");
const picture = new Image();
picture.src = image.getAttribute("href") || image.getAttribute("xlink:href");
return picture.decode().then(() => {
  canvas.width = picture.width; canvas.height = picture.height;
  const ink = canvas.getContext("2d");
  ink.drawImage(picture, 0, 0);
  const svg = document.querySelector("svg.drawing"), clip = svg.querySelector("clipPath rect");
  const [left, top, wide, tall] = ["x", "y", "width", "height"].map(k => +clip.getAttribute(k));
  const found = [];
  for (let cell = 0; cell < rows * columns; cell++) {
    const x = (cell % columns + 0.5) / columns, y = (Math.floor(cell / columns) + 0.5) / rows;
    const [r, g, b, a] = ink.getImageData(x * picture.width, y * picture.height, 1, 1).data;
    const at = new DOMPoint(left + x * wide, top + y * tall).matrixTransform(svg.getScreenCTM());
    const e = document.elementFromPoint(at.x, at.y);
    found.push([[r, g, b, a], e.tagName === "path" ? getComputedStyle(e).fill : ""]);
  }
  return found;
});
"""


def test_every_cell_has_the_colour_that_plotly_gives_it(browser, folder):
    rows, columns = 21, 122
    figure = cells(rows, columns)
    side_by_side(figure, browser, folder)
    found = browser.run(PIXELS, rows, columns)

    assert rows * columns == len(found)
    assert [0, 0, 0, 0] == found[columns + 2][0]  # the unknown one
    assert found[columns + 2][1] == ""
    for at, (theirs, ours) in enumerate(found):
        if at != columns + 2:
            assert f"rgb({theirs[0]}, {theirs[1]}, {theirs[2]})" == ours, divmod(at, columns)
    assert len({ours for _, ours in found}) > 9
