"""Where the relay keeps bytes: objects named by their SHA-256. ``FileStore`` is a folder, ``s3.S3Store`` a bucket."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.relay.incoming import Incoming, Landing
from exchange.spool import digest_of


@dataclass(frozen=True)
class Standing:
    """An object as the store has it: nothing is said of whether the tables know it."""

    digest: str
    size_bytes: int
    stored_at: datetime


class Store(Protocol):
    """Objects by digest. Whether one may be written, read or removed is decided by the tables, not here.

    Writing the same object again is harmless, since its name is its content. Raises ``STORE_DOWN`` where the bytes lie
    behind a network.
    """

    def receive(self, digest: str) -> Incoming:
        """A place to write one object to. Raises ``RELAY_FULL``."""
        ...

    def size(self, digest: str) -> int | None:
        """In bytes; None when it is not here."""
        ...

    def read(self, digest: str, offset: int, size_bytes: int) -> Iterator[bytes]:
        """So many bytes from ``offset`` on. Raises ``OBJECT_UNKNOWN``."""
        ...

    def remove(self, digest: str) -> None:
        """Nothing happens when it is not here."""
        ...

    def standing(self) -> Iterator[Standing]:
        """Every object, in no order."""
        ...

    def sweep_incoming(self, before: datetime) -> int:
        """Remove what was begun before this time by a writer that is gone; how many."""
        ...


class FileStore:
    """A folder of files ``ab/abcd…``, written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._landing = Landing(folder / "incoming")

    def receive(self, digest: str) -> Incoming:
        return self._landing.receive(digest, self._publish)

    def size(self, digest: str) -> int | None:
        try:
            return self._path(digest).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, digest: str, offset: int, size_bytes: int) -> Iterator[bytes]:
        try:
            file = self._path(digest).open("rb")
        except FileNotFoundError:
            raise ExchangeError("OBJECT_UNKNOWN", digest=digest) from None
        with file:
            file.seek(offset)
            while size_bytes > 0 and (piece := file.read(min(size_bytes, LIMITS.read_bytes))):
                size_bytes -= len(piece)
                yield piece

    def remove(self, digest: str) -> None:
        self._path(digest).unlink(missing_ok=True)

    def standing(self) -> Iterator[Standing]:
        for path in self._folder.glob("[0-9a-f][0-9a-f]/*"):
            facts = path.stat()
            yield Standing(path.name, facts.st_size, datetime.fromtimestamp(facts.st_mtime, UTC))

    def sweep_incoming(self, before: datetime) -> int:
        return self._landing.sweep(before)

    def _path(self, digest: str) -> Path:
        return self._folder / digest[:2] / digest

    def _publish(self, path: Path, digest: str) -> None:
        """Link the file under its name; after a power cut there is the whole object or none. Raises ``RELAY_FULL``."""
        final = self._path(digest)
        try:
            final.parent.mkdir(mode=0o700, exist_ok=True)
            try:
                os.link(path, final)
            except FileExistsError:
                _mend(path, final, digest)
        except OSError:
            raise ExchangeError("RELAY_FULL") from None
        for folder in (final.parent, final.parent.parent):
            descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def _mend(path: Path, final: Path, digest: str) -> None:
    """What stands there is the same, or was damaged on disk and is replaced by what has just been checked."""
    with final.open("rb") as standing:
        if digest_of(standing, LIMITS.segment_bytes + 1) != digest:
            os.replace(path, final)


def open_store(url: str, home: Path, endpoint: str = "") -> Store:
    """The store at a ``file://`` or ``s3://bucket/prefix`` address, by default the folder ``store`` in the relay's
    home.

    ``endpoint`` is the address of an S3-compatible service, empty for what the AWS variables say.
    """
    parts = urlsplit(url)
    if parts.scheme == "s3":
        from exchange.relay.s3 import S3Store  # noqa: PLC0415  # boto3 costs 0.3 s and 30 MB, which a folder need not pay

        return S3Store(parts.netloc, unquote(parts.path), home / "incoming", endpoint)
    return FileStore(Path(unquote(parts.path)) if url else home / "store")
