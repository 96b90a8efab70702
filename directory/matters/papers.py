"""Papers of a matter: taken as they come, handed out to whoever sees the matter whole, never opened."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Final
from urllib.parse import quote
from uuid import UUID, uuid4

from fastapi import Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.actors import Actor
from directory.audit.record import Details, record
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.matters.models import Matter, MatterFile
from directory.resources.assessment_files import SUFFIXES, is_of_its_kind
from directory.scanning import require_clean
from standards.crypto import digest_hex

_NAME_CHARACTERS: Final = 255


class Paper(BaseModel):
    """One paper without its bytes."""

    model_config = ConfigDict(frozen=True)

    id: UUID
    by: str
    organisation: str
    at: datetime
    name: str
    size_bytes: int
    sha256: str


def attach(
    session: Session, actor: Actor, row: Matter, name: str, data: bytes, now: datetime, *, speaker: str = ""
) -> MatterFile:
    """Add a paper to a matter that the caller has locked and found open to this actor.

    Raises ``PAPER_LARGE``, ``PAPER_KIND``, ``COMMENTS_FULL``, ``FILE_INFECTED``, ``SCANNER_AWAY``.
    """
    if len(data) > LIMITS.paper_bytes:
        raise DirectoryError("PAPER_LARGE", size_bytes=len(data), limit_bytes=LIMITS.paper_bytes)
    title = "".join(each for each in PurePath(name.replace("\\", "/")).name if each.isprintable())
    if not is_of_its_kind(PurePath(title).suffix.lower(), data):
        raise DirectoryError("PAPER_KIND", offered="、".join(SUFFIXES))
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
        name=title[-_NAME_CHARACTERS:],
        size_bytes=len(data),
        sha256=digest_hex(data),
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


def paper_of(each: MatterFile) -> Paper:
    """A paper as API and pages show it."""
    return Paper(
        id=each.id,
        by=each.by_name,
        organisation=each.org_name,
        at=each.at,
        name=each.name,
        size_bytes=each.size_bytes,
        sha256=each.sha256,
    )


def saved_as(kept: MatterFile) -> Response:
    """The paper under its name, as a download whatever is in it."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(kept.name, safe='')}"}
    return Response(kept.data, media_type="application/octet-stream", headers=headers)
