"""One index on disk: a folder with tantivy's files and a cursor that says up to where it has read the changes."""

import json
import os
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self
from uuid import UUID

import tantivy

from directory.resources.queries import SearchRow
from directory.search.documents import FORMAT, document, schema

_WRITER_BYTES = 32 * 1024 * 1024  # tantivy's floor is 15 MB a thread
_CURSOR = "cursor.json"
_CURRENT = "current"


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
        self._loaded = self.cursor()

    @property
    def name(self) -> str:
        return self.folder.name

    @classmethod
    def build(cls, root: Path, rows: Iterable[SearchRow], cursor: Cursor) -> Self:
        """A new index of these rows beside the one in use; nobody reads it before ``make_current``."""
        folder = root / f"{FORMAT}-{secrets.token_hex(6)}"
        folder.mkdir(mode=0o700)
        index = tantivy.Index(schema(), path=str(folder))
        _write(index, (), rows)
        _save(folder, cursor)
        return cls(folder, index)

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
        for other in root.iterdir():
            if other.is_dir() and other.name not in {self.name, before}:
                shutil.rmtree(other, ignore_errors=True)

    def cursor(self) -> Cursor:
        """The cursor as it stands on disk now."""
        stored = json.loads((self.folder / _CURSOR).read_text())
        return Cursor(int(stored["horizon"]), frozenset(stored["seen"]))

    def update(self, ids: Iterable[UUID], rows: Iterable[SearchRow], cursor: Cursor) -> None:
        """Replace these entries by these rows (an entry without a row is gone) and move on to ``cursor``."""
        _write(self._index, ids, rows)
        _save(self.folder, cursor)

    def move_on(self, cursor: Cursor) -> None:
        """Only the cursor: there was nothing to index."""
        _save(self.folder, cursor)

    def searcher(self) -> tantivy.Searcher:
        """A view of the index as last written, by whichever process."""
        now = self.cursor()
        if now != self._loaded:
            self._index.reload()
            self._loaded = now
        return self._index.searcher()


def current_name(root: Path) -> str:
    """The folder of the index in use, or nothing."""
    try:
        return (root / _CURRENT).read_text().strip()
    except FileNotFoundError:
        return ""


def _write(index: tantivy.Index, gone: Iterable[UUID], rows: Iterable[SearchRow]) -> None:
    writer = index.writer(heap_size=_WRITER_BYTES, num_threads=1)
    for resource_id in gone:
        writer.delete_documents_by_term("id", str(resource_id))
    for row in rows:
        writer.add_document(document(row))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()


def _save(folder: Path, cursor: Cursor) -> None:
    _replace(folder / _CURSOR, json.dumps({"horizon": cursor.horizon, "seen": sorted(cursor.seen)}))


def _replace(file: Path, text: str) -> None:
    beside = file.with_name(f"{file.name}.{secrets.token_hex(4)}")
    beside.write_text(text)
    os.replace(beside, file)
