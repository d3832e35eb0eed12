import pandas as pd
import pytest

DAYS = ("2024-10-14", "2024-10-15", "2024-10-16", "2024-10-17", "2024-10-18")


def _bars(code="300308.SZ", days=DAYS, **columns):
    """Possible bars of one code; a keyword replaces a column, None takes it out."""
    table = {
        "code": code,
        "date": list(days),
        "open": 10.0,
        "high": 10.5,
        "low": 9.5,
        "close": 10.2,
        "volume": 1000.0,
        "amount": 10_100.0,
        "factor": 1.0,
    }
    table |= columns
    kept = {name: value for name, value in table.items() if value is not None}
    return pd.DataFrame(kept, index=range(len(days)))


@pytest.fixture(scope="session")
def bars():
    return _bars


@pytest.fixture(scope="session")
def levels():
    """Rows of an index as the data vendors give them: code, date and close alone."""

    def make(code="000300.SH", days=DAYS, close=4000.0):
        return pd.DataFrame({"code": code, "date": list(days), "close": close})

    return make
