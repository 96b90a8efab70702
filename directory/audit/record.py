"""Record an audit entry in the caller's transaction: the decision and its record are durable together or not at all."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID, uuid4

from sqlalchemy import LargeBinary, Uuid, insert, select
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.audit.models import AuditOut
from directory.db import Base
from directory.errors import DirectoryError
from directory.statements.gather import insert_rows
from directory.statements.given_rows import given_rows
from metadata.audit import AuditEntry

Details = Mapping[str, str | int | bool | None]
# Of the table, not of the model: nobody asks for the number given.
_TABLE: Final = Base.metadata.tables[AuditOut.__tablename__]
_QUEUE: Final = insert(_TABLE).inline()
_COLUMNS: Final = ("event_id", "bytes")


def record(
    session: Session,
    actor: Actor | str,
    action: str,
    subject: str,
    *,
    code: str = "",
    outcome: str = "done",
    details: Details | None = None,
    at: datetime | None = None,
) -> None:
    """Queue one entry of the directory's own. ``details`` hold counts, codes and digests, never personal values.

    ``at`` is the time of recording unless given. Nothing takes effect without its entry: a failure here is raised.
    """
    event_id = uuid4()
    entry = AuditEntry(
        event_id=str(event_id),
        at=at or datetime.now(UTC),
        producer="directory",
        actor=actor.username if isinstance(actor, Actor) else actor,
        organisation=actor.org_code if isinstance(actor, Actor) else "",
        action=action,
        subject=subject,
        outcome=outcome,
        code=code,
        details={**(details or {}), **_for_whom(actor)},
    )
    insert_rows(session, _QUEUE, [{"event_id": event_id, "bytes": entry.to_bytes()}])


def record_many(
    session: Session, actor: Actor, action: str, subjects: Sequence[tuple[str, Details]], *, at: datetime
) -> None:
    """Queue an entry for each of many subjects with its details, as ``record`` would one by one."""
    rows = []
    for subject, details in subjects:
        event_id = uuid4()
        entry = AuditEntry(
            event_id=str(event_id),
            at=at,
            producer="directory",
            actor=actor.username,
            organisation=actor.org_code,
            action=action,
            subject=subject,
            outcome="done",
            code="",
            details={**details, **_for_whom(actor)},
        )
        rows.append((event_id, entry.to_bytes()))
    if rows:
        given = given_rows(rows, (Uuid(), LargeBinary()), _COLUMNS)
        session.execute(insert(_TABLE).inline().from_select(_COLUMNS, select(*(given.c[name] for name in _COLUMNS))))


def _for_whom(actor: Actor | str) -> Details:
    """Whose role it was, where the actor holds it for a colleague."""
    if isinstance(actor, Actor) and actor.behalf is not None:
        return {"for": actor.behalf.delegator_username, "delegation": str(actor.behalf.delegation_id)}
    return {}


def accept(session: Session, entries: Sequence[AuditEntry]) -> int:
    """Queue entries that others produced (nodes, the relay) and return how many were given.

    Sending them again is harmless: the sequencer keeps the first of each ``event_id`` and passes over the rest.
    Raises ``DirectoryError INPUT_MALFORMED`` for an ``event_id`` that is not a UUID.
    """
    try:
        rows = [{"event_id": UUID(entry.event_id), "bytes": entry.to_bytes()} for entry in entries]
    except ValueError:
        raise DirectoryError("INPUT_MALFORMED", fields="event_id") from None
    if rows:
        session.execute(_QUEUE, rows)
    return len(rows)
