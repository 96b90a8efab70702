"""A clamd that knows one signature: the INSTREAM of its protocol over a Unix socket, strictly, with its limit and its
failures.
"""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

# The harmless file that every scanner finds (eicar.org), in two parts so that no scanner finds it here.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"

Manner = Literal["well", "silent", "cut", "error", "odd", "endless", "gone"]


class Clamd(socketserver.ThreadingUnixStreamServer):
    """``manner`` is how it answers; ``scanned`` what it was sent; streams over ``most_bytes`` it ends as clamd does."""

    daemon_threads = True

    def __init__(self, path: Path, most_bytes: int = 25_000_000) -> None:
        self.manner: Manner = "well"
        self.most_bytes = most_bytes
        self.scanned: list[bytes] = []
        self.over = threading.Event()
        super().__init__(str(path), _Conversation)


class _Conversation(socketserver.StreamRequestHandler):
    server: Clamd

    def handle(self) -> None:
        clamd = self.server
        if clamd.manner == "gone":
            return
        command = self.rfile.read(len(b"zINSTREAM\0"))
        if command != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        data = b""
        while length := int.from_bytes(self._exactly(4)):
            data += self._exactly(length)
            if len(data) > clamd.most_bytes:
                self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
                return
        clamd.scanned.append(data)
        if clamd.manner == "silent":
            clamd.over.wait(30)
        elif clamd.manner == "endless":
            while not clamd.over.is_set():
                self.wfile.write(b"stream: OK" * 1000)
        else:
            self.wfile.write(
                {
                    "well": b"stream: Eicar-Test-Signature FOUND\0" if EICAR in data else b"stream: OK\0",
                    "cut": b"stream: OK",
                    "error": b"stream: Can't allocate memory ERROR\0",
                    "odd": b"stream: OK, I think\0",
                }[clamd.manner]
            )

    def _exactly(self, count: int) -> bytes:
        found = self.rfile.read(count)
        if len(found) != count:
            raise ConnectionError
        return found

    def finish(self) -> None:
        """Whoever asked may have left."""
        try:
            super().finish()
        except OSError:
            self.connection.close()


@contextmanager
def clamd(path: Path, most_bytes: int = 25_000_000) -> Iterator[Clamd]:
    """One that listens on this path for as long as the block runs."""
    with Clamd(path, most_bytes) as server:
        server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.over.set()
            server.shutdown()
            thread.join()
