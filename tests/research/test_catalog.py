from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from thesis.errors import ThesisFileError
from thesis.research import catalog
from thesis.research.catalog import Catalog, Shelf, bundled_folder

TEXT = """\
id = "{id}"
title = "{title}"
kind = "screen"
[source]
publisher = "me"
published = 2024-10-13
[claim]
rating = "buy"
scale = "sinolink_industry"
[[segment]]
id = "names"
[[segment.pick]]
code = "300133.SZ"
basis = "named"
"""


def put(folder, name, title="a title"):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.toml"
    path.write_text(TEXT.format(id=name, title=title), encoding="utf-8")
    return path


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """An empty working folder, no environment, no plugins."""
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    monkeypatch.delenv("THESIS_STRATEGIES", raising=False)
    monkeypatch.setattr(catalog, "entry_points", lambda group: [])


@pytest.fixture
def plugin(tmp_path, monkeypatch):
    """A package that registers its folder of theses."""
    folder = tmp_path / "site" / "a_plugin_of_theses"
    folder.mkdir(parents=True)
    (folder / "__init__.py").write_text("", encoding="utf-8")
    monkeypatch.syspath_prepend(folder.parent)
    point = EntryPoint("acme", "a_plugin_of_theses", "thesis.strategies")
    monkeypatch.setattr(catalog, "entry_points", lambda group: [point])
    return folder


def test_the_bundled_theses_are_found_from_any_folder():
    assert "media_ai" in Catalog.default().names()
    assert "bundled" == Catalog.default().find("media_ai").origin


def test_the_shelves_are_searched_in_order(tmp_path, monkeypatch, plugin):
    places = {
        "--strategies": tmp_path / "given",
        "$THESIS_STRATEGIES": tmp_path / "environment",
        "./strategies": Path("strategies"),
        "package acme": plugin,
        "bundled": tmp_path / "bundled",
    }
    for origin, folder in places.items():
        put(folder, "both", title=origin)
    monkeypatch.setenv("THESIS_STRATEGIES", str(places["$THESIS_STRATEGIES"]))
    monkeypatch.setattr(catalog, "bundled_folder", lambda: places["bundled"])

    found = []
    for origin in places:
        entry = Catalog.default(places["--strategies"]).find("both")
        found.append((entry.origin, Catalog.default(places["--strategies"]).load("both").title))
        (places[origin] / "both.toml").unlink()

    assert [(origin, origin) for origin in places] == found


def test_the_first_shelf_hides_the_others_and_says_which(tmp_path):
    first = put(tmp_path / "a", "idea", title="one")
    second = put(tmp_path / "b", "idea", title="two")
    third = put(tmp_path / "c", "idea", title="three")
    shelves = tuple(Shelf(path.parent.name, path.parent) for path in (first, second, third))

    entry = Catalog(shelves).find("idea")

    assert ("a", first, (second, third)) == (entry.origin, entry.path, entry.hides)


def test_a_file_of_the_same_content_is_not_hidden(tmp_path):
    first = put(tmp_path / "a", "idea")
    second = put(tmp_path / "b", "idea")

    entry = Catalog((Shelf("a", first.parent), Shelf("b", second.parent))).find("idea")

    assert () == entry.hides


def test_one_file_under_two_paths_is_not_hidden(tmp_path):
    first = put(tmp_path / "a", "idea")
    (tmp_path / "b").symlink_to(tmp_path / "a")

    entry = Catalog((Shelf("a", first.parent), Shelf("b", tmp_path / "b"))).find("idea")

    assert () == entry.hides


def test_in_a_checkout_local_and_bundled_are_one_shelf(monkeypatch):
    monkeypatch.chdir(bundled_folder().parent)

    shelves = Catalog.default().shelves

    assert ["bundled"] == [s.origin for s in shelves]


def test_the_names_of_the_bundled_shelf_are_not_those_of_the_others(tmp_path):
    put(tmp_path / "given", "mine")

    shelf = Catalog.default(tmp_path / "given")

    assert "mine" in shelf.names()
    assert "mine" not in shelf.bundled()
    assert "media_ai" in shelf.bundled()


def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(ThesisFileError) as caught:
        Catalog.default().find("medai_ai")

    assert (
        "there is no thesis called 'medai_ai'; did you mean media_ai? (Looked among the bundled "
        "theses. A path must end in .toml.)"
    ) == str(caught.value)


def test_a_name_near_nothing_is_answered_with_the_command_that_lists(tmp_path):
    put(tmp_path / "given", "mine")

    with pytest.raises(ThesisFileError) as caught:
        Catalog.default(tmp_path / "given").load("zzzzzzzz")

    assert (
        "there is no thesis called 'zzzzzzzz'; `thesis list` shows them all. (Looked among the "
        f"bundled theses and in {tmp_path / 'given'}. A path must end in .toml.)"
    ) == str(caught.value)


def test_a_path_is_read_whatever_the_shelves_hold(tmp_path):
    path = put(tmp_path / "far", "media_ai", title="mine")

    entry = Catalog.default().find(str(path))

    assert ("media_ai", "path", path) == (entry.name, entry.origin, entry.path)
    assert "mine" == Catalog.default().load(str(path)).title


def test_a_file_name_in_the_working_folder_is_a_path():
    put(Path(), "idea", title="here")

    assert "here" == Catalog.default().load("idea.toml").title


@pytest.mark.parametrize("path", ["nowhere.toml", "some/where", "some/where.toml"])
def test_a_path_to_nothing_is_said(path):
    with pytest.raises(ThesisFileError) as caught:
        Catalog.default().find(path)

    assert f"{path}: there is no such thesis file" == str(caught.value)


def test_a_strategies_option_that_is_no_folder_is_said(tmp_path):
    with pytest.raises(ThesisFileError) as caught:
        Catalog.default(tmp_path / "nowhere")

    assert f"--strategies {tmp_path / 'nowhere'}: there is no such folder of thesis files" == str(
        caught.value
    )


def test_an_environment_variable_that_is_no_folder_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("THESIS_STRATEGIES", str(tmp_path / "nowhere"))

    with pytest.raises(ThesisFileError) as caught:
        Catalog.default()

    assert (
        f"$THESIS_STRATEGIES {tmp_path / 'nowhere'}: there is no such folder of thesis files"
        == str(caught.value)
    )


def test_an_empty_environment_variable_is_none(monkeypatch):
    monkeypatch.setenv("THESIS_STRATEGIES", "")

    assert ["bundled"] == [shelf.origin for shelf in Catalog.default().shelves]


def test_a_folder_whose_name_ends_in_toml_is_no_thesis(tmp_path):
    (tmp_path / "given" / "folder.toml").mkdir(parents=True)

    assert "folder" not in Catalog.default(tmp_path / "given").names()


def test_a_shelf_whose_folder_vanished_is_empty(tmp_path):
    assert [] == Catalog((Shelf("gone", tmp_path / "gone"),)).names()


def test_a_plugin_that_is_not_installed_warns_and_stops_nothing(monkeypatch):
    point = EntryPoint("broken", "no_such_package.theses", "thesis.strategies")
    monkeypatch.setattr(catalog, "entry_points", lambda group: [point])

    with pytest.warns(UserWarning, match="the theses of package 'broken' are left out"):
        names = Catalog.default().names()

    assert "media_ai" in names
