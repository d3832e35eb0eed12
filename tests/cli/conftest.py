"""The command line in this process, and bars to feed it."""

import contextlib
import io
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from fakes.hosts import FakeHosts, known_hosts, turned_round
from fakes.world import serve_world

import thesis
from thesis.cli import main
from thesis.scoring.needs import wanted_codes


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@dataclass(frozen=True)
class FirstFetch:
    """What a fetch printed, and the store that it filled."""

    ran: Ran
    home: Path


@pytest.fixture(scope="session")
def run():
    """Run ``thesis ARGS`` and give its exit code and both streams."""

    def call(*args):
        out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", newline="\n") for _ in range(2))
        with (
            pytest.MonkeyPatch.context() as patch,
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            patch.setattr(sys, "argv", ["thesis", *map(str, args)])
            try:
                main()
                code = 0
            except SystemExit as stop:
                code = stop.code or 0
        for stream in (out, err):
            stream.flush()
        return Ran(code, out.buffer.getvalue().decode(), err.buffer.getvalue().decode())

    return call


@pytest.fixture(scope="session")
def first_fetch(tmp_path_factory, market, _server, run):
    """A fetch of media_ai over fakes of every host, once for all tests that start from one."""
    place = tmp_path_factory.mktemp("fetched") / "home"
    _server.clear()
    hosts = FakeHosts(_server)
    serve_world(hosts, market, thesis.load("media_ai").codes)
    with pytest.MonkeyPatch.context() as patch, turned_round(hosts.url, known_hosts(hosts)):
        patch.setattr("thesis.market.sources.wire.PACE", 0.0)
        patch.setenv("THESIS_HOME", str(place))
        ran = run("fetch", "media_ai", "--source", "akshare", "--end", "2026-04-30")
    assert 0 == ran.code, ran.err
    return FirstFetch(ran, place)


@pytest.fixture(scope="session")
def _sample_bars():
    codes = wanted_codes(thesis.load("media_ai"))
    bars = thesis.read_prices("sample", codes).to_frame()
    # Not the sample itself, which is known wherever it turns up: prices twice as high.
    for column in ("open", "high", "low", "close", "pre_close", "amount"):
        bars[column] *= 2
    return bars


@pytest.fixture
def bars(_sample_bars):
    """Bars of media_ai and its indices, as a user's own DataFrame; a copy each time."""
    return _sample_bars.copy()


@pytest.fixture
def folder(tmp_path):
    """Write bars as a market folder and give its path."""

    def write(frame):
        place = tmp_path / "prices"
        place.mkdir(exist_ok=True)
        frame.to_parquet(place / "bars.parquet")
        return place

    return write
