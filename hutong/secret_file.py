"""Write a secret to a file that nobody else can read."""

import os
from pathlib import Path

from hutong.errors import HutongError


def write_secret(path: Path, text: str) -> None:
    """Make a new file of mode 0600; an existing one, or a link, is left alone (``NO_PERMISSION``)."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise HutongError("NO_PERMISSION", path=path, reason=error.strerror or type(error).__name__) from error
