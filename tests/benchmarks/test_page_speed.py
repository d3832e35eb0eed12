"""Speed of pages as ratios in one run: a page against its backtest, eleven against one.

Every figure counts from the start of a new process. The commands run in it one after another, so a
later one is spared the import of the engine; each ratio is set so that this does not flatter it.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path

from thesis.research.catalog import Catalog

STOPWATCH = Path(__file__).with_name("stopwatch.py")

#: A page in at most so many times the backtest it shows, whose evidence it shows too.
A_PAGE = 1.5
#: All pages in at most so many times one page, beside the backtests.
ALL_PAGES = 3.0


def seconds(*commands):
    """CPU seconds since the start of a new process, after each command."""
    ran = subprocess.run(
        [sys.executable, str(STOPWATCH), "import sys", *commands],
        check=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    return [each["seconds"] for each in json.loads(ran.stdout)[1:]]


def test_a_page_takes_at_most_half_as_long_again_as_its_backtest(
    market, tmp_path, record_testsuite_property
):
    prices = f"--prices '{market}' --as-of 2026-04-30"
    ratios = []
    for _ in range(3):
        (backtest,) = seconds(f"backtest media_ai {prices}")
        (page,) = seconds(f"report media_ai --html {tmp_path / 'page.html'} {prices}")
        ratios.append(page / backtest)
        if max(ratios) <= A_PAGE:
            break
    record_testsuite_property("ratio of a page and its backtest", [round(r, 2) for r in ratios])

    assert statistics.median(ratios) <= A_PAGE


def test_eleven_pages_take_at_most_three_times_one_beside_the_backtests(
    market, tmp_path, record_testsuite_property
):
    prices = f"--prices '{market}' --as-of 2026-04-30"
    backtests = [f"backtest {name} {prices}" for name in Catalog.default().bundled()]
    (page,) = seconds(f"report media_ai --html {tmp_path / 'page.html'} {prices}")
    # One process for all: the engine is loaded once, as report --all does.
    beside = seconds(*backtests)[-1]
    (every,) = seconds(f"report --all --html {tmp_path / 'all'} {prices}")
    record_testsuite_property("one page", round(page, 2))
    record_testsuite_property("the backtests", round(beside, 2))
    record_testsuite_property("all pages", round(every, 2))

    assert 12 == len(list((tmp_path / "all").glob("*.html")))
    assert every <= ALL_PAGES * page + beside
