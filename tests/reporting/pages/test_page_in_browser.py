"""Pages as a browser shows them: from disk, offline, on any width, in light and dark, on paper."""

import base64
import importlib.resources
import re

import pytest

WIDTHS = (360, 768, 1440)
PAGES = [("media_ai", "en"), ("optical_module", "zh"), ("computer", "zh"), ("server", "en")]

#: Contrast of each text with what lies behind it, by the formula of WCAG 2.1; the least of a page.
CONTRAST = """
const channel = c => (c /= 255) <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
const light = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
const rgba = text => [...text.match(/[\\d.]+/g).map(Number), 1].slice(0, 4);
const behind = element => {
  for (let each = element; each; each = each.parentElement) {
    const colour = rgba(getComputedStyle(each).backgroundColor);
    if (colour[3] === 1) return colour;
  }
  return [255, 255, 255, 1];
};
const found = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walk.nextNode()) {
  const node = walk.currentNode, element = node.parentElement;
  if (!node.data.trim() || element.closest('script,style,.watermark,svg')) continue;
  const style = getComputedStyle(element);
  if (style.visibility === 'hidden' || !element.getClientRects().length) continue;
  const one = light(rgba(style.color)), other = light(behind(element));
  const ratio = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
  found.push([ratio, node.data.trim().slice(0, 40)]);
}
return found.sort((a, b) => a[0] - b[0])[0];
"""
ROWS = """
const tables = [...document.querySelectorAll('table[data-sortable]')];
const table = tables.find(t => t.tBodies[0].rows.length > 2);
return [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => cell.innerText));
"""


@pytest.fixture(scope="module")
def page(weighed):
    done = {}

    def make(name, lang):
        if (name, lang) not in done:
            done[name, lang] = weighed(name).to_html(lang=lang)
        return done[name, lang]

    return make


@pytest.mark.parametrize(("name", "lang"), PAGES)
def test_a_page_opens_offline_without_a_request_or_an_error(browser, page, name, lang):
    browser.open(page(name, lang))

    assert [] == browser.console()
    assert [] == browser.asked()


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(("name", "lang"), PAGES)
def test_nothing_hangs_over_the_side(browser, page, name, lang, width):
    browser.open(page(name, lang), width=width, touch=width < 500)

    assert width == browser.run("return document.documentElement.clientWidth")
    assert width >= browser.run("return document.documentElement.scrollWidth")
    assert width >= browser.run("return document.body.scrollWidth")


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize(("name", "lang"), PAGES)
def test_every_text_stands_out_from_its_ground(browser, page, name, lang, dark):
    browser.open(page(name, lang), dark=dark)

    ratio, text = browser.run(CONTRAST)
    assert ratio >= 4.5, text


@pytest.mark.parametrize("width", [360, 700, 840, 1440])
def test_text_in_figures_is_large_enough_to_read(browser, page, width):
    browser.open(page("media_ai", "zh"), width=width, touch=width < 500)
    sizes = browser.run(
        """
        return [...document.querySelectorAll('svg text')].filter(t => t.getClientRects().length)
          .map(t => [t.getScreenCTM().a * parseFloat(getComputedStyle(t).fontSize), t.textContent])
          .sort((a, b) => a[0] - b[0])[0];
        """
    )

    assert sizes[0] >= 11, sizes


def test_one_drawing_of_each_figure_is_shown_at_a_time(browser, page):
    shown = "[...document.querySelectorAll('svg')].filter(each => each.getClientRects().length)"
    count = f"return {shown}.length"
    figures = page("media_ai", "en").count("<figure>")
    for width in WIDTHS:
        browser.open(page("media_ai", "en"), width=width)
        assert figures == browser.run(count)


def test_a_table_sorts_by_the_number_behind_its_text_and_turns_round(browser, weighed, page):
    browser.open(page("media_ai", "en"))
    returns = {n.code: n.returns["mean"] for n in weighed("media_ai").score.names}
    assert list(returns) == [row[0] for row in browser.run(ROWS)]
    press = (
        "const table = [...document.querySelectorAll('table[data-sortable]')]"
        ".find(t => t.tBodies[0].rows.length > 2);"
        "table.tHead.rows[0].cells[3].querySelector('button').click();"
        "return table.tHead.rows[0].cells[3].getAttribute('aria-sort');"
    )

    orders = [
        (browser.run(press), [row[0] for row in browser.run(ROWS)]),
        (browser.run(press), [row[0] for row in browser.run(ROWS)]),
    ]

    rising = sorted(returns, key=returns.get)
    for said, codes in orders:
        assert codes == (rising if said == "ascending" else rising[::-1])
    assert {"ascending", "descending"} == {said for said, _ in orders}


