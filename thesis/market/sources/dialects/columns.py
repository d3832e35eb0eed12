"""Which column of another vendor's file is which of ours: a table of headers, and their units.

Wind, Choice, Eastmoney, Tushare, akshare, baostock, JoinQuant and rqalpha print the same bars under
different names. A header is compared in plain form: full-width signs narrowed, no spaces, lower
case; what follows a bracket or a slash is its unit: ``成交量（手）`` is volume in lots.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

from thesis.market.door import REQUIRED

#: Headers in plain form, by field. Of codes and dates the first that a file has is taken.
HEADERS: dict[str, tuple[str, ...]] = {
    name: tuple(words.split())
    for name, words in {
        "code": "code ts_code windcode wind_code s_info_windcode order_book_id 股票代码 证券代码 "
        "代码 指数代码 symbol",
        "date": "date trade_date trade_dt tradedate 日期 交易日期 交易日 交易时间 时间 time "
        "datetime",
        "open": "open s_dq_open 开盘 开盘价",
        "high": "high s_dq_high 最高 最高价",
        "low": "low s_dq_low 最低 最低价",
        "close": "close s_dq_close 收盘 收盘价",
        "pre_close": "pre_close preclose s_dq_preclose",
        "volume": "volume vol s_dq_volume 成交量",
        "amount": "amount amt money total_turnover s_dq_amount 成交额 成交金额",
        "factor": "factor adj_factor adjfactor s_dq_adjfactor 复权因子 后复权因子 hfq_factor",
        "share_factor": "share_factor",
        "turnover": "turnover turnover_rate turn 换手率",
        "adjusted": "s_dq_adjclose",
        "adjustment": "adjustflag adjust 复权 复权方式 复权类型",
        "status": "s_dq_tradestatus tradestatus paused",
    }.items()
}

#: Units of volume in shares, of amount and price in CNY, of turnover as a fraction.
UNITS: dict[str, dict[str, float]] = {
    "volume": {"股": 1, "shares": 1, "手": 100, "lots": 100, "千股": 1e3, "万股": 1e4, "万手": 1e6},
    "amount": {
        "元": 1, "cny": 1, "rmb": 1, "yuan": 1, "千元": 1e3, "万元": 1e4, "万": 1e4,
        "百万": 1e6, "百万元": 1e6, "亿": 1e8, "亿元": 1e8,
    },
    "price": {"元": 1, "cny": 1, "rmb": 1, "yuan": 1, "元股": 1, "点": 1},
    "turnover": {"%": 0.01, "小数": 1},
}  # fmt: skip

#: Units that a vendor's own header carries without saying so.
KNOWN = {
    "s_dq_volume": 100.0, "s_dq_amount": 1000.0,
    "换手率": 0.01, "turnover_rate": 0.01, "turn": 0.01,
}  # fmt: skip

PRICES = ("open", "high", "low", "close", "pre_close")
_RAW_WORDS = {"不复权", "未复权", "除权", "原始", "raw", "日", ""}
_ADJUSTED = re.compile("前复权|后复权|qfq|hfq")
_FIELDS = {header: name for name, headers in HEADERS.items() for header in headers}


@dataclass(frozen=True)
class Column:
    """A column of a vendor's file.

    Attributes
    ----------
    header
        As it stands in the file.
    plain
        The same in plain form, without its unit.
    unit
        Size of its unit in ours; None where neither header nor vendor says.
    """

    header: str
    plain: str
    unit: float | None = None


@dataclass(frozen=True)
class Columns:
    """What the columns of a file are.

    Attributes
    ----------
    fields
        By the names of our schema, and ``adjusted`` (an adjusted close), ``adjustment`` (which
        adjustment a row has) and ``status`` (whether it was suspended).
    left_out
        Headers that could have been read but say too little.
    faults
        Why bars cannot be read from it, as ends of sentences.
    """

    fields: Mapping[str, Column]
    left_out: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()

    @property
    def are_bars(self) -> bool:
        """Whether a row is a bar; its code may stand in the file's name alone."""
        prices = "code" in self.fields or {"open", "high", "low"} <= set(self.fields)
        close = "close" in self.fields or "adjusted" in self.fields
        return "date" in self.fields and close and prices

    @property
    def are_factors(self) -> bool:
        """Whether a row is a factor without a bar, as in Tushare's adj_factor."""
        return {"date", "factor"} <= set(self.fields) and not self.are_bars

    @property
    def are_stocks(self) -> bool:
        """Whether the header of the codes says that they are stocks, not indices."""
        return "code" in self.fields and self.fields["code"].plain == "股票代码"


