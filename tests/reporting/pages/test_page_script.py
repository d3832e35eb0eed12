"""The script of a page: hover by pointer, touch and keys, sorting, light and dark; its policy."""

import base64
import hashlib
import json
import re
from importlib.resources import files

import pytest
from fakes.figures import FIGURES, NAMES, cells, panels, waterfall

from thesis.reporting.drawing import draw, stylesheet

SCRIPT = (files("thesis.reporting.pages") / "page.js").read_text(encoding="utf-8")
TIP = "const t = document.querySelector('.tip'); return t.hidden ? null : t.textContent"
SIGN = """
const sign = document.querySelector('.cross, .here');
return sign && [sign.getAttribute('class'), ...['x', 'y', 'width', 'height'].map(
  key => Number(sign.getAttribute(key)))];
"""


def hashed(text):
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def page(body):
    style = f"{stylesheet()} body{{margin:0}} svg{{display:block;width:800px}}"
    policy = f"default-src 'none'; style-src {hashed(style)}; script-src {hashed(SCRIPT)}"
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}"><style>{style}</style>'
        f"</head><body>{body}<script>{SCRIPT}</script></body></html>"
    )


def shown(browser, figure, **how):
    drawing = draw(figure, "f")
    browser.open(page(drawing.svg), **({"width": 1000, "height": 700} | how))
    assert [] == browser.console()
    return drawing


def point(browser, x, y, kind="mouseMoved", **more):
    browser.command("Input.dispatchMouseEvent", type=kind, x=x, y=y, **more)
    return browser.run(TIP)


def press(browser, *keys):
    for key in keys:
        code = {"ArrowLeft": 37, "ArrowUp": 38, "ArrowRight": 39, "ArrowDown": 40, "Tab": 9}
        given = {"key": key, "code": key, "windowsVirtualKeyCode": code.get(key, 0)}
        browser.command("Input.dispatchKeyEvent", type="keyDown", **given)
        browser.command("Input.dispatchKeyEvent", type="keyUp", **given)
    return browser.run(TIP)


def lines_of(drawing):
    return json.loads(re.search("data-lines='([^']*)'", drawing.svg)[1].replace("&lt;", "<"))


def test_the_script_is_small_and_makes_nothing_of_text():
    assert len(SCRIPT.encode()) < 6_500
    for word in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "eval",
        "Function(",
        "fetch",
        "//",
    ):
        assert word not in re.sub(r"^\s*//.*$| // .*$|http://www.w3.org/2000/svg", "", SCRIPT,
                                  flags=re.M), word  # fmt: skip


@pytest.mark.parametrize("name", FIGURES)
def test_a_drawing_and_its_script_keep_to_the_policy(browser, name):
    shown(browser, FIGURES[name]())
    point(browser, 400, 200)
    press(browser, "Tab", "ArrowRight", "ArrowDown")

    assert [] == browser.console()
    assert [] == browser.asked()


def test_a_pointer_reads_the_nearest_day_and_leaves_nothing_behind(browser):
    found = lines_of(shown(browser, panels()))
    for at in (0, 60, 93, 186):
        assert found["tips"][at] == point(browser, found["x"][at] + 1.4, found["bottom"] - 5)
        kind, x, y, wide, tall = browser.run(SIGN)
        assert wide > 0  # or it is not drawn
        assert ("cross", found["x"][at], found["top"]) == (kind, x, y)
        assert pytest.approx(found["bottom"] - found["top"]) == tall

    assert point(browser, 990, 690) is None
    assert browser.run(SIGN) is None


def test_a_pointer_near_a_mark_reads_the_mark(browser):
    shown(browser, panels())
    x, y = browser.run(
        "const b = document.querySelector('circle[data-tip]').getBoundingClientRect();"
        "return [b.right + 5, b.top]"
    )

    assert "3m: 'met' <5%>" == point(browser, x, y)
    assert "here" == browser.run(SIGN)[0]


def test_a_pointer_reads_the_cell_it_is_on(browser):
    figure = cells()
    figure["data"][0]["hovertext"][7][3] = ""
    shown(browser, figure)
    left, top, wide, tall = browser.run(
        "const r = document.querySelector('clipPath rect');"
        "return ['x', 'y', 'width', 'height'].map(key => Number(r.getAttribute(key)))"
    )

    def on(row, column):
        return point(browser, left + (column + 0.6) / 122 * wide, top + (row + 0.4) / 21 * tall)

    for row, column in ((0, 0), (20, 121), (11, 64)):
        assert figure["data"][0]["hovertext"][row][column].replace("<br>", "\n") == on(row, column)
    assert on(7, 3) is None


def test_keys_walk_along_the_days_and_over_the_marks(browser):
    found = lines_of(shown(browser, panels()))

    assert found["tips"][0] == press(browser, "Tab", "ArrowRight")
    assert found["tips"][2] == press(browser, "ArrowRight", "ArrowRight")
    assert found["tips"][1] == press(browser, "ArrowLeft")
    assert found["tips"][186] == press(browser, "End", "ArrowRight")
    assert found["tips"][0] == press(browser, "Home")
    assert "4m" == press(browser, "ArrowDown", "ArrowDown")
    assert "3m: 'met' <5%>" == press(browser, "ArrowUp")
    assert press(browser, "Escape") is None


