"""A wire to PostgreSQL that breaks on purpose: a proxy that knows enough of the protocol to wait for a commit.

    with wired(department_url) as wire:
        wire.drop_reply_to_commit(b"INSERT INTO hutong.applied_batch")

Without a plan it carries what comes. TCP on this side, TCP or a socket file on the server's.
"""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy.engine import URL, make_url

COMMIT = b"Q\x00\x00\x00\x0bCOMMIT\x00"
_ROLLBACK = b"Q\x00\x00\x00\x0dROLLBACK\x00"

_PIECE_BYTES = 64 * 1024


@dataclass
class Plan:
    """Once: when a transaction that has sent ``after`` sends COMMIT, or when ``up`` or ``down`` bytes have passed."""

    do: Callable[["Carried"], None]
    after: bytes = b""
    is_early: bool = False
    up: int = 0
    down: int = 0


class Carried:
    """One connection: both its ends, how much has gone over it, and what its transaction has sent."""

    def __init__(self, caller: socket.socket, server: socket.socket) -> None:
        self.caller, self.server = caller, server
        self.up = self.down = 0
        self.sent = b""
        self.is_mute = False

    def reset(self) -> None:
        """Both ends see the connection break."""
        for end in (self.caller, self.server):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


class Wire:
    """Listens; ``url`` is the address to use instead of the server's.

    ``fired`` is set when what was planned is done; who is on the wire may notice it before, so it is waited for.
    """

    def __init__(self, url: str) -> None:
        self._real = make_url(url)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._plan: Plan | None = None
        self._lock = threading.Lock()
        self._open: list[Carried] = []
        self._threads: list[threading.Thread] = []
        self.fired = threading.Event()
        self._run(self._accept)

    @property
    def port(self) -> int:
        return int(self._listener.getsockname()[1])

    @property
    def url(self) -> str:
        """The address of the same database over this wire."""
        return self.of(self._real.render_as_string(hide_password=False))

    def of(self, url: str) -> str:
        """The address over this wire of any database on the same server."""
        plain = {"sslmode": "disable", "gssencmode": "disable"}
        changed: URL = make_url(url).set(host="127.0.0.1", port=self.port, query=plain)
        return changed.render_as_string(hide_password=False)

    def at_commit(self, after: bytes, do: Callable[[Carried], None]) -> None:
        """Do this when a transaction that has sent ``after`` sends its COMMIT, which has just been passed on."""
        self._set(Plan(do, after=after))

    def at_bytes(self, do: Callable[[Carried], None], *, up: int = 0, down: int = 0) -> None:
        """Do this when so many bytes have gone over one connection."""
        self._set(Plan(do, up=up, down=down))

    def drop_reply_to_commit(self, after: bytes) -> None:
        """The server commits and says so, and the connection breaks before anybody here has heard it."""
        self._set(Plan(_mute, after=after, is_early=True))

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for carried in self._open:
            carried.reset()
        for thread in self._threads:
            thread.join()
        for carried in self._open:
            carried.caller.close()
            carried.server.close()

    def _set(self, plan: Plan) -> None:
        with self._lock:
            self._plan = plan
            self.fired.clear()

    def _run(self, work: Callable[..., None], *arguments: object) -> None:
        thread = threading.Thread(target=work, args=arguments, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = self._connect()
            except OSError:
                caller.close()
                continue
            carried = Carried(caller, server)
            self._open.append(carried)
            self._run(self._pump, carried, caller, server)
            self._run(self._pump, carried, server, caller)

    def _connect(self) -> socket.socket:
        host = self._real.host or str(self._real.query.get("host", ""))
        port = self._real.port or 5432
        if not host.startswith("/"):
            return socket.create_connection((host or "127.0.0.1", port))
        server = socket.socket(socket.AF_UNIX)
        try:
            server.connect(f"{host}/.s.PGSQL.{port}")
        except OSError:
            server.close()
            raise
        return server

    def _pump(self, carried: Carried, source: socket.socket, sink: socket.socket) -> None:
        is_up = source is carried.caller
        try:
            while piece := source.recv(_PIECE_BYTES):
                if is_up:
                    carried.up += len(piece)
                    carried.sent = (carried.sent + piece)[-4 * _PIECE_BYTES :]
                else:
                    carried.down += len(piece)
                    if carried.is_mute:
                        break
                plan = self._due(carried, piece if is_up else b"")
                if is_up and (COMMIT in piece or _ROLLBACK in piece):
                    carried.sent = b""  # the connection's next transaction, from a pool, is somebody else's
                if plan is not None and plan.is_early:
                    self._fire(plan, carried)
                sink.sendall(piece)
                if plan is not None and not plan.is_early:
                    self._fire(plan, carried)
        except OSError:
            pass
        carried.reset()

    def _due(self, carried: Carried, piece: bytes) -> Plan | None:
        with self._lock:
            plan = self._plan
            if plan is None:
                return None
            if plan.after:
                is_due = COMMIT in piece and plan.after in carried.sent
            else:
                is_due = (0 < plan.up <= carried.up) or (0 < plan.down <= carried.down)
            if is_due:
                self._plan = None
            return plan if is_due else None

    def _fire(self, plan: Plan, carried: Carried) -> None:
        plan.do(carried)
        self.fired.set()


def _mute(carried: Carried) -> None:
    carried.is_mute = True


@contextmanager
def wired(url: str) -> Iterator[Wire]:
    """A wire to the server of ``url``, until the block is left."""
    wire = Wire(url)
    try:
        yield wire
    finally:
        wire.close()
