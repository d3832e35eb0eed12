"""Speed of the store as a ratio in one run: reading it against bare pyarrow on the same files."""

import datetime as dt
import shutil
import statistics
import time

import pandas as pd
import pyarrow.parquet as pq
import pytest
from fakes.deliveries import delivery, raw, step

from thesis.market.store import Store

NOISE = 1.6


@pytest.fixture
def store(tmp_path, market):
    """The reference set of real prices, as `thesis fetch` would store it."""
    one = Store(tmp_path)
    frame = pd.read_parquet(market / "bars.parquet")
    frame["date"] = pd.to_datetime(frame["date"])
    for code, bars in frame.groupby("code"):
        moved = bars[["factor", "share_factor"]].diff().any(axis=1)
        events = tuple(
            step(str(row.date.date()), row.factor, row.share_factor)
            for row in bars[moved].itertuples()
        )
        at = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
        one.put(delivery(str(code), bars=bars[list(raw())], events=events, at=at))
    # The whole market's listings stand beside the bars, as after a fetch.
    shutil.copy(market / "securities.csv", tmp_path)
    history = pd.read_csv(market / "sw_membership.csv.gz", dtype="str")
    history[history["vintage"] == "2024-08-31"].to_csv(tmp_path / "sw_membership.csv", index=False)
    return one


def test_reading_the_store_costs_little_more_than_reading_its_files(benchmark, store):
    paths = [store.path(code) for code in store.stored()]
    took = []

    def bare():
        start = time.perf_counter()
        for path in paths:
            pq.read_table(path)
        took.append(time.perf_counter() - start)

    bare()
    store.read()
    benchmark.pedantic(store.read, setup=bare, rounds=15, iterations=1)
    ratio = benchmark.stats.stats.median / statistics.median(took)
    benchmark.extra_info["ratio"] = round(ratio, 3)

    assert 31 == len(paths)
    assert ratio <= 2.0 * NOISE
