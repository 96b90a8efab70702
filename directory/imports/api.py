"""Imports for programs: upload, map, check, repair, choose, run, undo; each what the pages do."""

from datetime import UTC, datetime
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.http.throttle import COSTLY
from directory.imports import check, mapping, queries, repairs, run, undo, upload
from directory.imports.comparison import changes
from directory.imports.models import Import
from directory.imports.refusal import refusal
from directory.imports.views import (
    CellPage,
    ColumnView,
    EntryPage,
    EntryView,
    ImportLine,
    ImportView,
    RunView,
)
from directory.limits import LIMITS
from directory.policy import require
from metadata.formats.workbook_elements import element_label

router = APIRouter(prefix="/imports", tags=["imports"])

PageNumber = Annotated[int, Query(ge=1, le=100_000)]
Of = Annotated[str, Query(max_length=30)]


class ColumnChoice(BaseModel):
    """What one column is; an empty element leaves it out."""

    model_config = ConfigDict(extra="forbid")

    sheet: Annotated[str, Field(max_length=200)]
    index: Annotated[StrictInt, Field(ge=0, le=10_000)]
    element: Annotated[str, Field(max_length=40)]


class Mapped(BaseModel):
    """The columns that are to be something else than proposed."""

    model_config = ConfigDict(extra="forbid")

    columns: Annotated[list[ColumnChoice], Field(max_length=500)] = []


class TypedCell(BaseModel):
    """A person's own words for a cell."""

    model_config = ConfigDict(extra="forbid")

    number: Annotated[StrictInt, Field(ge=1, le=10_000_000)]
    after: Annotated[str, Field(max_length=32_767)]


class Repairs(BaseModel):
    """The kinds of repair to make, and cells to put other words into."""

    model_config = ConfigDict(extra="forbid")

    faults: Annotated[list[Annotated[str, Field(max_length=30)]], Field(max_length=20)] = []
    cells: Annotated[list[TypedCell], Field(max_length=10_000)] = []


class Updates(BaseModel):
    """The numbers of the differing entries that are to get a new version; all others stay as they are."""

    model_config = ConfigDict(extra="forbid")

    updates: Annotated[list[Annotated[StrictInt, Field(ge=1, le=10_000_000)]], Field(max_length=100_000)] = []


class Run(BaseModel):
    """How to carry it out: for trial; all or only what is good; new entries without the cells that cannot be taken."""

    model_config = ConfigDict(extra="forbid")

    dry_run: StrictBool = False
    only_good: StrictBool = False
    without_broken: StrictBool = False


@router.post("", status_code=201)
@governed_by(Action.IMPORT_RUN)
def upload_file(
    session: DbSession,
    actor: CurrentActor,
    file: UploadFile,
    provider: Annotated[str, Form(max_length=32, description="code of the department, where the file names none")] = "",
) -> ImportView:
    """Keep a workbook or core-metadata XML as an import; nothing goes into the catalogue yet."""
    require(actor, Action.IMPORT_RUN, None)
    row = upload.upload(session, actor, file.file.read(), file.filename or "", provider, datetime.now(UTC))
    return ImportView.of(session, row)


@router.get("")
@governed_by(Action.IMPORT_READ)
def list_imports(session: DbSession, actor: CurrentActor, page: PageNumber = 1) -> list[ImportLine]:
    """The imports of the caller's department, or of all, newest first."""
    found, _ = queries.list_imports(session, actor, page)
    return [ImportLine.of(row) for row in found]


@router.get("/{import_id}")
@governed_by(Action.IMPORT_READ)
def show_import(import_id: UUID, session: DbSession, actor: CurrentActor) -> ImportView:
    """The import and how far it has come."""
    return ImportView.of(session, queries.find_import(session, actor, import_id, Action.IMPORT_READ))


@router.get("/{import_id}/mapping")
@governed_by(Action.IMPORT_READ)
def show_mapping(import_id: UUID, session: DbSession, actor: CurrentActor) -> list[ColumnView]:
    """What each column is taken for."""
    return _columns(queries.find_import(session, actor, import_id, Action.IMPORT_READ))


@router.post("/{import_id}/mapping")
@governed_by(Action.IMPORT_RUN)
def choose_mapping(import_id: UUID, body: Mapped, session: DbSession, actor: CurrentActor) -> list[ColumnView]:
    """Say what columns are; the check begins anew."""
    choices = [mapping.Choice(each.sheet, each.index, each.element) for each in body.columns]
    return _columns(mapping.choose(session, actor, import_id, choices, datetime.now(UTC)))


@router.post("/{import_id}/check")
@governed_by(Action.IMPORT_RUN)
def check_import(import_id: UUID, session: DbSession, actor: CurrentActor) -> ImportView:
    """Do the next stage of the check; to be called until ``state`` is ``checked``."""
    return ImportView.of(session, check.advance(session, actor, import_id, datetime.now(UTC)))


