"""The source end: one consistent look at a mounted file or folder.

Everything is read twice. The first pass makes the index, the second gives the bytes and must meet the same digests,
and what is there must be the same before and after: so between the passes it was exactly what is sent. Faults name an
entry by its place in the order of the paths' bytes (``find . -mindepth 1 | LC_ALL=C sort``), since a name may itself be
personal data.
"""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePosixPath

from exchange.errors import ExchangeError
from exchange.files.index import Entry, Index, folders_of, name_fault
from exchange.keys.trust import BoundGrant
from exchange.limits import LIMITS
from exchange.served import SAFE, opened
from metadata.access import Grant
from standards.crypto import hasher

_KINDS = {
    stat.S_IFLNK: "符号链接",
    stat.S_IFIFO: "管道",
    stat.S_IFSOCK: "套接字",
    stat.S_IFBLK: "设备",
    stat.S_IFCHR: "设备",
}


@dataclass(frozen=True)
class _Found:
    """One entry of the walk; what of it may not change while it is read."""

    path: str
    mode: int
    size: int
    modified_ns: int
    inode: tuple[int, int]


@dataclass(frozen=True)
class Look:
    """What was seen in the first pass, and the descriptor of the mount to read it again."""

    index: Index
    _descriptor: int
    _found: tuple[_Found, ...]

    def stream(self, sink: Callable[[bytes], object]) -> None:
        """The bytes of all files in the index's order. Raises ``SOURCE_CHANGED``; what was given is then void."""
        for entry in self.index.files:
            if _read(self._descriptor, entry.path, sink) != (entry.size, entry.sha256):
                raise ExchangeError("SOURCE_CHANGED")
        if _entries(self._descriptor, self.index.files[0].path if self.index.files else "") != self._found:
            raise ExchangeError("SOURCE_CHANGED")


@contextmanager
def look(served: str, grant: BoundGrant) -> Iterator[Look]:
    """The first pass over the granted mount.

    Raises as ``exchange.served.opened``; ``FILE_NAME_REFUSED``, ``FILE_KIND_REFUSED``, ``FILE_UNREADABLE``,
    ``FILES_TOO_MANY`` for what cannot travel; ``SOURCE_CHANGED``.
    """
    with opened(served, grant.path) as descriptor:
        is_folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        if is_folder != (grant.kind == "folder"):
            reason, reason_en = ("不是文件", "it is no file") if is_folder else ("不是文件夹", "it is no folder")
            raise ExchangeError("MOUNT_UNREADABLE", place=grant.path, reason=reason, reason_en=reason_en)
        found = _entries(descriptor, PurePosixPath(grant.path).name)
        _require_carried(found)
        files = [each for each in found if stat.S_ISREG(each.mode)]
        entries = []
        for each in files:
            size, digest = _read(descriptor, each.path, _ignore)
            entries.append(Entry(each.path, size, digest, each.modified_ns))
        folders = {each.path for each in found if stat.S_ISDIR(each.mode)}
        empty = sorted(folders - folders_of(each.path for each in found), key=str.encode)
        yield Look(Index(tuple(entries), tuple(empty)), descriptor, found)


def survey(served: str, grant: Grant) -> tuple[int, int]:
    """How many files and bytes would travel, without reading them. Raises as ``look``."""
    with opened(served, grant.path) as descriptor:
        found = _entries(descriptor, PurePosixPath(grant.path).name)
    _require_carried(found)
    files = [each.size for each in found if stat.S_ISREG(each.mode)]
    return len(files), sum(files)


def _entries(descriptor: int, name: str) -> tuple[_Found, ...]:
    """All that is below, in the order of the paths' bytes; a mounted file is one entry of its own name."""
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode):
        return (_of(name, status),)
    found = []
    for each in _walk(descriptor, "", 0):
        found.append(each)
        if len(found) > LIMITS.files:
            raise _too_many()
    return tuple(sorted(found, key=lambda each: os.fsencode(each.path)))


