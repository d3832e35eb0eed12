"""``thesis fetch``, over the real akshare and yfinance and local fakes of every host."""

import datetime as dt
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
import requests
from fakes import csindex, eastmoney, sina, tencent
from fakes.hosts import FakeHosts
from fakes.market import real_market
from fakes.world import serve_world

import thesis
from thesis.market.sources.csindex import CSIndex
from thesis.market.sources.shenwan import Shenwan
from thesis.market.sources.yfinance import Yahoo
from thesis.market.store import Store

TODAY = "2026-04-30"  # the last session of the real prices
SINCE = "2024-01-02"  # where years before the call add nothing but time
CLI = Path(__file__).parents[1] / "fakes" / "cli.py"


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A store of its own for each test."""
    monkeypatch.setenv("THESIS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def filled(first_fetch, home, hosts):
    """The filled store as this test's own; no host answers."""
    shutil.copytree(first_fetch.home, home)
    return home


@pytest.fixture
def by_requests(yfinance_alone, monkeypatch):
    """Yahoo by the transport that the fakes hear."""
    answers = (CSIndex(), Shenwan(), Yahoo(requests.Session()))
    monkeypatch.setattr("thesis.market.sources.yfinance.sources", lambda: answers)


@pytest.fixture
def world(hosts: FakeHosts, market) -> FakeHosts:
    serve_world(hosts, market, thesis.load("media_ai").codes)
    return hosts


def result(run, *args):
    # The folder holds the whole market and the store seven names: only the evidence may differ.
    ran = run("backtest", "media_ai", "--no-evidence", "--as-of", TODAY, *args, "--json", "-")
    assert 0 == ran.code, ran.err
    return json.loads(ran.out)


def apart(one, other, within=1e-9, path=""):
    """Where two results differ by more than a tolerance, as (path, one, other)."""
    if isinstance(one, dict) and isinstance(other, dict):
        keys = sorted({*one, *other})
        return [x for k in keys for x in apart(one.get(k), other.get(k), within, f"{path}.{k}")]
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        return [
            x
            for n, (a, b) in enumerate(zip(one, other, strict=True))
            for x in apart(a, b, within, f"{path}[{n}]")
        ]
    if isinstance(one, float) and isinstance(other, float):
        return [] if abs(one - other) <= within else [(path, one, other)]
    return [] if one == other else [(path, one, other)]


#: Where prices come from is provenance: it differs, and nothing else may. A note names the edition
#: of the file of industries, and the store knows which Shenzhen names were treated (ST).
PROVENANCE = re.compile(
    r"\.(provenance\.command|prices\.(origin|fingerprint)|sector_choices\[\d\]\.note"
    r"|coverage\.names_with_st_status)"
)


@pytest.mark.slow
@pytest.mark.parametrize("args", [(), ("--basis", "price"), ("--weights", "segment")], ids=str)
def test_what_was_fetched_gives_the_same_result_as_the_prices_it_was_fetched_from(
    run, filled, hosts, market, args
):
    ours, theirs = result(run, *args), result(run, "--prices", market, *args)

    assert ours["prices"]["origin"].startswith("the store in ")
    assert [] == [x for x in apart(ours, theirs) if not PROVENANCE.fullmatch(x[0])]
    assert 0 == hosts.count()


@pytest.mark.slow
@pytest.mark.parametrize("route", ["eastmoney", "tencent", "yfinance"])
def test_another_way_to_the_same_prices_gives_the_same_result(
    run, world, market, by_requests, route
):
    """Within 1e-7: the real prices' factor is printed with eight digits, a computed one is not.

    Eastmoney's and Tencent's factors are computed from the announced amounts, Yahoo's from its own
    dividends and splits; both round the reference price to the cent, as the exchange does. Volumes
    in lots and split prices cost nothing: raw prices come back to the cent.
    """
    source = "yfinance" if route == "yfinance" else "akshare"
    if route in ("eastmoney", "tencent"):
        world.fail(sina.HOSTS, "banned")
    if route == "tencent":
        world.fail(eastmoney.HOSTS, "closed_socket")

    fetched = run("fetch", "media_ai", "--source", source, "--start", SINCE, "--end", TODAY)

    assert 0 == fetched.code, fetched.err
    assert {"yfinance": "yahoo"}.get(route, route) in fetched.out
    ours, theirs = result(run), result(run, "--prices", market)
    computed = [x for x in ours["warnings"] if x["code"] == "factor_computed"]
    assert (0 if route == "yfinance" else 7) == len(computed)
    ours["warnings"] = [x for x in ours["warnings"] if x not in computed]
    theirs["prices"]["first"] = SINCE  # the folder's own begin earlier
    # Tencent rounds amounts to CNY 10,000 and Yahoo has none, on which the capacity rests.
    assert (ours.pop("capacity")["capital"] is None) == (route == "yfinance")
    theirs.pop("capacity")
    different = [x for x in apart(ours, theirs, 1e-7) if not PROVENANCE.fullmatch(x[0])]
    assert [] == different


