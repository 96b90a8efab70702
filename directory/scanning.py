"""Whether a file holds malware: asked of a scanner before anything is kept, where one is set (``HUTONG_SCANNER``).

The scanner is clamd or whatever speaks its INSTREAM: the bytes go over a socket in counted chunks, one line comes back.
Only a plain "OK" lets a file in. Without the setting nothing is scanned; with it, a scanner that cannot be reached,
takes too long or says anything else refuses every file.
"""

import socket
import time
from typing import Final

import structlog
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from directory.errors import DirectoryError
from directory.limits import LIMITS
from standards.crypto import digest_hex

_SCANNER: Final = "scanner"
_CHUNK_BYTES: Final = 64 * 1024
_ANSWER_BYTES: Final = 4096
_CLEAN: Final = b"stream: OK"
_INFECTED: Final = b" FOUND"


class Scanner:
    """``unix:/run/clamav/clamd.ctl`` or ``tcp:127.0.0.1:3310``; ``ValueError`` for any other spelling."""

    def __init__(self, address: str, seconds: float = LIMITS.scan_seconds) -> None:
        self._seconds = seconds
        kind, _, place = address.partition(":")
        host, _, port = place.rpartition(":")
        if kind == "unix" and place.startswith("/"):
            self._target: str | tuple[str, int] = place
        elif kind == "tcp" and host and port.isascii() and port.isdecimal() and 0 < int(port) < 65_536:
            self._target = (host.strip("[]"), int(port))
        else:
            raise ValueError("HUTONG_SCANNER is unix:/path/of/clamd.socket or tcp:HOST:PORT")

    def scan(self, data: bytes) -> None:
        """Raises ``DirectoryError FILE_INFECTED``, and ``SCANNER_AWAY`` where nobody said that the bytes are clean."""
        try:
            said = self._ask(data)
        except OSError:
            raise DirectoryError("SCANNER_AWAY") from None
        if said.endswith(_INFECTED):
            raise DirectoryError("FILE_INFECTED")
        if said != _CLEAN:
            raise DirectoryError("SCANNER_AWAY")

    def _ask(self, data: bytes) -> bytes:
        """The line that comes back, without its end; every wait is part of one term."""
        until = time.monotonic() + self._seconds
        with (
            socket.socket(socket.AF_UNIX)
            if isinstance(self._target, str)
            else socket.create_connection(self._target, timeout=_left(until)) as connection
        ):
            if isinstance(self._target, str):
                connection.settimeout(_left(until))
                connection.connect(self._target)
            pieces = [data[at : at + _CHUNK_BYTES] for at in range(0, len(data), _CHUNK_BYTES)]
            for each in (b"zINSTREAM\0", *(len(piece).to_bytes(4) + piece for piece in pieces), bytes(4)):
                connection.settimeout(_left(until))
                connection.sendall(each)
            said = b""
            while not said.endswith(b"\0") and len(said) < _ANSWER_BYTES:
                connection.settimeout(_left(until))
                more = connection.recv(_ANSWER_BYTES)
                if not more:
                    break
                said += more
        return said[:-1] if said.endswith(b"\0") else b""  # an answer that was cut off is none


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left


def scanning_sessions(engine: Engine, scanner: str) -> sessionmaker[Session]:
    """Sessions in which files are scanned by this scanner before they are kept; by none where it is empty."""
    return sessionmaker(engine, info={_SCANNER: Scanner(scanner)} if scanner else {})


def require_clean(session: Session, data: bytes) -> None:
    """Every verb that keeps somebody's file asks; raises ``FILE_INFECTED``, ``SCANNER_AWAY``."""
    scanner: Scanner | None = session.info.get(_SCANNER)
    if scanner is None:
        return
    try:
        scanner.scan(data)
    except DirectoryError as error:
        structlog.get_logger("directory").warning("file refused", code=error.code, sha256=digest_hex(data))
        raise
