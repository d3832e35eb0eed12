"""The public verbs: load, check, read_prices, backtest, compare. They walk the rooms in order."""

import datetime as dt
import os
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from thesis.errors import Caution, ThesisError, UsageError
from thesis.market.benchmark import TOTAL_RETURN, Basis
from thesis.market.calendar import SHANGHAI, Timing, timing
from thesis.market.industry import INDUSTRIES
from thesis.market.panel import PricePanel
from thesis.market.prices import Where, open_prices
from thesis.market.store import Store
from thesis.reporting.backtest import Backtest
from thesis.reporting.comparison import Comparison, Failure
from thesis.research.catalog import Catalog
from thesis.research.thesis import Thesis
from thesis.scoring.assess import score_thesis
from thesis.scoring.score import Case
from thesis.trading.execution import execute
from thesis.trading.strategy import Strategy

#: Calendar days before publication whose bars are read: over 500 sessions, more than any weighting
#: or estimation window looks back.
HISTORY_DAYS = 800

Strategies = str | os.PathLike[str] | None


def load(name: str | os.PathLike[str], *, strategies: Strategies = None) -> Thesis:
    """Load a thesis by name or path.

    Parameters
    ----------
    name
        A path to a ``.toml`` file, or a name: looked up in `strategies`, ``$THESIS_STRATEGIES``,
        ``./strategies``, installed packages, and the bundled theses, in that order.
    strategies
        A folder of thesis files that goes first.

    Raises
    ------
    ThesisFileError
        If there is none of that name (the text names the nearest), or its file breaks a rule.

    Examples
    --------
    >>> load("optical_module").codes
    ('300308.SZ', '300502.SZ', '300394.SZ')
    """
    return Catalog.default(strategies).load(os.fspath(name))


def check(thesis: Thesis | str | os.PathLike[str], strategy: Strategy | None = None) -> Timing:
    """The entry session and window ends a thesis will be scored on; loading it checks the rest.

    Raises
    ------
    ThesisFileError
        As `load`.
    """
    found = thesis if isinstance(thesis, Thesis) else load(thesis)
    how = strategy or Strategy()
    return timing(found.source.published, found.scale, how.entry, how.delay)


def read_prices(where: Where = None, codes: Iterable[str] | None = None) -> PricePanel:
    """Read and check bars.

    Parameters
    ----------
    where
        ``"store"``, ``"sample"``, a Parquet or CSV file, a folder of them, or a DataFrame in the
        bars schema ``code date open high low close volume amount factor``. None: the sample.
    codes
        Read these alone: three million bars of the whole market take some two gigabytes.

    Raises
    ------
    PricesError
        If there is nothing to read, or a bar is impossible.

    Examples
    --------
    >>> read_prices("sample", ["300308.SZ"])
    <PricePanel of 1 codes, 2024-01-02 to 2025-07-31, SIMULATED from the bundled SIMULATED sample>
    """
    if isinstance(codes, str):
        codes = [codes]
    asked = None if codes is None else list(dict.fromkeys(codes))
    if asked is not None and not asked:
        raise UsageError("codes = []: name at least one code, or leave codes out to read all")
    panel = open_prices("sample" if where is None else where, asked)
    missing = [code for code in asked or [] if code not in panel]
    if not missing:
        return panel
    caution = Caution("no_bars", f"{panel.origin} has no bars of {', '.join(missing)}")
    return replace(panel, cautions=(*panel.cautions, caution))


def needed_codes(thesis: Thesis) -> tuple[str, ...]:
    """The codes without which a thesis cannot be scored on real prices."""
    sector = thesis.claim.sector_index
    return (*thesis.codes, thesis.scale.benchmark, *((sector,) if sector else ()))


def wanted_codes(thesis: Thesis) -> tuple[str, ...]:
    """Every code a score looks at: names, benchmarks, and the indices of all industries."""
    benchmark = thesis.scale.benchmark
    total = TOTAL_RETURN.get(benchmark)
    return (
        *needed_codes(thesis),
        *((total,) if total else ()),
        *thesis.claim.report_sectors,
        *(industry.code for industry in INDUSTRIES),
    )


def backtest(
    thesis: Thesis | str | os.PathLike[str],
    prices: Where = None,
    strategy: Strategy | None = None,
    *,
    basis: Basis = "total",
    as_of: dt.date | str | None = None,
    strategies: Strategies = None,
    command: str | None = None,
    **options: Any,
) -> Backtest:
    """Backtest a thesis and judge its claim.

    Parameters
    ----------
    thesis
        A `Thesis`, a name or a path.
    prices
        As for `read_prices`, or a `PricePanel`. None: the local price store when it has all the
        codes, else the bundled sample, whose prices are SIMULATED. No network is touched.
    strategy
        How the names are bought; `options` (``entry delay weights capital costs lots max_wait``)
        change single fields of it.
    basis
        ``total``: dividends reinvested, against the total-return index. ``price``: no dividends on
        either side.
    as_of
        "Today": windows that end later are ``not_yet``. Default: today in Shanghai.

    Raises
    ------
    ThesisFileError, PricesError, UsageError
        For input that cannot be; the text says which and what to do.
    VerificationError
        If vectorbt and the planner's own ledger differ.

    Examples
    --------
    >>> result = backtest("optical_module", prices="sample", delay=3)
    >>> result.score.when.entry
    datetime.date(2024, 10, 17)
    """
    found = thesis if isinstance(thesis, Thesis) else load(thesis, strategies=strategies)
    if basis not in ("total", "price"):
        raise UsageError(f"basis = {basis!r}: give total or price")
    try:
        how = replace(strategy or Strategy(), **options)
    except TypeError:
        known = "entry delay weights capital costs lots max_wait"
        raise UsageError(f"unknown option {', '.join(options)}; a strategy has {known}") from None
    panel = open_prices(prices, set(wanted_codes(found)), needed_codes(found), _first_day(found))
    today = _today(as_of)
    case = Case(found, how, panel.up_to(today), basis, today)
    return run(case, command or _call(found, prices, how, basis))


