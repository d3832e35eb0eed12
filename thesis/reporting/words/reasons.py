"""Reasons, cautions and origins in Chinese: said in English by the rooms that find them.

Those rooms know no languages. A sentence is recognised here by its words, with whatever stands in
the braces of a phrase; one that is not known stays as it was written.
"""

import re
import string
from collections.abc import Mapping
from functools import lru_cache

from thesis.errors import Caution
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
    return _recognised("reason", reason, lang, called) or reason


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


def caution_words(caution: Caution, lang: Language = ENGLISH) -> str | None:
    """A caution's sentence in a language; None where it has no words of its own there.

    What a store or a source found may have been written by another version of thesis.

    Examples
    --------
    >>> odd = Caution("not_yet", "the window's end is not known yet")
    >>> caution_words(odd), caution_words(odd, Language("zh"))
    ("the window's end is not known yet", '窗口尚未结束。')
    >>> caution_words(Caution("source", "busy"), Language("zh")) is None
    True
    """
    if lang == ENGLISH:
        return caution.message
    told = [_recognised(table, caution.message, lang) for table in ("caution_told", "reason")]
    text = next(filter(None, told), None)
    stop = lang.say("between.stop")
    return None if text is None else text if text.endswith(stop) else f"{text}{stop}"


def origin_words(origin: str, lang: Language = ENGLISH) -> str:
    """Where prices are from, in a language; a path or a name of one's own as it is.

    Examples
    --------
    >>> origin_words("the bundled SIMULATED sample", Language("zh"))
    '内置模拟样本'
    >>> origin_words("market/bars.parquet", Language("zh"))
    'market/bars.parquet'
    """
    return _recognised("origin", origin, lang) or origin


def cited_words(cited: str, lang: Language = ENGLISH) -> str:
    """The exchange rules or the calendar as a result's document names them, in a language.

    Examples
    --------
    >>> cited_words("XSHG, exchange_calendars 4.13.2, to 2026-12-31", Language("zh"))
    '上交所（XSHG），exchange_calendars 4.13.2，截至 2026-12-31'
    """
    return _recognised("cited", cited, lang) or cited


def list_words(text: str, lang: Language = ENGLISH) -> str:
    """Codes or days in a row, as the rooms that find things write them.

    Examples
    --------
    >>> list_words("300300.SZ, 300301.SZ and 4 more", Language("zh"))
    '300300.SZ、300301.SZ 及另外 4 项'
    >>> list_words("300280.SZ on 2025-03-14", Language("zh"))
    '300280.SZ（2025-03-14）'
    """
    if lang == ENGLISH:
        return text
    listed, *more = re.split(r" and (\d+) (?:more|later days)$", text)
    dated = re.sub(r"(\S+) on (\d{4}-\d\d-\d\d)", r"\1（\2）", listed)
    told = lang.say("between.items").join(dated.split(", "))
    return lang.say("told.more", listed=told, count=more[0]) if more else told


def _recognised(
    table: str, text: str, lang: Language, called: Mapping[str, str] | None = None
) -> str | None:
    """What a text of a table is in a language; None where the table has nothing that reads so."""
    if lang == ENGLISH:
        return text
    for key, pattern in _patterns(table).items():
        match = pattern.fullmatch(text)
        if match is not None:
            facts = match.groupdict().items()
            return lang.say(
                key, **{fact: (called or {}).get(x) or _fact(fact, x, lang) for fact, x in facts}
            )
    return None


def _fact(fact: str, text: str, lang: Language) -> str:
    """What stands in the braces of a phrase, by what the braces call it."""
    if fact == "origin":
        return origin_words(text, lang)
    if fact in ("codes", "days", "ends"):
        return list_words(text, lang)
    if fact == "months":
        months = (month.removesuffix("m") for month in text.split(", "))
        return lang.say("between.items").join(
            lang.say("reading.month_end", month=month) for month in months
        )
    if fact in ("why", "what"):
        return reason_words(text, lang)
    if fact in ("board", "state", "lacking"):
        return lang.table(fact).get(f"{fact}.{text}", text)
    if fact == "stock":  # its code before its name in English, after it in Chinese
        code, _, name = text.partition(" ")
        return f"{name} {code}".strip()
    return chosen_word(fact, text, lang)


@lru_cache(maxsize=8)
def _patterns(table: str) -> Mapping[str, re.Pattern[str]]:
    """What each phrase's English reads as, its facts as groups; a fact told twice is one group."""
    found = {}
    for key, phrase in ENGLISH.table(table).items():
        seen, pattern = set[str](), ""
        for text, fact, _, _ in string.Formatter().parse(phrase):
            pattern += re.escape(text)
            if fact:
                pattern += f"(?P={fact})" if fact in seen else f"(?P<{fact}>.+?)"
                seen.add(fact)
        found[key] = re.compile(pattern, re.DOTALL)
    return found
