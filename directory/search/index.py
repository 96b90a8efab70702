"""The index as the service uses it: caught up before each answer, checked once, rebuilt beside and swapped in.

PostgreSQL is the truth. Several processes share the folder: a lock file lets one of them write at a time, another
lets one of them rebuild, and searching goes on meanwhile.
"""

import fcntl
import os
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

import structlog
import tantivy
from sqlalchemy.orm import Session, sessionmaker

from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.process.beside import Beside
from directory.resources.queries import extent
from directory.resources.rows import entry_rows
from directory.search.building import build
from directory.search.changes import Pending, is_prunable, pending, prune
from directory.search.counts import KeptCounts
from directory.search.generation import CurrentName, Cursor, Generation, current_name, remove_others
from directory.search.listing import KeptListings
from directory.search.shared import SharedCounts

_IDS_AT_ONCE = 2000
_LOOK_AGAIN_SECONDS = 0.005


class View(NamedTuple):
    """What one search sees: the index, its name (another one after every writing), and whether changes are missing.

    ``is_behind``: so many entries changed just now that they are indexed behind the search and not before it.
    """

    searcher: tantivy.Searcher
    stamp: str
    is_behind: bool


class SearchIndex:
    """The index below ``folder``, over the database of ``sessions``. Opening it is left to the first search.

    While ``is_followed``, a ``Follower`` takes in what a search does not wait for.
    """

    def __init__(self, folder: Path, sessions: sessionmaker[Session]) -> None:
        self.folder = folder
        self.is_followed = False
        self._sessions = sessions
        self._mutex = threading.Lock()
        self._generation: Generation | None = None
        self._current = CurrentName(folder)
        self._secret = b""
        self.counts = KeptCounts(SharedCounts(folder))
        self.listings = KeptListings()

    def view(self, session: Session) -> View:
        """What was committed before this call is in it, unless it says that it is behind.

        Raises ``SEARCH_AWAY`` when the folder is unusable.
        """
        with self._explained():
            generation = self._ready()
            found = self._missing(session, generation, LIMITS.index_at_once_count if self.is_followed else None)
            if found is not None and found.pruned > generation.cursor().horizon:
                generation, found = self._checked(generation), None
            is_behind = found is not None and not self._take_in(generation, found)
            return View(*generation.view(), is_behind)

    def follow(self) -> None:
        """Take in everything that is committed, merge small segments, remove changes that every index has read."""
        with self._explained():
            generation = self._ready()
            with self._sessions() as session:
                found = self._missing(session, generation, None)
            if found is not None and found.pruned > generation.cursor().horizon:
                generation = self._checked(generation)
            elif found is not None:
                self._catch_up(generation, None)
            if generation.is_untidy():
                with self._locked("write"):
                    generation.tidy()
            self._prune(generation)

    def rebuild(self) -> int:
        """Make the index anew from the database and swap it in; returns how many entries it holds.

        Raises ``SEARCH_AWAY`` when the folder is unusable or full; then the index in use stays.
        """
        with self._explained(), self._mutex:
            self._generation = self._rebuild(known_bad=current_name(self.folder))
            return int(self._generation.searcher().num_docs)

    def secret(self) -> bytes:
        """A key of this folder's own, made at the first use; what it seals is worth no more than the index."""
        if not self._secret:
            with self._explained():
                self._secret = _kept_secret(self.folder)
        return self._secret

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError) as error:  # tantivy's errors are ValueErrors
            structlog.get_logger("directory").error("search index unusable", kind=type(error).__name__)
            self._generation = None
            raise DirectoryError("SEARCH_AWAY") from error

    def _ready(self) -> Generation:
        """The index in use, opened; at its first use in this process held against the database."""
        generation = self._generation
        if generation is not None and generation.name == self._current.get():
            return generation
        with self._mutex:
            if self._generation is None or self._generation.name != current_name(self.folder):
                generation = Generation.open_current(self.folder) or self._rebuild(known_bad="")
                if self._generation is None and not self._is_whole(generation):
                    generation = self._rebuild(known_bad=generation.name)
                self._generation = generation
            return self._generation

    def _checked(self, generation: Generation) -> Generation:
        """The index, or a new one where it missed changes that are no longer listed."""
        with self._mutex:
            if not self._is_whole(generation):
                self._generation = generation = self._rebuild(known_bad=generation.name)
            return generation

    def _is_whole(self, generation: Generation) -> bool:
        """Compares with the database; looks twice, since somebody may commit in between."""
        for _ in range(2):
            self._catch_up(generation, None)
            with self._sessions() as session:
                stored = extent(session)
            if _held(generation.searcher()) == stored:
                return True
        structlog.get_logger("directory").warning("search index off, rebuilding")
        return False

    def _rebuild(self, known_bad: str) -> Generation:
        """A new index, unless somebody else has just made one; changes during the work are caught up afterwards."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with self._locked("rebuild"):
            other = Generation.open_current(self.folder)
            if other is not None and other.name != known_bad:
                return other
            remove_others(self.folder, {current_name(self.folder)})  # what a process that died left half made
            built = build(self.folder, self._sessions)
            with self._locked("write"):
                built.make_current(self.folder)
            return built

    def _missing(self, session: Session, generation: Generation, most: int | None) -> Pending | None:
        """What the index has to take in, more than ``most`` only in part; None where there is nothing."""
        cursor = generation.cursor()
        found = pending(session, cursor.horizon, None if most is None else most + len(cursor.seen) + 1)
        return None if _next(found, cursor) is None else found

    def _take_in(self, generation: Generation, found: Pending) -> bool:
        """Index before the answer, where that is soon done; else it is left to the follower, and this is False."""
        if not self.is_followed:
            return self._catch_up(generation, None)
        news = [each for each in found.changes if each[0] not in generation.cursor().seen]
        if len(news) > LIMITS.index_at_once_count:
            return False
        return self._catch_up(generation, LIMITS.index_wait_seconds)

    def _catch_up(self, generation: Generation, wait_seconds: float | None) -> bool:
        """Index what was committed; whoever got the lock looks again. False when the lock was not to be had in time."""
        with self._locked("write", wait_seconds) as is_locked:
            if not is_locked:
                return False
            with self._sessions() as session:
                before = generation.cursor()
                found = pending(session, before.horizon)
                after = _next(found, before)
                if after is None:
                    return True
                ids = list(dict.fromkeys(each for seq, _, each in sorted(found.changes) if seq not in before.seen))
                for start in range(0, len(ids), _IDS_AT_ONCE):
                    part = ids[start : start + _IDS_AT_ONCE]
                    is_last = start + _IDS_AT_ONCE >= len(ids)
                    generation.update(part, entry_rows(session, part), after if is_last else before)
                if not ids:
                    generation.move_on(after)
                return True

    def _prune(self, generation: Generation) -> None:
        """Not while a new index is made: that one has still to read what this one has."""
        below = generation.cursor().horizon
        with self._locked("rebuild", 0) as is_locked:
            if is_locked and generation.name == current_name(self.folder):
                with self._sessions.begin() as session:
                    if is_prunable(session, below):
                        prune(session, below)

    @contextmanager
    def _locked(self, what: str, wait_seconds: float | None = None) -> Iterator[bool]:
        """Hold a lock among processes and threads, or say that it was not to be had in time.

        The system frees it when its holder dies.
        """
        file = os.open(self.folder / f"{what}.lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            yield _lock(file, wait_seconds)
        finally:
            os.close(file)


class Follower(Beside):
    """Takes in what searches do not wait for; in every process, one at a time. The database keeps the changes."""

    def __init__(self, index: SearchIndex) -> None:
        super().__init__("search_index", LIMITS.index_every_seconds, self._turn)
        self._index = index

    def start(self) -> None:
        super().start()
        self._index.is_followed = True

    def stop(self) -> None:
        """Return when the thread has ended."""
        self._index.is_followed = False
        super().stop()

    def _turn(self) -> bool:
        self._index.follow()
        return False


def _lock(file: int, wait_seconds: float | None) -> bool:
    if wait_seconds is None:
        fcntl.flock(file, fcntl.LOCK_EX)
        return True
    until = time.monotonic() + wait_seconds
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(_LOOK_AGAIN_SECONDS)
        else:
            return True


def _kept_secret(folder: Path) -> bytes:
    """Written beside and linked, so that of several processes starting at once all read the first one's."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = folder / "secret"
    if not kept.exists():
        beside = folder / f"secret.{secrets.token_hex(4)}"
        beside.touch(mode=0o600)
        beside.write_bytes(secrets.token_bytes(32))
        with suppress(FileExistsError):
            os.link(beside, kept)
        beside.unlink()
    return kept.read_bytes()


def _next(found: Pending, before: Cursor) -> Cursor | None:
    """Where the cursor stands once these changes are indexed; None when it need not move."""
    seen = frozenset(seq for seq, xact, _ in found.changes if xact >= found.horizon)
    is_news = any(seq not in before.seen for seq, _, _ in found.changes)
    is_needed = is_news or len(seen) < len(before.seen) or found.pruned > before.horizon
    return Cursor(found.horizon, seen) if is_needed else None


def _held(searcher: tantivy.Searcher) -> tuple[int, int]:
    """What the index says to ``resources.queries.extent``: a missed change leaves it short."""
    sums = searcher.aggregate(tantivy.Query.all_query(), {"steps": {"sum": {"field": "step_seq"}}})
    return searcher.num_docs, int(sums["steps"]["value"] or 0)
