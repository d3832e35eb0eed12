"""What all tests share: the folder of real prices."""

import functools
import importlib.metadata
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes.deliveries import put_market
from fakes.hosts import FakeHosts, known_hosts, turned_round
from hypothesis import settings
from pytest_httpserver import HTTPServer

from thesis.market.store import Store

# How long an example takes says how busy the machine is, not whether it is right.
settings.register_profile("house", deadline=None)
settings.load_profile("house")


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


@pytest.fixture(scope="session")
def reference_store(tmp_path_factory: pytest.TempPathFactory, market: Path) -> tuple[Path, list]:
    """The real prices as a store, for tests that only read it; what putting each code changed."""
    home = tmp_path_factory.mktemp("reference") / "home"
    return home, put_market(Store(home), market)


@pytest.fixture(scope="session", autouse=True)
def _plugins_looked_up_once() -> Iterator[None]:
    """What is installed does not change while tests run, and looking reads every package."""
    look = functools.cache(importlib.metadata.entry_points)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("thesis.research.catalog.entry_points", look)
        patch.setattr("thesis.market.sources.source.entry_points", look)
        yield


@pytest.fixture(autouse=True)
def _own_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees the price store or thesis files of the person who runs it."""
    monkeypatch.setenv("THESIS_HOME", str(tmp_path_factory.getbasetemp() / "no-store"))
    monkeypatch.delenv("THESIS_STRATEGIES", raising=False)


@pytest.fixture(scope="session")
def _server() -> Iterator[HTTPServer]:
    with HTTPServer(threaded=True) as server:
        yield server


@pytest.fixture
def hosts(_server: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHosts]:
    """Local fakes of the hosts behind akshare and yfinance; every other host is unreachable."""
    _server.clear()
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # a line a request buries a failure
    monkeypatch.setattr("thesis.market.sources.wire.PACE", 0.0)  # nobody to be polite to
    fake = FakeHosts(_server)
    with turned_round(fake.url, known_hosts(fake)):
        yield fake


@pytest.fixture
def yfinance_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """yfinance keeps a session, replies and three databases for the life of a program."""
    import yfinance as yf
    from yfinance import cache
    from yfinance.data import SingletonMeta, YfData

    yf.set_tz_cache_location(str(tmp_path))
    monkeypatch.setattr(cache._CookieCacheManager, "_Cookie_cache", None)
    monkeypatch.setattr(cache._TzCacheManager, "_tz_cache", None)
    SingletonMeta._instances.clear()
    YfData.cache_get.cache_clear()
    yield
    SingletonMeta._instances.clear()
    YfData.cache_get.cache_clear()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Tests of live hosts run when they are asked for, as ``pytest -m live``."""
    if "live" in (config.option.markexpr or ""):
        return
    off = pytest.mark.skip(reason="it asks real hosts; pytest -m live runs it")
    for item in items:
        if "live" in item.keywords:
            item.add_marker(off)
