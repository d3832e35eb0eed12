"""Security codes: one parser for the many ways an A-share or index code is written.

The canonical form is six digits (``H`` and five for CSI total-return indices), a dot and the
exchange: ``300308.SZ``, ``601595.SH``, ``920002.BJ``, ``000300.SH``, ``H00300.CSI``, ``801760.SI``.
"""

import re
from dataclasses import dataclass
from typing import Literal

from thesis.errors import ThesisFileError

Board = Literal["main", "chinext", "star", "bse", "index"]

_SUFFIXES = {
    "SH": "SH", "SS": "SH", "XSHG": "SH",
    "SZ": "SZ", "XSHE": "SZ",
    "BJ": "BJ", "BSE": "BJ", "XBSE": "BJ",
    "CSI": "CSI", "SI": "SI", "SW": "SI",
}  # fmt: skip

# (exchange, pattern of the six characters, board). The first match wins.
_LISTS: tuple[tuple[str, str, Board], ...] = (
    ("SH", r"60[0135]\d{3}", "main"),
    ("SH", r"68[89]\d{3}", "star"),
    ("SH", r"000\d{3}", "index"),
    ("SZ", r"00[0-4]\d{3}", "main"),
    ("SZ", r"30[0-2]\d{3}", "chinext"),
    ("SZ", r"399\d{3}", "index"),
    ("BJ", r"92\d{4}", "bse"),
    ("BJ", r"(?:43|83|87|88)\d{4}", "bse"),
    ("BJ", r"899\d{3}", "index"),
    ("CSI", r"[H09]\d{5}", "index"),
    ("SI", r"8[05]\d{4}", "index"),
)

_EXCHANGE_NAMES = {
    "SH": "Shanghai",
    "SZ": "Shenzhen",
    "BJ": "Beijing",
    "CSI": "China Securities Index",
    "SI": "Shenwan",
}


@dataclass(frozen=True, order=True)
class Security:
    """A stock or index, by its canonical code.

    Attributes
    ----------
    code
        Canonical code, such as ``300308.SZ``.
    board
        ``main``, ``chinext``, ``star``, ``bse``, or ``index`` for an index.
    """

    code: str
    board: Board

    @property
    def exchange(self) -> str:
        """``SH``, ``SZ``, ``BJ``, or an index publisher: ``CSI``, ``SI`` (Shenwan)."""
        return self.code.rsplit(".", 1)[1]

    @property
    def is_index(self) -> bool:
        """Whether the code is an index, which has levels but cannot be bought."""
        return self.board == "index"

    def __str__(self) -> str:
        """Write the canonical code."""
        return self.code


def parse_security(text: str) -> Security:
    """Read a code in any usual spelling.

    Parameters
    ----------
    text
        ``300308.SZ``, ``sz300308``, ``sz.300308``, ``300308.XSHE``, ``601595.SS``, or a bare
        ``300308`` where only one board can own it. Bare ``000...`` is refused: ``000001`` is both
        a Shenzhen stock and the Shanghai Composite.

    Raises
    ------
    ThesisFileError
        If no listed security or index can have this code. The text says what could not be read.

    Examples
    --------
    >>> parse_security("sz300308")
    Security(code='300308.SZ', board='chinext')
    >>> parse_security("601595.SS").code
    '601595.SH'
    >>> parse_security("688702").board
    'star'
    >>> parse_security("300308.SH")
    Traceback (most recent call last):
        ...
    thesis.errors.ThesisFileError: security code '300308.SH': 300308 is a Shenzhen code; \
write 300308.SZ
    """
    digits, exchange = _split(text)
    if exchange is None:
        owners = [x for x in ("SH", "SZ", "BJ", "CSI", "SI") if _board(digits, x)]
        if digits.startswith("000"):
            raise ThesisFileError(
                f"security code {text!r}: {digits} alone can be a Shenzhen stock or a Shanghai "
                f"index; write {digits}.SZ or {digits}.SH"
            )
        if not owners:
            raise ThesisFileError(
                f"security code {text!r}: no A-share board or index uses {digits}; {_forms()}"
            )
        exchange = owners[0]
    board = _board(digits, exchange)
    if board is None:
        owners = [x for x in ("SH", "SZ", "BJ") if _board(digits, x)]
        if owners:
            raise ThesisFileError(
                f"security code {text!r}: {digits} is a {_EXCHANGE_NAMES[owners[0]]} code; "
                f"write {digits}.{owners[0]}"
            )
        raise ThesisFileError(
            f"security code {text!r}: {_EXCHANGE_NAMES[exchange]} lists no A-share or index "
            f"numbered {digits}; {_forms()}"
        )
    return Security(f"{digits}.{exchange}", board)


def _split(text: str) -> tuple[str, str | None]:
    """Digits and exchange of a spelling; the exchange is None for a bare code."""
    plain = text.strip().upper()
    if match := re.fullmatch(r"(SH|SZ|BJ)\.?([0-9]{6})", plain):
        return match[2], match[1]
    if match := re.fullmatch(r"(H?[0-9]{5,6})(?:\.([A-Z]+))?", plain):
        digits, suffix = match[1], match[2]
        if len(digits) == 6 and (suffix is None or suffix in _SUFFIXES):
            return digits, None if suffix is None else _SUFFIXES[suffix]
    raise ThesisFileError(f"security code {text!r} cannot be read; {_forms()}")


def _board(digits: str, exchange: str) -> Board | None:
    for owner, pattern, board in _LISTS:
        if owner == exchange and re.fullmatch(pattern, digits):
            return board
    return None


def _forms() -> str:
    return "write six digits and the exchange, as 300308.SZ, 601595.SH, 920002.BJ or 801760.SI"
