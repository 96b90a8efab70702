"""Objections (异议) for programs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from uuid import UUID

from fastapi import APIRouter, Response, UploadFile

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.db import DbSession
from directory.declared import governed_by
from directory.matters.evidence import TermsView, evidence
from directory.matters.papers import paper
from directory.objections import decide
from directory.objections.queries import objection, objections
from directory.objections.said import NewObjection, Said
from directory.objections.states import Act
from directory.objections.views import ObjectionLine, ObjectionView, objection_lines, view
from directory.papers import Paper, paper_of, saved_as

router = APIRouter(prefix="/objections", tags=["objections"])

DECIDING = (
    Action.MATTER_URGE,
    Action.OBJECTION_ANSWER,
    Action.OBJECTION_DECIDE,
    Action.OBJECTION_ESCALATE,
    Action.OBJECTION_RAISE,
)


class Step(Said):
    """A step, and what is said with it."""

    to: Act


@router.post("", status_code=201)
@governed_by(Action.OBJECTION_RAISE)
def raise_one(body: NewObjection, session: DbSession, actor: CurrentActor) -> ObjectionView:
    """Object to an authorisation, an entry, content, a resource or a use; who answers follows from the kind."""
    now = datetime.now(UTC)
    return view(session, actor, decide.raise_objection(session, actor, body, now).id, day_of(now))


@router.get("")
@governed_by(Action.OBJECTION_READ)
def browse(session: DbSession, actor: CurrentActor) -> Sequence[ObjectionLine]:
    """The objections the caller sees, the newest first."""
    return objection_lines(session, objections(session, actor), shanghai_today())


@router.get("/{objection_id}")
@governed_by(Action.OBJECTION_READ)
def show(objection_id: UUID, session: DbSession, actor: CurrentActor) -> ObjectionView:
    """One objection: its level, what was said, whose turn it is."""
    return view(session, actor, objection_id, shanghai_today())


@router.post("/{objection_id}/transitions")
@governed_by(*DECIDING)
def move(objection_id: UUID, body: Step, session: DbSession, actor: CurrentActor) -> ObjectionView:
    """Answer, accept the answer, bring it a level up (Art. 28), urge, withdraw; what is not legal now is 409."""
    now = datetime.now(UTC)
    decide.decide(session, actor, objection_id, body.to, now, Said(comment=body.comment, outcome=body.outcome))
    return view(session, actor, objection_id, day_of(now))


@router.get("/{objection_id}/terms")
@governed_by(Action.OBJECTION_READ)
def show_terms(objection_id: UUID, session: DbSession, actor: CurrentActor) -> TermsView:
    """Every day of its terms; that they are this house's and not the law's is said."""
    return evidence(session, objection(session, actor, objection_id).matter, shanghai_today())


@router.post("/{objection_id}/files", status_code=201)
@governed_by(Action.OBJECTION_ANSWER, Action.OBJECTION_RAISE)
def attach(objection_id: UUID, session: DbSession, actor: CurrentActor, file: UploadFile) -> Paper:
    """Add a paper: PDF, OFD, DOCX, JPEG or PNG."""
    now = datetime.now(UTC)
    return paper_of(decide.add_paper(session, actor, objection_id, file.filename or "", file.file.read(), now))


@router.get(
    "/{objection_id}/files/{file_id}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
@governed_by(Action.OBJECTION_READ)
def download(objection_id: UUID, file_id: UUID, session: DbSession, actor: CurrentActor) -> Response:
    """A paper as it came, to be saved and never shown by the browser."""
    return saved_as(paper(session, objection(session, actor, objection_id).matter, file_id))
