"""Connections to a server that need not be honest: what it may keep us waiting for, and how much it may send.

A server's own time limits bind an honest one only; one that lies lets a byte a second drip, or sends one row of a
gigabyte, while libpq waits for the rest of the message. So a thread of our own looks at each open connection and, past
the limits, shuts its socket.
"""

import contextlib
import mmap
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, TimeoutError
from pathlib import Path
from typing import Any, Literal, NamedTuple

import psycopg2
from psycopg2 import extensions

from exchange.limits import LIMITS

Why = Literal["STALLED", "OVERSIZE"]

_RECEIVED = struct.Struct("@Q")
_RECEIVED_AT = 128  # tcpi_bytes_received in Linux's struct tcp_info

_PAGE = mmap.PAGESIZE

# Where libpq would connect to, as whom, by which files and with which settings, unless the address says so itself; and
# PGSERVICE, which no address can rule out.
_STEERING = "PG"
_OURS = frozenset({"PGDATA"})


class Bounds(NamedTuple):
    """Of one call to the server: seconds until it is over, and bytes that it may send before any of them is used."""

    seconds: float = LIMITS.statement_seconds
    answer_bytes: int = LIMITS.database_answer_bytes


class Cut(psycopg2.OperationalError):  # type: ignore[misc]
    """The connection was cut here, past its bounds."""

    why: Why


def scrub() -> None:
    """Take out of this process's environment what libpq obeys: addresses come from ``node.toml`` alone."""
    for name in [name for name in os.environ if name.startswith(_STEERING) and name not in _OURS]:
        del os.environ[name]


def connect(address: str, bounds: Bounds, **parameters: Any) -> "Watched":
    """As ``psycopg2.connect``, which itself may wait without end for a server that answers half. Raises its errors."""
    scrub()
    made: Future[Watched] = Future()

    def run() -> None:
        try:
            made.set_result(psycopg2.connect(address, connection_factory=Watched, **parameters))
        except BaseException as error:
            made.set_exception(error)

    threading.Thread(target=run, name="connect", daemon=True).start()
    try:
        connection = made.result(2 * LIMITS.connect_seconds)
    except TimeoutError:
        made.add_done_callback(_close)
        raise psycopg2.OperationalError from None
    connection.watch(bounds)
    return connection


def _close(made: "Future[Watched]") -> None:
    with contextlib.suppress(psycopg2.Error):
        made.result().close()


class Watched(extensions.connection):  # type: ignore[misc]
    """Every call to the server ends within the bounds given to ``watch``: with ``Cut`` where it would not."""

    _bounds = Bounds()
    _since: float | None = None
    _progress: Callable[[], int] = staticmethod(lambda: 0)
    _why: Why | None = None
    _done: threading.Event | None = None

    def watch(self, bounds: Bounds) -> None:
        self._bounds, self._done = bounds, threading.Event()
        watched = socket.socket(fileno=os.dup(self.fileno()))
        threading.Thread(target=self._look, args=(watched, self._done), name="watch", daemon=True).start()

    def cursor(self, *args: Any, **more: Any) -> Any:
        return super().cursor(*args, **{"cursor_factory": _Cursor} | more)

    def commit(self) -> None:
        with self.waiting():
            super().commit()

    def rollback(self) -> None:
        with self.waiting():
            super().rollback()

    def close(self) -> None:
        if self._done is not None:
            self._done.set()
        super().close()

    @contextlib.contextmanager
    def waiting(self, progress: Callable[[], int] | None = None) -> Iterator[None]:
        """One call. ``progress`` tells how many bytes of the answer have been used up so far."""
        self._progress = progress or (lambda: 0)
        self._since = time.monotonic()
        try:
            yield
        except psycopg2.Error:
            if self._why is None:
                raise
            cut = Cut()
            cut.why = self._why
            raise cut from None
        finally:
            self._since = None

    def _look(self, watched: socket.socket, done: threading.Event) -> None:
        call, used, base = 0.0, 0, 0
        with watched:
            while not done.wait(LIMITS.watch_seconds):
                since = self._since
                if since is None:
                    continue
                received, now_used = _received(watched), self._progress()
                if (since, now_used) != (call, used):
                    call, used, base = since, now_used, received
                base = min(base, received)  # memory is given back
                if time.monotonic() - since > self._bounds.seconds:
                    self._why = "STALLED"
                elif received - base > self._bounds.answer_bytes:
                    self._why = "OVERSIZE"
                if self._why is not None:
                    with contextlib.suppress(OSError):
                        watched.shutdown(socket.SHUT_RDWR)
                    return


class _Cursor(extensions.cursor):  # type: ignore[misc]
    def execute(self, *args: Any, **more: Any) -> None:
        with self.connection.waiting():
            super().execute(*args, **more)

    def executemany(self, statement: Any, parameters: Any) -> None:
        """Each is a call of its own: psycopg2's does not come by ``execute``."""
        for each in parameters:
            self.execute(statement, each)

    def copy_expert(self, statement: Any, file: Any, size: int = 8192) -> None:
        """A buffer above something that counts what it has taken (``plain_bytes``) shows by that that rows arrive."""
        taken = getattr(file, "raw", file)
        with self.connection.waiting(lambda: getattr(taken, "plain_bytes", 0)):
            super().copy_expert(statement, file, size)


def _held() -> int:
    """The resident memory of this process that is no file's, in bytes; 0 where /proc does not tell."""
    try:
        pages = Path("/proc/self/statm").read_text().split()
        return (int(pages[1]) - int(pages[2])) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0


def _received(watched: socket.socket) -> int:
    """Bytes that have come in. A Unix socket's nobody counts: there it is half of what this process holds in memory.

    What no call has used up yet waits in libpq's memory and, while it is handed over, in ours once more. Other threads'
    work is in it too, so what may come by a Unix socket is bounded, and not told to the byte.

    (The kernel has no such count for it: ``rchar`` in /proc/self/io is of read(2), and libpq calls recv(2). To count
    them ourselves a thread would have to carry every byte from one socket to another, of honest databases too.)
    """
    if watched.family == socket.AF_UNIX:
        return _held() // 2
    try:
        told = watched.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
    except OSError:
        return 0
    if len(told) < _RECEIVED_AT + _RECEIVED.size:
        return 0
    return int(_RECEIVED.unpack_from(told, _RECEIVED_AT)[0])
