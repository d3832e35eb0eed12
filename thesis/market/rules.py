"""Dated exchange rules: lots and fees, with the citation of where they come from.

Rates are marina-rules', each record dated and sourced. Two things are ours. Lot sizes, which it
does not carry: 100 on the main board and ChiNext; 200, then single shares, on STAR; 100, then
single shares, in Beijing. And Beijing's fees, for which it has no record: stamp duty is national
law, and the transfer fee was 0.025 per mille until ChinaClear's notice of 2022-04-28 set 0.01 per
mille for Shanghai, Shenzhen and Beijing alike from 2022-04-29.
"""

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

from thesis.errors import RulesError
from thesis.research.security import Board, Security

Floats = npt.NDArray[np.float64]

COMMISSION = 0.00025  # a convention among brokers, not a rule; CNY 5 minimum is the rule
_BEIJING_OPENED = dt.date(2021, 11, 15)
_BEIJING_CUT = dt.date(2022, 4, 29)
_MARKET = {"SH": "XSHG", "SZ": "XSHE"}


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


@dataclass(frozen=True)
class FeeRates:
    """What an order pays, each part rounded half up to the cent.

    Attributes
    ----------
    commission, transfer, stamp
        Fractions of the order's amount; `stamp` on sales only.
    minimum
        Least commission of an order, CNY.
    """

    commission: float = 0.0
    minimum: float = 0.0
    transfer: float = 0.0
    stamp: float = 0.0

    def buy(self, amount: Floats | float) -> Floats:
        """Fees of buying for `amount` CNY; zero for a zero amount."""
        return self._fees(np.asarray(amount, dtype=float), self.transfer, 0.0)

    def sell(self, amount: Floats | float) -> Floats:
        """Fees of selling for `amount` CNY; zero for a zero amount."""
        return self._fees(np.asarray(amount, dtype=float), self.transfer, self.stamp)

    def _fees(self, amount: Floats, transfer: float, stamp: float) -> Floats:
        commission = np.maximum(cents(self.commission * amount), self.minimum)
        fees = commission + cents(transfer * amount) + cents(stamp * amount)
        return np.asarray(np.where(amount > 0, fees, 0.0), dtype=float)


NO_FEES = FeeRates()


def cents(amount: Floats) -> Floats:
    """Round half up to the cent, as exchanges and brokers do.

    Examples
    --------
    >>> cents(np.array([0.125, 0.124, 2.675]))
    array([0.13, 0.12, 2.68])
    """
    return np.floor(amount * 100 + 0.5 + 1e-9) / 100


def fee_rates(security: Security, day: dt.date) -> FeeRates:
    """The fees an order in `security` paid on `day`.

    Raises
    ------
    RulesError
        If the dated rules have no answer; none is guessed.
    """
    return _fee_rates(security.exchange, day)


@lru_cache(maxsize=4096)
def _fee_rates(exchange: str, day: dt.date) -> FeeRates:
    market = _MARKET.get(exchange)
    if market is None and day < _BEIJING_OPENED:
        raise RulesError(
            f"the Beijing exchange opened on {_BEIJING_OPENED}; it has no fees on {day}"
        )
    transfer = (
        _rule("transfer_fee_each_side", day, market)
        if market
        else (0.00001 if day >= _BEIJING_CUT else 0.000025)
    )
    # Stamp duty and the least commission are national: Beijing's are the record of the others.
    return FeeRates(
        commission=COMMISSION,
        minimum=_rule("commission_min_per_order_cny", day, market or "XSHG"),
        transfer=transfer,
        stamp=_rule("stamp_duty_sell", day, market or "XSHG"),
    )


def _rule(rule: str, day: dt.date, market: str) -> float:
    try:
        return float(_marina().rule_at(rule, day.isoformat(), "stock", market))
    except KeyError:
        raise RulesError(
            f"{citation()} has no {rule} for {market} on {day}; trading costs on that day are "
            "unknown. `--costs none` leaves fees out."
        ) from None


def citation() -> str:
    """Name, version and content hash of the rules, for every result."""
    text: str = _marina().citation()
    return text


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
