"""Every host that akshare and yfinance ask, answered on this machine over a real socket.

The real library code runs; only the transport is turned round, in `requests`' own adapter, to a
local server. A host without an answer is unreachable, so no test can reach the internet.
"""

import json
import re
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

import requests
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

CAPTCHA = "<!DOCTYPE html><html><head><title>验证</title></head><body>请完成验证</body></html>"


@dataclass(frozen=True)
class Asked:
    """One request, as the library under test made it."""

    host: str
    path: str
    query: dict[str, str]
    method: str = "GET"
    body: bytes = b""


@dataclass(frozen=True)
class Reply:
    """One answer."""

    body: str | bytes = ""
    status: int = 200
    content_type: str = "text/plain; charset=utf-8"


Handler = Callable[[Asked], Reply]


def in_json(body: object) -> Reply:
    """An answer in JSON, Chinese as it is."""
    text = json.dumps(body, ensure_ascii=False)
    return Reply(text, content_type="application/json; charset=utf-8")


#: Ways a host can fail, whatever it is asked.
FAULTS: dict[str, Reply | str] = {
    "banned": Reply("Forbidden", 403),
    "banned_456": Reply("拒绝访问", 456),
    "captcha": Reply(CAPTCHA, 200, "text/html; charset=utf-8"),
    "too_many_requests": Reply("Too Many Requests", 429),
    "bad_gateway": Reply("<html><body>502 Bad Gateway</body></html>", 502, "text/html"),
    "empty_body": Reply("", 200),
    "closed_socket": "close",
    "half_reply": "half",
    "slow": "slow",
}
#: The kind of failure that each of them is.
KINDS = {
    "banned": "banned",
    "banned_456": "banned",
    "captcha": "captcha",
    "too_many_requests": "too_many_requests",
    "bad_gateway": "server_error",
    "empty_body": "empty_reply",
    "closed_socket": "closed_socket",
    "half_reply": "closed_socket",
    "slow": "timeout",
}


@dataclass
class FakeHosts:
    """The local server and what each host answers."""

    server: HTTPServer
    handlers: list[tuple[str, Handler]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    bytes_sent: int = 0
    faults: dict[str, list[tuple[str, int]]] = field(default_factory=dict)
    slowness: float = 3.0

    def __post_init__(self) -> None:
        self.server.expect_request(re.compile(".*")).respond_with_handler(self._answer)

    @property
    def url(self) -> str:
        """Where the server listens, for a subprocess that must be turned round too."""
        return self.server.url_for("").rstrip("/")

    def serve(self, host: str, handler: Handler) -> None:
        """Let a host (a regular expression for its whole name) be answered; the last one wins."""
        self.handlers.insert(0, (host, handler))

    def fail(self, host: str, fault: str, times: int = 10**9) -> None:
        """Let a host (a regular expression) fail in one of the `FAULTS`, so many times."""
        assert fault in FAULTS, fault
        self.faults.setdefault(host, []).append((fault, times))

    def heal(self) -> None:
        """End every fault."""
        self.faults.clear()

    def count(self, host: str = ".*") -> int:
        """Requests a host (a regular expression) has had."""
        return sum(bool(re.fullmatch(host, asked.host)) for asked in self.asked)

    def _answer(self, request: Request) -> Response:
        asked = Asked(
            host=request.headers.get("X-Orig-Host", request.host),
            path=request.path,
            query=dict(request.args.items()),
            method=request.method,
            body=request.get_data(),
        )
        self.asked.append(asked)
        reply: Reply | str = self._fault(asked.host) or self._reply(asked)
        if isinstance(reply, str):
            real = self._reply(asked)
            if reply == "slow":
                time.sleep(self.slowness)
                reply = real
            else:
                return self._break_off(request, real if reply == "half" else None)
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        self.bytes_sent += len(body)
        return Response(body, reply.status, content_type=reply.content_type)

    def _fault(self, host: str) -> Reply | str | None:
        for pattern, faults in self.faults.items():
            if re.fullmatch(pattern, host) and faults:
                fault, times = faults[0]
                faults[:] = [(fault, times - 1), *faults[1:]] if times > 1 else faults[1:]
                return FAULTS[fault]
        return None

    def _reply(self, asked: Asked) -> Reply:
        for pattern, handler in self.handlers:
            if re.fullmatch(pattern, asked.host):
                return handler(asked)
        return Reply(f"no fake of {asked.host}", 404)

    def _break_off(self, request: Request, reply: Reply | None) -> Response:
        """Close the connection without an answer, or in the middle of one."""
        peer: socket.socket = request.environ["werkzeug.socket"]
        if reply is not None:
            body = reply.body.encode() if isinstance(reply.body, str) else reply.body
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            peer.sendall(head + body[: len(body) // 2])
        peer.shutdown(socket.SHUT_RDWR)
        return Response("")


@contextmanager
def turned_round(url: str, known: Callable[[str], bool] = lambda _: True) -> Iterator[None]:
    """Turn every call of `requests` to a local server; its first host goes in ``X-Orig-Host``.

    Parameters
    ----------
    known
        Hosts that are answered; any other is unreachable.
    """
    real = requests.adapters.HTTPAdapter.send
    local = urlsplit(url)

    def send(self, request, **kwargs):
        parts = urlsplit(request.url)
        if not known(parts.hostname or ""):
            raise requests.exceptions.ConnectionError(f"no route to {parts.hostname}")
        asked = request.copy()
        asked.url = urlunsplit((local.scheme, local.netloc, parts.path, parts.query, ""))
        asked.headers["X-Orig-Host"] = parts.hostname or ""
        reply = real(self, asked, **{**kwargs, "proxies": {}})
        reply.url = request.url
        return reply

    requests.adapters.HTTPAdapter.send = send
    try:
        yield
    finally:
        requests.adapters.HTTPAdapter.send = real


def known_hosts(hosts: FakeHosts) -> Callable[[str], bool]:
    """Whether a fake answers for a host."""
    return lambda name: any(re.fullmatch(pattern, name) for pattern, _ in hosts.handlers)
