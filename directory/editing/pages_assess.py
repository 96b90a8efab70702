"""The two assessments of Article 13: what was recorded, what is void by now, the form for another, their files."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Annotated, Final, Literal, cast

from fastapi import APIRouter, Form, Path, Request, UploadFile
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor, CurrentActor
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.editing.widgets import Day, Unread
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.papers import saved_as
from directory.policy import require
from directory.resources import edit, queries
from directory.resources.api_assessments import Number
from directory.resources.assessment_files import SUFFIXES, Document, assessment_file, attached
from directory.resources.models import ResourceEntry
from directory.resources.pages import address_of
from directory.resources.states import EDITABLE
from directory.typed import EARLIEST
from directory.web.render import page_after
from metadata.rules import assessment_subject_digest, lacks
from metadata.words import ASSESSMENTS

router = APIRouter(include_in_schema=False)

Segment = Annotated[str, Path(max_length=100)]
_MOST: Final = 2000


class AssessmentForm(BaseModel):
    """The fields as they were sent; ``version`` is the one whose items and sharing the assessor had before them."""

    kind: str = ""
    conclusion: str = ""
    assessed_on: str = ""
    is_passed: str = ""
    version: int = 0
    file: UploadFile | str = ""


@dataclass(frozen=True)
class _Asked:
    kind: Literal["secrecy", "personal_information"]
    conclusion: str
    assessed_on: date
    is_passed: bool
    document: Document | None


@router.get("/resources/{ref}/assess")
@governed_by(Action.RESOURCE_ASSESS)
def show_assessments(
    ref: Segment, request: Request, session: DbSession, actor: CurrentActor, done: str = ""
) -> HTMLResponse:
    """What was assessed, and the form."""
    entry = _entry(session, actor, ref)
    form = AssessmentForm(assessed_on=shanghai_today().isoformat(), version=entry.current_version)
    return _page(request, session, entry, form, done=done)


@router.post("/resources/{ref}/assess")
@governed_by(Action.RESOURCE_ASSESS)
def assess(
    ref: Segment, request: Request, session: DbSession, actor: CurrentActor, form: Annotated[AssessmentForm, Form()]
) -> Response:
    """Record one; what is wrong stands beside its field, and what was typed stays."""
    entry = _entry(session, actor, ref, lock=True)
    asked = _asked(form)
    if not isinstance(asked, _Asked):
        return _page(request, session, entry, form, asked)
    try:
        if form.version != entry.current_version:  # what was assessed is not what the entry now says
            raise DirectoryError("VERSION_CHANGED", version=entry.current_version)
        with session.begin_nested():
            edit.assess(session, actor, ref, **vars(asked), now=datetime.now(UTC))
    except DirectoryError as error:
        session.expire_all()
        kept = form.model_copy(update={"version": entry.current_version})
        return _page(request, session, _entry(session, actor, ref), kept, error=error)
    return RedirectResponse(f"{address_of(entry)}/assess?done={asked.kind}", status_code=303)


@router.get("/resources/{ref}/assessments/{number}/file")
@governed_by(Action.RESOURCE_READ)
def download_file(ref: Segment, number: Number, session: DbSession, actor: CurrentActor) -> Response:
    """The file of an assessment, to be saved."""
    return saved_as(assessment_file(session, actor, ref, number))


def _entry(session: Session, actor: Actor, ref: str, *, lock: bool = False) -> ResourceEntry:
    entry = queries.find(session, actor, ref, lock=lock)
    require(actor, Action.RESOURCE_ASSESS, entry.org_code)
    return entry


def _asked(form: AssessmentForm) -> _Asked | dict[str, str]:
    """What is to be recorded, or a sentence for each field that keeps it from being so."""
    faults = {}
    conclusion, assessed_on = form.conclusion.strip(), Day().read((form.assessed_on,))
    if form.kind not in ASSESSMENTS:
        faults["kind"] = "请选择登记哪一种评估"
    if not conclusion:
        faults["conclusion"] = "请写明评估结论"
    elif len(conclusion) > _MOST:
        faults["conclusion"] = f"最长 {_MOST} 个字，现在是 {len(conclusion)} 个；请缩短"
    if assessed_on is None or isinstance(assessed_on, Unread):
        faults["assessed_on"] = assessed_on.sentence if assessed_on else "请填写评估日期，如 2026-01-05"
    elif assessed_on > shanghai_today():
        faults["assessed_on"] = "评估日期晚于今天"
    elif assessed_on < EARLIEST:
        faults["assessed_on"] = f"评估日期不应早于 {EARLIEST.isoformat()}"
    if form.is_passed not in {"yes", "no"}:
        faults["is_passed"] = "请选择是否通过"
    document = _document(form.file)
    if isinstance(document, str):
        faults["file"] = document
    if faults or isinstance(document, str):
        return faults
    kind = cast("Literal['secrecy', 'personal_information']", form.kind)
    return _Asked(kind, conclusion, assessed_on, form.is_passed == "yes", document)


def _document(file: UploadFile | str) -> Document | str | None:
    """The file that was chosen, if one was, or why it is not taken."""
    if isinstance(file, str) or not file.filename:  # a form sent without its file part has a text there
        return None
    try:
        return Document.of(file.filename, file.file.read())
    except DirectoryError as error:
        return error.zh


def _page(
    request: Request,
    session: Session,
    entry: ResourceEntry,
    form: AssessmentForm,
    faults: dict[str, str] | None = None,
    *,
    error: DirectoryError | None = None,
    done: str = "",
) -> HTMLResponse:
    record = queries.current_record(session, entry)
    return page_after(
        request,
        "editing/assess.html",
        error,
        entry=entry,
        record=record,
        files=attached(session, entry),
        suffixes=SUFFIXES,
        file_bytes=LIMITS.assessment_file_bytes,
        address=address_of(entry),
        form=form,
        faults=faults or {},
        done=ASSESSMENTS.get(done, ""),
        digest=assessment_subject_digest(record),
        lacking=[each for each in lacks(record) if each.path.startswith("assessments.")],
        is_open=entry.status in EDITABLE,
    )
