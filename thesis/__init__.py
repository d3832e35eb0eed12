"""thesis: what a sell-side sector call was worth.

>>> import thesis
>>> result = thesis.backtest("media_ai")   # doctest: +SKIP
>>> result.verdict.primary.earned          # doctest: +SKIP
'buy'

The names below load on first use: ``import thesis`` itself loads neither pandas nor vectorbt.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import thesis.reporting.figures as figures
    from thesis.api import backtest, check, compare, load, read_prices, sweep
    from thesis.errors import (
        NotScorableError,
        PricesError,
        RulesError,
        ThesisError,
        ThesisFileError,
        UsageError,
        VerificationError,
    )
    from thesis.examination import evidence, surface, weigh
    from thesis.market.panel import PricePanel
    from thesis.market_review import review
    from thesis.publication import report
    from thesis.reporting.backtest import Backtest
    from thesis.reporting.comparison import Comparison
    from thesis.reporting.review import Review
    from thesis.reporting.sweep import Sweep
    from thesis.research.rating import RatingScale
    from thesis.research.thesis import Thesis
    from thesis.supply import Supply, fetch, import_bars
    from thesis.trading.strategy import Strategy

_HOME = {
    "Backtest": "thesis.reporting.backtest",
    "Comparison": "thesis.reporting.comparison",
    "NotScorableError": "thesis.errors",
    "PricePanel": "thesis.market.panel",
    "PricesError": "thesis.errors",
    "RatingScale": "thesis.research.rating",
    "Review": "thesis.reporting.review",
    "RulesError": "thesis.errors",
    "Strategy": "thesis.trading.strategy",
    "Supply": "thesis.supply",
    "Sweep": "thesis.reporting.sweep",
    "Thesis": "thesis.research.thesis",
    "ThesisError": "thesis.errors",
    "ThesisFileError": "thesis.errors",
    "UsageError": "thesis.errors",
    "VerificationError": "thesis.errors",
    "backtest": "thesis.api",
    "check": "thesis.api",
    "compare": "thesis.api",
    "evidence": "thesis.examination",
    "fetch": "thesis.supply",
    "import_bars": "thesis.supply",
    "load": "thesis.api",
    "read_prices": "thesis.api",
    "report": "thesis.publication",
    "review": "thesis.market_review",
    "surface": "thesis.examination",
    "sweep": "thesis.api",
    "weigh": "thesis.examination",
}

__all__ = [
    "Backtest",
    "Comparison",
    "NotScorableError",
    "PricePanel",
    "PricesError",
    "RatingScale",
    "Review",
    "RulesError",
    "Strategy",
    "Supply",
    "Sweep",
    "Thesis",
    "ThesisError",
    "ThesisFileError",
    "UsageError",
    "VerificationError",
    "__version__",
    "backtest",
    "check",
    "compare",
    "evidence",
    "fetch",
    "figures",
    "import_bars",
    "load",
    "read_prices",
    "report",
    "review",
    "surface",
    "sweep",
    "weigh",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("thesis-backtest")
    if name == "figures":
        return import_module("thesis.reporting.figures")
    if name in _HOME:
        return getattr(import_module(_HOME[name]), name)
    raise AttributeError(f"module 'thesis' has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
