"""A hostile relay: a real HTTP server in front of the real one, which alters, drops, delays or invents what passes.

Without a ``lie`` it is honest. A lie sees each call and the real relay's answer, and says what goes over the wire.
"""

import http.client
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Call:
    """One request as it came."""

    method: str
    target: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        """What is asked: ``listing``, ``object``, ``receipts``, ``head``, ``upload``, ``announce``, ``reply``."""
        path = urlsplit(self.target).path
        by_end = {"batches": "announce" if self.method == "POST" else "listing"}
        by_end["receipts"] = "reply" if self.method == "PUT" else "receipts"
        names = {"HEAD": "head", "PUT": "upload", "GET": "object"}
        return by_end.get(path.rsplit("/", 1)[-1]) or (names.get(self.method, "") if "/objects/" in path else "other")


@dataclass(frozen=True)
class Answer:
    """One answer. ``wire``: these very bytes instead, and the connection ends; ``drip``: these, a byte now and then;
    ``is_silent``: nothing, for a while.
    """

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)
    wire: bytes | None = None
    drip: bytes = b""
    is_silent: bool = False

    def saying(self, body: bytes) -> "Answer":
        return replace(self, body=body)


Ask = Callable[[Call], Answer]
Lie = Callable[[Call, Ask], Answer]


class HostileRelay:
    """The double. ``lie`` may be set while it serves; ``calls`` are the kinds of calls since it was last set."""

    def __init__(self, real_url: str) -> None:
        self._real = urlsplit(real_url).netloc
        self._lie: Lie | None = None
        self.calls: list[str] = []
        self.let_go = threading.Event()
        self.url = ""

    @property
    def lie(self) -> Lie | None:
        return self._lie

    @lie.setter
    def lie(self, lie: Lie | None) -> None:
        self._lie = lie
        self.calls = []
        held, self.let_go = self.let_go, threading.Event()
        held.set()

    def ask(self, call: Call) -> Answer:
        """The real relay's answer."""
        connection = http.client.HTTPConnection(self._real, timeout=30)
        try:
            kept = {name: value for name, value in call.headers.items() if name.lower() not in ("host", "connection")}
            connection.request(call.method, call.target, call.body or None, kept)
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), dict(answer.getheaders()))
        finally:
            connection.close()

    def answer(self, call: Call) -> Answer:
        self.calls.append(call.kind)
        return self.ask(call) if self._lie is None else self._lie(call, self.ask)


@contextmanager
def hostile(real_url: str) -> Iterator[HostileRelay]:
    """Serve a double of one relay until the block is left."""
    relay = HostileRelay(real_url)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _serve(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            call = Call(self.command, self.path, dict(self.headers.items()), body)
            let_go = relay.let_go
            answer = relay.answer(call)
            if answer.is_silent:
                let_go.wait(30)
                self.close_connection = True
                return
            if answer.wire is not None:
                self.wfile.write(answer.wire)
                self.wfile.flush()
                self.connection.shutdown(socket.SHUT_WR)
                self.close_connection = True
                return
            if answer.drip:
                self._drip(answer.drip, let_go)
                return
            self.send_response_only(answer.status)
            dropped = ("content-length", "transfer-encoding", "date", "server", "connection")
            for name, value in answer.headers.items():
                if name.lower() not in dropped:
                    self.send_header(name, value)
            if answer.status not in (204, 304):
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer.body)

        def _drip(self, body: bytes, let_go: threading.Event) -> None:
            self.wfile.write(f"HTTP/1.1 200 X\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            for byte in body:
                self.wfile.write(bytes([byte]))
                if let_go.wait(0.02):
                    break
            self.close_connection = True

        do_GET = do_PUT = do_POST = do_HEAD = _serve

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing: a test's output is its findings."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: Any, client_address: Any) -> None:
            """A caller that hangs up on a liar is right."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    relay.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield relay
    finally:
        relay.lie = None
        server.shutdown()
        server.server_close()
        thread.join()
