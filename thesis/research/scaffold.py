"""A first file for a user's own thesis: ``thesis new NAME``."""

import datetime as dt
import re
from importlib.resources import files
from pathlib import Path

from thesis.errors import ThesisFileError, UsageError


def scaffold(name: str, folder: Path, published: dt.date) -> Path:
    """Write a commented thesis file that passes ``thesis check``.

    Parameters
    ----------
    name
        The id of the thesis; the file is ``folder/name.toml``.

    Raises
    ------
    ThesisFileError
        If the name cannot be an id, or the file exists: nothing is ever overwritten.
    UsageError
        If the file cannot be written.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name):
        raise ThesisFileError(
            f"{name!r} cannot be the id of a thesis: use lower-case letters, digits and _, "
            "starting with a letter"
        )
    path = folder / f"{name}.toml"
    template = (files("thesis.research") / "template.toml").read_text(encoding="utf-8")
    text = template.format(
        id=name, path=path, title=name.replace("_", " "), published=published.isoformat()
    )
    try:
        if folder.exists() and not folder.is_dir():
            raise UsageError(f"{path} cannot be written: {folder} is a file, not a folder")
        folder.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise ThesisFileError(f"{path} exists already; choose another name or edit it") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    return path
