"""Whether bars hang together: jumps no limit allows, and prices that look adjusted.

Neither can be proved from bars alone, so both are cautions; but a missing split, a wrong factor or
vendor-adjusted prices can turn a verdict, and must not pass in silence.
"""

import numpy as np
import pandas as pd

from thesis.errors import Caution
from thesis.research.security import Board, parse_security

#: Largest daily move by board, with two points for rounding of references.
LARGEST_MOVE: dict[Board, float] = {"main": 0.12, "chinext": 0.22, "star": 0.22, "bse": 0.32}

#: A new listing has no limit on its first sessions.
FREE_BARS = 5

#: Above this share of bars with amount/volume outside low..high, prices look adjusted.
LOOKS_ADJUSTED = 0.5


def jumps(stocks: pd.DataFrame, where: str) -> list[Caution]:
    """Moves of the adjusted close beyond the board's limit, a caution a code.

    Parameters
    ----------
    stocks
        Bars of stocks, sorted by code and date.
    """
    adjusted = stocks["close"].to_numpy() * stocks["factor"].to_numpy()
    category = stocks["code"].cat
    limits = np.array([_limit(code) for code in category.categories])[category.codes]
    number = stocks.groupby("code", observed=True).cumcount().to_numpy()
    before = np.concatenate([[np.nan], adjusted[:-1]])
    with np.errstate(invalid="ignore", divide="ignore"):
        move = adjusted / before - 1
        beyond = (np.abs(move) > limits) & (number >= FREE_BARS)
    cautions = []
    for code, mine in stocks.assign(_move=move)[beyond].groupby("code", observed=True):
        first = mine.iloc[0]
        cautions.append(
            Caution(
                "price_jump",
                f"{where}: {code} moves by {first['_move']:+.0%} on {first['date'].date()}, after "
                f"its factor, beyond its price limit ({len(mine)} such bars): a wrong price, a "
                "factor that misses a split, or a session without a limit. Returns across it may "
                "be wrong",
            )
        )
    return cautions


def units(stocks: pd.DataFrame, off: pd.Series, where: str) -> list[Caution]:
    """Bars whose amount/volume lies outside low..high: block trades, or adjusted prices.

    Parameters
    ----------
    stocks
        Bars with volume and amount.
    off
        Which of them lie outside.
    """
    share = off.groupby(stocks["code"], observed=True).mean()
    adjusted = [str(code) for code in share.index[share > LOOKS_ADJUSTED]]
    cautions = []
    if adjusted:
        cautions.append(
            Caution(
                "looks_adjusted",
                f"{where}: amount / volume lies outside low..high on {share.max():.0%} of the bars "
                f"of {', '.join(adjusted[:3])}: these look like adjusted (qfq, hfq) prices. Bars "
                "must be raw, as traded; with adjusted ones returns are wrong",
            )
        )
    rest = off & ~stocks["code"].isin(adjusted)
    if rest.any():
        codes = sorted({str(code) for code in stocks.loc[rest, "code"]})
        more = f" and {len(codes) - 3} more" if len(codes) > 3 else ""
        cautions.append(
            Caution(
                "units_row",
                f"{where}: amount / volume lies outside low..high on {int(rest.sum())} of "
                f"{len(stocks)} bars ({', '.join(codes[:3])}{more}); block trades do that, "
                "wrong units would do it on all",
            )
        )
    return cautions


def _limit(code: str) -> float:
    return LARGEST_MOVE.get(parse_security(code).board, np.inf)
