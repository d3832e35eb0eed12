"""Eastmoney's data centre: a host apart from its prices, and not banned with them."""

from collections.abc import Callable
from typing import Any

from thesis.market.sources.source import Politeness
from thesis.market.sources.wire import ask, last_answer

NAME = "eastmoney"
POLITENESS = Politeness("datacenter-web.eastmoney.com", spacing=1.0)

#: What it says, in words or by number, where a table has no row; akshare then stumbles.
NOTHING = ("返回数据为空", '"code":9201')


def ask_table(what: str, question: Callable[[], Any]) -> Any | None:
    """Put a question of akshare's to the data centre.

    Parameters
    ----------
    what
        The code or table asked for, for error messages.
    question
        Returns the table.

    Returns
    -------
    pandas.DataFrame or None
        None where the host says that it has no row.

    Raises
    ------
    SourceError
        If it does not answer, or in another form.
    """

    def answered() -> Any | None:
        try:
            return question()
        except TypeError:
            answer = last_answer()
            said = "".join(answer.text.split()) if answer and answer.status < 400 else ""
            if any(sign in said for sign in NOTHING):
                return None
            raise

    return ask(POLITENESS, NAME, what, answered)