@router.get("/{import_id}/repairs")
@governed_by(Action.IMPORT_READ)
def list_cells(import_id: UUID, session: DbSession, actor: CurrentActor, of: Of = "", page: PageNumber = 1) -> CellPage:
    """What was found in cells: ``of`` a fault, ``broken`` (a person must mend), ``doubtful`` (warnings), or all."""
    row = queries.find_import(session, actor, import_id, Action.IMPORT_READ)
    found, where = queries.cells(session, row, of, page, LIMITS.list_count)
    return CellPage.of(list(found), where)


@router.post("/{import_id}/repairs")
@governed_by(Action.IMPORT_RUN)
def apply_repairs(import_id: UUID, body: Repairs, session: DbSession, actor: CurrentActor) -> ImportView:
    """Make repairs in a new revision of the file, which is then to be checked again."""
    choices = [repairs.CellChoice(each.number, is_chosen=True, typed=each.after) for each in body.cells]
    if choices:
        repairs.choose_cells(session, actor, import_id, choices)
    return ImportView.of(session, repairs.apply(session, actor, import_id, body.faults, datetime.now(UTC)))


@router.get("/{import_id}/entries")
@governed_by(Action.IMPORT_READ)
def list_entries(
    import_id: UUID, session: DbSession, actor: CurrentActor, of: Of = "", page: PageNumber = 1
) -> EntryPage:
    """The file's entries: ``of`` a standing (new, unchanged, different, refused), an outcome, ``twins``, or all."""
    row = queries.find_import(session, actor, import_id, Action.IMPORT_READ)
    found, where = queries.entries(session, row, of, page, LIMITS.page_count)
    elements = check.elements_of(row)
    views = [
        EntryView.of(
            each,
            [{**vars(one)} for one in changes(session, each, elements)] if each.standing == "different" else [],
        )
        for each in found
    ]
    return EntryPage(total=where.total, page=where.number, entries=views)


@router.post("/{import_id}/entries")
@governed_by(Action.IMPORT_RUN)
def choose_entries(import_id: UUID, body: Updates, session: DbSession, actor: CurrentActor) -> ImportView:
    """Say which differing entries are to be updated."""
    return ImportView.of(session, run.choose_updates(session, actor, import_id, body.updates, ()))


@router.post("/{import_id}/run")
@governed_by(Action.IMPORT_RUN)
def run_import(import_id: UUID, body: Run, request: Request, session: DbSession, actor: CurrentActor) -> RunView:
    """Carry it out: all or none, or only what is good; a trial changes nothing."""
    report = run.carry_out(
        session,
        actor,
        import_id,
        request.app.state.settings.classes,
        datetime.now(UTC),
        is_dry_run=body.dry_run,
        only_good=body.only_good,
        without_broken=body.without_broken,
    )
    if report.refused and not body.dry_run and not body.only_good:
        raise refusal(report)
    row = queries.find_import(session, actor, import_id, Action.IMPORT_RUN)
    return RunView.of(report, row.state)


@router.post("/{import_id}/undo")
@governed_by(Action.IMPORT_RUN)
def undo_import(import_id: UUID, session: DbSession, actor: CurrentActor) -> ImportView:
    """Take back what the import wrote, but for what somebody has worked on since."""
    return ImportView.of(session, undo.undo(session, actor, import_id, datetime.now(UTC)))


@router.post("/{import_id}/discard")
@governed_by(Action.IMPORT_RUN)
def discard_import(import_id: UUID, session: DbSession, actor: CurrentActor) -> ImportView:
    """Give it up before anything was imported."""
    return ImportView.of(session, upload.discard_import(session, actor, import_id, datetime.now(UTC)))


@router.get(
    "/{import_id}/workbook",
    response_class=Response,
    dependencies=[COSTLY],
    responses={200: {"content": {"application/octet-stream": {}}}},
)
@governed_by(Action.IMPORT_READ)
def download(import_id: UUID, session: DbSession, actor: CurrentActor, form: repairs.Form = "marked") -> Response:
    """The file as it came, as repaired, or with its cells marked."""
    data, name = repairs.workbook(session, actor, import_id, form)
    return attachment(data, name)


def attachment(data: bytes, name: str) -> Response:
    """A file to be saved under this name, whatever is in it."""
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(data, media_type="application/octet-stream", headers=headers)


def _columns(row: Import) -> list[ColumnView]:
    if row.mapping is None:
        raise DirectoryError("IMPORT_NO_COLUMNS")
    return [
        ColumnView(**each.model_dump(), element_label=element_label(each.element) if each.element else "不导入")
        for each in row.mapping.columns
    ]
