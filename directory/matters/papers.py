"""Papers of a matter: added by its parties, seen by whoever sees the matter whole."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.audit.record import Details, record
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.matters.models import Matter, MatterFile
from directory.papers import taken
from directory.scanning import require_clean


def attach(
    session: Session, actor: Actor, row: Matter, name: str, data: bytes, now: datetime, *, speaker: str = ""
) -> MatterFile:
    """Add a paper to a matter that the caller has locked and found open to this actor.

    Raises ``PAPER_EMPTY``, ``PAPER_LARGE``, ``PAPER_KIND``, ``COMMENTS_FULL``, ``FILE_INFECTED``, ``SCANNER_AWAY``.
    """
    document = taken(name, data)
    held = session.scalar(select(func.count()).where(MatterFile.matter_id == row.id))
    if (held or 0) >= LIMITS.paper_count:
        raise DirectoryError("COMMENTS_FULL", limit=LIMITS.paper_count)
    require_clean(session, data)
    made = MatterFile(
        id=uuid4(),
        matter_id=row.id,
        by=actor.account_id,
        by_name=actor.display_name,
        org_code=actor.org_code,
        org_name=actor.org_name,
        at=now,
        name=document.name,
        size_bytes=len(data),
        sha256=document.sha256,
        data=data,
    )
    session.add(made)
    session.flush()
    details: Details = {"bytes": made.size_bytes, "sha256": made.sha256}
    record(session, speaker or actor, f"{row.kind}:attach", str(row.id), details=details, at=now)
    return made


def papers_of(session: Session, row: Matter) -> Sequence[MatterFile]:
    """The papers of a matter, oldest first, without their bytes."""
    query = select(MatterFile).where(MatterFile.matter_id == row.id).order_by(MatterFile.at, MatterFile.id)
    return session.scalars(query).all()


def paper(session: Session, row: Matter, file_id: UUID) -> MatterFile:
    """One paper of a matter that the caller found this actor to see whole; raises ``PAPER_NOT_FOUND``."""
    kept = session.get(MatterFile, file_id)
    if kept is None or kept.matter_id != row.id:
        raise DirectoryError("PAPER_NOT_FOUND", file_id=file_id)
    return kept
