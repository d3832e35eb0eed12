"""A figure as plotly.js itself draws it, beside our drawing of it: both measured in a browser."""

import json
from pathlib import Path
from typing import Any

from fakes.browser import Browser

from thesis.reporting.drawing import draw, stylesheet

#: Reads both from the page: every point as a fraction of its panel, from its upper left corner.
MEASURE = """
const vertices = d => {
  let x = 0, y = 0; const found = [];
  for (const [, letter, rest] of d.matchAll(/([MLHVZ])([^MLHVZ]*)/g)) {
    const all = (rest.match(/-?[\\d.]+(?:e-?\\d+)?/g) || []).map(Number);
    if (letter === "H") for (const at of all) found.push([x = at, y]);
    else if (letter === "V") for (const at of all) found.push([x, y = at]);
    else for (let k = 0; k + 1 < all.length; k += 2) found.push([x = all[k], y = all[k + 1]]);
  }
  return found;
};
const box = element => {
  const {x, y, width, height} = element.getBBox();
  return [x, y, x + width, y + height];
};
const solid = e => Math.min(e.getBBox().width, e.getBBox().height) > 1;  // not a bar of nothing
const runs = e => e.getAttribute("d").match(/M[^M]+/g) || [];
const seen = e => parseFloat(getComputedStyle(e).strokeWidth) > 0;
const share = (points, [left, top, wide, tall]) =>
  points.map(([x, y]) => [(x - left) / wide, (y - top) / tall]);
const corners = ([a, b, c, d], panel) => share([[a, b], [c, d]], panel);
const all = (query, of) => Array.from(of.querySelectorAll(query));

const theirs = {}, ours = {}, gd = document.getElementById("plot");
for (const [id, plot] of Object.entries(gd._fullLayout._plots)) {
  const {xaxis, yaxis} = plot, own = [0, 0, xaxis._length, yaxis._length];
  const g = gd.querySelector(".subplot." + id);
  theirs[id] = {
    lines: all(".scatterlayer .js-line", g).filter(seen).flatMap(runs)
      .map(d => share(vertices(d), own)),
    areas: all(".scatterlayer .js-fill", g).flatMap(runs).map(d => share(vertices(d), own)),
    bars: all(".barlayer .point > path", g).filter(solid).map(e => corners(box(e), own)),
    markers: all(".scatterlayer .points .point", g).map(e =>
      share([e.getAttribute("transform").match(/-?[\\d.]+/g).slice(0, 2).map(Number)], own)),
  };
}
const size = gd._fullLayout._size;
theirs.shapes = all(".shapelayer path", gd).map(e => {
  const points = share(vertices(e.getAttribute("d")), [size.l, size.t, size.w, size.h]);
  const [xs, ys] = [0, 1].map(k => points.map(point => point[k]));
  return [Number(e.dataset.index),
    [[Math.min(...xs), Math.min(...ys)], [Math.max(...xs), Math.max(...ys)]]];
});

const svg = document.querySelector("svg.drawing");
let paper = [1e9, 1e9, -1e9, -1e9];
for (const clip of all("clipPath", svg)) {
  const rect = clip.firstElementChild, g = clip.nextElementSibling;
  const own = ["x", "y", "width", "height"].map(key => Number(rect.getAttribute(key)));
  const ends = [own[0], own[1], own[0] + own[2], own[1] + own[3]];
  paper = paper.map((at, k) => k < 2 ? Math.min(at, ends[k]) : Math.max(at, ends[k]));
  const marks = [];
  const marker = "circle, path[class^=f-], path.stroke, path.hollow";
  for (let e = g.nextElementSibling; e && e.matches(marker); e = e.nextElementSibling) {
    const [a, b, c, d] = box(e);
    marks.push(share([[(a + c) / 2, (b + d) / 2]], own));
  }
  ours[clip.id.split("-").pop()] = {
    lines: all("path.line", g).flatMap(runs).map(d => share(vertices(d), own)),
    areas: all("path.area", g).flatMap(runs).map(d => share(vertices(d), own)),
    bars: all("rect", g).filter(solid).map(e => corners(box(e), own)),
    markers: marks,
  };
}
const whole = [paper[0], paper[1], paper[2] - paper[0], paper[3] - paper[1]];
ours.shapes = all(":scope > rect, :scope > path.line", svg).map(e => corners(box(e), whole));
return {theirs, ours};
"""


def side_by_side(figure: Any, browser: Browser, folder: Path, width: int = 800) -> None:
    """Show a figure by plotly.js and by us on one page."""
    import plotly.graph_objects as go
    from plotly.offline import get_plotlyjs

    script = folder / "plotly.js"
    if not script.is_file():
        script.write_text(get_plotlyjs(), encoding="utf-8")
    given = json.loads((figure if isinstance(figure, go.Figure) else go.Figure(figure)).to_json())
    for trace in given["data"]:
        if "line" in trace:
            trace["line"]["simplify"] = False  # every point, to be compared
    path = folder / "both.html"
    path.write_text(
        '<!doctype html><meta charset="utf-8"><style>' + stylesheet() + "</style>"
        f'<div id="plot"></div>{draw(figure, "ours", width).svg}'
        '<script src="plotly.js"></script><script>Plotly.newPlot("plot", '
        + json.dumps(given).replace("<", "\\u003c")
        + ', undefined, {staticPlot: true}).then(() => { document.body.className = "done"; })'
        "</script>",
        encoding="utf-8",
    )
    browser.open(path, width=1000, height=1400)
    for _ in range(100):
        if browser.run('return document.body.className === "done"'):
            return
        browser.run("return new Promise(done => setTimeout(done, 50))")
    raise AssertionError(f"plotly.js drew nothing: {browser.console()}")


def measured(figure: Any, browser: Browser, folder: Path, width: int = 800) -> tuple[Any, Any]:
    """What plotly.js and what we make of a figure."""
    side_by_side(figure, browser, folder, width)
    found = browser.run(MEASURE)
    return found["theirs"], found["ours"]
