"""Pages of the request form: drafting a request, changing one that is not with others."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.access import drafting, renewal, supplement
from directory.access.change import change, is_changeable
from directory.access.form import Faults, RequestForm, faults_of, to_request
from directory.access.issue import offered
from directory.access.names import STATE_NAMES
from directory.access.permitted import legal_acts
from directory.access.queries import request_row, text_of, unanswered_alike
from directory.access.reply import agreed_text
from directory.access.said import BAR, PART_NAMES
from directory.access.states import Act
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.offers.views import offers_view
from directory.policy import require
from directory.resources.models import ResourceEntry
from directory.resources.queries import find
from directory.web.render import page
from metadata.access import AccessRequest
from metadata.resource import Resource

router = APIRouter(include_in_schema=False)


@router.get("/requests/new")
@governed_by(Action.REQUEST_CREATE)
def show_form(request: Request, session: DbSession, actor: CurrentActor, resource: str = "") -> Response:
    """The form for one entry; without one, the search."""
    require(actor, Action.REQUEST_CREATE, actor.org_code)
    if not resource:
        return RedirectResponse("/resources", status_code=303)
    entry, record = _offered(session, actor, resource)
    if entry.org_code == actor.org_code:
        raise DirectoryError("OWN_RESOURCE", title=entry.title)
    form = RequestForm(resource=entry.identifier or str(entry.id))
    return _form_page(request, session, actor, entry, record, form)


@router.post("/requests/new")
@governed_by(Action.REQUEST_CREATE)
def create(request: Request, session: DbSession, actor: CurrentActor, form: Annotated[RequestForm, Form()]) -> Response:
    """Draft the request."""
    require(actor, Action.REQUEST_CREATE, actor.org_code)
    entry, record = _offered(session, actor, form.resource)

    def draft(asked: AccessRequest) -> UUID:
        return drafting.create(session, actor, asked, datetime.now(UTC)).id

    return _drafted(request, session, actor, entry, record, form, draft)


@router.get("/requests/{request_id}/edit")
@governed_by(Action.REQUEST_CREATE)
def show_edit(request_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """The form with the request's present text; for those who may not change it now, the request itself."""
    row = request_row(session, actor, request_id)
    if Act.AMENDED not in legal_acts(session, actor, row):
        return RedirectResponse(f"/requests/{request_id}", status_code=303)
    entry, record = _offered(session, actor, str(row.resource_id))
    return _form_page(
        request, session, actor, entry, record, RequestForm.of(text_of(session, row)), request_id=request_id
    )


@router.post("/requests/{request_id}/edit")
@governed_by(Action.REQUEST_CREATE)
def amend(
    request_id: UUID,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    form: Annotated[RequestForm, Form()],
    version: Annotated[int | None, Query(ge=1, le=2**31 - 1)] = None,
) -> Response:
    """Replace the text; the request is a draft again."""
    row = request_row(session, actor, request_id)
    entry, record = _offered(session, actor, str(row.resource_id))

    def draft(asked: AccessRequest) -> UUID:
        drafting.amend(session, actor, request_id, asked, datetime.now(UTC), version)
        return request_id

    return _drafted(request, session, actor, entry, record, form, draft, request_id=request_id)


