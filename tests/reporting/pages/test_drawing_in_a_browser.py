"""Drawings as a browser shows them: all text inside and apart, shades by paper, measured widths."""

import itertools

import pytest
from fakes.figures import FIGURES, panels

import thesis
from thesis.reporting.drawing import draw, draw_both, stylesheet
from thesis.reporting.drawing.lettering import breadth
from thesis.reporting.theme import FONTS, PALETTE

#: Figures of a result.
KINDS = ["path", "fan", "contributions", "bridge", "surface", "timeline"]
#: The least size of letters on the screen, in pixels, and the width a phone leaves to a drawing.
LEAST, PHONE = 11.0, 328


def page(*drawings, fonts=FONTS):
    style = f"{stylesheet()} body{{margin:0;font-family:{fonts}}} svg{{display:block;width:100%}}"
    body = "".join(each.svg for each in drawings)
    return f'<!doctype html><meta charset="utf-8"><style>{style}</style>{body}'


TEXTS = """
return [...document.querySelectorAll("svg.drawing")].map(svg => {
  const own = svg.getBoundingClientRect();
  return [...svg.querySelectorAll("text")].filter(e => !e.closest(".simulated")).map(e => {
    const b = e.getBoundingClientRect();
    const scaled = own.width / svg.viewBox.baseVal.width;
    return {text: e.textContent, size: parseFloat(getComputedStyle(e).fontSize) * scaled,
      box: [b.left - own.left, b.top - own.top, own.right - b.right, own.bottom - b.bottom],
      at: [b.left, b.top, b.right, b.bottom]};
  });
});
"""


def legible(browser, wide, narrow):
    """All text of drawings lies within them, apart from each other, and is large enough."""
    for drawings, width in ((wide, 800), (narrow, PHONE)):
        browser.open(page(*drawings), width=width)
        for texts in browser.run(TEXTS):
            for each in texts:
                assert LEAST <= each["size"] <= 16, each
                assert min(each["box"]) > -1.5, each
            for one, other in itertools.combinations(texts, 2):
                (a, b, c, d), (e, f, g, h) = one["at"], other["at"]
                across, down = min(c, g) - max(a, e), min(d, h) - max(b, f)
                # Boxes of a font reach above and below its letters.
                assert across <= 1 or down <= 5, (width, one["text"], other["text"])
        assert [] == browser.console()
        assert [] == browser.asked()


@pytest.mark.parametrize("name", FIGURES)
def test_all_text_lies_in_the_drawing_and_apart(browser, name):
    wide, narrow = draw_both(FIGURES[name](), name)

    legible(browser, [wide], [narrow])


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", ["media_ai", "optical_module", "computer", "server"])
def test_all_text_of_real_figures_lies_in_the_drawing_and_apart(browser, weighed, name, lang):
    pairs = list(drawn(weighed(name), lang))

    assert pairs
    legible(browser, *zip(*pairs, strict=True))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_text_of_a_comparison_and_a_review_lies_in_the_drawing_and_apart(browser, market, lang):
    found = thesis.compare(prices=market, as_of="2026-04-30")
    review = thesis.review("2024-09-11", "2024-10-11", prices=market)
    figures = [
        thesis.figures.scoreboard(found, lang=lang),
        thesis.figures.review(review, lang=lang),
        thesis.figures.review_paths(review, lang=lang),
    ]

    legible(browser, *zip(*(draw_both(each, "f") for each in figures), strict=True))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_text_of_simulated_figures_lies_in_the_drawing_and_apart(browser, simulated, lang):
    legible(browser, *zip(*drawn(simulated, lang), strict=True))


def drawn(result, lang):
    """All figures of a result, twice each."""
    for kind in KINDS:
        try:
            figure = getattr(thesis.figures, kind)(result, lang=lang)
        except thesis.UsageError:
            continue
        yield draw_both(figure, kind)


def test_text_takes_no_more_room_than_was_left_for_it(browser):
    texts = [
        *("Overweight", "Underweight", "+29.8", "2024-10-14", "Published 2024-10-13", "-12.3%"),
        *("中文在线 300364", "沪深300全收益", "CSI 300 total return", "Sessions from the entry"),
        *(
            "Companies linked to AI tools that went viral",
            "上海电影 601595.SH（推定）",
            "WWW mm il",
        ),
    ]
    spans = "".join(f"<span>{text}</span><br>" for text in texts)
    for fonts in (FONTS, '"DejaVu Sans", "Noto Sans CJK SC"', '"Noto Sans CJK SC"'):
        browser.open(
            f'<!doctype html><meta charset="utf-8"><style>*{{font:100px {fonts}}}</style>{spans}',
            width=9000,
        )
        real = browser.run(
            "return [...document.querySelectorAll('span')]"
            ".map(each => each.getBoundingClientRect().width)"
        )
        for text, takes in zip(texts, real, strict=True):
            assert 0.97 * takes <= breadth((text,), 100) <= 1.4 * takes, (fonts, text)


def shade(browser, role):
    script = "return getComputedStyle(document.documentElement).getPropertyValue(arguments[0])"
    return browser.run(script, f"--{role}").strip()


def test_paper_is_dark_where_the_reader_asks_for_it_and_never_in_print(browser):
    def shades(theme=None, **how):
        browser.open(page(draw(panels(), "f")), **how)
        if theme:
            browser.run("document.documentElement.dataset.theme = arguments[0]", theme)
        fill = "return getComputedStyle(document.querySelector('.s-basket')).stroke"
        return {role: shade(browser, role) for role in PALETTE}, browser.run(fill)

    light = ({role: each.light for role, each in PALETTE.items()}, "rgb(11, 92, 173)")
    dark = ({role: each.dark for role, each in PALETTE.items()}, "rgb(108, 180, 255)")
    assert light == shades()
    assert dark == shades(dark=True)
    assert dark == shades("dark")
    assert light == shades("light", dark=True)
    assert light == shades("dark", media="print")
    assert light == shades(dark=True, media="print")


def test_the_watermark_hides_nothing(browser):
    browser.open(page(draw(panels(simulated=True), "f")))
    look = browser.run(
        "const s = getComputedStyle(document.querySelector('.simulated'));"
        "return [Number(s.opacity), s.pointerEvents]"
    )

    assert look[0] <= 0.3
    assert "none" == look[1]
