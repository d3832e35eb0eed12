"""Dated exchange rules: lots, fees and T+1, with the citation of where they come from.

Rates are marina-rules', each record dated and sourced. These are ours, where it has no record:

- Lots: 100 on the main board and ChiNext; 200, then single shares, on STAR; 100, then single
  shares, in Beijing.
- Beijing's fees: stamp duty and the least commission are national (the records of the others);
  the transfer fee was 0.025 per mille until ChinaClear's notice of 2022-04-28 set 0.01 per mille
  for Shanghai, Shenzhen and Beijing alike from 2022-04-29.
- Beijing's T+1: the exchange's trading rules (北证公告〔2021〕15号, in force since it opened on
  2021-11-15) keep shares bought from being sold the same day, as the other exchanges' do.
- The rounding of Beijing's limit prices, for which see `thesis.market.limits`.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from thesis.errors import RulesError
from thesis.market.calendar import Dates, as_date
from thesis.research.security import Board, Security

Floats = npt.NDArray[np.float64]

COMMISSION = 0.00025  # a convention among brokers, not a rule; CNY 5 minimum is the rule

#: What marina-rules calls the exchanges.
MARKETS = {"SH": "XSHG", "SZ": "XSHE", "BJ": "BJSE"}

_FEES = ("stamp_duty_sell", "transfer_fee_each_side", "commission_min_per_order_cny")
_BEIJING_OPENED = np.datetime64("2021-11-15")
_BEIJING_CUT = np.datetime64("2022-04-29")


@dataclass(frozen=True)
class Lot:
    """The least number of shares a buy order may name, and the step above it."""

    minimum: int
    step: int


LOTS: dict[Board, Lot] = {
    "main": Lot(100, 100),
    "chinext": Lot(100, 100),
    "star": Lot(200, 1),
    "bse": Lot(100, 1),
}


@dataclass(frozen=True, eq=False)
class FeeTable:
    """What an order pays, by session and name, each part rounded half up to the cent.

    Attributes
    ----------
    commission, transfer, stamp
        Fractions of the order's amount, shape (T, N); `stamp` on sales only.
    minimum
        Least commission of an order, CNY, shape (T, N).

    Examples
    --------
    >>> from thesis.research.security import parse_security
    >>> table = fee_table([parse_security("300308.SZ")], np.array(["2024-10-14"], "datetime64[D]"))
    >>> table.buy(0, np.array([1_000_000.0])), table.sell(0, np.array([1_000_000.0]))
    (array([260.]), array([760.]))
    """

    commission: Floats
    minimum: Floats
    transfer: Floats
    stamp: Floats

    def buy(self, row: int, amount: Floats) -> Floats:
        """Fees of buying on one session for `amount` CNY, shape (..., N); 0 for a zero amount."""
        return _fees(amount, self.commission[row], self.minimum[row], self.transfer[row])

    def sell(self, row: int, amount: Floats) -> Floats:
        """Fees of selling on one session for `amount` CNY, shape (..., N); 0 for a zero amount."""
        return _fees(
            amount, self.commission[row], self.minimum[row], self.transfer[row], self.stamp[row]
        )

    def sell_all(self, amount: Floats) -> Floats:
        """Fees of selling on each session, shape (T, N), or (T, V, N) for V portfolios."""
        across = (slice(None), *(None,) * (np.ndim(amount) - 2))
        return _fees(
            amount,
            self.commission[across],
            self.minimum[across],
            self.transfer[across],
            self.stamp[across],
        )


def fee_table(securities: Sequence[Security], sessions: Dates, *, costs: bool = True) -> FeeTable:
    """The fees of orders in N securities on T sessions.

    Parameters
    ----------
    costs
        False charges nothing, and asks no rule.

    Raises
    ------
    RulesError
        If the dated rules have no answer for a session; none is guessed.
    """
    exchanges = [security.exchange for security in securities]
    grid = np.zeros((len(_FEES), len(sessions), len(exchanges)))
    if not costs:
        return FeeTable(grid[0], *grid)
    rates = {exchange: _rates(exchange, sessions) for exchange in dict.fromkeys(exchanges)}
    for column, exchange in enumerate(exchanges):
        grid[:, :, column] = rates[exchange]
    stamp, transfer, minimum = grid
    return FeeTable(np.full(stamp.shape, COMMISSION), minimum, transfer, stamp)


def holding_sessions(security: Security, day: dt.date) -> int:
    """Sessions that shares bought on `day` must be held before they may be sold: 1 under T+1.

    Raises
    ------
    RulesError
        If the dated rules have no answer.

    Examples
    --------
    >>> from thesis.research.security import parse_security
    >>> holding_sessions(parse_security("688256.SH"), dt.date(2024, 10, 14))
    1
    """
    market = MARKETS[security.exchange]
    if security.exchange == "BJ":
        if day < as_date(_BEIJING_OPENED):
            raise RulesError(_not_open(day))
        return 1
    held = dated("min_holding_days", "stock", market).on(day)
    if held is None:
        raise RulesError(
            f"{library()} has no min_holding_days for {market} on {day}: when shares bought that "
            "day may be sold is unknown. Enter later"
        )
    return int(held)


@dataclass(frozen=True, eq=False)
class Dated:
    """The values of one rule by date.

    Attributes
    ----------
    begins
        First day of each span, ascending; the first lies before every record.
    values
        The rule's value from that day on; None where there is no record.
    """

    begins: Dates
    values: tuple[Any, ...]

    def on(self, day: dt.date) -> Any:
        """The value on a day; None where there is no record."""
        return self.values[int(np.searchsorted(self.begins, np.datetime64(day), side="right")) - 1]

    def floats(self, days: Dates) -> Floats:
        """The value of each day; NaN where there is no record."""
        values = np.array(self.values, dtype=float)
        return np.asarray(values[np.searchsorted(self.begins, days, side="right") - 1])


@lru_cache(maxsize=256)
def dated(rule: str, scope: str, market: str) -> Dated:
    """A rule of marina-rules by date: the library is asked once for each span, not for each day."""
    marina = _marina()
    edges = {
        edge
        for record in marina.records()
        if record.rule == rule and record.scope == scope
        for edge in (record.effective_from, record.effective_to)
        if edge is not None
    }
    begins, values = ["0001-01-01"], [None]
    for edge in sorted(edges):
        try:
            value = marina.rule_at(rule, edge, scope, market)
        except LookupError:  # no record, or two that contradict each other
            value = None
        begins.append(edge)
        values.append(value)
    return Dated(np.array(begins, dtype="datetime64[D]"), tuple(values))


def cents(amount: Floats) -> Floats:
    """Round half up to the cent, as exchanges and brokers do.

    Examples
    --------
    >>> cents(np.array([0.125, 0.124, 2.675]))
    array([0.13, 0.12, 2.68])
    """
    return np.floor(amount * 100 + 0.5 + 1e-9) / 100


def citation() -> str:
    """Name, version and content hash of the rules, and what of them is ours, for every result."""
    return f"rules: {library()}; thesis overrides: lots, Beijing fees, T+1 and limit rounding"


def library() -> str:
    """Name, version and content hash of marina-rules."""
    text: str = _marina().citation()
    return text.removeprefix("rules: ")


def _fees(
    amount: Floats,
    commission: Floats,
    minimum: Floats,
    transfer: Floats,
    stamp: Floats | None = None,
) -> Floats:
    amount = np.asarray(amount, dtype=float)
    fees = np.maximum(cents(commission * amount), minimum) + cents(transfer * amount)
    if stamp is not None:
        fees = fees + cents(stamp * amount)
    # Sums of whole cents, without the tail their floats leave.
    return np.asarray(np.where(amount > 0, np.round(fees, 2), 0.0), dtype=float)


def _rates(exchange: str, sessions: Dates) -> Floats:
    """Rates of `_FEES` on one exchange, shape (3, T)."""
    beijing = exchange == "BJ"
    if beijing and len(sessions) and sessions[0] < _BEIJING_OPENED:
        raise RulesError(_not_open(as_date(sessions[0])))
    market = MARKETS["SH" if beijing else exchange]
    rates = np.stack([dated(rule, "stock", market).floats(sessions) for rule in _FEES])
    if beijing:
        rates[1] = np.where(sessions < _BEIJING_CUT, 0.000025, 0.00001)
    unknown = np.isnan(rates)
    if unknown.any():
        row = int(unknown.any(axis=0).argmax())
        rule = _FEES[int(unknown[:, row].argmax())]
        raise RulesError(
            f"{library()} has no {rule} for {market} on {sessions[row]}; trading costs on that "
            "day are unknown. `--costs none` leaves fees out."
        )
    return rates


def _not_open(day: dt.date) -> str:
    return f"the Beijing exchange opened on {_BEIJING_OPENED}; it had no rules on {day}"


@lru_cache(maxsize=1)
def _marina() -> Any:
    """marina_rules, its YAML parsed once by libyaml: 0.05 s instead of 0.4 s."""
    import marina_rules

    with _READING:
        slow = marina_rules.yaml
        try:
            marina_rules.yaml = _FastYaml()  # its own name for yaml; yaml itself stays as it is
            marina_rules.records()
        finally:
            marina_rules.yaml = slow
    return marina_rules


_READING = Lock()


class _FastYaml:
    """The one function of yaml that marina_rules uses, on the C parser where there is one."""

    @staticmethod
    def safe_load(stream: object) -> Any:
        import yaml

        return yaml.load(stream, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
