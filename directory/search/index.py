"""The index as the service uses it: caught up before each answer, checked once, rebuilt beside and swapped in.

PostgreSQL is the truth. Several processes share the folder: a lock file lets one of them write at a time, another
lets one of them rebuild, and searching goes on meanwhile.
"""

import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import structlog
import tantivy
from sqlalchemy.orm import Session, sessionmaker

from directory.errors import DirectoryError
from directory.resources.queries import SearchRow, extent, search_rows
from directory.search.changes import Pending, horizon, pending
from directory.search.generation import Cursor, Generation, current_name

_IDS_AT_ONCE = 1000


class SearchIndex:
    """The index below ``folder``, over the database of ``sessions``. Opening it is left to the first search."""

    def __init__(self, folder: Path, sessions: sessionmaker[Session]) -> None:
        self._folder = folder
        self._sessions = sessions
        self._mutex = threading.Lock()
        self._generation: Generation | None = None
        self._is_checked = False

    def searcher(self) -> tantivy.Searcher:
        """A view with every change committed before this call; raises ``SEARCH_AWAY`` when the folder is unusable."""
        try:
            with self._mutex:
                return self._ready().searcher()
        except (OSError, ValueError) as error:  # tantivy's errors are ValueErrors
            structlog.get_logger("directory").error("search index unusable", kind=type(error).__name__)
            self._generation = None
            raise DirectoryError("SEARCH_AWAY") from error

    def rebuild(self) -> int:
        """Make the index anew from the database and swap it in; returns how many entries it holds."""
        with self._mutex:
            self._generation = self._rebuild(known_bad=current_name(self._folder))
            return self._generation.searcher().num_docs

    def _ready(self) -> Generation:
        generation = self._generation
        if generation is None or generation.name != current_name(self._folder):
            generation = Generation.open_current(self._folder) or self._rebuild(known_bad="")
        self._catch_up(generation)
        if not self._is_checked and not self._is_whole(generation):
            generation = self._rebuild(known_bad=generation.name)
            self._catch_up(generation)
        self._is_checked = True
        self._generation = generation
        return generation

    def _is_whole(self, generation: Generation) -> bool:
        """Compares with the database; looks twice, since somebody may have committed in between."""
        for _ in range(2):
            with self._sessions() as session:
                stored = extent(session)
            if _held(generation.searcher()) == stored:
                return True
            self._catch_up(generation)
        structlog.get_logger("directory").warning("search index off, rebuilding")
        return False

    def _rebuild(self, known_bad: str) -> Generation:
        """A new index, unless somebody else has just made one; changes during the work are caught up afterwards."""
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._locked("rebuild"):
            other = Generation.open_current(self._folder)
            if other is not None and other.name != known_bad:
                return other
            with self._sessions() as session:
                cursor = Cursor(horizon(session))
                built = Generation.build(self._folder, search_rows(session), cursor)
            with self._locked("write"):
                built.make_current(self._folder)
            return built

    def _catch_up(self, generation: Generation) -> None:
        """Index what was committed since; whoever finds something to do takes the lock and looks again."""
        with self._sessions() as session:
            if _next(pending(session, generation.cursor().horizon), generation.cursor()) is None:
                return
        with self._locked("write"), self._sessions() as session:
            before = generation.cursor()
            found = pending(session, before.horizon)
            after = _next(found, before)
            if after is None:
                return
            ids = list(dict.fromkeys(each for seq, _, each in found.changes if seq not in before.seen))
            if ids:
                generation.update(ids, _rows(session, ids), after)
            else:
                generation.move_on(after)

    @contextmanager
    def _locked(self, what: str) -> Iterator[None]:
        """Hold a lock among processes; the system frees it when its holder dies."""
        file = os.open(self._folder / f"{what}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)


def _next(found: Pending, before: Cursor) -> Cursor | None:
    """Where the cursor stands once these changes are indexed; None when it need not move."""
    seen = frozenset(seq for seq, xact, _ in found.changes if xact >= found.horizon)
    is_news = any(seq not in before.seen for seq, _, _ in found.changes)
    return Cursor(found.horizon, seen) if is_news or len(seen) < len(before.seen) else None


def _rows(session: Session, ids: Sequence[UUID]) -> Iterator[SearchRow]:
    for start in range(0, len(ids), _IDS_AT_ONCE):
        yield from search_rows(session, ids[start : start + _IDS_AT_ONCE])


def _held(searcher: tantivy.Searcher) -> tuple[int, int]:
    """What the index says to ``resources.queries.extent``: a missed change leaves it short."""
    sums = searcher.aggregate(tantivy.Query.all_query(), {"steps": {"sum": {"field": "step_seq"}}})
    return searcher.num_docs, int(sums["steps"]["value"] or 0)
