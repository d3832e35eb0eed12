"""The evidence as it is told: the same bytes each time, beside the verdict, never changing it."""

import contextlib
import functools
import io
import json
import math
import os
import re
import subprocess
import sys

import pytest
from rich.cells import cell_len
from rich.console import Console

import thesis
from thesis.examination import surface_of
from thesis.reporting.documents.surface import surface_rows, surface_text
from thesis.reporting.terminal.evidence import evidence_view
from thesis.reporting.terminal.surface import surface_view
from thesis.reporting.terminal.tables import backtest_view
from thesis.reporting.words.evidence import evidence_lines
from thesis.reporting.words.placebo import p_words

NAMES = [  # the bundled theses
    "ai_chip", "computer", "connector", "electronics", "liquid_cooling", "media_ai", "media_value",
    "operators", "optical_module", "server", "switch",
]  # fmt: skip
DRAWS = 100
#: What is made of random numbers: every other part of the evidence is the same for every seed.
RANDOM = {"seed", "draws", "chance", "placebo"}


@functools.cache
def weighed(name, where="sample", draws=DRAWS, **options):
    return thesis.evidence(name, where, draws=draws, command="a test", **options)


def printed(view, result, *args, plain=True):
    screen = io.StringIO()
    console = Console(file=screen, width=100, force_terminal=not plain, color_system=None)
    console.print(view(result, *args, plain=plain))
    return screen.getvalue()


# The same seed, the same bytes


ANEW = """
import sys
from pathlib import Path

import thesis

draws = int(sys.argv[1])
for name, where in zip(sys.argv[2::2], sys.argv[3::2]):
    place = where if where == "sample" else Path(where)
    result = thesis.evidence(name, place, draws=draws, command="a test")
    sys.stdout.buffer.write(result.to_json().encode())
"""


def test_the_same_seed_gives_the_same_bytes_in_any_process(request):
    asked = [("media_ai", "sample")]
    with contextlib.suppress(pytest.skip.Exception):  # without real prices the sample must do
        asked.append(("optical_module", request.getfixturevalue("market")))
    told = "".join(weighed(name, place).to_json() for name, place in asked)
    ran = subprocess.run(
        [sys.executable, "-c", ANEW, str(DRAWS), *(str(x) for pair in asked for x in pair)],
        env=os.environ | {"PYTHONHASHSEED": "4711", "PYTHONUTF8": "1"},
        capture_output=True,
    )

    assert "" == ran.stderr.decode()
    assert told.encode() == ran.stdout


def test_the_same_seed_gives_the_same_bytes_again():
    again = thesis.evidence("media_ai", "sample", draws=DRAWS, command="a test")

    assert weighed("media_ai").to_json() == again.to_json()


def test_another_seed_changes_the_random_parts_and_nothing_else():
    one = weighed("media_ai").to_dict()
    other = weighed("media_ai", seed=1).to_dict()
    told, found = one.pop("evidence"), other.pop("evidence")
    seeds = one["settings"].pop("seed"), other["settings"].pop("seed")

    assert (20241013, 1) == seeds
    assert one == other
    assert RANDOM - {"draws"} == {key for key in told if told[key] != found[key]}
    for leg in ("paper", "sector"):
        for world, twin in zip(told["chance"][leg], found["chance"][leg], strict=True):
            assert world["readings"] != twin["readings"]
            assert {**world, "readings": None} == {**twin, "readings": None}


@pytest.mark.parametrize("name", ["media_ai", "connector", "computer"])
def test_more_draws_move_shares_within_their_error_and_nothing_else(name):
    few, many = (weighed(name, draws=draws).to_dict() for draws in (DRAWS, 2_000))
    one, other = few.pop("evidence"), many.pop("evidence")

    assert (DRAWS, 2_000) == (few["settings"].pop("draws"), many["settings"].pop("draws"))
    assert few == many
    assert {key for key in one if one[key] != other[key]} <= RANDOM - {"seed"}
    compared = 0
    for shares, better, exact in shares_of(one, other):
        for rating, share in shares.items():
            p = (2_000 * better[rating] + 1) / 2_002
            error = 0.0 if exact else math.sqrt(p * (1 - p) * (1 / DRAWS + 1 / 2_000))
            assert better[rating] == pytest.approx(share, abs=4.5 * error)
            compared += 1
    assert compared >= 2 * 5 * 4


