"""What all tests share: the folder of real prices."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.hosts import FakeHosts, known_hosts, turned_round
from pytest_httpserver import HTTPServer


@pytest.fixture(scope="session")
def market() -> Path:
    """A folder of real prices, which is not part of the project; without one the test skips."""
    asked = os.environ.get("THESIS_TEST_MARKET")
    shared = Path(__file__).resolve().parents[1].parent / "shared" / "market"
    folder = Path(asked) if asked else shared
    if not (folder / "index.parquet").is_file():
        pytest.skip(
            f"no real prices in {folder}: set THESIS_TEST_MARKET to a folder with bars.parquet "
            "and index.parquet"
        )
    return folder


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the price store or thesis files of the person who runs it."""
    monkeypatch.setenv("THESIS_HOME", str(tmp_path_factory.getbasetemp() / "no-store"))
    monkeypatch.delenv("THESIS_STRATEGIES", raising=False)


@pytest.fixture
def hosts() -> Iterator[FakeHosts]:
    """Local fakes of the hosts behind akshare and yfinance; every other host is unreachable."""
    with HTTPServer() as server:
        fake = FakeHosts(server)
        with turned_round(fake.url, known_hosts(fake)):
            yield fake
