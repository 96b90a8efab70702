"""The plaintext of a file batch onto disk, with flat memory, believing nothing that it says of itself."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path

from exchange.errors import ExchangeError
from exchange.files import index as indexes
from exchange.files.index import Entry, Index, folders_of
from exchange.files.received import FILE_MODE, FOLDER_MODE, sync_folder
from exchange.limits import LIMITS
from standards.crypto import hasher

_LENGTH_BYTES = 4


def unpack(pieces: Iterable[bytes], files: Path, begin: Callable[[Index, bytes], None]) -> Index:
    """Write every file below the empty folder ``files``; nothing is overwritten, nothing leads out of it.

    ``begin`` is called with the index, and its bytes, before the first file is made. Raises ``FILES_INDEX_BAD``,
    ``FILES_CONTENT_BAD``, and what the pieces raise.
    """
    plain = _Plain(pieces)
    length = int.from_bytes(plain.exactly(_LENGTH_BYTES), "big")
    if length > LIMITS.files_index_bytes:
        raise ExchangeError("FILES_INDEX_BAD", reason="longer than allowed")
    data = plain.exactly(length)
    index = indexes.read(data)
    begin(index, data)
    paths = (*(entry.path for entry in index.files), *index.empty_folders)
    folders = sorted(folders_of(paths) | {*index.empty_folders})  # a folder stands before what is in it
    for folder in folders:
        (files / folder).mkdir(mode=FOLDER_MODE)
    for entry in index.files:
        _write(files / entry.path, entry, plain)
    if plain.some(1):
        raise ExchangeError("FILES_CONTENT_BAD", reason="more bytes than the index names")
    for folder in reversed(folders):
        sync_folder(files / folder)
    sync_folder(files)
    return index


def _write(path: Path, entry: Entry, plain: "_Plain") -> None:
    whole, left = hasher(), entry.size
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, FILE_MODE)
    with open(descriptor, "wb") as file:
        while left:
            piece = plain.some(left)
            if not piece:
                raise ExchangeError("FILES_CONTENT_BAD", reason="fewer bytes than the index names")
            whole.update(piece)
            file.write(piece)
            left -= len(piece)
        if whole.hexdigest() != entry.sha256:
            raise ExchangeError("FILES_CONTENT_BAD", reason="a file has another digest than the index names")
        file.flush()
        os.utime(descriptor, ns=(entry.modified_ns, entry.modified_ns))
        os.fsync(descriptor)


class _Plain:
    """The pieces of the plaintext, handed out in the sizes that are asked for."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._rest = memoryview(b"")

    def some(self, most: int) -> memoryview:
        """The next bytes, at most so many; empty only at the end."""
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return self._rest
            self._rest = memoryview(piece)
        given, self._rest = self._rest[:most], self._rest[most:]
        return given

    def exactly(self, count: int) -> bytes:
        data = bytearray()
        while len(data) < count:
            piece = self.some(count - len(data))
            if not piece:
                raise ExchangeError("FILES_CONTENT_BAD", reason="it ends before its index does")
            data += piece
        return bytes(data)
