"""Unused grants and items for programs."""

from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict, Field

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.http.throttle import COSTLY
from directory.unused import exporting, queries
from directory.unused.propose import propose_end
from directory.unused.queries import DEFAULT_DAYS, Unused

router = APIRouter(prefix="/grants/unused", tags=["grants"])


class Proposal(BaseModel):
    """Why a use should end."""

    model_config = ConfigDict(extra="forbid")

    words: Annotated[str, Field(max_length=1900)]


class Proposed(BaseModel):
    """That it was said, and when."""

    request_id: UUID
    proposed_at: datetime


Days = Annotated[int, Query(ge=1, le=3650, description="多少天没有送达才列出")]


@router.get("", dependencies=[COSTLY])
@governed_by(Action.GRANT_READ)
def browse(session: DbSession, actor: CurrentActor, days: Days = DEFAULT_DAYS) -> Unused:
    """Running grants that never delivered, or not for so many days, and granted items that use records leave out.

    A delivery is a consumer's signed receipt; whether what was delivered is used, only the use records say.
    """
    return queries.unused(session, actor, days, shanghai_today())


@router.post("/{request_id}/proposals", status_code=201)
@governed_by(Action.GRANT_CONFIRM_CHANGE)
def propose(request_id: UUID, body: Proposal, session: DbSession, actor: CurrentActor) -> Proposed:
    """Propose to the requester that a use ends before its term; it ends by the requester's own step."""
    now = datetime.now(UTC)
    row = propose_end(session, actor, request_id, body.words, now)
    return Proposed(request_id=row.id, proposed_at=now)


@router.get("/export", response_class=Response, dependencies=[COSTLY])
@governed_by(Action.GRANT_READ)
def export(
    session: DbSession,
    actor: CurrentActor,
    days: Days = DEFAULT_DAYS,
    file_format: Annotated[Literal["csv", "xlsx"], Query(alias="format")] = "xlsx",
) -> Response:
    """The same as one file, a row each grant."""
    today = shanghai_today()
    data, media_type = exporting.write(queries.unused(session, actor, days, today), file_format)
    name = quote(f"没有用起来的授权-{today.isoformat()}.{file_format}", safe="")
    return Response(
        data, media_type=media_type, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )
