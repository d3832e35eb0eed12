"""Asking a host politely, and telling what went wrong from what came over the wire.

akshare sets no timeout, retries nothing, and turns a captcha page, a ban and a bad gateway into one
``KeyError``. So its calls are heard while they are made: every request of this thread is spaced by
host, given a timeout, and its answer noted; when the library then stumbles, the answer says why.
Nothing is changed for requests made elsewhere in the program.
"""

import logging
import random
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, TypeVar

from thesis.market.sources.failure import PASSING, Kind, SourceError
from thesis.market.sources.source import Politeness

T = TypeVar("T")

#: Spacing and waits are multiplied by this; 0 where the hosts are on this machine.
PACE = 1.0

#: Refusals by status: 456 is Sina's own.
STATUS: dict[int, Kind] = {
    403: "banned",
    418: "banned",
    456: "banned",
    404: "unknown_code",
    429: "too_many_requests",
}


@dataclass(frozen=True)
class Answer:
    """What a host answered."""

    url: str
    status: int
    text: str

    @property
    def is_page(self) -> bool:
        """Whether it is a web page, where data was asked for."""
        return self.text.lstrip("\ufeff \r\n\t").startswith("<")


@dataclass
class _Hearing:
    """One question being asked, and the answers so far."""

    politeness: Politeness
    check: Callable[[Answer], None] | None
    answers: list[Answer] = field(default_factory=list)


_hearing: ContextVar[_Hearing | None] = ContextVar("hearing", default=None)
_turns = threading.Lock()
_last_call: dict[str, float] = {}


def ask(
    politeness: Politeness,
    source: str,
    code: str,
    question: Callable[[], T],
    check: Callable[[Answer], None] | None = None,
) -> T:
    """Put one question to a host: spaced, timed out, asked again while the failure may pass.

    Parameters
    ----------
    politeness
        How the host wants to be asked.
    source, code
        Who is asked about what, for the error's sentence.
    question
        Calls the library; what it returns is returned.
    check
        Called with each answer before the library sees it; raises to keep it away.

    Raises
    ------
    SourceError
        Whatever goes wrong, with its kind. One that `question` raises itself passes through.
    """
    import stamina

    # Without a handler of the program's own, Python would print each retry to stderr.
    logger = logging.getLogger("stamina")
    if not logger.handlers:
        logger.addHandler(logging.NullHandler())
    for attempt in stamina.retry_context(
        on=_may_pass,
        attempts=politeness.attempts,
        timeout=None,
        wait_initial=2.0 * politeness.spacing * PACE,
        wait_max=30.0 * PACE,
        wait_jitter=politeness.spacing * PACE,
    ):
        with attempt:
            return _ask_once(politeness, source, code, question, check)
    raise AssertionError("the last attempt returns or raises")


def last_answer() -> Answer | None:
    """The last answer to the question being asked; None outside of one."""
    hearing = _hearing.get()
    return hearing.answers[-1] if hearing and hearing.answers else None


def _may_pass(error: Exception) -> bool:
    return isinstance(error, SourceError) and error.kind in PASSING


def _ask_once(
    politeness: Politeness,
    source: str,
    code: str,
    question: Callable[[], T],
    check: Callable[[Answer], None] | None,
) -> T:
    hearing = _Hearing(politeness, check)
    token = _hearing.set(hearing)
    try:
        with _EAR.listening(), warnings.catch_warnings():
            # akshare's own, about pandas and about hosts whose certificate it does not check.
            warnings.simplefilter("ignore")
            return question()
    except SourceError:
        raise
    except Exception as error:  # akshare's parsers fail in any way there is
        kind, detail = _diagnose(error, hearing.answers)
        raise SourceError(kind, source, code, politeness.host, detail) from error
    finally:
        _hearing.reset(token)


def _diagnose(error: Exception, answers: list[Answer]) -> tuple[Kind, str]:
    """What happened, from the exception and the last answer."""
    import requests

    if isinstance(error, requests.exceptions.JSONDecodeError):
        pass  # a RequestException too, but of the answer's text
    elif isinstance(error, requests.exceptions.Timeout | TimeoutError):
        return "timeout", ""
    elif isinstance(error, requests.exceptions.ChunkedEncodingError):
        return "closed_socket", "in the middle of its answer"
    elif isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return "unreachable", _cause(error)
    elif isinstance(error, requests.exceptions.ConnectionError | ConnectionError):
        text = repr(error)
        closed = any(
            sign in text for sign in ("RemoteDisconnected", "ConnectionReset", "IncompleteRead")
        )
        return ("closed_socket", "") if closed else ("unreachable", _cause(error))
    last = answers[-1] if answers else None
    refused = next((answer for answer in reversed(answers) if answer.status >= 400), None)
    if refused is not None:
        kind = STATUS.get(refused.status) or (
            "server_error" if refused.status >= 500 else "changed_format"
        )
        return kind, f"HTTP {refused.status}"
    if last is not None and not last.text.strip():
        return "empty_reply", "its answer was blank"
    if last is not None and last.is_page:
        return "captcha", ""
    return "changed_format", f"{type(error).__name__}: {_first_line(error)}"


def _cause(error: BaseException) -> str:
    """What urllib3 met: no such name, no route, a certificate, a proxy."""
    met = error.args[0] if error.args else error
    reason = getattr(met, "reason", met)
    return _first_line(reason if isinstance(reason, BaseException) else error).split(": ", 1)[-1]


def _first_line(error: BaseException) -> str:
    text = (str(error).strip() or type(error).__name__).splitlines()[0]
    return text if len(text) <= 120 else text[:117] + "..."


class _Ear:
    """Listens to `requests` while any thread asks; the original is put back after the last."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._listeners = 0
        self._send: Any = None

    @contextmanager
    def listening(self) -> Iterator[None]:
        import requests

        session: Any = requests.Session
        with self._lock:
            if self._listeners == 0:
                self._send = session.send
                session.send = _send_heard(self._send)
            self._listeners += 1
        try:
            yield
        finally:
            with self._lock:
                self._listeners -= 1
                if self._listeners == 0:
                    session.send = self._send


def _send_heard(send: Callable[..., Any]) -> Callable[..., Any]:
    def heard(session: Any, request: Any, **options: Any) -> Any:
        hearing = _hearing.get()
        if hearing is None:  # another thread's request: not ours to touch
            return send(session, request, **options)
        if options.get("timeout") is None:
            options["timeout"] = hearing.politeness.timeout
        wait_turn(hearing.politeness)
        response = send(session, request, **options)
        if not options.get("stream"):
            answer = Answer(str(request.url), response.status_code, _text(response))
            hearing.answers.append(answer)
            if hearing.check is not None:
                # The library must read the text that was checked, whatever charset came with it.
                response.encoding = "utf-8"
                hearing.check(answer)
        return response

    return heard


_EAR = _Ear()


def _text(response: Any) -> str:
    content: bytes = response.content
    return content.decode("utf-8", errors="replace")


def wait_turn(politeness: Politeness) -> None:
    """Wait until the host's last call is far enough behind."""
    gap = PACE * politeness.spacing * (1 + random.random() / 2)
    with _turns:
        now = time.monotonic()
        turn = max(now, _last_call.get(politeness.host, -1e9) + gap)
        _last_call[politeness.host] = turn
    if turn > now:
        time.sleep(turn - now)
