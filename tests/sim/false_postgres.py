"""A server that speaks PostgreSQL's protocol (version 3) and lies: what it does to a statement is a test's to say."""

import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ClassVar

_SSL, _GSS = 80877103, 80877104


class Client:
    """One that has connected; whoever answers it writes messages to it."""

    def __init__(self, connection: socket.socket, done: threading.Event) -> None:
        self._connection = connection
        self.done = done

    def message(self, kind: bytes, body: bytes = b"") -> None:
        self.raw(kind + struct.pack("!I", len(body) + 4) + body)

    def raw(self, sent: bytes) -> None:
        self._connection.sendall(sent)

    def ready(self, state: bytes = b"T") -> None:
        self.message(b"Z", state)

    def complete(self, tag: str) -> None:
        self.message(b"C", tag.encode() + b"\0")
        self.ready()

    def row(self, *values: bytes, oid: int = 25) -> None:
        """A result of one row, its columns said to be of one type."""
        columns = b"".join(b"c\0" + struct.pack("!IhIhih", 0, 0, oid, -1, -1, 0) for _ in values)
        self.message(b"T", struct.pack("!h", len(values)) + columns)
        self.message(b"D", struct.pack("!h", len(values)) + b"".join(struct.pack("!i", len(v)) + v for v in values))
        self.complete("SELECT 1")

    def error(self, state: str, said: str) -> None:
        self.message(b"E", f"SERROR\0C{state}\0M{said}\0D{said}\0".encode() + b"\0")
        self.ready(b"E")

    def drip(self, sent: bytes) -> None:
        """A byte now and then, without end."""
        self.raw(sent)
        while not self.done.wait(0.2):
            self.raw(b"\0")

    def flood(self, header: bytes) -> None:
        """After ``header``, zeros as fast as they are taken: a gigabyte at most. ``sent`` counts them."""
        self.raw(header)
        self.sent = 0
        for _ in range(1024):
            if self.done.is_set():
                return
            self.raw(bytes(1024 * 1024))
            self.sent += 1

    def silence(self) -> None:
        self.done.wait()

    def read(self) -> tuple[bytes, bytes]:
        """The next message; empty when it has gone."""
        kind = self._exactly(1)
        (size,) = struct.unpack("!I", self._exactly(4))
        return kind, self._exactly(size - 4)

    def greet(self, parameters: dict[str, str]) -> None:
        """Startup: no TLS, no password, and what the server says it is set to."""
        while True:
            (size,) = struct.unpack("!I", self._exactly(4))
            (code,) = struct.unpack("!I", self._exactly(size - 4)[:4])
            if code not in (_SSL, _GSS):
                break
            self.raw(b"N")
        self.message(b"R", struct.pack("!I", 0))
        for name, value in parameters.items():
            self.message(b"S", f"{name}\0{value}\0".encode())
        self.ready(b"I")

    def _exactly(self, size: int) -> bytes:
        found = b""
        while len(found) < size:
            piece = self._connection.recv(size - len(found))
            if not piece:
                raise ConnectionError
            found += piece
        return found


Answer = Callable[[Client, str], None]


class FalsePostgres:
    """Answers statements by what they contain; BEGIN, SET and the like as they should be."""

    settings: ClassVar[dict[str, str]] = {
        "server_version": "15.0",
        "server_encoding": "UTF8",
        "client_encoding": "UTF8",
        "DateStyle": "ISO, YMD",
        "standard_conforming_strings": "on",
        "integer_datetimes": "on",
    }

    def __init__(self, folder: Path | None = None, **parameters: str) -> None:
        """On a port of this machine, or on a Unix socket in a folder, as libpq looks for it."""
        self._folder = folder
        self._parameters = self.settings | parameters
        self._answers: list[tuple[str, Answer]] = []
        self._done = threading.Event()
        if folder is None:
            self._listening = socket.create_server(("127.0.0.1", 0))
        else:
            self._listening = socket.socket(socket.AF_UNIX)
            self._listening.bind(str(folder / ".s.PGSQL.5432"))
            self._listening.listen()
        self.clients: list[Client] = []

    @property
    def url(self) -> str:
        if self._folder is not None:
            return f"postgresql+psycopg2://node:s3cret@/dept?host={self._folder}&port=5432"
        port = self._listening.getsockname()[1]
        return f"postgresql+psycopg2://node:s3cret@127.0.0.1:{port}/dept"

    def on(self, contained: str, answer: Answer) -> None:
        self._answers.append((contained, answer))

    def serve(self) -> None:
        while not self._done.is_set():
            try:
                connection, _ = self._listening.accept()
            except OSError:
                return
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        client = Client(connection, self._done)
        self.clients.append(client)
        with connection:
            try:
                client.greet(self._parameters)
                while True:
                    kind, body = client.read()
                    if kind != b"Q":
                        return
                    self._answer(client, body.rstrip(b"\0").decode())
            except OSError:
                return

    def _answer(self, client: Client, statement: str) -> None:
        for contained, answer in self._answers:
            if contained in statement:
                answer(client, statement)
                return
        client.complete(statement.split(maxsplit=1)[0].upper())

    def stop(self) -> None:
        self._done.set()
        self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()


@contextmanager
def false_postgres(folder: Path | None = None, **parameters: str) -> Iterator[FalsePostgres]:
    server = FalsePostgres(folder, **parameters)
    serving = threading.Thread(target=server.serve, daemon=True)
    serving.start()
    try:
        yield server
    finally:
        server.stop()
        serving.join()
