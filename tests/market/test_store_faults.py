"""What the store makes of killed writers, full disks, damaged files and two writers at once."""

import errno
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
import pytest
from fakes.deliveries import DAYS, delivery, raw, step
from fakes.writer import CODES, EVENTS, HISTORY, growing

from thesis.errors import PricesError
from thesis.market.storage.notes import DamagedError
from thesis.market.store import Store

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="writers are forked to be killed")

CODE = "300308.SZ"


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path / "home")


class Writer:
    """A process that obeys orders; what it says is read a line at a time."""

    def __init__(self):
        self.home = None
        tests = Path(__file__).resolve().parents[1]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "fakes.writer"], cwd=tests, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        assert self.hear() == {"ready": True}

    def order(self, **order):
        self.process.stdin.write(json.dumps({"home": str(self.home)} | order) + "\n")
        self.process.stdin.flush()

    def hear(self):
        return json.loads(self.process.stdout.readline())

    def answers(self):
        """All it says until the writer it forked has ended, and how that ended."""
        said = []
        while "ended" not in (words := self.hear()):
            said.append(words)
        return said, words["ended"]

    def run(self, **order):
        self.order(**order)
        return self.answers()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(timeout=30)

    def of(self, store):
        """The same process, to write to this store."""
        self.home = store.home
        return self


@pytest.fixture(scope="module")
def _first_process():
    one = Writer()
    yield one
    one.close()


@pytest.fixture(scope="module")
def _second_process():
    one = Writer()
    yield one
    one.close()


@pytest.fixture
def writer(_first_process, store):
    return _first_process.of(store)


@pytest.fixture
def second(_second_process, store):
    return _second_process.of(store)


def kinds(findings):
    return sorted(finding.kind for finding in findings)


def as_acknowledged(store, acknowledged):
    """Check that a store has what was acknowledged, and of each code nothing that never was."""
    held = {code: store.holding(code) for code in CODES}
    for code, bars in acknowledged.items():
        assert len(held[code].bars) >= bars
    for holding in held.values():
        if holding is not None:
            first = raw(HISTORY).iloc[: len(holding.bars)]
            pd.testing.assert_frame_equal(first, holding.bars, check_exact=True)
            assert holding.events == EVENTS
    if any(held.values()):
        entries = store.entries()
        panel = store.read()
        for code, holding in held.items():
            if holding is not None:
                assert entries[code].hash == holding.content_hash
                assert entries[code].bars == len(holding.bars)
                assert panel.last_bar(code) == holding.last


def note(acknowledged, answers):
    for words in answers:
        acknowledged[words["code"]] = max(acknowledged.get(words["code"], 0), words["bars"])


@pytest.mark.slow
def test_whatever_was_acknowledged_survives_a_kill_at_any_moment(store, writer):
    draw = random.Random(20241013)
    acknowledged = {}
    for start in range(1, 21):
        writer.order(grow=list(range(start, len(HISTORY))), tell_pid=True)
        pid = writer.hear()["pid"]
        first = writer.hear()
        time.sleep(draw.uniform(0, 0.15))
        os.kill(pid, signal.SIGKILL)
        answers, ended = writer.answers()
        assert ended == -signal.SIGKILL
        note(acknowledged, [first, *answers])
        as_acknowledged(store, acknowledged)
        found = store.survey()
        assert set(kinds(found)) <= {"leftover", "unlisted", "manifest"}
        assert kinds(found) == kinds(store.mend())
        assert [] == store.survey()
        as_acknowledged(store, acknowledged)
    assert acknowledged[CODE] >= 20


@pytest.mark.parametrize(
    ("call", "stored", "found"),
    [
        (("write", 1), False, ["leftover"]),
        (("fsync", 1), False, ["leftover"]),
        (("replace", 1), False, ["leftover"]),
        (("fsync", 2), True, ["unlisted"]),
        (("write", 2), True, ["leftover", "unlisted"]),
        (("fsync", 3), True, ["leftover", "unlisted"]),
        (("replace", 2), True, ["leftover", "unlisted"]),
        (("fsync", 4), True, []),
    ],
)
def test_a_writer_killed_within_a_put_leaves_the_old_bars_or_the_new(
    store, writer, call, stored, found
):
    store.put(growing(CODE, 10))
    answers, ended = writer.run(grow=[20], codes=[CODE], kill_at=call)

    assert ([], -signal.SIGKILL) == (answers, ended)
    assert (20 if stored else 10) == len(store.holding(CODE).bars)
    as_acknowledged(store, {CODE: 10})
    assert found == kinds(store.survey())

    assert found == kinds(store.mend())
    assert [] == store.survey()
    assert [] == [path.name for path in store.home.rglob("*.tmp")]
    as_acknowledged(store, {CODE: 10})
    assert 1 == store.put(growing(CODE, len(store.holding(CODE).bars) + 1)).added


