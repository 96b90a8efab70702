"""The audit queue: an entry is written in the transaction of its effect, in whatever database that is."""

import json
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import psycopg2
from sqlalchemy import Connection, exc, insert, text

from exchange.errors import ExchangeError
from exchange.limits import LIMITS
from exchange.store import AUDIT_OUT
from metadata.audit import AuditEntry

Details = Mapping[str, str | int | bool | None]

# For this transaction only.
_WAIT_SHORTLY = text(f"SELECT set_config('lock_timeout', '{int(LIMITS.lock_wait_seconds * 1000)}', true)")

_WAITED = text("SELECT extract(epoch FROM clock_timestamp() - min(created_at)) FROM audit_out WHERE shipped_at IS NULL")


def entry(
    producer: str,
    actor: str,
    organisation: str,
    action: str,
    subject: str,
    now: datetime,
    *,
    outcome: str = "done",
    code: str = "",
    details: Details | None = None,
) -> AuditEntry:
    """An entry with an id of its own; ``details`` hold counts, codes and digests only."""
    return AuditEntry(
        event_id=uuid.uuid4().hex,
        at=now,
        producer=producer,
        actor=actor,
        organisation=organisation,
        action=action,
        subject=subject,
        outcome=outcome,
        code=code,
        details=dict(details or {}),
    )


def enqueue(connection: Connection, item: AuditEntry) -> None:
    """Into the node's or the relay's own queue. Raises ``AUDIT_UNAVAILABLE``."""
    with available(connection):
        connection.execute(insert(AUDIT_OUT).values(event_id=item.event_id, body=item.to_bytes()))


@contextmanager
def available(connection: Connection) -> Iterator[None]:
    """Work on the own queue, which nobody waits for longer than ``lock_wait_seconds``.

    Raises ``AUDIT_UNAVAILABLE``; a database that is gone stays the database's error.
    """
    try:
        connection.execute(_WAIT_SHORTLY)
        yield
    except exc.DBAPIError as error:
        code = getattr(error.orig, "pgcode", None)
        if error.connection_invalidated or not code:
            raise
        raise ExchangeError("AUDIT_UNAVAILABLE", place="本节点", sqlstate=code) from None


def enqueue_target(cursor: Any, item: AuditEntry) -> None:
    """Into the queue of a department's database, in the transaction of a psycopg2 cursor.

    Raises ``AUDIT_UNAVAILABLE``: what cannot be recorded does not happen.
    """
    try:
        cursor.execute(
            "INSERT INTO hutong.audit_out (event_id, body) VALUES (%s, %s)", (item.event_id, item.to_bytes())
        )
    except psycopg2.Error as error:
        if cursor.connection.closed:
            raise
        raise ExchangeError("AUDIT_UNAVAILABLE", place="目标库", sqlstate=error.pgcode or "-") from None


def backlog_seconds(connection: Connection) -> float:
    """How long the oldest entry has waited to be shipped; 0 when none waits. Raises ``AUDIT_UNAVAILABLE``."""
    with available(connection):
        waited = connection.scalar(_WAITED)
    return float(waited or 0.0)


def read(body: bytes) -> dict[str, Any]:
    """A queued entry as it is posted."""
    members: dict[str, Any] = json.loads(body)
    return members
