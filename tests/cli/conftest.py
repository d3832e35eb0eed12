"""The command line in this process, and bars to feed it."""

import sys
from dataclasses import dataclass

import pytest

import thesis
from thesis.cli import main
from thesis.scoring.needs import wanted_codes


@dataclass(frozen=True)
class Ran:
    code: int
    out: str
    err: str


@pytest.fixture
def run(monkeypatch, capsys):
    """Run ``thesis ARGS`` and give its exit code and both streams."""

    def call(*args):
        monkeypatch.setattr(sys, "argv", ["thesis", *map(str, args)])
        try:
            main()
            code = 0
        except SystemExit as stop:
            code = stop.code or 0
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


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
