"""Templates of entries for programs: what an entry of a library begins with."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Path
from pydantic import BaseModel, ConfigDict, Field

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.libraries.names import library_labels
from directory.organisations.queries import organisation
from directory.policy import require
from directory.resources import templates
from metadata.resource import LIBRARY_PATTERN, Party, Resource

router = APIRouter(prefix="/templates", tags=["resources"])

Library = Annotated[str, Path(pattern=LIBRARY_PATTERN)]


class Source(BaseModel):
    """The entry to make a template of: UUID, or identifier with ~ for /."""

    model_config = ConfigDict(extra="forbid")

    ref: Annotated[str, Field(alias="from", max_length=100)]


class TemplateLine(BaseModel):
    """A library's template: whether the office has put its own in place of the built-in one, and how many items."""

    library: str
    label: str
    items: int
    edited_at: datetime | None


@router.get("")
@governed_by(Action.RESOURCE_READ)
def list_templates(session: DbSession, actor: CurrentActor) -> list[TemplateLine]:
    """Every library with what an entry of it begins with."""
    require(actor, Action.RESOURCE_READ, actor.org_code)
    anybody = Party(name="某部门", code="")
    made = {each.library: each.edited_at for each in templates.templates(session)}
    return [
        TemplateLine(
            library=library,
            label=label,
            items=len(templates.template_of(session, library, anybody).items),
            edited_at=made.get(library),
        )
        for library, label in library_labels(session).items()
    ]


@router.get("/{library}")
@governed_by(Action.RESOURCE_REGISTER)
def show_template(library: Library, session: DbSession, actor: CurrentActor) -> Resource:
    """What the caller's department begins an entry of this library with; an unknown library's template is empty."""
    require(actor, Action.RESOURCE_REGISTER, actor.org_code)
    own = organisation(session, actor.org_code)
    return templates.template_of(session, library, Party(name=own.name, code=own.real_code))


@router.put("/{library}")
@governed_by(Action.TEMPLATE_EDIT)
def put_template(library: Library, body: Resource, session: DbSession, actor: CurrentActor) -> Resource:
    """Replace the library's template; title, numbers, sharing, assessments and mounts are left out of it."""
    return templates.put_template(session, actor, library, body, datetime.now(UTC))


@router.post("/{library}")
@governed_by(Action.TEMPLATE_EDIT)
def put_template_from(library: Library, body: Source, session: DbSession, actor: CurrentActor) -> Resource:
    """Make the library's template of an entry."""
    return templates.put_template_from(session, actor, library, body.ref, datetime.now(UTC))
