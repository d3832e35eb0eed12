"""Reading a thesis file: TOML in, a `Thesis` or sentences out."""

import difflib
import re
import tomllib
import types
from pathlib import Path
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from thesis.errors import ThesisFileError
from thesis.research.thesis import Thesis

# pydantic's words for the common slips, in ours: (rule broken, remedy).
_PLAIN = {
    "missing": "is required",
    "string_type": "must be text in quotes",
    "tuple_type": "must be a list in [ ]",
    "bool_type": "must be true or false",
    "dict_type": "must be a [table]",
    "model_type": "must be a [table]",
    "model_attributes_type": "must be a [table]",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a finite number",
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "date_from_datetime_inexact": "must be a date without a time, as 2024-10-13",
}


def read_thesis(path: Path) -> Thesis:
    """Read and check a thesis file.

    Raises
    ------
    ThesisFileError
        With one sentence a fault: file, key path, value, rule and remedy.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ThesisFileError(f"{path}: there is no such file") from None
    except UnicodeDecodeError as error:
        raise ThesisFileError(
            f"{path}: byte {error.start} is not UTF-8; save the file as UTF-8"
        ) from None
    except OSError as error:
        raise ThesisFileError(f"{path} cannot be read: {error.strerror}") from None
    return parse_thesis(text, name=str(path))


def parse_thesis(text: str, name: str = "<text>") -> Thesis:
    """Check a thesis given as TOML text.

    Parameters
    ----------
    name
        What to call the text in error messages.

    Raises
    ------
    ThesisFileError
        As `read_thesis`.
    """
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ThesisFileError(f"{name}: not TOML: {_lower_first(str(error))}") from None
    except (RecursionError, ValueError):  # ValueError: an integer of thousands of digits
        raise ThesisFileError(
            f"{name}: cannot be read: it nests too deeply or holds a number of too many digits"
        ) from None
    try:
        return Thesis.model_validate(table)
    except ValidationError as error:
        faults = _merge(error)
        raise ThesisFileError("\n".join(f"{name}: {fault}" for fault in faults)) from None


def _merge(error: ValidationError) -> list[str]:
    """One sentence a fault; a list is not called too short for entries that have their own."""
    faults = error.errors(include_url=False)
    paths = [fault["loc"] for fault in faults]
    return [
        _sentence(_key_path(fault["loc"]), dict(fault))
        for fault in faults
        if fault["type"] != "too_short"
        or not any(
            len(fault["loc"]) < len(p) and p[: len(fault["loc"])] == fault["loc"] for p in paths
        )
    ]


def _sentence(where: str, fault: dict[str, Any]) -> str:
    kind, given = fault["type"], fault["input"]
    if kind == "value_error":
        rule = str(fault["ctx"]["error"])
        return f"{where}: {rule}" if where else rule
    if kind == "extra_forbidden":
        known = _keys_at(fault["loc"][:-1])
        key = str(fault["loc"][-1])
        close = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"known here: {', '.join(known)}"
        return f"{where}: unknown key {key!r}; {hint}"
    if kind == "missing":
        return f"{where} is required"
    if kind == "literal_error":
        expected = fault["ctx"]["expected"]
        one_of = "one of " if " or " in expected else ""
        return f"{where} = {given!r}: must be {one_of}{expected}"
    if kind == "tuple_type" and isinstance(given, dict):
        table = re.sub(r"\[\d+\]", "", where)
        return f"{where} must be a list of tables; write [[{table}]], with two brackets"
    if kind == "too_short":
        return f"{where} = {_short(given)}: needs at least {fault['ctx']['min_length']} entries"
    if kind == "too_long":
        return f"{where} = {_short(given)}: takes at most {fault['ctx']['max_length']} entries"
    if kind == "string_pattern_mismatch":
        return f"{where} = {given!r}: use lower-case letters, digits and _, starting with a letter"
    rule = _PLAIN.get(kind, _lower_first(fault["msg"]))
    return f"{where} = {_short(given)}: {rule}"


def _key_path(loc: tuple[int | str, ...]) -> str:
    """``segment[1].pick[0].code``, counting from 1 as people do."""
    path = ""
    for part in loc:
        if isinstance(part, int):
            path += f"[{part + 1}]"
        else:
            path += f".{part}" if path else part
    return path


def _keys_at(loc: tuple[int | str, ...]) -> list[str]:
    """List the keys a table of the thesis file may have."""
    model: Any = Thesis
    for part in loc:
        if isinstance(part, int) or not hasattr(model, "model_fields"):
            continue
        field = next((f for n, f in model.model_fields.items() if part in {n, f.alias}), None)
        inner = _model_in(field.annotation) if field else None
        if inner is not None:
            model = inner
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: object) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in {tuple, dict, Union, types.UnionType} or get_args(annotation):
        for argument in get_args(annotation):
            if (found := _model_in(argument)) is not None:
                return found
    return None


def _short(given: object) -> str:
    text = repr(given)
    return text if len(text) <= 60 else text[:57] + "..."


def _lower_first(text: str) -> str:
    return re.sub(r"^[A-Z](?=[a-z])", lambda match: match[0].lower(), text)
