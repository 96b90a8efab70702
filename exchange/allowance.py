"""What a person has let one batch through: the ledger keeps who, what for, and when."""

from datetime import datetime

from sqlalchemy import Connection, exists, insert, select

from exchange.ledger import Batch
from exchange.store import ALLOWANCE

FULL = "FULL"
"""That all rows go, beside the codes that let a held batch through."""

JUDGED = frozenset({"DELETE_RATIO", "TARGET_SHIFT"})
"""Held for a person's judgement, not for something to mend: redriven, the batch goes as it is."""


def allow(connection: Connection, batch: Batch, code: str, actor: str, now: datetime) -> None:
    """A person lets this batch through what ``code`` held it for, or asks for all rows (``FULL``)."""
    if not is_allowed(connection, batch, code):
        connection.execute(
            insert(ALLOWANCE).values(route_id=batch.route_id, seq=batch.seq, code=code, actor=actor, created_at=now)
        )


def is_allowed(connection: Connection, batch: Batch, code: str) -> bool:
    found = select(ALLOWANCE).where(
        ALLOWANCE.c.route_id == batch.route_id, ALLOWANCE.c.seq == batch.seq, ALLOWANCE.c.code == code
    )
    return bool(connection.scalar(select(exists(found))))
