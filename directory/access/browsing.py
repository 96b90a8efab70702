"""The requests that somebody looks through: how many there are in each state, and a page of them, the newest first."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session

from directory.access.models import RequestRow
from directory.access.queries import visible
from directory.access.states import State
from directory.actors import Actor
from directory.errors import DirectoryError


@dataclass(frozen=True)
class RequestPage:
    """Some requests in their order; ``next`` goes on where they end."""

    rows: Sequence[RequestRow]
    next: str | None


def counted(session: Session, actor: Actor, case_no: str = "") -> Mapping[bool, Mapping[State, int]]:
    """How many this actor sees in each state: of their own department (True) and of others; of one case only."""
    is_own = RequestRow.requester_org == actor.org_code
    query = select(is_own, RequestRow.state, func.count()).where(visible(actor), *_of_case(case_no))
    found = {True: Counter[State](), False: Counter[State]()}
    for own, state, number in session.execute(query.group_by(is_own, RequestRow.state)):
        found[own][State(state)] = number
    return found


def looked_through(
    session: Session,
    actor: Actor,
    *,
    is_own: bool | None = None,
    states: Collection[State] = (),
    case_no: str = "",
    after: str = "",
    size: int,
) -> RequestPage:
    """A page of those this actor sees; ``is_own`` of their own department or of others, ``states`` those in one of
    them. Raises ``CURSOR_INVALID``.
    """
    newest = (RequestRow.created_at, RequestRow.id)
    query = select(RequestRow).where(visible(actor), *_of_case(case_no))
    if is_own is not None:
        own = RequestRow.requester_org == actor.org_code
        query = query.where(own if is_own else ~own)
    if states:
        query = query.where(RequestRow.state.in_([each.value for each in states]))
    if after:
        query = query.where(tuple_(*newest) < tuple_(*_place(after)))
    return _page(session, query.order_by(*(each.desc() for each in newest)), size)


def _page(session: Session, query: Select[RequestRow], size: int) -> RequestPage:
    rows = session.scalars(query.limit(size + 1)).all()
    last = rows[size - 1] if len(rows) > size else None
    return RequestPage(rows[:size], f"{last.created_at.isoformat()}~{last.id}" if last else None)


def _place(after: str) -> tuple[datetime, UUID]:
    at, _, request_id = after.partition("~")
    try:
        return datetime.fromisoformat(at).astimezone(UTC), UUID(request_id)
    except (ValueError, OverflowError):
        raise DirectoryError("CURSOR_INVALID") from None


def _of_case(case_no: str) -> list[ColumnElement[bool]]:
    return [RequestRow.case_no == case_no] if case_no else []
