"""The whole real market: no traded price may lie outside the limits of its session."""

from collections import Counter

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from thesis.market import door
from thesis.market.limits import price_limits
from thesis.market.panel import PricePanel
from thesis.market.sources.listings import read_listings

COLUMNS = [
    "code", "date", "open", "high", "low", "close", "volume", "amount", "pre_close", "factor",
]  # fmt: skip
PRICES = ("open", "high", "low", "close")

#: Bars with a price outside our limits, each looked into, and which of their prices.
EXCEPTIONS = {
    # The first session of its delisting period (普利退, back after 24 sessions without a bar), so
    # without limits: 2.49 to 0.65. The folder knows no treatment of a name that is gone by 2026.
    ("300630.SZ", "2025-04-28"): set(PRICES),
    # An ex-date (4 new shares for 10 and cash): its reference of 7.12 comes from an adjusted series
    # of two decimals and must be a cent too low: of 7.13 the limit is 9.26 (9.269), the day's high.
    ("920395.BJ", "2024-04-17"): {"high"},
}


def panel_of(bars, listings):
    """A panel of bars that are sorted and clean, past the door: checking three million takes long.

    Names without a factor would be left out there; all their bars but the first carry pre_close.
    """
    bars["code"] = bars["code"].astype("str").astype("category")
    bars["date"] = bars["date"].astype("datetime64[s]")
    bars["factor"] = bars["factor"].fillna(1.0)
    return PricePanel.from_checked(
        bars.reindex(columns=door.COLUMNS), origin="the real market", listings=listings
    )


@pytest.mark.slow
def test_no_price_of_the_real_market_lies_outside_its_limits(market):
    listings = read_listings(market)
    universe = pq.ParquetFile(market / "universe.parquet")
    count: Counter[str] = Counter()
    outside: dict[tuple[str, str], set[str]] = {}
    for number in range(-1, universe.num_row_groups):
        if number < 0:
            bars = pd.read_parquet(market / "bars.parquet", columns=COLUMNS)
        else:
            bars = universe.read_row_group(number, columns=COLUMNS).to_pandas()
        panel = panel_of(bars, listings)
        limits = price_limits(panel, panel.codes, panel.sessions)
        has_bar = ~np.isnan(panel.fields["close"])
        limited = np.isfinite(limits.upper)
        count["bars"] += int(has_bar.sum())
        count["limited"] += int(limited.sum())
        count["limited below"] += int(np.isfinite(limits.lower).sum())
        close = panel.fields["close"]
        count["at the upper limit"] += int((np.abs(close - limits.upper) < 1e-6).sum())
        count["at the lower limit"] += int((np.abs(close - limits.lower) < 1e-6).sum())
        under_st = [bool(listings[code].treatments) for code in panel.codes]
        edge = np.abs(close - np.floor(limits.reference * 105 + 0.5 + 1e-9) / 100) < 1e-6
        at_limit = np.abs(close - limits.upper) < 1e-6
        count["at the upper limit of 5%"] += int((edge & at_limit)[:, under_st].sum())
        count.update(note.code for note in limits.notes)
        for name in PRICES:
            price = panel.fields[name]
            beyond = limited & ((price > limits.upper + 1e-6) | (price < limits.lower - 1e-6))
            for row, column in zip(*np.nonzero(beyond), strict=True):
                bar = panel.codes[column], str(panel.sessions[row])
                outside.setdefault(bar, set()).add(name)

    assert EXCEPTIONS == outside
    assert 3_034_014 == count["bars"]
    # Without limits: 1,064 first sessions of new listings; the listing days of China Mobile and
    # China Telecom, held to 44% and 36% of an issue price that the bars do not carry; and 22 bars
    # whose reference is unknown, the first of names whose bars begin after their listing.
    assert 1_064 + 2 + 22 == count["bars"] - count["limited"]
    assert count["limited"] == count["limited below"]
    assert 2 == count["issue_price_unknown"]
    assert 22 == count["reference_unknown"]
    assert 0 == count["listing_day_assumed"]
    # The limits are no wider than they should be: prices stop at them, to the cent.
    assert 39_330 == count["at the upper limit"]
    assert 13_234 == count["at the lower limit"]
    assert 284 == count["at the upper limit of 5%"]  # of the 13 names known to have been ST
