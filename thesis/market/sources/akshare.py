"""Sources behind akshare: raw bars and factors from Sina, raw bars from Eastmoney and Tencent.

Vendor-adjusted prices are never asked for: Eastmoney's and Tencent's bend returns. Each function's
traps are mended here, so that a frame leaves in `RAW` columns, shares and CNY, or not at all.
"""

import ast
import datetime as dt
import re
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pandas as pd

from thesis.market.delivery import FactorEvent
from thesis.market.reference.rows import without_progress_bar
from thesis.market.sources.failure import SourceError
from thesis.market.sources.frames import levels, prefixed, raw_bars
from thesis.market.sources.source import Capabilities, Politeness, Source
from thesis.market.sources.wire import Answer, ask, last_answer
from thesis.research.security import Board

_SHANGHAI_SHENZHEN: frozenset[Board] = frozenset({"main", "chinext", "star"})
_ALL: frozenset[Board] = _SHANGHAI_SHENZHEN | {"bse"}

_EASTMONEY = {
    "日期": "date", "开盘": "open", "最高": "high", "最低": "low", "收盘": "close",
    "成交量": "volume", "成交额": "amount", "换手率": "turnover",
}  # fmt: skip


@dataclass(frozen=True)
class Sina:
    """Sina: the whole raw history in one reply, and multiplicative factors beside it."""

    name: ClassVar[str] = "sina"
    capabilities: ClassVar[Capabilities] = Capabilities(
        boards=_ALL, indices=("000???.SH", "399???.SZ"), factors=True
    )
    politeness: ClassVar[Politeness] = Politeness("finance.sina.com.cn", spacing=1.0)

    def bars(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Raw bars. The whole history is asked for, since a part of it can hold a made-up bar.

        With a start after a share change on a closed day, akshare carries the last bar onto that
        day: rows on days that were no session are dropped.
        """

        def question() -> Any:
            import akshare as ak

            # Depositary receipts (689...) have no share-change table, and a function of their own.
            if code.startswith("689"):
                return ak.stock_zh_a_cdr_daily(symbol=prefixed(code))
            return ak.stock_zh_a_daily(symbol=prefixed(code), adjust="")

        frame: pd.DataFrame = ask(self.politeness, self.name, code, question)
        return raw_bars(frame, self.name, code, start, end)

    def index(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Levels of a price index."""

        def question() -> Any:
            import akshare as ak

            return ak.stock_zh_index_daily(symbol=prefixed(code))

        frame: pd.DataFrame = ask(self.politeness, self.name, code, question)
        return levels(frame, self.name, code, start, end)

    def factors(self, code: str) -> tuple[FactorEvent, ...]:
        """Every day the cumulative (hfq) factor steps; it is multiplicative and append-only."""

        def question() -> Any:
            import akshare as ak

            return ak.stock_zh_a_daily(symbol=prefixed(code), adjust="hfq-factor")

        frame: pd.DataFrame = ask(self.politeness, self.name, code, question, check=_is_literal)
        factors = frame.assign(
            date=pd.to_datetime(frame["date"]), hfq_factor=frame["hfq_factor"].astype(float)
        ).sort_values("date")
        value = factors["hfq_factor"].to_numpy()
        if not np.isfinite(value).all() or (value <= 0).any():
            raise SourceError(
                "bad_bars", self.name, code, self.politeness.host, "a factor is not positive"
            )
        days = [day.date() for day in factors["date"]]
        # The first row, dated 1900, is the base.
        return tuple(
            FactorEvent(day, float(now / value[0]))
            for day, now, before in zip(days[1:], value[1:], value[:-1], strict=True)
            if now != before
        )


@dataclass(frozen=True)
class Eastmoney:
    """Eastmoney: raw bars, asked once; it bans addresses for hours after a few requests."""

    name: ClassVar[str] = "eastmoney"
    capabilities: ClassVar[Capabilities] = Capabilities(
        boards=_ALL, indices=("000???.SH", "399???.SZ", "93????.CSI")
    )
    politeness: ClassVar[Politeness] = Politeness(
        "push2his.eastmoney.com", spacing=2.0, timeout=15.0, attempts=1
    )

    def bars(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Raw bars; volume comes in lots of 100 and leaves in shares."""

        def question() -> Any:
            import akshare as ak

            # Digits alone: with a prefix it sends an empty frame.
            frame = ak.stock_zh_a_hist(
                symbol=code[:6],
                start_date=f"{start:%Y%m%d}",
                end_date=f"{end:%Y%m%d}",
                timeout=self.politeness.timeout,
            )
            if frame.empty:
                raise self._empty(code)
            return frame

        frame: pd.DataFrame = ask(self.politeness, self.name, code, question).rename(
            columns=_EASTMONEY
        )
        frame = frame.assign(volume=frame["volume"] * 100.0, turnover=frame["turnover"] / 100.0)
        return raw_bars(frame, self.name, code, start, end)

    def index(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Levels of a price index."""

        def question() -> Any:
            import akshare as ak

            symbol = f"csi{code[:6]}" if code.endswith(".CSI") else prefixed(code)
            try:
                frame = ak.stock_zh_index_daily_em(
                    symbol=symbol, start_date=f"{start:%Y%m%d}", end_date=f"{end:%Y%m%d}"
                )
            except TypeError:
                raise self._empty(code) from None
            if frame.empty:
                raise self._empty(code)
            return frame

        frame: pd.DataFrame = ask(self.politeness, self.name, code, question)
        return levels(frame, self.name, code, start, end)

    def factors(self, code: str) -> tuple[FactorEvent, ...]:
        """It has none: its adjusted prices are additive."""
        raise SourceError("not_served", self.name, code, detail="its factors are additive")

    def _empty(self, code: str) -> SourceError:
        """An empty frame has three reasons that the frame does not tell; the reply tells one."""
        answer = last_answer()
        host = self.politeness.host
        if answer is not None and answer.status < 400 and '"data":null' in _dense(answer.text):
            return SourceError("limited", self.name, code, host)
        if answer is not None and '"klines":[]' in _dense(answer.text):
            return SourceError("empty_reply", self.name, code, host)
        return SourceError("changed_format", self.name, code, host)


@dataclass(frozen=True)
class Tencent:
    """Tencent: raw bars, a request a year; volume of some Shenzhen names comes in lots."""

    name: ClassVar[str] = "tencent"
    capabilities: ClassVar[Capabilities] = Capabilities(
        boards=_SHANGHAI_SHENZHEN, note="Tencent has no Beijing names"
    )
    politeness: ClassVar[Politeness] = Politeness("gtimg.cn", spacing=1.0)

    def bars(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Raw bars, with volume put right by amount: akshare leaves sz000 codes in lots."""

        def question() -> Any:
            import akshare as ak

            try:
                # Dashed dates: undashed ones are compared with a year, and all years asked for.
                return ak.stock_zh_a_hist_tx(
                    symbol=prefixed(code),
                    start_date=start.isoformat(),
                    end_date=end.isoformat(),
                    adjust="",
                    timeout=self.politeness.timeout,
                )
            except (KeyError, IndexError, TypeError):
                answer = last_answer()
                if answer is None or answer.status >= 400 or '"code":0' not in _dense(answer.text):
                    raise
                if "[[" in _dense(answer.text):
                    raise  # there are rows, in a form akshare cannot read
                raise SourceError("empty_reply", self.name, code, self.politeness.host) from None

        import akshare.stock_feature.stock_hist_tx as module

        with without_progress_bar(module):
            frame: pd.DataFrame = ask(self.politeness, self.name, code, question)
        return raw_bars(frame, self.name, code, start, end)

    def index(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """It is not asked for indices: they come without amounts, adjusted in name."""
        raise SourceError("not_served", self.name, code)

    def factors(self, code: str) -> tuple[FactorEvent, ...]:
        """It has none: its adjusted prices are additive."""
        raise SourceError("not_served", self.name, code, detail="its factors are additive")


def sources() -> tuple[Source, ...]:
    """Every source behind akshare, in the order they are asked."""
    from thesis.market.sources.csindex import CSIndex
    from thesis.market.sources.shenwan import Shenwan

    return (CSIndex(), Shenwan(), Sina(), Eastmoney(), Tencent())


def _is_literal(answer: Answer) -> None:
    """Let akshare see a literal alone: it runs this part of the text as Python.

    A refusal is kept away too, but as what it is: the wire tells one by the answer.
    """
    try:
        told = ast.literal_eval(answer.text.split("=")[1].split("\n")[0])
    except (ValueError, SyntaxError, TypeError, IndexError, MemoryError, RecursionError):
        told = None
    if isinstance(told, dict):
        return
    if answer.status >= 400 or not answer.text.strip() or answer.is_page:
        raise ValueError("no factors")
    raise SourceError(
        "changed_format", "sina", "factors", "finance.sina.com.cn", "it is no plain data"
    )


def _dense(text: str) -> str:
    return re.sub(r"\s", "", text)
