"""Dividends and bonus issues by ex-date, from three hosts behind akshare.

All print amounts per 10 shares, cash before tax, and announced amounts: what shares a company
holds itself changes in the reference price is left to `thesis.market.corporate_actions`. None knows
rights issues. Plans that have not been carried out are left out.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from thesis.market.corporate_actions import ShareEvent
from thesis.market.reference import datacenter
from thesis.market.reference.rows import changed, need_columns, without_progress_bar
from thesis.market.sources.failure import HOST_WIDE, SourceError
from thesis.market.sources.source import Politeness
from thesis.market.sources.wire import ask, last_answer

SINA = Politeness("vip.stock.finance.sina.com.cn", spacing=2.0)
CNINFO = Politeness("webapi.cninfo.com.cn", spacing=1.0)

#: Amounts are printed per so many shares.
PER = 10.0

Asker = Callable[[str], tuple[ShareEvent, ...]]


@dataclass
class Dividends:
    """One run's asks: each code from the first host that answers.

    A host that fails as a whole is left alone for the rest of the run.

    Attributes
    ----------
    askers
        By the host's name, in the order they are asked.
    """

    askers: dict[str, Asker] = field(default_factory=lambda: dict(ASKERS))
    _resting: set[str] = field(default_factory=set)

    def __call__(self, code: str) -> tuple[ShareEvent, ...]:
        """Every dividend and bonus issue of a stock, by its canonical code.

        Returns
        -------
        tuple of ShareEvent
            In order of ex-date; empty where the host says that there were none.

        Raises
        ------
        SourceError
            If no host answers: the first one's failure, with a note of each other's.
        """
        failures: list[SourceError] = []
        for name, asker in self.askers.items():
            try:
                if name in self._resting:
                    raise SourceError("resting", name, code)
                return asker(code)
            except SourceError as failure:
                failures.append(failure)
                if failure.kind in HOST_WIDE:
                    self._resting.add(name)
        for other in failures[1:]:
            failures[0].add_note(str(other))
        raise failures[0]


def eastmoney_events(code: str) -> tuple[ShareEvent, ...]:
    """What Eastmoney's data centre knows.

    akshare names its columns by position; that new shares are the sum of their two parts shows that
    they still stand where they stood.
    """

    def question() -> Any:
        import akshare as ak
        import akshare.stock_feature.stock_fhps_em as module

        with without_progress_bar(module):
            return ak.stock_fhps_detail_em(symbol=code[:6])

    frame = datacenter.ask_table(code, question)
    if frame is None:
        return ()
    failure = changed(datacenter.NAME, code, datacenter.POLITENESS.host)
    parts = ["送转股份-送股比例", "送转股份-转股比例"]
    whole, cash = "送转股份-送转总比例", "现金分红-现金分红比例"
    need_columns(frame, (*parts, whole, cash, "方案进度", "除权除息日"), failure)
    apart = (frame[parts].fillna(0.0).sum(axis=1) - frame[whole].fillna(0.0)).abs()
    if (apart > 1e-6).any():
        raise failure("bonus and converted shares do not add up to the new shares")
    done = frame[frame["方案进度"] == "实施分配"]
    return _events(zip(done["除权除息日"], done[cash], done[whole], strict=True))


def sina_events(code: str) -> tuple[ShareEvent, ...]:
    """What Sina's page of dividends says."""
    failure = changed("sina", code, SINA.host)

    def question() -> Any:
        import akshare as ak

        try:
            return ak.stock_history_dividend_detail(symbol=code[:6], indicator="分红")
        except (LookupError, ValueError) as error:
            # The page is a web page at best: only the name of its table tells it from a captcha.
            answer = last_answer()
            if answer is not None and answer.status < 400 and "sharebonus" in answer.text:
                raise failure(f"{type(error).__name__}: {error}") from error
            raise

    frame = ask(SINA, "sina", code, question)
    if frame.empty:
        return ()
    need_columns(frame, ("送股", "转增", "派息", "进度", "除权除息日"), failure)
    done = frame[frame["进度"] == "实施"]
    shares = done["送股"].fillna(0.0) + done["转增"].fillna(0.0)
    return _events(zip(done["除权除息日"], done["派息"], shares, strict=True))


def cninfo_events(code: str) -> tuple[ShareEvent, ...]:
    """What cninfo, where companies publish, says of plans carried out."""

    def question() -> Any:
        import akshare as ak

        try:
            return ak.stock_dividend_cninfo(symbol=code[:6])
        except KeyError:
            # Without a record there are no columns either.
            answer = last_answer()
            if answer is not None and '"records":[]' in "".join(answer.text.split()):
                return None
            raise

    frame = ask(CNINFO, "cninfo", code, question)
    if frame is None:
        return ()
    shares = frame["送股比例"].fillna(0.0) + frame["转增比例"].fillna(0.0)
    return _events(zip(frame["除权日"], frame["派息比例"], shares, strict=True))


ASKERS: dict[str, Asker] = {
    "eastmoney": eastmoney_events,
    "sina": sina_events,
    "cninfo": cninfo_events,
}


def _events(rows: Iterable[tuple[Any, Any, Any]]) -> tuple[ShareEvent, ...]:
    """Events of (ex-date, cash per 10, new shares per 10); a row without a day is no event yet."""
    import pandas as pd

    events = [
        ShareEvent(
            pd.Timestamp(day).date(),
            0.0 if pd.isna(cash) else round(float(cash) / PER, 12),
            0.0 if pd.isna(shares) else round(float(shares) / PER, 12),
        )
        for day, cash, shares in rows
        if not pd.isna(day)
    ]
    return tuple(
        sorted(
            (e for e in events if e.cash_per_share > 0 or e.share_ratio > 0),
            key=lambda event: event.ex_date,
        )
    )
