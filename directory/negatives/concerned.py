"""Requests that an entry of the list concerns: their people are told when it is listed and when it is taken off, and
their pages show it.

From its first day nobody agrees to what it holds back (``gate.py``). It ends no use by itself, for no law says so:
whether one in force is changed, suspended or ended its provider decides (Art. 27), who is told as its users are.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    distinct,
    exists,
    false,
    func,
    literal_column,
    select,
    true,
    type_coerce,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from directory.access.grant_models import GrantRow
from directory.access.grants import granted, grants_of
from directory.access.models import RequestRow, RequestVersion
from directory.access.queries import stop_decisions, text_of
from directory.access.reply import agreed_text
from directory.access.states import State
from directory.actors import Actor
from directory.clock.deadlines import day_of
from directory.negatives.models import NegativeEntry
from directory.negatives.queries import NO_SHARING, Hit, coming, held_by, listed_ahead, meaning
from directory.notices.tell import To, tell, told_about
from directory.resources.models import ResourceEntry, ResourceStep, ResourceVersion
from directory.resources.queries import published_record
from directory.roles import Role
from directory.statements.gather import gathered
from directory.statements.given_rows import among
from metadata.resource import Item

_ASKED: Final = frozenset({State.DRAFT, State.REQ_APPROVED, State.SUPPLEMENT_ASKED, State.SUBMITTED, State.DISPUTED})
_IN_USE: Final = frozenset({State.AGREED, State.PROVISIONED, State.ACTIVE, State.SUSPENDED})
_COULD_ASK: Final = _ASKED | _IN_USE | {State.REFUSED, State.SETTLED}
"""Where somebody who gave up an item, or was refused it, may want it still."""
_LISTED: Final = ("request:asked_listed", "request:used_listed")
_AT_ONCE: Final = 500
_Fields = Mapping[UUID, set[str]]


def tell_concerned(session: Session, actor: Actor, listed: NegativeEntry, now: datetime) -> int:
    """Tell of what was just listed: who asks for it, and of uses both departments; how many requests it concerns."""
    if not _holds_back(listed, now):
        return 0
    stop_decisions(session)  # what somebody agrees to just now, by the list as it was, is a use when it is looked for
    told = 0
    with gathered(session):
        for row in _concerned(session, listed):
            _tell(session, row, listed, now, by=actor.account_id)
            told += 1
    return told


def tell_taken_off(session: Session, actor: Actor, listed: NegativeEntry, now: datetime) -> int:
    """Tell of what was just taken off whom it concerns, and who was told when it was listed and does without; of how
    many requests.
    """
    if not _holds_back(listed, now) or listed.decided_by is None or listed.decided_at is None:
        return 0
    told = told_about(session, _LISTED, listed.decided_by, listed.decided_at)  # all notices, before anybody waits
    stop_decisions(session)
    concerned = {row.id: row for row in _concerned(session, listed)}
    query = select(RequestRow).where(
        among(RequestRow.id, [str(each) for each in told - concerned.keys()]), RequestRow.state.in_(_COULD_ASK)
    )
    without = session.scalars(query).all()
    with gathered(session):
        for row in sorted([*concerned.values(), *without], key=lambda row: row.id):
            is_used = row.id in concerned and row.state in _IN_USE
            kind, to = "request:used_unlisted" if is_used else "request:asked_unlisted", _people(row, is_used=is_used)
            tell(session, to=to, kind=kind, about=row.id, now=now, by=actor.account_id, title=row.resource_title)
    return len(concerned) + len(without)


def _holds_back(listed: NegativeEntry, now: datetime) -> bool:
    """Whether it forbids, today or from a later day, to share anything."""
    return listed.covers in NO_SHARING and listed.until >= day_of(now)


def tell_used(session: Session, row: RequestRow, now: datetime) -> None:
    """Tell both departments of a use just agreed to what of it is on the list already, from a later day: when it was
    listed, only whoever asked was told, if it was asked for by then.
    """
    listed = listed_ahead(session, row.resource_id, day_of(now))
    if not listed:
        return
    given, entry = agreed_text(session, row).items, session.get_one(ResourceEntry, row.resource_id)
    items = [item for item in published_record(session, entry).items if item.field in given]
    for each in listed:
        if held_by(each, items) is not None:
            _tell(session, row, each, now)


def _tell(session: Session, row: RequestRow, listed: NegativeEntry, now: datetime, by: UUID | None = None) -> None:
    is_used = row.state in _IN_USE
    kind, to = "request:used_listed" if is_used else "request:asked_listed", _people(row, is_used=is_used)
    said = {"title": row.resource_title, "since": listed.since.isoformat()}
    tell(session, to=to, kind=kind, about=row.id, now=now, by=by, **said)


def _people(row: RequestRow, *, is_used: bool) -> list[To]:
    """Who asks for it; of a use both departments."""
    orgs = (row.requester_org, row.provider_org) if is_used else ()
    return [To.person(row.handler), *(To.holders(Role.SHARING_LEAD, org) for org in orgs)]


def _concerned(session: Session, listed: NegativeEntry) -> Iterator[RequestRow]:
    """The requests that are asked or used for what it holds back, of all that are open."""
    theirs: list[ColumnElement[bool]] = [RequestRow.state.in_(_ASKED | _IN_USE)]
    if listed.resource_id is not None:
        theirs.append(RequestRow.resource_id == listed.resource_id)
    elif listed.org_code is not None:
        theirs.append(RequestRow.provider_org == listed.org_code)
    if listed.resource_id is not None and not listed.items:
        yield from session.scalars(select(RequestRow).where(*theirs).order_by(RequestRow.id)).all()
        return
    offered, ever = _meant(session, listed, theirs)
    items = type_coerce(RequestVersion.record, JSONB)["items"]
    is_text = and_(RequestVersion.request_id == RequestRow.id, RequestVersion.version == RequestRow.version)
    theirs.append(RequestRow.resource_id.in_(list(ever)))
    query = select(RequestRow, items).join(RequestVersion, is_text).where(*theirs)
    used = []
    for row, asked in session.execute(query.order_by(RequestRow.id)).all():
        if row.state in _ASKED and not offered.get(row.resource_id, set()).isdisjoint(asked):
            yield row
        if row.state in _IN_USE and not ever[row.resource_id].isdisjoint(asked):
            used.append(row)
    for start in range(0, len(used), _AT_ONCE):
        part = used[start : start + _AT_ONCE]
        given = _given(session, part)
        yield from (row for row in part if held_by(listed, given[row.id]) is not None)


def _meant(session: Session, listed: NegativeEntry, theirs: Sequence[ColumnElement[bool]]) -> tuple[_Fields, _Fields]:
    """Which fields of the entries that such requests are for it holds back: as they are offered now, and as they ever
    were, for a grant keeps what it was given by. Names are compared once, however many entries have them.
    """
    is_meant = meaning(listed)
    offered, ever = defaultdict[UUID, set[str]](set), defaultdict[UUID, set[str]](set)
    for name, field, base_item, is_offered, entries in session.execute(_called(theirs)):
        if is_meant(name, field, base_item):
            for each in entries:
                ever[each].add(field)
                if is_offered:
                    offered[each].add(field)
    return offered, ever


def _called(theirs: Sequence[ColumnElement[bool]]) -> Select[*tuple[Any, ...]]:
    """What the items of all these entries are called, in every version that was published."""
    each = func.jsonb_array_elements(literal_column("resource_version.record -> 'items'", JSONB)).table_valued(
        "value", name="each_item"
    )
    called = [literal_column(f"each_item.value ->> '{name}'", String) for name in ("name", "field", "base_item")]
    is_offered = func.coalesce(ResourceVersion.version == ResourceEntry.published_version, false())
    was_offered = exists().where(
        ResourceStep.resource_id == ResourceVersion.resource_id,
        ResourceStep.version == ResourceVersion.version,
        ResourceStep.step == "publish",
    )
    return (
        select(*called, is_offered, func.array_agg(distinct(ResourceVersion.resource_id)))
        .select_from(ResourceVersion)
        .join(ResourceEntry, ResourceEntry.id == ResourceVersion.resource_id)
        .join(each, true())
        .where(ResourceEntry.id.in_(select(RequestRow.resource_id).where(*theirs)), is_offered | was_offered)
        .group_by(*called, is_offered)
    )


def _given(session: Session, rows: Sequence[RequestRow]) -> Mapping[UUID, list[Item]]:
    query = select(GrantRow).where(GrantRow.request_id.in_([row.id for row in rows]))
    found = defaultdict[UUID, list[Item]](list)
    for grant in session.scalars(query.order_by(GrantRow.route_id)):
        found[grant.request_id] += granted(grant).items
    return found


def concerning(session: Session, row: RequestRow, today: date) -> Sequence[Hit]:
    """What of the list holds back, today or from a later day, what this request asks for or uses."""
    if row.state not in _ASKED | _IN_USE:
        return ()
    entry = session.get_one(ResourceEntry, row.resource_id)
    listed = [each for each in coming(session, entry, today) if each.covers in NO_SHARING]
    items = _items(session, row) if listed else []
    return tuple(hit for each in listed if (hit := held_by(each, items)) is not None)


def _items(session: Session, row: RequestRow) -> list[Item]:
    """Those granted; else those asked for, as the entry declares them now."""
    if row.state in _IN_USE:
        return [item for grant in grants_of(session, row) for item in granted(grant).items]
    entry = session.get_one(ResourceEntry, row.resource_id)
    if entry.published_version is None:
        return []
    asked = text_of(session, row).items
    return [item for item in published_record(session, entry).items if item.field in asked]
