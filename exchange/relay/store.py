"""Where the relay keeps bytes: objects named by their SHA-256. ``FileStore`` is a folder; others are a new file."""

import io
import os
import secrets
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.spool import digest_of
from standards.crypto import hasher


class Incoming(Protocol):
    """An object on its way in; nobody sees it before ``keep``."""

    def write(self, data: bytes) -> None: ...

    def keep(self) -> int:
        """Make it visible under its digest and return its size. Raises ``OBJECT_DIFFERS``."""
        ...

    def discard(self) -> None:
        """Forget it; does nothing after ``keep``."""
        ...


class Store(Protocol):
    """Objects by digest. Whether one may be written or read is decided by the tables, not here."""

    def receive(self, digest: str) -> Incoming: ...

    def size(self, digest: str) -> int | None: ...

    def read(self, digest: str, offset: int, size_bytes: int) -> Iterator[bytes]: ...


class FileStore:
    """A folder of files ``ab/abcd…``, written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._incoming = folder / "incoming"
        self._incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
        for left in self._incoming.iterdir():  # of a relay that was killed
            left.unlink()

    def receive(self, digest: str) -> "IncomingFile":
        """Raises ``RELAY_FULL``."""
        if shutil.disk_usage(self._folder).free < LIMITS.segment_bytes + LIMITS.free_bytes:
            raise ExchangeError("RELAY_FULL")
        return IncomingFile(self._incoming / f"{digest}.{secrets.token_hex(8)}", self._path(digest), digest)

    def size(self, digest: str) -> int | None:
        try:
            return self._path(digest).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, digest: str, offset: int, size_bytes: int) -> Iterator[bytes]:
        """Raises ``OBJECT_UNKNOWN``."""
        try:
            file = self._path(digest).open("rb")
        except FileNotFoundError:
            raise ExchangeError("OBJECT_UNKNOWN", digest=digest) from None
        with file:
            file.seek(offset)
            while size_bytes > 0 and (piece := file.read(min(size_bytes, LIMITS.read_bytes))):
                size_bytes -= len(piece)
                yield piece

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest


class IncomingFile:
    """A temporary file that becomes the object when its digest is right."""

    def __init__(self, path: Path, final: Path, digest: str) -> None:
        self._path, self._final, self._digest = path, final, digest
        self._hasher = hasher()
        self._size_bytes = 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = io.BufferedWriter(io.FileIO(descriptor, "w"))

    def write(self, data: bytes) -> None:
        """Raises ``OBJECT_TOO_LARGE`` or ``RELAY_FULL``."""
        self._size_bytes += len(data)
        if self._size_bytes > LIMITS.segment_bytes:
            raise ExchangeError("OBJECT_TOO_LARGE", limit=LIMITS.segment_bytes)
        self._hasher.update(data)
        try:
            self._file.write(data)
        except OSError:
            raise ExchangeError("RELAY_FULL") from None

    def keep(self) -> int:
        if self._hasher.hexdigest() != self._digest:
            raise ExchangeError("OBJECT_DIFFERS", digest=self._digest)
        self._final.parent.mkdir(mode=0o700, exist_ok=True)
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
            try:
                os.link(self._path, self._final)
            except FileExistsError:
                self._mend()
        except OSError:
            raise ExchangeError("RELAY_FULL") from None
        for folder in (self._final.parent, self._final.parent.parent):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return self._size_bytes

    def discard(self) -> None:
        self._file.close()
        self._path.unlink(missing_ok=True)

    def _mend(self) -> None:
        """What stands there is the same, or was damaged on disk and is replaced by what has just been checked."""
        with self._final.open("rb") as standing:
            if digest_of(standing, LIMITS.segment_bytes + 1) != self._digest:
                os.replace(self._path, self._final)


def open_store(url: str, home: Path) -> Store:
    """The store at a ``file://`` address, by default the folder ``store`` in the relay's home."""
    return FileStore(Path(unquote(urlsplit(url).path)) if url else home / "store")
