"""``thesis report``: pages, of one thesis or of all, and what cannot be written."""

import json
import os
import re

import pytest

import thesis
from thesis.publication import write_pages
from thesis.reporting.comparison import Failure
from thesis.reporting.documents.files import write_table, write_text
from thesis.reporting.words.language import language
from thesis.research.catalog import Catalog


def test_a_page_is_written_and_its_verdict_said(run, tmp_path):
    path = tmp_path / "page.html"
    ran = run("report", "optical_module", "--html", path, "--prices", "sample", "--quick")

    assert 0 == ran.code, ran.err
    assert "SIMULATED. Rated Buy." in ran.out
    assert f"wrote {path}" in ran.err
    assert path.read_text("utf-8").startswith("<!doctype html>")


def test_the_default_file_is_named_for_the_thesis(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    ran = run("report", "computer", "--prices", "sample", "--quick", "--lang", "zh")

    assert 0 == ran.code, ran.err
    assert 'lang="zh-Hans"' in (tmp_path / "computer.zh.html").read_text("utf-8")


def test_a_page_and_the_json_of_the_same_run_hold_the_same_result(run, tmp_path):
    page, told = tmp_path / "page.html", tmp_path / "result.json"
    ran = run(
        "report", "computer", "--prices", "sample", "--quick", "--html", page, "--json", told
    )  # fmt: skip

    assert 0 == ran.code, ran.err
    found = re.search(r'id="result">(.*?)</script>', page.read_text("utf-8"), re.DOTALL)[1]
    assert json.loads(told.read_text("utf-8")) == json.loads(found)


def test_all_gives_a_page_a_thesis_and_one_of_them_all_that_leads_to_each(run, tmp_path):
    folder = tmp_path / "pages"
    ran = run("report", "--all", "--html", folder, "--prices", "sample", "--draws", "100")

    assert 0 == ran.code, ran.err
    names = {entry.name for entry in Catalog.default().entries()}
    assert {f"{name}.html" for name in names} | {"index.html"} == set(os.listdir(folder))
    index = (folder / "index.html").read_text("utf-8")
    for name in names:
        assert f'href="{name}.html"' in index
        assert 'href="index.html"' in (folder / f"{name}.html").read_text("utf-8")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((), "give the name of a thesis, as thesis report media_ai, or --all"),
        (("media_ai", "--all"), "give the name of a thesis"),
        (("media_ai", "--lang", "fr"), "lang = 'fr': give en (English) or zh (Chinese)"),
        (("media_ai", "--html", "."), "it is a folder; give a file"),
        (("media_ai", "--html", "nowhere/page.html"), "there is no folder nowhere"),
        (("--all", "--html", "a-file"), "it is a file; for all theses give a folder"),
    ],
)
def test_what_cannot_be_asked_is_a_sentence(run, tmp_path, monkeypatch, args, words):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a-file").write_text("x")
    ran = run("report", *args, "--prices", "sample")

    assert 2 == ran.code
    assert words in " ".join(ran.err.split())
    assert "Traceback" not in ran.err


def test_a_page_that_cannot_be_finished_leaves_the_old_one(tmp_path, monkeypatch):
    path = tmp_path / "page.html"
    path.write_text("old")
    monkeypatch.setattr(os, "replace", _full)

    with pytest.raises(thesis.UsageError, match="cannot be written: No space left"):
        write_text(path, "new")
    assert "old" == path.read_text()
    assert ["page.html"] == os.listdir(tmp_path)


def _full(*_):
    raise OSError(28, "No space left on device")


def test_a_thesis_that_fails_stands_on_the_page_of_all(tmp_path, market):
    found = thesis.compare(["computer", "operators"], market, as_of="2026-04-30")
    lost = Failure("my_idea", "has no prices of <b>it</b>", 4)
    both = thesis.Comparison(found.results, (lost,))
    written = write_pages(both, tmp_path, language("en"))

    assert ["index.html", "computer.html", "operators.html"] == [path.name for path in written]
    assert "my_idea: has no prices of &lt;b&gt;it&lt;/b&gt;" in written[0].read_text("utf-8")


