"""The catalog: finding a thesis by name.

Lookup order: a path; ``--strategies DIR``, ``$THESIS_STRATEGIES``, ``./strategies``; packages that
register the entry-point group ``thesis.strategies``; the bundled ones. The first that has the name
wins; what it hides is said, unless the hidden file is the same file or has the same content.
"""

import difflib
import os
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path

from thesis.errors import ThesisFileError
from thesis.research.thesis import Thesis
from thesis.research.thesis_file import read_thesis

ENTRY_POINT_GROUP = "thesis.strategies"
ENVIRONMENT = "THESIS_STRATEGIES"


@dataclass(frozen=True)
class Shelf:
    """A folder of thesis files and where it comes from."""

    origin: str
    folder: Path

    def files(self) -> dict[str, Path]:
        """Thesis files by name, the file's stem."""
        if not self.folder.is_dir():
            return {}
        return {path.stem: path for path in sorted(self.folder.glob("*.toml")) if path.is_file()}


@dataclass(frozen=True)
class Entry:
    """A thesis file found by name, and the files it hides."""

    name: str
    origin: str
    path: Path
    hides: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Catalog:
    """The shelves, in lookup order.

    Examples
    --------
    >>> "media_ai" in Catalog.default().names()
    True
    """

    shelves: tuple[Shelf, ...]

    @classmethod
    def default(cls, strategies: str | os.PathLike[str] | None = None) -> "Catalog":
        """Return the usual shelves; `strategies` is a folder that goes first.

        Raises
        ------
        ThesisFileError
            If `strategies` or ``$THESIS_STRATEGIES`` is no folder.
        """
        return cls(tuple(_shelves(strategies)))

    def entries(self) -> list[Entry]:
        """One entry a name, in lookup order, bundled ones last."""
        found: dict[str, Entry] = {}
        for shelf in self.shelves:
            for name, path in shelf.files().items():
                if name not in found:
                    found[name] = Entry(name, shelf.origin, path)
                elif not _same(found[name].path, path):
                    first = found[name]
                    found[name] = Entry(name, first.origin, first.path, (*first.hides, path))
        return list(found.values())

    def names(self) -> list[str]:
        """Every name that `find` knows."""
        return [entry.name for entry in self.entries()]

    def bundled(self) -> list[str]:
        """Return the names on the bundled shelf."""
        return [
            name for shelf in self.shelves if shelf.origin == "bundled" for name in shelf.files()
        ]

    def find(self, name: str) -> Entry:
        """Return the entry of a name or path.

        Raises
        ------
        ThesisFileError
            If there is none; the text names the nearest.
        """
        path = Path(name)
        if path.suffix == ".toml" or len(path.parts) > 1:
            if not path.is_file():
                raise ThesisFileError(f"{name}: there is no such thesis file")
            return Entry(path.stem, "path", path)
        entries = {entry.name: entry for entry in self.entries()}
        if name in entries:
            return entries[name]
        close = difflib.get_close_matches(name.lower(), entries, n=3, cutoff=0.6)
        hint = f"did you mean {' or '.join(close)}?" if close else "`thesis list` shows them all."
        folders = ", ".join(
            str(shelf.folder) for shelf in self.shelves if shelf.origin != "bundled"
        )
        raise ThesisFileError(
            f"there is no thesis called {name!r}; {hint} (Looked among the bundled theses"
            f"{f' and in {folders}' if folders else ''}. A path must end in .toml.)"
        )

    def load(self, name: str) -> Thesis:
        """Read the thesis of a name or path.

        Raises
        ------
        ThesisFileError
            If it cannot be found or breaks a rule.
        """
        entry = self.find(name)
        for hidden in entry.hides:
            warnings.warn(f"{entry.name} is {entry.path} and hides {hidden}", stacklevel=3)
        return read_thesis(entry.path)


def bundled_folder() -> Path:
    """Return the folder of the bundled theses.

    It is ``thesis/strategies`` in a wheel and ``strategies`` beside ``thesis`` in a checkout.
    """
    package = Path(__file__).parents[1]
    inside = package / "strategies"
    return inside if inside.is_dir() else package.parent / "strategies"


def _shelves(strategies: str | os.PathLike[str] | None) -> Iterator[Shelf]:
    if strategies is not None:
        yield Shelf("--strategies", _folder(Path(strategies), "--strategies"))
    if value := os.environ.get(ENVIRONMENT):
        yield Shelf(f"${ENVIRONMENT}", _folder(Path(value), f"${ENVIRONMENT}"))
    local = Path("strategies")
    if local.is_dir() and local.resolve() != bundled_folder().resolve():
        yield Shelf("./strategies", local)
    for point in entry_points(group=ENTRY_POINT_GROUP):
        try:
            spec = find_spec(point.module)
        except (ImportError, ValueError) as error:
            warnings.warn(
                f"the theses of package {point.name!r} are left out: {error}", stacklevel=2
            )
            continue
        for place in (spec.submodule_search_locations or []) if spec else []:
            yield Shelf(f"package {point.name}", Path(place))
    yield Shelf("bundled", bundled_folder())


def _folder(path: Path, given: str) -> Path:
    if not path.is_dir():
        raise ThesisFileError(f"{given} {path}: there is no such folder of thesis files")
    return path


def _same(one: Path, other: Path) -> bool:
    if one.resolve() == other.resolve():
        return True
    try:
        return one.read_bytes() == other.read_bytes()
    except OSError:
        return False
