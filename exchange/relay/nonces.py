"""Which signed calls have come already (T10): kept in the database, so that a restart forgets none."""

from datetime import datetime, timedelta

from sqlalchemy import Engine, delete
from sqlalchemy.dialects.postgresql import insert as upsert

from exchange.relay.tables import NONCE
from standards.errors import StandardsError
from standards.http_signature import RequestSigner

_KEPT_LONGER = timedelta(minutes=10)  # than it could be used: this clock may be set back


def require_first(engine: Engine, signer: RequestSigner) -> None:
    """Remember a call by its nonce. Raises ``REQUEST_REPLAYED`` when it has come before, whatever became of it."""
    values = {"node_id": signer.node_id, "nonce": signer.nonce, "expires_at": signer.expires}
    statement = upsert(NONCE).values(**values).on_conflict_do_nothing().returning(NONCE.c.nonce)
    with engine.begin() as connection:
        if connection.execute(statement).one_or_none() is None:
            raise StandardsError("REQUEST_REPLAYED", node_id=signer.node_id)


def sweep(engine: Engine, now: datetime) -> int:
    """Forget those whose signature has long expired; how many."""
    with engine.begin() as connection:
        return connection.execute(delete(NONCE).where(NONCE.c.expires_at < now - _KEPT_LONGER)).rowcount
