"""Read a file that somebody named on the command line."""

from pathlib import Path

from hutong.errors import HutongError


def read_bytes(path: Path) -> bytes:
    """The file's bytes; raises ``FILE_UNREADABLE``."""
    try:
        return path.read_bytes()
    except OSError as error:
        raise HutongError("FILE_UNREADABLE", path=path, reason=error.strerror or type(error).__name__) from error
