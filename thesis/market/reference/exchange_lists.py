"""The exchanges' own lists of A-shares: what is listed, and what was delisted.

Names and boards are of the day they are asked. Delisted stocks stand in the lists of Shanghai and
Shenzhen; Beijing publishes none, so its delisted names are missing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from thesis.market.reference.rows import (
    Gathered,
    Row,
    changed,
    day_text,
    gather,
    need_columns,
    plain_name,
    stock_code,
    without_progress_bar,
)
from thesis.market.sources.failure import SourceError
from thesis.market.sources.source import Politeness
from thesis.market.sources.wire import ask
from thesis.research.security import parse_security

COLUMNS = (
    "code", "name", "board", "list_date", "delist_date", "sw_l1_code", "sw_l1_name", "sw_as_of",
)  # fmt: skip

SHANGHAI = Politeness("query.sse.com.cn", spacing=1.0, timeout=30.0, attempts=2)
SHENZHEN = Politeness("www.szse.cn", spacing=1.0, timeout=60.0, attempts=2)
BEIJING = Politeness("www.bse.cn", spacing=0.5, timeout=30.0, attempts=2)


def listings() -> Gathered:
    """Every A-share, listed or delisted, from six lists of three exchanges.

    Returns
    -------
    Gathered
        Rows of `COLUMNS`, one a code; the industry is left empty. A list that cannot be had is
        among the failures, and its codes are missing from the rows.
    """
    every = gather((table.politeness.host, table.rows) for table in _LISTS)
    # A code listed again stands in both lists: the later listing is the one that trades.
    latest: dict[str, Row] = {}
    for row in every.rows:
        known = latest.get(row["code"])
        if known is None or known["list_date"] <= row["list_date"]:
            latest[row["code"]] = row
    return Gathered(tuple(latest.values()), every.failures)


@dataclass(frozen=True)
class _List:
    """One list: how akshare asks for it, and what its columns are called.

    Attributes
    ----------
    what
        What it lists, for error messages.
    columns
        Code, name, first day, and the last day of a list of delisted stocks.
    """

    source: str
    what: str
    politeness: Politeness
    question: Callable[[], Any]
    columns: tuple[str, ...]

    def rows(self) -> list[Row]:
        """Its A-shares.

        Raises
        ------
        SourceError
            If the exchange does not deliver the list, or in another form.
        """
        frame = ask(self.politeness, self.source, self.what, self.question)
        need_columns(frame, self.columns, self._failure)
        rows = []
        for digits, name, first, *last in zip(*(frame[c] for c in self.columns), strict=True):
            code = stock_code(digits)
            if code is None:
                continue  # a B-share
            rows.append(
                dict.fromkeys(COLUMNS, "")
                | {
                    "code": code,
                    "name": plain_name(name),
                    "board": parse_security(code).board,
                    "list_date": day_text(first),
                    "delist_date": day_text(last[0]) if last else "",
                }
            )
        if not rows:
            raise self._failure("it has no row of an A-share")
        return rows

    def _failure(self, detail: str) -> SourceError:
        return changed(self.source, self.what, self.politeness.host)(detail)


# akshare keeps the lists of a process for good; a list is asked for to have today's.


def _shanghai(kind: str) -> Callable[[], Any]:
    def question() -> Any:
        import akshare as ak

        ak.stock_info_sh_name_code.cache_clear()
        return ak.stock_info_sh_name_code(symbol=kind)

    return question


def _shenzhen() -> Any:
    import akshare as ak

    ak.stock_info_sz_name_code.cache_clear()
    return ak.stock_info_sz_name_code(symbol="A股列表")


def _beijing() -> Any:
    import akshare as ak
    import akshare.stock.stock_info as module

    ak.stock_info_bj_name_code.cache_clear()
    with without_progress_bar(module):
        return ak.stock_info_bj_name_code()


def _shanghai_delisted() -> Any:
    import akshare as ak

    return ak.stock_info_sh_delist(symbol="全部")


def _shenzhen_delisted() -> Any:
    import akshare as ak

    return ak.stock_info_sz_delist(symbol="终止上市公司")


_USUAL = ("证券代码", "证券简称", "上市日期")
_LISTS = (
    _List("sse", "main board", SHANGHAI, _shanghai("主板A股"), _USUAL),
    _List("sse", "STAR market", SHANGHAI, _shanghai("科创板"), _USUAL),
    _List("szse", "A-shares", SHENZHEN, _shenzhen, ("A股代码", "A股简称", "A股上市日期")),
    _List("bse", "A-shares", BEIJING, _beijing, _USUAL),
    _List(
        "sse",
        "delisted",
        SHANGHAI,
        _shanghai_delisted,
        # akshare calls the day of delisting that of a pause.
        ("公司代码", "公司简称", "上市日期", "暂停上市日期"),
    ),
    _List("szse", "delisted", SHENZHEN, _shenzhen_delisted, (*_USUAL, "终止上市日期")),
)
