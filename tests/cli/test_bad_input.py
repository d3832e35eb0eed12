"""Bad input gets a sentence for the person who made it, never a traceback."""

import json

import numpy as np
import pandas as pd
import pytest

from thesis.market.calendar import calendar_horizon


@pytest.fixture
def thesis_file(run, tmp_path):
    """A sound thesis file with one text replaced."""

    def write(old="", new=""):
        run("new", "mine", "--folder", tmp_path)
        path = tmp_path / "mine.toml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return path

    return write


def sentence(ran):
    """The one thing said, and proof that it is no traceback."""
    assert "Traceback" not in ran.err + ran.out
    return ran.err


def test_an_unknown_thesis_gets_the_nearest_name(run):
    ran = run("backtest", "media_a")

    assert 3 == ran.code
    assert "there is no thesis called 'media_a'; did you mean media_ai" in sentence(ran)


def test_toml_syntax_gets_its_line(run, thesis_file):
    ran = run("check", thesis_file('title_zh = ""', 'title_zh = "'))

    assert 3 == ran.code
    assert "mine.toml: not TOML:" in sentence(ran)
    assert "(at line 7, column" in sentence(ran)


def test_an_unknown_key_gets_the_known_one(run, thesis_file):
    ran = run("check", thesis_file('publisher = "me"', 'publicher = "me"'))

    assert 3 == ran.code
    assert "unknown key 'publicher'; did you mean 'publisher'?" in sentence(ran)


def test_a_code_that_cannot_exist_gets_the_right_one(run, thesis_file):
    ran = run("backtest", thesis_file("300133.SZ", "300133.SH"))

    assert 3 == ran.code
    assert "300133 is a Shenzhen code; write 300133.SZ" in sentence(ran)


def test_a_thesis_published_in_the_future_is_not_yet_and_check_says_its_entry(run, thesis_file):
    path = thesis_file("published = 20", "published = 2026-12-19 # 20")

    checked, ran = run("check", path), run("backtest", path, "--json", "-", "--as-of", "2026-12-01")

    assert "enters at the open of 2026-12-21" in checked.out
    assert "window ends 3m, 4m, 5m, 6m beyond the calendar\n" in checked.out
    note = f"its window ends beyond the calendar, which is known to {calendar_horizon()}: there is"
    assert (
        f"  note: {note} no verdict before it ends; to try a backtest, give a past" in checked.out
    )
    assert 1 == checked.out.count("note: its window")
    assert 0 == ran.code
    found = json.loads(ran.out)
    assert {"calendar_horizon", "not_yet"} <= {w["code"] for w in found["warnings"]}
    assert found["windows"] == {"3m": None, "4m": None, "5m": None, "6m": None}


def test_a_name_that_does_not_match_its_code_is_said(run, thesis_file, bars, folder):
    place = folder(bars)
    pd.DataFrame({"code": ["300133.SZ", "300364.SZ"], "name": ["万科A", "中文在线"]}).to_csv(
        place / "securities.csv", index=False
    )
    path = thesis_file("published = 20", "published = 2024-10-13 # 20")

    ran = run("backtest", path, "--prices", place)

    assert 0 == ran.code
    assert "300133.SZ is 华策影视 in the thesis and 万科A in" in " ".join(ran.out.split())


def test_prices_that_start_after_the_entry_are_refused(run, bars, folder):
    ran = run("backtest", "media_ai", "--prices", folder(bars[bars["date"] >= "2024-11-01"]))

    assert 4 == ran.code
    assert "the prices of the names start on 2024-11-01, after the entry session 2024-10-14" in (
        sentence(ran)
    )


def test_prices_that_end_before_the_window_are_not_scorable_with_what_is_known(run, bars, folder):
    ran = run("backtest", "media_ai", "--prices", folder(bars[bars["date"] <= "2025-02-28"]),
              "--json", "-")  # fmt: skip

    found = json.loads(ran.out)
    assert 5 == ran.code
    assert found["paper"]["3m"] is not None
    assert (None, None) == (found["paper"]["6m"], found["verdict"]["paper"]["earned"])
    assert "not_scorable" == found["verdict"]["paper"]["result"]
    assert "prices_end_early" in {w["code"] for w in found["warnings"]}
    assert "prices end before the window: 300133.SZ on 2025-02-28" in sentence(ran)


