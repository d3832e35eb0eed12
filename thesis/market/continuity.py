"""Whether bars hang together: jumps no limit allows, prices that look adjusted, odd index levels.

None can be proved from bars alone, so all are cautions; but a missing split, a wrong factor or
vendor-adjusted prices can turn a verdict, and must not pass in silence.
"""

import numpy as np
import pandas as pd

from thesis.errors import Caution
from thesis.market.calendar import sessions
from thesis.research.security import Board, parse_security

#: Largest daily move by board, with two points for rounding of references.
LARGEST_MOVE: dict[Board, float] = {"main": 0.12, "chinext": 0.22, "star": 0.22, "bse": 0.32}

#: A new listing has no limit on its first sessions.
FREE_BARS = 5

#: Largest daily move of an index: that of its members. The CSI 300 is mostly of the main board, and
#: never moved by 10%; on 2024-10-08 ChiNext moved by 17% and the Beijing index by 25%.
LARGEST_INDEX_MOVE = {"000300.SH": 0.12, "H00300.CSI": 0.12}
OTHER_INDEX_MOVE = 0.22
BEIJING_INDEX_MOVE = 0.32
#: How far a level may lie outside low..high: they are published rounded.
LEVEL_OFF = 0.011

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


def levels(indices: pd.DataFrame, where: str) -> list[Caution]:
    """Index levels that are hardly right: an open or close outside low..high, a jump.

    Levels without an open, high or low are judged by what there is.

    Parameters
    ----------
    indices
        Rows of indices, sorted by code and date.
    """
    if indices.empty:
        return []
    name = {each: indices[each].to_numpy() for each in ("open", "high", "low", "close")}
    category = indices["code"].cat
    limit = np.array([_index_limit(code) for code in category.categories])[category.codes]
    code = category.codes.to_numpy()
    at = np.searchsorted(sessions(), indices["date"].to_numpy().astype("datetime64[D]"))
    same = np.concatenate([[False], code[1:] == code[:-1]])
    before = np.where(same, np.concatenate([[np.nan], name["close"][:-1]]), np.nan)
    # Over sessions without a level the limits add up.
    room = limit * np.maximum(np.diff(at, prepend=0), 1)
    with np.errstate(invalid="ignore"):
        outside = np.zeros(len(indices), dtype=bool)
        for each in ("open", "close"):
            outside |= name[each] > name["high"] + LEVEL_OFF
            outside |= name[each] < name["low"] - LEVEL_OFF
        moves = {each: name[each] / before - 1 for each in ("open", "close")}
        move = np.where(np.abs(moves["close"]) > room, moves["close"], moves["open"])
        jumps = np.abs(move) > room
    cautions = []
    for which, mine in indices[outside].groupby("code", observed=True):
        row = mine.iloc[0]
        cautions.append(
            Caution(
                "index_odd",
                f"{where}: {which} on {row['date'].date()}: open {row['open']:g} or close "
                f"{row['close']:g} lies outside its low {row['low']:g} to high {row['high']:g} "
                f"({len(mine)} such rows); a level is wrong",
            )
        )
    for which, mine in indices.assign(_move=move)[jumps].groupby("code", observed=True):
        row = mine.iloc[0]
        cautions.append(
            Caution(
                "index_jump",
                f"{where}: {which} moves by {row['_move']:+.0%} on {row['date'].date()}, more than "
                f"its members may ({len(mine)} such rows); a level is wrong. Excess returns "
                "across it may be too",
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


def _index_limit(code: str) -> float:
    other = BEIJING_INDEX_MOVE if code.endswith(".BJ") else OTHER_INDEX_MOVE
    return LARGEST_INDEX_MOVE.get(code, other)
