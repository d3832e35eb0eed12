"""The public verbs, which walk the rooms in order."""

import datetime as dt
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields, replace
from typing import Any

from thesis.errors import Caution, ThesisError, UsageError
from thesis.market.benchmark import Basis
from thesis.market.calendar import Timing, timing
from thesis.market.day import today_of
from thesis.market.panel import PricePanel
from thesis.market.prices import Where, open_prices
from thesis.market.store import Store
from thesis.reporting.backtest import Backtest
from thesis.reporting.comparison import Comparison, Failure
from thesis.reporting.sweep import Sweep
from thesis.research.catalog import Catalog
from thesis.research.thesis import Thesis
from thesis.scoring.assess import score_thesis
from thesis.scoring.needs import first_day, needed_codes, own_cautions, wanted_codes
from thesis.scoring.score import Case
from thesis.scoring.variants import named_strategies, score_variants
from thesis.trading.execution import execute
from thesis.trading.strategy import Strategy

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
        How the names are bought, rebalanced and sold: a `Strategy` or a subclass of one's own;
        `options` change single fields of it.
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
    if strategy is not None and not isinstance(strategy, Strategy):
        raise UsageError(f"strategy = {strategy!r}: give a Strategy object, as thesis.Strategy()")
    try:
        how = replace(strategy or Strategy(), **options)
    except TypeError:
        known = [field.name for field in fields(Strategy)]
        unknown = ", ".join(sorted(set(options) - set(known))) or "given to the strategy"
        raise UsageError(f"unknown option {unknown}; a strategy has {' '.join(known)}") from None
    panel = _open(found, prices, basis)
    today = today_of(as_of)
    case = Case(found, how, panel.up_to(today), basis, today)
    return run(case, command or _call(found, prices, how, basis))


def run(case: Case, command: str) -> Backtest:
    """Score a case and have vectorbt execute its orders."""
    score = score_thesis(case)
    portfolio = None
    if score.traded is not None and score.traded.codes:
        portfolio = execute(score.traded.ledger, score.traded.codes)
    return Backtest(score, portfolio, command)


def sweep(
    thesis: Thesis | str | os.PathLike[str],
    strategies: Mapping[str, Strategy] | Sequence[Strategy],
    prices: Where = None,
    *,
    basis: Basis = "total",
    as_of: dt.date | str | None = None,
    folder: Strategies = None,
) -> Sweep:
    """Backtest one thesis under many strategies at once.

    Strategies that trade at the same price under the same rules are planned together and executed
    in one call of vectorbt, a group of columns each: hundreds take about as long as ten alone.

    Parameters
    ----------
    strategies
        By name, or a list that is numbered. `Strategy` objects, or subclasses of one's own.
    prices, basis, as_of
        As for `backtest`.
    folder
        A folder of thesis files that goes first, as `strategies` of `backtest`.

    Returns
    -------
    Sweep
        Its ``table`` has a row a strategy; each agrees with `backtest` of that strategy alone.

    Raises
    ------
    UsageError
        If there is no strategy, or something else is among them.
    NotScorableError
        If the thesis calls no names, or a strategy enters after the window.
    ThesisFileError, PricesError, RulesError, VerificationError
        As `backtest`.

    Examples
    --------
    >>> found = sweep(
    ...     "optical_module",
    ...     {"held": Strategy(), "monthly": Strategy(rebalance="monthly", capital=1e6)},
    ...     prices="sample")
    >>> found.table[["rebalance", "orders"]]
             rebalance  orders
    strategy
    held          none       3
    monthly    monthly      19
    """
    found = thesis if isinstance(thesis, Thesis) else load(thesis, strategies=folder)
    named = named_strategies(strategies)
    panel = _open(found, prices, basis)
    today = today_of(as_of)
    panel = panel.up_to(today)
    cases = {name: Case(found, how, panel, basis, today) for name, how in named.items()}
    scored = score_variants(cases)
    portfolios = {
        each.names: execute(each.ledger, each.codes, each.names) for each in scored.batches
    }
    return Sweep(found, panel.simulated, scored.variants, scored.cautions, portfolios)


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
    first = min((first_day(thesis) for thesis in found), default=None)
    panels = _panels(prices, found, first)
    results, failures = [], []
    for thesis in found:
        if progress is not None:
            progress(thesis.id)
        try:
            own = panels[thesis.id].select(wanted_codes(thesis))
            results.append(
                backtest(
                    thesis, own_cautions(own, thesis), strategy, strategies=strategies, **options
                )
            )
        except UsageError:
            raise
        except ThesisError as error:
            failures.append(Failure(thesis.id, str(error), error.exit_code))
    return Comparison(tuple(results), tuple(failures), prices)


def _open(thesis: Thesis, prices: Where, basis: str) -> PricePanel:
    """The prices that a thesis is scored on."""
    if basis not in ("total", "price"):
        raise UsageError(f"basis = {basis!r}: give total or price")
    return open_prices(prices, set(wanted_codes(thesis)), needed_codes(thesis), first_day(thesis))


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


def _call(thesis: Thesis, prices: Where, how: Strategy, basis: str) -> str:
    """The call that made a result; of the strategy, what differs from the default."""
    where = prices if isinstance(prices, str | os.PathLike | None) else type(prices).__name__
    plain = Strategy()
    told = {"weights": how.weights_name, "exit": how.exit_name}
    own = "" if type(how) is Strategy else f", strategy={type(how).__name__}(...)"
    changed = "".join(
        f", {each.name}={told.get(each.name, getattr(how, each.name))!r}"
        for each in fields(Strategy)
        if getattr(how, each.name) != getattr(plain, each.name)
    )
    return (
        f"thesis.backtest({thesis.id!r}, prices={str(where) if where else None!r}, "
        f"basis={basis!r}{own}{changed})"
    )
