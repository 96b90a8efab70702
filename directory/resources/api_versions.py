"""Versions of catalogue entries for programs: listed, shown, compared, restored; and copies."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.resources import queries
from directory.resources.api import Ref, Written
from directory.resources.comparison import Comparison, compare
from directory.resources.copy import copy
from directory.resources.preconditions import ExpectedVersion
from directory.resources.restore import restore
from metadata.resource import Resource

router = APIRouter(prefix="/resources", tags=["resources"])

MOST_VERSIONS = 1_000_000


class VersionLine(BaseModel):
    """One version: its number, when it was written, its title."""

    version: int
    created_at: datetime
    title: str
    is_published: bool


class Restored(BaseModel):
    """The version to bring back."""

    model_config = ConfigDict(extra="forbid")

    version: Annotated[StrictInt, Field(ge=1, le=MOST_VERSIONS)]


@router.get("/{ref}/versions")
@governed_by(Action.RESOURCE_READ)
def list_versions(ref: Ref, session: DbSession, actor: CurrentActor) -> list[VersionLine]:
    """The versions the caller sees, newest first."""
    entry = queries.find(session, actor, ref)
    return [
        VersionLine(
            version=each.version,
            created_at=each.created_at,
            title=each.record.title,
            is_published=each.version == entry.published_version,
        )
        for each in queries.versions(session, actor, entry)
    ]


@router.get("/{ref}/versions/{version}")
@governed_by(Action.RESOURCE_READ)
def show_version(
    ref: Ref, version: Annotated[int, Path(ge=1, le=MOST_VERSIONS)], session: DbSession, actor: CurrentActor
) -> Resource:
    """The record of one version."""
    return queries.version_record(session, actor, queries.find(session, actor, ref), version)


@router.get("/{ref}/diff")
@governed_by(Action.RESOURCE_READ)
def compare_versions(
    ref: Ref,
    session: DbSession,
    actor: CurrentActor,
    from_version: Annotated[int | None, Query(alias="from", ge=1, le=MOST_VERSIONS)] = None,
    to_version: Annotated[int | None, Query(alias="to", ge=1, le=MOST_VERSIONS)] = None,
) -> Comparison:
    """What differs between two versions; by default between the published one and the one being worked on."""
    return compare(session, actor, queries.find(session, actor, ref), from_version, to_version)


@router.post("/{ref}/restore")
@governed_by(Action.RESOURCE_EDIT)
def restore_version(
    ref: Ref, body: Restored, session: DbSession, actor: CurrentActor, expected: ExpectedVersion
) -> Written:
    """Bring an old version back as a new draft; ``If-Match`` names the version that is current now."""
    return Written.of(restore(session, actor, ref, body.version, expected, datetime.now(UTC)))


@router.post("/{ref}/copies", status_code=201)
@governed_by(Action.RESOURCE_REGISTER)
def copy_resource(ref: Ref, request: Request, session: DbSession, actor: CurrentActor) -> Written:
    """Register a new draft with the content of this entry; for another department's, the copy is the caller's."""
    return Written.of(copy(session, actor, ref, request.app.state.settings.classes, datetime.now(UTC)))