@router.get("/requests/{request_id}/renew")
@governed_by(Action.REQUEST_CREATE)
def show_renewal(request_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """The form with what was agreed to, for a later day; for what cannot be renewed, the request itself."""
    row = request_row(session, actor, request_id)
    if not renewal.is_renewable(session, actor, row, datetime.now(UTC)):
        return RedirectResponse(f"/requests/{request_id}", status_code=303)
    entry, record = _offered(session, actor, str(row.resource_id))
    form = RequestForm.of(agreed_text(session, row)).model_copy(update={"valid_until": ""})
    replaced = renewal.renewal_seen(session, actor, row)
    return _form_page(request, session, actor, entry, record, form, renews=request_id, replaced=replaced)


@router.post("/requests/{request_id}/renew")
@governed_by(Action.REQUEST_CREATE)
def renew(
    request_id: UUID,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    form: Annotated[RequestForm, Form()],
) -> Response:
    """Draft the request that goes on where this one ends."""
    row = request_row(session, actor, request_id)
    entry, record = _offered(session, actor, str(row.resource_id))

    def draft(asked: AccessRequest) -> UUID:
        return renewal.renew(session, actor, request_id, asked, datetime.now(UTC)).id

    return _drafted(request, session, actor, entry, record, form, draft, renews=request_id)


@router.get("/requests/{request_id}/change")
@governed_by(Action.REQUEST_CREATE)
def show_change(request_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """The form with what is granted now, to be changed; for what cannot be changed, the request itself."""
    row = request_row(session, actor, request_id)
    if not is_changeable(session, actor, row):
        return RedirectResponse(f"/requests/{request_id}", status_code=303)
    entry, record = _offered(session, actor, str(row.resource_id))
    return _form_page(
        request, session, actor, entry, record, RequestForm.of(agreed_text(session, row)), changes=request_id
    )


@router.post("/requests/{request_id}/change")
@governed_by(Action.REQUEST_CREATE)
def ask_change(
    request_id: UUID,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    form: Annotated[RequestForm, Form()],
) -> Response:
    """Draft the request that takes this one's place."""
    row = request_row(session, actor, request_id)
    entry, record = _offered(session, actor, str(row.resource_id))

    def draft(asked: AccessRequest) -> UUID:
        if len(form.reason.strip()) > LIMITS.comment_characters:
            raise DirectoryError("FORM_TEXT_LONG", most=LIMITS.comment_characters, count=len(form.reason.strip()))
        return change(session, actor, request_id, asked, form.reason, datetime.now(UTC)).id

    return _drafted(request, session, actor, entry, record, form, draft, changes=request_id)


def _offered(session: Session, actor: Actor, ref: str) -> tuple[ResourceEntry, Resource]:
    entry = find(session, actor, ref)
    return entry, offered(session, entry)


def _drafted(
    request: Request,
    session: Session,
    actor: Actor,
    entry: ResourceEntry,
    record: Resource,
    form: RequestForm,
    draft: Callable[[AccessRequest], UUID],
    *,
    request_id: UUID | None = None,
    renews: UUID | None = None,
    changes: UUID | None = None,
) -> Response:
    """The request that ``draft`` has made of the form; whatever is refused stands beside its field, and what was typed
    stays.
    """
    form_page = partial(
        _form_page, request, session, actor, entry, record, request_id=request_id, renews=renews, changes=changes
    )
    asked = to_request(form.model_copy(update={"resource": form.resource or str(entry.id)}))
    if isinstance(asked, Faults):
        return form_page(form, asked, status=422)
    try:
        with session.begin_nested():  # a refusal half way leaves nothing
            drafted = draft(asked)
    except DirectoryError as error:
        return form_page(form, faults_of(error.problem()), status=error.status)
    return RedirectResponse(f"/requests/{drafted}", status_code=303)


def _form_page(
    request: Request,
    session: Session,
    actor: Actor,
    entry: ResourceEntry,
    record: Resource,
    form: RequestForm,
    faults: Faults | None = None,
    *,
    request_id: UUID | None = None,
    renews: UUID | None = None,
    replaced: UUID | None = None,
    changes: UUID | None = None,
    status: int = 200,
) -> HTMLResponse:
    return page(
        request,
        "access/request_form.html",
        status_code=status,
        entry=entry,
        record=record,
        form=form,
        faults=faults or Faults(),
        offers=offers_view(session, actor, str(entry.id)),
        BAR=BAR,
        is_files=bool(record.mounts) and all(mount.kind in ("file", "folder") for mount in record.mounts),
        request_id=request_id or renews or changes,
        version=request_row(session, actor, request_id).version if request_id else None,
        changes=changes,
        notice=supplement.open_notice(session, request_row(session, actor, request_id)) if request_id else None,
        PARTS=PART_NAMES,
        renews=renews,
        replaced=replaced,
        alike=() if request_id or renews or changes else unanswered_alike(session, actor, entry.id),
        STATE_NAMES={f"{state}/{stage}": name for (state, stage), name in STATE_NAMES.items()},
        tomorrow=shanghai_today() + timedelta(days=1),
    )
