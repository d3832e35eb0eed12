"""Taking our side's time: by pytest-benchmark where it measures, by hand where it cannot."""

import gc
import time
from collections.abc import Callable
from typing import Any

import pytest


@pytest.fixture
def timings(benchmark: Any) -> Callable[..., list[float]]:
    """CPU seconds of each round of a call, whose `setup` gives its arguments.

    Beside other workers pytest-benchmark only calls, and measures nothing. A ratio of CPU times
    taken in turns stands there too, so the rounds are taken here.
    """

    def taken(call: Callable[..., Any], setup: Callable[[], Any], rounds: int) -> list[float]:
        if benchmark.enabled:
            benchmark.pedantic(call, setup=setup, rounds=rounds, iterations=1)
            return list(benchmark.stats.stats.data)
        benchmark.pedantic(lambda: None)  # it warns where it was not used
        took = []
        for _ in range(rounds):
            arguments, named = setup() or ((), {})
            gc.disable()  # as pytest-benchmark does
            try:
                start = time.process_time()
                call(*arguments, **named)
                took.append(time.process_time() - start)
            finally:
                gc.enable()
        return took

    return taken
