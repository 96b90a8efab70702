"""Who takes what of an entry, or holds what it took: the grants of a resource, with the items each was agreed to."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.access.reply import agreed_text
from directory.access.states import Stage, State

RUNNING: Final = (State.PROVISIONED.value, State.ACTIVE.value, State.SUSPENDED.value)
"""A suspended grant's consumer goes on holding what arrived."""
_TO_DISPOSE: Final = (Stage.DISPOSAL.value, Stage.DISPOSAL_ASKED.value)
"""So does one whose use is over, until it certifies the disposal."""


@dataclass(frozen=True)
class Consumer:
    """A department that takes or holds data of an entry, by the request they came of."""

    request_id: UUID
    org_code: str


def consumers_of(session: Session, resource_id: UUID, fields: Collection[str]) -> list[Consumer]:
    """Whoever takes or holds any of these fields of an entry, or of no fields anything of it; the newest grant first.

    Their requests' rows are locked until the transaction ends, so that none begins or ends meanwhile.
    """
    holds = or_(RequestRow.state.in_(RUNNING), RequestRow.stage.in_(_TO_DISPOSE))
    query = select(RequestRow).where(RequestRow.resource_id == resource_id, holds)
    rows = session.scalars(query.order_by(RequestRow.id).with_for_update()).all()
    found = [row for row in rows if not fields or set(agreed_text(session, row).items) & set(fields)]
    newest_first = sorted(found, key=lambda row: row.created_at, reverse=True)
    return [Consumer(row.id, row.requester_org) for row in newest_first]


def running_grant(session: Session, resource_id: UUID, org_code: str) -> UUID | None:
    """The newest request of this department for the entry whose grant runs."""
    query = select(RequestRow.id).where(
        RequestRow.resource_id == resource_id,
        RequestRow.requester_org == org_code,
        RequestRow.state.in_(RUNNING),
    )
    return session.scalar(query.order_by(RequestRow.created_at.desc(), RequestRow.id).limit(1))
