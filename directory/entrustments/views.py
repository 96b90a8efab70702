"""What an entrustment looks like from outside: one shape for API, command and pages."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Final
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.actions import Action
from directory.actors import Actor
from directory.entrustments.enter import Act
from directory.entrustments.models import Entrustment
from directory.entrustments.queries import ENDED, STATUS_NAMES, Status, entrustment_row, status_of, steps_of
from directory.organisations.names import organisation_names
from directory.policy import allows

ACT_NAMES: Final[Mapping[str, str]] = {
    "approved": "批准",
    "refused": "不批准",
    "supervised": "监督记录",
    "ended": "结束",
}


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class EntrustmentStepView(_View):
    """One decision, note or end."""

    act: Act
    act_name: str
    words: str
    by: str
    at: datetime


class EntrustmentView(_View):
    """An entrustment as it was entered, and everything said of it; ``acts`` are what the reader may do now."""

    id: UUID
    org_code: str
    org_name: str
    contractor: str
    contractor_code: str
    work: str
    covers: str
    basis: str
    since: date
    until: date
    entered_by: str
    entered_at: datetime
    status: Status
    status_name: str
    steps: tuple[EntrustmentStepView, ...]
    acts: tuple[Act, ...]


def views(session: Session, actor: Actor, rows: Sequence[Entrustment], today: date) -> list[EntrustmentView]:
    """Entrustments as they are listed and shown."""
    return [_view(session, actor, row, today) for row in rows]


def view(session: Session, actor: Actor, entrustment_id: UUID, today: date) -> EntrustmentView:
    """One of them; raises ``ENTRUSTMENT_NOT_FOUND``."""
    return _view(session, actor, entrustment_row(session, actor, entrustment_id), today)


def _view(session: Session, actor: Actor, row: Entrustment, today: date) -> EntrustmentView:
    steps = steps_of(session, row)
    status = status_of([step.act for step in steps], row.until, today)
    return EntrustmentView(
        id=row.id,
        org_code=row.org_code,
        org_name=organisation_names(session, frozenset({row.org_code}))[row.org_code],
        contractor=row.contractor,
        contractor_code=row.contractor_code,
        work=row.work,
        covers=row.covers,
        basis=row.basis,
        since=row.since,
        until=row.until,
        entered_by=row.entered_by_name,
        entered_at=row.entered_at,
        status=status,
        status_name=STATUS_NAMES[status],
        steps=tuple(
            EntrustmentStepView.model_validate(
                {
                    "act": step.act,
                    "act_name": ACT_NAMES[step.act],
                    "words": step.words,
                    "by": step.said_by_name,
                    "at": step.said_at,
                }
            )
            for step in steps
        ),
        acts=_acts(actor, row, status),
    )


def _acts(actor: Actor, row: Entrustment, status: Status) -> tuple[Act, ...]:
    if status in ENDED:
        return ()
    found: list[Act] = []
    is_others = row.entered_by not in actor.people
    if status == "entered" and is_others and allows(actor, Action.ENTRUSTMENT_APPROVE, row.org_code):
        found += ["approved", "refused"]
    if allows(actor, Action.ENTRUSTMENT_SUPERVISE, row.org_code):
        found += ["ended"] if status == "entered" else ["supervised", "ended"]
    return tuple(found)
