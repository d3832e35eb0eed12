"""``thesis review``: what it prints and writes, and what it refuses in a sentence."""

import csv
import json

import jsonschema
import pytest
from rich.cells import cell_len

from thesis.reporting.documents.review import review_schema

DAYS = ("--from", "2024-09-11", "--to", "2024-10-11")


@pytest.fixture(scope="module")
def shown(run):
    return run("review", *DAYS, "--prices", "sample", "--industry", "media", "--movers", "3")


def test_the_banner_is_first_and_all_industries_are_there(shown):
    lines = shown.out.splitlines()

    assert (0, "") == (shown.code, shown.err)
    assert "SIMULATED PRICES" in lines[1]
    assert [f"{rank}" for rank in range(1, 32)] == [
        line.split()[0] for line in lines if ".SI  " in line
    ]
    assert 1 == sum("000300.SH  " in line for line in lines)
    assert 3 + 3 == sum(line[:6].isdigit() and line[6:10] in (".SZ ", ".SH ") for line in lines)
    assert "not held against simulated prices" in " ".join(shown.out.split())


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_no_line_is_longer_than_100_columns(run, lang):
    ran = run("review", *DAYS, "--prices", "sample", "--industry", "传媒", "--lang", lang)

    assert 0 == ran.code
    assert max(cell_len(line) for line in ran.out.splitlines()) <= 100
    assert "\x1b" not in ran.out


def test_both_languages_show_the_same_table(run, shown):
    chinese = run(
        "review", *DAYS, "--prices", "sample", "--industry", "media", "--movers", "3",
        "--lang", "zh",
    )  # fmt: skip

    def numbers(ran):
        rows = [line.split() for line in ran.out.splitlines() if ".SI  " in line]
        return [[row[0], *row[-3:]] for row in rows]

    assert numbers(shown) == numbers(chinese)
    assert "行情回顾：2024-09-11 至 2024-10-11" in chinese.out


def test_without_an_industry_it_says_how_to_ask_for_movers(run):
    ran = run("review", *DAYS, "--prices", "sample")

    assert "Movers of an industry: --industry media" in ran.out


def test_real_prices_say_which_printed_figure_they_give(run, market):
    ran = run("review", *DAYS, "--prices", market, "--as-of", "2026-04-30")
    said = " ".join(ran.out.split())

    assert "SIMULATED" not in ran.out
    assert "close to close gives +16.79%: agrees to its rounding." in said
    assert "close to close gives +34.7%: differs by 1.5 points. No open, high, low" in said
    assert (
        "24  media                 801760.SI  +16.8%                 -5.2         +16.8%" in ran.out
    )


def test_json_on_stdout_is_alone_and_follows_the_schema(run):
    ran = run("review", *DAYS, "--prices", "sample", "--industry", "media", "--json", "-")
    found = json.loads(ran.out)

    assert (0, "") == (ran.code, ran.err)
    jsonschema.Draft202012Validator(review_schema()).validate(found)
    assert found["simulated"] is True
    assert found["provenance"]["command"].startswith("thesis review --from 2024-09-11")


def test_files_are_written_and_named_on_stderr(run, tmp_path):
    ran = run(
        "review", *DAYS, "--prices", "sample", "--json", tmp_path / "found.json",
        "--csv", tmp_path / "tables", "--html", tmp_path / "page.html", "--lang", "zh",
    )  # fmt: skip
    with (tmp_path / "tables" / "review.indices.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    returns = {row["code"]: float(row["return"]) for row in rows}
    told = json.loads((tmp_path / "found.json").read_text("utf-8"))

    assert 0 == ran.code
    assert 32 == len(rows)
    for each in told["indices"]:
        assert each["return"] == returns[each["code"]]
    assert '<html lang="zh-Hans">' in (tmp_path / "page.html").read_text("utf-8")
    for name in ("found.json", "review.indices.csv", "page.html"):
        assert name in ran.err


@pytest.mark.parametrize(
    ("args", "code", "sentence"),
    [
        (("--from", "2024-10-11", "--to", "2024-09-11"), 2, "the end must be a session after"),
        (("--from", "11/9/2024", "--to", "2024-10-11"), 2, "--from 11/9/2024: it is no date"),
        ((*DAYS, "--base", "never"), 2, "--base never: it is no date"),
        ((*DAYS, "--as-of", "2024-09-30"), 2, "lies after 2024-09-30"),
        ((*DAYS, "--industry", "gold"), 2, "industry 'gold' is none of Shenwan's level 1"),
        ((*DAYS, "--lang", "fr"), 2, "give en (English) or zh (Chinese)"),
        ((*DAYS, "--html", "no/such/page.html"), 2, "there is no folder no/such"),
        (("--from", "2025-07-01", "--to", "2025-08-29"), 4, "no level of the CSI 300"),
        ((*DAYS, "--prices", "nowhere.parquet"), 4, "there is no such file"),
    ],
)
def test_what_cannot_be_is_one_sentence_and_an_exit_code(run, args, code, sentence):
    prices = () if "--prices" in args else ("--prices", "sample")
    ran = run("review", *args, *prices)

    assert (code, "") == (ran.code, ran.out)
    assert sentence in ran.err
    assert 1 == len(ran.err.splitlines())
    assert "Traceback" not in ran.err
