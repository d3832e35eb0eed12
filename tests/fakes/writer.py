"""A process that writes to a store and can be killed at any moment; it takes one order a line.

It loads its libraries once and forks a writer for each order, so that many can be killed.
"""

import json
import os
import signal
import sys
import tempfile
import time
from pathlib import Path

import pandas as pd
from fakes.deliveries import delivery, raw, step

from thesis.errors import PricesError
from thesis.market.storage.disk import locked
from thesis.market.store import Store

HISTORY = pd.bdate_range("2024-10-08", "2024-11-29").strftime("%Y-%m-%d").tolist()
EVENTS = (step("2024-10-16", 1.1, 1.0), step("2024-11-11", 1.32, 1.2))
AFTER = pd.Timestamp("2024-12-02", tz="UTC").to_pydatetime()
CODES = ("300308.SZ", "300502.SZ", "601595.SH")


def growing(code, bars):
    """The first so many bars of a code."""
    return delivery(code, bars=raw(HISTORY).iloc[:bars], events=EVENTS, at=AFTER)


def one_day(code, row):
    """One bar of a code."""
    return delivery(code, bars=raw(HISTORY).iloc[[row]], events=EVENTS, at=AFTER)


def put(store, one, tell):
    store.put(one)
    tell({"code": one.code, "bars": len(one.bars), "last": str(one.asked_to)})


def killed_at(name, count):
    """Kill this process when it makes its `count`-th call of an ``os`` function, half done."""
    real, calls = getattr(os, name), []

    def call(*args):
        calls.append(args)
        if len(calls) == count:
            if name == "write":
                real(args[0], bytes(args[1])[: len(args[1]) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return real(*args)

    setattr(os, name, call)


def obey(order, tell):
    store = Store(Path(order["home"]), patience=order.get("patience", 60.0))
    if order.get("tell_pid"):
        tell({"pid": os.getpid()})
    if "kill_at" in order:
        killed_at(*order["kill_at"])
    if "user" in order:
        os.setegid(order["user"])
        os.seteuid(order["user"])
    if "largest" in order:
        import resource

        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest"], order["largest"]))
    if "hold" in order:
        with locked(store.home / ".lock", 10):
            tell({"holding": True})
            time.sleep(order["hold"])
    if "source" in order:
        bars = raw(HISTORY, close=order["close"])
        put(store, delivery(CODES[0], bars=bars, at=AFTER, source=order["source"]), tell)
    for bars in order.get("grow", ()):
        for code in order.get("codes", CODES):
            put(store, growing(code, bars), tell)
    for row in order.get("days", ()):
        for code in order.get("codes", CODES):
            put(store, one_day(code, row), tell)


def main():
    def tell(words):
        os.write(1, (json.dumps(words) + "\n").encode())

    # What a put loads and remembers is there before the fork: a writer is at work at once.
    with tempfile.TemporaryDirectory() as home:
        Store(Path(home)).put(growing(CODES[0], 1))
    tell({"ready": True})
    for line in sys.stdin:
        order = json.loads(line)
        child = os.fork()
        if child == 0:
            try:
                obey(order, tell)
            except PricesError as error:
                tell({"error": str(error)})
            finally:
                os._exit(0)
        _, status = os.waitpid(child, 0)
        tell({"ended": -os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0})


if __name__ == "__main__":
    main()
