"""The grants of a request: one, or one for each of several tables that are read at one instant."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access.grant_models import GrantRow
from directory.access.models import RequestRow
from directory.access.states import State
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from metadata.access import Grant
from metadata.signed import Signed

_LIVE = (State.AGREED, State.PROVISIONED, State.ACTIVE, State.SUSPENDED)


def grants_of(session: Session, row: RequestRow) -> Sequence[GrantRow]:
    """In the order of their routes; empty before the request is agreed to."""
    query = select(GrantRow).where(GrantRow.request_id == row.id).order_by(GrantRow.route_id)
    return session.scalars(query).all()


def granted(grant: GrantRow) -> Grant:
    """What the directory itself signed and kept."""
    return Grant.from_bytes(Signed.from_bytes(grant.body).payload_bytes())


def require_whole(session: Session, routes: Sequence[str], now: datetime, *, replaced: UUID | None = None) -> None:
    """New grants for these routes take the place of those in force. What goes together now must go on together,
    but for what the request ``replaced`` gives, which ends as a whole.

    Raises ``GROUP_SPLIT``: a table left behind could never travel again, for it waits for those that left.
    """
    query = (
        select(GrantRow, RequestRow)
        .join(RequestRow, RequestRow.id == GrantRow.request_id)
        .where(GrantRow.route_id.in_(routes), GrantRow.valid_until >= day_of(now), RequestRow.state.in_(_LIVE))
        .order_by(GrantRow.issued_at)
    )
    if replaced is not None:
        query = query.where(RequestRow.id != replaced)
    newest = {grant.route_id: (grant, request) for grant, request in session.execute(query)}
    for grant, request in newest.values():
        if not set(granted(grant).snapshot_group) <= set(routes):
            raise DirectoryError("GROUP_SPLIT", title=request.resource_title, request_id=request.id)
