"""The JSON form of a result, schema ``thesis.backtest/1``.

Unknown values are null, never left out, never NaN. Numbers are at full precision.
"""

import datetime as dt
import json
import math
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from importlib.resources import files
from typing import Any

import numpy as np

from thesis.market.benchmark import Benchmark
from thesis.market.calendar import as_date, calendar_name
from thesis.market.rules import citation
from thesis.reporting.documents.evidence import evidence_json, risk_json
from thesis.research.thesis import Thesis
from thesis.scoring.evidence import Evidence
from thesis.scoring.leg import Leg
from thesis.scoring.reading import HEADLINE, Reading, Readings, Verdict
from thesis.scoring.score import Score, SegmentResult

SCHEMA = "thesis.backtest/1"
PACKAGES = ("numpy", "pandas", "vectorbt", "exchange-calendars", "marina-rules", "pydantic")

Json = dict[str, Any]


@lru_cache(maxsize=1)
def result_schema() -> Json:
    """The JSON Schema of a result, as it ships."""
    text = (files("thesis.reporting") / "result_schema.json").read_text(encoding="utf-8")
    schema: Json = json.loads(text)
    return schema


def document(score: Score, command: str, evidence: Evidence | None = None) -> Json:
    """The JSON form of a score.

    Parameters
    ----------
    command
        What made it, for the provenance.
    evidence
        What was found behind its verdict, where it was looked for.
    """
    case, when, thesis = score.case, score.when, score.case.thesis
    panel = case.panel
    found: Json = {
        "schema": SCHEMA,
        "thesis": _thesis(thesis),
        "settings": {
            "entry": case.strategy.entry,
            "delay": case.strategy.delay,
            "weights": case.strategy.weights_name,
            "rebalance": case.strategy.rebalance,
            "basis": case.basis,
            "costs": case.strategy.costs,
            "lots": case.strategy.lots,
            "max_wait": case.strategy.max_wait,
            "capital": case.strategy.capital,
            "cash": case.strategy.cash,
            "exit": case.strategy.exit_name,
            "limits": case.strategy.limits,
            "dividend_tax": case.strategy.dividend_tax,
            "impact": case.strategy.impact,
            "participation": case.strategy.participation,
            "as_of": case.as_of,
            "seed": evidence.seed if evidence is not None else None,
            "draws": evidence.draws if evidence is not None else None,
        },
        "prices": {
            "origin": panel.origin,
            "simulated": panel.simulated,
            "fingerprint": panel.fingerprint,
            "first": min(filter(None, map(panel.first_bar, _priced(thesis))), default=None),
            "last": max(filter(None, map(panel.last_bar, _priced(thesis))), default=None),
        },
        "entry": {"session": when.entry, "price_field": when.price},
        "windows": when.windows,
        "benchmark": {
            "paper": _benchmark(score.benchmark) if score.paper else None,
            "sector": _benchmark(score.sector.benchmark) if score.sector else None,
            "net": _benchmark(score.benchmark) if score.net else None,
        },
        "sector": _leg(score.sector),
        "paper": _leg(score.paper),
        "net": _leg(score.net),
        "verdict": {
            "claimed": thesis.band.id,
            "headline": HEADLINE,
            "primary": "paper" if thesis.codes else "sector",
            "sector": _verdict(score.sector),
            "paper": _verdict(score.paper),
            "net": _verdict(score.net),
        },
        "segments": [_segment(segment) for segment in score.segments] if thesis.codes else [],
        "names": [
            {
                "code": name.code,
                "name": name.name,
                "segments": name.segments,
                "basis": name.basis,
                "status": name.status,
                "net_status": name.net_status,
                "entry_session": name.entry_session,
                "weight": name.weight,
                "return": name.returns,
                "contribution": name.contribution,
                "net_contribution": name.net_contribution,
            }
            for name in score.names
        ],
        "unlisted": [
            {"name": item.name, "reason": item.reason, "code": item.code, "listed": item.listed}
            for segment in thesis.segment
            for item in segment.unlisted
        ],
        "net_residual": None
        if score.traded is None
        else {"cash": score.traded.cash, "fees": score.traded.fees},
        "bridge": _bridge(score),
        "trades": [
            {
                "code": order.code,
                "session": order.session,
                "side": order.side,
                "shares": order.shares,
                "price": order.price,
                "fees": order.fees,
                "for": order.cause,
            }
            for order in (score.traded.plan.orders if score.traded else ())
        ],
        "waits": [
            {
                "code": wait.code,
                "session": wait.session,
                "side": wait.side,
                "reason": wait.reason,
            }
            for wait in (score.traded.plan.waits if score.traded else ())
        ],
        "capacity": _capacity(score),
        "rebalances": score.traded.plan.rebalances if score.traded else [],
        "path": _path(score),
        "at_zero": _readings(score.at_zero),
        "net_at_zero": _readings(score.traded.at_zero) if score.traded else None,
        "leave_one_out": [
            {"without": each.code, "excess": each.excess, "rating": each.rating}
            for each in score.without
        ],
        "sector_choices": [
            {
                "choice": other.choice,
                "codes": other.codes,
                "note": other.note,
                "readings": _readings(other.readings),
            }
            for other in score.other_sectors
        ],
        "publication_dates": [
            {
                "published": dated.published,
                "entry": dated.entry,
                "paper": _short(dated.paper),
                "sector": _short(dated.sector),
            }
            for dated in score.dated
        ],
        "risk": risk_json(score.risk),
        "evidence": evidence_json(evidence, score),
        "coverage": dict(score.coverage),
        "warnings": [{"code": each.code, "message": each.message} for each in score.cautions],
        "provenance": {
            "thesis_version": _version("thesis-backtest"),
            "rules_citation": citation(),
            "calendar": calendar_name(),
            "packages": {name: _version(name) for name in PACKAGES},
            "command": command,
        },
    }
    plain: Json = plain_values(found)
    return plain


