"""The changes of services and of items in use that wait for one person, and those they announced or dealt with."""

from collections.abc import Iterator
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, case, exists, select
from sqlalchemy.orm import aliased

from directory.access.models import RequestRow
from directory.actions import Action
from directory.actors import Actor
from directory.policy import NOWHERE, allows, capacities
from directory.resources.models import ResourceEntry
from directory.services.models import ItemChange, ServiceNotice, ServiceParty, ServiceStep
from directory.services.queries import RUNNING, visible
from directory.worklist.columns import task, trace

SERVICE: Final = "service"
ITEM_CHANGE: Final = "item_change"
_entry: Final = aliased(ResourceEntry)  # the condition of who sees a notice has an entry of its own


def tasks(actor: Actor, today: date) -> Iterator[Select[Any]]:
    """To answer, to reply to an objection, to file; and changes of items to take note of."""
    for acting in capacities(actor):
        if _may(acting, Action.SERVICE_ANSWER):
            own = and_(unanswered(), RequestRow.requester_org == acting.org_code)
            yield _task("answer", ServiceNotice.answer_by).where(is_open(), _party(own))
        if _may(acting, Action.SERVICE_ANNOUNCE):
            is_own = _entry.org_code == acting.org_code
            yield _task("reply", ServiceNotice.answer_by).where(is_open(), is_own, _disputed())
        if allows(acting, Action.SERVICE_FILE, NOWHERE):
            awaited = and_(is_unanswered(), ServiceNotice.answer_by >= today)
            filable = and_(is_open(), ~awaited, ~_disputed(), ServiceNotice.announced_by.not_in(acting.people))
            yield _task("file", ServiceNotice.takes_effect_on).where(filable)
        if _may(acting, Action.ITEM_CHANGE_NOTE):
            query = task(
                ITEM_CHANGE,
                "note",
                about=RequestRow.id,
                title=RequestRow.resource_title,
                org_code=RequestRow.provider_org,
            )
            query = query.join_from(ItemChange, RequestRow, RequestRow.id == ItemChange.request_id)
            yield query.where(ItemChange.noted_at.is_(None), RequestRow.requester_org == acting.org_code)


def begun(actor: Actor) -> Select[Any]:
    """What this person announced."""
    return _traced(ServiceNotice.announced_at).where(ServiceNotice.announced_by == actor.account_id, visible(actor))


def dealt(actor: Actor) -> Iterator[Select[Any]]:
    """Others' announcements in which this person said something, and changes of items they took note of."""
    me, later = actor.account_id, aliased(ServiceStep)
    newer = exists().where(later.notice_id == ServiceStep.notice_id, later.seq > ServiceStep.seq, later.said_by == me)
    said = _traced(ServiceStep.said_at).join(ServiceStep, ServiceStep.notice_id == ServiceNotice.id)
    yield said.where(ServiceStep.said_by == me, ServiceNotice.announced_by != me, ~newer, visible(actor))
    noted = trace(
        ITEM_CHANGE, about=RequestRow.id, title=RequestRow.resource_title, state="noted", at=ItemChange.noted_at
    )
    noted = noted.join_from(ItemChange, RequestRow, RequestRow.id == ItemChange.request_id)
    yield noted.where(ItemChange.noted_by == me, RequestRow.requester_org == actor.org_code)


def is_open() -> ColumnElement[bool]:
    """Neither filed nor withdrawn."""
    ended = aliased(ServiceStep)
    return ~exists().where(ended.notice_id == ServiceNotice.id, ended.act.in_(("filed", "withdrawn")))


def unanswered() -> ColumnElement[bool]:
    """A use that is asked and has said nothing."""
    said = aliased(ServiceStep)
    is_said = exists().where(said.notice_id == ServiceParty.notice_id, said.request_id == ServiceParty.request_id)
    return and_(RequestRow.state.in_(RUNNING), ~is_said)


def is_unanswered() -> ColumnElement[bool]:
    """Some use that is asked has said nothing."""
    return _party(unanswered())


def _party(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    parties = select(ServiceParty.notice_id).join(RequestRow, RequestRow.id == ServiceParty.request_id)
    return parties.where(ServiceParty.notice_id == ServiceNotice.id, condition).correlate(ServiceNotice).exists()


def _disputed() -> ColumnElement[bool]:
    """The last word of some use is an objection that the provider has not answered."""
    objected, later = aliased(ServiceStep), aliased(ServiceStep)
    since = and_(later.notice_id == objected.notice_id, later.seq > objected.seq)
    overtaken = exists().where(since, (later.act == "answered") | (later.request_id == objected.request_id))
    return exists().where(objected.notice_id == ServiceNotice.id, objected.act == "objected", ~overtaken)


def _task(act: str, due_on: Any) -> Select[Any]:
    query = task(
        SERVICE,
        act,
        about=ServiceNotice.id,
        title=_entry.title,
        org_code=_entry.org_code,
        due_on=due_on,
    )
    return query.join_from(ServiceNotice, _entry, _entry.id == ServiceNotice.resource_id)


def _traced(at: Any) -> Select[Any]:
    ended = aliased(ServiceStep)
    is_filed, is_withdrawn = (
        exists().where(ended.notice_id == ServiceNotice.id, ended.act == act) for act in ("filed", "withdrawn")
    )
    state = case((is_filed, "filed"), (is_withdrawn, "withdrawn"), else_="announced")
    query = trace(SERVICE, about=ServiceNotice.id, title=_entry.title, state=state, at=at)
    return query.join_from(ServiceNotice, _entry, _entry.id == ServiceNotice.resource_id)


def _may(acting: Actor, action: Action) -> bool:
    return allows(acting, action, acting.org_code)
