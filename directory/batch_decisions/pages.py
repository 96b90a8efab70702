"""The page on which many requests are decided on at once: chosen on the worklist, previewed, taken."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.parties import STEP_ACTIONS
from directory.access.said import Said
from directory.access.sent import ACT_WORDS
from directory.access.states import Act
from directory.actors import Actor, CurrentActor
from directory.batch_decisions.preview import TOGETHER, chosen, take
from directory.clock.deadlines import day_of
from directory.clock.queries import calendar
from directory.clock.words import term_words
from directory.db import DbSession
from directory.declared import governed_by
from directory.errors import DirectoryError
from directory.signing import DirectoryKey
from directory.web.render import page_after

router = APIRouter(prefix="/approvals/batch", include_in_schema=False)


class BatchForm(BaseModel):
    """The decision on many as it was typed; ``go`` says whether it is tried or taken."""

    model_config = ConfigDict(frozen=True)

    id: list[UUID] = []
    to: Annotated[str, Form(max_length=40)] = ""
    comment: Annotated[str, Form(max_length=2000)] = ""
    reason: Annotated[str, Form(max_length=2000)] = ""
    go: Annotated[str, Form(max_length=10)] = "preview"


@router.get("")
@governed_by(*STEP_ACTIONS)
def show_batch(
    request: Request, session: DbSession, actor: CurrentActor, id: Annotated[list[UUID] | None, Query()] = None
) -> HTMLResponse:
    """The requests chosen, and what can be done with them together; without any, how to choose them."""
    return _page(request, session, actor, BatchForm(id=id or []))


@router.post("")
@governed_by(*STEP_ACTIONS)
def decide_batch(
    request: Request, session: DbSession, actor: CurrentActor, key: DirectoryKey, form: Annotated[BatchForm, Form()]
) -> HTMLResponse:
    """Try the decision or take it; each request's outcome is shown, and what was typed stays for those refused."""
    try:
        outcomes = _take(request, session, actor, key, form)
    except DirectoryError as error:
        return _page(request, session, actor, form, error=error)
    return _page(request, session, actor, form, outcomes)


def _take(
    request: Request, session: Session, actor: Actor, key: DirectoryKey, form: BatchForm
) -> Mapping[UUID, DirectoryError | None]:
    now = datetime.now(UTC)
    chosen(session, actor, form.id, now)
    if form.to not in TOGETHER:
        raise DirectoryError("DECISION_MISSING")
    act = Act(form.to)
    said = Said(comment=form.comment, reason=form.reason)
    suite_2 = request.app.state.settings.suite_2
    return take(session, actor, key, form.id, act, said, now, suite_2=suite_2, is_trial=form.go != "take")


def _page(
    request: Request,
    session: Session,
    actor: Actor,
    form: BatchForm,
    outcomes: Mapping[UUID, DirectoryError | None] | None = None,
    error: DirectoryError | None = None,
) -> HTMLResponse:
    now = datetime.now(UTC)
    today, days = day_of(now), calendar(session)
    found = chosen(session, actor, form.id, now) if form.id and not (error and error.code == "BATCH_SIZE") else None
    refused: Sequence[UUID] = [each for each, problem in (outcomes or {}).items() if problem is not None]
    is_taken = outcomes is not None and form.go == "take"
    return page_after(
        request,
        "batch_decisions/batch.html",
        error,
        found=found,
        form=form,
        outcomes=outcomes,
        is_taken=is_taken,
        done=len(outcomes or {}) - len(refused),
        refused=refused,
        again=refused if is_taken else form.id,
        choices=[(act, *ACT_WORDS[act], count) for act, count in found.acts.items()] if found else [],
        term=lambda due_on: term_words(due_on, today, days),
    )
