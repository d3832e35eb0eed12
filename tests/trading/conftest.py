import numpy as np
import pytest

from thesis.market.calendar import session_after, sessions
from thesis.research.security import parse_security
from thesis.trading.conditions import Conditions

FIRST = np.datetime64("2024-10-14")


@pytest.fixture(scope="session")
def axis():
    """So many sessions from 2024-10-14 on."""

    def make(count):
        start = int(np.searchsorted(sessions(), FIRST))
        return sessions()[start : start + count]

    return make


@pytest.fixture(scope="session")
def market_of(axis):
    """Conditions of codes, with raw fill prices of shape (T, N) from 2024-10-14 on."""

    def make(codes, fill, close=None, adjustment=None, **rules):
        grid = np.array(fill, dtype=float)
        rules |= {
            name: np.array(values, dtype=float)
            for name, values in (("close", close), ("adjustment", adjustment))
            if values is not None
        }
        securities = [parse_security(code) for code in codes]
        return Conditions.plain(axis(len(grid)), securities, grid, **rules)

    return make


@pytest.fixture(scope="session")
def session():
    """The session so many after 2024-10-14."""

    def make(row):
        return session_after(FIRST.item(), row) if row else FIRST.item()

    return make
