"""Announce the days that are over: count each once, and tell every department's 共享工作机构负责人 of it."""

from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from directory.bulletins.counting import counted, first_day
from directory.bulletins.models import Bulletin
from directory.clock.deadlines import day_of
from directory.notices.tell import To, tell
from directory.process.beside import Beside, in_transaction
from directory.roles import Role

TOLD_DAYS: Final = 14
"""Of a day longer ago nobody is told any more, as when a catalogue of years comes in; it stands on the page."""
_SETTLED: Final = timedelta(minutes=10)  # no transaction that began before midnight is still open then
_EVERY_SECONDS: Final = 300.0
_LOCK: Final = 0x687574626C6C  # "hutbll": one process counts at a time


def announce(session: Session, now: datetime) -> bool:
    """Count the first day that is over and was not counted, and tell of it; whether there was one.

    Each day once, whatever the clock does: it is counted when none later was. Another process at it leaves nothing
    to do.
    """
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return False
    last = session.scalar(select(func.max(Bulletin.day)))
    first = first_day(session, last + timedelta(days=1) if last else None)
    if first is None or (day := day_of(first)) >= day_of(now - _SETTLED):
        return False
    numbers = counted(session, day, day + timedelta(days=1))[day]
    session.add(Bulletin(day=day, counted_at=now, **numbers))
    if day_of(now) - day <= timedelta(days=TOLD_DAYS):
        tell(
            session,
            to=To.everywhere(Role.SHARING_LEAD),
            kind="bulletin:day",
            about=None,
            now=now,
            day=day.isoformat(),
            published=numbers["published"],
            changed=numbers["changed"],
            withdrawn=numbers["withdrawn"],
            paused=numbers["suspended"] + numbers["resumed"],
        )
    return True


def announcer(sessions: sessionmaker[Session]) -> Beside:
    """Announces beside the service, a day in a transaction of its own."""
    turn = in_transaction(sessions, lambda session: announce(session, datetime.now(UTC)))
    return Beside("announcer", _EVERY_SECONDS, turn)
