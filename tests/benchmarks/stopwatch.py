"""Import the engine, then run commands of ``thesis``, in one new process, and say what it took.

``python stopwatch.py "import vectorbt" "backtest media_ai" "list"`` prints one JSON list: the
CPU seconds since the start and the peak memory after the statement and after each command. The
statement comes first in a process that has imported nothing, so it is measured as a program of its
own would be; and since all counts from the start, no command looks cheaper than it is alone.
"""

import contextlib
import json
import os
import shlex
import sys
import time

try:
    import resource
except ImportError:  # Windows
    resource = None


def run(command: str) -> None:
    from thesis.cli import main

    sys.argv = ["thesis", *shlex.split(command)]
    try:
        main()
    except SystemExit as stop:
        if stop.code:
            raise


def taken(start: float) -> dict[str, float | None]:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if resource else None
    return {"seconds": time.process_time() - start, "peak": peak}


if __name__ == "__main__":
    statement, *commands = sys.argv[1:]
    start = time.process_time()
    exec(statement)
    told = [taken(start)]
    with open(os.devnull, "w", encoding="utf-8") as nowhere, contextlib.redirect_stdout(nowhere):
        for command in commands:
            run(command)
            told.append(taken(start))
    sys.stdout.write(json.dumps(told))
