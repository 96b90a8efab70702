"""More time to reply (Art. 21): the provider asks once, the office consents or not, the requester is told."""

from collections.abc import Collection
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from directory.access.models import RequestExtension, RequestRow
from directory.access.permitted import is_reply_late
from directory.access.states import Act
from directory.access.terms import running
from directory.actors import Actor
from directory.clock.deadlines import day_of, due
from directory.clock.queries import calendar, rule_for
from directory.errors import DirectoryError
from directory.statements.prepared import Prepared, array_of


def standing(session: Session, request_id: UUID) -> RequestExtension | None:
    """The extension that was asked for, decided or not."""
    return session.get(RequestExtension, request_id)


def undecided(session: Session, request_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of the requests whose extension the office has yet to decide."""
    session.flush()
    return frozenset(UUID(each) for (each,) in _UNDECIDED.rows(session, ids=array_of(request_ids)))


_UNDECIDED: Final = Prepared(
    "undecided_extensions",
    "SELECT request_id::text FROM request_extension WHERE request_id = ANY ($1::uuid[]) AND is_granted IS NULL",
    "ids",
)


def take(session: Session, actor: Actor, row: RequestRow, act: Act, days: int | None, now: datetime) -> None:
    """Do one of the three acts on a locked request whose move has been found legal.

    An extension counts from the first day of the term: its days are added to the limit. Once the day of the reply is
    over there is nothing to make longer: silence was no consent, and overdue stays overdue; what was asked can still be
    refused, so that nobody waits for it. Raises ``EXTENSION_DAYS``, ``EXTENSION_LATE``, ``EXTENSION_OVER``.
    """
    if act is Act.EXTENSION_ASKED:
        _ask(session, actor, row, days, now)
        return
    asked = session.get_one(RequestExtension, row.id)
    if act is Act.EXTENDED and row.due_on is not None and is_reply_late(row, day_of(now)):
        raise DirectoryError("EXTENSION_OVER", due_on=row.due_on.isoformat())
    asked.is_granted, asked.decided_by, asked.decided_at = act is Act.EXTENDED, actor.account_id, now
    asked.decided_for, asked.delegation_id = actor.decided_for, actor.delegation_id
    if act is Act.EXTENDED:
        asked.notified_at = now
        _lengthen(session, row, asked.days)
    session.flush()


def _ask(session: Session, actor: Actor, row: RequestRow, days: int | None, now: datetime) -> None:
    clock = running(row)
    most = rule_for(session, clock.rule_id, clock.counted_from).extension_days if clock else 0
    if days is None or not 1 <= days <= most:
        raise DirectoryError("EXTENSION_DAYS", most=most)
    if row.due_on is not None and is_reply_late(row, day_of(now)):
        raise DirectoryError("EXTENSION_LATE", due_on=row.due_on.isoformat())
    session.add(RequestExtension(request_id=row.id, days=days, requested_by=actor.account_id, requested_at=now))
    session.flush()


def _lengthen(session: Session, row: RequestRow, days: int) -> None:
    clock = running(row)
    if clock is None:
        return
    clock.extension_days += days
    clock.limit_days += days
    clock.due_on = due(clock.counted_from, clock.limit_days, calendar(session)).due_on
    row.limit_days, row.due_on = clock.limit_days, clock.due_on
    row.reply_due_on = clock.due_on
