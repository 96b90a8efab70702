"""Pages of imports: the list with the upload, the columns, and the import wherever it stands."""

from datetime import UTC, datetime
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, UploadFile
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.accounts.queries import display_names
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.http.throttle import COSTLY
from directory.imports import mapping, repairs, upload
from directory.imports.api import attachment
from directory.imports.models import Import
from directory.imports.queries import clean_up, find_import, list_imports, revisions
from directory.imports.sent import Sent, SentForm
from directory.limits import LIMITS
from directory.organisations.queries import open_organisations, organisation
from directory.roles import OFFICE_ROLES
from directory.web.render import page, page_after
from metadata.formats.workbook import column_letters
from metadata.formats.workbook_elements import ELEMENTS
from standards.errors import ExplainedError

router = APIRouter(include_in_schema=False)

PATH: Final = "/imports"
PageNumber = Annotated[int, Query(ge=1, le=100_000)]


@router.get(PATH)
@governed_by(Action.IMPORT_READ)
def show_imports(request: Request, session: DbSession, actor: CurrentActor, page: PageNumber = 1) -> Response:
    """The department's imports, and the form that begins one."""
    clean_up(session, datetime.now(UTC))
    return _list_page(request, session, actor, page)


@router.post(PATH)
@governed_by(Action.IMPORT_RUN)
def upload_file(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    file: UploadFile,
    provider: Annotated[str, Form(max_length=32)] = "",
) -> Response:
    """Keep the file and lead on; a refusal is said above the form."""
    name = file.filename or ""
    try:
        if not name:
            raise DirectoryError("IMPORT_FILE_MISSING")
        with session.begin_nested():
            row = upload.upload(session, actor, file.file.read(), name, provider, datetime.now(UTC))
    except ExplainedError as error:
        return _list_page(request, session, actor, 1, problem=error.problem(), file_name=name, provider=provider)
    return lead_on(row)


@router.get(PATH + "/{import_id}")
@governed_by(Action.IMPORT_READ)
def show_import(import_id: UUID, session: DbSession, actor: CurrentActor) -> Response:
    """To the page of the step at which the import stands."""
    return lead_on(find_import(session, actor, import_id, Action.IMPORT_READ))


@router.get(PATH + "/{import_id}/mapping")
@governed_by(Action.IMPORT_READ)
def show_mapping(import_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """What each column is taken for."""
    return _mapping_page(request, session, find_import(session, actor, import_id, Action.IMPORT_READ))


@router.post(PATH + "/{import_id}/mapping")
@governed_by(Action.IMPORT_RUN)
def choose_mapping(
    import_id: UUID, request: Request, session: DbSession, actor: CurrentActor, form: SentForm
) -> Response:
    """Take what was chosen and begin the check; a refusal keeps every choice."""
    row = find_import(session, actor, import_id, Action.IMPORT_RUN)
    choices = form.choices(row.mapping) if row.mapping else []
    try:
        with session.begin_nested():
            mapping.choose(session, actor, import_id, choices, datetime.now(UTC))
    except ExplainedError as error:
        session.expire_all()
        row = find_import(session, actor, import_id, Action.IMPORT_RUN)
        return _mapping_page(request, session, row, form, error)
    return RedirectResponse(f"{PATH}/{import_id}/check", status_code=303)


@router.post(PATH + "/{import_id}/discard")
@governed_by(Action.IMPORT_RUN)
def discard(import_id: UUID, session: DbSession, actor: CurrentActor) -> Response:
    """Give the import up."""
    upload.discard_import(session, actor, import_id, datetime.now(UTC))
    return RedirectResponse(PATH, status_code=303)


@router.get(PATH + "/{import_id}/workbook/{form}", dependencies=[COSTLY])
@governed_by(Action.IMPORT_READ)
def download(import_id: UUID, form: repairs.Form, session: DbSession, actor: CurrentActor) -> Response:
    """The file as it came, as repaired, or marked."""
    return attachment(*repairs.workbook(session, actor, import_id, form))


def lead_on(row: Import) -> Response:
    """To the step at which the import stands."""
    step = "result" if row.state in {"carried_out", "undone", "discarded"} else "check"
    if row.state == "uploaded" and not row.stage and row.mapping is not None:
        step = "mapping"
    return RedirectResponse(f"{PATH}/{row.id}/{step}", status_code=303)


def facts(session: Session, row: Import) -> dict[str, Any]:
    """What the column at the side says of every import."""
    made = revisions(session, row)
    people = [row.uploaded_by, *([row.ended_by] if row.ended_by else []), *(each[3] for each in made)]
    return {
        "row": row,
        "names": display_names(session, people),
        "revisions": made,
        "department": organisation(session, row.org_code).name if row.org_code else "命令行",
        "keep_days": LIMITS.import_keep_days,
    }


def _list_page(
    request: Request,
    session: Session,
    actor: Actor,
    number: int,
    problem: dict[str, Any] | None = None,
    file_name: str = "",
    provider: str = "",
) -> Response:
    rows, where = list_imports(session, actor, number)
    is_office = bool(actor.roles & OFFICE_ROLES)
    return page(
        request,
        "imports/imports.html",
        status_code=int(problem["status"]) if problem else 200,
        rows=rows,
        where=where,
        names=display_names(session, [each.uploaded_by for each in rows]),
        departments={each.code: each.name for each in open_organisations(session)} if is_office else {},
        problem=problem,
        file_name=file_name,
        provider=provider,
        limit_bytes=LIMITS.import_file_bytes,
        keep_days=LIMITS.import_keep_days,
    )


def _mapping_page(
    request: Request,
    session: Session,
    row: Import,
    form: Sent | None = None,
    error: ExplainedError | None = None,
) -> Response:
    if row.mapping is None:
        return RedirectResponse(f"{PATH}/{row.id}/check", status_code=303)
    chosen = {(each.sheet, each.index): each.element for each in form.choices(row.mapping)} if form else {}
    sheets = [
        (
            place,
            header,
            [
                (column_letters(each.index), each, chosen.get((each.sheet, each.index), each.element))
                for each in row.mapping.columns
                if each.sheet == header.sheet
            ],
        )
        for place, header in enumerate(row.mapping.headers)
    ]
    return page_after(
        request,
        "imports/mapping.html",
        error,
        sheets=sheets,
        is_open=row.state in {"uploaded", "checked"},
        entry_elements=[each for each in ELEMENTS.values() if not each.is_item],
        item_elements=[each for each in ELEMENTS.values() if each.is_item],
        **facts(session, row),
    )