def test_two_processes_that_write_one_code_lose_nothing(store, writer, second):
    last = 21
    writer.order(days=list(range(0, last, 2)), codes=[CODE, "300502.SZ"])
    second.order(days=list(range(1, last, 2)), codes=[CODE, "601595.SH"])
    for one, days in ((writer, 11), (second, 10)):
        answers, ended = one.answers()
        assert (0, 2 * days) == (ended, len(answers))

    whole = raw(HISTORY).iloc[:last]
    pd.testing.assert_frame_equal(whole, store.holding(CODE).bars, check_exact=True)
    assert whole["close"].tolist()[0::2] == store.holding("300502.SZ").bars["close"].tolist()
    assert whole["close"].tolist()[1::2] == store.holding("601595.SH").bars["close"].tolist()
    assert [] == store.survey()
    assert {CODE: last, "300502.SZ": -(-last // 2), "601595.SH": last // 2} == {
        code: entry.bars for code, entry in store.entries().items()
    }


def test_of_two_processes_with_two_sources_that_differ_one_is_refused(store, writer, second):
    prices = {"sina": 10.2, "eastmoney": 10.3}
    for one, (source, close) in zip((writer, second), prices.items(), strict=True):
        one.order(source=source, close=close)
    said = [words for one in (writer, second) for words in one.answers()[0]]
    held = store.holding(CODE)

    assert [False, True] == sorted("error" in words for words in said)
    (refused,) = [words["error"] for words in said if "error" in words]
    assert "the two cannot be joined" in refused
    assert {prices[held.source]} == set(held.bars["close"])
    assert [held.source] == [source for _, _, source in held.spans]
    assert [] == store.survey()


def test_a_lock_that_is_held_too_long_is_named(store, writer):
    store.put(growing(CODE, 10))
    writer.order(hold=60.0, tell_pid=True)
    pid = writer.hear()["pid"]
    assert writer.hear() == {"holding": True}

    with pytest.raises(PricesError) as caught:
        Store(store.home, patience=0.1).put(growing(CODE, 20))
    assert (
        "another process has been writing to the store for 0.1 s (it holds "
        f"{store.home / '.lock'}): nothing stored was changed; wait until it ends and run the "
        "command again"
    ) == str(caught.value)
    # Readers do not wait.
    assert 10 == len(store.holding(CODE).bars)
    assert (CODE,) == store.read().codes
    # The lock ends with the process that held it.
    os.kill(pid, signal.SIGKILL)
    assert ([], -signal.SIGKILL) == writer.answers()
    assert 10 == store.put(growing(CODE, 20)).added


def test_a_limit_on_file_size_is_said_and_changes_nothing(store, writer):
    store.put(growing(CODE, 10))
    before = store.path(CODE).read_bytes()
    answers, _ = writer.run(grow=[30], codes=[CODE], largest=1500)

    assert [
        {
            "error": f"{store.path(CODE)} cannot be written: the file would be larger than this "
            "system allows: nothing stored was changed; raise the limit (ulimit -f) and run the "
            "command again; it goes on where it stopped"
        }
    ] == answers
    assert before == store.path(CODE).read_bytes()
    assert [] == store.survey()


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (errno.ENOSPC, "the disk is full"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EROFS, "the disk is read-only"),
        (errno.EACCES, "no permission to write there"),
        (errno.EIO, "the disk failed (Input/output error)"),
    ],
)
def test_a_disk_that_fails_is_said_and_changes_nothing(store, monkeypatch, call, number, reason):
    store.put(growing(CODE, 10))
    before = {path: path.read_bytes() for path in store.home.rglob("*.*") if path.is_file()}

    def fails(*_):
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, call, fails)
        with pytest.raises(PricesError) as caught:
            store.put(growing(CODE, 20))
    said = str(caught.value)
    assert said.startswith(f"{store.path(CODE)} cannot be written: {reason}: nothing stored was ")
    assert said.endswith(" and run the command again; it goes on where it stopped")
    assert before == {p: p.read_bytes() for p in store.home.rglob("*.*") if p.is_file()}
    assert 10 == store.put(growing(CODE, 20)).added