def test_sorting_keeps_every_row_and_leaves_the_totals_below(browser, page):
    browser.open(page("media_ai", "zh"))
    foot = "return [...document.querySelectorAll('tfoot tr')].map(row => row.innerText)"
    rows, totals = browser.run(ROWS), browser.run(foot)
    browser.run("document.querySelectorAll('th button').forEach(each => each.click())")

    assert sorted(rows) == sorted(browser.run(ROWS))
    assert totals == browser.run(foot)


def test_a_pointer_on_the_chart_reads_the_values_of_that_session(browser, page, weighed):
    from selenium.webdriver.common.action_chains import ActionChains

    browser.open(page("media_ai", "en"), width=1000)
    chart = browser.driver.find_element("css selector", "#chart .wide svg")
    browser.run("arguments[0].scrollIntoView({block: 'center'})", chart)
    ActionChains(browser.driver).move_to_element_with_offset(chart, 40, -60).perform()

    tip = browser.run(
        "const t = document.querySelector('[role=tooltip], .tip, .tooltip');"
        "return t && t.getClientRects().length ? t.innerText : ''"
    )
    assert re.search(r"2024-\d\d-\d\d|2025-\d\d-\d\d", tip), tip
    day = re.search(r"20\d\d-\d\d-\d\d", tip)[0]
    row = next(each for each in weighed("media_ai").to_dict()["path"] if each["session"] == day)
    assert f"{row['basket'] * 100:+.1f}" in tip, tip


@pytest.mark.parametrize(("name", "lang"), PAGES)
def test_without_script_everything_can_still_be_read(browser, page, name, lang, weighed):
    browser.open(page(name, lang), script=False)
    text = browser.driver.find_element("tag name", "body").text

    for each in weighed(name).score.names:
        assert each.code in text
    # The method, the last section, is there: nothing waits for a script to open it.
    assert weighed(name).thesis.fingerprint[:12] in text
    assert browser.driver.find_elements("css selector", "figure svg")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_screen_reader_and_a_keyboard_find_nothing_in_the_way(browser, page, lang):
    browser.open(page("media_ai", lang))
    source = importlib.resources.files("axe_core_python") / "axe.min.js"
    browser.run(source.read_text("utf-8"))
    found = browser.driver.execute_async_script(
        "const done = arguments[arguments.length - 1];"
        "const rules = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'best-practice'];"
        "const told = v => [v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 160))];"
        "axe.run(document, {runOnly: rules}).then(r => done(r.violations.map(told)));"
    )

    assert [] == found


def test_the_button_turns_the_page_dark_and_back(browser, page):
    browser.open(page("computer", "en"))
    ground = "return getComputedStyle(document.body).backgroundColor"
    seen = [browser.run(ground)]
    for _ in range(3):
        browser.run("document.querySelector('[data-theme-toggle]').click()")
        seen.append(browser.run(ground))

    assert "rgb(255, 255, 255)" in seen
    assert "rgb(20, 24, 29)" in seen


def test_a_dark_reader_prints_on_white_paper_without_a_cut(browser, page):
    browser.open(page("media_ai", "zh"), dark=True, media="print")
    assert "rgb(255, 255, 255)" == browser.run(
        "return getComputedStyle(document.body).backgroundColor"
    )
    printed = browser.command("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
    paper = base64.b64decode(printed["data"])
    sheets = len(re.findall(rb"/Type\s*/Page[^s]", paper))

    assert 4 <= sheets <= 16
    assert re.search(rb"/MediaBox\s*\[0 0 59[4-6](\.\d+)? 84[1-3]", paper)  # A4 in points


def test_a_page_of_simulated_prices_says_so_on_any_screen_and_in_print(browser, simulated):
    for how in ({"width": 360}, {"dark": True}, {"media": "print"}):
        browser.open(simulated.to_html(), **how)
        banner = browser.driver.find_element("css selector", ".banner")
        assert "SIMULATED PRICES" in banner.text
        marks = browser.driver.find_elements("css selector", ".watermark span")
        assert marks
        assert marks[0].is_displayed()
