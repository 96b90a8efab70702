"""Choose an existing item for what a demand asks, tie the request that comes of it, say that the need is met."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access.queries import request_row
from directory.actors import Actor
from directory.audit.record import Details
from directory.audit.record import record as record_audit
from directory.demands.models import DemandItem
from directory.demands.queries import own_demand
from directory.errors import DirectoryError
from directory.item_match.compare import Wanted
from directory.item_match.queries import match_with
from directory.resources.queries import find, published_record

BY_HAND = "人工选定"


def choose(
    session: Session, actor: Actor, demand_id: UUID, number: int, ref: str, field: str, now: datetime
) -> DemandItem:
    """Take the item ``field`` of a published entry as the source of what is asked for; the score is kept as of now.

    Choosing again replaces the choice as long as no request came of it. Raises ``DEMAND_NOT_FOUND``, ``FORBIDDEN``,
    ``DEMAND_CLOSED``, ``DEMAND_REQUESTED``, ``DEMAND_CHOICE`` and what ``find`` raises.
    """
    item = _item(session, actor, demand_id, number)
    if item.request_id is not None:
        raise DirectoryError("DEMAND_REQUESTED")
    entry = find(session, actor, ref)
    if entry.org_code == actor.org_code:
        raise DirectoryError("DEMAND_CHOICE", reason="这是本部门自己的目录，不必申请")
    if entry.published_version is None:
        raise DirectoryError("DEMAND_CHOICE", reason="这条目录还没有发布")
    if field not in {each.field for each in published_record(session, entry).items}:
        raise DirectoryError("DEMAND_CHOICE", reason=f"这条目录没有字段名为 {field[:63]} 的数据项")
    found = match_with(session, actor, Wanted(item.name), entry.id, field)
    item.resource_id, item.item_field = entry.id, field
    item.score, item.reason = (found.score, found.reason) if found else (0, BY_HAND)
    item.chosen_by, item.chosen_at = actor.account_id, now
    details: Details = {"number": number, "resource": str(entry.id), "field": field, "score": item.score}
    record_audit(session, actor, "demand:choose", str(demand_id), at=now, details=details)
    session.flush()
    return item


def link(session: Session, actor: Actor, demand_id: UUID, number: int, request_id: UUID, now: datetime) -> DemandItem:
    """Tie an item to the request of the same department for the entry chosen.

    Raises ``DEMAND_NOT_FOUND``, ``FORBIDDEN``, ``DEMAND_CLOSED``, ``REQUEST_NOT_FOUND``, ``DEMAND_LINK``.
    """
    item = _item(session, actor, demand_id, number)
    request = request_row(session, actor, request_id)
    if item.resource_id is None:
        raise DirectoryError("DEMAND_LINK", reason="先选定现有数据")
    if request.requester_org != actor.org_code:
        raise DirectoryError("DEMAND_LINK", reason="这不是本部门的申请")
    if request.resource_id != item.resource_id:
        raise DirectoryError("DEMAND_LINK", reason="这份申请不是对所选目录提出的")
    item.request_id = request.id
    details: Details = {"number": number, "request": str(request.id)}
    record_audit(session, actor, "demand:link", str(demand_id), at=now, details=details)
    session.flush()
    return item


def satisfy(session: Session, actor: Actor, demand_id: UUID, number: int, now: datetime) -> DemandItem:
    """Say that the need is met by other means than a request that has brought rows (open data, a query).

    Raises ``DEMAND_NOT_FOUND``, ``FORBIDDEN``, ``DEMAND_CLOSED``, ``DEMAND_LINK`` where no source was chosen.
    """
    item = _item(session, actor, demand_id, number)
    if item.resource_id is None:
        raise DirectoryError("DEMAND_LINK", reason="先选定现有数据，才能说明由什么满足")
    item.satisfied_by, item.satisfied_at = actor.account_id, now
    record_audit(session, actor, "demand:satisfy", str(demand_id), at=now, details={"number": number})
    session.flush()
    return item


def _item(session: Session, actor: Actor, demand_id: UUID, number: int) -> DemandItem:
    own_demand(session, actor, demand_id)
    query = select(DemandItem).where(DemandItem.demand_id == demand_id, DemandItem.number == number)
    found = session.scalar(query.with_for_update())
    if found is None:
        raise DirectoryError("DEMAND_NOT_FOUND", ref=f"{demand_id} 第 {number} 项", ref_en=f"{demand_id} item {number}")
    if found.satisfied_at is not None:
        raise DirectoryError("DEMAND_CLOSED")
    return found
