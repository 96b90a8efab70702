"""How often an entry was looked at: counted in memory while reading, written together every few seconds.

Reading an entry stays reading: nobody waits for a counter's row. What a process had not written when it died is lost;
the numbers order lists, nothing rests on them.
"""

import threading
from collections import Counter
from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column, sessionmaker

from directory.db import Base
from directory.limits import LIMITS
from directory.process.beside import Beside
from directory.search.changes import mark

_STEPS_PER_DOUBLING = 4  # the index hears of an entry again when its views have grown by about a fifth


class ResourceViews(Base):
    """The views of one entry by people signed in; one who looks again within a few seconds is counted once."""

    __tablename__ = "resource_views"

    resource_id: Mapped[UUID] = mapped_column(ForeignKey("resource.id"), primary_key=True)
    views: Mapped[int] = mapped_column(BigInteger)


def add_views(session: Session, seen: Mapping[UUID, int]) -> None:
    """Add to the counters, in one order of rows, and let the index know where the number changed its weight."""
    for resource_id, count in sorted(seen.items()):
        new = insert(ResourceViews).values(resource_id=resource_id, views=count)
        added = new.on_conflict_do_update(
            index_elements=[ResourceViews.resource_id], set_={"views": ResourceViews.views + count}
        )
        views = session.execute(added.returning(ResourceViews.views)).scalar_one()
        if _weight(views) != _weight(views - count):
            mark(session, resource_id)


def _weight(views: int) -> int:
    """Grows by one whenever the views have grown by about a fifth."""
    doublings = views.bit_length()
    return _STEPS_PER_DOUBLING * doublings + (views << 2 >> doublings if doublings else 0)


class ViewCounter:
    """Counts in this process what ``writer`` writes now and then."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._mutex = threading.Lock()
        self._seen: set[tuple[UUID, UUID]] = set()

    def count(self, resource_id: UUID, account_id: UUID) -> None:
        """Somebody looked at an entry."""
        with self._mutex:
            if len(self._seen) < LIMITS.views_held_count:
                self._seen.add((resource_id, account_id))

    def write(self) -> None:
        """Write what was counted so far."""
        with self._mutex:
            seen, self._seen = self._seen, set()
        if seen:
            with self._sessions.begin() as session:
                add_views(session, Counter(resource_id for resource_id, _ in seen))

    def writer(self) -> Beside:
        """Writes beside the service, and what is left when it stops."""
        return Beside("views", LIMITS.views_every_seconds, self._turn, has_last=True)

    def _turn(self) -> bool:
        self.write()
        return False
