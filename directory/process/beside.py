"""What runs beside the requests: a background thread that takes a turn every so often, until it is stopped."""

import threading
from collections.abc import Callable
from time import monotonic
from typing import Final

import structlog
from sqlalchemy.orm import Session, sessionmaker

from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.process.logs import where

_LOG: Final = structlog.get_logger("directory")


class Beside:
    """Takes a turn every ``every_seconds``. ``turn`` says whether it left something undone; if so another follows, at
    once or after ``rests`` times as long as it took, so that work nobody waits for leaves the processor to requests.

    A turn that fails is logged as ``{name}_failed``, by its code or by type and place, and the next tries again: the
    thread outlives any failure. Each process has such a thread, so a turn must be harmless when two take it at once, or
    lock in the database. ``has_last``: take a last turn when stopping.
    """

    def __init__(
        self, name: str, every_seconds: float, turn: Callable[[], bool], *, has_last: bool = False, rests: float = 0.0
    ) -> None:
        self._name, self._every, self._turn, self._has_last, self._rests = name, every_seconds, turn, has_last, rests
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Return when the thread has ended; it ends after the turn that it is at."""
        self._stopped.set()
        self._thread.join(timeout=LIMITS.statement_seconds)

    def _run(self) -> None:
        is_over = False
        while not is_over:
            is_over = self._stopped.wait(self._every)
            if not is_over or self._has_last:
                self._work_off()

    def _work_off(self) -> None:
        try:
            began = monotonic()
            while self._turn():
                if self._stopped.wait(self._rests * (monotonic() - began)) and not self._has_last:
                    return
                began = monotonic()
        except DirectoryError as error:
            _LOG.error(f"{self._name}_failed", code=error.code)
        except Exception as error:
            _LOG.error(f"{self._name}_failed", **where(error))


def in_transaction(sessions: sessionmaker[Session], work: Callable[[Session], bool]) -> Callable[[], bool]:
    """A turn that does its work in a transaction of its own."""

    def turn() -> bool:
        with sessions.begin() as session:
            return work(session)

    return turn
