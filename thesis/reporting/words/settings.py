"""The settings a result was made with, in words: an option and what was chosen."""

from collections.abc import Mapping

from thesis.reporting.words.language import ENGLISH, Language


def settings_words(settings: Mapping[str, object], lang: Language = ENGLISH) -> str:
    """Every setting in a row, in English as the command line spells it; those unset are left out.

    Examples
    --------
    >>> settings_words({"entry": "open", "delay": 0, "seed": None})
    'entry open, delay 0'
    >>> settings_words({"entry": "open", "delay": 0, "seed": None}, Language("zh"))
    '成交价：开盘价；推迟交易日数：0'
    """
    told = [
        lang.say(
            "option.chosen",
            option=lang.say(f"setting.{option}"),
            value=chosen_word(option, value, lang),
        )
        for option, value in settings.items()
        if value is not None
    ]
    return lang.say("between.pairs").join(told)


def chosen_word(option: str, value: object, lang: Language = ENGLISH) -> str:
    """What was chosen for an option; a number, a date or a name of one's own as it is.

    Examples
    --------
    >>> chosen_word("capital", 10_000_000.0)
    '10,000,000'
    >>> chosen_word("exit", "stop-loss 0.1"), chosen_word("exit", "stop-loss 0.1", Language("zh"))
    ('stop-loss 0.1', '止损 0.1')
    """
    if option == "capital" and isinstance(value, int | float):
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,}"
    word, space, rest = str(value).partition(" ")
    return f"{lang.table('chosen').get(f'chosen.{option}_{word}', word)}{space}{rest}"
