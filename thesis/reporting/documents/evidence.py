"""The JSON form of the evidence and the risk behind a result."""

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

from thesis.scoring.chance import Chance, NoDrift
from thesis.scoring.events import Estimate, EventTests
from thesis.scoring.evidence import Evidence
from thesis.scoring.placebo import QUANTILES, Placebo, Placebos
from thesis.scoring.reading import Reading
from thesis.scoring.risk import Against, Risk
from thesis.scoring.score import Score
from thesis.scoring.surface import Surface

Json = dict[str, Any]

RATING_UNKNOWN = -1


def evidence_json(found: Evidence | None, score: Score) -> Json | None:
    """The evidence; None where none was sought. A part that cannot be had is null, with a reason.

    Parameters
    ----------
    score
        The score it was sought for.
    """
    if found is None:
        return None
    return {
        "seed": found.seed,
        "draws": found.draws,
        "chance": _chance(found.chance),
        "placebo": _placebo(found.placebo, found),
        "random_dates": noun(found.random_dates),
        "event_tests": _events(found.events),
        "run_up": noun(found.events.run_up) if found.events is not None else None,
        "surface": surface_json(found.surface, score),
        "readings": noun(found.definitions),
        "leave_one_out": {
            "names": [
                {"without": each.code, "excess": each.excess, "rating": each.rating}
                for each in score.without
            ],
            "best_name": noun(found.best_name),
        },
        "wider_lists": noun(found.wider),
        "attribution": noun(found.attribution),
        "reasons": dict(found.reasons),
        "warnings": [{"code": each.code, "message": each.message} for each in found.cautions],
    }


def risk_json(found: Risk | None) -> Json | None:
    """The risk of the paper basket; None where it has none."""
    if found is None:
        return None
    return {
        "measures": noun(found.measures),
        "reason": found.reason,
        "csi_1000": _against(found.small_caps),
        "equal_weight": _against(found.equal_weight),
    }


def surface_json(found: Surface | None, score: Score) -> Json | None:
    """A surface; ratings by their ids, null where unknown."""
    if found is None:
        return None
    ids = [band.id for band in score.case.thesis.scale.bands]
    return {
        "sessions": list(found.sessions.astype(object)),
        "delays": list(found.delays),
        "excess": found.excess.tolist(),
        "ratings": [
            [None if number == RATING_UNKNOWN else ids[number] for number in row]
            for row in found.ratings.tolist()
        ],
        "by_delay": noun(found.by_delay),
        "window": noun(found.window),
        "whole": noun(found.whole),
        "changes_at": found.changes_at,
    }


def noun(value: Any) -> Any:
    """A noun, or nouns in tuples and mappings, as plain values: its fields by their names."""
    if isinstance(value, Reading):
        return {
            "return": value.ret,
            "benchmark": value.benchmark,
            "excess": value.excess,
            "rating": value.rating,
            "near_edge": value.near_edge,
        }
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: noun(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, np.ndarray):
        plain = value.astype(object) if value.dtype.kind == "M" else value
        return plain.tolist()
    if hasattr(value, "items"):
        return {str(key): noun(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [noun(item) for item in value]
    return value


def _against(found: Against) -> Json:
    return {
        "basis": found.basis,
        "reason": found.reason,
        "readings": None
        if found.readings is None
        else {
            key: None if each is None else {"excess": each.excess, "rating": each.rating}
            for key, each in found.readings.items()
        },
    }


def _chance(found: Chance | None) -> Json | None:
    if found is None:
        return None
    return {
        "paper": [_no_drift(each) for each in found.paper],
        "sector": [_no_drift(each) for each in found.sector],
    }


def _no_drift(found: NoDrift) -> Json:
    plain: Json = noun(found)
    return plain


def _placebo(found: Placebos | None, evidence: Evidence) -> Json | None:
    if found is None:
        return None
    return {
        "names": found.names,
        "outside": found.outside,
        "drawn_from": noun(evidence.drawn),
        "quantiles": QUANTILES,
        "pools": {key: _pool(each) for key, each in found.pools.items()},
    }


def _pool(found: Placebo) -> Json:
    return {
        "stocks": found.stocks,
        "draws": found.draws,
        "exact": found.exact,
        "nearly_identical": found.nearly_identical,
        "strata": [
            {"label": each.label, "stocks": len(each.rows), "places": len(each.places)}
            for each in found.strata
        ],
        "readings": noun(found.readings),
        "fan": noun(found.fan),
        "reason": found.reason,
    }


def _events(found: EventTests | None) -> Json | None:
    if found is None:
        return None
    return {
        "market": found.market,
        "path": noun(found.path),
        "estimates": [_estimate(each) for each in found.estimates],
    }


def _estimate(found: Estimate) -> Json:
    return {
        "window": {
            "id": found.window.id,
            "first": found.window.first,
            "last": found.window.last,
            "sessions": len(found.window.axis),
            "without": found.window.without.name if found.window.without else None,
        },
        "car": noun(found.car),
        "tests": noun(found.tests),
        "unknown": dict(found.unknown),
    }
