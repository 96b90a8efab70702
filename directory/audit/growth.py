"""What the log has become since somebody looked: for nodes, which hold it to what they have seen."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.audit.models import AuditCheckpoint, AuditLog
from directory.audit.sequence import frontier_of
from directory.limits import LIMITS
from metadata.log_growth import LogGrowth
from metadata.transparency import leaf_hash
from standards.crypto import VerifyingKey


def growth(session: Session, key: VerifyingKey, after: int | None, most_count: int = LIMITS.growth_count) -> LogGrowth:
    """From place ``after`` on, to the last checkpoint within ``most_count`` entries; without ``after`` the newest.

    Who has seen more than there is gets the newest checkpoint and nothing else, and knows by that.
    """
    public = key.public.hex()
    newest = session.scalar(select(AuditCheckpoint).order_by(AuditCheckpoint.size.desc()).limit(1))
    if newest is None:
        return LogGrowth(public=public, note="", after=after)
    if after is None:
        return LogGrowth(public=public, note=newest.note, hashes=tuple(h.hex() for h in frontier_of(newest).hashes))
    later = select(AuditCheckpoint).where(AuditCheckpoint.size > after)
    within = later.where(AuditCheckpoint.size <= after + most_count)
    to = (
        session.scalar(within.order_by(AuditCheckpoint.size.desc()).limit(1))
        or session.scalar(later.order_by(AuditCheckpoint.size).limit(1))  # one that added more than that at once
        or newest
    )
    entries = select(AuditLog.bytes).where(AuditLog.idx >= after, AuditLog.idx < to.size).order_by(AuditLog.idx)
    hashes = tuple(leaf_hash(entry).hex() for entry in session.scalars(entries))
    return LogGrowth(public=public, note=to.note, after=after, hashes=hashes)
