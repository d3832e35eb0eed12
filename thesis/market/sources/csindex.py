"""China Securities Index, the publisher of the CSI 300, through akshare."""

import datetime as dt
from dataclasses import dataclass
from typing import Any, ClassVar

import pandas as pd

from thesis.market.calendar import as_date, session_after
from thesis.market.delivery import FactorEvent
from thesis.market.sources.failure import SourceError
from thesis.market.sources.frames import levels
from thesis.market.sources.source import Capabilities, Politeness
from thesis.market.sources.wire import ask, last_answer

_COLUMNS = {"日期": "date", "开盘": "open", "最高": "high", "最低": "low", "收盘": "close"}


@dataclass(frozen=True)
class CSIndex:
    """Price indices, and the total-return indices that nobody else has: ``H00300``."""

    name: ClassVar[str] = "csindex"
    capabilities: ClassVar[Capabilities] = Capabilities(
        indices=("000???.SH", "H?????.CSI", "9?????.CSI")
    )
    politeness: ClassVar[Politeness] = Politeness("www.csindex.com.cn", spacing=1.5)

    def bars(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """It publishes no stock's bars."""
        raise SourceError("not_served", self.name, code)

    def index(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Levels of an index; of a total-return index closes alone.

        A request that starts before the index does gets a made-up first row: on a closed day it is
        dropped, and on a session one that repeats a later row is too.
        """

        def question() -> Any:
            import akshare as ak

            try:
                return ak.stock_zh_index_hist_csindex(
                    symbol=code.split(".")[0],
                    start_date=f"{start:%Y%m%d}",
                    end_date=f"{end:%Y%m%d}",
                )
            except ValueError as error:
                # akshare names sixteen columns of a reply that has none.
                answer = last_answer()
                empty = answer is not None and '"data":[]' in "".join(answer.text.split())
                if empty and "Length mismatch" in str(error):
                    host = self.politeness.host
                    raise SourceError("empty_reply", self.name, code, host) from None
                raise

        frame: pd.DataFrame = ask(self.politeness, self.name, code, question).rename(
            columns=_COLUMNS
        )
        return _without_echo(levels(frame, self.name, code, start, end))

    def factors(self, code: str) -> tuple[FactorEvent, ...]:
        """An index has no factor."""
        raise SourceError("not_served", self.name, code)


def _without_echo(bars: pd.DataFrame) -> pd.DataFrame:
    """Without a first row that repeats a later one under another date.

    Four equal levels are no chance. Two equal closes can be: then the first row is made up only if
    it repeats the next one across sessions without a level, as before an index begins.
    """
    if len(bars) < 2:
        return bars
    values = bars[["open", "high", "low", "close"]].fillna(-1.0)
    same = (values.iloc[1:] == values.iloc[0]).all(axis=1).to_numpy()
    if bars[["open", "high", "low"]].iloc[0].isna().all():
        first, second = (as_date(day) for day in bars["date"].to_numpy()[:2])
        repeated = bool(same[0]) and session_after(first) != second
    else:
        repeated = bool(same.any())
    return bars.iloc[1:].reset_index(drop=True) if repeated else bars
