"""How often one caller may ask for what costs seconds to make: a bucket each, counted for all workers of a machine.

The counts stand in a file of the home that every worker maps into its memory. A caller's digest says in which row of
slots theirs is; a row is locked while it is read and written, which the system undoes for a worker that dies. Failed
sign-ins are not counted here but in the database (``accounts.sign_in``).
"""

import fcntl
import hashlib
import math
import mmap
import os
import struct
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from fastapi import Depends, Request

from directory.actors import OptionalActor
from directory.errors import DirectoryError
from directory.limits import LIMITS

_SLOT: Final = struct.Struct("=16sdd")  # the caller's digest, what was left, and when (the machine's monotonic clock)
_ROW_SLOTS: Final = 8
_NOBODY: Final = bytes(16)


class Throttle:
    """``burst`` askings at once, then ``per_second``; where more callers meet in a row than it has slots, the longest
    silent one is forgotten.

    ``path`` is made with room for ``most`` callers. What cannot be counted is not answered: ``OSError`` when the file
    cannot be made, mapped or locked.
    """

    def __init__(
        self,
        path: Path,
        burst: int = LIMITS.costly_burst_count,
        per_second: float = LIMITS.costly_per_second,
        most: int = LIMITS.costly_caller_count,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._burst, self._per_second, self._clock = burst, per_second, clock
        self._row_bytes = _ROW_SLOTS * _SLOT.size
        self._row_count = max(1, -(-most // _ROW_SLOTS))
        self._file, self._table = _mapped(path, self._row_count * self._row_bytes)
        weakref.finalize(self, os.close, self._file)

    def spend(self, caller: str) -> None:
        """Count one asking of this caller; raises ``DirectoryError TOO_OFTEN`` with the seconds to wait."""
        digest = hashlib.blake2b(caller.encode(), digest_size=16).digest()
        row = int.from_bytes(digest[:8]) % self._row_count * self._row_bytes
        with self._locked(row):
            now = self._clock()  # within the lock, so that nobody counts from a later time than the next one
            place, left, since = self._slot(row, digest, now)
            left = min(float(self._burst), left + max(0.0, now - since) * self._per_second)
            _SLOT.pack_into(self._table, place, digest, left if left < 1 else left - 1, now)
        if left < 1:
            raise DirectoryError("TOO_OFTEN", wait_seconds=math.ceil((1 - left) / self._per_second))

    def _slot(self, row: int, digest: bytes, now: float) -> tuple[int, float, float]:
        """Where the caller's bucket is, what was left in it and when; a full one in place of the longest silent."""
        oldest, silent_since = row, math.inf
        for place in range(row, row + self._row_bytes, _SLOT.size):
            whose, left, since = _SLOT.unpack_from(self._table, place)
            if whose == digest and since <= now:
                return place, left, since
            if since > now or whose == _NOBODY:  # of before the machine started, or nobody's
                since = -math.inf
            if since < silent_since:
                oldest, silent_since = place, since
        return oldest, float(self._burst), now

    @contextmanager
    def _locked(self, row: int) -> Iterator[None]:
        fcntl.lockf(self._file, fcntl.LOCK_EX, self._row_bytes, row)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, self._row_bytes, row)


def _mapped(path: Path, size: int) -> tuple[int, mmap.mmap]:
    """The file, open, and its bytes; all of them on disk, for a mapped page that finds none ends the process."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        os.posix_fallocate(file, 0, size)
        return file, mmap.mmap(file, size)
    except OSError:
        os.close(file)
        raise


async def _spend(request: Request, actor: OptionalActor) -> None:
    """On the event loop, so that one asking of a process is counted at a time: the locks are those of processes."""
    address = request.client.host if request.client else ""
    request.app.state.throttle.spend(str(actor.account_id) if actor else f"address {address}")


COSTLY: Final = Depends(_spend)