def test_weighing_a_comparison_is_weighing_each_of_its_theses(market):
    found = thesis.compare(["computer", "optical_module"], market, as_of="2026-04-30")
    both = thesis.weigh(found, draws=200)

    for result in both.results:
        alone = thesis.evidence(result.thesis, market, as_of="2026-04-30", draws=200).to_dict()
        together = result.to_dict()
        for key in alone.keys() - {"provenance"}:
            assert alone[key] == together[key], key


def test_the_verb_writes_what_a_result_of_the_same_call_writes(tmp_path):
    (path,) = thesis.report("computer", "sample", html=tmp_path / "a.html", draws=100, lang="zh")
    result = thesis.evidence("computer", "sample", draws=100)

    assert result.to_html(lang="zh") == path.read_text("utf-8")


def test_a_page_says_the_call_that_makes_it_again(tmp_path):
    result = thesis.evidence("computer", "sample", draws=100)
    told = result.to_dict()["provenance"]["command"]
    again = eval(told, {"thesis": thesis})

    assert "draws=100, seed=" in told
    assert result.to_html() == again.to_html()
    weighed = thesis.weigh(thesis.compare(["computer"], "sample"), draws=100).results[0]
    assert weighed.command.startswith("thesis.evidence('computer', ")


def test_the_command_and_the_verb_make_the_same_page_but_for_their_own_words(run, tmp_path):
    place = tmp_path / "b.html"
    ran = run("report", "computer", "--prices", "sample", "--html", place, "--draws", "100")
    assert 0 == ran.code, ran.err
    (other,) = thesis.report("computer", "sample", html=tmp_path / "a.html", draws=100)

    made = re.compile(r'"command":"[^"]*"|<dt>Command</dt><dd>[^<]*')
    one, two = (path.read_text("utf-8") for path in (place, other))
    assert made.sub("", one) == made.sub("", two)
    assert f"thesis report computer --prices sample --html {place} --draws 100" in one


@pytest.mark.parametrize("name", ["prices.csv", "mine.toml", "sample"])
def test_prices_or_a_thesis_file_are_never_overwritten_by_a_page(tmp_path, name):
    path = tmp_path / name
    path.write_text("mine")

    with pytest.raises(thesis.UsageError, match=r"the name of a page ends in \.html"):
        thesis.report("computer", "sample", html=path)
    with pytest.raises(thesis.UsageError, match=r"ends in \.html"):
        thesis.backtest("computer", "sample").to_html(path)
    assert "mine" == path.read_text()


def test_a_folder_with_an_index_of_somebody_else_is_left_alone(run, tmp_path):
    (tmp_path / "index.html").write_text("my site")
    ran = run("report", "--all", "--html", tmp_path, "--prices", "sample")

    assert 2 == ran.code
    assert "its index.html is no page of thesis and would be lost" in ran.err
    assert ["index.html"] == os.listdir(tmp_path)


def test_an_output_that_cannot_be_written_is_said_before_the_work(run, tmp_path):
    folder = tmp_path / "pages"
    ran = run(
        "report", "--all", "--html", folder, "--prices", "sample", "--json", tmp_path / "no" / "x"
    )  # fmt: skip

    assert 2 == ran.code
    assert "there is no folder" in ran.err
    assert not folder.exists()


def test_only_a_comparison_can_be_weighed():
    with pytest.raises(thesis.UsageError, match=r"weigh takes a comparison.* got a str"):
        thesis.weigh("computer")


def test_a_link_to_a_page_goes_on_pointing_to_it(tmp_path):
    (tmp_path / "real.html").write_text("old")
    (tmp_path / "link.html").symlink_to(tmp_path / "real.html")
    write_text(tmp_path / "link.html", "new")

    assert (tmp_path / "link.html").is_symlink()
    assert "new" == (tmp_path / "real.html").read_text()


def test_a_table_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = write_table(tmp_path / "a.csv", [{"名称": "中文在线", "x": 1.5}])
    assert "\ufeff名称,x\r\n中文在线,1.5\r\n".encode() == path.read_bytes()
    monkeypatch.setattr(os, "replace", _full)

    with pytest.raises(thesis.UsageError, match="cannot be written: No space left"):
        write_table(path, [{"x": 2}])
    assert b"1.5" in path.read_bytes()
