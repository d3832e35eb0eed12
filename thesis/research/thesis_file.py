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
    "date_type": "must be a date, unquoted, as 2024-10-13",
    "datetime_type": "must be a date, unquoted, as 2024-10-13, or a time with its offset",
    "date_from_datetime_parsing": "must be a date, unquoted, as 2024-10-13",
    "datetime_from_date_parsing": "must be a date, unquoted, as 2024-10-13",
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
    try:
        return Thesis.model_validate(table)
    except ValidationError as error:
        faults = _merge(error)
        raise ThesisFileError("\n".join(f"{name}: {fault}" for fault in faults)) from None


def _merge(error: ValidationError) -> list[str]:
    """One sentence a fault; the alternatives of a union become one."""
    sentences: dict[str, str] = {}
    for fault in error.errors(include_url=False):
        where = _key_path(fault["loc"])
        sentences.setdefault(where, _sentence(where, dict(fault)))
    return list(sentences.values())


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
        return f"{where} = {given!r}: must be one of {fault['ctx']['expected']}"
    if kind == "string_pattern_mismatch":
        return (
            f"{where} = {given!r}: use lower-case letters, digits and _, starting with a letter"
        )
    rule = _PLAIN.get(kind, _lower_first(fault["msg"]))
    return f"{where} = {_short(given)}: {rule}"


def _key_path(loc: tuple[int | str, ...]) -> str:
    """``segment[1].pick[0].code``, counting from 1 as people do."""
    path = ""
    for part in loc:
        if isinstance(part, int):
            path += f"[{part + 1}]"
        elif part not in {"date", "datetime"}:
            path += f".{part}" if path else part
    return path


def _keys_at(loc: tuple[int | str, ...]) -> list[str]:
    """The keys a table of the thesis file may have."""
    model: Any = Thesis
    for part in loc:
        if isinstance(part, int) or not hasattr(model, "model_fields"):
            continue
        field = next(
            (f for n, f in model.model_fields.items() if part in {n, f.alias}), None
        )
        inner = _model_in(field.annotation) if field else None
        if inner is not None:
            model = inner
    return [field.alias or name for name, field in model.model_fields.items()]


def _model_in(annotation: Any) -> type[BaseModel] | None:
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
