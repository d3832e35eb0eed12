"""Over 5% of the capital left uninvested by lots is said. One name at CNY 10, in lots of 100."""

import datetime as dt

import pandas as pd
import pytest

import thesis
from thesis.market.calendar import sessions
from thesis.market.panel import PricePanel
from thesis.research.thesis import Thesis


@pytest.fixture(scope="module")
def panel():
    days = sessions()
    days = days[(days >= pd.Timestamp("2024-10-08")) & (days <= pd.Timestamp("2025-05-30"))]
    flat = pd.DataFrame(
        {"date": days.astype("M8[s]"), "open": 10.0, "high": 10.0, "low": 10.0, "close": 10.0,
         "volume": 1000.0, "amount": 10_000.0, "factor": 1.0}
    )  # fmt: skip
    codes = ("600001.SH", "000300.SH", "H00300.CSI")
    return PricePanel.from_frame(pd.concat([flat.assign(code=code) for code in codes]))


@pytest.fixture(scope="module")
def one_name():
    return Thesis.model_validate(
        {
            "id": "one",
            "title": "One name",
            "source": {"publisher": "Broker", "published": dt.date(2024, 10, 13)},
            "claim": {"rating": "neutral", "scale": "sinolink_industry"},
            "segment": [{"id": "it", "pick": [{"code": "600001.SH", "basis": "named"}]}],
        }
    )


# 10 lots cost 10,000 and fees of 5.10 (commission at its minimum of 5, transfer fee 0.10).
@pytest.mark.parametrize(
    ("capital", "said"),
    [(10_500.0, False), (10_550.0, True), (10_700.0, True), (11_100.0, False), (1_500.0, True)],
)
def test_cash_left_by_lots_is_said_above_five_percent(panel, one_name, capital, said):
    result = thesis.backtest(one_name, panel, capital=capital, as_of=dt.date(2025, 6, 30))

    found = [w["message"] for w in result.to_dict()["warnings"] if w["code"] == "capital_too_small"]
    assert said == bool(found)
    if said:
        # One lot: 1,000, commission 5, transfer fee 0.01.
        assert "the smallest capital that holds every name is CNY 1,006" in found[0]


def test_the_path_sets_the_sector_against_the_price_index_and_the_basket_against_total_return():
    names = ["300308.SZ", "300502.SZ", "300394.SZ", "000300.SH", "H00300.CSI", "801770.SI"]
    sample = thesis.read_prices("sample", names)
    path = thesis.backtest("optical_module", sample).path.iloc[-1]

    entry, end = (sample.row(dt.date(2024, 10, 14)), sample.row(dt.date(2025, 4, 11)))
    price = sample.field("close", "000300.SH")
    opening = sample.field("open", "000300.SH")[entry]
    total = sample.field("close", "H00300.CSI")
    sector = sample.field("close", "801770.SI")[end] / sample.field("open", "801770.SI")[entry] - 1
    assert pytest.approx(price[end] / opening - 1, abs=1e-12) == path["sector_benchmark"]
    level = total[entry - 1] * opening / price[entry - 1]
    assert pytest.approx(total[end] / level - 1, abs=1e-12) == path["benchmark"]
    assert pytest.approx(sector, abs=1e-12) == path["sector"]
