"""Speed of the store as a ratio in one run: reading it against bare pyarrow on the same files."""

import shutil
import statistics
import time

import pandas as pd
import pyarrow.parquet as pq
import pytest

from thesis.market.store import Store

NOISE = 1.6


@pytest.fixture
def store(tmp_path, market, reference_store):
    """The reference set of real prices, as `thesis fetch` would store it."""
    home = tmp_path / "home"
    shutil.copytree(reference_store[0], home)
    # The whole market's listings stand beside the bars, as after a fetch.
    shutil.copy(market / "securities.csv", home)
    history = pd.read_csv(market / "sw_membership.csv.gz", dtype="str")
    history[history["vintage"] == "2024-08-31"].to_csv(home / "sw_membership.csv", index=False)
    return Store(home)


@pytest.mark.benchmark(timer=time.process_time)  # a busy machine slows both sides alike
def test_reading_the_store_costs_little_more_than_reading_its_files(benchmark, timings, store):
    paths = [store.path(code) for code in store.stored()]
    took = []

    def bare():
        start = time.process_time()
        for path in paths:
            pq.read_table(path, use_threads=False)
        took.append(time.process_time() - start)

    bare()
    store.read()
    ratio = statistics.median(timings(store.read, bare, 15)) / statistics.median(took)
    benchmark.extra_info["ratio"] = round(ratio, 3)

    assert 31 == len(paths)
    assert ratio <= 2.0 * NOISE