def shares_of(one, other):
    """Shares of the ratings in two documents, pair by pair, and whether all lists are in them."""
    for leg in ("paper", "sector"):
        for world, twin in zip(one["chance"][leg], other["chance"][leg], strict=True):
            for key, reading in (world["readings"] or {}).items():
                yield reading["shares"], twin["readings"][key]["shares"], False
    for key, pool in (one["placebo"] or {"pools": {}})["pools"].items():
        for reading, found in (pool["readings"] or {}).items():
            twin = other["placebo"]["pools"][key]["readings"][reading]
            yield found["shares"], twin["shares"], pool["exact"]


# Beside the verdict, never changing it


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("media_ai", {}),
        ("connector", {"rebalance": "monthly", "entry": "close", "delay": 2}),
        ("computer", {}),
    ],
)
def test_weighing_a_verdict_changes_nothing_of_it(name, options):
    bare = thesis.backtest(name, "sample", command="a test", **options).to_dict()
    found = weighed(name, **options).to_dict()

    assert (None, None) == (bare["settings"].pop("seed"), bare["settings"].pop("draws"))
    assert (20241013, DRAWS) == (found["settings"].pop("seed"), found["settings"].pop("draws"))
    assert bare.pop("evidence") is None
    assert found.pop("evidence") is not None
    if bare["risk"] is not None:  # the market that is drawn from is read for the evidence alone
        assert bare["risk"].pop("equal_weight") != found["risk"].pop("equal_weight")
    assert bare == found


def test_the_parts_are_those_of_the_result():
    found = weighed("media_ai").to_dict()
    told = found["evidence"]

    assert {
        "seed", "draws", "chance", "placebo", "random_dates", "event_tests", "run_up", "surface",
        "readings", "leave_one_out", "wider_lists", "attribution", "reasons", "warnings",
    } == told.keys()  # fmt: skip
    assert found["leave_one_out"] == told["leave_one_out"]["names"]
    assert found["settings"]["seed"] == told["seed"]
    assert found["paper"]["mean"]["excess"] == told["attribution"]["excess"]["mean"]
    json.dumps(found, allow_nan=False)


# In words


#: Everything that a backtest found.
whole_backtest_view = functools.partial(backtest_view, verbose=True)


def sections(text):
    """The lines of a page that begin with a capital and a colon, as they follow each other."""
    return re.findall(r"^(Base rate|Placebo|Fragility|Entered|Enters)\b(?=:| \d)", text, re.M)


@pytest.mark.parametrize("name", NAMES)
def test_base_rate_and_placebo_always_stand_together(name):
    result = weighed(name)
    lines = [line.partition(":")[0] for line in evidence_lines(result)]

    assert ["Base rate", "Placebo", "Fragility"] == lines
    told = sections(printed(evidence_view, result))
    assert ["Base rate", "Placebo", "Fragility", "Entered"] == told[:4]
    assert 2 == told.count("Base rate")  # its table has a title
    assert ["Fragility", "Entered"] == sections(printed(backtest_view, result))  # of the card
    told = sections(printed(whole_backtest_view, result))
    assert ["Fragility", "Entered", "Base rate", "Placebo", "Fragility"] == told


def test_before_the_entry_none_of_the_lines_is_there():
    result = weighed("media_ai", as_of="2024-10-13")

    assert [] == evidence_lines(result)
    for view in (evidence_view, backtest_view, whole_backtest_view):
        assert ["Enters"] == sections(printed(view, result))


