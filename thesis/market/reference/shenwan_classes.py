"""Which Shenwan industry a stock was in, and since when.

Shenwan publishes one file of every classification a stock has had, by the day it began. The file is
rewritten: a row's ``updated`` says when it was last touched, and a later edition has moved some
past days by weeks. Of 5,093 stocks none changed its level 1 on 2024-10-08 between the editions of
2024-08-31 and 2026-06-05.
"""

import datetime as dt
from collections.abc import Iterable
from itertools import pairwise
from typing import Any

from thesis.market.industry import industry_of
from thesis.market.reference.rows import Row, changed, day_text, need_columns, stock_code
from thesis.market.sources.source import Politeness
from thesis.market.sources.wire import ask

NAME = "shenwan"
POLITENESS = Politeness("www.swsresearch.com", spacing=1.5, timeout=60.0, attempts=2)
COLUMNS = ("code", "in_date", "out_date", "sw_code", "sw_l1_code", "sw_l1_name", "updated")

_WHAT = "classification"


def memberships() -> list[Row]:
    """Every classification of every A-share: rows of `COLUMNS`, by code and day.

    ``in_date`` is its first day and ``out_date`` the first day of the next one, empty for the last;
    ``sw_l1_code`` and ``sw_l1_name`` are empty for industries of older schemes that have no index
    today. A delisted stock's last row stays open.

    Raises
    ------
    SourceError
        If the host does not deliver the file, or in another form.
    """
    failure = changed(NAME, _WHAT, POLITENESS.host)

    def question() -> Any:
        import akshare as ak

        frame = ak.stock_industry_clf_hist_sw()
        need_columns(frame, ("symbol", "start_date", "industry_code", "update_time"), failure)
        return frame

    frame = ask(POLITENESS, NAME, _WHAT, question)
    rows: list[Row] = []
    for symbol, start, number, updated in zip(
        *(frame[name] for name in ("symbol", "start_date", "industry_code", "update_time")),
        strict=True,
    ):
        code, first = stock_code(symbol), day_text(start)
        if code is None:
            continue  # a B-share
        if not first or not str(number).isdigit():
            raise failure(f"{symbol}: industry {number!r} since {start!r}")
        industry = industry_of(str(number))
        rows.append(
            {
                "code": code,
                "in_date": first,
                "out_date": "",
                "sw_code": str(number),
                "sw_l1_code": industry.code if industry else "",
                "sw_l1_name": industry.name_zh if industry else "",
                "updated": day_text(updated),
            }
        )
    if not rows:
        raise failure("it has no row of an A-share")
    rows.sort(key=lambda row: (row["code"], row["in_date"]))
    for row, following in pairwise(rows):
        if row["code"] == following["code"]:
            row["out_date"] = following["in_date"]
    return rows


def with_industries(
    listings: Iterable[Row], members: Iterable[Row], day: dt.date, asked: dt.date
) -> list[Row]:
    """Listings with the industry each had on a day.

    Parameters
    ----------
    listings, members
        Of `thesis.market.reference.exchange_lists.listings` and `memberships`.
    day
        The day whose industry is wanted.
    asked
        The day the file was fetched; both days go into ``sw_as_of``.
    """
    held = {
        row["code"]: row
        for row in members
        if row["in_date"] <= day.isoformat() and not ("" < row["out_date"] <= day.isoformat())
    }
    blank = {"sw_l1_code": "", "sw_l1_name": ""}
    filled = []
    for listing in listings:
        found = held.get(listing["code"], blank)
        known = {key: found[key] for key in blank}
        as_of = f"{day} (file of {asked})" if known["sw_l1_code"] else ""
        filled.append({**listing, **known, "sw_as_of": as_of})
    return filled
