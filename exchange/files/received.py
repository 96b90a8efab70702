"""The folder in which received files appear: versions below ``.hutong``, one link for each route that shows the newest.

``<folder>/.hutong/<route>-<seq>/`` holds ``index.json`` and ``files/``; ``<folder>/<target>`` is a symbolic link to the
``files`` of one version, exchanged by rename, so that whoever looks sees one version whole. A single file is a folder
with that file in it. Folders are made 0750 and files 0640: who reads is a matter of the folder's group.
"""

import errno
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from exchange.errors import ExchangeError
from exchange.files import index as indexes
from exchange.files.index import Index
from exchange.limits import LIMITS
from exchange.spool import digest_of

_VERSIONS = ".hutong"
_INDEX, _FILES = "index.json", "files"
FOLDER_MODE, FILE_MODE = 0o750, 0o640


@dataclass(frozen=True)
class Version:
    """One unpacked batch of a route."""

    path: Path

    @property
    def files(self) -> Path:
        return self.path / _FILES

    def exists(self) -> bool:
        return self.path.is_dir()

    def index_bytes(self) -> bytes:
        """Raises ``RECEIVED_ALTERED`` when it cannot be read."""
        try:
            return (self.path / _INDEX).read_bytes()
        except OSError:
            raise ExchangeError(
                "RECEIVED_ALTERED", reason="索引文件读不了", reason_en="its index cannot be read"
            ) from None

    def index(self) -> Index:
        """Raises ``RECEIVED_ALTERED``."""
        try:
            return indexes.read(self.index_bytes())
        except ExchangeError:
            raise ExchangeError(
                "RECEIVED_ALTERED", reason="索引文件被改动", reason_en="its index was altered"
            ) from None

    def require_whole(self) -> Index:
        """Exactly what the index names, byte for byte. Raises ``RECEIVED_ALTERED``."""
        index, found = self.index(), set()
        for folder, folders, names in os.walk(self.files):
            here = Path(folder).relative_to(self.files)
            found |= {str(here / name) for name in names}
            found |= {f"{here / name}/" for name in folders if _is_leaf(Path(folder, name))}
        if found != {entry.path for entry in index.files} | {f"{path}/" for path in index.empty_folders}:
            raise ExchangeError("RECEIVED_ALTERED", reason="文件有增减", reason_en="files came or went")
        for entry in index.files:
            try:
                descriptor = os.open(self.files / entry.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
                with open(descriptor, "rb") as file:
                    is_same = digest_of(file, entry.size + 1) == entry.sha256
            except OSError:
                is_same = False
            if not is_same:
                raise ExchangeError(
                    "RECEIVED_ALTERED", reason="文件内容与索引不符", reason_en="a file is not what the index names"
                )
        return index


class Received:
    """The received folder of a node; every method may be repeated."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def version(self, route_id: str, seq: int) -> Version:
        return Version(self.folder / _VERSIONS / f"{route_id}-{seq}")

    def versions(self) -> Iterator[tuple[str, int, Path]]:
        """Route, sequence and place of everything below ``.hutong``; what is half unpacked ends in ``.part``."""
        for path in sorted((self.folder / _VERSIONS).glob("*")):
            route_id, _, seq = path.name.split(".", 1)[0].rpartition("-")
            yield route_id, int(seq) if seq.isdecimal() else 0, path

    @contextmanager
    def unpacking(self, route_id: str, seq: int, epoch: int) -> Iterator[Path]:
        """A new folder to unpack into; on leaving without an error it is the version, else it is gone."""
        with faults(self.folder):
            (self.folder / _VERSIONS).mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
            for other, number, path in self.versions():
                if (other, number) == (route_id, seq) and path.name.endswith(".part"):
                    shutil.rmtree(path)
            part = self.folder / _VERSIONS / f"{route_id}-{seq}.{epoch}.part"
            part.mkdir(mode=0o700)
            try:
                (part / _FILES).mkdir(mode=FOLDER_MODE)
                yield part / _FILES
                self._keep(part, self.version(route_id, seq))
            except BaseException:
                shutil.rmtree(part, ignore_errors=True)
                raise

    def write_index(self, files: Path, data: bytes) -> None:
        """Beside the files being unpacked."""
        with open(files.parent / _INDEX, "xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def _keep(self, part: Path, version: Version) -> None:
        """Give the unpacked folder its name. One that stands there whole and equal is kept: it may be shown already."""
        sync_folder(part)
        if version.exists():
            if _is_same(version, Version(part)):
                shutil.rmtree(part)
                return
            shutil.rmtree(version.path)
        part.rename(version.path)
        sync_folder(version.path.parent)

    def shown(self, target: str) -> str:
        """The name of the version that a target shows, empty for none. Raises ``RECEIVED_TAKEN``."""
        link = self._link(target)
        try:
            parts = Path(os.readlink(link)).parts
        except FileNotFoundError:
            return ""
        except OSError:
            raise ExchangeError("RECEIVED_TAKEN", target=target) from None
        if len(parts) != 3 or parts[0] != _VERSIONS or parts[2] != _FILES:
            raise ExchangeError("RECEIVED_TAKEN", target=target)
        return parts[1]

    def require_free(self, target: str, route_id: str) -> Version | None:
        """The version the target shows now, which must be of this route. Raises ``RECEIVED_TAKEN``."""
        name = self.shown(target)
        if name and name.rpartition("-")[0] != route_id:
            raise ExchangeError("RECEIVED_TAKEN", target=target)
        version = Version(self.folder / _VERSIONS / name)
        return version if name and version.exists() else None

    def show(self, target: str, route_id: str, seq: int) -> None:
        """From here on the target shows this version; in one step."""
        version = self.version(route_id, seq)
        if self.shown(target) == version.path.name and version.exists():
            return
        with faults(self.folder):
            version.path.chmod(FOLDER_MODE)
            beside = self.folder / _VERSIONS / f"{version.path.name}.link"
            beside.unlink(missing_ok=True)
            # Relative to where the link will stand, so that the folder may be mounted elsewhere.
            beside.symlink_to(f"{_VERSIONS}/{version.path.name}/{_FILES}")
            beside.rename(self._link(target))
            sync_folder(self.folder)

    def forget_before(self, route_id: str, seq: int) -> None:
        """Remove the earlier versions of a route, and whatever else of them."""
        with faults(self.folder):
            for other, number, path in self.versions():
                if other == route_id and number < seq:
                    _remove(path)

    def forget(self, route_id: str, seq: int) -> None:
        """Remove everything of one batch that is not shown."""
        with faults(self.folder):
            for other, number, path in self.versions():
                if (other, number) == (route_id, seq):
                    _remove(path)

    def require_space(self, needed_bytes: int) -> None:
        """Raises ``SPOOL_FULL``."""
        with faults(self.folder):
            free = shutil.disk_usage(self.folder).free
        if free < needed_bytes + LIMITS.free_bytes:
            raise ExchangeError("SPOOL_FULL", free_bytes=free, needed_bytes=needed_bytes)

    def _link(self, target: str) -> Path:
        if target.startswith(".") or "/" in target or "\0" in target:
            raise ExchangeError("RECEIVED_TAKEN", target=target)
        return self.folder / target


@contextmanager
def faults(folder: Path) -> Iterator[None]:
    """The disk's errors as ours. Raises ``SPOOL_FULL`` or ``RECEIVED_UNWRITABLE``."""
    try:
        yield
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            free = shutil.disk_usage(folder).free
            raise ExchangeError("SPOOL_FULL", free_bytes=free, needed_bytes=0) from None
        reason = errno.errorcode.get(error.errno or 0, "OSError")
        raise ExchangeError("RECEIVED_UNWRITABLE", reason=reason) from None


def sync_folder(folder: Path) -> None:
    """Its entries to disk."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_same(standing: Version, new: Version) -> bool:
    try:
        standing.require_whole()
        return standing.index_bytes() == new.index_bytes()
    except ExchangeError:
        return False


def _is_leaf(folder: Path) -> bool:
    """An empty folder, or a link to one that nobody of ours has made."""
    return folder.is_symlink() or not any(folder.iterdir())


def _remove(path: Path) -> None:
    if path.is_symlink() or not path.is_dir():
        path.unlink(missing_ok=True)
    else:
        shutil.rmtree(path)
