"""``thesis evidence | surface``, and the three lines under every backtest."""

import csv
import json
import re

import jsonschema
import pytest
from rich.cells import cell_len

from thesis.reporting.documents.result import result_schema

FEW = ("--draws", "100")


@pytest.fixture(scope="session")
def weighed(run):
    """``thesis evidence media_ai`` on the sample."""
    return run("evidence", "media_ai", *FEW)


@pytest.fixture(scope="session")
def told(run):
    """The same as JSON."""
    return run("evidence", "media_ai", *FEW, "--json", "-")


def starts(ran, *words):
    """The lines that begin with one of some words, by their word."""
    found = re.findall(rf"^({'|'.join(words)}):", ran.out, re.MULTILINE)
    return [word for word in found if word in words]


def test_evidence_shows_the_banner_the_three_lines_and_what_they_rest_on(weighed):
    lines = weighed.out.splitlines()

    assert (0, "") == (weighed.code, weighed.err)
    assert lines[0].startswith("SIMULATED PRICES")
    card = weighed.out.partition("\n\n")[0]
    assert 3 == len(re.findall(r"^(?:Base rate|Placebo|Fragility): ", card, re.MULTILINE))
    for title in (
        "Base rate: ratings of a no-drift world", "Placebo: random lists of 7",
        "Event tests", "Attribution of the excess", "Entered so many sessions later",
        "One change at a time", "Risk over the window",
    ):  # fmt: skip
        assert title in weighed.out
    assert lines[-1] == "Evidence: 100 draws, seed 20241013."


def test_no_line_is_longer_than_100_columns_and_none_is_coloured(run, weighed):
    surface = run("surface", "media_ai")

    for ran in (weighed, surface):
        assert max(cell_len(line) for line in ran.out.splitlines()) <= 100
        assert "\x1b" not in ran.out


def test_json_on_stdout_is_alone_and_follows_the_schema(told):
    found = json.loads(told.out)

    assert (0, "") == (told.code, told.err)
    jsonschema.Draft202012Validator(result_schema()).validate(found)
    assert (20241013, 100) == (found["evidence"]["seed"], found["evidence"]["draws"])
    assert "thesis evidence media_ai --draws 100 --json -" == found["provenance"]["command"]


def test_json_and_tables_are_written_and_said(run, tmp_path):
    ran = run(
        "evidence", "connector", *FEW, "--seed", "7", "--json", tmp_path / "r.json",
        "--csv", tmp_path / "tables",
    )  # fmt: skip

    assert 0 == ran.code
    found = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (7, 7) == (found["settings"]["seed"], found["evidence"]["seed"])
    assert (tmp_path / "tables" / "connector.names.csv").is_file()
    assert f"wrote {tmp_path / 'r.json'}" in ran.err
    assert "Evidence: 100 draws, seed 7." in ran.out


def test_a_backtest_weighs_its_verdict_unless_told_not_to(run, told):
    with_lines = run("backtest", "media_ai", *FEW)
    bare = run("backtest", "media_ai", "--no-evidence")
    found = json.loads(run("backtest", "media_ai", *FEW, "--json", "-").out)
    plain = json.loads(run("backtest", "media_ai", "--no-evidence", "--json", "-").out)

    assert (0, 0) == (with_lines.code, bare.code)
    assert ["Luck", "Fragility"] == starts(with_lines, "Luck", "Fragility")
    assert [] == starts(bare, "Luck", "Fragility")
    assert json.loads(told.out)["evidence"] == found["evidence"]
    assert plain["evidence"] is None
    said = [line for line in with_lines.out.splitlines() if line in bare.out.splitlines()]
    assert said == bare.out.splitlines()  # nothing else differs


def test_quick_is_a_thousand_draws(run):
    found = json.loads(run("backtest", "computer", "--quick", "--json", "-").out)

    assert 1_000 == found["settings"]["draws"] == found["evidence"]["draws"]


