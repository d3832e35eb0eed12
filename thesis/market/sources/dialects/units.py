"""Volume in shares and amount in CNY, from whatever units a file has them in.

Where the header states the unit it is converted; where not, it is judged: in the right units
amount / volume is a price within low..high. The usual units lie factors of ten and more apart, and
the fit asked for is far narrower, so that no two of them fit and adjusted prices fit none. Only
10,000 shares and 10,000 CNY look like shares and CNY; they are never judged, and shares are whole.
"""

from collections.abc import Iterable
from itertools import product

import numpy as np
import pandas as pd

from thesis.errors import PricesError
from thesis.market.door import BAR_OFF
from thesis.market.sources.dialects.columns import Column

#: Units tried where none is stated: shares, lots, 10,000 shares; CNY, thousands, 10,000s.
VOLUMES, AMOUNTS = (1.0, 100.0, 1e4), (1.0, 1e3, 1e4)

#: Share of a code's bars that must fit; block trades put some outside low..high.
FITS = 0.8

_VOLUME_NAMES = {1.0: "shares", 100.0: "lots of 100", 1e4: "10,000 shares"}
_AMOUNT_NAMES = {1.0: "CNY", 1e3: "thousands of CNY", 1e4: "10,000 CNY"}


def convert(
    bars: pd.DataFrame, volume: Column, amount: Column, where: str
) -> tuple[pd.DataFrame, list[str]]:
    """Bars with volume in shares and amount in CNY, and what was done, as parts of a sentence.

    Parameters
    ----------
    bars
        Of stocks, with ``code low high volume amount``.

    Raises
    ------
    PricesError
        If the unit is neither stated nor clear.
    """
    if volume.unit is not None and amount.unit is not None:
        pair = np.array([[volume.unit, amount.unit]])
        units = pd.DataFrame(np.repeat(pair, len(bars), axis=0), bars.index, ["volume", "amount"])
        judged, unclear = "", np.zeros(len(bars), dtype=bool)
    else:
        judged = ", judged by amount / volume within low..high"
        chosen = _judge(bars, volume, amount, where)
        units = chosen.reindex(bars["code"].astype("str")).set_axis(bars.index)
        unclear = units["volume"].isna().to_numpy()
    said = _said(bars, units[~unclear], volume, amount, judged)
    # A share and a cent are whole; 12.34 lots times 100 is not quite 1234 in binary.
    whole = (bars["volume"] * units["volume"]).round()
    cents = (bars["amount"] * units["amount"]).round(2)
    converted = bars.assign(
        volume=whole.where(units["volume"] != 1, bars["volume"]),
        amount=cents.where(units["amount"] != 1, bars["amount"]),
    )
    traded = unclear & (bars["volume"].fillna(0) + bars["amount"].fillna(0) > 0).to_numpy()
    if traded.any():
        converted.loc[traded, ["volume", "amount"]] = np.nan
        said.append(
            f"volume and amount of {some(bars.loc[traded, 'code'])} left out, since no bar has "
            "both to judge their unit by"
        )
    return converted, said


def _judge(bars: pd.DataFrame, volume: Column, amount: Column, where: str) -> pd.DataFrame:
    """The units of each code that has bars to judge by: ``volume amount``, by code."""
    traded = bars[(bars["volume"] > 0) & (bars["amount"] > 0)]
    code = traded["code"].astype("str")
    low, high = traded["low"] * (1 - BAR_OFF) - 0.005, traded["high"] * (1 + BAR_OFF) + 0.005
    volumes = VOLUMES if volume.unit is None else (volume.unit,)
    amounts = AMOUNTS if amount.unit is None else (amount.unit,)
    pairs = list(product(volumes, amounts))
    alike = volume.unit is None and amount.unit is None
    if alike:
        pairs.remove((1e4, 1e4))
    fits = {}
    for pair in pairs:
        price = traded["amount"] * pair[1] / (traded["volume"] * pair[0])
        fits[pair] = price.between(low, high).groupby(code).mean() >= FITS
    if alike:
        fits[1.0, 1.0] &= (traded["volume"] % 1 == 0).groupby(code).all()
    table = pd.DataFrame({at: fits[pair] for at, pair in enumerate(pairs)}, dtype=bool)
    for found in table.index[table.sum(axis=1) != 1]:
        raise PricesError(
            f"{where}: {found}: its columns {volume.header.strip()!r} and "
            f"{amount.header.strip()!r} do not state their units, and amount / volume against "
            "low..high does not make them clear. Write the unit into the header, as 成交量(股), "
            "成交量(手), 成交额(元) or 成交额(千元); if prices are adjusted, take raw ones"
        )
    best = np.array(pairs)[table.to_numpy().argmax(axis=1)] if len(table) else np.empty((0, 2))
    return pd.DataFrame(best, table.index, ["volume", "amount"])


def _said(
    bars: pd.DataFrame, units: pd.DataFrame, volume: Column, amount: Column, judged: str
) -> list[str]:
    said = []
    for per_share, per_cny in units.drop_duplicates().itertuples(index=False):
        mine = units[(units["volume"] == per_share) & (units["amount"] == per_cny)]
        if per_share == per_cny == 1 and not judged:
            continue
        of = "" if len(mine) == len(units) else f" of {some(bars.loc[mine.index, 'code'])}"
        said.append(
            f"volume{of} in {_VOLUME_NAMES.get(per_share, f'units of {per_share:,.0f} shares')} "
            f"({volume.header.strip()}) and amount in "
            f"{_AMOUNT_NAMES.get(per_cny, f'units of {per_cny:,.0f} CNY')} "
            f"({amount.header.strip()}){judged}"
        )
    return said


def some(codes: Iterable[object]) -> str:
    """The first three codes, and how many more."""
    known = list(dict.fromkeys(map(str, codes)))
    return ", ".join(known[:3]) + (f" and {len(known) - 3} more" if len(known) > 3 else "")
