"""The sequencer: turns committed queue rows into log entries and signs what the log has become.

One transaction under an advisory lock takes the rows, gives them consecutive places, stores their exact bytes, extends
the frontier and signs a checkpoint; so a crash leaves either all of it or none, and two sequencers never interleave.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import delete, func, insert, select, text
from sqlalchemy.orm import Session, sessionmaker

from directory.audit.models import AuditCheckpoint, AuditLog, AuditOut
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.process.beside import Beside, in_transaction
from metadata.audit import AuditEntry
from metadata.transparency import HASH_BYTES, Frontier, leaf_hash, sign_checkpoint
from standards.crypto import SigningKey

_LOCK = 0x4855544F4E47  # "HUTONG": one sequencer at a time in this database


def sequence(session: Session, key: SigningKey, origin: str, now: datetime) -> int:
    """Move what is queued into the log and return how many entries were added; 0 when another sequencer is at work.

    An ``event_id`` that the log already holds is passed over, which makes sending entries again harmless.
    Raises ``DirectoryError AUDIT_BROKEN`` when log and last checkpoint do not fit together; then nothing is added.
    """
    if not session.scalar(select(func.pg_try_advisory_xact_lock(_LOCK))):
        return 0
    last = session.scalar(select(AuditCheckpoint).order_by(AuditCheckpoint.size.desc()).limit(1))
    frontier = frontier_of(last)
    highest = session.scalar(select(func.max(AuditLog.idx)))
    if (highest + 1 if highest is not None else 0) != frontier.size:
        raise DirectoryError(
            "AUDIT_BROKEN",
            what=f"日志到第 {highest} 条，检查点为 {frontier.size} 条",
            what_en=f"the log goes to entry {highest}, the checkpoint is of {frontier.size} entries",
        )
    new = _take(session)
    if not new:
        return 0
    session.execute(
        insert(AuditLog),
        [_row(frontier.size + place, row, AuditEntry.from_bytes(row.bytes)) for place, row in enumerate(new)],
    )
    frontier = frontier.extend(leaf_hash(row.bytes) for row in new)
    session.add(
        AuditCheckpoint(
            size=frontier.size,
            note=sign_checkpoint(origin, frontier.size, frontier.root(), key),
            frontier=b"".join(frontier.hashes),
            entries=len(new),
            created_at=now,
        )
    )
    session.flush()
    return len(new)


def frontier_of(checkpoint: AuditCheckpoint | None) -> Frontier:
    """The frontier kept with a checkpoint; the empty one where there is none yet."""
    if checkpoint is None:
        return Frontier()
    hashes = checkpoint.frontier
    return Frontier(checkpoint.size, tuple(hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)))


def _take(session: Session) -> Sequence[AuditOut]:
    """Committed queue rows in order, first of each event, none that the log has; they leave the queue."""
    batch = select(AuditOut.n).order_by(AuditOut.n).limit(LIMITS.sequence_batch_count)
    taken = session.scalars(delete(AuditOut).where(AuditOut.n.in_(batch)).returning(AuditOut)).all()
    first = {row.event_id: row for row in sorted(taken, key=lambda row: row.n, reverse=True)}
    known = set(session.scalars(select(AuditLog.event_id).where(AuditLog.event_id.in_(first))))
    return sorted((row for event_id, row in first.items() if event_id not in known), key=lambda row: row.n)


def _row(idx: int, row: AuditOut, entry: AuditEntry) -> dict[str, object]:
    return {
        "idx": idx,
        "event_id": row.event_id,
        "bytes": row.bytes,
        "at": entry.at,
        "producer": entry.producer,
        "actor": entry.actor,
        "action": entry.action,
        "subject": entry.subject,
    }


def sequencer(sessions: sessionmaker[Session], key: SigningKey, origin: str) -> Beside:
    """Sequences beside the service, and takes up what is queued once more when stopping; the queue keeps the rest."""

    def is_more(session: Session) -> bool:
        # The queue may not be bounded by one statement's ordinary time limit after a long outage.
        session.execute(text("SET LOCAL statement_timeout = '120s'"))
        return sequence(session, key, origin, datetime.now(UTC)) == LIMITS.sequence_batch_count

    return Beside("audit", LIMITS.sequence_every_seconds, in_transaction(sessions, is_more), has_last=True)
