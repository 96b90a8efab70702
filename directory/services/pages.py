"""Pages of changed and ended services: the list with changes of items in use, announcing, one notice."""

from datetime import UTC, date, datetime
from typing import Annotated, Final, cast
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.policy import require
from directory.resources.queries import find
from directory.services import announce, item_changes
from directory.services.announce import Kind
from directory.services.queries import notice_rows, running_uses
from directory.services.views import KIND_NAMES, ServiceView, lines, view
from directory.typed import day_typed, id_in, number_in
from directory.web.render import page, page_after

router = APIRouter(prefix="/services", include_in_schema=False)

_FIELDS: Final = {"COMMENT_REQUIRED": "words", "SERVICE_DAYS": "days", "DAY_UNREADABLE": "days", "DAY_FAR": "days"}


class NoticeForm(BaseModel):
    """A notice as the form was sent."""

    model_config = ConfigDict(frozen=True)

    resource: Annotated[str, Form(max_length=100)] = ""
    kind: Annotated[str, Form(max_length=10)] = ""
    words: Annotated[str, Form(max_length=2000)] = ""
    answer_by: Annotated[str, Form(max_length=10)] = ""
    takes_effect_on: Annotated[str, Form(max_length=10)] = ""


class WordForm(BaseModel):
    """What is said about a notice, as the form was sent."""

    model_config = ConfigDict(frozen=True)

    act: Annotated[str, Form(max_length=10)] = ""
    request_id: Annotated[str, Form(max_length=36)] = ""
    words: Annotated[str, Form(max_length=2000)] = ""


@router.get("")
@governed_by(Action.SERVICE_READ)
def browse(request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """Notices that concern the reader, and what changed of the items they use."""
    require(actor, Action.SERVICE_READ, actor.org_code)
    return _list_page(request, session, actor)


@router.get("/new")
@governed_by(Action.SERVICE_ANNOUNCE)
def show_form(
    request: Request, session: DbSession, actor: CurrentActor, resource: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """The form of a notice for one entry; without one, the department's catalogue."""
    require(actor, Action.SERVICE_ANNOUNCE, actor.org_code)
    if not resource:
        return RedirectResponse("/catalogue", status_code=303)
    return _form_page(request, session, actor, NoticeForm(resource=resource))


@router.post("/new")
@governed_by(Action.SERVICE_ANNOUNCE)
def send_notice(
    request: Request, session: DbSession, actor: CurrentActor, form: Annotated[NoticeForm, Form()]
) -> Response:
    """Announce it; a refusal stands beside its field, and what was typed stays."""
    require(actor, Action.SERVICE_ANNOUNCE, actor.org_code)
    try:
        answer_by, takes_effect_on = day_typed(form.answer_by), day_typed(form.takes_effect_on)
        if form.kind not in KIND_NAMES:
            raise DirectoryError("DECISION_MISSING")
        with session.begin_nested():
            made = announce.announce(
                session,
                actor,
                form.resource,
                cast("Kind", form.kind),
                form.words,
                answer_by,
                takes_effect_on,
                datetime.now(UTC),
            )
    except DirectoryError as error:
        return _form_page(request, session, actor, form, error)
    return RedirectResponse(f"/services/{made.id}", status_code=303)


@router.post("/item-changes/{request_id}")
@governed_by(Action.ITEM_CHANGE_NOTE)
def note(
    request_id: UUID, session: DbSession, actor: CurrentActor, version: Annotated[str, Form(max_length=10)] = ""
) -> Response:
    """Take note; somebody else's note meanwhile does as well."""
    try:
        item_changes.note(session, actor, request_id, number_in(version) or 0, datetime.now(UTC))
    except DirectoryError as error:
        if error.code != "ITEM_CHANGE_NOTED":
            raise
    return RedirectResponse(f"/requests/{request_id}#changed-items", status_code=303)


@router.get("/{notice_id}")
@governed_by(Action.SERVICE_READ)
def show(notice_id: UUID, request: Request, session: DbSession, actor: CurrentActor) -> HTMLResponse:
    """One notice: who uses the service, what they say, and what the reader may do."""
    return _notice_page(request, session, actor, notice_id)


@router.post("/{notice_id}")
@governed_by(Action.SERVICE_ANSWER, Action.SERVICE_ANNOUNCE, Action.SERVICE_FILE)
def say(
    notice_id: UUID, request: Request, session: DbSession, actor: CurrentActor, form: Annotated[WordForm, Form()]
) -> Response:
    """Answer, reply, file or withdraw; a refusal is shown on the notice, with what was typed."""
    try:
        with session.begin_nested():
            _say(session, actor, notice_id, form, datetime.now(UTC))
    except DirectoryError as error:
        return _notice_page(request, session, actor, notice_id, form, error)
    return RedirectResponse(f"/services/{notice_id}", status_code=303)


def _say(session: Session, actor: Actor, notice_id: UUID, form: WordForm, now: datetime) -> None:
    match form.act:
        case "agreed" | "objected":
            use, is_agreed = _use(form.request_id), form.act == "agreed"
            announce.answer(session, actor, notice_id, use, is_agreed=is_agreed, words=form.words, now=now)
        case "reply":
            announce.reply(session, actor, notice_id, form.words, now)
        case "file":
            announce.file(session, actor, notice_id, form.words, now)
        case "withdraw":
            announce.withdraw(session, actor, notice_id, form.words, now)
        case _:
            raise DirectoryError("DECISION_MISSING")


def _list_page(request: Request, session: Session, actor: Actor) -> HTMLResponse:
    found = lines(session, actor, notice_rows(session, actor), shanghai_today())
    return page(
        request,
        "services/list.html",
        open_notices=[each for each in found if each.status in ("answering", "filable")],
        done_notices=[each for each in found if each.status not in ("answering", "filable")],
        changes=item_changes.item_changes(session, actor),
        waiting={(each.request_id, each.version) for each in item_changes.waiting(session, actor)},
    )


def _form_page(
    request: Request, session: Session, actor: Actor, form: NoticeForm, error: DirectoryError | None = None
) -> HTMLResponse:
    entry = find(session, actor, form.resource)
    require(actor, Action.SERVICE_ANNOUNCE, entry.org_code)
    return page_after(
        request,
        "services/form.html",
        error,
        entry=entry,
        form=form,
        kinds=KIND_NAMES,
        uses=len(running_uses(session, entry.id)),
        tomorrow=date.fromordinal(shanghai_today().toordinal() + 1),
        error_field=_FIELDS.get(error.code, "") if error else "",
    )


def _notice_page(
    request: Request,
    session: Session,
    actor: Actor,
    notice_id: UUID,
    form: WordForm | None = None,
    error: DirectoryError | None = None,
) -> HTMLResponse:
    shown: ServiceView = view(session, actor, notice_id, shanghai_today())
    return page_after(
        request,
        "services/notice.html",
        error,
        view=shown,
        own=[use for use in shown.uses if use.is_yours],
        form=form or WordForm(),
        error_field=_FIELDS.get(error.code, "") if error else "",
    )


def _use(text: str) -> UUID:
    found = id_in(text)
    if found is None:
        raise DirectoryError("SERVICE_NOT_YOURS", request_id=text[:36])
    return found
