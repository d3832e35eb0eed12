"""``--source auto``: every vendor in turn, those of raw prices first, Yahoo last."""

from thesis.market.sources import akshare
from thesis.market.sources.source import Source
from thesis.market.sources.yfinance import Yahoo


def sources() -> tuple[Source, ...]:
    """The sources behind akshare, then Yahoo, whose prices have to be un-split."""
    return (*akshare.sources(), Yahoo())
