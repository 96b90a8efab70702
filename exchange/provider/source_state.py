"""What the ledger keeps of a source with each sealed batch, so that the next can build on it."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, insert, select, text

from exchange import ledger
from exchange.keys.trust import BoundGrant
from exchange.ledger import Batch
from exchange.limits import LIMITS
from exchange.provider.strategy import SourceFacts, SourceState
from exchange.store import BATCH, SOURCE_STATE


def keep(
    connection: Connection, batch: Batch, grant: BoundGrant, facts: SourceFacts, scope: str, since_full: int
) -> None:
    """In the transaction that commits ``sealed``; ``since_full`` is how many batches ago all rows went."""
    connection.execute(
        insert(SOURCE_STATE).values(
            route_id=batch.route_id,
            seq=batch.seq,
            snapshot=facts.snapshot,
            identity=facts.identity,
            triggers=facts.triggers,
            scope=scope,
            schema_name=grant.schema_name,
            table_name=grant.table,
            is_key_unique=facts.is_key_unique,
            rows=batch.target_rows,
            since_full=since_full,
            sealed_at=batch.sealed_at,
        )
    )


def last_closed(connection: Connection, batch: Batch) -> SourceState | None:
    """The state at the newest batch of the route that the target has taken."""
    row = connection.execute(
        select(SOURCE_STATE, BATCH.c.digest, BATCH.c.set_aside)
        .join(BATCH, (BATCH.c.route_id == SOURCE_STATE.c.route_id) & (BATCH.c.seq == SOURCE_STATE.c.seq))
        .where(SOURCE_STATE.c.route_id == batch.route_id, SOURCE_STATE.c.seq < batch.seq, BATCH.c.state == "closed")
        .order_by(SOURCE_STATE.c.seq.desc())
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return SourceState(
        seq=row.seq,
        digest=row.digest,
        snapshot=row.snapshot,
        identity=row.identity,
        triggers=row.triggers,
        scope=row.scope,
        is_key_unique=row.is_key_unique,
        rows=row.rows,
        set_aside=row.set_aside or 0,
        since_full=row.since_full,
    )


def is_base(connection: Connection, batch: Batch, state: SourceState) -> bool:
    """Whether the state's batch is the one right before: nothing was announced, quarantined or replaced since."""
    before = ledger.before(connection, batch)
    return before is not None and before.seq == state.seq == batch.seq - 1 and batch.replaces_seq is None


def forget_before(connection: Connection, batch: Batch) -> tuple[str, str] | None:
    """Drop what no batch will build on any more, now that this one is closed; schema and name of its table."""
    connection.execute(
        delete(SOURCE_STATE).where(SOURCE_STATE.c.route_id == batch.route_id, SOURCE_STATE.c.seq < batch.seq)
    )
    row = connection.execute(
        select(SOURCE_STATE.c.schema_name, SOURCE_STATE.c.table_name).where(
            SOURCE_STATE.c.route_id == batch.route_id, SOURCE_STATE.c.seq == batch.seq
        )
    ).one_or_none()
    return None if row is None else (row.schema_name, row.table_name)


def horizon(connection: Connection, schema_name: str, table: str, now: datetime) -> int | None:
    """The first transaction that some route's next batch of this table may still ask the change table about."""
    oldest: int | None = connection.scalar(
        text(
            "SELECT min(first) FROM (SELECT DISTINCT ON (s.route_id) split_part(s.snapshot, ':', 1)::bigint AS first"
            " FROM source_state s JOIN batch b USING (route_id, seq) WHERE s.schema_name = :schema"
            " AND s.table_name = :table AND b.state = 'closed' AND s.sealed_at > :since"
            " ORDER BY s.route_id, s.seq DESC) newest"
        ),
        {"schema": schema_name, "table": table, "since": now - timedelta(days=LIMITS.changes_kept_days)},
    )
    return oldest
