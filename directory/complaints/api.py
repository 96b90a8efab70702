"""Complaints (投诉举报) for programs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, UploadFile

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.complaints import decide
from directory.complaints.queries import Sight, complaint, sight
from directory.complaints.said import NewComplaint, PaperComplaint, Said
from directory.complaints.states import Act
from directory.complaints.views import ComplaintLine, ComplaintView, Statistics, complaint_lines, statistics, view
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.matters.papers import paper
from directory.papers import Paper, paper_of, saved_as
from directory.policy import require

router = APIRouter(prefix="/complaints", tags=["complaints"])

Year = Annotated[int | None, Query(ge=2004, le=2999)]


class Step(Said):
    """A step, and what is said with it."""

    to: Act


@router.post("", status_code=201)
@governed_by(Action.COMPLAINT_RAISE)
def complain(body: NewComplaint, session: DbSession, actor: CurrentActor) -> ComplaintView:
    """Complain or report (Art. 37); who did so is seen by the office alone, and stands in no log."""
    now = datetime.now(UTC)
    return view(session, actor, decide.complain(session, actor, body, now).id, day_of(now))


@router.post("/paper", status_code=201)
@governed_by(Action.COMPLAINT_HANDLE)
def enter_paper(body: PaperComplaint, session: DbSession, actor: CurrentActor) -> ComplaintView:
    """Enter one that came to the office on paper; somebody else there handles it."""
    now = datetime.now(UTC)
    return view(session, actor, decide.enter_paper(session, actor, body, now).id, day_of(now))


@router.get("")
@governed_by(Action.COMPLAINT_RAISE)
def browse(session: DbSession, actor: CurrentActor) -> Sequence[ComplaintLine]:
    """The caller's own complaints, those their department is to look into, and for the office all."""
    return complaint_lines(session, actor, shanghai_today())


@router.get("/statistics")
@governed_by(Action.COMPLAINT_HANDLE)
def count(session: DbSession, actor: CurrentActor, year: Year = None) -> Statistics:
    """The complaints of a year, counted by topic, state, channel and department asked."""
    require(actor, Action.COMPLAINT_HANDLE, None)
    return statistics(session, year or shanghai_today().year)


@router.get("/{complaint_id}")
@governed_by(Action.COMPLAINT_RAISE)
def show(complaint_id: UUID, session: DbSession, actor: CurrentActor) -> ComplaintView:
    """One complaint, as far as it is the caller's to see."""
    return view(session, actor, complaint_id, shanghai_today())


@router.post("/{complaint_id}/transitions")
@governed_by(Action.COMPLAINT_HANDLE, Action.COMPLAINT_RAISE, Action.COMPLAINT_REPORT)
def move(complaint_id: UUID, body: Step, session: DbSession, actor: CurrentActor) -> ComplaintView:
    """Take it, decline it, have a department look into it, report, answer, withdraw; what is not legal now is 409."""
    now = datetime.now(UTC)
    decide.decide(session, actor, complaint_id, body.to, now, Said(comment=body.comment, to_org=body.to_org))
    return view(session, actor, complaint_id, day_of(now))


@router.post("/{complaint_id}/files", status_code=201)
@governed_by(Action.COMPLAINT_RAISE)
def attach(complaint_id: UUID, session: DbSession, actor: CurrentActor, file: UploadFile) -> Paper:
    """Add evidence: PDF, OFD, DOCX, JPEG or PNG."""
    now = datetime.now(UTC)
    return paper_of(decide.add_paper(session, actor, complaint_id, file.filename or "", file.file.read(), now))


@router.get(
    "/{complaint_id}/files/{file_id}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
@governed_by(Action.COMPLAINT_RAISE)
def download(complaint_id: UUID, file_id: UUID, session: DbSession, actor: CurrentActor) -> Response:
    """A paper as it came, for the office and whoever complained."""
    row = complaint(session, actor, complaint_id).matter
    if sight(actor, row) is Sight.DEPARTMENT:
        raise DirectoryError("PAPER_NOT_FOUND", file_id=file_id)
    return saved_as(paper(session, row, file_id))
