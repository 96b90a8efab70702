"""Read the log."""

from collections.abc import Iterator, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.audit.models import AuditCheckpoint, AuditLog, AuditOut
from directory.audit.verify import AuditVerdict, verify
from standards.crypto import VerifyingKey

_ROWS_AT_ONCE = 5_000


def log_bytes(session: Session) -> Iterator[bytes]:
    """The exact bytes of every sequenced entry, in order; streamed."""
    query = select(AuditLog.bytes).order_by(AuditLog.idx).execution_options(yield_per=_ROWS_AT_ONCE)
    yield from session.scalars(query)


def checkpoints(session: Session) -> Sequence[str]:
    """Every signed checkpoint, in order."""
    return session.scalars(select(AuditCheckpoint.note).order_by(AuditCheckpoint.size)).all()


def newest_checkpoint(session: Session) -> str:
    """The newest signed checkpoint, or nothing before the first."""
    return session.scalar(select(AuditCheckpoint.note).order_by(AuditCheckpoint.size.desc()).limit(1)) or ""


def verify_live(session: Session, key: VerifyingKey) -> AuditVerdict:
    """Verify what stands in the database now, in one snapshot when the session has one."""
    return verify(log_bytes(session), checkpoints(session), key)


def entries_page(session: Session, after: int, count: int) -> Sequence[AuditLog]:
    """Entries from place ``after`` on."""
    return session.scalars(select(AuditLog).where(AuditLog.idx >= after).order_by(AuditLog.idx).limit(count)).all()


def queued_count(session: Session) -> int:
    """How many entries wait to be sequenced."""
    return session.scalar(select(func.count()).select_from(AuditOut)) or 0
