"""What may not be published before it was announced, negotiated and filed (Art. 27): a change of a service in use."""

from datetime import date
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from directory.access.grants import granted, grants_of
from directory.access.models import RequestRow
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.resources.models import ResourceEntry, ResourceVersion
from directory.services.models import ItemChange, ServiceNotice, ServiceStep
from directory.services.queries import running_uses
from metadata.item_changes import alters_service, changes_of_items
from metadata.resource import Resource


def refuse_unfiled(session: Session, entry: ResourceEntry, record: Resource, today: date) -> None:
    """Raise ``SERVICE_CHANGE_UNFILED`` where publishing ``record`` changes what departments in use of the entry get,
    and no change or ending of the service was filed whose day has come and that was not published already.
    """
    if entry.published_version is None:
        return
    concerned = altered_uses(session, entry, record)
    if concerned and not _is_filed(session, entry.id, today):
        raise DirectoryError("SERVICE_CHANGE_UNFILED", title=entry.title, count=len(concerned))


def altered_uses(session: Session, entry: ResourceEntry, record: Resource) -> list[RequestRow]:
    """The uses for which something arrives no more, or otherwise, once ``record`` takes the published one's place."""
    before = session.get_one(ResourceVersion, (entry.id, entry.published_version)).record
    found = []
    for use in running_uses(session, entry.id):
        grants = [granted(each) for each in grants_of(session, use)]
        fields = {item.field for grant in grants for item in grant.items}
        told = changes_of_items(before, record, fields, {grant.mount_id for grant in grants})
        if any(alters_service(each.path, each.kind, each.after) for each in told):
            found.append(use)
    return found


def _is_filed(session: Session, resource_id: UUID, today: date) -> bool:
    """Whether a notice was filed whose day has come; one stands for one change, published on its day or later."""
    filed = exists().where(ServiceStep.notice_id == ServiceNotice.id, ServiceStep.act == "filed")
    query = select(ServiceNotice.kind, ServiceNotice.takes_effect_on).where(
        ServiceNotice.resource_id == resource_id, ServiceNotice.takes_effect_on <= today, filed
    )
    notices = session.execute(query).all()
    changed = select(ItemChange).join(RequestRow, RequestRow.id == ItemChange.request_id)
    published = [
        day_of(row.told_at)
        for row in session.scalars(changed.where(RequestRow.resource_id == resource_id))
        if any(alters_service(line["path"], line["kind"], line["after"]) for line in row.lines)
    ]
    last = max(published, default=None)
    return any(kind == "end" or last is None or last < day for kind, day in notices)