def are_ours(names: Sequence[str]) -> bool:
    """Whether a file is in the bars schema, so that nothing is to be mapped.

    Examples
    --------
    >>> are_ours(["code", "date", "close"]), are_ours(["ts_code", "trade_date", "close"])
    (True, False)
    """
    if not {"code", "date", "close"} <= set(names) or "adjustflag" in names:
        return False
    fields = match_columns(names).fields
    return all(name in names for name in REQUIRED if name in fields)


def match_columns(names: Sequence[str]) -> Columns:
    """Match the headers of a file.

    Examples
    --------
    >>> columns = match_columns(["代码", "日期", "收盘价(元)", "成交量（手）"])
    >>> columns.fields["volume"]
    Column(header='成交量（手）', plain='成交量', unit=100)
    """
    found: dict[str, list[Column]] = {}
    faults, left_out = [], []
    for header in names:
        plain, *words = _plain(header)
        adjusted = _ADJUSTED.search("/".join([plain, *words])) and not re.search(
            "因子|factor", plain
        )
        if adjusted:
            plain = _ADJUSTED.sub("", plain).strip("_-")
            words = [word for word in words if not _ADJUSTED.fullmatch(word)]
        name = _FIELDS.get(plain)
        if adjusted and (not plain or name == "adjustment"):
            faults.append(
                f"its header {header.strip()!r} says that prices are adjusted; take raw ones "
                "(不复权, as traded) and a cumulative factor"
            )
        elif adjusted and name in ("close", "adjusted"):
            found.setdefault("adjusted", []).append(Column(header, plain))
        elif name is not None and not adjusted:
            unit, unknown = _unit(name, plain, words)
            if unknown:
                faults.append(
                    f"its column {header.strip()!r} is in {unknown!r}, which is none of the units "
                    f"{' '.join(_units_of(name))}"
                )
            found.setdefault(name, []).append(Column(header, plain, unit))
    fields = {name: _first(name, columns) for name, columns in found.items()}
    for name, columns in found.items():
        if len(columns) > 1 and name not in ("code", "date", "adjusted"):
            both = " and ".join(repr(column.header.strip()) for column in columns)
            faults.append(f"its columns {both} are both {name}; remove one")
    turnover = fields.get("turnover")
    if turnover is not None and turnover.plain == "turnover" and turnover.unit is None:
        # Sina's, a fraction, stands beside the shares outstanding; others mean percent or CNY.
        if any(_plain(header)[0] == "outstanding_share" for header in names):
            fields["turnover"] = Column(turnover.header, turnover.plain, 1.0)
        else:
            left_out.append(fields.pop("turnover").header)
    return Columns(
        MappingProxyType(_with_tushare_units(fields)), tuple(left_out), tuple(dict.fromkeys(faults))
    )


def _plain(header: str) -> list[str]:
    """A header in plain form and the words of its brackets."""
    text = unicodedata.normalize("NFKC", header).strip("\ufeff \t'\"").lower()
    first, *words = re.split(r"[()\[\]【】,、;:/]+", re.sub(r"\s+", "", text))
    return [first, *(word for word in words if word)]


def _units_of(name: str) -> Mapping[str, float]:
    return UNITS.get("price" if name in PRICES else name, {})


def _unit(name: str, plain: str, words: Sequence[str]) -> tuple[float | None, str | None]:
    """Size of a unit, None where none is stated; and the word that is no known unit."""
    units = _units_of(name)
    said = [word for word in words if word not in _RAW_WORDS]
    if not units:
        return None, None
    if name in PRICES:
        said = ["".join(said)] if said else []
    unknown = next((word for word in said if word not in units), None)
    if unknown is not None:
        return None, unknown
    return (units[said[0]] if said else KNOWN.get(plain)), None


def _first(name: str, columns: Sequence[Column]) -> Column:
    if name == "adjusted":
        return columns[0]
    return min(columns, key=lambda column: HEADERS[name].index(column.plain))


def _with_tushare_units(fields: dict[str, Column]) -> dict[str, Column]:
    """Tushare's lots and thousands of CNY, which only its names give away: ts_code and vol."""
    code, volume, amount = (fields.get(name) for name in ("code", "volume", "amount"))
    if code is None or volume is None or (code.plain, volume.plain) != ("ts_code", "vol"):
        return fields
    fields["volume"] = Column(volume.header, volume.plain, volume.unit or 100.0)
    if amount is not None and amount.plain == "amount":
        fields["amount"] = Column(amount.header, amount.plain, amount.unit or 1000.0)
    return fields
