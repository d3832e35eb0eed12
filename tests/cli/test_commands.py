import csv
import json

import jsonschema
import pytest

from thesis.reporting.documents.result import result_schema

WINDOWS = "3m 2025-01-13, 4m 2025-02-13, 5m 2025-03-13, 6m 2025-04-11"  # DESIGN's own dates


def test_list_shows_every_bundled_thesis(run):
    ran = run("list")

    assert 0 == ran.code
    for name in ("media_ai", "optical_module", "computer", "switch"):
        assert name in ran.out
    assert "sector call" in ran.out


def test_show_prints_the_publishers_words_and_the_ground_of_each_pick(run):
    ran = run("show", "ai_chip")

    assert 0 == ran.code
    assert "688256.SH  寒武纪  named" in ran.out
    assert "摩尔线程  not tradable: listed later, on 2025-12-05" in ran.out
    assert "国际关系风险" in ran.out


def test_show_of_ones_own_idea_has_no_report_and_no_other_publishers_note(run, tmp_path):
    run("new", "mine", "--folder", tmp_path)

    told = [line.rstrip() for line in run("show", tmp_path / "mine.toml").out.splitlines()]

    assert "me" == told[1]
    assert "benchmark 000300.SH, months 3-6" in told


def test_show_prints_a_title_in_brackets_as_text(run, tmp_path):
    run("new", "idea", "--folder", tmp_path)
    path = tmp_path / "idea.toml"
    path.write_text(path.read_text().replace('title = "idea"', 'title = "[red]x[/red] [oops"'))

    assert "[red]x[/red] [oops" in run("show", path).out


def test_check_says_when_a_thesis_enters_and_ends(run):
    ran = run("check", "media_ai")

    assert 0 == ran.code
    assert "enters at the open of 2024-10-14" in ran.out
    assert WINDOWS in ran.out


def test_new_writes_a_file_that_passes_check_and_is_never_overwritten(run, tmp_path):
    first = run("new", "my_idea", "--folder", tmp_path)
    checked = run("check", tmp_path / "my_idea.toml")
    again = run("new", "my_idea", "--folder", tmp_path)

    assert (0, 0, 3) == (first.code, checked.code, again.code)
    assert "exists already" in again.err


def test_backtest_on_the_sample_shouts_that_prices_are_simulated(run):
    ran = run("backtest", "media_ai")

    assert 0 == ran.code
    assert ran.out.startswith("SIMULATED PRICES")
    assert "thesis fetch" in ran.out
    assert " met " not in ran.out


def test_a_line_of_output_never_exceeds_100_columns(run):
    from rich.cells import cell_len

    for args in (["backtest", "media_ai"], ["compare"], ["show", "ai_chip"], ["list"]):
        assert max(cell_len(line) for line in run(*args).out.splitlines()) <= 100


@pytest.mark.parametrize("name", ["media_ai", "liquid_cooling", "switch"])
def test_on_a_terminal_no_column_of_a_table_is_cut_off(name):
    import io

    from rich.console import Console

    import thesis
    from thesis.reporting.terminal.comparison import comparison_view
    from thesis.reporting.terminal.tables import backtest_view

    screen = io.StringIO()
    console = Console(file=screen, width=100, force_terminal=True, color_system=None)
    for verbose in (False, True):
        console.print(backtest_view(thesis.backtest(name, prices="sample"), verbose=verbose))
        compared = thesis.compare([name, "computer"], prices="sample")
        console.print(comparison_view(compared, verbose=verbose))

    assert "…" not in screen.getvalue()


def test_piped_output_has_no_colour_codes(run):
    assert "\x1b" not in run("backtest", "media_ai").out


def test_json_on_stdout_is_alone_and_follows_the_schema(run):
    ran = run("backtest", "media_ai", "--json", "-")

    found = json.loads(ran.out)
    jsonschema.Draft202012Validator(result_schema()).validate(found)
    assert found["prices"]["simulated"] is True
    assert {"simulated"} == {found["verdict"][leg]["result"] for leg in ("paper", "sector", "net")}
    assert "thesis backtest media_ai --json -" == found["provenance"]["command"]


def test_json_and_csv_are_written_and_marked_as_simulated(run, tmp_path):
    ran = run("backtest", "media_ai", "--json", tmp_path / "r.json", "--csv", tmp_path / "tables")

    assert 0 == ran.code
    assert "media_ai" == json.loads((tmp_path / "r.json").read_text())["thesis"]["id"]
    with (tmp_path / "tables" / "media_ai.names.csv").open(encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    assert "华策影视" == rows[0]["name"]
    assert {"SIMULATED PRICES"} == {row["simulated"] for row in rows}


def test_compare_has_a_row_for_every_bundled_thesis(run, tmp_path):
    ran = run("compare", "--json", "-", "--csv", tmp_path)

    found = json.loads(ran.out)
    assert 11 == len(found["results"])
    assert [] == found["failures"]
    with (tmp_path / "comparison.csv").open(encoding="utf-8-sig") as file:
        assert 11 == len(list(csv.DictReader(file)))


def test_compare_names_what_failed_and_why_and_keeps_the_rest(run, bars, folder):
    ran = run("compare", "media_ai", "optical_module", "--prices", folder(bars))

    assert 4 == ran.code
    assert "media_ai" in ran.out
    assert "optical_module: " in ran.out
    assert "has no prices of any of the 3 names" in " ".join(ran.out.split())


def test_a_sector_call_has_no_paper_net_or_bridge(run):
    found = json.loads(run("backtest", "computer", "--json", "-").out)

    assert (None, None, None) == (found["paper"], found["net"], found["bridge"])
    assert ([], []) == (found["segments"], found["names"])
    assert "sector" == found["verdict"]["primary"]


def test_a_thesis_in_brackets_of_weights_costs_and_capital_says_so_in_settings(run):
    ran = run(
        "backtest", "media_ai", "--weights", "segment", "--entry", "close", "--delay", "2",
        "--costs", "none", "--capital", "500000", "--basis", "price", "--json", "-",
    )  # fmt: skip

    settings = json.loads(ran.out)["settings"]
    assert {
        "entry": "close", "delay": 2, "weights": "segment", "rebalance": "none",
        "basis": "price", "costs": "none", "capital": 500000.0, "cash": "zero", "exit": "horizon",
    }.items() <= settings.items()  # fmt: skip
    assert "000300.SH" == json.loads(ran.out)["benchmark"]["paper"]["code"]


def test_version_is_printed(run):
    ran = run("--version")

    assert (0, "0.1.0\n") == (ran.code, ran.out)


def test_an_open_window_is_not_yet_with_what_is_known_so_far(run):
    ran = run("backtest", "media_ai", "--as-of", "2025-02-20", "--json", "-")

    found = json.loads(ran.out)
    assert 0 == ran.code
    assert found["paper"]["4m"] is not None
    assert (None, None) == (found["paper"]["5m"], found["paper"]["mean"])
    assert "2025-02-20" == found["path"][-1]["session"]


@pytest.mark.parametrize("command", ["list", "show", "--help"])
def test_light_commands_load_neither_pandas_nor_vectorbt(command):
    import subprocess
    import sys

    args = [command, *(["media_ai"] if command == "show" else [])]
    code = (
        f"import sys; sys.argv = ['thesis', *{args!r}]\n"
        "from thesis.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = {'pandas', 'numpy', 'vectorbt', 'akshare', 'yfinance', 'plotly', 'pyarrow'}\n"
        "sys.exit(str(heavy & set(sys.modules)) if heavy & set(sys.modules) else 0)"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)

    assert "" == ran.stderr
    assert 0 == ran.returncode