def test_keys_walk_over_cells_and_bars(browser):
    said = cells()["data"][0]["hovertext"]
    shown(browser, cells())
    assert said[0][1].replace("<br>", "\n") == press(browser, "Tab", "ArrowRight", "ArrowRight")
    assert said[2][1].replace("<br>", "\n") == press(browser, "ArrowDown", "ArrowDown")

    shown(browser, waterfall())
    assert f"{NAMES[1]}\n+0.05" == press(browser, "Tab", "ArrowRight", "ArrowDown")


def test_a_finger_reads_too_and_the_text_stays_until_the_next_touch(browser):
    found = lines_of(shown(browser, panels(), touch=True))
    at = [{"x": found["x"][60], "y": found["bottom"] - 10}]
    browser.command("Input.dispatchTouchEvent", type="touchStart", touchPoints=at)
    browser.command("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])

    assert found["tips"][60] == browser.run(TIP)
    away = [{"x": 950, "y": 680}]
    browser.command("Input.dispatchTouchEvent", type="touchStart", touchPoints=away)
    browser.command("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
    assert browser.run(TIP) is None


def test_what_a_pointer_reads_is_text_and_never_markup(browser):
    figure = waterfall()
    figure["data"][0]["hovertext"] = ["&lt;img src=x onerror=alert(1)&gt;"] * 4
    shown(browser, figure)

    assert "<img src=x onerror=alert(1)>" == press(browser, "Tab", "ArrowDown")
    assert not browser.run("return document.querySelector('.tip').children.length")


def test_the_text_stays_within_the_window_even_where_it_fits_on_neither_side(browser):
    figure = panels()
    figure["data"][1]["hovertext"] = ["a long line of what is known of the day" * 2] * 187
    found = lines_of(shown(browser, figure, width=500))
    for at in (0, 75, 100):
        point(browser, found["x"][at], found["top"] + 2)
        left, top, right, bottom = browser.run(
            "const b = document.querySelector('.tip').getBoundingClientRect();"
            "return [b.left, b.top, innerWidth - b.right, innerHeight - b.bottom]"
        )
        assert min(left, top, right, bottom) >= 0


TABLE = """
<table data-sortable><thead><tr>
<th data-kind="text"><button type="button">name</button></th>
<th data-kind="number"><button type="button">points</button></th></tr></thead><tbody>
<tr><td data-value="beta">beta</td><td data-value="12">12</td></tr>
<tr><td data-value="alpha">alpha</td><td>-</td></tr>
<tr><td data-value="delta">delta</td><td data-value="-2e-1">-0.2</td></tr>
<tr><td>-</td><td data-value="12">12</td></tr>
<tr><td data-value="gamma">gamma</td><td data-value="nan">-</td></tr>
<tr><td data-value="eta">eta</td><td data-value="9">9</td></tr>
</tbody><tfoot><tr><td>total</td><td data-value="-9">-9</td></tr></tfoot></table>
<table data-sortable><thead><tr><th data-kind="text"><button type="button">other</button></th></tr>
</thead><tbody><tr><td data-value="b">b</td></tr><tr><td data-value="a">a</td></tr></tbody></table>
"""


def sort(browser, column):
    return browser.run(
        "const table = document.querySelector('table'), head = table.tHead.rows[0].cells;"
        "head[arguments[0]].querySelector('button').click();"
        "return [[...head].map(each => each.getAttribute('aria-sort')),"
        "[...table.tBodies[0].rows].map(row => row.cells[0].textContent)]",
        column,
    )


def test_rows_sort_by_value_ties_keep_their_order_and_what_is_unknown_stands_last(browser):
    browser.open(page(TABLE))

    rising = ["delta", "eta", "beta", "-", "alpha", "gamma"]
    falling = ["beta", "-", "eta", "delta", "alpha", "gamma"]
    assert [[None, "ascending"], rising] == sort(browser, 1)
    assert [[None, "descending"], falling] == sort(browser, 1)
    assert [["ascending", None], ["alpha", "beta", "delta", "eta", "gamma", "-"]] == sort(
        browser, 0
    )
    assert [["descending", None], ["gamma", "eta", "delta", "beta", "alpha", "-"]] == sort(
        browser, 0
    )
    assert ["total", "b", "a"] == browser.run(
        "return [...document.querySelectorAll('tfoot td:first-child, table:last-of-type td')]"
        ".map(each => each.textContent)"
    )[0:3]
    assert [] == browser.console()


@pytest.mark.parametrize(("dark", "modes"), [(False, ["dark", "light", None, "dark"]),
                                             (True, ["light", "dark", None, "light"])])  # fmt: skip
def test_the_button_turns_to_what_the_system_is_not_first(browser, dark, modes):
    browser.open(page("<button data-theme-toggle hidden>light / dark</button>"), dark=dark)
    click = (
        "document.querySelector('button').click();"
        "return document.documentElement.dataset.theme ?? null"
    )

    assert not browser.run("return document.querySelector('button').hidden")
    assert modes == [browser.run(click) for _ in modes]
