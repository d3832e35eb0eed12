"""English and Chinese: the words people read, kept in tables with the two side by side.

Numbers are made into text before they come here, so that both languages show the same ones.
"""

import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Literal, get_args

from thesis.errors import UsageError

Code = Literal["en", "zh"]
CODES: tuple[Code, ...] = get_args(Code)


@dataclass(frozen=True)
class Language:
    """A language that results are told in.

    Attributes
    ----------
    code
        ``en`` or ``zh``: what ``--lang`` takes.
    """

    code: Code

    @property
    def tag(self) -> str:
        """Its tag for a page's ``lang``."""
        return "zh-Hans" if self.code == "zh" else "en"

    def say(self, key: str, **facts: object) -> str:
        """A phrase with its facts put in.

        Parameters
        ----------
        key
            Table and name, as ``verdict.rated``: those of ``thesis/reporting/words/phrases``.
        facts
            What stands between braces in the phrase, as text.

        Raises
        ------
        KeyError
            If there is no such phrase, or it lacks a fact.

        Examples
        --------
        >>> language("en").say("leg.paper"), language("zh").say("leg.paper")
        ('paper', '纸面')
        """
        return string.Formatter().vformat(_phrases(self.code)[key], (), facts)

    def table(self, name: str) -> dict[str, str]:
        """The phrases of a table by their keys, their facts still between braces."""
        return {
            key: text for key, text in _phrases(self.code).items() if key.startswith(f"{name}.")
        }

    def either(self, english: str, chinese: str) -> str:
        """The text of a thesis file in this language, or the other where this one is empty.

        Examples
        --------
        >>> language("zh").either("Owners of IP", "IP 方"), language("zh").either("Games", "")
        ('IP 方', 'Games')
        """
        first, second = (chinese, english) if self.code == "zh" else (english, chinese)
        return first or second


def language(code: object) -> Language:
    """The language of a code.

    Raises
    ------
    UsageError
        If it is neither ``en`` nor ``zh``.
    """
    if isinstance(code, Language):
        return code
    if code not in CODES:
        raise UsageError(f"lang = {code!r}: give en (English) or zh (Chinese)")
    return Language(CODES[CODES.index(code)])


ENGLISH = Language("en")


@lru_cache(maxsize=len(CODES))
def _phrases(code: Code) -> Mapping[str, str]:
    """Every phrase of a language, by table and name."""
    found: dict[str, str] = {}
    folder = files("thesis.reporting.words") / "phrases"
    for path in sorted(folder.iterdir(), key=lambda p: p.name):
        if not path.name.endswith(".toml"):
            continue
        for table, phrases in tomllib.loads(path.read_text(encoding="utf-8")).items():
            for name, both in phrases.items():
                found[f"{table}.{name}"] = both[code]
    return MappingProxyType(found)
