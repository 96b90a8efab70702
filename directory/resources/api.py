"""Catalogue entries for programs."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Header, Path, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from directory.actors import CurrentActor
from directory.db import DbSession
from directory.errors import DirectoryError
from directory.organisations.queries import organisation
from directory.policy import Action, governed_by, require
from directory.resources import decide, edit, queries
from directory.resources.importing import import_records
from directory.resources.models import ResourceEntry
from directory.resources.reading import read_file
from directory.resources.register import Saved, register
from directory.resources.states import MOVES
from metadata.formats.workbook import CellFinding
from metadata.resource import Party, Resource
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


class NewAssessment(BaseModel):
    """An assessment of the items and sharing as they are now."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["secrecy", "personal_information"]
    conclusion: Annotated[str, Field(min_length=1, max_length=2000)]
    assessed_on: date
    is_passed: bool = True


class Transition(BaseModel):
    """The status to reach, and why."""

    model_config = ConfigDict(extra="forbid")

    to: Annotated[str, Field(max_length=20)]
    comment: Annotated[str, Field(max_length=2000)] = ""


class VersionLine(BaseModel):
    """One version: its number, when it was written, its title."""

    version: int
    created_at: datetime
    title: str
    is_published: bool


@router.post("", status_code=201)
@governed_by(Action.RESOURCE_REGISTER)
def register_resource(body: Resource, request: Request, session: DbSession, actor: CurrentActor) -> Written:
    """Register an entry in draft; identifier and code are minted."""
    return Written.of(register(session, actor, body, request.app.state.settings.classes, datetime.now(UTC)))


class Line(BaseModel):
    """A record that was not taken: where it stands in the file, and why."""

    place: str
    title: str
    code: str
    zh: str
    findings: list[Finding]


class Imported(BaseModel):
    """What came of an import. ``findings`` are of the cells; ``differing`` are known entries, left as they are;
    ``unassessed`` are records whose assessments have to be recorded here.
    """

    is_dry_run: bool
    rows: int
    added: int
    unchanged: int
    differing: list[str]
    unassessed: list[str]
    new_organisations: list[str]
    refused: list[Line]
    findings: list[CellFinding]


@router.post("/import")
@governed_by(Action.RESOURCE_REGISTER)
def import_resources(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    file: UploadFile,
    dry_run: Annotated[bool, Form()] = False,
    provider: Annotated[str, Form(max_length=32, description="code of the department, where the file names none")] = "",
) -> Imported:
    """Import a workbook or core-metadata XML as drafts: all or none; the same file again changes nothing.

    With records that cannot be taken, a dry run lists them, and an import is refused with them as findings.
    """
    require(actor, Action.RESOURCE_REGISTER, None)
    own = organisation(session, provider) if provider else None
    party = Party(name=own.name, code=own.real_code) if own else None
    incoming = read_file(file.file.read(), file.filename or "", party)
    classes = request.app.state.settings.classes
    report = import_records(session, actor, incoming, classes, datetime.now(UTC), is_dry_run=dry_run)
    refused = [
        Line(place=each.place, title=each.title, code=each.code, zh=each.zh, findings=list(each.findings))
        for each in report.refused
    ]
    if refused and not dry_run:
        lines = [each.model_dump(mode="json") for each in refused]
        raise DirectoryError("IMPORT_REFUSED", count=len(refused), first=refused[0].place, findings=lines)
    return Imported(
        is_dry_run=dry_run,
        rows=report.rows,
        added=report.added,
        unchanged=report.unchanged,
        differing=report.differing,
        unassessed=report.unassessed,
        new_organisations=report.new_organisations,
        refused=refused,
        findings=list(incoming.findings),
    )


@router.get("/{ref}")
@governed_by(Action.RESOURCE_READ)
def show_resource(ref: Ref, response: Response, session: DbSession, actor: CurrentActor) -> Shown:
    """The entry: for its department and the office the version being worked on, for others the published one."""
    entry = queries.find(session, actor, ref)
    shown = _shown(entry, is_inside=queries.is_inside(actor, entry), record=queries.shown_record(session, actor, entry))
    response.headers["ETag"] = f'"{shown.version}"'
    return shown


@router.put("/{ref}")
@governed_by(Action.RESOURCE_EDIT)
def edit_resource(
    ref: Ref,
    body: Resource,
    session: DbSession,
    actor: CurrentActor,
    if_match: Annotated[str, Header(max_length=20)] = "",
) -> Written:
    """Store the next version; ``If-Match`` names the version it is based on."""
    number = if_match.removeprefix("W/").strip('"')
    if not number.isdecimal():
        raise DirectoryError("VERSION_REQUIRED")
    return Written.of(edit.edit(session, actor, ref, body, int(number), datetime.now(UTC)))


@router.post("/{ref}/assessments", status_code=201)
@governed_by(Action.RESOURCE_ASSESS)
def assess_resource(ref: Ref, body: NewAssessment, session: DbSession, actor: CurrentActor) -> Written:
    """Record a secrecy or personal-information assessment (Art. 13) as part of the next version."""
    saved = edit.assess(
        session,
        actor,
        ref,
        kind=body.kind,
        conclusion=body.conclusion,
        assessed_on=body.assessed_on,
        is_passed=body.is_passed,
        now=datetime.now(UTC),
    )
    return Written.of(saved)


@router.post("/{ref}/transitions")
@governed_by(*sorted({each.action for each in MOVES}))
def move_resource(ref: Ref, body: Transition, session: DbSession, actor: CurrentActor) -> Shown:
    """Approve, submit, review, publish, return, recall, suspend, resume or withdraw."""
    entry = decide.move(session, actor, ref, body.to, body.comment, datetime.now(UTC))
    return _shown(entry, is_inside=True, record=queries.current_record(session, entry))


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
    ref: Ref, version: Annotated[int, Path(ge=1, le=1_000_000)], session: DbSession, actor: CurrentActor
) -> Resource:
    """The record of one version."""
    return queries.version_record(session, actor, queries.find(session, actor, ref), version)


def _shown(entry: ResourceEntry, *, is_inside: bool, record: Resource) -> Shown:
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
    )
