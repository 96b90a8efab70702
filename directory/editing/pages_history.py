"""What an entry was before: its versions, any two side by side, and an old one brought back."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final

from fastapi import APIRouter, Form, Path, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.accounts.queries import display_names
from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.policy import allows
from directory.resources import queries
from directory.resources.comparison import compare
from directory.resources.models import ResourceEntry, ResourceStep
from directory.resources.pages import STEP_NAMES, address_of
from directory.resources.restore import restore
from directory.resources.states import EDITABLE
from directory.web.render import page

router = APIRouter(include_in_schema=False)

Segment = Annotated[str, Path(max_length=100)]
Version = Annotated[int | None, Query(ge=1, le=1_000_000)]
_KINDS: Final[Mapping[str, tuple[str, str]]] = {
    "added": ("新增", "green"),
    "removed": ("删去", "red"),
    "changed": ("修改", "amber"),
}


@router.get("/resources/{ref}/versions")
@governed_by(Action.RESOURCE_READ)
def show_versions(ref: Segment, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """The versions this reader sees, newest first: who wrote each, when, and which steps it took."""
    entry = queries.find(session, actor, ref)
    versions = queries.versions(session, actor, entry)
    is_inside = queries.is_inside(actor, entry)
    steps = _steps_by_version(session, entry) if is_inside else {}
    people = [each.created_by for each in versions] + [
        each for own in steps.values() for step in own for each in (step.decided_by, step.decided_for) if each
    ]
    is_editor = allows(actor, Action.RESOURCE_EDIT, entry.org_code)
    return page(
        request,
        "editing/versions.html",
        entry=entry,
        address=address_of(entry),
        versions=versions,
        steps=steps,
        step_names=STEP_NAMES,
        names=display_names(session, people) if is_inside else {},
        can_restore=is_editor and entry.status in EDITABLE,
        is_inside=is_inside,
    )


@router.get("/resources/{ref}/diff")
@governed_by(Action.RESOURCE_READ)
def show_difference(
    ref: Segment,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    from_: Annotated[Version, Query(alias="from")] = None,
    to: Version = None,
) -> HTMLResponse:
    """Two versions side by side, field by field in words; by default the published one and the one worked on."""
    entry = queries.find(session, actor, ref)
    compared = compare(session, actor, entry, from_, to)
    return page(
        request,
        "editing/diff.html",
        entry=entry,
        address=address_of(entry),
        compared=compared,
        kinds=_KINDS,
        versions=queries.versions(session, actor, entry),
    )


@router.post("/resources/{ref}/restore")
@governed_by(Action.RESOURCE_EDIT)
def restore_version(
    ref: Segment,
    session: DbSession,
    actor: CurrentActor,
    version: Annotated[int, Form(ge=1, le=1_000_000)],
    expected: Annotated[int, Form(ge=1, le=1_000_000)],
) -> Response:
    """An old version's content as a new draft version, and its form."""
    saved = restore(session, actor, ref, version, expected, datetime.now(UTC))
    return RedirectResponse(f"{address_of(saved.entry)}/edit?done=restored", status_code=303)


def _steps_by_version(session: Session, entry: ResourceEntry) -> Mapping[int, Sequence[ResourceStep]]:
    """The steps each version took, the writing first."""
    found: dict[int, list[ResourceStep]] = {}
    for step in queries.steps(session, entry):
        found.setdefault(step.version, []).append(step)
    return found