def test_a_disk_that_is_full_before_the_manifest_keeps_the_bars_and_says_so(store, monkeypatch):
    real, calls = os.write, []

    def fails(*args):
        calls.append(args)
        if len(calls) > 1:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", fails)
        with pytest.raises(PricesError) as caught:
            store.put(growing(CODE, 10))
    assert (
        f"{store.manifest} cannot be written: the disk is full: the bars of {CODE} are stored; "
        "free some space and run the command again; it goes on where it stopped"
    ) == str(caught.value)
    assert 10 == store.entries()[CODE].bars


NOBODY = 65534


def _anybody_can_import():
    """Whether every user may read the folder that the packages lie in."""
    place = Path(sys.prefix)
    return all(folder.stat().st_mode & 0o005 == 0o005 for folder in (place, *place.parents))


def test_a_folder_without_permission_is_said(writer):
    if os.geteuid() == 0 and not _anybody_can_import():
        pytest.skip("root may write anywhere, and no other user can run this Python")
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        os.chmod(folder, 0o755)
        store = Store(home)
        store.put(growing(CODE, 10))
        for path in (home, store.bars):
            path.chmod(0o555)
        user = {"user": NOBODY} if os.geteuid() == 0 else {}
        answers, _ = writer.run(grow=[20], codes=[CODE], **user, home=str(home))
        for path in (home, store.bars):
            path.chmod(0o755)

        assert 1 == len(answers)
        assert answers[0]["error"].startswith(f"{home / '.lock'} cannot be written: no permission ")
        assert "set THESIS_HOME to a folder of yours" in answers[0]["error"]
        assert 10 == len(store.holding(CODE).bars)


