"""The grants of a request: one, or one for each of several tables that are read at one instant."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from directory.access.grant_models import GrantRow
from directory.access.models import RequestRow
from directory.access.states import State
from directory.clock.deadlines import day_of
from directory.errors import DirectoryError
from directory.statements.question import Question
from metadata.access import Grant
from metadata.signed import Signed

_LIVE = (State.AGREED, State.PROVISIONED, State.ACTIVE, State.SUSPENDED)


def grants_of(session: Session, row: RequestRow) -> Sequence[GrantRow]:
    """In the order of their routes; empty before the request is agreed to."""
    query = select(GrantRow).where(GrantRow.request_id == row.id).order_by(GrantRow.route_id)
    return session.scalars(query).all()


def granted(grant: GrantRow) -> Grant:
    """What the directory itself signed and kept."""
    return _of(grant.body)


def require_whole(session: Session, routes: Sequence[str], now: datetime, *, replaced: UUID | None = None) -> None:
    """New grants for these routes take the place of those in force. What goes together now must go on together,
    but for what the request ``replaced`` gives, which ends as a whole.

    Raises ``GROUP_SPLIT``: a table left behind could never travel again, for it waits for those that left.
    """
    for route in routes:
        newest = NEWEST(session, (route, day_of(now), replaced))
        if newest is not None and not newest.together <= set(routes):
            raise DirectoryError("GROUP_SPLIT", title=newest.title, request_id=newest.request_id)


@dataclass(frozen=True)
class Newest:
    """The grant of a route that is in force: of which request, and the routes that go together with it."""

    request_id: UUID
    title: str
    together: frozenset[str]


def _newest(session: Session, asked: tuple[str, date, UUID | None]) -> Newest | None:
    route, today, replaced = asked
    query = (
        select(GrantRow.body, RequestRow.id, RequestRow.resource_title)
        .join(RequestRow, RequestRow.id == GrantRow.request_id)
        .where(GrantRow.route_id == route, GrantRow.valid_until >= today, RequestRow.state.in_(_LIVE))
        .order_by(GrantRow.issued_at.desc())
        .limit(1)
    )
    if replaced is not None:
        query = query.where(RequestRow.id != replaced)
    row = session.execute(query).one_or_none()
    return row and Newest(row.id, row.resource_title, frozenset(_of(row.body).snapshot_group))


def _of(body: bytes) -> Grant:
    return Grant.from_bytes(Signed.from_bytes(body).payload_bytes())


NEWEST: Final = Question.of_each(_newest)
"""What is in force for a route on a day, but for what one request gives; asked by who holds the feed."""
