"""Announced changes of services: who sees them, who is asked, and how far they are. Nothing is kept that follows."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final, Literal
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, false, or_, select
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.access.states import State
from directory.actions import Action
from directory.actors import Actor
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.policy import NOWHERE, allows
from directory.resources.models import ResourceEntry
from directory.services.models import ServiceNotice, ServiceParty, ServiceStep

Status = Literal["answering", "filable", "filed", "effective", "withdrawn"]
STATUS_NAMES: Final[Mapping[Status, str]] = {
    "answering": "协商中",
    "filable": "可以备案",
    "filed": "已备案，未到生效日",
    "effective": "已生效",
    "withdrawn": "已撤回",
}
RUNNING: Final = tuple(state.value for state in (State.PROVISIONED, State.ACTIVE, State.SUSPENDED))
"""States of a request under which data are, or were until a suspension, provided."""


def visible(actor: Actor) -> ColumnElement[bool]:
    """The one answer to who sees which notices: the provider, who uses the entry, and those who supervise."""
    if not allows(actor, Action.SERVICE_READ, actor.org_code):
        return false()
    if allows(actor, Action.SERVICE_READ, NOWHERE):
        return ServiceNotice.id.is_not(None)
    is_provider = exists().where(
        ResourceEntry.id == ServiceNotice.resource_id, ResourceEntry.org_code == actor.org_code
    )
    is_user = exists().where(
        ServiceParty.notice_id == ServiceNotice.id,
        RequestRow.id == ServiceParty.request_id,
        RequestRow.requester_org == actor.org_code,
    )
    return or_(is_provider, is_user)


def notice_row(session: Session, actor: Actor, notice_id: UUID) -> ServiceNotice:
    """One notice; ``SERVICE_NOT_FOUND`` when it is not there or not for this actor to see."""
    row = session.scalar(select(ServiceNotice).where(ServiceNotice.id == notice_id, visible(actor)))
    if row is None:
        raise DirectoryError("SERVICE_NOT_FOUND", notice_id=notice_id)
    return row


def notice_rows(session: Session, actor: Actor) -> Sequence[ServiceNotice]:
    """The notices this actor sees, the newest first."""
    query = select(ServiceNotice).where(visible(actor))
    return session.scalars(query.order_by(ServiceNotice.announced_at.desc()).limit(LIMITS.list_count)).all()


def parties_of(session: Session, notice: ServiceNotice) -> Sequence[RequestRow]:
    """The uses that were running when the notice was given, in the order they were asked for."""
    query = select(RequestRow).join(ServiceParty, ServiceParty.request_id == RequestRow.id)
    return session.scalars(
        query.where(ServiceParty.notice_id == notice.id).order_by(RequestRow.created_at, RequestRow.id)
    ).all()


def steps_of(session: Session, notice: ServiceNotice) -> Sequence[ServiceStep]:
    """What was said, oldest first."""
    query = select(ServiceStep).where(ServiceStep.notice_id == notice.id)
    return session.scalars(query.order_by(ServiceStep.seq)).all()


def open_notice(session: Session, resource_id: UUID) -> ServiceNotice | None:
    """The notice of an entry that is neither filed nor withdrawn, if there is one."""
    ended = exists().where(ServiceStep.notice_id == ServiceNotice.id, ServiceStep.act.in_(("filed", "withdrawn")))
    query = select(ServiceNotice).where(ServiceNotice.resource_id == resource_id, ~ended)
    return session.scalars(query.limit(1)).first()


def running_uses(session: Session, resource_id: UUID) -> Sequence[RequestRow]:
    """The requests under which an entry is provided now."""
    query = select(RequestRow).where(RequestRow.resource_id == resource_id, RequestRow.state.in_(RUNNING))
    return session.scalars(query.order_by(RequestRow.created_at, RequestRow.id)).all()


def is_ended(session: Session, resource_id: UUID, today: date) -> bool:
    """Whether the ending of an entry's service has been filed and its day has come."""
    filed = exists().where(ServiceStep.notice_id == ServiceNotice.id, ServiceStep.act == "filed")
    query = select(
        exists().where(
            and_(
                ServiceNotice.resource_id == resource_id,
                ServiceNotice.kind == "end",
                ServiceNotice.takes_effect_on <= today,
                filed,
            )
        )
    )
    return bool(session.scalar(query))


def status_of(
    notice: ServiceNotice, parties: Sequence[RequestRow], steps: Sequence[ServiceStep], today: date
) -> Status:
    """How far a notice is. Pure."""
    ended = next((step.act for step in steps if step.act in ("filed", "withdrawn")), "")
    if ended == "withdrawn":
        return "withdrawn"
    if ended == "filed":
        return "effective" if notice.takes_effect_on <= today else "filed"
    return "answering" if unsettled(notice, parties, steps, today) else "filable"


def unsettled(
    notice: ServiceNotice, parties: Sequence[RequestRow], steps: Sequence[ServiceStep], today: date
) -> list[UUID]:
    """The uses that keep a notice from being filed: those whose term to answer runs, and objections that the provider
    has not answered. Whoever was silent until the term was over keeps nobody waiting, and has not agreed. Pure.
    """
    found = []
    last_reply = max((step.seq for step in steps if step.act == "answered"), default=0)
    answers = {step.request_id: step for step in steps if step.request_id is not None}  # the last of each
    for party in parties:
        answer = answers.get(party.id)
        is_unanswered = answer is None and today <= notice.answer_by and party.state in RUNNING
        is_disputed = answer is not None and answer.act == "objected" and answer.seq > last_reply
        if is_unanswered or is_disputed:
            found.append(party.id)
    return found


def require_ended(session: Session, resource_id: UUID, title: str, today: date) -> None:
    """Raise ``SERVICE_UNANNOUNCED`` where an entry is in use and its ending has not been filed, or is yet to come."""
    if running_uses(session, resource_id) and not is_ended(session, resource_id, today):
        raise DirectoryError("SERVICE_UNANNOUNCED", title=title)


def notices_of_use(session: Session, actor: Actor, request_id: UUID) -> Sequence[ServiceNotice]:
    """The notices that ask this use, the newest first."""
    is_party = exists().where(ServiceParty.notice_id == ServiceNotice.id, ServiceParty.request_id == request_id)
    query = select(ServiceNotice).where(visible(actor), is_party)
    return session.scalars(query.order_by(ServiceNotice.announced_at.desc()).limit(LIMITS.list_count)).all()
