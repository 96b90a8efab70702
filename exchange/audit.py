"""The audit queue: an entry is written in the transaction of its effect, in whatever database that is."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import psycopg2
from sqlalchemy import Connection, insert, text

from exchange.errors import ExchangeError
from exchange.store import AUDIT_OUT
from metadata.audit import AuditEntry

Details = Mapping[str, str | int | bool | None]


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
    """Into the node's or the relay's own queue."""
    connection.execute(insert(AUDIT_OUT).values(event_id=item.event_id, body=item.to_bytes()))


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
        raise ExchangeError("AUDIT_UNAVAILABLE", sqlstate=error.pgcode or "-") from None


def backlog_seconds(connection: Connection) -> float:
    """How long the oldest entry has waited to be shipped; 0 when none waits."""
    waited = connection.scalar(
        text("SELECT extract(epoch FROM clock_timestamp() - min(created_at)) FROM audit_out WHERE shipped_at IS NULL")
    )
    return float(waited or 0.0)


def read(body: bytes) -> dict[str, Any]:
    """A queued entry as it is posted."""
    members: dict[str, Any] = json.loads(body)
    return members
