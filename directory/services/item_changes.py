"""Consumers are told of changes that touch the items they use, when a new version is published, and take note."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from sqlalchemy import ColumnElement, false, func, select
from sqlalchemy.orm import Session

from directory.access.grants import granted, grants_of
from directory.access.models import RequestRow
from directory.actions import Action
from directory.actors import Actor
from directory.audit.record import record
from directory.errors import DirectoryError
from directory.limits import LIMITS
from directory.notices.tell import To, tell
from directory.policy import NOWHERE, allows, require
from directory.resources.models import ResourceEntry, ResourceVersion
from directory.roles import Role
from directory.services.models import ItemChange
from directory.services.queries import running_uses
from metadata.item_changes import changes_of_items
from metadata.resource import Resource


class ChangedLine(BaseModel):
    """One thing that changed of an item in use, or of the columns behind it, in words."""

    model_config = ConfigDict(frozen=True)

    path: str
    label: str
    kind: Literal["added", "removed", "changed"]
    before: str
    after: str


class ItemChangeView(BaseModel):
    """What a version changed for one use, and who took note of it; ``is_noted`` once somebody has."""

    model_config = ConfigDict(frozen=True)

    request_id: UUID
    resource_id: UUID
    resource_title: str
    from_version: int
    version: int
    lines: tuple[ChangedLine, ...]
    told_at: datetime
    is_noted: bool
    noted_by: str
    noted_at: datetime | None


def tell_changed(session: Session, actor: Actor, entry: ResourceEntry, now: datetime) -> int:
    """Tell of the version just published; how many uses it touches.

    Each use is compared with the version it was last told of, or else was granted under.
    """
    version, told = int(entry.published_version or 0), 0
    after = _record(session, entry.id, version)
    for use in running_uses(session, entry.id):
        grants = [granted(each) for each in grants_of(session, use)]
        known = session.scalar(select(func.max(ItemChange.version)).where(ItemChange.request_id == use.id))
        before_version = known or min(grant.resource_version for grant in grants)
        if before_version >= version:
            continue
        fields = {item.field for grant in grants for item in grant.items}
        mounts = {grant.mount_id for grant in grants}
        found = changes_of_items(_record(session, entry.id, before_version), after, fields, mounts)
        if not found:
            continue
        lines = [
            ChangedLine(path=each.path, label=each.label_zh, kind=each.kind, before=each.before, after=each.after)
            for each in found
        ]
        session.add(
            ItemChange(
                request_id=use.id,
                version=version,
                from_version=before_version,
                lines=[line.model_dump() for line in lines],
                told_at=now,
            )
        )
        session.flush()
        record(
            session,
            actor,
            "item_change:tell",
            str(use.id),
            details={"resource_id": str(entry.id), "version": version, "changes": len(lines)},
            at=now,
        )
        to = (To.person(use.handler), To.holders(Role.SHARING_LEAD, use.requester_org))
        tell(session, to=to, kind="item_change:told", about=use.id, now=now, title=use.resource_title, count=len(lines))
        told += 1
    return told


def note(session: Session, actor: Actor, request_id: UUID, version: int, now: datetime) -> ItemChangeView:
    """A consumer's people have seen what changes for them. Raises ``ITEM_CHANGE_NOT_FOUND``, ``ITEM_CHANGE_NOTED``."""
    query = (
        select(ItemChange)
        .join(RequestRow, RequestRow.id == ItemChange.request_id)
        .where(ItemChange.request_id == request_id, ItemChange.version == version)
        .where(RequestRow.requester_org == actor.org_code)
    )
    row = session.scalar(query.with_for_update(of=ItemChange).execution_options(populate_existing=True))
    if row is None:
        raise DirectoryError("ITEM_CHANGE_NOT_FOUND")
    actor = require(actor, Action.ITEM_CHANGE_NOTE, actor.org_code)
    if row.noted_at is not None:
        raise DirectoryError("ITEM_CHANGE_NOTED")
    row.noted_by, row.noted_by_name, row.noted_at = actor.account_id, actor.signature, now
    session.flush()
    record(session, actor, "item_change:note", str(request_id), details={"version": version}, at=now)
    return _view(row, session.get_one(RequestRow, request_id))


def item_changes(
    session: Session, actor: Actor, *, request_id: UUID | None = None, is_noted: bool | None = None
) -> Sequence[ItemChangeView]:
    """Those that concern what this actor sees, the newest first: of one request, noted or not, as asked."""
    query = select(ItemChange, RequestRow).join(RequestRow, RequestRow.id == ItemChange.request_id)
    query = query.where(_visible(actor))
    if request_id is not None:
        query = query.where(ItemChange.request_id == request_id)
    if is_noted is not None:
        query = query.where(ItemChange.noted_at.is_not(None) if is_noted else ItemChange.noted_at.is_(None))
    query = query.order_by(ItemChange.told_at.desc(), ItemChange.request_id).limit(LIMITS.list_count)
    return [_view(row, use) for row, use in session.execute(query)]


def waiting(session: Session, actor: Actor) -> Sequence[ItemChangeView]:
    """What the actor's own department has not taken note of."""
    if not allows(actor, Action.ITEM_CHANGE_NOTE, actor.org_code):
        return []
    found = item_changes(session, actor, is_noted=False)
    own = set(
        session.scalars(
            select(RequestRow.id).where(
                RequestRow.id.in_([each.request_id for each in found]), RequestRow.requester_org == actor.org_code
            )
        )
    )
    return [each for each in found if each.request_id in own]


def _visible(actor: Actor) -> ColumnElement[bool]:
    if allows(actor, Action.SERVICE_READ, NOWHERE):
        return RequestRow.id.is_not(None)
    if not allows(actor, Action.SERVICE_READ, actor.org_code):
        return false()
    return (RequestRow.requester_org == actor.org_code) | (RequestRow.provider_org == actor.org_code)


def _view(row: ItemChange, use: RequestRow) -> ItemChangeView:
    return ItemChangeView(
        request_id=row.request_id,
        resource_id=use.resource_id,
        resource_title=use.resource_title,
        from_version=row.from_version,
        version=row.version,
        lines=tuple(ChangedLine.model_validate(line) for line in row.lines),
        told_at=row.told_at,
        is_noted=row.noted_at is not None,
        noted_by=row.noted_by_name or "",
        noted_at=row.noted_at,
    )


def _record(session: Session, resource_id: UUID, version: int) -> Resource:
    return session.get_one(ResourceVersion, (resource_id, version)).record
