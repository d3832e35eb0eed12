"""Why a source did not deliver: one kind and one sentence for each way it happens."""

import unicodedata
from typing import Literal

from thesis.errors import PricesError

Kind = Literal[
    "not_served",
    "unknown_code",
    "empty_reply",
    "limited",
    "banned",
    "captcha",
    "too_many_requests",
    "server_error",
    "closed_socket",
    "timeout",
    "unreachable",
    "changed_format",
    "bad_bars",
    "resting",
]

#: What happened, by kind; ``{host}`` and ``{code}`` are filled in.
HAPPENED: dict[Kind, str] = {
    "not_served": "{source} does not serve {code}",
    "unknown_code": "{source} knows no {code}",
    "empty_reply": "{source} sent no bar of {code}",
    "limited": "{host} sent data: null for {code}, as it does for unknown codes and for addresses "
    "it limits",
    "banned": "{host} refuses this address: it is banned, often for hours",
    "captcha": "{host} sent a web page, probably a captcha, where data of {code} was expected",
    "too_many_requests": "{host} says there were too many requests",
    "server_error": "{host} is failing on its side",
    "closed_socket": "{host} closed the connection, as it does to addresses it bans for a while",
    "timeout": "{host} did not answer in time",
    "unreachable": "{host} cannot be reached",
    "changed_format": "{host} answered for {code} in a form that the reader does not know",
    "bad_bars": "{source} sent bars of {code} that cannot be",
    "resting": "{source} is left alone for the rest of this run, since it failed before",
}

#: What the user can do about it.
REMEDY: dict[Kind, str] = {
    "not_served": "another source may",
    "unknown_code": "check the code; newly listed and delisted codes come late or not at all",
    "empty_reply": "it may have no bars in this span, or limit requests quietly; try later or "
    "another source",
    "limited": "check the code; if it is right, wait some hours or use another source",
    "banned": "wait some hours or use another source",
    "captcha": "open the site in a browser once, wait, or use another source",
    "too_many_requests": "wait some minutes; thesis fetch goes on where it stopped",
    "server_error": "try again later, or use another source (outside China Sina answers so to all)",
    "closed_socket": "wait some hours or use another source",
    "timeout": "try again, or use another source",
    "unreachable": "check the network and proxy settings",
    "changed_format": "a newer akshare or yfinance may read it; report it if not",
    "bad_bars": "nothing of it was stored; another source may have them right",
    "resting": "run again later to ask it",
}

#: Failures of the moment, after which asking once more can help.
PASSING: frozenset[Kind] = frozenset({"server_error", "closed_socket", "timeout"})

#: Answers that leave open whether the code or the host is the reason: a second one tells.
DOUBTFUL: frozenset[Kind] = frozenset({"limited"})

#: Failures of the host, not of a code: after these the host is left alone for the run.
HOST_WIDE: frozenset[Kind] = frozenset(
    {"limited", "banned", "captcha", "too_many_requests", "server_error", "closed_socket",
     "timeout", "unreachable"}
)  # fmt: skip


def plain(text: str) -> str:
    """A text of somebody else's with a space for each character that a terminal would obey.

    Control characters (escape among them), marks of direction, and ends of lines.

    Examples
    --------
    >>> plain("gone" + chr(27) + "[2J")
    'gone [2J'
    """
    return "".join(" " if unicodedata.category(c) in _UNPRINTED else c for c in text)


#: Unicode's categories of them.
_UNPRINTED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


class SourceError(PricesError):
    """A source did not deliver.

    Attributes
    ----------
    kind
        Which way it failed, a stable word.
    source, code, host
        Who, of what, where.
    detail
        What came with it; remote text without its control characters.
    """

    def __init__(
        self, kind: Kind, source: str, code: str, host: str = "", detail: str = ""
    ) -> None:
        self.kind, self.source, self.code = kind, source, code
        self.host = host or source
        self.detail = detail = plain(detail)
        what = HAPPENED[kind].format(source=source, code=code, host=self.host)
        more = f" ({detail})" if detail else ""
        super().__init__(f"{source}: {code}: {what}{more}; {REMEDY[kind]}")
