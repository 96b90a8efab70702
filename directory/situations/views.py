"""What a filed situation looks like from outside: one shape for API, command and pages."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.organisations.names import organisation_names
from directory.policy import allows
from directory.resources.models import ResourceEntry
from directory.situations.codes import article, situation
from directory.situations.models import Situation, SituationStep
from directory.situations.queries import OUTCOMES, STATUS_NAMES, Status, situation_row, status_of, steps_of

SituationAct = Literal["answer", "close"]


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class SituationStepView(_View):
    """One thing that was said; ``outcome`` of the closing only."""

    act: Literal["answered", "closed"]
    outcome: str
    outcome_name: str
    words: str
    by: str
    organisation: str
    at: datetime


class SituationView(_View):
    """A situation as it was found, and everything that was said of it; ``acts`` are what the reader may do now."""

    id: UUID
    code: str
    name: str
    article: str
    org_code: str
    org_name: str
    request_id: UUID | None
    resource_id: UUID | None
    resource_title: str
    words: str
    found_by: str
    found_org_name: str
    found_at: datetime
    status: Status
    status_name: str
    steps: tuple[SituationStepView, ...]
    acts: tuple[SituationAct, ...]


def views(session: Session, actor: Actor, rows: Sequence[Situation]) -> list[SituationView]:
    """Situations as they are listed and shown."""
    return [_view(session, actor, row) for row in rows]


def view(session: Session, actor: Actor, situation_id: UUID) -> SituationView:
    """One of them; raises ``SITUATION_NOT_FOUND``."""
    return _view(session, actor, situation_row(session, actor, situation_id))


def _view(session: Session, actor: Actor, row: Situation) -> SituationView:
    names = organisation_names(session, frozenset({row.org_code, row.found_org}))
    steps = steps_of(session, row)
    status = status_of(steps)
    entry = session.get_one(ResourceEntry, row.resource_id) if row.resource_id else None
    return SituationView(
        id=row.id,
        code=row.code,
        name=situation(row.code),
        article=article(row.code),
        org_code=row.org_code,
        org_name=names[row.org_code],
        request_id=row.request_id,
        resource_id=row.resource_id,
        resource_title=entry.title if entry else "",
        words=row.words,
        found_by=row.found_by_name,
        found_org_name=names[row.found_org],
        found_at=row.found_at,
        status=status,
        status_name=STATUS_NAMES[status],
        steps=tuple(_step(step) for step in steps),
        acts=_acts(actor, row, status),
    )


def _step(step: SituationStep) -> SituationStepView:
    return SituationStepView(
        act="closed" if step.act == "closed" else "answered",
        outcome=step.outcome,
        outcome_name=OUTCOMES.get(step.outcome, ""),
        words=step.words,
        by=step.said_by_name,
        organisation=step.org_name,
        at=step.said_at,
    )


def _acts(actor: Actor, row: Situation, status: Status) -> tuple[SituationAct, ...]:
    found: list[SituationAct] = []
    if status != "closed" and allows(actor, Action.SITUATION_ANSWER, row.org_code):
        found.append("answer")
    is_closable = status == "answered" and row.found_by not in actor.people
    if is_closable and allows(actor, Action.SITUATION_CLOSE, row.org_code):
        found.append("close")
    return tuple(found)
