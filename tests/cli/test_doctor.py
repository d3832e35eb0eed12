"""``thesis doctor``, over real stores and local fakes of every host."""

import datetime as dt
import os
import socket
import subprocess
import sys
import tempfile
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

import pandas as pd
import pytest
import requests
from fakes import eastmoney, reference, sina, tencent
from fakes import yahoo as yahoo_fake
from fakes.deliveries import delivery
from fakes.hosts import FAULTS, FakeHosts
from fakes.market import serve_market, small_market

from thesis.errors import UsageError
from thesis.market.calendar import calendar_horizon
from thesis.market.sources import auto
from thesis.market.sources.failure import REMEDY
from thesis.market.sources.yfinance import Yahoo
from thesis.market.store import Store

SMALL = small_market()
SATURDAY_AFTER = dt.date(2024, 12, 14)  # the small market ends the day before
DATACENTER = r"datacenter-web\.eastmoney\.com"
#: Every host of ``--source auto``, and the data centre.
HOSTS = (
    "finance.sina.com.cn", "push2his.eastmoney.com", "gtimg.cn", "www.csindex.com.cn",
    "www.swsresearch.com", "finance.yahoo.com", "datacenter-web.eastmoney.com",
)  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A store of its own for each test, a fixed day, and a disk with room."""
    monkeypatch.setenv("THESIS_HOME", str(tmp_path / "home"))
    _on(monkeypatch, SATURDAY_AFTER)
    return tmp_path / "home"


@pytest.fixture
def store(home) -> Store:
    kept = Store(home)
    for code in ("300308.SZ", "601595.SH"):
        kept.put(delivery(code))
    return kept


@pytest.fixture
def silent(hosts: FakeHosts, yfinance_alone, monkeypatch) -> FakeHosts:
    """No host answers; Yahoo is asked through `requests`, since nothing else is turned round."""
    monkeypatch.setattr(auto, "Yahoo", lambda: Yahoo(requests.Session()))
    return hosts


@pytest.fixture
def served(silent: FakeHosts) -> FakeHosts:
    """Every host answers for the small market."""
    hosts = silent
    serve_market(hosts, SMALL.bars, SMALL.index)
    hosts.serve(yahoo_fake.HOSTS, _yahoo(SMALL.index))
    actions = reference.table(
        reference.ACTIONS, [("000001.SZ", "2024-10-10", 2.46, None, None, "实施分配")]
    )
    stops = reference.table(reference.SUSPENSIONS)
    hosts.serve(DATACENTER, reference.DataCenter(actions, stops))
    return hosts


def _yahoo(index):
    return yahoo_fake.yahoo(pd.concat([SMALL.bars, index], ignore_index=True))


def _on(monkeypatch, day):
    monkeypatch.setattr("thesis.diagnosis.today", lambda: day)


def said(ran):
    """The output without its line breaks, which fall anywhere."""
    assert "Traceback" not in ran.out + ran.err
    assert "" == ran.err
    return " ".join(ran.out.split())


def unbroken(ran):
    """The same, for paths, which are broken within a word."""
    return "".join(ran.out.split())


def todo(ran):
    """What is to be done, line by line."""
    _, _, after = ran.out.partition("What to do\n")
    return after


def _cut_off(path):
    path.write_bytes(path.read_bytes()[:-40])


def test_a_healthy_store_is_said_to_be_well(run, store):
    ran = run("doctor")

    assert 0 == ran.code
    assert ran.out.endswith("\nAll is well.\n")
    assert "2 codes" in said(ran)
    assert "every file as it was written" in said(ran)
    assert "vectorbt-rust 1." in said(ran)
    assert "marina-rules@" in said(ran)
    assert "akshare (csindex, shenwan, sina, eastmoney, tencent)" in said(ran)


def test_a_machine_without_a_store_is_well_and_stays_without_one(run, home):
    ran = run("doctor")

    assert 0 == ran.code
    assert "not there yet, thesis fetch makes it" in said(ran)
    assert not home.exists()


def test_nobody_is_asked_unless_asked_to(run, store, monkeypatch):
    def connect(*_):
        raise AssertionError("no network unless asked")

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket, "getaddrinfo", connect)

    assert 0 == run("doctor").code


def test_the_heavy_libraries_stay_unloaded(home):
    code = (
        "import sys\n"
        "sys.argv = ['thesis', 'doctor']\n"
        "from thesis.cli import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print(sorted({'vectorbt', 'akshare', 'yfinance', 'requests'} & set(sys.modules)))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert "[]" == ran.stdout.splitlines()[-1]


def test_a_damaged_file_is_found_and_mended(run, store):
    path = store.path("300308.SZ")
    _cut_off(path)

    found = run("doctor")
    assert 4 == found.code
    assert f"{path}cannotberead" in unbroken(found)
    assert "thesis doctor --mend" in todo(found).splitlines()[0]
    assert path.is_file()  # looking changes nothing

    mended = run("doctor", "--mend")
    assert 0 == mended.code
    assert not path.exists()
    (aside,) = store.damaged.iterdir()
    assert f"itwasmovedto{aside}" in unbroken(mended)
    assert "thesis fetch" in todo(mended)
    assert ["601595.SH"] == store.stored()

    after = run("doctor")
    assert (0, True) == (after.code, after.out.endswith("All is well.\n"))


def test_what_a_killed_writer_left_is_a_note(run, store):
    (store.bars / ".300308.SZ.parquet.0123.tmp").write_bytes(b"PAR1")

    found, mended = run("doctor"), run("doctor", "--mend")

    assert (0, 0) == (found.code, mended.code)
    assert "thesis doctor --mend" in todo(found)
    assert "it was removed" in said(mended)
    assert mended.out.endswith("All is well.\n")


def test_a_file_that_thesis_did_not_write_is_left_where_it_is(run, store):
    path = store.bars / "600000.SH.parquet"
    pd.DataFrame({"code": ["600000.SH"], "date": ["2024-10-14"]}).to_parquet(path)

    ran = run("doctor", "--mend")

    assert 0 == ran.code
    assert "thesis import" in todo(ran)
    assert "mended" not in ran.out
    assert path.is_file()


def test_a_store_of_a_newer_thesis_cannot_be_checked(run, store):
    store.manifest.write_text('{"format": 99, "hash": "", "files": {}}')

    ran = run("doctor")

    assert 4 == ran.code
    assert "1. The store could not be checked" in said(ran)
    assert "upgrade thesis" in todo(ran)


def test_a_folder_that_cannot_be_written_is_said(run, monkeypatch):
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)
        home = Path(folder) / "home"
        kept = Store(home)
        kept.put(delivery("300308.SZ"))
        for path in (home, kept.bars):
            path.chmod(0o555)
        monkeypatch.setenv("THESIS_HOME", str(home))
        root = os.geteuid() == 0
        if root:  # for whom permissions do not hold
            os.seteuid(65534)
        try:
            ran = run("doctor", "--mend")
        finally:
            if root:
                os.seteuid(0)
        for path in (home, kept.bars):
            path.chmod(0o755)

    assert 0 == ran.code  # a store that others fill can be read
    assert "CANNOT BE WRITTEN" in said(ran)
    assert "Permission denied" in said(ran)
    assert "set THESIS_HOME to a folder of yours" in said(ran)
    assert "every file as it was written" in said(ran)


def test_a_home_that_cannot_be_made_is_grave(run, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("THESIS_HOME", str(tmp_path / "file" / "home"))

    ran = run("doctor")

    assert 4 == ran.code
    assert "Not a directory" in said(ran)
    assert "1. Nothing can be stored" in said(ran)


def test_who_holds_the_lock_is_named(run, store, monkeypatch):
    monkeypatch.setattr("thesis.market.health.PATIENCE", 0.2)
    code = (
        "import filelock, sys, time\n"
        "lock = filelock.FileLock(sys.argv[1])\n"
        "lock.acquire()\n"
        "print('held', flush=True)\n"
        "time.sleep(60)"
    )
    command = [sys.executable, "-c", code, str(store.home / ".lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert "held\n" == writer.stdout.readline()
        _cut_off(store.path("300308.SZ"))  # it may be half written: it must not be judged
        ran = run("doctor")
        writer.kill()

    assert 0 == ran.code
    assert "not checked" in said(ran)
    assert "run thesis doctor again when it has ended" in said(ran)
    if Path("/proc/locks").exists():  # elsewhere the system does not say
        assert f"process {writer.pid}" in said(ran)


@pytest.mark.parametrize(
    ("days", "words"),
    [(90, None), (89, "in 89 days"), (0, "in 0 days"), (-3, "The calendar ended on")],
)
def test_a_calendar_that_ends_soon_is_to_be_renewed(run, store, monkeypatch, days, words):
    _on(monkeypatch, calendar_horizon() - dt.timedelta(days=days))

    ran = run("doctor")

    assert 0 == ran.code
    if words is None:
        assert "exchange-calendars (" not in todo(ran)
        return
    assert words in said(ran)
    assert "pip install --upgrade exchange-calendars" in said(ran)


def test_rules_of_two_years_ago_are_to_be_renewed(run, store, monkeypatch):
    from importlib.metadata import version

    made = dt.date(*map(int, version("marina-rules").split(".")[:3]))
    _on(monkeypatch, made + dt.timedelta(days=700))

    ran = run("doctor")

    assert 0 == ran.code
    assert "700 days old" in said(ran)
    assert "pip install --upgrade marina-rules" in said(ran)


@pytest.mark.parametrize(
    ("target", "reason"),
    [
        ("no_such_package.prices:sources", "No module named 'no_such_package'"),
        ("pathlib:Path.cwd", "'PosixPath' object is not iterable"),
        ("locale:localeconv", "str is no source"),  # a function that returns something else
    ],
)
def test_a_plugin_that_fails_to_load_is_named_with_its_reason(
    run, store, monkeypatch, target, reason
):
    _install(monkeypatch, "mydesk", target)

    ran = run("doctor")

    assert 0 == ran.code
    assert "mydesk FAILS TO LOAD" in said(ran)
    assert "1. --source mydesk: " in said(ran)
    assert reason in said(ran)
    assert "yfinance (" in said(ran)  # the others are listed all the same


def test_a_source_that_wants_to_be_set_up_is_no_fault(run, store, monkeypatch):
    def sources():
        raise UsageError("--source mydesk: $MYDESK_KEY is not set")

    monkeypatch.setattr("fakes.deliveries.sources", sources, raising=False)
    _install(monkeypatch, "mydesk", "fakes.deliveries:sources")

    ran = run("doctor")

    assert "mydesk (not set up: $MYDESK_KEY is not set)" in said(ran)
    assert ran.out.endswith("All is well.\n")


def _install(monkeypatch, name, target):
    """Register a plugin, as if a package had brought it."""
    real = entry_points(group="thesis.sources")
    plugin = EntryPoint(name, target, "thesis.sources")
    monkeypatch.setattr("thesis.market.sources.source.entry_points", lambda group: (*real, plugin))


def test_a_missing_package_is_named_with_its_remedy(run, store, monkeypatch):
    from importlib.metadata import PackageNotFoundError, version

    def missing(name):
        if name in ("akshare", "vectorbt-rust"):
            raise PackageNotFoundError(name)
        return version(name)

    monkeypatch.setattr("thesis.market.installation.version", missing)

    ran = run("doctor")

    assert "akshare missing" in said(ran)
    assert "akshare: it is not installed; pip install --upgrade akshare" in said(ran)
    assert "pip install --upgrade 'vectorbt[rust]'" in said(ran)


def test_an_engine_of_another_version_or_machine_is_said(run, store, monkeypatch):
    from importlib.metadata import version

    monkeypatch.setattr(
        "thesis.market.installation.version",
        lambda name: "1.9.0" if name == "vectorbt-rust" else version(name),
    )
    assert f"it does not fit vectorbt {version('vectorbt')}" in said(run("doctor"))

    monkeypatch.setitem(sys.modules, "vectorbt_rust", None)
    assert "it does not load (ModuleNotFoundError" in said(run("doctor"))


def test_every_host_answers_and_they_agree(run, store, served):
    ran = run("doctor", "--network")
    words = said(ran)

    assert 0 == ran.code
    for host in HOSTS:
        assert host in words
    assert 4 + 2 + 1 == words.count(
        "5 sessions to 2024-12-13"
    )  # the stock, the CSI 300, the industry
    assert "sina and eastmoney agree on 5 closes" in words
    assert "eastmoney and tencent agree on 5 closes" in words
    assert "tencent and yahoo agree on 5 closes" in words
    assert "csindex and yahoo agree on 5 closes (a cross-check only)" in words
    assert ran.out.endswith("All is well.\n")
    assert 2 == words.count(" 1 event")  # one dividend, one step of the factor
    assert 1 == served.count(eastmoney.HOSTS)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("banned_456", "banned"),
        ("captcha", "captcha"),
        ("too_many_requests", "too_many_requests"),
        ("bad_gateway", "server_error"),
        ("closed_socket", "closed_socket"),
    ],
)
def test_a_host_that_fails_is_asked_once_and_named_with_the_remedy(run, store, served, fault, kind):
    assert fault in FAULTS
    served.fail(sina.HOSTS, fault)

    ran = run("doctor", "--network")
    words = said(ran)

    assert 0 == ran.code  # the others answered
    assert f"{kind.replace('_', ' ').upper()}: " in words
    assert f"1. finance.sina.com.cn ({kind.replace('_', ' ')}): {REMEDY[kind]}" in words
    assert "RESTING" in words  # its factors were not asked for
    assert 1 == served.count(sina.HOSTS)
    assert "eastmoney and tencent agree" in words


def test_two_hosts_banned_share_a_line(run, store, served):
    served.fail(sina.HOSTS, "banned")
    served.fail(tencent.HOSTS, "banned")

    ran = run("doctor", "--network")
    assert f"1. finance.sina.com.cn, gtimg.cn (banned): {REMEDY['banned']}" in said(ran)
    assert "2." not in todo(ran)


def test_no_host_at_all_is_an_error(run, store, silent):
    ran = run("doctor", "--network")
    words = said(ran)

    assert 4 == ran.code
    assert "1. No source of prices answered" in words
    assert f"2. {', '.join(HOSTS)} (unreachable): {REMEDY['unreachable']}" in words


def test_dividends_alone_are_no_prices(run, store, served):
    for host in (r".*sina\.com\.cn", r"push2his.*", r".*gtimg.*|.*qq\.com", r".*csindex.*",
                 r".*swsresearch.*", r".*yahoo.*"):  # fmt: skip
        served.fail(host, "banned")

    ran = run("doctor", "--network")

    assert 4 == ran.code
    assert "dividends of 000001.SZ" in said(ran)


def test_hosts_that_disagree_on_a_close_are_not_to_be_trusted(run, store, served):
    last = SMALL.bars["date"] == dt.date(2024, 12, 12)
    other = SMALL.bars.assign(close=SMALL.bars["close"] + 0.01 * last)
    served.serve(tencent.HOSTS, tencent.Tencent(other, SMALL.index))

    ran = run("doctor", "--network")
    words = said(ran)

    assert 0 == ran.code
    assert "eastmoney and tencent DISAGREE: 0.01 apart on 2024-12-12" in words
    assert "1. eastmoney and tencent disagree on 000001.SZ" in words
    assert "sina and eastmoney agree on 5 closes" in words


def test_yahoos_index_is_a_cross_check_only(run, store, served):
    last = SMALL.index["date"] == dt.date(2024, 12, 12)
    served.serve(
        yahoo_fake.HOSTS, _yahoo(SMALL.index.assign(close=SMALL.index["close"] + 3.0 * last))
    )

    ran = run("doctor", "--network")

    assert "csindex and yahoo DISAGREE: 3 apart on 2024-12-12" in said(ran)
    assert ran.out.endswith("All is well.\n")


def test_a_reply_in_a_new_form_is_a_finding_not_an_end(run, store, served):
    serve_market(served, SMALL.bars, SMALL.index, changed=["eastmoney", "shenwan"])

    ran = run("doctor", "--network")

    assert 0 == ran.code
    assert REMEDY["changed_format"] in said(ran)
    assert "sina and tencent agree" in said(ran)


def test_a_reader_that_stumbles_is_a_finding_too(run, store, served, monkeypatch):
    def bars(self, code, start, end):
        raise KeyError("成交量")

    monkeypatch.setattr("thesis.market.sources.akshare.Tencent.bars", bars)

    ran = run("doctor", "--network")

    assert 0 == ran.code
    assert "KeyError: '成交量'" in said(ran)
    assert f"1. gtimg.cn (changed format): {REMEDY['changed_format']}" in said(ran)
