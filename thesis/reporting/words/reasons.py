"""Reasons and cautions in Chinese: said in English by the rooms that find them.

Those rooms know no languages. A reason is recognised here by its words, with whatever stands in the
braces of a phrase; one that is not known stays as it was written. A caution, which may say anything
of prices, has a title by its code, and its sentence stands after it as it is.
"""

import re
import string
from collections.abc import Mapping
from functools import lru_cache

from thesis.reporting.words.language import ENGLISH, Language
from thesis.reporting.words.settings import chosen_word


def reason_words(
    reason: str, lang: Language = ENGLISH, called: Mapping[str, str] | None = None
) -> str:
    """A reason in a language, or as it was written where it has no words of its own there.

    Parameters
    ----------
    called
        What facts of the reason are called in this language, such as the names of ratings.

    Examples
    --------
    >>> reason_words("the thesis calls no names", Language("zh"))
    '未点名个股'
    >>> reason_words("1 name; a test across names needs 3", Language("zh"))
    '仅 1 只个股，横截面检验至少需要 3 只'
    """
    if lang == ENGLISH:
        return reason
    for key, pattern in _patterns().items():
        match = pattern.fullmatch(reason)
        if match is not None:
            return lang.say(
                key,
                **{
                    fact: (called or {}).get(text) or chosen_word(fact, text, lang)
                    for fact, text in match.groupdict().items()
                },
            )
    return reason


def reason_sentence(reason: str, lang: Language = ENGLISH) -> str:
    """A reason as `reason_words` has it, with a full stop."""
    text = reason_words(reason, lang)
    stop = lang.say("between.stop")
    return text if text.endswith((".", stop)) else f"{text}{stop}"


def caution_title(code: str, lang: Language = ENGLISH) -> str:
    """What a caution is about, by its code; the code itself where it is none of ours.

    A store may hold findings that another version of thesis wrote.

    Examples
    --------
    >>> caution_title("suspended", Language("zh")), caution_title("of_later", Language("zh"))
    ('停牌', 'of_later')
    """
    return lang.table("caution").get(f"caution.{code}", code)


@lru_cache(maxsize=1)
def _patterns() -> Mapping[str, re.Pattern[str]]:
    """What each phrase's English reads as, its facts as groups."""
    return {
        key: re.compile(
            "".join(
                re.escape(text) + (f"(?P<{fact}>.+?)" if fact else "")
                for text, fact, _, _ in string.Formatter().parse(phrase)
            ),
            re.DOTALL,
        )
        for key, phrase in ENGLISH.table("reason").items()
    }
