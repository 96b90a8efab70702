"""A party's own disk: the system's errors as ours, so that a batch waits and nobody is shown a traceback."""

import errno
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from exchange.errors import ExchangeError

# No room on the disk, in the account's quota, or in a file as this process may make it.
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


@contextmanager
def faults(folder: Path, needed_bytes: int = 0) -> Iterator[None]:
    """Work on files below ``folder``. Raises ``SPOOL_FULL`` or ``NODE_DISK``, never ``OSError``."""
    try:
        yield
    except OSError as error:
        raise explain(error, folder, needed_bytes) from None


def explain(error: OSError, folder: Path, needed_bytes: int = 0) -> ExchangeError:
    """``SPOOL_FULL``, or ``NODE_DISK`` with the system's name of the error and never a path."""
    if error.errno in _FULL:
        return ExchangeError("SPOOL_FULL", free_bytes=_free_bytes(folder), needed_bytes=needed_bytes)
    return ExchangeError("NODE_DISK", reason=errno.errorcode.get(error.errno or 0, type(error).__name__))


def _free_bytes(folder: Path) -> int:
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return 0
