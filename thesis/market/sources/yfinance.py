"""Yahoo Finance, through yfinance: one reply a code, with its bars, dividends and splits.

yfinance asks with a transport of its own, `curl_cffi` or `requests`, tries a second cookie when it
is refused, and hides the reason. So each question listens to its session: the last answer about
the symbol says what went wrong, and the events are read from it too, since yfinance moves one that
falls on a day without a row to the row before.

Yahoo's splits and dividends are the nominal ones, and rights issues are not among them. Where a
company holds shares of its own, which get nothing, a step is a little larger than the exchange's;
`thesis.market.corporate_actions.explain` finds it.
"""

import datetime as dt
import json
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import pandas as pd

from thesis.errors import PricesError
from thesis.market.calendar import SHANGHAI
from thesis.market.continuity import LARGEST_MOVE
from thesis.market.delivery import FactorEvent
from thesis.market.sources import wire
from thesis.market.sources.csindex import CSIndex
from thesis.market.sources.failure import Kind, SourceError
from thesis.market.sources.frames import levels
from thesis.market.sources.shenwan import Shenwan
from thesis.market.sources.source import Capabilities, Politeness, Source
from thesis.market.sources.unsplit import PRICES, History
from thesis.research.security import parse_security

#: The exchanges' first session; Yahoo sends what it has since.
FIRST = dt.date(1990, 12, 19)
#: Seconds for which one reply answers for bars and factors of a code.
FRESH = 300.0
#: Seconds for the cookie and the crumb, which a chart can do without.
COOKIE_TIMEOUT = 5.0

_CHART = "/v8/finance/chart/"
_COLUMNS = {
    "Open": "open", "High": "high", "Low": "low", "Close": "close", "Adj Close": "adjusted",
    "Volume": "volume",
}  # fmt: skip


@dataclass
class _Memory:
    """The session with its cookie, and the last reply."""

    session: Any = None
    code: str = ""
    history: History | None = None
    asked_at: float = 0.0


#: Indices it can be asked for; only to hold another source's levels against.
CROSS_CHECKS = frozenset({"000300.SH"})


