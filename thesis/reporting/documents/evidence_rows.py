"""The evidence as rows, for spreadsheets: a table a part."""

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]


def evidence_tables(found: Json | None) -> dict[str, list[Json]]:
    """Tables of the evidence by name, out of its JSON form; none where it was not sought."""
    if found is None:
        return {}
    return {
        "base_rate": list(_base_rate(found["chance"])),
        "placebo": list(_placebo(found["placebo"])),
        "event_tests": list(_event_tests(found["event_tests"])),
        "attribution": list(_attribution(found["attribution"])),
        "definitions": (found["readings"] or {}).get("cells", []),
        "surface": list(_surface(found["surface"])),
        "wider_lists": list(_wider(found["wider_lists"])),
    }


def _base_rate(found: Json | None) -> Iterator[Json]:
    for leg in ("paper", "sector"):
        for world in (found or {}).get(leg, []):
            for reading, told in (world["readings"] or {}).items():
                if told is not None:
                    keys = ("window", "first", "last", "sessions", "tracking_error")
                    yield {
                        "leg": leg,
                        **{key: world[key] for key in keys},
                        "reading": reading,
                        **{f"share_{band}": share for band, share in told["shares"].items()},
                        "sd": told["sd"],
                    }


def _placebo(found: Json | None) -> Iterator[Json]:
    for pool, drawn in ((found or {}).get("pools") or {}).items():
        for reading, told in (drawn["readings"] or {}).items():
            if told is not None:
                yield {
                    "pool": pool,
                    **{key: drawn[key] for key in ("stocks", "draws", "exact")},
                    "reading": reading,
                    **{f"share_{band}": share for band, share in told["shares"].items()},
                    **{key: value for key, value in told.items() if key != "shares"},
                }


def _event_tests(found: Json | None) -> Iterator[Json]:
    for estimate in (found or {}).get("estimates", []):
        for reading, test in estimate["tests"].items():
            if test is not None:
                keys = ("sessions", "car", "alpha", "beta", "correlation", "rank_size")
                yield {
                    "window": estimate["window"]["id"],
                    "history_to": estimate["window"]["last"],
                    "reading": reading,
                    **{key: test[key] for key in keys},
                    **{
                        f"{name}_{key}": test[name][key]
                        for name in ("kolari_pynnonen", "basket", "rank")
                        for key in ("t", "freedom", "p")
                    },
                }


def _attribution(found: Json | None) -> Iterator[Json]:
    if found is None:
        return
    parts = ("excess", "industry", "selection", "dividends")
    for part in parts:
        yield {"part": part, "of": "", **found[part]}
    for kind in ("segments", "names"):
        for each in found[kind]:
            whose = each.get("code") or each["id"]
            yield {"part": "selection", "of": whose, **each["selection"]}


def _surface(found: Json | None) -> Iterator[Json]:
    if found is None:
        return
    for row, each in enumerate(found["by_delay"]):
        cells = zip(found["sessions"], found["excess"][row], found["ratings"][row], strict=True)
        for session, excess, rating in cells:
            if excess is not None:
                yield {
                    "delay": each["delay"],
                    "entry": each["entry"],
                    "exit": session,
                    "excess": excess,
                    "rating": rating,
                }


def _wider(found: list[Json] | None) -> Iterator[Json]:
    for wider in found or []:
        for kind in ("swaps", "widened"):
            for other in wider[kind]:
                yield {
                    "segment": wider["segment"],
                    "out": other["out"],
                    "into": " ".join(other["into"]),
                    "excess": other["excess"],
                    "rating": other["rating"],
                }
