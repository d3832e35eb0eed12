"""A surface on its own, as JSON and as rows."""

import json
from typing import Any

from thesis.market.calendar import as_date
from thesis.reporting.backtest import Backtest
from thesis.reporting.documents.evidence import surface_json
from thesis.reporting.documents.result import plain_values
from thesis.scoring.surface import Surface

SCHEMA = "thesis.surface/1"


def surface_text(result: Backtest, found: Surface) -> str:
    """The whole surface as JSON, schema ``thesis.surface/1``."""
    whole = result.to_dict()
    told: dict[str, Any] = {
        "schema": SCHEMA,
        **{key: whole[key] for key in ("thesis", "settings", "prices", "entry", "windows")},
        "surface": surface_json(found, result.score),
        "provenance": whole["provenance"],
    }
    return json.dumps(plain_values(told), ensure_ascii=False, indent=1)


def surface_rows(result: Backtest, found: Surface) -> list[dict[str, Any]]:
    """A row a known cell: delay, entry, exit, excess, rating."""
    ids = [band.id for band in result.thesis.scale.bands]
    mark = {"simulated": "SIMULATED PRICES"} if result.simulated else {}
    return [
        {
            "delay": each.delay,
            "entry": each.entry,
            "exit": as_date(found.sessions[column]),
            "excess": float(found.excess[row, column]),
            "rating": ids[number],
            **mark,
        }
        for row, each in enumerate(found.by_delay)
        for column, number in enumerate(found.ratings[row].tolist())
        if number >= 0
    ]