def lengths(size):
    return [0, 3, 4, 8, 100, size // 2, size - 100, size - 8, size - 4, size - 1]


def test_a_file_cut_off_anywhere_is_found_and_moved_aside_by_the_next_put(store):
    store.put(growing(CODE, 30))
    store.put(growing("300502.SZ", 30))
    data = store.path(CODE).read_bytes()
    for number, length in enumerate(lengths(len(data)), start=1):
        store.path(CODE).write_bytes(data[:length])

        with pytest.raises(DamagedError, match=f"^{store.path(CODE)} cannot be read: .*; thesis "):
            store.holding(CODE)
        with pytest.raises(PricesError, match="cannot be read"):
            store.read()
        assert ["300502.SZ"] == list(store.entries())
        assert ["damaged"] == kinds(store.survey())

        change = store.put(growing(CODE, 30))
        assert (30, data[:length]) == (change.added, change.aside.read_bytes())
        assert [f"its stored file was damaged and was moved to {change.aside}"] == (
            change.sentences()
        )
        assert number == len(list(store.damaged.iterdir()))
        assert [] == store.survey()


def test_no_flipped_bit_passes(store):
    store.put(delivery(events=(step("2024-10-16", 1.4, 1.2),)))
    held = store.holding(CODE)
    path = store.path(CODE)
    data = path.read_bytes()
    refused = 0
    for place in range(0, len(data), 7):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        path.write_bytes(bytes(changed))
        try:
            found = store.holding(CODE)
        except DamagedError:
            refused += 1
            continue
        if found is None:  # its notes are not to be found: any file of bars
            assert ["foreign"] == kinds(store.survey())
            continue
        # Bytes that carry nothing, such as statistics and the library's name.
        assert held.content_hash == found.content_hash
        assert held.bars.equals(found.bars)
        assert (held.events, held.asked, held.spans) == (found.events, found.asked, found.spans)
    assert refused > len(data) // 7 // 2


def test_bars_changed_by_hand_are_not_what_was_stored(store):
    import pyarrow as pa
    import pyarrow.parquet as pq

    store.put(delivery())
    path = store.path(CODE)
    metadata = pq.read_metadata(path).metadata
    notes = {key: metadata[key] for key in (b"thesis", b"thesis_seal")}
    table = pq.read_table(path)
    close = pa.array([10.2, 10.21, 10.22, 10.23, 10.25])
    table = table.set_column(table.column_names.index("close"), "close", close)
    pq.write_table(table.replace_schema_metadata(notes), path, write_page_checksum=True)

    with pytest.raises(DamagedError, match="its bars are not those that were stored"):
        store.holding(CODE)
    with pytest.raises(DamagedError, match="its bars are not those that were stored"):
        store.read()


def test_any_reader_of_parquet_can_find_a_flipped_bit(store):
    import pyarrow.parquet as pq

    store.put(delivery())
    group = pq.read_metadata(store.path(CODE)).row_group(0)
    for at in range(group.num_columns):
        chunk = group.column(at)
        start = chunk.dictionary_page_offset or chunk.data_page_offset
        changed = bytearray(store.path(CODE).read_bytes())
        changed[start + chunk.total_compressed_size - 1] ^= 1
        copy = store.home / "copy.parquet"
        copy.write_bytes(bytes(changed))

        with pytest.raises(OSError, match="CRC checksum verification failed"):
            pq.read_table(copy, page_checksum_verification=True)


def test_a_flipped_bit_in_a_column_that_the_store_does_not_read_is_found(store):
    store.put(delivery(events=(step("2024-10-16", 1.4, 1.2),)))
    import pyarrow.parquet as pq

    path = store.path(CODE)
    group = pq.read_metadata(path).row_group(0)
    names = [group.column(at).path_in_schema for at in range(group.num_columns)]
    chunk = group.column(names.index("share_factor"))
    changed = bytearray(path.read_bytes())
    start = chunk.dictionary_page_offset or chunk.data_page_offset
    changed[start + chunk.total_compressed_size - 1] ^= 1
    path.write_bytes(bytes(changed))

    assert ["damaged"] == kinds(store.survey())


def test_a_file_under_another_code_is_damaged(store):
    store.put(growing(CODE, 10))
    store.path(CODE).rename(store.path("300502.SZ"))

    with pytest.raises(DamagedError, match=r"300502.SZ.parquet cannot be read: it holds bars of "):
        store.holding("300502.SZ")
    assert ["damaged", "fileless"] == kinds(store.survey())
    assert ["damaged", "fileless"] == kinds(store.mend())
    assert ({}, []) == (store.entries(), store.survey())
    assert 1 == len(list(store.damaged.iterdir()))


def test_a_manifest_cut_off_anywhere_is_rebuilt_and_kept_aside(store):
    store.put(growing(CODE, 30))
    store.put(growing("300502.SZ", 20))
    data, entries = store.manifest.read_bytes(), store.entries()
    for length in lengths(len(data)):
        store.manifest.write_bytes(data[:length])

        assert entries == store.entries()
        found = store.survey()
        assert ["manifest"] == kinds(found)
        assert str(found[0]).startswith(f"{store.manifest} cannot be read: ")
        mended = store.mend()
        assert ["manifest"] == kinds(mended)
        assert str(mended[0]).endswith(", and it was rebuilt from the files")
        assert data == store.manifest.read_bytes()
        assert [] == store.survey()
    assert sorted(data[:n] for n in lengths(len(data))) == sorted(
        path.read_bytes() for path in store.damaged.iterdir()
    )


def test_no_flipped_bit_in_the_manifest_passes(store):
    store.put(growing(CODE, 30))
    data, entries = store.manifest.read_bytes(), store.entries()
    for place in range(0, len(data), 5):
        changed = bytearray(data)
        changed[place] ^= 1 << place % 8
        store.manifest.write_bytes(bytes(changed))
        try:
            assert entries == store.entries()
        except PricesError as error:
            assert "upgrade thesis" in str(error)  # noqa: PT017 - the one byte of the format


def test_a_put_mends_a_manifest_it_cannot_read(store):
    store.put(growing(CODE, 30))
    store.manifest.write_text("{")
    store.put(growing("300502.SZ", 20))

    assert [CODE, "300502.SZ"] == list(store.entries())
    assert [] == store.survey()
    assert ["{"] == [path.read_text() for path in store.damaged.iterdir()]


def test_a_manifest_that_is_gone_is_one_finding(store):
    store.put(growing(CODE, 30))
    store.put(growing("300502.SZ", 20))
    entries = store.entries()
    store.manifest.unlink()

    assert entries == store.entries()
    assert [f"{store.manifest} is gone"] == [str(finding) for finding in store.survey()]
    assert [f"{store.manifest} is gone; it was rebuilt from the files"] == [
        str(finding) for finding in store.mend()
    ]
    assert ([], entries) == (store.survey(), store.entries())


def test_a_file_that_is_gone_is_found_and_taken_out_of_the_manifest(store):
    store.put(growing(CODE, 30))
    store.path(CODE).unlink()

    assert {} == store.entries()
    path = store.path(CODE)
    assert [f"{path} is in the manifest, but there is no such file"] == [
        str(finding) for finding in store.survey()
    ]
    assert [
        f"{path} is in the manifest, but there is no such file; it was taken out of the manifest"
    ] == [str(finding) for finding in store.mend()]
    assert [] == store.survey()


def test_a_file_somebody_put_there_is_adopted(store, tmp_path):
    elsewhere = Store(tmp_path / "elsewhere")
    elsewhere.put(growing(CODE, 30))
    store.put(growing("300502.SZ", 20))
    store.path(CODE).write_bytes(elsewhere.path(CODE).read_bytes())

    assert 30 == store.entries()[CODE].bars
    assert ["unlisted"] == kinds(store.survey())
    assert ["unlisted"] == kinds(store.mend())
    assert [] == store.survey()


def test_a_copied_store_is_whole(store, tmp_path):
    import shutil

    store.put(growing(CODE, 30))
    shutil.copytree(store.home, tmp_path / "copy", copy_function=shutil.copyfile)
    copy = Store(tmp_path / "copy")

    assert [] == copy.survey()
    assert 30 == copy.entries()[CODE].bars


def test_a_file_thesis_did_not_write_is_read_and_named_and_kept_when_replaced(store):
    store.bars.mkdir(parents=True)
    raw().assign(code=CODE, factor=1.0).to_parquet(store.path(CODE))
    data = store.path(CODE).read_bytes()

    assert (CODE,) == store.read().codes
    assert store.holding(CODE) is None
    assert {} == store.entries()
    assert ["foreign"] == kinds(store.survey())
    assert ["foreign"] == kinds(store.mend())

    # Nothing is moved for bars that cannot be stored.
    with pytest.raises(PricesError, match="high"):
        store.put(delivery(high=1.0))
    assert data == store.path(CODE).read_bytes()
    assert data == store.put(delivery()).aside.read_bytes()


def test_only_a_damaged_file_is_set_aside(store):
    store.put(growing(CODE, 30))

    assert store.set_aside(CODE) is None
    assert store.set_aside("300502.SZ") is None
    store.path(CODE).write_bytes(b"PAR1")
    assert b"PAR1" == store.set_aside(CODE).read_bytes()
    assert (None, {}, []) == (store.holding(CODE), store.entries(), store.survey())
    raw().assign(code=CODE, factor=1.0).to_parquet(store.path(CODE))
    assert store.set_aside(CODE) is None


def test_files_of_a_newer_format_are_left_alone(store):
    import pyarrow.parquet as pq

    from thesis.market.storage import barfile, notes

    holding_of = store.put(growing(CODE, 30))
    assert holding_of.added == 30
    held = store.holding(CODE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(barfile, "FORMAT", notes.FORMAT + 1)
        store.path(CODE).write_bytes(barfile.encode(held, None))

    assert 30 == pq.read_metadata(store.path(CODE)).num_rows
    for ask in (lambda: store.holding(CODE), store.read, lambda: store.put(growing(CODE, 31))):
        with pytest.raises(PricesError, match="is of format 2, and this thesis knows 1 alone; up"):
            ask()
    assert ["unreadable"] == kinds(store.survey())
    assert 30 == pq.read_metadata(store.path(CODE)).num_rows


def test_impossible_bars_change_nothing(store):
    store.put(delivery(days=DAYS[:3]))
    before = store.path(CODE).read_bytes()

    with pytest.raises(PricesError, match=r"^sina: 300308.SZ on 2024-10-17: open 10, high 9, "):
        store.put(delivery(days=DAYS[3:], high=9.0))
    assert before == store.path(CODE).read_bytes()