def _priced(thesis: Thesis) -> tuple[str, ...]:
    """The codes whose span of bars is reported: the names, or the sector index without names."""
    return thesis.codes or tuple(filter(None, [thesis.claim.sector_index]))


def _thesis(thesis: Thesis) -> Json:
    return {
        "id": thesis.id,
        "title": thesis.title,
        "title_zh": thesis.title_zh,
        "publisher": thesis.source.publisher,
        "published": thesis.source.published,
        "published_basis": thesis.source.published_basis,
        "claimed": thesis.band.id,
        "scale": thesis.claim.scale,
        "kind": thesis.kind,
        "sector_index": thesis.claim.sector_index,
        "sector_basis": thesis.claim.sector_basis,
        "benchmark_note": thesis.scale.benchmark_note,
        "fingerprint": thesis.fingerprint,
    }


def _benchmark(benchmark: Benchmark) -> Json:
    return {"code": benchmark.code, "basis": benchmark.basis}


def _reading(reading: Reading | None) -> Json | None:
    if reading is None:
        return None
    return {
        "return": reading.ret,
        "benchmark": reading.benchmark,
        "excess": reading.excess,
        "rating": reading.rating,
        "near_edge": reading.near_edge,
    }


def _readings(readings: Readings | None) -> Json | None:
    return None if readings is None else {key: _reading(r) for key, r in readings.items()}


def _short(reading: Reading | None) -> Json | None:
    return None if reading is None else {"excess": reading.excess, "rating": reading.rating}


def _leg(leg: Leg | None) -> Json | None:
    return None if leg is None else _readings(leg.readings)


def _verdict(leg: Leg | None) -> Json | None:
    if leg is None:
        return None
    verdict: Verdict = leg.verdict
    return {
        "earned": verdict.earned,
        "result": verdict.result,
        "agreement": verdict.agreement,
        "window_share": verdict.window_share,
        "reason": verdict.reason,
    }


def _segment(segment: SegmentResult) -> Json:
    return {
        "id": segment.id,
        "name": segment.name,
        "name_zh": segment.name_zh,
        "basis": segment.basis,
        "leave_one_out": [
            {"without": each.code, "excess": each.excess, "rating": each.rating}
            for each in segment.without
        ],
        "status": segment.status,
        "paper": _readings(segment.readings),
        "contribution": segment.contribution,
    }


def _bridge(score: Score) -> Json | None:
    if score.paper is None or score.traded is None:
        return None
    return {
        "paper": _short(score.paper.headline),
        "frictionless": _short(score.traded.frictionless[HEADLINE]),
        "executable": _short(score.traded.executable[HEADLINE]),
        "net": _short(score.traded.leg.headline),
    }


def _capacity(score: Score) -> Json | None:
    found = score.traded.capacity if score.traded is not None else None
    if found is None:
        return None
    first = found.first_limited
    return {
        "capital": found.capital,
        "excess": found.excess,
        "rating": found.rating,
        "edge": found.edge,
        "participation": found.participation,
        "constant": found.constant,
        "first_limited": None if first is None else {"code": first.code, "capital": first.capital},
        "curve": [{"capital": capital, "excess": excess} for capital, excess in found.curve],
        "reason": found.reason,
    }


def _path(score: Score) -> list[Json]:
    nothing = np.full(len(score.axis), np.nan)
    paper, sector, net = score.paper, score.sector, score.net
    columns = {
        "basket": paper.path if paper else nothing,
        "benchmark": paper.against if paper else sector.against if sector else nothing,
        "sector": sector.path if sector else nothing,
        "sector_benchmark": sector.against if sector else nothing,
        "net": net.path if net else nothing,
    }
    return [
        {"session": as_date(day), **{name: float(values[row]) for name, values in columns.items()}}
        for row, day in enumerate(score.axis)
    ]


def plain_values(value: Any) -> Any:
    """Dates as ISO text, NaN as None, tuples as lists."""
    if isinstance(value, dict):
        return {key: plain_values(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain_values(item) for item in value]
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, float | np.floating):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, np.integer | np.bool_):
        return value.item()
    return value


@lru_cache(maxsize=32)
def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
