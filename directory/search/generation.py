"""One index on disk: a folder with tantivy's files and a cursor that says up to where it has read the changes."""

import json
import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self
from uuid import UUID

import tantivy

from directory.resources.rows import EntryRow
from directory.search.documents import FORMAT, document, schema

_BUILD_BYTES = 384 * 1024 * 1024  # of each process, at most: few large segments take a tenth less to hold
_UPDATE_BYTES = 16 * 1024 * 1024  # tantivy's floor is 15 MB a thread
_CURSOR = "cursor.json"
_CURRENT = "current"
_META, _MANAGED = "meta.json", ".managed.json"  # tantivy's own: its segments, the files that it may remove
_MOST_SEGMENTS = 12  # a search looks into each


@dataclass(frozen=True)
class Cursor:
    """Changes with a transaction below ``horizon`` are in the index, and of the later ones those in ``seen``."""

    horizon: int
    seen: frozenset[int] = frozenset()


class Generation:
    """An open index. Writing needs the caller's lock; reading needs none and sees the last ``reload``."""

    def __init__(self, folder: Path, index: tantivy.Index) -> None:
        self.folder = folder
        self._index = index
        self._cursor_file = folder / _CURSOR
        self._loaded = self._load(self._written())

    @property
    def name(self) -> str:
        return self.folder.name

    @classmethod
    def build(cls, root: Path, rows: Iterable[EntryRow], cursor: Cursor) -> Self:
        """A new index of these rows beside the one in use; nobody reads it before ``make_current``."""
        folder = cls.folder_in(root)
        fill(folder, rows)
        return cls.joined(folder, (), cursor)

    @classmethod
    def joined(cls, folder: Path, shares: Iterable[Path], cursor: Cursor) -> Self:
        """The index of this folder together with those of the shares, which were made by the same program."""
        for share in shares:
            _take_over(folder, share)
        _save(folder, cursor)
        return cls(folder, tantivy.Index.open(str(folder)))

    @staticmethod
    def folder_in(root: Path) -> Path:
        """A new folder for an index."""
        folder = root / f"{FORMAT}-{secrets.token_hex(6)}"
        folder.mkdir(mode=0o700)
        return folder

    @classmethod
    def open_current(cls, root: Path) -> Self | None:
        """The index in use; None when there is none of this format that opens."""
        name = current_name(root)
        folder = root / name
        if not name.startswith(f"{FORMAT}-") or not (folder / _CURSOR).is_file():
            return None
        try:
            return cls(folder, tantivy.Index.open(str(folder)))
        except (ValueError, OSError):  # whatever is wrong with a copy, it is made anew
            return None

    def make_current(self, root: Path) -> None:
        """Put this index in use and remove all others but the one before, which somebody may just be opening."""
        before = current_name(root)
        _replace(root / _CURRENT, self.name)
        remove_others(root, {self.name, before})

    def cursor(self) -> Cursor:
        """The cursor as it stands on disk now."""
        return self._follow().cursor

    def update(self, ids: Iterable[UUID], rows: Iterable[EntryRow], cursor: Cursor) -> None:
        """Replace these entries by these rows (an entry without a row is gone) and move on to ``cursor``.

        Segments are not merged here, since that can take long: see ``tidy``.
        """
        writer = self._index.writer(heap_size=_UPDATE_BYTES, num_threads=1)
        for resource_id in ids:
            writer.delete_documents_by_term("id", str(resource_id))
        for row in rows:
            writer.add_document(document(row))
        writer.commit()
        _save(self.folder, cursor)

    def move_on(self, cursor: Cursor) -> None:
        """Only the cursor: there was nothing to index."""
        _save(self.folder, cursor)

    def is_untidy(self) -> bool:
        """Whether there are so many segments that ``tidy`` is worth its time."""
        return self.searcher().num_segments > _MOST_SEGMENTS

    def tidy(self) -> None:
        """Merge small segments."""
        writer = self._index.writer(heap_size=_UPDATE_BYTES, num_threads=1)
        writer.commit()  # a commit of nothing looks for what can be merged
        writer.wait_merging_threads()
        _save(self.folder, self.cursor())

    def searcher(self) -> tantivy.Searcher:
        """A view of the index as last written, by whichever process."""
        return self._follow().searcher

    def view(self) -> tuple[tantivy.Searcher, str]:
        """The view and its name, which is another one after every writing."""
        loaded = self._follow()
        return loaded.searcher, f"{self.name} {loaded.stamp}"

    def _follow(self) -> "_Loaded":
        """The cursor's file is replaced after every writing, so that its stamp is enough to look at."""
        loaded, written = self._loaded, self._written()
        if written != loaded.stamp:
            self._index.reload()
            loaded = self._loaded = self._load(written)
        return loaded

    def _written(self) -> str:
        return stamp(self._cursor_file)

    def _load(self, written: str) -> "_Loaded":
        stored = json.loads(self._cursor_file.read_text())
        return _Loaded(written, self._index.searcher(), Cursor(int(stored["horizon"]), frozenset(stored["seen"])))


