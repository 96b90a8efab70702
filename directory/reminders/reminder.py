"""The thread beside the service that reminds; each process has one, and one of them works at a time."""

import threading
from datetime import UTC, datetime
from typing import Final

import structlog
from sqlalchemy.orm import Session, sessionmaker

from directory.limits import LIMITS
from directory.logs import where
from directory.reminders.remind import AT_ONCE, remind

_EVERY_SECONDS: Final = 60.0


class Reminder:
    """Looks every minute; a long list is worked off in transactions of its own, and stopping waits for one."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reminder", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join(timeout=LIMITS.statement_seconds)

    def _run(self) -> None:
        while not self._stopped.wait(_EVERY_SECONDS):
            try:
                self._work_off()
            except Exception as error:  # the next minute tries again; nothing was noted as told
                structlog.get_logger("directory").error("reminding_failed", **where(error))

    def _work_off(self) -> None:
        while not self._stopped.is_set():
            with self._sessions.begin() as session:
                found = remind(session, datetime.now(UTC))
            if found < AT_ONCE:
                return
