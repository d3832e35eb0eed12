"""The JSON form of a market review, schema ``thesis.review/1``."""

import json
from functools import lru_cache
from importlib.metadata import version
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from thesis.market.calendar import as_date, calendar_name
from thesis.reporting.documents.result import Json, plain_values
from thesis.reporting.words.review import note_words
from thesis.scoring.index_returns import IndexReturn
from thesis.scoring.movers import Mover, Movers
from thesis.scoring.printed import PrintedCheck

if TYPE_CHECKING:
    from thesis.reporting.review import Review

SCHEMA = "thesis.review/1"


@lru_cache(maxsize=1)
def review_schema() -> Json:
    """The JSON Schema of a review, as it ships."""
    text = (files("thesis.reporting") / "review_schema.json").read_text(encoding="utf-8")
    schema: Json = json.loads(text)
    return schema


def review_document(found: "Review") -> Json:
    """The JSON form of a review: unknown values are null, numbers at full precision."""
    span, indices, panel = found.span, found.indices, found.panel
    told: Json = {
        "schema": SCHEMA,
        "simulated": found.simulated,
        "settings": {
            "from": span.asked_first,
            "to": span.asked_last,
            "base": span.asked_base,
            "industries": [each.industry for each in found.movers],
            "movers": found.count,
            "as_of": found.as_of,
        },
        "sessions": {"first": span.first, "last": span.last, "base": span.base},
        "prices": {
            "origin": panel.origin,
            "simulated": panel.simulated,
            "fingerprint": panel.fingerprint,
            "first": panel.first,
            "last": panel.last,
        },
        "benchmark": {
            "code": indices.benchmark.code,
            "basis": "price",
            "return": indices.benchmark.ret,
            "since_base": indices.benchmark.since_base,
            "reason": indices.benchmark.reason,
        },
        "ahead": indices.ahead,
        "indices": [_index(each) for each in indices.industries],
        "path": {
            "session": [as_date(day) for day in indices.axis],
            "returns": {code: path.tolist() for code, path in indices.paths.items()},
        },
        "printed": [_printed(each) for each in found.printed],
        "movers": [_movers(each, found.count) for each in found.movers],
        "warnings": [
            {"code": each.code, "message": each.message}
            for each in (*note_words(found), *found.cautions)
        ],
        "provenance": {
            "thesis_version": version("thesis-backtest"),
            "calendar": calendar_name(),
            "command": found.command,
        },
    }
    plain: Json = plain_values(told)
    return plain


def _index(each: IndexReturn) -> dict[str, Any]:
    return {
        "code": each.code,
        "return": each.ret,
        "excess": each.excess,
        "rank": each.rank,
        "since_base": each.since_base,
        "reason": each.reason,
    }


def _printed(each: PrintedCheck) -> dict[str, Any]:
    printed = each.printed
    return {
        "publisher": each.publisher,
        "theses": each.theses,
        "index": printed.index,
        "first": printed.first,
        "last": printed.last,
        "value": printed.value,
        "decimals": printed.decimals,
        "where": printed.where,
        "quote": printed.quote,
        "note": printed.note,
        "found": each.found,
        "difference": each.difference,
        "agrees": each.agrees,
    }


def _movers(found: Movers, count: int) -> dict[str, Any]:
    return {
        "industry": found.industry,
        "as_of": found.last,
        "edition": found.edition,
        "stocks": len(found.stocks),
        "mean": found.mean,
        "median": found.median,
        "top": [_mover(each, found) for each in found.top(count)],
        "bottom": [_mover(each, found) for each in found.bottom(count)],
        "left_out": dict(found.left_out),
        "unclassed": found.unclassed,
        "market": found.market,
    }


def _mover(each: Mover, found: Movers) -> dict[str, Any]:
    return {
        "code": each.code,
        "name": each.name,
        "return": each.ret,
        "bought": each.bought,
        "sold": each.sold,
        "carried": found.carried(each),
    }
