"""Requests that an entry of the list concerns: their people are told when it is listed, and their pages show it.

From its first day nobody agrees to what it holds back (``gate.py``). It ends no use by itself, for no law says so:
whether one in force is changed, suspended or ended its provider decides (Art. 27), who is told as its users are.
"""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access.grants import granted, grants_of
from directory.access.models import RequestRow
from directory.access.queries import text_of
from directory.access.states import State
from directory.actors import Actor
from directory.clock.deadlines import day_of
from directory.negatives.models import NegativeEntry
from directory.negatives.queries import NO_SHARING, Hit, coming, held_by
from directory.notices.tell import To, tell
from directory.resources.models import ResourceEntry
from directory.resources.queries import published_record
from directory.roles import Role
from metadata.resource import Item

_ASKED: Final = frozenset({State.DRAFT, State.REQ_APPROVED, State.SUPPLEMENT_ASKED, State.SUBMITTED})
_IN_USE: Final = frozenset({State.AGREED, State.PROVISIONED, State.ACTIVE, State.SUSPENDED})


def tell_concerned(session: Session, actor: Actor, listed: NegativeEntry, now: datetime) -> int:
    """Tell of what was just listed: who asks for it, and of uses both departments; how many requests it concerns."""
    if listed.covers not in NO_SHARING or listed.until < day_of(now):
        return 0
    query = select(RequestRow).where(RequestRow.state.in_(_ASKED | _IN_USE)).order_by(RequestRow.id)
    if listed.resource_id is not None:
        query = query.where(RequestRow.resource_id == listed.resource_id)
    elif listed.org_code is not None:
        query = query.where(RequestRow.provider_org == listed.org_code)
    told = 0
    for row in session.scalars(query).all():
        found = held_by(listed, _items(session, row))
        if found is None:
            continue
        is_used = row.state in _IN_USE
        to = [To.person(row.handler)]
        if is_used:
            to += [To.holders(Role.SHARING_LEAD, org) for org in (row.requester_org, row.provider_org)]
        tell(
            session,
            to=to,
            kind="request:used_listed" if is_used else "request:asked_listed",
            about=row.id,
            now=now,
            by=actor.account_id,
            title=row.resource_title,
            since=listed.since.isoformat(),
        )
        told += 1
    return told


def concerning(session: Session, row: RequestRow, today: date) -> Sequence[Hit]:
    """What of the list holds back, today or from a later day, what this request asks for or uses."""
    if row.state not in _ASKED | _IN_USE:
        return ()
    entry, items = session.get_one(ResourceEntry, row.resource_id), _items(session, row)
    found = (held_by(each, items) for each in coming(session, entry, today) if each.covers in NO_SHARING)
    return tuple(each for each in found if each is not None)


def _items(session: Session, row: RequestRow) -> list[Item]:
    """Those granted; else those asked for, as the entry declares them now."""
    if row.state in _IN_USE:
        return [item for grant in grants_of(session, row) for item in granted(grant).items]
    entry = session.get_one(ResourceEntry, row.resource_id)
    if entry.published_version is None:
        return []
    asked = text_of(session, row).items
    return [item for item in published_record(session, entry).items if item.field in asked]