class _Loaded(NamedTuple):
    """What was read together; replaced whole, since several threads look."""

    stamp: str
    searcher: tantivy.Searcher
    cursor: Cursor


def fill(folder: Path, rows: Iterable[EntryRow]) -> None:
    """Make an index of these rows in an empty folder."""
    index = tantivy.Index(schema(), path=str(folder))
    writer = index.writer(heap_size=_BUILD_BYTES, num_threads=1)
    for row in rows:
        writer.add_document(document(row))
    writer.commit()
    writer.wait_merging_threads()


def _take_over(folder: Path, share: Path) -> None:
    """Move another index's segments here. A segment's files hold all of it, and are named by its id."""
    ours, theirs = (json.loads((each / _META).read_text()) for each in (folder, share))
    if ours["schema"] != theirs["schema"]:
        raise ValueError("two indexes of different fields")
    files = []
    for segment in theirs["segments"]:
        for file in share.glob(f"{segment['segment_id'].replace('-', '')}.*"):
            os.replace(file, folder / file.name)
            files.append(file.name)
    managed = json.loads((folder / _MANAGED).read_text())
    _replace(folder / _MANAGED, json.dumps(managed + files))
    ours["segments"] += theirs["segments"]
    ours["opstamp"] = max(ours["opstamp"], theirs["opstamp"])
    _replace(folder / _META, json.dumps(ours))
    shutil.rmtree(share)


def current_name(root: Path) -> str:
    """The folder of the index in use, or nothing."""
    try:
        return (root / _CURRENT).read_text().strip()
    except FileNotFoundError:
        return ""


class CurrentName:
    """The folder of the index in use, read anew only when it was replaced."""

    def __init__(self, root: Path) -> None:
        self._root, self._file = root, root / _CURRENT
        self._known = ("", "")

    def get(self) -> str:
        """The same as ``current_name``."""
        try:
            written = stamp(self._file)
        except FileNotFoundError:
            return ""
        known, name = self._known  # replaced whole, since several threads look
        if known != written:
            name = current_name(self._root)  # looked at after its stamp: what comes in between is seen the next time
            self._known = written, name
        return name


def stamp(file: Path) -> str:
    """What tells a file from the one that it replaces."""
    found = os.stat(file)
    return f"{found.st_ino}.{found.st_mtime_ns}"


def remove_others(root: Path, kept: set[str]) -> None:
    """Remove every index but these: what was replaced, and what a process left half made when it died."""
    for other in root.iterdir():
        if other.is_dir() and other.name not in kept:
            shutil.rmtree(other, ignore_errors=True)


def _save(folder: Path, cursor: Cursor) -> None:
    _replace(folder / _CURSOR, json.dumps({"horizon": cursor.horizon, "seen": sorted(cursor.seen)}))


def _replace(file: Path, text: str) -> None:
    beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    beside.write_text(text)
    os.replace(beside, file)
