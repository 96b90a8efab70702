"""The tree of departments for programs."""

from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Path, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field, StrictInt

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.http.throttle import COSTLY
from directory.lists.download import workbook
from directory.organisations import edit as verbs
from directory.organisations import importing
from directory.organisations.models import REGION_PATTERN, Organisation
from directory.organisations.queries import former_names, organisation, organisations, successors
from directory.policy import require

router = APIRouter(prefix="/organisations", tags=["organisations"])

OrgCode = Annotated[str, Path(max_length=32)]


class Place(BaseModel):
    """Where a department stands: the code of the one above it (empty: none), 行政区划, level, and its short name."""

    model_config = ConfigDict(extra="forbid")

    short_name: Annotated[str, Field(max_length=50)] = ""
    parent_code: Annotated[str, Field(max_length=32)] = ""
    region_code: Annotated[str, Field(max_length=12, pattern=REGION_PATTERN)] = ""
    level: Annotated[str, Field(max_length=10)] = ""

    def placing(self) -> verbs.Placing:
        """As the verbs take it."""
        return verbs.Placing(self.short_name, self.parent_code, self.region_code, self.level)


class NewOrganisation(Place):
    """A department to register, with its place."""

    code: Annotated[str, Field(min_length=1, max_length=32)]
    name: Annotated[str, Field(min_length=1, max_length=200)]
    prefix: Annotated[str, Field(max_length=6)] = ""


class NewPlace(Place):
    """A changed place, and the version it is a change of."""

    version: Annotated[StrictInt, Field(ge=1)]


class OrganisationView(BaseModel):
    """A department. One that is closed names who took over by now."""

    code: str
    name: str
    short_name: str
    parent_code: str | None
    region_code: str
    level: str
    prefix: str | None
    is_office: bool
    is_confirmed: bool
    closed_on: date | None
    successors: list[str]
    former_names: list[str]
    version: int


class FaultView(BaseModel):
    """What is wrong with one row of a file."""

    row: int
    column: str
    zh: str


class Imported(BaseModel):
    """What an import did, or as a dry run would do: codes of departments."""

    is_dry_run: bool
    added: list[str]
    changed: list[str]
    unchanged: list[str]
    faults: list[FaultView]


@router.get("")
@governed_by(Action.ORGANISATION_READ)
def list_organisations(session: DbSession, actor: CurrentActor) -> list[OrganisationView]:
    """All departments, closed ones too; ``parent_code`` makes them a tree."""
    return [_view(session, each) for each in organisations(session)]


@router.post("", status_code=201)
@governed_by(Action.ORGANISATION_EDIT)
def add_organisation(body: NewOrganisation, session: DbSession, actor: CurrentActor) -> OrganisationView:
    """Register a department in its place."""
    now = datetime.now(UTC)
    made = verbs.create(session, actor, body.code, body.name, body.placing(), now, prefix=body.prefix)
    return _view(session, made)


@router.get("/export", response_class=Response, dependencies=[COSTLY])
@governed_by(Action.ORGANISATION_READ)
def export_organisations(session: DbSession, actor: CurrentActor) -> Response:
    """The tree as a workbook (xlsx), which can be filled in and imported again."""
    return workbook(importing.TITLE, importing.exported(session))


@router.post("/import", dependencies=[COSTLY])
@governed_by(Action.ORGANISATION_EDIT)
def import_organisations(
    session: DbSession, actor: CurrentActor, file: UploadFile, dry_run: Annotated[bool, Form()] = False
) -> Imported:
    """Import a tree from xlsx or csv, all or nothing; a dry run lists every fault by row and column."""
    require(actor, Action.ORGANISATION_EDIT, None)
    rows = importing.read_rows(file.filename or "", file.file.read())
    taken = importing.take(session, actor, rows, datetime.now(UTC), is_dry_run=dry_run)
    return Imported(
        is_dry_run=dry_run,
        added=list(taken.added),
        changed=list(taken.changed),
        unchanged=list(taken.unchanged),
        faults=[FaultView(row=each.row, column=each.column, zh=each.zh) for each in taken.faults],
    )


@router.get("/{org_code}")
@governed_by(Action.ORGANISATION_READ)
def show_organisation(org_code: OrgCode, session: DbSession, actor: CurrentActor) -> OrganisationView:
    """One department."""
    return _view(session, organisation(session, org_code))


@router.put("/{org_code}")
@governed_by(Action.ORGANISATION_EDIT)
def place_organisation(org_code: OrgCode, body: NewPlace, session: DbSession, actor: CurrentActor) -> OrganisationView:
    """Move a department in the tree; 409 with what changed where its version is another by now."""
    return _view(session, verbs.edit(session, actor, org_code, body.version, body.placing(), datetime.now(UTC)))


def _view(session: DbSession, own: Organisation) -> OrganisationView:
    return OrganisationView(
        code=own.code,
        name=own.name,
        short_name=own.short_name,
        parent_code=own.parent_code,
        region_code=own.region_code,
        level=own.level,
        prefix=own.prefix,
        is_office=own.is_office,
        is_confirmed=own.is_confirmed,
        closed_on=own.closed_on,
        successors=[each.code for each in successors(session, own)],
        former_names=[each.name for each in former_names(session, own)],
        version=own.version,
    )
