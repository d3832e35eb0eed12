"""Sina: packed bars, float shares, adjustment factors and the trade calendar."""

import datetime as dt
import json
import re
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd
from fakes.books import column, days, prefixed
from fakes.hosts import Asked, Reply
from fakes.sina_codec import IndexBar, StockBar, pack_calendar, pack_index, pack_stock
from fakes.vendor import Vendor

HOSTS = r"(stock\.)?finance\.sina\.com\.cn"
NOT_FOUND = Reply("<html><body>404 Not Found</body></html>", 404, "text/html")
#: Decimals of index levels; CSI's own have four.
DECIMALS = 4
#: Float shares where the frame has no turnover to reckon them from.
FLOAT_SHARES = 1e9
#: Turnover is rounded, so float shares are said to change only from this step on.
SHARE_STEP = 0.01


@dataclass
class Sina(Vendor):
    """Answers as finance.sina.com.cn and stock.finance.sina.com.cn do.

    Attributes
    ----------
    share_dates
        More days on which each code's float shares are said to change. On a day without a session
        akshare makes a bar of it: the phantom Saturday.
    """

    share_dates: Collection[dt.date] = ()

    stock = level = staticmethod(prefixed)

    def __call__(self, asked: Asked) -> Reply:
        what = f"{asked.path}?{asked.query.get('symbol', '')}"
        return self.once(what, lambda: self._answer(asked))

    def _answer(self, asked: Asked) -> Reply:
        if asked.path.endswith("/StockService.getAmountBySymbol"):
            return self._shares(asked.query["symbol"])
        if asked.path == "/realstock/company/klc_td_sh.txt":
            return Reply(f'var datelist="{_calendar()}";var KLC_TD_SH=datelist;')
        found = re.fullmatch(r"/realstock/company/(\w+)/(.+)", asked.path)
        if found is None:
            return NOT_FOUND
        symbol, file = found.groups()
        known = self.indices if file == "hisdata/klc_kl.js" else self.stocks
        if symbol not in known:
            return NOT_FOUND
        rows = known[symbol]
        match file:
            case "hisdata_klc2/klc_kl.js":
                text = f'var KLC_K2_{symbol}="{self._form(pack_stock(stock_bars(rows)))}";\n\n/* */'
            case "hisdata/klc_kl.js":
                packed = self._form(pack_index(index_bars(rows), DECIMALS))
                text = f'var KLC_KL_{symbol}="{packed}";'
            case "hfq.js" | "qfq.js":
                kind = file.removesuffix(".js")
                events = factor_rows(rows, kind)
                body = {"total": len(events), "list" if self.changed else "data": events}
                text = f"var {symbol}{kind}={json.dumps(body)}\n/* */"
            case _:
                return NOT_FOUND
        return Reply(text, content_type="application/x-javascript; charset=utf-8")

    def _form(self, packed: str) -> str:
        """The packed bars, or the same in a layout that no decoder knows."""
        return "AAA" + packed[3:] if self.changed else packed

    def _shares(self, symbol: str) -> Reply:
        head = f"var KKE_ShareAmount_{symbol}=("
        if symbol not in self.stocks:
            return Reply(head + "null);")
        shown = ",".join(
            f'{{date:"{day}",amount:"{shares / 1e4:.4f}"}}'
            for day, shares in share_changes(self.stocks[symbol], self.share_dates)
        )
        return Reply(f"{head}[{shown}]);")


def stock_bars(rows: pd.DataFrame) -> list[StockBar]:
    """Bars as Sina packs them; the reference price only where it is not the close before."""
    cents = [[round(x * 100) for x in rows[name]] for name in ("open", "high", "low", "close")]
    amounts = [round(x) for x in rows["amount"]]
    references = [round(x * 100) for x in column(rows, "pre_close", 0.0)]
    closes = [references[0], *cents[3][:-1]]
    return [
        StockBar(day, *prices, int(volume), amount, pre if pre and pre != close else None)
        for day, prices, volume, amount, pre, close in zip(
            days(rows),
            zip(*cents, strict=True),
            rows["volume"],
            amounts,
            references,
            closes,
            strict=True,
        )
    ]


def index_bars(rows: pd.DataFrame) -> list[IndexBar]:
    """Levels of an index; those that the frame does not know are its close."""
    closes = rows["close"].tolist()
    levels = [
        [round(level * 10**DECIMALS) for level in (rows[name].fillna(rows["close"]))]
        if name in rows
        else [round(level * 10**DECIMALS) for level in closes]
        for name in ("open", "high", "low", "close")
    ]
    volumes = [int(volume) for volume in column(rows, "volume", 0.0)]
    return [
        IndexBar(day, *prices, volume)
        for day, prices, volume in zip(days(rows), zip(*levels, strict=True), volumes, strict=True)
    ]


def factor_rows(rows: pd.DataFrame, kind: str) -> list[dict[str, str]]:
    """Where the factor steps, the latest first, down to the base row; empty if it is not known."""
    factors = rows["factor"].astype(float)
    if factors.isna().any():
        return []
    steps = [("1900-01-01", factors.iloc[0])]
    stepped = rows[factors != factors.shift().fillna(factors.iloc[0])]
    steps += zip(map(str, days(stepped)), stepped["factor"].astype(float), strict=True)
    last = factors.iloc[-1]
    return [
        {"d": day, "f": repr(float(factor if kind == "hfq" else last / factor))}
        for day, factor in reversed(steps)
    ]


def share_changes(
    rows: pd.DataFrame, more: Collection[dt.date] = ()
) -> list[tuple[dt.date, float]]:
    """Days on which float shares change, and to how many, the latest first."""
    turnover = column(rows, "turnover", float("nan"))
    known = [
        (day, volume / share)
        for day, volume, share in zip(days(rows), rows["volume"], turnover, strict=True)
        if share > 0
    ]
    listed = days(rows)[0] - dt.timedelta(days=30)
    changes = [(listed, known[0][1] if known else FLOAT_SHARES)]
    for day, shares in known:
        if abs(shares / changes[-1][1] - 1) > SHARE_STEP:
            changes.append((day, shares))
    for extra in more:
        before = [shares for day, shares in changes if day <= extra]
        if before and extra not in dict(changes):
            changes = sorted([*changes, (extra, before[-1])])
    return changes[::-1]


def _calendar() -> str:
    from thesis.market.calendar import as_date, sessions

    # Sina's own list lacks 1992-05-04; akshare puts it in.
    return pack_calendar([day for day in map(as_date, sessions()) if day != dt.date(1992, 5, 4)])