def test_prices_that_end_before_the_entry_are_not_scorable(run, bars, folder):
    ran = run("backtest", "media_ai", "--prices", folder(bars[bars["date"] <= "2024-10-11"]))

    assert 5 == ran.code
    assert "end on 2024-10-11, before the entry session 2024-10-14" in sentence(ran)


def test_a_missing_name_leaves_the_basket_and_is_said(run, bars, folder):
    ran = run("backtest", "media_ai", "--prices", folder(bars[bars["code"] != "300315.SZ"]),
              "--json", "-")  # fmt: skip

    found = json.loads(ran.out)
    assert 0 == ran.code
    missing = next(n for n in found["names"] if n["code"] == "300315.SZ")
    assert ("no_data", 0.0) == (missing["status"], missing["weight"])
    assert pytest.approx(1 / 6) == found["names"][0]["weight"]
    assert "300315.SZ 掌趣科技 has no prices" in str(found["warnings"])


def test_over_a_fifth_of_the_weight_missing_is_not_scorable(run, bars, folder):
    gone = bars["code"].isin(["300315.SZ", "000681.SZ"])
    ran = run("backtest", "media_ai", "--prices", folder(bars[~gone]))

    assert 5 == ran.code
    assert "29% of the weight has no prices (300315.SZ, 000681.SZ)" in sentence(ran)


def test_all_names_missing_is_an_error_of_prices(run, bars, folder):
    ran = run("backtest", "optical_module", "--prices", folder(bars))

    assert 4 == ran.code
    assert "has no prices of any of the 3 names of optical_module" in sentence(ran)
    assert "--prices FOLDER" in sentence(ran)
    assert "thesis fetch optical_module" in sentence(ran)
    assert "codes are written as" not in sentence(ran)


def test_a_folder_without_an_index_says_what_to_add(run, bars, folder):
    stocks = bars[~bars["code"].isin(["000300.SH"])]
    ran = run("backtest", "media_ai", "--prices", folder(stocks))

    assert 4 == ran.code
    assert "has no levels of the benchmark 000300.SH; add an index file" in sentence(ran)


def test_without_the_total_return_index_both_sides_fall_back_to_price_and_it_is_said(
    run, bars, folder
):
    ran = run("backtest", "media_ai", "--prices", folder(bars[bars["code"] != "H00300.CSI"]),
              "--json", "-")  # fmt: skip

    found = json.loads(ran.out)
    assert {"code": "000300.SH", "basis": "price"} == found["benchmark"]["paper"]
    assert "benchmark_basis" in {w["code"] for w in found["warnings"]}


@pytest.mark.parametrize(
    ("spoil", "text"),
    [
        (
            lambda b: b.assign(
                close=b["close"].mask(b.index == b.index[b["code"] == "300133.SZ"][50], 0.0)
            ),
            "close = 0; raw prices",
        ),
        (
            lambda b: b.assign(
                open=b["open"].mask(b.index == b.index[b["code"] == "300133.SZ"][50], -1.0)
            ),
            "open = -1; raw prices",
        ),
        (
            lambda b: b.assign(
                low=b["low"].mask(b.index == b.index[b["code"] == "300133.SZ"][50], np.nan)
            ),
            "low is missing",
        ),
        (
            lambda b: pd.concat([b, b[b["code"] == "300133.SZ"].iloc[[50]]]),
            "two bars for one session",
        ),
        (lambda b: b.assign(volume=b["volume"] / 100), "volume looks like lots of 100"),
        (lambda b: b.drop(columns="factor"), "no column factor"),
    ],
)
def test_impossible_bars_are_refused_with_code_and_session(run, bars, folder, spoil, text):
    ran = run("backtest", "media_ai", "--prices", folder(spoil(bars)))

    assert 4 == ran.code
    assert text in sentence(ran)