@dataclass(frozen=True)
class Yahoo:
    """Yahoo Finance.

    Attributes
    ----------
    session
        A `requests` or `curl_cffi` session; None leaves the choice to yfinance.
    """

    session: Any = None
    _memory: _Memory = field(default_factory=_Memory, init=False, repr=False, compare=False)

    name: ClassVar[str] = "yahoo"
    capabilities: ClassVar[Capabilities] = Capabilities(
        boards=frozenset({"main", "chinext", "star"}),
        factors=True,
        note="Yahoo has no Beijing names; its CSI 300 has holes and is a cross-check only",
    )
    politeness: ClassVar[Politeness] = Politeness("finance.yahoo.com", attempts=2)

    def bars(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Raw bars of a stock; amount and turnover are NaN, since Yahoo has neither.

        The whole history up to today is asked for, as undoing the splits needs every later one.
        A session that Yahoo prints as nulls, or with volume 0 at the last close, has no bar; the
        calendar shows it.
        """
        self._need(code, index=False)
        with self._refusing(code):
            bars = self._history(code).bars(start, end)
        if bars.empty:
            raise self._error("empty_reply", code, f"between {start} and {end}")
        return bars

    def index(self, code: str, start: dt.date, end: dt.date) -> pd.DataFrame:
        """Levels of the CSI 300, to hold another source's against; some sessions are missing."""
        self._need(code, index=True)
        rows = self._history(code).rows
        rows = rows.assign(**{name: rows[name].round(2) for name in PRICES})
        return levels(rows, self.name, code, start, end)

    def factors(self, code: str) -> tuple[FactorEvent, ...]:
        """Factor events from dividends and splits, checked against Yahoo's adjusted close."""
        self._need(code, index=False)
        with self._refusing(code):
            return self._history(code).events()

    def _need(self, code: str, *, index: bool) -> None:
        if code not in CROSS_CHECKS if index else not self.capabilities.serves(code):
            raise self._error("not_served", code, self.capabilities.note)

    def _history(self, code: str) -> History:
        """The traded days of a code, at most `FRESH` seconds old."""
        memory = self._memory
        now = time.monotonic()
        if memory.history is None or memory.code != code or now - memory.asked_at > FRESH:
            _import_quietly()
            history = wire.ask(self.politeness, self.name, code, lambda: self._question(code))
            memory.code, memory.history, memory.asked_at = code, history, now
            return history
        return memory.history

    def _question(self, code: str) -> History:
        import yfinance as yf

        symbol = code.replace(".SH", ".SS")
        tomorrow = dt.datetime.now(SHANGHAI).date() + dt.timedelta(days=1)
        with _outspoken():
            session = self._memory.session or self.session or yf.Ticker(symbol).session
        self._memory.session = session
        with _outspoken(), _heard(session, self.politeness) as hearing:
            try:
                ticker = yf.Ticker(symbol, session=session)
                # Known; else it asks, and for an unknown code searches half of Yahoo for it.
                ticker._tz = SHANGHAI.key
                frame = ticker.history(
                    start=FIRST,
                    end=tomorrow,  # excluded
                    auto_adjust=False,
                    actions=True,
                    repair=False,
                    timeout=self.politeness.timeout,
                )
                history = _read(frame, hearing, _limit(code)).traded()
            except Exception as error:  # yfinance fails in any way there is
                reason = hearing.reason(error)
                if isinstance(reason, Exception):  # of `requests`, which the wire knows
                    raise reason from None
                raise self._error(reason[0], code, reason[1]) from error
        if history.rows.empty:
            raise self._error("empty_reply", code)
        return history

    @contextmanager
    def _refusing(self, code: str) -> Iterator[None]:
        try:
            yield
        except SourceError:
            raise
        except PricesError as error:
            raise self._error("bad_bars", code, str(error)) from None

    def _error(self, kind: Kind, code: str, detail: str = "") -> SourceError:
        return SourceError(kind, self.name, code, self.politeness.host, detail)


def sources() -> tuple[Source, ...]:
    """Yahoo for stocks; the indices from their publishers, as Yahoo's CSI 300 has holes."""
    return (CSIndex(), Shenwan(), Yahoo())


def _import_quietly() -> None:
    """Import yfinance: it turns its own deprecation warnings on, over the program's filters."""
    import warnings

    with warnings.catch_warnings():
        import yfinance  # noqa: F401 - imported for its effect on the filters, undone here


@dataclass
class _Hearing:
    """What came over a session's wire while one question was put."""

    chart: Any = None
    error: Exception | None = None

    def events(self, name: str) -> list[dict[str, Any]]:
        """Dividends or splits of the chart."""
        result = self.chart.json()["chart"]["result"][0]
        return list(((result.get("events") or {}).get(name) or {}).values())

    def reason(self, error: Exception) -> tuple[Kind, str] | Exception:
        """Why there is no history: the kind and its detail, or the error of `requests`."""
        if _is_a(error, "YFRateLimitError"):
            return "too_many_requests", ""
        if _is_a(error, "RequestException") and not _is_a(error, "JSONDecodeError"):
            return _transport(error)
        if self.chart is None:  # yfinance stumbled over the cookie
            return _unknown(error) if self.error is None else _transport(self.error)
        return _refusal(self.chart, error)


@contextmanager
def _heard(session: Any, politeness: Politeness) -> Iterator[_Hearing]:
    """Listen to a session of either transport, and give its calls a timeout and their turn."""
    import requests

    hearing, request = _Hearing(), session.request

    def heard(method: str, url: str, **options: Any) -> Any:
        options["timeout"] = politeness.timeout if _CHART in url else COOKIE_TIMEOUT
        if not isinstance(session, requests.Session):  # those the wire hears and spaces itself
            wire.wait_turn(politeness)
        try:
            response = request(method, url, **options)
        except Exception as error:
            hearing.error = error
            raise
        if _CHART in url:
            hearing.chart = response
        return response

    session.request = heard
    try:
        yield hearing
    finally:
        del session.request


@contextmanager
def _outspoken() -> Iterator[None]:
    """Let yfinance raise what it would log, and log nothing."""
    import yfinance as yf

    debug, logger = yf.config.debug, logging.getLogger("yfinance")
    hidden, level = debug.hide_exceptions, logger.level
    debug.hide_exceptions = False
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        debug.hide_exceptions = hidden
        logger.setLevel(level)


def _read(frame: pd.DataFrame, hearing: _Hearing, limit: float) -> History:
    days = pd.DatetimeIndex(frame.index).tz_convert(SHANGHAI).tz_localize(None).normalize()
    rows = frame[list(_COLUMNS)].rename(columns=_COLUMNS).astype(float)
    rows.insert(0, "date", days.astype("datetime64[s]"))
    splits: dict[dt.date, float] = {}
    for split in hearing.events("splits"):
        day = dt.datetime.fromtimestamp(split["date"], SHANGHAI).date()
        splits[day] = splits.get(day, 1.0) * split["numerator"] / split["denominator"]
    dividends: dict[dt.date, float] = {}
    for dividend in hearing.events("dividends"):
        day = dt.datetime.fromtimestamp(dividend["date"], SHANGHAI).date()
        dividends[day] = dividends.get(day, 0.0) + dividend["amount"]
    return History(rows.sort_values("date", ignore_index=True), splits, dividends, limit)


def _limit(code: str) -> float:
    return LARGEST_MOVE.get(parse_security(code).board, float("inf"))


def _refusal(chart: Any, error: Exception) -> tuple[Kind, str]:
    """What an answer about a symbol says, when yfinance could not read it."""
    status, text = int(chart.status_code), str(chart.text).strip()
    said = _explanation(text)
    detail = f"HTTP {status}{': ' + said if said else ''}"
    if status == 404 and said:
        return "unknown_code", said
    if status in (400, 422) and said.startswith("Data doesn't exist"):
        return "empty_reply", said
    if status == 999:  # Yahoo's own
        return "too_many_requests", detail
    if status >= 400 and status != 404:
        fallback: Kind = "server_error" if status >= 500 else "changed_format"
        return wire.STATUS.get(status, fallback), detail
    if "Will be right back" in text:
        return "server_error", "it says that it will be right back"
    if not text:
        return "empty_reply", "its answer was blank"
    if text.startswith("<") and status < 400:
        return "captcha", ""
    if _is_a(error, "YFPricesMissingError") and '"chart"' in text:
        return "empty_reply", ""
    return _unknown(error)


def _explanation(text: str) -> str:
    """Yahoo's own sentence for an error; empty if there is none."""
    try:
        return str(json.loads(text)["chart"]["error"]["description"])
    except (ValueError, KeyError, TypeError):
        return ""


def _transport(error: Exception) -> tuple[Kind, str] | Exception:
    """What kept the answer away, from an error of `curl_cffi`."""
    if not _is_a(error, "CurlError"):
        return error
    if _is_a(error, "Timeout"):
        return "timeout", ""
    if _is_a(error, "IncompleteRead"):
        return "closed_socket", "in the middle of its answer"
    # GOT_NOTHING, SEND_ERROR, RECV_ERROR: connected, then cut off.
    if getattr(error, "code", 0) in (52, 55, 56) and not _is_a(error, "ProxyError"):
        return "closed_socket", ""
    return "unreachable", f"{type(error).__name__}: {error}".splitlines()[0]


def _unknown(error: Exception) -> tuple[Kind, str]:
    return "changed_format", f"{type(error).__name__}: {str(error).strip()}".splitlines()[0]


def _is_a(error: BaseException, name: str) -> bool:
    """Whether an error is of a class of this name: neither transport need be installed."""
    return any(kind.__name__ == name for kind in type(error).__mro__)
