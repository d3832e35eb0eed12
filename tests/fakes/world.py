"""Every host at once, fed from a folder of real prices: what `thesis fetch` meets, replayed."""

import datetime as dt
from collections.abc import Collection
from functools import lru_cache
from pathlib import Path

import pandas as pd
from fakes import shenwan, yahoo
from fakes.hosts import FakeHosts, Handler
from fakes.market import real_market, serve_market
from fakes.reference import (
    ACTIONS,
    MEMBERSHIP,
    NAME_CHANGES,
    SECURITIES,
    SUSPENSIONS,
    serve_reference,
    table,
)

#: The vintage that a reader of October 2024 could have had.
VINTAGE = "2024-08-31"


def serve_world(hosts: FakeHosts, folder: Path, codes: Collection[str]) -> None:
    """Let every host answer for these stocks and every index of a market folder."""
    for pattern, handler in reversed(_answers(folder, tuple(codes))):
        hosts.serve(pattern, handler)


@lru_cache(maxsize=2)
def _answers(folder: Path, codes: tuple[str, ...]) -> list[tuple[str, Handler]]:
    """The handlers: packing the bars takes longer than a test, and they do not change."""
    hosts = _Gatherer()
    indices = pd.read_parquet(folder / "index.parquet", columns=["code"])["code"].unique()
    market = real_market(folder, [*codes, *indices], dt.date(2021, 8, 1))
    serve_market(hosts, market.bars, market.index)
    both = pd.concat([market.bars, market.index], ignore_index=True)
    hosts.serve(yahoo.HOSTS, yahoo.yahoo(both))
    listed = _listed(folder, codes)
    stopped = _text(folder / "suspensions.csv", codes)
    serve_reference(
        hosts,
        securities=listed.reindex(columns=list(SECURITIES)),
        membership=_classes(folder, codes),
        suspensions=stopped.assign(length="连续停牌", reason="重大事项")[list(SUSPENSIONS)],
        actions=_actions(market.bars),
        name_changes=table(NAME_CHANGES, [("000681.SZ", "2014-05-26", "远东股份", "视觉中国")]),
        shenwan=shenwan.Shenwan(market.bars, market.index),
    )
    return hosts.handlers


class _Gatherer(FakeHosts):
    """Takes handlers as the fakes of a server do."""

    def __init__(self) -> None:
        self.handlers = []


def _listed(folder: Path, codes: Collection[str]) -> pd.DataFrame:
    """The stocks, a name more of each board, and two made up as delisted: no list is empty."""
    rows = pd.read_csv(folder / "securities.csv", dtype="str").fillna("")
    some = rows.groupby("board").head(1)["code"]
    gone = {"list_date": "1996-01-02", "delist_date": "2023-06-30"}
    delisted = [
        {"code": "600001.SH", "name": "甲退市", **gone},
        {"code": "000003.SZ", "name": "乙退市", **gone},
    ]
    return pd.concat([rows[rows["code"].isin([*codes, *some])], pd.DataFrame(delisted)]).fillna("")


def _text(path: Path, codes: Collection[str]) -> pd.DataFrame:
    rows = pd.read_csv(path, dtype="str").fillna("")
    return rows[rows["code"].isin(codes)]


def _classes(folder: Path, codes: Collection[str]) -> pd.DataFrame:
    rows = _text(folder / "sw_membership.csv.gz", codes)
    return rows[rows["vintage"] == VINTAGE].rename(columns={"sw_l3_internal": "sw_code"})[
        list(MEMBERSHIP)
    ]


def _actions(bars: pd.DataFrame) -> pd.DataFrame:
    """What companies announced: the amounts behind the steps of the factor, per 10 shares."""
    rows = [
        (code, ex_date.isoformat(), f"{cash * 10:.8g}", "0", f"{ratio * 10:.8g}", "实施分配")
        for code, ex_date, ratio, cash in yahoo.actions_from(bars).itertuples(index=False)
    ]
    return table(ACTIONS, rows)
