"""Whether a vendor's prices are adjusted, and the factor between raw and adjusted ones.

A return needs raw prices and a multiplicative factor. Adjusted prices alone do not do: Eastmoney's
and Tencent's are additive, which bends returns, and none keeps lots and limits.
"""

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd

from thesis.errors import PricesError
from thesis.market.continuity import LOOKS_ADJUSTED
from thesis.market.door import BAR_OFF, UNITS_OFF

Floats = npt.NDArray[np.float64]

_WORDS = re.compile("前复权|后复权|(?<![a-z])(?:qfq|hfq)(?![a-z])")
#: Values of a column that says how a row is adjusted; baostock's adjustflag has 1 and 2.
_ADJUSTED = {"前复权", "后复权", "qfq", "hfq", "pre", "post", "1", "2", "1.0", "2.0"}

#: A usual daily move, a large one, and how much evidence makes prices adjusted (or raw).
_USUAL, _LARGE, _CLEAR, _RAW = 0.03, 0.1, 20.0, -3.0

#: More steps of the factor than this, and so many a year more, are no dividends.
_STEPS, _STEPS_A_YEAR = 2, 3

_REMEDY = "take raw prices (不复权, as traded) and a cumulative factor"


def refuse_named_adjusted(path: Path) -> None:
    """Refuse a file whose name, or whose folder's, says that its prices are adjusted."""
    if _WORDS.search(path.name.lower()) or _WORDS.fullmatch(path.parent.name.lower()):
        raise PricesError(f"{path}: its name says that its prices are adjusted; {_REMEDY}")


def refuse_flagged(flags: pd.Series, header: str, where: str) -> None:
    """Refuse rows that say of themselves that they are adjusted."""
    text = flags.dropna().astype("str").str.strip().str.lower()
    adjusted = text[text.isin(_ADJUSTED)]
    if len(adjusted):
        raise PricesError(
            f"{where}: its column {header} says {adjusted.iloc[0]!r}, adjusted prices; {_REMEDY}"
        )


def refuse_adjusted(bars: pd.DataFrame, where: str, *, doubtful: bool) -> None:
    """Refuse bars whose closes do not fall where their factor steps.

    On an ex-date a raw close falls by the factor's step, give or take the day's move; an adjusted
    one does not fall. Each step is a grain of evidence, weighed as if moves were normal and no
    larger than `_LARGE`, so that four or more must agree; a large one alone is left to the door,
    which warns of the jump that the factor then makes.

    Parameters
    ----------
    bars
        Of stocks, with ``code date close factor``.
    doubtful
        The vendor's prices are adjusted unless asked otherwise: raw ones must be shown to be raw.
    """
    ordered = bars.sort_values(["code", "date"], kind="stable")
    same = (ordered["code"] == ordered["code"].shift()).to_numpy()
    close = ordered["close"].where(ordered["close"] > 0)
    move = np.log((close / close.shift()).to_numpy())
    factor = ordered["factor"].where(ordered["factor"] > 0)
    step = np.log((factor / factor.shift()).to_numpy())
    at = same & (np.abs(step) > 1e-9) & np.isfinite(move)
    if not at.any():
        return
    as_raw = np.minimum(np.abs(move[at] + step[at]), _LARGE)
    as_adjusted = np.minimum(np.abs(move[at]), _LARGE)
    evidence = float(np.sum(as_raw**2 - as_adjusted**2) / (2 * _USUAL**2))
    if evidence > _CLEAR:
        raise PricesError(
            f"{where}: its closes do not fall on the {int(at.sum())} days its factor steps, so "
            f"they are adjusted already; {_REMEDY}"
        )
    if doubtful and evidence > _RAW:
        raise PricesError(
            f"{where}: JoinQuant's prices are adjusted by its factor unless asked with fq=None, "
            f"and the {int(at.sum())} steps of the factor do not show which these are; take "
            "prices with fq=None and put the cumulative factor into a column adj_factor"
        )


def refuse_outside(bars: pd.DataFrame, where: str) -> None:
    """Refuse bars most of whose average prices, amount / volume, lie outside low..high.

    Amounts are never adjusted. Off by more than units could explain is left to the door, which
    names the unit.

    Parameters
    ----------
    bars
        Of stocks, with ``code low high volume amount`` in shares and CNY.
    """
    traded = bars[(bars["volume"] > 0) & (bars["amount"] > 0)]
    price, code = traded["amount"] / traded["volume"], traded["code"].astype("str")
    low, high = traded["low"] * (1 - BAR_OFF) - 0.005, traded["high"] * (1 + BAR_OFF) + 0.005
    share = (~price.between(low, high)).groupby(code).mean()
    middle = (price / traded["close"]).groupby(code).median()
    near = middle.between(1 / UNITS_OFF, UNITS_OFF)
    for found in share.index[(share > LOOKS_ADJUSTED) & near]:
        raise PricesError(
            f"{where}: {found}: amount / volume lies outside low..high on {share[found]:.0%} of "
            f"its bars, so its prices look adjusted (qfq, hfq); {_REMEDY}"
        )


def factor_between(bars: pd.DataFrame, where: str) -> Floats:
    """The factor that leads from raw closes to adjusted ones, constant between its steps.

    Parameters
    ----------
    bars
        With ``code date close adjusted``.

    Raises
    ------
    PricesError
        If the adjusted closes are not raw ones times a stepwise factor: additive adjustment.
    """
    factor = pd.Series(np.nan, index=bars.index)
    for code, mine in bars.sort_values("date", kind="stable").groupby("code", observed=True):
        known = mine[(mine["close"] > 0) & (mine["adjusted"] > 0)]
        if known.empty:
            continue
        steps = _stepwise(known["close"].to_numpy(), known["adjusted"].to_numpy())
        years = (known["date"].iloc[-1] - known["date"].iloc[0]).days / 365.25
        count = int((np.diff(steps) != 0).sum())
        if count > _STEPS + _STEPS_A_YEAR * years:
            raise PricesError(
                f"{where}: {code}: adjusted over raw close changes {count} times in {len(known)} "
                "bars, so the adjustment is additive (as Eastmoney's and Tencent's) and no factor "
                "can be had from it; add a column factor, as Tushare's adj_factor"
            )
        factor[known.index] = steps
    return np.asarray(factor, dtype=np.float64)


def _stepwise(raw: Floats, adjusted: Floats) -> Floats:
    """Adjusted over raw with the rounding of adjusted prices taken out."""
    decimals = next(
        (d for d in (2, 3, 4) if np.abs(np.round(adjusted, d) - adjusted).max() < 1e-8), 6
    )
    half = 0.5 * 10.0**-decimals + 1e-9
    low, high = (adjusted - half) / raw, (adjusted + half) / raw
    factor: Floats = np.empty(len(raw))
    begin = 0
    bottom, top = low[0], high[0]
    for row in range(1, len(raw)):
        if max(bottom, low[row]) > min(top, high[row]):
            factor[begin:row] = (bottom + top) / 2
            begin, bottom, top = row, low[row], high[row]
        else:
            bottom, top = max(bottom, low[row]), min(top, high[row])
    factor[begin:] = (bottom + top) / 2
    return factor
