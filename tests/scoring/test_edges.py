"""Excess returns that lie exactly on an edge, and markets that lack an index."""

import datetime as dt

import exchange_calendars
import pandas as pd
import pytest

import thesis

TODAY = dt.date(2025, 12, 31)

# price paid, price from then on: the excess over a flat market, the rating, near an edge or not.
# Many of these quotients miss the edge by a bit or two in floating point, on either side.
ON_AND_BESIDE_THE_EDGES = [
    (10.00, 11.50, "buy", True),
    (20.00, 23.00, "buy", True),
    (3.00, 3.45, "buy", True),
    (7.00, 8.05, "buy", True),
    (10.00, 11.49, "overweight", True),
    (100.00, 115.50, "buy", True),
    (100.00, 115.51, "buy", False),
    (10.00, 10.50, "overweight", True),
    (6.00, 6.30, "overweight", True),
    (10.00, 10.49, "neutral", True),
    (10.00, 10.00, "neutral", False),
    (10.00, 9.51, "neutral", True),
    (10.00, 9.50, "underweight", True),
    (9.00, 8.55, "underweight", True),
    (6.00, 5.70, "underweight", True),
    (100.00, 94.50, "underweight", True),
    (100.00, 94.49, "underweight", False),
    (100.00, 95.50, "neutral", True),
    (100.00, 95.51, "neutral", False),
]

VERDICTS = {
    ("buy", "buy"): "met",
    ("overweight", "overweight"): "met",
    ("overweight", "buy"): "exceeded",
    ("neutral", "neutral"): "met",
    ("underweight", "underweight"): "met",
}


def small_market(folder, paid, level, *, total_index=True, share_factor=True):
    """One name that jumps at once and stays, in a market that does not move."""
    days = exchange_calendars.get_calendar("XSHG").sessions_in_range("2024-09-02", "2025-06-30")
    days = [day.date() for day in days]
    entry = dt.date(2024, 10, 14)
    rows, levels = [], []
    for day in days:
        opens, close = (paid, paid) if day < entry else (level, level)
        opens = paid if day == entry else opens
        row = {"code": "300133.SZ", "date": day, "open": opens, "close": close}
        row |= {"high": max(opens, close), "low": min(opens, close), "pre_close": paid}
        row |= {"volume": 1000, "amount": 1000 * (opens + close) / 2, "factor": 1.0}
        rows.append(row | ({"share_factor": 1.0} if share_factor else {}))
        start, now = (1000.0, 1000.0) if day < entry else (1000.0, 1000.0 * level / paid)
        levels.append({"code": "000300.SH", "date": day, "open": 4000.0, "close": 4000.0})
        levels.append({"code": "801760.SI", "date": day, "open": start, "close": now})
        if total_index:
            levels.append({"code": "H00300.CSI", "date": day, "open": None, "close": 5000.0})
    folder.mkdir(exist_ok=True)
    pd.DataFrame(rows).to_parquet(folder / "bars.parquet")
    frame = pd.DataFrame(levels).assign(high=None, low=None).astype({"high": float, "low": float})
    frame.to_parquet(folder / "index.parquet")
    return folder


def call(path, claimed="buy"):
    path.write_text(
        f"""
        id = "edge"
        title = "On the edge"
        [source]
        publisher = "Nobody"
        published = 2024-10-13
        published_basis = "printed"
        [claim]
        rating = "{claimed}"
        scale = "sinolink_industry"
        sector_index = "801760.SI"
        [[segment]]
        id = "one"
        [[segment.pick]]
        code = "300133.SZ"
        basis = "named"
        """,
        encoding="utf-8",
    )
    return path


@pytest.mark.parametrize(("paid", "level", "rating", "near"), ON_AND_BESIDE_THE_EDGES)
def test_an_edge_belongs_to_the_band_further_from_zero(paid, level, rating, near, tmp_path):
    prices = small_market(tmp_path / "market", paid, level)
    document = thesis.backtest(call(tmp_path / "edge.toml"), prices=prices, as_of=TODAY).to_dict()
    for leg in ("paper", "sector"):
        for reading, value in document[leg].items():
            assert (leg, reading, rating, near) == (
                leg,
                reading,
                value["rating"],
                value["near_edge"],
            )
        assert 1.0 == document["verdict"][leg]["agreement"]
        assert 1.0 == document["verdict"][leg]["window_share"]


@pytest.mark.parametrize("claimed", ["buy", "overweight", "neutral", "underweight"])
@pytest.mark.parametrize(
    ("level", "earned"),
    [(11.5, "buy"), (10.5, "overweight"), (10.0, "neutral"), (9.5, "underweight")],
)
def test_a_claim_is_met_exceeded_or_missed(claimed, level, earned, tmp_path):
    prices = small_market(tmp_path / "market", 10.0, level)
    path = call(tmp_path / "edge.toml", claimed)
    verdict = thesis.backtest(path, prices=prices, as_of=TODAY).to_dict()["verdict"]
    for leg in ("paper", "sector"):
        assert earned == verdict[leg]["earned"]
        assert VERDICTS.get((claimed, earned), "missed") == verdict[leg]["result"]


def test_the_small_market_agrees_with_a_second_computation(oracle, tmp_path):
    prices = small_market(tmp_path / "market", 7.0, 8.05)
    data = {
        "published": dt.date(2024, 10, 13),
        "rating": "buy",
        "sector_index": "801760.SI",
        "segments": [{"id": "one", "codes": ["300133.SZ"]}],
    }
    facts = oracle.read_market(prices, {"300133.SZ"}, {"801760.SI"})
    expected = oracle.backtest(facts, data, as_of=TODAY)
    result = thesis.backtest(call(tmp_path / "edge.toml"), prices=prices, as_of=TODAY)
    for reading, value in expected["net"].items():
        found = result.to_dict()["net"][reading]
        assert value["return"] == pytest.approx(found["return"], abs=1e-12)
        assert value["rating"] == found["rating"]


def test_without_the_total_return_index_both_sides_go_without_dividends(tmp_path):
    prices = small_market(tmp_path / "market", 10.0, 11.5, total_index=False)
    document = thesis.backtest(call(tmp_path / "edge.toml"), prices=prices, as_of=TODAY).to_dict()
    assert {"code": "000300.SH", "basis": "price"} == document["benchmark"]["paper"]
    assert "benchmark_basis" in {warning["code"] for warning in document["warnings"]}
    assert 0.15 == pytest.approx(document["paper"]["mean"]["excess"], abs=1e-12)


def test_a_basket_with_dividends_is_never_set_against_a_price_index(tmp_path):
    prices = small_market(tmp_path / "market", 10.0, 11.5, total_index=False, share_factor=False)
    with pytest.raises(thesis.PricesError, match=r"H00300\.CSI"):
        thesis.backtest(call(tmp_path / "edge.toml"), prices=prices, as_of=TODAY)
