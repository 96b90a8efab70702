"""Papers beside a request or a matter: taken as they come, handed out as downloads, never opened."""

from datetime import datetime
from urllib.parse import quote
from uuid import UUID

from fastapi import Response
from pydantic import BaseModel, ConfigDict

from directory.access.comment_models import RequestFile
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.matters.models import MatterFile
from directory.resources.assessment_files import SUFFIXES, Document, bare_name, is_of_its_kind
from directory.resources.models import AssessmentFile
from standards.crypto import digest_hex


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


def taken(name: str, data: bytes) -> Document:
    """A paper that may be kept once it is found clean.

    Raises ``PAPER_EMPTY``, ``PAPER_LARGE``, ``PAPER_KIND`` where name and first bytes are of no kind that is taken.
    """
    if not data:
        raise DirectoryError("PAPER_EMPTY", name=bare_name(name))
    if len(data) > LIMITS.paper_bytes:
        raise DirectoryError("PAPER_LARGE", size_bytes=len(data), limit_bytes=LIMITS.paper_bytes)
    document = Document(bare_name(name), data, digest_hex(data))
    if not is_of_its_kind(document.suffix, data):
        raise DirectoryError("PAPER_KIND", offered=list(SUFFIXES))
    return document


def paper_of(each: RequestFile | MatterFile) -> Paper:
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


def saved_as(kept: RequestFile | MatterFile | AssessmentFile) -> Response:
    """The file under its name, as a download whatever is in it."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(kept.name, safe='')}"}
    return Response(kept.data, media_type="application/octet-stream", headers=headers)
