"""The directory's own key: signs grants, node records and the feed's head. Made at the first start, never replaced."""

import os
import tempfile
from pathlib import Path
from typing import Annotated

from fastapi import Depends, Request

from standards.crypto import SigningKey


def open_key(path: Path) -> SigningKey:
    """Read the key, making it first where there is none; the file is 0400 and its folder 0700.

    Two processes starting at once end with one key: the file appears whole or not at all, and only one can make it.
    Raises ``StandardsError KEY_UNREADABLE`` for a damaged file, ``OSError`` where the folder cannot be written.
    """
    if not path.exists():
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _create(path, SigningKey.generate().to_pem())
    return SigningKey.from_pem(path.read_bytes())


def _create(path: Path, pem: bytes) -> None:
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(pem)
            file.flush()
            os.fchmod(file.fileno(), 0o400)
            os.fsync(file.fileno())
        try:
            os.link(temporary, path)  # fails where the key exists; a rename would replace it
        except FileExistsError:
            return
    finally:
        Path(temporary).unlink()


def _current_key(request: Request) -> SigningKey:
    key: SigningKey = request.app.state.directory_key
    return key


DirectoryKey = Annotated[SigningKey, Depends(_current_key)]
