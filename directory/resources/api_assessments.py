"""Assessments of entries for programs: recorded with or without their file, listed, and the file handed out."""

from datetime import UTC, date, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Form, Path, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field, StrictBool

from directory.actions import Action
from directory.actors import CurrentActor
from directory.db import DbSession
from directory.declared import governed_by
from directory.papers import saved_as
from directory.resources import edit, queries
from directory.resources.api import Ref, Written
from directory.resources.assessment_files import Document, assessment_file, attached
from metadata.rules import assessment_subject_digest

router = APIRouter(prefix="/resources", tags=["resources"])

Kind = Literal["secrecy", "personal_information"]
Conclusion = Annotated[str, Field(min_length=1, max_length=2000)]
Number = Annotated[int, Path(ge=1, le=100_000, description="place among the entry's assessments, from 1")]


class NewAssessment(BaseModel):
    """An assessment of the items and sharing as they are now."""

    model_config = ConfigDict(extra="forbid")

    kind: Kind
    conclusion: Conclusion
    assessed_on: date
    is_passed: StrictBool = True


class AttachedFile(BaseModel):
    """A file by its name, size and SHA-256."""

    name: str
    size_bytes: int
    sha256: str


class AssessmentView(BaseModel):
    """One assessment; void where items or sharing have changed since."""

    number: int
    kind: Kind
    conclusion: str
    assessor: str
    assessed_on: date
    is_passed: bool
    is_void: bool
    file: AttachedFile | None


@router.get("/{ref}/assessments")
@governed_by(Action.RESOURCE_READ)
def list_assessments(ref: Ref, session: DbSession, actor: CurrentActor) -> list[AssessmentView]:
    """The assessments of the version the caller sees, the oldest first."""
    entry = queries.find(session, actor, ref)
    record = queries.shown_record(session, actor, entry)
    files, digest = attached(session, entry), assessment_subject_digest(record)
    return [
        AssessmentView(
            number=number,
            **each.model_dump(exclude={"subject_digest"}),
            is_void=each.subject_digest != digest,
            file=AttachedFile(**vars(files[number])) if number in files else None,
        )
        for number, each in enumerate(record.assessments, start=1)
    ]


@router.post("/{ref}/assessments", status_code=201)
@governed_by(Action.RESOURCE_ASSESS)
def assess_resource(ref: Ref, body: NewAssessment, session: DbSession, actor: CurrentActor) -> Written:
    """Record a secrecy or personal-information assessment (Art. 13) as part of the next version."""
    saved = edit.assess(
        session,
        actor,
        ref,
        kind=body.kind,
        conclusion=body.conclusion,
        assessed_on=body.assessed_on,
        is_passed=body.is_passed,
        now=datetime.now(UTC),
    )
    return Written.of(saved)


@router.post("/{ref}/assessments/files", status_code=201)
@governed_by(Action.RESOURCE_ASSESS)
def assess_with_file(
    ref: Ref,
    session: DbSession,
    actor: CurrentActor,
    file: UploadFile,
    kind: Annotated[Kind, Form()],
    conclusion: Annotated[Conclusion, Form()],
    assessed_on: Annotated[date, Form()],
    is_passed: Annotated[bool, Form()] = True,
) -> Written:
    """Record an assessment together with the file that documents it: PDF, OFD, DOCX, JPEG or PNG."""
    saved = edit.assess(
        session,
        actor,
        ref,
        kind=kind,
        conclusion=conclusion,
        assessed_on=assessed_on,
        is_passed=is_passed,
        now=datetime.now(UTC),
        document=Document.of(file.filename or "", file.file.read()),
    )
    return Written.of(saved)


@router.get(
    "/{ref}/assessments/{number}/file",
    response_class=Response,
    responses={200: {"content": {"application/octet-stream": {}}}},
)
@governed_by(Action.RESOURCE_READ)
def download_assessment_file(ref: Ref, number: Number, session: DbSession, actor: CurrentActor) -> Response:
    """The file as it came, to be saved and never shown by the browser."""
    return saved_as(assessment_file(session, actor, ref, number))
