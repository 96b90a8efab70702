"""Pages of the tree of departments: the tree, one department and its place, a new one, and the table taken in."""

from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Form, Path, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.http.throttle import COSTLY
from directory.organisations import edit as verbs
from directory.organisations import importing
from directory.organisations.models import LEVELS, Organisation
from directory.organisations.queries import (
    children,
    former_names,
    open_organisations,
    organisation,
    organisations,
    successors,
)
from directory.policy import require
from directory.reform.queries import all_done
from directory.resources.models import ResourceEntry
from directory.web.render import page, page_after
from standards.errors import ExplainedError
from standards.regions import label

router = APIRouter(prefix="/organisations", include_in_schema=False)

OrgCode = Annotated[str, Path(max_length=32)]
Code = Annotated[str, Form(max_length=32)]
ShortName = Annotated[str, Form(max_length=50)]
RegionCode = Annotated[str, Form(max_length=12)]
Level = Annotated[str, Form(max_length=10)]


@router.get("")
@governed_by(Action.ORGANISATION_READ)
def show_tree(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """Who stands under whom; those that were merged or split apart, with who took over."""
    every = organisations(session)
    standing = [each for each in every if each.closed_on is None]
    counted = session.execute(
        select(ResourceEntry.org_code, func.count())
        .where(ResourceEntry.published_version.is_not(None), ResourceEntry.status == "published")
        .group_by(ResourceEntry.org_code)
    )
    return page(
        request,
        "organisations/tree.html",
        below=children(standing),
        closed=[(each, successors(session, each)) for each in every if each.closed_on is not None],
        counts={code: number for code, number in counted},  # noqa: C416
        total=len(standing),
        levels=LEVELS,
    )


@router.get("/new")
@governed_by(Action.ORGANISATION_EDIT)
def show_form(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """An empty form."""
    require(actor, Action.ORGANISATION_EDIT, None)
    return _form_page(request, session, {})


@router.post("/new")
@governed_by(Action.ORGANISATION_EDIT)
def add_organisation(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    code: Code = "",
    org_name: Annotated[str, Form(max_length=200)] = "",
    short_name: ShortName = "",
    parent_code: Code = "",
    region_code: RegionCode = "",
    level: Level = "",
    prefix: Annotated[str, Form(max_length=6)] = "",
) -> Response:
    """Register a department; a refusal is said above the form, with what was typed."""
    placing = verbs.Placing(short_name, parent_code, region_code, level)
    try:
        with session.begin_nested():
            made = verbs.create(session, actor, code, org_name, placing, datetime.now(UTC), prefix=prefix.strip())
    except ExplainedError as error:
        typed = vars(placing) | {"code": code, "org_name": org_name, "prefix": prefix}
        return _form_page(request, session, typed, error)
    return RedirectResponse(f"/organisations/{made.code}", status_code=303)


@router.get("/import")
@governed_by(Action.ORGANISATION_EDIT)
def show_import(request: Request, actor: CurrentActor) -> HTMLResponse:
    """Where the table is taken in."""
    require(actor, Action.ORGANISATION_EDIT, None)
    return page(request, "organisations/import.html", taken=None, problem=None, file_name="")


@router.post("/import", dependencies=[COSTLY])
@governed_by(Action.ORGANISATION_EDIT)
def take_table(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    file: UploadFile,
    do: Annotated[str, Form(max_length=10)] = "check",
) -> HTMLResponse:
    """Check a table row by row, or take it in whole."""
    problem, taken = None, None
    try:
        with session.begin_nested():
            require(actor, Action.ORGANISATION_EDIT, None)
            rows = importing.read_rows(file.filename or "", file.file.read())
            taken = importing.take(session, actor, rows, datetime.now(UTC), is_dry_run=do != "import")
    except ExplainedError as error:
        problem = error.problem() | {"findings": error.values.get("findings", [])}
    return page(
        request,
        "organisations/import.html",
        status_code=422 if problem else 200,
        taken=taken,
        problem=problem,
        file_name=(file.filename or "")[:100],
    )


@router.get("/{org_code}")
@governed_by(Action.ORGANISATION_READ)
def show_organisation(org_code: OrgCode, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """One department: its place, the names it had, the acts it was part of; of a closed one who took over."""
    own = organisation(session, org_code)
    return _one_page(request, session, own, vars(verbs.placing_of(own)) | {"version": own.version})


@router.post("/{org_code}")
@governed_by(Action.ORGANISATION_EDIT)
def place_organisation(
    org_code: OrgCode,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    version: Annotated[int, Form(ge=1)],
    short_name: ShortName = "",
    parent_code: Code = "",
    region_code: RegionCode = "",
    level: Level = "",
) -> Response:
    """Save the place; a refusal is said above the form, with what was typed."""
    placing = verbs.Placing(short_name, parent_code, region_code, level)
    try:
        with session.begin_nested():
            verbs.edit(session, actor, org_code, version, placing, datetime.now(UTC))
    except ExplainedError as error:
        session.expire_all()
        own = organisation(session, org_code)
        return _one_page(request, session, own, vars(placing) | {"version": own.version}, error)
    return RedirectResponse(f"/organisations/{org_code}", status_code=303)


def _one_page(
    request: Request,
    session: Session,
    own: Organisation,
    typed: dict[str, object],
    error: ExplainedError | None = None,
) -> HTMLResponse:
    every = organisations(session)
    return page_after(
        request,
        "organisations/organisation.html",
        error,
        own=own,
        typed=typed,
        above=_above(session, own),
        below=[each for each in every if each.parent_code == own.code and each.closed_on is None],
        others=[each for each in every if each.closed_on is None and each.code != own.code],
        former=former_names(session, own),
        acts=all_done(session, own.code),
        taken_over_by=successors(session, own),
        levels=LEVELS,
        region=label(own.region_code[:6]) if own.region_code else "",
    )


def _form_page(
    request: Request, session: Session, typed: dict[str, object], error: ExplainedError | None = None
) -> HTMLResponse:
    blank = dict.fromkeys(("code", "org_name", "short_name", "parent_code", "region_code", "level", "prefix"), "")
    return page_after(
        request,
        "organisations/new.html",
        error,
        typed=blank | typed,
        others=open_organisations(session),
        levels=LEVELS,
    )


def _above(session: Session, own: Organisation) -> list[Organisation]:
    """Those above, the topmost first."""
    found: list[Organisation] = []
    code = own.parent_code
    while code is not None:
        each = organisation(session, code)
        found.insert(0, each)
        code = each.parent_code
    return found
