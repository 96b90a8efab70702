"""What a node serves from its disk: one folder, walked down step by step, through no symbolic link."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath

from exchange.errors import ExchangeError

SAFE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@contextmanager
def opened(served: str, path: str) -> Iterator[int]:
    """A descriptor of a mounted file or folder; nothing exchanged meanwhile leads elsewhere.

    Raises ``SERVED_FOLDER_MISSING``, ``PATH_OUTSIDE``, ``MOUNT_GONE``, ``MOUNT_UNREADABLE``.
    """
    if not served:
        raise ExchangeError("SERVED_FOLDER_MISSING")
    parts = PurePosixPath(path).parts
    if not parts or path.startswith("/") or "\\" in path or "\0" in path or ".." in parts:
        raise ExchangeError("PATH_OUTSIDE", place=path)
    descriptor = -1
    try:
        descriptor = os.open(Path(served), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        for part in parts:
            below = os.open(part, SAFE, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        yield descriptor
    except OSError as error:
        if error.errno == errno.ELOOP:
            raise ExchangeError("PATH_OUTSIDE", place=path) from None
        if error.errno in {errno.ENOENT, errno.ENOTDIR}:
            raise ExchangeError("MOUNT_GONE", place=path) from None
        reason = errno.errorcode.get(error.errno or 0, "OSError")
        raise ExchangeError("MOUNT_UNREADABLE", place=path, reason=reason) from None
    finally:
        if descriptor >= 0:
            os.close(descriptor)
