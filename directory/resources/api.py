"""Catalogue entries for programs."""

from datetime import UTC, date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.limits import LIMITS
from directory.resources import decide, edit, queries
from directory.resources.models import ResourceEntry
from directory.resources.preconditions import ExpectedVersion
from directory.resources.queries import Remark
from directory.resources.register import Saved, register
from directory.resources.states import MOVES
from metadata.resource import Resource
from metadata.rules import lacks
from standards.findings import Finding

router = APIRouter(prefix="/resources", tags=["resources"])

Ref = Annotated[str, Path(max_length=100, description="UUID, or the identifier with ~ for /")]


class Written(BaseModel):
    """An entry after a write: what publication still needs, and warnings about what was written."""

    id: UUID
    identifier: str | None
    code: str | None
    status: str
    version: int
    lacks: list[Finding]
    warnings: list[Finding]

    @classmethod
    def of(cls, saved: Saved) -> "Written":
        entry = saved.entry
        return cls(
            id=entry.id,
            identifier=entry.identifier,
            code=entry.code,
            status=entry.status,
            version=entry.current_version,
            lacks=saved.lacks,
            warnings=saved.warnings,
        )


class Shown(BaseModel):
    """An entry as the caller sees it; ``version`` is that of ``record``."""

    id: UUID
    identifier: str | None
    code: str | None
    org_code: str
    status: str
    version: int
    published_version: int | None
    updated_on: date
    record: Resource
    lacks: list[Finding]
    remarks: list[Remark]


class Transition(BaseModel):
    """The status to reach, and why."""

    model_config = ConfigDict(extra="forbid")

    to: Annotated[str, Field(max_length=20)]
    comment: Annotated[str, Field(max_length=2000)] = ""


class Remarked(BaseModel):
    """Why one field is returned."""

    model_config = ConfigDict(extra="forbid")

    path: Annotated[str, Field(min_length=1, max_length=200, description="e.g. abstract or items[3].name")]
    reason: Annotated[str, Field(min_length=1, max_length=2000)]


class Return(Transition):
    """The status to reach, why, and for a return why field by field."""

    remarks: Annotated[list[Remarked], Field(max_length=LIMITS.remark_count)] = []


@router.post("", status_code=201)
@governed_by(Action.RESOURCE_REGISTER)
def register_resource(body: Resource, request: Request, session: DbSession, actor: CurrentActor) -> Written:
    """Register an entry in draft; identifier and code are minted."""
    return Written.of(register(session, actor, body, request.app.state.settings.classes, datetime.now(UTC)))


@router.get("/{ref}")
@governed_by(Action.RESOURCE_READ)
def show_resource(ref: Ref, request: Request, response: Response, session: DbSession, actor: CurrentActor) -> Shown:
    """The entry: for its department and the office the version being worked on, for others the published one."""
    entry = queries.find(session, actor, ref)
    request.app.state.views.count(entry.id, actor.account_id)
    record = queries.shown_record(session, actor, entry)
    shown = _shown(session, entry, is_inside=queries.is_inside(actor, entry), record=record)
    response.headers["ETag"] = f'"{shown.version}"'
    return shown


@router.put("/{ref}")
@governed_by(Action.RESOURCE_EDIT)
def edit_resource(
    ref: Ref,
    body: Resource,
    session: DbSession,
    actor: CurrentActor,
    expected: ExpectedVersion,
) -> Written:
    """Store the next version; ``If-Match`` names the version it is based on."""
    return Written.of(edit.edit(session, actor, ref, body, expected, datetime.now(UTC)))


@router.post("/{ref}/transitions")
@governed_by(*sorted({each.action for each in MOVES}))
def move_resource(ref: Ref, body: Return, session: DbSession, actor: CurrentActor) -> Shown:
    """Approve, submit, review, publish, return (field by field if need be), recall, suspend, resume or withdraw."""
    remarks = [queries.Remark(each.path, each.reason) for each in body.remarks]
    entry = decide.move(session, actor, ref, body.to, body.comment, datetime.now(UTC), remarks)
    return _shown(session, entry, is_inside=True, record=queries.current_record(session, entry))


def _shown(session: Session, entry: ResourceEntry, *, is_inside: bool, record: Resource) -> Shown:
    return Shown(
        id=entry.id,
        identifier=entry.identifier,
        code=entry.code,
        org_code=entry.org_code,
        status=entry.status,
        version=entry.current_version if is_inside else entry.published_version or 0,
        published_version=entry.published_version,
        updated_on=entry.updated_on,
        record=record,
        lacks=lacks(record) if is_inside else [],
        remarks=list(queries.remarks(session, entry)) if is_inside else [],
    )
