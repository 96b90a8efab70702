"""A fault proxy: one TCP port in front of a peer, which does to the connections what bad lines and bad boxes do.

    with proxied(town.relay_url) as line:
        line.plan(Fault("up", cut_at=1000))      # the next connection breaks after 1,000 bytes sent upwards
        line.plan(Fault("down", corrupt_at=700)) # then the one after it comes back with one byte changed
        client = RelayClient(line.url, caller)

Faults are used up in order, one a connection; a connection without one is carried as it is. ``up`` is from caller
to peer, ``down`` the answer. Bytes are counted over the connection, HTTP heads included. What it does is exact: no
sleeping but for ``delay_seconds``, and ``line.connections`` and ``line.carried`` say afterwards what has passed.
"""

import contextlib
import socket
import struct
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Direction = Literal["up", "down"]

_PIECE_BYTES = 64 * 1024


@dataclass(frozen=True)
class Fault:
    """What happens to one connection, in one direction.

    ``cut_at``: after that many bytes both ends are reset; 0 in ``down`` drops the answer to what the peer has done.
    ``corrupt_at``: the byte at this offset is changed (its lowest bit). ``delay_seconds``: before the first byte.
    ``refuse``: the connection is reset as soon as it stands.
    """

    direction: Direction = "up"
    cut_at: int | None = None
    corrupt_at: int | None = None
    delay_seconds: float = 0.0
    refuse: bool = False


class Line:
    """A proxy that listens. ``is_down`` refuses every connection until it is false again."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self._peer = (parts.hostname or "127.0.0.1", parts.port or 80)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._faults: deque[Fault] = deque()
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self.is_down = False
        self.connections = 0
        self.carried: dict[Direction, int] = {"up": 0, "down": 0}
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        """The address to call instead of the peer's."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def plan(self, *faults: Fault) -> None:
        """For the next connections, one each."""
        with self._lock:
            self._faults.extend(faults)

    def clear(self) -> None:
        """Forget faults that no connection has met; count the bytes from zero again."""
        with self._lock:
            self._faults.clear()
            self.carried = {"up": 0, "down": 0}

    def hang_up(self) -> None:
        """Reset every connection that stands, such as those a client keeps for its next call."""
        with self._lock:
            standing = list(self._open)
        for end in standing:
            _reset(end)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes accept
        self._listener.close()
        self._accepting.join()
        self.hang_up()
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while True:
            try:
                caller, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
                fault = self._faults.popleft() if self._faults else Fault()
            thread = threading.Thread(target=self._carry, args=(caller, fault), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _carry(self, caller: socket.socket, fault: Fault) -> None:
        if self.is_down or fault.refuse:
            _reset(caller)
            caller.close()
            return
        try:
            peer = socket.create_connection(self._peer)
        except OSError:
            _reset(caller)
            caller.close()
            return
        ends = {caller, peer}
        with self._lock:
            self._open |= ends
        back = threading.Thread(target=self._pump, args=(peer, caller, "down", fault), daemon=True)
        back.start()
        self._pump(caller, peer, "up", fault)
        back.join()
        with self._lock:
            self._open -= ends
        for end in ends:
            end.close()

    def _pump(self, source: socket.socket, sink: socket.socket, direction: Direction, fault: Fault) -> None:
        mine = fault if fault.direction == direction else Fault(direction)
        passed = 0
        try:
            while piece := source.recv(_PIECE_BYTES):
                if passed == 0 and mine.delay_seconds:
                    time.sleep(mine.delay_seconds)
                data = bytearray(piece)
                if mine.corrupt_at is not None and passed <= mine.corrupt_at < passed + len(data):
                    data[mine.corrupt_at - passed] ^= 1
                is_cut = mine.cut_at is not None and passed + len(data) >= mine.cut_at
                if mine.cut_at is not None and is_cut:
                    del data[mine.cut_at - passed :]
                sink.sendall(data)
                passed += len(data)
                with self._lock:
                    self.carried[direction] += len(data)
                if is_cut:
                    # What was let through arrives before the break: an orderly end first for the sink, then the reset.
                    _end(sink)
                    _reset(source)
                    return
            _end(sink)
        except OSError:
            _reset(source)
            _reset(sink)


@contextmanager
def proxied(target: str) -> Iterator[Line]:
    """A line to ``target`` (``http://127.0.0.1:port``), until the block is left."""
    line = Line(target)
    try:
        yield line
    finally:
        line.close()


def _end(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.shutdown(socket.SHUT_WR)


def _reset(end: socket.socket) -> None:
    """Whoever waits on this socket, here or there, stops waiting; closed later, it goes with RST."""
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        end.shutdown(socket.SHUT_RDWR)