def test_in_an_open_window_the_base_rate_does_not_stand_alone_either():
    result = weighed("media_ai", as_of="2025-02-20")
    base, placebo = evidence_lines(result)

    assert re.match(r"Base rate: .* earns Buy \d+%", base)
    assert placebo.startswith("Placebo: not yet: the window ends on 2025-04-11")
    assert ["Base rate", "Placebo", "Entered"] == sections(printed(evidence_view, result))[:3]
    told = sections(printed(whole_backtest_view, result))
    assert ["Entered", "Base rate", "Placebo"] == told


def test_a_backtest_alone_says_nothing_of_luck():
    result = thesis.backtest("media_ai", "sample")

    assert [] == evidence_lines(result)
    for view in (backtest_view, whole_backtest_view):
        assert ["Entered"] == sections(printed(view, result))


@pytest.mark.parametrize(
    ("where", "name"), [*(("sample", name) for name in NAMES), ("market", "optical_module")]
)
def test_no_line_is_too_long_and_no_column_cut_off(request, where, name):
    where = request.getfixturevalue("market") if where == "market" else where
    result = weighed(name, where)
    for plain in (True, False):
        text = printed(evidence_view, result, plain=plain)
        assert max(cell_len(line) for line in text.splitlines()) <= 100
        assert "…" not in text
        assert not re.search(r"\b(nan|None|inf)\b", text)


def whole_percent(share):
    return f"{100 * share:.0f}%"


@pytest.mark.parametrize("name", ["media_ai", "liquid_cooling", "connector", "operators"])
def test_the_lines_say_the_numbers_of_the_document(name):
    result = weighed(name)
    base, placebo, fragility = evidence_lines(result)
    found = result.to_dict()
    told, earned = found["evidence"], found["verdict"]["paper"]["earned"]
    calm, rally = told["chance"]["paper"]

    assert ["before_break", "before_publication"] == [calm["window"], rally["window"]]
    assert re.findall(r"\d+%", base) == [
        whole_percent(calm["tracking_error"]),
        *(
            whole_percent(calm["readings"]["mean"]["shares"][rating])
            for rating in dict.fromkeys([earned, found["verdict"]["claimed"]])
        ),
        whole_percent(rally["readings"]["mean"]["shares"][earned]),
    ]
    shares = []
    for pool in ("industry", "market"):
        reading = (told["placebo"]["pools"][pool]["readings"] or {}).get("mean")
        if reading is not None:
            shares.append(whole_percent(reading["shares"][earned]))
            assert re.search(rf"\(p {re.escape(p_words(reading['p']))}\b", placebo)
            if 0.005 <= reading["beats"] < 0.995:
                assert f" {whole_percent(reading['beats'])}" in placebo
    assert shares == re.findall(r"(\d+%) earned", placebo)
    cells = [cell for cell in told["readings"]["cells"] if cell["rating"] is not None]
    kept = sum(cell["rating"] == earned for cell in cells)
    assert f"{kept} of {len(cells)} combinations" in fragility
    inside = inside_window(found, told["surface"])
    assert whole_percent(sum(r == earned for r in inside) / len(inside)) in fragility


def inside_window(found, surface):
    first, last = (found["windows"][month] for month in ("3m", "6m"))
    return [
        rating
        for row in surface["ratings"]
        for session, rating in zip(surface["sessions"], row, strict=True)
        if rating is not None and first <= session <= last
    ]


def test_a_call_without_names_says_which_part_it_cannot_have():
    result = weighed("computer")
    base, placebo, fragility = evidence_lines(result)
    page = " ".join(printed(evidence_view, result).split())

    assert base.startswith("Base rate: in a no-drift world an index this volatile")
    assert "no names were called" in placebo
    found = result.to_dict()
    dated, earned = found["publication_dates"], found["verdict"]["sector"]["earned"]
    same = sum(each["sector"]["rating"] == earned for each in dated)
    assert fragility.startswith(f"Fragility: {same} of {len(dated)} publication dates ")
    assert "Event tests: none: the thesis calls no names" in page
    assert "industry: computer" in page


