"""Tables about securities rather than prices: what their asks share.

A table is rows of text, as it will stand in a CSV file: dates as 2024-10-14, empty where unknown.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from thesis.errors import ThesisFileError
from thesis.market.sources.failure import HOST_WIDE, SourceError
from thesis.research.security import parse_security

Row = dict[str, str]


@dataclass(frozen=True)
class Gathered:
    """Rows from several hosts, and the hosts that did not deliver theirs.

    Attributes
    ----------
    rows
        In order of code.
    failures
        Whose rows are missing, and why.
    """

    rows: tuple[Row, ...]
    failures: tuple[SourceError, ...] = ()


def gather(asks: Iterable[tuple[str, Callable[[], Iterable[Row]]]]) -> Gathered:
    """Put several questions; one that fails does not stop the others.

    Parameters
    ----------
    asks
        The host of each, and the question. A host that fails as a whole is not asked again.
    """
    rows: list[Row] = []
    failures: list[SourceError] = []
    gone: set[str] = set()
    for host, ask in asks:
        if host in gone:
            continue
        try:
            rows += ask()
        except SourceError as failure:
            failures.append(failure)
            if failure.kind in HOST_WIDE:
                gone.add(host)
    return Gathered(tuple(sorted(rows, key=lambda row: row["code"])), tuple(failures))


def stock_code(digits: object) -> str | None:
    """The canonical code of an A-share from its six digits; None for B-shares and all else.

    Examples
    --------
    >>> stock_code("000001"), stock_code(2027), stock_code("900901")
    ('000001.SZ', '002027.SZ', None)
    """
    text = str(digits).strip().split(".")[0].zfill(6)
    for exchange in ("SZ", "SH", "BJ"):
        try:
            security = parse_security(f"{text}.{exchange}")
        except ThesisFileError:
            continue
        if not security.is_index:
            return security.code
    return None


def day_text(value: Any) -> str:
    """A day as text; empty where there is none.

    Examples
    --------
    >>> day_text("20241014"), day_text("2024-10-14 09:30:00"), day_text(None)
    ('2024-10-14', '2024-10-14', '')
    """
    import pandas as pd

    day = pd.to_datetime(value, errors="coerce")
    return "" if pd.isna(day) else str(day.date())


def plain_name(value: object) -> str:
    """A printed name without the spaces that pad it: ``万  科Ａ`` is ``万科Ａ``.

    Examples
    --------
    >>> plain_name("万  科Ａ")
    '万科Ａ'
    """
    return "".join(str(value).split())


def need_columns(frame: Any, columns: Iterable[str], failure: Callable[[str], SourceError]) -> None:
    """See that a frame has rows and columns.

    Raises
    ------
    SourceError
        What `failure` makes of a sentence that says what is missing.
    """
    missing = [name for name in columns if name not in frame.columns]
    if missing:
        raise failure(f"no column {', '.join(missing)}")


@contextmanager
def without_progress_bar(module: ModuleType) -> Iterator[None]:
    """Let a module of akshare draw no bar of its own on the terminal."""
    shown = module.get_tqdm
    module.get_tqdm = lambda enable=True: shown(enable=False)  # type: ignore[attr-defined]
    try:
        yield
    finally:
        module.get_tqdm = shown  # type: ignore[attr-defined]


def changed(source: str, what: str, host: str) -> Callable[[str], SourceError]:
    """Makes the failure of a host whose answer has another form."""
    return lambda detail: SourceError("changed_format", source, what, host, detail)