def test_a_falling_factor_is_said(run, bars, folder):
    mine = (bars["code"] == "300133.SZ") & (bars["date"] >= "2025-01-02")
    bars.loc[mine, "factor"] *= 0.5
    ran = run("backtest", "media_ai", "--prices", folder(bars), "--json", "-")

    assert "factor_falls" in {w["code"] for w in json.loads(ran.out)["warnings"]}


def test_an_unreadable_file_a_folder_without_bars_and_no_file_are_three_sentences(run, tmp_path):
    broken = tmp_path / "broken.parquet"
    broken.write_bytes(b"PAR1 cut off")
    empty = tmp_path / "empty"
    empty.mkdir()

    unreadable = run("backtest", "media_ai", "--prices", broken)
    without = run("backtest", "media_ai", "--prices", empty)
    absent = run("backtest", "media_ai", "--prices", tmp_path / "absent")

    assert (4, 4, 4) == (unreadable.code, without.code, absent.code)
    assert "broken.parquet cannot be read" in sentence(unreadable)
    assert "the folder has no bars" in sentence(without)
    assert "there is no such file or folder" in sentence(absent)


def test_an_output_that_cannot_be_written_is_said_before_the_work(run, tmp_path):
    to_json = run("backtest", "media_ai", "--json", tmp_path / "nowhere" / "r.json")
    (tmp_path / "file").write_text("")
    to_csv = run("backtest", "media_ai", "--csv", tmp_path / "file")

    assert (2, 2) == (to_json.code, to_csv.code)
    assert "there is no folder" in sentence(to_json)
    assert "it is a file; give a folder" in sentence(to_csv)


@pytest.mark.parametrize(
    ("option", "value", "text"),
    [
        ("--weights", "cap", "weights = 'cap': give one of equal, segment, inverse_vol, float_cap"),
        ("--entry", "noon", "entry = 'noon': give one of open, close, vwap"),
        ("--delay", "-1", "delay = -1: it is a number of sessions, 0 or more"),
        ("--rebalance", "daily", "rebalance = 'daily': give one of none, weekly, monthly"),
        ("--exit", "stop-loss 15", "the fall is a fraction between 0 and 1, as 0.1 or 10%"),
        (
            "--exit",
            "2024-10-14",
            "it lies on or before the entry session, 2024-10-14",
        ),
        ("--cash", "bonds", "cash = 'bonds': give one of zero, benchmark"),
        ("--limits", "off", "limits = 'off': give one of exchange, none"),
        ("--dividend-tax", "company", "give one of none, individual"),
        ("--basis", "gross", "basis = 'gross': give total or price"),
        ("--costs", "free", "costs = 'free': give one of a-share, none"),
        ("--capital", "0", "capital = 0.0: it is an amount in CNY, more than 0 and at most 1e12"),
        ("--as-of", "soon", "--as-of soon: it is no date; write 2025-06-30"),
    ],
)
def test_an_option_that_cannot_be_is_a_usage_error(run, option, value, text):
    ran = run("backtest", "media_ai", option, value)

    assert 2 == ran.code
    assert text in sentence(ran)


def test_price_basis_without_share_factors_is_refused_with_the_names(run, bars, folder):
    bars.loc[bars["code"] == "300364.SZ", "share_factor"] = np.nan
    ran = run("backtest", "media_ai", "--prices", folder(bars), "--basis", "price")

    assert 4 == ran.code
    assert "--basis price: 300364.SZ in" in sentence(ran)
    assert "use --basis total" in sentence(ran)


def test_capital_too_small_names_the_smallest_that_holds_every_name(run):
    ran = run("backtest", "media_ai", "--capital", "3000", "--json", "-")

    text = next(
        w["message"] for w in json.loads(ran.out)["warnings"] if w["code"] == "capital_too_small"
    )
    assert "the smallest capital that holds every name is CNY" in text


def test_a_delay_past_the_window_is_not_scorable(run):
    ran = run("backtest", "media_ai", "--delay", "200")

    assert 5 == ran.code
    assert "the entry lies after the window" in sentence(ran)
