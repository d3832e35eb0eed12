import html
import re
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def script(name):
    """A script of ``.ci``, loaded without being run."""
    loader = SourceFileLoader(name, str(ROOT / ".ci" / name))
    module = module_from_spec(spec_from_loader(name, loader))
    loader.exec_module(module)
    return module


def test_the_outputs_in_the_readme_are_what_the_commands_print(market, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["readme_output", str(market), "--check"])
    code = script("readme_output").main()

    assert (0, "") == (code, capsys.readouterr().out)


def test_the_pictures_in_the_readme_show_what_the_commands_print(market, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["readme_pictures", str(market), "--check"])
    code = script("readme_pictures").main()

    assert (0, "") == (code, capsys.readouterr().out)


@pytest.mark.parametrize("name", ["terminal", "terminal-verbose"])
def test_a_picture_is_shown_fetches_nothing_and_has_its_verdict_in_text(name):
    svg = (ROOT / ".readme" / f"{name}.svg").read_text(encoding="utf-8")

    assert f"](.readme/{name}.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert ["http://www.w3.org/2000/svg"] == re.findall(r"https?:[^\s\"')]*", svg)
    assert not re.search(r"@font-face|@import|<script|<image|\bhref|\burl\((?!#)", svg)
    assert re.search("RatedBuy.Earned(Buy|Underweight):[0-9.]+points", words_of(svg))
    assert re.search("Excess[▁-█]+│[▁-█]+", words_of(svg))


def test_the_figure_in_the_readme_is_a_drawing_that_fetches_nothing():
    svg = (ROOT / ".readme" / "path.svg").read_text(encoding="utf-8")

    assert "](.readme/path.svg)" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert not re.search(r"@font-face|@import|<script|<image|\bhref|\burl\((?!#)|data-", svg)
    assert "Mean of months 3-6: +29.8, Buy" in svg


@pytest.mark.parametrize("name", ["terminal", "terminal-verbose"])
def test_in_a_picture_a_chinese_character_is_two_columns_wide(name):
    svg = (ROOT / ".readme" / f"{name}.svg").read_text(encoding="utf-8")
    tags = re.findall(r'<text ([^>]*textLength="([\d.]+)"[^>]*)>([^<]*)</text>', svg)
    wide = [(float(length), text) for _, length, text in tags if re.fullmatch("[一-鿿、]+", text)]

    assert wide
    assert {24.4} == {round(length / len(text), 2) for length, text in wide}


def words_of(svg):
    told = "".join(re.findall(r"<text [^>]*>([^<]*)</text>", svg))
    return re.sub(r"\s+", "", html.unescape(told))


def test_the_first_screen_of_the_readme_has_its_two_commands():
    commands = [
        subprocess.run(
            [sys.executable, ROOT / ".ci" / "readme_command", str(number)],
            capture_output=True,
            text=True,
        ).stdout.strip()
        for number in (1, 2)
    ]

    setup_and_run, setup_and_test = commands
    assert "pip install . && thesis backtest media_ai" == setup_and_run
    assert "pip install '.[test]' && pytest" == setup_and_test