def test_a_second_fetch_asks_nothing_and_says_so(run, filled, hosts):
    second = run("fetch", "media_ai", "--source", "akshare", "--end", TODAY)

    assert 0 == second.code
    assert 0 == hosts.count()
    assert re.search(r"\d+ codes were complete and were not asked for", second.out)


def test_the_table_names_code_bars_days_source_and_what_was_odd(first_fetch):
    ran = first_fetch.ran

    line = next(line for line in ran.out.splitlines() if line.startswith("300364.SZ"))
    assert re.search(r"new +\d{3} .*2022-08-05 +2026-04-30 +sina", line)
    assert any(line.startswith("H00300.CSI") and "csindex" in line for line in ran.out.splitlines())
    assert any(line.startswith("801760.SI") and "shenwan" in line for line in ran.out.splitlines())


def test_a_fetch_that_was_stopped_goes_on_where_it_stopped(run, world):
    world.fail(csindex.HOSTS, "banned")
    command = ("fetch", "media_ai", "--source", "akshare", "--start", SINCE, "--end", TODAY)
    half = run(*command)
    assert 4 == half.code
    assert "H00300.CSI" in half.err
    stocks = world.count(sina.HOSTS)

    world.heal()
    rest = run(*command)

    assert 0 == rest.code
    assert stocks == world.count(sina.HOSTS)  # stocks were complete


def test_eastmoney_is_asked_once_and_then_left_alone(run, world):
    for host in (sina.HOSTS, eastmoney.HOSTS):
        world.fail(host, "closed_socket")

    ran = run("fetch", "media_ai", "--source", "akshare", "--start", "2026-01-05", "--end", TODAY)

    assert 0 == ran.code, ran.err
    assert 1 == world.count(eastmoney.HOSTS)
    assert "not asked, since they failed before in this run" in " ".join(ran.out.split())
    assert "tencent" in ran.out


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("banned", "it is banned"),
        ("captcha", "a captcha"),
        ("too_many_requests", "too many requests"),
        ("bad_gateway", "failing on its side"),
        ("closed_socket", "closed the connection"),
        ("empty_body", "its answer was blank"),
    ],
)
def test_when_every_host_fails_each_failure_is_a_sentence_and_nothing_is_stored(
    run, world, home, fault, words
):
    for host in (sina.HOSTS, eastmoney.HOSTS, tencent.HOSTS, csindex.HOSTS):
        world.fail(host, fault)

    ran = run("fetch", "media_ai", "--source", "akshare", "--end", TODAY)

    assert 4 == ran.code
    assert words in ran.out
    assert "Traceback" not in ran.out + ran.err
    stored = {path.stem for path in (home / "bars").glob("*.parquet")}
    assert all(code.endswith(".SI") for code in stored)  # Shenwan alone answered


def test_a_code_no_source_serves_is_said_before_asking(run, world, tmp_path):
    text = (Path(thesis.__file__).parent / "research" / "template.toml").read_text("utf-8")
    assert "300133.SZ" in text
    own = tmp_path / "beijing.toml"
    new = run("new", "beijing", "--folder", tmp_path)
    assert 0 == new.code
    own.write_text(own.read_text("utf-8").replace("300133.SZ", "920002.BJ"), "utf-8")

    ran = run("fetch", own, "--source", "yfinance", "--start", "2024-01-02", "--end", TODAY)

    assert 4 == ran.code
    assert "Yahoo has no Beijing names" in ran.out
    assert not any("920002" in str(asked.path) + str(asked.query) for asked in world.asked)


@pytest.mark.slow
def test_two_processes_that_fetch_at_once_leave_one_whole_store(world, home):
    command = [sys.executable, str(CLI), world.url, "fetch", "media_ai", "--source", "akshare"]
    command += ["--start", SINCE, "--end", TODAY]

    both = [subprocess.Popen(command, stdout=-1, stderr=-1, text=True) for _ in range(2)]
    said = [process.communicate(timeout=300) for process in both]

    assert [0, 0] == [process.returncode for process in both], said
    panel = thesis.read_prices("store")
    assert set(thesis.load("media_ai").codes) < set(panel.codes)
    assert [] == Store(home).survey()


def test_a_piped_fetch_from_yahoo_prints_its_table_and_no_warning_of_a_library(world, home):
    command = [sys.executable, str(CLI), world.url, "fetch", "media_ai", "--source", "yfinance"]
    ran = subprocess.run(
        [*command, "--start", SINCE, "--end", TODAY],
        capture_output=True,
        text=True,
        env={**os.environ, "YF_DISABLE_CURL_CFFI": "1"},
    )

    assert (0, "") == (ran.returncode, ran.stderr)
    assert "yahoo" in ran.stdout


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("media_ai", "--source", "bloomberg"), "there are akshare, auto, files, sample, yfinance"),
        (("media_ai", "--source", "sample"), "SIMULATED and never happened"),
        (("media_ai", "--start", "2027-01-01"), "lies after"),
        (("media_ai", "--start", "yesterday"), "it is no date"),
    ],
)
def test_a_fetch_that_cannot_be_is_a_sentence(run, world, args, words):
    ran = run("fetch", *args)

    assert 2 == ran.code
    assert words in ran.err


