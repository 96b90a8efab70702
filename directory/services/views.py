"""What a notice of a service looks like from outside: one shape for API, command and pages."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.accounts.models import Account
from directory.actions import Action
from directory.actors import Actor
from directory.organisations.queries import organisation
from directory.policy import allows
from directory.resources.models import ResourceEntry
from directory.services.models import ServiceNotice, ServiceStep
from directory.services.queries import (
    RUNNING,
    STATUS_NAMES,
    Status,
    notice_row,
    parties_of,
    status_of,
    steps_of,
    unsettled,
)

ServiceAct = Literal["answer", "reply", "file", "withdraw"]
KIND_NAMES = {"change": "变更服务", "end": "终止服务"}
ACT_NAMES = {
    "agreed": "同意",
    "objected": "有异议",
    "answered": "答复异议",
    "filed": "备案",
    "withdrawn": "撤回告知",
}


class _View(BaseModel):
    model_config = ConfigDict(frozen=True)


class ServiceUse(_View):
    """A use that is asked: its department, and its last word; no word is neither consent nor refusal."""

    request_id: UUID
    org_name: str
    answer: Literal["", "agreed", "objected"]
    answer_name: str
    words: str
    answered_at: datetime | None
    is_running: bool
    is_yours: bool


class ServiceStepView(_View):
    """One thing that was said."""

    act: str
    act_name: str
    by: str
    organisation: str
    words: str
    at: datetime


class ServiceLine(_View):
    """A notice in a list; ``acts`` are what the reader may do now."""

    id: UUID
    resource_id: UUID
    resource_title: str
    provider_name: str
    kind: Literal["change", "end"]
    kind_name: str
    status: Status
    status_name: str
    answer_by: date
    takes_effect_on: date
    announced_at: datetime
    agreed: int
    objected: int
    silent: int
    acts: tuple[ServiceAct, ...]


class ServiceView(ServiceLine):
    """A notice whole: why, who is asked, and everything that was said."""

    words: str
    announced_by: str
    uses: tuple[ServiceUse, ...]
    steps: tuple[ServiceStepView, ...]


def lines(session: Session, actor: Actor, notices: Sequence[ServiceNotice], today: date) -> list[ServiceLine]:
    """Notices as lines of a list."""
    return [
        ServiceLine.model_validate(
            _whole(session, actor, each, today).model_dump(include=set(ServiceLine.model_fields))
        )
        for each in notices
    ]


def view(session: Session, actor: Actor, notice_id: UUID, today: date) -> ServiceView:
    """One notice; raises ``SERVICE_NOT_FOUND``."""
    return _whole(session, actor, notice_row(session, actor, notice_id), today)


def _whole(session: Session, actor: Actor, notice: ServiceNotice, today: date) -> ServiceView:
    parties, steps = parties_of(session, notice), steps_of(session, notice)
    entry = session.get_one(ResourceEntry, notice.resource_id)
    status = status_of(notice, parties, steps, today)
    uses = tuple(_use(session, actor, each, steps) for each in parties)
    return ServiceView(
        id=notice.id,
        resource_id=entry.id,
        resource_title=entry.title,
        provider_name=organisation(session, entry.org_code).name,
        kind="end" if notice.kind == "end" else "change",
        kind_name=KIND_NAMES[notice.kind],
        status=status,
        status_name=STATUS_NAMES[status],
        answer_by=notice.answer_by,
        takes_effect_on=notice.takes_effect_on,
        announced_at=notice.announced_at,
        agreed=sum(use.answer == "agreed" for use in uses),
        objected=sum(use.answer == "objected" for use in uses),
        silent=sum(use.answer == "" for use in uses),
        acts=_acts(actor, notice, entry, uses, status, bool(unsettled(notice, parties, steps, today))),
        words=notice.words,
        announced_by=_announcer(session, notice),
        uses=uses,
        steps=tuple(
            ServiceStepView(
                act=step.act,
                act_name=ACT_NAMES[step.act],
                by=step.said_by_name,
                organisation=step.org_name,
                words=step.words,
                at=step.said_at,
            )
            for step in steps
        ),
    )


def _use(session: Session, actor: Actor, use: RequestRow, steps: Sequence[ServiceStep]) -> ServiceUse:
    last = next((step for step in reversed(steps) if step.request_id == use.id), None)
    answer: Literal["", "agreed", "objected"] = "" if last is None else "agreed" if last.act == "agreed" else "objected"
    return ServiceUse(
        request_id=use.id,
        org_name=organisation(session, use.requester_org).name,
        answer=answer,
        answer_name=ACT_NAMES[answer] if answer else "未答复",
        words=last.words if last else "",
        answered_at=last.said_at if last else None,
        is_running=use.state in RUNNING,
        is_yours=use.requester_org == actor.org_code,
    )


def _acts(
    actor: Actor,
    notice: ServiceNotice,
    entry: ResourceEntry,
    uses: Sequence[ServiceUse],
    status: Status,
    is_unsettled: bool,
) -> tuple[ServiceAct, ...]:
    if status not in ("answering", "filable"):
        return ()
    found: list[ServiceAct] = []
    if any(use.is_yours for use in uses) and allows(actor, Action.SERVICE_ANSWER, actor.org_code):
        found.append("answer")
    if allows(actor, Action.SERVICE_ANNOUNCE, entry.org_code):
        found += ["reply", "withdraw"]
    if (
        not is_unsettled
        and notice.announced_by not in actor.people
        and allows(actor, Action.SERVICE_FILE, entry.org_code)
    ):
        found.append("file")
    return tuple(found)


def _announcer(session: Session, notice: ServiceNotice) -> str:
    account = session.get(Account, notice.announced_by)
    return account.display_name if account else ""