@pytest.mark.parametrize("verb", ["evidence", "backtest"])
@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["--quick", "--draws", "500"], "--quick means --draws 1000; give one"),
        (["--draws", "5"], "draws = 5: give a whole number from 100 to 1,000,000"),
        (["--draws", "99999999"], "draws = 99999999: give a whole number"),
        (["--draws", "0"], "draws = 0: give a whole number"),
        (["--draws", "many"], "integer"),
        (["--seed", "-1"], "seed = -1: give a whole number from 0"),
        (["--seed", "99999999999999999999"], "seed = 99999999999999999999: give a whole number"),
        (["--as-of", "soon"], "it is no date"),
    ],
)
def test_what_cannot_be_asked_is_an_error_of_usage(run, verb, args, sentence):
    ran = run(verb, "media_ai", *args)

    assert (2, "") == (ran.code, ran.out)
    assert sentence in " ".join(ran.err.split())
    assert "Traceback" not in ran.err


def test_what_is_not_scorable_exits_with_5_and_its_reason(run, bars, folder):
    place = folder(bars[bars["date"] <= "2025-02-10"])
    for verb in ("evidence", "backtest"):
        ran = run(verb, "media_ai", *FEW, "--prices", place)

        assert 5 == ran.code
        assert "media_ai is not scorable: prices end before the window" in ran.err
        assert [] == starts(ran, "Luck", "Fragility")
        assert "not scorable" in ran.out.lower()


def test_an_open_window_is_no_failure(run):
    ran = run("evidence", "media_ai", *FEW, "--as-of", "2025-02-20")

    assert (0, "") == (ran.code, ran.err)
    assert [] == starts(ran, "Fragility")
    assert "Base rate: ratings of a no-drift world" in ran.out


@pytest.mark.parametrize("name", ["media_ai", "computer"])
def test_before_the_entry_there_is_nothing_to_weigh_and_no_failure(run, name):
    ran = run("evidence", name, *FEW, "--as-of", "2024-10-13")

    assert (0, "") == (ran.code, ran.err)
    assert "Enters 2024-10-14" in ran.out
    assert "Base rate" not in ran.out


def test_a_surface_as_json_and_csv_says_what_its_table_shows(run, tmp_path):
    ran = run("surface", "media_ai", "--json", tmp_path / "s.json", "--csv", tmp_path)
    whole = json.loads((tmp_path / "s.json").read_text(encoding="utf-8"))["surface"]
    with (tmp_path / "media_ai.surface.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))

    assert 0 == ran.code
    assert ran.out.startswith("SIMULATED PRICES")
    delays, exits = len(whole["delays"]), len(whole["sessions"])
    count = delays * exits - delays * (delays - 1) // 2  # no exit before its entry
    assert count == len(rows) == whole["whole"]["count"]
    assert f"Of {whole['window']['count']:,} cells of the window" in " ".join(ran.out.split())
    for row in rows:
        at = whole["sessions"].index(row["exit"])
        delay = int(row["delay"])
        assert float(row["excess"]) == whole["excess"][delay][at]
        assert row["rating"] == whole["ratings"][delay][at]
    first = next(line for line in ran.out.splitlines() if line.lstrip().startswith("+0 "))
    at = whole["sessions"].index("2025-04-11")
    assert f"{100 * whole['excess'][0][at]:+.1f} " in first


def test_a_surface_on_stdout_is_alone(run):
    ran = run("surface", "connector", "--json", "-", "--delay", "3")

    found = json.loads(ran.out)
    assert (0, "thesis.surface/1") == (ran.code, found["schema"])
    assert (3, "2024-10-14") == (found["settings"]["delay"], found["surface"]["sessions"][0])


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        (["computer"], "computer: there is no surface: the thesis calls no names"),
        (["media_ai", "--as-of", "2024-10-13"], "there is no surface: nothing of the window is kn"),
        (["media_ai", "--as-of", "2024-10-14"], "there is no surface: prices end before the wind"),
        (["media_ai", "--quick"], "No such option: --quick"),
    ],
)
def test_where_there_is_no_surface_it_says_why(run, tmp_path, args, sentence):
    ran = run("surface", *args, "--csv", tmp_path)

    assert (2, "") == (ran.code, ran.out)
    assert sentence in " ".join(ran.err.split())
    assert [] == list(tmp_path.iterdir())


def test_taxed_dividends_are_weighed_too(run):
    ran = run("evidence", "connector", *FEW, "--dividend-tax", "individual")

    assert (0, "") == (ran.code, ran.err)
    assert ["Base rate", "Placebo", "Fragility"] == starts(
        ran, "Base rate", "Placebo", "Fragility"
    )[:3]