def test_a_live_source_by_name_backtests_and_stores_nothing(run, world, home, market):
    ran = run("backtest", "media_ai", "--prices", "akshare", "--as-of", TODAY, "--json", "-")

    assert 0 == ran.code, ran.err
    live = json.loads(ran.out)
    truth = result(run, "--prices", market)
    different = apart(live["paper"], truth["paper"]) + apart(live["net"], truth["net"])
    assert [] == different
    assert "not stored" in live["prices"]["origin"]
    assert not (home / "bars").exists()


def test_a_damaged_file_is_moved_aside_and_fetched_again(run, filled, world, home):
    path = home / "bars" / "300133.SZ.parquet"
    whole = thesis.read_prices("store", ["300133.SZ"]).fingerprint
    path.write_bytes(path.read_bytes()[:5_000])

    broken = run("backtest", "media_ai", "--prices", "store")
    ran = run("fetch", "media_ai", "--source", "akshare", "--end", TODAY)

    assert 4 == broken.code
    assert "300133.SZ" in broken.err
    assert 0 == ran.code
    assert "damaged" in ran.out
    assert 1 == len(list((home / "damaged").iterdir()))
    assert whole == thesis.read_prices("store", ["300133.SZ"]).fingerprint


def test_a_full_disk_stops_with_a_sentence_and_keeps_what_was_stored(run, world, home, monkeypatch):
    import errno

    from thesis.market.storage import disk

    real, written = disk.os.replace, []

    def full(source, target):
        written.append(str(target))
        if len([x for x in written if x.endswith(".parquet")]) > 3:
            raise OSError(errno.ENOSPC, "No space left on device", str(target))
        return real(source, target)

    monkeypatch.setattr(disk.os, "replace", full)
    ran = run("fetch", "media_ai", "--source", "akshare", "--start", SINCE, "--end", TODAY)
    monkeypatch.undo()
    monkeypatch.setenv("THESIS_HOME", str(home))

    assert 4 == ran.code
    assert "full" in ran.err
    assert "Traceback" not in ran.err
    stored = sorted(path.stem for path in (home / "bars").glob("*.parquet"))
    assert 3 == len(stored)
    assert stored == sorted(thesis.read_prices("store").codes)


def test_a_damaged_table_is_moved_aside_and_fetched_again(run, filled, world, home):
    (home / "securities.csv").write_text("x", "utf-8")

    ran = run("fetch", "media_ai", "--source", "akshare", "--end", TODAY)

    assert 0 == ran.code, ran.err
    assert "securities.csv was damaged" in ran.out
    assert "上海电影" == thesis.read_prices("store").listings["601595.SH"].name
    assert 1 == len(list((home / "damaged").iterdir()))


def test_compare_takes_the_store_for_what_it_covers_and_says_what_is_simulated(run, filled):

    ran = run("compare", "media_ai", "optical_module", "--as-of", TODAY)

    rows = {line.split()[0]: line for line in ran.out.splitlines() if line}
    assert "Buy met" in rows["media_ai"]
    assert "simulated" in rows["optical_module"]
    assert "SIMULATED PRICES" in ran.out
    assert "lacks 300308.SZ" in " ".join(ran.out.split())


def test_compare_says_which_names_have_no_prices(run, filled):
    (filled / "bars" / "300364.SZ.parquet").unlink()

    ran = run("compare", "media_ai", "--prices", "store", "--as-of", TODAY)

    assert "1 WITHOUT PRICES" in " ".join(ran.out.split())
    assert "300364.SZ" in ran.out


def test_a_gap_nobody_announced_is_filled_from_elsewhere_or_said_in_every_result(
    run, world, market, home
):
    """The suspension calendar is silent, Sina lacks 2024-10-14, and Tencent has it or has not."""
    code, day = "300133.SZ", dt.date(2024, 10, 14)
    known = real_market(market, [*thesis.load("media_ai").codes, "000300.SH"], dt.date(2023, 12, 1))
    bars, index = known.bars, known.index
    both = bars[(bars["code"] != code) | (pd.to_datetime(bars["date"]).dt.date != day)]
    world.serve(sina.HOSTS, sina.Sina(both, index))

    command = ("fetch", "media_ai", "--source", "akshare", "--start", SINCE, "--end", TODAY)
    filled = run(*command)

    assert 0 == filled.code
    assert f"{code}: 1 bars within {day} to {day} filled from" in " ".join(filled.out.split())
    assert day in {d.date() for d in Store(home).holding(code).bars["date"]}

    world.serve(eastmoney.HOSTS, eastmoney.Eastmoney(both, index))
    world.serve(tencent.HOSTS, tencent.Tencent(both, index))
    shutil.rmtree(home)
    run(*command)
    said = [x["message"] for x in result(run)["warnings"] if x["code"] == "gap_unconfirmed"]
    assert 1 == len(said)
    assert str(day) in said[0]