def _walk(descriptor: int, prefix: str, depth: int) -> Iterator[_Found]:
    try:
        with os.scandir(descriptor) as entries:
            names = sorted(entry.name for entry in entries)
        for name in names:
            path = f"{prefix}{name}"
            status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
            yield _of(path, status)
            if not stat.S_ISDIR(status.st_mode) or depth >= LIMITS.files_depth:
                continue
            try:
                below = os.open(name, SAFE | os.O_DIRECTORY, dir_fd=descriptor)
            except PermissionError:
                yield _of(f"{path}/", status)  # refused below, in its place: a folder whose content nobody knows
                continue
            try:
                yield from _walk(below, f"{path}/", depth + 1)
            finally:
                os.close(below)
    except (FileNotFoundError, NotADirectoryError):
        raise ExchangeError("SOURCE_CHANGED") from None


def _of(path: str, status: os.stat_result) -> _Found:
    return _Found(path, status.st_mode, status.st_size, status.st_mtime_ns, (status.st_dev, status.st_ino))


def _require_carried(found: tuple[_Found, ...]) -> None:
    """Raises for the first entry that cannot travel exactly, and counts them all."""
    faults = [(number, *fault) for number, each in enumerate(found, 1) if (fault := _fault(each)) is not None]
    if faults:
        number, code, reason = faults[0]
        raise ExchangeError(code, number=number, reason=reason, count=len(faults))
    if sum(each.size for each in found if stat.S_ISREG(each.mode)) > LIMITS.files_bytes:
        raise _too_many()


def _fault(each: _Found) -> tuple[str, str] | None:
    if stat.S_ISDIR(each.mode) and each.path.endswith("/"):
        return "FILE_UNREADABLE", "文件夹没有读取权限"
    if reason := name_fault(each.path):
        return "FILE_NAME_REFUSED", reason
    if not (stat.S_ISREG(each.mode) or stat.S_ISDIR(each.mode)):
        return "FILE_KIND_REFUSED", _KINDS.get(stat.S_IFMT(each.mode), "特殊文件")
    return None


def _read(descriptor: int, path: str, sink: Callable[[bytes], object]) -> tuple[int, str]:
    """Size and digest of one file, its bytes into ``sink``; found again from the mount's descriptor, step by step."""
    file = -1
    try:
        file = _open(descriptor, path)
        if not stat.S_ISREG(os.fstat(file).st_mode):
            raise ExchangeError("SOURCE_CHANGED")
        whole, size = hasher(), 0
        while piece := os.pread(file, LIMITS.read_bytes, size):
            whole.update(piece)
            size += len(piece)
            sink(piece)
        return size, whole.hexdigest()
    except OSError as error:
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ESTALE):
            raise ExchangeError("SOURCE_CHANGED") from None
        number = _place(descriptor, path)
        reason = "没有读取权限" if error.errno == errno.EACCES else errno.errorcode.get(error.errno or 0, "OSError")
        raise ExchangeError("FILE_UNREADABLE", number=number, reason=reason, count=1) from None
    finally:
        if file >= 0:
            os.close(file)


def _open(descriptor: int, path: str) -> int:
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return os.dup(descriptor)
    *folders, name = path.split("/")
    here = os.dup(descriptor)
    try:
        for folder in folders:
            below = os.open(folder, SAFE | os.O_DIRECTORY, dir_fd=here)
            os.close(here)
            here = below
        return os.open(name, SAFE, dir_fd=here)
    finally:
        os.close(here)


def _place(descriptor: int, path: str) -> int:
    paths = [each.path for each in _entries(descriptor, path)]
    return paths.index(path) + 1 if path in paths else 0


def _too_many() -> ExchangeError:
    return ExchangeError("FILES_TOO_MANY", limit=LIMITS.files, total_bytes=LIMITS.files_bytes)


def _ignore(_: bytes) -> None:
    """The first pass only digests."""
