"""Shenwan's industry indices, through akshare."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from thesis.market.delivery import FactorEvent
from thesis.market.sources.failure import SourceError
from thesis.market.sources.frames import levels
from thesis.market.sources.source import Capabilities, Politeness
from thesis.market.sources.wire import ask

_COLUMNS = {"日期": "date", "开盘": "open", "最高": "high", "最低": "low", "收盘": "close"}


@dataclass(frozen=True)
class Shenwan:
    """Shenwan Hongyuan Research: price indices of its industries.

    akshare does not check the host's certificate: its levels are only as trustworthy as the way to
    it. ``thesis data check --against`` compares them with a file of your own.
    """

    name: ClassVar[str] = "shenwan"
    capabilities: ClassVar[Capabilities] = Capabilities(indices=("80????.SI", "85????.SI"))
    politeness: ClassVar[Politeness] = Politeness("www.swsresearch.com", spacing=1.5)

    def bars(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """It publishes no stock's bars."""
        raise SourceError("not_served", self.name, code)

    def index(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Levels of an industry index: its whole history is sent, and cut here."""

        def question() -> Any:
            import akshare as ak

            return ak.index_hist_sw(symbol=code[:6], period="day")

        frame: pd.DataFrame = ask(self.politeness, self.name, code, question).rename(
            columns=_COLUMNS
        )
        return levels(frame, self.name, code, start, end)

    def factors(self, code: str) -> tuple[FactorEvent, ...]:
        """An index has no factor."""
        raise SourceError("not_served", self.name, code)
