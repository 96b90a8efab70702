"""The index of a file batch: every file's path, size, digest and time, and the folders that hold nothing. Pure.

It stands at the front of the plaintext (``docs/sealed-batch.md``, "Files"). ``read`` takes exactly what ``write`` would
have written and nothing that leads out of the folder it is unpacked into.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Any

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from metadata.record import canonical_bytes

_HEX = frozenset("0123456789abcdef")
_MEMBERS = {"modified_ns", "path", "sha256", "size"}


@dataclass(frozen=True)
class Entry:
    """One file: path below the folder with ``/``, size in bytes, SHA-256 in hex, nanoseconds since 1970 (UTC)."""

    path: str
    size: int
    sha256: str
    modified_ns: int


@dataclass(frozen=True)
class Index:
    """All files and all empty folders, each in the order of their paths' UTF-8 bytes."""

    files: tuple[Entry, ...]
    empty_folders: tuple[str, ...] = ()

    @property
    def total_bytes(self) -> int:
        return sum(entry.size for entry in self.files)

    def contents(self) -> Mapping[str, str]:
        """Path to digest."""
        return {entry.path: entry.sha256 for entry in self.files}


def write(index: Index) -> bytes:
    """Canonical JSON. Raises ``FILES_TOO_MANY`` when it is longer than a reader takes."""
    data = canonical_bytes(
        {"empty_folders": list(index.empty_folders), "files": [vars(entry) for entry in index.files]}
    )
    if len(data) > LIMITS.files_index_bytes or len(index.files) + len(index.empty_folders) > LIMITS.files:
        raise ExchangeError("FILES_TOO_MANY", limit=LIMITS.files, total_bytes=LIMITS.files_bytes)
    return data


def read(data: bytes) -> Index:
    """Raises ``FILES_INDEX_BAD`` for anything that is not one index in its one spelling, or not safe to unpack."""
    try:
        found = json.loads(data)
        index = _index(found)
        is_canonical = write(index) == data
    except (ValueError, TypeError, KeyError, RecursionError):
        raise _bad("not in the form of an index") from None
    except ExchangeError:
        raise _bad("more entries than allowed") from None
    if not is_canonical:
        raise _bad("not in canonical form")
    _require_safe(index)
    return index


def changed(before: Index, after: Index) -> int:
    """How many files are gone, new, or of other content."""
    old, new = before.contents(), after.contents()
    return sum(new.get(path) != digest for path, digest in old.items()) + sum(path not in old for path in new)


def name_fault(path: str) -> str:
    """Why a path cannot travel, in Chinese; empty when it can. The one rule of both ends."""
    if not path or "\0" in path or path.startswith("/"):
        return "名称为空或含空字符"
    parts = path.split("/")
    if any(part in ("", ".", "..") for part in parts):
        return "路径中有空的一级、“.”或“..”"
    try:
        data = path.encode()
    except UnicodeEncodeError:
        return "名称不是 UTF-8"
    if len(parts) > LIMITS.files_depth:
        return f"文件夹套了超过 {LIMITS.files_depth} 层"
    if len(data) > LIMITS.files_path_bytes or any(len(part.encode()) > 255 for part in parts):
        return f"路径超过 {LIMITS.files_path_bytes} 字节或其中一级超过 255 字节"
    return ""


def folders_of(paths: Iterable[str]) -> set[str]:
    """Every folder that the paths lie in."""
    return {str(folder) for path in paths for folder in PurePosixPath(path).parents if str(folder) != "."}


def _index(found: Any) -> Index:
    if set(found) != {"empty_folders", "files"}:
        raise ValueError
    return Index(tuple(_entry(each) for each in found["files"]), tuple(_text(each) for each in found["empty_folders"]))


def _entry(found: Any) -> Entry:
    if set(found) != _MEMBERS:
        raise ValueError
    size, modified = _whole(found["size"]), _whole(found["modified_ns"])
    digest = _text(found["sha256"])
    if not 0 <= size < 2**63 or not -(2**63) <= modified < 2**63 or len(digest) != 64 or not set(digest) <= _HEX:
        raise ValueError
    return Entry(_text(found["path"]), size, digest, modified)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError
    return value


def _require_safe(index: Index) -> None:
    paths = [entry.path for entry in index.files]
    if any(name_fault(path) for path in (*paths, *index.empty_folders)):
        raise _bad("a path that leads elsewhere or is too long")
    for group in (paths, list(index.empty_folders)):
        ordered = [path.encode() for path in group]
        if any(first >= second for first, second in pairwise(ordered)):
            raise _bad("paths out of order or twice")
    taken = folders_of((*paths, *index.empty_folders))
    if taken & set(paths) or taken & set(index.empty_folders) or set(paths) & set(index.empty_folders):
        raise _bad("a path is both a file and a folder")
    if index.total_bytes > LIMITS.files_bytes:
        raise _bad("more bytes than allowed")


def _bad(reason: str) -> ExchangeError:
    return ExchangeError("FILES_INDEX_BAD", reason=reason)
