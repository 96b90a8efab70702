"""Sealed batches on a node's own disk: written whole or not at all, named by content, never overwritten."""

import contextlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from exchange import disk
from exchange.envelope.suites import Hasher
from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from standards.crypto import hasher

_MODE = 0o600


class Part:
    """A file being written; ``keep`` gives it its final name. Left alone, it is swept by the next writer of its
    batch. Everything raises ``SPOOL_FULL`` or ``NODE_DISK``.
    """

    def __init__(self, path: Path, file: BinaryIO, require_space: Callable[[int], None]) -> None:
        self.path = path
        self._file = file
        self._require_space = require_space
        self._unchecked_bytes = 0

    @property
    def size_bytes(self) -> int:
        return self._file.tell()

    def write(self, data: bytes | memoryview) -> int:
        """Says so, also when more comes than was thought: looked at every ``spool_check_bytes``."""
        self._unchecked_bytes += len(data)
        if self._unchecked_bytes >= LIMITS.spool_check_bytes:
            self._unchecked_bytes = 0
            self._require_space(len(data))
        with disk.faults(self.path.parent, len(data)):
            return self._file.write(data)

    def hashed(self, offset: int, size_bytes: int) -> Hasher:
        """SHA-256, to go on with, of a stretch of what was written; writing goes on at the end."""
        with disk.faults(self.path.parent):
            self._file.seek(offset)
            found = _hashed(self._file, size_bytes)
            self._file.seek(0, os.SEEK_END)
            return found

    def cut(self, size_bytes: int) -> None:
        """Forget what was written after this many bytes."""
        with disk.faults(self.path.parent):
            self._file.seek(size_bytes)
            self._file.truncate()

    def keep(self, name: str) -> Path:
        """File to disk, then its name, then the folder: after a power cut there is the whole file or none."""
        final = self.path.with_name(name)
        with disk.faults(final.parent):
            self._file.flush()
            os.fsync(self._file.fileno())
            with contextlib.suppress(FileExistsError):  # the name carries the digest: what stands there is the same
                os.link(self.path, final)
            self.path.unlink()
            descriptor = os.open(final.parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        return final


class Spool:
    """The folder ``spool/`` of a node's home, of at most ``limit_bytes`` (0: bounded by the disk alone).

    ``spare`` names the closed batches, oldest first, whose files may go when room is short. Writers at once may
    together go beyond the limit by ``LIMITS.spool_check_bytes`` each.
    """

    def __init__(
        self, folder: Path, limit_bytes: int = 0, spare: Callable[[], Iterable[tuple[str, int]]] = tuple
    ) -> None:
        self.folder, self._limit_bytes, self._spare = folder, limit_bytes, spare

    @contextmanager
    def part(self, route_id: str, seq: int, epoch: int, *, resumes: bool = False) -> Iterator[Part]:
        """A new empty part for this lease, which goes when work on it fails; with ``resumes``, what an earlier lease
        has left of it, at its end, which stays for the next.

        An overtaken worker may still write into a part that was taken over; whoever reads the file checks its digest.
        """
        mine = self.folder / f"{_stem(route_id, seq)}.{epoch:020d}.part"
        with disk.faults(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            older = [path for path in sorted(self._all_of(route_id, seq, ".part")) if path.name < mine.name]
            if resumes and older and not mine.exists():
                older.pop().rename(mine)
            for path in older:
                path.unlink(missing_ok=True)
            descriptor = os.open(mine, os.O_RDWR | os.O_CREAT | (0 if resumes else os.O_TRUNC), _MODE)
            with open(descriptor, "r+b") as file:
                file.seek(0, os.SEEK_END)
                try:
                    yield Part(mine, file, self.require_space)
                except BaseException:
                    if not resumes:
                        mine.unlink(missing_ok=True)
                    raise

    def files(self) -> list[Path]:
        """All that is here, by name."""
        with disk.faults(self.folder):
            return sorted(self.folder.iterdir()) if self.folder.exists() else []

    def path(self, route_id: str, seq: int, digest: str) -> Path:
        return self.folder / name_of(route_id, seq, digest)

    def open(self, route_id: str, seq: int, digest: str) -> BinaryIO:
        """Raises ``SPOOL_MISSING``, or ``NODE_DISK`` for a file that may be there."""
        path = self.path(route_id, seq, digest)
        with disk.faults(self.folder):
            try:
                return path.open("rb")
            except (FileNotFoundError, NotADirectoryError):
                raise ExchangeError("SPOOL_MISSING", name=path.name) from None

    def keep_only(self, route_id: str, seq: int, digest: str) -> None:
        """Remove what earlier tries of a batch have left, once the ledger has bound this one."""
        with disk.faults(self.folder):
            for path in self._all_of(route_id, seq):
                if path.name != name_of(route_id, seq, digest):
                    path.unlink(missing_ok=True)

    def forget(self, route_id: str, seq: int) -> None:
        """Remove everything of one batch; only for batches that are closed."""
        with disk.faults(self.folder):
            for path in self._all_of(route_id, seq):
                path.unlink(missing_ok=True)

    def require_space(self, needed_bytes: int) -> None:
        """Raises ``SPOOL_FULL`` unless this many bytes fit and a reserve remains.

        What closed batches have left goes first, the oldest first: it is kept only for as long as there is room.
        """
        with disk.faults(self.folder):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self._room_bytes() >= needed_bytes:
            return
        for route_id, seq in self._spare():
            self.forget(route_id, seq)
            if self._room_bytes() >= needed_bytes:
                return
        raise ExchangeError("SPOOL_FULL", free_bytes=max(0, self._room_bytes()), needed_bytes=needed_bytes)

    def partial_bytes(self, route_id: str, seq: int) -> int:
        """What is here of a batch that is still being fetched, so that only the rest needs room."""
        with disk.faults(self.folder):
            return sum(_size(path) for path in self._all_of(route_id, seq, ".part"))

    def _all_of(self, route_id: str, seq: int, suffix: str = "") -> Iterator[Path]:
        return self.folder.glob(f"{_stem(route_id, seq)}.*{suffix}")

    def _room_bytes(self) -> int:
        with disk.faults(self.folder):
            room = shutil.disk_usage(self.folder).free - LIMITS.free_bytes
            if self._limit_bytes:
                room = min(room, self._limit_bytes - sum(_size(path) for path in self.folder.iterdir()))
            return room


def name_of(route_id: str, seq: int, digest: str) -> str:
    """The final name: route, sequence and digest."""
    return f"{_stem(route_id, seq)}.{digest}.batch"


def digest_of(file: BinaryIO, size_bytes: int) -> str:
    """SHA-256 in hex of the next ``size_bytes`` of a file (fewer at its end)."""
    return _hashed(file, size_bytes).hexdigest()


def _hashed(file: BinaryIO, size_bytes: int) -> Hasher:
    whole = hasher()
    while size_bytes > 0 and (piece := file.read(min(size_bytes, LIMITS.read_bytes))):
        whole.update(piece)
        size_bytes -= len(piece)
    return whole


def _stem(route_id: str, seq: int) -> str:
    return f"{route_id}-{seq:012d}"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:  # another worker has just kept or forgotten it
        return 0
