"""Use records for programs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Literal
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.http.throttle import COSTLY
from directory.uses import exporting, queries, views
from directory.uses.record import UseSaid, record_use
from directory.uses.views import Asked, UseLine, UseView

router = APIRouter(tags=["uses"])

FileFormat = Literal["csv", "xlsx"]


class AskedRecords(BaseModel):
    """The records asked of the caller's department; ``total`` counts those not shown too."""

    model_config = ConfigDict(frozen=True)

    total: int
    items: Sequence[Asked]


@router.get("/uses")
@governed_by(Action.USE_READ)
def browse(
    session: DbSession,
    actor: CurrentActor,
    resource: Annotated[UUID | None, Query(description="只列一条目录的使用")] = None,
) -> Sequence[UseLine]:
    """The uses the caller may see, those that began last first: how many records each has, and how many are missing."""
    return views.lines(session, queries.uses(session, actor, resource_id=resource), shanghai_today())


@router.get("/uses/asked")
@governed_by(Action.USE_RECORD)
def asked(session: DbSession, actor: CurrentActor) -> AskedRecords:
    """The records asked of the caller's department now, the first due first."""
    total, found = views.asked_of(session, actor, shanghai_today())
    return AskedRecords(total=total, items=found)


@router.get("/uses/export", response_class=Response, dependencies=[COSTLY])
@governed_by(Action.USE_READ)
def export(
    session: DbSession,
    actor: CurrentActor,
    file_format: Annotated[FileFormat, Query(alias="format")] = "xlsx",
    resource: Annotated[UUID | None, Query(description="只要一条目录的使用记录")] = None,
) -> Response:
    """Every record of the uses the caller may see, and what is missing, as one file."""
    today = shanghai_today()
    data, media_type = exporting.write(session, queries.uses(session, actor, resource_id=resource), file_format, today)
    name = quote(f"使用记录-{today.isoformat()}.{file_format}", safe="")
    return Response(
        data, media_type=media_type, headers={"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    )


@router.get("/requests/{request_id}/uses")
@governed_by(Action.USE_READ)
def show(request_id: UUID, session: DbSession, actor: CurrentActor) -> UseView:
    """What was recorded of the use of what a request was granted, what is missing, and the items in use."""
    return views.view(session, actor, request_id, shanghai_today())


@router.post("/requests/{request_id}/uses", status_code=201)
@governed_by(Action.USE_RECORD)
def record(request_id: UUID, body: UseSaid, session: DbSession, actor: CurrentActor) -> UseView:
    """Record a use, or put an earlier record right by a further one."""
    now = datetime.now(UTC)
    record_use(session, actor, request_id, body, now)
    return views.view(session, actor, request_id, day_of(now))
