"""Notices for programs."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import open_to_signed_in
from directory.limits import LIMITS
from directory.notices import queries, read
from directory.notices.queries import Notices

router = APIRouter(prefix="/notices", tags=["notices"])

NoticeId = Annotated[StrictInt, Field(ge=1, le=2**63 - 1)]


class Reading(BaseModel):
    """Which were read: these, and all up to ``until``, where it is given."""

    model_config = ConfigDict(extra="forbid")

    ids: Annotated[list[NoticeId], Field(max_length=LIMITS.page_count)] = []
    until: NoticeId | None = None


class Left(BaseModel):
    """How many are unread now, at most 100."""

    unread: int


@router.get("")
@open_to_signed_in("what is addressed to the caller or to a role they hold")
def browse(
    session: DbSession,
    actor: CurrentActor,
    only_unread: Annotated[bool, Query()] = False,
    size: Annotated[int, Query(ge=1, le=LIMITS.page_count)] = LIMITS.page_count,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1)] = None,
) -> Notices:
    """The caller's notices, newest first, about what they may see now."""
    return queries.notices(session, actor, size=size, before=before, is_unread=only_unread)


@router.post("/read")
@open_to_signed_in("marks the caller's own reading")
def mark_read(session: DbSession, actor: CurrentActor, body: Reading) -> Left:
    """Mark some as read, or all up to one."""
    now = datetime.now(UTC)
    read.mark_read(session, actor, body.ids, now)
    if body.until is not None:
        read.mark_all_read(session, actor, body.until, now)
    return Left(unread=queries.unread(session, actor))
