"""Items that left an entry while somebody asked for them: who could still change the text is told."""

from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.access.queries import text_of
from directory.access.states import State
from directory.actors import Actor
from directory.notices.tell import To, tell
from directory.resources.models import ResourceEntry, ResourceVersion
from directory.resources.states import HIDDEN

WITH_ITS_CLERK: Final = frozenset({State.DRAFT, State.REQ_APPROVED, State.SUPPLEMENT_ASKED})


def tell_gone(session: Session, actor: Actor, entry: ResourceEntry, before: int | None, now: datetime) -> int:
    """Tell of what was ``before`` in the published version and is in the one just published no more; how many."""
    if before is None or before == entry.published_version:
        return 0
    lost = _fields(session, entry, before) - _fields(session, entry, entry.published_version or 0)
    if not lost:
        return 0
    query = select(RequestRow).where(RequestRow.resource_id == entry.id, RequestRow.state.in_(WITH_ITS_CLERK))
    told = 0
    for row in session.scalars(query.order_by(RequestRow.id)).all():
        if lost.isdisjoint(text_of(session, row).items):
            continue
        to, title = To.person(row.handler), row.resource_title
        tell(session, to=to, kind="request:items_gone", about=row.id, now=now, by=actor.account_id, title=title)
        told += 1
    return told


def gone(session: Session, row: RequestRow) -> tuple[str, ...]:
    """The fields of a text, still with its clerk, that the entry does not offer any more, while it is on offer."""
    if row.state not in WITH_ITS_CLERK:
        return ()
    entry = session.get_one(ResourceEntry, row.resource_id)
    if entry.published_version is None or entry.status in HIDDEN:
        return ()
    offered = _fields(session, entry, entry.published_version)
    return tuple(each for each in text_of(session, row).items if each not in offered)


def _fields(session: Session, entry: ResourceEntry, version: int) -> frozenset[str]:
    return frozenset(item.field for item in session.get_one(ResourceVersion, (entry.id, version)).record.items)
