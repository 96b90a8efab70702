"""Pages on which an entry is described: where a new one begins, the form, and what was wrong with it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID, uuid4

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy.orm import Session

from directory.accounts.queries import display_names
from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.editing.form import Faults, Form, field_of, in_order
from directory.editing.merge import merge
from directory.editing.queries import find_by_source, returned_version, version_worked_on
from directory.editing.rows import is_act, turn
from directory.editing.sent import Sent, SentForm
from directory.editing.view import FormPage, form_page
from directory.errors import DirectoryError
from directory.libraries.names import library_labels, require_library
from directory.organisations.queries import open_organisations, organisation
from directory.policy import NOWHERE, allows, require
from directory.resources import edit as entries
from directory.resources import queries
from directory.resources.copy import copy
from directory.resources.models import ResourceEntry, ResourceVersion
from directory.resources.pages import address_of
from directory.resources.register import register
from directory.resources.states import EDITABLE, STATUSES
from directory.resources.templates import template_of
from directory.web.render import page
from metadata.resource import UNTITLED, Party, Resource
from metadata.rules import lacks
from standards.errors import ExplainedError
from standards.findings import Finding

router = APIRouter(include_in_schema=False)

Segment = Annotated[str, Path(max_length=100)]
_NEW = "/resources/new"
_RECENT = 8
_FIELD_OF_CODE = {"LIBRARY_UNKNOWN": "library", "IDENTIFIER_INVALID": "class_code"}


@router.get(_NEW)
@governed_by(Action.RESOURCE_REGISTER)
def show_new(
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    library: Annotated[str | None, Query(max_length=32)] = None,
    provider: Annotated[str, Query(max_length=32)] = "",
) -> Response:
    """The form of a new entry from a library's template (``library=`` for an empty one); without it, the choice."""
    own = _provider(session, actor, provider)
    if library is None:
        is_for_all = allows(actor, Action.RESOURCE_REGISTER, NOWHERE)
        recent = queries.entries_in(session, actor, list(STATUSES), actor.org_code)
        return page(
            request,
            "editing/new.html",
            libraries=library_labels(session),
            departments=open_organisations(session) if is_for_all else [],
            recent=list(reversed(recent))[:_RECENT],
        )
    base = _beginning(session, library, own)
    form = Form.of(base)
    form = Form({**form.values, "title": ("",)}, form.tables)
    controls = {"template": library, "provider": own.code, "key": str(uuid4())}
    return _new_page(request, session, FormPage(form, _NEW, controls=controls, focus="title"))


@router.post(_NEW)
@governed_by(Action.RESOURCE_REGISTER)
def create(request: Request, session: DbSession, actor: CurrentActor, sent: SentForm) -> Response:
    """Register the entry as a draft, once however often the form is sent; or show the form with what is wrong."""
    own = _provider(session, actor, sent.controls.get("provider", ""))
    shown = FormPage(sent.form, _NEW, controls=sent.controls)
    if is_act(sent.do):
        return _new_page(request, session, _turned(shown, sent))
    key = _key(sent)
    made = find_by_source(session, own.code, key)
    if made is not None:
        return RedirectResponse(f"{address_of(made)}/edit?done=saved", status_code=303)
    form = sent.form.without_blanks()
    read = form.read(_beginning(session, sent.controls.get("template", ""), own))
    shown = replace(shown, form=form)
    if isinstance(read, Faults):
        return _new_page(request, session, replace(shown, faults=read, status=422))
    try:
        with session.begin_nested():
            saved = register(
                session, actor, read, request.app.state.settings.classes, datetime.now(UTC), source_key=key
            )
    except ExplainedError as error:
        return _new_page(request, session, replace(shown, faults=_faults_of(error), status=error.status))
    return _after(saved.entry, sent, "registered")


@router.get("/resources/{ref}/edit")
@governed_by(Action.RESOURCE_EDIT)
def show_edit(
    ref: Segment,
    request: Request,
    session: DbSession,
    actor: CurrentActor,
    done: Annotated[str, Query(max_length=20)] = "",
    check: Annotated[str, Query(max_length=5)] = "",
) -> Response:
    """The form with the version being worked on; with ``check``, everything publication still needs."""
    entry = _editable(session, actor, ref)
    record = queries.current_record(session, entry)
    shown = _shown(session, entry, Form.of(record), entry.current_version)
    return form_page(request, session, replace(shown, done=done, lacks=lacks(record) if check else None))


@router.post("/resources/{ref}/edit")
@governed_by(Action.RESOURCE_EDIT)
def save(ref: Segment, request: Request, session: DbSession, actor: CurrentActor, sent: SentForm) -> Response:
    """Store the next version; what is wrong stands beside its field, and what another wrote meanwhile beside it too."""
    entry = _editable(session, actor, ref)
    shown = _shown(session, entry, sent.form, sent.version)
    if is_act(sent.do):
        return form_page(request, session, _turned(shown, sent))
    base = queries.version_record(session, actor, entry, sent.version)
    form = sent.form.without_blanks()
    if sent.version != entry.current_version:
        return _both(request, session, entry, base, sent, form)
    read = form.read(base)
    shown = replace(shown, form=form)
    if isinstance(read, Faults):
        return form_page(request, session, replace(shown, faults=read, status=422))
    try:
        with session.begin_nested():
            saved = entries.edit(session, actor, ref, read, sent.version, datetime.now(UTC))
    except ExplainedError as error:
        session.expire_all()
        if error.code == "VERSION_CHANGED":
            return _both(request, session, _editable(session, actor, ref), base, sent, form)
        return form_page(request, session, replace(shown, faults=_faults_of(error), status=error.status))
    return _after(saved.entry, sent, "saved" if saved.entry.current_version > sent.version else "same")


