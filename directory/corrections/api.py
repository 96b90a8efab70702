"""Corrections (校核申请) for programs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response, UploadFile

from directory.actions import Action
from directory.actors import CurrentActor
from directory.clock.deadlines import day_of
from directory.clock.today import shanghai_today
from directory.corrections import decide
from directory.corrections.queries import correction, corrections, sees_whole
from directory.corrections.said import NewCorrection, Said
from directory.corrections.states import Act
from directory.corrections.views import CorrectionView, view
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.matters.evidence import TermsView, evidence
from directory.matters.papers import paper
from directory.matters.views import MatterLine, lines
from directory.papers import Paper, paper_of, saved_as
from directory.resources.queries import find

router = APIRouter(prefix="/corrections", tags=["corrections"])

DECIDING = (
    Action.CORRECTION_ACKNOWLEDGE,
    Action.CORRECTION_ANSWER,
    Action.CORRECTION_RAISE,
    Action.MATTER_URGE,
)


class Step(Said):
    """A step, and what is said with it."""

    to: Act


@router.post("", status_code=201)
@governed_by(Action.CORRECTION_RAISE)
def raise_one(body: NewCorrection, session: DbSession, actor: CurrentActor) -> CorrectionView:
    """Ask the provider of an entry to check it (Art. 26): it answers within ten working days of today."""
    now = datetime.now(UTC)
    row = decide.raise_correction(session, actor, body, now)
    return view(session, actor, row.id, day_of(now))


@router.get("")
@governed_by(Action.CORRECTION_READ)
def browse(
    session: DbSession, actor: CurrentActor, resource: Annotated[str, Query(max_length=100)] = ""
) -> Sequence[MatterLine]:
    """The corrections the caller sees, the newest first; with ``resource`` those of one entry only."""
    of = find(session, actor, resource).id if resource else None
    return lines(session, corrections(session, actor, resource_id=of), shanghai_today())


@router.get("/{correction_id}")
@governed_by(Action.CORRECTION_READ)
def show(correction_id: UUID, session: DbSession, actor: CurrentActor) -> CorrectionView:
    """One correction; words, keys and papers for its parties only."""
    return view(session, actor, correction_id, shanghai_today())


@router.post("/{correction_id}/transitions")
@governed_by(*DECIDING)
def move(correction_id: UUID, body: Step, session: DbSession, actor: CurrentActor) -> CorrectionView:
    """Correct, find not wrong, pass on to the lead, acknowledge, urge, withdraw; what is not legal now is 409."""
    now = datetime.now(UTC)
    said = Said.model_validate(body.model_dump(exclude={"to"}))
    decide.decide(session, actor, correction_id, body.to, now, said)
    return view(session, actor, correction_id, day_of(now))


@router.get("/{correction_id}/terms")
@governed_by(Action.CORRECTION_READ)
def show_terms(correction_id: UUID, session: DbSession, actor: CurrentActor) -> TermsView:
    """时限证据单: every day of its term, and why it counts or not."""
    row = correction(session, actor, correction_id).matter
    return evidence(session, row, shanghai_today())


@router.post("/{correction_id}/files", status_code=201)
@governed_by(Action.CORRECTION_ANSWER, Action.CORRECTION_RAISE)
def attach(correction_id: UUID, session: DbSession, actor: CurrentActor, file: UploadFile) -> Paper:
    """Add evidence: PDF, OFD, DOCX, JPEG or PNG."""
    now = datetime.now(UTC)
    return paper_of(decide.add_paper(session, actor, correction_id, file.filename or "", file.file.read(), now))


@router.get(
    "/{correction_id}/files/{file_id}",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
@governed_by(Action.CORRECTION_READ)
def download(correction_id: UUID, file_id: UUID, session: DbSession, actor: CurrentActor) -> Response:
    """A paper as it came, to be saved and never shown by the browser; for the parties."""
    row = correction(session, actor, correction_id).matter
    if not sees_whole(session, actor, row):
        raise DirectoryError("PAPER_NOT_FOUND", file_id=file_id)
    return saved_as(paper(session, row, file_id))