def test_a_small_pool_says_why_there_is_no_placebo_beside_the_base_rate():
    bars = thesis.read_prices("sample", ["300308.SZ", "300502.SZ", "300394.SZ", "000300.SH",
                                         "H00300.CSI", "801770.SI"]).to_frame()  # fmt: skip
    for column in ("open", "high", "low", "close", "pre_close", "amount"):
        bars[column] *= 2
    base, placebo, fragility = evidence_lines(thesis.evidence("optical_module", bars, draws=DRAWS))

    assert re.search(r"earns Neutral \d+%", base)
    assert placebo.startswith("Placebo: none: ")
    assert re.search(r"only 2 stocks could be drawn|has no stratum", placebo)
    assert re.search(r"\d+ of \d+ combinations", fragility)


def test_a_small_place_is_never_called_the_market():
    page = " ".join(printed(evidence_view, weighed("media_ai")).split())

    assert "the stocks in these prices at equal weights" in page
    assert "equal-weight market" not in page
    assert "Survivorship" not in page


@pytest.mark.parametrize(
    ("p", "words"), [(1.0, "1.00"), (0.0512, "0.05"), (0.00988, "0.01"), (0.0001, "0.0001")]
)
def test_a_p_value_is_never_none_at_all(p, words):
    assert words == p_words(p)


def test_a_single_names_tests_are_told_without_those_across_names():
    page = " ".join(printed(evidence_view, weighed("connector")).split())

    assert "1 name; a test across names needs 3" in page


# The surface alone


@pytest.mark.parametrize("name", ["media_ai", "connector"])
def test_a_surface_as_json_and_as_rows_says_the_same(name):
    result = weighed(name)
    found = surface_of(result)
    told = json.loads(surface_text(result, found))
    whole = told["surface"]
    rows = surface_rows(result, found)

    assert "thesis.surface/1" == told["schema"]
    assert result.to_dict()["evidence"]["surface"] == whole
    delays, exits = len(whole["delays"]), len(whole["sessions"])
    assert (21, 122) == (delays, exits)
    assert len(rows) == whole["whole"]["count"] == delays * exits - delays * (delays - 1) // 2
    cells = {(row["delay"], row["exit"].isoformat()): row for row in rows}
    for delay, excesses, ratings in zip(
        whole["delays"], whole["excess"], whole["ratings"], strict=True
    ):
        for session, excess, rating in zip(whole["sessions"], excesses, ratings, strict=True):
            row = cells.get((delay, session), {"excess": None, "rating": None})
            assert (excess, rating) == (row["excess"], row["rating"])
            assert (excess is None) == (session < whole["sessions"][delay])
    entries = {row["delay"]: row["entry"].isoformat() for row in rows}
    assert whole["sessions"][:21] == [entries[delay] for delay in whole["delays"]]
    assert {"SIMULATED PRICES"} == {row["simulated"] for row in rows}


def test_the_table_of_a_surface_shows_cells_of_it():
    result = weighed("media_ai")
    found = surface_of(result)
    text = printed(surface_view, result, found)
    rows = {(row["delay"], f"{row['exit']:%m-%d}"): row for row in surface_rows(result, found)}
    lines = text.splitlines()
    head = next(i for i, line in enumerate(lines) if line.split()[-1:] == ["mean"])
    columns = lines[head].split()[:-1]

    assert {"01-13", "02-13", "03-13", "04-11"} <= set(columns)
    shown = [line for line in lines[head:] if re.match(r" *\+\d+ ", line)]
    assert 8 == len(shown)
    for line in shown:
        delay, *cells = line.split()
        points = [cell for cell in cells if re.fullmatch(r"[+-]?\d+\.\d", cell)]
        for column, told in zip(columns, points, strict=False):
            excess = rows[int(delay), column]["excess"]
            assert 100 * excess == pytest.approx(float(told), abs=0.05 + 1e-9)
    assert "one sample seen from many sides" in " ".join(text.split())