@router.post("/resources/{ref}/copy")
@governed_by(Action.RESOURCE_REGISTER)
def copy_entry(ref: Segment, request: Request, session: DbSession, actor: CurrentActor) -> Response:
    """A draft with the same content, and its form."""
    saved = copy(session, actor, ref, request.app.state.settings.classes, datetime.now(UTC))
    may_edit = allows(actor, Action.RESOURCE_EDIT, saved.entry.org_code)
    return RedirectResponse(f"{address_of(saved.entry)}{'/edit?done=copied' if may_edit else ''}", status_code=303)


def _both(request: Request, session: Session, entry: ResourceEntry, base: Resource, sent: Sent, form: Form) -> Response:
    """Somebody saved meanwhile: both are put together, and where both changed a field, both stand there."""
    now = Form.of(queries.current_record(session, entry))
    merged = merge(Form.of(base), form, now)
    if merged.form == now:  # the same form sent twice
        return _after(entry, sent, "saved")
    newest = version_worked_on(session, entry)
    author = display_names(session, [newest.created_by]).get(newest.created_by, "他人")
    shown = _shown(session, entry, merged.form, entry.current_version)
    return form_page(request, session, replace(shown, theirs=merged.theirs, other=author, done="merged", status=412))


def _editable(session: Session, actor: Actor, ref: str) -> ResourceEntry:
    entry = queries.find(session, actor, ref)
    require(actor, Action.RESOURCE_EDIT, entry.org_code)
    if entry.status not in EDITABLE:
        raise DirectoryError("STATUS_FORBIDS", status=STATUSES[entry.status], status_en=entry.status, what="修改")
    return entry


def _shown(session: Session, entry: ResourceEntry, form: Form, version: int) -> FormPage:
    return FormPage(
        form,
        f"{address_of(entry)}/edit",
        entry=entry,
        version=version,
        remarks=queries.remarks(session, entry),
        returned=_returned(session, entry),
    )


def _returned(session: Session, entry: ResourceEntry) -> Form:
    version = session.get_one(ResourceVersion, (entry.id, returned_version(session, entry)))
    return Form.of(version.record)


def _turned(shown: FormPage, sent: Sent) -> FormPage:
    """The page after a button of a table; a table that grows too long is refused with everything typed kept."""
    try:
        turned = turn(sent.form, sent.do, sent.controls)
    except DirectoryError as error:
        return replace(shown, controls=sent.controls, faults=Faults(general=(error.problem(),)), status=error.status)
    path = sent.do.partition(":")[0]
    kept = sent.controls if turned.refused else {k: v for k, v in sent.controls.items() if k != f"paste:{path}"}
    refused = {path: turned.refused} if turned.refused else {}
    return replace(
        shown,
        form=turned.form,
        controls=kept,
        focus=turned.focus,
        note=turned.note,
        refused=refused,
        status=422 if refused else 200,
    )


def _new_page(request: Request, session: Session, shown: FormPage) -> Response:
    own = organisation(session, shown.controls["provider"])
    return form_page(request, session, shown, provider_name=own.name)


def _provider(session: Session, actor: Actor, code: str) -> Party:
    """The department of a new entry: the actor's own, or for the office any."""
    own = organisation(session, code or actor.org_code)
    require(actor, Action.RESOURCE_REGISTER, own.code)
    return Party(name=own.name, code=own.code)


def _beginning(session: Session, library: str, provider: Party) -> Resource:
    if not library:
        return Resource(title=UNTITLED, provider=provider)
    require_library(session, library)
    return template_of(session, library, provider)


def _key(sent: Sent) -> str:
    """What makes a form sent twice one entry."""
    try:
        return f"form:{UUID(sent.controls.get('key', ''))}"
    except ValueError:
        return f"form:{uuid4()}"


def _after(entry: ResourceEntry, sent: Sent, done: str) -> RedirectResponse:
    check = "&check=1#lacks" if sent.do == "check" else ""
    return RedirectResponse(f"{address_of(entry)}/edit?done={done}{check}", status_code=303)


def _faults_of(error: ExplainedError) -> Faults:
    """A refusal's findings beside their fields; what has no field, and a refusal without findings, at the head."""
    if error.code in _FIELD_OF_CODE:
        return Faults({_FIELD_OF_CODE[error.code]: error.in_words})
    found: dict[str, str] = {}
    rest = []
    findings = error.values.get("findings", [])
    for finding in findings if isinstance(findings, list) else []:
        if not isinstance(finding, Finding) or finding.severity != "error":
            continue
        name = field_of(finding.path)
        if name:
            found.setdefault(name, finding.zh)
        else:
            rest.append(finding.model_dump())
    if found and not rest:
        return Faults(in_order(found))
    return Faults(in_order(found), ({**error.problem(), "findings": rest},))
