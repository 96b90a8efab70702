"""Checks of planned forms for programs."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Response, UploadFile
from pydantic import BaseModel, ConfigDict, Field

from directory.actions import Action
from directory.actors import CurrentActor
from directory.collection_check import sheets
from directory.collection_check.check import Planned, check, fields_of
from directory.collection_check.queries import checks, one
from directory.collection_check.views import CheckLine, CheckView, lines, view
from directory.db import DbSession
from directory.declared import governed_by, open_to_signed_in
from directory.http.throttle import COSTLY
from directory.item_match.compare import Wanted
from directory.item_match.queries import MOST_WANTED
from directory.lists.download import workbook

router = APIRouter(prefix="/collection-checks", tags=["collection checks"])

_OWN = "only the caller's own department's checks; the office sees all"


class PlannedField(BaseModel):
    """A field of the form."""

    model_config = ConfigDict(extra="forbid")

    name: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    field: Annotated[str, Field(max_length=63)] = ""


class PlannedForm(BaseModel):
    """A form that a department plans."""

    model_config = ConfigDict(extra="forbid")

    title: Annotated[str, Field(min_length=1, max_length=200, pattern=r"\S")]
    purpose: Annotated[str, Field(max_length=2000)] = ""
    fields: Annotated[list[PlannedField], Field(min_length=1, max_length=MOST_WANTED)]


@router.post("", status_code=201, dependencies=[COSTLY])
@governed_by(Action.COLLECTION_CHECK)
def check_form(body: PlannedForm, session: DbSession, actor: CurrentActor) -> CheckView:
    """Hold the fields of a planned form against the catalogue (Art. 19); the result is kept."""
    fields = [Wanted(each.name.strip(), each.field.strip()) for each in body.fields]
    return view(session, check(session, actor, Planned(body.title, body.purpose, fields), datetime.now(UTC)))


@router.post("/file", status_code=201, dependencies=[COSTLY])
@governed_by(Action.COLLECTION_CHECK)
def check_file(
    session: DbSession,
    actor: CurrentActor,
    file: UploadFile,
    title: Annotated[str, Form(max_length=200)],
    purpose: Annotated[str, Form(max_length=2000)] = "",
) -> CheckView:
    """The same for the file of the form (xlsx, xls, csv, txt): a column of names, the form's own head, or its lines."""
    fields = fields_of("", file.file.read(), file.filename or "")
    return view(session, check(session, actor, Planned(title, purpose, fields), datetime.now(UTC)))


@router.get("")
@open_to_signed_in(_OWN)
def list_checks(session: DbSession, actor: CurrentActor) -> Sequence[CheckLine]:
    """The checks the caller sees, the newest first."""
    return lines(session, checks(session, actor))


@router.get("/{check_id}")
@open_to_signed_in(_OWN)
def show_check(check_id: UUID, session: DbSession, actor: CurrentActor) -> CheckView:
    """One check, field by field, as it came out."""
    return view(session, one(session, actor, check_id))


@router.get("/{check_id}/export", response_class=Response, dependencies=[COSTLY])
@open_to_signed_in(_OWN)
def export_check(check_id: UUID, session: DbSession, actor: CurrentActor) -> Response:
    """The report as a workbook (xlsx)."""
    return workbook(sheets.TITLE, sheets.exported(view(session, one(session, actor, check_id))))
