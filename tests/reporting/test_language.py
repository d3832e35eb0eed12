"""The phrases: both languages, the same facts."""

import string
import tomllib
from pathlib import Path

import pytest

import thesis
from thesis.reporting.words.language import CODES, language

FOLDER = Path(thesis.__file__).parent / "reporting" / "words" / "phrases"
PHRASES = [
    (f"{path.stem}: {table}.{name}", both)
    for path in sorted(FOLDER.glob("*.toml"))
    for table, phrases in tomllib.loads(path.read_text("utf-8")).items()
    for name, both in phrases.items()
]


def facts(text):
    return sorted({field for _, field, _, _ in string.Formatter().parse(text) if field})


@pytest.mark.parametrize(("name", "both"), PHRASES)
def test_a_phrase_stands_in_both_languages_with_the_same_facts(name, both):
    assert set(CODES) == set(both)
    assert facts(both["en"]) == facts(both["zh"])


def test_no_phrase_stands_in_two_files():
    names = [name.partition(": ")[2] for name, _ in PHRASES]

    assert len(names) == len(set(names))


def test_an_unknown_language_is_a_sentence():
    with pytest.raises(thesis.UsageError, match=r"lang = 'fr': give en \(English\) or zh"):
        language("fr")