def run(case: Case, command: str) -> Backtest:
    """Score a case and have vectorbt execute its orders."""
    score = score_thesis(case)
    portfolio = None
    if score.traded is not None and score.traded.codes:
        portfolio = execute(score.traded.ledger, score.traded.codes)
    return Backtest(score, portfolio, command)


def compare(
    theses: Iterable[Thesis | str | os.PathLike[str]] | None = None,
    prices: Where = None,
    strategy: Strategy | None = None,
    *,
    strategies: Strategies = None,
    progress: Callable[[str], None] | None = None,
    **options: Any,
) -> Comparison:
    """Backtest several theses on the same prices and rules.

    Parameters
    ----------
    theses
        Theses, names or paths. None: every bundled one.
    progress
        Called with each thesis's name before its turn.
    options
        As for `backtest`.

    Returns
    -------
    Comparison
        A thesis that cannot be backtested stands among the failures, with its reason.

    Raises
    ------
    ThesisFileError
        If a thesis cannot be found or read.
    """
    catalog = Catalog.default(strategies)
    asked = catalog.bundled() if theses is None else list(theses)
    found = [each if isinstance(each, Thesis) else catalog.load(os.fspath(each)) for each in asked]
    if not found:
        raise UsageError("no thesis to compare; name at least one")
    ids = [thesis.id for thesis in found]
    if twice := {name for name in ids if ids.count(name) > 1}:
        raise UsageError(f"two theses have the id {', '.join(sorted(twice))}; ids must differ")
    first = min((_first_day(thesis) for thesis in found), default=None)
    panels = _panels(prices, found, first)
    results, failures = [], []
    for thesis in found:
        if progress is not None:
            progress(thesis.id)
        try:
            own = panels[thesis.id].select(wanted_codes(thesis))
            results.append(
                backtest(
                    thesis, _own_cautions(own, thesis), strategy, strategies=strategies, **options
                )
            )
        except UsageError:
            raise
        except ThesisError as error:
            failures.append(Failure(thesis.id, str(error), error.exit_code))
    return Comparison(tuple(results), tuple(failures))


def _panels(prices: Where, theses: list[Thesis], start: dt.date | None) -> dict[str, PricePanel]:
    """The prices of each thesis: one panel for all that are read from the same place."""
    store = Store.default()
    groups: dict[bool, list[Thesis]] = {}
    for thesis in theses:
        stored = prices is None and not store.missing(needed_codes(thesis))
        groups.setdefault(stored, []).append(thesis)
    panels: dict[str, PricePanel] = {}
    for group in groups.values():
        needed = sorted({code for thesis in group for code in needed_codes(thesis)})
        wanted = {code for thesis in group for code in wanted_codes(thesis)}
        panel = open_prices(prices, wanted, needed, start)
        panels |= {thesis.id: panel for thesis in group}
    return panels


def _today(as_of: object) -> dt.date:
    """The day asked for, or today in Shanghai."""
    if as_of is None:
        return dt.datetime.now(SHANGHAI).date()
    if isinstance(as_of, dt.datetime):
        return as_of.date()
    if isinstance(as_of, dt.date):
        return as_of
    try:
        return dt.date.fromisoformat(str(as_of))
    except ValueError:
        raise UsageError(f"as_of = {as_of!r}: it is no date; write 2025-06-30") from None


def _first_day(thesis: Thesis) -> dt.date:
    """The first day a score looks at."""
    return thesis.published_day - dt.timedelta(days=HISTORY_DAYS)


def _own_cautions(panel: PricePanel, thesis: Thesis) -> PricePanel:
    """The panel with the cautions that concern a thesis: those of no code, or of one of its own."""
    others = {c.code for c in panel.cautions} - {"factor_missing", "factor_falls"}

    def concerns(caution: Caution) -> bool:
        return caution.code in others or any(code in caution.message for code in panel.codes)

    return replace(panel, cautions=tuple(filter(concerns, panel.cautions)))


def _call(thesis: Thesis, prices: Where, how: Strategy, basis: str) -> str:
    where = prices if isinstance(prices, str | os.PathLike | None) else type(prices).__name__
    return (
        f"thesis.backtest({thesis.id!r}, prices={str(where) if where else None!r}, "
        f"entry={how.entry!r}, delay={how.delay}, weights={how.weights_name!r}, "
        f"costs={how.costs!r}, capital={how.capital:g}, basis={basis!r})"
    )
