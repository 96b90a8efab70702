"""Read and write files that somebody named on the command line."""

import os
from pathlib import Path

from hutong.errors import HutongError
from standards.reasons import system_words


def read_bytes(path: Path) -> bytes:
    """The file's bytes; raises ``FILE_UNREADABLE``."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise HutongError("FILE_UNREADABLE", path=path, **system_words(error)) from error


def write_bytes(path: Path, data: bytes) -> None:
    """Write or replace the file; raises ``FILE_UNWRITABLE``."""
    try:
        path.write_bytes(data)
    except OSError as error:
        raise _unwritable(path, error) from error


def make_folder(path: Path) -> None:
    """The folder, made if missing; raises ``FILE_UNWRITABLE``."""
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _unwritable(path, error) from error


def require_writable(path: Path) -> None:
    """Raise ``FILE_UNWRITABLE`` before long work whose result could not be kept; leaves what is there as it is."""
    is_new = not path.exists()
    try:
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o666))
        if is_new:
            path.unlink()
    except OSError as error:
        raise _unwritable(path, error) from error


def write_secret(path: Path, text: str) -> None:
    """Make a new file of mode 0600; an existing one, or a link, is left alone (``FILE_UNWRITABLE``)."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise _unwritable(path, error) from error


def _unwritable(path: Path, error: OSError) -> HutongError:
    return HutongError("FILE_UNWRITABLE", path=path, **system_words(error))
