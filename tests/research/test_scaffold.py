import datetime as dt

import pytest

from thesis.errors import ThesisFileError, UsageError
from thesis.research.scaffold import scaffold
from thesis.research.thesis_file import read_thesis

DAY = dt.date(2024, 10, 13)


def test_the_scaffolded_file_loads(tmp_path):
    path = scaffold("my_idea", tmp_path, DAY)

    idea = read_thesis(path)

    assert tmp_path / "my_idea.toml" == path
    assert ("my_idea", "my idea", "screen") == (idea.id, idea.title, idea.kind)
    assert dt.date(2024, 10, 13) == idea.source.published
    assert ("300133.SZ", "300364.SZ") == idea.codes


def test_the_scaffolded_file_shows_the_commands_for_itself(tmp_path):
    path = scaffold("my_idea", tmp_path, DAY)

    text = path.read_text(encoding="utf-8")

    assert f"thesis check {path}\n" in text
    assert f"thesis backtest {path}\n" in text


def test_the_commented_examples_load_once_uncommented(tmp_path):
    path = scaffold("my_idea", tmp_path, DAY)
    lines = path.read_text(encoding="utf-8").splitlines()
    start = next(i for i, line in enumerate(lines) if line == "# [[segment.unlisted]]")
    for i, line in enumerate(lines[start:], start):
        if line.startswith("# ") and ("=" in line or "[" in line or line == "# ]"):
            lines[i] = line[2:]
    path.write_text("\n".join(lines), encoding="utf-8")

    idea = read_thesis(path)

    assert ["壁仞科技"] == [company.name for company in idea.segment[0].unlisted]
    assert (0.10, -0.10) == idea.scales["my_broker"].edges


def test_folders_are_made_on_the_way(tmp_path):
    path = scaffold("my_idea", tmp_path / "a" / "b", DAY)

    assert path.is_file()


def test_a_file_is_never_overwritten(tmp_path):
    mine = tmp_path / "my_idea.toml"
    mine.write_text("precious", encoding="utf-8")

    with pytest.raises(ThesisFileError) as caught:
        scaffold("my_idea", tmp_path, DAY)

    assert f"{mine} exists already; choose another name or edit it" == str(caught.value)
    assert "precious" == mine.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["My idea", "2024", "", "../up", "a-b", "主题", "a\n"])
def test_a_name_that_is_no_id_is_refused(tmp_path, name):
    with pytest.raises(ThesisFileError) as caught:
        scaffold(name, tmp_path, DAY)

    assert (
        f"{name!r} cannot be the id of a thesis: use lower-case letters, digits and _, starting "
        "with a letter"
    ) == str(caught.value)
    assert [] == list(tmp_path.iterdir())


def test_a_file_in_the_place_of_the_folder_is_said(tmp_path):
    folder = tmp_path / "strategies"
    folder.write_text("not a folder", encoding="utf-8")

    with pytest.raises(UsageError) as caught:
        scaffold("my_idea", folder, DAY)

    assert f"{folder / 'my_idea.toml'} cannot be written: {folder} is a file, not a folder" == str(
        caught.value
    )


def test_an_unwritable_folder_is_said(tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)

    with pytest.raises(UsageError) as caught:
        scaffold("my_idea", tmp_path, DAY)

    assert f"{tmp_path / 'my_idea.toml'} cannot be written: Permission denied" == str(caught.value)


def test_whatever_the_system_refuses_becomes_a_sentence(tmp_path):
    parent = tmp_path / "file"
    parent.write_text("", encoding="utf-8")

    with pytest.raises(UsageError) as caught:
        scaffold("my_idea", parent / "below", DAY)

    assert f"{parent / 'below' / 'my_idea.toml'} cannot be written: Not a directory" == str(
        caught.value
    )
