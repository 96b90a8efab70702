"""An object on its way in: a file of at most one segment, seen by nobody before its digest is found right."""

import contextlib
import fcntl
import io
import os
import secrets
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from standards.crypto import hasher


class Incoming:
    """Written as it comes, so that memory stays flat; ``keep`` hands the checked file to the store.

    It is locked while its writer lives, which is how ``Landing.sweep`` knows what a killed relay has left.
    """

    def __init__(self, path: Path, digest: str, publish: Callable[[Path, str], None]) -> None:
        self._path, self._digest, self._publish = path, digest, publish
        self._hasher = hasher()
        self._size_bytes = 0
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = io.BufferedWriter(io.FileIO(descriptor, "w"))
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

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

    def check(self) -> int:
        """The size of what came, all of it on disk and found to be as named. Raises ``OBJECT_DIFFERS``."""
        if self._size_bytes == 0 or self._hasher.hexdigest() != self._digest:
            raise ExchangeError("OBJECT_DIFFERS", digest=self._digest)
        try:
            self._file.flush()
            os.fsync(self._file.fileno())
        except OSError:
            raise ExchangeError("RELAY_FULL") from None
        return self._size_bytes

    def keep(self) -> None:
        """Make it visible under its digest, once ``check`` has passed. Raises the store's codes."""
        self._publish(self._path, self._digest)

    def discard(self) -> None:
        """Forget the file; what was kept stays."""
        with contextlib.suppress(OSError):  # a full disk: what could not be written is not wanted either
            self._file.close()
        self._path.unlink(missing_ok=True)


class Landing:
    """The folder on the relay's own disk through which every object comes, whatever the store."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)

    def receive(self, digest: str, publish: Callable[[Path, str], None]) -> Incoming:
        """Raises ``RELAY_FULL``."""
        if shutil.disk_usage(self._folder).free < LIMITS.segment_bytes + LIMITS.free_bytes:
            raise ExchangeError("RELAY_FULL")
        return Incoming(self._folder / f"{digest}.{secrets.token_hex(8)}", digest, publish)

    def sweep(self, before: datetime) -> int:
        """Remove what writers that are gone began before this time; how many files."""
        count = 0
        for path in self._folder.iterdir():
            try:
                with path.open("rb") as file:
                    if os.fstat(file.fileno()).st_mtime >= before.timestamp():
                        continue
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    path.unlink()
                    count += 1
            except (BlockingIOError, FileNotFoundError):
                continue  # its writer lives, or has just ended
        return count
